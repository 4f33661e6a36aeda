package screen

import (
	"hash/maphash"
	"slices"
	"sync"

	"bonafide/spelling"
)

// Audience is who is monitored, kept in memory for the moment in which a list
// changes: it finds the parties that changed entries may mean among many
// thousands in milliseconds. It holds the words of names and hashes of numbers,
// no birth date and no country, and nothing of it is ever written to disk. A
// hundred thousand persons take some 40 MB; nobody takes nothing.
//
// Who fills it keeps it current. It is a shortcut to those who are asked for
// first and no record of who must be: a party that is missing here is found by
// whoever looks at all of them.
type Audience struct {
	mu     sync.RWMutex
	seed   maphash.Seed
	groups map[string]uint32
	titles []string // by group
	seats  map[seat]uint32
	people []listener
	words  []heardWord
	known  map[spelt]uint32
	gone   int // of people
	epoch  int // raised when people and words are numbered anew
}

// seat is where a party is found: a key that is unique within its group.
type seat struct {
	group uint32
	key   string
}

// listener is one monitored party. key is empty for one who left.
type listener struct {
	seat
	sum uint64 // of what was put
	// rows are the words of each of its names, with their number before them.
	rows    []uint32
	numbers []uint64
	least   int32 // threshold in points
	// blind: Match refuses to ask for it, so nobody can say that it is not
	// meant.
	blind bool
}

// heardWord is a word of the parties.
type heardWord struct {
	shapedWord
	part part
}

// Heard names a party of an audience.
type Heard struct{ Group, Key string }

// NewAudience makes an empty one.
func NewAudience() *Audience { return &Audience{seed: maphash.MakeSeed()} }

// Put adds a party or replaces it: its names, numbers and threshold are those of
// the query; whatever else the query says is not kept.
func (a *Audience) Put(group, key string, q Query) {
	sum := a.sum(&q)
	if a.has(group, key, sum) {
		return
	}
	p, err := prepare(q)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.groups == nil {
		a.groups, a.seats, a.known = map[string]uint32{}, map[seat]uint32{}, map[spelt]uint32{}
	}
	g, ok := a.groups[group]
	if !ok {
		g = uint32(len(a.titles))
		a.groups[group], a.titles = g, append(a.titles, group)
	}
	at := seat{g, key}
	if old, ok := a.seats[at]; ok {
		a.leave(old)
	}
	l := listener{seat: at, sum: sum}
	if err != nil {
		l.blind = true
	} else {
		l.least = int32(p.threshold)
		size := 0
		for _, name := range p.names {
			size += 1 + len(name)
		}
		l.rows = make([]uint32, 0, size)
		for _, name := range p.names {
			l.rows = append(l.rows, uint32(len(name)))
			for i := range name {
				l.rows = append(l.rows, a.word(&name[i]))
			}
		}
		for _, n := range p.numbers {
			l.numbers = append(l.numbers, numberHash(n))
		}
	}
	a.seats[at] = uint32(len(a.people))
	a.people = append(a.people, l)
}

func (a *Audience) sum(q *Query) uint64 {
	var h maphash.Hash
	h.SetSeed(a.seed)
	put := func(s string) {
		_, _ = h.WriteString(s) // a hash takes everything
		_ = h.WriteByte(0)
	}
	put(q.Name)
	put(q.FirstName)
	put(q.LastName)
	for _, s := range q.Aliases {
		put(s)
	}
	put("")
	for _, s := range q.Identifiers {
		put(s)
	}
	maphash.WriteComparable(&h, q.Threshold)
	return h.Sum64()
}

// has reports whether a party stands there with just this content.
func (a *Audience) has(group, key string, sum uint64) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	at, ok := a.seat(group, key)
	return ok && a.people[at].sum == sum
}

func (a *Audience) seat(group, key string) (uint32, bool) {
	g, ok := a.groups[group]
	if !ok {
		return 0, false
	}
	at, ok := a.seats[seat{g, key}]
	return at, ok
}

// Has reports whether a party is in the audience.
func (a *Audience) Has(group, key string) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	_, ok := a.seat(group, key)
	return ok
}

// Len is how many parties there are.
func (a *Audience) Len() int {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return len(a.seats)
}

// Remove takes a party out; one that is not there is gone already.
func (a *Audience) Remove(group, key string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if at, ok := a.seat(group, key); ok {
		delete(a.seats, a.people[at].seat)
		a.leave(at)
		a.tidy()
	}
}

// Drop takes a whole group out.
func (a *Audience) Drop(group string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	g, ok := a.groups[group]
	if !ok {
		return
	}
	for i := range a.people {
		if l := &a.people[i]; l.group == g && l.key != "" {
			delete(a.seats, l.seat)
			a.leave(uint32(i))
		}
	}
	a.tidy()
}

// Clear takes everybody out.
func (a *Audience) Clear() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.groups, a.titles, a.seats, a.people, a.words, a.known, a.gone = nil, nil, nil, nil, nil, nil, 0
	a.epoch++
}

// leave empties a place. The words stay until the next tidying.
func (a *Audience) leave(at uint32) {
	a.people[at] = listener{}
	a.gone++
}

// tidy numbers people and words anew when most of the places are empty, so
// that nothing is left of who went.
func (a *Audience) tidy() {
	if a.gone <= len(a.seats) && a.gone < 10_000 {
		return
	}
	people, words := a.people, a.words
	a.people, a.words, a.known, a.gone = make([]listener, 0, len(a.seats)), nil, map[spelt]uint32{}, 0
	a.epoch++
	for i := range people {
		l := people[i]
		if l.key == "" {
			continue
		}
		for at := 0; at < len(l.rows); {
			n := int(l.rows[at])
			for k := at + 1; k <= at+n; k++ {
				l.rows[k] = a.word(&words[l.rows[k]].Token)
			}
			at += n + 1
		}
		a.seats[l.seat] = uint32(len(a.people))
		a.people = append(a.people, l)
	}
}

// word finds or adds a word of the parties.
func (a *Audience) word(t *spelling.Token) uint32 {
	key := spelt{t.Text, t.Loose, t.Kind}
	at, ok := a.known[key]
	if ok {
		return at
	}
	at = uint32(len(a.words))
	w := heardWord{shapedWord: shaped(t), part: partOf(t)}
	w.Orig = "" // what was written is not needed, and would be kept whole
	a.known[key], a.words = at, append(a.words, w)
	return at
}

// scanAtOnce is how many parties are compared before writers get their turn.
const scanAtOnce = 4096

// Touched lists the parties that the changed entries may mean, in no order: all
// whom Match finds among these entries by the threshold they were put with, and
// some others.
func (a *Audience) Touched(c *Changes) []Heard {
	for {
		if out, ok := a.scan(c); ok {
			return out
		}
	}
}

// scan is Touched, unless people and words were numbered anew in its middle.
func (a *Audience) scan(c *Changes) (out []Heard, ok bool) {
	m := newMeeting(c)
	var heard []closeWords // by word
	a.mu.RLock()
	epoch := a.epoch
	a.mu.RUnlock()
	for from := 0; ; from += scanAtOnce {
		a.mu.RLock()
		if a.epoch != epoch {
			a.mu.RUnlock()
			return nil, false
		}
		if from >= len(a.people) {
			a.mu.RUnlock()
			return out, true
		}
		for i := len(heard); i < len(a.words); i++ {
			heard = append(heard, m.close(&a.words[i].shapedWord))
		}
		for i := from; i < min(from+scanAtOnce, len(a.people)); i++ {
			if l := &a.people[i]; l.key != "" && a.means(m, l, heard) {
				out = append(out, Heard{a.titles[l.group], l.key})
			}
		}
		a.mu.RUnlock()
	}
}

// means reports whether one of the changed entries may be a party.
func (a *Audience) means(m *meeting, l *listener, heard []closeWords) bool {
	if l.blind || slices.ContainsFunc(l.numbers, func(n uint64) bool { return m.numbers[n] > 0 }) {
		return true
	}
	least := enoughFor(int(l.least))
	for at := 0; at < len(l.rows); {
		n := int(l.rows[at])
		row := l.rows[at+1 : at+1+n]
		at += n + 1
		for i, w := range row {
			m.word(i, heard[w])
		}
		for i := range row {
			m.joined(i, len(row), func(k int) *part { return &a.words[row[k]].part }, func(k int) *spelling.Token { return &a.words[row[k]].Token })
		}
		if len(m.found) == 0 {
			continue
		}
		name := make([]spelling.Token, n)
		for i, w := range row {
			name[i] = a.words[w].Token
		}
		if m.decide(name, least) {
			return true
		}
	}
	return false
}

// Touches reports whether one of the changed entries may be the party of a
// query: it is true whenever Match finds one of them by the threshold of the
// query, and for some others.
func (c *Changes) Touches(q Query) bool {
	p, err := prepare(q)
	if err != nil {
		return true
	}
	for _, n := range p.numbers {
		if c.numbers[numberHash(n)] > 0 {
			return true
		}
	}
	m := newMeeting(c)
	least := enoughFor(p.threshold)
	for _, name := range p.names {
		parts := make([]part, len(name))
		for i := range name {
			w := shaped(&name[i])
			parts[i] = partOf(&name[i])
			m.word(i, m.close(&w))
		}
		for i := range name {
			m.joined(i, len(name), func(k int) *part { return &parts[k] }, func(k int) *spelling.Token { return &name[k] })
		}
		if m.decide(name, least) {
			return true
		}
	}
	return false
}

// Standing is a moment in the life of the lists: two are equal when no list was
// replaced, added or tried between them.
type Standing struct{ of *state }

// Standing tells the moment that the lists are at; it costs nothing.
func (s *Screener) Standing() Standing { return Standing{s.state.Load()} }
