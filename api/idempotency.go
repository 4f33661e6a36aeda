package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"bonafide/kyc"
)

// Times of idempotency keys (api.md section 1.5).
const (
	keepAnswers = 24 * time.Hour
	// reserveFor is when a reservation whose process died is free again.
	reserveFor = 3 * time.Minute
)

// reserve looks whether the request was answered before. It writes the answer
// itself and reports done when the handler must not run.
func (p *Porch) reserve(ctx context.Context, w http.ResponseWriter, x *exchange, r *http.Request, body payload) (reservation *kyc.Idempotency, done bool) {
	keys := r.Header.Values("Idempotency-Key")
	if len(keys) == 0 || !x.op.writes() || x.op.Public {
		return nil, false
	}
	key := keys[0]
	if len(keys) > 1 || !validKey(key) {
		e := kyc.Errorf(kyc.Malformed, "idempotency_key_invalid", "an Idempotency-Key has 1 to 255 printable ASCII characters and is given once")
		e.Problems = []kyc.Problem{{Path: "/header/Idempotency-Key", Code: "idempotency_key_invalid", Message: e.Message}}
		p.refuse(w, x, e)
		return nil, true
	}
	want := kyc.Idempotency{
		Tenant: x.who.Tenant, Method: r.Method, Path: r.URL.EscapedPath(), Key: key,
		BodyHash: bodyHash(r, x.form, body), ExpiresAt: p.clock.Now().Add(keepAnswers),
	}
	held, err := p.store.ReserveIdempotency(kyc.WithoutUnit(ctx), want, reserveFor)
	switch {
	case err != nil:
		p.refuse(w, x, err)
		return nil, true
	case held == nil:
		return &want, false
	case held.BodyHash != want.BodyHash:
		p.refuse(w, x, kyc.Errorf(kyc.Invalid, "idempotency_mismatch", "this Idempotency-Key was used for another request body"))
	case !held.Done:
		e := kyc.Errorf(kyc.Conflict, "idempotency_in_progress", "the first request with this Idempotency-Key is still running")
		e.RetryAfter = time.Second
		p.refuse(w, x, e)
	case held.Erased:
		p.refuse(w, x, kyc.Errorf(kyc.Gone, "answer_erased",
			"the first request with this Idempotency-Key was answered; its answer spoke of a person whose data was erased since, and is gone with it"))
	default:
		replay(w, held)
	}
	return nil, true
}

// replay sends the stored answer again. The request id is this request's own.
func replay(w http.ResponseWriter, held *kyc.Idempotency) {
	for name, value := range held.Header {
		w.Header().Set(name, value)
	}
	w.Header().Set("Idempotent-Replayed", "true")
	w.WriteHeader(held.Status)
	_, _ = w.Write(held.Body) // a caller who has gone away cannot be told
}

// answered closes a reservation with the answer that is about to be sent.
func answered(reservation kyc.Idempotency, rec *record) *kyc.Idempotency {
	reservation.Done = true
	reservation.Status = rec.status
	reservation.Body = rec.body.Bytes()
	reservation.Header = map[string]string{}
	for name := range rec.header {
		reservation.Header[name] = rec.header.Get(name)
	}
	return &reservation
}

// release forgets a reservation, so that the caller can try again at once. If
// that fails, its lease does it later.
func (p *Porch) release(ctx context.Context, reservation *kyc.Idempotency) {
	if reservation == nil || exchangeFrom(ctx).reserved != nil && exchangeFrom(ctx).reserved.Held {
		return // what was begun stays begun: a repeat must not begin it again
	}
	keep, cancel := context.WithTimeout(kyc.WithoutUnit(context.WithoutCancel(ctx)), commitTime)
	defer cancel()
	if err := p.store.ReleaseIdempotency(keep, *reservation); err != nil {
		p.log.Warn("could not release an idempotency key", "request_id", RequestID(ctx), "error", err)
	}
}

// bodyHash identifies what was asked: the query, and the canonical body (RFC
// 8785, so that spacing and the order of keys do not matter), or the parts of
// a form, or the bytes as they came.
func bodyHash(r *http.Request, form *Form, body payload) string {
	h := sha256.New()
	h.Write([]byte(r.URL.Query().Encode()))
	h.Write([]byte{0})
	switch {
	case form != nil:
		h.Write(form.fingerprint())
	case body.json && body.malformed == nil:
		canonical := jsontext.Value(append([]byte(nil), body.raw...))
		if err := canonical.Canonicalize(); err != nil {
			canonical = body.raw
		}
		h.Write(canonical)
	default:
		h.Write(body.raw)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func validKey(key string) bool {
	if len(key) == 0 || len(key) > 255 {
		return false
	}
	for i := range len(key) {
		if key[i] < 0x20 || key[i] > 0x7e {
			return false
		}
	}
	return true
}
