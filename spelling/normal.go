package spelling

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// MaxTokens bounds the words of one name; longer names keep the first ones.
const MaxTokens = 24

// Kind says how much a word can prove.
type Kind uint8

const (
	KindWord     Kind = iota // a name
	KindInitial              // one letter
	KindParticle             // al, bin, de, van, the
	KindTitle                // dr, sheikh
	KindLegal                // ltd, gmbh
	KindGeneric              // trading, group, bank
	KindNumber
)

// Token is one normalised word of a name. text has only a-z and 0-9.
type Token struct {
	Text string
	Fold string // text after the phonetic folds
	Orig string // as it stood in the name, for the explanation
	Kind Kind
	// loose marks a word romanised from a script whose spelling does not
	// settle the Latin one (vowels left out, l and r alike, …).
	Loose bool
	// firm marks a loose word whose Latin spelling is settled all the same, as
	// pinyin is for Chinese; it stands on the query's side only.
	Firm bool
	Mask uint8 // ClassMask of Fold
}

// Significant words are those that identify somebody.
func (t Token) Significant() bool { return t.Kind.Significant() }

func (k Kind) Significant() bool { return k == KindWord || k == KindNumber }

// Editable words may be similar to others by their letters.
func (t *Token) Editable() bool {
	return t.Kind != KindInitial && t.Kind != KindNumber && t.Kind != KindLegal && len(t.Fold) <= MaxWordBytes
}

// reading is one of the ways in which a name may be read.
type reading struct {
	number int  // 0 is the usual way; see Readings
	words  int  // of the name, as it is written
	dotted bool // it has a dot between Chinese characters
}

// Tokenize normalises a name: compatibility composition, invisible characters
// dropped, words split, each word romanised by its script in the usual way,
// marks dropped.
func Tokenize(name string) []Token { return tokenizeAs(name, 0) }

func tokenizeAs(name string, number int) []Token {
	tokens := Words(name, number)
	for i := range tokens {
		tokens[i].Sound()
	}
	return tokens
}

// Words is tokenizeAs without fold and mask: who knows the words already needs
// neither.
func Words(name string, number int) []Token {
	ascii := true
	for i := 0; i < len(name) && ascii; i++ {
		ascii = name[i] < 0x80
	}
	if ascii {
		return classify(writtenOut(joinLetters(splitASCII(name))))
	}
	return classify(writtenOut(joinLetters(splitWords(norm.NFKC.String(name), number))))
}

// Sound sets fold and mask.
func (t *Token) Sound() {
	t.Fold = Fold(t.Text)
	t.Mask = ClassMask(t.Fold)
}

// appendWord romanises one written word; some scripts give several tokens.
func appendWord(to []Token, word []rune, orig string, way reading) []Token {
	plain := true
	for _, r := range word {
		if r >= 0x80 {
			plain = false
			break
		}
	}
	if plain {
		return append(to, Token{Text: strings.ToLower(string(word)), Orig: orig})
	}
	for _, p := range romanise(word, way) {
		if p.Text != "" && len(to) < MaxTokens {
			p.Orig = orig
			to = append(to, p)
		}
	}
	return to
}

// joinLetters turns the single letters of S.A., L.L.C. and C.V. back into the
// legal form they spell; other single letters stay initials.
func joinLetters(in []Token) []Token {
	single := func(t Token) bool { return len(t.Text) == 1 && !t.Loose }
	if !slices.ContainsFunc(in, single) {
		return in
	}
	var out []Token
	for i := 0; i < len(in); i++ {
		if single(in[i]) {
			joined := in[i].Text
			best := 0
			for k := i + 1; k < len(in) && k < i+5 && len(in[k].Text) == 1; k++ {
				joined += in[k].Text
				if _, ok := legalForms[joined]; ok {
					best = k
				}
			}
			if best > 0 {
				text := ""
				for k := i; k <= best; k++ {
					text += in[k].Text
				}
				out = append(out, Token{Text: text, Orig: strings.ToUpper(text)})
				i = best
				continue
			}
		}
		out = append(out, in[i])
	}
	return out
}

// classify sets the kinds, and the one text of words that mean the same.
func classify(tokens []Token) []Token {
	for i := range tokens {
		t := &tokens[i]
		if t.Kind == KindLegal { // it was written out
			continue
		}
		if t.Text[0] <= '9' && len(t.Text) > 2 {
			t.Text = cardinal(t.Text)
		}
		if !plainWords[t.Text] { // most words
			t.Kind = countedKind(t.Text)
			continue
		}
		form, legal := legalForms[t.Text]
		switch {
		case legal && (!t.Loose || nativeForms[t.Text]) && (i > 0 || len(tokens) == 1 || frontForms[t.Text]):
			t.Kind, t.Text, t.Loose = KindLegal, form, false
		default:
			if same, ok := sameMeaning[t.Text]; ok {
				t.Text = same
			}
			t.Kind = KindOf(t.Text)
		}
	}
	return named(tokens)
}

// cardinal is the number of a word such as 27th; any other word is itself.
func cardinal(word string) string {
	n := len(word) - 2
	switch word[n:] {
	case "st", "nd", "rd", "th":
		if countedKind(word[:n]) == KindNumber {
			return word[:n]
		}
	}
	return word
}

// named makes words of a name of those that are mostly titles and particles, where
// it has no others: Syed Amir, Do Van An.
func named(tokens []Token) []Token {
	names := 0
	for i := range tokens {
		switch t := &tokens[i]; {
		case t.Significant() || t.Kind == KindGeneric:
			return tokens
		case alsoNames[t.Text]:
			names++
		}
	}
	if names < 2 {
		return tokens
	}
	for i := range tokens {
		if alsoNames[tokens[i].Text] {
			tokens[i].Kind = KindWord
		}
	}
	return tokens
}

func KindOf(text string) Kind {
	kind := countedKind(text)
	if kind == KindWord {
		if k, ok := commonWords[text]; ok {
			return k
		}
	}
	return kind
}

// countedKind is the kind of a word that proves as much as any other: a name, a
// single letter or a number.
func countedKind(text string) Kind {
	if len(text) == 1 {
		if text[0] >= '0' && text[0] <= '9' {
			return KindNumber
		}
		return KindInitial
	}
	for i := 0; i < len(text); i++ {
		if text[i] < '0' || text[i] > '9' {
			return KindWord
		}
	}
	return KindNumber
}

// Fold maps spellings of one sound to one: kh/h, ou/u, q/k/c, y/i, w/v,
// doubled letters. What is left to compare are real differences.
func Fold(s string) string {
	if len(s) <= 1 {
		return s
	}
	var buf [2 * MaxWordBytes]byte
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

// Skeleton is the consonant key a word is looked up by. The coarse form also
// joins voiced and unvoiced, l and r, and the hissing sounds.
func Skeleton(fold string, coarse bool) string {
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
			c = Class(c)
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

// Class joins letters that scripts without the difference mix up.
func Class(c byte) byte {
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
