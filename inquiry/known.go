package inquiry

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
)

// What a hit can be.
const (
	Open          = "open"
	FalsePositive = "false_positive"
	TruePositive  = "true_positive"
)

// delta is what one round of answers changes in what is known.
type delta struct {
	added    int // hits nobody knew
	reopened int // cleared hits whose entry says something else now
	gone     int
}

func (d delta) fresh() bool { return d.added+d.reopened > 0 }

// learn brings what is known up to date with the answers. A hit that people
// judged stays judged while its entry says the same; one that words given
// elsewhere took out of an answer is known as dismissed. One that is not found
// any more is gone only when its own list answered from fresh data in that part.
func learn(known []kyc.InquiryHit, parts []kyc.InquiryPart, words []kyc.ReviewedHit, now time.Time) (next []kyc.InquiryHit, d delta) {
	seen := func(of []kyc.InquiryHit, t kyc.InquiryType, list, entry string) int {
		return slices.IndexFunc(of, func(k kyc.InquiryHit) bool { return k.Type == t && k.List == list && k.EntryID == entry })
	}
	for _, p := range parts {
		for _, h := range p.Answer.Hits {
			if seen(next, p.Type, h.List, h.EntryID) >= 0 {
				continue // found by another name of the party
			}
			one := kyc.InquiryHit{Type: p.Type, List: h.List, EntryID: h.EntryID, Digest: digestOf(h), Since: now, Status: Open}
			if m, ok := markOf(p, h.List, h.EntryID); ok && m.Entry != "" {
				one.Digest, one.Asked = m.Entry, m.Asked
			}
			if at := seen(known, p.Type, h.List, h.EntryID); at < 0 {
				d.added++
			} else if old := known[at]; old.Digest == one.Digest {
				old.Asked = one.Asked
				one = old
			} else {
				one.Since = old.Since
				if old.Status == FalsePositive {
					d.reopened++
				} else {
					one.Status, one.By, one.At, one.Reason = old.Status, old.By, old.At, old.Reason
				}
			}
			if at := asOf(p, h.List); at.After(one.AsOf) {
				one.AsOf = at
			}
			next = append(next, one)
		}
		for _, m := range p.Answer.Marks {
			if !m.Cleared || seen(next, p.Type, m.List, m.EntryID) >= 0 {
				continue
			}
			one := kyc.InquiryHit{Type: p.Type, List: m.List, EntryID: m.EntryID, Digest: m.Entry, Asked: m.Asked, Since: now}
			if at := seen(known, p.Type, m.List, m.EntryID); at >= 0 {
				one = known[at]
			}
			if one.Status != FalsePositive {
				one.Status = FalsePositive
				for _, w := range words {
					if w.List == m.List && w.EntryID == m.EntryID && w.Asked == m.Asked {
						one.By, one.At, one.Reason = w.By, w.At, w.ReasonCode
					}
				}
			}
			next = append(next, one)
		}
	}
	for _, k := range known {
		if seen(next, k.Type, k.List, k.EntryID) >= 0 {
			continue
		}
		fresh := false
		for _, p := range parts {
			fresh = fresh || p.Type == k.Type && p.Answer.Status == kyc.StatusOK &&
				len(p.Answer.Hits) < manyHits && slices.ContainsFunc(p.Answer.Lists, func(l kyc.ListVersion) bool {
				return l.List == k.List && l.Status == kyc.StatusOK && !l.AsOf.Before(k.AsOf)
			})
		}
		if fresh {
			d.gone++
			continue
		}
		next = append(next, k)
	}
	return next, d
}

// asOf is when the content of a list that a part asked was taken from its source.
func asOf(p kyc.InquiryPart, list string) time.Time {
	for _, l := range p.Answer.Lists {
		if l.List == list {
			return l.AsOf
		}
	}
	return time.Time{}
}

// markOf is what a hit of a part rests on.
func markOf(p kyc.InquiryPart, list, entry string) (kyc.HitMark, bool) {
	at := slices.IndexFunc(p.Answer.Marks, func(m kyc.HitMark) bool { return m.List == list && m.EntryID == entry })
	if at < 0 {
		return kyc.HitMark{}, false
	}
	return p.Answer.Marks[at], true
}

// digestOf is the SHA-256 in hex of what a list says of an entry, as far as a
// hit shows it. How well it fits depends on the question and is no part of it.
func digestOf(h kyc.Hit) string {
	raw, err := json.Marshal([]any{h.List, h.EntryID, h.Type, h.Name, slices.Sorted(slices.Values(h.Programs)), slices.Sorted(slices.Values(h.Topics)), h.Positions})
	if err != nil { // strings only
		return ""
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// HitID names a hit of an inquiry for as long as it is known: 32 hexadecimal
// digits of what, where and who.
func HitID(t kyc.InquiryType, list, entry string) string {
	sum := sha256.Sum256([]byte(string(t) + "\x00" + list + "\x00" + entry))
	return hex.EncodeToString(sum[:16])
}

// sum counts the hits by their status and says what follows from all answers.
// Nothing but passes of every part, with nobody open and nobody confirmed, is
// clear; a part whose only findings are hits that people cleared passes.
func sum(q *kyc.Inquiry) {
	q.Open, q.Cleared, q.Confirmed = 0, 0, 0
	for _, k := range q.Private.Known {
		switch k.Status {
		case FalsePositive:
			q.Cleared++
		case TruePositive:
			q.Confirmed++
		default:
			q.Open++
		}
	}
	complete, passed := len(q.Private.Parts) == len(q.Types) && len(q.Types) > 0, true
	for _, p := range q.Private.Parts {
		complete = complete && p.Answer.Status == kyc.StatusOK
		passed = passed && passes(p)
	}
	switch {
	case q.Open+q.Confirmed > 0:
		q.Result = kyc.InquiryHits
	case !complete:
		q.Result = kyc.InquiryIncomplete
	case !passed:
		q.Result = kyc.InquiryConcern
	default:
		q.Result = kyc.InquiryClear
	}
}

// passes reports whether nothing but hits, which people judge one by one, keeps
// a part from passing.
func passes(p kyc.InquiryPart) bool {
	if p.Answer.Verdict == kyc.Pass {
		return true
	}
	if p.Type == kyc.InquiryCrypto {
		return false // that lists know its network is not said by its hits
	}
	return len(p.Answer.Hits) > 0 && !slices.ContainsFunc(p.Answer.Reasons, func(r kyc.Reason) bool {
		return r.Severity == "critical" && r.Code != "possible_match" && r.Code != "confirmed_match" && r.Code != "adverse_article" && !strings.HasPrefix(r.Code, "adverse_media")
	})
}
