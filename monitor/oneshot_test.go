package monitor

import (
	"context"
	"fmt"
	"testing"

	"bonafide/kyc"
)

// Articles that name somebody and that nobody read are no low risk.
func TestUnreadNewsIsNoLowRisk(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{"language_not_read": "MEDIUM_RISK", "too_many_articles": "MEDIUM_RISK", "named_only": "LOW_RISK"} {
		a := kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.VerdictReview, Details: map[string]any{"risk_score": 0.0}, Reasons: []kyc.Reason{{Code: code}}}
		if got := mediaOf(a); got.Decision != want || got.RiskScore != 0 {
			t.Errorf("%s: %+v, want %s", code, got, want)
		}
	}
}

// A name without any word to look for is the question's fault: asking again
// later would not help.
func TestNewsOfAnEmptyNameIsABadQuestion(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.d.Examine = func(context.Context, kyc.CheckRequest) kyc.Answer {
		return kyc.Answer{Status: kyc.StatusError, Reasons: []kyc.Reason{{Code: "name_unscreenable", Message: "no word"}}}
	}
	_, err := b.News(b.ctx, b.live, b.by, "Ltd", "company", "", nil, nil)
	if e := wantCode(t, err, kyc.Invalid, "invalid_question"); len(e.Problems) != 1 || e.Problems[0].Path != "/name" || e.Problems[0].Code != "name_unscreenable" {
		t.Errorf("%+v", e)
	}
}

// The age of a person is two years of birth for the check; that of a company
// says nothing.
func TestNewsOfAPersonOfAnAge(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var asked kyc.CheckRequest
	b.d.Examine = func(_ context.Context, r kyc.CheckRequest) kyc.Answer {
		asked = r
		return kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass, Details: map[string]any{"risk_score": 0.0}}
	}
	age := 45
	for kind, want := range map[string]any{"person": fmt.Sprintf("%d/%d", b.d.Clock.Now().Year()-46, b.d.Clock.Now().Year()-45), "company": nil} {
		if _, err := b.News(b.ctx, b.live, b.by, "Anna Muster", kind, "", &age, nil); err != nil {
			t.Fatal(err)
		}
		if got := asked.Fields["born"]; got != want {
			t.Errorf("%s: born is %v and not %v", kind, got, want)
		}
	}
}
