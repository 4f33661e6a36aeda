package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"bonafide/kyc"
)

// idempotencyLife is how long an answer is kept (api.md 1.5).
const idempotencyLife = 24 * time.Hour

var (
	// The row is taken over only when its time is over: the lease of a request
	// that never came back, or the life of a stored answer.
	sqlReserve = NewSQL(`INSERT INTO idempotency (org_id, env, method, path, name, body_hash, done, lease_until, expires_at, status, header, secret)` +
		` VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, 0, '', NULL)` +
		` ON CONFLICT (org_id, env, method, path, name) DO UPDATE SET body_hash = excluded.body_hash, done = 0, lease_until = excluded.lease_until,` +
		` expires_at = excluded.expires_at, status = 0, header = '', secret = NULL` +
		` WHERE (idempotency.done = 0 AND idempotency.lease_until <= ?) OR idempotency.expires_at <= ?`)
	sqlReserved = NewSQL(`SELECT body_hash, done, expires_at, status, header, secret FROM idempotency` +
		` WHERE org_id = ? AND env = ? AND method = ? AND path = ? AND name = ?`)
	sqlIdempotencyClose = NewSQL(`UPDATE idempotency SET done = 1, expires_at = ?, status = ?, header = ?, secret = ?` +
		` WHERE org_id = ? AND env = ? AND method = ? AND path = ? AND name = ? AND body_hash = ? AND done = 0`)
	sqlIdempotencyRelease = NewSQL(`DELETE FROM idempotency WHERE org_id = ? AND env = ? AND method = ? AND path = ? AND name = ? AND body_hash = ? AND done = 0`)
)

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
// or done, with the stored answer.
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
	err := db.driver.Query(ctx, sqlReserved, reservation(r), func(row Row) error {
		out = &kyc.Idempotency{Tenant: r.Tenant, Method: r.Method, Path: r.Path, Key: r.Key}
		var done, expires, status int64
		if err := row.Scan(&out.BodyHash, &done, &expires, &status, &header, &secret); err != nil {
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
	if header != "" {
		if err := json.Unmarshal([]byte(header), &out.Header); err != nil {
			return nil, fmt.Errorf("reading a stored answer: %w", err)
		}
	}
	if len(secret) > 0 {
		k, err := db.keys.get(ctx, keyName{r.Tenant, tenantKey})
		if err != nil {
			return nil, err
		}
		if out.Body, err = k.decrypt(secret, idempotencyPlace(r)); err != nil {
			return nil, fmt.Errorf("opening a stored answer: %w", err)
		}
	}
	return out, nil
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
	header := ""
	if len(r.Header) > 0 {
		raw, err := json.Marshal(r.Header)
		if err != nil {
			return fmt.Errorf("writing an answer's header: %w", err)
		}
		header = string(raw)
	}
	var body any
	if len(r.Body) > 0 {
		k, err := p.key(ctx, keyName{r.Tenant, tenantKey})
		if err != nil {
			return err
		}
		if body, err = k.encrypt(r.Body, idempotencyPlace(*r)); err != nil {
			return fmt.Errorf("sealing an answer: %w", err)
		}
	}
	expires := r.ExpiresAt
	if expires.IsZero() {
		expires = p.db.clock.Now().Add(idempotencyLife)
	}
	args := append([]any{micros(expires), int64(r.Status), header, body}, reservation(*r)...)
	p.batch.add(sqlIdempotencyClose, errKeyClosed, nil, append(args, r.BodyHash)...)
	return nil
}
