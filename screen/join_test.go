package screen

import (
	"math/rand/v2"
	"testing"
)

func TestJoinMissesNeverCountsTooMany(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 5))
	word := func(n int) token {
		const letters = "cshtkzdjpgxqwyoeaillrmnbv1"
		w := make([]byte, 1+r.IntN(n))
		for i := range w {
			w[i] = letters[r.IntN(len(letters))]
		}
		one := token{text: string(w), kind: kindOf(string(w))}
		one.fold = fold(one.text)
		return one
	}
	missed := 0
	for range 200_000 {
		run := []token{word(5), word(4), word(3)}[:2+r.IntN(2)]
		whole := partOf(&run[0])
		for i := range run[1:] {
			next := partOf(&run[1+i])
			whole.add(&next)
		}
		joined := joinTokens(run)
		if len(joined.fold) > int(whole.fold) {
			t.Fatalf("%v has %d letters, not %d", run, len(joined.fold), whole.fold)
		}
		q := word(12)
		if r.IntN(2) == 0 { // nearly the join itself
			cut := r.IntN(len(joined.text))
			q.text = joined.text[:cut] + q.text[:1] + joined.text[cut:]
			q.fold = fold(q.text)
		}
		hard, full := consonantCounts(q.fold)
		misses := joinMisses(hard, full, &whole)
		if misses > 0 {
			missed++
		}
		for _, k := range []*editCosts{strictCosts, looseCosts} {
			if d := slowDistance(k, q.fold, joined.fold); d < 100*int(misses) {
				t.Fatalf("%s and %s (%v) are %d apart, but %d letters were missed", q.fold, joined.fold, run, d, misses)
			}
		}
	}
	if missed < 20_000 {
		t.Errorf("only %d of the runs missed a letter: the test is too easy", missed)
	}
}
