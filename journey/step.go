package journey

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"bonafide/field"
	"bonafide/kyc"
	"bonafide/onboarding"
)

// CompleteStep ends one step (P8). form holds the answers of a form step and is
// empty for every other. Steps are completed in their order; under correction
// the listed ones, in any order. Validation steps that are reached run by
// themselves. Errors: 404 step_not_found; 409 step_already_completed,
// step_out_of_order, documents_missing, liveness_required,
// subsessions_required, subsessions_pending; 400 field_validation_failed with
// one problem for each field.
func (m *Machine) CompleteStep(ctx context.Context, token, id string, form map[string]any) (State, error) {
	v, by, err := m.enter(ctx, token)
	if err != nil {
		return State{}, err
	}
	def, state, err := v.working(id)
	if err != nil {
		return State{}, err
	}
	if err := v.inOrder(id); err != nil {
		return State{}, err
	}
	if len(form) > 0 && def.Type != onboarding.FormFill {
		return State{}, kyc.InvalidInput("field_validation_failed", "this step takes no answers",
			[]kyc.Problem{{Path: "/form_data", Code: "unknown_field", Message: "only form steps take answers"}})
	}
	var c kyc.Change
	switch def.Type {
	case onboarding.DocumentUpload:
		err = m.haveDocuments(ctx, v, def)
	case onboarding.FormFill:
		err = m.answer(ctx, v, def, form)
	case onboarding.Selfie:
		err = m.haveSelfie(ctx, v, def)
	case onboarding.Liveness:
		err = v.haveLiveness(id)
	case onboarding.ValidationStep:
		err = m.validateStep(ctx, v, def, &c)
	case onboarding.SubsessionCollection:
		err = m.haveSubsessions(ctx, v, def)
	}
	if err != nil {
		return State{}, err
	}
	return m.stepDone(ctx, v, by, state, kyc.StepCompleted, c)
}

// SkipStep leaves an optional step out (P15). Errors: besides those of
// CompleteStep, 409 step_required.
func (m *Machine) SkipStep(ctx context.Context, token, id string) (State, error) {
	v, by, err := m.enter(ctx, token)
	if err != nil {
		return State{}, err
	}
	_, state, err := v.working(id)
	if err != nil {
		return State{}, err
	}
	if err := v.inOrder(id); err != nil {
		return State{}, err
	}
	for _, shown := range v.visible() {
		if shown.Step.StepID == id && shown.Required {
			return State{}, kyc.Errorf(kyc.Conflict, "step_required", "this step cannot be skipped")
		}
	}
	return m.stepDone(ctx, v, by, state, kyc.StepSkipped, kyc.Change{})
}

// inOrder refuses a step while an earlier one waits. Under correction each
// listed step stands for itself.
func (v *view) inOrder(id string) error {
	if v.session.Status == kyc.SessionCorrection {
		return nil
	}
	for _, s := range v.journey.Steps {
		if s.StepID == id {
			return nil
		}
		if !s.Hidden && !s.Status.Done() {
			return kyc.Errorf(kyc.Conflict, "step_out_of_order", "the step %s comes first", s.StepID)
		}
	}
	return nil
}

// stepDone ends a step, runs the validation steps that are then reached, and
// does what follows from it all.
func (m *Machine) stepDone(ctx context.Context, v *view, by kyc.Actor, state *kyc.StepState, status kyc.StepStatus, c kyc.Change) (State, error) {
	if err := m.leaveStep(ctx, v, by, state, status, &c); err != nil {
		return State{}, err
	}
	if err := m.runReached(ctx, v, by, &c); err != nil {
		return State{}, err
	}
	if err := m.finishIfComplete(ctx, v, by, &c); err != nil {
		return State{}, err
	}
	now, err := m.state(ctx, v, &c)
	if err != nil {
		return State{}, err
	}
	err = m.save(ctx, v, by, c)
	now.Session = v.session
	return now, err
}

// leaveStep marks a step as done and tells of it.
func (m *Machine) leaveStep(ctx context.Context, v *view, by kyc.Actor, state *kyc.StepState, status kyc.StepStatus, c *kyc.Change) error {
	if err := v.begin(state); err != nil {
		return err
	}
	state.Status, state.CompletedAt = status, v.now
	v.submitted(state.StepID)
	v.reveal()
	v.establish()
	c.Events = append(c.Events, m.tell(ctx, v, by, "session.step_complete", NewsStepCompleted,
		map[string]any{"step_id": state.StepID, "step_status": status}))
	return nil
}

// runReached runs validation steps whose turn it is: they need nothing from
// the applicant.
func (m *Machine) runReached(ctx context.Context, v *view, by kyc.Actor, c *kyc.Change) error {
	for i := range v.journey.Steps {
		state := &v.journey.Steps[i]
		if state.Hidden || state.Status.Done() {
			continue
		}
		def, _, ok := v.step(state.StepID)
		if !ok || def.Type != onboarding.ValidationStep {
			return nil
		}
		if err := m.validateStep(ctx, v, def, c); err != nil {
			return err
		}
		if err := m.leaveStep(ctx, v, kyc.SystemActor("journey"), state, kyc.StepCompleted, c); err != nil {
			return err
		}
	}
	return nil
}

// taskChecks are the checks behind a validation task (seed 004).
func taskChecks(t onboarding.Task) []string {
	switch t {
	case onboarding.CrossValidateDocuments:
		return []string{"cross_validation"}
	case onboarding.RunSanctionCheck:
		return []string{"watchlist_screening"}
	case onboarding.RunAdverseMedia:
		return []string{"adverse_media"}
	case onboarding.RunCryptoCheck:
		return []string{"wallet_screening"}
	case onboarding.RunFaceMatch:
		return []string{"face_match"}
	}
	return nil
}

// validateStep asks the checks of a validation step. Whatever they say, the
// step is done: the rules judge it later, with the same answers.
func (m *Machine) validateStep(ctx context.Context, v *view, def *onboarding.Step, c *kyc.Change) error {
	var wanted []string
	for _, t := range def.ValidationTasks {
		wanted = append(wanted, taskChecks(t)...)
	}
	_, err := m.examine(ctx, v, def.StepID, wanted, c)
	return err
}

// answer validates the answers of a form and keeps them in normal form.
func (m *Machine) answer(ctx context.Context, v *view, def *onboarding.Step, form map[string]any) error {
	old := map[string]any{}
	for _, f := range def.CustomFields {
		if value, ok := v.session.Private.Fields[f.FieldID]; ok {
			old[f.FieldID] = value
		}
	}
	correcting := v.session.Status == kyc.SessionCorrection
	given := form
	if correcting {
		var err error
		if given, err = v.corrected(def, old, form); err != nil {
			return err
		}
	}
	uploads, err := m.uploads(ctx, v, &kyc.Change{})
	if err != nil {
		return err
	}
	env := field.Env{Now: v.now, Region: v.session.Country, Documents: map[string]field.DocumentRef{}}
	if v.session.Tenant.Env == kyc.Live {
		env.MX = m.d.MX
	}
	for _, u := range uploads {
		if u.FieldID != "" && u.StepID == def.StepID {
			env.Documents[string(u.ID)] = field.DocumentRef{ID: string(u.ID), ContentType: u.ContentType, Size: u.Size}
		}
	}
	r := field.Validate(ctx, def.CustomFields, given, env)
	if len(r.Problems) > 0 {
		return kyc.InvalidInput("field_validation_failed", fmt.Sprintf("%d answers have to be looked at again", len(r.Problems)), r.Problems)
	}
	fields := maps.Clone(v.session.Private.Fields)
	if fields == nil {
		fields = map[string]any{}
	}
	for _, f := range def.CustomFields {
		delete(fields, f.FieldID)
	}
	maps.Copy(fields, r.Values)
	if correcting {
		v.journey.Private.Superseded = append(v.journey.Private.Superseded, kyc.OldValues{StepID: def.StepID, Values: old, At: v.now})
	}
	v.session.Private.Fields = fields
	v.warn(def.StepID, r.Warnings)
	return nil
}

// corrected lays the answers a reviewer asked for over those in force. A change
// of anything else is refused; sending it unchanged is not.
func (v *view) corrected(def *onboarding.Step, old, form map[string]any) (map[string]any, error) {
	given := maps.Clone(old)
	var problems []kyc.Problem
	for _, name := range slices.Sorted(maps.Keys(form)) {
		id := name
		for _, f := range def.CustomFields {
			if f.FieldKey == name {
				id = f.FieldID
			}
		}
		if !v.listed(def.StepID, "", id) {
			if have, ok := old[id]; !ok || !same(have, form[name]) {
				problems = append(problems, kyc.Problem{Path: "/form_data/" + escape(name), Code: "field_read_only", Message: "the correction does not ask for this field"})
			}
			continue
		}
		delete(given, id)
		given[name] = form[name]
	}
	// What a reviewer asked for is to be said again, be it the same.
	for _, item := range v.journey.Corrections {
		if item.StepID != def.StepID || item.Status != kyc.CorrectionOpen {
			continue
		}
		for _, id := range item.FieldIDs {
			f, known := formField(def, id)
			_, byID := form[f.FieldID]
			_, byKey := form[f.FieldKey]
			if known && !byID && (!byKey || f.FieldKey == "") {
				problems = append(problems, kyc.Problem{Path: "/form_data/" + escape(f.FieldID), Code: "required", Message: "please answer this again"})
			}
		}
	}
	if len(problems) > 0 {
		return nil, kyc.InvalidInput("field_validation_failed", "some fields have to be looked at again", problems)
	}
	return given, nil
}

// formField finds a field of a form step by field_id or field_key.
func formField(def *onboarding.Step, name string) (field.Field, bool) {
	for _, f := range def.CustomFields {
		if f.FieldID == name || (f.FieldKey != "" && f.FieldKey == name) {
			return f, true
		}
	}
	return field.Field{}, false
}

// same compares two JSON values.
func same(a, b any) bool { return digest(a) == digest(b) }

// haveDocuments asks for every required document of a step, and for both sides
// where a validation wants them. Under correction the listed documents must
// have been sent anew, and at least one where the whole step was listed.
func (m *Machine) haveDocuments(ctx context.Context, v *view, def *onboarding.Step) error {
	uploads, err := m.uploads(ctx, v, &kyc.Change{})
	if err != nil {
		return err
	}
	var missing []kyc.Problem
	lack := func(r onboarding.DocumentRequirement, code, message string) {
		missing = append(missing, kyc.Problem{Path: "/documents/" + escape(r.DocumentType), Code: code, Message: r.DisplayName + ": " + message})
	}
	again, renewed := v.askedWhole(def.StepID), false
	for _, u := range uploads {
		renewed = renewed || again != nil && u.StepID == def.StepID && u.CreatedAt.After(again.CreatedAt)
	}
	if again != nil && !renewed {
		return lacking([]kyc.Problem{{Path: "/documents", Code: "document_not_renewed", Message: "please send what the correction asks for"}})
	}
	for _, r := range def.DocumentRequirements {
		front, back, fresh := false, false, false
		asked := v.askedAgain(def.StepID, r.DocumentType)
		for _, u := range uploads {
			if u.StepID != def.StepID || u.Asked != r.DocumentType {
				continue
			}
			front, back = front || u.Side != "back", back || u.Side == "back"
			fresh = fresh || asked != nil && u.CreatedAt.After(asked.CreatedAt)
		}
		both := slices.ContainsFunc(r.PostUploadValidations, func(x onboarding.Validation) bool { return x.Type == "both_sides" && x.OnFail != "warn" })
		switch {
		case asked != nil && len(asked.DocumentTypes) > 0 && !fresh:
			lack(r, "document_not_renewed", "please send it again")
		case !front && r.Required, !front && back:
			lack(r, "document_missing", "please send it")
		case front && both && !back && !passport(uploads, def.StepID, r.DocumentType):
			lack(r, "side_missing", "please send the back, too")
		}
	}
	return lacking(missing)
}

// passport reports whether the paper that was sent says it is a passport,
// which has all it says on one page.
func passport(uploads []kyc.Upload, step, asked string) bool {
	return slices.ContainsFunc(uploads, func(u kyc.Upload) bool {
		return u.StepID == step && u.Asked == asked && (u.DocumentType == "passport" || asked == "passport")
	})
}

// askedAgain finds the open correction that lists a document of a step.
func (v *view) askedAgain(step, document string) *kyc.Correction {
	for i := range v.journey.Corrections {
		item := &v.journey.Corrections[i]
		if item.StepID == step && item.Status == kyc.CorrectionOpen && slices.Contains(item.DocumentTypes, document) {
			return item
		}
	}
	return nil
}

// askedWhole finds the open correction of a whole step.
func (v *view) askedWhole(step string) *kyc.Correction {
	for i := range v.journey.Corrections {
		item := &v.journey.Corrections[i]
		if item.StepID == step && item.Status == kyc.CorrectionOpen && len(item.DocumentTypes) == 0 && len(item.FieldIDs) == 0 {
			return item
		}
	}
	return nil
}

// haveSelfie asks for the picture of a selfie step; a correction of the step
// asks for a new one.
func (m *Machine) haveSelfie(ctx context.Context, v *view, def *onboarding.Step) error {
	uploads, err := m.uploads(ctx, v, &kyc.Change{})
	if err != nil {
		return err
	}
	asked := v.askedWhole(def.StepID)
	for _, u := range uploads {
		if u.StepID == def.StepID && u.Kind == "selfie" && (asked == nil || u.CreatedAt.After(asked.CreatedAt)) {
			return nil
		}
	}
	return lacking([]kyc.Problem{{Path: "/documents/selfie", Code: "document_missing", Message: "please take the picture"}})
}

func lacking(missing []kyc.Problem) error {
	if len(missing) == 0 {
		return nil
	}
	return &kyc.Error{Kind: kyc.Conflict, Code: "documents_missing", Message: "the step lacks documents", Problems: missing}
}
