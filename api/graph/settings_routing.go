package graph

import (
	"context"
	"fmt"

	"bonafide/kyc"
)

type routingRule struct {
	Name         string   `json:"name" doc:"What the rule is called; it is kept with the cases that it sends." maxLength:"400" example:"High risk"`
	Queue        string   `json:"queue" doc:"Where it sends cases: the name of one of queues, or default." maxLength:"100" example:"edd"`
	RiskFrom     *float64 `json:"risk_from,omitempty" doc:"Least score of the check risk_assessment of the case's run; a case without one has none." minimum:"0" maximum:"100"`
	PriorityFrom *int     `json:"priority_from,omitempty" doc:"Least priority." minimum:"0" maximum:"100"`
	Workflows    []string `json:"workflows,omitempty" doc:"Ids of workflows of any surface." maxItems:"100" nullable:"false"`
	Reasons      []string `json:"reasons,omitempty" doc:"Reason codes of cases, names of checks of its run that failed, asked for a person or could not answer, and codes of the reasons (warning, critical) that these gave." maxItems:"100" nullable:"false"`
	Countries    []string `json:"countries,omitempty" doc:"Countries (ISO 3166-1 alpha-2) of the session, or that a field or a document names as nationality, residence, place or issuer." maxItems:"100" nullable:"false"`
	Subjects     []string `json:"subjects,omitempty" doc:"Whom the case is about." enum:"individual,company" maxItems:"2" nullable:"false"`
}

func showRouting(list []kyc.QueueRule) []routingRule {
	out := []routingRule{}
	for _, r := range list {
		one := routingRule{Name: r.Name, Queue: r.Queue, RiskFrom: r.RiskFrom, PriorityFrom: r.PriorityFrom, Reasons: r.Reasons, Countries: r.Countries, Subjects: r.Subjects}
		for _, w := range r.Workflows {
			one.Workflows = append(one.Workflows, kyc.Dress("workflow", w))
		}
		out = append(out, one)
	}
	return out
}

func routingOf(list []routingRule) []kyc.QueueRule {
	var out []kyc.QueueRule
	for _, r := range list {
		one := kyc.QueueRule{Name: r.Name, Queue: r.Queue, RiskFrom: r.RiskFrom, PriorityFrom: r.PriorityFrom, Reasons: r.Reasons, Countries: r.Countries, Subjects: r.Subjects}
		for _, w := range r.Workflows {
			id, ok := kyc.Undress("workflow", w)
			if !ok { // surface C writes ids in another way
				id, ok = kyc.ParseULID(w)
			}
			if !ok {
				id = kyc.ID(w) // of no workflow, as routingProblems will say
			}
			one.Workflows = append(one.Workflows, id)
		}
		out = append(out, one)
	}
	return out
}

// routingProblems are workflows that rules name and that do not exist. Those of
// surface B belong to the live environment and run in the sandbox, too.
func (s *surface) routingProblems(ctx context.Context, t kyc.Tenant, list []kyc.QueueRule, at string) ([]kyc.Problem, error) {
	var out []kyc.Problem
	for i, r := range list {
		for j, id := range r.Workflows {
			known, err := s.knowsWorkflow(ctx, t, id)
			if err != nil {
				return nil, err
			}
			if !known {
				out = append(out, kyc.Problem{Path: fmt.Sprintf("%s/%d/workflows/%d", at, i, j), Code: "unknown_workflow", Message: "there is no such workflow"})
			}
		}
	}
	return out, nil
}

func (s *surface) knowsWorkflow(ctx context.Context, t kyc.Tenant, id kyc.ID) (bool, error) {
	if _, ok := kyc.ParseID(string(id)); !ok {
		return false, nil
	}
	if _, err := s.Store.Workflow(ctx, t, id); err == nil || kyc.KindOf(err) != kyc.NotFound || t.Env == kyc.Live {
		return err == nil, ignoreMissing(err)
	}
	w, err := s.Store.Workflow(ctx, kyc.Tenant{Org: t.Org, Env: kyc.Live}, id)
	return err == nil && w.Surface == kyc.SurfaceChecks, ignoreMissing(err)
}

func ignoreMissing(err error) error {
	if err != nil && kyc.KindOf(err) == kyc.NotFound {
		return nil
	}
	return err
}
