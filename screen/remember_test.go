package screen

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"

	"bonafide/spelling"
)

func TestMemoryGivesWhatTheSearchGives(t *testing.T) {
	t.Parallel()
	words := someWords(400)
	d := testDictionary(words)
	d.memory.limit = 20000 // so that it forgets
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			sc := d.scratch.Get().(*scratch)
			for i := range 300 {
				lists := [][]*member{{d.members["one"]}, {d.members["two"]}, {d.members["one"], d.members["two"]}}[(i+g)%3]
				sc.ask(d, lists)
				for _, q := range spelling.Tokenize(words[(i*(g+1))%80]) {
					q.Loose = i%5 == 0
					got := slices.Clone(d.recall(sc, &q, false))
					if want := d.search(sc, &q, leading); !slices.Equal(got, want) {
						t.Errorf("%s: %d words, want %d", q.Text, len(got), len(want))
					}
				}
				sc.done()
			}
		})
	}
	wg.Wait()
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	m := newMemory()
	often := []byte("often")
	m.add(often, []nearWord{{1, 1000}})
	for i := range 200000 {
		m.add([]byte(fmt.Sprint(i)), make([]nearWord, i%50))
		if near, ok := m.find(often); !ok || !reflect.DeepEqual(near, []nearWord{{1, 1000}}) {
			t.Fatalf("what is asked all the time was forgotten after %d others", i)
		}
	}
	held := 0
	for _, generation := range []map[string][]nearWord{m.young, m.old} {
		for key, near := range generation {
			held += memoryOfEntry + len(key) + memoryOfWord*len(near)
		}
	}
	if held > mostMemory || held < mostMemory/4 {
		t.Errorf("%d bytes are held of %d", held, mostMemory)
	}
	if _, ok := m.find([]byte("0")); ok {
		t.Error("the first of many was never forgotten")
	}
	m.add([]byte("huge"), make([]nearWord, mostMemory))
	if _, ok := m.find([]byte("huge")); ok {
		t.Error("an answer larger than the memory was kept")
	}
}
