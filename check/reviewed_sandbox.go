package check

import (
	"context"

	"bonafide/kyc"
	"bonafide/roster"
	"bonafide/screen"
)

// Remembering lets the menu keep to reviewers' words in the sandbox, too; the
// simulator itself has no keys.
func Remembering(b Blinder) Option {
	return func(m *Menu) { m.blinder = b }
}

// simulateReviews applies reviewers' words to a simulated screening as the real
// one does. An invented entry never changes. The question is what the form says:
// the simulated papers of each session bear another number.
func (m *Menu) simulateReviews(ctx context.Context, r kyc.CheckRequest, a *kyc.Answer) {
	if !screens(r.Policy) || len(a.Hits) == 0 {
		return
	}
	w := wordsOf(Deps{Blinder: m.blinder}, r)
	w.entry = func(h kyc.Hit) string { return digestOf([]any{h.List, h.EntryID, h.Type, h.Programs}) }
	found := a.Hits
	a.Hits = nil
	for _, h := range found {
		a.Hits = append(a.Hits, w.sift(ctx, question(simulatedQuestion(r, h)), []kyc.Hit{h}, 1)...)
	}
	if a.Status == kyc.StatusOK && len(a.Hits) == 0 {
		a.Verdict, a.Score = kyc.Pass, number(0)
		a.Reasons = []kyc.Reason{reason(info, "simulated", "the sandbox answers with a pass")}
		a.Details["top_score"] = 0.0
	}
	if r.Policy == "adverse_media" {
		simulateMedia(a, len(a.Hits) > 0)
	}
	a.Details["hit_count"] = len(a.Hits)
	countParties(a)
	w.tell(a)
}

// simulatedQuestion is what a simulated hit is the answer to.
func simulatedQuestion(r kyc.CheckRequest, h kyc.Hit) screen.Query {
	if h.Party == "" {
		r.Extracted = nil
		q, _ := aboutPerson(screen.Query{}, r)
		return q
	}
	var c screeningConfig
	if err := decode(r.Config, &c); err != nil {
		return screen.Query{Name: h.Party, Type: roster.TypeUnknown}
	}
	parties, _, _ := gatherParties(r, c.Parties, c.Documents)
	for _, p := range parties {
		if len(p.names) > 0 && p.names[0] == h.Party && p.role == h.Role {
			p.who.number, p.who.personal = "", ""
			return aboutParty(screen.Query{}, p)
		}
	}
	return screen.Query{Name: h.Party, Type: roster.TypeUnknown}
}

// countParties brings the counts of parties in line with the hits that are left.
func countParties(a *kyc.Answer) {
	shown, _ := a.Details["parties"].([]any)
	for _, one := range shown {
		p, _ := one.(map[string]any)
		n, top := 0, 0.0
		for _, h := range a.Hits {
			if h.Party == p["name"] && h.Role == p["role"] {
				n, top = n+1, max(top, h.Score)
			}
		}
		if _, counted := p["hit_count"]; counted {
			p["hit_count"], p["top_score"] = n, top
		}
	}
}
