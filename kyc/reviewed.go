package kyc

import (
	"slices"
	"time"
)

// HitWord is what a person says of a hit.
type HitWord string

// The words on a hit.
const (
	HitFalse HitWord = "false_positive" // somebody else
	HitTrue  HitWord = "true_positive"  // the same party
	// HitOpen takes an earlier word back.
	HitOpen HitWord = "open"
)

// Known reports whether it is a word that says what a hit is.
func (w HitWord) Known() bool { return w == HitFalse || w == HitTrue }

// HitMark says what a hit of an answer rests on, so that a word on it can be
// kept and is known to hold still. An answer bears one for each hit that its
// check found, those that reviewers had cleared included.
type HitMark struct {
	List    string `json:"list"`
	EntryID string `json:"id"` // the source's own id
	// Party and Role are those of the hit.
	Party string `json:"party,omitempty"`
	Role  string `json:"role,omitempty"`
	// Entry is the SHA-256 in hex of what the list says of the entry; empty
	// when it could not be looked up.
	Entry string `json:"entry,omitempty"`
	// Asked is the blind index of what was asked about the party: names, birth
	// date, country and numbers. It is empty where none could be made.
	Asked string `json:"asked,omitempty"`
	// Cleared marks a hit that an earlier word took out of the answer.
	Cleared bool `json:"cleared,omitempty"`
}

// Whole reports whether a word on the hit can be kept.
func (m HitMark) Whole() bool { return m.Entry != "" && m.Asked != "" }

// ReviewedHit is a person's word on a hit as a check applies it. It holds for
// the hits of List and EntryID while Entry and Asked are those of the HitMark.
type ReviewedHit struct {
	List    string    `json:"list"`
	EntryID string    `json:"id"`
	Entry   string    `json:"entry"`
	Asked   string    `json:"asked"`
	Word    HitWord   `json:"word"`
	By      Actor     `json:"by"`
	Person  string    `json:"person,omitempty"` // whom By spoke for
	At      time.Time `json:"at"`
	// ReasonCode is snake_case and no personal data.
	ReasonCode string `json:"reason_code,omitempty"`
}

// HitReview is the memory of one word on one hit, kept for the subject, or for
// the session where that has none. It is written once; a later word on the same
// hit counts in place of an earlier one. It is deleted when the subject is
// erased.
type HitReview struct {
	Meta
	SubjectID ID `json:"subject_id,omitempty"`
	SessionID ID `json:"session_id,omitempty"`
	CaseID    ID `json:"case_id"`
	// Waits says that the word counts only once another person has closed the
	// case that it was given in.
	Waits bool `json:"waits,omitempty"`
	// Private is stored encrypted under the subject's key.
	Private HitReviewData `json:"-"`
}

// HitReviewData is the personal part of a HitReview: that somebody resembles an
// entry of a list tells of them.
type HitReviewData struct {
	Hit ReviewedHit `json:"hit"`
	// Reason is what the person wrote.
	Reason string `json:"reason,omitempty"`
	// Unreadable is set by the store when the subject's key was destroyed.
	Unreadable bool `json:"-"`
}

// About is whom the word is kept for.
func (r *HitReview) About() ID { return HitsOf(r.SubjectID, r.SessionID) }

// HitsOf is the key of the words on hits: the subject or, without one, the
// session.
func HitsOf(subject, session ID) ID {
	if subject != "" {
		return subject
	}
	return session
}

// JudgedHit is a word on a hit as its case keeps it.
type JudgedHit struct {
	Policy     string    `json:"policy"`
	RunID      ID        `json:"run_id,omitempty"`
	List       string    `json:"list"`
	EntryID    string    `json:"id"`
	Party      string    `json:"party,omitempty"`
	Word       HitWord   `json:"word"`
	ReasonCode string    `json:"reason_code,omitempty"`
	Reason     string    `json:"reason"`
	By         Actor     `json:"by"`
	Person     string    `json:"person"`
	At         time.Time `json:"at"`
	// Kept is the HitReview; empty where the hit bore no whole mark, so that
	// nothing can tell whether it is the same next time.
	Kept ID `json:"kept,omitempty"`
}

// WordOn is the last word that the reviewers of a case said on a hit which a
// check found in a run; empty without one. A correction of the whole check
// speaks of the hits of its own run only, so that none it never saw is settled.
func (c *Case) WordOn(policy string, run ID, h Hit) HitWord {
	if c == nil {
		return ""
	}
	var word HitWord
	var at time.Time
	for _, o := range c.Overrides {
		if o.Policy != policy || o.RunID != "" && o.RunID != run {
			continue
		}
		switch o.Result {
		case "passed":
			word, at = HitFalse, o.At
		case "failed":
			word, at = HitTrue, o.At
		}
	}
	for _, j := range c.Private.Hits {
		if j.Policy == policy && j.List == h.List && j.EntryID == h.EntryID && (j.Party == "" || j.Party == h.Party) && !j.At.Before(at) {
			word, at = j.Word, j.At
		}
	}
	return word
}

// Of reports whether the mark is that of a hit of its answer.
func (m HitMark) Of(h Hit) bool {
	return m.List == h.List && m.EntryID == h.EntryID && m.Party == h.Party && m.Role == h.Role
}

// HeldWord is the last of these words that holds for a hit; empty where none
// does.
func HeldWord(words []ReviewedHit, m HitMark) HitWord {
	for _, w := range LatestWords(words) {
		if m.Whole() && w.List == m.List && w.EntryID == m.EntryID && w.Asked == m.Asked && w.Entry == m.Entry {
			return w.Word
		}
	}
	return ""
}

// LatestWords leaves of several words on the same hit and question the last
// one, and orders them by list and entry. Of two words of one moment the true
// positive counts.
func LatestWords(words []ReviewedHit) []ReviewedHit {
	type key struct{ list, id, asked string }
	at := map[key]int{}
	var out []ReviewedHit
	for _, w := range words {
		k := key{w.List, w.EntryID, w.Asked}
		i, known := at[k]
		switch {
		case !known:
			at[k] = len(out)
			out = append(out, w)
		case w.At.After(out[i].At), w.At.Equal(out[i].At) && w.Word == HitTrue:
			out[i] = w
		}
	}
	slices.SortFunc(out, func(a, b ReviewedHit) int {
		for _, d := range [][2]string{{a.List, b.List}, {a.EntryID, b.EntryID}, {a.Asked, b.Asked}} {
			if d[0] != d[1] {
				if d[0] < d[1] {
					return -1
				}
				return 1
			}
		}
		return 0
	})
	return out
}
