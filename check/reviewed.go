package check

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
	"bonafide/procedure"
	"bonafide/screen"
)

// questionKind is the kind under which questions are blinded.
const questionKind = "screening_question"

// Limits of a query with words on hits: the matcher gives so many hits at most,
// and so many places are left for hits that nobody has looked at.
const (
	mostHits  = 1000
	openHits  = 100
	mostWords = mostHits - openHits
)

// Why a hit that was judged is open again.
const (
	entryChanged   = "entry_changed"   // the list says something else of the entry
	subjectChanged = "subject_changed" // something else was asked
)

// reviewers applies what they said of hits to one answer (kyc.ReviewedHit). A
// word holds while the list says the same of the entry and the same is asked of
// the subject; a hit that holds as a false positive neither counts nor takes the
// place of another. Where either cannot be told, no word holds.
type reviewers struct {
	known map[[2]string][]kyc.ReviewedHit // by list and entry
	// settled are the hits that surface C carries over as settled (by HitKey).
	// They stay hits of the answer, and take no place of others either.
	settled map[string]bool
	// entry digests what a list says of the entry of a hit, blind what was asked.
	entry func(h kyc.Hit) string
	blind func(ctx context.Context, question string) string

	marks                        []kyc.HitMark
	cleared, confirmed, reopened []any
	deaf                         bool // there are words, and no question to compare
}

// wordsOf are the words of a request, the newest where there are too many.
func wordsOf(d Deps, r kyc.CheckRequest) *reviewers {
	w := &reviewers{known: map[[2]string][]kyc.ReviewedHit{},
		entry: func(h kyc.Hit) string {
			if d.Entry == nil {
				return ""
			}
			e, ok := d.Entry(h.List, h.EntryID)
			if !ok {
				return ""
			}
			return digestOf(e)
		},
		blind: blinding(d.Blinder, r.Tenant)}
	w.settled = settledHits(r.Established)
	latest := kyc.LatestWords(r.Reviewed)
	slices.SortStableFunc(latest, func(a, b kyc.ReviewedHit) int { return b.At.Compare(a.At) })
	for _, h := range latest[:min(len(latest), mostWords-len(w.settled))] {
		k := [2]string{h.List, h.EntryID}
		w.known[k] = append(w.known[k], h)
	}
	return w
}

// settledHits are those of procedure.KeyClearedHits.
func settledHits(established map[string]any) map[string]bool {
	var rows []procedure.ClearedHit
	detail(established, procedure.KeyClearedHits, &rows)
	out := make(map[string]bool, len(rows))
	for _, r := range rows[:min(len(rows), mostWords/2)] {
		out[r.Hit] = true
	}
	return out
}

// blinding makes blind indexes of questions, empty where that fails.
func blinding(b Blinder, t kyc.Tenant) func(context.Context, string) string {
	return func(ctx context.Context, question string) string {
		if b == nil {
			return ""
		}
		hash, err := b.Blind(ctx, t, questionKind, question)
		if err != nil {
			return ""
		}
		return hash
	}
}

// room is how many hits to ask for so that limit are left without those that
// words may take out.
func (w *reviewers) room(limit int) int {
	n := len(w.settled)
	for _, of := range w.known {
		if slices.ContainsFunc(of, func(h kyc.ReviewedHit) bool { return h.Word == kyc.HitFalse }) {
			n++
		}
	}
	return min(limit+n, mostHits)
}

// sift leaves out the hits of one question that are cleared and keeps at most
// limit of the others, in their order. asked is that question as a text.
func (w *reviewers) sift(ctx context.Context, asked string, hits []kyc.Hit, limit int) []kyc.Hit {
	if len(hits) == 0 {
		return hits
	}
	asked = w.blind(ctx, asked)
	w.deaf = w.deaf || asked == "" && len(w.known) > 0
	open, counted := make([]kyc.Hit, 0, min(len(hits), limit)), 0
	for _, h := range hits {
		_, judged := w.known[[2]string{h.List, h.EntryID}]
		settled := w.settled[procedure.HitKey(h.List, h.EntryID)]
		if !judged && !settled && counted >= limit {
			continue
		}
		m := kyc.HitMark{List: h.List, EntryID: h.EntryID, Party: h.Party, Role: h.Role, Entry: w.entry(h), Asked: asked}
		word, why := w.word(m)
		m.Cleared = word != nil && word.Word == kyc.HitFalse
		if !m.Cleared && !settled && counted >= limit {
			continue
		}
		w.marks = append(w.marks, m)
		switch {
		case m.Cleared:
			w.cleared = append(w.cleared, toldWord(h, word))
			continue
		case word != nil:
			w.confirmed = append(w.confirmed, toldWord(h, word))
		case why != "":
			w.reopened = append(w.reopened, map[string]any{"list": h.List, "id": h.EntryID, "why": why})
		}
		open = append(open, h)
		if !settled {
			counted++
		}
	}
	return open
}

// word finds the word that holds for a hit, or why those that there are do not.
func (w *reviewers) word(m kyc.HitMark) (holds *kyc.ReviewedHit, why string) {
	of := w.known[[2]string{m.List, m.EntryID}]
	if len(of) == 0 {
		return nil, ""
	}
	i := slices.IndexFunc(of, func(h kyc.ReviewedHit) bool { return h.Asked == m.Asked })
	switch {
	case m.Asked == "": // tell says so of all
		return nil, ""
	case i < 0:
		return nil, subjectChanged
	case !of[i].Word.Known():
		return nil, "" // it was taken back
	case m.Entry == "" || of[i].Entry != m.Entry:
		return nil, entryChanged
	}
	return &of[i], ""
}

// toldWord is a word as details show it. It names nobody of the list.
func toldWord(h kyc.Hit, w *kyc.ReviewedHit) map[string]any {
	out := map[string]any{"list": h.List, "id": h.EntryID, "by": cmp.Or(w.Person, w.By.ID), "at": w.At.UTC().Format(time.RFC3339Nano)}
	if w.ReasonCode != "" {
		out["reason_code"] = w.ReasonCode
	}
	if h.Role != "" {
		out["role"] = h.Role
	}
	return out
}

// matchStatus is what a fact says of one of its hits: open, or true_positive where
// a reviewer said so before and that holds. Cleared hits are no hits of a fact.
func matchStatus(f kyc.CheckFact, h kyc.Hit) string {
	var confirmed []struct {
		List string `json:"list"`
		ID   string `json:"id"`
		Role string `json:"role"`
	}
	detail(f.Details, "confirmed", &confirmed)
	for _, c := range confirmed {
		if c.List == h.List && c.ID == h.EntryID && c.Role == h.Role {
			return string(kyc.HitTrue)
		}
	}
	return "open"
}

// tell adds to an answer what the words did.
func (w *reviewers) tell(a *kyc.Answer) {
	a.Marks = w.marks
	if len(w.cleared)+len(w.confirmed)+len(w.reopened) > 0 && a.Details == nil {
		a.Details = map[string]any{}
	}
	if n := len(w.cleared); n > 0 {
		a.Details["cleared"], a.Details["cleared_count"] = w.cleared, n
		a.Reasons = slices.DeleteFunc(a.Reasons, func(r kyc.Reason) bool { return r.Code == "no_hits" })
		a.Reasons = append(a.Reasons, reason(info, "hits_cleared", fmt.Sprintf("a reviewer called %d of the entries found false positives, and neither they nor the data asked for changed since", n)))
	}
	for _, c := range w.confirmed {
		one, _ := c.(map[string]any)
		a.Reasons = append(a.Reasons, reason(critical, "confirmed_match", fmt.Sprintf("a reviewer called entry %s of list %s a true positive", one["id"], one["list"])))
		a.Details["confirmed"] = w.confirmed
	}
	for _, c := range w.reopened {
		one, _ := c.(map[string]any)
		what := "the data asked for differs from what was judged"
		if one["why"] == entryChanged {
			what = "the list says something else of it now"
		}
		a.Reasons = append(a.Reasons, reason(warning, "hit_reopened", fmt.Sprintf("entry %s of list %s was judged before; %s", one["id"], one["list"], what)))
		a.Details["reopened"] = w.reopened
	}
	if w.deaf {
		a.Reasons = append(a.Reasons, reason(warning, "reviews_not_applied", "the reviewers' words on earlier hits could not be compared, so none was applied"))
	}
}

// question is what was asked about a party in one form: the order of names and
// of numbers, their case and punctuation make no difference.
func question(q screen.Query) string {
	normal := func(kind kyc.ListType, values ...string) []string {
		var out []string
		for _, v := range values {
			n, ok := kind.Normal(v)
			if !ok {
				n = strings.ToLower(strings.TrimSpace(v))
			}
			if n != "" {
				out = append(out, n)
			}
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	asked := map[string]any{"type": q.Type, "names": normal(kyc.ListName, append([]string{q.Name}, q.Aliases...)...),
		"born": strings.TrimSpace(q.DateOfBirth), "country": strings.ToUpper(strings.TrimSpace(q.Country)), "numbers": normal(kyc.ListGovID, q.Identifiers...)}
	if more := normal(kyc.ListString, q.BirthDates...); len(more) > 0 {
		asked["also_born"] = more
	}
	if q.Gender != "" {
		asked["gender"] = q.Gender
	}
	raw, err := json.Marshal(asked)
	if err != nil { // texts only
		return ""
	}
	return string(raw)
}

// digestOf is the SHA-256 in hex of a value's JSON.
func digestOf(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}
