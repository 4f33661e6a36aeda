package execution

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"bonafide/kyc"
	"bonafide/procedure"
)

// policy is how a service screens the people it monitors.
type policy struct {
	workflow kyc.Workflow // of phase MONITORING; zero: there is none
	// lists are those that it must ask; empty: all that are loaded.
	lists []string
	// threshold is the score of a hit, 0-1; 0: the matcher's own.
	threshold float64
}

// policy finds out how a service screens: by its monitoring workflow, else by
// the AML step of its newest workflow that has one.
func (r *round) policy(ctx context.Context, service string) (*policy, error) {
	if p := r.policies[service]; p != nil {
		return p, nil
	}
	p := &policy{lists: slices.Clone(r.org.EnvSettings(r.tenant.Env).RequiredLists)}
	var err error
	if p.workflow, err = r.m.watcher(ctx, r.tenant, service, kindAML); err != nil {
		return nil, err
	}
	all := []kyc.Workflow{p.workflow}
	if p.workflow.ID == "" {
		if all, err = r.m.ofService(ctx, r.tenant, service); err != nil {
			return nil, err
		}
	}
	for _, w := range all { // newest first
		st, err := r.m.inForce(ctx, w)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(st.Definition.Steps, func(s procedure.Step) bool { return s.Type == procedure.TypeAML })
		if at < 0 {
			continue
		}
		c := st.Definition.Steps[at].Configuration
		if c.Threshold != nil {
			p.threshold = *c.Threshold
		}
		for _, list := range c.Lists {
			if !slices.Contains(p.lists, list) {
				p.lists = append(p.lists, list)
			}
		}
		break
	}
	r.policies[service] = p
	return p, nil
}

// screen executes the monitoring workflow of a profile's service. One that runs
// already does the same. Where there is no such workflow, or it wants more than
// is known of the person, the lists alone are asked.
func (r *round) screen(ctx context.Context, p *kyc.ServiceProfile) error {
	if err := r.gone(ctx, p.SubjectID); err != nil {
		return err
	}
	how, err := r.policy(ctx, p.ServiceName)
	if err != nil {
		return err
	}
	if how.workflow.ID == "" {
		return r.examine(ctx, p, how)
	}
	o := Order{SubjectID: p.SubjectID, ServiceName: p.ServiceName, WorkflowName: how.workflow.Name, Background: true, because: p,
		Hand: Hand{Operator: monitorActor, RequestID: kyc.ULID(kyc.NewID(r.now))}}
	_, _, err = r.m.start(ctx, r.tenant, kyc.SystemActor(monitorActor), o, how.workflow, TriggerListUpdate)
	switch {
	case kyc.IsCode(err, "entity_data_missing"):
		return r.examine(ctx, p, how)
	case err == nil, kyc.IsCode(err, "execution_running"), kyc.KindOf(err) == kyc.NotFound:
		return nil
	case kyc.KindOf(err) == kyc.Conflict:
		r.later = true // somebody changed the profile meanwhile
		return nil
	}
	return err
}

// gone retires a person's hits on entries that their list no longer has, for
// whom nobody could say what changed.
func (r *round) gone(ctx context.Context, subject kyc.ID) error {
	if len(r.lists) == 0 || r.m.d.Entry == nil {
		return nil
	}
	all, err := r.m.allResults(ctx, r.tenant, kyc.ProcessFilter{SubjectID: subject, Classes: []string{"AML"}, SystemStatuses: []string{procedure.SystemValid}})
	if err != nil {
		return err
	}
	by := map[kyc.ID][]kyc.ProcessResult{}
	for _, k := range all {
		list, entry, ok := cutHit(k.Hit)
		if _, loaded := r.lists[list]; !ok || !loaded {
			continue
		}
		if _, there := r.m.d.Entry(list, entry); !there {
			by[k.ExecutionID] = append(by[k.ExecutionID], k)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(by)) {
		if err := r.m.stale(ctx, r.tenant, by[id]); err != nil {
			return err
		}
	}
	return nil
}

// attempts is how often a check is asked before its transient failure stands.
const attempts = 3

// examine asks the lists about a person outside of any workflow and stores what
// is new, with its alerts. The results belong to no execution; they are judged
// like all others.
func (r *round) examine(ctx context.Context, p *kyc.ServiceProfile, how *policy) error {
	if r.m.d.Examine == nil {
		r.later = true
		return nil
	}
	def, err := screening(p.ServiceName, how)
	if err != nil {
		return err
	}
	b := &beginning{profile: *p, now: r.now}
	if err := r.m.whom(ctx, r.tenant, Order{SubjectID: p.SubjectID, ServiceName: p.ServiceName}, b); err != nil {
		if kyc.KindOf(err) == kyc.NotFound {
			return nil // deleted or erased meanwhile
		}
		return err
	}
	established, err := r.m.established(ctx, r.tenant, b, Order{})
	if err != nil {
		return err
	}
	q, err := r.question(b, def, established)
	if err != nil {
		return err
	}
	a := r.m.ask(ctx, q)
	if err := ctx.Err(); err != nil { // what was asked under a dead context counts for nothing
		return err
	}
	f, err := r.found(ctx, b, def, q, a)
	if err != nil {
		return err
	}
	if remember(&f.profile, a, r.now) {
		r.later = true
	}
	if f.results, err = r.m.unknown(ctx, r.tenant, p.SubjectID, f.results); err != nil {
		return err
	}
	if err := r.m.alerts(ctx, f); err != nil {
		return err
	}
	f.profile.Touch(r.now)
	f.change.Put = append(f.change.Put, &f.profile)
	for _, k := range f.results {
		f.change.Put = append(f.change.Put, k)
	}
	if f.subject != nil {
		f.subject.Touch(r.now)
		f.change.Put = append(f.change.Put, f.subject)
	}
	err = r.m.d.Store.Commit(ctx, &f.change)
	if err != nil && (kyc.KindOf(err) == kyc.Conflict || kyc.KindOf(err) == kyc.NotFound) {
		r.later = r.later || kyc.KindOf(err) == kyc.Conflict // somebody else looked or changed the profile
		return nil
	}
	return err
}

// screening is the definition of nothing but a screening.
func screening(service string, how *policy) (*procedure.Definition, error) {
	c := map[string]any{"pep": false}
	if len(how.lists) > 0 {
		c["lists"] = how.lists
	}
	if how.threshold > 0 {
		c["threshold"] = how.threshold
	}
	raw, err := json.Marshal(map[string]any{"serviceName": service, "workflowName": monitorActor, "type": monitorActor, "lifecyclePhase": procedure.PhaseMonitoring,
		"steps": []any{map[string]any{"name": "AML", "type": procedure.TypeAML, "configuration": c}}})
	if err != nil {
		return nil, fmt.Errorf("writing a screening: %w", err)
	}
	def, report := procedure.Parse(raw, procedure.ParseOptions{})
	if err := report.Err(); err != nil {
		return nil, kyc.Errorf(kyc.Internal, "bad_definition", "writing a screening: %w", err)
	}
	return def, nil
}

// question is what a screening asks of a person, as its compiled graph does.
func (r *round) question(b *beginning, def *procedure.Definition, established map[string]any) (kyc.CheckRequest, error) {
	var graph struct {
		Nodes map[string]struct {
			Config json.RawMessage `json:"config"`
		} `json:"nodes"`
	}
	if err := json.Unmarshal(procedure.Compile(def, procedure.CompileOptions{}), &graph); err != nil {
		return kyc.CheckRequest{}, fmt.Errorf("reading a screening: %w", err)
	}
	p := &b.individual.Private
	papers := gather(b.documents, "", r.now)
	return kyc.CheckRequest{Tenant: r.tenant, SubjectID: b.individual.ID, Policy: policyLists, Node: policyLists, Config: graph.Nodes[policyLists].Config,
		Attempt: 1, CallKey: monitorActor + "-" + string(b.profile.ID), Now: r.now, Country: countryOf(p), Fields: fieldsOf(p, papers.lead),
		Metadata: p.Attributes, Extracted: map[string]any{}, Established: established, Checks: map[string]kyc.CheckFact{},
		Settings: r.org.EnvSettings(r.tenant.Env)}, nil
}

// ask asks one check, again while it fails in a way that may pass.
func (m *Machine) ask(ctx context.Context, q kyc.CheckRequest) kyc.Answer {
	var a kyc.Answer
	for q.Attempt = 1; q.Attempt <= attempts; q.Attempt++ {
		if a = m.d.Examine(ctx, q); !a.Transient || ctx.Err() != nil {
			break
		}
	}
	return a
}

// found is what a screening established, judged like the end of an execution.
// Of its results only hits are kept: there is no execution that the others
// could be part of.
func (r *round) found(ctx context.Context, b *beginning, def *procedure.Definition, q kyc.CheckRequest, a kyc.Answer) (*ending, error) {
	f := &ending{profile: b.profile, individual: b.individual, documents: b.documents, def: def, at: r.now, by: kyc.SystemActor(monitorActor),
		execution: kyc.Execution{Meta: kyc.Meta{Tenant: r.tenant}, SubjectID: b.individual.ID, ServiceName: b.profile.ServiceName, ServiceProfileID: b.profile.ID,
			WorkflowName: def.WorkflowName, Phase: procedure.PhaseMonitoring, Trigger: TriggerListUpdate, StartedAt: r.now, EndedAt: r.now,
			State: procedure.StateCompleted, RequestID: kyc.ULID(kyc.NewID(r.now))}}
	status := map[kyc.Verdict]string{kyc.Pass: "passed", kyc.Fail: "failed", kyc.VerdictReview: "review", kyc.Skip: "skipped"}[a.Verdict]
	if a.Status != kyc.StatusOK || status == "" {
		status = "error"
	}
	f.end = End{Status: kyc.RunCompleted, Attempts: []Attempt{{Node: policyLists, Policy: policyLists, Attempt: q.Attempt, Status: status, At: r.now, Answer: a}},
		Checks: map[string]kyc.CheckFact{policyLists: {Status: status, Score: a.Score, Details: a.Details, Reasons: a.Reasons, Hits: a.Hits}}}
	s := &kyc.Session{Meta: kyc.Meta{Tenant: r.tenant}, Country: q.Country, Private: kyc.SessionData{Fields: q.Fields, Established: q.Established}}
	facts, err := r.m.facts(ctx, f, s)
	if err != nil {
		return nil, err
	}
	v := procedure.Judge(def, facts, r.now, inOrder(r.now))
	for i := range v.Process {
		k := &v.Process[i]
		if k.Hit == "" {
			continue
		}
		k.Tenant, k.SubjectID, k.ServiceName, k.RequestID, k.StepResultID = r.tenant, b.individual.ID, b.profile.ServiceName, f.execution.RequestID, ""
		k.Touch(r.now)
		f.results = append(f.results, k)
	}
	return f, nil
}
