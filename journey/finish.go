package journey

import (
	"context"
	"slices"

	"bonafide/kyc"
	"bonafide/onboarding"
)

// visible are the steps that are asked for now. Only what the applicant has
// finished counts as an answer; a prefilled value is none yet.
func (v *view) visible() []onboarding.Visible {
	answers := map[string]any{}
	for i := range v.def.Steps {
		state := v.journey.Step(v.def.Steps[i].StepID)
		if state == nil || (state.Status != kyc.StepCompleted && state.Status != kyc.StepNeedsCorrection) {
			continue
		}
		for _, f := range v.def.Steps[i].CustomFields {
			if value, ok := v.session.Private.Fields[f.FieldID]; ok {
				answers[f.FieldID] = value
			}
		}
	}
	return v.def.Visible(answers, v.now)
}

// reveal computes anew which steps are shown.
func (v *view) reveal() {
	shown := map[string]bool{}
	for _, s := range v.visible() {
		shown[s.Step.StepID] = true
	}
	for i := range v.journey.Steps {
		s := &v.journey.Steps[i]
		s.Hidden = !shown[s.StepID]
	}
}

// open lists the visible steps that still wait for the applicant.
func (v *view) open() []string {
	var out []string
	for _, s := range v.journey.Steps {
		if !s.Hidden && !s.Status.Done() {
			out = append(out, s.StepID)
		}
	}
	return out
}

// forget drops the values of form steps that were skipped or are hidden: they
// were prefilled or answered before, and must not look like answers.
func (v *view) forget() {
	for i := range v.def.Steps {
		state := v.journey.Step(v.def.Steps[i].StepID)
		if state == nil || (!state.Hidden && state.Status != kyc.StepSkipped) {
			continue
		}
		for _, f := range v.def.Steps[i].CustomFields {
			delete(v.session.Private.Fields, f.FieldID)
		}
	}
}

// submitted marks the open corrections of a step as done by the applicant.
func (v *view) submitted(step string) {
	for i := range v.journey.Corrections {
		if c := &v.journey.Corrections[i]; c.StepID == step && c.Status == kyc.CorrectionOpen {
			c.Status, c.SubmittedAt = kyc.CorrectionSubmitted, v.now
		}
	}
}

// finishIfComplete decides what follows from the steps as they now stand. It is
// called after every change of a step, changes the session in memory and adds
// to c; the caller saves.
//
//   - A session that captures becomes completed when no visible step waits any
//     more, and begins its run at once when the rules ask for auto_process.
//   - A session under correction goes where correction_resolution.mode says,
//     once no item is open.
//
// It does nothing while something is open.
func (m *Machine) finishIfComplete(ctx context.Context, v *view, by kyc.Actor, c *kyc.Change) error {
	v.reveal()
	if len(v.open()) > 0 {
		return nil
	}
	switch v.session.Status {
	case kyc.SessionCreated, kyc.SessionCapturing:
		return m.complete(ctx, v, by, c, v.def.ValidationConfig.AutomationRules.AutoProcess)
	case kyc.SessionCorrection:
		if slices.ContainsFunc(v.journey.Corrections, func(x kyc.Correction) bool { return x.Status == kyc.CorrectionOpen }) {
			return nil
		}
		return m.resolve(ctx, v, by, c)
	}
	return nil
}

// complete ends capture. The applicant's last step is told before the run
// begins.
func (m *Machine) complete(ctx context.Context, v *view, by kyc.Actor, c *kyc.Change, process bool) error {
	v.forget()
	if err := v.session.Move(kyc.SessionCaptured, v.now); err != nil {
		return err
	}
	v.session.SubmittedAt = v.now
	c.Events = append(c.Events, m.tell(ctx, v, by, "session.complete", NewsCompleted, nil))
	v.start = process
	return nil
}

// resolve ends a round of corrections.
func (m *Machine) resolve(ctx context.Context, v *view, by kyc.Actor, c *kyc.Change) error {
	v.forget()
	v.journey.Remediated = true
	v.session.SubmittedAt = v.now
	mode := v.def.ValidationConfig.CorrectionResolution.Mode
	next := kyc.SessionReview
	if mode == onboarding.ModeAutoProcess || mode == onboarding.ModeCompleted {
		next = kyc.SessionCaptured
	}
	if err := v.session.Move(next, v.now); err != nil {
		return err
	}
	if next == kyc.SessionReview {
		v.session.Result = kyc.NeedsReview
		if err := m.openCase(ctx, v, c, kyc.Filing{ReasonCode: "corrections_resolved", By: by}); err != nil {
			return err
		}
	}
	c.Events = append(c.Events, m.tell(ctx, v, by, "session.corrections_resolve", NewsCorrectionsResolved,
		map[string]any{"mode": mode, "round": v.round()}))
	if next == kyc.SessionReview {
		c.Events = append(c.Events, m.tell(ctx, v, by, "session.require_review", NewsManualReview, nil))
	}
	v.start = mode == onboarding.ModeAutoProcess
	return nil
}

// round is the newest round of corrections, 0 before the first.
func (v *view) round() int {
	n := 0
	for _, c := range v.journey.Corrections {
		n = max(n, c.Round)
	}
	return n
}

// openCase files the review of a session, or lets its undecided case go on.
func (m *Machine) openCase(ctx context.Context, v *view, c *kyc.Change, f kyc.Filing) error {
	if m.d.OpenCase == nil {
		return nil
	}
	review, events, err := m.d.OpenCase(ctx, &v.session, v.now, f)
	if err != nil {
		return err
	}
	v.session.CaseID = review.ID
	c.Put = append(c.Put, review)
	c.Events = append(c.Events, events...)
	return nil
}

// save commits what happened: the session and the journey of v, and c with
// everything else. When finishIfComplete asked for it, the run begins in the
// same commit; v.run is the run then.
func (m *Machine) save(ctx context.Context, v *view, by kyc.Actor, c kyc.Change) error {
	v.journey.Touch(v.now)
	c.Put = append(c.Put, &v.journey)
	if v.start {
		uploads, err := m.uploads(ctx, v, &c)
		if err != nil {
			return err
		}
		v.session.Result, v.session.ReasonCode = "", ""
		v.run, err = m.d.Begin(ctx, &v.session, uploads, v.now, by, c)
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
	return m.d.Store.Commit(ctx, &c)
}

// uploads are the session's current files, as they will be once c is stored.
func (m *Machine) uploads(ctx context.Context, v *view, c *kyc.Change) ([]kyc.Upload, error) {
	all, err := m.d.Store.Uploads(ctx, v.session.Tenant, v.session.ID)
	if err != nil {
		return nil, err
	}
	for _, o := range c.Put {
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
