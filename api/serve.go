package api

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"bonafide/kyc"
)

// Times given to callers and to ourselves.
const (
	uploadWait = 10 * time.Second // for a place to send files
	commitTime = 10 * time.Second // to commit after the handler is done, even if the caller has gone
)

// serve is the way of each request through the porch: who, how often, may
// they, what do they say, have we answered it before, the handler, the commit,
// the answer.
func (p *Porch) serve(op *Operation, described *huma.Operation, w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
	x := exchangeFrom(r.Context())
	x.op = op
	ctx := r.Context()
	if err := p.admit(ctx, x, w, r); err != nil {
		p.refuse(w, x, err)
		return
	}
	ctx = kyc.WithRequest(ctx, kyc.Request{ID: x.id, Actor: x.who.Actor})
	if op.Upload != nil || op.File {
		leave, err := p.enter(ctx)
		if err != nil {
			p.refuse(w, x, err)
			return
		}
		defer leave()
	}
	body, err := p.readBody(w, x, described, r)
	if err != nil {
		p.refuse(w, x, err)
		return
	}
	reservation, done := p.reserve(ctx, w, x, r, body)
	if done {
		return
	}
	if reservation != nil {
		// From here on the store notes whom the answer may speak of; finish
		// commits with this context.
		ctx, _ = kyc.WithConcerned(ctx)
		x.reserved = &kyc.Reserved{Idempotency: *reservation}
		ctx = kyc.WithReserved(ctx, x.reserved)
	}
	ctx, unit := kyc.WithUnit(ctx)
	rec := p.records.take()
	panicked := true
	defer func() {
		// A handler that panicked must not keep its key reserved; the panic
		// itself is answered further out.
		if panicked {
			p.release(ctx, reservation)
		}
	}()
	if body.run != nil {
		x.serveQuick(ctx, body.run, rec)
	} else if err := p.inspectBody(x, described, body); err != nil {
		p.refuse(rec, x, err)
	} else {
		inner := r.WithContext(ctx)
		inner.Body = io.NopCloser(bytes.NewReader(body.raw))
		inner.ContentLength = int64(len(body.raw))
		if op.AnyType {
			inner.Header = r.Header.Clone()
			inner.Header.Set("Content-Type", "application/json")
		}
		next(rec, inner)
		if x.status != 0 {
			rec.status = x.status
		}
		if rec.header.Get("Content-Type") == problemType { // as huma calls the errors it found itself
			rec.header.Set("Content-Type", problemTypeOf(op.Surface))
		}
	}
	p.finish(ctx, x, unit, reservation, rec)
	panicked = false
	rec.send(ctx, w)
	if body.run != nil {
		_ = http.NewResponseController(w).Flush() // before the line in the log: the caller of these waits for nothing else
	}
	if reservation == nil { // else the store may hold the body
		p.records.give(rec)
	}
}

// finish commits what the handler did together with the stored answer, or
// turns the answer into the reason why not.
func (p *Porch) finish(ctx context.Context, x *exchange, unit *kyc.Unit, reservation *kyc.Idempotency, rec *record) {
	if rec.status == 0 {
		rec.status = http.StatusOK
	}
	change := &unit.Change
	if rec.status >= 400 {
		change = &kyc.Change{} // an error changes nothing
	}
	if reservation != nil {
		if rec.status >= 500 || x.retry {
			p.release(ctx, reservation)
		} else {
			change.Idempotency = answered(*reservation, rec)
		}
	}
	if !change.Empty() {
		// The caller may have hung up; the work is done and shall be kept.
		// WithoutUnit: this commit is the real one.
		keep, cancel := context.WithTimeout(kyc.WithoutUnit(context.WithoutCancel(ctx)), commitTime)
		err := p.store.Commit(keep, change)
		cancel()
		if err != nil {
			p.release(ctx, reservation)
			rec.reset()
			p.refuse(rec, x, err)
			return
		}
	}
	if rec.status < 400 {
		for _, after := range unit.After {
			after()
		}
	}
}

// refuse writes an error as a problem document and logs what is our fault.
func (p *Porch) refuse(w http.ResponseWriter, x *exchange, err error) {
	writeProblem(w, x.fail(err))
}

func writeProblem(w http.ResponseWriter, prob *Problem) {
	for name, values := range prob.GetHeaders() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", prob.ContentType(""))
	w.WriteHeader(prob.Status)
	_ = writeJSON(w, prob) // a caller who has gone away cannot be told
}

// stack is what a panic leaves in the log: where, never with what values.
func stack() string { return string(debug.Stack()) }
