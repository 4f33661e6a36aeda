package onboarding

import (
	"slices"
	"strings"
	"time"

	"bonafide/field"
)

// Step finds a step by its id.
func (d *Definition) Step(id string) (*Step, bool) {
	i := slices.IndexFunc(d.Steps, func(s Step) bool { return s.StepID == id })
	if i < 0 {
		return nil, false
	}
	return &d.Steps[i], true
}

// Fields are the fields of all form steps in order. The caller must not change
// them.
func (d *Definition) Fields() []field.Field { return d.fields }

// gather puts the fields of all steps one after the other, where both the
// steps and Fields find them.
func (d *Definition) gather() {
	n := 0
	for i := range d.Steps {
		n += len(d.Steps[i].CustomFields)
	}
	d.fields = make([]field.Field, 0, n)
	for i := range d.Steps {
		s, first := &d.Steps[i], len(d.fields)
		if s.CustomFields != nil {
			d.fields = append(d.fields, s.CustomFields...)
			s.CustomFields = d.fields[first:len(d.fields):len(d.fields)]
		}
	}
}

// Field finds a field of any form step by field_id or field_key; an id wins.
// It makes a Definition a rule.KnownFields.
func (d *Definition) Field(name string) (field.Field, bool) {
	f, _ := d.find(name)
	if f == nil {
		return field.Field{}, false
	}
	return *f, true
}

// FieldStep tells the step in which a field is asked.
func (d *Definition) FieldStep(name string) (stepID string, ok bool) {
	f, stepID := d.find(name)
	return stepID, f != nil
}

func (d *Definition) find(name string) (f *field.Field, stepID string) {
	if name == "" {
		return nil, ""
	}
	for _, byKey := range []bool{false, true} {
		for i := range d.Steps {
			for n := range d.Steps[i].CustomFields {
				f := &d.Steps[i].CustomFields[n]
				if !byKey && f.FieldID == name || byKey && f.FieldKey == name {
					return f, d.Steps[i].StepID
				}
			}
		}
	}
	return nil, ""
}

// Visible is one step that is asked for now.
type Visible struct {
	Step *Step
	// Required is false where the applicant may skip the step; a show_if with
	// action require makes an optional step required.
	Required bool
}

// Visible gives the steps that the answers leave to be asked, in order.
// answers are the normalised values by field_id. Answers of a step that is
// hidden itself count as not given, because a hidden field is not stored.
func (d *Definition) Visible(answers map[string]any, now time.Time) []Visible {
	var out []Visible
	asked := map[string]any{}
	names := map[string]string{}
	lookup := func(name string) (any, bool) {
		id, ok := names[name]
		if !ok {
			return nil, false
		}
		v, ok := asked[id]
		return v, ok
	}
	for i := range d.Steps {
		s := &d.Steps[i]
		visible, required := true, false
		if s.ShowIf != nil {
			visible, required = s.ShowIf.Effect(lookup, now)
		}
		if !visible {
			continue
		}
		out = append(out, Visible{Step: s, Required: s.Required || required})
		for _, f := range s.CustomFields {
			if v, ok := answers[f.FieldID]; ok && v != nil {
				asked[f.FieldID] = v
			}
			names[f.FieldID] = f.FieldID
			if _, taken := names[f.FieldKey]; f.FieldKey != "" && !taken {
				names[f.FieldKey] = f.FieldID
			}
		}
	}
	return out
}

// HasTask reports whether a step asks for the task.
func (d *Definition) HasTask(t Task) bool {
	return slices.ContainsFunc(d.Steps, func(s Step) bool { return slices.Contains(s.ValidationTasks, t) })
}

// SubsessionWorkflows are the ids or slugs of the workflows that subsession
// steps name, each once, in order.
func (d *Definition) SubsessionWorkflows() []string {
	var out []string
	for _, s := range d.Steps {
		if c := s.SubsessionConfig; c != nil && !slices.Contains(out, c.WorkflowID) {
			out = append(out, c.WorkflowID)
		}
	}
	return out
}

// SessionTTL is how long a session's link lives.
func (d *Definition) SessionTTL() time.Duration {
	return time.Duration(d.SessionTTLDays) * 24 * time.Hour
}

// FaceMatch reports whether the faces are compared: by auto_face_match or by a
// task.
func (d *Definition) FaceMatch() bool {
	return d.ValidationConfig.AutoFaceMatch || d.HasTask(RunFaceMatch)
}

// HoldsReference reports whether the liveness frame of a step must be kept
// until the decision: to be saved, or to be compared and then destroyed.
func (d *Definition) HoldsReference(s *Step) bool {
	c := s.LivenessConfig
	compared := d.FaceMatch() || len(d.ValidationConfig.AutomationRules.FaceDedupRules) > 0
	return c != nil && (c.SaveReferenceImage || c.UseForFaceMatch && compared)
}

// SavesReference reports whether the liveness frame outlives the decision.
func (s *Step) SavesReference() bool {
	return s.LivenessConfig != nil && s.LivenessConfig.SaveReferenceImage
}

// FaceSource says which material a face comparison takes (api.md 3.10).
type FaceSource string

// The sources in the order in which they are preferred.
const (
	FaceNone     FaceSource = ""
	FaceLiveness FaceSource = "liveness_reference"
	FaceSelfie   FaceSource = "selfie"
	FaceDocument FaceSource = "selfie_document"
)

// FaceSources are the sources the definition can offer, preferred first. Which
// of them exists in a session depends on the steps that were shown and taken.
func (d *Definition) FaceSources() []FaceSource {
	var out []FaceSource
	for _, source := range []FaceSource{FaceLiveness, FaceSelfie, FaceDocument} {
		if slices.ContainsFunc(d.Steps, func(s Step) bool { return s.gives(source) }) {
			out = append(out, source)
		}
	}
	return out
}

// gives reports whether a step takes the applicant's face in that way.
func (s *Step) gives(source FaceSource) bool {
	switch source {
	case FaceLiveness:
		return s.LivenessConfig != nil && s.LivenessConfig.UseForFaceMatch
	case FaceSelfie:
		return s.Type == Selfie
	case FaceDocument:
		return slices.ContainsFunc(s.DocumentRequirements, func(r DocumentRequirement) bool { return r.DocumentType == "selfie" })
	case FaceNone:
	}
	return false
}

// givesFace reports whether a step takes the applicant's face for a
// comparison.
func givesFace(s Step) bool {
	return s.gives(FaceLiveness) || s.gives(FaceSelfie) || s.gives(FaceDocument)
}

// Wording is a step's name and instructions in a language. "de-AT" falls back
// to "de", an unknown language to the step's own words.
func (s *Step) Wording(lang string) Words {
	w := Words{Name: s.Name, Instructions: s.Instructions}
	for lang != "" {
		for tag, t := range s.I18n {
			if !strings.EqualFold(tag, lang) {
				continue
			}
			if t.Name != "" {
				w.Name = t.Name
			}
			if t.Instructions != "" {
				w.Instructions = t.Instructions
			}
			return w
		}
		lang = lang[:max(0, strings.LastIndexByte(lang, '-'))]
	}
	return w
}

// Languages are the language tags for which any step or field has texts of
// its own, sorted.
func (d *Definition) Languages() []string {
	seen := map[string]bool{}
	for _, s := range d.Steps {
		for tag := range s.I18n {
			seen[tag] = true
		}
		for _, f := range s.CustomFields {
			for tag := range f.I18n {
				seen[tag] = true
			}
		}
	}
	out := make([]string, 0, len(seen))
	for tag := range seen {
		out = append(out, tag)
	}
	slices.Sort(out)
	return out
}
