package kyc

import (
	"encoding/hex"
	"math"
	"math/bits"
	"slices"
	"strings"
	"time"
)

// QualityShares say how many of the cases that people decide are looked at again
// (api.md 6.11), in per cent: 0 to 100 with at most two decimals.
type QualityShares struct {
	Share float64 `json:"share"`
	// Approvals and Rejections hold in place of Share for cases decided so; nil:
	// Share does.
	Approvals  *float64 `json:"approvals,omitempty"`
	Rejections *float64 `json:"rejections,omitempty"`
}

// Of is the share of the cases that were decided so.
func (q QualityShares) Of(o Outcome) float64 {
	switch {
	case o == Approved && q.Approvals != nil:
		return *q.Approvals
	case o == Rejected && q.Rejections != nil:
		return *q.Rejections
	}
	return q.Share
}

// Problems are what keeps the shares from being used.
func (q QualityShares) Problems(at string) []Problem {
	var out []Problem
	for _, one := range []struct {
		name  string
		share *float64
	}{{"share", &q.Share}, {"approvals", q.Approvals}, {"rejections", q.Rejections}} {
		switch {
		case one.share == nil:
		case !(*one.share >= 0 && *one.share <= 100):
			out = append(out, Problem{Path: at + "/" + one.name, Code: "out_of_range", Message: "0 to 100 per cent"})
		case math.Abs(*one.share*100-math.Round(*one.share*100)) > 1e-6:
			out = append(out, Problem{Path: at + "/" + one.name, Code: "too_precise", Message: "at most two decimals"})
		}
	}
	return out
}

// QualityShare is the share, in per cent, of the cases of a queue that were
// decided so: the queue's own, else that of the environment.
func (s Settings) QualityShare(queue string, o Outcome) float64 {
	if own := s.Queue(queue).Quality; own != nil {
		return own.Of(o)
	}
	return s.Quality.Of(o)
}

// QualityDrawn reports whether a case is among a share (in per cent) of all. mark is
// the case's blind index in hex (64 bits or more): nobody without the tenant's key
// can tell it, and every node finds the same. A case that is in a share is in every
// larger one.
func QualityDrawn(mark string, share float64) bool {
	raw, err := hex.DecodeString(mark)
	if err != nil || len(raw) < 8 {
		return true // what cannot be told is rather looked at
	}
	var n uint64
	for _, b := range raw[:8] {
		n = n<<8 | uint64(b)
	}
	place, _ := bits.Mul64(n, uint64(Whole)) // 0 to 9999, each as likely
	return place < uint64(math.Round(share*100))
}

// QualityState is where the second look at a decided case stands.
type QualityState string

// States of the second look. A case that was not drawn has none.
const (
	QualityWaiting QualityState = "waiting"
	QualityDone    QualityState = "done"
	// QualityVoid is of a case that nobody can look at any more, because the data
	// was erased or is withheld.
	QualityVoid QualityState = "void"
)

// Known reports whether it is one of them.
func (s QualityState) Known() bool {
	return s == QualityWaiting || s == QualityDone || s == QualityVoid
}

// QualityCheck is the second look at a case that people decided, made after the
// fact and without the decision in sight. It changes nothing of the decision. What
// the checker wrote is in Case.Private.
type QualityCheck struct {
	State QualityState `json:"state,omitempty"` // empty: not drawn
	Share float64      `json:"share"`           // in force at the decision, per cent
	At    time.Time    `json:"at"`              // of the decision
	// ReasonCode is that of the decision, where it is one of the organisation's list
	// or of the program.
	ReasonCode string          `json:"reason_code,omitempty"`
	TakenBy    string          `json:"taken_by,omitempty"`
	TakenAt    time.Time       `json:"taken_at,omitzero"`
	Verdict    *QualityVerdict `json:"verdict,omitempty"`
}

// QualityVerdict is what the checker would have decided.
type QualityVerdict struct {
	Outcome     Outcome   `json:"outcome"` // approved or rejected
	ReviewerID  string    `json:"reviewer_id"`
	ReasonCodes []string  `json:"reason_codes"` // of the organisation's list
	At          time.Time `json:"at"`
	By          Actor     `json:"by"`
	// Blind says that the console kept the decision from the checker.
	Blind  bool `json:"blind,omitempty"`
	Agrees bool `json:"agrees"` // with the decision
}

// Checkable reports whether the case waits for its second look.
func (c *Case) Checkable() bool { return c.Quality != nil && c.Quality.State == QualityWaiting }

// CheckHeld reports whether somebody is at the second look.
func (c *Case) CheckHeld(now time.Time, s Settings) bool {
	return c.Checkable() && c.Quality.TakenBy != "" && now.Sub(c.Quality.TakenAt) < s.Lapse()
}

// Blinded is the case without anything that tells how it was decided, by whom, or
// what its reviewers thought: what a checker sees before their own verdict.
func (c *Case) Blinded() Case {
	b := *c
	b.Status, b.AssignedTo, b.ClaimedAt = CaseInReview, "", time.Time{}
	b.First, b.Decision, b.Escalation, b.Overrides, b.Quality, b.FourEyes = nil, nil, nil, nil, nil, false
	b.Private = CaseData{Unreadable: c.Private.Unreadable}
	return b
}

// TookPart reports whether somebody had a hand in how the case was decided: with
// either word, a hand-over, a correction of a check or a word on a hit. names are
// all that they are called: their id, their e-mail address.
func (c *Case) TookPart(names []string) bool {
	theirs := func(who string) bool {
		return who != "" && slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, who) })
	}
	by := func(a Actor) bool { return a.Kind != ActorSystem && (theirs(a.ID) || theirs(a.OnBehalfOf)) }
	for _, d := range []*CaseDecision{c.First, c.Decision} {
		if d != nil && (theirs(d.ReviewerID) || by(d.By)) {
			return true
		}
	}
	return c.Escalation != nil && theirs(c.Escalation.From) ||
		slices.ContainsFunc(c.Overrides, func(o CheckOverride) bool { return by(o.By) }) ||
		slices.ContainsFunc(c.Private.Hits, func(h JudgedHit) bool { return theirs(h.Person) || by(h.By) })
}

// QualityFilter selects cases that were drawn for a second look. Empty fields do not
// filter.
type QualityFilter struct {
	// State is waiting (longest waiting first), done or void (newest first);
	// obligatory.
	State QualityState
	Queue string
	// From and To (exclusive) look at the time of the decision.
	From, To time.Time
}

// QualityFact is what figures need of a case that was drawn.
type QualityFact struct {
	Queue       string
	Check       QualityCheck
	First, Last *CaseDecision
}

// Closing is the end of a review that is decided outside of its case.
type Closing struct {
	Outcome Outcome
	By      Actor
	// Code is a reason code, never what a reviewer wrote.
	Code string
	// Reviewed says that a person decided, so that the case may be drawn for a
	// second look; a run, or a session that is called off, decides nobody.
	Reviewed bool
	// Checklist are the points of the queue's checklist that it confirms.
	Checklist []string
}
