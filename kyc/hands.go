package kyc

import (
	"context"
	"slices"
	"strings"
	"time"
)

// EventFinder reads the audit chain.
type EventFinder interface {
	Events(ctx context.Context, t Tenant, f EventFilter, p Page) ([]Event, int, error)
}

// OneHand reports whether two words that must be two people's come from one: the
// same signed-in person, in whatever name, or a person once as themselves and
// once by an API key they made. Two words by keys are the customer's own system,
// which vouches for its people by name.
func OneHand(ctx context.Context, s EventFinder, t Tenant, first, second Actor) (bool, error) {
	key, user := second, first
	if key.Kind != ActorKey {
		key, user = user, key
	}
	switch {
	case user.Kind != ActorUser:
		return false, nil
	case key.Kind == ActorUser:
		return key.ID == user.ID, nil
	case key.Kind != ActorKey:
		return false, nil
	}
	made, _, err := s.Events(ctx, t, EventFilter{Object: "api_key", ObjectID: ID(key.ID), Action: "key.create"}, Page{Limit: 1})
	if err != nil {
		return false, err
	}
	for _, e := range made {
		if e.Actor.Kind == ActorUser && e.Actor.ID == user.ID {
			return true, nil
		}
	}
	return false, nil
}

// Reviewer is who a credential speaks for. A person speaks for nobody else,
// whatever a header says: one person in two names would be two reviewers.
func (a Actor) Reviewer() string {
	if a.OnBehalfOf != "" && a.Kind != ActorUser {
		return a.OnBehalfOf
	}
	return a.ID
}

// Lapse is how long a claim on a review lives without activity.
func (s Settings) Lapse() time.Duration {
	if s.ClaimLapse > 0 {
		return s.ClaimLapse
	}
	return DefaultSettings().ClaimLapse
}

// Held reports whether somebody's claim on the review is alive.
func (c *Case) Held(now time.Time, s Settings) bool {
	return c.AssignedTo != "" && (c.Status == CaseInReview || c.Status == CaseSecond) && now.Sub(c.LastActivityAt) < s.Lapse()
}

// NotTheirs refuses (409 not_claimable) a decision of who, by a credential, about
// a review that somebody else holds or that was escalated to somebody else.
func (c *Case) NotTheirs(by Actor, who string, now time.Time, s Settings) error {
	taken := c.Held(now, s) || c.AssignedTo != "" && c.Status == CaseEscalated
	if taken && !strings.EqualFold(c.AssignedTo, who) && c.AssignedTo != by.ID {
		return Errorf(Conflict, "not_claimable", "the review is claimed by somebody else")
	}
	return nil
}

// SameReviewer is the error of a second word that is the first reviewer's own.
func SameReviewer() error {
	return Errorf(Conflict, "same_reviewer", "the second review needs a different reviewer")
}

// OtherHand refuses (409 same_reviewer) a second word of who, by a credential,
// about a review that has a first one which was theirs, too: by name, by person
// or by credential.
func (c *Case) OtherHand(ctx context.Context, s EventFinder, by Actor, who string) error {
	one, err := OneHand(ctx, s, c.Tenant, c.First.By, by)
	if err != nil {
		return err
	}
	if one || c.First.ReviewerID != "" && strings.EqualFold(c.First.ReviewerID, who) || c.First.By == by {
		return SameReviewer()
	}
	return nil
}

// Recommend keeps the first word of a dual review; the case waits for the second.
func (c *Case) Recommend(d CaseDecision) {
	c.First = &d
	c.Status, c.AssignedTo, c.ClaimedAt, c.LastActivityAt = CaseSecond, "", time.Time{}, d.At
}

// FirstKept reports whether the first of two opinions is kept from a person: where
// the settings want the second one given without knowing it, until it is given. names
// are all that the person is called. Who gave the first one knows it.
func (c *Case) FirstKept(names []string, s Settings) bool {
	return s.SecondUnaware && c.First != nil && !c.Status.Decided() && !c.First.by(names)
}

// by reports whether a word is that of a person with these names.
func (d *CaseDecision) by(names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool {
		return n != "" && (strings.EqualFold(n, d.ReviewerID) || strings.EqualFold(n, d.By.ID) || strings.EqualFold(n, d.By.OnBehalfOf))
	})
}

// Theirs reports whether something was said or done by whose word this is: by the
// same credential for the same person, signed in as themselves, or in their name.
// who is the name that it was said in, "" where it has none.
func (d *CaseDecision) Theirs(by Actor, who string) bool {
	return by == d.By || by.Kind == ActorUser && strings.EqualFold(by.ID, d.ReviewerID) || who != "" && strings.EqualFold(who, d.ReviewerID)
}

// WithoutFirst is a case without its first opinion and without what its reviewer said
// of checks and hits, and why they once handed the case on.
func (c *Case) WithoutFirst() Case {
	out := *c
	if c.First == nil {
		return out
	}
	theirs := c.First.Theirs
	out.First, out.Private.First = nil, ""
	if c.Escalation != nil && theirs(Actor{}, c.Escalation.From) {
		out.Private.Escalation = ""
	}
	out.Overrides = slices.DeleteFunc(slices.Clone(c.Overrides), func(o CheckOverride) bool { return theirs(o.By, "") })
	out.Private.Hits = slices.DeleteFunc(slices.Clone(c.Private.Hits), func(h JudgedHit) bool { return theirs(h.By, h.Person) })
	return out
}

// WordStore reads what a decision about a session stands on.
type WordStore interface {
	EventFinder
	SkillStore
}

// TwoDecide reports whether two people decide about a session: everywhere, or
// because of the queue that its last review was in, decided or not.
func TwoDecide(ctx context.Context, r CaseReader, session *Session, s Settings) (bool, error) {
	if s.DualReview || session.CaseID == "" {
		return s.DualReview, nil
	}
	c, err := r.Case(ctx, session.Tenant, session.CaseID)
	return err == nil && s.TwoDecide(&c), err
}

// NeedsSecond reports whether a decision about a session is the first word of two,
// which its case keeps while it waits for another person. c is the session's
// undecided review, nil when there is none. It refuses (409 not_claimable,
// same_reviewer) a decision about a review that is somebody else's, and a second
// word that is the first reviewer's own, (403 skills_missing) one by who lacks
// the skills that its queue asks for, and (422 checklist_incomplete) one that does not
// confirm its checklist; ticked are the points that it confirms, and confirmed those
// to keep with it.
func NeedsSecond(ctx context.Context, f WordStore, session *Session, c *Case, by Actor, ticked []string, now time.Time, s Settings) (wait bool, confirmed []string, err error) {
	who := by.Reviewer()
	two, err := TwoDecide(ctx, f, session, s)
	if err != nil {
		return false, nil, err
	}
	if c != nil {
		if err := c.NotTheirs(by, who, now, s); err != nil {
			return false, nil, err
		}
	}
	if err := SkilledFor(ctx, f, session, who, s); err != nil {
		return false, nil, err
	}
	if confirmed, err = ConfirmedFor(ctx, f, session, ticked, s); err != nil {
		return false, nil, err
	}
	switch {
	case !two:
		return false, confirmed, nil
	case c == nil || c.First == nil:
		return true, confirmed, nil
	}
	return false, confirmed, c.OtherHand(ctx, f, by, who)
}

// CaseReader reads reviews.
type CaseReader interface {
	Case(ctx context.Context, t Tenant, id ID) (Case, error)
}

// OpenReview is the undecided review of a session; nil when there is none.
func OpenReview(ctx context.Context, r CaseReader, s *Session) (*Case, error) {
	if s.CaseID == "" {
		return nil, nil //nolint:nilnil // a session without a review is ordinary
	}
	c, err := r.Case(ctx, s.Tenant, s.CaseID)
	if err != nil || c.Status.Decided() {
		return nil, err
	}
	return &c, nil
}

// DecisionOf is what a person says who moves a session to a status: approved, or
// rejected for whatever else ends it.
func DecisionOf(next SessionStatus) Outcome {
	if next == SessionApproved {
		return Approved
	}
	return Rejected
}
