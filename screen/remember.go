package screen

import (
	"sync"

	"bonafide/spelling"
)

// memory keeps what the search found for the words asked last: names repeat.
// It belongs to one dictionary and goes with it. It may be used from many
// goroutines, and what it gives is shared: nobody changes it.
type memory struct {
	mu sync.Mutex
	// When young is full it becomes old and the old is forgotten; what is asked
	// again becomes young again.
	young, old map[string][]nearWord // by rememberedKey
	size       int                   // of young, bytes
	limit      int                   // of each, bytes
}

// rememberedKey is what an answer of the search depends on: the lists that were
// asked, the word, and whether it was asked as a join of words.
func rememberedKey(to []byte, lists string, t *spelling.Token, join bool) []byte {
	to = append(append(to, lists...), 0, byte(t.Kind)<<2|byte(bit(t.Loose))<<1|byte(bit(join)))
	return append(to, t.Text...)
}

const (
	// mostMemory is how many bytes each dictionary remembers.
	mostMemory    = 16 << 20
	memoryOfEntry = 160 // what an answer takes beside its words: keys of both, their place in the map
	memoryOfWord  = 8   // nearWord
)

func newMemory() *memory {
	return &memory{young: map[string][]nearWord{}, limit: mostMemory / 2}
}

func (m *memory) find(key []byte) ([]nearWord, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	near, ok := m.young[string(key)]
	if !ok {
		if near, ok = m.old[string(key)]; ok {
			m.keep(key, near)
		}
	}
	return near, ok
}

// add remembers a copy and gives it back.
func (m *memory) add(key []byte, near []nearWord) []nearWord {
	near = append(make([]nearWord, 0, len(near)), near...)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keep(key, near)
	return near
}

func (m *memory) keep(key []byte, near []nearWord) {
	if _, twice := m.young[string(key)]; twice {
		return
	}
	size := memoryOfEntry + len(key) + memoryOfWord*len(near)
	if size > m.limit {
		return
	}
	if m.size += size; m.size > m.limit {
		m.old, m.young, m.size = m.young, map[string][]nearWord{}, size
	}
	m.young[string(key)] = near
}

// recall is search for a word of the query, or for a join of its words, from
// memory where it was asked before.
func (d *dictionary) recall(sc *scratch, t *spelling.Token, join bool) []nearWord {
	allowed := leading
	if join {
		allowed = nearlySame
	}
	if len(t.Text) > spelling.MaxWordBytes {
		return d.search(sc, t, allowed) // nobody asks this twice
	}
	var buf [128]byte
	key := rememberedKey(buf[:0], sc.lists, t, join)
	near, ok := d.memory.find(key)
	if !ok {
		near = d.memory.add(key, d.search(sc, t, allowed))
	}
	return near
}
