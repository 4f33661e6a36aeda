package engine

import (
	"context"
	"slices"
	"time"

	"bonafide/flow"
	"bonafide/kyc"
)

// BeginRequest is everything a run depends on.
type BeginRequest struct {
	// Session as it shall be stored; the engine moves its status and pins its
	// run and version. A new session (Rev 1) stands in With already.
	Session *kyc.Session
	Graph   *flow.Compiled
	Version int
	Arm     string // stable, new, previous or reprocess
	Bucket  int    // 0-9999
	Uploads []kyc.Upload
	// Subject, Settings and Lists are read from the store when nil.
	Subject  *kyc.Subject
	Settings *kyc.Settings
	Lists    []kyc.ListVersion
	// From begins at another node than the entry, with what Earlier found at
	// the nodes that do not lie behind it (resume-workflow).
	From    string
	Earlier kyc.ID
	Now     time.Time // zero: the tenant's clock
	By      kyc.Actor
	// With is committed together with the beginning.
	With kyc.Change
}

// Begin starts a run: the run row, its first input, the definition and the
// session's move to running go into one change. With a kyc.Unit in the context
// the work begins once the unit is committed, otherwise at once. Where this
// process does no work, the run is due now and a job wakes a worker.
func (e *Engine) Begin(ctx context.Context, r BeginRequest) (kyc.Run, error) {
	s := r.Session
	if s == nil || r.Graph == nil {
		return kyc.Run{}, kyc.Errorf(kyc.Internal, "bad_request", "a run needs a session and a graph")
	}
	if r.From != "" && r.Graph.Nodes[r.From] == nil {
		return kyc.Run{}, kyc.Errorf(kyc.Invalid, "node_not_found", "the workflow has no node %q", r.From)
	}
	now, offset, err := e.now(ctx, s.Tenant)
	if err != nil {
		return kyc.Run{}, err
	}
	if r.Now.IsZero() {
		r.Now = now
	}
	b, err := e.snapshot(ctx, r)
	if err != nil {
		return kyc.Run{}, err
	}
	d := &drive{e: e, g: r.Graph, offset: offset, run: kyc.Run{
		Meta:      kyc.Meta{ID: kyc.NewID(r.Now), Tenant: s.Tenant},
		SessionID: s.ID, SubjectID: s.SubjectID, WorkflowID: s.WorkflowID, Version: r.Version,
		Definition: r.Graph.LinkedHash, Arm: r.Arm, Bucket: r.Bucket, Status: kyc.RunPending, StartedAt: r.Now,
	}}
	local := e.room() > 0
	b.Handover = !local
	fresh := s.Rev == 1 && slices.Contains(r.With.Put, kyc.Object(s))
	if err := s.Move(kyc.SessionRunning, r.Now); err != nil {
		return kyc.Run{}, err
	}
	s.RunID, s.Version = d.run.ID, r.Version
	s.Result, s.ReasonCode = "", ""
	if !fresh {
		s.Touch(r.Now)
	}
	change := r.With
	if !fresh {
		change.Put = append(slices.Clone(change.Put), s)
	}
	definition := known{s.Tenant, r.Graph.LinkedHash}
	if !e.known.Contains(definition) {
		change.Definitions = append(slices.Clone(change.Definitions), kyc.Definition{Tenant: s.Tenant, Hash: r.Graph.LinkedHash, Graph: r.Graph.Canonical()})
	}
	first := d.input(KindBegin, "", 0, r.Now, b)
	next, err := d.plan(ctx, &change, s, !local, first)
	if err != nil {
		return kyc.Run{}, err
	}
	if !local && !next.state.Ended() {
		change.Jobs = append(change.Jobs, wakeJob(next.run, time.Time{}))
	}
	unit := kyc.UnitFrom(ctx)
	if err := e.d.Store.Commit(ctx, &change); err != nil {
		return kyc.Run{}, err
	}
	d.accept(next)
	e.graphs.Add(r.Graph.LinkedHash, r.Graph)
	mine := *s // the caller goes on using its own
	d.session = &mine
	after := func() {
		e.known.Add(definition, struct{}{})
		d.announce()
		if local && d.busy() && !e.launch(d) {
			e.handBack(ctx, d)
		}
	}
	if unit != nil {
		unit.After = append(unit.After, after)
	} else {
		after()
	}
	return next.run, nil
}

// snapshot gathers the payload of the first input.
func (e *Engine) snapshot(ctx context.Context, r BeginRequest) (*Begin, error) {
	s := r.Session
	b := &Begin{
		Tenant: s.Tenant,
		Session: SessionSnapshot{ID: s.ID, ExternalRef: s.ExternalRef, Surface: s.Surface, Country: s.Country,
			Fields: s.Private.Fields, Metadata: s.Private.Metadata, Established: s.Private.Established, Tags: s.Tags},
		Subject: SubjectSnapshot{ID: s.SubjectID},
		Uploads: r.Uploads, Lists: r.Lists,
		Definition: r.Graph.LinkedHash, WorkflowID: s.WorkflowID, Version: r.Version, Arm: r.Arm, Bucket: r.Bucket, Links: r.Graph.Links,
		From: r.From, Earlier: r.Earlier, By: r.By,
	}
	if b.Lists == nil && e.d.Lists != nil {
		b.Lists = e.d.Lists()
	}
	if e.d.Reviewed != nil {
		words, err := e.d.Reviewed(ctx, s)
		if err != nil {
			return nil, err
		}
		b.Reviewed = words
	}
	subject, err := e.subjectOf(ctx, r)
	if err != nil {
		return nil, err
	}
	if subject != nil {
		b.Subject = SubjectSnapshot{ID: subject.ID, ExternalRef: subject.ExternalRef, Kind: subject.Kind, Status: string(subject.Status)}
	}
	if r.Settings != nil {
		b.Settings = *r.Settings
	} else {
		org, err := e.d.Store.Org(ctx, s.Tenant.Org)
		if err != nil {
			return nil, err
		}
		b.Settings = org.EnvSettings(s.Tenant.Env)
	}
	if r.From != "" && r.Earlier != "" {
		if b.Carried, err = e.carried(ctx, r); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (e *Engine) subjectOf(ctx context.Context, r BeginRequest) (*kyc.Subject, error) {
	if r.Subject != nil || r.Session.SubjectID == "" {
		return r.Subject, nil
	}
	for _, o := range r.With.Put {
		if s, ok := o.(*kyc.Subject); ok && s.ID == r.Session.SubjectID {
			return s, nil
		}
	}
	s, err := e.d.Store.Subject(ctx, r.Session.Tenant, r.Session.SubjectID)
	switch {
	case err == nil:
		return &s, nil
	case kyc.KindOf(err) == kyc.NotFound: // made by the same request, not stored yet
		return nil, nil //nolint:nilerr // see the case
	}
	return nil, err
}

// carried are the last answers of an earlier run at every node that cannot be
// reached from where the new run begins.
func (e *Engine) carried(ctx context.Context, r BeginRequest) ([]Carried, error) {
	d, err := e.load(ctx, r.Session.Tenant, r.Earlier)
	if err != nil {
		return nil, err
	}
	ahead := reachable(r.Graph, r.From)
	var out []Carried
	if d.state.Begin != nil {
		for _, c := range d.state.Begin.Carried {
			if !ahead[c.Node] {
				out = append(out, c)
			}
		}
	}
	for _, rec := range d.state.Records {
		if rec.Answer == nil || rec.Status == RequiresRetry || ahead[rec.Node] {
			continue
		}
		out = slices.DeleteFunc(out, func(c Carried) bool { return c.Node == rec.Node })
		out = append(out, Carried{Node: rec.Node, Policy: rec.Policy, Answer: *rec.Answer})
	}
	return out, nil
}

// reachable are a node and all nodes behind it.
func reachable(g *flow.Compiled, from string) map[string]bool {
	seen := map[string]bool{}
	todo := []string{from}
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		n := g.Nodes[id]
		if n == nil || seen[id] {
			continue
		}
		seen[id] = true
		for _, e := range n.Edges() {
			todo = append(todo, e.To)
		}
	}
	return seen
}
