package monitor

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"bonafide/kyc"
)

// What a match can be.
const (
	MatchOpen     = "open"
	FalsePositive = "false_positive"
	TruePositive  = "true_positive"
)

// delta is what a screening changes in what is known of a party.
type delta struct {
	added   []kyc.MatchState
	changed []kyc.MatchState // the listed party is described in other words
	gone    []kyc.MatchState
}

// any reports whether something is different.
func (d delta) any() bool { return len(d.added)+len(d.changed)+len(d.gone) > 0 }

// compare brings what is known of a party up to date with a screening and says
// what is different. A false positive whose listed party changed is open
// again: the reviewer judged something else. A known match is gone only when
// its own list answered from fresh data and names it no more, or when the
// watchlist no longer monitors that list (monitored names the lists; empty is
// all of them); a list that failed or
// vanished, and a question that could not be put, take nothing away.
func compare(known []kyc.MatchState, s Screening, monitored []string, now time.Time) (next []kyc.MatchState, d delta) {
	asOf := func(list string) time.Time {
		if at := slices.IndexFunc(s.Lists, func(l kyc.ListVersion) bool { return l.List == list }); at >= 0 {
			return s.Lists[at].AsOf
		}
		return time.Time{}
	}
	for _, h := range s.Hits {
		hash, entry := matchHash(h), s.says[[2]string{h.List, h.EntryID}]
		at := slices.IndexFunc(known, func(k kyc.MatchState) bool { return k.List == h.List && k.EntryID == h.EntryID })
		if at < 0 {
			one := kyc.MatchState{Hash: hash, Entry: entry, List: h.List, EntryID: h.EntryID, Status: MatchOpen, Score: h.Score, Since: now, AsOf: asOf(h.List)}
			next, d.added = append(next, one), append(d.added, one)
			continue
		}
		one := known[at]
		one.Score = h.Score
		if at := asOf(h.List); at.After(one.AsOf) {
			one.AsOf = at
		}
		other := one.Hash != hash || one.Entry != entry && one.Entry != "" && entry != ""
		if one.Hash = hash; entry != "" {
			one.Entry = entry
		}
		if other {
			if one.Status == FalsePositive {
				one.Status = MatchOpen
			}
			d.changed = append(d.changed, one)
		}
		next = append(next, one)
	}
	for _, k := range known {
		if slices.ContainsFunc(s.Hits, func(h kyc.Hit) bool { return k.List == h.List && k.EntryID == h.EntryID }) {
			continue
		}
		fresh := !s.unasked() && slices.ContainsFunc(s.Lists, func(l kyc.ListVersion) bool {
			return l.List == k.List && l.Status == kyc.StatusOK && !l.AsOf.Before(k.AsOf)
		})
		dropped := len(monitored) > 0 && !slices.Contains(monitored, k.List) && s.Status == kyc.StatusOK && !fresh
		if fresh && !s.Cut || dropped {
			d.gone = append(d.gone, k)
			continue
		}
		next = append(next, k)
	}
	return next, d
}

// matchHash is the SHA-256 of what a match shows of the listed party. The
// score is no part of it, because it depends on the question. Birth dates,
// aliases and numbers of the entry are in MatchState.Entry.
func matchHash(h kyc.Hit) string {
	programs := slices.Sorted(slices.Values(h.Programs))
	raw, err := json.Marshal([]any{h.List, h.EntryID, h.Type, h.Name, programs})
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// States of a party of a watchlist, from what is known of it.
const (
	StateUnchecked  = "unchecked"
	StateClear      = "clear"
	StateUnreadable = "unreadable" // its data was erased
)

// State sums a party up: unreadable, true_positive or open when one of its
// matches is, false_positive when all are, clear when every list was asked and
// knows nothing, otherwise unchecked.
func State(w *kyc.Watched) string {
	has := func(status string) bool {
		return slices.ContainsFunc(w.Private.Matches, func(s kyc.MatchState) bool { return s.Status == status })
	}
	switch {
	case w.Private.Unreadable:
		return StateUnreadable
	case has(TruePositive):
		return TruePositive
	case has(MatchOpen):
		return MatchOpen
	case w.LastCheckedAt.IsZero():
		return StateUnchecked
	case has(FalsePositive):
		return FalsePositive
	}
	return StateClear
}

// counting are the matches that count: those nobody called false.
func counting(all []kyc.MatchState) []kyc.MatchState {
	return slices.DeleteFunc(slices.Clone(all), func(s kyc.MatchState) bool { return s.Status == FalsePositive })
}
