package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"bonafide/job"
	"bonafide/kyc"
)

// Kinds of jobs of this room.
const (
	JobDeliver = "webhook.deliver" // a later attempt is due
	JobRecover = "webhook.recover" // look for what was left behind
)

// EventDisabled is the message about an endpoint that was disabled, which goes to
// the others.
const EventDisabled = "webhook.disabled"

const (
	timeout      = 10 * time.Second // of one attempt
	lease        = 15 * time.Second // of a claimed delivery; a dead node's are sent by others after it
	look         = 2 * time.Second  // between looks for what other processes left
	batch        = 64               // deliveries claimed at one time
	inFlight     = 256              // attempts at one time
	perEndpoint  = 8                // of them to one endpoint
	breaker      = 10               // deliveries given up in a row that disable an endpoint
	shortWait    = 30 * time.Second // shorter waits use a timer of the process
	keptAnswer   = 1 << 10          // of a response body, for whoever looks for what went wrong
	readResponse = 64 << 10         // of a response body, so that connections can be used again
)

// SenderDeps are what the sender is made from.
type SenderDeps struct {
	Store  Store
	Clock  kyc.Clock
	Client *http.Client // of a Guard
	Owner  string       // names this process in leases
	Log    *slog.Logger
	// Enrich adds to a message's data what no event may hold because it is
	// personal (the facts a gate exposes); nil adds nothing.
	Enrich func(ctx context.Context, e kyc.Event, data map[string]any) error
	// Attempted is told the result of each attempt: delivered, retry, given_up,
	// gone; nil is told nothing.
	Attempted func(result string)
	// Jitter gives numbers 0-1; nil is math/rand.
	Jitter func() float64
	// After runs a function later; nil is time.AfterFunc.
	After func(time.Duration, func())
}

// Sender delivers messages.
type Sender struct {
	d    SenderDeps
	wake chan struct{}

	mu    sync.Mutex
	lanes map[kyc.ID]chan struct{} // one per endpoint with attempts in flight
	busy  map[kyc.ID]int
}

// NewSender makes a sender; Run works.
func NewSender(d SenderDeps) *Sender {
	if d.Jitter == nil {
		d.Jitter = rand.Float64
	}
	if d.After == nil {
		d.After = func(t time.Duration, f func()) { time.AfterFunc(t, f) }
	}
	if d.Attempted == nil {
		d.Attempted = func(string) {}
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Sender{d: d, wake: make(chan struct{}, 1), lanes: map[kyc.ID]chan struct{}{}, busy: map[kyc.ID]int{}}
}

// Committed is the store's hook: it wakes the sender when a change may have
// made a delivery.
func (s *Sender) Committed(c *kyc.Change) {
	for i := range c.Events {
		if c.Events[i].Webhook != "" {
			s.Wake()
			return
		}
	}
	for _, o := range c.Put {
		if d, ok := o.(*kyc.Delivery); ok && d.State == kyc.DeliveryPending && d.Attempt == 0 {
			s.Wake()
			return
		}
	}
}

// Wake makes the sender look for due deliveries now.
func (s *Sender) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Jobs are the handlers of this room's jobs.
func (s *Sender) Jobs() map[string]job.Handler {
	look := func(context.Context, kyc.Job) error { s.Wake(); return nil }
	return map[string]job.Handler{JobDeliver: look, JobRecover: look}
}

// Run delivers until the context ends, then waits for attempts under way.
// What is not finished by then becomes due again when its lease ends.
func (s *Sender) Run(ctx context.Context) error {
	var flying sync.WaitGroup
	defer flying.Wait()
	places := make(chan struct{}, inFlight)
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		for {
			now := s.d.Clock.Now()
			claimed, err := s.d.Store.ClaimDeliveries(ctx, s.d.Owner, now, lease, batch)
			if err != nil {
				if ctx.Err() != nil {
					return nil
				}
				s.d.Log.Error("claiming webhook deliveries", "error", err)
				s.d.After(time.Second, s.Wake)
				break
			}
			for _, d := range claimed {
				select {
				case places <- struct{}{}:
				case <-ctx.Done():
					return nil
				}
				flying.Add(1)
				go func() {
					defer func() { <-places; flying.Done() }()
					s.deliver(ctx, d, now.Add(lease))
				}()
			}
			if len(claimed) < batch {
				break
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.wake:
		case <-tick.C:
		}
	}
}

// Pass is Run for a process that delivers nothing (role api): it leaves a job
// that wakes a worker at once.
func (s *Sender) Pass(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.wake:
		}
		err := s.d.Store.Commit(ctx, &kyc.Change{Jobs: []kyc.Job{{Kind: JobDeliver, Key: "now"}}})
		if err != nil && ctx.Err() == nil { // the workers look by themselves, a little later
			s.d.Log.Warn("waking the webhook workers", "error", err)
		}
	}
}

// lane lets at most perEndpoint attempts at one endpoint run, so that one slow
// receiver does not hold up the others.
func (s *Sender) lane(ctx context.Context, endpoint kyc.ID) (leave func(), ok bool) {
	s.mu.Lock()
	l := s.lanes[endpoint]
	if l == nil {
		l = make(chan struct{}, perEndpoint)
		s.lanes[endpoint] = l
	}
	s.busy[endpoint]++
	s.mu.Unlock()
	done := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.busy[endpoint]--; s.busy[endpoint] == 0 {
			delete(s.busy, endpoint)
			delete(s.lanes, endpoint)
		}
	}
	select {
	case l <- struct{}{}:
		return func() { <-l; done() }, true
	case <-ctx.Done():
		done()
		return nil, false
	}
}

// deliver makes one attempt and stores what came of it, unless it waited so
// long for its turn that the lease may end before the attempt does: then it is
// left for whoever claims it next.
func (s *Sender) deliver(ctx context.Context, d kyc.Delivery, until time.Time) {
	leave, ok := s.lane(ctx, d.EndpointID)
	if !ok {
		return
	}
	defer leave()
	if until.Sub(s.d.Clock.Now()) < timeout {
		return
	}
	e, err := s.d.Store.Endpoint(ctx, d.Tenant, d.EndpointID)
	switch {
	case err != nil && kyc.KindOf(err) == kyc.NotFound:
		s.finish(ctx, d, nil, kyc.DeliveryTry{At: s.d.Clock.Now(), Error: "the endpoint was deleted"}, hopeless)
		return
	case err != nil:
		s.d.Log.Error("reading a webhook endpoint", "delivery", d.ID, "error", err)
		return // due again when the lease ends
	case e.Status != "enabled":
		s.finish(ctx, d, nil, kyc.DeliveryTry{At: s.d.Clock.Now(), Error: "the endpoint is disabled"}, hopeless)
		return
	}
	event, err := s.d.Store.EventByID(ctx, d.Tenant, d.EventID)
	if err != nil {
		s.d.Log.Error("reading the event of a webhook", "delivery", d.ID, "error", err)
		return
	}
	event.Webhook = d.EventName
	try, what := s.send(ctx, e, event)
	d.SubjectID = event.SubjectID
	if ctx.Err() != nil && what != delivered {
		return // stopped in the middle: nobody knows whether it arrived, so it is sent again
	}
	s.finish(ctx, d, &e, try, what)
}

// finish stores an attempt and what follows from it, in one commit.
func (s *Sender) finish(ctx context.Context, d kyc.Delivery, e *kyc.Endpoint, try kyc.DeliveryTry, what verdict) {
	// The attempt was made: what came of it is written even if we are stopping.
	ctx = context.WithoutCancel(ctx)
	now := s.d.Clock.Now()
	d.Attempt++
	d.Attempts = append(d.Attempts, try)
	d.LastStatus, d.LastError, d.DueAt = try.Status, try.Error, time.Time{}
	change := kyc.Change{}
	var soon time.Duration
	switch what {
	case delivered:
		d.State = kyc.DeliveryDelivered
	case hopeless, gone:
		d.State = kyc.DeliveryDead
	case again:
		delay, left := wait(d.Attempt, s.d.Jitter(), d.Tenant.Env == kyc.Sandbox)
		if !left {
			d.State = kyc.DeliveryDead
			break
		}
		d.DueAt = now.Add(delay)
		if delay < shortWait {
			soon = delay
		} else {
			change.Jobs = append(change.Jobs, kyc.Job{Kind: JobDeliver, Tenant: d.Tenant, Object: d.ID, At: d.DueAt,
				Key: fmt.Sprintf("%s/%d", d.ID, d.Attempt)})
		}
	}
	d.Touch(now)
	change.Put = append(change.Put, &d)
	s.mark(&change, e, d.State, what, now)
	err := s.d.Store.Commit(ctx, &change)
	if kyc.IsCode(err, "concurrent_change") && len(change.Put) > 1 {
		// Somebody changed the endpoint meanwhile; the attempt counts anyway.
		change.Put, change.Events = change.Put[:1], nil
		err = s.d.Store.Commit(ctx, &change)
	}
	if err != nil {
		if !kyc.IsCode(err, "concurrent_change") {
			s.d.Log.Error("storing a webhook attempt", "delivery", d.ID, "error", err)
		}
		return // due again when the lease ends, or somebody else has decided
	}
	s.d.Attempted(result(d.State, what))
	if soon > 0 {
		s.d.After(soon, s.Wake)
	}
}

// mark keeps the endpoint's circuit breaker: deliveries given up in a row
// disable it, one that arrives forgives them, a 410 disables it at once.
func (s *Sender) mark(change *kyc.Change, e *kyc.Endpoint, state kyc.DeliveryState, what verdict, now time.Time) {
	if e == nil {
		return
	}
	switch {
	case state == kyc.DeliveryDelivered && e.Exhausted > 0:
		e.Exhausted = 0
	case what == gone:
		e.Status, e.DisabledWhy = "disabled", "the receiver answered 410 Gone"
	case state == kyc.DeliveryDead:
		if e.Exhausted++; e.Exhausted >= breaker {
			e.Status, e.DisabledWhy = "disabled", fmt.Sprintf("%d deliveries in a row failed for good", breaker)
		}
	default:
		return
	}
	e.Touch(now)
	change.Put = append(change.Put, e)
	if e.Status == "disabled" {
		s.d.Log.Warn("a webhook endpoint was disabled", "endpoint", e.ID, "reason", e.DisabledWhy)
		ev := kyc.Event{ID: kyc.NewID(now), Tenant: e.Tenant, At: now, Actor: kyc.SystemActor("webhook"),
			Action: "webhook_endpoint.disable", Object: "webhook_endpoint", ObjectID: e.ID, Reason: e.DisabledWhy, After: digest(e)}
		// The other endpoints are told, so that somebody hears of it who does not
		// look at the console. Not its address: many hold a secret.
		data, err := json.Marshal(map[string]any{"endpoint_id": kyc.Dress("webhook", e.ID), "description": e.Description, "reason": e.DisabledWhy,
			"is_sandbox": e.Tenant.Env == kyc.Sandbox, "created_at": now.UTC().Format("2006-01-02T15:04:05.000Z07:00"), "sequence": e.Rev})
		if err == nil {
			ev.Webhook, ev.Payload = EventDisabled, data
		}
		change.Events = append(change.Events, ev)
	}
}
