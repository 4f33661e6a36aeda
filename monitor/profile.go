package monitor

import (
	"cmp"
	"context"
	"slices"
	"time"

	"bonafide/kyc"
)

// Levels of a risk profile.
const (
	RiskUnknown = "unknown"
	RiskLow     = "low"
	RiskMedium  = "medium"
	RiskHigh    = "high"

	riskHighFrom, riskMediumFrom = 70, 30
)

// Evidence is what a risk profile is made of. Everything but Watched comes
// from the customer's newest session that was decided or waits for a person.
type Evidence struct {
	SessionID kyc.ID // empty: there is none
	DecidedAt time.Time
	Decision  string // approved, flagged, rejected, manual_review, cancelled or empty
	Flags     []string
	// Lists, Media and Crypto are how the screenings of the session ended:
	// clear, hit, error, not_run; Crypto also invalid_address.
	Lists, Media, Crypto string
	Hits                 []Listed
	// Watched are the customer's entries on watchlists.
	Watched []kyc.Watched
}

// Listed is one hit of the session.
type Listed struct {
	List, EntryID, Status string
}

// RiskPart is one thing that a profile is made of.
type RiskPart struct {
	Source  string // decision, flag, screening, monitoring
	Code    string
	Message string
	Points  int // 0-100
	Object  kyc.ID
}

// Profile is the risk of a customer. Score is the highest of the parts'
// points, 0-100; parts do not add up, so many small things never look worse
// than one grave one.
type Profile struct {
	Level string
	Score int
	Parts []RiskPart // the gravest first
}

// Assess makes a profile of the evidence. What is not known never makes a
// customer look safe: without a decision and without a complete screening the
// level is unknown, unless something speaks against them.
func Assess(e Evidence) Profile {
	var p Profile
	add := func(source, code string, points int, object kyc.ID, message string) {
		p.Parts = append(p.Parts, RiskPart{Source: source, Code: code, Message: message, Points: points, Object: object})
	}
	known := false
	switch e.Decision {
	case "approved":
		known = true
		add("decision", "approved", 0, e.SessionID, "the newest onboarding was approved")
	case "flagged":
		known = true
		add("decision", "flagged", 40, e.SessionID, "the newest onboarding was approved with a flag")
	case "manual_review":
		add("decision", "manual_review", 50, e.SessionID, "the newest onboarding waits for a person")
	case "rejected":
		known = true
		add("decision", "rejected", 80, e.SessionID, "the newest onboarding was rejected")
	}
	for _, f := range e.Flags {
		add("flag", f, 40, e.SessionID, "a rule of the newest onboarding flagged it")
	}
	for _, h := range e.Hits {
		add("screening", "hit_"+h.Status, matchPoints(h.Status), e.SessionID, "entry "+h.EntryID+" of list "+h.List+" in the newest onboarding")
	}
	if e.SessionID != "" && e.Lists == "not_run" && e.Decision != "" {
		add("screening", "lists_not_asked", 30, e.SessionID, "the newest onboarding asked no list")
	}
	if e.Lists == "error" {
		add("screening", "lists_incomplete", 50, e.SessionID, "not every list answered in the newest onboarding")
	}
	for _, s := range []struct{ name, status string }{{"adverse_media", e.Media}, {"crypto", e.Crypto}} {
		switch s.status {
		case "hit":
			add("screening", s.name+"_hit", 70, e.SessionID, "the newest onboarding found something in "+s.name)
		case "invalid_address":
			add("screening", s.name+"_invalid_address", 40, e.SessionID, "the newest onboarding named an address that is none")
		case "error":
			add("screening", s.name+"_incomplete", 30, e.SessionID, s.name+" could not be answered in the newest onboarding")
		}
	}
	for i := range e.Watched {
		w := &e.Watched[i]
		state := State(w)
		for _, s := range w.Private.Matches {
			add("monitoring", "match_"+s.Status, matchPoints(s.Status), w.ID, "entry "+s.EntryID+" of list "+s.List)
		}
		if state == StateClear || state == FalsePositive {
			known = true
			add("monitoring", state, 0, w.ID, "every list was asked on "+w.LastCheckedAt.UTC().Format(time.DateOnly))
		}
	}
	slices.SortStableFunc(p.Parts, func(a, b RiskPart) int { return -cmp.Compare(a.Points, b.Points) })
	if len(p.Parts) > 0 {
		p.Score = p.Parts[0].Points
	}
	switch {
	case p.Score >= riskHighFrom:
		p.Level = RiskHigh
	case p.Score >= riskMediumFrom:
		p.Level = RiskMedium
	case known:
		p.Level = RiskLow
	default:
		p.Level = RiskUnknown
	}
	return p
}

func matchPoints(status string) int {
	switch status {
	case TruePositive:
		return 100
	case FalsePositive:
		return 5
	}
	return 75
}

// WatchedOf reads every entry of a customer on watchlists, and records the
// look. now is the tenant's own time.
func (m *Machine) WatchedOf(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) (all []kyc.Watched, now time.Time, err error) {
	if now, _, err = m.now(ctx, t); err != nil {
		return nil, now, err
	}
	if all, err = m.everybody(ctx, t, kyc.WatchedFilter{SubjectID: id}); err != nil {
		return nil, now, err
	}
	e := event(ctx, t, by, now, "identity.assess", objectPerson, id)
	e.SubjectID = id
	return all, now, m.d.Store.Commit(ctx, &kyc.Change{Events: []kyc.Event{e}})
}
