package check

import (
	"context"
	"fmt"
	"slices"

	"bonafide/kyc"
)

type consentConfig struct {
	Required []string `json:"required"`
}

func consent() Check {
	s := spec("consent", "Consent", "Looks whether the applicant agreed to what must be agreed to. Consents are the form's fields consents.<name> or consent:<name>.", 0)
	s.Provides = []string{"details.given", "details.missing"}
	s.ConfigSchema = schema(`
"required":{"type":"array","uniqueItems":true,"maxItems":50,"items":{"type":"string","minLength":1,"maxLength":100},"description":"Names of the consents that must be given; absent: every consent of the form, at least one."}`, "")
	return Check{Spec: s, Run: func(_ context.Context, r kyc.CheckRequest) kyc.Answer {
		var c consentConfig
		if err := decode(r.Config, &c); err != nil {
			return broken("config_invalid", "the check's config cannot be read")
		}
		return judgeConsents(consentsOf(r.Fields), c.Required)
	}}
}

// consentsOf collects the consents of a form, given or declined. A consent is
// true, or an object whose given, accepted or granted is true; nothing else
// counts as agreement.
func consentsOf(fields map[string]any) map[string]bool {
	agreed := func(v any) bool {
		switch v := v.(type) {
		case bool:
			return v
		case map[string]any:
			return v["given"] == true || v["accepted"] == true || v["granted"] == true
		}
		return false
	}
	out := map[string]bool{}
	if group, ok := fields["consents"].(map[string]any); ok {
		for name, v := range group {
			out[name] = agreed(v)
		}
	}
	for name, v := range fields {
		if len(name) > len("consent:") && name[:len("consent:")] == "consent:" {
			out[name[len("consent:"):]] = agreed(v)
		}
	}
	if v, ok := fields["consent"]; ok {
		out["consent"] = agreed(v)
	}
	return out
}

func judgeConsents(given map[string]bool, required []string) kyc.Answer {
	if len(required) == 0 {
		for name := range given {
			required = append(required, name)
		}
	}
	required = slices.Clone(required)
	slices.Sort(required)
	yes, no := []any{}, []any{}
	for _, name := range required {
		if given[name] {
			yes = append(yes, name)
		} else {
			no = append(no, name)
		}
	}
	var a kyc.Answer
	switch {
	case len(required) == 0:
		a = failed("consent_missing", "the applicant has not agreed to anything")
	case len(no) > 0:
		a = failed("consent_missing", fmt.Sprintf("%d of %d consents are not given", len(no), len(required)))
	default:
		a = passed("consent_given", "every consent is given")
	}
	a.Details = map[string]any{"given": yes, "missing": no}
	return a
}
