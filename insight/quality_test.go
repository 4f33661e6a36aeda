package insight

import (
	"math"
	"testing"
	"time"

	"bonafide/kyc"
)

// The interval is checked against the values of Newcombe, Two-sided confidence
// intervals for the single proportion (Statistics in Medicine 17, 1998), table I,
// method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
func TestAgreementHasWilsonsInterval(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		agreed, of int
		low, high  float64
	}{{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}} {
		var r QualityRow
		r.Pairs[0][0], r.Pairs[0][1] = c.agreed, c.of-c.agreed
		share, low, high, ok := r.Share()
		if !ok || math.Abs(share-float64(c.agreed)/float64(c.of)) > 1e-12 || math.Abs(low-c.low) > 5e-5 || math.Abs(high-c.high) > 5e-5 {
			t.Errorf("%d of %d: %v, %.4f to %.4f, want %.4f to %.4f", c.agreed, c.of, share, low, high, c.low, c.high)
		}
	}
	if _, _, _, ok := (QualityRow{Drawn: 3, Waiting: 3}).Share(); ok {
		t.Error("a share of nothing")
	}
}

func TestKappa(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pairs [2][2]int
		want  float64
		ok    bool
	}{
		"by hand":          {[2][2]int{{20, 5}, {10, 15}}, 0.4, true}, // 0.7 observed, 0.5 by chance
		"full":             {[2][2]int{{3, 0}, {0, 4}}, 1, true},
		"against":          {[2][2]int{{0, 2}, {2, 0}}, -1, true},
		"always the same":  {[2][2]int{{9, 0}, {0, 0}}, 0, false},
		"without verdicts": {},
	} {
		if got, ok := (QualityRow{Pairs: c.pairs}).Kappa(); ok != c.ok || math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s: %v %v, want %v", name, got, ok, c.want)
		}
	}
}

func TestSecondLooksAreCountedByTheirWords(t *testing.T) {
	t.Parallel()
	by := func(who string, o kyc.Outcome) *kyc.CaseDecision {
		return &kyc.CaseDecision{Outcome: o, ReviewerID: who, By: kyc.Actor{Kind: kyc.ActorUser, ID: who}}
	}
	check := func(state kyc.QualityState, o kyc.Outcome) kyc.QualityCheck {
		q := kyc.QualityCheck{State: state, ReasonCode: "forged"}
		if o != "" {
			q.Verdict = &kyc.QualityVerdict{Outcome: o}
		}
		return q
	}
	machine := &kyc.CaseDecision{Outcome: kyc.Approved, ReviewerID: "key", By: kyc.Actor{Kind: kyc.ActorKey, ID: "key", OnBehalfOf: "olga"}}
	m := New(&memory{checks: []kyc.QualityFact{
		{Queue: "a", Check: check(kyc.QualityDone, kyc.Rejected), First: by("ada", kyc.Rejected), Last: by("eve", kyc.Approved)}, // eve overruled ada, the checker sides with ada
		{Queue: "a", Check: check(kyc.QualityDone, kyc.Approved), Last: machine},
		{Queue: "b", Check: check(kyc.QualityWaiting, ""), Last: by("ada", kyc.Approved)},
		{Queue: "b", Check: check(kyc.QualityVoid, ""), Last: by("ada", kyc.Approved)},
		{Queue: "b", Check: check(kyc.QualityDone, kyc.Approved)}, // damaged
	}}, &hand{now: noon})
	q, err := m.Quality(t.Context(), kyc.Tenant{}, noon.Add(-time.Hour), noon)
	if err != nil {
		t.Fatal(err)
	}
	if a := q.All; a.Drawn != 4 || a.Waiting != 1 || a.Void != 1 || a.Looked() != 2 || a.Agreed() != 1 || a.Disagreed() != 1 {
		t.Errorf("all: %+v", a)
	}
	rows := map[string]QualityRow{}
	for _, r := range q.Reviewers {
		rows[r.Name] = r
	}
	if r := rows["ada"]; r.Drawn != 3 || r.Agreed() != 1 || r.Disagreed() != 0 {
		t.Errorf("the first reviewer, who was right: %+v", r)
	}
	if r := rows["eve"]; r.Drawn != 1 || r.Agreed() != 0 || r.Disagreed() != 1 {
		t.Errorf("the second: %+v", r)
	}
	if r := rows["olga"]; r.Agreed() != 1 || len(rows) != 3 {
		t.Errorf("whom a machine spoke for: %+v of %v", r, rows)
	}
	if len(q.Queues) != 2 || q.Queues[0].Drawn != 2 || len(q.Reasons) != 1 || q.Reasons[0].Name != "forged" {
		t.Errorf("queues %+v, reasons %+v", q.Queues, q.Reasons)
	}
	for _, from := range []time.Time{noon, noon.Add(time.Hour), noon.Add(-MaxQuality - time.Second)} {
		if _, err := m.Quality(t.Context(), kyc.Tenant{}, from, noon); !kyc.IsCode(err, "period_out_of_range") {
			t.Errorf("from %s: %v", from, err)
		}
	}
}
