package engine

import (
	"context"
	"time"

	"bonafide/flow"
	"bonafide/kyc"
)

// defaultTimeout of one attempt of a check.
const defaultTimeout = 30 * time.Second

// flight is one attempt under way. Its context ends when the attempt has
// taken too long; the check may ignore that, the run does not.
type flight struct {
	ctx     context.Context
	cancel  context.CancelFunc
	started time.Time
	back    chan struct{} // closed once result is there
	result  kyc.Answer
	// kind and answer are what was made of it, once it was looked at.
	kind   string
	answer *Answered
}

// call sends one attempt.
func (e *Engine) call(ctx context.Context, c Call, n *flow.Node) *flight {
	f := &flight{started: e.d.Clock.Now(), back: make(chan struct{})}
	f.ctx, f.cancel = context.WithTimeout(ctx, e.timeout(n))
	go func() {
		f.result = e.ask(f.ctx, *c.request)
		close(f.back)
	}()
	return f
}

// landed takes the answer of an attempt that is back or took too long. The
// answer is the same however often it is asked for.
func (f *flight) landed(e *Engine) (kind string, a *Answered, back bool) {
	if f.answer != nil {
		return f.kind, f.answer, true
	}
	a, kind = &Answered{}, KindAnswer
	select {
	case <-f.back:
		a.Answer = f.result
	default:
		if f.ctx.Err() == nil {
			return "", nil, false
		}
		kind = KindNodeTimeout
		a.Answer = kyc.Failed(kyc.StatusUnavailable, "timeout", "the check did not answer in time")
		a.Answer.Transient = true
	}
	f.cancel()
	if a.Answer.StartedAt.IsZero() {
		a.Answer.StartedAt = f.started
	}
	if a.Answer.FinishedAt.IsZero() {
		a.Answer.FinishedAt = e.d.Clock.Now()
	}
	if _, transient := judge(&a.Answer); transient {
		a.Jitter = e.d.Random()
	}
	f.kind, f.answer = kind, a
	return kind, a, true
}

// ask runs the check with a net.
func (e *Engine) ask(ctx context.Context, r kyc.CheckRequest) (a kyc.Answer) {
	defer func() {
		if p := recover(); p != nil {
			a = kyc.Failed(kyc.StatusError, "panic", "the check broke while it worked")
		}
	}()
	return e.d.Checks.Run(ctx, r)
}

// timeout of one attempt: the node's, else the check's own, else 30 s.
func (e *Engine) timeout(n *flow.Node) time.Duration {
	if n.Timeout > 0 {
		return n.Timeout
	}
	if s, ok := e.d.Catalog[n.Policy]; ok && s.Timeout > 0 {
		return s.Timeout
	}
	return defaultTimeout
}
