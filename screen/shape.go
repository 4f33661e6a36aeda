package screen

import (
	"strings"

	"bonafide/spelling"
)

// shape is what tells most words apart without reading them, and what splits asks
// of a word (part).
type shape struct {
	hard, full uint32 // consonantCounts of the word as it may stand in a join
	soft       uint32 // softCounts of the folded word
	at         uint32 // where its letter codes begin
	text, fold uint16 // letters, unfolded and folded
	// size is how many letters it has folded; 0 for words that are not measured
	// by editing: initials, numbers, legal forms, very long ones.
	size       uint8
	mask       uint8 // spelling.ClassMask
	class      uint8 // of the first letter
	begin, end uint8 // first and last letter
	loose      bool
	initial    bool
	pet        bool // it stands in a row of nicknames
}

// shapeOf a word of the dictionary whose letters begin at a place.
func shapeOf(w *spelling.Token, at int) shape {
	p := partOf(w)
	s := shape{hard: p.hard, full: p.full, at: uint32(at), text: cut16(len(w.Text)), fold: cut16(len(w.Fold)), mask: w.Mask, class: p.class, begin: p.begin, end: p.end, loose: p.loose, initial: p.initial, pet: p.pet}
	if w.Editable() {
		s.size, s.soft = uint8(len(w.Fold)), softCounts(w.Fold)
	}
	return s
}

// outline is the shape of a word of the query.
func outline(t *spelling.Token) shape {
	s := shapeOf(t, 0)
	s.hard, s.full = consonantCounts(t.Fold)
	return s
}

// part is what splits asks of the word.
func (s *shape) part() part {
	return part{hard: s.hard, full: s.full, text: int32(s.text), fold: int32(s.fold), class: s.class, begin: s.begin, end: s.end, loose: s.loose, initial: s.initial, pet: s.pet}
}

// consonantCounts counts the letters of each class, four bits for each, at
// most 7. full counts every letter; hard leaves out v and j, which may stand
// for a vowel. Each hard letter that finds no full one of its class on the
// other side costs a whole letter, because all cheaper edits stay in the class.
func consonantCounts(fold string) (hard, full uint32) {
	for i := range len(fold) {
		var at uint
		switch c := fold[i]; spelling.Class(c) {
		case 'b':
			at = 0
		case 't':
			at = 4
		case 'k':
			at = 8
		case 's':
			at = 12
		case 'r':
			at = 16
		case 'n':
			at = 20
		default:
			if c > '9' {
				continue
			}
			at = 24
		}
		if full>>at&7 < 7 {
			full += 1 << at
		}
		if c := fold[i]; c != 'v' && c != 'j' && hard>>at&7 < 7 {
			hard += 1 << at
		}
	}
	return hard, full
}

// softCounts counts what consonantCounts leaves open: a, e, i, o, u, h, j and v,
// four bits for each, at most 7.
func softCounts(fold string) (soft uint32) {
	for i := range len(fold) {
		at := strings.IndexByte("aeiouhjv", fold[i])
		if at >= 0 && soft>>(4*at)&7 < 7 {
			soft += 1 << (4 * at)
		}
	}
	return soft
}

// unmatched counts the hard letters for which there is no full one.
func unmatched(hard, full uint32) int32 {
	const top = 0x88888888
	d := (hard | top) - full
	keep := d & top
	d &= keep - keep>>3
	d = d&0x0f0f0f0f + d>>4&0x0f0f0f0f
	return int32(d * 0x01010101 >> 24)
}

// lacking is how many letters of each of two words find none of their class in
// the other.
type lacking struct{ here, there int32 }

func (l lacking) most() int32 { return max(l.here, l.there) }

// unmatched is unmatched both ways at once.
func (s *shape) unmatched(other *shape) lacking {
	const top, sums = 0x8888888888888888, 0x0f0f0f0f0f0f0f0f
	d := (uint64(s.hard) | uint64(other.hard)<<32 | top) - (uint64(other.full) | uint64(s.full)<<32)
	keep := d & top
	d &= keep - keep>>3
	d = d&sums + d>>4&sums
	return lacking{int32(uint32(d) * 0x01010101 >> 24), int32(uint32(d>>32) * 0x01010101 >> 24)}
}

// excess is what either of two words has more of than the other: a bound of their
// distance. Each letter too many costs at least a whole one, or what its cheapest
// edit costs where there are cheaper ones.
func (s *shape) excess(other *shape, letters lacking, k *spelling.EditCosts) int32 {
	const top = 0x8888888888888888
	d := (uint64(s.soft) | uint64(other.soft)<<32 | top) - (uint64(other.soft) | uint64(s.soft)<<32)
	keep := d & top
	d &= keep - keep>>3
	return max(100*letters.here+softExcess(uint32(d), k), 100*letters.there+softExcess(uint32(d>>32), k))
}

// softExcess is what the cheapest edits of so many soft letters cost.
func softExcess(d uint32, k *spelling.EditCosts) int32 {
	vowels := d&0xf + d>>4&0xf + d>>8&0xf + d>>12&0xf + d>>16&0xf
	return k.Least[0]*int32(vowels) + k.Least[1]*int32(d>>20&0xf) + k.Least[2]*int32(d>>24&0xf) + k.Least[3]*int32(d>>28)
}
