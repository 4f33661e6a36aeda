package face

import (
	"cmp"
	"runtime"
	"slices"
	"sync"

	"bonafide/kyc"
)

// Match is a face of an index that is alike enough.
type Match struct {
	ID     kyc.ID
	Cosine float64 // -1 to 1
}

// blockSize is how many faces lie together: what one goroutine looks through at
// a time, and what the index grows by, so that growing copies no face.
const blockSize = 4096

// block holds up to blockSize faces one after the other.
type block struct {
	ids    []kyc.ID
	flat   []float32 // the vectors, each of unit length
	planes []uint64  // their sketches
	rest   []sketched
}

// Index finds a face again among many of one tenant and one model. A search
// looks at a sketch of every face, and compares exactly with every face whose
// sketch does not rule it out (docs/decisions/0023). The figures stand in
// docs/accuracy.md; a face of 256 numbers takes some 1.2 KB. It is safe for
// parallel use, and the same faces give the same answer in whatever order they
// came.
type Index struct {
	mu     sync.RWMutex
	model  string
	size   int // numbers of a vector
	blocks []*block
	place  map[kyc.ID]int // block and place in it: one number counts all faces
}

// NewIndex makes an empty one for templates of a model.
func NewIndex(model string) *Index { return &Index{model: model, place: map[kyc.ID]int{}} }

// Len is the number of faces.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.place)
}

// Add puts a face in, in place of one of the same id. Errors: Invalid
// template_model_differs, template_invalid.
func (x *Index) Add(id kyc.ID, t Template) *kyc.Error {
	v := slices.Clone(t.Vector)
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.check(t); err != nil {
		return err
	}
	if !normalise(v) {
		return kyc.Errorf(kyc.Invalid, "template_invalid", "the template is damaged")
	}
	x.size = len(v)
	at, ok := x.place[id]
	if !ok {
		at = len(x.place)
		x.place[id] = at
		if at/blockSize == len(x.blocks) {
			x.blocks = append(x.blocks, &block{})
		}
		x.blocks[at/blockSize].grow(x.size)
	}
	x.blocks[at/blockSize].set(at%blockSize, id, v)
	return nil
}

func (x *Index) check(t Template) *kyc.Error {
	if t.Model != x.model || x.size != 0 && len(t.Vector) != x.size {
		return kyc.Errorf(kyc.Invalid, "template_model_differs", "the template comes from another model than those of the index")
	}
	return nil
}

// grow makes room for one more face. What is moved to a larger room is
// overwritten where it was.
func (b *block) grow(size int) {
	n := len(b.ids) + 1
	b.ids = append(b.ids, "")
	b.rest = append(b.rest, sketched{})
	b.flat = widen(b.flat, n*size, blockSize*size)
	b.planes = widen(b.planes, n*planes(size, faceBits), blockSize*planes(size, faceBits))
}

// widen lengthens a slice to n of at most limit.
func widen[T any](s []T, n, limit int) []T {
	if n <= cap(s) {
		return s[:n]
	}
	larger := make([]T, n, min(max(2*n, limit/64), limit))
	copy(larger, s)
	clear(s)
	return larger
}

func (b *block) vector(i, size int) []float32 { return b.flat[i*size : (i+1)*size] }

func (b *block) sketch(i, words int) []uint64 { return b.planes[i*words : (i+1)*words] }

func (b *block) set(i int, id kyc.ID, v []float32) {
	b.ids[i] = id
	copy(b.vector(i, len(v)), v)
	b.rest[i] = sketch(v, b.sketch(i, planes(len(v), faceBits)), faceBits, faceStep)
}

// Remove takes a face out; false where it was not in. Its numbers are
// overwritten.
func (x *Index) Remove(id kyc.ID) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	at, ok := x.place[id]
	if !ok {
		return false
	}
	words, last := planes(x.size, faceBits), len(x.place)-1
	from, to := x.blocks[last/blockSize], x.blocks[at/blockSize]
	i, j := last%blockSize, at%blockSize
	to.ids[j], to.rest[j] = from.ids[i], from.rest[i]
	x.place[to.ids[j]] = at
	delete(x.place, id)
	copy(to.vector(j, x.size), from.vector(i, x.size))
	copy(to.sketch(j, words), from.sketch(i, words))
	clear(from.vector(i, x.size))
	clear(from.sketch(i, words))
	from.ids[i], from.rest[i] = "", sketched{}
	from.ids, from.rest = from.ids[:i], from.rest[:i]
	from.flat, from.planes = from.flat[:i*x.size], from.planes[:i*words]
	if i == 0 {
		x.blocks = slices.Delete(x.blocks, len(x.blocks)-1, len(x.blocks))
	}
	return true
}

// Clear takes all faces out and overwrites their numbers.
func (x *Index) Clear() {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, b := range x.blocks {
		clear(b.flat)
		clear(b.planes)
	}
	x.blocks, x.size = nil, 0
	clear(x.place)
}

// Search gives the faces whose cosine with a template is at least least, the
// most alike first and equals by id; limit 0 gives all. Errors: as of Add.
func (x *Index) Search(t Template, least float64, limit int) ([]Match, *kyc.Error) {
	found, _, err := x.look(t, hits{least: least, limit: limit, nearest: -2})
	return found, err
}

// Look gives, among the faces that allow says yes to (nil: all), those whose
// cosine is at least least as Search does, and the one that comes nearest to
// them from below; Cosine -2 where there is none. allow is called from several
// goroutines, for few faces. Errors: as of Add.
func (x *Index) Look(t Template, least float64, allow func(kyc.ID) bool) (found []Match, nearest Match, err *kyc.Error) {
	return x.look(t, hits{least: least, below: true, allow: allow, nearest: -2})
}

func (x *Index) look(t Template, h hits) ([]Match, Match, *kyc.Error) {
	none := Match{Cosine: -2}
	v := slices.Clone(t.Vector)
	x.mu.RLock()
	defer x.mu.RUnlock()
	if err := x.check(t); err != nil {
		return nil, none, err
	}
	if !normalise(v) {
		return nil, none, kyc.Errorf(kyc.Invalid, "template_invalid", "the template is damaged")
	}
	if len(x.blocks) == 0 {
		return nil, none, nil
	}
	a := newAsk(v)
	workers := min(runtime.GOMAXPROCS(0), len(x.blocks))
	found := make([]hits, workers)
	var all sync.WaitGroup
	for w := range workers {
		found[w] = h
		mine := x.blocks[len(x.blocks)*w/workers : len(x.blocks)*(w+1)/workers]
		all.Go(func() {
			for _, b := range mine {
				b.scan(&a, &found[w])
			}
		})
	}
	all.Wait()
	out := hits{limit: h.limit, nearest: -2}
	for _, h := range found {
		out.found = append(out.found, h.found...)
		if h.nearest > -2 {
			out.second(Match{h.who, h.nearest})
		}
	}
	out.sort()
	return out.found, Match{out.who, out.nearest}, nil
}

// hits are the matches of one goroutine.
type hits struct {
	least float64 // what a match needs
	limit int
	found []Match
	// below says that the nearest face under least is looked for, too: who it
	// is, and its cosine so far.
	below   bool
	who     kyc.ID
	nearest float64
	allow   func(kyc.ID) bool
}

// wanted is the cosine from which a face is looked at exactly.
func (h *hits) wanted() float64 {
	if h.below {
		return min(h.least, h.nearest)
	}
	return h.least
}

// second notes a face that is no match; of equals the first by id.
func (h *hits) second(m Match) {
	if m.Cosine > h.nearest || m.Cosine == h.nearest && m.ID < h.who {
		h.who, h.nearest = m.ID, m.Cosine
	}
}

func (h *hits) add(m Match) {
	h.found = append(h.found, m)
	// Where only the best are asked for, those that are kept say what the
	// others need: as much at least, because equals go by id.
	if h.limit > 0 && len(h.found) >= 2*h.limit+16 {
		h.sort()
		h.least = h.found[h.limit-1].Cosine
	}
}

// sort puts the best first and drops what is over the limit.
func (h *hits) sort() {
	slices.SortFunc(h.found, func(a, b Match) int {
		return cmp.Or(cmp.Compare(b.Cosine, a.Cosine), cmp.Compare(a.ID, b.ID))
	})
	if h.limit > 0 && len(h.found) > h.limit {
		h.found = h.found[:h.limit]
	}
}

// scan compares with the faces of a block.
func (b *block) scan(a *ask, h *hits) {
	size, words := len(a.vector), planes(len(a.vector), faceBits)
	worst := float32(0)
	for _, s := range b.rest {
		worst = max(worst, s.rest)
	}
	most, wanted := a.margin(worst), h.wanted()
	for i, s := range b.rest {
		// Nearly all end at the first look, which takes no root.
		estimate := a.estimate(b.sketch(i, words), s)
		if estimate+most < wanted || estimate+a.margin(s.rest) < wanted {
			continue
		}
		w := b.vector(i, size)
		// The quick sum decides what is looked at exactly; it errs by less
		// than a thousandth.
		if float64(dot(a.vector, w)) < wanted-0.001 {
			continue
		}
		cos, ok := cosine(a.vector, w)
		switch {
		case !ok || cos < wanted || h.allow != nil && !h.allow(b.ids[i]):
			continue
		case cos >= h.least:
			h.add(Match{b.ids[i], cos})
		default:
			h.second(Match{b.ids[i], cos})
		}
		wanted = h.wanted()
	}
}

// dot is the product of two vectors of one length, in eight sums.
func dot(a, b []float32) float32 {
	var s0, s1, s2, s3, s4, s5, s6, s7 float32
	b = b[:len(a)]
	for len(a) >= 8 && len(b) >= 8 {
		s0 += a[0] * b[0]
		s1 += a[1] * b[1]
		s2 += a[2] * b[2]
		s3 += a[3] * b[3]
		s4 += a[4] * b[4]
		s5 += a[5] * b[5]
		s6 += a[6] * b[6]
		s7 += a[7] * b[7]
		a, b = a[8:], b[8:]
	}
	for i := range a {
		s0 += a[i] * b[i]
	}
	return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7))
}
