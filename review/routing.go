package review

import (
	"context"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"bonafide/kyc"
)

// routed chooses the queue of a new case that its workflow sends nowhere, by the
// first rule of the settings that takes it. s has the zero id for a case about no
// session.
func (d *Desk) routed(ctx context.Context, s *kyc.Session, subject kyc.ID, f kyc.Filing, settings kyc.Settings) (kyc.Filing, error) {
	if f.Queue != "" || len(settings.Routing) == 0 {
		return f, nil
	}
	facts := kyc.CaseFacts{Risk: f.Risk, Priority: f.Priority, Workflow: s.WorkflowID, Countries: countries(s, f.Countries)}
	for _, word := range append([]string{f.ReasonCode, f.Because.Policy, f.Because.Code}, f.Concerns...) {
		if word != "" {
			facts.Reasons = append(facts.Reasons, word)
		}
	}
	if settings.RoutesBySubject() && subject != "" {
		p, err := d.store.Subject(ctx, s.Tenant, subject)
		if err != nil && kyc.KindOf(err) != kyc.NotFound {
			return f, err
		}
		facts.Subject = p.Kind
	}
	if rule, found := settings.Route(facts); found {
		f.Queue, f.Rule = rule.Queue, rule.Name
	}
	return f, nil
}

// ruled says in the audit entry of a new case which rule chose its queue.
func ruled(c *kyc.Case) string {
	if c.Rule == "" {
		return ""
	}
	return "routing rule: " + c.Rule
}

// countryFields are names of fields that hold a country of the person or of a
// document, without underscores.
func countryFields() []string {
	return []string{"nationality", "citizenship", "issuingcountry", "documentcountry", "country", "countrycode", "addresscountry", "countryofresidence", "residence",
		"registrationcountry", "incorporationcountry"}
}

// CountriesOf are the values of fields that hold countries, as they were written, in
// the order of their names; one level of parts (an address) is looked into.
func CountriesOf(fields map[string]any) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		switch v := fields[name].(type) {
		case string:
			if slices.Contains(countryFields(), strings.ReplaceAll(strings.ToLower(name), "_", "")) {
				out = append(out, v)
			}
		case map[string]any:
			for _, part := range slices.Sorted(maps.Keys(v)) {
				if text, ok := v[part].(string); ok && slices.Contains(countryFields(), strings.ReplaceAll(strings.ToLower(part), "_", "")) {
					out = append(out, text)
				}
			}
		}
	}
	return out
}

// countries are those of a session and of what its run read, as ISO 3166-1 alpha-2;
// what is no country is left out.
func countries(s *kyc.Session, read []string) []string {
	var out []string
	for _, text := range slices.Concat([]string{s.Country}, CountriesOf(s.Private.Fields), read) {
		r, err := language.ParseRegion(strings.TrimSpace(text))
		if err == nil && r.IsCountry() && !slices.Contains(out, r.String()) {
			out = append(out, r.String())
		}
	}
	return out
}
