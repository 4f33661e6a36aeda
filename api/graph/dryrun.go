package graph

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"bonafide/api"
	"bonafide/engine"
	"bonafide/kyc"
)

type simulatedCheck struct {
	Status  string         `json:"status,omitempty" doc:"What every attempt says." enum:"passed,failed,review,skipped,error,not_configured,unavailable,stale" default:"passed"`
	Score   *float64       `json:"score,omitempty" doc:"Score of the answer."`
	Details map[string]any `json:"details,omitempty" doc:"Details of the answer; conditions read them."`
}

type simulatedGate struct {
	Decision string         `json:"decision" doc:"What is decided; timeout lets the gate close." enum:"continue,fail,reject,timeout"`
	Metadata map[string]any `json:"metadata,omitempty" doc:"Comes with the decision."`
}

type dryRunBody struct {
	Country   string                    `json:"country,omitempty" doc:"ISO 3166-1 alpha-2 of the made-up session." maxLength:"2"`
	Fields    map[string]any            `json:"fields,omitempty" doc:"Its form data."`
	Metadata  map[string]any            `json:"metadata,omitempty" doc:"Its metadata."`
	Tags      []string                  `json:"tags,omitempty" doc:"Its tags." maxItems:"50" nullable:"false"`
	Extracted map[string]any            `json:"extracted,omitempty" doc:"What the first document check reads, by field name."`
	Checks    map[string]simulatedCheck `json:"checks,omitempty" doc:"Answers by policy; what is not named passes."`
	Gates     map[string]simulatedGate  `json:"gates,omitempty" doc:"Decisions by gate; a gate that is not named continues."`
}

type dryRunAnswer struct {
	Outcome     *string               `json:"outcome" doc:"Terminal that was reached; null when the run failed." enum:"approved,rejected,needs_review"`
	Status      string                `json:"status" doc:"How the run ended." enum:"completed,failed,cancelled,running,paused,pending"`
	ReasonCode  string                `json:"reason_code" doc:"Reason of the terminal."`
	Path        []string              `json:"path" doc:"Every node, in order." nullable:"false"`
	Edges       []edge                `json:"edges" doc:"Every move, in order." nullable:"false"`
	NodeResults map[string]nodeResult `json:"node_results" doc:"What became of each node."`
	Warnings    []api.Finding         `json:"warnings" doc:"What the compiler says about the draft." nullable:"false"`
}

func (s *surface) dryRun(ctx context.Context, who api.Principal, in *struct {
	DraftPath
	Body *dryRunBody
}) (*answer[dryRunAnswer], error) {
	st, err := s.draft(ctx, who, &in.DraftPath)
	if err != nil {
		return nil, err
	}
	compiled, report, err := s.Workflows.Check(ctx, who.Tenant, st.Workflow.ID, st.Document, st.Version.Valid)
	if err != nil {
		return nil, err
	}
	if compiled == nil {
		return nil, kyc.InvalidInput("invalid_workflow", "an invalid draft cannot be simulated", report.Errors)
	}
	var b dryRunBody
	if in.Body != nil {
		b = *in.Body
	}
	org, err := s.Store.Org(ctx, who.Tenant.Org)
	if err != nil {
		return nil, err
	}
	now := org.Now(s.Clock, who.Tenant.Env)
	begin := engine.Begin{Tenant: who.Tenant, Session: engine.SessionSnapshot{ID: kyc.NewID(now), Surface: kyc.SurfaceGraph, Country: b.Country, Fields: b.Fields, Metadata: b.Metadata, Tags: b.Tags},
		Subject: engine.SubjectSnapshot{ID: kyc.NewID(now), Kind: "individual"}, Settings: org.EnvSettings(who.Tenant.Env), WorkflowID: st.Workflow.ID, Version: st.Version.Number, Arm: "dry_run", By: who.Actor}
	view, err := engine.Simulate(compiled, begin, now, b.answers())
	if err != nil {
		return nil, err
	}
	shown := showRun(view)
	return &answer[dryRunAnswer]{Body: dryRunAnswer{Outcome: shown.FinalStatus, Status: shown.Status, ReasonCode: shown.ReasonCode, Path: shown.Path,
		Edges: shown.Edges, NodeResults: shown.NodeResults, Warnings: findings(report.Warnings)}}, nil
}

// answers are what the simulation hears.
func (b dryRunBody) answers() engine.Answers {
	var fields []kyc.Field
	for _, name := range slices.Sorted(maps.Keys(b.Extracted)) {
		fields = append(fields, kyc.Field{Name: name, Value: fmt.Sprint(b.Extracted[name]), Source: "simulated", Confidence: 1})
	}
	read := false
	return engine.Answers{
		Check: func(c engine.RunCheck) kyc.Answer {
			a := simulatedAnswer(b.Checks[c.Request.Policy])
			if a.Status == kyc.StatusOK && !read && (c.Request.Policy == "document_ocr" || c.Request.Policy == "nfc_chip_auth") {
				a.Fields, read = fields, true
			}
			return a
		},
		Gate: func(g engine.OpenGate) engine.Decision {
			want, named := b.Gates[g.Gate]
			switch {
			case !named:
				return engine.Decision{Decision: engine.Continue}
			case want.Decision == "timeout":
				return engine.Decision{}
			}
			return engine.Decision{Decision: want.Decision, Metadata: want.Metadata}
		},
	}
}

// now is the time in an environment: a sandbox has its own clock.
func (s *surface) now(ctx context.Context, t kyc.Tenant) (time.Time, error) {
	org, err := s.Store.Org(ctx, t.Org)
	if err != nil {
		return time.Time{}, err
	}
	return org.Now(s.Clock, t.Env), nil
}

func simulatedAnswer(c simulatedCheck) kyc.Answer {
	a := kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass, Score: c.Score, Details: c.Details, Provider: "dry_run"}
	switch c.Status {
	case "failed":
		a.Verdict = kyc.Fail
	case "review":
		a.Verdict = kyc.VerdictReview
	case "skipped":
		a.Verdict = kyc.Skip
	case "error", "not_configured", "unavailable", "stale":
		a.Status, a.Verdict = kyc.AnswerStatus(c.Status), ""
	}
	return a
}
