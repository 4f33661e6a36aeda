package graph

import (
	"strings"

	"bonafide/kyc"
	"bonafide/roster"
)

// match is a hit as a question to the lists is answered. What is said of a
// whole list stands with the list alone, and what is empty, zero or the same as
// another field is left out: an answer is read thousands of times a second, and
// reading it costs its caller more than finding it. With explain full the hit
// says everything itself. What is stored of a check (hit) always does.
type match struct {
	List         string     `json:"list" doc:"The list; lists says in which version it was asked." example:"ofac_sdn"`
	Version      string     `json:"version,omitempty" doc:"With explain full: the version of the list that was asked, as in lists."`
	ID           string     `json:"id" doc:"The source's own id of the entry."`
	Type         string     `json:"type" doc:"person, entity, vessel, aircraft or unknown."`
	Name         string     `json:"name" doc:"Primary name of the entry."`
	MatchedName  string     `json:"matched_name,omitempty" doc:"The name or alias that matched; without explain full left out where it is name."`
	NameQuality  string     `json:"name_quality,omitempty" doc:"How the list grades that name: primary, strong, weak or native; without explain full left out where it is primary."`
	Score        float64    `json:"score" doc:"How well the party fits the entry. It knows nothing of the risk." minimum:"0" maximum:"1"`
	Features     []matchRow `json:"features" doc:"The score's explanation, row by row; the points add up to it." nullable:"false"`
	OFACScore    *int       `json:"ofac_score,omitempty" doc:"In the mode ofac: the score on the scale of the public search tool." minimum:"0" maximum:"100"`
	Risk         float64    `json:"risk" doc:"How serious it would be if this were the party, from what the entry is listed for. It knows nothing of the score." minimum:"0" maximum:"1"`
	RiskFeatures []matchRow `json:"risk_features,omitempty" doc:"With explain full: the risk's explanation, row by row; the points add up to it."`
	ToMiss       string     `json:"to_miss,omitempty" doc:"What would have to differ for this not to be a hit at the threshold, found out by screening the changed party."`
	Programs     []string   `json:"programs,omitempty" doc:"Sanctions programmes."`
	Topics       []string   `json:"topics,omitempty" doc:"Why it is listed, where the source says so: sanction, crime, role.pep, …"`
	Positions    []position `json:"positions,omitempty" doc:"Public offices of a politically exposed person, those held still first."`
	BirthDates   []string   `json:"birth_dates,omitempty" doc:"Dates of birth of the entry as its list says them."`
	Countries    []string   `json:"countries,omitempty" doc:"Countries of the entry, ISO 3166-1 alpha-2."`
	Fictional    bool       `json:"fictional,omitempty" doc:"Set where the entry is invented (the demonstration list)."`
}

type matchRow struct {
	Name   string  `json:"name" doc:"What was compared: word, missing_word, date_of_birth, country, … Without explain full one row of missing_word names all words of its side."`
	Query  string  `json:"query,omitempty" doc:"The party's side."`
	Listed string  `json:"listed,omitempty" doc:"The list's side; without explain full left out where it is the same word."`
	Rule   string  `json:"rule" doc:"How they were compared: exact, phonetic, edit, initial, …"`
	Value  float64 `json:"value,omitempty" doc:"Likeness 0-1; left out where it is 0."`
	Points float64 `json:"points,omitempty" doc:"What it added to the sum or took from it, left out where it is 0; all rows add up to the sum."`
}

// showMatches shows hits, in full or in brief.
func showMatches(list []kyc.Hit, full bool) []match {
	n := 0
	for i := range list {
		n += len(list[i].Features) + len(list[i].RiskFeatures)
	}
	rows := make(matchRows, 0, n) // one piece of memory for all
	out := make([]match, len(list))
	for i := range list {
		h, m := &list[i], &out[i]
		*m = match{List: h.List, ID: h.EntryID, Type: h.Type, Name: h.Name, Score: h.Score, Risk: h.Risk, ToMiss: h.ToMiss,
			Programs: h.Programs, Topics: h.Topics, BirthDates: h.BirthDates, Countries: h.Countries, Fictional: h.Fictional}
		if full {
			m.Version, m.MatchedName, m.NameQuality = h.Version, h.MatchedName, h.NameQuality
			m.Features, m.RiskFeatures = rows.full(h.Features), rows.full(h.RiskFeatures)
		} else {
			m.Features = rows.brief(h.Features)
			if h.MatchedName != h.Name {
				m.MatchedName = h.MatchedName
			}
			if h.NameQuality != string(roster.QualityPrimary) {
				m.NameQuality = h.NameQuality
			}
		}
		for _, p := range h.Positions {
			m.Positions = append(m.Positions, position{Title: p.Title, Country: p.Country, Level: p.Level, Since: p.Since, Until: p.Until})
		}
	}
	return out
}

// matchRows holds the rows of all matches of an answer.
type matchRows []matchRow

func (r *matchRows) full(of []kyc.HitFeature) []matchRow {
	from := len(*r)
	for i := range of {
		*r = append(*r, matchRow(of[i]))
	}
	return (*r)[from:len(*r):len(*r)]
}

// brief gathers the words of each side that have no partner in one row, and
// leaves out the list's side where it is the word of the query. The points stay
// where they are.
func (r *matchRows) brief(of []kyc.HitFeature) []matchRow {
	from := len(*r)
	missing := [2]int{-1, -1} // the rows of the words without a partner, by side
	for i := range of {
		row := matchRow(of[i])
		switch row.Name {
		case "missing_word":
			at := &missing[0]
			if row.Query == "" {
				at = &missing[1]
			}
			if *at >= 0 {
				to := &(*r)[*at]
				to.Query, to.Listed, to.Points = beside(to.Query, row.Query), beside(to.Listed, row.Listed), to.Points+row.Points
				continue
			}
			*at = len(*r)
		case "word":
			if strings.EqualFold(row.Query, row.Listed) {
				row.Listed = ""
			}
		}
		*r = append(*r, row)
	}
	return (*r)[from:len(*r):len(*r)]
}

// beside puts two words beside each other.
func beside(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " " + b
}
