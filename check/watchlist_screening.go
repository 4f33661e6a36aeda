package check

import (
	"context"
	"fmt"
	"slices"
	"time"

	"bonafide/kyc"
	"bonafide/roster"
	"bonafide/screen"
)

type screeningConfig struct {
	Threshold   float64  `json:"threshold"`
	Lists       []string `json:"lists"`
	MaxAgeHours float64  `json:"max_age_hours"`
	Limit       int      `json:"limit"`
	// Parties and Documents ask for many parties in place of the applicant.
	Parties   []partyRef `json:"parties"`
	Documents bool       `json:"documents"`
	// PEP asks for exposed persons, too; aml_pep asks for nobody else and has it not.
	PEP       bool `json:"pep"`
	pepConfig      // aml_pep alone has these in its schema
}

func watchlistScreening(d Deps) Check {
	s := spec("watchlist_screening", "Watchlists",
		"Screens the name, with date of birth, nationality and document number, against the sanctions lists of this installation (OFAC SDN, UN, EU, UK and others). Entries that are listed for a public office alone are left to aml_pep. A list that is missing, empty, stale or failed is never a pass.", 0)
	s.Identity = true
	s.Provides = []string{"score", "hits", "details.hit_count", "details.top_score", "details.lists_asked", "details.parties", "details.cleared_count"}
	s.ConfigSchema = schema(`
"threshold":{"type":"number","exclusiveMinimum":0,"maximum":1,"description":"Score from which an entry is a hit, 0-1; absent: the matcher's own for onboarding."},
"lists":{"type":"array","uniqueItems":true,"maxItems":100,"items":{"type":"string","minLength":1,"maxLength":100},"description":"Ids of the lists to ask, beside those the organisation requires; absent: the required ones, or every loaded list."},
"max_age_hours":{"type":"number","exclusiveMinimum":0,"maximum":87600,"description":"A list older than this is stale; absent: the organisation's setting."},
"pep":{"type":"boolean","default":false,"description":"Finds politically exposed persons, too, as hits of type pep: on the lists named here or, where none is named, on every list that holds some. Without any the check gives no verdict."},
"limit":{"type":"integer","minimum":1,"maximum":100,"default":10,"description":"How many hits to keep for each party, best first."},`+partiesSchema, "")
	return Check{Spec: s, Run: func(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
		a := screenPerson(ctx, d, r, screen.ForSanctions)
		describeCrimes(&a)
		return a
	}}
}

// screenPerson asks the lists for the entries that a purpose looks for. Which
// lists are asked differs: sanctions are looked for on those that the
// organisation requires or, where it requires none, on all; exposed persons on
// all, because a list that is required may hold none.
func screenPerson(ctx context.Context, d Deps, r kyc.CheckRequest, purpose screen.Purpose) kyc.Answer {
	c := screeningConfig{Threshold: screen.DefaultThreshold, Limit: 10}
	if err := decode(r.Config, &c); err != nil {
		return broken("config_invalid", "the check's config cannot be read")
	}
	if d.Screener == nil {
		return notConfigured("screening_not_configured", "no watchlists are set up here")
	}
	q := screen.Query{
		Purpose: purpose, Lists: wanted(c.Lists, r.Settings.RequiredLists), Limit: c.Limit, Threshold: c.Threshold, MaxAge: r.Settings.ListMaxAge, At: r.Now, ToMiss: true,
	}
	if purpose == screen.ForPEP {
		q.Lists, q.Also = wanted(c.Lists, nil), wanted(nil, r.Settings.RequiredLists)
	}
	if c.MaxAgeHours > 0 {
		q.MaxAge = time.Duration(c.MaxAgeHours * float64(time.Hour))
	}
	if c.Parties != nil || c.Documents {
		return screenParties(ctx, d, r, c, q)
	}
	q, ok := aboutPerson(q, r)
	if !ok {
		return broken("name_missing", "there is no name to screen")
	}
	w := wordsOf(d, r)
	q.Limit = w.room(c.Limit)
	res, lacking := c.match(d.Screener, q)
	res.Hits = w.sift(ctx, question(q), res.Hits, c.Limit)
	a := judgeScreening(res, q, c.Lists, d.AllowFictional)
	lacks(&a, lacking)
	w.tell(&a)
	return a
}

// aboutPerson makes the query one about the applicant; ok is false when no name
// of theirs is known.
func aboutPerson(q screen.Query, r kyc.CheckRequest) (_ screen.Query, ok bool) {
	paper, form := onPaper(r), onForm(r)
	// Everything the applicant is called counts, wherever it was read; the
	// matcher does not care for the order of words.
	names := distinct(paper.name(), form.name(), paper.full, form.full)
	if _, cut := onDocument(r); cut {
		names = distinct(append(names, asInitials(paper)...)...)
	}
	if len(names) == 0 {
		names = distinct(onRecord(r).name())
	}
	if len(names) == 0 {
		return q, false
	}
	q.Name, q.Aliases, q.Type = names[0], names[1:], roster.TypePerson
	q.DateOfBirth, q.Country = first(paper.born, form.born), first(paper.nationality, form.nationality)
	if form.born != q.DateOfBirth {
		q.BirthDates = distinct(form.born) // which of them is wrong is for others to say
	}
	q.Gender = first(roster.Gender(paper.sex), roster.Gender(form.sex))
	q.Identifiers = distinct(paper.number, paper.personal, form.number, form.personal)
	return q, true
}

// wanted joins the lists that a node names with those that the organisation
// requires. Nothing named anywhere means every loaded list.
func wanted(named, required []string) []string {
	out := distinct(append(slices.Clone(named), required...)...)
	slices.Sort(out)
	return out
}

// judgeScreening makes an answer of what the lists say. The node names some of
// the lists that the query asks; those must have answered, while a list that
// the organisation requires may hold nothing for this check's purpose.
func judgeScreening(res screen.Result, q screen.Query, named []string, allowFictional bool) kyc.Answer {
	a := kyc.Answer{Hits: res.Hits, Lists: res.Lists, Threshold: number(q.Threshold)}
	top, asked, fictional := topOf(res.Hits), []any{}, 0
	for _, l := range res.Lists {
		asked = append(asked, l.List)
		if l.Fictional {
			fictional++
		}
	}
	a.Details = map[string]any{"hit_count": len(res.Hits), "top_score": top, "lists_asked": asked}
	a.Score, a.Reasons = number(top), reasonsOf(res.Hits)
	for _, n := range res.Notes {
		a.Reasons = append(a.Reasons, reason(warning, "screening_note", n))
	}
	a.Status = res.Worst()
	for _, l := range res.Lists {
		if l.Status != kyc.StatusOK {
			a.Reasons = append(a.Reasons, reason(critical, "list_"+string(l.Status), fmt.Sprintf("list %s is %s", l.List, l.Status)))
		}
	}
	// A list that was asked for and that the result does not name was not
	// asked, whatever the result says.
	for _, id := range distinct(append(slices.Clone(q.Lists), q.Also...)...) {
		if slices.ContainsFunc(res.Lists, func(l kyc.ListVersion) bool { return l.List == id }) {
			continue
		}
		switch unfit := slices.Contains(res.Unfit, id); {
		case unfit && !slices.Contains(named, id):
			continue
		case unfit:
			a.Reasons = append(a.Reasons, reason(critical, "list_unfit", fmt.Sprintf("list %s holds no entries of the kind that this check looks for", id)))
		default:
			a.Reasons = append(a.Reasons, reason(critical, "list_not_asked", fmt.Sprintf("list %s is not loaded here", id)))
		}
		if a.Status == kyc.StatusOK {
			a.Status = kyc.StatusNotConfigured
		}
	}
	switch {
	case res.Err != nil:
		a.Reasons = append(a.Reasons, reason(critical, res.Err.Code, res.Err.Message))
	case len(res.Lists) == 0:
		a.Reasons = append(a.Reasons, reason(critical, "no_lists", noLists(q.Purpose)))
	case a.Status == kyc.StatusOK && fictional == len(res.Lists) && !allowFictional:
		a.Status = kyc.StatusNotConfigured
		a.Reasons = append(a.Reasons, reason(critical, "only_fictional_lists", "only invented entries are loaded here; that is no screening"))
	}
	if a.Status != kyc.StatusOK {
		a.Transient = a.Status == kyc.StatusUnavailable
		return a
	}
	a.Verdict = kyc.Pass
	if len(res.Hits) > 0 {
		a.Verdict = kyc.Fail
	}
	if fictional > 0 {
		a.Reasons = append(a.Reasons, reason(warning, "fictional_lists", fmt.Sprintf("%d of %d lists hold invented entries", fictional, len(res.Lists))))
	}
	if len(res.Hits) == 0 {
		a.Reasons = append(a.Reasons, nothingAlike(len(res.Lists)))
	}
	return a
}

// Codes of what a screening found.
const (
	possibleMatch = "possible_match"
	noHits        = "no_hits"
)

// topOf is the best score of some hits, as it is told; 0 of none.
func topOf(hits []kyc.Hit) float64 {
	top := 0.0
	for _, h := range hits {
		top = max(top, h.Score)
	}
	return round4(top)
}

// reasonsOf are a reason for each hit.
func reasonsOf(hits []kyc.Hit) (out []kyc.Reason) {
	for i, h := range hits {
		note := ""
		if h.Fictional {
			note = "; the entry is invented for demonstrations"
		}
		points := round4(h.Score)
		out = append(out, kyc.Reason{Code: possibleMatch, Severity: critical, Points: &points,
			Message: fmt.Sprintf("hit %d: entry %s of list %s scores %.2f%s", i+1, h.EntryID, h.List, h.Score, note)})
	}
	return out
}

func nothingAlike(lists int) kyc.Reason {
	return reason(info, noHits, fmt.Sprintf("nothing on %d lists is like the applicant", lists))
}

func noLists(p screen.Purpose) string {
	if p == screen.ForPEP {
		return "no list with politically exposed persons is loaded here"
	}
	return "no watchlist is loaded here"
}
