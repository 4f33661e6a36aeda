package journey

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"bonafide/field"
	"bonafide/kyc"
	"bonafide/onboarding"
)

// prefilled reads proposed answers, each on its own: conditions and
// comparisons with other fields wait for the applicant. A value that its field
// does not take is left out and becomes a warning below /prefill. Codes:
// prefill_field_unknown, prefill_given_twice, prefill_not_allowed (files) and
// those of the field types.
func prefilled(ctx context.Context, d *onboarding.Definition, given map[string]any, now time.Time) (map[string]any, []kyc.Problem) {
	out := map[string]any{}
	var warnings []kyc.Problem
	warn := func(name, code, message string) {
		warnings = append(warnings, kyc.Problem{Path: "/prefill/" + escape(name), Code: code, Message: message})
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		f, ok := d.Field(name)
		if !ok {
			warn(name, "prefill_field_unknown", "the workflow asks no such field")
			continue
		}
		if _, twice := out[f.FieldID]; twice {
			warn(name, "prefill_given_twice", "the field is given under its field_id and under its field_key")
			continue
		}
		if f.Type == "file" {
			warn(name, "prefill_not_allowed", "a file is uploaded by the applicant")
			continue
		}
		alone := f
		alone.Required, alone.ConditionalLogic = false, nil
		if r := f.ValidationRules; r != nil {
			rules := *r
			rules.EqualsField, rules.DiffersFromField = "", ""
			alone.ValidationRules = &rules
		}
		got := field.Validate(ctx, []field.Field{alone}, map[string]any{f.FieldID: given[name]}, field.Env{Now: now})
		for _, p := range got.Problems {
			p.Path = "/prefill/" + escape(name) + strings.TrimPrefix(p.Path, "/form_data/"+escape(f.FieldID))
			warnings = append(warnings, p)
		}
		if v, ok := got.Values[f.FieldID]; ok && len(got.Problems) == 0 {
			out[f.FieldID] = v
		}
	}
	return out, warnings
}

// escape writes a reference token of a JSON Pointer (RFC 6901).
func escape(token string) string {
	return strings.ReplaceAll(strings.ReplaceAll(token, "~", "~0"), "/", "~1")
}

// addressOf finds where an invitation goes: what the caller put into the
// metadata, a prefilled field of the right type, or what is known of the
// customer. Empty when there is nothing.
func addressOf(n NewSession, d *onboarding.Definition, prefill map[string]any, person *kyc.Subject) string {
	kind, key, known := "email", "user_email", person.Private.Email
	if n.SendInvite == "sms" {
		kind, key, known = "phone", "user_phone", person.Private.Phone
	}
	if to, ok := n.Metadata[key].(string); ok && strings.TrimSpace(to) != "" {
		return strings.TrimSpace(to)
	}
	for _, f := range d.Fields() {
		if to, ok := prefill[f.FieldID].(string); ok && f.Type == kind {
			return to
		}
	}
	return known
}
