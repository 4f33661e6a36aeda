package face

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"bonafide/kyc"
)

// crowd makes templates of n people, two of each.
func crowd(n, size int) []Template {
	r := rand.New(rand.NewPCG(1, 2))
	var out []Template
	for range n {
		v := make([]float32, size)
		for i := range v {
			v[i] = float32(r.NormFloat64())
		}
		again := slices.Clone(v)
		for i := range again {
			again[i] += float32(r.NormFloat64() * 0.5)
		}
		out = append(out, Template{"m", v}, Template{"m", again})
	}
	return out
}

func TestAnIndexFindsWhatComparingAllFinds(t *testing.T) {
	t.Parallel()
	people := crowd(5000, 64) // 10,000 faces: more than one goroutine's share
	x, backwards := NewIndex("m"), NewIndex("m")
	for i := range people {
		for _, err := range []*kyc.Error{x.Add(kyc.ID(fmt.Sprintf("%05d", i)), people[i]), backwards.Add(kyc.ID(fmt.Sprintf("%05d", len(people)-1-i)), people[len(people)-1-i])} {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, q := range []int{0, 77, 4095, 9999} {
		var want []Match
		for i, p := range people {
			if cos, ok := cosine(people[q].Vector, p.Vector); ok && cos >= 0.3 {
				want = append(want, Match{kyc.ID(fmt.Sprintf("%05d", i)), cos})
			}
		}
		slices.SortFunc(want, func(a, b Match) int { return cmp.Or(cmp.Compare(b.Cosine, a.Cosine), cmp.Compare(a.ID, b.ID)) })
		for name, x := range map[string]*Index{"forwards": x, "backwards": backwards} {
			got, err := x.Search(people[q], 0.3, 0)
			if err != nil || len(got) != len(want) || len(got) < 2 {
				t.Fatalf("%s: %d matches, want %d: %v", name, len(got), len(want), err)
			}
			for i := range got {
				if got[i].ID != want[i].ID && math.Abs(got[i].Cosine-want[i].Cosine) > 1e-6 {
					t.Errorf("%s: match %d is %v, want %v", name, i, got[i], want[i])
				}
			}
			if got, _ := x.Search(people[q], 0.3, 1); len(got) != 1 || got[0].ID != kyc.ID(fmt.Sprintf("%05d", q)) {
				t.Errorf("%s: the most alike is %v", name, got)
			}
		}
	}
}

func TestAFaceThatWasTakenOutIsNotFound(t *testing.T) {
	t.Parallel()
	people := crowd(3, 16)
	x := NewIndex("m")
	for i, p := range people {
		if err := x.Add(kyc.ID(fmt.Sprint(i)), p); err != nil {
			t.Fatal(err)
		}
	}
	if !x.Remove("0") || x.Remove("0") || x.Len() != 5 {
		t.Fatal("it was not taken out")
	}
	for i := 1; i < 6; i++ {
		got, err := x.Search(people[i], 0.999, 0)
		if err != nil || len(got) != 1 || got[0].ID != kyc.ID(fmt.Sprint(i)) {
			t.Errorf("%d: %v %v", i, got, err)
		}
	}
	if got, _ := x.Search(people[0], 0.999, 0); len(got) != 0 {
		t.Errorf("still found: %v", got)
	}
	b := x.blocks[0]
	for _, v := range b.flat[len(b.flat):cap(b.flat)] {
		if v != 0 {
			t.Fatal("its numbers are still in memory")
		}
	}
	for _, v := range b.planes[len(b.planes):cap(b.planes)] {
		if v != 0 {
			t.Fatal("its sketch is still in memory")
		}
	}
	// The same id again is another face.
	if err := x.Add("1", people[0]); err != nil || x.Len() != 5 {
		t.Error(err)
	}
	if got, _ := x.Search(people[0], 0.999, 0); len(got) != 1 || got[0].ID != "1" {
		t.Errorf("replaced: %v", got)
	}
	for name, c := range map[string]struct {
		t    Template
		code string
	}{
		"another model":  {Template{"other", people[0].Vector}, "template_model_differs"},
		"another length": {Template{"m", people[0].Vector[:8]}, "template_model_differs"},
		"no length":      {Template{"m", make([]float32, 16)}, "template_invalid"},
		"no number":      {Template{"m", append(slices.Clone(people[0].Vector[:15]), float32(math.Inf(1)))}, "template_invalid"},
	} {
		if err := x.Add("9", c.t); err == nil || err.Code != c.code {
			t.Errorf("adding %s: %v", name, err)
		}
		if _, err := x.Search(c.t, 0, 0); err == nil || err.Code != c.code {
			t.Errorf("searching %s: %v", name, err)
		}
	}
	if got, err := NewIndex("m").Search(people[0], 0, 0); err != nil || len(got) != 0 {
		t.Error(got, err)
	}
}

func TestAnIndexIsSafeForManyAtATime(t *testing.T) {
	t.Parallel()
	people := crowd(50, 16)
	x := NewIndex("m")
	var all sync.WaitGroup
	for i, p := range people {
		all.Go(func() {
			id := kyc.ID(fmt.Sprint(i))
			if err := x.Add(id, p); err != nil {
				t.Error(err)
			}
			if got, err := x.Search(p, 0.999, 0); err != nil || !slices.ContainsFunc(got, func(m Match) bool { return m.ID == id }) {
				t.Errorf("%d: %v %v", i, got, err)
			}
			if i%2 == 0 {
				x.Remove(id)
			}
		})
	}
	all.Wait()
	if x.Len() != 50 {
		t.Errorf("%d faces are left", x.Len())
	}
}
