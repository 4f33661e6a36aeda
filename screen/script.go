package screen

import (
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"
	"github.com/mozillazg/go-unidecode"
	"golang.org/x/text/unicode/norm"

	"bonafide/roster"
)

// romanise writes one word of any script in a-z. Scripts whose spelling
// leaves the Latin form open are marked loose. A word of mixed scripts is cut
// at the border.
func romanise(word []rune) []token {
	var out []token
	for len(word) > 0 {
		script := scriptOf(word[0])
		n := 1
		for n < len(word) && (unicode.IsMark(word[n]) || scriptOf(word[n]) == script || (script == scriptKana && word[n] == 'ー')) {
			n++
		}
		out = append(out, romaniseRun(script, word[:n])...)
		word = word[n:]
	}
	// Pieces of one Latin word that were cut apart only by a digit or an odd
	// letter stay together.
	if len(out) > 1 {
		joined := true
		for _, t := range out {
			joined = joined && !t.loose
		}
		if joined {
			var b strings.Builder
			for _, t := range out {
				b.WriteString(t.text)
			}
			return []token{{text: b.String()}}
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

func romaniseRun(s script, run []rune) []token {
	switch s {
	case scriptLatin:
		return []token{{text: lettersOnly(unidecode.Unidecode(roster.StripMarks(string(run))))}}
	case scriptCyrillic:
		return []token{{text: byTable(cyrillic, digraphNone, run, true), loose: true}}
	case scriptGreek:
		return []token{{text: byTable(greek, greekPairs, run, true), loose: true}}
	case scriptArmenian:
		return []token{{text: byTable(armenian, armenianPairs, run, true), loose: true}}
	case scriptGeorgian:
		return []token{{text: byTable(georgian, digraphNone, run, true), loose: true}}
	case scriptArabic:
		return arabicTokens(run)
	case scriptHebrew:
		return []token{{text: hebrewText(run), loose: true}}
	case scriptHangul:
		return hangulTokens(run)
	case scriptKana:
		return []token{{text: kanaText(run), loose: true}}
	case scriptHan:
		return hanTokens(run)
	}
	return []token{{text: lettersOnly(unidecode.Unidecode(string(run))), loose: true}}
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

// arabicTokens writes the letters that stand there; short vowels are not
// written and stay out. The article is split off as its own particle.
func arabicTokens(run []rune) []token {
	var flat []rune
	for _, r := range norm.NFKD.String(string(run)) {
		if !unicode.Is(unicode.Mn, r) && r != 'ـ' {
			flat = append(flat, r)
		}
	}
	var out []token
	if len(flat) > 4 && flat[0] == 'ا' && flat[1] == 'ل' {
		out = append(out, token{text: "al", loose: false})
		flat = flat[2:]
	}
	var b strings.Builder
	for i, r := range flat {
		switch {
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
	return append(out, token{text: b.String(), loose: true})
}

func hebrewText(run []rune) string {
	var b strings.Builder
	for i, r := range run {
		switch {
		case i == 0 && r == 'ו':
			b.WriteString("v")
		case i == 0 && r == 'י':
			b.WriteString("y")
		case i == len(run)-1 && i > 0 && r == 'ה':
			b.WriteString("a")
		case i > 0 && r == 'ו' && run[i-1] == 'ו':
			s := b.String() // a doubled vav is the consonant
			b.Reset()
			b.WriteString(strings.TrimSuffix(s, "u") + "v")
		default:
			b.WriteString(hebrewLetters[r])
		}
	}
	return b.String()
}

var (
	hangulLead  = strings.Fields("g k n d t r m b p s s - j j ch k t p h")
	hangulVowel = strings.Fields("a e ya ye o e yo ye o wa we oe yo u wo we wi yu - ui i")
	hangulTail  = strings.Fields("- k k k n n n t l k m l l l p l m p p t t ng t t k t p -")
	// hangulFamily are common one-syllable family names with the spelling
	// their bearers use.
	hangulFamily = map[rune]string{'김': "kim", '이': "lee", '리': "ri", '박': "park", '최': "choi", '정': "jung", '강': "kang", '조': "cho", '윤': "yoon", '장': "jang", '임': "lim", '림': "rim",
		'한': "han", '오': "oh", '서': "seo", '신': "shin", '권': "kwon", '황': "hwang", '안': "ahn", '송': "song", '류': "ryu", '홍': "hong", '전': "jon", '고': "ko", '문': "moon", '양': "yang", '손': "son", '배': "bae", '백': "paek", '허': "ho", '남': "nam", '심': "shim", '노': "noh", '로': "ro", '하': "ha", '곽': "kwak", '성': "song", '차': "cha", '주': "ju", '우': "woo", '구': "koo", '민': "min", '유': "yoo", '나': "na", '진': "jin", '지': "ji", '엄': "om", '채': "chae", '원': "won", '천': "chon", '방': "pang", '공': "kong", '현': "hyon", '함': "ham", '변': "pyon", '염': "yom", '여': "yo", '추': "chu", '도': "do", '석': "sok", '선': "son", '태': "thae", '연': "yon", '길': "kil"}
)

// hangulTokens spells by rule; the filler vowel of foreign names is left out.
// A word of three syllables that begins with a family name is split.
func hangulTokens(run []rune) []token {
	if len(run) == 3 {
		if family, ok := hangulFamily[run[0]]; ok {
			return []token{{text: family, loose: true}, {text: hangulText(run[1:]), loose: true}}
		}
	}
	return []token{{text: hangulText(run), loose: true}}
}

func hangulText(run []rune) string {
	var b strings.Builder
	for _, r := range run {
		n := int(r) - 0xac00
		if n < 0 || n >= 11172 {
			continue
		}
		lead, vowel := hangulLead[n/588], hangulVowel[n%588/28]
		if lead == "-" && vowel == "-" { // the filler vowel alone is a syllable: 은 un
			vowel = "u"
		}
		for _, p := range []string{lead, vowel, hangulTail[n%28]} {
			if p != "-" {
				b.WriteString(p)
			}
		}
	}
	return b.String()
}

// hanTokens reads Chinese characters as pinyin: the family name (one
// character) and the given name; a longer run is a foreign name in one piece.
func hanTokens(run []rune) []token {
	args := pinyin.NewArgs()
	syllables := make([]string, 0, len(run))
	for _, r := range run {
		if py := pinyin.SinglePinyin(r, args); len(py) > 0 {
			syllables = append(syllables, lettersOnly(py[0]))
		} else {
			syllables = append(syllables, lettersOnly(unidecode.Unidecode(string(r))))
		}
	}
	if len(syllables) >= 2 && len(syllables) <= 3 {
		return []token{{text: syllables[0], loose: true}, {text: strings.Join(syllables[1:], ""), loose: true}}
	}
	return []token{{text: strings.Join(syllables, ""), loose: true}}
}

// kana is the table of katakana; hiragana are moved there first.
var kana = letterTable("アイウエオカキクケコガギグゲゴサシスセソザジズゼゾタチツテトダヂヅデドナニヌネノハヒフヘホバビブベボパピプペポマミムメモヤユヨラリルレロワヰヱヲンヴッーァィゥェォャュョヮ",
	"a i u e o ka ki ku ke ko ga gi gu ge go sa shi su se so za ji zu ze zo ta chi tsu te to da ji zu de do na ni nu ne no ha hi fu he ho ba bi bu be bo pa pi pu pe po ma mi mu me mo ya yu yo ra ri ru re ro wa i e o n v - - a i u e o ya yu yo wa")

func kanaText(run []rune) string {
	var b []byte
	for _, r := range run {
		if r >= 0x3041 && r <= 0x3096 {
			r += 0x60
		}
		s := kana[r]
		// A small vowel replaces the vowel before it: ファ fa, ジェ je, シャ sha.
		if strings.ContainsRune("ァィゥェォャュョ", r) && len(b) > 0 {
			if c := b[len(b)-1]; strings.IndexByte("aiueo", c) >= 0 {
				b = b[:len(b)-1]
			}
			if s[0] == 'y' && len(b) > 0 && strings.IndexByte("hj", b[len(b)-1]) >= 0 {
				s = s[1:]
			}
		}
		b = append(b, s...)
	}
	return string(b)
}
