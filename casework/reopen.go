package casework

import (
	"context"
	"slices"

	"bonafide/console"
	"bonafide/kyc"
	"bonafide/ui"
)

// Undoing takes decisions back, as far as the surface of the session lets
// machines do it (api.md 3.9, 4.4, 5.4); every rule is that of its machine.
type Undoing interface {
	// Way is how the decision of a session can be taken back.
	Way(s *kyc.Session) Way
	// Reopen sends a decided session back to review and gives the case that
	// waits now. code is one of the shown reasons, why a sentence.
	Reopen(ctx context.Context, t kyc.Tenant, by kyc.Actor, s *kyc.Session, code, why string) (kyc.ID, error)
	// Reverse puts the opposite decision in force. Where a second person has to
	// agree first, it gives the case in which they are waited for. ticked are the
	// points of the queue's checklist that the decision confirms.
	Reverse(ctx context.Context, t kyc.Tenant, by kyc.Actor, s *kyc.Session, o kyc.Outcome, why string, ticked []string) (kyc.ID, error)
}

// The ways in which a decision can be taken back.
const (
	NoWay   = ""        // what was decided is final
	Review  = "review"  // somebody looks again and decides anew
	Reverse = "reverse" // the opposite holds
)

// Way is how a decision can be taken back, and the scope that this needs beside
// cases:write: the one that a machine needs for it.
type Way struct{ Kind, Scope string }

// undo is what the page of a decided case offers.
type undo struct {
	Reverse bool // else it is reopened
	Outcome kyc.Outcome
	Word    string // the button
	Reasons []ui.Choice
	Dual    bool // a second person has to agree
	// Checklist is what the queue asks to confirm with the opposite decision.
	Checklist []string
	Unjudged  int // hits without a verdict that an approval would pass
}

// reopenReasons say why somebody looks at a decided case again.
func reopenReasons() []ui.Choice {
	return []ui.Choice{{Value: "new_information", Label: "Something new has become known"}, {Value: "decided_in_error", Label: "The decision was a mistake"},
		{Value: "person_objects", Label: "The person objects"}, {Value: "quality_check", Label: "A check of our own work"}, {Value: "reopened", Label: "Another reason"}}
}

// after says what became of the session since its case was decided, and what can
// be done about it.
func (r *room) after(ctx context.Context, v *console.Visit, c *kyc.Case, s *kyc.Session, b *bar) error {
	if s == nil {
		return nil
	}
	if s.CaseID != "" && s.CaseID != c.ID {
		b.Newer = kyc.Dress("case", s.CaseID)
		return nil
	}
	o, decided := outcomeOf(s)
	if !decided || !s.Readable() {
		return nil
	}
	if c.Decision != nil && o != c.Decision.Outcome {
		b.Since = "Since then the session was " + string(o) + "."
	}
	way := r.Undoing.Way(s)
	if b.Final = way.Kind == NoWay; b.Final || b.ReadOnly || !v.May(way.Scope) {
		return nil
	}
	switch err := r.Reviews.Impartial(ctx, c, string(v.User.ID)); {
	case err == nil && v.Org.EnvSettings(v.Tenant().Env).Queue(c.Queue).Refuse(v.User.Skills) == nil:
		b.Undo = offer(v, c, way, o)
	case err == nil: // who lacks the skills to decide it is offered nothing, either
	case kyc.KindOf(err) != kyc.Forbidden: // who made it themselves is offered nothing
		return err
	}
	return nil
}

// offer is what the page offers about a session that was decided so; c is its case.
func offer(v *console.Visit, c *kyc.Case, way Way, o kyc.Outcome) *undo {
	settings := v.Org.EnvSettings(v.Tenant().Env)
	two, ask := settings.TwoDecide(c), settings.Queue(c.Queue).Checklist
	switch {
	case way.Kind == Review:
		return &undo{Word: "Reopen", Reasons: reopenReasons()}
	case o == kyc.Rejected:
		return &undo{Reverse: true, Outcome: kyc.Approved, Word: "Approve after all", Reasons: reasons(v, "approve"), Dual: two, Checklist: ask}
	}
	return &undo{Reverse: true, Outcome: kyc.Rejected, Word: "Reject after all", Reasons: reasons(v, "reject"), Dual: two, Checklist: ask}
}

// outcomeOf is how a session is decided now.
func outcomeOf(s *kyc.Session) (kyc.Outcome, bool) {
	switch s.Status {
	case kyc.SessionApproved:
		return kyc.Approved, true
	case kyc.SessionRejected:
		return kyc.Rejected, true
	}
	return "", false
}

// reopen takes the decision of a case back: somebody looks again, or the opposite
// holds, as its surface has it. What was decided before stays in the history.
func (r *room) reopen(v *console.Visit) error {
	c, err := r.shown(v)
	if err != nil {
		return err
	}
	if !c.Status.Decided() || c.SessionID == "" {
		return kyc.Errorf(kyc.Conflict, "not_decided", "nothing is decided that could be taken back")
	}
	s, err := r.Store.Session(v.Ctx(), v.Tenant(), c.SessionID)
	if err != nil {
		return err
	}
	if s.CaseID != c.ID {
		return kyc.Errorf(kyc.Conflict, "case_superseded", "the session has a newer case: %s", kyc.Dress("case", s.CaseID))
	}
	if !s.Readable() {
		return s.Gone()
	}
	way := r.Undoing.Way(&s)
	switch {
	case way.Kind == NoWay:
		return kyc.Errorf(kyc.Conflict, "decision_final", "decisions of this surface are final; make a new session")
	case !v.May(way.Scope):
		return kyc.Errorf(kyc.Forbidden, "scope_missing", "your role lacks %s", way.Scope)
	}
	if err := r.Reviews.Impartial(v.Ctx(), &c, string(v.User.ID)); err != nil {
		return err
	}
	if err := v.Org.EnvSettings(v.Tenant().Env).Queue(c.Queue).Refuse(v.User.Skills); err != nil {
		return err
	}
	if way.Kind == Reverse {
		return r.reverse(v, &c, &s)
	}
	why, err := because(v, reopenReasons())
	if err != nil {
		return err
	}
	next, err := r.Undoing.Reopen(v.Ctx(), v.Tenant(), v.Who.Actor, &s, v.R.PostFormValue("code"), why)
	if err != nil {
		return err
	}
	return v.On(caseURL(next), "The decision is taken back; this case waits for a new one.")
}

func (r *room) reverse(v *console.Visit, c *kyc.Case, s *kyc.Session) error {
	o, known := kyc.Outcome(v.R.PostFormValue("outcome")), reasons(v, "approve")
	if o == kyc.Rejected {
		known = reasons(v, "reject")
	}
	if !slices.Contains([]kyc.Outcome{kyc.Approved, kyc.Rejected}, o) {
		return kyc.InvalidInput("outcome_missing", "approve or reject", []kyc.Problem{{Path: "/outcome", Code: "required", Message: "approved or rejected"}})
	}
	why, err := because(v, known)
	if err != nil {
		return err
	}
	if o == kyc.Approved && v.R.PostFormValue("unjudged") != "on" {
		if err := r.allJudged(v, c.ID); err != nil {
			return err
		}
	}
	next, err := r.Undoing.Reverse(v.Ctx(), v.Tenant(), v.Who.Actor, s, o, why, v.R.PostForm["checklist"])
	if err != nil {
		return err
	}
	if next != "" && next != c.ID {
		return v.On(caseURL(next), "Your opinion is recorded. Another person has to agree; until then the decision stands.")
	}
	return v.On(caseURL(c.ID), "The session is "+string(o)+" now.")
}

// earlierRow is what was decided about the session before, or since.
type earlierRow struct {
	opinion
	Case string // its page
}

// earlierRows bounds them; more is for the audit page.
const earlierRows = 10

// earlier are the decisions on other cases of the same session, the newest first.
func (r *room) earlier(ctx context.Context, c *kyc.Case, names map[string]string) ([]earlierRow, error) {
	if c.SessionID == "" {
		return nil, nil
	}
	list, _, err := r.Store.Cases(ctx, c.Tenant, kyc.CaseFilter{SessionID: c.SessionID, Status: []kyc.CaseStatus{kyc.CaseApproved, kyc.CaseRejected}}, kyc.Page{Limit: earlierRows, Uncounted: true})
	var out []earlierRow
	for i := range list {
		if o := &list[i]; o.ID != c.ID && o.Decision != nil {
			var p casePage
			p.opinions(o, names)
			out = append(out, earlierRow{*p.Decision, caseURL(o.ID)})
		}
	}
	return out, err
}
