package onboarding

import (
	"encoding/json"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"bonafide/flow"
	"bonafide/kyc"
)

// Canonical is the definition with every default written out, as canonical
// JSON (RFC 8785). Parsing it gives the same definition and the same bytes.
// The caller must not change it.
func (d *Definition) Canonical() json.RawMessage { return d.canonical }

// Hash is "sha256:" and the hex digest of the canonical form without
// change_note, which speaks of the version and not of the policy.
func (d *Definition) Hash() string { return d.hash }

// seal computes the canonical form and the hash once.
func (d *Definition) seal() error {
	whole, err := canonical(d)
	if err != nil {
		return err
	}
	policy := whole
	if d.ChangeNote != "" {
		bare := *d
		bare.ChangeNote = ""
		if policy, err = canonical(&bare); err != nil {
			return err
		}
	}
	d.canonical, d.hash = whole, flow.HashOf(policy)
	return nil
}

func canonical(d *Definition) (json.RawMessage, error) {
	raw, err := json.Marshal(d)
	if err != nil {
		return nil, kyc.Errorf(kyc.Internal, "encode", "encoding a definition: %w", err)
	}
	return flow.Canonical(raw)
}

// Merge lays a JSON Merge Patch (RFC 7396) over the newest version of a
// definition: objects merge, lists and scalars replace, and null restores the
// default. The change note of the current version is not carried over. The
// result is not checked; Parse does that for the document as a whole.
func Merge(current *Definition, patch json.RawMessage) (json.RawMessage, error) {
	base := *current
	base.ChangeNote = ""
	raw, err := canonical(&base)
	if err != nil {
		return nil, err
	}
	return MergeRaw(raw, patch)
}

// MergeRaw is Merge over a text, such as that of a template.
func MergeRaw(current, patch json.RawMessage) (json.RawMessage, error) {
	if jsontext.Value(patch).Kind() != jsontext.KindBeginObject {
		return nil, kyc.Errorf(kyc.Malformed, "invalid_json", "the change must be a JSON object with the properties to change")
	}
	merged, err := mergePatch(jsontext.Value(current), jsontext.Value(patch))
	if err != nil {
		return nil, kyc.Errorf(kyc.Malformed, "invalid_json", "the change cannot be read as JSON: %w", err)
	}
	return json.RawMessage(merged), nil
}

// mergePatch follows the pseudo code of RFC 7396, section 2. Values that are
// taken over stay the bytes they were, so that no number is rounded.
func mergePatch(target, patch jsontext.Value) (jsontext.Value, error) {
	if patch.Kind() != jsontext.KindBeginObject {
		if !patch.IsValid() {
			return nil, kyc.Errorf(kyc.Malformed, "invalid_json", "a value is not valid JSON")
		}
		return patch, nil
	}
	var out, changes map[string]jsontext.Value
	if err := jsonv2.Unmarshal(patch, &changes); err != nil {
		return nil, err
	}
	if target.Kind() == jsontext.KindBeginObject {
		if err := jsonv2.Unmarshal(target, &out); err != nil {
			return nil, err
		}
	}
	if out == nil {
		out = map[string]jsontext.Value{}
	}
	for name, v := range changes {
		if v.Kind() == jsontext.KindNull {
			delete(out, name)
			continue
		}
		merged, err := mergePatch(out[name], v)
		if err != nil {
			return nil, err
		}
		out[name] = merged
	}
	return jsonv2.Marshal(out, jsonv2.Deterministic(true))
}
