package screen

import (
	"slices"
	"strings"
)

// scratch is the working memory of one query on one dictionary. Between
// queries marks, names, once, picked, promises, hears and slot are all zero.
type scratch struct {
	asked  []*member // the lists
	within []*member // nil when they are all of the dictionary's
	lists  string    // their ids

	// The search of words.
	marks    marks
	keys     []keyed
	close    []uint32 // the words to measure
	shapes   []shape  // of them
	firsts   []uint8  // their first letters
	ladders  [2]ladder
	near     []nearWord
	unsorted []nearWord

	// What the lists make of it.
	similar  []similarWord
	byWord   [][]similarWord // of the query
	groups   []group
	leads    []lead
	names    []nameSum           // by name of the list
	touched  []uint32            // those that are not zero, or are in picked
	promises [promiseBins]uint32 // of chosen, by bin
	once     []uint64            // names that a group has led to
	picked   []uint64            // names that are in chosen
	chosen   []chosen
	hears    []uint64 // the words of the list that have a line
	heard    []uint32 // where it begins in lines
	heardBy  []uint32 // those words
	lines    []uint16

	// What board.enlist leaves.
	rows     []placed // the words of all enlisted names
	enlisted []enlisted
	listEnds []uint32 // where the names of each list begin and end
	slot     []uint32 // by word: its line in sims
	used     []uint32 // the words that have a slot
	sims     []uint16
	joins    []bool
	open     []uint32 // by slot: the words of the query whose similarity is but a bound
	outlines []shape  // by slot
	runs     map[runKey]run
	splits   []split
	measured *board // whose it is

	// What rank and ranking.score work with.
	boards     reused[board] // of the names of the query
	aligners   reused[aligner]
	ranking    ranking
	candidates [][]uint32 // by list
	may        []reaching
	batch      []uint32 // slots
}

// ask begins a query.
func (sc *scratch) ask(d *dictionary, lists []*member) {
	sc.asked, sc.within, sc.lists = lists, nil, ""
	if len(lists) < len(d.members) {
		ids := make([]string, len(lists))
		for i, m := range lists {
			ids[i] = m.id
		}
		sc.within, sc.lists = lists, strings.Join(ids, " ")
	}
}

// done ends a query.
func (sc *scratch) done() {
	sc.forget()
	sc.asked, sc.within, sc.near = nil, nil, sc.near[:0]
	// Nothing of the party stays behind.
	for _, b := range sc.boards.end() {
		b.q = nil
		clear(b.joined[:cap(b.joined)])
	}
	sc.aligners.end()
	sc.ranking.p, sc.ranking.kept = nil, nil
}

// reused are things that one query after the other uses, with the memory they
// hold.
type reused[T any] struct {
	all  []*T
	used int
}

// next is one that the query does not use yet, as it was left.
func (r *reused[T]) next() *T {
	if r.used == len(r.all) {
		r.all = append(r.all, new(T))
	}
	r.used++
	return r.all[r.used-1]
}

// end gives back those that the query used.
func (r *reused[T]) end() []*T {
	used := r.all[:r.used]
	r.used = 0
	return used
}

// sized is a slice of so many elements, in the memory of another where that is
// large enough. What is in them is left over.
func sized[T any](s []T, n int) []T { return slices.Grow(s[:0], n)[:n] }

// forget clears what measure left in the working memory.
func (sc *scratch) forget() {
	if sc.measured == nil {
		return
	}
	for _, w := range sc.used {
		sc.slot[w] = 0
	}
	clear(sc.runs)
	sc.splits, sc.measured = sc.splits[:0], nil
}
