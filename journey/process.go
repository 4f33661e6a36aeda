package journey

import (
	"context"

	"bonafide/kyc"
	"bonafide/onboarding"
)

// Processed is a session after A19.
type Processed struct {
	Session kyc.Session
	Journey kyc.Journey
	Run     kyc.Run
	// Result is nil when the caller did not wait.
	Result *Result
}

// Process hands a session to the engine (A19). Legal from completed and
// manual_review (a reprocess); a decided session stays decided. With wait it
// answers with the processing result, and writes at once instead of with the
// request's unit, because the run begins only when it is stored; without it
// the answer comes as a webhook.
//
// A remediated session that is run again is held for the reviewer unless
// post_reprocess_mode is autoprocess. Errors: 409 session_not_complete with
// the missing steps, invalid_transition; 412.
func (m *Machine) Process(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, wait bool) (Processed, error) {
	if wait {
		ctx = kyc.WithoutUnit(ctx)
	}
	v, err := m.loadFor(ctx, t, id, rev)
	if err != nil {
		return Processed{}, err
	}
	switch v.session.Status {
	case kyc.SessionCaptured, kyc.SessionReview, kyc.SessionFailed:
	case kyc.SessionCreated, kyc.SessionCapturing, kyc.SessionCorrection:
		return Processed{}, v.incomplete()
	default:
		return Processed{}, illegal(&v.session, "processing")
	}
	action := "session.process"
	again := v.session.RunID != ""
	if again {
		action = "session.reprocess"
	}
	v.journey.ReviewOnly = again && v.journey.Remediated &&
		v.def.ValidationConfig.CorrectionResolution.PostReprocessMode != onboarding.ReprocessAutoprocess
	v.start = true
	if err := m.save(ctx, v, by, kyc.Change{Events: []kyc.Event{v.note(ctx, by, action)}}); err != nil {
		return Processed{}, err
	}
	out := Processed{Session: v.session, Journey: v.journey, Run: v.run}
	if !wait {
		return out, nil
	}
	if err := m.d.Wait(ctx, t, v.run.ID); err != nil {
		return out, err
	}
	if v, err = m.load(ctx, t, id); err != nil {
		return out, err
	}
	out.Session, out.Journey = v.session, v.journey
	out.Result, err = m.result(ctx, v)
	return out, err
}

// incomplete tells which steps are missing.
func (v *view) incomplete() error {
	err := kyc.Errorf(kyc.Conflict, "session_not_complete", "the session is %s: the applicant has not finished", Word(v.session.Status))
	v.reveal()
	for _, step := range v.open() {
		err.Problems = append(err.Problems, kyc.Problem{Path: "/steps/" + escape(step), Code: "step_" + string(v.journey.Step(step).Status),
			Message: "the step " + step + " is not done"})
	}
	return err
}
