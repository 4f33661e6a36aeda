package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"bonafide/audit"
	"bonafide/kyc"
)

// Statements that store an event. Where one process writes, the event is
// stored with its place in the chain (the last three arguments, which the
// driver fills); otherwise it is noted as unsealed beside.
var (
	sqlEventSealed = NewSQL(`INSERT INTO event (id, org_id, env, at, object, object_id, actor_id, action, webhook, subject_id, doc, seq, prev_hash, hash)` +
		` VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	sqlEventStored = merging(NewSQL(`INSERT INTO event (id, org_id, env, at, object, object_id, actor_id, action, webhook, subject_id, doc)` +
		` VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`))
	sqlEventUnsealed = merging(NewSQL(`INSERT INTO event_unsealed (org_id, id) VALUES (?, ?)`))
)

// SQLDelivery inserts one delivery: id, org, env, created, updated, event,
// endpoint, event name, due.
var SQLDelivery = NewSQL(`INSERT INTO delivery (id, org_id, env, rev, created_at, updated_at, event_id, endpoint_id, event_name, state, attempt, due_at, lease_owner, doc)` +
	` VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, 'pending', 0, ?, '', '{}')`)

// SQLDeliveries inserts a delivery for each endpoint that wants an event, as
// the endpoints are in that transaction, so that other nodes' changes count.
// The id keeps the time of the event's: event id, created, updated, event,
// event name, due, org, env, "*" and the name between separators.
var SQLDeliveries = merging(NewSQL(`INSERT INTO delivery (id, org_id, env, rev, created_at, updated_at, event_id, endpoint_id, event_name, state, attempt, due_at, lease_owner, doc)` +
	` SELECT substr(CAST(? AS text), 1, 18) || substr(CAST(gen_random_uuid() AS text), 19), e.org_id, e.env, 1, CAST(? AS bigint), CAST(? AS bigint), CAST(? AS text), e.id, CAST(? AS text), 'pending', 0, CAST(? AS bigint), '', '{}'` +
	` FROM endpoint e WHERE e.org_id = ? AND e.env = ? AND e.status = 'enabled' AND (strpos(e.events, ?) > 0 OR strpos(e.events, ?) > 0)`))

var sqlEndpointWants = NewSQL(`SELECT id, events FROM endpoint WHERE org_id = ? AND env = ? AND status = 'enabled' ORDER BY id`)

// outbox remembers the endpoints of each tenant where this process is the
// only one that changes them.
type outbox struct {
	mu      sync.Mutex
	tenants map[kyc.Tenant][]target
	// changes counts what forget was told, so that a list that was read while
	// an endpoint changed is not kept.
	changes int
}

type target struct {
	id     kyc.ID
	events string
}

func (o *outbox) forget(t kyc.Tenant) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.tenants, t)
	o.changes++
}

func (o *outbox) targets(ctx context.Context, d Driver, t kyc.Tenant) ([]target, error) {
	o.mu.Lock()
	found, ok := o.tenants[t]
	before := o.changes
	o.mu.Unlock()
	if ok {
		return found, nil
	}
	var all []target
	err := d.Query(ctx, sqlEndpointWants, []any{string(t.Org), string(t.Env)}, func(row Row) error {
		var id, events string
		if err := row.Scan(&id, &events); err != nil {
			return err
		}
		all = append(all, target{kyc.ID(id), events})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the webhook endpoints: %w", err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.changes == before {
		if o.tenants == nil {
			o.tenants = map[kyc.Tenant][]target{}
		}
		o.tenants[t] = all
	}
	return all, nil
}

// event plans an event's row, its place in the chain and its deliveries.
func (p *plan) event(ctx context.Context, e *kyc.Event) error {
	if e.At.IsZero() {
		e.At = p.db.clock.Now()
	}
	if e.ID == "" {
		e.ID = kyc.NewID(e.At)
	}
	draft, err := audit.Prepare(*e)
	if err != nil {
		return err
	}
	args := []any{string(e.ID), string(e.Tenant.Org), string(e.Tenant.Env), micros(e.At), e.Object, string(e.ObjectID), e.Actor.ID, e.Action, e.Webhook, string(e.SubjectID), string(draft.JSON())}
	p.batch.Entries = append(p.batch.Entries, Entry{Statement: len(p.batch.Statements), Org: e.Tenant.Org, Draft: draft})
	if p.db.driver.SoleOwner() {
		p.batch.add(sqlEventSealed, nil, errEventStands, append(args, int64(0), "", "")...)
	} else {
		p.batch.add(sqlEventStored, nil, errEventStands, args...)
		p.batch.add(sqlEventUnsealed, nil, nil, string(e.Tenant.Org), string(e.ID))
	}
	if e.Webhook == "" {
		return nil
	}
	// Due at once on the machine's clock, whatever the event's clock says.
	now := p.db.clock.Now()
	name, any := separator+e.Webhook+separator, separator+"*"+separator
	if !p.db.driver.SoleOwner() {
		p.batch.add(SQLDeliveries, nil, nil, string(e.ID), micros(now), micros(now), string(e.ID), e.Webhook, micros(now),
			string(e.Tenant.Org), string(e.Tenant.Env), any, name)
		return nil
	}
	targets, err := p.db.outbox.targets(ctx, p.db.driver, e.Tenant)
	if err != nil {
		return err
	}
	for _, to := range p.targets(e.Tenant, targets) {
		if strings.Contains(to.events, any) || strings.Contains(to.events, name) {
			p.batch.add(SQLDelivery, nil, nil, string(kyc.NewID(now)), string(e.Tenant.Org), string(e.Tenant.Env), micros(now), micros(now),
				string(e.ID), string(to.id), e.Webhook, micros(now))
		}
	}
	return nil
}

// targets adds the endpoints that this change itself brings or alters, which
// is what the event's own transaction would find.
func (p *plan) targets(t kyc.Tenant, stored []target) []target {
	if len(p.endpoints) == 0 {
		return stored
	}
	now := map[kyc.ID]string{}
	for _, to := range stored {
		now[to.id] = to.events
	}
	for _, o := range p.change.Put {
		if x, ok := o.(*kyc.Endpoint); ok && x.Tenant == t {
			if delete(now, x.ID); x.Status == "enabled" {
				now[x.ID] = joined(x.Events)
			}
		}
	}
	out := make([]target, 0, len(now))
	for id, events := range now {
		out = append(out, target{id, events})
	}
	slices.SortFunc(out, func(a, b target) int { return strings.Compare(string(a.id), string(b.id)) })
	return out
}
