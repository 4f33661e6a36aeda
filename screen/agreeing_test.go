package screen

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"bonafide/roster"
	"bonafide/spelling"
)

// manyMarias are names that share one word, more than maxLone of them, with
// these behind them.
func manyMarias(t *testing.T, last ...string) *dictionary {
	t.Helper()
	const letters = "bdfgklmnprstvz"
	var entities []roster.Entity
	for i := range 2 * maxLone {
		other := []byte{letters[i%14], 'a', letters[i/14%14], 'e', letters[i/196%14], 'o', letters[i%13], 'a', letters[i%11]}
		entities = append(entities, roster.Entity{ID: fmt.Sprint(i), Type: roster.TypePerson, Names: []roster.Name{{Text: "Maria " + string(other)}}})
	}
	for i, name := range last {
		entities = append(entities, roster.Entity{ID: fmt.Sprintf("last-%d", i), Type: roster.TypePerson, Names: []roster.Name{{Text: name}}})
	}
	return buildDictionary(map[string]*index{"m": buildIndex("m", "v", false, entities)})
}

// A word that stands twice in the query leads to each of its names once; a name
// that holds it twice is found all the same.
func TestAWordThatStandsTwiceLeadsToANameOnce(t *testing.T) {
	t.Parallel()
	d := manyMarias(t, "Maria Maria", "Maria Lopes Maria", "Lopes Maria", "Mariya Marya Lopes", "Marya Mariya")
	lists := d.sorted()
	for _, name := range []string{"María Maria Lopes", "Mariya Marya Lopes", "Maria Maria", "Maria Lopes Maria", "Lopes María"} {
		ask := func(threshold float64) (found []string) {
			p, err := prepare(Query{Name: name, Threshold: threshold, Limit: maxLimit})
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range d.match(p, lists) {
				if h.Score >= DefaultThreshold && strings.HasPrefix(h.EntryID, "last-") {
					found = append(found, fmt.Sprint(h.MatchedName, " ", h.Score))
				}
			}
			slices.Sort(found)
			return found
		}
		with, without := ask(DefaultThreshold), ask(0)
		for _, found := range without {
			if !slices.Contains(with, found) {
				t.Errorf("%s: %s is not found with a threshold", name, found)
			}
		}
		if !slices.ContainsFunc(with, func(found string) bool { return strings.HasSuffix(found, " 1") }) {
			t.Errorf("%s: only %q", name, with)
		}
	}
	sc := d.scratch.Get().(*scratch)
	defer d.scratch.Put(sc)
	sc.ask(d, lists)
	defer sc.done()
	b, m := d.newBoard(sc, spelling.Tokenize("Maria Maria Lopes")), lists[0]
	a, similar := b.aligner(m)
	groups := a.groups(similar)
	leads := m.leads(sc, groups)
	chosen := a.agreeing(groups, leads, 7400)
	if len(chosen) == 0 || len(chosen) > 4*maxCandidates {
		t.Errorf("%d names are looked at closely", len(chosen))
	}
	// Nothing of the query stays in the working memory.
	for what, all := range map[string][]uint64{"once": sc.once, "picked": sc.picked, "hears": sc.hears} {
		if slices.ContainsFunc(all, func(bits uint64) bool { return bits != 0 }) {
			t.Errorf("%s is left over", what)
		}
	}
}

func TestNamesThatHoldAWordTwiceAreMarked(t *testing.T) {
	t.Parallel()
	x := manyMarias(t, "Maria Maria", "Maria Lopes Maria", "Lopes Maria").members["m"].index
	for n := range x.nameEntity {
		row := x.row(n)
		twice := false
		for i, w := range row {
			twice = twice || slices.Contains(row[:i], w)
		}
		if marked := x.repeats[n>>6]>>(n&63)&1 != 0; marked != twice {
			t.Errorf("%s is marked %t", x.nameText(n), marked)
		}
	}
}
