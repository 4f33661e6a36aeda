package kyc

import (
	"testing"
	"time"
)

func TestASecondWordIsNeededOfSomebodyElse(t *testing.T) {
	t.Parallel()
	now := time.Now()
	ada, bob := Actor{Kind: ActorUser, ID: "ada"}, Actor{Kind: ActorUser, ID: "bob"}
	dual := Settings{DualReview: true}
	recommended := func() *Case {
		c := &Case{Status: CaseOpen}
		c.Recommend(CaseDecision{Outcome: Approved, ReviewerID: ada.Reviewer(), At: now, By: ada})
		return c
	}
	held := &Case{Status: CaseInReview, AssignedTo: "ada", LastActivityAt: now}
	for name, c := range map[string]struct {
		review *Case
		by     Actor
		rules  Settings
		first  bool
		code   string
	}{
		"one pair of eyes":              {nil, ada, Settings{}, false, ""},
		"one pair of eyes, a case":      {&Case{Status: CaseOpen}, ada, Settings{}, false, ""},
		"one pair of eyes, held":        {held, bob, Settings{}, false, "not_claimable"},
		"two, no case yet":              {nil, ada, dual, true, ""},
		"two, a case without a word":    {&Case{Status: CaseOpen}, ada, dual, true, ""},
		"two, held by somebody":         {held, bob, dual, false, "not_claimable"},
		"two, the same person again":    {recommended(), ada, dual, false, "same_reviewer"},
		"two, the second person speaks": {recommended(), bob, dual, false, ""},
		"the rule went meanwhile":       {recommended(), ada, Settings{}, false, ""},
	} {
		first, _, err := NeedsSecond(t.Context(), noEvents{}, &Session{}, c.review, c.by, nil, now, c.rules)
		if first != c.first || c.code == "" && err != nil || c.code != "" && !IsCode(err, c.code) {
			t.Errorf("%s: %v, %v", name, first, err)
		}
	}
}

func TestADecisionReachesThePerson(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		was     SubjectStatus
		outcome Outcome
		want    SubjectStatus
	}{
		{SubjectPending, Approved, SubjectApproved},
		{SubjectApproved, Rejected, SubjectRejected},
		{SubjectRejected, Rejected, SubjectRejected},
		{SubjectApproved, NeedsReview, SubjectApproved},
		{SubjectRedacted, Approved, SubjectRedacted},
	} {
		p := Subject{Status: c.was}
		if changed := p.Judge(c.outcome); p.Status != c.want || changed != (c.was != c.want) {
			t.Errorf("%s and %s: %s, changed %v", c.was, c.outcome, p.Status, changed)
		}
	}
	for next, want := range map[SessionStatus]Outcome{SessionApproved: Approved, SessionRejected: Rejected, SessionCancelled: Rejected} {
		if got := DecisionOf(next); got != want {
			t.Errorf("%s: %s", next, got)
		}
	}
}
