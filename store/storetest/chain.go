package storetest

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/audit"
	"bonafide/kyc"
)

func (b *bench) verify(t *testing.T, org kyc.ID) audit.Report {
	t.Helper()
	return must[audit.Report](t)(b.VerifyAudit(b.ctx, org))
}

func auditChain(t *testing.T, b *bench) {
	if r := b.verify(t, b.tenant.Org); !r.OK() || r.Checked != 0 {
		t.Errorf("an empty chain: %+v", r)
	}
	other := kyc.Tenant{Org: b.id(), Env: kyc.Live}
	sandbox := kyc.Tenant{Org: b.tenant.Org, Env: kyc.Sandbox}
	var wg sync.WaitGroup
	for n := range 24 {
		wg.Go(func() {
			var c kyc.Change
			for i := range 3 {
				e := b.event("session.read")
				e.Payload = json.RawMessage(fmt.Sprintf(`{"n": %d, "float": 1.50, "text": "\u00fc<>&"}`, n))
				e.Tenant = []kyc.Tenant{b.tenant, sandbox, other}[i]
				c.Events = append(c.Events, e)
			}
			if err := b.Commit(b.ctx, &c); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	mine, others := b.verify(t, b.tenant.Org), b.verify(t, other.Org)
	if !mine.OK() || mine.Checked != 48 || mine.Unsealed != 0 || len(mine.Head) != 64 {
		t.Errorf("my chain: %+v", mine)
	}
	if !others.OK() || others.Checked != 24 {
		t.Errorf("the other chain: %+v", others)
	}
	events, total, err := b.Events(b.ctx, b.tenant, kyc.EventFilter{}, kyc.Page{Limit: 5})
	if err != nil || total != 24 || len(events) != 5 || events[0].Hash == "" {
		t.Errorf("%d of %d events (%v)", len(events), total, err)
	}
	var out strings.Builder
	if err := audit.Export(&out, []audit.Exhibit{{Type: "session", Object: map[string]int{"a": 1}}}, events); err != nil {
		t.Fatal(err)
	}
	if strings.Count(out.String(), "\n") != 6 {
		t.Errorf("the case file is\n%s", out.String())
	}
	e := b.event("case.approve")
	e.Actor, e.Webhook = kyc.Actor{Kind: kyc.ActorUser, ID: "u1"}, "case.approved"
	b.clock.Advance(time.Hour)
	e.At, e.SubjectID = b.clock.Now(), b.id()
	twin := e // about the same person, elsewhere
	twin.ID, twin.Tenant = b.id(), other
	b.commit(t, kyc.Change{Events: []kyc.Event{e, twin}})
	for name, f := range map[string]kyc.EventFilter{
		"action": {Action: "case.approve"}, "actions": {Actions: []string{"case.reject", "case.approve"}}, "actor": {Actor: "u1"}, "object": {Object: "session", ObjectID: e.ObjectID},
		"webhook": {Webhook: true}, "from": {From: e.At}, "person": {SubjectID: e.SubjectID}, "person and more": {SubjectID: e.SubjectID, Object: "session", From: e.At},
	} {
		found, n, err := b.Events(b.ctx, b.tenant, f, kyc.Page{})
		if err != nil || n != 1 || len(found) != 1 || found[0].ID != e.ID {
			t.Errorf("%s: %d events (%v)", name, n, err)
		}
	}
	for name, f := range map[string]kyc.EventFilter{"nobody": {SubjectID: b.id()}, "other actions": {Actions: []string{"case.reject"}}, "another action": {SubjectID: e.SubjectID, Action: "session.read"}} {
		if _, n, err := b.Events(b.ctx, b.tenant, f, kyc.Page{}); err != nil || n != 0 {
			t.Errorf("%s: %d events (%v)", name, n, err)
		}
	}
	bad := b.event("x")
	bad.Payload = json.RawMessage(`{"a":1,"a":2}`)
	if b.Commit(b.ctx, &kyc.Change{Events: []kyc.Event{bad}}) == nil {
		t.Error("a payload without a canonical form was stored")
	}
}

func auditTampering(t *testing.T, b *bench) {
	for range 9 {
		b.commit(t, kyc.Change{Events: []kyc.Event{b.event("session.read")}})
	}
	if r := b.verify(t, b.tenant.Org); !r.OK() || r.Checked != 9 {
		t.Fatalf("%+v", r)
	}
	org := string(b.tenant.Org)
	place := func(seq int) string { return fmt.Sprintf("org_id = '%s' AND seq = %d", org, seq) }
	event := func(seq int) string {
		return fmt.Sprintf("id = (SELECT %s FROM %s WHERE %s)", b.EventID, b.Chain, place(seq))
	}
	move := func(from, to int) string {
		return fmt.Sprintf("UPDATE %s SET seq = %d WHERE %s", b.Chain, to, place(from))
	}
	// From the end to the beginning, so that each is the first broken one.
	for _, c := range []struct {
		name string
		sql  []string
		want int64
	}{
		{"an event cut off the end", []string{"DELETE FROM event WHERE " + event(9)}, 9},
		{"an event turned to another person", []string{"UPDATE event SET subject_id = 'somebody' WHERE " + event(8)}, 8},
		{"a column changed", []string{"UPDATE event SET actor_id = 'nobody' WHERE " + event(8)}, 8},
		{"a record changed", []string{"UPDATE event SET action = 'x', doc = replace(doc, 'session.read', 'x') WHERE " + event(7)}, 7},
		{"a hash changed", []string{"UPDATE " + b.Chain + " SET hash = prev_hash WHERE " + place(6)}, 6},
		{"two events swapped", []string{move(4, 100), move(5, 4), move(100, 5)}, 4},
		{"an event taken out", []string{"DELETE FROM event WHERE " + event(2)}, 2},
	} {
		for _, s := range c.sql {
			b.exec(s)
		}
		if r := b.verify(t, b.tenant.Org); r.OK() || r.Broken != c.want {
			t.Errorf("%s: %+v, want broken at %d", c.name, r, c.want)
		}
	}
	b.exec("DELETE FROM audit_head WHERE org_id = '" + org + "'")
	if r := b.verify(t, b.tenant.Org); r.OK() {
		t.Error("a chain without its head verifies")
	}
}

func outbox(t *testing.T, b *bench) {
	endpoint := func(status string, events ...string) *kyc.Endpoint {
		return &kyc.Endpoint{Meta: b.meta(), URL: "https://example.org", Events: events, Status: status}
	}
	all, some, other, off := endpoint("enabled", "*"), endpoint("enabled", "case.created", "session.approved"), endpoint("enabled", "session.approve", "approved"), endpoint("disabled", "*")
	foreign := endpoint("enabled", "*")
	foreign.Tenant.Env = kyc.Sandbox
	b.put(t, all, some, other, off, foreign)
	tell := func(name string) kyc.Event {
		e := b.event("session.approve")
		e.Webhook, e.Payload = name, json.RawMessage(`{"id":"1"}`)
		b.commit(t, kyc.Change{Events: []kyc.Event{e, b.event("only.audited")}})
		return e
	}
	check := func(name string, e kyc.Event, want ...*kyc.Endpoint) {
		t.Helper()
		got, _, err := b.Deliveries(b.ctx, b.tenant, kyc.DeliveryFilter{EventID: e.ID}, kyc.Page{})
		if err != nil || len(got) != len(want) {
			t.Fatalf("%s: %d deliveries, want %d (%v)", name, len(got), len(want), err)
		}
		for _, w := range want {
			found := false
			for _, d := range got {
				if d.EndpointID != w.ID {
					continue
				}
				found = true
				if _, ok := kyc.ParseID(string(d.ID)); !ok || d.EventName != e.Webhook || d.State != kyc.DeliveryPending || d.Rev != 1 || !d.DueAt.Equal(b.clock.Now()) || d.Tenant != b.tenant {
					t.Errorf("%s: %+v", name, d)
				}
			}
			if !found {
				t.Errorf("%s: an endpoint was not told", name)
			}
		}
	}
	check("a name", tell("session.approved"), all, some)
	check("only the star", tell("session.declined"), all)
	some.Status = "disabled"
	some.Touch(b.clock.Now())
	off.Status = "enabled"
	off.Touch(b.clock.Now())
	b.put(t, some, off)
	check("after a change", tell("session.approved"), all, off)
	b.commit(t, kyc.Change{Remove: []kyc.Object{all}})
	late := endpoint("enabled", "session.approved")
	b.put(t, late)
	check("after a removal", tell("session.approved"), off, late)
	off.Status = "disabled"
	off.Touch(b.clock.Now())
	same := endpoint("enabled", "session.approved")
	e := b.event("session.approve")
	e.Webhook = "session.approved"
	b.commit(t, kyc.Change{Events: []kyc.Event{e}, Put: []kyc.Object{off, same}})
	check("in the same change", e, late, same)
}

func claimDeliveries(t *testing.T, b *bench) {
	b.put(t, &kyc.Endpoint{Meta: b.meta(), Events: []string{"*"}, Status: "enabled"})
	for range 20 {
		e := b.event("session.create")
		e.Webhook = "session.created"
		b.commit(t, kyc.Change{Events: []kyc.Event{e}})
	}
	now := b.clock.Now()
	var mu sync.Mutex
	var wg sync.WaitGroup
	claimed := map[kyc.ID]*kyc.Delivery{}
	for n := range 4 {
		wg.Go(func() {
			for {
				got, err := b.ClaimDeliveries(b.ctx, fmt.Sprint(n), now, time.Minute, 3)
				if err != nil {
					t.Error(err)
				}
				if len(got) == 0 {
					return
				}
				mu.Lock()
				for _, d := range got {
					if claimed[d.ID] != nil {
						t.Error("a delivery was claimed twice")
					}
					claimed[d.ID] = &d
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(claimed) != 20 {
		t.Errorf("%d were claimed", len(claimed))
	}
	n := 0
	for _, d := range claimed {
		d.Touch(now)
		d.Attempt = 1
		d.Attempts = []kyc.DeliveryTry{{At: now, Status: 200}}
		switch n++; {
		case n <= 10:
			d.State, d.DueAt = kyc.DeliveryDelivered, time.Time{}
		case n <= 15:
			d.DueAt = now.Add(30 * time.Second)
		default:
			d.State, d.DueAt = kyc.DeliveryDead, time.Time{}
		}
		b.put(t, d)
	}
	if again := must[[]kyc.Delivery](t)(b.ClaimDeliveries(b.ctx, "x", now.Add(time.Hour), time.Minute, 100)); len(again) != 5 || again[0].Attempt != 1 || len(again[0].Attempts) != 1 {
		t.Errorf("%d are tried again", len(again))
	}
	for state, want := range map[kyc.DeliveryState]int{kyc.DeliveryDelivered: 10, kyc.DeliveryPending: 5, kyc.DeliveryDead: 5} {
		if _, n, err := b.Deliveries(b.ctx, b.tenant, kyc.DeliveryFilter{State: state}, kyc.Page{}); n != want || err != nil {
			t.Errorf("%d are %s (%v)", n, state, err)
		}
	}
}
