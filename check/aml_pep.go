package check

import (
	"context"
	"slices"
	"time"

	"bonafide/kyc"
	"bonafide/roster"
	"bonafide/screen"
)

// pepConfig is what aml_pep has beside the config of every screening.
type pepConfig struct {
	HomeCountries []string `json:"home_countries"`
	FormerYears   float64  `json:"former_after_years"`
	KeepLevels    []int    `json:"never_former_levels"`
}

// amlPEP screens politically exposed persons, their relatives and close
// associates: the entries of the loaded lists that bear the topics role.pep and
// role.rca, and no others. Without such a list it is not_configured.
func amlPEP(d Deps) Check {
	s := spec("aml_pep", "Politically exposed persons",
		"Screens the name, with date of birth, nationality and document number, against the politically exposed persons, relatives and close associates on the lists of this installation (topics role.pep and role.rca). Without such a list it answers not_configured; one that is stale or failed is never a pass.", 0)
	s.Provides = []string{"score", "hits", "details.hit_count", "details.top_score", "details.pep_count", "details.relative_count", "details.pep_level", "details.foreign_count", "details.former_count", "details.peps", "details.lists_asked", "details.parties", "details.cleared_count"}
	s.ConfigSchema = schema(`
"threshold":{"type":"number","exclusiveMinimum":0,"maximum":1,"description":"Score from which an entry is a hit, 0-1; absent: the matcher's own for onboarding."},
"lists":{"type":"array","uniqueItems":true,"maxItems":100,"items":{"type":"string","minLength":1,"maxLength":100},"description":"Ids of the lists to ask, beside those the organisation requires; absent: every loaded list that holds politically exposed persons."},
"max_age_hours":{"type":"number","exclusiveMinimum":0,"maximum":87600,"description":"A list older than this is stale; absent: the organisation's setting."},
"home_countries":{"type":"array","uniqueItems":true,"maxItems":300,"items":{"type":"string","pattern":"^[A-Z]{2}$"},"description":"Countries whose officials are domestic, ISO 3166-1 alpha-2; absent: foreign and domestic are not told apart."},
"former_after_years":{"type":"number","exclusiveMinimum":0,"maximum":100,"description":"A person whose last office ended longer ago is recorded and is no hit that fails; absent: once exposed, always exposed."},
"never_former_levels":{"type":"array","uniqueItems":true,"maxItems":4,"items":{"type":"integer","minimum":1,"maximum":4},"default":[1],"description":"Levels of office that never count as former."},
"limit":{"type":"integer","minimum":1,"maximum":100,"default":10,"description":"How many hits to keep for each party, best first."},`+partiesSchema, "")
	return Check{Spec: s, Run: func(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
		c := screeningConfig{pepConfig: pepConfig{KeepLevels: []int{1}}}
		if err := decode(r.Config, &c); err != nil {
			return broken("config_invalid", "the check's config cannot be read")
		}
		a := screenPerson(ctx, d, r, screen.ForPEP)
		describePEPs(&a, d.Screener, c.pepConfig, r.Now)
		return a
	}}
}

// Entries gives entries of the lists in full. A Screener that has it lets
// aml_pep say whom a relative or close associate is close to.
type Entries interface {
	Entry(list, id string) (roster.Entity, bool)
}

// describePEPs makes the hits hits of type pep and says of each in
// details.peps what the entry means: class (pep, family_member,
// close_associate, or relative where the list does not tell which), kind
// (foreign, domestic, international_organisation, unknown), office, level (1
// the highest to 4), status (current, former, unknown) and former_since, the
// position with country, reach, since and until, for what else the entry is
// listed (also: sanction, crime), and to whom it is close (close_to). The rules
// are those of roster.OfficeOf and roster.Expose.
func describePEPs(a *kyc.Answer, s Screener, c pepConfig, now time.Time) {
	if a.Details == nil {
		return
	}
	rows, peps, foreign, past, top := []any{}, 0, 0, 0, 0
	faded := make([]bool, len(a.Hits))
	for i := range a.Hits {
		h := &a.Hits[i]
		h.Type = "pep"
		x, row := exposureOf(h, s, c, now)
		if x.Class == roster.ClassPEP {
			peps++
		}
		if x.Kind == roster.KindForeign {
			foreign++
		}
		if faded[i] = c.fades(x, h.Topics, now); faded[i] {
			row["aged"] = true
			past++
		} else if x.Level > 0 && (top == 0 || x.Level < top) {
			top = x.Level
		}
		rows = append(rows, row)
	}
	a.Details["peps"], a.Details["pep_count"], a.Details["relative_count"] = rows, peps, len(rows)-peps
	a.Details["foreign_count"], a.Details["former_count"], a.Details["pep_level"] = foreign, past, top
	if past > 0 {
		forgive(a, faded)
	}
}

// exposureOf computes what a hit means, and its row.
func exposureOf(h *kyc.Hit, s Screener, c pepConfig, now time.Time) (roster.Exposure, map[string]any) {
	row := map[string]any{"list": h.List, "id": h.EntryID, "also": texted(seriousTopics(h.Topics))}
	offices := slices.Clone(h.Positions)
	var ties []roster.Tie
	if full, ok := s.(Entries); ok {
		if e, ok := full.Entry(h.List, h.EntryID); ok {
			ties = e.Ties
			for i := range offices { // the only country of an entry is that of its office
				if offices[i].Country == "" && len(e.Countries) == 1 {
					offices[i].Country = e.Countries[0]
				}
			}
			var near []any
			for _, t := range ties {
				if other, ok := full.Entry(h.List, t.ID); ok && len(other.Names) > 0 && len(near) < 10 {
					offices = append(offices, other.Positions...)
					near = append(near, map[string]any{"id": t.ID, "name": other.Names[0].Text, "bond": t.Kind, "role": t.Role})
				}
			}
			if len(near) > 0 {
				row["close_to"] = near
			}
		}
	}
	x := roster.Expose(h.Topics, offices, ties, c.HomeCountries, now)
	row["class"], row["status"] = x.Class, x.Status
	if x.Level > 0 {
		row["level"] = x.Level
	}
	if !x.FormerSince.IsZero() {
		row["former_since"] = x.FormerSince.Format(time.DateOnly)
	}
	p := x.Position
	for name, value := range map[string]string{"kind": x.Kind, "office": x.Office, "position": p.Title, "country": p.Country, "reach": p.Level, "since": p.Since, "until": p.Until} {
		if value != "" {
			row[name] = value
		}
	}
	return x, row
}

// fades reports whether the organisation takes an exposure for over: the day
// the last office ended is known and long enough ago, its level is none that
// stays, and the entry is listed for nothing more serious.
func (c pepConfig) fades(x roster.Exposure, topics []string, now time.Time) bool {
	if c.FormerYears <= 0 || x.Status != roster.StatusFormer || x.FormerSince.IsZero() || len(seriousTopics(topics)) > 0 {
		return false
	}
	if x.Level == 0 || slices.Contains(c.KeepLevels, x.Level) {
		return false
	}
	return now.Sub(x.FormerSince) > time.Duration(c.FormerYears*365.25*24*float64(time.Hour))
}

// forgive turns the reasons of hits that are over into notes. The check passes
// when there are no others.
func forgive(a *kyc.Answer, over []bool) {
	n, left := 0, 0
	for i := range a.Reasons {
		if a.Reasons[i].Code != "possible_match" || n >= len(over) {
			continue
		}
		if over[n] {
			a.Reasons[i].Code, a.Reasons[i].Severity = "exposure_over", info
			a.Reasons[i].Message += "; the last office ended longer ago than the organisation looks back"
		} else {
			left++
		}
		n++
	}
	if a.Verdict == kyc.Fail && left == 0 {
		a.Verdict = kyc.Pass
	}
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
