package check

import (
	"context"
	"slices"
	"strings"

	"bonafide/kyc"
)

type filterConfig struct {
	AllowedTypes     []string `json:"allowed_types"`
	DeniedTypes      []string `json:"denied_types"`
	AllowedCountries []string `json:"allowed_countries"`
	DeniedCountries  []string `json:"denied_countries"`
}

func idDocumentFilter() Check {
	s := spec("id_document_filter", "Accepted documents", "Accepts documents of certain types and issuing countries only.", 0)
	s.Provides = []string{"details.document_type", "details.issuing_country"}
	const types = `"type":"array","maxItems":50,"items":{"type":"string","enum":["passport","id_card","visa","residence_permit","driving_licence"]}`
	const countries = `"type":"array","maxItems":300,"items":{"type":"string","pattern":"^[A-Za-z]{2,3}$"}`
	s.ConfigSchema = schema(`
"allowed_types":{`+types+`,"description":"Only these document types; absent or empty: all."},
"denied_types":{`+types+`,"description":"Never these document types."},
"allowed_countries":{`+countries+`,"description":"Only documents issued by these countries (ISO 3166-1 alpha-2, or the ICAO code where there is none); absent or empty: all."},
"denied_countries":{`+countries+`,"description":"Never documents issued by these countries."}`, "")
	return Check{Spec: s, Run: func(_ context.Context, r kyc.CheckRequest) kyc.Answer {
		var c filterConfig
		if err := decode(r.Config, &c); err != nil {
			return broken("config_invalid", "the check's config cannot be read")
		}
		kind := strings.ToLower(factsOf(r.Extracted).find("documenttype"))
		return judgeKind(kind, onPaper(r).issuer, c)
	}}
}

func judgeKind(kind, country string, c filterConfig) kyc.Answer {
	in := func(list []string, v string) bool {
		return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, v) })
	}
	a := judged(kyc.Pass)
	a.Details = map[string]any{"document_type": kind, "issuing_country": country}
	say := func(v kyc.Verdict, severity, code, message string) {
		a.Verdict = worse(a.Verdict, v)
		a.Reasons = append(a.Reasons, reason(severity, code, message))
	}
	switch {
	case kind == "" || kind == "unknown":
		say(kyc.VerdictReview, warning, "document_type_unknown", "it is not known what kind of document it is")
	case in(c.DeniedTypes, kind), len(c.AllowedTypes) > 0 && !in(c.AllowedTypes, kind):
		say(kyc.Fail, critical, "document_type_not_accepted", "this kind of document is not accepted")
	}
	byCountry := len(c.AllowedCountries)+len(c.DeniedCountries) > 0
	switch {
	case byCountry && country == "":
		say(kyc.VerdictReview, warning, "issuing_country_unknown", "it is not known which country issued the document")
	case byCountry && (in(c.DeniedCountries, country) || len(c.AllowedCountries) > 0 && !in(c.AllowedCountries, country)):
		say(kyc.Fail, critical, "issuing_country_not_accepted", "documents of the issuing country are not accepted")
	}
	if a.Verdict == kyc.Pass {
		a.Reasons = append(a.Reasons, reason(info, "document_accepted", "documents of this kind are accepted"))
	}
	return a
}
