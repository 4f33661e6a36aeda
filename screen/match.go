package screen

import (
	"cmp"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"

	"bonafide/kyc"
	"bonafide/roster"
	"bonafide/spelling"
)

// Limits of one query.
const (
	maxQueryBytes = 2000
	maxAliases    = 50
	defaultLimit  = 10
	maxLimit      = 1000
)

// Match screens one party against the lists it names.
func (s *Screener) Match(q Query) Result {
	now := q.At
	if now.IsZero() {
		now = s.clock.Now()
	}
	maxAge := q.MaxAge
	if maxAge <= 0 {
		maxAge = DefaultMaxAge
	}
	st := s.state.Load()
	defer runtime.KeepAlive(st) // its images are unmapped when nobody holds it
	ids, unfit := st.asked(q)
	r := Result{Unfit: unfit}
	for _, id := range ids {
		r.Lists = append(r.Lists, st.lists[id].version(id, now, maxAge))
	}
	p, err := prepare(q)
	if err != nil {
		r.Err = err
		return r
	}
	r.Notes = p.notes
	limit := p.limit
	if q.Mode == ModeOFAC {
		r.Notes = append(r.Notes, p.namesAlone()...)
	}
	var asked []*member
	for _, id := range ids {
		if m := st.words.members[id]; m != nil {
			asked = append(asked, m)
		}
	}
	if q.among != nil {
		p.only(asked, q.among)
	}
	if q.Mode == ModeOFAC {
		st.words.rank(p, asked, func(found *ranking) { r.Hits = found.onOFACScale(q) })
		slices.SortFunc(r.Hits, compareHits)
		r.Hits = slices.Clip(r.Hits[:min(len(r.Hits), limit)])
	} else {
		r.Hits = st.words.match(p, asked)
	}
	for i := range r.Hits {
		h := &r.Hits[i]
		h.Risk, h.RiskFeatures = Risk(*h, st.lists[h.List].manifest.Source, now)
	}
	if q.ToMiss {
		s.toMiss(q, r.Hits)
	}
	return r
}

func compareHits(a, b kyc.Hit) int {
	return cmp.Or(-cmp.Compare(a.Score, b.Score), cmp.Compare(a.List, b.List), compareIDs(a.EntryID, b.EntryID))
}

// prepared is a query after normalisation.
type prepared struct {
	names     [][]spelling.Token
	kind      roster.EntityType
	scope     scope
	births    []roster.Span
	country   string
	gender    string // M, F or empty
	numbers   []string
	limit     int
	threshold int // in points
	beside    int // thousandths of the best hit's points
	notes     []string
	among     [][]uint32 // the only names that are looked at, by list; nil for all
}

// only leaves the named entries of the lists to be looked at.
func (p *prepared) only(lists []*member, among map[string][]string) {
	p.among = make([][]uint32, len(lists))
	for k, m := range lists {
		for _, id := range among[m.list] {
			for _, e := range m.withID(id) {
				p.among[k] = m.appendNames(p.among[k], e)
			}
		}
		slices.Sort(p.among[k])
		p.among[k] = slices.Compact(p.among[k])
	}
}

func prepare(q Query) (*prepared, *kyc.Error) {
	p := &prepared{kind: q.Type, scope: q.scope(), limit: q.Limit, threshold: int(math.Ceil(q.Threshold*pointScale - 1e-6)), beside: int(math.Round(1000 * min(1, max(0, q.Beside))))}
	if p.limit <= 0 {
		p.limit = defaultLimit
	}
	p.limit = min(p.limit, maxLimit)
	name := q.asked()
	bad := q.misfits(name)
	for i, text := range append([]string{name}, q.Aliases...) {
		if code, _ := misfit(text); code != "" || i > 0 && len(bad) > 0 {
			continue // it is refused, and nothing more can be wrong
		}
		fit := false
		for _, tokens := range spelling.Readings(text) {
			if screenable(tokens) {
				p.names, fit = append(p.names, tokens), true
			}
		}
		switch {
		case fit:
		case i > 0:
			p.notes = append(p.notes, fmt.Sprintf("alias %d has no word that could identify anybody and was not looked for", i))
		case text != "" || len(q.Identifiers) == 0:
			// Numbers do not make up for a name that nobody could look for; only who
			// gives no name at all is looked for by them alone.
			bad = slices.Insert(bad, 0, kyc.Problem{Path: q.namePath(), Code: unscreenable, Message: "no word of it identifies anybody; titles, articles, legal forms and single letters do not"})
		}
	}
	if err := refusal(bad); err != nil {
		return nil, err
	}
	for _, text := range append([]string{q.DateOfBirth}, q.BirthDates[:min(len(q.BirthDates), maxAliases)]...) {
		if text == "" {
			continue
		}
		birth, ok := roster.ParseSpan(text)
		switch {
		case !ok:
			p.notes = append(p.notes, "the date of birth could not be read and was not used")
		case !slices.Contains(p.births, birth):
			p.births = append(p.births, birth)
		}
	}
	if q.Country != "" {
		if p.country = roster.CountryCode(strings.ToUpper(q.Country)); p.country == "" {
			p.country = roster.CountryCode(q.Country)
		}
		if p.country == "" {
			p.notes = append(p.notes, "the country is unknown and was not used")
		}
	}
	if strings.ContainsAny(name, "0123456789") {
		for _, n := range spelling.HullNumbers(name) {
			p.numbers = append(p.numbers, numberKey(n))
		}
	}
	p.gender = roster.Gender(q.Gender)
	for _, n := range q.Identifiers {
		if key := numberKey(n); key != "" && len(p.numbers) < 50 {
			p.numbers = append(p.numbers, key)
		}
	}
	return p, nil
}

// screenable reports whether a name has a word that could identify somebody:
// not only articles, titles, legal forms and single letters.
func screenable(tokens []spelling.Token) bool {
	return slices.ContainsFunc(tokens, func(t spelling.Token) bool { return t.Significant() || t.Kind == spelling.KindGeneric })
}
