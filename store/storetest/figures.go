package storetest

import (
	"testing"
	"time"

	"bonafide/kyc"
)

// tallies says that counts add up by day, and belong to one tenant and
// environment.
func tallies(t *testing.T, b *bench) {
	day := b.clock.Now().Truncate(24 * time.Hour)
	one := kyc.Tally{Day: day, Measure: "check", Name: "watchlist_screening", Label: "pass", Upto: 100, N: 2, MS: 90}
	if err := b.AddTallies(b.ctx, b.tenant, []kyc.Tally{one, {Day: day.AddDate(0, 0, -1), Measure: "check", Name: "age", Label: "fail", N: 1, MS: 7}, one}); err != nil {
		t.Fatal(err)
	}
	if err := b.AddTallies(b.ctx, b.tenant, []kyc.Tally{one}); err != nil {
		t.Fatal(err)
	}
	if err := b.AddTallies(b.ctx, b.tenant, nil); err != nil {
		t.Fatal(err)
	}
	got := must[[]kyc.Tally](t)(b.Tallies(b.ctx, b.tenant, day.AddDate(0, 0, -1), day.AddDate(0, 0, 1)))
	one.N, one.MS = 6, 270
	same(t, "tallies", got, []kyc.Tally{{Day: day.AddDate(0, 0, -1), Measure: "check", Name: "age", Label: "fail", N: 1, MS: 7}, one})
	if early := must[[]kyc.Tally](t)(b.Tallies(b.ctx, b.tenant, day.AddDate(0, 0, -1), day)); len(early) != 1 || early[0].Name != "age" {
		t.Errorf("the end of a period is not exclusive: %+v", early)
	}
	way := kyc.Tally{Day: day, Measure: "node", Name: "w-1/3", Label: "ocr\tpassed", N: 1, MS: 5}
	if err := b.AddTallies(b.ctx, b.tenant, []kyc.Tally{way, {Day: day, Measure: "node", Name: "w-12/3", Label: "ocr\tpassed", N: 1}, {Day: day, Measure: "check", Name: "w-1/3", Label: "pass", Upto: 1, N: 1}}); err != nil {
		t.Fatal(err)
	}
	same(t, "tallies of a workflow's runs", must[[]kyc.Tally](t)(b.WalkTallies(b.ctx, b.tenant, "w-1", day, day.AddDate(0, 0, 1))), []kyc.Tally{way})
	if found := must[[]kyc.Tally](t)(b.Tallies(b.ctx, b.tenant, day, day.AddDate(0, 0, 1))); len(found) != 2 {
		t.Errorf("ways of runs stand among the other counts: %+v", found)
	}
	for _, elsewhere := range []kyc.Tenant{{Org: b.tenant.Org, Env: other(b.tenant.Env)}, {Org: b.id(), Env: b.tenant.Env}} {
		if found := must[[]kyc.Tally](t)(b.WalkTallies(b.ctx, elsewhere, "w-1", day, day.AddDate(0, 0, 1))); len(found) != 0 {
			t.Errorf("%d tallies of runs reach %v", len(found), elsewhere)
		}
		if found := must[[]kyc.Tally](t)(b.Tallies(b.ctx, elsewhere, day.AddDate(0, 0, -1), day.AddDate(0, 0, 1))); len(found) != 0 {
			t.Errorf("%d tallies reach %v", len(found), elsewhere)
		}
	}
}

// facts says that figures see every session, journey and review of a period,
// of one tenant and environment, also of erased people.
func facts(t *testing.T, b *bench) {
	begin := b.clock.Now()
	ada := b.subject(t)
	early := b.session(ada.ID)
	b.clock.Advance(time.Hour)
	late := b.session(ada.ID)
	late.Surface, late.ReasonCode, late.TokenUsedAt, late.SubmittedAt = kyc.SurfaceSteps, "watchlist_hit", b.clock.Now(), b.clock.Now().Add(time.Minute)
	late.Status, late.Result, late.CompletedAt = kyc.SessionRejected, kyc.Rejected, b.clock.Now().Add(2*time.Minute)
	steps := []kyc.StepState{{StepID: "id", Status: kyc.StepCompleted, StartedAt: b.clock.Now(), CompletedAt: b.clock.Now().Add(time.Second)}, {StepID: "selfie", Status: kyc.StepPending}}
	way := &kyc.Journey{Meta: late.Meta, SubjectID: ada.ID, Steps: steps}
	review := &kyc.Case{Meta: b.meta(), SessionID: late.ID, SubjectID: ada.ID, Status: kyc.CaseRejected, Queue: "default", EnteredReviewAt: b.clock.Now(),
		Decision: &kyc.CaseDecision{Outcome: kyc.Rejected, ReviewerID: "eve", At: b.clock.Now().Add(time.Minute), By: kyc.SystemActor("test")},
		Private:  kyc.CaseData{Decision: "never read here"}}
	b.put(t, early, late, way, review)
	b.eraseSubject(t, ada.ID, nil)

	sessions := func(of kyc.Tenant, from, to time.Time) (out []kyc.SessionFact) {
		if err := b.EachSessionFact(b.ctx, of, from, to, func(f kyc.SessionFact) error { out = append(out, f); return nil }); err != nil {
			t.Fatal(err)
		}
		return out
	}
	end := b.clock.Now().Add(time.Second)
	got := sessions(b.tenant, begin, end)
	if len(got) != 2 || got[0].ID != early.ID {
		t.Fatalf("facts %+v", got)
	}
	same(t, "a fact", got[1], kyc.SessionFact{ID: late.ID, Surface: late.Surface, WorkflowID: late.WorkflowID, Status: late.Status, CreatedAt: late.CreatedAt, Result: late.Result,
		ReasonCode: late.ReasonCode, OpenedAt: late.TokenUsedAt, SubmittedAt: late.SubmittedAt, CompletedAt: late.CompletedAt})
	if part := sessions(b.tenant, begin, late.CreatedAt); len(part) != 1 {
		t.Errorf("%d facts before the second session", len(part))
	}
	var ways []kyc.JourneyFact
	if err := b.EachJourneyFact(b.ctx, b.tenant, begin, end, func(f kyc.JourneyFact) error { ways = append(ways, f); return nil }); err != nil {
		t.Fatal(err)
	}
	same(t, "journeys", ways, []kyc.JourneyFact{{SessionID: late.ID, Steps: steps}})
	var cases []kyc.CaseFact
	if err := b.EachCaseFact(b.ctx, b.tenant, begin, end, func(f kyc.CaseFact) error { cases = append(cases, f); return nil }); err != nil {
		t.Fatal(err)
	}
	same(t, "reviews", cases, []kyc.CaseFact{{Status: kyc.CaseRejected, Queue: "default", EnteredAt: review.EnteredReviewAt, Last: review.Decision}})

	for _, elsewhere := range []kyc.Tenant{{Org: b.tenant.Org, Env: other(b.tenant.Env)}, {Org: b.id(), Env: b.tenant.Env}} {
		found := len(sessions(elsewhere, begin, end))
		err := b.EachJourneyFact(b.ctx, elsewhere, begin, end, func(kyc.JourneyFact) error { found++; return nil })
		if err == nil {
			err = b.EachCaseFact(b.ctx, elsewhere, begin, end, func(kyc.CaseFact) error { found++; return nil })
		}
		if err != nil || found != 0 {
			t.Errorf("%d facts reach %v: %v", found, elsewhere, err)
		}
	}
}

// alike says that people who share a blind index are found, within one tenant,
// and no longer once one of them is erased.
func alike(t *testing.T, b *bench) {
	ada, eve, mallory := b.subject(t), b.subject(t), b.subject(t)
	b.commit(t, kyc.Change{TraitTenant: b.tenant, Traits: []kyc.Trait{{Kind: "email", Hash: "h", SubjectID: ada.ID, SessionID: b.id()}, {Kind: "email", Hash: "h", SubjectID: eve.ID, SessionID: b.id()},
		{Kind: "email", Hash: "h", SubjectID: eve.ID, SessionID: b.id()}, {Kind: "phone", Hash: "p", SubjectID: ada.ID}, {Kind: "phone", Hash: "p", SubjectID: eve.ID},
		{Kind: "device", Hash: "p", SubjectID: mallory.ID}, {Kind: "email", Hash: "h"}}})
	same(t, "similar people", must[[]kyc.Trait](t)(b.Alike(b.ctx, b.tenant, ada.ID)), []kyc.Trait{{Kind: "email", SubjectID: eve.ID}, {Kind: "phone", SubjectID: eve.ID}})
	for _, elsewhere := range []kyc.Tenant{{Org: b.tenant.Org, Env: other(b.tenant.Env)}, {Org: b.id(), Env: b.tenant.Env}} {
		if found := must[[]kyc.Trait](t)(b.Alike(b.ctx, elsewhere, ada.ID)); len(found) != 0 {
			t.Errorf("%d similar people reach %v", len(found), elsewhere)
		}
	}
	b.commit(t, kyc.Change{Erase: []kyc.ID{eve.ID}, Events: []kyc.Event{b.event("identity.redact")}})
	if found := must[[]kyc.Trait](t)(b.Alike(b.ctx, b.tenant, ada.ID)); len(found) != 0 {
		t.Errorf("an erased person is similar: %+v", found)
	}
}
