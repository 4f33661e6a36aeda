package api

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
)

// Handler is the porch as a whole: every request gets its id, its headers, a
// line in the log and a count, whatever becomes of it.
func (p *Porch) Handler() http.Handler { return http.HandlerFunc(p.welcome) }

// Prove compiles the schema of every route's body and writes the description
// of the API, so that a test finds a mistake in any of them. A running program
// does both when they are first needed: together they take megabytes that most
// processes never use.
func (p *Porch) Prove() error {
	for _, item := range p.API.OpenAPI().Paths {
		for _, method := range [...]string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			if op := operationOf(item, method); op != nil {
				if _, err := p.bodySchema(op); err != nil {
					return err
				}
			}
		}
	}
	return new(document).write(p)
}

// welcome is the outermost layer.
func (p *Porch) welcome(w http.ResponseWriter, r *http.Request) {
	start := p.clock.Now()
	x := &exchange{id: requestID(r, start), path: r.URL.EscapedPath(), address: p.remote(r)}
	ctx := context.WithValue(r.Context(), exchangeKey{}, x)
	ctx = kyc.WithRequest(ctx, kyc.Request{ID: x.id})
	r = r.WithContext(ctx)
	out := &tally{ResponseWriter: w}
	p.dress(out, x, r)
	p.meters.begin(ctx)
	defer func() {
		if thrown := recover(); thrown != nil {
			p.rescue(out, x, thrown)
		}
		p.note(ctx, x, r, out, p.clock.Now().Sub(start))
	}()
	if p.preflight(out, r) {
		return
	}
	if serve := p.exact[exactRoute{r.Method, r.URL.Path}]; serve != nil && r.URL.RawPath == "" {
		serve(out, r)
		return
	}
	handler, pattern := p.mux.Handler(r)
	if pattern == "" {
		p.nowhere(out, x, handler, r)
		return
	}
	p.mux.ServeHTTP(out, r)
}

// dress sets the headers of every answer.
func (p *Porch) dress(w http.ResponseWriter, x *exchange, r *http.Request) {
	h := w.Header()
	maps.Copy(h, p.fixed)
	h.Set("X-Request-Id", x.id)
	if r.TLS != nil {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	if origin := r.Header.Get("Origin"); origin != "" && slices.Contains(p.origins, origin) {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		h.Set("Access-Control-Expose-Headers", "X-Request-Id, ETag, Retry-After, Idempotent-Replayed, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset")
	}
	if len(p.origins) > 0 {
		h.Add("Vary", "Origin")
	}
}

// preflight answers a browser's question whether it may call, for origins that
// were allowed.
func (p *Porch) preflight(w http.ResponseWriter, r *http.Request) bool {
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" || !slices.Contains(p.origins, r.Header.Get("Origin")) {
		return false
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE")
	h.Set("Access-Control-Allow-Headers", "Authorization, X-API-Key, Content-Type, Idempotency-Key, If-Match, X-Request-Id")
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return true
}

// nowhere answers requests without a route: the mux knows whether the path is
// unknown or only the method, but says so in plain text.
func (p *Porch) nowhere(w http.ResponseWriter, x *exchange, muxAnswer http.Handler, r *http.Request) {
	rec := newRecord()
	muxAnswer.ServeHTTP(rec, r)
	if rec.status == http.StatusMethodNotAllowed {
		allow := rec.header.Get("Allow")
		w.Header().Set("Allow", allow)
		prob := newProblem(kyc.Errorf(kyc.NotFound, "method_not_allowed", "this path answers to %s", allow), x)
		prob.Status, prob.Title, prob.Type = http.StatusMethodNotAllowed, "Method not allowed", "about:blank"
		writeProblem(w, prob)
		return
	}
	p.NotFound(w, r)
}

// rescue answers a request whose handler panicked. The value thrown may hold
// personal data, so only its type is logged, with the place.
func (p *Porch) rescue(w *tally, x *exchange, thrown any) {
	if err, ok := thrown.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(thrown)
	}
	what := fmt.Sprintf("%T", thrown)
	if err, ok := thrown.(runtime.Error); ok {
		what = err.Error()
	}
	p.log.Error("a request panicked", "request_id", x.id, "what", what, "stack", stack())
	if w.status == 0 {
		writeProblem(w, x.fail(kyc.AsError(fmt.Errorf("panic of type %T", thrown))))
	}
}

// note writes the line in the log and the count: method, pattern and status,
// never the address, the path or the query.
func (p *Porch) note(ctx context.Context, x *exchange, r *http.Request, w *tally, took time.Duration) {
	path := "(none)"
	if x.op != nil {
		path = x.op.Path
	} else if r.Pattern != "" {
		path = r.Pattern[strings.IndexByte(r.Pattern, ' ')+1:]
	}
	p.meters.end(ctx, r.Method, path, w.status, took)
	level := slog.LevelInfo
	attrs := make([]slog.Attr, 0, 11)
	attrs = append(attrs, slog.String("method", method(r.Method)), slog.String("route", path), slog.Int("status", w.status), slog.Int64("ms", took.Milliseconds()),
		slog.Int64("bytes", w.bytes), slog.String("request_id", x.id))
	if x.who.Tenant.Org != "" {
		attrs = append(attrs, slog.String("org", string(x.who.Tenant.Org)), slog.String("env", string(x.who.Tenant.Env)), slog.String("key", x.who.KeyPrefix))
	}
	if e := x.failure; e != nil {
		attrs = append(attrs, slog.String("code", e.Code))
		if w.status >= http.StatusInternalServerError {
			if level = slog.LevelError; e.Code == codeCancelled && ctx.Err() != nil {
				level = slog.LevelInfo // the caller hung up
			}
			if e.Cause != nil {
				attrs = append(attrs, slog.String("cause", e.Cause.Error()))
			}
		}
	}
	p.log.LogAttrs(ctx, level, "request", attrs...)
}

// method keeps made-up methods out of logs and counters.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "OTHER"
}

// tally counts what goes out.
type tally struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// WriteHeader notes the first final status.
func (t *tally) WriteHeader(status int) {
	if t.status == 0 && status >= 200 {
		t.status = status
	}
	t.ResponseWriter.WriteHeader(status)
}

// Write counts the bytes.
func (t *tally) Write(b []byte) (int, error) {
	if t.status == 0 {
		t.status = http.StatusOK
	}
	n, err := t.ResponseWriter.Write(b)
	t.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (t *tally) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// requestID is the caller's X-Request-Id when it is sane, a new ULID otherwise.
func requestID(r *http.Request, now time.Time) string {
	given := r.Header.Get("X-Request-Id")
	if n := len(given); n > 0 && n <= 128 {
		sane := true
		for i := range n {
			c := given[i]
			sane = sane && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_.:/+=", c) >= 0)
		}
		if sane {
			return given
		}
	}
	return newULID(now)
}

// newULID makes a ULID: 48 bits of milliseconds and 80 random bits in
// Crockford's base 32, 26 characters that sort by time.
func newULID(now time.Time) string {
	const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	var b [16]byte
	ms := uint64(now.UnixMilli())
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i))
	}
	_, _ = rand.Read(b[6:]) // crypto/rand never fails since Go 1.24
	var out [26]byte
	// 26 characters hold 130 bits; the two highest are zero.
	for i := range out {
		bit := i*5 - 2 // position of the character's highest bit in b
		v := 0
		for j := bit; j < bit+5; j++ {
			v <<= 1
			if j >= 0 {
				v |= int(b[j/8]>>(7-j%8)) & 1
			}
		}
		out[i] = alphabet[v]
	}
	return string(out[:])
}
