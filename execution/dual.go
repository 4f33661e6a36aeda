package execution

import (
	"context"
	"strings"
	"time"

	"bonafide/kyc"
)

// mayDecide refuses a decision that only the review desk may take: one about a
// review that somebody else holds or whose queue asks for skills they lack (403
// skills_missing), one that does not confirm that queue's checklist (422
// checklist_incomplete), one about what the person executed
// themselves, and under dual review one that nobody else has recommended. s is
// the session before it follows; status is the one that an execution is to
// have. confirmed are the points of the checklist, to be kept with the decision.
func (m *Machine) mayDecide(ctx context.Context, e *kyc.Execution, s *kyc.Session, status string, by kyc.Actor, h Hand, now time.Time, settings kyc.Settings) (confirmed []string, err error) {
	next, _ := sessionOf(status)
	if next == kyc.SessionReview {
		return nil, nil // a person will look
	}
	review, err := kyc.OpenReview(ctx, m.d.Store, s)
	if err != nil || review == nil && s.Status == next {
		return nil, err
	}
	who := h.name(by)
	if by.Kind == kyc.ActorUser { // whatever name the request gives them
		who, h.Operator = by.ID, ""
	}
	if by.Kind == kyc.ActorUser && (same(e.By, by.ID) || same(e.By, by.OnBehalfOf)) {
		return nil, kyc.Errorf(kyc.Forbidden, "conflict_of_interest", "a reviewer may not decide what they created themselves")
	}
	if review != nil {
		if err := review.NotTheirs(by, who, now, settings); err != nil {
			return nil, err
		}
	}
	if err := kyc.SkilledFor(ctx, m.d.Store, s, who, settings); err != nil {
		return nil, err
	}
	if confirmed, err = kyc.ConfirmedFor(ctx, m.d.Store, s, h.Checklist, settings); err != nil {
		return nil, err
	}
	two, err := kyc.TwoDecide(ctx, m.d.Store, s, settings)
	if err != nil {
		return nil, err
	}
	switch {
	case !two, review == nil && next == kyc.SessionRejected: // refusing needs nobody's consent
		return confirmed, nil
	case review == nil:
		return nil, kyc.Errorf(kyc.Conflict, "second_review_required", "two reviewers must decide here; override with REVIEW to file the case, and decide it at the review desk")
	case review.First == nil:
		return nil, kyc.Errorf(kyc.Conflict, "second_review_required", "two reviewers must decide here; decide case %s at the review desk", kyc.Dress("case", review.ID))
	}
	// A key that names two operators speaks for two people.
	if by.Kind != kyc.ActorUser && strings.TrimSpace(h.Operator) != "" {
		by.OnBehalfOf = who
	}
	return confirmed, review.OtherHand(ctx, m.d.Store, by, who)
}

func same(a, b string) bool { return a != "" && strings.EqualFold(a, b) }
