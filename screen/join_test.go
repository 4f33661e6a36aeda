package screen

import (
	"math/rand/v2"
	"testing"

	"bonafide/spelling"
)

func TestJoinMissesNeverCountsTooMany(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 5))
	word := func(n int) spelling.Token {
		const letters = "cshtkzdjpgxqwyoeaillrmnbv1"
		w := make([]byte, 1+r.IntN(n))
		for i := range w {
			w[i] = letters[r.IntN(len(letters))]
		}
		one := spelling.Token{Text: string(w), Kind: spelling.KindOf(string(w))}
		one.Fold = spelling.Fold(one.Text)
		return one
	}
	missed := 0
	for range 200_000 {
		run := []spelling.Token{word(5), word(4), word(3)}[:2+r.IntN(2)]
		whole := partOf(&run[0])
		for i := range run[1:] {
			next := partOf(&run[1+i])
			whole.add(&next)
		}
		joined := joinTokens(run)
		if len(joined.Fold) > int(whole.fold) {
			t.Fatalf("%v has %d letters, not %d", run, len(joined.Fold), whole.fold)
		}
		q := word(12)
		if r.IntN(2) == 0 { // nearly the join itself
			cut := r.IntN(len(joined.Text))
			q.Text = joined.Text[:cut] + q.Text[:1] + joined.Text[cut:]
			q.Fold = spelling.Fold(q.Text)
		}
		hard, full := consonantCounts(q.Fold)
		misses := joinMisses(hard, full, &whole)
		if misses > 0 {
			missed++
		}
		for _, k := range []*spelling.EditCosts{spelling.StrictCosts, spelling.LooseCosts} {
			if d := slowDistance(k, q.Fold, joined.Fold); d < 100*int(misses) {
				t.Fatalf("%s and %s (%v) are %d apart, but %d letters were missed", q.Fold, joined.Fold, run, d, misses)
			}
		}
	}
	if missed < 20_000 {
		t.Errorf("only %d of the runs missed a letter: the test is too easy", missed)
	}
}
