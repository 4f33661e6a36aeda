package check

import (
	"context"
	"fmt"
	"time"

	"bonafide/kyc"
)

type ageConfig struct {
	MinimumAge int  `json:"minimum_age"`
	MaximumAge *int `json:"maximum_age"`
	// DocumentOnly refuses a birth date that the applicant only typed.
	DocumentOnly bool `json:"document_only"`
}

func ageCheck() Check {
	s := spec("age_check", "Age", "Compares the age in full years on the day of the check with limits. Who was born on 29 February has the birthday on 1 March in common years.", 0)
	s.Provides = []string{"details.age", "details.age_check_passed", "details.source"}
	s.ConfigSchema = schema(`
"minimum_age":{"type":"integer","minimum":0,"maximum":150,"default":18,"description":"Youngest age that passes, in full years."},
"maximum_age":{"type":"integer","minimum":0,"maximum":150,"description":"Oldest age that passes; absent: no limit."},
"document_only":{"type":"boolean","default":false,"description":"Ask for review when the date of birth comes from the form only."}`, "")
	return Check{Spec: s, Run: func(_ context.Context, r kyc.CheckRequest) kyc.Answer {
		c := ageConfig{MinimumAge: 18}
		if err := decode(r.Config, &c); err != nil {
			return broken("config_invalid", "the check's config cannot be read")
		}
		if c.MaximumAge != nil && *c.MaximumAge < c.MinimumAge {
			return broken("config_invalid", "maximum_age is below minimum_age")
		}
		born, source := onPaper(r).born, "document"
		if born == "" {
			born, source = onForm(r).born, "form"
		}
		return judgeAge(born, source, c, r.Now)
	}}
}

// judgeAge decides by a date of birth. Whatever the verdict,
// details.age_check_passed says it in one word, as surface D's result does.
func judgeAge(text, source string, c ageConfig, now time.Time) kyc.Answer {
	no := func(a kyc.Answer) kyc.Answer {
		a.Details = map[string]any{"age_check_passed": false, "source": source}
		return a
	}
	if text == "" {
		return no(review("birth_date_missing", "no date of birth is known"))
	}
	born, ok := parseDate(text)
	if !ok {
		return no(review("birth_date_unreadable", "the date of birth is no possible date"))
	}
	age := ageOn(born, today(now))
	if age < 0 || age > 150 || born.After(now) {
		return no(review("birth_date_impossible", "the date of birth lies in the future or more than 150 years ago"))
	}
	var a kyc.Answer
	switch {
	case age < c.MinimumAge:
		a = failed("under_age", fmt.Sprintf("the applicant is younger than %d", c.MinimumAge))
	case c.MaximumAge != nil && age > *c.MaximumAge:
		a = failed("over_age", fmt.Sprintf("the applicant is older than %d", *c.MaximumAge))
	case source == "form" && c.DocumentOnly:
		a = review("age_from_form", "the date of birth comes from the form only")
	default:
		a = passed("age_in_range", "the age is within the limits")
		if source == "form" {
			a.Reasons = append(a.Reasons, reason(warning, "age_from_form", "the date of birth comes from the form only"))
		}
	}
	a.Details = map[string]any{"age": age, "age_check_passed": a.Verdict == kyc.Pass, "source": source}
	return a
}
