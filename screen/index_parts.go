package screen

import (
	"math"
	"runtime"
	"slices"

	"bonafide/roster"
	"bonafide/spelling"
)

// partEntities is how many entries of a list one processor takes at a time.
const partEntities = 4096

// indexPart is what a run of entries says by itself: its words, each once, and
// its names as rows of them. Parts are made by all processors and joined in
// order, so that the index is the same however many there are.
type indexPart struct {
	entities []roster.Entity
	words    []spelling.Token // in the order in which they come first
	row      []uint32
	names    []partName
	numbers  []partNumber
	done     chan struct{}
}

// partName is a name with words; end is where its row ends.
type partName struct {
	entity uint32 // of the part
	end    uint32
	number uint16 // which of the entity's names
	family uint8
	weak   bool
}

type partNumber struct {
	key    string
	entity uint32
}

// eachPart has parts made on all processors and gives them to join in order,
// with the place of their first entry.
func eachPart(entities []roster.Entity, join func(first int, p *indexPart)) {
	workers := runtime.GOMAXPROCS(0)
	work, inOrder := make(chan *indexPart), make(chan *indexPart, workers)
	for range workers {
		go func() {
			byText := map[string]uint32{}
			for p := range work {
				clear(byText)
				p.make(byText)
				close(p.done)
			}
		}()
	}
	go func() {
		for some := range slices.Chunk(entities, partEntities) {
			p := &indexPart{entities: some, done: make(chan struct{})}
			inOrder <- p
			work <- p
		}
		close(work)
		close(inOrder)
	}()
	first := 0
	for p := range inOrder {
		<-p.done
		join(first, p)
		first += len(p.entities)
	}
}

// make reads the names of the part.
func (p *indexPart) make(byText map[string]uint32) {
	p.names, p.row = make([]partName, 0, 2*len(p.entities)), make([]uint32, 0, 6*len(p.entities))
	for e := range p.entities {
		of := &p.entities[e]
		for n, name := range of.Names {
			tokens := spelling.Words(name.Text, 0)
			if len(tokens) == 0 || n > math.MaxUint16 {
				continue
			}
			for i := range tokens {
				p.row = append(p.row, p.word(byText, &tokens[i]))
			}
			p.names = append(p.names, partName{entity: uint32(e), end: uint32(len(p.row)), number: uint16(n), family: familyWords(of, name.Text), weak: name.Quality == roster.QualityWeak})
		}
		for _, id := range of.Identifiers {
			if key := numberKey(id.Value); key != "" {
				p.numbers = append(p.numbers, partNumber{key, uint32(e)})
			}
		}
	}
}

// word finds or adds a word of the part.
func (p *indexPart) word(byText map[string]uint32, t *spelling.Token) uint32 {
	key := wordKey(*t)
	if id, ok := byText[key]; ok {
		return id
	}
	id := uint32(len(p.words))
	byText[key] = id
	t.Sound()
	p.words = append(p.words, *t)
	return id
}

// join takes a part over: its words get their numbers in the list.
func (x *index) join(byText map[string]uint32, df []uint32, first int, p *indexPart) []uint32 {
	number := make([]uint32, len(p.words))
	for i := range p.words {
		number[i] = x.word(byText, &p.words[i])
	}
	df = append(df, make([]uint32, x.vocabulary()-len(df))...)
	from := 0
	for _, n := range p.names {
		row := len(x.nameWords)
		for _, w := range p.row[from:n.end] {
			id := number[w]
			if !slices.Contains(x.nameWords[row:], id) {
				df[id]++
			}
			x.nameWords = append(x.nameWords, id)
		}
		from = int(n.end)
		last := &x.nameHeads[len(x.nameHeads)-1] // its words begin where those of the name before end
		last.family, last.weak = n.family, n.weak
		x.nameHeads = append(x.nameHeads, nameHead{words: uint32(len(x.nameWords))})
		x.nameEntity = append(x.nameEntity, uint32(first)+n.entity)
		x.nameNumber = append(x.nameNumber, n.number)
	}
	for _, n := range p.numbers {
		x.numbers.add(n.key, uint32(first)+n.entity)
	}
	return df
}

// word finds or adds a word of the list.
func (x *index) word(byText map[string]uint32, t *spelling.Token) uint32 {
	key := wordKey(*t)
	if id, ok := byText[key]; ok {
		return id
	}
	id := uint32(x.vocabulary())
	byText[key] = id
	x.lexicon.add(t)
	return id
}
