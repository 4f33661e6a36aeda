package storetest

import (
	"testing"
	"time"

	"bonafide/kyc"
)

// pictures says that how documents look is found by any of its bands, inside the
// tenant alone, and is gone with the subject.
func pictures(t *testing.T, b *bench) {
	ada, eve := b.subject(t), b.subject(t)
	shown := func(subject kyc.ID, look kyc.Look, bands ...string) kyc.Picture {
		return kyc.Picture{Upload: b.id(), Look: look, Bands: bands, SessionID: b.id(), SubjectID: subject}
	}
	first := shown(ada.ID, kyc.Look{Perceptual: 1<<63 | 5, Gradient: 7}, "a", "b", "c")
	first.Number = "0123abcd"
	b.clock.Advance(time.Second) // so that its session is the later one
	second := shown(eve.ID, kyc.Look{Perceptual: 9}, "a", "d")
	lone := shown("", kyc.Look{Gradient: 1 << 63}, "e") // of no subject: under the tenant's key
	b.commit(t, kyc.Change{Pictures: []kyc.Picture{first, second}, TraitTenant: b.tenant})
	b.commit(t, kyc.Change{Pictures: []kyc.Picture{lone, first}, TraitTenant: b.tenant})
	find := func(tenant kyc.Tenant, bands ...string) []kyc.Picture {
		t.Helper()
		got, err := b.Pictures(b.ctx, tenant, bands)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	bare := func(list ...kyc.Picture) []kyc.Picture {
		for i := range list {
			list[i].Bands = nil
		}
		return list
	}
	same(t, "one band", find(b.tenant, "x", "d"), bare(second))
	same(t, "several bands of one picture", find(b.tenant, "b", "c"), bare(first))
	same(t, "a band of two", find(b.tenant, "a"), bare(first, second))
	same(t, "no subject", find(b.tenant, "e"), bare(lone))
	many := make([]string, 0, 1500)
	for range 1500 {
		many = append(many, string(b.id()))
	}
	same(t, "many bands", find(b.tenant, append(many, "d")...), bare(second))
	for _, elsewhere := range []kyc.Tenant{{Org: b.tenant.Org, Env: other(b.tenant.Env)}, {Org: b.id(), Env: b.tenant.Env}} {
		if got := find(elsewhere, "a", "b", "c", "d", "e"); len(got) != 0 {
			t.Errorf("%d pictures reach %v", len(got), elsewhere)
		}
	}

	b.commit(t, kyc.Change{Erase: []kyc.ID{ada.ID}, Events: []kyc.Event{b.event("subject.redact")}})
	same(t, "after an erasure", find(b.tenant, "a", "b", "c"), bare(second))
	// What was under way while the subject was erased leaves nothing behind.
	b.commit(t, kyc.Change{Pictures: []kyc.Picture{shown(ada.ID, kyc.Look{}, "a")}, TraitTenant: b.tenant})
	same(t, "after a late look", find(b.tenant, "a"), bare(second))
}
