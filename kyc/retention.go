package kyc

import (
	"fmt"
	"time"
)

// Retention is how long an organisation keeps what applicants gave, in one
// environment (api.md 6.12, 7.4). The clock of a session is its end. Its data
// goes in two passes: after SensitiveDays it is withheld (nothing personal of
// it can be read any more, though it still lies there, encrypted), after Days
// it is destroyed. Zero in every place keeps it until somebody erases it, which
// is what an organisation has that never said anything.
type Retention struct {
	// Days until everything of a session is destroyed; 0: never by itself.
	Days int `json:"data_retention_days,omitempty"`
	// SensitiveDays until nothing personal of it can be read; 0: not before Days.
	SensitiveDays int `json:"sensitive_data_retention_days,omitempty"`
	// Auto destroys what is due. Without it such sessions are withheld and
	// counted, and somebody has to erase them.
	Auto bool `json:"auto_redact_on_retention_expiry,omitempty"`
	// The rules of single outcomes; nil is as above.
	Approved  *RetentionRule `json:"approved,omitempty"`
	Rejected  *RetentionRule `json:"rejected,omitempty"`
	Abandoned *RetentionRule `json:"abandoned,omitempty"`
}

// RetentionRule are the days of sessions that ended in one way.
type RetentionRule struct {
	Days          int `json:"data_retention_days"`
	SensitiveDays int `json:"sensitive_data_retention_days"`
}

// MaxRetentionDays is a hundred years.
const MaxRetentionDays = 36500

// RetentionClass is a way of ending with a rule of its own.
type RetentionClass struct {
	Name     string // approved, rejected, abandoned
	Statuses []SessionStatus
	Rule     RetentionRule
}

// Classes are the ways a session can end, with the rule of each. Abandoned is
// whatever ended without a decision.
func (r Retention) Classes() []RetentionClass {
	general := RetentionRule{Days: r.Days, SensitiveDays: r.SensitiveDays}
	of := func(own *RetentionRule) RetentionRule {
		if own != nil {
			return *own
		}
		return general
	}
	return []RetentionClass{
		{"approved", []SessionStatus{SessionApproved}, of(r.Approved)},
		{"rejected", []SessionStatus{SessionRejected}, of(r.Rejected)},
		{"abandoned", []SessionStatus{SessionExpired, SessionCancelled, SessionFailed}, of(r.Abandoned)},
	}
}

// Rule is what holds for a session that ended so; the zero rule, which keeps
// everything, for one that is under way.
func (r Retention) Rule(s SessionStatus) RetentionRule {
	for _, c := range r.Classes() {
		for _, status := range c.Statuses {
			if status == s {
				return c.Rule
			}
		}
	}
	return RetentionRule{}
}

// Keeps reports whether nothing is ever withheld or destroyed by itself.
func (r Retention) Keeps() bool {
	for _, c := range r.Classes() {
		if c.Rule != (RetentionRule{}) {
			return false
		}
	}
	return true
}

// Problems are what keeps the rules from being taken; at is the path of the
// object.
func (r Retention) Problems(at string) []Problem {
	var out []Problem
	check := func(at string, rule RetentionRule) {
		for _, one := range []struct {
			name string
			days int
		}{{"data_retention_days", rule.Days}, {"sensitive_data_retention_days", rule.SensitiveDays}} {
			if one.days < 0 || one.days > MaxRetentionDays {
				out = append(out, Problem{Path: at + "/" + one.name, Code: "out_of_range", Message: fmt.Sprintf("from 0 to %d days; 0 keeps the data until somebody erases it", MaxRetentionDays)})
			}
		}
		if rule.Days > 0 && rule.SensitiveDays > rule.Days {
			out = append(out, Problem{Path: at + "/sensitive_data_retention_days", Code: "longer_than_data", Message: "what is sensitive is not kept longer than everything"})
		}
	}
	check(at, RetentionRule{Days: r.Days, SensitiveDays: r.SensitiveDays})
	for _, one := range []struct {
		name string
		rule *RetentionRule
	}{{"approved", r.Approved}, {"rejected", r.Rejected}, {"abandoned", r.Abandoned}} {
		if one.rule != nil {
			check(at+"/"+one.name, *one.rule)
		}
	}
	return out
}

// ReadableUntil is when a session's data is withheld or destroyed, whichever
// comes first, and KeptUntil when it is destroyed; zero: not by itself.
func (r Retention) ReadableUntil(s *Session) time.Time {
	rule := r.Rule(s.Status)
	if rule.SensitiveDays > 0 {
		return after(s.EndedAt(), rule.SensitiveDays)
	}
	return r.KeptUntil(s)
}

// KeptUntil is when a session is destroyed; zero: not by itself.
func (r Retention) KeptUntil(s *Session) time.Time {
	if !r.Auto {
		return time.Time{}
	}
	return after(s.EndedAt(), r.Rule(s.Status).Days)
}

func after(t time.Time, days int) time.Time {
	if t.IsZero() || days <= 0 {
		return time.Time{}
	}
	return t.Add(time.Duration(days) * 24 * time.Hour)
}

// EndedAt is when a session ended, which is when its time to be kept begins;
// zero while it is under way. Sessions of early versions did not note it, and
// their last change stands in for it.
func (s *Session) EndedAt() time.Time {
	switch {
	case !s.Status.Ended():
		return time.Time{}
	case s.CompletedAt.IsZero():
		return s.UpdatedAt
	}
	return s.CompletedAt
}

// Keeping says what can still be had of a session.
type Keeping int64

// What is left of a session.
const (
	KeptReadable Keeping = 0
	KeptWithheld Keeping = 1 // nothing personal can be read, it is still there
	KeptNot      Keeping = 2 // everything personal was destroyed
)

// Keeping is what can still be had of a session.
func (s *Session) Keeping() Keeping {
	switch {
	case !s.RedactedAt.IsZero():
		return KeptNot
	case !s.WithheldAt.IsZero():
		return KeptWithheld
	}
	return KeptReadable
}

// Readable reports whether personal data of the session can be read.
func (s *Session) Readable() bool {
	return s.Keeping() == KeptReadable && !s.Private.Unreadable
}

// Gone is the answer to whoever wants to work with the data of a session that
// cannot be read any more.
func (s *Session) Gone() *Error {
	if s.Keeping() == KeptWithheld {
		return Errorf(Conflict, "redacted", "the time to keep the data of this session is over: nothing of it can be read any more, and nothing is written to it; until it is destroyed an admin can restore it, otherwise begin anew")
	}
	return Errorf(Conflict, "redacted", "the data of this session was erased; nothing is written to it any more, begin anew")
}

// Readable reports whether the bytes of an upload can be read.
func (u *Upload) Readable() bool { return u.RedactedAt.IsZero() && !u.Withheld }

// RetentionFilter selects sessions of a tenant that ended in one status by some
// time, the earliest first. Nothing of them was destroyed yet.
type RetentionFilter struct {
	Status   SessionStatus
	Withheld bool // those that are withheld; otherwise those that can be read
	Held     bool // those under a legal hold; otherwise those that are not
	// Until is the latest end that counts.
	Until time.Time
	// AfterEnd and AfterID continue behind a session; zero begins.
	AfterEnd time.Time
	AfterID  ID
}
