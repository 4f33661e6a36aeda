package check

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mozillazg/go-unidecode"
	"golang.org/x/text/unicode/norm"
)

// Names are compared as ICAO Doc 9303 part 3, section 6 writes them in the
// machine-readable zone: A-Z only. Some letters have two usual spellings there
// (Ü is UE, UXX or U), so each word has several forms and two words are equal
// when they share one.

// forms of Latin letters with more than one spelling; the first is ICAO's.
var latinForms = map[rune][]string{
	'Ä': {"AE", "A"}, 'Ö': {"OE", "O"}, 'Ü': {"UE", "U"}, 'ẞ': {"SS", "S"},
	'Å': {"AA", "A"}, 'Æ': {"AE"}, 'Ø': {"OE", "O"}, 'Œ': {"OE"}, 'Ñ': {"N", "NXX"},
	'Þ': {"TH"}, 'Ð': {"D", "DH"}, 'Đ': {"D", "DJ"}, 'Ł': {"L"}, 'Ħ': {"H"}, 'Ŧ': {"T"}, 'Ĳ': {"IJ"},
	'İ': {"I"}, 'ı': {"I"}, 'Ŋ': {"N", "NG"},
}

// cyrillic is the table of Doc 9303 part 3, section 6B, for the languages
// that print it in passports.
var cyrillic = map[rune]string{
	'А': "A", 'Б': "B", 'В': "V", 'Г': "G", 'Д': "D", 'Е': "E", 'Ё': "E", 'Ж': "ZH", 'З': "Z", 'И': "I", 'Й': "I", 'К': "K",
	'Л': "L", 'М': "M", 'Н': "N", 'О': "O", 'П': "P", 'Р': "R", 'С': "S", 'Т': "T", 'У': "U", 'Ф': "F", 'Х': "KH", 'Ц': "TS",
	'Ч': "CH", 'Ш': "SH", 'Щ': "SHCH", 'Ъ': "IE", 'Ы': "Y", 'Ь': "", 'Э': "E", 'Ю': "IU", 'Я': "IA", 'І': "I", 'Ї': "I",
	'Є': "IE", 'Ґ': "G", 'Ў': "U", 'Ђ': "D", 'Ј': "J", 'Љ': "LJ", 'Њ': "NJ", 'Ћ': "C", 'Џ': "DZ", 'Ѓ': "G", 'Ќ': "K", 'Ѕ': "DZ",
}

// maxForms bounds the spellings of one word.
const maxForms = 16

// spellings gives the forms of one word, ICAO's first.
func spellings(word string) []string {
	out := []string{""}
	for _, r := range norm.NFC.String(strings.ToUpper(strings.ReplaceAll(word, "ß", "ẞ"))) {
		var options []string
		if forms, ok := latinForms[r]; ok {
			options = forms
		} else if c, ok := cyrillic[r]; ok {
			options = []string{c}
		} else if r < utf8.RuneSelf {
			options = []string{string(r)}
		} else {
			options = []string{letters(unidecode.Unidecode(string(r)))}
		}
		var next []string
		for _, so := range out {
			for _, o := range options {
				if len(next) < maxForms {
					next = append(next, so+o)
				}
			}
		}
		out = next
	}
	return out
}

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToUpper(s))
}

// words cuts a name at blanks, hyphens, fillers and other signs; apostrophes
// vanish, as in the zone (O'Connor is OCONNOR).
func words(name string) [][]string {
	name = strings.NewReplacer("'", "", "’", "", "ʼ", "", "`", "", ".", " ").Replace(name)
	var out [][]string
	for _, w := range strings.FieldsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	}) {
		var forms []string
		for _, f := range spellings(w) {
			if f = letters(f); f != "" {
				forms = append(forms, f)
			}
		}
		if len(forms) > 0 {
			out = append(out, forms)
		}
	}
	return out
}

// wordLikeness compares two words in their best spellings: 1 equal, 0 nothing
// alike; otherwise one minus the share of changed letters.
func wordLikeness(a, b []string) float64 {
	best := 0.0
	for _, x := range a {
		for _, y := range b {
			if x == y {
				return 1
			}
			if u, v := eastern(x), eastern(y); min(len(u), len(v)) >= 4 {
				best = max(best, min(easternLikeness, 1-float64(distance(u, v))/float64(max(len(u), len(v)))))
			}
			longest := max(len(x), len(y))
			if s := 1 - float64(distance(x, y))/float64(longest); s > best {
				best = s
			}
		}
	}
	return best
}

// easternLikeness is how alike two spellings are that differ only in how they
// write the letters of Cyrillic names.
const easternLikeness = 0.96

// eastern brings the usual spellings of Cyrillic names to one: passports write
// Юлия as IULIIA, their holders as Yuliya or Yulia, and Елена is Elena or
// Yelena. It is for comparing only.
func eastern(word string) string {
	word = strings.NewReplacer("Y", "I", "J", "I", "X", "KS", "KH", "H").Replace(word)
	for strings.Contains(word, "II") {
		word = strings.ReplaceAll(word, "II", "I")
	}
	if rest, ok := strings.CutPrefix(word, "IE"); ok {
		word = "E" + rest
	}
	return word
}

// cutLikeness compares a whole name with one that its document shortened, as
// ICAO Doc 9303 part 3 section 4.6 allows: words are left out, or cut to their
// first letters. One word of four letters must stand whole.
func cutLikeness(whole, short string) float64 {
	x, y := words(short), words(whole)
	if len(x) > len(y) {
		return nameLikeness(whole, short)
	}
	used := make([]bool, len(y))
	sum, weight, anchored := 0.0, 0.0, false
	for _, w := range x {
		best, at := 0.0, -1
		for j := range y {
			if used[j] {
				continue
			}
			s := wordLikeness(w, y[j])
			for _, long := range y[j] {
				if s < easternLikeness && strings.HasPrefix(long, w[0]) {
					s = easternLikeness
				}
			}
			if s > best {
				best, at = s, j
			}
		}
		if at >= 0 {
			used[at] = true
			anchored = anchored || best == 1 && len(w[0]) >= 4
		}
		sum, weight = sum+best*float64(len(w[0])), weight+float64(len(w[0]))
	}
	if weight == 0 || !anchored {
		return nameLikeness(whole, short)
	}
	return sum / weight
}

// asInitials are the names of somebody whose document shows the name cut at its
// end, with an initial in place of the word that was cut: the letters that are left
// of it may look like another name. Which part was cut is not said, so both are.
func asInitials(p person) (names []string) {
	given, family := strings.Fields(p.first), strings.Fields(p.last)
	cut := func(words []string) []string {
		last := []rune(words[len(words)-1])
		return append(slices.Clone(words[:len(words)-1]), string(last[:1]))
	}
	if len(given) > 0 && len(family) > 0 {
		names = append(names, strings.Join(append(cut(given), family...), " "))
	}
	if len(family) > 1 {
		names = append(names, strings.Join(append(slices.Clone(given), cut(family)...), " "))
	}
	return names
}

// nameLikeness compares two names without regard to the order of words: each
// word of the shorter name takes its best partner in the longer one. Words of
// the longer name that stay alone cost a little (a second given name that the
// form leaves out), each of the shorter one fully. 0-1.
func nameLikeness(a, b string) float64 {
	x, y := words(a), words(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(x) == 0 {
		return 0
	}
	// Two words that are written as one (VAN DER BERG, VANDERBERG).
	if joined := wordLikeness(glue(x), glue(y)); joined == 1 {
		return 1
	}
	used := make([]bool, len(y))
	sum, weight := 0.0, 0.0
	for _, w := range x {
		best, at := 0.0, -1
		for j := range y {
			if used[j] {
				continue
			}
			if s := wordLikeness(w, y[j]); s > best {
				best, at = s, j
			}
		}
		if at >= 0 {
			used[at] = true
		}
		length := float64(len(w[0]))
		sum += best * length
		weight += length
	}
	score := sum / weight
	for range len(y) - len(x) {
		score *= 0.97
	}
	return score
}

func glue(name [][]string) []string {
	var b strings.Builder
	for _, w := range name {
		b.WriteString(w[0])
	}
	return []string{b.String()}
}

// distance is the number of letters to insert, delete, replace or swap with
// their neighbour to make one word of the other (optimal string alignment).
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
