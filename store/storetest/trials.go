package storetest

import (
	"testing"
	"time"

	"bonafide/kyc"
)

// trials says that a session of a rollout is counted once, for its rollout,
// tenant and time, and forgotten after a year.
func trials(t *testing.T, b *bench) {
	workflow, one, two := b.id(), b.id(), b.id()
	x := kyc.Trial{Tenant: b.tenant, WorkflowID: workflow, Rollout: "salt", SessionID: one, Version: 2, Result: kyc.TrialRejected, At: b.clock.Now()}
	again, second, before, later := x, x, x, x
	again.Result = kyc.TrialApproved
	second.SessionID, second.Result = two, kyc.TrialError
	before.SessionID, before.Version, before.Result = b.id(), 1, kyc.TrialReview
	later.Rollout, later.SessionID = "pepper", two
	b.commit(t, kyc.Change{Trials: []kyc.Trial{x, second, before, later}})
	b.commit(t, kyc.Change{Trials: []kyc.Trial{again}})
	count := must[map[int]kyc.TrialTally](t)
	same(t, "trials", count(b.Trials(b.ctx, b.tenant, workflow, "salt", time.Time{})),
		map[int]kyc.TrialTally{1: {Sessions: 1, Reviews: 1}, 2: {Sessions: 2, Rejections: 1, Errors: 1}})
	same(t, "trials of another rollout", count(b.Trials(b.ctx, b.tenant, workflow, "pepper", time.Time{})), map[int]kyc.TrialTally{2: {Sessions: 1, Rejections: 1}})
	same(t, "trials from now on", count(b.Trials(b.ctx, b.tenant, workflow, "salt", x.At)), count(b.Trials(b.ctx, b.tenant, workflow, "salt", time.Time{})))
	if late := count(b.Trials(b.ctx, b.tenant, workflow, "salt", x.At.Add(time.Microsecond))); len(late) != 0 {
		t.Errorf("a window counts what was before it: %v", late)
	}
	for _, elsewhere := range []kyc.Tenant{{Org: b.tenant.Org, Env: otherEnv(b.tenant.Env)}, {Org: b.id(), Env: b.tenant.Env}} {
		if found := count(b.Trials(b.ctx, elsewhere, workflow, "salt", time.Time{})); len(found) != 0 {
			t.Errorf("trials reach %v: %v", elsewhere, found)
		}
	}
	// Nothing of a change that fails is counted.
	lost := x
	lost.SessionID = b.id()
	missing := b.session(b.subject(t).ID)
	missing.Touch(b.clock.Now())
	want(t, b.Commit(b.ctx, &kyc.Change{Trials: []kyc.Trial{lost}, Put: []kyc.Object{missing}}), "concurrent_change")
	if got := count(b.Trials(b.ctx, b.tenant, workflow, "salt", time.Time{}))[2]; got.Sessions != 2 {
		t.Errorf("a lost change counts: %+v", got)
	}
	if _, err := b.Sweep(b.ctx, x.At.Add(399*24*time.Hour)); err != nil || len(count(b.Trials(b.ctx, b.tenant, workflow, "salt", time.Time{}))) != 2 {
		t.Errorf("swept early: %v", err)
	}
	if _, err := b.Sweep(b.ctx, x.At.Add(401*24*time.Hour)); err != nil || len(count(b.Trials(b.ctx, b.tenant, workflow, "salt", time.Time{}))) != 0 {
		t.Errorf("not swept: %v", err)
	}
}
