package graph

import (
	"context"
	"net/http"
	"strings"

	"bonafide/api"
	"bonafide/kyc"
	"bonafide/review"
)

func (s *surface) caseRoutes() {
	p := s.Porch
	api.Handle(p, op("list-cases", http.MethodGet, "/cases", "Cases", "List cases", readCases), s.listCases)
	api.Handle(p, fails(created(op("create-case", http.MethodPost, "/cases", "Cases", "Open a case by hand", writeCases)), http.StatusConflict), s.createCase)
	api.Handle(p, op("count-cases", http.MethodGet, "/cases/counts", "Cases", "How many cases are in each status", readCases),
		func(ctx context.Context, who api.Principal, _ *struct{}) (*answer[caseCounts], error) {
			n, err := s.Reviews.Counts(ctx, who.Tenant)
			if err != nil {
				return nil, err
			}
			out := caseCounts{Open: n[kyc.CaseOpen], InReview: n[kyc.CaseInReview], Escalated: n[kyc.CaseEscalated], SecondReview: n[kyc.CaseSecond], Approved: n[kyc.CaseApproved], Rejected: n[kyc.CaseRejected]}
			out.Total = out.Open + out.InReview + out.Escalated + out.SecondReview + out.Approved + out.Rejected
			return &answer[caseCounts]{Body: out}, nil
		})
	demo := said(created(op("create-demo-cases", http.MethodPost, "/cases/demo", "Cases", "Fill a sandbox with sample cases", writeCases)), "At most 3 undecided ones exist at a time.")
	demo.SandboxOnly = true
	api.Handle(p, fails(demo, http.StatusConflict), s.demoCases)
	api.Handle(p, op("get-case", http.MethodGet, "/cases/{id}", "Cases", "Read a case", readCases),
		func(ctx context.Context, who api.Principal, in *CasePath) (*tagged[caseView], error) {
			cid, err := id("case", in.ID)
			if err != nil {
				return nil, err
			}
			c, err := s.Reviews.Read(ctx, who.Tenant, who.Actor, cid)
			return s.showCase(ctx, who, c, err)
		})
	api.Handle(p, fails(op("update-case", http.MethodPatch, "/cases/{id}", "Cases", "Change metadata, queue or priority", writeCases), http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			CasePath
			api.IfMatch
			Body struct {
				Metadata map[string]any `json:"metadata,omitempty" doc:"Merged key by key; null removes a key."`
				Queue    *string        `json:"queue,omitempty" doc:"Another queue. Whoever takes a case out of one that asks for skills has to have them (403 skills_missing): the person of X-On-Behalf-Of." minLength:"1" maxLength:"100"`
				Priority *int           `json:"priority,omitempty" doc:"Higher first." minimum:"0" maximum:"100"`
			}
		}) (*tagged[caseView], error) {
			cid, err := id("case", in.ID)
			if err != nil {
				return nil, err
			}
			c, err := s.Reviews.Patch(ctx, who.Tenant, who.Actor, cid, rev(in.IfMatch), review.Patch{Metadata: in.Body.Metadata, Queue: in.Body.Queue, Priority: in.Body.Priority})
			return s.showCase(ctx, who, c, err)
		})
	api.Handle(p, op("list-notes", http.MethodGet, "/cases/{id}/notes", "Cases", "Notes of a case", readCases),
		func(ctx context.Context, who api.Principal, in *CasePath) (*answer[whole[note]], error) {
			cid, err := id("case", in.ID)
			if err != nil {
				return nil, err
			}
			notes, err := s.Reviews.Notes(ctx, who.Tenant, who.Actor, cid)
			if err != nil {
				return nil, err
			}
			return all(notes, showNote), nil
		})
	api.Handle(p, created(op("add-note", http.MethodPost, "/cases/{id}/notes", "Cases", "Write a note", writeCases)),
		func(ctx context.Context, who api.Principal, in *struct {
			CasePath
			Body struct {
				Text       string `json:"text,omitempty" doc:"The note." maxLength:"10000"`
				Note       string `json:"note,omitempty" doc:"The same, under another name." maxLength:"10000"`
				ReviewerID string `json:"reviewer_id,omitempty" doc:"Who writes; default: the credential." maxLength:"200"`
			}
		}) (*answer[note], error) {
			cid, err := id("case", in.ID)
			if err != nil {
				return nil, err
			}
			text := in.Body.Text
			if text == "" {
				text = in.Body.Note
			}
			n, err := s.Reviews.AddNote(ctx, who.Tenant, who.Actor, cid, in.Body.ReviewerID, text)
			if err != nil {
				return nil, err
			}
			return &answer[note]{Body: showNote(n)}, nil
		})
}

func (s *surface) showCase(ctx context.Context, who api.Principal, c kyc.Case, err error) (*tagged[caseView], error) {
	if err != nil {
		return nil, err
	}
	now, err := s.Reviews.Now(ctx, who.Tenant)
	if err != nil {
		return nil, err
	}
	return tag(c.Meta, showCase(c, now)), nil
}

func (s *surface) listCases(ctx context.Context, who api.Principal, in *struct {
	api.Offset
	Status     string `query:"status" doc:"Only these statuses, separated by commas: open, in_review, escalated, pending_second_review, approved, rejected." maxLength:"200"`
	AssignedTo string `query:"assigned_to" doc:"Only cases of this reviewer." maxLength:"200"`
	Queue      string `query:"queue" doc:"Only this queue." maxLength:"100"`
	SLA        string `query:"sla" doc:"Only undecided cases of this colour." enum:"green,yellow,red"`
}) (*answer[page[caseView]], error) {
	f := review.Filter{AssignedTo: in.AssignedTo, Queue: in.Queue, SLA: in.SLA}
	if in.Status != "" {
		for word := range strings.SplitSeq(in.Status, ",") {
			switch c := kyc.CaseStatus(strings.TrimSpace(word)); c {
			case kyc.CaseOpen, kyc.CaseInReview, kyc.CaseEscalated, kyc.CaseSecond, kyc.CaseApproved, kyc.CaseRejected:
				f.Status = append(f.Status, c)
			default:
				e := kyc.Errorf(kyc.Malformed, "parameter_invalid", "a parameter is not valid")
				e.Problems = []kyc.Problem{{Path: "/query/status", Code: "not_allowed_value", Message: "allowed: open, in_review, escalated, pending_second_review, approved, rejected"}}
				return nil, e
			}
		}
	}
	pg, err := in.Page(s.Porch, who, "cases", f)
	if err != nil {
		return nil, err
	}
	list, total, err := s.Reviews.List(ctx, who.Tenant, f, pg)
	if err != nil {
		return nil, err
	}
	now, err := s.Reviews.Now(ctx, who.Tenant)
	if err != nil {
		return nil, err
	}
	return part(s, who, in.Offset, "cases", f, list, total, func(c kyc.Case) kyc.ID { return c.ID }, func(c kyc.Case) caseView { return showCase(c, now) }), nil
}

func (s *surface) createCase(ctx context.Context, who api.Principal, in *struct {
	Body struct {
		SessionID  string         `json:"session_id,omitempty" doc:"Session it is about."`
		IdentityID string         `json:"identity_id,omitempty" doc:"Person it is about, without a session."`
		Queue      string         `json:"queue,omitempty" doc:"The queue; without one the rules of routing (settings) choose it." maxLength:"100"`
		Priority   int            `json:"priority,omitempty" doc:"Higher first." minimum:"0" maximum:"100"`
		SLAHours   float64        `json:"sla_hours,omitempty" doc:"Hours allowed; 0 is no limit." minimum:"0"`
		ReasonCode string         `json:"reason_code,omitempty" doc:"Why." maxLength:"100"`
		AssignedTo string         `json:"assigned_to,omitempty" doc:"Reviewer to give it to at once." maxLength:"200"`
		Metadata   map[string]any `json:"metadata,omitempty" doc:"Yours."`
	}
}) (*tagged[caseView], error) {
	b := in.Body
	sid, err := reference("session", "/session_id", b.SessionID)
	if err != nil {
		return nil, err
	}
	pid, err := reference("identity", "/identity_id", b.IdentityID)
	if err != nil {
		return nil, err
	}
	c, err := s.Reviews.Create(ctx, who.Tenant, who.Actor, review.Manual{SessionID: sid, SubjectID: pid, Metadata: b.Metadata, AssignedTo: b.AssignedTo,
		Filing: kyc.Filing{Queue: b.Queue, Priority: b.Priority, SLAHours: b.SLAHours, ReasonCode: b.ReasonCode}})
	return s.showCase(ctx, who, c, err)
}

func (s *surface) demoCases(ctx context.Context, who api.Principal, in *struct {
	Body *struct {
		Count int `json:"count,omitempty" doc:"How many; default as many as are allowed." minimum:"1" maximum:"3"`
	}
}) (*answer[whole[caseView]], error) {
	n := 0
	if in.Body != nil {
		n = in.Body.Count
	}
	list, err := s.Reviews.Demo(ctx, who.Tenant, who.Actor, n)
	if err != nil {
		return nil, err
	}
	now, err := s.Reviews.Now(ctx, who.Tenant)
	if err != nil {
		return nil, err
	}
	return all(list, func(c kyc.Case) caseView { return showCase(c, now) }), nil
}
