package screen

import "bonafide/spelling"

import "strings"

// joined is a run of neighbouring query words written as one.
type joined struct {
	at, n int
	token spelling.Token
}

// maxJoin is how many neighbours may be one word on the other side (van der
// Meersch, Vandermeersch).
const maxJoin = 3

// joinGap is how many letters a word may have more or less than what is written
// as one on the other side.
const joinGap = 2

func joinTokens(run []spelling.Token) spelling.Token {
	var t spelling.Token
	var buf [3 * spelling.MaxWordBytes]byte
	text := buf[:0]
	for i := range run {
		text = append(text, run[i].Text...)
		t.Loose = t.Loose || run[i].Loose
	}
	t.Text = string(text)
	t.Fold = spelling.Fold(t.Text)
	t.Mask = spelling.ClassMask(t.Fold)
	return t
}

// part is what splits asks of a word before it joins it to others, and of the
// join.
type part struct {
	hard, full uint32 // consonantCounts
	text, fold int32  // letters
	class      uint8  // of the first letter
	begin, end byte   // first and last letter
	// mixed: where words meet, letters may have become others.
	mixed   bool
	loose   bool
	initial bool
	pet     bool // it stands in a row of nicknames
}

// partOf a word as it may stand in a join: a single letter is folded only
// there.
func partOf(t *spelling.Token) part {
	fold := t.Fold
	switch t.Text {
	case "c", "q":
		fold = "k"
	case "x":
		fold = "ks"
	case "w":
		fold = "v"
	}
	p := part{text: int32(len(t.Text)), fold: int32(len(t.Fold)), class: spelling.Class(t.Text[0]), begin: t.Text[0], end: t.Text[len(t.Text)-1], loose: t.Loose, initial: t.Kind == spelling.KindInitial, pet: spelling.HasNickname(t.Text)}
	p.hard, p.full = consonantCounts(fold)
	return p
}

// add joins a part to the right. Its counts are bounds then: the join has at
// most as many letters of a class as full says, and at least as many as hard
// says, but see joinMisses.
func (p *part) add(next *part) {
	p.text += next.text
	p.fold += next.fold + 2 // letters that were silent at the end are heard
	p.mixed = p.mixed || mixes(p.end, next.begin)
	p.end = next.end
	const ones = 0x11111111
	// Equal letters that meet become one.
	met := (p.hard + 7*ones) >> 3 & ((next.hard + 7*ones) >> 3) & ones
	p.hard = atMost7(p.hard+next.hard) - met
	p.full = atMost7(p.full + next.full)
}

// mixes reports whether fold may read two consonants, or the beginning of
// more, as one sound.
func mixes(a, b byte) bool {
	if a == 'h' {
		return true // see hardCh
	}
	switch b {
	case 'h':
		return strings.IndexByte("sczkptdg", a) >= 0
	case 'c':
		return true // hardCh, too
	case 'z':
		return a == 't' || a == 'd' || a == 'c'
	case 's':
		return a == 't'
	case 'j':
		return a == 'd'
	case 'k':
		return a == 'c'
	}
	return false
}

// atMost7 cuts counts of four bits each.
func atMost7(counts uint32) uint32 {
	over := counts & 0x88888888
	return (counts | (over - over>>3)) &^ 0x88888888
}

// joinMisses counts the letters that must cost a whole one when a word is
// compared with the join of others, by the consonantCounts of the word. Where
// words mix, t, k and hissing sounds may vanish, a hissing sound or a k may
// appear (t+s, c+h, ch+r) and so may an f (pp+h); b, l, m, n, r and digits always stay.
func joinMisses(hard, full uint32, whole *part) int32 {
	if !whole.mixed {
		return max(unmatched(hard, whole.full), unmatched(whole.hard, full))
	}
	const appearing, staying = 0xff0f, 0x0fff000f
	return max(unmatched(hard&^appearing, whole.full), unmatched(whole.hard&staying, full))
}
