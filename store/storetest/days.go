package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"bonafide/audit"
	"bonafide/kyc"
)

// auditDays says that days of the chain get their roots once they are over, once
// only, that every event of them is proved, and that nothing of them can be
// changed unseen, even by who makes the chain anew.
func auditDays(t *testing.T, b *bench) {
	noon := b.clock.Now().Truncate(24 * time.Hour).Add(36 * time.Hour)
	b.clock.Advance(noon.Sub(b.clock.Now()))
	org := &kyc.Org{Meta: kyc.Meta{ID: b.tenant.Org, Tenant: kyc.Tenant{Org: b.tenant.Org}}, Name: "Acme"}
	org.Touch(b.clock.Now())
	b.put(t, org)
	sandbox := kyc.Tenant{Org: b.tenant.Org, Env: kyc.Sandbox}
	var events []kyc.Event
	log := func(n int) {
		for i := range n {
			b.clock.Advance(time.Millisecond) // those of one time are in no order
			e := b.event("session.read")
			if i%2 == 1 {
				e.Tenant = sandbox
			}
			b.commit(t, kyc.Change{Events: []kyc.Event{e}})
			events = append(events, e)
		}
	}
	closing := func() []audit.Day { return must[[]audit.Day](t)(b.CloseAuditDays(b.ctx, b.tenant.Org, b.clock.Now())) }
	stored := func() []audit.Day {
		return must[[]audit.Day](t)(b.AuditDays(b.ctx, b.tenant.Org, kyc.DayFilter{}, 100))
	}
	if d := closing(); len(d) != 0 {
		t.Fatalf("a chain without events has days: %+v", d)
	}
	log(5)
	if d := closing(); len(d) != 0 {
		t.Fatalf("today is over: %+v", d)
	}
	b.clock.Advance(24 * time.Hour)
	log(7)
	b.clock.Advance(72 * time.Hour)
	log(2)
	// Two processes close at once: each day is stored once.
	var wg sync.WaitGroup
	var mu sync.Mutex
	made := 0
	for range 4 {
		wg.Go(func() {
			d, err := b.CloseAuditDays(b.ctx, b.tenant.Org, b.clock.Now())
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			made += len(d)
		})
	}
	wg.Wait()
	days := stored()
	if made != 2 || len(days) != 2 || days[1].FirstSeq != 1 || days[1].LastSeq != 5 || days[0].FirstSeq != 6 || days[0].LastSeq != 12 || days[1].Day != noon.Format(time.DateOnly) {
		t.Fatalf("%d made: %+v", made, days)
	}
	if d := closing(); len(d) != 0 {
		t.Errorf("closed again: %+v", d)
	}
	if r := b.verify(t, b.tenant.Org); !r.OK() || r.Days != 2 || r.Checked != 14 {
		t.Fatalf("%+v", r)
	}
	only := must[[]audit.Day](t)(b.AuditDays(b.ctx, b.tenant.Org, kyc.DayFilter{From: days[0].Day, To: days[0].Day}, 100))
	same(t, "one day", only, days[:1])
	if d := must[[]audit.Day](t)(b.AuditDays(b.ctx, b.id(), kyc.DayFilter{}, 100)); len(d) != 0 {
		t.Errorf("days of another organisation: %+v", d)
	}
	for i, e := range events[:12] {
		p := must[audit.Proof](t)(b.AuditProof(b.ctx, e.Tenant, e.ID))
		if err := p.Check(); err != nil || p.Event.ID != e.ID || p.Day != days[1-min(i/5, 1)] {
			t.Errorf("event %d: %v %+v", i, err, p.Day)
		}
	}
	if _, err := b.AuditProof(b.ctx, events[13].Tenant, events[13].ID); !kyc.IsCode(err, "day_not_over") {
		t.Errorf("an event of today: %v", err)
	}
	if _, err := b.AuditProof(b.ctx, sandbox, events[0].ID); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("an event of the other environment: %v", err)
	}
	kept := days
	// Somebody changes an event and makes the chain anew from there on.
	b.exec(fmt.Sprintf("UPDATE event SET action = 'x', doc = replace(doc, 'session.read', 'x') WHERE id = '%s'", events[6].ID))
	b.anew(t, 7)
	r := b.verify(t, b.tenant.Org)
	if r.OK() || r.Broken != 6 || r.Checked != 12 {
		t.Errorf("a chain made anew verifies: %+v", r)
	}
	if _, err := b.AuditProof(b.ctx, events[7].Tenant, events[7].ID); !kyc.IsCode(err, "root_differs") {
		t.Errorf("a proof from a chain made anew: %v", err)
	}
	// ... and makes the roots anew, too: what was kept elsewhere tells.
	b.exec(fmt.Sprintf("DELETE FROM audit_day WHERE org_id = '%s'", b.tenant.Org))
	closing()
	if r := b.verify(t, b.tenant.Org); !r.OK() || r.Days != 2 {
		t.Fatalf("%+v", r)
	}
	if broken, _ := audit.Differs(kept, stored()); broken != 6 {
		t.Errorf("the roots that were kept differ at %d", broken)
	}
	// A root that is changed in its place is found by itself.
	b.exec(fmt.Sprintf("UPDATE audit_day SET doc = replace(doc, '\"size\":5', '\"size\":6') WHERE org_id = '%s'", b.tenant.Org))
	if r := b.verify(t, b.tenant.Org); r.OK() {
		t.Error("a damaged root verifies")
	}
	// No root is made of a chain that is broken.
	b.exec(fmt.Sprintf("DELETE FROM audit_day WHERE org_id = '%s'", b.tenant.Org))
	b.exec(fmt.Sprintf("UPDATE event SET action = 'y' WHERE id = '%s'", events[2].ID))
	if _, err := b.CloseAuditDays(b.ctx, b.tenant.Org, b.clock.Now()); !kyc.IsCode(err, "chain_broken") {
		t.Errorf("a root over a broken chain: %v", err)
	}
}

// anew recomputes the hashes of a chain from a place on, as somebody does who can
// write the whole database.
func (b *bench) anew(t *testing.T, from int64) {
	t.Helper()
	all, _, err := b.Events(b.ctx, b.tenant, kyc.EventFilter{}, kyc.Page{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	more, _, err := b.Events(b.ctx, kyc.Tenant{Org: b.tenant.Org, Env: otherEnv(b.tenant.Env)}, kyc.EventFilter{}, kyc.Page{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	at := map[int64]kyc.Event{}
	for _, e := range append(all, more...) {
		at[e.Seq] = e
	}
	prev := at[from-1].Hash
	for seq := from; ; seq++ {
		e, ok := at[seq]
		if !ok {
			break
		}
		draft, err := audit.Prepare(e)
		if err != nil {
			t.Fatal(err)
		}
		hash := draft.Seal(seq, prev)
		b.exec(fmt.Sprintf("UPDATE %s SET prev_hash = '%s', hash = '%s' WHERE org_id = '%s' AND seq = %d", b.Chain, prev, hash, b.tenant.Org, seq))
		prev = hash
	}
	b.exec(fmt.Sprintf("UPDATE audit_head SET hash = '%s' WHERE org_id = '%s'", prev, b.tenant.Org))
}
