package spelling

import (
	"strings"
	"unicode"

	"github.com/mozillazg/go-unidecode"
	"golang.org/x/text/unicode/norm"

	"bonafide/roster"
)

// romanise writes one word of any script in a-z. Scripts whose spelling
// leaves the Latin form open are marked loose. A word of mixed scripts is cut
// at the border, unless the letters of one only look like those of the other.
func romanise(word []rune, way reading) []Token {
	if plain, ok := oneScript(word); ok {
		word = plain
	}
	var out []Token
	for len(word) > 0 {
		script := scriptOf(word[0])
		n := 1
		for n < len(word) && (unicode.IsMark(word[n]) || scriptOf(word[n]) == script || (script == scriptKana && word[n] == 'ー')) {
			n++
		}
		out = append(out, romaniseRun(script, word[:n], way)...)
		word = word[n:]
	}
	// Pieces of one Latin word that were cut apart only by a digit or an odd
	// letter stay together.
	if len(out) > 1 {
		joined := true
		for _, t := range out {
			joined = joined && !t.Loose
		}
		if joined {
			var b strings.Builder
			for _, t := range out {
				b.WriteString(t.Text)
			}
			return []Token{{Text: b.String()}}
		}
	}
	return out
}

type script uint8

const (
	scriptLatin script = iota
	scriptCyrillic
	scriptGreek
	scriptArmenian
	scriptGeorgian
	scriptArabic
	scriptHebrew
	scriptHangul
	scriptKana
	scriptHan
	scriptOther
)

func scriptOf(r rune) script {
	switch {
	case r < 0x370 || (r >= 0x1d00 && r < 0x1f00) || (r >= 0x2c60 && r < 0x2c80) || (r >= 0xa720 && r < 0xa800):
		return scriptLatin
	case r < 0x400 || (r >= 0x1f00 && r < 0x2000):
		return scriptGreek
	case r < 0x530:
		return scriptCyrillic
	case r < 0x590:
		return scriptArmenian
	case r < 0x600:
		return scriptHebrew
	case r < 0x780 || (r >= 0xfb50 && r < 0xfe00) || (r >= 0xfe70 && r < 0xff00):
		return scriptArabic
	case r >= 0x10a0 && r < 0x1100 || (r >= 0x1c90 && r < 0x1cc0):
		return scriptGeorgian
	case r >= 0xac00 && r < 0xd7a4:
		return scriptHangul
	case r >= 0x3040 && r < 0x3100:
		return scriptKana
	case unicode.Is(unicode.Han, r):
		return scriptHan
	}
	return scriptOther
}

func romaniseRun(s script, run []rune, way reading) []Token {
	switch s {
	case scriptLatin:
		return []Token{{Text: lettersOnly(unidecode.Unidecode(roster.StripMarks(string(run))))}}
	case scriptCyrillic:
		return []Token{{Text: byTable(cyrillic, digraphNone, run, true), Loose: true}}
	case scriptGreek:
		return []Token{{Text: byTable(greek, greekPairs, run, true), Loose: true}}
	case scriptArmenian:
		return []Token{{Text: byTable(armenian, armenianPairs, run, true), Loose: true}}
	case scriptGeorgian:
		return []Token{{Text: byTable(georgian, digraphNone, run, true), Loose: true}}
	case scriptArabic:
		return arabicTokens(run, way)
	case scriptHebrew:
		return []Token{{Text: hebrewText(run), Loose: true}}
	case scriptHangul:
		return hangulTokens(run, way)
	case scriptKana:
		return []Token{{Text: kanaText(run, way), Loose: true}}
	case scriptHan:
		rest, before, behind := hanForm(run)
		var out []Token
		if before != "" {
			out = append(out, Token{Text: before, Kind: KindLegal})
		}
		if len(rest) > 0 {
			out = append(out, hanTokens(rest, way)...)
		}
		if behind != "" {
			out = append(out, Token{Text: behind, Kind: KindLegal})
		}
		return out
	}
	return []Token{{Text: lettersOnly(unidecode.Unidecode(string(run))), Loose: true}}
}

// lettersOnly keeps a-z and 0-9 in lower case.
func lettersOnly(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 'A' && c <= 'Z':
			out = append(out, c+'a'-'A')
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			out = append(out, c)
		}
	}
	return string(out)
}

// letterTable gives each letter of an alphabet its usual Latin spelling: the
// i-th word of to belongs to the i-th rune of from; "-" is silent.
func letterTable(from, to string) map[rune]string {
	t := map[rune]string{}
	words := strings.Fields(to)
	i := 0
	for _, r := range from {
		if words[i] != "-" {
			t[r] = words[i]
		} else {
			t[r] = ""
		}
		i++
	}
	return t
}

var digraphNone map[string]string

// The tables follow the common passport spellings (ICAO 9303 part 3, section
// 6, for Cyrillic; ISO 843, 9985 and 9984 in their simplified forms for
// Greek, Armenian and Georgian).
var (
	cyrillic = letterTable("абвгдеёжзийклмнопрстуфхцчшщъыьэюяґєіїўјљњћђџқғңөұүһәѓќѕӣӯҷҳҮӨ",
		"a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch - y - e iu ia g e i i u j lj nj c dj dz k g ng o u u h a g k dz i u j h u o")
	greek = letterTable("αβγδεζηθικλμνξοπρσςτυφχψω",
		"a v g d e z i th i k l m n x o p r s s t i f h ps o")
	greekPairs = map[string]string{"ου": "u", "μπ": "b", "ντ": "d", "γκ": "g", "γγ": "ng", "τζ": "j", "αυ": "av", "ευ": "ev", "ει": "i", "οι": "i", "αι": "e", "τσ": "ts"}
	armenian   = letterTable("աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆև",
		"a b g d e z e e t zh i l kh ts k h dz gh ch m i n sh o ch p j r s v t r ts v p k o f ev")
	armenianPairs = map[string]string{"ու": "u", "յա": "ia", "յու": "iu"}
	georgian      = letterTable("აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
		"a b g d e v z t i k l m n o p zh r s t u p k gh k sh ch ts dz ts ch kh j h")
	arabicLetters = letterTable("ابتثجحخدذرزسشصضطظعغفقكلمنهوىيةءئؤآأإپچژگکیٹڈڑںےہھۀۃ",
		"a b t th j h kh d d r z s sh s d t z a gh f q k l m n h u a i a - i u a a i p ch zh g k i t d r n e h h a a")
	hebrewLetters = letterTable("אבגדהוזחטיכךלמםנןסעפףצץקרשת",
		"a b g d h u z h t i k k l m m n n s a p f ts ts k r sh t")
)

func byTable(table map[rune]string, pairs map[string]string, run []rune, marks bool) string {
	lower := []rune(strings.ToLower(string(run)))
	if marks {
		// Decompose, but keep letters that have their own row.
		var flat []rune
		for _, r := range lower {
			if _, ok := table[r]; ok {
				flat = append(flat, r)
				continue
			}
			for _, d := range norm.NFKD.String(string(r)) {
				if !unicode.Is(unicode.Mn, d) {
					flat = append(flat, d)
				}
			}
		}
		lower = flat
	}
	var b strings.Builder
	for i := 0; i < len(lower); i++ {
		if i+1 < len(lower) && pairs != nil {
			if s, ok := pairs[string(lower[i:i+2])]; ok {
				b.WriteString(s)
				i++
				continue
			}
		}
		if s, ok := table[lower[i]]; ok {
			b.WriteString(s)
		} else {
			b.WriteString(lettersOnly(unidecode.Unidecode(string(lower[i]))))
		}
	}
	return b.String()
}
