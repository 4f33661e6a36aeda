package procedure

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"bonafide/kyc"
)

// MaxBytes bounds a submitted definition (api.md 1.4).
const MaxBytes = 2 << 20

// Decision says which steps must pass (5.8). The default are all required steps
// that ask something.
type Decision struct {
	MustPass []string `json:"mustPass"`
}

// Parse reads a definition (5.2). Every problem is reported at once, with its
// JSON Pointer and one of the codes too_large, malformed_json, wrong_type,
// duplicate_key, unknown_field, text_invalid, text_too_long, out_of_range,
// too_many, duplicate_item, name_required, name_invalid,
// lifecycle_phase_invalid, monitoring_type_invalid, steps_required,
// unknown_step_type, duplicate_step, step_type_repeated, checks_required,
// duplicate_check, unknown_step, unknown_condition, condition_not_allowed,
// cycle (with the steps), after_decision, field_not_earlier,
// documents_not_read, must_pass_invalid, and those of the configurations. The
// Definition is nil when there are errors.
//
// START, DECISION and FINISH are added where they are left out; steps stand in
// the order in which they run. Parsing the canonical form of a definition gives
// the same definition.
func Parse(raw json.RawMessage, o ParseOptions) (*Definition, Report) {
	r := &reader{lenient: o.Lenient}
	if len(raw) > MaxBytes {
		r.fail("", "too_large", "the definition is larger than 2 MiB")
		return nil, r.report()
	}
	whole := jsontext.Value(raw)
	if !whole.IsValid(jsontext.AllowDuplicateNames(true)) {
		r.fail("", "malformed_json", "the definition is not valid JSON in UTF-8")
		return nil, r.report()
	}
	top := r.object(whole, "")
	if top == nil {
		return nil, r.report()
	}
	d := r.definition(top)
	if len(r.errors) > 0 {
		return nil, r.report()
	}
	if err := d.seal(); err != nil {
		r.fail("", "malformed_json", "the definition has no canonical form: a number in it may be too large")
		return nil, r.report()
	}
	return d, r.report()
}

// Read reads a stored definition: the canonical form that Parse made, perhaps
// by an earlier program. Errors are of kind Internal, code bad_definition.
func Read(source json.RawMessage) (*Definition, error) {
	d, report := Parse(source, ParseOptions{Lenient: true})
	if err := report.Err(); err != nil {
		return nil, kyc.Errorf(kyc.Internal, "bad_definition", "reading a stored procedure: %w", err)
	}
	return d, nil
}

func (r *reader) definition(o *object) *Definition {
	d := &Definition{
		ServiceName:    r.name(o, "serviceName"),
		WorkflowName:   r.name(o, "workflowName"),
		Description:    o.text("description", MaxDescription),
		Type:           strings.TrimSpace(o.text("type", MaxName)),
		LifecyclePhase: strings.ToUpper(o.text("lifecyclePhase", 40)),
		MonitoringTypes: o.words("monitoringTypes", len(MonitoringTypes()), MonitoringTypes(), "monitoring_type_invalid",
			oneOf(MonitoringTypes()...)),
	}
	if d.Type == "" {
		d.Type = "custom"
	}
	switch {
	case d.LifecyclePhase == "":
		d.LifecyclePhase = PhaseOther
	case !slices.Contains(Phases(), d.LifecyclePhase):
		o.fail("lifecyclePhase", "lifecycle_phase_invalid", "the phases are %s", strings.Join(Phases(), ", "))
	}
	if len(d.MonitoringTypes) == 0 {
		o.fail("monitoringTypes", "monitoring_type_invalid", "leave monitoringTypes out for all types, or name at least one")
	}
	list, given := o.list("steps", MaxSteps)
	if len(list) == 0 {
		if _, isList := o.members["steps"]; !isList || given {
			o.fail("steps", "steps_required", "a workflow needs at least one step that checks something")
		}
	}
	p := &stepsParser{r: r, at: o.path("steps")}
	for i, v := range list {
		p.read(i, v)
	}
	risk, decision := o.child("riskModel"), o.child("decision")
	d.RiskModel = r.riskModel(risk)
	if len(p.steps) == len(list) && len(list) > 0 {
		d.Steps = p.settle()
		r.decision(d, decision)
	} else if decision != nil {
		decision.words("mustPass", MaxSteps, nil, "must_pass_invalid", nil)
		decision.done("a decision")
	}
	o.done("a workflow")
	return d
}

// name reads one of the two names by which requests find a workflow. They stand
// in addresses, so a slash has no place in them.
func (r *reader) name(o *object, member string) string {
	if _, given := o.get(member); !given {
		o.fail(member, "name_required", "%s has 1 to %d characters", member, MaxName)
		return ""
	}
	before := len(r.errors)
	s := strings.TrimSpace(o.text(member, 1<<16))
	switch n := utf8.RuneCountInString(s); {
	case len(r.errors) > before:
	case n == 0:
		o.fail(member, "name_required", "%s has 1 to %d characters", member, MaxName)
	case n > MaxName:
		o.fail(member, "text_too_long", "%s has at most %d characters", member, MaxName)
	case strings.ContainsAny(s, "/\\?#%\n\r\t"):
		o.fail(member, "name_invalid", "%s stands in addresses: no slash, question mark, number sign, per cent sign or line break", member)
	}
	return s
}

// decision reads decision.mustPass; steps and their checks are known.
func (r *reader) decision(d *Definition, o *object) {
	var checking, required []string
	for i := range d.Steps {
		if s := &d.Steps[i]; s.Checks() {
			checking = append(checking, s.Name)
			if s.Required() {
				required = append(required, s.Name)
			}
		}
	}
	if d.Decision.MustPass = required; required == nil {
		d.Decision.MustPass = []string{}
	}
	if o == nil {
		return
	}
	list := o.words("mustPass", MaxSteps, d.Decision.MustPass, "must_pass_invalid", oneOf(checking...))
	o.done("a decision")
	ordered := []string{}
	for _, name := range checking {
		if slices.Contains(list, name) {
			ordered = append(ordered, name)
		}
	}
	d.Decision.MustPass = ordered
}

// seal computes the canonical form and the hash once.
func (d *Definition) seal() error {
	raw, err := json.Marshal(d)
	if err != nil {
		return err
	}
	v := jsontext.Value(raw)
	if err := v.Canonicalize(); err != nil {
		return err
	}
	d.canonical, d.hash = json.RawMessage(v), hashOf(v)
	return nil
}
