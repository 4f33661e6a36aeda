package screen

import (
	"math"
	"slices"

	"bonafide/kyc"
	"bonafide/spelling"
)

// pointScale: scores are counted in whole ten-thousandths, so that the rows
// of an explanation add up to the score exactly and a score is the same on
// every machine.
const pointScale = 10000

func points(share float64) int { return int(math.Round(share * pointScale)) }

// match asks lists of the dictionary: the best hits of all of them, as many as
// the query wants, the best first.
func (d *dictionary) match(p *prepared, lists []*member) (hits []kyc.Hit) {
	d.rank(p, lists, func(r *ranking) { hits = r.hits() })
	return hits
}

// rank asks lists of the dictionary and shows what it found.
func (d *dictionary) rank(p *prepared, lists []*member, show func(*ranking)) {
	sc := d.scratch.Get().(*scratch)
	defer d.scratch.Put(sc)
	sc.ask(d, lists)
	defer sc.done()
	r := newRanking(sc, p, lists)
	names := sized(sc.candidates, len(lists))
	sc.candidates = names
	for qi, q := range p.names {
		b := d.newBoard(sc, q)
		if p.beside > 0 {
			b.nearest = p.limit
		}
		for k, m := range lists {
			var a *aligner
			if p.among == nil {
				a, names[k] = b.candidates(m, r.need(), p.numbers)
			} else {
				a, _ = b.aligner(m)
				names[k] = p.among[k]
			}
			r.aligners = append(r.aligners, a)
		}
		b.enlist(names, true)
		for k := range lists {
			r.score(k, r.aligners[qi*len(lists)+k], b.listed(k), qi)
		}
	}
	show(r)
}

// need is what the points of a name must reach before evidence, so that it can
// be a hit with it; a name that a number speaks for needs nothing.
func (r *ranking) need() int {
	if r.numbered {
		return 0
	}
	return r.least - r.evidence
}

// reachBin is how many points a bin of names has, by what they may reach.
const reachBin = 128

func binOf(reach int) int { return max(0, min(reach, pointScale)) / reachBin }

// score adds enlisted names of a list, those that may reach most first, until
// no other one can come among the best. What a name may reach is found in two
// steps: at first by bounds, and when its turn comes by its measured words, which
// may put it behind others.
func (r *ranking) score(list int, a *aligner, names []enlisted, query int) {
	sc, m := a.sc, a.m
	var bins [pointScale/reachBin + 1]int32 // the first of each, from 1
	may := sc.may[:0]
	for i := range names {
		e := &names[i]
		if !r.p.scope.serves(m.index, e.entity) {
			continue
		}
		reach := a.reach(e)
		if reach < r.need() {
			continue
		}
		bin := &bins[binOf(reach)]
		may = append(may, reaching{at: int32(i), reach: int32(reach), next: *bin})
		*bin = int32(len(may))
	}
	sc.may = may
	for b := len(bins) - 1; b >= 0 && (b+1)*reachBin > r.need(); b-- {
		sc.batch = sc.batch[:0]
		for at := bins[b]; at > 0; at = may[at-1].next {
			if c := &may[at-1]; !c.exact && int(c.reach) >= r.need() {
				for _, w := range a.row(&names[c.at]) {
					if sc.open[w.slot] != 0 {
						sc.batch = append(sc.batch, w.slot)
					}
				}
			}
		}
		a.settle(sc.batch)
		for at := bins[b]; at > 0; {
			c := &may[at-1]
			here := at
			at = c.next
			if int(c.reach) < r.need() {
				continue
			}
			e := &names[c.at]
			if !c.exact {
				c.reach, c.exact = int32(a.reach(e)), true
				if now := binOf(int(c.reach)); now < b {
					c.next, bins[now] = bins[now], here
					continue
				}
				if int(c.reach) < r.need() {
					continue
				}
			}
			r.add(best{list: list, entity: e.entity, name: int(e.name), points: a.nameScore(e), query: query})
		}
	}
}

// sameWord is the first place of a word in the query.
func sameWord(q []spelling.Token, i int) int {
	return slices.IndexFunc(q, func(t spelling.Token) bool {
		return t.Text == q[i].Text && t.Loose == q[i].Loose && t.Kind == q[i].Kind
	})
}

// minHit keeps noise out of answers to queries without a threshold.
const minHit = 1000
