package screen

import "strings"

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

	// What ranking.score works with.
	may, order []reaching
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
}

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
