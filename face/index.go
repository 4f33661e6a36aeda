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

// Index finds a face again among many of one tenant and one model. Every
// search compares with every face, exactly; the figures for which that is
// quick enough stand in docs/accuracy.md. It is safe for parallel use, and the
// same faces give the same answer in whatever order they came.
type Index struct {
	mu    sync.RWMutex
	model string
	size  int // numbers of a vector
	ids   []kyc.ID
	flat  []float32 // the vectors one after the other, each of unit length
	place map[kyc.ID]int
}

// NewIndex makes an empty one for templates of a model.
func NewIndex(model string) *Index { return &Index{model: model, place: map[kyc.ID]int{}} }

// Len is the number of faces.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.ids)
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
	if i, ok := x.place[id]; ok {
		copy(x.flat[i*x.size:], v)
		return nil
	}
	x.place[id] = len(x.ids)
	x.ids, x.flat = append(x.ids, id), append(x.flat, v...)
	return nil
}

func (x *Index) check(t Template) *kyc.Error {
	if t.Model != x.model || x.size != 0 && len(t.Vector) != x.size {
		return kyc.Errorf(kyc.Invalid, "template_model_differs", "the template comes from another model than those of the index")
	}
	return nil
}

// Remove takes a face out; false where it was not in. Its numbers are
// overwritten.
func (x *Index) Remove(id kyc.ID) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	i, ok := x.place[id]
	if !ok {
		return false
	}
	last := len(x.ids) - 1
	copy(x.flat[i*x.size:(i+1)*x.size], x.flat[last*x.size:])
	clear(x.flat[last*x.size:])
	x.flat = x.flat[:last*x.size]
	x.ids[i] = x.ids[last]
	x.place[x.ids[i]] = i
	x.ids = x.ids[:last]
	delete(x.place, id)
	return true
}

// share is how many faces one goroutine compares at least.
const share = 4096

// Search gives the faces whose cosine with a template is at least least, the
// most alike first and equals by id; limit 0 gives all. Errors: as of Add.
func (x *Index) Search(t Template, least float64, limit int) ([]Match, *kyc.Error) {
	v := slices.Clone(t.Vector)
	x.mu.RLock()
	defer x.mu.RUnlock()
	if err := x.check(t); err != nil {
		return nil, err
	}
	if !normalise(v) {
		return nil, kyc.Errorf(kyc.Invalid, "template_invalid", "the template is damaged")
	}
	if len(x.ids) == 0 {
		return nil, nil
	}
	workers := min(runtime.GOMAXPROCS(0), len(x.ids)/share+1)
	found := make([][]Match, workers)
	var all sync.WaitGroup
	for w := range workers {
		from, to := len(x.ids)*w/workers, len(x.ids)*(w+1)/workers
		all.Go(func() { found[w] = x.scan(v, least, from, to) })
	}
	all.Wait()
	out := slices.Concat(found...)
	slices.SortFunc(out, func(a, b Match) int {
		return cmp.Or(cmp.Compare(b.Cosine, a.Cosine), cmp.Compare(a.ID, b.ID))
	})
	if limit > 0 && len(out) > limit {
		out = out[:limit]
	}
	return out, nil
}

// scan compares with the faces from one place to another.
func (x *Index) scan(v []float32, least float64, from, to int) []Match {
	var out []Match
	for i := from; i < to; i++ {
		w := x.flat[i*x.size : (i+1)*x.size]
		// The quick sum decides what is looked at exactly; it errs by less
		// than a thousandth.
		if float64(dot(v, w)) < least-0.001 {
			continue
		}
		if cos, ok := cosine(v, w); ok && cos >= least {
			out = append(out, Match{x.ids[i], cos})
		}
	}
	return out
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
