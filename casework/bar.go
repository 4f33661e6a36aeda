package casework

import (
	"context"

	"bonafide/console"
	"bonafide/kyc"
	"bonafide/ui"
)

// bar is what may be done now, and why not where it may not.
type bar struct {
	Closed, ReadOnly  bool
	Blocked           string // why this person may not decide
	Unskilled         bool   // for lack of skills: they may not judge hits, either
	CanClaim, Mine    bool
	Second            bool // this word is the second
	Dual              bool // another person has to agree
	Colleagues        []ui.Choice
	Unjudged          int      // hits that nobody has judged
	Checklist         []string // what the queue asks to confirm
	ApproveReasons    []ui.Choice
	RejectReasons     []ui.Choice
	CorrectionSteps   []Askable
	CorrectionReasons []ui.Choice
	// Of a case that is decided: what can be done about it, the newer case of its
	// session, what the session became without it, and whether all of it is final.
	Undo  *undo
	Newer string
	Since string
	Final bool
}

// bar says what this person may do. It repeats no rule: the desk refuses what
// the bar should not have offered.
func (r *room) bar(ctx context.Context, v *console.Visit, c *kyc.Case, s *kyc.Session, names map[string]string) (bar, error) {
	me := string(v.User.ID)
	b := bar{Closed: c.Status.Decided(), ReadOnly: !v.May(writeCases), Mine: c.AssignedTo == me, Second: c.First != nil,
		Dual: v.Org.EnvSettings(v.Tenant().Env).TwoDecide(c) && c.First == nil, Checklist: v.Org.EnvSettings(v.Tenant().Env).Queue(c.Queue).Checklist, ApproveReasons: reasons(v, "approve"), RejectReasons: reasons(v, "reject")}
	if b.Closed {
		return b, r.after(ctx, v, c, s, &b)
	}
	if b.ReadOnly {
		return b, nil
	}
	users, err := r.Store.Users(ctx, c.Tenant.Org)
	if err != nil {
		return b, err
	}
	beyond := beyondOf(v, users)(c.Queue)
	b.Unskilled = beyond != ""
	switch {
	case c.First != nil && c.First.ReviewerID == me:
		b.Blocked = "You gave the first opinion. Another person has to give the second."
		return b, nil
	case c.AssignedTo != "" && !b.Mine:
		b.Blocked = nameOf(c.AssignedTo, names) + " has this case."
		b.CanClaim = c.Status == kyc.CaseEscalated
	}
	b.CanClaim = b.CanClaim || c.AssignedTo == ""
	if b.Unskilled {
		b.Blocked, b.CanClaim = "The queue "+c.Queue+" asks for skills: "+beyond+".", false
	}
	if err := r.Reviews.Impartial(ctx, c, me); kyc.KindOf(err) == kyc.Forbidden && err != nil {
		b.Blocked, b.CanClaim = "You invited this applicant or made this case, so a colleague has to decide.", false
	} else if err != nil {
		return b, err
	}
	for _, u := range v.Org.EnvSettings(v.Tenant().Env).Queue(c.Queue).Takers(users, mayReview) {
		if string(u.ID) != me {
			b.Colleagues = append(b.Colleagues, ui.Choice{Value: kyc.Dress("user", u.ID), Label: nameOf(string(u.ID), names) + " (" + u.Role + ")"})
		}
	}
	if s != nil {
		if b.CorrectionSteps, err = r.Corrections.Askable(ctx, s); err != nil {
			return b, err
		}
		b.CorrectionReasons = choices(r.Corrections.Codes())
	}
	return b, nil
}
