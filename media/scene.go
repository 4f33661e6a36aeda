package media

import (
	"strings"

	"bonafide/kyc"
)

// mention is a name in a sentence: words from..to.
type mention struct {
	from, to int
	// self says that it is the party that is looked for.
	self     bool
	score    float64
	features []kyc.HitFeature
	text     string
	how      string // full, surname
	owner    bool   // 's follows
}

// scene is one sentence with what was found in it.
type scene struct {
	*lexicon
	words    []word
	headline bool
	shouting bool
	found    []found
	mentions []mention
	at       []int // mention by word, -1 for none
	covered  []int // expression by word that is no category, -1 for none
	// before is whom a pronoun without a name in its sentence may mean: true
	// for the party, where the sentence before named nobody else.
	before bool
	number int // of the sentence
}

func (s *scene) place(mentions []mention) {
	s.mentions = mentions
	s.at = make([]int, len(s.words))
	s.covered = make([]int, len(s.words))
	for i := range s.at {
		s.at[i], s.covered[i] = -1, -1
	}
	for m, one := range mentions {
		for i := one.from; i < one.to; i++ {
			s.at[i] = m
		}
	}
	var kept []found
	for _, f := range s.found {
		named := false
		for i := f.from; i < f.to; i++ {
			named = named || s.at[i] >= 0 && mentions[s.at[i]].self && (i == f.from || !f.gapped())
		}
		if named {
			continue // the party is called Grant or Forge
		}
		kept = append(kept, f)
		if f.kind != category {
			for i := f.from; i < f.to; i++ {
				if s.at[i] < 0 && (i == f.from || i == f.to-1 || !f.gapped()) {
					s.covered[i] = len(kept) - 1
				}
			}
		}
	}
	s.found = kept
}

func (s *scene) has(i int, c class) bool { return i >= 0 && i < len(s.words) && s.is(&s.words[i], c) }

func (s *scene) isMark(i int, marks string) bool {
	return i >= 0 && i < len(s.words) && s.words[i].mark && strings.Contains(marks, s.words[i].plain)
}

// kindAt is the expression that covers a word, if it is of that kind.
func (s *scene) kindAt(i int, k kind) bool {
	return i >= 0 && i < len(s.covered) && s.covered[i] >= 0 && s.found[s.covered[i]].kind == k
}

// lead skips what stands between a preposition and a name: articles, titles,
// judge, former. It gives the first word before that.
func (s *scene) lead(from int) int {
	i := from - 1
	for n := 0; i >= 0 && n < 5 && !s.words[i].mark && s.at[i] < 0 && (s.has(i, isDet|isTitle) || s.kindAt(i, roleNoun)); n++ {
		i--
	}
	return i
}

// inPhrase reports whether a name hangs on a preposition: of X, by X, in X.
func (s *scene) inPhrase(m *mention) bool {
	i := s.lead(m.from)
	return s.has(i, isPrep) && (i < 0 || s.at[i] < 0)
}

// group is a verb with what stands before it and belongs to it.
type group struct {
	start                          int // first word
	passive, have, negated, hedged bool
	words                          []string
}

// verbGroup gathers auxiliaries, adverbs and negations before a verb. In
// German and Dutch the auxiliary may stand far away, on either side.
func (s *scene) verbGroup(from, to int) group {
	g := group{start: from}
	for i := from - 1; i >= 0 && !s.words[i].mark && s.at[i] < 0; i-- {
		w := &s.words[i]
		c := s.classes[w.plain]
		if c&(isPassive|isHave|isNegation|isAdverb|isHedge) == 0 {
			break
		}
		g.note(w, c)
		g.start = i
	}
	if !s.far {
		return g
	}
	for i := from - 1; i >= 0 && from-i < 30; i-- {
		if s.isMark(i, ";:") || s.isMark(i, ",") && i+1 < len(s.words) && !s.embeds(i+1) && s.has(i+1, isSubord) {
			break
		}
		if c := s.classes[s.words[i].plain]; c&(isPassive|isHave) != 0 && s.at[i] < 0 {
			g.note(&s.words[i], c)
			break
		} else if c&(isNegation|isHedge) != 0 && s.at[i] < 0 && from-i < 8 {
			g.note(&s.words[i], c)
		}
	}
	for i := to; i < len(s.words) && i < to+3 && !s.words[i].mark && !g.passive && !g.have; i++ {
		c := s.classes[s.words[i].plain]
		if c&(isPassive|isHave) == 0 {
			break
		}
		g.note(&s.words[i], c)
	}
	return g
}

func (g *group) note(w *word, c class) {
	g.passive = g.passive || c&isPassive != 0
	g.have = g.have || c&isHave != 0
	g.hedged = g.hedged || c&isHedge != 0
	if c&isNegation != 0 {
		g.negated = true
	}
	if c&(isPassive|isHave|isNegation|isHedge) != 0 {
		g.words = append([]string{w.orig}, g.words...)
	}
}

// embeds reports whether a part that begins at i says more of the name before
// it: who …, whose …, a former banker, 45.
func (s *scene) embeds(i int) bool {
	return s.has(i, isWho|isWhose|isDet|isTitle|isPrep) || i < len(s.words) && s.words[i].plain != "" && s.words[i].plain[0] >= '0' && s.words[i].plain[0] <= '9'
}

// opening finds the comma that opens the part which the comma at i closes, where
// that part follows a name; -1 if there is none.
func (s *scene) opening(i int) int {
	for p := i - 1; p > 0 && i-p <= 28; p-- {
		if s.isMark(p, ";:") {
			return -1
		}
		if s.isMark(p, ",") && s.at[p-1] >= 0 && p+1 < i {
			if m := s.at[p+1]; m >= 0 && s.mentions[m].from == p+1 && s.mentions[m].to == i {
				return -1 // a list of names
			}
			return p
		}
	}
	return -1
}

// nobody: none is named. him: a pronoun for which the sentence names nobody.
const (
	nobody = -1
	him    = -2
)

// subjectOf finds the name of which the verb at a word says something, by
// reading to the left: past what hangs on prepositions, past parts between
// commas, up to a name, or to another subject such as "his brother".
func (s *scene) subjectOf(at int) int {
	pronoun, thing := false, false
	first := true
	coordinated := false
	for i := at - 1; i >= 0; {
		w := &s.words[i]
		if m := s.at[i]; m >= 0 {
			one := &s.mentions[m]
			if one.owner && i < at-1 {
				return nobody
			}
			if s.inPhrase(one) {
				i = s.lead(one.from) - 1
				first = false
				continue
			}
			return m
		}
		c := s.classes[w.plain]
		switch {
		case w.mark && w.plain == ")":
			for i--; i >= 0 && !s.isMark(i, "("); i-- {
			}
		case w.mark && w.plain == ",":
			if p := s.opening(i); p >= 0 {
				i = p
			}
		case w.mark && (w.plain == ";" || w.plain == ":" || w.plain == "—"):
			if pronoun {
				break
			}
			return nobody
		case c&isCoord != 0:
			coordinated = coordinated || first
		case c&isWhose != 0:
			return nobody
		case c&isWho != 0 && i > 0 && (s.isMark(i-1, ",") || s.at[i-1] >= 0 || c&isDet == 0):
			if s.isMark(i-1, ",") && i >= 2 && s.at[i-2] >= 0 {
				return s.relative(i - 2)
			}
		case c&isKin != 0:
			if stop := s.another(i); stop && !coordinated {
				return nobody
			}
		case c&isPronoun != 0:
			pronoun = true
		case c&isSubord != 0:
			if thing && !pronoun {
				return nobody
			}
		case c&isDet != 0:
			switch {
			case s.has(i-1, isPrep) && s.at[i-1] < 0:
				i--
			case s.has(i-1, isCoord) || coordinated || pronoun:
			case s.far && !s.has(i-1, isPassive|isHave): // a genitive
			default:
				return nobody
			}
		case c&(isPassive|isHave|isAdverb|isNegation|isStop) == 0 && s.covered[i] < 0:
			thing = true
		}
		if c&(isAdverb|isPassive|isHave|isNegation) == 0 {
			first = false
		}
		i--
	}
	if pronoun {
		return him
	}
	return nobody
}

// relative is the name that a relative clause hangs on. A name that itself
// hangs on a kin word is still the nearest one.
func (s *scene) relative(i int) int { return s.at[i] }

// another reports whether a kin word is the subject: "his brother was", and
// not "and his brother were" or "with his brother was".
func (s *scene) another(i int) bool {
	for j := i - 1; j >= 0 && i-j <= 3; j-- {
		switch {
		case s.words[j].mark:
			return true
		case s.has(j, isDet|isWhose):
			return !s.has(j-1, isPrep|isCoord)
		case s.has(j, isPrep|isCoord):
			return false
		case s.at[j] >= 0:
			return true
		}
	}
	return true
}

// objectOf finds the name upon which the verb that ends at a word acts, by
// reading to the right past articles, titles and a few adjectives.
func (s *scene) objectOf(at int) int {
	loose := 0
	for i := at; i < len(s.words) && i < at+9; i++ {
		if m := s.at[i]; m >= 0 {
			one := &s.mentions[m]
			if one.owner && one.to < len(s.words) && !s.words[one.to].mark {
				return nobody
			}
			return m
		}
		switch {
		case s.has(i, isTo) && i == at:
		case s.has(i, isDet|isTitle|isAdverb) || s.kindAt(i, roleNoun):
		case s.words[i].mark || s.has(i, isStop):
			return nobody
		default:
			if loose++; loose > 3 || s.has(i, isKin) {
				return nobody
			}
		}
	}
	return nobody
}

// together gives a name with those that are joined to it by commas and "and".
func (s *scene) together(m int) []int {
	if m < 0 {
		return nil
	}
	out := []int{m}
	joined := func(from, to int) bool { // only commas, and, articles and titles between
		coord := false
		for i := from; i < to; i++ {
			switch {
			case s.isMark(i, ",") || s.has(i, isCoord):
				coord = true
			case s.has(i, isDet|isTitle) || s.kindAt(i, roleNoun):
			default:
				return false
			}
		}
		return coord
	}
	hangs := func(k int) bool { return s.inPhrase(&s.mentions[k]) }
	for k := m; k > 0 && !s.mentions[k-1].owner && (hangs(m) || !hangs(k-1)) && joined(s.mentions[k-1].to, s.mentions[k].from); k-- {
		out = append(out, k-1)
	}
	for k := m; k+1 < len(s.mentions) && !s.mentions[k].owner && joined(s.mentions[k].to, s.mentions[k+1].from) && s.andBetween(k); k++ {
		out = append(out, k+1)
	}
	return out
}

// andBetween reports whether the word "and" joins two neighbouring names, so
// that a name after a mere comma is not drawn in from the right.
func (s *scene) andBetween(k int) bool {
	for i := s.mentions[k].to; i < s.mentions[k+1].from; i++ {
		if s.has(i, isCoord) {
			return true
		}
	}
	return false
}
