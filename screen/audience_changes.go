package screen

import (
	"hash/maphash"
	"math"
	"math/bits"
	"runtime"
	"slices"

	"bonafide/roster"
	"bonafide/spelling"
)

// Changes are some entries of a list, ready to be compared with many parties:
// the reverse of an index, where the entries are few and the parties many. It
// answers who may be meant, by bounds of the same measure as Match, so whoever
// Match finds among these entries is among the answers; who else is there, is
// for Match to say. It is never changed after it was made.
type Changes struct {
	// List and Version name the content that the entries were taken from.
	List, Version string

	names    []changedName
	words    []changedWord  // each distinct word of the names
	runs     []changedWord  // neighbours in a name, written as one
	byLength [][]uint32     // words by the length of their text
	numbers  map[uint64]int // hashes of numberKey
}

// changedName is one name of one entry.
type changedName struct {
	words []spelling.Token
	// few: it has at most one word that identifies somebody.
	few bool
}

// shapedWord is a word with what tells it from most others at a glance.
type shapedWord struct {
	spelling.Token
	hard, full uint32 // consonantCounts of the folded word
	editable   bool
	pet        bool // it stands in a row of nicknames
}

func shaped(t *spelling.Token) shapedWord {
	w := shapedWord{Token: *t, editable: t.Editable(), pet: spelling.HasNickname(t.Text)}
	w.hard, w.full = consonantCounts(t.Fold)
	return w
}

// changedWord is a word of changed names.
type changedWord struct {
	shapedWord
	names []uint32
}

// numberSeed makes the hashes of numbers this process's own, so that nothing
// in memory is a hash that somebody could look up.
var numberSeed = maphash.MakeSeed()

func numberHash(key string) uint64 { return maphash.String(numberSeed, key) }

// Changes takes entries of the version of a list that is in force, by the
// source's own ids. ok is false when the list is not loaded.
func (s *Screener) Changes(list string, entries []string) (c *Changes, ok bool) {
	l := s.state.Load().lists[list]
	defer runtime.KeepAlive(l)
	if l == nil || l.index == nil {
		return nil, false
	}
	var wanted []uint32
	for _, id := range entries {
		wanted = append(wanted, l.index.withID(id)...)
	}
	slices.Sort(wanted)
	c = &Changes{List: list, Version: l.index.version, numbers: map[uint64]int{}}
	words, runs := map[spelt]uint32{}, map[spelt]uint32{}
	for _, at := range slices.Compact(wanted) {
		e := l.index.entity(at)
		c.add(&e, words, runs)
	}
	for i := range c.words {
		n := len(c.words[i].Text)
		for len(c.byLength) <= n {
			c.byLength = append(c.byLength, nil)
		}
		c.byLength[n] = append(c.byLength[n], uint32(i))
	}
	return c, true
}

// Size is how many different words the entries have; comparing a party costs
// time in proportion to it.
func (c *Changes) Size() int { return len(c.words) + len(c.runs) }

func (c *Changes) add(e *roster.Entity, words, runs map[spelt]uint32) {
	for _, id := range e.Identifiers {
		if key := numberKey(id.Value); key != "" {
			c.numbers[numberHash(key)]++
		}
	}
	for k, name := range e.Names {
		tokens := spelling.Tokenize(name.Text)
		if len(tokens) == 0 || k > math.MaxUint16 {
			continue
		}
		n := uint32(len(c.names))
		c.names = append(c.names, changedName{words: tokens, few: fewSignificant(tokens)})
		for i := range tokens {
			c.words = addWord(c.words, words, &tokens[i], n)
			for k := 2; k <= maxJoin && i+k <= len(tokens); k++ {
				if t := joinTokens(tokens[i : i+k]); len(t.Text) >= 4 {
					c.runs = addWord(c.runs, runs, &t, n)
				}
			}
		}
	}
}

func addWord(all []changedWord, known map[spelt]uint32, t *spelling.Token, name uint32) []changedWord {
	key := spelt{t.Text, t.Loose, t.Kind}
	at, ok := known[key]
	if !ok {
		at = uint32(len(all))
		known[key] = at
		all = append(all, changedWord{shapedWord: shaped(t)})
	}
	w := &all[at]
	if len(w.names) == 0 || w.names[len(w.names)-1] != name {
		w.names = append(w.names, name)
	}
	return all
}

// fewSignificant reports whether a name has at most one word that identifies
// somebody: then one word that agrees can be enough.
func fewSignificant(name []spelling.Token) bool {
	n := 0
	for i := range name {
		if name[i].Significant() {
			n++
		}
	}
	return n <= 1
}

// near lists those of the words that a word is similar to, as far as an
// allowance lets them through. What the shapes tell apart is not measured.
func near(t *shapedWord, among []changedWord, a *spelling.Allowance, found []uint32) []uint32 {
	for i := range among {
		w := &among[i]
		if t.editable && w.editable && (!t.pet || !w.pet) {
			n := max(len(t.Fold), len(w.Fold))
			limit := a.Limits[n]
			only := max(bits.OnesCount8(t.Mask&^w.Mask), bits.OnesCount8(w.Mask&^t.Mask))
			if 100*int32(only) > spelling.AnySimilar.Limits[n] || 100*max(unmatched(t.hard, w.full), unmatched(w.hard, t.full)) > limit {
				continue
			}
		}
		if alike(&t.Token, &w.Token, a) > 0 {
			found = append(found, uint32(i))
		}
	}
	return found
}

// alike is the similarity of a party's word and a listed one. A list knows each
// spelling as one kind of word, whichever it saw first, so a legal form may
// count as a name there.
func alike(q, listed *spelling.Token, a *spelling.Allowance) float64 {
	sim, _ := spelling.SimilarityWithin(q, listed, a)
	if listed.Kind == spelling.KindLegal {
		as := *listed
		as.Kind = spelling.KindOf(as.Text)
		other, _ := spelling.SimilarityWithin(q, &as, a)
		sim = max(sim, other)
	}
	if sim < a.Least {
		return 0
	}
	return sim
}

// enough is what a party must reach against an entry, before anything is known
// of birth dates and countries.
type enough struct {
	points float64 // of the names alone, 0-1
	// two: one word that agrees beside others that do not is never enough.
	two bool
}

// boundSlack makes up for the matcher's rounding to thousandths.
const boundSlack = 0.01

// enoughFor a threshold in points.
func enoughFor(threshold int) enough {
	least := float64(max(threshold, minHit)) / pointScale
	least -= pointsBirthSame + pointsCountrySame + boundSlack
	return enough{points: least, two: points(least) > fitted.oneWord}
}

// reaches reports whether a party's name may score enough against a changed
// one: the score that it would have if every word found its best partner and
// the words that agree were the rare ones.
func reaches(q, listed []spelling.Token, least enough) bool {
	var simQ, simL [spelling.MaxTokens]float64
	q, listed = q[:min(len(q), spelling.MaxTokens)], listed[:min(len(listed), spelling.MaxTokens)]
	for i := range q {
		for j := range listed {
			if s := alike(&q[i], &listed[j], spelling.AnySimilar); s > 0 {
				s = fitted.mostSimilar(s)
				simQ[i], simL[j] = max(simQ[i], s), max(simL[j], s)
			}
		}
	}
	joins(q, listed, func(from, n, other int) { agreeJoined(simQ[from:from+n], &simL[other]) })
	joins(listed, q, func(from, n, other int) { agreeJoined(simL[from:from+n], &simQ[other]) })
	coveredQ, coveredL := mostCovered(q, simQ[:len(q)]), mostCovered(listed, simL[:len(listed)])
	return fitted.most(coveredQ, coveredL) >= least.points
}

func agreeJoined(run []float64, other *float64) {
	sim := fitted.mostSimilar(float64(joinedSim) / 1000)
	for k := range run {
		run[k] = max(run[k], sim)
	}
	*other = max(*other, sim)
}

// joins finds neighbours in one name that are one word of the other.
func joins(of, other []spelling.Token, found func(from, n, other int)) {
	for i := range of {
		for n := 2; n <= maxJoin && i+n <= len(of); n++ {
			size := 0
			for _, t := range of[i : i+n] {
				size += len(t.Text)
			}
			if size < 4 {
				continue
			}
			var joined spelling.Token
			for j := range other {
				if gap := len(other[j].Text) - size; gap > 2 || gap < -2 {
					continue
				}
				if joined.Text == "" {
					joined = joinTokens(of[i : i+n])
				}
				if alike(&joined, &other[j], nearlySame) > 0 || alike(&other[j], &joined, nearlySame) > 0 {
					found(i, n, j)
				}
			}
		}
	}
}

// mostCovered is the largest share of a name that agreements of these
// similarities can cover. What a word weighs depends on the list: between
// minRarity of its kind and all of it.
func mostCovered(name []spelling.Token, sims []float64) float64 {
	var order [spelling.MaxTokens]int
	for i := range name {
		order[i] = i
	}
	slices.SortFunc(order[:len(name)], func(i, j int) int {
		switch {
		case sims[i] > sims[j]:
			return -1
		case sims[i] < sims[j]:
			return 1
		}
		return 0
	})
	covered, total := 0.0, 0.0
	for i := range name {
		w := minRarity * leastKind(&name[i])
		covered += w * sims[i]
		total += w
	}
	best := covered / total
	for _, i := range order[:len(name)] {
		more := kindWeight(name[i].Kind) - minRarity*leastKind(&name[i])
		covered += more * sims[i]
		total += more
		best = max(best, covered/total)
	}
	return best
}

// leastKind is what a word can weigh at least; the list may have it as a legal
// form.
func leastKind(t *spelling.Token) float64 {
	if spelling.IsLegalForm(t.Text) {
		return min(kindWeight(t.Kind), kindWeight(spelling.KindLegal))
	}
	return kindWeight(t.Kind)
}
