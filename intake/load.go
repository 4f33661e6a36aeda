package intake

import (
	"context"
	"slices"
	"time"

	"bonafide/checklist"
	"bonafide/kyc"
)

// defaultAttempts are those of each step where the organisation sets none.
const defaultAttempts = 3

// view is one session with everything needed to change it: the session and its
// journey as they were read (and are changed in memory), and the definition
// they are pinned to, which nobody changes.
type view struct {
	session  kyc.Session
	journey  kyc.Journey
	workflow kyc.Workflow
	version  kyc.WorkflowVersion
	def      *checklist.Definition
	org      kyc.Org
	now      time.Time // of the tenant

	// was and before are the session's state and digest when it was read.
	was    kyc.SessionStatus
	before string
	// start is set when the last step is over: save begins the run.
	start bool
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

// viewOf completes a session that was read already. Its workflow lies in the
// organisation's live environment, whatever the session's own is.
func (m *Machine) viewOf(ctx context.Context, s kyc.Session) (*view, error) {
	if s.Surface != kyc.SurfaceChecks {
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
	if v.workflow, err = m.d.Store.Workflow(ctx, s.PolicyTenant(), s.WorkflowID); err != nil {
		return nil, err
	}
	if v.version, err = m.d.Store.Version(ctx, s.PolicyTenant(), s.WorkflowID, s.Version); err != nil {
		return nil, err
	}
	v.def, err = m.definition(&v.version)
	return v, err
}

// definition reads a stored version.
func (m *Machine) definition(w *kyc.WorkflowVersion) (*checklist.Definition, error) {
	if d, ok := m.definitions.Get(w.ID); ok {
		return d, nil
	}
	d, err := checklist.Read(w.Source)
	if err != nil {
		return nil, kyc.Errorf(kyc.Internal, "bad_definition", "reading version %d of workflow %s: %w", w.Number, w.WorkflowID, err)
	}
	m.definitions.Add(w.ID, d)
	return d, nil
}

// settings are the organisation's rules where the session lives.
func (v *view) settings() kyc.Settings { return v.org.EnvSettings(v.session.Tenant.Env) }

// attempts are those that each step has.
func (v *view) attempts() int {
	if n := v.settings().Checks.Attempts; n > 0 {
		return n
	}
	return defaultAttempts
}

// current is the place of the step that may be submitted, -1 when every step
// is over.
func (v *view) current() int {
	return slices.IndexFunc(v.journey.Steps, func(s kyc.StepState) bool { return !s.Status.Done() })
}

// expired reports whether the session's time is over, swept already or not.
func (v *view) expired() bool {
	s := &v.session
	return s.Status == kyc.SessionExpired || s.Status.Open() && !s.ExpiresAt.IsZero() && !v.now.Before(s.ExpiresAt)
}

// takes refuses what comes too late for a session.
func (v *view) takes() error {
	if err := alive(&v.session); err != nil {
		return err
	}
	if v.expired() {
		return kyc.Errorf(kyc.Gone, "session_expired", "the session's time was over at %s", v.session.ExpiresAt.Format(time.RFC3339))
	}
	if !v.session.Status.Open() {
		return kyc.Errorf(kyc.Conflict, "session_closed", "the session is %s and takes nothing more", Word(v.session.Status))
	}
	return nil
}

// save commits what happened: the session and the journey of v, and c with
// everything else. After the last step the run begins in the same commit.
func (m *Machine) save(ctx context.Context, v *view, by kyc.Actor, c kyc.Change) error {
	v.establish()
	v.journey.Touch(v.now)
	c.Put = append(c.Put, &v.journey)
	held := kyc.Hold(ctx, &c)
	if v.start {
		uploads, err := m.uploads(ctx, v, c.Put)
		if err != nil {
			return err
		}
		v.session.Result, v.session.ReasonCode = "", ""
		if _, err = m.d.Begin(ctx, &v.session, uploads, v.now, by, c); err == nil {
			held()
		}
		return err
	}
	v.session.Touch(v.now)
	c.Put = append(c.Put, &v.session)
	after := digest(&v.session)
	for i := range c.Events {
		if e := &c.Events[i]; e.Object == "session" && e.ObjectID == v.session.ID {
			e.After = after
		}
	}
	err := m.d.Store.Commit(ctx, &c)
	if err == nil {
		held()
	}
	return err
}

// uploads are the session's files in force, as they will be once what is put
// is stored.
func (m *Machine) uploads(ctx context.Context, v *view, put []kyc.Object) ([]kyc.Upload, error) {
	all, err := m.d.Store.Uploads(ctx, v.session.Tenant, v.session.ID)
	if err != nil {
		return nil, err
	}
	for _, o := range put {
		u, ok := o.(*kyc.Upload)
		if !ok {
			continue
		}
		if i := slices.IndexFunc(all, func(x kyc.Upload) bool { return x.ID == u.ID }); i >= 0 {
			all[i] = *u
		} else {
			all = append(all, *u)
		}
	}
	return slices.DeleteFunc(all, func(u kyc.Upload) bool { return u.Superseded || !u.Readable() }), nil
}

// establish writes down what the run's checks may rely on: how each step
// ended, and what the liveness check shall answer. The liveness check itself
// cannot be repeated later, because the applicant is gone.
func (v *view) establish() {
	steps := map[string]any{}
	for _, s := range v.journey.Steps {
		one := map[string]any{"status": StepWord(s.Status)}
		if s.Reason != "" && s.Status != kyc.StepCompleted {
			one["reason"] = s.Reason
		}
		if s.Unanswered && s.Status == kyc.StepFailed {
			one["unanswered"] = true // nothing the applicant did: it refuses nobody
		}
		steps[s.StepID] = one
	}
	all := map[string]any{"checklist": map[string]any{"steps": steps}}
	if fact := v.liveness(); fact != nil {
		all["liveness"] = fact
	}
	v.session.Private.Established = all
}

// liveness is what the liveness check of the run shall answer; nil where the
// checklist has no such step.
func (v *view) liveness() map[string]any {
	step := v.def.Step(checklist.FaceLiveness)
	state := v.journey.Step(checklist.FaceLiveness)
	if step == nil || state == nil {
		return nil
	}
	fact := map[string]any{"status": "not_run", "attempts": state.Attempts}
	try := v.newestTry()
	if try == nil {
		return fact
	}
	fact["status"] = "failed"
	if try.Passed && state.Status == kyc.StepCompleted {
		fact["status"] = "passed"
	}
	fact["confidence"], fact["threshold"], fact["challenge"], fact["exam_id"] = try.Confidence, threshold(step), try.Challenge, string(try.ExamID)
	if try.Reason != "" {
		fact["reason"] = try.Reason
	}
	return fact
}

// newestTry is the liveness try that was evaluated last; nil when none was.
func (v *view) newestTry() *kyc.LivenessTry {
	var newest *kyc.LivenessTry
	for i := range v.journey.Liveness {
		if try := &v.journey.Liveness[i]; !try.Done.IsZero() && (newest == nil || !try.Done.Before(newest.Done)) {
			newest = try
		}
	}
	return newest
}

func threshold(s *checklist.Step) float64 {
	c, _ := s.Config.(checklist.LivenessConfig)
	return float64(c.ConfidenceThreshold)
}
