package store

import (
	"context"
	"encoding/json"
	"fmt"

	"bonafide/audit"
	"bonafide/kyc"
)

// EventColumns are the columns ScanEvent reads.
const EventColumns = "id, org_id, env, at, object, object_id, actor_id, action, webhook, subject_id, doc, seq, prev_hash, hash"

var (
	sqlEvent     = NewSQL("SELECT " + EventColumns + " FROM sealed_event " + byID)
	sqlChain     = NewSQL("SELECT " + EventColumns + " FROM sealed_event WHERE org_id = ? AND seq > ? ORDER BY seq LIMIT ?")
	sqlAuditHead = NewSQL(`SELECT seq, hash FROM audit_head WHERE org_id = ?`)
	sqlUnsealed  = NewSQL(`SELECT COUNT(*) FROM event_unsealed WHERE org_id = ?`)
)

// chainPart is how many events one look at the chain reads.
const chainPart = int64(1000)

// ScanEvent reads a row of EventColumns. agree is false when a column does
// not say what the record says, which only tampering makes.
func ScanEvent(row Row) (e kyc.Event, agree bool, err error) {
	var id, org, env, object, objectID, actor, action, webhook, subject, prev, hash string
	var at, seq int64
	var doc []byte
	if err := row.Scan(&id, &org, &env, &at, &object, &objectID, &actor, &action, &webhook, &subject, &doc, &seq, &prev, &hash); err != nil {
		return e, false, err
	}
	err = json.Unmarshal(doc, &e)
	agree = err == nil && e.ID == kyc.ID(id) && e.Tenant == kyc.Tenant{Org: kyc.ID(org), Env: kyc.Env(env)} && micros(e.At) == at &&
		e.Object == object && e.ObjectID == kyc.ID(objectID) && e.Actor.ID == actor && e.Action == action && e.Webhook == webhook && e.SubjectID == kyc.ID(subject)
	e.ID, e.Seq, e.PrevHash, e.Hash = kyc.ID(id), seq, prev, hash
	return e, agree, nil
}

// EventByID finds an event.
func (db *DB) EventByID(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Event, error) {
	found, err := db.events(ctx, sqlEvent, string(t.Org), string(t.Env), string(id))
	if err != nil {
		return kyc.Event{}, err
	}
	if len(found) == 0 {
		return kyc.Event{}, kyc.Missing("event", string(id))
	}
	return found[0], nil
}

func (db *DB) events(ctx context.Context, q *SQL, args ...any) ([]kyc.Event, error) {
	var out []kyc.Event
	err := db.driver.Query(ctx, q, args, func(row Row) error {
		e, _, err := ScanEvent(row)
		out = append(out, e)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading events: %w", err)
	}
	return out, nil
}

// Events lists a tenant's events, newest first, with the total of the filter; 0
// with Page.Uncounted.
func (db *DB) Events(ctx context.Context, t kyc.Tenant, f kyc.EventFilter, p kyc.Page) ([]kyc.Event, int, error) {
	q := eventsOf(t, f)
	var total int64
	if !p.Uncounted {
		count := onceSQL("SELECT COUNT(*) FROM event " + q.where())
		if err := db.driver.Query(ctx, count, q.args, func(row Row) error { return row.Scan(&total) }); err != nil {
			return nil, 0, fmt.Errorf("counting events: %w", err)
		}
	}
	list, args := eventListing(q, p)
	found, err := db.events(ctx, list, args...)
	return found, int(total), err
}

func eventsOf(t kyc.Tenant, f kyc.EventFilter) *filter {
	q := of(t)
	if f.SubjectID != "" {
		q = among(t, nil)
		q.and("subject_id = ? AND subject_id <> ''", string(f.SubjectID))
	}
	q.is("object", f.Object)
	q.is("object_id", string(f.ObjectID))
	q.is("actor_id", f.Actor)
	q.is("action", f.Action)
	q.in("action", texts(f.Actions))
	if f.Webhook {
		q.and("webhook <> ''")
	}
	q.between("at", micros(f.From), micros(f.To))
	return q
}

// eventListing makes the query of a page.
func eventListing(q *filter, p kyc.Page) (*SQL, []any) {
	limit, offset := window(p)
	if p.After != "" {
		q.and("id < ?", string(p.After))
	}
	return onceSQL("SELECT " + EventColumns + " FROM sealed_event " + q.where() + " ORDER BY id DESC LIMIT ? OFFSET ?"), append(q.args, limit, offset)
}

// VerifyAudit recomputes the whole chain of an organisation, over both of its
// environments, and the root of each day that is over. Events that are not sealed
// yet are sealed first.
func (db *DB) VerifyAudit(ctx context.Context, org kyc.ID) (audit.Report, error) {
	if err := db.driver.Seal(ctx); err != nil {
		return audit.Report{}, err
	}
	var v audit.Verifier
	switch days, err := db.allAuditDays(ctx, org); {
	case kyc.IsCode(err, "root_damaged"):
		v.Break(1, kyc.AsError(err).Message)
	case err != nil:
		return audit.Report{}, err
	default:
		v.Against(days)
	}
	// The head is read first: events that come in while the chain is read lie
	// beyond it and are left for the next time.
	headSeq, headHash, err := db.auditHead(ctx, org)
	if err != nil {
		return audit.Report{}, err
	}
	last, whole := int64(0), true
	for whole {
		n := int64(0)
		err := db.driver.Query(ctx, sqlChain, []any{string(org), last, chainPart}, func(row Row) error {
			e, agree, err := ScanEvent(row)
			n++
			if err != nil || !whole || e.Seq > headSeq && last == headSeq {
				return err
			}
			if !agree {
				whole = v.Break(e.Seq, fmt.Sprintf("event %d has a column that disagrees with its record", e.Seq))
				return nil
			}
			whole = v.Add(e)
			last = e.Seq
			return nil
		})
		if err != nil {
			return audit.Report{}, fmt.Errorf("reading the audit chain: %w", err)
		}
		if n < chainPart || last >= headSeq {
			break
		}
	}
	if last == 0 && whole && headSeq == 0 {
		// No head: right for an organisation without events, wrong otherwise.
		sealed, err := db.events(ctx, sqlChain, string(org), int64(0), int64(1))
		if err != nil {
			return audit.Report{}, err
		}
		if headSeq, _, err = db.auditHead(ctx, org); err != nil {
			return audit.Report{}, err
		}
		if len(sealed) > 0 && headSeq == 0 {
			v.Break(1, "the head of the chain is gone")
		}
		headSeq = 0
	}
	var unsealed int64
	if err := db.driver.Query(ctx, sqlUnsealed, []any{string(org)}, func(row Row) error { return row.Scan(&unsealed) }); err != nil {
		return audit.Report{}, fmt.Errorf("counting unsealed events: %w", err)
	}
	return v.Finish(org, headSeq, headHash, unsealed), nil
}

func (db *DB) auditHead(ctx context.Context, org kyc.ID) (seq int64, hash string, err error) {
	err = db.driver.Query(ctx, sqlAuditHead, []any{string(org)}, func(row Row) error { return row.Scan(&seq, &hash) })
	if err != nil {
		err = fmt.Errorf("reading the head of the audit chain: %w", err)
	}
	return seq, hash, err
}
