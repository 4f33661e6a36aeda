package media

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"bonafide/screen"
)

// word is one word or mark of a sentence.
type word struct {
	orig  string // as written, without a possessive 's
	plain string // lower case without accents; marks as they are
	start int    // bytes from the beginning of the article's part
	end   int
	cap   bool // begins with a capital letter, or its script has none
	mark  bool // punctuation
	// owner says that 's or an apostrophe follows: Smith's.
	owner bool
	spell []screen.Spelling
}

// sentence is a part of a text that ends with a full stop or a line.
type sentence struct {
	words    []word
	headline bool
	// shouting says that most words have capitals, as in headlines: then a
	// capital says nothing.
	shouting bool
	start    int
	end      int
}

// maxSentence bounds a sentence in words; longer ones are cut into several.
const maxSentence = 120

// elided are the little words that French, Italian and others write before an
// apostrophe.
var elided = set("l d qu s n c j m t jusqu lorsqu puisqu dell all nell dall sull un quell quest")

func set(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}

// abbreviations end with a full stop that ends no sentence.
var abbreviations = set("mr mrs ms dr prof sr jr st no inc ltd co corp vs gen col lt sgt capt rev hon sen rep gov bzw ca usw z b d h u a bspw mme mlle m mm me sra srta dra exmo ing avv dott sig nr art abs approx dept ul im g")

// plainText is the form in which words are compared with the word lists.
func plainText(s string) string {
	ascii := true
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	if ascii {
		return strings.ToLower(s)
	}
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(s)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'ß':
			b.WriteString("ss")
		case r == 'ø':
			b.WriteByte('o')
		case r == 'ł':
			b.WriteByte('l')
		case r == 'ı':
			b.WriteByte('i')
		case r == 'æ':
			b.WriteString("ae")
		case r == 'œ':
			b.WriteString("oe")
		case r == 'đ':
			b.WriteByte('d')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func apostrophe(r rune) bool { return r == '\'' || r == '’' || r == 'ʼ' || r == '´' || r == '`' }

// cutSentences reads a text into sentences.
func cutSentences(text string, headline bool) []sentence {
	var out []sentence
	cur := sentence{headline: headline}
	flush := func() {
		if len(cur.words) > 0 {
			cur.start, cur.end = cur.words[0].start, cur.words[len(cur.words)-1].end
			cur.shouting = shouting(cur.words, headline)
			out = append(out, cur)
		}
		cur = sentence{headline: headline}
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			end := wordEnd(text, i)
			cur.words = appendWords(cur.words, text[i:end], i)
			i = end
			continue
		case r == '\n' || r == '!' || r == '?' || r == '。' || r == '…' || r == '！' || r == '？' || r == '؟' || r == '।':
			if r != '\n' {
				cur.mark(r, i, size)
			}
			flush()
		case r == '.':
			cur.mark(r, i, size)
			if endsSentence(cur.words, text[i+size:]) {
				flush()
			}
		case r == ',' || r == ';' || r == ':' || r == '(' || r == ')' || r == '"' || r == '“' || r == '”' || r == '„' || r == '«' || r == '»' || r == '–' || r == '—' || r == '،' || r == '、' || r == '，':
			cur.mark(map[rune]rune{'،': ',', '、': ',', '，': ',', '–': '—', '„': '"', '“': '"', '”': '"', '«': '"', '»': '"'}[r]|keep(r), i, size)
		case r == '-' && i > 0 && text[i-1] == ' ':
			cur.mark('—', i, size)
		}
		i += size
		if len(cur.words) >= maxSentence {
			flush()
		}
	}
	flush()
	return out
}

// keep is a mark that stands for itself, 0 for one that another stands for.
func keep(r rune) rune {
	switch r {
	case '،', '、', '，', '–', '„', '“', '”', '«', '»':
		return 0
	}
	return r
}

func (s *sentence) mark(r rune, at, size int) {
	s.words = append(s.words, word{orig: string(r), plain: string(r), start: at, end: at + size, mark: true})
}

// wordEnd is where a word ends: letters, digits, marks, and apostrophes and
// hyphens between letters.
func wordEnd(text string, at int) int {
	for at < len(text) {
		r, size := utf8.DecodeRuneInString(text[at:])
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
		case apostrophe(r) || r == '-' || r == '.' || r == '\u200c' || r == '\u200d':
			next, _ := utf8.DecodeRuneInString(text[at+size:])
			if !unicode.IsLetter(next) || r == '.' && !initialsDot(text, at) {
				if apostrophe(r) && at > 0 && (text[at-1] == 's' || text[at-1] == 'S') {
					return at // students' is read as students
				}
				return at
			}
		default:
			return at
		}
		at += size
	}
	return at
}

// initialsDot reports whether a full stop stands inside of U.S. or S.A.
func initialsDot(text string, at int) bool {
	before, size := utf8.DecodeLastRuneInString(text[:at])
	if !unicode.IsUpper(before) {
		return false
	}
	earlier, _ := utf8.DecodeLastRuneInString(text[:at-size])
	if unicode.IsLetter(earlier) {
		return false
	}
	next, n := utf8.DecodeRuneInString(text[at+1:])
	after, _ := utf8.DecodeRuneInString(text[at+1+n:])
	return unicode.IsUpper(next) && !unicode.IsLetter(after)
}

// appendWords adds a written word, without 's and with what is elided before
// an apostrophe as a word of its own.
func appendWords(to []word, s string, at int) []word {
	for i, r := range s {
		if !apostrophe(r) {
			continue
		}
		rest := s[i+utf8.RuneLen(r):]
		switch {
		case strings.EqualFold(rest, "s"):
			w := newWord(s[:i], at)
			w.owner, w.end = true, at+len(s)
			return append(to, w)
		case elided[plainText(s[:i])] && (i == 0 || !unicode.IsUpper(rune(s[0])) || len(s[:i]) > 1 || s[0] != 'O'):
			to = append(to, newWord(s[:i], at))
			return appendWords(to, rest, at+i+utf8.RuneLen(r))
		}
	}
	return append(to, newWord(s, at))
}

func newWord(s string, at int) word {
	r, _ := utf8.DecodeRuneInString(s)
	return word{orig: s, plain: strings.NewReplacer("'", "", "’", "").Replace(plainText(s)), start: at, end: at + len(s),
		cap: unicode.IsUpper(r) || unicode.IsTitle(r) || unicode.IsLetter(r) && !unicode.IsLower(r)}
}

// endsSentence reports whether a full stop ends a sentence: what follows begins
// with a capital, and what stands before is no abbreviation or initial.
func endsSentence(words []word, rest string) bool {
	next := strings.TrimLeft(rest, " \t\"'“”„»«)’")
	if next == "" || next[0] == '\n' {
		return true
	}
	if len(next) == len(rest) {
		return false // no space: a number or an address
	}
	r, _ := utf8.DecodeRuneInString(next)
	if unicode.IsLower(r) {
		return false
	}
	if len(words) < 2 {
		return true
	}
	before := words[len(words)-2]
	if before.mark {
		return true
	}
	one := utf8.RuneCountInString(before.orig) == 1 && before.cap
	return !one && !abbreviations[before.plain] && (!unicode.IsDigit(rune(before.orig[0])) || len(before.orig) > 2)
}

// shouting reports whether most of the longer words begin with capitals; below
// the headline, whether nearly all words do.
func shouting(words []word, headline bool) bool {
	long, high := 0, 0
	for i := range words {
		if i > 0 && !words[i].mark && (len(words[i].orig) > 3 || !headline) && !unicode.IsDigit(rune(words[i].orig[0])) {
			long++
			if words[i].cap {
				high++
			}
		}
	}
	if !headline {
		return long >= 4 && high*10 >= long*9
	}
	return long >= 3 && high*10 >= long*8
}

// spelling is the word as names are compared, worked out once.
func (w *word) spelling() []screen.Spelling {
	if w.spell == nil && !w.mark {
		w.spell = screen.Spell(w.orig)
		if w.spell == nil {
			w.spell = []screen.Spelling{}
		}
	}
	return w.spell
}
