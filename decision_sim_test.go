package main

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"bonafide/check"
	"bonafide/engine"
	"bonafide/flow"
	"bonafide/kyc"
	"bonafide/onboarding"
)

// simulation decides sessions of onboarding definitions in memory: the real
// compilers, the real checks of the sandbox and the real engine, without a
// store and without waiting.
type simulation struct {
	menu    *check.Menu
	related []check.RelatedParty
	at      time.Time
}

func newSimulation(t testing.TB) *simulation {
	t.Helper()
	s := &simulation{at: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)}
	menu, err := check.New(kyc.SystemClock(), check.All(check.Deps{Related: s}), check.NewSimulator())
	if err != nil {
		t.Fatal(err)
	}
	s.menu = menu
	return s
}

// Related makes the simulation the memory of related parties.
func (s *simulation) Related(context.Context, kyc.Tenant, kyc.ID) ([]check.RelatedParty, error) {
	return s.related, nil
}

// simulated is one applicant's material.
type applied struct {
	fields      map[string]any
	uploads     []kyc.Upload
	established map[string]any
}

// paperOf is an upload that answers a requirement.
func paperOf(id, step, asked, role string) kyc.Upload {
	return kyc.Upload{Meta: kyc.Meta{ID: kyc.ID(id)}, Kind: "document_front", SHA256: id, ContentType: "image/jpeg", Size: 1000, StepID: step, Asked: asked, EntityRole: role}
}

func (s *simulation) compile(t testing.TB, raw json.RawMessage) (*onboarding.Definition, *flow.Compiled) {
	t.Helper()
	d, report := onboarding.Parse(raw, onboarding.ParseOptions{})
	if len(report.Errors) > 0 {
		t.Fatalf("%v\n%s", report.Errors, raw)
	}
	mandatory := kyc.DefaultSettings().MandatoryPolicies
	g, problems := flow.Compile(onboarding.Compile(d, onboarding.CompileOptions{Mandatory: mandatory}), flow.Options{Catalog: check.Catalog(), Mandatory: mandatory})
	if err := problems.Err(); err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	return d, g
}

// decide walks the graph and gives the view of the ended run.
func (s *simulation) decide(t testing.TB, g *flow.Compiled, a applied) engine.View {
	t.Helper()
	tenant := kyc.Tenant{Org: "org", Env: kyc.Sandbox}
	b := engine.Begin{Tenant: tenant, Session: engine.SessionSnapshot{ID: "s", Fields: a.fields, Established: a.established}, Subject: engine.SubjectSnapshot{ID: "p"},
		Uploads: a.uploads, Settings: kyc.DefaultSettings()}
	v, err := engine.Simulate(g, b, s.at, engine.Answers{Check: func(c engine.RunCheck) kyc.Answer {
		answer := s.menu.Run(t.Context(), c.Request)
		answer.StartedAt, answer.FinishedAt = c.Request.Now, c.Request.Now
		return answer
	}})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// finalOf is the decision of a run in the words of the surface.
func finalOf(v engine.View) string {
	switch {
	case v.Run.Outcome == kyc.Approved && v.Run.ReasonCode == onboarding.ReasonFlagged:
		return "flagged"
	case v.Run.Outcome == kyc.NeedsReview:
		return "manual_review"
	}
	return string(v.Run.Outcome)
}
