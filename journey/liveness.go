package journey

import (
	"context"
	"encoding/json"

	"bonafide/kyc"
	"bonafide/onboarding"
)

// maxTries is how many liveness checks a session may open, evaluated or not.
const maxTries = 100

// LivenessCheck is an opened liveness check (P9).
type LivenessCheck struct {
	Try       kyc.LivenessTry
	Remaining int // attempts left, this one included
}

// LivenessOutcome is an evaluated one (P10).
type LivenessOutcome struct {
	Try       kyc.LivenessTry
	Remaining int
	// Step is the state of the step afterwards: failed when the attempts are
	// used up.
	Step kyc.StepStatus
}

// OpenLiveness opens a liveness check for a step (P9); without a step it is the
// first liveness step that waits. Errors: 409 liveness_not_asked,
// liveness_attempts_exhausted, step_already_completed.
func (m *Machine) OpenLiveness(ctx context.Context, token, step string) (LivenessCheck, error) {
	v, by, err := m.enter(ctx, token)
	if err != nil {
		return LivenessCheck{}, err
	}
	if step == "" {
		if step = v.firstOf(onboarding.Liveness); step == "" {
			if v.exhausted() {
				return LivenessCheck{}, exhausted()
			}
			return LivenessCheck{}, kyc.Errorf(kyc.Conflict, "liveness_not_asked", "no step waits for a liveness check")
		}
	}
	def, state, err := v.working(step)
	if err != nil {
		if _, failed, ok := v.step(step); ok && failed.Status == kyc.StepFailed {
			return LivenessCheck{}, exhausted()
		}
		return LivenessCheck{}, err
	}
	if def.Type != onboarding.Liveness {
		return LivenessCheck{}, kyc.Errorf(kyc.Conflict, "liveness_not_asked", "this step asks for no liveness check")
	}
	left := def.LivenessConfig.Attempts() - state.Attempts
	if left <= 0 || len(v.journey.Liveness) >= maxTries {
		return LivenessCheck{}, exhausted()
	}
	try := kyc.LivenessTry{ID: kyc.NewID(v.now), StepID: step, Challenge: def.LivenessConfig.ChallengeType, CreatedAt: v.now}
	if try.LivenessPlan, err = m.plan(ctx, v, def, &try); err != nil {
		return LivenessCheck{}, err
	}
	v.keepDrawing(&try)
	c := kyc.Change{Events: []kyc.Event{v.note(ctx, by, "session.liveness_open")}}
	if err := m.giveUp(ctx, v, step, &c); err != nil {
		return LivenessCheck{}, err
	}
	v.journey.Liveness = append(v.journey.Liveness, try)
	if err := v.begin(state); err != nil {
		return LivenessCheck{}, err
	}
	return LivenessCheck{Try: try, Remaining: left}, m.save(ctx, v, by, c)
}

func exhausted() *kyc.Error {
	return kyc.Errorf(kyc.Conflict, "liveness_attempts_exhausted", "every attempt is used up; the session goes on without it")
}

// exhausted reports whether a liveness step failed for good.
func (v *view) exhausted() bool {
	for _, s := range v.journey.Steps {
		if def, _, ok := v.step(s.StepID); ok && def.Type == onboarding.Liveness && s.Status == kyc.StepFailed {
			return true
		}
	}
	return false
}

// EvaluateLiveness evaluates an opened check (P10), named by its id or by that
// of the service that films. Asked again, it answers the
// same. A try of this program's own is judged by the frames that came for it
// (SendFrames), one of a service by what that says. After the last failed attempt a required step is failed and an optional
// one skipped, and the session goes on: the rules will know. A provider that is
// not set up ends the step at once, because no attempt of the applicant can
// change that. Errors: 404 liveness_not_found; 409 liveness_frames_missing,
// liveness_unfinished, which are no attempts.
func (m *Machine) EvaluateLiveness(ctx context.Context, token string, id string) (LivenessOutcome, error) {
	v, err := m.visit(ctx, token)
	if err != nil {
		return LivenessOutcome{}, err
	}
	try, err := v.named(id)
	if err != nil {
		return LivenessOutcome{}, err
	}
	def, state, ok := v.step(try.StepID)
	if !ok {
		return LivenessOutcome{}, noTry()
	}
	result := func() LivenessOutcome {
		left := max(def.LivenessConfig.Attempts()-state.Attempts, 0)
		if state.Status.Done() {
			left = 0
		}
		return LivenessOutcome{Try: *try, Remaining: left, Step: state.Status}
	}
	if !try.Done.IsZero() {
		return result(), nil
	}
	if !v.session.Status.Open() {
		return LivenessOutcome{}, kyc.Errorf(kyc.Conflict, "session_closed", "the session is %s and takes nothing more", Word(v.session.Status))
	}
	if state.Status.Done() {
		return LivenessOutcome{}, kyc.Errorf(kyc.Conflict, "step_already_completed", "the step is %s", state.Status)
	}
	by := v.applicant()
	var c kyc.Change
	frames, err := m.framesOf(ctx, v, try)
	if err != nil {
		return LivenessOutcome{}, err
	}
	exam, err := m.askLiveness(ctx, v, def, try, frames, &c)
	if err != nil {
		return LivenessOutcome{}, err
	}
	if early(exam.Answer) {
		return LivenessOutcome{}, unfinished(exam.Answer)
	}
	try.Done, try.ExamID = v.now, exam.ID
	try.Passed = exam.Answer.Status == kyc.StatusOK && exam.Answer.Verdict == kyc.Pass
	if exam.Answer.Score != nil {
		try.Confidence = *exam.Answer.Score
	}
	if !try.Passed && len(exam.Answer.Reasons) > 0 {
		try.Reason = exam.Answer.Reasons[0].Code
	}
	if err := m.keepFrames(ctx, v, def, try, frames, exam.Answer, &c); err != nil {
		return LivenessOutcome{}, err
	}
	state.Attempts++
	if err := v.begin(state); err != nil {
		return LivenessOutcome{}, err
	}
	v.establish()
	hopeless := exam.Answer.Status == kyc.StatusNotConfigured
	if !try.Passed && (hopeless || state.Attempts >= def.LivenessConfig.Attempts()) {
		state.Reason = firstOf(try.Reason, "liveness_failed")
		end := kyc.StepSkipped
		if v.required(def.StepID) {
			end = kyc.StepFailed
		}
		if _, err := m.stepDone(ctx, v, by, state, end, c); err != nil {
			return LivenessOutcome{}, err
		}
		return result(), nil
	}
	c.Events = append(c.Events, v.note(ctx, by, "session.liveness_evaluate"))
	return result(), m.save(ctx, v, by, c)
}

// askLiveness asks the liveness check about the try that is under way.
func (m *Machine) askLiveness(ctx context.Context, v *view, def *onboarding.Step, try *kyc.LivenessTry, frames []kyc.Transfer, c *kyc.Change) (kyc.Exam, error) {
	config, err := json.Marshal(map[string]any{"threshold": def.LivenessConfig.MinConfidence})
	if err != nil {
		return kyc.Exam{}, kyc.Errorf(kyc.Internal, "bad_definition", "writing a question: %w", err)
	}
	uploads, err := m.uploads(ctx, v, c)
	if err != nil {
		return kyc.Exam{}, err
	}
	r := m.request(v, uploads)
	r.Policy, r.Node, r.Config = "liveness", "liveness", config
	r.Established = nil // what earlier tries established must not answer this one
	if try.Provider != "" {
		r.Uploads = filmed(r.Uploads, frames)
		r.Established = map[string]any{kyc.KeyLivenessTry: try.Fact(true, frames)}
	}
	return m.ask(ctx, v, def.StepID, "", r, c)
}

// required reports whether a shown step must be done.
func (v *view) required(step string) bool {
	for _, shown := range v.visible() {
		if shown.Step.StepID == step {
			return shown.Required
		}
	}
	return false
}

// haveLiveness asks for a passed try in a liveness step. A correction of the
// step asks for a new one.
func (v *view) haveLiveness(step string) error {
	for _, try := range v.journey.Liveness {
		if try.StepID != step || !try.Passed {
			continue
		}
		renewed := true
		for _, item := range v.journey.Corrections {
			if item.StepID == step && item.Status == kyc.CorrectionOpen && !try.CreatedAt.After(item.CreatedAt) {
				renewed = false
			}
		}
		if renewed {
			return nil
		}
	}
	return kyc.Errorf(kyc.Conflict, "liveness_required", "the liveness check of this step was not passed yet")
}

// establish writes down what the run's liveness check shall answer. The check
// itself cannot be repeated later, because the applicant is gone. Each step says
// what its newest evaluated try said, and the worst of them counts: a passed
// step does not make up for another one that failed. A step that is skipped or
// not shown asks for nothing, but a try that failed in it stays evidence, so
// that a changed answer or a skip cannot take it away.
func (v *view) establish() {
	var last *kyc.LivenessTry
	asked, waiting, skipped, attempts, threshold := false, false, true, 0, 0.0
	for i := range v.journey.Steps {
		s := &v.journey.Steps[i]
		def, _, ok := v.step(s.StepID)
		if !ok || def.Type != onboarding.Liveness {
			continue
		}
		asked = true
		attempts += s.Attempts
		try := v.newestTry(s.StepID)
		out := s.Hidden || s.Status == kyc.StepSkipped
		switch {
		case try == nil && out, try != nil && try.Passed && out:
			continue
		case try == nil:
			skipped, waiting = false, true
			continue
		}
		skipped = false
		if last == nil || worse(try, last) {
			last, threshold = try, def.LivenessConfig.MinConfidence
		}
	}
	if !asked {
		return
	}
	fact := map[string]any{"status": "not_run", "attempts": attempts}
	switch {
	case last != nil && !last.Passed:
		fact["status"] = "failed"
	case waiting: // a step that has no answer yet holds back those that have
	case last != nil:
		fact["status"] = "passed"
	case skipped:
		fact["status"] = "skipped"
	}
	if last != nil {
		fact["confidence"], fact["threshold"], fact["challenge"], fact["exam_id"] = last.Confidence, threshold, last.Challenge, string(last.ExamID)
		if last.Reason != "" {
			fact["reason"] = last.Reason
		}
	}
	if v.session.Private.Established == nil {
		v.session.Private.Established = map[string]any{}
	}
	v.session.Private.Established["liveness"] = fact
}

// newestTry is the try of a step that was evaluated last; nil when none was.
func (v *view) newestTry(step string) *kyc.LivenessTry {
	var newest *kyc.LivenessTry
	for i := range v.journey.Liveness {
		try := &v.journey.Liveness[i]
		if try.StepID == step && !try.Done.IsZero() && (newest == nil || !try.Done.Before(newest.Done)) {
			newest = try
		}
	}
	return newest
}

// worse reports whether a try speaks more against the applicant than another:
// a failed one does, and of two alike the less certain one.
func worse(a, b *kyc.LivenessTry) bool {
	if a.Passed != b.Passed {
		return !a.Passed
	}
	return a.Confidence < b.Confidence
}
