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
	begin := engine.Begin{Tenant: box, Session: engine.SessionSnapshot{ID: kyc.NewID(now), Surface: a.Surface, Country: a.Country, Fields: made(name)},
		Subject: engine.SubjectSnapshot{ID: kyc.NewID(now), Kind: "individual"}, Settings: v.Org.EnvSettings(v.Tenant().Env), Arm: "dry_run", By: v.Who.Actor}
	view, err := engine.Simulate(c.graph, begin, now, engine.Answers{
		Check: func(r engine.RunCheck) kyc.Answer {
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

// made is the form of the made-up person, under the names that checks know.
func made(family string) map[string]any {
	return map[string]any{"first_name": "Alex", "last_name": family, "full_name": "Alex " + family, "date_of_birth": "1990-01-15",
		"email": "alex@example.com", "phone": "+31201234567"}
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
