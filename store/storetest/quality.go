package storetest

import (
	"fmt"
	"testing"
	"time"

	"bonafide/kyc"
)

// qualityCases says that cases drawn for a second look are listed by their state,
// counted for figures, and end with their person.
func qualityCases(t *testing.T, b *bench) {
	start := b.clock.Now()
	ada := b.subject(t)
	verdict := &kyc.QualityVerdict{Outcome: kyc.Rejected, ReviewerID: "eve", ReasonCodes: []string{"document_forged"}, At: start, By: kyc.SystemActor("test"), Blind: true}
	var all []*kyc.Case
	for i, q := range []*kyc.QualityCheck{
		{State: kyc.QualityWaiting, Share: 10, At: start.Add(2 * time.Hour)},
		{State: kyc.QualityWaiting, Share: 10, At: start.Add(time.Hour), TakenBy: "u", TakenAt: start},
		{State: kyc.QualityDone, Share: 12.5, At: start.Add(3 * time.Hour), ReasonCode: "other", Verdict: verdict},
		{State: kyc.QualityDone, Share: 100, At: start.Add(4 * time.Hour), Verdict: verdict},
		{State: kyc.QualityVoid, Share: 100, At: start},
		{Share: 10, At: start}, // decided while a share held, and not drawn
		nil,
	} {
		c := &kyc.Case{Meta: b.meta(), SubjectID: ada.ID, Sequence: int64(i), Status: kyc.CaseApproved, Queue: "q", EnteredReviewAt: start, Quality: q,
			First:    &kyc.CaseDecision{Outcome: kyc.Approved, ReviewerID: "one", At: start, By: kyc.SystemActor("test")},
			Decision: &kyc.CaseDecision{Outcome: kyc.Approved, ReviewerID: "two", At: start, By: kyc.SystemActor("test")}}
		if i == 3 {
			c.Queue = "r"
		}
		if q != nil && q.Verdict != nil {
			c.Private.Quality = "The photo is another person's."
		}
		b.put(t, c)
		all = append(all, c)
	}
	for name, c := range map[string]struct {
		filter kyc.QualityFilter
		want   string
	}{
		"waiting": {kyc.QualityFilter{State: kyc.QualityWaiting}, "[1 0]"},
		"done":    {kyc.QualityFilter{State: kyc.QualityDone}, "[3 2]"},
		"void":    {kyc.QualityFilter{State: kyc.QualityVoid}, "[4]"},
		"queue":   {kyc.QualityFilter{State: kyc.QualityDone, Queue: "r"}, "[3]"},
		"period":  {kyc.QualityFilter{State: kyc.QualityWaiting, From: start.Add(time.Hour), To: start.Add(2 * time.Hour)}, "[1]"},
	} {
		order, after := []int64{}, kyc.ID("")
		for {
			page, total, err := b.QualityCases(b.ctx, b.tenant, c.filter, kyc.Page{Limit: 1, After: after})
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				if total != len(order) {
					t.Errorf("%s: total %d of %d", name, total, len(order))
				}
				break
			}
			order, after = append(order, page[0].Sequence), page[0].ID
		}
		if fmt.Sprint(order) != c.want {
			t.Errorf("%s: %v, want %s", name, order, c.want)
		}
	}
	same(t, "what was kept", must[kyc.Case](t)(b.Case(b.ctx, b.tenant, all[2].ID)), *all[2])
	count := func(of kyc.Tenant, upto int) int { return must[int](t)(b.QualityCount(b.ctx, of, upto)) }
	if count(b.tenant, 10) != 2 || count(b.tenant, 1) != 1 {
		t.Errorf("%d wait, and %d with an end at one", count(b.tenant, 10), count(b.tenant, 1))
	}

	facts := func(of kyc.Tenant, from, to time.Time) (out []kyc.QualityFact) {
		if err := b.EachQualityFact(b.ctx, of, from, to, func(f kyc.QualityFact) error { out = append(out, f); return nil }); err != nil {
			t.Fatal(err)
		}
		return out
	}
	if got := facts(b.tenant, start, start.Add(24*time.Hour)); len(got) != 5 {
		t.Errorf("%d facts, want 5", len(got))
	}
	same(t, "the facts of a period", facts(b.tenant, start.Add(3*time.Hour), start.Add(4*time.Hour)), []kyc.QualityFact{{Queue: "q", Check: *all[2].Quality, First: all[2].First, Last: all[2].Decision}})
	for _, elsewhere := range []kyc.Tenant{{Org: b.tenant.Org, Env: other(b.tenant.Env)}, {Org: b.id(), Env: b.tenant.Env}} {
		found, total, err := b.QualityCases(b.ctx, elsewhere, kyc.QualityFilter{State: kyc.QualityWaiting}, kyc.Page{})
		if err != nil || len(found)+total+count(elsewhere, 10)+len(facts(elsewhere, start, start.Add(24*time.Hour))) != 0 {
			t.Errorf("drawn cases reach %v: %d of %d, %v", elsewhere, len(found), total, err)
		}
	}

	b.eraseSubject(t, ada.ID, nil)
	left := must[kyc.Case](t)(b.Case(b.ctx, b.tenant, all[2].ID))
	if !left.Private.Unreadable || left.Private.Quality != "" || left.Quality.Verdict == nil {
		t.Errorf("after the erasure: %+v, %+v", left.Private, left.Quality)
	}
}
