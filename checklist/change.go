package checklist

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"bonafide/kyc"
)

// Patch is a change of a definition as a whole.
type Patch struct {
	Name  *string  // nil: unchanged
	Steps []string // all ids in their new order, in any spelling; nil: unchanged
}

// Patched renames and reorders. The Definition is nil when there are errors:
// name_required, name_length, text_invalid, step_id_unknown, duplicate_step, and
// steps_mismatch where the list does not name every step.
func (d *Definition) Patched(p Patch) (*Definition, Report) {
	r := &reader{}
	out := &Definition{Name: d.Name, Steps: slices.Clone(d.Steps)}
	if p.Name != nil {
		out.Name = r.judgeName(*p.Name, "/name")
	}
	if p.Steps != nil {
		out.Steps = d.reordered(p.Steps, r)
	}
	if len(r.errors) > 0 {
		return nil, r.report()
	}
	r.warnings = out.Warnings()
	return out, r.report()
}

func (d *Definition) reordered(ids []string, r *reader) []Step {
	var out []Step
	seen := map[string]bool{}
	for i, text := range ids[:min(len(ids), 100)] {
		at := index("/steps", i)
		id, known := StepID(text)
		s := d.Step(id)
		switch {
		case !known:
			r.fail(at, "step_id_unknown", "there is no such step")
		case s == nil:
			r.fail(at, "steps_mismatch", "the workflow has no step %s; steps are reordered here, not added", id)
		case seen[id]:
			r.fail(at, "duplicate_step", "step %s stands in the list already", id)
		default:
			seen[id] = true
			out = append(out, *s)
		}
	}
	for _, s := range d.Steps {
		if !seen[s.ID] {
			r.fail("/steps", "steps_mismatch", "step %s is missing; steps are reordered here, not removed", s.ID)
		}
	}
	return out
}

// WithConfig is the definition with another configuration of one step.
func (d *Definition) WithConfig(stepID string, c Config) *Definition {
	out := &Definition{Name: d.Name, Steps: slices.Clone(d.Steps)}
	if s := out.Step(stepID); s != nil {
		s.Config = c
	}
	return out
}

// Canonical is the resolved definition as canonical JSON (RFC 8785): what is
// stored as the source of a version. Parsing it gives the same definition.
func (d *Definition) Canonical() json.RawMessage { return canonical(d) }

// Hash is "sha256:" and the hex digest of the canonical form.
func (d *Definition) Hash() string {
	sum := sha256.Sum256(d.Canonical())
	return "sha256:" + hex.EncodeToString(sum[:])
}

// canonical writes plain values as canonical JSON. What this room makes always
// can be written; if it could not, null is nothing that anybody accepts.
func canonical(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage("null")
	}
	text := jsontext.Value(raw)
	if err := text.Canonicalize(); err != nil {
		return json.RawMessage("null")
	}
	return json.RawMessage(text)
}

// Read reads what Canonical gave, and trusts nothing: a stored definition that
// is not sound, or not resolved, is an Internal error with code
// bad_definition.
func Read(source json.RawMessage) (*Definition, error) {
	d, report := Parse(source, ParseOptions{})
	if err := report.Err(); err != nil {
		return nil, kyc.Errorf(kyc.Internal, "bad_definition", "the stored definition is not sound: %w", err)
	}
	text := jsontext.Value(slices.Clone(source))
	if err := text.Canonicalize(); err != nil || string(text) != string(d.Canonical()) {
		return nil, kyc.Errorf(kyc.Internal, "bad_definition", "the stored definition leaves defaults open")
	}
	return d, nil
}
