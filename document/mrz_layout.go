package document

// span is a piece of one line, to exclusive.
type span struct{ line, from, to int }

func (s span) of(lines []string) string { return lines[s.line][s.from:s.to] }

// layout says where everything stands in one format.
type layout struct {
	format       Format
	lines, width int

	class, issuer, number, numberCheck, nationality, dob, sex, expiry, optional1, optional2, names span

	checks []checkRule
	// longNumbers are document numbers of more than nine characters.
	longNumbers bool
}

// layouts gives the five formats. Positions are 0-based; Doc 9303 counts
// from 1.
func layouts() [5]layout {
	two := func(f Format, width int) layout {
		return layout{
			format: f, lines: 2, width: width,
			class: span{0, 0, 2}, issuer: span{0, 2, 5}, names: span{0, 5, width},
			number: span{1, 0, 9}, numberCheck: span{1, 9, 10}, nationality: span{1, 10, 13},
			dob: span{1, 13, 19}, sex: span{1, 20, 21}, expiry: span{1, 21, 27},
			checks: []checkRule{
				{name: "number", at: span{1, 9, 10}, over: []span{{1, 0, 9}}},
				{name: "dob", at: span{1, 19, 20}, over: []span{{1, 13, 19}}},
				{name: "expiry", at: span{1, 27, 28}, over: []span{{1, 21, 27}}},
			},
		}
	}
	td1 := layout{
		format: TD1, lines: 3, width: 30, longNumbers: true,
		class: span{0, 0, 2}, issuer: span{0, 2, 5}, number: span{0, 5, 14}, numberCheck: span{0, 14, 15}, optional1: span{0, 15, 30},
		dob: span{1, 0, 6}, sex: span{1, 7, 8}, expiry: span{1, 8, 14}, nationality: span{1, 15, 18}, optional2: span{1, 18, 29},
		names: span{2, 0, 30},
		checks: []checkRule{
			{name: "number", at: span{0, 14, 15}, over: []span{{0, 5, 14}}, tail: span{0, 15, 30}},
			{name: "dob", at: span{1, 6, 7}, over: []span{{1, 0, 6}}},
			{name: "expiry", at: span{1, 14, 15}, over: []span{{1, 8, 14}}},
			{name: "composite", at: span{1, 29, 30}, over: []span{{0, 5, 30}, {1, 0, 7}, {1, 8, 15}, {1, 18, 29}}},
		},
	}
	td2 := two(TD2, 36)
	td2.longNumbers = true
	td2.optional1 = span{1, 28, 35}
	td2.checks[0].tail = span{1, 28, 35}
	td2.checks = append(td2.checks, checkRule{name: "composite", at: span{1, 35, 36}, over: []span{{1, 0, 10}, {1, 13, 20}, {1, 21, 35}}})
	td3 := two(TD3, 44)
	td3.optional1 = span{1, 28, 42}
	td3.checks = append(td3.checks,
		checkRule{name: "optional", at: span{1, 42, 43}, over: []span{{1, 28, 42}}, fillerIsZero: true},
		checkRule{name: "composite", at: span{1, 43, 44}, over: []span{{1, 0, 10}, {1, 13, 20}, {1, 21, 43}}})
	mrva := two(MRVA, 44)
	mrva.optional1 = span{1, 28, 44}
	mrvb := two(MRVB, 36)
	mrvb.optional1 = span{1, 28, 36}
	return [5]layout{td1, td2, td3, mrva, mrvb}
}

// layoutOf picks the layout by the number and width of the lines and by the
// document class: V is a visa.
func layoutOf(lines []string) (layout, bool) {
	for _, line := range lines {
		for i := range len(line) {
			if c := line[i]; c != '<' && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
				return layout{}, false
			}
		}
	}
	for _, l := range layouts() {
		if len(lines) != l.lines {
			continue
		}
		fits := true
		for _, line := range lines {
			fits = fits && len(line) == l.width
		}
		if fits && l.suits(lines[0]) {
			return l, true
		}
	}
	return layout{}, false
}

// suits reports whether the class letter belongs to the layout.
func (l layout) suits(first string) bool {
	visa := l.format == MRVA || l.format == MRVB
	return l.format == TD1 || visa == (len(first) > 0 && first[0] == 'V')
}

// checkRule is one check digit: where it stands and what it covers. tail is
// where a long document number continues.
type checkRule struct {
	name         string
	at           span
	over         []span
	tail         span
	fillerIsZero bool
}

// verify computes the digit and compares. A filler is accepted in place of 0
// only where Doc 9303 allows it: over empty optional data of a passport.
func (c checkRule) verify(lines []string) bool {
	printed := lines[c.at.line][c.at.from]
	sum, place := 0, 0
	for _, s := range c.over {
		sum, place = weigh(sum, place, s.of(lines))
	}
	if printed == '<' {
		if c.tail.to > 0 {
			return c.verifyLong(lines)
		}
		if !c.fillerIsZero {
			return false
		}
		for _, s := range c.over {
			for _, r := range s.of(lines) {
				if r != '<' {
					return false
				}
			}
		}
		return true
	}
	return printed >= '0' && printed <= '9' && int(printed-'0') == sum%10
}

// verifyLong checks a document number that runs on into the optional data.
// The standard leaves the filler between the parts out of the sum; some
// issuers (older Belgian cards) count it, which shifts the weights, so both
// ways are accepted.
func (c checkRule) verifyLong(lines []string) bool {
	head, tail := c.over[0].of(lines), c.tail.of(lines)
	end := 0
	for end < len(tail) && tail[end] != '<' {
		end++
	}
	if end < 2 || head[len(head)-1] == '<' {
		return false
	}
	digit := tail[end-1]
	if digit < '0' || digit > '9' {
		return false
	}
	for _, between := range []string{"", "<"} {
		if sum, _ := weigh(0, 0, head+between+tail[:end-1]); sum%10 == int(digit-'0') {
			return true
		}
	}
	return false
}

// weigh adds the weighted values of a string: digits count as themselves,
// A-Z as 10-35, the filler as 0, with weights 7, 3, 1 in turn (Doc 9303 part
// 3, section 4.9).
func weigh(sum, place int, s string) (int, int) {
	weights := [3]int{7, 3, 1}
	for i := range len(s) {
		v := 0
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			v = int(c - '0')
		case c >= 'A' && c <= 'Z':
			v = int(c-'A') + 10
		}
		sum += v * weights[place%3]
		place++
	}
	return sum, place
}

// CheckDigit computes the check digit of a string of A-Z, 0-9 and fillers.
func CheckDigit(s string) byte {
	sum, _ := weigh(0, 0, s)
	return byte('0' + sum%10)
}
