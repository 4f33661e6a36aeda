package kyc

import (
	"encoding/json"
	"time"
)

// News puts what happened to an object into the words of the surface it was
// made through: the public event name and the data of the message. The
// machines know that something happened (created, started, approved, …); only
// a surface knows how its customers are told. An empty name means that this
// surface does not tell its customers about it.
//
// extra is added to the data (a gate's name, a new version); it may be nil.
type News func(o Object, what string, extra map[string]any) (webhook string, data json.RawMessage)

// Tell fills the webhook part of an event; a nil News leaves it audited only.
func (n News) Tell(e Event, o Object, extra map[string]any, what string) Event {
	if n == nil {
		return e
	}
	if s, ok := o.(*Session); ok {
		e.Surface = s.Surface
	}
	e.Webhook, e.Payload = n(o, what, extra)
	return e
}

// Now is the organisation's time in one environment: the sandbox clock can be
// put forward, the live one cannot.
func (o Org) Now(c Clock, e Env) time.Time {
	if e == Sandbox {
		return c.Now().Add(o.SandboxOffset)
	}
	return c.Now()
}
