package desk

import (
	"slices"
	"strings"

	"bonafide/capture"
	"bonafide/field"
	"bonafide/flow"
	"bonafide/kyc"
	"bonafide/session"
)

// portion is what a session has of its plan. mine says that whoever asks may
// see what was given.
type portion struct {
	session *kyc.Session
	files   []kyc.Upload
	mine    bool
}

// stepOf says on which page a requirement is asked for; "" for consents, which
// come before the steps.
func stepOf(r flow.Requirement) string {
	switch {
	case r.Kind == flow.KindField:
		return formStep
	case strings.HasPrefix(r.Name, "consent:"):
		return ""
	case r.Name == "selfie":
		return selfieStep
	case r.Name == "liveness", r.Name == "liveness|selfie":
		return livenessStep
	case r.Name == "nfc":
		return chipStep
	}
	return papersStep
}

// steps divides a plan into pages.
func (p portion) steps(plan []flow.Requirement) []capture.Step {
	kinds := []capture.Step{
		{ID: papersStep, Kind: capture.Documents, Title: "key:step.title.documents"},
		{ID: formStep, Kind: capture.Form, Title: "key:step.title.form"},
		{ID: selfieStep, Kind: capture.Selfie, Title: "key:step.title.selfie"},
		{ID: livenessStep, Kind: capture.Selfie, Title: "key:graph.liveness.title"},
		{ID: chipStep, Kind: capture.Background, Title: "key:graph.chip.title"},
	}
	var out []capture.Step
	for _, step := range kinds {
		of := slices.DeleteFunc(slices.Clone(plan), func(r flow.Requirement) bool { return stepOf(r) != step.ID })
		if len(of) == 0 {
			continue
		}
		begun, lacking := false, false
		for _, r := range of {
			have := p.has(r)
			begun = begun || have
			step.Required = step.Required || r.Required
			lacking = lacking || r.Required && !have
			if step.Kind != capture.Form {
				step.Slots = append(step.Slots, p.slot(r))
			}
		}
		if step.Kind == capture.Form {
			step.Fields = formFields(of)
			step.Answers = p.answers(step.Fields)
		}
		left := slices.Contains(p.session.Private.LeftOut, step.ID)
		switch {
		case step.Kind == capture.Background:
			step.Progress = capture.Skipped // a phone app sends the chip, no page
		case !lacking && left && begun:
			step.Progress = capture.Over
		case !lacking && left:
			step.Progress = capture.Skipped
		case begun:
			step.Progress = capture.Begun
		default:
			step.Progress = capture.Todo
		}
		step.Changeable = standing(p.session.Status) == capture.Open && step.Kind != capture.Background
		out = append(out, step)
	}
	return out
}

// has says whether a requirement is met.
func (p portion) has(r flow.Requirement) bool {
	if !p.mine {
		return false
	}
	return session.Provided(r, p.session, p.files)
}

func (p portion) slot(r flow.Requirement) capture.Slot {
	// "a|b" is served by either; the page asks for the first.
	name, _, _ := strings.Cut(r.Name, "|")
	s := capture.Slot{Name: name, Title: "key:graph.slot." + name, Required: r.Required, Upload: true}
	switch name {
	case "document_front":
		s.Title, s.Side = "key:paper.identity", "front"
		s.Camera, s.Types = "document", []string{"passport", "id_card", "driving_licence", "residence_permit"}
	case "document_back":
		s.Title, s.Side = "key:paper.identity", "back"
		s.Camera, s.Types = "document", []string{"id_card", "driving_licence", "residence_permit"}
	case "selfie", "liveness":
		s.Camera = "selfie"
	case "proof_of_address":
		s.Camera = "document"
	default:
		s.Camera, s.Title = "document", r.Title
		if s.Title == "" {
			s.Title = strings.ReplaceAll(short(r.Name), "_", " ")
		}
	}
	for i := range p.files {
		if u := &p.files[i]; p.mine && !u.Superseded && slices.Contains(strings.Split(r.Name, "|"), u.Kind) {
			s.Files = append(s.Files, capture.Taken{ID: string(u.ID), Name: "key:graph.slot." + name, Type: u.DocumentType, At: u.CreatedAt,
				Image: slices.Contains([]string{"image/jpeg", "image/png", "image/webp"}, u.ContentType)})
		}
	}
	return s
}

// lacks lists what a step still needs.
func (p portion) lacks(plan []flow.Requirement, step string) []kyc.Problem {
	var out []kyc.Problem
	for _, r := range plan {
		if stepOf(r) == step && r.Required && !p.has(r) {
			slot := p.slot(r)
			out = append(out, kyc.Problem{Path: "/slots/" + slot.Name, Code: "document_missing", Message: slot.Title})
		}
	}
	return out
}

// consents are those that were not answered yet.
func (p portion) consents(plan []flow.Requirement) []capture.ConsentText {
	var out []capture.ConsentText
	given, _ := p.session.Private.Fields["consents"].(map[string]any)
	for _, r := range plan {
		name, ok := strings.CutPrefix(r.Name, "consent:")
		if !ok || p.has(r) {
			continue
		}
		if _, answered := given[name]; answered && !r.Required {
			continue
		}
		text := r.Title
		if text == "" {
			text = strings.ReplaceAll(name, "_", " ")
		}
		out = append(out, capture.ConsentText{Kind: name, Version: "1", Title: text, Text: "key:graph.consent", Required: r.Required})
	}
	return out
}

// answers are what the form holds.
func (p portion) answers(fields []field.Field) map[string]any {
	if !p.mine {
		return nil
	}
	out := map[string]any{}
	for _, f := range fields {
		if v, ok := p.session.Private.Fields[f.FieldID]; ok {
			out[f.FieldID] = v
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// formFields are the fields of the members of data_requirements.user_info
// (api.md 6.5).
func formFields(plan []flow.Requirement) []field.Field {
	types := map[string]string{"date_of_birth": "date", "email": "email", "phone": "phone", "address": "address"}
	var out []field.Field
	for _, r := range plan {
		name, ok := strings.CutPrefix(r.Name, "user_info.")
		if !ok {
			continue
		}
		f := field.Field{FieldID: name, FieldKey: name, Name: "key:graph.field." + name, Type: types[name], Required: r.Required}
		switch name {
		case "date_of_birth":
			f.MaxDate = "today"
		case "address":
			f.RequireFields = []string{"line1", "city", "country"}
		}
		if f.Type == "" {
			f.Type = "text"
			most := 200
			f.MaxLength = &most
		}
		out = append(out, f)
	}
	return out
}
