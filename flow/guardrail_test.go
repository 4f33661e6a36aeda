package flow

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"bonafide/kyc"
)

func share(n kyc.Share) *kyc.Share { return &n }

func TestARolloutLeavesItsBoundsOnlyWithEnoughSessions(t *testing.T) {
	t.Parallel()
	tally := func(sessions, errors, rejections, reviews int) kyc.TrialTally {
		return kyc.TrialTally{Sessions: sessions, Errors: errors, Rejections: rejections, Reviews: reviews}
	}
	for name, c := range map[string]struct {
		g           kyc.Guardrails
		fresh, rest kyc.TrialTally
		want        string
	}{
		"too few":                {kyc.Guardrails{MaxErrors: share(0), MinSessions: 10}, tally(9, 9, 0, 0), tally(900, 0, 0, 0), ""},
		"enough":                 {kyc.Guardrails{MaxErrors: share(0), MinSessions: 10}, tally(10, 1, 0, 0), kyc.TrialTally{}, MaxErrorRate},
		"at the bound":           {kyc.Guardrails{MaxErrors: share(1000), MinSessions: 10}, tally(30, 3, 0, 0), kyc.TrialTally{}, ""},
		"above it":               {kyc.Guardrails{MaxErrors: share(1000), MinSessions: 10}, tally(30, 4, 0, 0), kyc.TrialTally{}, MaxErrorRate},
		"rejections":             {kyc.Guardrails{MaxErrors: share(1000), MaxRejections: share(2500), MinSessions: 4}, tally(4, 0, 2, 0), kyc.TrialTally{}, MaxRejectionRate},
		"reviews":                {kyc.Guardrails{MaxReviews: share(9999), MinSessions: 1}, tally(1, 0, 0, 1), kyc.TrialTally{}, MaxReviewRate},
		"all may be":             {kyc.Guardrails{MaxReviews: share(10000), MinSessions: 1}, tally(1, 0, 0, 1), kyc.TrialTally{}, ""},
		"errors rose":            {kyc.Guardrails{ErrorRise: share(500), MinSessions: 10}, tally(100, 16, 0, 0), tally(100, 10, 0, 0), MaxErrorDeviation},
		"errors rose by 5":       {kyc.Guardrails{ErrorRise: share(500), MinSessions: 10}, tally(100, 15, 0, 0), tally(100, 10, 0, 0), ""},
		"errors fell":            {kyc.Guardrails{ErrorRise: share(500), MinSessions: 10}, tally(100, 0, 0, 0), tally(100, 50, 0, 0), ""},
		"rejections fell":        {kyc.Guardrails{RejectionDiff: share(500), MinSessions: 10}, tally(100, 0, 0, 0), tally(50, 0, 10, 0), MaxRejectionDeviation},
		"reviews rose":           {kyc.Guardrails{ReviewDiff: share(0), MinSessions: 10}, tally(10, 0, 0, 2), tally(10, 0, 0, 1), MaxReviewDeviation},
		"nothing to compare yet": {kyc.Guardrails{ReviewDiff: share(0), MinSessions: 10}, tally(10, 0, 0, 9), tally(9, 0, 0, 0), ""},
	} {
		b := Breached(c.g, c.fresh, c.rest)
		got := ""
		if b != nil {
			got = b.Bound
			if b.Fresh != c.fresh || b.Rest != c.rest {
				t.Errorf("%s: the finding rests on %+v", name, b)
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// More sessions that end as the bound allows never make a breach, and one that
// is there does not go away by more of the same.
func TestABreachGrowsWithWhatCausesIt(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		n := 1 + random.IntN(200)
		x := kyc.TrialTally{Sessions: n, Errors: random.IntN(n + 1)}
		g := kyc.Guardrails{MaxErrors: share(kyc.Share(random.IntN(10001))), MinSessions: 1 + random.IntN(50)}
		worse, better := x, x
		worse.Add(kyc.TrialError, 1)
		better.Add(kyc.TrialApproved, 1)
		broken := func(t kyc.TrialTally) bool { return Breached(g, t, kyc.TrialTally{}) != nil }
		if broken(x) && !broken(worse) || x.Sessions >= g.MinSessions && !broken(x) && broken(better) {
			t.Fatalf("%+v %+v", g, x)
		}
	}
}

func TestGuardrailsAreCheckedWhole(t *testing.T) {
	t.Parallel()
	problems := GuardrailProblems(kyc.Guardrails{MaxErrors: share(10001), ReviewDiff: share(-1), WindowHours: 5000}, "/guardrails")
	got := ""
	for _, p := range problems {
		got += fmt.Sprint(p.Path, " ", p.Code, "; ")
	}
	if want := "/guardrails/max_error_rate out_of_range; /guardrails/max_review_deviation out_of_range; /guardrails/min_sessions out_of_range; /guardrails/window_hours out_of_range; "; got != want {
		t.Errorf("%s", got)
	}
	if p := GuardrailProblems(kyc.Guardrails{MinSessions: 5}, "/g"); len(p) != 1 || p[0].Path != "/g" || p[0].Code != "no_bound" {
		t.Errorf("%+v", p)
	}
	if p := GuardrailProblems(kyc.Guardrails{MinSessions: 5, MaxReviews: share(1)}, "/g"); len(p) != 0 {
		t.Errorf("%+v", p)
	}
}
