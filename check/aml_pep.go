package check

import (
	"context"

	"bonafide/kyc"
	"bonafide/roster"
	"bonafide/screen"
)

// amlPEP screens politically exposed persons, their relatives and close
// associates: the entries of the loaded lists that bear the topics role.pep and
// role.rca, and no others. Without such a list it is not_configured.
func amlPEP(d Deps) Check {
	s := spec("aml_pep", "Politically exposed persons",
		"Screens the name, with date of birth, nationality and document number, against the politically exposed persons, relatives and close associates on the lists of this installation (topics role.pep and role.rca). Without such a list it answers not_configured; one that is stale or failed is never a pass.", 0)
	s.Provides = []string{"score", "hits", "details.hit_count", "details.top_score", "details.pep_count", "details.relative_count", "details.lists_asked", "details.parties", "details.cleared_count"}
	s.ConfigSchema = schema(`
"threshold":{"type":"number","exclusiveMinimum":0,"maximum":1,"description":"Score from which an entry is a hit, 0-1; absent: the matcher's own for onboarding."},
"lists":{"type":"array","uniqueItems":true,"maxItems":100,"items":{"type":"string","minLength":1,"maxLength":100},"description":"Ids of the lists to ask, beside those the organisation requires; absent: every loaded list that holds politically exposed persons."},
"max_age_hours":{"type":"number","exclusiveMinimum":0,"maximum":87600,"description":"A list older than this is stale; absent: the organisation's setting."},
"limit":{"type":"integer","minimum":1,"maximum":100,"default":10,"description":"How many hits to keep for each party, best first."},`+partiesSchema, "")
	return Check{Spec: s, Run: func(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
		a := screenPerson(ctx, d, r, screen.ForPEP)
		describePEPs(&a)
		return a
	}}
}

// describePEPs makes the hits hits of type pep and says of each in
// details.peps what the list says: class (pep, or relative for a relative or
// close associate), position, country, level, and for what else the entry is
// listed (also: sanction, crime).
func describePEPs(a *kyc.Answer) {
	if a.Details == nil {
		return
	}
	rows, peps := []any{}, 0
	for i := range a.Hits {
		h := &a.Hits[i]
		h.Type = "pep"
		row := map[string]any{"list": h.List, "id": h.EntryID, "class": "relative", "also": texted(seriousTopics(h.Topics))}
		if roster.HasTopic(h.Topics, roster.TopicPEP) {
			row["class"] = "pep"
			peps++
		}
		if len(h.Positions) > 0 {
			p := h.Positions[0]
			for name, value := range map[string]string{"position": p.Title, "country": p.Country, "level": p.Level, "since": p.Since, "until": p.Until} {
				if value != "" {
					row[name] = value
				}
			}
		}
		rows = append(rows, row)
	}
	a.Details["peps"], a.Details["pep_count"], a.Details["relative_count"] = rows, peps, len(rows)-peps
}

// seriousTopics says which of sanction and crime topics tell of.
func seriousTopics(topics []string) []string {
	var out []string
	for _, t := range []string{roster.TopicSanction, "debarment", "export.control", "asset.frozen"} {
		if roster.HasTopic(topics, t) {
			out = append(out, "sanction")
			break
		}
	}
	if roster.HasTopic(topics, roster.TopicCrime) || roster.HasTopic(topics, "wanted") {
		out = append(out, "crime")
	}
	return out
}

// describeCrimes makes hits of type crime of those whose entries are listed for
// crimes and for no sanction.
func describeCrimes(a *kyc.Answer) {
	for i := range a.Hits {
		if told := seriousTopics(a.Hits[i].Topics); len(told) == 1 && told[0] == "crime" {
			a.Hits[i].Type = "crime"
		}
	}
}
