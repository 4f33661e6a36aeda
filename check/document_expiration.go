package check

import (
	"context"
	"fmt"
	"time"

	"bonafide/kyc"
)

type expirationConfig struct {
	// An expired document is tolerated for years and then days.
	GraceYears          int `json:"grace_years"`
	GraceDays           int `json:"grace_days"`
	MinimumValidityDays int `json:"minimum_validity_days"`
	// MaximumValidityYears is how much longer it may be valid; 0: any.
	MaximumValidityYears int `json:"maximum_validity_years"`
}

func documentExpiration() Check {
	s := spec("document_expiration", "Document validity", "Looks whether the document is still valid on the day of the check. A document is valid through its date of expiry.", 0)
	s.Provides = []string{"details.expiry_date", "details.expired", "details.days_left"}
	s.ConfigSchema = schema(`
"grace_years":{"type":"integer","minimum":0,"maximum":50,"default":0,"description":"An expired document is tolerated for this many years, and then for grace_days."},
"maximum_validity_years":{"type":"integer","minimum":1,"maximum":50,"description":"The document may be valid for at most this many years more; absent: any."},
"grace_days":{"type":"integer","minimum":0,"maximum":3650,"default":0,"description":"An expired document is tolerated for this many days."},
"minimum_validity_days":{"type":"integer","minimum":0,"maximum":3650,"default":0,"description":"The document must be valid for at least this many days more."}`, "")
	return Check{Spec: s, Run: func(_ context.Context, r kyc.CheckRequest) kyc.Answer {
		var c expirationConfig
		if err := decode(r.Config, &c); err != nil {
			return broken("config_invalid", "the check's config cannot be read")
		}
		return judgeExpiry(factsOf(r.Extracted).find("expirydate", "expirationdate", "dateofexpiry"), c, r.Now)
	}}
}

func judgeExpiry(text string, c expirationConfig, now time.Time) kyc.Answer {
	if text == "" {
		return review("expiry_missing", "no date of expiry was read on the document")
	}
	ends, ok := parseDate(text)
	if !ok {
		return review("expiry_unreadable", "the date of expiry is no possible date")
	}
	day := today(now)
	left := int(ends.Sub(day).Hours() / 24)
	tolerated := ends.AddDate(c.GraceYears, 0, c.GraceDays)
	var a kyc.Answer
	switch {
	case day.After(tolerated):
		a = failed("document_expired", fmt.Sprintf("the document expired %d days ago; it was tolerated until %s", -left, tolerated.Format(time.DateOnly)))
	case c.MaximumValidityYears > 0 && ends.After(day.AddDate(c.MaximumValidityYears, 0, 0)):
		a = failed("validity_too_long", fmt.Sprintf("the document is valid for %d days more, which is longer than %d years", left, c.MaximumValidityYears))
	case left < 0 && c.MinimumValidityDays > 0, left >= 0 && left < c.MinimumValidityDays:
		a = failed("validity_too_short", fmt.Sprintf("the document is valid for %d days more; %d are asked for", left, c.MinimumValidityDays))
	case left < 0:
		a = judged(kyc.Pass, reason(warning, "document_in_grace", fmt.Sprintf("the document expired %d days ago, and is tolerated until %s", -left, tolerated.Format(time.DateOnly))))
	default:
		a = passed("document_valid", fmt.Sprintf("the document is valid for %d days more", left))
	}
	a.Details = map[string]any{"expiry_date": ends.Format(time.DateOnly), "expired": left < 0, "days_left": left}
	return a
}
