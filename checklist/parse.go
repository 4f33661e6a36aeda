package checklist

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/text/unicode/norm"

	"bonafide/kyc"
)

// Bounds of a definition (seed 001).
const (
	maxName  = 255
	maxSteps = 10
)

// ParseOptions say how a definition is read.
type ParseOptions struct {
	// Lenient turns unknown members into warnings.
	Lenient bool
	// MaximumAge is the organisation's default of maximum_age in years; 0 is
	// the seed's 51.
	MaximumAge int
}

// Parse reads a submitted definition, {"name","steps":[{"id","config"}]}, and
// reports everything wrong with it at once. The Definition is nil when there
// are errors.
//
// Codes of errors (api.md 4.3): name_required, name_length, steps_length,
// step_id_unknown, step_not_supported (a step that other services know),
// duplicate_step, config_unknown_field, config_type, config_range,
// age_range_inverted; and text_invalid, wrong_type, unknown_field, duplicate_key,
// malformed_json.
//
// Codes of warnings: default_maximum_age_applied, fraud_analysis_implied,
// secondary_id_implied, threshold_without_escalation, screening_before_name.
func Parse(raw json.RawMessage, o ParseOptions) (*Definition, Report) {
	r := &reader{lenient: o.Lenient}
	top := r.object(jsontext.Value(raw), "", "unknown_field")
	if top == nil {
		return nil, r.report()
	}
	d := &Definition{Name: r.name(top), Steps: r.steps(top, o)}
	top.done()
	if len(r.errors) > 0 {
		return nil, r.report()
	}
	r.warnings = append(r.warnings, d.Warnings()...)
	return d, r.report()
}

func (r *reader) name(top *object) string {
	before := len(r.errors)
	s, at, _ := top.text("name", "wrong_type")
	if len(r.errors) > before {
		return ""
	}
	return r.judgeName(s, at)
}

// judgeName gives the name as it is kept: in composed characters (NFC).
func (r *reader) judgeName(s, at string) string {
	s = norm.NFC.String(s)
	switch {
	case strings.TrimSpace(s) == "":
		r.fail(at, "name_required", "a workflow needs a name")
	case utf8.RuneCountInString(s) > maxName:
		r.fail(at, "name_length", "the name must have from 1 to %d characters", maxName)
	case strings.ContainsFunc(s, unicode.IsControl):
		r.fail(at, "text_invalid", "the name must have no control characters")
	}
	return s
}

func (r *reader) steps(top *object, o ParseOptions) []Step {
	before := len(r.errors)
	items, at, ok := top.list("steps", "wrong_type")
	switch {
	case !ok && len(r.errors) == before:
		r.fail(at, "steps_length", "a workflow needs a list of 1 to %d steps", maxSteps)
	case ok && (len(items) == 0 || len(items) > maxSteps):
		r.fail(at, "steps_length", "a workflow has from 1 to %d steps, and this one has %d", maxSteps, len(items))
	}
	var out []Step
	seen := map[string]int{}
	for i, item := range items[:min(len(items), 100)] { // nobody reads more problems than that
		where := index(at, i)
		step := r.object(item, where, "unknown_field")
		if step == nil {
			continue
		}
		id, known := r.stepID(step)
		if first, twice := seen[id]; twice && known {
			r.fail(pointer(where, "id"), "duplicate_step", "step %s stands at place %d already; each step can be asked once", id, first+1)
		} else if known {
			seen[id] = i
		}
		config, configAt, given := step.get("config")
		if !given {
			config = jsontext.Value("{}")
		}
		if known {
			out = append(out, Step{ID: id, Config: r.config(id, config, configAt, o)})
		}
		step.done()
	}
	return out
}

func (r *reader) stepID(step *object) (id string, known bool) {
	before := len(r.errors)
	text, at, given := step.text("id", "step_id_unknown")
	if !given {
		if len(r.errors) == before {
			r.fail(at, "step_id_unknown", "a step needs an id: %s", strings.Join(StepIDs(), ", "))
		}
		return "", false
	}
	id, known = StepID(text)
	switch {
	case known:
	case slices.Contains(elsewhere(), id):
		r.fail(at, "step_not_supported", "step %s is not done here; there are %s", id, strings.Join(StepIDs(), ", "))
	default:
		r.fail(at, "step_id_unknown", "there is no such step; there are %s", strings.Join(StepIDs(), ", "))
	}
	return id, known
}

// Warnings are what an author should know of the definition as it stands. What
// depends on how it was submitted is in the Report of Parse and ParseConfig.
func (d *Definition) Warnings() []kyc.Problem {
	r := &reader{}
	for i, s := range d.Steps {
		if s.ID == IDVerification {
			break
		}
		if s.ID == PEPSanctions || s.ID == AdverseMedia {
			r.warn(index("/steps", i), "screening_before_name",
				"no step before %s reads a name from a document; it screens the name that is typed", s.ID)
		}
	}
	return r.warnings
}
