package office

import (
	"fmt"
	"strings"

	"bonafide/console"
	"bonafide/kyc"
	"bonafide/roster"
	"bonafide/screen"
)

type screeningPage struct {
	Problems             []kyc.Problem
	Name, Birth, Country string
	Kinds, Purposes      []choice
	Asked                bool
	State                tag
	Hits                 []hitRow
	Lists                []officialRow
	Notes                []string
}

// hitRow is a hit with all that makes its two numbers up.
type hitRow struct {
	Name, Matched, List, Type, Entry, Score, Risk, ToMiss string
	Programs, Topics, Births, Countries                   string
	Features, RiskFeatures                                []featureRow
	Fictional                                             bool
}

type featureRow struct{ Name, Asked, Listed, Rule, Points string }

func kinds(chosen string) []choice {
	return choices(chosen, "", "Anybody", "person", "a person", "entity", "a company or organisation", "vessel", "a ship", "aircraft", "an aircraft")
}

func purposes(chosen string) []choice {
	return choices(chosen, "", "for anything", "sanctions", "for sanctions", "pep", "as a politically exposed person")
}

func (o *office) screening(v *console.Visit) error {
	return v.Show("screening", "Screening", screeningPage{Kinds: kinds(""), Purposes: purposes("")})
}

// screen looks for a party in the watchlists. Nothing about the party is kept;
// that somebody asked is.
func (o *office) screen(v *console.Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	f := v.R.PostForm
	page := screeningPage{Name: strings.TrimSpace(f.Get("name")), Birth: strings.TrimSpace(f.Get("birth")), Country: strings.TrimSpace(f.Get("country")), Kinds: kinds(f.Get("kind")), Purposes: purposes(f.Get("purpose"))}
	if page.Name == "" {
		page.Problems = append(page.Problems, kyc.Problem{Path: "/name", Code: "required", Message: "write the name to look for"})
	}
	if !chosen(page.Kinds) || !chosen(page.Purposes) {
		page.Problems = append(page.Problems, kyc.Problem{Path: "/kind", Code: "not_allowed_value", Message: "choose one of the menu"})
	}
	if len(page.Problems) > 0 {
		return v.Refuse("screening", "Screening", page)
	}
	org, err := o.Store.Org(v.Ctx(), v.Tenant().Org)
	if err != nil {
		return err
	}
	limit := org.EnvSettings(v.Tenant().Env).ListMaxAge
	q := screen.Query{Name: page.Name, Type: roster.EntityType(f.Get("kind")), DateOfBirth: page.Birth, Country: page.Country, Limit: 50, Threshold: screen.DefaultThreshold, MaxAge: limit, ToMiss: true}
	switch f.Get("purpose") {
	case "sanctions":
		q.Purpose = screen.ForSanctions
	case "pep":
		q.Purpose = screen.ForPEP
	}
	if err := o.note(v, "screening.match", "screening", "", ""); err != nil { // before the answer is given
		return err
	}
	got := o.Screen.Match(q)
	if got.Err != nil {
		problems, err := refused(got.Err)
		if err != nil {
			return err
		}
		page.Problems = named(problems, map[string]string{"/name": "Name"})
		return v.Refuse("screening", "Screening", page)
	}
	page.Asked, page.State, page.Notes = true, tagOf(string(got.Worst())), got.Notes
	for _, id := range got.Unfit {
		page.Notes = append(page.Notes, "the list "+id+" holds nobody of that kind and was not asked")
	}
	for _, h := range got.Hits {
		page.Hits = append(page.Hits, hitOf(h))
	}
	for _, l := range got.Lists {
		page.Lists = append(page.Lists, officialOf(screen.ListStatus{ListVersion: l}, limit))
	}
	return v.Show("screening", "Screening", page)
}

func hitOf(h kyc.Hit) hitRow {
	row := hitRow{Name: h.Name, List: h.List, Type: h.Type, Entry: h.EntryID, Score: percent(h.Score), Risk: percent(h.Risk), ToMiss: h.ToMiss,
		Programs: strings.Join(h.Programs, ", "), Topics: strings.Join(h.Topics, ", "), Births: strings.Join(h.BirthDates, ", "), Countries: strings.Join(h.Countries, ", "), Fictional: h.Fictional,
		Features: features(h.Features), RiskFeatures: features(h.RiskFeatures)}
	if h.MatchedName != h.Name {
		row.Matched = h.MatchedName
	}
	return row
}

func features(list []kyc.HitFeature) []featureRow {
	var out []featureRow
	for _, f := range list {
		out = append(out, featureRow{words(f.Name), f.Query, f.Listed, words(f.Rule), fmt.Sprintf("%+.1f", f.Points*100)})
	}
	return out
}

func percent(v float64) string { return fmt.Sprintf("%.1f", v*100) }
