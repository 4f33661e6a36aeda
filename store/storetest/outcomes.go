package storetest

import (
	"testing"
	"time"

	"bonafide/kyc"
)

// outcomes says that sessions are counted by their workflow and status, from a
// time on, for one tenant and environment.
func outcomes(t *testing.T, b *bench) {
	ada := b.subject(t)
	old := b.session(ada.ID)
	b.clock.Advance(time.Hour)
	since := b.clock.Now()
	one, two, other1 := b.session(ada.ID), b.session(ada.ID), b.session(ada.ID)
	old.WorkflowID, one.WorkflowID, two.WorkflowID, other1.WorkflowID = b.id(), b.id(), "", b.id()
	two.WorkflowID, old.WorkflowID = one.WorkflowID, one.WorkflowID
	one.Status, two.Status, other1.Status, old.Status = kyc.SessionApproved, kyc.SessionApproved, kyc.SessionRejected, kyc.SessionApproved
	b.put(t, old, one, two, other1)
	got := must[map[kyc.ID]map[kyc.SessionStatus]int](t)(b.WorkflowOutcomes(b.ctx, b.tenant, since))
	same(t, "outcomes", got, map[kyc.ID]map[kyc.SessionStatus]int{one.WorkflowID: {kyc.SessionApproved: 2}, other1.WorkflowID: {kyc.SessionRejected: 1}})
	for _, elsewhere := range []kyc.Tenant{{Org: b.tenant.Org, Env: other(b.tenant.Env)}, {Org: b.id(), Env: b.tenant.Env}} {
		if found := must[map[kyc.ID]map[kyc.SessionStatus]int](t)(b.WorkflowOutcomes(b.ctx, elsewhere, since)); len(found) != 0 {
			t.Errorf("outcomes reach %v: %v", elsewhere, found)
		}
	}
}
