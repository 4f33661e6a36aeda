package check

import (
	"context"
	"fmt"
	"time"

	"bonafide/kyc"
)

type expirationConfig struct {
	GraceDays           int `json:"grace_days"`
	MinimumValidityDays int `json:"minimum_validity_days"`
}

func documentExpiration() Check {
	s := spec("document_expiration", "Document validity", "Looks whether the document is still valid on the day of the check. A document is valid through its date of expiry.", 0)
	s.Provides = []string{"details.expiry_date", "details.expired", "details.days_left"}
	s.ConfigSchema = schema(`
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
	left := int(ends.Sub(today(now)).Hours() / 24)
	var a kyc.Answer
	switch {
	case left < -c.GraceDays:
		a = failed("document_expired", fmt.Sprintf("the document expired %d days ago; %d are tolerated", -left, c.GraceDays))
	case left < 0 && c.MinimumValidityDays > 0, left >= 0 && left < c.MinimumValidityDays:
		a = failed("validity_too_short", fmt.Sprintf("the document is valid for %d days more; %d are asked for", left, c.MinimumValidityDays))
	case left < 0:
		a = judged(kyc.Pass, reason(warning, "document_in_grace", fmt.Sprintf("the document expired %d days ago, within the tolerated %d", -left, c.GraceDays)))
	default:
		a = passed("document_valid", fmt.Sprintf("the document is valid for %d days more", left))
	}
	a.Details = map[string]any{"expiry_date": ends.Format(time.DateOnly), "expired": left < 0, "days_left": left}
	return a
}
