package screen

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"bonafide/kyc"
)

// Limits of one query.
const (
	maxQueryBytes = 2000
	maxAliases    = 50
	defaultLimit  = 10
	maxLimit      = 1000
	// maxPostings is how many names the words of one query may bring up; rare
	// words come first.
	maxPostings = 30000
	// maxCandidates are aligned and scored.
	maxCandidates = 250
	// maxSimilarWords per query word.
	maxSimilarWords = 400
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
	ids := slices.Clone(q.Lists)
	if len(ids) == 0 {
		// A list that was only ever tried is named too: its failure must not
		// read as clear.
		ids = append(ids, st.ids...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	var r Result
	for _, id := range ids {
		r.Lists = append(r.Lists, st.lists[id].version(id, now, maxAge))
	}
	p, err := prepare(q)
	if err != nil {
		r.Err = err
		return r
	}
	r.Notes = p.notes
	for _, id := range ids {
		if l := st.lists[id]; l != nil && l.index != nil {
			r.Hits = append(r.Hits, l.index.match(p)...)
		}
	}
	slices.SortFunc(r.Hits, compareHits)
	if len(r.Hits) > p.limit {
		r.Hits = slices.Clip(r.Hits[:p.limit])
	}
	return r
}

func compareHits(a, b kyc.Hit) int {
	return cmp.Or(-cmp.Compare(a.Score, b.Score), cmp.Compare(a.List, b.List), cmp.Compare(len(a.EntryID), len(b.EntryID)), cmp.Compare(a.EntryID, b.EntryID))
}

// prepared is a query after normalisation.
type prepared struct {
	names     [][]token
	kind      EntityType
	birth     Span
	hasBirth  bool
	country   string
	numbers   []string
	limit     int
	threshold int // in points
	notes     []string
}

func prepare(q Query) (*prepared, *kyc.Error) {
	p := &prepared{kind: q.Type, limit: q.Limit, threshold: int(math.Ceil(q.Threshold*pointScale - 1e-6))}
	if p.limit <= 0 {
		p.limit = defaultLimit
	}
	p.limit = min(p.limit, maxLimit)
	name := q.Name
	if strings.TrimSpace(name) == "" {
		name = joinNonEmpty(" ", q.FirstName, q.LastName)
	}
	size := len(name)
	for _, a := range q.Aliases {
		size = max(size, len(a))
	}
	switch {
	case size > maxQueryBytes || len(q.Aliases) > maxAliases:
		return nil, kyc.Errorf(kyc.Invalid, "name_too_long", "a name to screen may have %d bytes and %d aliases", maxQueryBytes, maxAliases)
	case !utf8.ValidString(name):
		return nil, kyc.Errorf(kyc.Invalid, "name_unreadable", "the name to screen is not valid UTF-8")
	}
	for i, text := range append([]string{name}, q.Aliases...) {
		tokens := tokenize(text)
		if len(tokens) > maxTokens {
			tokens = tokens[:maxTokens]
		}
		if screenable(tokens) {
			p.names = append(p.names, tokens)
		} else if i == 0 && len(q.Identifiers) == 0 {
			return nil, kyc.Errorf(kyc.Invalid, "name_unscreenable", "the name to screen has no word that could identify anybody")
		}
	}
	if q.DateOfBirth != "" {
		if p.birth, p.hasBirth = parseSpan(q.DateOfBirth); !p.hasBirth {
			p.notes = append(p.notes, "the date of birth could not be read and was not used")
		}
	}
	if q.Country != "" {
		if p.country = countryCode(strings.ToUpper(q.Country)); p.country == "" {
			p.country = countryCode(q.Country)
		}
		if p.country == "" {
			p.notes = append(p.notes, "the country is unknown and was not used")
		}
	}
	for _, n := range q.Identifiers {
		if key := numberKey(n); key != "" && len(p.numbers) < 50 {
			p.numbers = append(p.numbers, key)
		}
	}
	return p, nil
}

// screenable reports whether a name has a word that could identify somebody:
// not only articles, titles, legal forms and single letters.
func screenable(tokens []token) bool {
	return slices.ContainsFunc(tokens, func(t token) bool { return t.significant() || t.kind == kindGeneric })
}

// similarWord is a dictionary word that a query word may stand for.
type similarWord struct {
	word uint32
	sim  float32
}

// scratch is the working memory of one query on one index.
type scratch struct {
	score   []float32 // by name
	seen    []uint16  // by name: the query word that last added to it
	touched []uint32
	tried   []uint32 // by word: the look-up that last measured it
	lookup  uint32
}

// candidates finds the names worth aligning: the rarest words lead, and a
// name's score is what its found words weigh.
func (x *index) candidates(sc *scratch, q []token, weights []int, similar [][]similarWord, queryTotal int) []uint32 {
	type lead struct {
		q     uint16
		gain  float32
		names []uint32
	}
	var leads []lead
	for i := range q {
		for _, s := range similar[i] {
			names := x.postings[x.postOff[s.word]:x.postOff[s.word+1]]
			leads = append(leads, lead{uint16(i + 1), s.sim * float32(weights[i]), names})
		}
	}
	// Fewer names first, so that the cap leaves out what proves least; within
	// a query word the better similarity must come first, because only the
	// first counts: so the cap is computed first and the order made after it.
	slices.SortStableFunc(leads, func(a, b lead) int { return cmp.Compare(len(a.names), len(b.names)) })
	postings := 0
	for i := range leads {
		if postings += len(leads[i].names); postings > maxPostings && i > 0 {
			leads = leads[:i]
			break
		}
	}
	slices.SortStableFunc(leads, func(a, b lead) int {
		return cmp.Or(cmp.Compare(a.q, b.q), -cmp.Compare(a.gain, b.gain))
	})
	for _, l := range leads {
		for _, n := range l.names {
			if sc.seen[n] == l.q {
				continue
			}
			if sc.score[n] == 0 {
				sc.touched = append(sc.touched, n)
			}
			sc.seen[n] = l.q
			sc.score[n] += l.gain
		}
	}
	total := float64(max(queryTotal, 1))
	const bins = 512
	var histogram [bins]int
	estimate := func(n uint32) int {
		covered := float64(sc.score[n])
		listed := float64(max(x.nameWeight[n], 100))
		e := weightQuery*min(1, covered/total) + weightListed*min(1, covered/listed)
		return min(bins-1, int(e*(bins-1)))
	}
	for _, n := range sc.touched {
		histogram[estimate(n)]++
	}
	cut, have := bins-1, 0
	for ; cut > 0; cut-- {
		if have += histogram[cut]; have >= maxCandidates {
			break
		}
	}
	out := make([]uint32, 0, min(have, 2*maxCandidates))
	for _, n := range sc.touched {
		if estimate(n) > cut || (estimate(n) == cut && len(out) < 4*maxCandidates) {
			out = append(out, n)
		}
	}
	for _, n := range sc.touched {
		sc.score[n], sc.seen[n] = 0, 0
	}
	sc.touched = sc.touched[:0]
	slices.Sort(out)
	return out
}

// similarWords looks a query word up in the dictionary in all the ways the
// keys allow and measures what they bring.
func (x *index) similarWords(sc *scratch, t *token) []similarWord {
	var found []similarWord
	if id, ok := x.byText[wordKey(*t)]; ok {
		found = append(found, similarWord{id, 1})
	}
	if t.kind == kindInitial || t.kind == kindNumber || t.kind == kindLegal || len(t.text) > maxWordBytes {
		return found
	}
	sc.lookup++
	for _, f := range found {
		sc.tried[f.word] = sc.lookup
	}
	try := func(pairs []keyPair) {
		for _, p := range pairs {
			if sc.tried[p.word] == sc.lookup {
				continue
			}
			sc.tried[p.word] = sc.lookup
			w := &x.words[p.word]
			if d := len(w.fold) - len(t.fold); !t.loose && !w.loose && (d > 4 || d < -4) {
				continue
			}
			if s, _ := similarity(t, w); s > 0 {
				found = append(found, similarWord{p.word, float32(s)})
			}
		}
	}
	try(x.deletes.find(hashWord(t.fold)))
	if len(t.fold) >= 4 {
		eachDeletion(t.fold, func(s []byte) { try(x.deletes.find(hashBytes(s))) })
	}
	if key := skeleton(t.fold, false); key != "" {
		try(x.medium.find(hashWord(key)))
		if len(key) >= 4 {
			eachDeletion(key, func(s []byte) { try(x.medium.find(hashBytes(s))) })
		}
	}
	if t.loose {
		if key := skeleton(t.fold, true); key != "" {
			try(x.coarse.find(hashWord(key)))
			if len(key) >= 3 {
				eachDeletion(key, func(s []byte) { try(x.coarse.find(hashBytes(s))) })
			}
		}
	}
	for _, row := range nicknames[t.text] {
		for _, other := range strings.Fields(nicknameRows[row]) {
			if id, ok := x.byText[other]; ok && sc.tried[id] != sc.lookup {
				sc.tried[id] = sc.lookup
				if s, _ := similarity(t, &x.words[id]); s > 0 {
					found = append(found, similarWord{id, float32(s)})
				}
			}
		}
	}
	slices.SortFunc(found, func(a, b similarWord) int {
		return cmp.Or(-cmp.Compare(a.sim, b.sim), cmp.Compare(a.word, b.word))
	})
	if len(found) > maxSimilarWords {
		found = found[:maxSimilarWords]
	}
	return found
}

// queryWeight of a word, in thousandths: its own rarity where the list has
// it; the rarity of its nearest listed spelling where it has only that; rare
// otherwise.
func (x *index) queryWeight(t *token, similar []similarWord) int {
	w := int(math.Round(float64(x.unknown) * kindWeight(t.kind)))
	best := float32(0)
	for _, s := range similar {
		if s.sim < 0.85 || s.sim < best-0.03 {
			break
		}
		best = max(best, s.sim)
		if t.kind == x.words[s.word].kind {
			w = min(w, int(x.weight[s.word]))
		}
	}
	return max(w, 1)
}
