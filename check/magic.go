package check

import (
	"maps"
	"slices"
	"strings"

	"bonafide/kyc"
)

// Magic is one family name that makes the sandbox answer in a certain way.
type Magic struct {
	Name string
	// Policies are the checks it changes; empty means every check.
	Policies []string
	// Effect says it in a sentence, for the documentation.
	Effect string

	verdict       kyc.Verdict
	code, message string
	// fails is how many attempts break before the check passes; -1 means all.
	fails int
}

// MagicTable lists the magic family names of the sandbox (running.md), in the
// order of the documentation. The simulator works from this very table, so
// the printed one cannot differ from what happens.
func MagicTable() []Magic {
	return []Magic{
		{Name: "APPROVE", Effect: "every check passes, as for any name that is not in this table"},
		{Name: "REJECT", Policies: []string{"document_ocr", "document_set", "nfc_chip_auth"}, Effect: "the document is refused",
			verdict: kyc.Fail, code: "document_rejected", message: "the simulated document is refused"},
		{Name: "REVIEW", Policies: []string{"risk_assessment"}, Effect: "the risk check asks for review (score 60)",
			verdict: kyc.VerdictReview, code: "review_requested", message: "the simulated risk check asks for a person"},
		{Name: "PEP", Policies: []string{"aml_pep", "watchlist_screening"}, Effect: "one hit of type pep",
			verdict: kyc.Fail, code: "possible_match", message: "one simulated entry of a list of politically exposed persons matches"},
		{Name: "SANCTION", Policies: []string{"watchlist_screening", "aml_pep"}, Effect: "one hit of type sanction",
			verdict: kyc.Fail, code: "possible_match", message: "one simulated entry of a sanctions list matches"},
		{Name: "ADVERSE", Policies: []string{"adverse_media", "watchlist_screening"}, Effect: "one hit of type adverse_media",
			verdict: kyc.Fail, code: "possible_match", message: "one simulated news article matches"},
		{Name: "EXPIRED", Policies: []string{"document_expiration", "document_set"}, Effect: "the document that is read expired 30 days ago (a reason of document_ocr; document_expiration and document_set fail)",
			verdict: kyc.Fail, code: "document_expired", message: "the simulated document expired 30 days ago"},
		{Name: "TAMPERED", Policies: []string{"document_ocr", "document_set", "nfc_chip_auth", "document_fraud"}, Effect: "the document shows signs of forgery; its fraud score is 95",
			verdict: kyc.Fail, code: "document_tampered", message: "the simulated document shows signs of forgery"},
		{Name: "UNDERAGE", Policies: []string{"age_check", "document_set", "age_estimation"}, Effect: "the document that is read belongs to a person of 16 (extracted.age; age_check fails, document_set asks for review), and the face is estimated at 16 or younger (age_estimation fails)",
			verdict: kyc.Fail, code: "under_age", message: "the simulated applicant is 16 years old"},
		{Name: "NOMATCH", Policies: []string{"face_match", "kyc_verification"}, Effect: "the faces do not match (score 0.12); no source of electronic verification knows the person",
			verdict: kyc.Fail, code: "faces_differ", message: "the simulated faces do not match"},
		{Name: "SPOOF", Policies: []string{"liveness"}, Effect: "liveness fails with confidence 12",
			verdict: kyc.Fail, code: "spoof", message: "the simulated applicant is not a living person"},
		{Name: "HIGHRISK", Policies: []string{"risk_assessment", "document_fraud"}, Effect: "the fraud risk score is 80; the check's thresholds decide (review by default)",
			code: "high_risk", message: "the simulated risk is 80"},
		{Name: "DUPLICATE", Policies: []string{"duplicate_detection", "face_dedup"}, Effect: "the duplicate check hits; the same face was met before",
			verdict: kyc.Fail, code: "duplicate_document_number", message: "a simulated earlier session has the same document number"},
		{Name: "FLAKY", Effect: "each check fails twice with a transient error, then passes",
			code: "simulated_outage", message: "the simulated provider is away for two attempts", fails: 2},
		{Name: "TIMEOUT", Effect: "each check fails with a transient error for ever: no answer in time",
			code: "timeout", message: "the simulated provider never answers in time", fails: -1},
		{Name: "ERROR5XX", Effect: "each check fails with a transient error for ever: the provider answers 503",
			code: "server_503", message: "the simulated provider answers 503", fails: -1},
	}
}

// MagicMarkdown prints the table for the documentation.
func MagicMarkdown() string {
	var b strings.Builder
	b.WriteString("| family name | checks | effect |\n|---|---|---|\n")
	for _, m := range MagicTable() {
		policies := "every check"
		if len(m.Policies) > 0 {
			policies = "`" + strings.Join(m.Policies, "`, `") + "`"
		}
		b.WriteString("| `" + m.Name + "` | " + policies + " | " + m.Effect + " |\n")
	}
	return b.String()
}

// magicOf finds the magic name of a session: the family name of the form, the
// prefill or the entity, or, where these have none, of the document. Case and
// surrounding blanks do not matter. Any other name is APPROVE.
func magicOf(table []Magic, r kyc.CheckRequest) Magic {
	for _, m := range []map[string]any{r.Fields, r.Extracted} {
		last := strings.ToUpper(who(factsOf(m)).last)
		if last == "" {
			continue
		}
		for _, m := range table {
			if m.Name == last {
				return m
			}
		}
		return table[0]
	}
	for _, p := range namedFields(r.Fields) {
		last := strings.ToUpper(p.last)
		for _, m := range table {
			if m.Name == last {
				return m
			}
		}
	}
	return table[0]
}

// namedFields are the names in a form whose fields are called otherwise than
// the usual ones: objects of name parts, and texts under a key that speaks of
// a name, in the order of the keys.
func namedFields(fields map[string]any) []person {
	var out []person
	for _, k := range slices.Sorted(maps.Keys(fields)) {
		p := namePerson(fields[k])
		if _, isText := fields[k].(string); isText && !strings.Contains(plain(k), "name") {
			continue
		}
		if p.last == "" {
			if words := strings.Fields(p.full); len(words) > 0 {
				p.first, p.last = strings.Join(words[:len(words)-1], " "), words[len(words)-1]
			}
		}
		if p.last != "" {
			out = append(out, p)
		}
	}
	return out
}

// named fills in the name of a form from its own fields.
func named(form person, names []person) person {
	if len(names) > 0 {
		form.first, form.last = names[0].first, names[0].last
	}
	return form
}

// touches reports whether the name changes the verdict of a check.
func (m Magic) touches(policy string) bool { return slices.Contains(m.Policies, policy) }
