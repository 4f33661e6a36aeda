package media

import (
	"slices"
	"strings"
)

// fact is one thing that a sentence says of the party.
type fact struct {
	kind     kind // act, cleared, denied or roleNoun
	role     Role
	clearing string // acquitted, dropped, overturned, denied
	rule     string // <language>.<role>.<how>
	words    string // on which it rests
	hedged   bool
	from, to int    // the words of the expression
	category string // of the nearest word of one, or ""
	sentence int
	headline bool
}

// facts lists what the sentence says of the party.
func (s *scene) facts() []fact {
	var out []fact
	for i := range s.found {
		f := &s.found[i]
		switch f.kind {
		case act, cleared, denied, roleVerb:
			out = append(out, s.judge(f)...)
		}
	}
	return append(out, s.roles()...)
}

// selfIn reports whether the party is one of the names, and how.
func (s *scene) selfIn(m int) (bool, string) {
	if m == him {
		return s.before, "pronoun"
	}
	for _, one := range s.together(m) {
		if s.mentions[one].self {
			if one != m {
				return true, "together"
			}
			return true, ""
		}
	}
	return false, ""
}

// judge tells for one expression what it says of the party.
func (s *scene) judge(f *found) []fact {
	var out []fact
	g := s.verbGroup(f.from, f.to)
	say := func(m int, how string, role Role, k kind, negated bool) {
		ok, via := s.selfIn(m)
		if !ok {
			return
		}
		if via != "" {
			how += "." + via
		}
		one := fact{kind: k, role: role, hedged: g.hedged, from: f.from, to: f.to, sentence: s.number, headline: s.headline,
			words: strings.Join(append(slices.Clone(g.words), s.text(f.from, f.to)), " ")}
		name := string(role)
		switch {
		case k == cleared || k == denied:
			one.clearing = f.name
			name = f.name
			if negated { // was not acquitted
				one.kind, one.role, name = act, Charged, "not_"+f.name
			}
		case k == act && negated:
			one.kind, one.clearing = cleared, "dropped"
			name = "not_" + name
		case k == roleVerb:
			one.kind = roleNoun
		}
		one.rule = s.code + "." + name + "." + how
		one.category = s.categoryNear(f.from, f.to)
		out = append(out, one)
	}
	switch f.form {
	case participle:
		s.judgeParticiple(f, g, say)
	case active:
		to := f.to
		if f.gapped() {
			to = f.from + 1
		}
		say(s.objectOf(to), "active", f.role, f.kind, g.negated)
		if !s.dependent(f) {
			s.doer(f, g, say)
		}
	case subject:
		switch {
		case g.passive && f.kind == act && f.role == Accused && f.words[0] != "is" && f.words[0] != "a":
			s.agent(f, say)
		case !s.dependent(f):
			say(s.subjectOf(g.start), "subject", f.role, f.kind, g.negated)
		}
	case noun:
		s.judgeNoun(f, g, say)
	}
	return out
}

type sayer func(m int, how string, role Role, k kind, negated bool)

func (s *scene) judgeParticiple(f *found, g group, say sayer) {
	passive := g.passive
	if !passive {
		o := s.objectOf(f.to)
		switch {
		case o != nobody:
			say(o, "active", f.role, f.kind, g.negated)
			s.doer(f, g, say)
			return
		case g.have && s.far:
			// Das Gericht hat X verurteilt: the name before it is acted upon,
			// unless it is the first word.
			m := s.subjectOf(f.from)
			if m >= 0 && s.mentions[m].from < s.lastHave(f.from) {
				s.doer(f, g, say)
				return
			}
			say(m, "active", f.role, f.kind, g.negated)
			return
		case g.have || !s.reduced(f.to):
			s.doer(f, g, say)
			return
		}
	}
	how := "passive"
	if !passive {
		how = "short"
	}
	say(s.subjectOf(g.start), how, f.role, f.kind, g.negated)
	s.agent(f, say)
}

// lastHave is the place of the auxiliary before a word, or -1.
func (s *scene) lastHave(before int) int {
	for i := before - 1; i >= 0; i-- {
		if s.has(i, isHave) && s.at[i] < 0 {
			return i
		}
	}
	return -1
}

// reduced reports whether a participle without auxiliary is one of a headline
// or of a shortened clause: a preposition, a mark, an adverb or nothing follows.
func (s *scene) reduced(to int) bool {
	if to >= len(s.words) || s.words[to].mark || s.has(to, isPrep|isAdverb|isCoord|isSubord|isTo) {
		return true
	}
	w := s.words[to].plain
	return w[0] >= '0' && w[0] <= '9' || s.kindAt(to, act) || s.far
}

// doer says what the subject of an acting verb is: an accused where it harms
// somebody, an official where it arrests or accuses.
func (s *scene) doer(f *found, g group, say sayer) {
	switch {
	case f.name == "witness":
		say(s.subjectOf(g.start), "acts", Witness, roleVerb, false)
	case f.kind == act && f.harm:
		say(s.subjectOf(g.start), "harms", Accused, act, g.negated)
	case f.kind == act || f.kind == cleared:
		say(s.subjectOf(g.start), "acts", Official, roleVerb, false)
	}
}

// agent says what the name after "by" is.
func (s *scene) agent(f *found, say sayer) {
	for m := range s.mentions {
		if s.mentions[m].from < f.to || !s.has(s.lead(s.mentions[m].from), isBy) {
			continue
		}
		if f.harm || f.form == subject {
			say(m, "by", Accused, act, false)
		} else {
			say(m, "by", Official, roleVerb, false)
		}
		return
	}
}

// dependent reports whether a verb depends on another expression: accused of
// laundering, denied paying bribes. Then it only tells the category.
func (s *scene) dependent(f *found) bool {
	for i := f.from - 1; i >= 0 && f.from-i <= 4; i-- {
		if s.words[i].mark || s.at[i] >= 0 {
			return false
		}
		if i == f.from-1 && s.has(i, isPrep) {
			return true
		}
		if s.kindAt(i, act) || s.kindAt(i, cleared) || s.kindAt(i, denied) {
			return !s.has(i+1, isCoord)
		}
	}
	return false
}

func (s *scene) judgeNoun(f *found, g group, say sayer) {
	negated := s.has(f.from-1, isNegation) || s.has(f.from-2, isNegation) && s.has(f.from-1, isDet|isAdverb)
	for i := f.from - 1; i >= 0 && f.from-i <= 4 && !s.words[i].mark; i-- { // X's fraud trial
		if m := s.at[i]; m >= 0 {
			if s.mentions[m].owner {
				say(m, "owner", f.role, f.kind, negated)
				return
			}
			break
		}
	}
	target, by := nobody, nobody
	from := f.to
	if f.gapped() { // charges against X were dropped
		from = f.from + 1
	}
	for i := from; i < len(s.words) && i < f.to+12; i++ {
		if s.isMark(i, ",;:—)") || s.has(i, isSubord|isWho|isWhose) {
			break
		}
		m := s.at[i]
		if m < 0 || s.mentions[m].from != i {
			continue
		}
		p := s.lead(i)
		switch {
		case s.has(p, isBy) && !s.has(p, isAgainst) && s.words[p].plain != "de" && s.words[p].plain != "da" && s.words[p].plain != "von":
			by = m
		case s.has(p, isAgainst):
			target = m
		case s.has(p, isPrep) && target == nobody && (!s.mentions[m].owner || s.mentions[m].to >= len(s.words) || s.words[s.mentions[m].to].mark):
			target = m
		}
	}
	if target == nobody { // gegen X wird ermittelt
		for m := len(s.mentions) - 1; m >= 0; m-- {
			if s.mentions[m].to <= f.from && s.has(s.lead(s.mentions[m].from), isAgainst) {
				target = m
				break
			}
		}
	}
	say(target, "of", f.role, f.kind, negated)
	if by != nobody && f.kind == act {
		say(by, "by", Official, roleVerb, false)
	}
}

// roles tells what the party is by a noun before or after its name.
func (s *scene) roles() []fact {
	var out []fact
	for m := range s.mentions {
		one := &s.mentions[m]
		if !one.self {
			continue
		}
		for i := range s.found {
			f := &s.found[i]
			if f.kind == roleNoun && s.beside(one, f) {
				out = append(out, fact{kind: roleNoun, role: f.role, rule: s.code + "." + string(f.role) + ".noun", words: s.text(f.from, f.to), from: f.from, to: f.to, sentence: s.number, headline: s.headline})
			}
		}
	}
	return out
}

// beside reports whether a noun says what a name is: judge X; X, a judge; X is
// a judge.
func (s *scene) beside(m *mention, f *found) bool {
	if f.to <= m.from { // before
		for i := f.to; i < m.from; i++ {
			if s.isMark(i, ",") && i == m.from-1 && (m.to >= len(s.words) || s.words[m.to].mark) {
				continue // Carter's lawyer, Ann Porter,
			}
			if !s.has(i, isTitle) && !s.kindAt(i, roleNoun) {
				return false
			}
		}
		return true
	}
	if f.from < m.to || m.owner || f.from-m.to > 6 {
		return false
	}
	i := m.to
	switch {
	case s.isMark(i, ","):
	case s.has(i, isPassive): // was, is
	default:
		return false
	}
	for i++; i < f.from; i++ {
		if s.words[i].mark || s.at[i] >= 0 || s.has(i, isWho|isWhose|isSubord|isKin|isPassive|isNegation|isBy|isAgainst) || s.kindAt(i, act) || s.kindAt(i, cleared) {
			return false
		}
	}
	return true
}

func (s *scene) text(from, to int) string {
	var out []string
	for i := from; i < to; i++ {
		out = append(out, s.words[i].orig)
	}
	return strings.Join(out, " ")
}

// categoryNear is the category whose word stands nearest to an expression; one
// that follows it comes before one that precedes it.
func (s *scene) categoryNear(from, to int) string {
	best, least := "", 1<<20
	for i := range s.found {
		f := &s.found[i]
		if f.kind != category {
			continue
		}
		d := 0
		switch {
		case f.from >= to:
			d = f.from - to
		case f.to <= from:
			d = maxSentence + from - f.to
		}
		if d < least {
			best, least = f.name, d
		}
	}
	return best
}
