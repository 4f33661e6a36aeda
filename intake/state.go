package intake

import (
	"context"
	"slices"

	"bonafide/checklist"
	"bonafide/kyc"
)

// Tags that this surface puts on its sessions; lists are filtered by them.
const (
	tagHosted = "hosted"
	tagSender = "sender:" // and the ID of the key or person
)

func senderTag(by kyc.Actor) string { return tagSender + by.ID }

// State is where a session stands (B11), with what the checks said of the last
// attempt at each step, so that whoever lost the answer to a submission finds it.
func (m *Machine) State(ctx context.Context, t kyc.Tenant, id kyc.ID) (State, error) {
	v, err := m.load(ctx, t, id)
	if err != nil {
		return State{}, err
	}
	return m.told(ctx, v)
}

// told is where a session stands, with what the checks said.
func (m *Machine) told(ctx context.Context, v *view) (State, error) {
	exams, err := m.d.Store.Exams(ctx, v.session.Tenant, v.session.ID)
	if err != nil {
		return State{}, err
	}
	st := v.state()
	v.tellChecks(st.Steps, exams)
	return st, nil
}

// tellChecks writes into steps what the checks said of the last attempt at them;
// nothing once the session's data is gone.
func (v *view) tellChecks(steps []Step, exams []kyc.Exam) {
	if !v.session.RedactedAt.IsZero() || v.session.Private.Unreadable {
		return
	}
	for _, x := range v.known(exams, "") {
		if i := slices.IndexFunc(steps, func(s Step) bool { return s.ID == x.StepID }); i >= 0 {
			steps[i].Checks = append(steps[i].Checks, checkedOf(x))
		}
	}
}

// Link finds the session of an applicant's link, for the page behind it.
// Whatever is no link of this surface is 404 link_invalid.
func (m *Machine) Link(ctx context.Context, token string) (State, error) {
	invalid := kyc.Errorf(kyc.NotFound, "link_invalid", "this link is unknown; ask for a new one")
	if token == "" {
		return State{}, invalid
	}
	s, err := m.d.Store.SessionByToken(ctx, kyc.TextHash(token))
	if err != nil {
		if kyc.KindOf(err) == kyc.NotFound {
			return State{}, invalid
		}
		return State{}, err
	}
	if s.Surface != kyc.SurfaceChecks || !s.Readable() {
		return State{}, invalid
	}
	v, err := m.viewOf(ctx, s)
	if err != nil {
		return State{}, err
	}
	return v.state(), nil
}

// Renew gives a hosted session another link; the one before works no more. Its
// end stays. Errors: 404; 409 no_link for a session without pages,
// session_closed; 410 session_expired.
func (m *Machine) Renew(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) (token string, err error) {
	v, err := m.loadFor(ctx, t, id, 0)
	if err != nil {
		return "", err
	}
	if !slices.Contains(v.session.Tags, tagHosted) {
		return "", kyc.Errorf(kyc.Conflict, "no_link", "the session was made without pages, so it has no link")
	}
	if err := v.takes(); err != nil {
		return "", err
	}
	if token, v.session.TokenHash, err = kyc.NewToken(m.d.Random); err != nil {
		return "", err
	}
	return token, m.save(ctx, v, by, kyc.Change{Events: []kyc.Event{v.note(ctx, by, "session.generate_link")}})
}

// Applicant is the actor of somebody who holds a session's link.
func Applicant(s *kyc.Session) kyc.Actor {
	return kyc.Actor{Kind: kyc.ActorApplicant, ID: string(s.SubjectID)}
}

// state shows a session as it stands in v.
func (v *view) state() State {
	st := State{Session: v.session, Journey: v.journey, Workflow: v.workflow, Version: v.version, Def: v.def,
		Status: Word(v.session.Status), Progress: v.progress(), Current: v.current(), Hosted: slices.Contains(v.session.Tags, tagHosted)}
	if v.expired() {
		st.Status = Word(kyc.SessionExpired)
	}
	for i := range v.journey.Steps {
		st.Steps = append(st.Steps, v.step(i))
	}
	if st.Current >= 0 {
		st.AttemptsRemaining = st.Steps[st.Current].AttemptsRemaining
	}
	return st
}

// progress is PENDING, STARTED or COMPLETED. What was voided shows how far it
// had come.
func (v *view) progress() string {
	s := &v.session
	switch {
	case !s.SubmittedAt.IsZero():
		return "COMPLETED"
	case s.Status == kyc.SessionCreated, s.Status.Ended() && v.journey.Before == kyc.SessionCreated:
		return "PENDING"
	}
	return "STARTED"
}

// step shows one step.
func (v *view) step(i int) Step {
	s := &v.journey.Steps[i]
	out := Step{ID: s.StepID, Status: StepWord(s.Status), Attempts: s.Attempts, StartedAt: s.StartedAt, CompletedAt: s.CompletedAt, FailureReason: s.Reason}
	if !s.Status.Done() {
		out.AttemptsRemaining = max(v.attempts()-s.Attempts, 0)
	}
	if def := v.def.Step(s.StepID); def != nil {
		out.Requirements = v.requirements(def, s)
	}
	return out
}

// requirements say what a submission of a step must bring. They hold nothing
// that anybody wrote or that was read from a document.
func (v *view) requirements(def *checklist.Step, s *kyc.StepState) map[string]any {
	out := map[string]any{"config": def.Config}
	if slots := slotsOf(def); len(slots) > 0 {
		out["uploads"] = slots
	}
	switch c := def.Config.(type) {
	case checklist.IDConfig:
		out["document_types"] = documentTypes()
		if e := s.Escalation; e != nil && e.DoneAt.IsZero() {
			out["escalation"] = map[string]any{"type": e.Type, "risk_score": e.RiskScore, "threshold": e.Threshold}
		}
	case checklist.LivenessConfig:
		out["actions"] = []string{actionStart, actionUpload, actionComplete}
		out["challenge_type"], out["confidence_threshold"], out["frame_count"] = challenge, c.ConfidenceThreshold, map[string]any{"minimum": 1, "maximum": maxFrames}
	case checklist.ConsentConfig:
		out["text"], out["version"] = c.Text, c.Version
		out["fields"] = []string{"accepted", "legal_name", "signature_upload"}
		delete(out, "uploads") // its file is named by signature_upload
	case checklist.NoConfig:
		out["fields"] = []string{"first_name", "last_name", "date_of_birth"}
		out["optional_fields"] = []string{"email"}
		if def.ID == checklist.AdverseMedia {
			out["actions"] = []string{actionStart, actionComplete}
			out["optional_fields"] = []string{"email", "country"}
		}
	}
	return out
}

// slotsOf lists the files that a step takes. A file that only some documents
// need names them.
func slotsOf(def *checklist.Step) []map[string]any {
	bare := def.Slots(checklist.IDTypes{Primary: "passport", Secondary: "passport", Tertiary: "passport"})
	full := def.Slots(checklist.IDTypes{Primary: "id_card", Secondary: "id_card", Tertiary: "id_card"})
	var out []map[string]any
	for i, s := range bare {
		one := map[string]any{"name": s.Name, "required": s.Required}
		if !s.Required && i < len(full) && full[i].Required {
			one["required_for"] = twoSided()
		}
		out = append(out, one)
	}
	return out
}
