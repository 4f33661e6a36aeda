package casework

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"bonafide/kyc"
)

// alike is how much of two words must agree before single letters are marked,
// as the share of both (Dice, 0-1): below it, letters that happen to occur in
// both say nothing.
const alike = 0.6

// maxLetters bounds the words whose letters are compared; a name with a longer
// one gets no mark.
const maxLetters = 64

// piece is a run of letters of a name that all have a mark, or all have none.
type piece struct {
	Text string
	Same bool
}

// spelled is a name of a list with the letters marked that the name asked for
// has, too, in the same order. Said says the same in words, for who does not see
// the marks; without Said nothing was compared.
type spelled struct {
	Text   string
	Pieces []piece
	Said   string
}

// unit is a letter as it is compared: small, without marks; at is the place of
// the rune it comes from.
type unit struct {
	r  rune
	at int
}

// agreeing marks the letters of a listed name that agree with the name asked
// for. Words are compared in any order, and each with the one it is most alike;
// case, accents and apostrophes do not count. Letters of different scripts never
// agree by themselves: there the rows of the hit say by which rule words do.
func agreeing(listed, asked string) spelled {
	out := spelled{Text: listed}
	if strings.TrimSpace(listed) == "" || strings.TrimSpace(asked) == "" {
		return out
	}
	runes := []rune(listed)
	marked := make([]bool, len(runes))
	var of, same int
	names, others := wordsOf(runes), wordsOf([]rune(asked))
	if slices.ContainsFunc(slices.Concat(names, others), func(w []unit) bool { return len(w) > maxLetters }) {
		return out
	}
	for _, word := range names {
		of += len(word)
		for _, i := range common(word, others) {
			marked[word[i].at] = true
			same++
		}
	}
	if of == 0 {
		return out
	}
	last := false // marks of a letter and apostrophes go with the letter before them
	for i, r := range runes {
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) {
			marked[i] = (unicode.IsMark(r) || apostrophe(r)) && last
		}
		last = marked[i]
		if n := len(out.Pieces); n > 0 && out.Pieces[n-1].Same == last {
			out.Pieces[n-1].Text += string(r)
		} else {
			out.Pieces = append(out.Pieces, piece{string(r), last})
		}
	}
	switch {
	case same == of:
		out.Said = "every letter agrees"
	case same > 0:
		out.Said = fmt.Sprintf("%d of %d letters agree", same, of)
	case scriptOf(listed) != scriptOf(asked):
		out.Said = "written in another script"
	default:
		out.Said = "no word agrees letter by letter"
	}
	return out
}

// written are letters that decomposition leaves as they are, as most people
// write them without them.
var written = map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i"}

func apostrophe(r rune) bool { return strings.ContainsRune("'’ʼ`´", r) }

// wordsOf parts a name into its words' letters.
func wordsOf(name []rune) [][]unit {
	var words [][]unit
	open := false
	for i, r := range name {
		switch {
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			if !open {
				words, open = append(words, nil), true
			}
			w := &words[len(words)-1]
			low := unicode.ToLower(r)
			plain, ok := written[low]
			if !ok {
				plain = norm.NFD.String(string(low))
			}
			for _, x := range plain {
				if !unicode.IsMark(x) {
					*w = append(*w, unit{x, i})
				}
			}
		case unicode.IsMark(r), apostrophe(r): // within a word
		default:
			open = false
		}
	}
	return words
}

// common are the letters of a word that the most similar of other words has in
// the same order, as places in the word; none where no word is alike.
func common(word []unit, others [][]unit) []int {
	var best []int
	share := 0.0
	for _, o := range others {
		if len(word) == 0 || len(o) == 0 { // nothing but marks
			continue
		}
		got := longest(word, o)
		part := 2 * float64(len(got)) / float64(len(word)+len(o))
		if initial := min(len(word), len(o)) == 1 && word[0].r == o[0].r; initial && part < alike {
			got, part = []int{0}, alike // an initial stands for the whole word
		}
		if part >= alike && part > share {
			best, share = got, part
		}
	}
	return best
}

// longest is the longest common subsequence of two words, as places in a.
func longest(a, b []unit) []int {
	table := make([][]int, len(a)+1) // table[i][j] is that of a[i:] and b[j:]
	for i := range table {
		table[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i].r == b[j].r {
				table[i][j] = table[i+1][j+1] + 1
			} else {
				table[i][j] = max(table[i+1][j], table[i][j+1])
			}
		}
	}
	var out []int
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i].r == b[j].r:
			out = append(out, i)
			i, j = i+1, j+1
		case table[i+1][j] >= table[i][j+1]:
			i++
		default:
			j++
		}
	}
	return out
}

// scriptOf is the script of the first letter of a name; "" where it is none of
// those that names of lists come in.
func scriptOf(name string) string {
	for _, r := range name {
		for script, table := range map[string]*unicode.RangeTable{"latin": unicode.Latin, "cyrillic": unicode.Cyrillic, "greek": unicode.Greek, "arabic": unicode.Arabic,
			"hebrew": unicode.Hebrew, "han": unicode.Han, "hiragana": unicode.Hiragana, "katakana": unicode.Katakana, "hangul": unicode.Hangul, "devanagari": unicode.Devanagari,
			"georgian": unicode.Georgian, "armenian": unicode.Armenian, "thai": unicode.Thai} {
			if unicode.Is(table, r) {
				return script
			}
		}
	}
	return ""
}

// nameRow reports whether an attribute of a hit compares names (rooms screen,
// media and check).
func nameRow(f kyc.HitFeature) bool {
	return slices.Contains([]string{"word", "name_part", "whole_name", "provider"}, f.Name)
}

// askedName is the name that a hit was asked for: that of its party; else the
// applicant's, where every word that was compared is one of it, because not each
// way of comparing records all words; else the words that were compared.
func askedName(h *kyc.Hit, applicant string) string {
	if h.Party != "" {
		return h.Party
	}
	var words []string
	for _, f := range h.Features {
		if (nameRow(f) || f.Name == "missing_word") && f.Query != "" && !slices.Contains(words, f.Query) {
			words = append(words, f.Query)
		}
	}
	compared := strings.Join(words, " ")
	whole := lettersOf(applicant)
	for _, word := range lettersOf(compared) {
		if !slices.Contains(whole, word) {
			return compared
		}
	}
	if compared == "" { // nothing was compared by letters
		return ""
	}
	return applicant
}

// lettersOf are the words of a name as they are compared.
func lettersOf(name string) []string {
	var out []string
	for _, word := range wordsOf([]rune(name)) {
		var b strings.Builder
		for _, u := range word {
			b.WriteRune(u.r)
		}
		out = append(out, b.String())
	}
	return out
}
