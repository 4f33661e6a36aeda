package studio

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"bonafide/checklist"
	"bonafide/engine"
	"bonafide/field"
	"bonafide/kyc"
	"bonafide/onboarding"
)

// applicant is the made-up person of a dry run, who has done all that the
// workflow asks of applicants: every document was sent, every field answered,
// every step gone through. Nothing of them is stored, so their files have names
// and no bytes; the sandbox looks into none.
type applicant struct {
	tenant              kyc.Tenant
	now                 time.Time
	family, born        string
	settings            kyc.Settings
	fields, established map[string]any
	uploads             []kyc.Upload
}

const (
	given   = "Alex"
	anyBorn = "1990-01-15"
	live    = "liveness"
)

// bornOf reads the date of birth of a made-up person; empty is anybody's.
// Errors: 422 for what is no day of the last 120 years.
func bornOf(text string, now time.Time) (string, error) {
	if text == "" {
		return anyBorn, nil
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil || day.After(now) || day.Before(now.AddDate(-121, 0, 0)) {
		return "", kyc.InvalidInput("invalid_person", "the made-up person cannot be born then", []kyc.Problem{{Path: "/born", Code: "out_of_range", Message: "The date of birth is a day of the last 120 years, as YYYY-MM-DD."}})
	}
	return text, nil
}

// applicantOf makes up the person for a definition without problems.
func (s *studio) applicantOf(ctx context.Context, a asked, p *applicant) {
	p.fields = map[string]any{"first_name": given, "last_name": p.family, "full_name": given + " " + p.family, "date_of_birth": p.born, "email": "alex@example.com", "phone": "+31201234567"}
	p.established = map[string]any{}
	switch a.Surface {
	case kyc.SurfaceSteps:
		d, _ := onboarding.Parse(a.Definition, onboarding.ParseOptions{})
		for i := range d.Steps {
			s.goThrough(ctx, p, &d.Steps[i])
		}
	case kyc.SurfaceChecks:
		d, _ := checklist.Parse(a.Definition, checklist.ParseOptions{MaximumAge: p.settings.Checks.MaximumAge})
		s.tickOff(ctx, p, d)
	}
}

// send adds a file.
func (p *applicant) send(u kyc.Upload) {
	u.Meta = kyc.Meta{ID: kyc.NewID(p.now), Tenant: p.tenant, CreatedAt: p.now, UpdatedAt: p.now}
	u.ContentType = "image/png"
	p.uploads = append(p.uploads, u)
}

// goThrough does one step of an onboarding.
func (s *studio) goThrough(ctx context.Context, p *applicant, step *onboarding.Step) {
	switch step.Type {
	case onboarding.DocumentUpload:
		for _, r := range step.DocumentRequirements {
			p.send(kyc.Upload{Kind: "document_front", DocumentType: r.DocumentType, StepID: step.StepID, Side: "front", EntityRole: r.EntityRole})
		}
	case onboarding.Selfie:
		p.send(kyc.Upload{Kind: "selfie", StepID: step.StepID, Side: "front"})
	case onboarding.Liveness:
		s.film(ctx, p, step.LivenessConfig.MinConfidence)
	case onboarding.FormFill:
		for i := range step.CustomFields {
			p.fields[step.CustomFields[i].FieldID] = p.answer(&step.CustomFields[i])
		}
	case onboarding.ValidationStep, onboarding.SubsessionCollection: // nothing of the applicant's own
	}
}

// film goes through a liveness challenge, as the sandbox judges it.
func (s *studio) film(ctx context.Context, p *applicant, threshold float64) {
	a, _ := s.put(ctx, p, checklist.Ask{Policy: live, Config: encoded(map[string]any{"threshold": threshold})}, map[string]any{})
	fact := map[string]any{"status": "failed", "attempts": 1, "threshold": threshold}
	if a.Verdict == kyc.Pass {
		fact["status"] = "passed"
	}
	if a.Score != nil {
		fact["confidence"] = *a.Score
	}
	p.established[live] = fact
}

// tickOff goes through a checklist: each step ends as the answers of its checks
// say, which is what the checklist's outcome is judged by.
func (s *studio) tickOff(ctx context.Context, p *applicant, d *checklist.Definition) {
	p.fields["names"] = []any{map[string]any{"given": given, "family": p.family, "date_of_birth": p.born, "source": "applicant"}}
	for i := range d.Steps {
		for _, slot := range d.Steps[i].Slots(checklist.IDTypes{Primary: "passport", Secondary: "id_card", Tertiary: "driving_licence"}) {
			p.send(kyc.Upload{Kind: slot.Kind, Asked: slot.Asked, Side: slot.Side, StepID: d.Steps[i].ID})
		}
	}
	extracted, ended := map[string]any{}, map[string]any{}
	for i := range d.Steps {
		step := &d.Steps[i]
		one := map[string]any{"status": "COMPLETED"}
		for _, q := range d.Checks(step.ID, checklist.Options{ExpiryPolicy: p.settings.Checks.ExpiryPolicy}) {
			if q.Background {
				continue // it holds no step back
			}
			if c, ok := step.Config.(checklist.LivenessConfig); ok {
				s.film(ctx, p, float64(c.ConfidenceThreshold))
			}
			a, passed := s.put(ctx, p, q, extracted)
			if passed {
				continue
			}
			one = map[string]any{"status": "FAILED", "reason": q.Policy + "_not_passed"}
			for _, r := range a.Reasons {
				if r.Severity != "info" {
					one["reason"] = r.Code
					break
				}
			}
			if a.Status != kyc.StatusOK {
				one["unanswered"] = true
			}
			break
		}
		ended[step.ID] = one
	}
	p.established["checklist"] = map[string]any{"steps": ended}
}

// put asks a check about the applicant as a step does when it is sent: again
// while the answer may be another one soon, as often as runs ask.
func (s *studio) put(ctx context.Context, p *applicant, q checklist.Ask, extracted map[string]any) (a kyc.Answer, passed bool) {
	for attempt := 1; attempt <= 5; attempt++ {
		a = s.Rehearse(ctx, engine.RunCheck{Attempt: attempt, Request: kyc.CheckRequest{Tenant: p.tenant, Policy: q.Policy, Config: q.Config, Attempt: attempt, Now: p.now, Fields: p.fields,
			Extracted: extracted, Established: p.established, Checks: map[string]kyc.CheckFact{}, Uploads: p.uploads, Settings: p.settings}})
		if !a.Transient {
			break
		}
	}
	kyc.Extract(extracted, a.Fields, p.now)
	return a, a.Status == kyc.StatusOK && a.Verdict == kyc.Pass
}

// answer is what the applicant answers to a field, in the form in which answers
// are stored (field.TypeSpec.Stored). The made-up name stands in every field of
// the applicant's own name.
func (p *applicant) answer(f *field.Field) any {
	switch f.Type {
	case "name":
		switch {
		case f.NameType == "company":
			return "Example Company"
		case f.EntityRole != "" && f.EntityRole != "individual":
			return given + " Example"
		case f.Parts != nil && *f.Parts:
			return map[string]any{"given": given, "family": p.family, "full": given + " " + p.family}
		}
		return given + " " + p.family
	case "number":
		return number(f.MinValue)
	case "date":
		return p.born
	case "boolean":
		return true
	case "select":
		return picked(f)
	case "email":
		return "alex@example.com"
	case "phone":
		return "+31201234567"
	case "url":
		return "https://example.com/"
	case "domain":
		return "example.com"
	case "country":
		return cmp.Or(firstOf(f.Allowed), "NL")
	case "wallet":
		return map[string]any{"address": "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "network": "BTC"}
	case "volume":
		return map[string]any{"amount": json.Number("1000"), "currency": cmp.Or(f.Currency, "EUR"), "period": cmp.Or(f.Period, "monthly")}
	case "address":
		return map[string]any{"line1": "Main Street 1", "city": "Utrecht", "postal_code": "3511 AA", "country": cmp.Or(firstOf(f.AllowedCountries), "NL")}
	case "file":
		return []any{}
	case "object":
		return p.answers(f.Fields)
	case "entity_array", "sub_merchants":
		out := []any{}
		if f.MinItems != nil && *f.MinItems > 0 {
			others := *p // whoever they are, they have no magic name
			others.family = "Example"
			for range *f.MinItems {
				out = append(out, others.answers(f.ItemFields))
			}
		}
		return out
	}
	return "Example"
}

func (p *applicant) answers(fields []field.Field) map[string]any {
	out := map[string]any{}
	for i := range fields {
		out[fields[i].FieldID] = p.answer(&fields[i])
	}
	return out
}

func number(least json.Number) json.Number {
	if v, err := least.Float64(); err == nil && v > 1 {
		return least
	}
	return "1"
}

func picked(f *field.Field) any {
	value := ""
	if len(f.Options) > 0 {
		value = f.Options[0].Value
	}
	if f.Multiple != nil && *f.Multiple {
		return []any{value}
	}
	return value
}

func firstOf(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// encoded is a config of plain values.
func encoded(config map[string]any) json.RawMessage {
	raw, err := json.Marshal(config)
	if err != nil {
		return json.RawMessage(`{}`)
	}
	return raw
}
