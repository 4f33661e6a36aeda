package screen

import (
	"cmp"
	"slices"
)

// pair is one agreement of the alignment: one word of the query with one of
// the listed name, or two or three neighbours on one side with one word on the other.
type pair struct {
	q, l int // first positions
	qn   int // how many query words (1 to maxJoin)
	ln   int
	sim  int // thousandths
	rule string
	// worth orders the choices: similarity times the weight it explains.
	worth int
}

// aligner holds what is the same for all names that one query name is aligned
// with on one index.
type aligner struct {
	x       *index
	q       []token
	weights []int // thousandths
	total   int
	joined  []joined
	cache   map[uint64]simRule

	pairs []pair // working memory
	qUsed []bool
	lUsed []bool
}

type simRule struct {
	sim  int
	rule string
}

func newAligner(x *index, q []token, weights []int) *aligner {
	a := &aligner{x: x, q: q, weights: weights, cache: make(map[uint64]simRule, 1024), qUsed: make([]bool, len(q)), lUsed: make([]bool, maxTokens+1)}
	for i := range q {
		a.total += weights[i]
		for n := 2; n <= maxJoin && i+n <= len(q); n++ {
			a.joined = append(a.joined, joined{at: i, n: n, token: joinTokens(q[i : i+n])})
		}
	}
	return a
}

// joined is a run of neighbouring query words written as one.
type joined struct {
	at, n int
	token token
}

// maxJoin is how many neighbours may be one word on the other side (van der
// Meersch, Vandermeersch).
const maxJoin = 3

func joinTokens(run []token) token {
	var t token
	for _, r := range run {
		t.text += r.text
		t.loose = t.loose || r.loose
	}
	t.fold = fold(t.text)
	t.mask = classMask(t.fold)
	return t
}

// sim measures a query word (or joined pair, numbered after the words) with a
// dictionary word, once.
func (a *aligner) sim(q int, word uint32) simRule {
	key := uint64(q)<<32 | uint64(word)
	if s, ok := a.cache[key]; ok {
		return s
	}
	var t *token
	if q < len(a.q) {
		t = &a.q[q]
	} else {
		t = &a.joined[q-len(a.q)].token
	}
	f, rule := similarity(t, &a.x.words[word])
	s := simRule{int(f*1000 + 0.5), rule}
	a.cache[key] = s
	return s
}

// joinLimit: two words that are one on the other side must agree almost
// exactly, or any two short words would make a third.
const (
	joinLimit = 900
	joinedSim = 1000 * simJoinedPercent / 100
)

// align finds the best agreement between the query and a row of words: first
// words that were split or merged, then single words, the strongest first.
// The answer is valid until the next call.
func (a *aligner) align(row []uint32) []pair {
	if len(row) > maxTokens {
		row = row[:maxTokens]
	}
	all := a.pairs[:0]
	for i := range a.q {
		for j, w := range row {
			if s := a.sim(i, w); s.sim > 0 {
				all = append(all, pair{q: i, l: j, qn: 1, ln: 1, sim: s.sim, rule: s.rule})
			}
		}
	}
	if len(a.q) > 1 || len(row) > 1 {
		all = a.joins(all, row)
	}
	for i := range all {
		p := &all[i]
		w := 0
		for k := range p.qn {
			w += a.weights[p.q+k]
		}
		for k := range p.ln {
			w += int(a.x.weight[row[p.l+k]])
		}
		p.worth = w * p.sim
		if p.sim >= 960 { // what is equal is never given away for a better sum elsewhere
			p.worth += 1 << 30
		}
	}
	slices.SortFunc(all, func(p, r pair) int {
		if p.worth != r.worth {
			return cmp.Compare(r.worth, p.worth)
		}
		return cmp.Or(cmp.Compare(p.q, r.q), cmp.Compare(p.l, r.l), cmp.Compare(p.qn, r.qn), cmp.Compare(p.ln, r.ln))
	})
	clear(a.qUsed)
	clear(a.lUsed)
	out := all[:0]
	for _, p := range all {
		free := true
		for k := range p.qn {
			free = free && !a.qUsed[p.q+k]
		}
		for k := range p.ln {
			free = free && !a.lUsed[p.l+k]
		}
		if !free {
			continue
		}
		for k := range p.qn {
			a.qUsed[p.q+k] = true
		}
		for k := range p.ln {
			a.lUsed[p.l+k] = true
		}
		out = append(out, p)
	}
	a.pairs = all[:0]
	slices.SortFunc(out, func(p, r pair) int { return cmp.Compare(p.q, r.q) })
	return out
}

// joins adds pairs of neighbours with one word.
func (a *aligner) joins(all []pair, row []uint32) []pair {
	words := a.x.words
	for i := range a.joined {
		run := &a.joined[i]
		n := len(run.token.text)
		for j, w := range row {
			l := &words[w]
			if d := len(l.text) - n; l.kind == kindInitial || n < 4 || d > 2 || d < -2 {
				continue
			}
			if s := a.sim(len(a.q)+i, w); s.sim >= joinLimit {
				all = append(all, pair{q: run.at, l: j, qn: run.n, ln: 1, sim: min(s.sim, joinedSim), rule: "joined"})
			}
		}
	}
	for j := range row {
		n := len(words[row[j]].text)
		for ln := 2; ln <= maxJoin && j+ln <= len(row); ln++ {
			n += len(words[row[j+ln-1]].text)
			if n < 4 {
				continue
			}
			var whole token
			for i := range a.q {
				q := &a.q[i]
				if d := len(q.text) - n; q.kind == kindInitial || d > 2 || d < -2 || (!q.loose && !words[row[j]].loose && class(q.text[0]) != class(words[row[j]].text[0])) {
					continue
				}
				if whole.text == "" {
					var run [maxJoin]token
					for k := range ln {
						run[k] = words[row[j+k]]
					}
					whole = joinTokens(run[:ln])
				}
				f, _ := similarity(q, &whole)
				if s := int(f*1000 + 0.5); s >= joinLimit {
					all = append(all, pair{q: i, l: j, qn: 1, ln: ln, sim: min(s, joinedSim), rule: "split"})
				}
			}
		}
	}
	return all
}
