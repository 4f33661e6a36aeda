package screen

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// maxTokens bounds the words of one name; longer names keep the first ones.
const maxTokens = 24

// wordKind says how much a word can prove.
type wordKind uint8

const (
	kindWord     wordKind = iota // a name
	kindInitial                  // one letter
	kindParticle                 // al, bin, de, van, the
	kindTitle                    // dr, sheikh
	kindLegal                    // ltd, gmbh
	kindGeneric                  // trading, group, bank
	kindNumber
)

// token is one normalised word of a name. text has only a-z and 0-9.
type token struct {
	text string
	fold string // text after the phonetic folds
	orig string // as it stood in the name, for the explanation
	kind wordKind
	// loose marks a word romanised from a script whose spelling does not
	// settle the Latin one (vowels left out, l and r alike, …).
	loose bool
	// firm marks a loose word whose Latin spelling is settled all the same, as
	// pinyin is for Chinese; it stands on the query's side only.
	firm bool
	mask uint8 // classMask of fold
}

// significant words are those that identify somebody.
func (t token) significant() bool { return t.kind.significant() }

func (k wordKind) significant() bool { return k == kindWord || k == kindNumber }

// editable words may be similar to others by their letters.
func (t *token) editable() bool {
	return t.kind != kindInitial && t.kind != kindNumber && t.kind != kindLegal && len(t.fold) <= maxWordBytes
}

// reading is one of the ways in which a name may be read.
type reading struct {
	number int  // 0 is the usual way; see readings
	words  int  // of the name, as it is written
	dotted bool // it has a dot between Chinese characters
}

// tokenize normalises a name: compatibility composition, invisible characters
// dropped, words split, each word romanised by its script in the usual way,
// marks dropped.
func tokenize(name string) []token { return tokenizeAs(name, 0) }

func tokenizeAs(name string, number int) []token {
	tokens := words(name, number)
	for i := range tokens {
		tokens[i].sound()
	}
	return tokens
}

// words is tokenizeAs without fold and mask: who knows the words already needs
// neither.
func words(name string, number int) []token {
	ascii := true
	for i := 0; i < len(name) && ascii; i++ {
		ascii = name[i] < 0x80
	}
	if ascii {
		return classify(writtenOut(joinLetters(splitASCII(name))))
	}
	return classify(writtenOut(joinLetters(splitWords(norm.NFKC.String(name), number))))
}

// sound sets fold and mask.
func (t *token) sound() {
	t.fold = fold(t.text)
	t.mask = classMask(t.fold)
}

// appendWord romanises one written word; some scripts give several tokens.
func appendWord(to []token, word []rune, orig string, way reading) []token {
	plain := true
	for _, r := range word {
		if r >= 0x80 {
			plain = false
			break
		}
	}
	if plain {
		return append(to, token{text: strings.ToLower(string(word)), orig: orig})
	}
	for _, p := range romanise(word, way) {
		if p.text != "" && len(to) < maxTokens {
			p.orig = orig
			to = append(to, p)
		}
	}
	return to
}

// joinLetters turns the single letters of S.A., L.L.C. and C.V. back into the
// legal form they spell; other single letters stay initials.
func joinLetters(in []token) []token {
	single := func(t token) bool { return len(t.text) == 1 && !t.loose }
	if !slices.ContainsFunc(in, single) {
		return in
	}
	var out []token
	for i := 0; i < len(in); i++ {
		if single(in[i]) {
			joined := in[i].text
			best := 0
			for k := i + 1; k < len(in) && k < i+5 && len(in[k].text) == 1; k++ {
				joined += in[k].text
				if _, ok := legalForms[joined]; ok {
					best = k
				}
			}
			if best > 0 {
				text := ""
				for k := i; k <= best; k++ {
					text += in[k].text
				}
				out = append(out, token{text: text, orig: strings.ToUpper(text)})
				i = best
				continue
			}
		}
		out = append(out, in[i])
	}
	return out
}

// classify sets the kinds, and the one text of words that mean the same.
func classify(tokens []token) []token {
	for i := range tokens {
		t := &tokens[i]
		form, legal := legalForms[t.text]
		switch {
		case t.kind == kindLegal: // it was written out
		case legal && (!t.loose || nativeForms[t.text]) && (i > 0 || len(tokens) == 1 || frontForms[t.text]):
			t.kind, t.text, t.loose = kindLegal, form, false
		default:
			if same, ok := sameMeaning[t.text]; ok {
				t.text = same
			}
			t.kind = kindOf(t.text)
		}
	}
	return tokens
}

func kindOf(text string) wordKind {
	if len(text) == 1 {
		if text[0] >= '0' && text[0] <= '9' {
			return kindNumber
		}
		return kindInitial
	}
	digits := true
	for i := 0; i < len(text); i++ {
		if text[i] < '0' || text[i] > '9' {
			digits = false
			break
		}
	}
	if digits {
		return kindNumber
	}
	if k, ok := commonWords[text]; ok {
		return k
	}
	return kindWord
}

// fold maps spellings of one sound to one: kh/h, ou/u, q/k/c, y/i, w/v,
// doubled letters. What is left to compare are real differences.
func fold(s string) string {
	if len(s) <= 1 {
		return s
	}
	var buf [2 * maxWordBytes]byte
	out := buf[:0]
	put := func(c byte) {
		if len(out) == 0 || out[len(out)-1] != c || c <= '9' {
			out = append(out, c)
		}
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		n := byte(0)
		if i+1 < len(s) {
			n = s[i+1]
		}
		switch {
		case strings.HasPrefix(s[i:], "shch"):
			put('s')
			i += 3
		case strings.HasPrefix(s[i:], "sch"):
			put('s')
			i += 2
		case strings.HasPrefix(s[i:], "tch"), strings.HasPrefix(s[i:], "dzh"):
			put(map[byte]byte{'t': 'x', 'd': 'j'}[c])
			i += 2
		case c == 's' && n == 'h':
			put('s')
			i++
		case c == 'c' && n == 'h' && hardCh(s, i):
			put('k')
			i++
		case c == 'c' && (n == 'h' || n == 'z'):
			put('x') // the sound of ch has its own letter
			i++
		case c == 't' && (n == 's' || n == 'z'):
			put('z')
			i++
		case c == 'k' && n == 'h':
			put('h')
			i++
		case c == 'p' && n == 'h':
			put('f')
			i++
		case (c == 't' || c == 'd' || c == 'g') && n == 'h':
			put(c)
			i++
		case c == 'z' && n == 'h', c == 'd' && n == 'j':
			put('j')
			i++
		case c == 'c' && n == 'k':
			put('k')
			i++
		case c == 'o' && (n == 'u' || n == 'o'):
			put('u')
			i++
		case c == 'e' && n == 'e', c == 'i' && n == 'e' && i+2 == len(s):
			put('i')
			i++
		case (c == 'a' || c == 'o') && n == 'e':
			put(map[byte]byte{'a': 'e', 'o': 'o'}[c])
			i++
		case c == 'x':
			put('k')
			put('s')
		case c == 'q', c == 'c':
			put('k')
		case c == 'w':
			put('v')
		case c == 'y':
			put('i')
		case c == 'h' && i+1 == len(s) && len(out) > 1:
			// a final h is silent
		default:
			put(c)
		}
	}
	if string(out) == s {
		return s
	}
	return string(out)
}

// hardCh reports whether the ch at i sounds like k: before l and r (Christian),
// in Michael and Rachael, and at the end behind a, o or u (Bach).
func hardCh(s string, i int) bool {
	rest := s[i+2:]
	switch {
	case rest == "":
		return i > 0 && strings.IndexByte("aou", s[i-1]) >= 0
	case rest[0] == 'r' || rest[0] == 'l':
		return true
	}
	return i > 0 && strings.HasPrefix(rest, "ael")
}

// skeleton is the consonant key a word is looked up by. The coarse form also
// joins voiced and unvoiced, l and r, and the hissing sounds.
func skeleton(fold string, coarse bool) string {
	out := make([]byte, 0, len(fold))
	for i := 0; i < len(fold); i++ {
		c := fold[i]
		switch c {
		case 'a', 'e', 'i', 'o', 'u', 'h':
			continue
		case 'v':
			c = 'f'
		case 'z':
			c = 's'
		}
		if coarse {
			c = class(c)
			if c == 'i' {
				continue
			}
		}
		if len(out) == 0 || out[len(out)-1] != c {
			out = append(out, c)
		}
	}
	return string(out)
}

// class joins letters that scripts without the difference mix up.
func class(c byte) byte {
	switch c {
	case 'b', 'p', 'f', 'v':
		return 'b'
	case 'd', 't':
		return 't'
	case 'g', 'k':
		return 'k'
	case 's', 'z', 'x', 'j':
		return 's'
	case 'l', 'r':
		return 'r'
	case 'm', 'n':
		return 'n'
	case 'a', 'e', 'i', 'o', 'u':
		return 'a'
	}
	return c
}
