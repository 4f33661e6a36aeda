package screen

// Costs of editing one folded word into another, in hundredths of a letter.
// strict is for words written in Latin, loose for words that come from a
// script which leaves vowels or the difference of some consonants open.
type editCosts struct {
	letter    int // another consonant, one too many, one missing
	sameClass int // b/p, d/t, l/r, s/z …
	vowel     int // one vowel for another
	vowelGap  int // a vowel too many or missing
	hGap      int // an h or a glide too many or missing
	swap      int // two neighbours exchanged
}

var (
	strictCosts = editCosts{letter: 100, sameClass: 75, vowel: 50, vowelGap: 60, hGap: 45, swap: 85}
	looseCosts  = editCosts{letter: 100, sameClass: 25, vowel: 25, vowelGap: 15, hGap: 20, swap: 100}
)

const maxWordBytes = 40

func isVowel(c byte) bool { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' }

func (k *editCosts) gap(c byte) int {
	switch {
	case isVowel(c):
		return k.vowelGap
	case c == 'h' || c == 'j':
		return k.hGap
	}
	return k.letter
}

func (k *editCosts) sub(a, b byte) int {
	switch {
	case a == b:
		return 0
	case isVowel(a) && isVowel(b):
		return k.vowel
	case class(a) == class(b):
		return k.sameClass
	case (a == 'j' || a == 'v') && isVowel(b), (b == 'j' || b == 'v') && isVowel(a):
		return k.vowel + 10 // y and w between vowel and consonant
	}
	return k.letter
}

// distance is the cheapest way from a to b (restricted Damerau-Levenshtein
// with the costs above). Words are at most maxWordBytes long; it gives up and
// answers more than limit when it cannot stay below.
func (k *editCosts) distance(a, b string, limit int) int {
	if a == b {
		return 0
	}
	if len(a) > maxWordBytes || len(b) > maxWordBytes {
		return limit + 1
	}
	var rows [3][maxWordBytes + 1]int
	prev2, prev, cur := &rows[0], &rows[1], &rows[2]
	for j := 0; j < len(b); j++ {
		prev[j+1] = prev[j] + k.gap(b[j])
	}
	for i := 0; i < len(a); i++ {
		ga := k.gap(a[i])
		cur[0] = prev[0] + ga
		best := cur[0]
		for j := 0; j < len(b); j++ {
			d := prev[j] + k.sub(a[i], b[j])
			if x := prev[j+1] + ga; x < d {
				d = x
			}
			if x := cur[j] + k.gap(b[j]); x < d {
				d = x
			}
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				if x := prev2[j-1] + k.swap; x < d {
					d = x
				}
			}
			cur[j+1] = d
			best = min(best, d)
		}
		if best > limit {
			return limit + 1
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}

// similarity of two words, 0-1, and the rule that found it. Below minSimilar
// it answers 0: such words have nothing to do with each other.
func similarity(a, b *token) (float64, string) {
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
	costs, rule := &strictCosts, "edit"
	if loose {
		costs, rule = &looseCosts, "transliteration"
	}
	n := max(len(a.fold), len(b.fold))
	limit := int(float64(n) * 100 * (1 - minSimilar))
	d := costs.distance(a.fold, b.fold, limit)
	if d > limit {
		if sameNickname(a.text, b.text) {
			return simNickname, "nickname"
		}
		return 0, ""
	}
	sim := 1 - float64(d)/float64(100*n)
	// One letter in a short word is most of the word.
	if n <= 3 {
		sim -= 0.12
	} else if n == 4 {
		sim -= 0.04
	}
	if loose {
		sim = min(sim, simTransliterated)
	} else {
		sim = min(sim, simSpelling)
		if skeleton(a.fold, false) == skeleton(b.fold, false) && len(a.fold) > 3 {
			rule = "phonetic"
		}
	}
	if sameNickname(a.text, b.text) && sim < simNickname {
		return simNickname, "nickname"
	}
	if sim < minSimilar {
		return 0, ""
	}
	return sim, rule
}
