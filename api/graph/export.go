package graph

import (
	"context"

	"bonafide/api"
	"bonafide/kyc"
	"bonafide/session"
)

type sessionPerson struct {
	ID          string `json:"id" doc:"The identity's id." example:"identity_0199a0b0-1111-7222-8333-444455556666"`
	ExternalRef string `json:"external_ref" doc:"Your own id of the person."`
	Kind        string `json:"kind" doc:"individual or company."`
	Status      string `json:"status" doc:"Where the person stands." enum:"pending,approved,failed,rejected,redacted"`
	CreatedAt   stamp  `json:"created_at" doc:"When it was made."`
}

type exportedRun struct {
	ID           string         `json:"id" doc:"The run."`
	Version      int            `json:"version" doc:"Workflow version."`
	Status       string         `json:"status" doc:"How it ended."`
	FinalStatus  string         `json:"final_status" doc:"Its outcome."`
	StartedAt    stamp          `json:"started_at" doc:"When it began."`
	CompletedAt  stamp          `json:"completed_at" doc:"When it ended."`
	Extracted    map[string]any `json:"extracted_data" doc:"What was read from documents."`
	CheckResults []checkResult  `json:"check_results" doc:"The last word of each check." nullable:"false"`
}

type exportAnswer struct {
	Session    SessionView       `json:"session" doc:"The session."`
	Identity   sessionPerson     `json:"identity" doc:"The person."`
	Fields     map[string]any    `json:"fields" doc:"What the form and the prefill said."`
	Corrected  map[string]string `json:"corrected" doc:"What a reviewer put right."`
	Documents  []Upload          `json:"documents" doc:"Files, without their bytes." nullable:"false"`
	Runs       []exportedRun     `json:"runs" doc:"Every run, newest first." nullable:"false"`
	Case       *caseView         `json:"case" doc:"The newest review; null without one."`
	Notes      []note            `json:"notes" doc:"Its notes." nullable:"false"`
	Events     []auditEvent      `json:"events" doc:"The session's audit entries, newest first, at most 1,000." nullable:"false"`
	ExportedAt stamp             `json:"exported_at" doc:"When this was put together."`
}

func (s *surface) export(ctx context.Context, who api.Principal, in *SessionPath) (*answer[exportAnswer], error) {
	sid, err := id("session", in.ID)
	if err != nil {
		return nil, err
	}
	x, err := s.Sessions.Export(ctx, who.Tenant, who.Actor, sid)
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	p := x.Session.Private
	out := exportAnswer{Session: showSession(x.Session), Fields: p.Fields, Corrected: p.Corrected, ExportedAt: at(now),
		Identity:  sessionPerson{ID: kyc.Dress("identity", x.Subject.ID), ExternalRef: x.Subject.ExternalRef, Kind: x.Subject.Kind, Status: string(x.Subject.Status), CreatedAt: at(x.Subject.CreatedAt)},
		Documents: all(x.Uploads, showUpload).Body.Data, Notes: all(x.Notes, showNote).Body.Data, Events: all(x.Events, showEvent).Body.Data, Runs: []exportedRun{}}
	if out.Fields == nil {
		out.Fields = map[string]any{}
	}
	if out.Corrected == nil {
		out.Corrected = map[string]string{}
	}
	if x.Case != nil {
		v := showCase(*x.Case, now)
		out.Case = &v
	}
	for _, t := range x.Traces {
		r := exportedRun{ID: kyc.Dress("run", t.Run.ID), Version: t.Run.Version, Status: string(t.Run.Status), FinalStatus: string(t.Run.Outcome),
			StartedAt: at(t.Run.StartedAt), CompletedAt: at(t.Run.EndedAt), Extracted: t.Extracted}
		if r.Extracted == nil {
			r.Extracted = map[string]any{}
		}
		o := showResult(session.Outcome{Trace: t})
		r.CheckResults = o.CheckResults
		out.Runs = append(out.Runs, r)
	}
	return &answer[exportAnswer]{Body: out}, nil
}
