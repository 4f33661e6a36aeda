package engine

import (
	"context"
	"time"

	"bonafide/flow"
	"bonafide/kyc"
)

// defaultTimeout of one attempt of a check.
const defaultTimeout = 30 * time.Second

// call sends one attempt. It never holds the run longer than the attempt may
// take, even if the check ignores its context; what comes back too late is
// dropped.
func (e *Engine) call(ctx context.Context, c Call, n *flow.Node) *flight {
	ctx, cancel := context.WithTimeout(ctx, e.timeout(n))
	f := &flight{done: make(chan struct{}), cancel: cancel}
	go func() {
		defer cancel()
		answers := make(chan kyc.Answer, 1)
		started := e.d.Clock.Now()
		go func() { answers <- e.ask(ctx, *c.request) }()
		f.kind = KindAnswer
		select {
		case f.answer.Answer = <-answers:
		case <-ctx.Done():
			select {
			case f.answer.Answer = <-answers: // in the last moment
			default:
				f.kind = KindNodeTimeout
				f.answer.Answer = kyc.Failed(kyc.StatusUnavailable, "timeout", "the check did not answer in time")
				f.answer.Answer.Transient = true
			}
		}
		a := &f.answer.Answer
		if a.StartedAt.IsZero() {
			a.StartedAt = started
		}
		if a.FinishedAt.IsZero() {
			a.FinishedAt = e.d.Clock.Now()
		}
		if _, transient := judge(a); transient {
			f.answer.Jitter = e.d.Random()
		}
		close(f.done)
	}()
	return f
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
