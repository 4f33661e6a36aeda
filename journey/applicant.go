package journey

import (
	"context"
	"slices"
	"strings"

	"bonafide/kyc"
	"bonafide/onboarding"
)

// State is a session as its applicant may see it (P1). Nothing in it tells how
// the answers are judged.
type State struct {
	Session  kyc.Session
	Workflow string // its name
	Steps    []StepNow
	// Current is the 0-based place of the first step that waits; the number of
	// steps when none does.
	Current int
	Done    int
	// Corrections are the items that are still open.
	Corrections []CorrectionNow
	// Consents are those that were recorded, oldest first.
	Consents []kyc.Consented
	Language string
}

// StepNow is one visible step.
type StepNow struct {
	kyc.StepState
	Def      *onboarding.Step
	Required bool
	Papers   []Paper
	// Passed says of a liveness step that a try was passed and the step only
	// waits to be ended.
	Passed bool
}

// Paper is one file of a step that is in force.
type Paper struct {
	Upload   kyc.Upload
	FileName string
	Warnings []kyc.Problem
}

// CorrectionNow is one thing the applicant is asked to put right.
type CorrectionNow struct {
	kyc.Correction
	Message string
}

// noSession is the answer for every token that opens nothing: a wrong one
// looks like a forgotten one.
func noSession() *kyc.Error {
	return kyc.Errorf(kyc.NotFound, "session_not_found", "this link is unknown; ask for a new one")
}

// visit finds the session of an access token, for reading. Errors: 404
// session_not_found, 410 session_expired.
func (m *Machine) visit(ctx context.Context, token string) (*view, error) {
	if token == "" || len(token) > 200 {
		return nil, noSession()
	}
	s, err := m.d.Store.SessionByToken(ctx, kyc.TextHash(token))
	if err != nil {
		if kyc.KindOf(err) == kyc.NotFound {
			return nil, noSession()
		}
		return nil, err
	}
	if s.Surface != kyc.SurfaceSteps || alive(&s) != nil {
		return nil, noSession()
	}
	v, err := m.viewOf(ctx, s)
	if err != nil {
		return nil, err
	}
	if s.Status == kyc.SessionExpired || (s.Status.Open() && !v.now.Before(s.ExpiresAt)) {
		return nil, kyc.Errorf(kyc.Gone, "session_expired", "the time of this link is over; ask for a new one")
	}
	v.reveal()
	return v, nil
}

// enter is visit for a write: the session must still be the applicant's.
// Errors: besides those of visit, 409 session_closed.
func (m *Machine) enter(ctx context.Context, token string) (*view, kyc.Actor, error) {
	v, err := m.visit(ctx, token)
	if err != nil {
		return nil, kyc.Actor{}, err
	}
	if !v.session.Status.Open() {
		return nil, kyc.Actor{}, kyc.Errorf(kyc.Conflict, "session_closed", "the session is %s and takes nothing more", Word(v.session.Status))
	}
	return v, v.applicant(), nil
}

func (v *view) applicant() kyc.Actor {
	return kyc.Actor{Kind: kyc.ActorApplicant, ID: string(v.session.SubjectID)}
}

// Look shows a session to its applicant (P1).
func (m *Machine) Look(ctx context.Context, token string) (State, error) {
	v, err := m.visit(ctx, token)
	if err != nil {
		return State{}, err
	}
	return m.state(ctx, v)
}

// Form gives the definition to the applicant (P2): the steps that are shown,
// in the session's language or the one asked for.
func (m *Machine) Form(ctx context.Context, token, language string) (onboarding.Public, error) {
	v, err := m.visit(ctx, token)
	if err != nil {
		return onboarding.Public{}, err
	}
	if language == "" {
		language = v.journey.Language
	}
	p := v.def.Public(language)
	visible := map[string]bool{}
	for _, s := range v.visible() {
		visible[s.Step.StepID] = s.Required
	}
	p.Steps = slices.DeleteFunc(p.Steps, func(s onboarding.PublicStep) bool {
		_, shown := visible[s.StepID]
		return !shown
	})
	for i := range p.Steps {
		p.Steps[i].Required = visible[p.Steps[i].StepID]
	}
	p.TotalSteps = len(p.Steps)
	return p, nil
}

// state describes v as it stands in memory.
func (m *Machine) state(ctx context.Context, v *view, c ...*kyc.Change) (State, error) {
	pending := &kyc.Change{}
	if len(c) > 0 {
		pending = c[0]
	}
	uploads, err := m.uploads(ctx, v, pending)
	if err != nil {
		return State{}, err
	}
	st := State{Session: v.session, Workflow: v.def.Name, Language: v.journey.Language, Consents: v.journey.Consents, Current: -1}
	for _, shown := range v.visible() {
		step := v.journey.Step(shown.Step.StepID)
		if step == nil {
			continue
		}
		now := StepNow{StepState: *step, Def: shown.Step, Required: shown.Required}
		now.Passed = shown.Step.Type == onboarding.Liveness && v.haveLiveness(step.StepID) == nil
		for _, u := range uploads {
			if u.StepID == step.StepID {
				now.Papers = append(now.Papers, Paper{Upload: u, FileName: v.journey.Private.Files[u.ID], Warnings: v.journey.Private.Warnings[paperKey(u.ID)]})
			}
		}
		if step.Status.Done() {
			st.Done++
		} else if st.Current < 0 {
			st.Current = len(st.Steps)
		}
		st.Steps = append(st.Steps, now)
	}
	if st.Current < 0 {
		st.Current = len(st.Steps)
	}
	for _, item := range v.journey.Corrections {
		if item.Status == kyc.CorrectionOpen {
			st.Corrections = append(st.Corrections, CorrectionNow{Correction: item, Message: v.journey.Private.Messages[item.ID]})
		}
	}
	return st, nil
}

// paperKey names a file's warnings in the journey; a form's are named by its
// step, and no step id has a colon.
func paperKey(upload kyc.ID) string { return "upload:" + string(upload) }

// warn keeps the warnings of a step or a file; none forgets the old ones.
func (v *view) warn(key string, warnings []kyc.Problem) {
	if len(warnings) == 0 {
		delete(v.journey.Private.Warnings, key)
		return
	}
	if v.journey.Private.Warnings == nil {
		v.journey.Private.Warnings = map[string][]kyc.Problem{}
	}
	v.journey.Private.Warnings[key] = warnings
}

// begin moves a session to capturing with the first thing the applicant does,
// and the step to in_progress.
func (v *view) begin(step *kyc.StepState) error {
	if v.session.Status == kyc.SessionCreated {
		if err := v.session.Move(kyc.SessionCapturing, v.now); err != nil {
			return err
		}
	}
	if step.StartedAt.IsZero() {
		step.StartedAt = v.now
	}
	if step.Status == kyc.StepPending {
		step.Status = kyc.StepInProgress
	}
	return nil
}

// working finds a step the applicant may work on: it is shown and not done.
// Under correction only the steps that were listed are open. Errors: 404
// step_not_found; 409 step_already_completed, with the step's state.
func (v *view) working(id string) (*onboarding.Step, *kyc.StepState, error) {
	def, state, ok := v.step(id)
	if !ok || state.Hidden {
		return nil, nil, kyc.Errorf(kyc.NotFound, "step_not_found", "there is no such step in this session")
	}
	if state.Status.Done() {
		return nil, state, kyc.Errorf(kyc.Conflict, "step_already_completed", "the step is %s", state.Status)
	}
	return def, state, nil
}

// firstOf finds the step a request means that names none: the first shown step
// of a type that is not done.
func (v *view) firstOf(kind onboarding.StepType) string {
	for _, shown := range v.visible() {
		if state := v.journey.Step(shown.Step.StepID); shown.Step.Type == kind && state != nil && !state.Status.Done() {
			return shown.Step.StepID
		}
	}
	return ""
}

// listed reports whether a correction asks for this part of a step: items that
// name documents or fields open only those. Outside of corrections everything
// is open, and so is a step that a corrected answer made visible, because the
// applicant sees it for the first time.
func (v *view) listed(step, document, field string) bool {
	if v.session.Status != kyc.SessionCorrection {
		return true
	}
	if state := v.journey.Step(step); state != nil && (state.Status == kyc.StepPending || state.Status == kyc.StepInProgress) {
		return true
	}
	for _, item := range v.journey.Corrections {
		if item.StepID != step || item.Status != kyc.CorrectionOpen {
			continue
		}
		whole := len(item.DocumentTypes) == 0 && len(item.FieldIDs) == 0
		if whole || (document != "" && slices.Contains(item.DocumentTypes, document)) || (field != "" && slices.Contains(item.FieldIDs, field)) {
			return true
		}
	}
	return false
}

// Corrections are the open items of a session (P14).
func (m *Machine) Corrections(ctx context.Context, token string) ([]CorrectionNow, error) {
	st, err := m.Look(ctx, token)
	return st.Corrections, err
}

// plainName keeps what a file name may say: no paths, no control characters,
// at most 200 bytes.
func plainName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	if len(name) > 200 {
		name = strings.ToValidUTF8(name[:200], "")
	}
	return name
}
