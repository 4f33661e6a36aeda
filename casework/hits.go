package casework

import (
	"fmt"
	"strings"

	"bonafide/console"
	"bonafide/kyc"
	"bonafide/review"
)

// hitView is a hit as the page shows it: two sides and a row for each thing
// that was compared.
type hitView struct {
	List, EntryID, Policy, Party, Anchor string
	Name, Role                           string
	NameLetters, MatchedName             spelled
	Score, Risk                          string
	Rows, RiskRows                       []compared
	Programs, Topics, Births, Countries  string
	ToMiss                               string
	Fictional                            bool
	Word, WordTone, WordBy, WordWhy      string
	Judge                                string // where a verdict goes; empty where none may be given
	Source                               string // where the publisher of the list shows the entry
}

// compared is one attribute of both sides.
type compared struct {
	Name, Query, Listed, Rule, Likeness, Points string
	Word, Tone                                  string
	Letters                                     spelled // of the list's word, where names are compared
}

func hitViews(a *kyc.Answer, c *kyc.Case, policy, applicant string) []hitView {
	var out []hitView
	for i := range a.Hits {
		h := &a.Hits[i]
		asked := askedName(h, applicant)
		v := hitView{List: h.List, EntryID: h.EntryID, Policy: policy, Party: h.Party, Role: words(h.Role), Name: h.Name,
			NameLetters: agreeing(h.Name, asked), MatchedName: agreeing(h.MatchedName, asked),
			Anchor: fmt.Sprintf("hit-%s-%d", policy, i+1), Score: fmt.Sprintf("%.2f", h.Score), Risk: fmt.Sprintf("%.2f", h.Risk),
			Programs: strings.Join(h.Programs, ", "), Topics: strings.Join(h.Topics, ", "), Births: strings.Join(h.BirthDates, ", "), Countries: strings.Join(h.Countries, ", "),
			ToMiss: h.ToMiss, Fictional: h.Fictional}
		for _, f := range h.Features {
			v.Rows = append(v.Rows, comparedOf(f))
		}
		for _, f := range h.RiskFeatures {
			v.RiskRows = append(v.RiskRows, comparedOf(f))
		}
		for _, j := range c.Private.Hits { // the last word counts
			if j.List == h.List && j.EntryID == h.EntryID && (j.Policy == "" || j.Policy == policy) && (j.Party == "" || j.Party == h.Party) {
				v.Word, v.WordTone, v.WordBy, v.WordWhy = verdict(j.Word), map[kyc.HitWord]string{kyc.HitFalse: "good", kyc.HitTrue: "bad"}[j.Word], j.Person, j.Reason
			}
		}
		if v.WordTone == "" {
			v.WordTone = "soft"
		}
		out = append(out, v)
	}
	return out
}

func comparedOf(f kyc.HitFeature) compared {
	c := compared{Name: words(f.Name), Query: f.Query, Listed: f.Listed, Rule: words(f.Rule), Likeness: fmt.Sprintf("%.2f", f.Value), Points: fmt.Sprintf("%+.3f", f.Points)}
	if nameRow(f) {
		c.Letters = agreeing(f.Listed, f.Query)
	}
	switch {
	case f.Query == "" || f.Listed == "":
		c.Word, c.Tone = "unknown", "soft"
	case f.Value >= 0.85:
		c.Word, c.Tone = "agrees", "bad" // an agreement with a list is what worries
	case f.Value >= 0.5:
		c.Word, c.Tone = "similar", "warn"
	default:
		c.Word, c.Tone = "differs", "good"
	}
	return c
}

// verdict is a word on a hit as people say it.
func verdict(w kyc.HitWord) string {
	switch w {
	case kyc.HitFalse:
		return "not the same"
	case kyc.HitTrue:
		return "the same"
	}
	return "cannot tell"
}

// judge records a verdict on a hit.
func (r *room) judge(v *console.Visit) error {
	id, err := v.ID("id", "case")
	if err != nil {
		return err
	}
	v.Back = caseURL(id)
	if err := v.Form(); err != nil {
		return err
	}
	f := v.R.PostForm
	word, known := map[string]kyc.HitWord{"same": kyc.HitTrue, "other": kyc.HitFalse, "unknown": kyc.HitOpen}[f.Get("word")]
	if !known {
		return kyc.InvalidInput("word_missing", "say whether it is the same person", []kyc.Problem{{Path: "/word", Code: "required", Message: "choose the same, not the same, or cannot tell"}})
	}
	_, err = r.Reviews.JudgeHit(v.Ctx(), v.Tenant(), v.Who.Actor, id, 0, review.Judgement{Policy: f.Get("policy"), List: f.Get("list"), EntryID: f.Get("entry"), Party: f.Get("party"),
		Word: word, Reason: f.Get("reason")})
	if err != nil {
		return err
	}
	return v.On("/console/cases/"+kyc.Dress("case", id)+"#"+safeAnchor(f.Get("anchor")), "The verdict is recorded.")
}

// safeAnchor keeps an anchor of ours and drops anything else.
func safeAnchor(s string) string {
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" || s == "" {
		return "main"
	}
	return s
}
