package document

import (
	"strings"
	"time"
)

// unstick takes letters that may be misread fillers (K, C, X) off the edges of
// the zone's name words, and out of their middle, where exactly that gives
// words printed on the page. A word that is printed as it stands is left
// alone, and so is one with two possible answers.
func (v visual) unstick(m MRZ, now time.Time) (MRZ, bool) {
	l, ok := layoutOf(m.Lines)
	if !ok || len(v.words) == 0 {
		return m, false
	}
	printed := map[string]bool{}
	for _, w := range v.words {
		for _, part := range strings.FieldsFunc(w.text, func(r rune) bool { return r == '-' || r == ',' || r == '.' || r == '/' }) {
			printed[fold(part)] = true
		}
	}
	s := newMending(l, m.Lines)
	field := l.names.of(m.Lines)
	lone := func(word string) bool { return len(word) == 1 && strings.Contains("KCX", word) && !printed[fold(word)] }
	others := true
	for _, word := range strings.FieldsFunc(field, func(r rune) bool { return r == '<' }) {
		others = others && (lone(word) || printed[fold(word)])
	}
	for start := 0; start < len(field); {
		if field[start] == '<' {
			start++
			continue
		}
		end := start
		for end < len(field) && field[end] != '<' {
			end++
		}
		if word := field[start:end]; lone(word) && others {
			s.put(l.names.line, l.names.from+start, '<', "printed")
		} else if len(word) >= 4 && !printed[fold(word)] {
			if at, ok := stuckFillers(word, printed); ok {
				for _, p := range at {
					s.put(l.names.line, l.names.from+start+p, '<', "printed")
				}
			}
		}
		start = end
	}
	if len(s.repairs) == 0 {
		return m, false
	}
	// A filler read twice, once as a letter, leaves two where the name has one.
	lines := s.strings()
	surname, given, _ := strings.Cut(strings.Trim(l.names.of(lines), "<"), "<<")
	words := strings.FieldsFunc(given, func(r rune) bool { return r == '<' })
	n := lines[l.names.line]
	lines[l.names.line] = n[:l.names.from] + pad(surname+"<<"+strings.Join(words, "<"), l.names.to-l.names.from) + n[l.names.to:]
	better := parse(l, lines, now)
	better.Repairs = append(m.Repairs[:len(m.Repairs):len(m.Repairs)], s.repairs...)
	better.Repaired = true
	return better, true
}

// stuckFillers gives the places in a word that are fillers, when there is
// exactly one way to see it.
func stuckFillers(word string, printed map[string]bool) ([]int, bool) {
	like := func(c byte) bool { return c == 'K' || c == 'C' || c == 'X' }
	var found [][]int
	for lead := 0; lead <= 2 && (lead == 0 || like(word[lead-1])); lead++ {
		for trail := 0; trail <= 2 && lead+trail+3 <= len(word) && (trail == 0 || like(word[len(word)-trail])); trail++ {
			var at []int
			for p := range lead {
				at = append(at, p)
			}
			for p := len(word) - trail; p < len(word); p++ {
				at = append(at, p)
			}
			body := word[lead : len(word)-trail]
			if len(at) > 0 && printed[fold(body)] {
				found = append(found, at)
			}
			for p := 3; p+3 < len(body); p++ {
				if like(body[p]) && printed[fold(body[:p])] && printed[fold(body[p+1:])] {
					found = append(found, append(at[:len(at):len(at)], lead+p))
				}
			}
		}
	}
	if len(found) != 1 {
		return nil, false
	}
	return found[0], true
}
