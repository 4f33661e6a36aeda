package screen

import (
	"strings"
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
	young, old map[remembered][]nearWord
	size       int // of young, bytes
	limit      int // of each, bytes
}

// remembered is what an answer of the search depends on.
type remembered struct {
	lists string // that were asked
	text  string
	loose bool
	join  bool // it was asked as a join of words
	kind  spelling.Kind
}

const (
	// mostMemory is how many bytes each dictionary remembers.
	mostMemory    = 16 << 20
	memoryOfEntry = 160 // what an answer takes beside its words: keys of both, their place in the map
	memoryOfWord  = 8   // nearWord
)

func newMemory() *memory {
	return &memory{young: map[remembered][]nearWord{}, limit: mostMemory / 2}
}

func (m *memory) find(key remembered) ([]nearWord, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	near, ok := m.young[key]
	if !ok {
		if near, ok = m.old[key]; ok {
			m.keep(key, near)
		}
	}
	return near, ok
}

// add remembers a copy and gives it back.
func (m *memory) add(key remembered, near []nearWord) []nearWord {
	near = append(make([]nearWord, 0, len(near)), near...)
	key.text, key.lists = strings.Clone(key.text), strings.Clone(key.lists)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keep(key, near)
	return near
}

func (m *memory) keep(key remembered, near []nearWord) {
	if _, twice := m.young[key]; twice {
		return
	}
	size := memoryOfEntry + len(key.text) + len(key.lists) + memoryOfWord*len(near)
	if size > m.limit {
		return
	}
	if m.size += size; m.size > m.limit {
		m.old, m.young, m.size = m.young, map[remembered][]nearWord{}, size
	}
	m.young[key] = near
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
	key := remembered{sc.lists, t.Text, t.Loose, join, t.Kind}
	near, ok := d.memory.find(key)
	if !ok {
		near = d.memory.add(key, d.search(sc, t, allowed))
	}
	return near
}
