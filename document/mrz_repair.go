package document

import (
	"strings"
	"time"
)

// lookAlikes are the groups of characters that OCR confuses. A repair stays
// inside a group: letters ten apart in value (F and P, A and K and U) have the
// same weight modulo 10, so a freer repair would find wrong documents that
// verify.
func lookAlikes(c byte) string {
	for _, group := range [...]string{"0OQD", "1IL", "2Z", "5S", "8B", "6G", "7T", "4A", "<KC"} {
		if strings.IndexByte(group, c) >= 0 {
			return group
		}
	}
	return ""
}

// asDigit and asLetter give the look-alike of the other class, or the
// character itself.
func asDigit(c byte) byte {
	for _, d := range []byte(lookAlikes(c)) {
		if d >= '0' && d <= '9' {
			return d
		}
	}
	return c
}

func asLetter(c byte) byte {
	switch c {
	case '0':
		return 'O'
	case '1':
		return 'I'
	case '2':
		return 'Z'
	case '5':
		return 'S'
	case '8':
		return 'B'
	case '6':
		return 'G'
	case '7':
		return 'T'
	case '4':
		return 'A'
	}
	return c
}

// mending is a set of lines under repair.
type mending struct {
	l       layout
	lines   [][]byte
	repairs []Repair
}

func newMending(l layout, lines []string) *mending {
	s := &mending{l: l}
	for _, line := range lines {
		s.lines = append(s.lines, []byte(line))
	}
	return s
}

func (s *mending) strings() []string {
	out := make([]string, len(s.lines))
	for i, l := range s.lines {
		out[i] = string(l)
	}
	return out
}

func (s *mending) put(line, pos int, c byte, why string) {
	if old := s.lines[line][pos]; old != c {
		s.lines[line][pos] = c
		s.repairs = append(s.repairs, Repair{Line: line, Pos: pos, From: string(old), To: string(c), Why: why})
	}
}

// charset gives every position the class of character that the standard
// allows there: digits in dates and check digits, letters in names and codes.
func (s *mending) charset() {
	digits := []span{s.l.dob, s.l.expiry}
	for _, c := range s.l.checks {
		if c.at == s.l.numberCheck && s.lines[c.at.line][c.at.from] == '<' {
			continue
		}
		digits = append(digits, c.at)
	}
	for _, d := range digits {
		for p := d.from; p < d.to; p++ {
			s.put(d.line, p, asDigit(s.lines[d.line][p]), "charset")
		}
	}
	for _, a := range []span{s.l.class, s.l.issuer, s.l.nationality, s.l.names, s.l.sex} {
		for p := a.from; p < a.to; p++ {
			s.put(a.line, p, asLetter(s.lines[a.line][p]), "charset")
		}
	}
}

// fillers puts back fillers that were read as letters, where no letter makes
// sense: after the one-letter class P, in the code D<<, in an empty optional
// check digit, in place of the sex, and at the end of the name.
func (s *mending) fillers() {
	first := s.lines[0]
	if strings.IndexByte("PIACV", first[0]) >= 0 && strings.IndexByte("KX", first[1]) >= 0 || first[0] == 'P' && first[1] == 'C' {
		s.put(0, 1, '<', "filler")
	}
	for _, code := range []span{s.l.issuer, s.l.nationality} {
		text := string(s.lines[code.line][code.from:code.to])
		if _, known := Country(text); !known && text[0] == 'D' && strings.Trim(text[1:], "<KCX") == "" {
			s.put(code.line, code.from+1, '<', "filler")
			s.put(code.line, code.from+2, '<', "filler")
		}
	}
	if sex := s.lines[s.l.sex.line][s.l.sex.from]; sex == 'K' || sex == 'C' {
		s.put(s.l.sex.line, s.l.sex.from, '<', "filler")
	}
	s.nameFillers()
}

// nameFillers clears the end of the name field. OCR models that were not made
// for this print read fillers as K, C, X and other letters.
//
// Two rules. The name ends at the second double filler, because secondary
// identifiers are parted by single ones (Doc 9303 part 3, 4.6): whatever
// follows is filler. And letters out of K, C, X that stand in the closing run
// of fillers, or are stuck to the last word in a group of two and more, are
// fillers, except CK, which ends many names. A single letter after a single
// filler may be an initial and is left alone unless other fillers of the
// field were misread too.
func (s *mending) nameFillers() {
	n := s.l.names
	field := s.lines[n.line][n.from:n.to]
	misread := false
	clear := func(from int) {
		for p := from; p < len(field); p++ {
			if field[p] != '<' {
				misread = true
			}
			s.put(n.line, n.from+p, '<', "filler")
		}
	}
	if first := strings.Index(string(field), "<<"); first >= 0 {
		given := first
		for given < len(field) && field[given] == '<' {
			given++
		}
		switch second := strings.Index(string(field[given:]), "<<"); {
		case given-first > 3: // no secondary identifier at all
			clear(first)
		case second >= 0:
			clear(given + second)
		}
	}
	for {
		end := len(strings.TrimRight(string(field), "<"))
		start := end
		for start > 0 && strings.IndexByte("KCX", field[start-1]) >= 0 {
			start--
		}
		tail := string(field[start:end])
		alone := start > 0 && field[start-1] == '<'
		behind := start > 0 && len(field)-end >= 2 // there is a name, and a run of fillers after it
		filler := len(tail) >= 2 && (tail != "CK" || alone) || len(tail) == 1 && alone && misread
		if !behind || !filler {
			return
		}
		clear(start)
	}
}

// verify tries single look-alike substitutions under the check digits and
// keeps the only one that makes all of them verify. Two candidates, or none,
// change nothing.
func (s *mending) verify(now time.Time) {
	if parse(s.l, s.strings(), now).Valid {
		return
	}
	type change struct {
		line, pos int
		c         byte
	}
	var only change
	found := 0
	seen := map[[2]int]bool{}
	for _, check := range s.l.checks {
		for _, over := range append([]span{check.at}, check.over...) {
			for p := over.from; p < over.to; p++ {
				at := [2]int{over.line, p}
				if seen[at] {
					continue
				}
				seen[at] = true
				old := s.lines[over.line][p]
				for _, c := range []byte(lookAlikes(old)) {
					if c == old || s.numeric(over.line, p) && (c < '0' || c > '9') {
						continue
					}
					s.lines[over.line][p] = c
					if m := parse(s.l, s.strings(), now); m.Valid && len(m.Doubts) == 0 {
						only, found = change{over.line, p, c}, found+1
					}
				}
				s.lines[over.line][p] = old
			}
		}
	}
	if found == 1 {
		s.put(only.line, only.pos, only.c, "check_digit")
	}
}

// numeric reports whether only digits may stand there.
func (s *mending) numeric(line, pos int) bool {
	in := func(a span) bool { return a.line == line && pos >= a.from && pos < a.to }
	if in(s.l.dob) || in(s.l.expiry) {
		return true
	}
	for _, c := range s.l.checks {
		if in(c.at) {
			return true
		}
	}
	return false
}

// restore applies everything above and parses.
func restore(l layout, lines []string, now time.Time) MRZ {
	s := newMending(l, lines)
	s.charset()
	s.fillers()
	s.verify(now)
	m := parse(l, s.strings(), now)
	m.Repairs, m.Repaired = s.repairs, len(s.repairs) > 0
	return m
}
