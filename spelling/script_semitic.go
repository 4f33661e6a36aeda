package spelling

import (
	"strings"
	"unicode"

	"github.com/mozillazg/go-unidecode"
	"golang.org/x/text/unicode/norm"
)

// arabicTokens writes the letters that stand there; short vowels are not
// written and stay out. The article is split off as its own particle.
func arabicTokens(run []rune, way reading) []Token {
	var flat []rune
	for _, r := range norm.NFKD.String(string(run)) {
		if !unicode.Is(unicode.Mn, r) && r != 'ـ' {
			flat = append(flat, r)
		}
	}
	var out []Token
	if len(flat) > 4 && flat[0] == 'ا' && flat[1] == 'ل' {
		out = append(out, Token{Text: "al", Loose: false})
		flat = flat[2:]
	}
	persian := way.number == 2 || strings.ContainsAny(string(flat), "پچژگکیے")
	var b strings.Builder
	for i, r := range flat {
		switch {
		case way.number > 0 && r == 'ل' && i > 2 && i+1 < len(flat) && flat[i-1] == 'ا' && strings.ContainsRune(sunLetters, flat[i+1]):
			// The article takes the sound of a sun letter behind it.
		case persian && persianLetters[r] != "":
			b.WriteString(persianLetters[r])
		case i == 0 && r == 'و':
			b.WriteString("w")
		case i == 0 && (r == 'ي' || r == 'ی'):
			b.WriteString("y")
		default:
			if s, ok := arabicLetters[r]; ok {
				b.WriteString(s)
			} else if unicode.IsDigit(r) {
				b.WriteString(lettersOnly(unidecode.Unidecode(string(r))))
			}
		}
	}
	return append(out, Token{Text: b.String(), Loose: true})
}

const sunLetters = "تثدذرزسشصضطظن"

// persianLetters sound otherwise in Persian, Dari, Pashto and Urdu than in
// Arabic.
var persianLetters = pairTable("ض z ظ z ذ z ث s")

// hebrewMarked are letters with a geresh behind them, which stand for sounds
// that Hebrew has not got.
var hebrewMarked = pairTable("ג j ז zh צ ch ץ ch ת th ד dh ח h")

const geresh = '׳'

// hebrewText writes the letters that stand there. Vav and yod are vowels but at
// the beginning and when doubled.
func hebrewText(run []rune) string {
	var b strings.Builder
	for i := 0; i < len(run); i++ {
		r, next := run[i], rune(0)
		if i+1 < len(run) {
			next = run[i+1]
		}
		switch {
		case next == geresh && hebrewMarked[r] != "":
			b.WriteString(hebrewMarked[r])
			i++
		case r == 'ו' && next == 'ו':
			b.WriteString("v")
			i++
		case r == 'י' && next == 'י':
			b.WriteString("ai")
			i++
		case i == 0 && r == 'ו':
			b.WriteString("v")
		case i == 0 && r == 'י':
			b.WriteString("y")
		case i == 0 && r == 'א' && (next == 'ו' || next == 'י'):
			// the aleph only carries the vowel
		case i == len(run)-1 && i > 0 && r == 'ה':
			b.WriteString("a")
		case i == 0 && r == 'פ':
			b.WriteString("p")
		default:
			b.WriteString(hebrewLetters[r])
		}
	}
	return b.String()
}
