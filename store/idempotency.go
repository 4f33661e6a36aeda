package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
)

// idempotencyLife is how long an answer is kept (api.md 1.5).
const idempotencyLife = 24 * time.Hour

var (
	// The row is taken over only when its time is over: the lease of a request
	// that never came back, or the life of a stored answer.
	sqlReserve = NewSQL(`INSERT INTO idempotency (org_id, env, method, path, name, body_hash, done, lease_until, expires_at, status, header, secret, subjects)` +
		` VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, 0, '', NULL, '')` +
		` ON CONFLICT (org_id, env, method, path, name) DO UPDATE SET body_hash = excluded.body_hash, done = 0, lease_until = excluded.lease_until,` +
		` expires_at = excluded.expires_at, status = 0, header = '', secret = NULL, subjects = ''` +
		` WHERE (idempotency.done = 0 AND idempotency.lease_until <= ?) OR idempotency.expires_at <= ?`)
	sqlReserved = NewSQL(`SELECT body_hash, done, expires_at, status, header, secret, subjects FROM idempotency` +
		` WHERE org_id = ? AND env = ? AND method = ? AND path = ? AND name = ?`)
	sqlIdempotencyClose = NewSQL(`UPDATE idempotency SET done = 1, expires_at = ?, status = ?, header = ?, secret = ?, subjects = ?` +
		` WHERE org_id = ? AND env = ? AND method = ? AND path = ? AND name = ? AND body_hash = ? AND done = 0`)
	// A key that is held stays reserved for its whole life.
	sqlIdempotencyHold = NewSQL(`UPDATE idempotency SET lease_until = expires_at` +
		` WHERE org_id = ? AND env = ? AND method = ? AND path = ? AND name = ? AND body_hash = ? AND done = 0`)
	sqlIdempotencyRelease = NewSQL(`DELETE FROM idempotency WHERE org_id = ? AND env = ? AND method = ? AND path = ? AND name = ? AND body_hash = ? AND done = 0`)
	// An answer that an earlier version stored does not say whom it speaks of
	// and is sealed under the organisation's key: the first erasure after the
	// upgrade takes all of them. The index idempotency_unknown finds them.
	sqlAnswersErase = NewSQL(`UPDATE idempotency SET header = '', secret = NULL, subjects = '` + answerErased + `' WHERE org_id = ? AND env = ? AND subjects IS NULL`)
)

// answerErased stands in the column subjects, which otherwise holds IDs, for
// an answer whose body must not be shown.
const answerErased = "erased"

// errReserved says inside this room that somebody else holds a reservation.
var errReserved = errors.New("reserved by somebody else")

func reservation(r kyc.Idempotency) []any {
	return []any{string(r.Tenant.Org), string(r.Tenant.Env), r.Method, clean(r.Path), clean(r.Key)}
}

// clean makes a text from outside one that both databases can keep.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
}

func idempotencyPlace(r kyc.Idempotency) string {
	return "idempotency|secret|" + r.Method + "|" + clean(r.Path) + "|" + clean(r.Key)
}

// ReserveIdempotency reserves (organisation, environment, method, path, key)
// for one request, atomically. nil means that the caller won: it must close
// the reservation with Change.Idempotency, which fails with Stale when the
// lease ran out and somebody else took it over, or with ReleaseIdempotency.
// Otherwise the answer is the record of whoever has it: running (Done false)
// or done, with the stored answer, or Erased without one.
func (db *DB) ReserveIdempotency(ctx context.Context, r kyc.Idempotency, lease time.Duration) (*kyc.Idempotency, error) {
	for range 5 {
		now := db.clock.Now()
		args := append(reservation(r), r.BodyHash, micros(now.Add(lease)), micros(now.Add(idempotencyLife)), micros(now), micros(now))
		var b Batch
		b.add(sqlReserve, errReserved, errReserved, args...)
		err := db.driver.Apply(ctx, &b)
		if err == nil {
			return nil, nil
		}
		if !errors.Is(err, errReserved) {
			return nil, fmt.Errorf("reserving an idempotency key: %w", err)
		}
		found, err := db.reserved(ctx, r)
		if found != nil || err != nil {
			return found, err
		}
		// It was released between the two; try again.
	}
	return nil, kyc.Errorf(kyc.Conflict, "idempotency_in_progress", "requests with this Idempotency-Key come and go; try again in a moment")
}

func (db *DB) reserved(ctx context.Context, r kyc.Idempotency) (*kyc.Idempotency, error) {
	var out *kyc.Idempotency
	var header string
	var secret []byte
	var subjects *string // NULL: stored by an earlier version
	err := db.driver.Query(ctx, sqlReserved, reservation(r), func(row Row) error {
		out = &kyc.Idempotency{Tenant: r.Tenant, Method: r.Method, Path: r.Path, Key: r.Key}
		var done, expires, status int64
		if err := row.Scan(&out.BodyHash, &done, &expires, &status, &header, &secret, &subjects); err != nil {
			return err
		}
		out.Done, out.ExpiresAt, out.Status = done == 1, moment(expires), int(status)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading an idempotency record: %w", err)
	}
	if out == nil || !out.Done {
		return out, nil
	}
	keys, err := db.answerKeys(ctx, r.Tenant, subjects)
	if kyc.IsCode(err, "erased") {
		out.Erased = true
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	if header != "" {
		if err := json.Unmarshal([]byte(header), &out.Header); err != nil {
			return nil, fmt.Errorf("reading a stored answer: %w", err)
		}
	}
	if len(secret) > 0 {
		for _, k := range slices.Backward(keys) {
			if secret, err = k.decrypt(secret, idempotencyPlace(r)); err != nil {
				return nil, fmt.Errorf("opening a stored answer: %w", err)
			}
		}
		out.Body = secret
	}
	return out, nil
}

// answerKeys are the keys that a stored answer is sealed with, innermost
// first. The error is `erased` when one of them was destroyed.
func (db *DB) answerKeys(ctx context.Context, t kyc.Tenant, subjects *string) ([]*dataKey, error) {
	names := []string{string(tenantKey)}
	if subjects != nil && *subjects != "" {
		names = strings.Fields(*subjects)
	}
	if names[0] == answerErased {
		return nil, errErased()
	}
	keys := make([]*dataKey, len(names))
	for i, name := range names {
		var err error
		if keys[i], err = db.keys.sure(ctx, keyName{t, kyc.ID(name)}); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// ReleaseIdempotency gives a reservation back without an answer (the request
// failed with a 5xx), so that the next try may run.
func (db *DB) ReleaseIdempotency(ctx context.Context, r kyc.Idempotency) error {
	var b Batch
	b.add(sqlIdempotencyRelease, nil, nil, append(reservation(r), r.BodyHash)...)
	if err := db.driver.Apply(ctx, &b); err != nil {
		return fmt.Errorf("releasing an idempotency key: %w", err)
	}
	return nil
}

// closeIdempotency plans the end of a reservation: the answer is stored in
// the transaction of the effect, and a reservation that was lost undoes it.
func (p *plan) closeIdempotency(ctx context.Context, r *kyc.Idempotency) error {
	if r.Held {
		p.batch.add(sqlIdempotencyHold, errKeyClosed, nil, append(reservation(*r), r.BodyHash)...)
		return nil
	}
	header := ""
	if len(r.Header) > 0 {
		raw, err := json.Marshal(r.Header)
		if err != nil {
			return fmt.Errorf("writing an answer's header: %w", err)
		}
		header = string(raw)
	}
	subjects, sealed, err := p.sealAnswer(ctx, r)
	if err != nil {
		return err
	}
	var body any
	if len(sealed) > 0 {
		body = sealed
	}
	if subjects == answerErased {
		header = ""
	}
	expires := r.ExpiresAt
	if expires.IsZero() {
		expires = p.db.clock.Now().Add(idempotencyLife)
	}
	args := append([]any{micros(expires), int64(r.Status), header, body, subjects}, reservation(*r)...)
	p.batch.add(sqlIdempotencyClose, errKeyClosed, nil, append(args, r.BodyHash)...)
	return nil
}

// sealAnswer seals a body under the key of each subject it may speak of, one
// inside the other, so that whoever's key is destroyed takes it along: in the
// same transaction, in backups too, and also when the erasure and this answer
// are committed at the same time. subjects names them for the column. The
// subjects that this very change erases do not count: the answer to an erasure
// tells that it was done, and a repeat shall learn that again.
func (p *plan) sealAnswer(ctx context.Context, r *kyc.Idempotency) (subjects string, body []byte, err error) {
	var names []string
	for _, id := range kyc.ConcernedFrom(ctx).Of(r.Tenant) {
		if !p.erased[keyName{r.Tenant, id}] {
			names = append(names, string(id))
		}
	}
	owners := names
	if len(owners) == 0 {
		owners = []string{string(tenantKey)}
	}
	body = r.Body
	for _, id := range owners {
		k, err := p.key(ctx, keyName{r.Tenant, kyc.ID(id)})
		if err != nil {
			return "", nil, err
		}
		if k == nil { // it was there when the request read, and was destroyed since
			return answerErased, nil, nil
		}
		if len(body) == 0 {
			continue
		}
		if body, err = k.encrypt(body, idempotencyPlace(*r)); err != nil {
			return "", nil, fmt.Errorf("sealing an answer: %w", err)
		}
	}
	return strings.Join(names, " "), body, nil
}
