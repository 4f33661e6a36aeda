package studio

import (
	"net/http"
	"strings"

	"bonafide/console"
	"bonafide/engine"
	"bonafide/kyc"
)

// dryRun walks a definition with the answers that the sandbox gives a person of
// a magic name: engine.Simulate, the same step that real runs take, in memory.
// Nothing is stored, no provider is asked, and gates continue. The moves are
// those that the walk recorded.
func (s *studio) dryRun(v *console.Visit) error {
	a, err := body(v)
	if err != nil {
		return refuse(v, err)
	}
	c, err := s.compileOf(v.Ctx(), v.Tenant(), a)
	if err != nil {
		return refuse(v, err)
	}
	if c.graph == nil {
		return refuse(v, kyc.InvalidInput("invalid_workflow", "a definition with problems cannot be run", c.report.Errors))
	}
	box := kyc.Tenant{Org: v.Tenant().Org, Env: kyc.Sandbox}
	now := v.Org.Now(s.Clock, kyc.Sandbox)
	name := strings.ToUpper(strings.TrimSpace(a.Person))
	if name == "" {
		name = "APPROVE"
	}
	day, err := bornOf(a.Born, now)
	if err != nil {
		return refuse(v, err)
	}
	p := &applicant{tenant: box, now: now, family: name, born: day, settings: v.Org.EnvSettings(v.Tenant().Env)}
	s.applicantOf(v.Ctx(), a, p)
	begin := engine.Begin{Tenant: box, Session: engine.SessionSnapshot{ID: kyc.NewID(now), Surface: a.Surface, Country: a.Country, Fields: p.fields, Established: p.established},
		Subject: engine.SubjectSnapshot{ID: kyc.NewID(now), Kind: "individual"}, Uploads: p.uploads, Settings: p.settings, Arm: "dry_run", By: v.Who.Actor}
	view, err := engine.Simulate(c.graph, begin, now, engine.Answers{
		Check: func(r engine.RunCheck) kyc.Answer {
			if r.Request.Policy == relatedParties {
				return nobodyInvited()
			}
			// A failure that passes is told apart from one that stays by trying again.
			return s.Rehearse(v.Ctx(), r)
		},
		Gate: func(engine.OpenGate) engine.Decision { return engine.Decision{Decision: engine.Continue} },
	})
	if err != nil {
		return refuse(v, err)
	}
	return reply(v, http.StatusOK, showRun(view, c))
}

// relatedParties is the check that counts whom the applicant invited.
const relatedParties = "related_parties"

// nobodyInvited answers it in a dry run, which invites nobody: whoever would be
// asked counts as having finished, and the answer says so.
func nobodyInvited() kyc.Answer {
	return kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass, Provider: "dry_run", Version: "1",
		Reasons: []kyc.Reason{{Code: "not_invited", Message: "a dry run invites nobody; the people to invite count as finished", Severity: "info"}},
		Details: map[string]any{"total": 0, "approved": 0, "rejected": 0, "flagged": 0, "pending": 0, "expired": 0, "hits": []any{}}}
}

type move struct {
	From string `json:"from"`
	To   string `json:"to"`
	Why  string `json:"why"`
}

type nodeResult struct {
	Policy string         `json:"policy,omitempty"`
	Status string         `json:"status"`
	Result map[string]any `json:"result,omitempty"`
}

func showRun(view engine.View, c compiled) map[string]any {
	moves := make([]move, 0, len(view.Edges))
	for _, e := range view.Edges {
		moves = append(moves, move{From: e.From, To: e.To, Why: e.Why})
	}
	results := map[string]nodeResult{}
	for id, n := range view.NodeResults {
		results[id] = nodeResult{Policy: n.Policy, Status: n.Status, Result: n.Result}
	}
	return map[string]any{"graph": c.graph.Canonical(), "edges": moves, "node_results": results, "path": view.Path,
		"outcome": view.Run.Outcome, "status": view.Run.Status, "reason_code": view.Run.ReasonCode}
}
