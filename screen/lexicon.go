package screen

import (
	"math"
	"unsafe"

	"bonafide/spelling"
)

// lexicon holds words without a pointer in it, so that it can lie in a file:
// the letters of all words in one run, and for each word where its own are.
type lexicon struct {
	words []lexeme
	text  []byte
}

// lexeme is one word of a lexicon: its text and, behind it, its fold where
// that is another.
type lexeme struct {
	at         uint32
	size, fold uint16 // bytes of text and fold; a fold of 0 is the text itself
	kind       spelling.Kind
	mask       uint8
	loose      bool
	_          uint8
}

// spelt is what makes two words one: the same text may be a legal form on
// one list and begin a name on the other.
type spelt struct {
	text  string
	loose bool
	kind  spelling.Kind
}

// add appends a word.
func (l *lexicon) add(t *spelling.Token) {
	w := lexeme{at: uint32(len(l.text)), size: cut16(len(t.Text)), kind: t.Kind, mask: t.Mask, loose: t.Loose}
	l.text = append(l.text, t.Text[:w.size]...)
	if t.Fold != t.Text {
		w.fold = cut16(len(t.Fold))
		l.text = append(l.text, t.Fold[:w.fold]...)
	}
	l.words = append(l.words, w)
}

// cut16 bounds the length of a word. Names have at most a thousand bytes, and
// romanising makes a few letters of each: no word of a list comes near.
func cut16(n int) uint16 { return uint16(min(n, math.MaxUint16)) }

// vocabulary is the number of words.
func (l *lexicon) vocabulary() int { return len(l.words) }

// spelled is the text of a word. It lies in the lexicon's memory: whoever
// keeps it longer than the state that was asked clones it.
func (l *lexicon) spelled(word uint32) string {
	w := &l.words[word]
	return borrow(l.text[w.at : w.at+uint32(w.size)])
}

func (l *lexicon) kind(word uint32) spelling.Kind { return l.words[word].kind }

// token is a word as spelling.Tokenize gives it, in the lexicon's memory like spelled.
func (l *lexicon) token(word uint32) spelling.Token {
	w := &l.words[word]
	end := w.at + uint32(w.size)
	t := spelling.Token{Text: borrow(l.text[w.at:end]), Kind: w.kind, Mask: w.mask, Loose: w.loose}
	t.Fold = t.Text
	if w.fold > 0 {
		t.Fold = borrow(l.text[end : end+uint32(w.fold)])
	}
	return t
}

// borrow reads bytes as a string without copying them.
func borrow(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
