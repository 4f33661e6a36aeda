package graph

import (
	"time"

	"bonafide/kyc"
	"bonafide/review"
)

const (
	readCases  = "cases:read"
	writeCases = "cases:write"
)

type CasePath struct {
	ID string `path:"id" doc:"The case's id." example:"case_0199a0b0-1111-7222-8333-444455556666"`
}

type decision struct {
	Outcome    string   `json:"outcome" doc:"What was decided." enum:"approved,rejected"`
	ReviewerID string   `json:"reviewer_id" doc:"Who decided."`
	Reason     *string  `json:"reason" doc:"Why; of a rejection, the rejection_reason. Null once the person was erased."`
	DecidedAt  stamp    `json:"decided_at" doc:"When."`
	Checklist  []string `json:"checklist" doc:"The points of the queue's checklist that were confirmed with it." nullable:"false"`
}

type escalation struct {
	EscalatedTo   string  `json:"escalated_to" doc:"Who shall decide."`
	EscalatedFrom string  `json:"escalated_from" doc:"Who handed it over, when known."`
	Reason        *string `json:"reason" doc:"Why; null once the person was erased."`
	At            stamp   `json:"at" doc:"When."`
}

type override struct {
	Policy string  `json:"policy" doc:"The check."`
	Result string  `json:"result" doc:"What it should have said." enum:"passed,failed"`
	Reason *string `json:"reason" doc:"Why; null once the person was erased."`
	By     actor   `json:"by" doc:"Who said so."`
	At     stamp   `json:"at" doc:"When."`
}

type caseView struct {
	ID              string         `json:"id" doc:"The case's id." example:"case_0199a0b0-1111-7222-8333-444455556666"`
	SessionID       *string        `json:"session_id" doc:"Session it is about; null for a manual case about a person."`
	IdentityID      *string        `json:"identity_id" doc:"The person."`
	Status          string         `json:"status" doc:"Where it stands." enum:"open,in_review,escalated,pending_second_review,approved,rejected"`
	Queue           string         `json:"queue" doc:"The queue it waits in." example:"default"`
	RoutingRule     *string        `json:"routing_rule" doc:"The rule (settings, routing) that chose the queue when the case was opened; null where its workflow named the queue, no rule took it, or somebody moved it."`
	Priority        int            `json:"priority" doc:"Higher first."`
	ReasonCode      string         `json:"reason_code" doc:"Why it was opened."`
	SLA             string         `json:"sla" doc:"Time in the queue: green under 4 h, yellow under 24 h, red from then on." enum:"green,yellow,red"`
	SLAHours        *float64       `json:"sla_hours" doc:"Hours the workflow allows; null without a limit."`
	DueAt           stamp          `json:"due_at" doc:"When they are over, or those of its queue (settings, queues), counted in the opening hours of that queue; null without a limit."`
	AssignedTo      *string        `json:"assigned_to" doc:"Who has it; null when nobody has."`
	ClaimedAt       stamp          `json:"claimed_at" doc:"Since when; null when nobody has."`
	EnteredReviewAt stamp          `json:"entered_review_at" doc:"When it came into review."`
	Decision        *string        `json:"decision" doc:"approved or rejected; null before." enum:"approved,rejected"`
	DecidedAt       stamp          `json:"decided_at" doc:"When; null before."`
	DecidedBy       *string        `json:"decided_by" doc:"Who; null before."`
	RejectionReason *string        `json:"rejection_reason" doc:"Why it was rejected; null otherwise and once the person was erased."`
	Checklist       []string       `json:"checklist" doc:"The points of its queue's checklist that were confirmed with the decision; empty before." nullable:"false"`
	FirstReview     *decision      `json:"first_review" doc:"Recommendation of the first reviewer under dual review; null without one."`
	Escalation      *escalation    `json:"escalation" doc:"The last escalation; null without one."`
	Overrides       []override     `json:"check_overrides" doc:"Corrections of single checks; the checks' own answers stay as they were." nullable:"false"`
	HitReviews      []hitReview    `json:"hit_reviews" doc:"Words on single hits, oldest first; empty once the person was erased." nullable:"false"`
	Quality         *qualityView   `json:"quality" doc:"The second look at how it was decided; null for a case that was not drawn for one."`
	Metadata        map[string]any `json:"metadata" doc:"Yours; empty once the person was erased."`
	IsDemo          bool           `json:"is_demo" doc:"Whether it is a demonstration case."`
	CreatedAt       stamp          `json:"created_at" doc:"When it was made."`
	UpdatedAt       stamp          `json:"updated_at" doc:"When it last changed."`
}

func showCase(c kyc.Case, now time.Time) caseView {
	out := caseView{
		ID: kyc.Dress("case", c.ID), SessionID: maybe(kyc.Dress("session", c.SessionID)), IdentityID: maybe(kyc.Dress("identity", c.SubjectID)),
		Status: string(c.Status), Queue: c.Queue, RoutingRule: maybe(c.Rule), Priority: c.Priority, ReasonCode: c.ReasonCode, SLA: review.Colour(&c, now),
		AssignedTo: maybe(c.AssignedTo), ClaimedAt: at(c.ClaimedAt), EnteredReviewAt: at(c.EnteredReviewAt), Checklist: []string{}, Overrides: []override{}, HitReviews: showHitReviews(&c), Quality: showQuality(&c),
		Metadata: c.Private.Metadata, IsDemo: c.Demo, CreatedAt: at(c.CreatedAt), UpdatedAt: at(c.UpdatedAt),
	}
	if c.SLAHours > 0 {
		out.SLAHours = &c.SLAHours
	}
	if c.SLAHours > 0 || !c.Due.IsZero() {
		out.DueAt = at(c.DueAt())
	}
	if d := c.Decision; d != nil {
		word := string(d.Outcome)
		out.Decision, out.DecidedAt, out.DecidedBy, out.Checklist = &word, at(d.At), &d.ReviewerID, words(d.Checklist)
		if d.Outcome == kyc.Rejected {
			out.RejectionReason = why(&c.Private, c.Private.Decision, d.ReasonCode)
		}
	}
	if f := c.First; f != nil {
		out.FirstReview = &decision{Outcome: string(f.Outcome), ReviewerID: f.ReviewerID, Reason: why(&c.Private, c.Private.First, f.ReasonCode), DecidedAt: at(f.At), Checklist: words(f.Checklist)}
	}
	if e := c.Escalation; e != nil {
		out.Escalation = &escalation{EscalatedTo: e.To, EscalatedFrom: e.From, Reason: why(&c.Private, c.Private.Escalation, ""), At: at(e.At)}
	}
	for i, o := range c.Overrides {
		out.Overrides = append(out.Overrides, override{Policy: o.Policy, Result: o.Result, Reason: why(&c.Private, c.OverrideWhy(i), ""), By: showActor(o.By), At: at(o.At)})
	}
	if out.Metadata == nil {
		out.Metadata = map[string]any{}
	}
	return out
}

// why is what a reviewer said, or the code of a decision that was taken
// elsewhere; null when it was said and cannot be read any more.
func why(data *kyc.CaseData, said, code string) *string {
	switch {
	case code != "":
		return &code
	case data.Unreadable:
		return nil
	}
	return &said
}

// maybe is null for an empty text.
func maybe(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

type note struct {
	ID        string `json:"id" doc:"The note's id." example:"note_0199a0b0-1111-7222-8333-444455556666"`
	CaseID    string `json:"case_id" doc:"The case."`
	Author    string `json:"author" doc:"Who wrote it."`
	Text      string `json:"text" doc:"What they wrote; empty once the person was erased."`
	CreatedAt stamp  `json:"created_at" doc:"When."`
}

func showNote(n kyc.Note) note {
	return note{ID: kyc.Dress("note", n.ID), CaseID: kyc.Dress("case", n.CaseID), Author: n.Author, Text: n.Text, CreatedAt: at(n.CreatedAt)}
}

type reviewerBody struct {
	ReviewerID string `json:"reviewer_id,omitempty" doc:"Who acts: the id or e-mail address of a user, or any name of yours." maxLength:"200" example:"anna@acme.example"`
}

type caseCounts struct {
	Open         int `json:"open" doc:"Unassigned."`
	InReview     int `json:"in_review" doc:"Claimed."`
	Escalated    int `json:"escalated" doc:"Handed to somebody more senior."`
	SecondReview int `json:"pending_second_review" doc:"Waiting for a different reviewer."`
	Approved     int `json:"approved" doc:"Decided."`
	Rejected     int `json:"rejected" doc:"Decided."`
	Total        int `json:"total" doc:"All of them."`
}
