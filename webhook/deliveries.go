package webhook

import (
	"context"
	"encoding/json"
	"time"

	"bonafide/kyc"
)

// replayLimit bounds one call of Replay; a longer range is replayed in parts. It
// is the longest page of the store.
const replayLimit = 1000

// Range is what Replay sends: the events from From, inclusive, to To, exclusive.
// After goes on where a call stopped that left some: only what is older than that
// event is sent. Empty begins with the newest.
type Range struct {
	From, To time.Time
	After    kyc.ID
}

// Replayed is what one call of Replay did: how many messages it sent and, where
// the range holds more than one call may look at, the event it stopped at.
// Everything from Oldest on was looked at; Rest is the After of the next call.
type Replayed struct {
	Count  int
	Oldest time.Time
	Rest   kyc.ID // "" when nothing is left
}

// Deliveries gives a page of an endpoint's messages, newest first, with the
// total that matches.
func (k *Desk) Deliveries(ctx context.Context, t kyc.Tenant, endpoint kyc.ID, state kyc.DeliveryState, p kyc.Page) ([]kyc.Delivery, int, error) {
	if _, err := k.d.Store.Endpoint(ctx, t, endpoint); err != nil {
		return nil, 0, err
	}
	return k.d.Store.Deliveries(ctx, t, kyc.DeliveryFilter{EndpointID: endpoint, State: state}, p)
}

// Retry sends one message again, whatever became of it before, under its old
// id.
func (k *Desk) Retry(ctx context.Context, t kyc.Tenant, by kyc.Actor, endpoint, id kyc.ID) (kyc.Delivery, error) {
	d, err := k.d.Store.Delivery(ctx, t, id)
	if err == nil && d.EndpointID != endpoint {
		err = kyc.Missing("delivery", string(id))
	}
	if err != nil {
		return kyc.Delivery{}, err
	}
	e, err := k.enabled(ctx, t, endpoint)
	if err != nil {
		return kyc.Delivery{}, err
	}
	now := k.d.Clock.Now()
	requeue(&d, now)
	ev := k.event(ctx, &e, by, now, "webhook_endpoint.retry", "")
	ev.Reason = "delivery " + string(d.ID)
	return d, k.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&d}, Events: []kyc.Event{ev}})
}

// requeue makes a delivery due now with all its attempts before it.
func requeue(d *kyc.Delivery, now time.Time) {
	d.State, d.Attempt, d.DueAt = kyc.DeliveryPending, 0, now
	d.Touch(now)
}

// Replay sends every event of a time range to an endpoint, the newest first:
// those it has had and those from before it existed, each under its own id. One
// call looks at 1,000 events at most and says where it stopped.
func (k *Desk) Replay(ctx context.Context, t kyc.Tenant, by kyc.Actor, endpoint kyc.ID, r Range) (Replayed, error) {
	if r.From.IsZero() || r.To.IsZero() || !r.From.Before(r.To) {
		return Replayed{}, kyc.InvalidInput("invalid_range", "the time range is not usable",
			[]kyc.Problem{{Path: "/from", Code: "invalid_range", Message: "from must be before to"}})
	}
	e, err := k.enabled(ctx, t, endpoint)
	if err != nil {
		return Replayed{}, err
	}
	now := k.d.Clock.Now()
	f := kyc.EventFilter{Webhook: true, From: r.From, To: r.To}
	events, _, err := k.d.Store.Events(ctx, t, f, kyc.Page{Limit: replayLimit, After: r.After, Uncounted: true})
	if err != nil {
		return Replayed{}, err
	}
	var out Replayed
	if len(events) == replayLimit {
		last := events[len(events)-1]
		left, _, err := k.d.Store.Events(ctx, t, f, kyc.Page{Limit: 1, After: last.ID, Uncounted: true})
		if err != nil {
			return Replayed{}, err
		}
		if len(left) > 0 {
			out.Rest, out.Oldest = last.ID, last.At
		}
	}
	change := kyc.Change{}
	for _, ev := range events {
		if !wants(e, ev.Webhook) {
			continue
		}
		had, _, err := k.d.Store.Deliveries(ctx, t, kyc.DeliveryFilter{EndpointID: endpoint, EventID: ev.ID}, kyc.Page{Limit: 1})
		if err != nil {
			return Replayed{}, err
		}
		d := kyc.Delivery{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: t}, EventID: ev.ID, EndpointID: endpoint, EventName: ev.Webhook}
		if len(had) > 0 {
			d = had[0]
		}
		requeue(&d, now)
		change.Put = append(change.Put, &d)
	}
	out.Count = len(change.Put)
	entry := k.event(ctx, &e, by, now, "webhook_endpoint.replay", "")
	entry.Reason = r.From.UTC().Format(time.RFC3339) + " to " + r.To.UTC().Format(time.RFC3339)
	change.Events = []kyc.Event{entry}
	return out, k.d.Store.Commit(ctx, &change)
}

// Test sends a message named webhook.test to one endpoint only.
func (k *Desk) Test(ctx context.Context, t kyc.Tenant, by kyc.Actor, endpoint kyc.ID) (kyc.Delivery, error) {
	e, err := k.enabled(ctx, t, endpoint)
	if err != nil {
		return kyc.Delivery{}, err
	}
	now := k.d.Clock.Now()
	entry := k.event(ctx, &e, by, now, "webhook_endpoint.test", "")
	data, err := json.Marshal(map[string]any{"endpoint_id": kyc.Dress("webhook", e.ID), "is_sandbox": t.Env == kyc.Sandbox, "created_at": now})
	if err != nil {
		return kyc.Delivery{}, err
	}
	// The event carries the message but no public name, so that the store
	// sends it to nobody else; the delivery names it.
	entry.Payload = data
	d := kyc.Delivery{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: t}, EventID: entry.ID, EndpointID: e.ID, EventName: "webhook.test"}
	requeue(&d, now)
	return d, k.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&d}, Events: []kyc.Event{entry}})
}

func (k *Desk) enabled(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Endpoint, error) {
	e, err := k.d.Store.Endpoint(ctx, t, id)
	if err != nil {
		return e, err
	}
	if e.Status != "enabled" {
		return e, kyc.Errorf(kyc.Conflict, "endpoint_disabled", "the endpoint is disabled (%s); enable it first", e.DisabledWhy)
	}
	return e, nil
}

func wants(e kyc.Endpoint, name string) bool {
	for _, n := range e.Events {
		if n == "*" || n == name {
			return true
		}
	}
	return false
}
