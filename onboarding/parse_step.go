package onboarding

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"bonafide/field"
)

var stepIDForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// placed is a step with the place it was submitted at, which problems name.
type placed struct {
	Step
	at     string
	show   jsontext.Value // show_if, read once the order is known
	fields []string       // pointers of the custom fields
}

// steps reads all steps, puts them in order and checks what lies between them.
func (r *reader) steps(o *object, d *Definition) []placed {
	list := o.list("steps")
	if len(list) == 0 {
		if v, given := o.get("steps"); !given || v.Kind() == jsontext.KindBeginArray {
			o.fail("steps", "steps_required", "a workflow needs at least one step")
		}
		return nil
	}
	if len(list) > MaxSteps {
		o.fail("steps", "steps_too_many", "a workflow may have at most %d steps", MaxSteps)
		return nil
	}
	steps := make([]placed, 0, len(list))
	ids := map[string]bool{}
	for i, v := range list {
		at := index(o.path("steps"), i)
		so := r.object(v, at)
		if so == nil {
			continue
		}
		p := r.step(so)
		if p.StepID != "" && ids[p.StepID] {
			so.fail("step_id", "step_id_duplicate", "the step_id %q is used twice", p.StepID)
		}
		ids[p.StepID] = true
		steps = append(steps, p)
	}
	r.checkOrder(steps)
	slices.SortStableFunc(steps, func(a, b placed) int { return a.Order - b.Order })
	r.checkFieldNames(steps)
	r.readShowIf(steps)
	r.checkValidationFields(steps)
	d.Steps = make([]Step, len(steps))
	for i := range steps {
		d.Steps[i] = steps[i].Step
	}
	d.gather()
	return steps
}

// step reads the properties every step has and the config of its type.
func (r *reader) step(o *object) placed {
	p := placed{at: o.at}
	p.StepID = o.text("step_id", 1<<20, "step_id_invalid")
	if !stepIDForm.MatchString(p.StepID) && (o.isText("step_id") || !o.given("step_id")) {
		o.fail("step_id", "step_id_invalid", "a step_id has 1 to 64 letters, digits, hyphens and underscores")
		p.StepID = ""
	}
	if o.given("order") {
		p.Order = o.whole("order", 0, 1, 1<<30, "step_order_not_sequential")
	} else {
		o.fail("order", "step_order_not_sequential", "a step needs its order: 1, 2, 3 …")
	}
	p.Name = r.name(o, MaxName)
	p.Required = o.flag("required", true)
	p.Description = o.text("description", MaxDescription, "text_too_long")
	p.Instructions = o.text("instructions", MaxInstructions, "text_too_long")
	p.I18n = r.words(o)
	p.show, _ = o.get("show_if")
	p.Type = StepType(o.text("type", 1<<20, "step_type_unknown"))
	switch p.Type {
	case DocumentUpload:
		p.DocumentRequirements = r.requirements(o)
	case FormFill:
		r.form(o, &p)
	case Selfie:
		p.SelfieConfig = r.selfie(o)
	case Liveness:
		p.LivenessConfig = r.liveness(o)
	case ValidationStep:
		p.ValidationTasks = r.tasks(o)
	case SubsessionCollection:
		p.SubsessionConfig = r.subsessions(o, p.Required)
	default:
		if o.isText("type") || !o.given("type") {
			o.fail("type", "step_type_unknown", "a step type is one of document_upload, form_fill, selfie, liveness, validation and subsession_collection")
		}
		return p // its config means nothing
	}
	o.done("a step of type " + string(p.Type))
	return p
}

// words reads the translations of a step.
func (r *reader) words(o *object) map[string]Words {
	all := o.child("i18n")
	if all == nil || len(all.members) == 0 {
		return nil
	}
	out := map[string]Words{}
	for _, tag := range slices.Sorted(maps.Keys(all.members)) {
		if !languageTag.MatchString(tag) {
			all.fail(tag, "language_invalid", "%q is not a language tag such as de or pt-BR", tag)
			continue
		}
		one := all.child(tag)
		if one == nil {
			continue
		}
		out[tag] = Words{
			Name:         one.text("name", MaxName, "name_too_long"),
			Instructions: one.text("instructions", MaxInstructions, "text_too_long"),
		}
		one.done("a translation")
	}
	return out
}

// checkOrder reports every step whose order does not follow the one before.
func (r *reader) checkOrder(steps []placed) {
	inOrder := slices.Clone(steps)
	slices.SortStableFunc(inOrder, func(a, b placed) int { return a.Order - b.Order })
	// While an order is missing (0, reported already) a gap may be that one's.
	complete := !slices.ContainsFunc(steps, func(p placed) bool { return p.Order == 0 })
	before := 0
	for _, p := range inOrder {
		switch {
		case p.Order == 0:
		case p.Order == before:
			r.fail(p.at+"/order", "step_order_not_sequential", "two steps have the order %d", p.Order)
		case complete && p.Order != before+1:
			r.fail(p.at+"/order", "step_order_not_sequential", "the orders of the steps must be 1, 2, 3 …; %d is missing before %d", before+1, p.Order)
		}
		before = max(before, p.Order)
	}
}

// form reads the fields of a form step.
func (r *reader) form(o *object, p *placed) {
	raw, given := o.get("custom_fields")
	if !given {
		o.fail("custom_fields", "custom_fields_required", "a form needs at least one field")
		return
	}
	fields, problems := field.Parse(json.RawMessage(raw), o.path("custom_fields"))
	r.absorb(problems)
	p.CustomFields = fields
	for i := range fields {
		p.fields = append(p.fields, index(o.path("custom_fields"), i))
	}
}

// checkFieldNames refuses a field_id or field_key that two form steps use:
// answers are kept and rules speak by these names for the whole session. Within
// one form the room field has looked already.
func (r *reader) checkFieldNames(steps []placed) {
	type owner struct{ step, name string }
	taken := map[string]owner{}
	say := func(p placed, i int, member, name string) {
		if was, ok := taken[name]; ok && was.step != p.at {
			r.fail(p.fields[i]+"/"+member, member+"_duplicate", "the %s %q already belongs to %s of the step %s", member, name, was.name, was.step)
		}
	}
	for _, p := range steps {
		for i, f := range p.CustomFields {
			if f.FieldID != "" {
				say(p, i, "field_id", f.FieldID)
			}
			if f.FieldKey != "" && f.FieldKey != f.FieldID {
				say(p, i, "field_key", f.FieldKey)
			}
		}
		for _, f := range p.CustomFields {
			for _, name := range []string{f.FieldID, f.FieldKey} {
				if _, ok := taken[name]; name != "" && !ok {
					taken[name] = owner{p.at, fmt.Sprintf("the field %q", f.Name)}
				}
			}
		}
	}
}

// readShowIf reads the conditions of the steps, which may look only at fields
// asked before: what is not known yet cannot decide.
func (r *reader) readShowIf(steps []placed) {
	asked := map[string]int{} // by name, the position of the step
	for i, p := range steps {
		for _, f := range p.CustomFields {
			for _, name := range []string{f.FieldID, f.FieldKey} {
				if _, ok := asked[name]; name != "" && !ok {
					asked[name] = i
				}
			}
		}
	}
	for i := range steps {
		p := &steps[i]
		if len(p.show) == 0 {
			continue
		}
		at := p.at + "/show_if"
		logic, problems := field.ParseLogic(json.RawMessage(p.show), at)
		r.absorb(problems)
		for n, c := range logic.Conditions {
			where, known := asked[c.FieldID]
			here := fmt.Sprintf("%s/conditions/%d/field_id", at, n)
			switch {
			case c.FieldID == "": // reported already
			case !known:
				r.fail(here, "show_if_field_unknown", "no form step has a field %q", c.FieldID)
			case where >= i:
				r.fail(here, "show_if_field_not_earlier", "the field %q is not asked before this step", c.FieldID)
			}
		}
		p.ShowIf = &logic
	}
}

// fieldNamed finds a field by either name among the steps.
func fieldNamed(steps []placed, name string) (position int, ok bool) {
	for i, p := range steps {
		if slices.ContainsFunc(p.CustomFields, func(f field.Field) bool { return f.FieldID == name || f.FieldKey == name }) {
			return i, true
		}
	}
	return 0, false
}

// checkValidationFields looks up the fields that name_matches_field compares
// with.
func (r *reader) checkValidationFields(steps []placed) {
	for i, p := range steps {
		for n, req := range p.DocumentRequirements {
			for k, v := range req.PostUploadValidations {
				name, _ := v.Params["field_id"].(string)
				if v.Type != "name_matches_field" || name == "" {
					continue
				}
				at := fmt.Sprintf("%s/document_requirements/%d/post_upload_validations/%d/params/field_id", p.at, n, k)
				where, ok := fieldNamed(steps, name)
				switch {
				case !ok:
					r.fail(at, "rule_field_not_found", "no form step has a field %q", name)
				case where > i:
					r.warn(at, "validation_field_later", "the field %q is asked after this upload, so only a prefilled value can be compared", name)
				}
			}
		}
	}
}
