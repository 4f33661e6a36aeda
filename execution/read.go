package execution

import (
	"context"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
	"bonafide/procedure"
)

// Ref names an execution as its address does. Empty parts are not compared,
// except for the ID.
type Ref struct {
	SubjectID    kyc.ID
	ServiceName  string
	WorkflowName string
	ID           kyc.ID
}

// execution reads the execution that a Ref names; one of another individual,
// service or workflow is missing.
func (m *Machine) execution(ctx context.Context, t kyc.Tenant, r Ref) (kyc.Execution, error) {
	e, err := m.d.Store.Execution(ctx, t, r.ID)
	if err != nil {
		return e, err
	}
	other := r.SubjectID != "" && e.SubjectID != r.SubjectID ||
		r.ServiceName != "" && !strings.EqualFold(e.ServiceName, strings.TrimSpace(r.ServiceName)) ||
		r.WorkflowName != "" && !strings.EqualFold(e.WorkflowName, strings.TrimSpace(r.WorkflowName))
	if other {
		return kyc.Execution{}, kyc.Missing("execution", string(r.ID))
	}
	return e, nil
}

// Execution reads one execution with its process results, its profile and its
// individual (C6). Errors: 404, also for an individual that was deleted.
func (m *Machine) Execution(ctx context.Context, t kyc.Tenant, r Ref) (Executed, error) {
	e, err := m.execution(ctx, t, r)
	if err != nil {
		return Executed{}, err
	}
	out := Executed{Execution: e}
	if out.Individual, err = m.individual(ctx, t, e.SubjectID); err != nil {
		return Executed{}, err
	}
	all, err := m.profiles(ctx, t, e.SubjectID)
	if err != nil {
		return Executed{}, err
	}
	if at := slices.IndexFunc(all, func(p kyc.ServiceProfile) bool { return p.ID == e.ServiceProfileID }); at >= 0 {
		out.Profile = all[at]
	}
	out.Results, err = m.resultsOf(ctx, &e)
	return out, err
}

// resultsOf are the process results of an execution, oldest first.
func (m *Machine) resultsOf(ctx context.Context, e *kyc.Execution) ([]kyc.ProcessResult, error) {
	if e.State == procedure.StateInProgress {
		return nil, nil
	}
	return m.allResults(ctx, e.Tenant, kyc.ProcessFilter{SubjectID: e.SubjectID, ExecutionID: e.ID, Oldest: true})
}

// ExecutionQuery selects executions (C4); empty parts do not filter, From is
// inclusive and To exclusive.
type ExecutionQuery struct {
	SubjectID              kyc.ID
	ServiceName            string
	WorkflowName           string
	States, Results        []string
	StartedFrom, StartedTo time.Time
	EndedFrom, EndedTo     time.Time
	ByUpdate, Oldest       bool
	// Bare leaves the process results out, which are read for each execution.
	Bare bool
}

// Executions gives a page of an individual's executions with their process
// results unless they are left out, and how many there are, newest first unless
// asked otherwise (C4).
// Errors: 404 individual, workflow, service profile.
func (m *Machine) Executions(ctx context.Context, t kyc.Tenant, q ExecutionQuery, p kyc.Page) ([]Executed, int, error) {
	who, err := m.individual(ctx, t, q.SubjectID)
	if err != nil {
		return nil, 0, err
	}
	f := kyc.ExecutionFilter{SubjectID: q.SubjectID, States: q.States, Results: q.Results, StartedFrom: q.StartedFrom, StartedTo: q.StartedTo,
		EndedFrom: q.EndedFrom, EndedTo: q.EndedTo, UpdatedInstead: q.ByUpdate, Oldest: q.Oldest}
	profiles, err := m.profiles(ctx, t, q.SubjectID)
	if err != nil {
		return nil, 0, err
	}
	if q.WorkflowName != "" {
		w, err := m.find(ctx, t, q.ServiceName, q.WorkflowName)
		if err != nil {
			return nil, 0, err
		}
		f.WorkflowID = w.ID
	} else if q.ServiceName != "" {
		at := slices.IndexFunc(profiles, func(p kyc.ServiceProfile) bool {
			return strings.EqualFold(p.ServiceName, strings.TrimSpace(q.ServiceName))
		})
		if at < 0 {
			return nil, 0, kyc.Missing("service profile", q.ServiceName)
		}
		f.ServiceName = profiles[at].ServiceName
	}
	p.Damaged = true
	list, total, err := m.d.Store.Executions(ctx, t, f, p)
	if err != nil {
		return nil, 0, err
	}
	out := make([]Executed, len(list))
	for i := range list {
		list[i].SubjectID = q.SubjectID // also of one whose record is damaged
		out[i] = Executed{Execution: list[i], Individual: who}
		if at := slices.IndexFunc(profiles, func(p kyc.ServiceProfile) bool { return p.ID == list[i].ServiceProfileID }); at >= 0 {
			out[i].Profile = profiles[at]
		}
		if q.Bare || list[i].Damaged {
			continue
		}
		switch out[i].Results, err = m.resultsOf(ctx, &list[i]); {
		case kyc.IsCode(err, "sealed_broken"):
			m.d.Log.Error("a process result cannot be opened; lists show its execution as damaged", "execution", list[i].ID)
			out[i].Results = nil
			out[i].Execution.Damage()
		case err != nil:
			return nil, 0, err
		}
	}
	return out, total, nil
}

// Results gives a page of an individual's process results and how many there
// are (C7). The filter's SubjectID must name the individual; the case of its
// ServiceName does not matter. Errors: 404.
func (m *Machine) Results(ctx context.Context, t kyc.Tenant, f kyc.ProcessFilter, p kyc.Page) ([]kyc.ProcessResult, int, error) {
	if _, err := m.individual(ctx, t, f.SubjectID); err != nil {
		return nil, 0, err
	}
	if f.ServiceName != "" {
		profile, found, err := m.profileOf(ctx, t, f.SubjectID, f.ServiceName)
		if err != nil {
			return nil, 0, err
		}
		if found { // results carry the name as it is written there
			f.ServiceName = profile.ServiceName
		}
	}
	return m.d.Store.ProcessResults(ctx, t, f, p)
}
