package spelling

import "math/bits"

// Sounds has a bit for each two classes of consonants that follow each other in
// a word, its beginning and its end included: eight by eight. Words that are
// misspelt in two places, which no key leads to, still share most of them.
type Sounds uint64

// SoundsOf a word that may identify somebody; none for the others.
func SoundsOf(t *Token) Sounds {
	if !t.Kind.Significant() && t.Kind != KindGeneric {
		return 0
	}
	var s Sounds
	last := uint(0)
	for i := range len(t.Fold) {
		code := soundCode(t.Fold[i])
		if code == 0 || code == last {
			continue
		}
		s |= 1 << (8*last + code)
		last = code
	}
	return s | 1<<(8*last)
}

// soundCode numbers the classes of consonants from 1; vowels, h and glides,
// which spellings leave out and put in, have none.
func soundCode(c byte) uint {
	if c == 'j' || c == 'h' {
		return 0
	}
	switch Class(c) {
	case 'a':
		return 0
	case 'b':
		return 1
	case 't':
		return 2
	case 'k':
		return 3
	case 's':
		return 4
	case 'r':
		return 5
	case 'n':
		return 6
	}
	return 7 // digits
}

// SoundsOfName are those of all words.
func SoundsOfName(name []Token) (s Sounds) {
	for i := range name {
		s |= SoundsOf(&name[i])
	}
	return s
}

// Shared is how much of them another name has, 0-1.
func (s Sounds) Shared(other Sounds) float32 {
	return float32(bits.OnesCount64(uint64(s&other))) / float32(max(1, bits.OnesCount64(uint64(s))))
}
