package graph

import (
	"context"
	"net/http"

	"bonafide/api"
	"bonafide/kyc"
	"bonafide/review"
)

// nextAnswer has no body when there is no case.
type nextAnswer struct {
	Status int
	ETag   string    `header:"ETag" doc:"Revision of the case."`
	Body   *caseView `doc:"The claimed case."`
}

type claimInput struct {
	CasePath
	api.IfMatch
	Body *reviewerBody
}

func (in *claimInput) reviewer() string {
	if in.Body == nil {
		return ""
	}
	return in.Body.ReviewerID
}

func (s *surface) decisionRoutes() {
	p := s.Porch
	next := said(op("claim-next-case", http.MethodPost, "/cases/next", "Cases", "Claim the most urgent case", writeCases),
		"Highest priority first, then the longest waiting. Two callers never get the same case; 204 when there is none. Cases of queues that ask for skills (settings, queues) which the reviewer lacks are passed over; such a queue named itself is refused (403 skills_missing).")
	next.Also = map[int]string{http.StatusNoContent: "No unassigned case waits."}
	api.Handle(p, next, s.nextCase)
	api.Handle(p, fails(said(op("claim-case", http.MethodPost, "/cases/{id}/claim", "Cases", "Claim a case", writeCases),
		"A claim lapses after 30 idle minutes (a setting). 409 when it is decided or claimed by somebody else; 403 `skills_missing` when its queue asks for skills that the reviewer lacks, as for giving it to somebody, escalating it to them, judging it and deciding it."), http.StatusConflict, http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *claimInput) (*tagged[caseView], error) {
			return s.act(ctx, who, in.ID, func(cid kyc.ID) (kyc.Case, error) {
				return s.Reviews.Claim(ctx, who.Tenant, who.Actor, cid, rev(in.IfMatch), in.reviewer())
			})
		})
	api.Handle(p, fails(op("release-case", http.MethodPost, "/cases/{id}/release", "Cases", "Give a case back", writeCases), http.StatusConflict, http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *claimInput) (*tagged[caseView], error) {
			return s.act(ctx, who, in.ID, func(cid kyc.ID) (kyc.Case, error) {
				return s.Reviews.Release(ctx, who.Tenant, who.Actor, cid, rev(in.IfMatch), in.reviewer())
			})
		})
	api.Handle(p, fails(op("assign-case", http.MethodPost, "/cases/{id}/assign", "Cases", "Give a case to somebody", writeCases), http.StatusConflict, http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			CasePath
			api.IfMatch
			Body struct {
				ReviewerID string `json:"reviewer_id,omitempty" doc:"Who shall have it." maxLength:"200"`
				AssignedTo string `json:"assigned_to,omitempty" doc:"The same, under another name." maxLength:"200"`
			}
		}) (*tagged[caseView], error) {
			name := in.Body.ReviewerID
			if name == "" {
				name = in.Body.AssignedTo
			}
			return s.act(ctx, who, in.ID, func(cid kyc.ID) (kyc.Case, error) {
				return s.Reviews.Assign(ctx, who.Tenant, who.Actor, cid, rev(in.IfMatch), name)
			})
		})
	api.Handle(p, fails(said(op("approve-case", http.MethodPost, "/cases/{id}/approve", "Cases", "Approve", writeCases),
		"Closes the case and completes the session as approved. Under dual review the first word is a recommendation (`pending_second_review`) and a different person decides."), http.StatusConflict, http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			CasePath
			api.IfMatch
			Body struct {
				ReviewerID string   `json:"reviewer_id" doc:"Who decides: the id or e-mail address of a user, or any name of yours." minLength:"1" maxLength:"200"`
				Notes      string   `json:"notes,omitempty" doc:"Kept as a note of the case." maxLength:"10000"`
				Checklist  []string `json:"checklist,omitempty" doc:"The points of the queue's checklist (settings, queues) that the reviewer confirms, word for word; all of them are needed." maxItems:"20" nullable:"false"`
			}
		}) (*tagged[caseView], error) {
			return s.act(ctx, who, in.ID, func(cid kyc.ID) (kyc.Case, error) {
				return s.Reviews.Decide(ctx, who.Tenant, who.Actor, cid, rev(in.IfMatch), review.Word{ReviewerID: in.Body.ReviewerID, Outcome: kyc.Approved, Notes: in.Body.Notes, Checklist: in.Body.Checklist})
			})
		})
	api.Handle(p, fails(said(op("reject-case", http.MethodPost, "/cases/{id}/reject", "Cases", "Reject", writeCases),
		"Closes the case and completes the session as rejected; otherwise as approve."), http.StatusConflict, http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			CasePath
			api.IfMatch
			Body struct {
				ReviewerID      string   `json:"reviewer_id" doc:"Who decides." minLength:"1" maxLength:"200"`
				RejectionReason string   `json:"rejection_reason,omitempty" doc:"Why. Say it: the applicant and the auditor will ask." maxLength:"2000"`
				Notes           string   `json:"notes,omitempty" doc:"Kept as a note of the case." maxLength:"10000"`
				Checklist       []string `json:"checklist,omitempty" doc:"The points of the queue's checklist (settings, queues) that the reviewer confirms, word for word; all of them are needed." maxItems:"20" nullable:"false"`
			}
		}) (*tagged[caseView], error) {
			return s.act(ctx, who, in.ID, func(cid kyc.ID) (kyc.Case, error) {
				return s.Reviews.Decide(ctx, who.Tenant, who.Actor, cid, rev(in.IfMatch),
					review.Word{ReviewerID: in.Body.ReviewerID, Outcome: kyc.Rejected, Reason: in.Body.RejectionReason, Notes: in.Body.Notes, Checklist: in.Body.Checklist})
			})
		})
	api.Handle(p, fails(op("escalate-case", http.MethodPost, "/cases/{id}/escalate", "Cases", "Hand a case to somebody more senior", writeCases), http.StatusConflict, http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			CasePath
			api.IfMatch
			Body struct {
				EscalatedTo string `json:"escalated_to" doc:"Who shall decide." minLength:"1" maxLength:"200"`
				Reason      string `json:"reason" doc:"Why." minLength:"1" maxLength:"2000"`
				Notes       string `json:"notes,omitempty" doc:"Kept as a note of the case." maxLength:"10000"`
				ReviewerID  string `json:"reviewer_id,omitempty" doc:"Who escalates." maxLength:"200"`
			}
		}) (*tagged[caseView], error) {
			return s.act(ctx, who, in.ID, func(cid kyc.ID) (kyc.Case, error) {
				return s.Reviews.Escalate(ctx, who.Tenant, who.Actor, cid, rev(in.IfMatch), review.Escalation{To: in.Body.EscalatedTo, Reason: in.Body.Reason, Notes: in.Body.Notes, ReviewerID: in.Body.ReviewerID})
			})
		})
	api.Handle(p, fails(said(created(op("override-check", http.MethodPost, "/cases/{id}/check-overrides", "Cases", "Correct a check's result", writeCases)),
		"Recorded on the case and audited; the check's own answer stays as it was."), http.StatusConflict, http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			CasePath
			api.IfMatch
			Body struct {
				Policy string `json:"policy" doc:"The check." minLength:"1" maxLength:"100"`
				Result string `json:"result" doc:"What it should have said." enum:"passed,failed"`
				Reason string `json:"reason" doc:"Why." minLength:"1" maxLength:"2000"`
			}
		}) (*tagged[caseView], error) {
			return s.act(ctx, who, in.ID, func(cid kyc.ID) (kyc.Case, error) {
				if _, known := s.Catalog[in.Body.Policy]; !known {
					// A case of somebody else does not exist, whatever is asked of it.
					if c, err := s.Reviews.Read(ctx, who.Tenant, who.Actor, cid); err != nil {
						return c, err
					}
					return kyc.Case{}, kyc.InvalidInput("invalid_case_action", "there is no such check", []kyc.Problem{{Path: "/policy", Code: "unknown_policy", Message: "there is no check of that name"}})
				}
				return s.Reviews.Override(ctx, who.Tenant, who.Actor, cid, rev(in.IfMatch), in.Body.Policy, in.Body.Result, in.Body.Reason)
			})
		})
	s.hitReviewRoutes()
	api.Handle(p, fails(said(op("correct-pii", http.MethodPut, "/cases/{id}/result/pii", "Cases", "Correct what was read wrongly", writeCases),
		"Values are stored encrypted with the session and shown in its result; an empty value takes a correction back. The audit entry names the fields, never the values."), http.StatusConflict), s.correct)
}

func (s *surface) act(ctx context.Context, who api.Principal, text string, do func(kyc.ID) (kyc.Case, error)) (*tagged[caseView], error) {
	cid, err := id("case", text)
	if err != nil {
		return nil, err
	}
	c, err := do(cid)
	return s.showCase(ctx, who, c, err)
}

func (s *surface) nextCase(ctx context.Context, who api.Principal, in *struct {
	Body *struct {
		ReviewerID string `json:"reviewer_id,omitempty" doc:"Who claims: the id or e-mail address of a user, or any name of yours. Default: the X-On-Behalf-Of header or the API key." maxLength:"200"`
		Queue      string `json:"queue,omitempty" doc:"Only this queue." maxLength:"100"`
	}
}) (*nextAnswer, error) {
	reviewer, queue := "", ""
	if in.Body != nil {
		reviewer, queue = in.Body.ReviewerID, in.Body.Queue
	}
	c, ok, err := s.Reviews.Next(ctx, who.Tenant, who.Actor, reviewer, queue)
	if err != nil {
		return nil, err
	}
	if !ok {
		return &nextAnswer{Status: http.StatusNoContent}, nil
	}
	shown, err := s.showCase(ctx, who, c, nil)
	if err != nil {
		return nil, err
	}
	return &nextAnswer{Status: http.StatusOK, ETag: shown.ETag, Body: &shown.Body}, nil
}

type correction struct {
	CaseID          string   `json:"case_id" doc:"The case."`
	SessionID       string   `json:"session_id" doc:"The session whose data was corrected."`
	CorrectedFields []string `json:"corrected_fields" doc:"Every field that is corrected now." nullable:"false"`
}

func (s *surface) correct(ctx context.Context, who api.Principal, in *struct {
	CasePath
	Body struct {
		Fields map[string]string `json:"fields" doc:"Right values by extracted name, such as last_name, date_of_birth, document_number."`
	}
}) (*answer[correction], error) {
	cid, err := id("case", in.ID)
	if err != nil {
		return nil, err
	}
	got, err := s.Reviews.Correct(ctx, who.Tenant, who.Actor, cid, in.Body.Fields)
	if err != nil {
		return nil, err
	}
	out := correction{CaseID: kyc.Dress("case", cid), SessionID: kyc.Dress("session", got.ID), CorrectedFields: sortedKeys(got.Private.Corrected)}
	return &answer[correction]{Body: out}, nil
}
