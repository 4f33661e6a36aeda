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

// Whose opinion is kept is known by any of their names; what they said of checks and
// hits goes with it, and what others said stays.
func TestWhatIsKeptOfAFirstOpinion(t *testing.T) {
	t.Parallel()
	ada, bob := Actor{Kind: ActorUser, ID: "ada"}, Actor{Kind: ActorUser, ID: "bob"}
	on := Settings{SecondUnaware: true}
	c := Case{Status: CaseSecond, First: &CaseDecision{Outcome: Approved, ReviewerID: "ada", By: ada}}
	c.Private.First = "why"
	c.Escalation, c.Private.Escalation = &Escalation{From: "ada", To: "bob"}, "it looks forged"
	c.Overrides = []CheckOverride{{Policy: "a", By: ada}, {Policy: "b", By: bob}}
	c.Private.Hits = []JudgedHit{{EntryID: "1", By: ada}, {EntryID: "2", By: bob}, {EntryID: "3", By: Actor{Kind: ActorKey, ID: "k"}, Person: "Ada"}}
	for name, x := range map[string]struct {
		names []string
		rules Settings
		state CaseStatus
		want  bool
	}{
		"another":             {[]string{"bob", "bob@example.org"}, on, CaseSecond, true},
		"another, at work":    {[]string{"bob"}, on, CaseInReview, true},
		"who gave it":         {[]string{"x", "ADA"}, on, CaseSecond, false},
		"decided":             {[]string{"bob"}, on, CaseApproved, false},
		"nobody wants that":   {[]string{"bob"}, Settings{}, CaseSecond, false},
		"nobody, by no names": {[]string{""}, on, CaseSecond, true},
	} {
		one := c
		one.Status = x.state
		if got := one.FirstKept(x.names, x.rules); got != x.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	none := Case{Status: CaseOpen}
	if none.FirstKept([]string{"bob"}, on) {
		t.Error("what is not there is kept")
	}
	got := c.WithoutFirst()
	if got.First != nil || got.Private.First != "" || len(got.Overrides) != 1 || got.Overrides[0].Policy != "b" || len(got.Private.Hits) != 1 || got.Private.Hits[0].EntryID != "2" {
		t.Errorf("what is left is %+v", got)
	}
	if got.Escalation == nil || got.Private.Escalation != "" {
		t.Errorf("why they handed it on: %+v %q", got.Escalation, got.Private.Escalation)
	}
	if c.First == nil || len(c.Overrides) != 2 || len(c.Private.Hits) != 3 || c.Private.Escalation == "" {
		t.Error("the case itself was changed")
	}
	c.Escalation.From = "bob"
	if got := c.WithoutFirst(); got.Private.Escalation == "" {
		t.Error("why another one handed it on is kept")
	}
	// The first word came by the machine that speaks for Ada, the others from herself.
	c.First.By = Actor{Kind: ActorKey, ID: "k", OnBehalfOf: "ada@example.org"}
	if got := c.WithoutFirst(); len(got.Overrides) != 1 || len(got.Private.Hits) != 1 {
		t.Errorf("what she said signed in is left: %+v %+v", got.Overrides, got.Private.Hits)
	}
}
