package spelling

import "math/bits"

// editRules are the costs of editing one folded word into another, in
// hundredths of a letter.
type editRules struct {
	letter    int // another consonant, one too many, one missing
	sameClass int // b/p, d/t, l/r, s/z …
	vowel     int // one vowel for another
	vowelGap  int // a vowel too many or missing
	hGap      int // an h or a glide too many or missing
	swap      int // two neighbours exchanged
}

// EditCosts are the rules as tables over letter codes.
type EditCosts struct {
	Sub  [64][64]uint8
	Gap  [64]uint8
	Swap int
	// least that it costs to edit a vowel, an h, a j or a v away.
	Least [4]int32
}

// StrictCosts are for words written in Latin, LooseCosts for words that come
// from a script which leaves vowels or the difference of some consonants open.
var (
	StrictCosts = editRules{letter: 100, sameClass: 75, vowel: 50, vowelGap: 60, hGap: 45, swap: 85}.costs()
	LooseCosts  = editRules{letter: 100, sameClass: 25, vowel: 25, vowelGap: 15, hGap: 20, swap: 100}.costs()
)

const MaxWordBytes = 40

// LetterCode numbers a-z from 0 and 0-9 from 26.
func LetterCode(c byte) uint8 {
	if c >= 'a' {
		return (c - 'a') & 63
	}
	return (c - '0' + 26) & 63
}

func isVowel(c byte) bool { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' }

func (r editRules) costs() *EditCosts {
	turned := r.vowel + 10 // between vowel and consonant
	k := &EditCosts{Swap: r.swap, Least: [4]int32{
		int32(min(r.vowel, r.vowelGap)), int32(min(r.hGap, r.letter)), int32(min(r.hGap, r.sameClass, turned)), int32(min(r.letter, r.sameClass, turned)),
	}}
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	for i := range len(letters) {
		a := letters[i]
		k.Gap[LetterCode(a)] = uint8(r.gapCost(a))
		for j := range len(letters) {
			k.Sub[LetterCode(a)][LetterCode(letters[j])] = uint8(r.subCost(a, letters[j]))
		}
	}
	return k
}

func (r editRules) gapCost(c byte) int {
	switch {
	case isVowel(c):
		return r.vowelGap
	case c == 'h' || c == 'j':
		return r.hGap
	}
	return r.letter
}

func (r editRules) subCost(a, b byte) int {
	switch {
	case a == b:
		return 0
	case isVowel(a) && isVowel(b):
		return r.vowel
	case Class(a) == Class(b):
		return r.sameClass
	case (a == 'j' || a == 'v') && isVowel(b), (b == 'j' || b == 'v') && isVowel(a):
		return r.vowel + 10 // y and w between vowel and consonant
	}
	return r.letter
}

// ClassMask has a bit for each class of consonants in a word, glides left
// out. A class that only one of two words has costs at least one letter.
func ClassMask(fold string) uint8 {
	var m uint8
	for i := 0; i < len(fold); i++ {
		switch fold[i] {
		case 'b', 'p', 'f':
			m |= 1
		case 'd', 't':
			m |= 2
		case 'g', 'k':
			m |= 4
		case 's', 'z', 'x':
			m |= 8
		case 'l', 'r':
			m |= 16
		case 'm', 'n':
			m |= 32
		}
	}
	return m
}

// Distance is the cheapest way from a to b (restricted Damerau-Levenshtein
// with the costs above). It gives up and answers more than limit when it
// cannot stay below, or when a word is longer than MaxWordBytes.
func (k *EditCosts) Distance(a, b string, limit int) int {
	if len(a) > MaxWordBytes || len(b) > MaxWordBytes {
		return limit + 1
	}
	var rows [3][MaxWordBytes + 1]int32
	var codes [MaxWordBytes]uint8
	prev2, prev, cur := &rows[0], &rows[1], &rows[2]
	for j := 0; j < len(b); j++ {
		codes[j] = LetterCode(b[j])
		prev[j+1] = prev[j] + int32(k.Gap[codes[j]&63])
	}
	var before uint8
	passed := 0 // the least of the row before
	for i := 0; i < len(a); i++ {
		ca := LetterCode(a[i]) & 63
		ga := int32(k.Gap[ca])
		sub := &k.Sub[ca]
		left := prev[0] + ga
		cur[0] = left
		best := left
		for j := 0; j < len(b); j++ {
			cb := codes[j] & 63
			d := prev[j] + int32(sub[cb])
			if x := prev[j+1] + ga; x < d {
				d = x
			}
			if x := left + int32(k.Gap[cb]); x < d {
				d = x
			}
			if i > 0 && j > 0 && ca == codes[j-1] && before == cb {
				if x := prev2[j-1] + int32(k.Swap); x < d {
					d = x
				}
			}
			cur[j+1] = d
			left = d
			if d < best {
				best = d
			}
		}
		// A way to the end passes this row or leaps over it by an exchange.
		if int(best) > limit && passed+k.Swap > limit {
			return limit + 1
		}
		before, passed = ca, int(best)
		prev2, prev, cur = prev, cur, prev2
	}
	return int(prev[len(b)])
}

const (
	// Similarities of rules that are not measured by editing.
	SimSpelling       = 0.97
	SimTransliterated = 0.96
	SimNickname       = 0.90
	SimInitial        = 0.72
	// MinSimilar is the least: less similar words have nothing to do with each other.
	MinSimilar = 0.62
)

// Allowance is how much editing leaves two words similar enough.
type Allowance struct {
	Least  float64
	Limits [MaxWordBytes + 1]int32 // by the letters of the longer word
}

// Allow is the allowance of words that are similar to this degree at least, 0-1.
func Allow(least float64) *Allowance {
	a := &Allowance{Least: least}
	for n := range a.Limits {
		a.Limits[n] = int32(editLimit(n, least))
		if least > MinSimilar {
			a.Limits[n]++ // for the rounding; least decides
		}
	}
	return a
}

// AnySimilar leaves all words similar enough that may have to do with each other.
var AnySimilar = Allow(MinSimilar)

// Similarity of two words, 0-1, and the rule that found it. Below MinSimilar
// it answers 0: such words have nothing to do with each other.
func Similarity(a, b *Token) (float64, string) { return SimilarityWithin(a, b, AnySimilar) }

// SimilarityWithin answers what Similarity answers where that is allowed; less
// than that it may answer 0.
func SimilarityWithin(a, b *Token, allowed *Allowance) (float64, string) {
	if a.Text == b.Text && a.Loose == b.Loose {
		return 1, "exact"
	}
	if a.Text == b.Text {
		return SimTransliterated, "transliteration"
	}
	if a.Kind == KindNumber || b.Kind == KindNumber || a.Kind == KindLegal || b.Kind == KindLegal {
		return 0, ""
	}
	if a.Kind == KindInitial || b.Kind == KindInitial {
		if a.Text[0] == b.Text[0] {
			return SimInitial, "initial"
		}
		return 0, ""
	}
	loose := a.Loose || b.Loose
	if a.Fold == b.Fold {
		if loose {
			return SimTransliterated, "transliteration"
		}
		return SimSpelling, "spelling"
	}
	costs, rule := StrictCosts, "edit"
	if loose {
		costs, rule = LooseCosts, "transliteration"
	}
	n := max(len(a.Fold), len(b.Fold))
	limit, d := 0, 1
	// A longer word is not measured.
	if only := max(bits.OnesCount8(a.Mask&^b.Mask), bits.OnesCount8(b.Mask&^a.Mask)); n <= MaxWordBytes && 100*only <= int(AnySimilar.Limits[n]) {
		limit = int(allowed.Limits[n])
		d = costs.Distance(a.Fold, b.Fold, limit)
	}
	if d > limit {
		if SameNickname(a.Text, b.Text) {
			return SimNickname, "nickname"
		}
		return 0, ""
	}
	sim := EditSimilarity(d, n, loose)
	if !loose && len(a.Fold) > 3 && Skeleton(a.Fold, false) == Skeleton(b.Fold, false) {
		rule = "phonetic"
	}
	if SameNickname(a.Text, b.Text) && sim < SimNickname {
		return SimNickname, "nickname"
	}
	if sim < MinSimilar {
		return 0, ""
	}
	return sim, rule
}

// editLimit is how far words of n letters may be apart to be similar.
func editLimit(n int, least float64) int { return int(float64(n) * 100 * (1 - least)) }

// EditSimilarity of words whose longer one has n letters.
func EditSimilarity(d, n int, loose bool) float64 {
	sim := 1 - float64(d)/float64(100*n)
	// One letter in a short word is most of the word.
	if n <= 3 {
		sim -= 0.12
	} else if n == 4 {
		sim -= 0.04
	}
	if loose {
		return min(sim, SimTransliterated)
	}
	return min(sim, SimSpelling)
}
