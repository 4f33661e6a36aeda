package session

import (
	"context"
	"time"

	"bonafide/kyc"
)

// Submit hands a session to the engine. Live sessions must have everything
// their workflow's capture plan requires (422 capture_incomplete lists what is
// missing); sandbox sessions need nothing. The workflow version is chosen and
// pinned here. fields are laid over the form's data first and may be nil.
func (m *Sessions) Submit(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, fields map[string]any) (kyc.Session, kyc.Run, error) {
	s, err := m.writable(ctx, t, id)
	if err != nil {
		return s, kyc.Run{}, err
	}
	if err := match(&s.Meta, rev); err != nil {
		return s, kyc.Run{}, err
	}
	if !s.Status.Open() {
		return s, kyc.Run{}, kyc.Errorf(kyc.Conflict, "invalid_transition", "the session is %s and cannot be submitted", s.Status)
	}
	now, org, err := m.now(ctx, t)
	if err != nil {
		return s, kyc.Run{}, err
	}
	if err := inTime(&s, now); err != nil {
		return s, kyc.Run{}, err
	}
	s.Private.Fields = merge(s.Private.Fields, fields)
	s.SubmittedAt = now
	run, err := m.begin(ctx, &s, org, beginning{by: by, now: now, action: "session.submit", complete: true})
	return s, run, err
}

// inTime refuses an open session whose time is over and that no sweep has
// expired yet.
func inTime(s *kyc.Session, now time.Time) error {
	if s.Status != kyc.SessionCorrection && !s.ExpiresAt.IsZero() && !now.Before(s.ExpiresAt) {
		return kyc.Errorf(kyc.Conflict, "expired", "the session's time is over; resume it first")
	}
	return nil
}

// Reprocess runs a finished session again, on the version that is in force
// now. The earlier runs stay as they were.
func (m *Sessions) Reprocess(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) (kyc.Session, kyc.Run, error) {
	return m.rerun(ctx, t, by, id, "session.reprocess", "", nil)
}

// ResumeAt runs a finished session again from one node of its graph, with the
// results of its last run up to there, on the version that run was pinned to.
// Errors: 422 no_such_step; 409 step_not_reached when the last run did not
// come to the node, because starting there would pass by the check that
// stopped it.
func (m *Sessions) ResumeAt(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, at Point) (kyc.Session, kyc.Run, error) {
	return m.rerun(ctx, t, by, id, "session.resume_workflow", "", &at)
}

// Point is a place in a graph: the first node of a policy, or the n-th policy
// node of the graph in topological order (0-based).
type Point struct {
	Policy    string
	StepIndex *int
}

// Trigger runs a workflow for an existing session: an open one is submitted, a
// finished one is run again, both on that workflow.
func (m *Sessions) Trigger(ctx context.Context, t kyc.Tenant, by kyc.Actor, workflow, id kyc.ID) (kyc.Session, kyc.Run, error) {
	w, err := m.d.Store.Workflow(ctx, t, workflow)
	if err != nil {
		return kyc.Session{}, kyc.Run{}, err
	}
	if foreign(w.Surface) {
		return kyc.Session{}, kyc.Run{}, kyc.Missing("workflow", string(workflow))
	}
	if err := usable(w); err != nil {
		return kyc.Session{}, kyc.Run{}, err
	}
	s, err := m.writable(ctx, t, id)
	if err != nil {
		return s, kyc.Run{}, err
	}
	if s.Status.Open() {
		now, org, err := m.now(ctx, t)
		if err != nil {
			return s, kyc.Run{}, err
		}
		if err := inTime(&s, now); err != nil {
			return s, kyc.Run{}, err
		}
		s.WorkflowID, s.SubmittedAt = workflow, now
		run, err := m.begin(ctx, &s, org, beginning{by: by, now: now, action: "session.trigger", complete: true})
		return s, run, err
	}
	return m.rerun(ctx, t, by, id, "session.trigger", workflow, nil)
}

// TriggerFor opens a session for a known person and runs the workflow at once
// on the data given.
func (m *Sessions) TriggerFor(ctx context.Context, t kyc.Tenant, by kyc.Actor, n NewSession) (kyc.Session, kyc.Run, error) {
	s, change, _, err := m.prepare(ctx, t, by, n)
	if err != nil {
		return kyc.Session{}, kyc.Run{}, err
	}
	now, org, err := m.now(ctx, t)
	if err != nil {
		return *s, kyc.Run{}, err
	}
	s.SubmittedAt = now
	s.TokenHash = ""
	run, err := m.begin(ctx, s, org, beginning{by: by, now: now, action: "session.trigger", complete: true, with: change})
	return *s, run, err
}

func (m *Sessions) rerun(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, action string, workflow kyc.ID, at *Point) (kyc.Session, kyc.Run, error) {
	s, err := m.writable(ctx, t, id)
	if err != nil {
		return s, kyc.Run{}, err
	}
	if s.RunID == "" || !s.Status.CanBecome(kyc.SessionRunning) || s.Status == kyc.SessionPaused || s.Status.Open() {
		return s, kyc.Run{}, kyc.Errorf(kyc.Conflict, "invalid_transition", "the session is %s; only a session whose run has ended can run again", s.Status)
	}
	if workflow != "" {
		s.WorkflowID = workflow
	}
	now, org, err := m.now(ctx, t)
	if err != nil {
		return s, kyc.Run{}, err
	}
	run, err := m.begin(ctx, &s, org, beginning{by: by, now: now, action: action, again: true, at: at})
	return s, run, err
}

type beginning struct {
	by       kyc.Actor
	now      time.Time
	action   string
	complete bool // the capture plan must be fulfilled (live)
	again    bool // the session ran before
	at       *Point
	with     *kyc.Change // of a new session
}

func (m *Sessions) begin(ctx context.Context, s *kyc.Session, org kyc.Org, b beginning) (kyc.Run, error) {
	if err := alive(s); err != nil {
		return kyc.Run{}, err
	}
	settings := org.EnvSettings(s.Tenant.Env)
	pick := m.choose
	if b.at != nil {
		pick = m.pinned // the rest of a walk, not another walk
	}
	c, err := pick(ctx, s, settings)
	if err != nil {
		return kyc.Run{}, err
	}
	var uploads []kyc.Upload
	if b.with == nil {
		if uploads, err = m.d.Store.Uploads(ctx, s.Tenant, s.ID); err != nil {
			return kyc.Run{}, err
		}
	}
	if b.complete && s.Tenant.Env == kyc.Live {
		if p := m.incomplete(c, s, uploads); len(p) > 0 {
			return kyc.Run{}, kyc.InvalidInput("capture_incomplete", "the session lacks what its workflow requires", p)
		}
	}
	start := Start{Session: s, Graph: c.graph, Version: c.version.Number, Arm: c.arm, Bucket: c.bucket, Uploads: current(uploads), Now: b.now, By: b.by}
	if b.again {
		start.Arm = "reprocess"
	}
	if b.at != nil {
		if start.From, err = find(c, *b.at); err != nil {
			return kyc.Run{}, err
		}
		if err := m.reached(ctx, s, start.From); err != nil {
			return kyc.Run{}, err
		}
		start.Earlier = s.RunID
	}
	if b.with != nil {
		start.With = *b.with
	}
	before := digest(s)
	fresh := s.Status == kyc.SessionCreated
	s.Version = c.version.Number
	s.Result, s.ReasonCode = "", ""
	if s.TokenUsedAt.IsZero() {
		s.TokenHash = "" // the link has done its work
	} // who opened it is shown how the session stands
	e := m.sessionEvent(ctx, s, b.by, b.now, b.action, "", nil)
	e.Before = before
	if fresh {
		// Without a capture page the session starts here.
		s.Sequence++
		e = m.d.News.Tell(e, s, nil, "started")
	}
	start.With.Events = append(start.With.Events, e)
	return m.d.Engine.Begin(ctx, start)
}

func (m *Sessions) incomplete(c chosen, s *kyc.Session, uploads []kyc.Upload) []kyc.Problem {
	plan, _ := capturePlan(c, m.d.Catalog)
	return missing(plan, s, uploads)
}

// current leaves out replaced files.
func current(uploads []kyc.Upload) []kyc.Upload {
	var out []kyc.Upload
	for _, u := range uploads {
		if !u.Superseded {
			out = append(out, u)
		}
	}
	return out
}

// reached refuses a node that the session's last run did not come to. Of a run
// that was itself resumed, what lay before its first node counts as well.
func (m *Sessions) reached(ctx context.Context, s *kyc.Session, node string) error {
	before := ""
	for run := s.RunID; run != ""; {
		trace, err := m.d.Trace(ctx, s.Tenant, run)
		if err != nil {
			return err
		}
		for _, a := range trace.Attempts {
			if a.Node == before {
				break
			}
			if a.Node == node {
				return nil
			}
		}
		before, run = trace.From, trace.Earlier
	}
	return kyc.Errorf(kyc.Conflict, "step_not_reached", "the last run did not come to this step; resume from one it came to, or reprocess the session")
}

// find translates a point into a node id.
func find(c chosen, p Point) (string, error) {
	i := 0
	for _, id := range c.graph.Order {
		n := c.graph.Nodes[id]
		if n.Policy == "" {
			continue
		}
		if (p.Policy != "" && n.Policy == p.Policy) || (p.Policy == "" && p.StepIndex != nil && *p.StepIndex == i) {
			return id, nil
		}
		i++
	}
	return "", kyc.InvalidInput("no_such_step", "the workflow has no such step",
		[]kyc.Problem{{Path: "/policy", Code: "no_such_step", Message: "name a policy of the workflow or a step_index below the number of its checks"}})
}

// Cancel stops a session: before submission it expires, later its run is
// cancelled.
func (m *Sessions) Cancel(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, reason string) error {
	s, err := m.writable(ctx, t, id)
	if err != nil {
		return err
	}
	if s.Status.Open() {
		_, err = m.Expire(ctx, t, by, id)
		return err
	}
	if s.RunID == "" || s.Status.Ended() {
		return kyc.Errorf(kyc.Conflict, "invalid_transition", "the session is %s and cannot be cancelled", s.Status)
	}
	return m.d.Engine.Cancel(ctx, t, s.RunID, reason)
}
