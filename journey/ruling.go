package journey

import (
	"context"

	"bonafide/kyc"
)

// Who a ruling came from.
const (
	ByAutomation = "automation"
	ByReviewer   = "reviewer"
	ByAPI        = "api"
)

// sourceOf says whether a person or a program decided.
func sourceOf(by kyc.Actor) string {
	switch by.Kind {
	case kyc.ActorSystem:
		return ByAutomation
	case kyc.ActorUser:
		return ByReviewer
	}
	if by.OnBehalfOf != "" {
		return ByReviewer
	}
	return ByAPI
}

// ruling makes the next entry of a session's decision history. It is called
// after the session moved; the earlier entries stay as they are.
func (m *Machine) ruling(ctx context.Context, v *view, by kyc.Actor, from kyc.SessionStatus, override bool, words kyc.RulingWords) (*kyc.Ruling, error) {
	earlier, err := m.d.Store.Rulings(ctx, v.session.Tenant, v.session.ID)
	if err != nil {
		return nil, err
	}
	r := &kyc.Ruling{Meta: kyc.Meta{ID: kyc.NewID(v.now), Tenant: v.session.Tenant}, SessionID: v.session.ID, SubjectID: v.session.SubjectID,
		RunID: v.session.RunID, From: from, To: v.session.Status, Final: Final(&v.session), Source: sourceOf(by), By: by,
		ReasonCode: v.session.ReasonCode, Override: override, Words: words}
	if r.Final == "" {
		r.Final = "manual_review" // sent back to the applicant: a person will decide
	}
	if len(earlier) > 0 {
		r.Supersedes = earlier[len(earlier)-1].ID
	}
	r.Touch(v.now)
	return r, nil
}

// accept closes the corrections that the applicant submitted: a reviewer has
// decided, or a new processing has succeeded.
func (v *view) accept() (changed bool) {
	for i := range v.journey.Corrections {
		if c := &v.journey.Corrections[i]; c.Status == kyc.CorrectionSubmitted {
			c.Status, c.AcceptedAt, changed = kyc.CorrectionAccepted, v.now, true
		}
	}
	return changed
}

// judge carries a decision over to the person.
func (m *Machine) judge(ctx context.Context, v *view, o kyc.Outcome, c *kyc.Change) error {
	p, err := m.d.Store.Subject(ctx, v.session.Tenant, v.session.SubjectID)
	if err != nil {
		if kyc.KindOf(err) == kyc.NotFound { // made by the same request
			return nil
		}
		return err
	}
	if p.Judge(o) {
		p.Touch(v.now)
		c.Put = append(c.Put, &p)
	}
	return nil
}

// closeCase ends the undecided review of a session that was decided without
// its case. Its code is a word, never what a reviewer wrote: it goes into the audit
// entry, which is kept in the clear.
func (m *Machine) closeCase(ctx context.Context, v *view, end kyc.Closing, c *kyc.Change) error {
	if v.session.CaseID == "" || m.d.CloseCase == nil {
		return nil
	}
	review, err := m.d.Store.Case(ctx, v.session.Tenant, v.session.CaseID)
	if err != nil || review.Status.Decided() {
		return err
	}
	events, err := m.d.CloseCase(ctx, &review, v.now, end)
	c.Put = append(c.Put, &review)
	c.Events = append(c.Events, events...)
	return err
}

// tellParent tells customers that a related party was decided. The message is
// about the subsession and names its parent.
func (m *Machine) tellParent(ctx context.Context, v *view, by kyc.Actor, c *kyc.Change) {
	if v.journey.ParentID == "" || (v.session.Status != kyc.SessionApproved && v.session.Status != kyc.SessionRejected) {
		return
	}
	c.Events = append(c.Events, m.tell(ctx, v, by, "session.subsession_complete", NewsSubsession,
		map[string]any{"step_id": v.journey.ParentStep, "entity_role": v.journey.EntityRole}))
}
