package screen

import (
	"strings"
	"time"

	"bonafide/kyc"
	"bonafide/roster"
)

// DefaultThreshold is the score from which a hit is worth a person's time at
// onboarding. On the developer half of the benchmark (November 2026, go test
// ./screen -run TestDevBenchmark -screen.dev -v) it finds 93 % of the listed
// names in Latin spellings, raises a false alarm for 0.3 % of the names that
// are not listed and for none of the listed names with a wrong birth date.
// Callers pass it explicitly in Query.Threshold, because a zero threshold
// means "everything".
const DefaultThreshold = 0.74

// NearestShare is the Query.Beside for people who ask without a threshold. Six
// tenths halve what they read; on the developer half of the benchmark the listed
// party is the first hit as often as with everything, and among the first ten
// for 98.5 % of the names in place of 99.1 %.
const NearestShare = 0.6

// DefaultMaxAge is when a list counts as stale if the caller does not say.
const DefaultMaxAge = 7 * 24 * time.Hour

// Query is one party to look for.
type Query struct {
	// Name as it stands in the document or form, in any script and order.
	Name string
	// FirstName and LastName may be given in place of Name.
	FirstName, LastName string
	// Aliases are further names of the same party; the best match counts.
	Aliases []string
	// Type is person, entity, vessel, aircraft or unknown (also when empty).
	Type roster.EntityType
	// DateOfBirth is YYYY-MM-DD, YYYY-MM or YYYY; anything else is ignored and
	// reported in Result.Notes.
	DateOfBirth string
	// BirthDates are further ones of the same party, where papers or forms
	// disagree; of all of them the one that fits an entry best counts.
	BirthDates []string
	// Country is ISO 3166-1 alpha-2 or alpha-3, or an English country name.
	Country string
	// Gender is M or F, or a word for one of them (male, femme, …); anything else,
	// such as the X of a passport, says nothing and is not used.
	Gender string
	// Identifiers are document, tax, registration or wallet numbers.
	Identifiers []string
	// Purpose leaves out entries, and lists that hold no others.
	Purpose Purpose
	// Topics keeps the entries that bear one of them or a part of one (crime
	// finds crime.fraud); empty keeps all. An entry whose source does not say
	// for what it is listed is left out. Datasets keeps those of one of these
	// collections; a list that is one collection is its own.
	Topics, Datasets []string
	// Lists to ask; empty asks every list that was imported at least once.
	Lists []string
	// Also are asked beside Lists, unless they are loaded and hold nothing for
	// the purpose.
	Also []string
	// Limit of hits, best first; 0 means 10, at most 1,000.
	Limit int
	// Threshold is the lowest score to return, 0-1. Zero returns everything
	// the index finds at all (fail closed: who forgets it gets too much).
	Threshold float64
	// Beside leaves out hits that score less than this share of the best one, 0-1.
	// It is for people who look at what is nearest and judge themselves; a check
	// leaves it 0, because there a hit must not fall away beside a better one.
	Beside float64
	// MaxAge is when a list counts as stale; 0 means DefaultMaxAge.
	MaxAge time.Duration
	// At is the time to judge ages by; zero means the Screener's clock.
	At time.Time
	// Mode is the scale of the scores; empty is our own.
	Mode Mode
	// ToMiss asks for kyc.Hit.ToMiss: each hit costs some further searches of
	// its list. Without a threshold there is nothing to miss.
	ToMiss bool

	// among are the only entries that are looked at, by list: their ids. Nil is
	// all.
	among map[string][]string
}

// Mode is a scale of scores.
type Mode string

// The modes.
const (
	ModeBonafide Mode = "bonafide"
	// ModeOFAC scores the entries that the index brings up on the scale of the
	// US Treasury's Sanctions List Search, a hundredth of it: by names alone.
	ModeOFAC Mode = "ofac"
)

// asked is the name that is looked for.
func (q *Query) asked() string {
	if strings.TrimSpace(q.Name) == "" {
		return strings.TrimSpace(q.FirstName + " " + q.LastName)
	}
	return q.Name
}

// Result is the answer to one Query.
type Result struct {
	// Hits, best first; equal scores by list and entry id.
	Hits []kyc.Hit `json:"hits"`
	// Lists names every list that was asked, sorted by id.
	Lists []kyc.ListVersion `json:"lists"`
	// Unfit are the lists of Query.Lists and Query.Also that are loaded and hold
	// nothing for its purpose. They were not asked.
	Unfit []string `json:"unfit,omitempty"`
	// Notes are things a reviewer should know, such as an unreadable date.
	Notes []string `json:"notes,omitempty"`
	// Err is set when the query cannot be screened at all (no name, only
	// words such as "Ltd", too long). Then there are no hits and Worst is
	// StatusError.
	Err *kyc.Error `json:"-"`
}

// Worst sums up the lists: StatusOK only if every list that was asked
// answered from fresh data. No list at all is StatusNotConfigured. A caller
// must not pass a subject unless Worst is StatusOK.
func (r Result) Worst() kyc.AnswerStatus {
	if r.Err != nil {
		return kyc.StatusError
	}
	if len(r.Lists) == 0 {
		return kyc.StatusNotConfigured
	}
	worst := kyc.StatusOK
	for _, l := range r.Lists {
		if badness(l.Status) > badness(worst) {
			worst = l.Status
		}
	}
	return worst
}

// badness orders statuses from good to bad; an unknown word is the worst.
func badness(s kyc.AnswerStatus) int {
	switch s {
	case kyc.StatusOK:
		return 0
	case kyc.StatusStale:
		return 1
	case kyc.StatusUnavailable:
		return 2
	case kyc.StatusNotConfigured:
		return 3
	case kyc.StatusError:
		return 4
	}
	return 5
}
