package screen

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

// editCosts are the rules as tables over letter codes.
type editCosts struct {
	sub  [64][64]uint8
	gap  [64]uint8
	swap int
	// least that it costs to edit a vowel, an h, a j or a v away.
	least [4]int32
}

// strictCosts are for words written in Latin, looseCosts for words that come
// from a script which leaves vowels or the difference of some consonants open.
var (
	strictCosts = editRules{letter: 100, sameClass: 75, vowel: 50, vowelGap: 60, hGap: 45, swap: 85}.costs()
	looseCosts  = editRules{letter: 100, sameClass: 25, vowel: 25, vowelGap: 15, hGap: 20, swap: 100}.costs()
)

const maxWordBytes = 40

// letterCode numbers a-z from 0 and 0-9 from 26.
func letterCode(c byte) uint8 {
	if c >= 'a' {
		return (c - 'a') & 63
	}
	return (c - '0' + 26) & 63
}

func isVowel(c byte) bool { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' }

func (r editRules) costs() *editCosts {
	turned := r.vowel + 10 // between vowel and consonant
	k := &editCosts{swap: r.swap, least: [4]int32{
		int32(min(r.vowel, r.vowelGap)), int32(min(r.hGap, r.letter)), int32(min(r.hGap, r.sameClass, turned)), int32(min(r.letter, r.sameClass, turned)),
	}}
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	for i := range len(letters) {
		a := letters[i]
		k.gap[letterCode(a)] = uint8(r.gapCost(a))
		for j := range len(letters) {
			k.sub[letterCode(a)][letterCode(letters[j])] = uint8(r.subCost(a, letters[j]))
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
	case class(a) == class(b):
		return r.sameClass
	case (a == 'j' || a == 'v') && isVowel(b), (b == 'j' || b == 'v') && isVowel(a):
		return r.vowel + 10 // y and w between vowel and consonant
	}
	return r.letter
}

// classMask has a bit for each class of consonants in a word, glides left
// out. A class that only one of two words has costs at least one letter.
func classMask(fold string) uint8 {
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

// distance is the cheapest way from a to b (restricted Damerau-Levenshtein
// with the costs above). It gives up and answers more than limit when it
// cannot stay below, or when a word is longer than maxWordBytes.
func (k *editCosts) distance(a, b string, limit int) int {
	if len(a) > maxWordBytes || len(b) > maxWordBytes {
		return limit + 1
	}
	var rows [3][maxWordBytes + 1]int32
	var codes [maxWordBytes]uint8
	prev2, prev, cur := &rows[0], &rows[1], &rows[2]
	for j := 0; j < len(b); j++ {
		codes[j] = letterCode(b[j])
		prev[j+1] = prev[j] + int32(k.gap[codes[j]&63])
	}
	var before uint8
	passed := 0 // the least of the row before
	for i := 0; i < len(a); i++ {
		ca := letterCode(a[i]) & 63
		ga := int32(k.gap[ca])
		sub := &k.sub[ca]
		left := prev[0] + ga
		cur[0] = left
		best := left
		for j := 0; j < len(b); j++ {
			cb := codes[j] & 63
			d := prev[j] + int32(sub[cb])
			if x := prev[j+1] + ga; x < d {
				d = x
			}
			if x := left + int32(k.gap[cb]); x < d {
				d = x
			}
			if i > 0 && j > 0 && ca == codes[j-1] && before == cb {
				if x := prev2[j-1] + int32(k.swap); x < d {
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
		if int(best) > limit && passed+k.swap > limit {
			return limit + 1
		}
		before, passed = ca, int(best)
		prev2, prev, cur = prev, cur, prev2
	}
	return int(prev[len(b)])
}

// similarity of two words, 0-1, and the rule that found it. Below minSimilar
// it answers 0: such words have nothing to do with each other.
func similarity(a, b *token) (float64, string) { return similarityWithin(a, b, anySimilar) }

// similarityWithin answers what similarity answers where that is allowed; less
// than that it may answer 0.
func similarityWithin(a, b *token, allowed *allowance) (float64, string) {
	if a.text == b.text && a.loose == b.loose {
		return 1, "exact"
	}
	if a.text == b.text {
		return simTransliterated, "transliteration"
	}
	if a.kind == kindNumber || b.kind == kindNumber || a.kind == kindLegal || b.kind == kindLegal {
		return 0, ""
	}
	if a.kind == kindInitial || b.kind == kindInitial {
		if a.text[0] == b.text[0] {
			return simInitial, "initial"
		}
		return 0, ""
	}
	loose := a.loose || b.loose
	if a.fold == b.fold {
		if loose {
			return simTransliterated, "transliteration"
		}
		return simSpelling, "spelling"
	}
	costs, rule := strictCosts, "edit"
	if loose {
		costs, rule = looseCosts, "transliteration"
	}
	n := max(len(a.fold), len(b.fold))
	limit, d := 0, 1
	// A longer word is not measured.
	if only := max(bits.OnesCount8(a.mask&^b.mask), bits.OnesCount8(b.mask&^a.mask)); n <= maxWordBytes && 100*only <= int(anySimilar.limits[n]) {
		limit = int(allowed.limits[n])
		d = costs.distance(a.fold, b.fold, limit)
	}
	if d > limit {
		if sameNickname(a.text, b.text) {
			return simNickname, "nickname"
		}
		return 0, ""
	}
	sim := editSimilarity(d, n, loose)
	if !loose && len(a.fold) > 3 && skeleton(a.fold, false) == skeleton(b.fold, false) {
		rule = "phonetic"
	}
	if sameNickname(a.text, b.text) && sim < simNickname {
		return simNickname, "nickname"
	}
	if sim < minSimilar {
		return 0, ""
	}
	return sim, rule
}

// editLimit is how far words of n letters may be apart to be similar.
func editLimit(n int, least float64) int { return int(float64(n) * 100 * (1 - least)) }

// editSimilarity of words whose longer one has n letters.
func editSimilarity(d, n int, loose bool) float64 {
	sim := 1 - float64(d)/float64(100*n)
	// One letter in a short word is most of the word.
	if n <= 3 {
		sim -= 0.12
	} else if n == 4 {
		sim -= 0.04
	}
	if loose {
		return min(sim, simTransliterated)
	}
	return min(sim, simSpelling)
}
