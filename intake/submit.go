package intake

import (
	"context"
	"maps"
	"slices"
	"time"

	"bonafide/checklist"
	"bonafide/kyc"
)

// maxRaces bounds how often a submission is laid over a session that something
// else changed meanwhile.
const maxRaces = 4

// commitTime is how long a submission may take to be stored.
const commitTime = 10 * time.Second

// Words of submissions.
const (
	actionStart    = "start"
	actionUpload   = "upload-url"
	actionComplete = "complete"
)

// Start begins or resumes a session (B12). It is safe to repeat: a session
// under way, or one that is over, is answered as it stands. Errors: 410
// session_expired; 412.
func (m *Machine) Start(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64) (State, error) {
	v, err := m.loadFor(ctx, t, id, rev)
	if err != nil {
		return State{}, err
	}
	if v.expired() {
		return State{}, v.takes()
	}
	if v.session.Status != kyc.SessionCreated {
		return m.told(ctx, v)
	}
	if err := v.session.Move(kyc.SessionCapturing, v.now); err != nil {
		return State{}, err
	}
	if err := m.save(ctx, v, by, kyc.Change{Events: []kyc.Event{v.note(ctx, by, "session.start")}}); err != nil {
		return State{}, err
	}
	return v.state(), nil
}

// work is what a submission came to before anything of it is stored.
type work struct {
	step string
	// address is where it came from.
	address string
	at      time.Time
	mark    string // of the steps it was judged against
	asked   []Checked
	exams   []kyc.Exam
	// uploads are new documents, transfers the files they came as. replaces
	// says which earlier documents of the step they take the place of.
	uploads   []kyc.Upload
	transfers []kyc.Transfer
	replaces  func(u *kyc.Upload) bool
	// announced are files that may be sent now.
	announced []kyc.Transfer
	// blobs were written for this submission alone.
	blobs []string

	// used says that it was an attempt. end is what the step becomes unless the
	// attempts are used up; reason says why it did not pass.
	used   bool
	end    kyc.StepStatus
	reason string
	// unanswered says that it did not pass because a check could not answer.
	unanswered bool
	// fields changes the session's fields, which the checks see as well; apply
	// changes the rest of the session and the step. Both are called once for each
	// view the work is laid over.
	fields []func(fields map[string]any)
	apply  []func(v *view, s *kyc.StepState)

	fraud    *Fraud
	liveness *LivenessReply
}

// Submit hands something in for the current step (B13). Checks are asked before
// anything is written. Every submission whose checks were asked is an attempt,
// whether it passed or not; one that was refused (a problem in the body, a
// missing file, a lost race) and an action that only prepares is none. It is
// stored at once and not with the request's unit: only so the machine sees that
// somebody else was first, and can lay the work over what the background did
// meanwhile. Errors:
// Invalid invalid_submission with all problems; 404 step_not_found; 409
// not_current_step, session_closed, upload_missing, escalation_required,
// liveness_not_started, media_not_started, too_many_tries, concurrent_change;
// 410 session_expired, upload_expired; 412.
func (m *Machine) Submit(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, stepID string, s Submission) (Submitted, error) {
	ctx = kyc.WithoutUnit(ctx)
	v, err := m.loadFor(ctx, t, id, s.Rev)
	if err != nil {
		return Submitted{}, err
	}
	def, err := v.asked(stepID)
	if err != nil {
		return Submitted{}, err
	}
	b, err := newBody(s.Body)
	if err != nil {
		return Submitted{}, err
	}
	w := &work{step: def.ID, address: s.Address, at: v.now, mark: v.mark(), end: kyc.StepInProgress}
	w.apply = append(w.apply, func(v *view, _ *kyc.StepState) { v.from(v.session.ID, w.address) })
	if err := m.perform(ctx, v, def, b, w); err != nil {
		m.discard(ctx, v, w)
		return Submitted{}, err
	}
	// The caller may have hung up; the checks were asked and their answers stay.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTime)
	defer cancel()
	for range maxRaces {
		var out Submitted
		if out, err = m.lay(ctx, v, by, w); err == nil || !kyc.IsCode(err, "concurrent_change") || s.Rev != 0 {
			if err != nil {
				m.discard(ctx, v, w)
			}
			return out, err
		}
		// Somebody was first. Where they did something else (a case was filed),
		// the work still holds; where they moved the steps, it does not.
		fresh, again := m.load(ctx, t, id)
		if again == nil {
			again = fresh.takes()
		}
		if again == nil && fresh.mark() != w.mark {
			again = kyc.Stale("the step")
		}
		if again != nil {
			err = again
			break
		}
		v = fresh
	}
	m.discard(ctx, v, w)
	return Submitted{}, err
}

// asked finds the current step and refuses every other one.
func (v *view) asked(stepID string) (*checklist.Step, error) {
	id, _ := checklist.StepID(stepID)
	def := v.def.Step(id)
	if def == nil || v.journey.Step(id) == nil {
		return nil, kyc.Errorf(kyc.NotFound, "step_not_found", "this session has no such step")
	}
	if err := v.takes(); err != nil {
		return nil, err
	}
	at := v.current()
	if at < 0 || v.journey.Steps[at].StepID != id {
		now := "none: every step is over"
		if at >= 0 {
			now = v.journey.Steps[at].StepID
		}
		return nil, kyc.Errorf(kyc.Conflict, "not_current_step", "%s cannot be submitted now; the current step is %s", id, now)
	}
	return def, nil
}

// mark names the state that a submission is judged against.
func (v *view) mark() string { return digest([]any{v.journey.Steps, v.journey.Liveness}) }

// from keeps the address that something came from, encrypted: a consent by its
// ID, the newest submission by the session's.
func (v *view) from(what kyc.ID, address string) {
	if address == "" {
		return
	}
	all := maps.Clone(v.journey.Private.Addresses)
	if all == nil {
		all = map[kyc.ID]string{}
	}
	all[what] = address
	v.journey.Private.Addresses = all
}

// Consent records a text that the applicant was shown before the steps and what
// they said to it; its kind, version and hash are given. It is no attempt at a
// step. Errors: 409 session_closed, 410 session_expired.
func (m *Machine) Consent(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, c kyc.Consented, address string) error {
	v, err := m.load(ctx, t, id)
	if err != nil {
		return err
	}
	if err := v.takes(); err != nil {
		return err
	}
	c.ID, c.At = kyc.NewID(v.now), v.now
	v.journey.Consents = append(slices.Clone(v.journey.Consents), c)
	v.from(c.ID, address)
	return m.save(ctx, v, by, kyc.Change{Events: []kyc.Event{v.note(ctx, by, "session.consent")}})
}

// perform asks what a submission of the step leads to. It changes nothing: v
// is read, w is filled.
func (m *Machine) perform(ctx context.Context, v *view, def *checklist.Step, b *body, w *work) error {
	switch def.ID {
	case checklist.IDVerification:
		return m.identify(ctx, v, def, b, w)
	case checklist.FaceLiveness:
		return m.live(ctx, v, def, b, w)
	case checklist.AgeEstimation, checklist.DocumentUpload:
		return m.show(ctx, v, def, b, w)
	case checklist.PEPSanctions:
		return m.screen(ctx, v, def, b, w)
	case checklist.AdverseMedia:
		return m.media(ctx, v, def, b, w)
	case checklist.Consent:
		return m.agree(ctx, v, def, b, w)
	}
	return kyc.Errorf(kyc.Internal, "step_unknown", "nothing here performs %s", def.ID)
}

// lay makes one commit of the work on a session as it stands in v.
func (m *Machine) lay(ctx context.Context, v *view, by kyc.Actor, w *work) (Submitted, error) {
	s := v.journey.Step(w.step)
	if v.session.Status == kyc.SessionCreated {
		if err := v.session.Move(kyc.SessionCapturing, v.now); err != nil {
			return Submitted{}, err
		}
	}
	if s.StartedAt.IsZero() {
		s.StartedAt = v.now
	}
	s.Status = w.end
	if w.used {
		s.Attempts++
		s.Reason, s.Unanswered = w.reason, w.unanswered
	}
	v.session.Private.Fields = w.over(v.session.Private.Fields)
	for _, change := range w.apply {
		change(v, s)
	}
	if w.used && s.Status == kyc.StepInProgress && w.reason != "" && s.Attempts >= v.attempts() {
		v.exhaust(s)
	}
	c, err := m.record(ctx, v, w)
	if err != nil {
		return Submitted{}, err
	}
	e := v.note(ctx, by, "session.submit")
	e.Reason = w.step
	c.Events = append(c.Events, e)
	if s.Status.Done() {
		if err := m.over(ctx, v, by, s, &c); err != nil {
			return Submitted{}, err
		}
	}
	if err := m.save(ctx, v, by, c); err != nil {
		return Submitted{}, err
	}
	at := slices.IndexFunc(v.journey.Steps, func(x kyc.StepState) bool { return x.StepID == w.step })
	return Submitted{State: v.state(), Step: v.step(at), Checks: w.asked, Fraud: w.fraud, Liveness: w.liveness}, nil
}

// over gives the session's fields with what the submission says laid over them.
func (w *work) over(fields map[string]any) map[string]any {
	if len(w.fields) == 0 {
		return fields
	}
	out := maps.Clone(fields)
	if out == nil {
		out = map[string]any{}
	}
	for _, change := range w.fields {
		change(out)
	}
	return out
}

// exhaust ends a step whose attempts are used up. A further proof that was
// asked for and did not come about failed with it.
func (v *view) exhaust(s *kyc.StepState) {
	s.Status = kyc.StepFailed
	if s.Escalation != nil && s.Escalation.DoneAt.IsZero() {
		done := *s.Escalation
		done.DoneAt = v.now
		s.Escalation, s.Reason = &done, reasonEscalation
	}
}

// over is called when a step is over. After the last one the session is handed
// to the engine.
func (m *Machine) over(ctx context.Context, v *view, by kyc.Actor, s *kyc.StepState, c *kyc.Change) error {
	s.CompletedAt = v.now
	if s.Status == kyc.StepCompleted {
		s.Reason = ""
	}
	if s.StepID == checklist.IDVerification && v.background() {
		c.Jobs = append(c.Jobs, kyc.Job{Kind: JobAnalyse, Tenant: v.session.Tenant, Object: v.session.ID, Key: string(v.session.ID)})
	}
	c.Events = append(c.Events, m.tell(ctx, v, by, "session.step", NewsStepCompleted,
		map[string]any{"step_id": s.StepID, "step_status": StepWord(s.Status), "failure_reason": s.Reason}))
	if v.current() >= 0 {
		return nil
	}
	v.session.SubmittedAt = v.now
	if err := v.session.Move(kyc.SessionCaptured, v.now); err != nil {
		return err
	}
	c.Events = append(c.Events, m.tell(ctx, v, by, "session.complete", NewsSubmitted, nil))
	v.start = true
	return nil
}

// background reports whether the documents are analysed after their step.
func (v *view) background() bool {
	return slices.ContainsFunc(v.asks(checklist.IDVerification), func(a checklist.Ask) bool { return a.Background })
}

// asks are the checks of a step under the organisation's rules.
func (v *view) asks(step string) []checklist.Ask {
	return v.def.Checks(step, checklist.Options{ExpiryPolicy: v.settings().Checks.ExpiryPolicy})
}

// record puts the documents and the exams of a submission into a change.
func (m *Machine) record(ctx context.Context, v *view, w *work) (kyc.Change, error) {
	var c kyc.Change
	for i := range w.exams {
		x := w.exams[i]
		x.Touch(w.at)
		c.Put = append(c.Put, &x)
	}
	for i := range w.announced {
		t := w.announced[i]
		t.Touch(v.now)
		c.Put = append(c.Put, &t)
	}
	for i := range w.transfers {
		t := w.transfers[i]
		t.Touch(v.now)
		c.Put = append(c.Put, &t)
	}
	if len(w.uploads) == 0 {
		return c, nil
	}
	earlier, err := m.d.Store.Uploads(ctx, v.session.Tenant, v.session.ID)
	if err != nil {
		return c, err
	}
	for i := range earlier {
		if old := &earlier[i]; !old.Superseded && old.StepID == w.step && w.replaces(old) {
			old.Superseded = true
			old.Touch(v.now)
			c.Put = append(c.Put, old)
		}
	}
	for i := range w.uploads {
		u := w.uploads[i]
		u.Touch(w.at)
		c.Put = append(c.Put, &u)
	}
	return c, nil
}

// discard takes away what was written for a submission that came to nothing.
func (m *Machine) discard(ctx context.Context, v *view, w *work) {
	for _, key := range w.blobs {
		if err := m.d.Store.DeleteBlob(context.WithoutCancel(ctx), v.session.Tenant, key); err != nil && kyc.KindOf(err) != kyc.NotFound {
			m.d.Log.Warn("a file of a refused submission was not removed", "session", v.session.ID, "code", kyc.AsError(err).Code)
		}
	}
}
