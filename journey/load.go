package journey

import (
	"context"
	"time"

	"bonafide/kyc"
	"bonafide/onboarding"
)

// view is one session with everything needed to change it: the session and its
// journey as they were read (and are changed in memory), and the definition
// they are pinned to, which nobody changes.
type view struct {
	session  kyc.Session
	journey  kyc.Journey
	workflow kyc.Workflow
	version  kyc.WorkflowVersion
	def      *onboarding.Definition
	org      kyc.Org
	now      time.Time // of the tenant

	// was and before are the session's state and digest when it was read.
	was    kyc.SessionStatus
	before string
	// start is set by finishIfComplete: save begins a run.
	start bool
	// run is what save began.
	run kyc.Run
}

// load reads a session of this surface; a session of another one is missing.
func (m *Machine) load(ctx context.Context, t kyc.Tenant, id kyc.ID) (*view, error) {
	s, err := m.d.Store.Session(ctx, t, id)
	if err != nil {
		return nil, err
	}
	return m.viewOf(ctx, s)
}

// loadFor is load for a write: rev is the revision of If-Match (0 for none),
// and the session's data must not have been erased.
func (m *Machine) loadFor(ctx context.Context, t kyc.Tenant, id kyc.ID, rev int64) (*view, error) {
	v, err := m.load(ctx, t, id)
	if err != nil {
		return nil, err
	}
	if err := match(&v.session.Meta, rev); err != nil {
		return nil, err
	}
	return v, alive(&v.session)
}

// viewOf completes a session that was read already (by its token).
func (m *Machine) viewOf(ctx context.Context, s kyc.Session) (*view, error) {
	if s.Surface != kyc.SurfaceSteps {
		return nil, kyc.Missing("session", string(s.ID))
	}
	v := &view{session: s, was: s.Status, before: digest(&s)}
	var err error
	if v.now, v.org, err = m.now(ctx, s.Tenant); err != nil {
		return nil, err
	}
	if v.journey, err = m.d.Store.Journey(ctx, s.Tenant, s.ID); err != nil {
		return nil, err
	}
	if v.workflow, err = m.d.Store.Workflow(ctx, s.Tenant, s.WorkflowID); err != nil {
		return nil, err
	}
	if v.version, err = m.d.Store.Version(ctx, s.Tenant, s.WorkflowID, s.Version); err != nil {
		return nil, err
	}
	v.def, err = m.definition(&v.version)
	return v, err
}

// definition reads a stored version. It was valid when it was stored, and
// stays readable when a later build knows fewer words.
func (m *Machine) definition(w *kyc.WorkflowVersion) (*onboarding.Definition, error) {
	if d, ok := m.definitions.Get(w.ID); ok {
		return d, nil
	}
	d, report := onboarding.Parse(w.Source, onboarding.ParseOptions{Lenient: true})
	if err := report.Err(); err != nil {
		return nil, kyc.Errorf(kyc.Internal, "bad_definition", "reading version %d of workflow %s: %w", w.Number, w.WorkflowID, err)
	}
	m.definitions.Add(w.ID, d)
	return d, nil
}

// step finds a step of the definition and its state; ok is false for an
// unknown id.
func (v *view) step(id string) (def *onboarding.Step, state *kyc.StepState, ok bool) {
	for i := range v.def.Steps {
		if v.def.Steps[i].StepID == id {
			state = v.journey.Step(id)
			return &v.def.Steps[i], state, state != nil
		}
	}
	return nil, nil, false
}
