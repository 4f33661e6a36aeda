package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"math"
	"mime"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"bonafide/access"
	"bonafide/kyc"
)

// Times given to callers and to ourselves.
const (
	bodyTime   = 30 * time.Second // to send a JSON body
	uploadTime = 2 * time.Minute  // to send files
	uploadWait = 10 * time.Second // for a place to send them
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
	if op.Upload != nil {
		leave, err := p.enter(ctx)
		if err != nil {
			p.refuse(w, x, err)
			return
		}
		defer leave()
	}
	body, err := p.readBody(w, x, described, r)
	// The time for the body must not end the handler's.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	if err != nil {
		p.refuse(w, x, err)
		return
	}
	reservation, done := p.reserve(ctx, w, x, r, body)
	if done {
		return
	}
	ctx, unit := kyc.WithUnit(ctx)
	rec := newRecord()
	panicked := true
	defer func() {
		// A handler that panicked must not keep its key reserved; the panic
		// itself is answered further out.
		if panicked {
			p.release(ctx, reservation)
		}
	}()
	if err := p.inspectBody(x, described, r, body); err != nil {
		p.refuse(rec, x, err)
	} else {
		inner := r.WithContext(ctx)
		inner.Body = io.NopCloser(bytes.NewReader(body.raw))
		inner.ContentLength = int64(len(body.raw))
		next(rec, inner)
		if x.status != 0 {
			rec.status = x.status
		}
	}
	p.finish(ctx, x, unit, reservation, rec)
	panicked = false
	rec.send(w)
}

// admit answers who the caller is and whether they may go on.
func (p *Porch) admit(ctx context.Context, x *exchange, w http.ResponseWriter, r *http.Request) error {
	address := p.remote(r)
	if x.op.Public {
		return limited(w, p.limiter.Address(address.String()))
	}
	credential, err := credentialOf(r)
	if err == nil {
		x.who, err = p.gate.Authenticate(ctx, credential, address)
	}
	if err != nil {
		// Guessing keys is limited like any caller we do not know.
		if a := p.limiter.Address(address.String()); !a.OK {
			return limited(w, a)
		}
		return err
	}
	if behalf := r.Header.Get("X-On-Behalf-Of"); behalf != "" {
		x.who.Actor.OnBehalfOf = clip(behalf, 128)
	}
	if x.op.Surface == kyc.SurfaceSteps {
		if err := limited(w, p.limiter.Address(address.String())); err != nil {
			return err
		}
		if x.who.Rate > 0 {
			if err := limited(w, p.limiter.Key(x.who, x.op.Surface)); err != nil {
				return err
			}
		}
	} else if err := limited(w, p.limiter.Key(x.who, x.op.Surface)); err != nil {
		return err
	}
	if err := x.who.Authorize(x.op.Scopes...); err != nil {
		return err
	}
	if x.op.SandboxOnly && !x.who.Sandbox() {
		return kyc.Errorf(kyc.Forbidden, "sandbox_only", "this works with sandbox keys only")
	}
	return nil
}

// limited writes the rate headers and answers RateLimited when it was one too
// many.
func limited(w http.ResponseWriter, a access.Allowance) error {
	if a.Off {
		return nil
	}
	h := w.Header()
	h.Set("X-RateLimit-Limit", strconv.Itoa(a.Limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(a.Left))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(int64(math.Ceil(float64(a.Reset.UnixMilli())/1000)), 10))
	if a.OK {
		return nil
	}
	e := kyc.Errorf(kyc.RateLimited, "rate_limited", "too many requests; wait as long as Retry-After says")
	e.RetryAfter = max(a.Wait, time.Second)
	return e
}

// credentialOf finds the one credential of a request, in any header that may
// carry it (edition decision E1). Two different ones are refused: which of
// them decides must not depend on the order of headers.
func credentialOf(r *http.Request) (string, error) {
	found := ""
	add := func(v string) error {
		v = strings.TrimSpace(v)
		if v == "" || v == found {
			return nil
		}
		if found != "" {
			return kyc.Errorf(kyc.Unauthenticated, "credential_ambiguous", "the request carries two different credentials")
		}
		found = v
		return nil
	}
	for _, v := range r.Header.Values("Authorization") {
		scheme, token, ok := strings.Cut(v, " ")
		if !ok || !strings.EqualFold(scheme, "Bearer") {
			return "", kyc.Errorf(kyc.Unauthenticated, "credential_invalid", "the Authorization header must read: Bearer <API key>")
		}
		if err := add(token); err != nil {
			return "", err
		}
	}
	for _, name := range [...]string{"X-Api-Key", "Api_key"} {
		for _, v := range r.Header.Values(name) {
			if err := add(v); err != nil {
				return "", err
			}
		}
	}
	return found, nil
}

// remote is the caller's address: the peer's, or what trusted proxies say
// (the last address in X-Forwarded-For that is not one of theirs).
func (p *Porch) remote(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	at := peer.Addr().Unmap()
	if !p.trusted(at) {
		return at
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		if at = hop.Unmap(); !p.trusted(at) {
			break
		}
	}
	return at
}

func (p *Porch) trusted(a netip.Addr) bool {
	for _, prefix := range p.proxies {
		if prefix.Contains(a) {
			return true
		}
	}
	return false
}

// enter waits for one of the places for uploads: each holds its files in
// memory until it is served.
func (p *Porch) enter(ctx context.Context) (leave func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, uploadWait)
	defer cancel()
	select {
	case p.uploads <- struct{}{}:
		return func() { <-p.uploads }, nil
	case <-ctx.Done():
		e := kyc.Errorf(kyc.Unavailable, "too_many_uploads", "too many uploads at the same time; try again in a moment")
		e.RetryAfter = time.Second
		return nil, e
	}
}

// payload is the body of a request as it was read.
type payload struct {
	raw       []byte // JSON, or nothing
	json      bool   // or something else that the route takes
	tree      any    // decoded
	malformed error  // why it could not be decoded
}

// readBody takes the body in, within its limits.
func (p *Porch) readBody(w http.ResponseWriter, x *exchange, described *huma.Operation, r *http.Request) (payload, error) {
	control := http.NewResponseController(w)
	switch {
	case r.Header.Get("Content-Encoding") != "" && r.Header.Get("Content-Encoding") != "identity":
		return payload{}, kyc.Errorf(kyc.UnsupportedMedia, "encoding_unsupported", "send the body without Content-Encoding")
	case x.op.Upload != nil:
		_ = control.SetReadDeadline(time.Now().Add(uploadTime)) // a writer without deadlines has none to break
		r.Body = http.MaxBytesReader(w, r.Body, x.op.Upload.maxBody())
		form, err := x.op.Upload.read(r)
		if err != nil {
			return payload{}, err
		}
		x.form = form
		return payload{}, nil
	case described.RequestBody == nil:
		// A body where none is expected is read (so that the connection can be
		// used again) and only counts for idempotency.
		_ = control.SetReadDeadline(time.Now().Add(bodyTime))
		raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			return payload{}, bodyError(err, "body_malformed", "the body was cut off")
		}
		return payload{raw: raw}, nil
	}
	limit := int64(maxBody)
	if x.op.Definition {
		limit = maxDefinition
		x.lenient = r.URL.Query().Get("strict") == "false"
	}
	_ = control.SetReadDeadline(time.Now().Add(bodyTime))
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		return payload{}, bodyError(err, "body_malformed", "the body was cut off")
	}
	out := payload{raw: raw}
	if len(raw) == 0 {
		return out, nil
	}
	json, err := mediaType(r.Header.Get("Content-Type"), described.RequestBody.Content)
	if out.json = json; json {
		out.tree, out.malformed = Decode(raw)
	}
	return out, err
}

// mediaType reports whether a body is JSON. A route with a RawBody takes the
// types it names, too. Errors: UnsupportedMedia.
func mediaType(header string, taken map[string]*huma.MediaType) (json bool, err error) {
	kind, params := "application/json", map[string]string{}
	if header != "" {
		if kind, params, err = mime.ParseMediaType(header); err != nil {
			kind = ""
		}
	}
	charset := params["charset"]
	utf8 := charset == "" || strings.EqualFold(charset, "utf-8")
	switch {
	case taken["application/json"] != nil && utf8 && (kind == "application/json" || strings.HasSuffix(kind, "+json")):
		return true, nil
	case taken[kind] != nil && utf8 && kind != "application/json":
		return false, nil
	}
	names := slices.Sorted(maps.Keys(taken))
	return false, kyc.Errorf(kyc.UnsupportedMedia, "media_type_unsupported", "send the body as %s in UTF-8", strings.Join(names, " or "))
}

// inspectBody judges a JSON body. What is wrong waits in the exchange until
// huma has judged the parameters too, so that the caller learns everything at
// once.
func (p *Porch) inspectBody(x *exchange, described *huma.Operation, r *http.Request, body payload) error {
	if body.malformed != nil {
		return body.malformed
	}
	schema, err := p.bodySchema(described)
	if err != nil || schema == nil || !body.json {
		return err
	}
	x.problems = judge(schema, body.tree)
	if x.lenient {
		x.problems, x.warnings = loosen(x.problems)
	}
	if len(x.problems) > 0 {
		// huma shall not stumble over a type that we have already refused.
		return p.problemsOnly(x, r, described)
	}
	return nil
}

// problemsOnly answers with the body's problems and, if any parameter is
// missing, with that too.
func (p *Porch) problemsOnly(x *exchange, r *http.Request, described *huma.Operation) error {
	problems := x.problems
	for _, param := range described.Parameters {
		if param.Required && param.In == "query" && r.URL.Query().Get(param.Name) == "" {
			problems = append(problems, kyc.Problem{Path: "/query/" + param.Name, Code: "required", Message: "this parameter is missing"})
		}
		if param.Required && param.In == "header" && r.Header.Get(param.Name) == "" {
			problems = append(problems, kyc.Problem{Path: "/header/" + param.Name, Code: "required", Message: "this header is missing"})
		}
	}
	return invalidBody(problems)
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
			*rec = *newRecord()
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
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		err = kyc.Errorf(kyc.Unavailable, "cancelled", "the request was cancelled or took too long: %w", err)
	}
	writeProblem(w, x.fail(err))
}

func writeProblem(w http.ResponseWriter, prob *Problem) {
	for name, values := range prob.GetHeaders() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(prob.Status)
	_ = json.NewEncoder(w).Encode(prob) // a caller who has gone away cannot be told
}

// stack is what a panic leaves in the log: where, never with what values.
func stack() string { return string(debug.Stack()) }
