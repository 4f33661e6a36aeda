package rule

// Action is what a rule asks for (api.md 3.6.2).
type Action string

// The actions, from the strongest to the weakest.
const (
	AutoDeny     Action = "auto_deny"
	ManualReview Action = "manual_review"
	Flag         Action = "flag"
	AutoApprove  Action = "auto_approve"
	NoAction     Action = "no_action"
)

// Actions lists every action in order of precedence, the strongest first.
func Actions() []Action {
	return []Action{AutoDeny, ManualReview, Flag, AutoApprove, NoAction}
}

// Rank orders actions: auto_deny 4, manual_review 3, flag 2, auto_approve 1,
// no_action 0. A word that is no action ranks as manual_review: nobody knows
// what its author meant.
func (a Action) Rank() int {
	switch a {
	case AutoDeny:
		return 4
	case ManualReview:
		return 3
	case Flag:
		return 2
	case AutoApprove:
		return 1
	case NoAction:
		return 0
	}
	return ManualReview.Rank()
}

// Known reports whether the word is one of Actions.
func (a Action) Known() bool {
	switch a {
	case AutoDeny, ManualReview, Flag, AutoApprove, NoAction:
		return true
	}
	return false
}

// Approves reports whether a session with this outcome becomes approved.
func (a Action) Approves() bool { return a == AutoApprove || a == Flag }

// restricts reports whether the action keeps a session from being approved
// without a person looking at it.
func (a Action) restricts() bool { return a.Rank() >= ManualReview.Rank() }

// FinalDecision is the word of the processing result: rejected,
// manual_review, flagged or approved. Anything but an approving or denying
// action leaves the session to a reviewer.
func (a Action) FinalDecision() string {
	switch a {
	case AutoDeny:
		return "rejected"
	case Flag:
		return "flagged"
	case AutoApprove:
		return "approved"
	}
	return "manual_review"
}
