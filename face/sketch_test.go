package face

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"bonafide/kyc"
)

// people makes unit vectors that lie in groups, two of a group alike by some
// 0.2, as faces of one age and sex are.
type people struct {
	r      *rand.Rand
	size   int
	groups [][]float32
}

func newPeople(seed uint64, size, groups int) *people {
	p := &people{r: rand.New(rand.NewPCG(seed, 2)), size: size}
	for range groups {
		p.groups = append(p.groups, p.any())
	}
	return p
}

func (p *people) any() []float32 {
	v := make([]float32, p.size)
	for i := range v {
		v[i] = float32(p.r.NormFloat64())
	}
	normalise(v)
	return v
}

func (p *people) one() []float32 {
	v, g := p.any(), p.groups[p.r.IntN(len(p.groups))]
	for i := range v {
		v[i] += g[i] / 2
	}
	normalise(v)
	return v
}

// again is another face with that cosine to the first.
func (p *people) again(v []float32, cos float64) []float32 {
	w := p.any()
	along := dot(v, w)
	for i := range w {
		w[i] -= along * v[i]
	}
	normalise(w)
	for i := range w {
		w[i] = float32(cos)*v[i] + float32(math.Sqrt(1-cos*cos))*w[i]
	}
	normalise(w)
	return w
}

func name(i int) kyc.ID { return kyc.ID(fmt.Sprintf("%07d", i)) }

// brute compares with all faces, without an index.
func brute(all [][]float32, v []float32, least float64, limit int) []Match {
	var out []Match
	for i, w := range all {
		if cos, ok := cosine(v, w); ok && cos >= least {
			out = append(out, Match{name(i), cos})
		}
	}
	slices.SortFunc(out, func(a, b Match) int { return cmp.Or(cmp.Compare(b.Cosine, a.Cosine), cmp.Compare(a.ID, b.ID)) })
	if limit > 0 && len(out) > limit {
		out = out[:limit]
	}
	return out
}

// TestAnIndexMissesNoPlantedFace holds the answers to brute force: the same
// faces in the same order, whatever the likeness asked for.
func TestAnIndexMissesNoPlantedFace(t *testing.T) {
	t.Parallel()
	for _, size := range []int{5, 64, 100, 128, 256} {
		p := newPeople(uint64(size), size, 8)
		var all [][]float32
		x := NewIndex("m")
		for len(all) < 3*blockSize/2 {
			v := p.one()
			all = append(all, v, p.again(v, 0.389), p.again(v, p.r.Float64()))
		}
		for i, v := range all {
			if err := x.Add(name(i), Template{"m", v}); err != nil {
				t.Fatal(err)
			}
		}
		for range 20 {
			i := p.r.IntN(len(all)/3) * 3
			least := []float64{0.388, 0.7, 0.95, -1}[p.r.IntN(4)]
			limit := []int{0, 1, 3, 50}[p.r.IntN(4)]
			got, err := x.Search(Template{"m", all[i]}, least, limit)
			if err != nil {
				t.Fatal(err)
			}
			// The index keeps vectors of unit length in single precision.
			want := brute(all, all[i], least, limit)
			if len(got) != len(want) {
				t.Fatalf("%d numbers, least %g, limit %d: %d matches, want %d", size, least, limit, len(got), len(want))
			}
			for k := range got {
				if got[k].ID != want[k].ID && math.Abs(got[k].Cosine-want[k].Cosine) > 1e-6 {
					t.Errorf("%d numbers, least %g, limit %d: match %d is %v, want %v", size, least, limit, k, got[k], want[k])
				}
			}
		}
	}
}

// TestNoReachIsBelowTheCosine tries vectors that fit a sketch badly, too.
func TestNoReachIsBelowTheCosine(t *testing.T) {
	t.Parallel()
	for _, size := range []int{64, 128, 256} {
		p := newPeople(3, size, 1)
		odd := map[string]func() []float32{
			"usual": p.one,
			"few large numbers": func() []float32 {
				v := p.any()
				for range 3 {
					v[p.r.IntN(size)] *= 1000
				}
				normalise(v)
				return v
			},
			"one number": func() []float32 { v := make([]float32, size); v[p.r.IntN(size)] = -1; return v },
			"all alike":  func() []float32 { v := slices.Repeat([]float32{1}, size); normalise(v); return v },
			"two values": func() []float32 { v := slices.Repeat([]float32{1, -2}, size/2); normalise(v); return v },
			"no negative": func() []float32 {
				v := p.any()
				for i := range v {
					v[i] = max(v[i], 0)
				}
				normalise(v)
				return v
			},
		}
		closest := math.Inf(1) // in standard deviations
		for one, make1 := range odd {
			for two, make2 := range odd {
				for range 100 {
					v, w := make1(), make2()
					if p.r.IntN(2) == 0 {
						w = p.again(v, []float64{0.388, 0.6, 0.9, 0.9999}[p.r.IntN(4)])
					}
					a, out := newAsk(v), make([]uint64, planes(size, faceBits))
					s := sketch(w, out, faceBits, faceStep)
					exact, _ := cosine(v, w)
					reach := a.reach(out, s)
					if reach < exact {
						t.Errorf("%d numbers, %s against %s: the reach %g is below %g", size, one, two, reach, exact)
					}
					closest = min(closest, (reach-exact)/(a.spread/deviations*math.Hypot(math.Hypot(float64(a.rest), float64(s.rest)), float64(a.rest*s.rest))))
				}
			}
		}
		// 3,600 pairs; a normal distribution comes within some 3.5 of 7.
		if closest < 1.5 {
			t.Errorf("%d numbers: an estimate is off by %.1f of %d deviations", size, deviations-closest, deviations)
		}
	}
}

// TestATurnKeepsLengthsAndCosines is what the sketches stand on.
func TestATurnKeepsLengthsAndCosines(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 5, 64, 100, 512} {
		p := newPeople(6, size, 1)
		v, w := p.any(), p.any()
		var vv, vw float64
		a, b := turn(v), turn(w)
		for i := range a {
			vv += a[i] * a[i]
			vw += a[i] * b[i]
		}
		if exact, _ := cosine(v, w); math.Abs(vv-1) > 1e-5 || math.Abs(vw-exact) > 1e-5 {
			t.Errorf("%d numbers: length %g, cosine %g, want %g", size, vv, vw, exact)
		}
	}
}

// TestASketchRulesMostFacesOut keeps the first look worth its time: where it
// lets more than one of twenty through, a search costs what comparing all costs.
func TestASketchRulesMostFacesOut(t *testing.T) {
	t.Parallel()
	p := newPeople(4, 256, 64)
	a, out, through := newAsk(p.one()), make([]uint64, planes(256, faceBits)), 0
	for range 10_000 {
		if a.reach(out, sketch(p.one(), out, faceBits, faceStep)) >= 0.388 {
			through++
		}
	}
	if through > 500 {
		t.Errorf("%d of 10,000 strangers are compared exactly", through)
	}
}

func TestAClearedIndexHoldsNoNumbers(t *testing.T) {
	t.Parallel()
	p, x := newPeople(5, 64, 1), NewIndex("m")
	for i := range blockSize + 10 {
		if err := x.Add(name(i), Template{"m", p.one()}); err != nil {
			t.Fatal(err)
		}
	}
	// The second block falls empty and is gone.
	for i := range 10 {
		if !x.Remove(name(i)) {
			t.Fatal(i)
		}
	}
	if len(x.blocks) != 1 || x.Len() != blockSize {
		t.Fatalf("%d blocks, %d faces", len(x.blocks), x.Len())
	}
	flat, sketches := x.blocks[0].flat, x.blocks[0].planes
	x.Clear()
	if x.Len() != 0 || slices.ContainsFunc(flat, func(v float32) bool { return v != 0 }) || slices.ContainsFunc(sketches, func(v uint64) bool { return v != 0 }) {
		t.Error("faces are left")
	}
	if err := x.Add("1", Template{"m", p.any()[:32]}); err != nil {
		t.Error("an empty index takes any length: ", err)
	}
}

func BenchmarkIndex(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		p, x := newPeople(1, 256, 64), NewIndex("m")
		for i := range n {
			if err := x.Add(name(i), Template{"m", p.one()}); err != nil {
				b.Fatal(err)
			}
		}
		planted := p.one()
		if err := x.Add("planted", Template{"m", planted}); err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				got, err := x.Search(Template{"m", p.again(planted, 0.4)}, 0.388, 10)
				if err != nil || !slices.ContainsFunc(got, func(m Match) bool { return m.ID == "planted" }) {
					b.Fatal(got, err)
				}
			}
		})
		b.Run(fmt.Sprint(n, " and the next"), func(b *testing.B) {
			for b.Loop() {
				got, next, err := x.Look(Template{"m", p.again(planted, 0.4)}, 0.388, nil)
				if err != nil || next.ID == "" || !slices.ContainsFunc(got, func(m Match) bool { return m.ID == "planted" }) {
					b.Fatal(got, next, err)
				}
			}
		})
	}
}
