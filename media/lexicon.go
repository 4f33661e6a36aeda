package media

import (
	"slices"
	"strings"
)

// Role is what a text says that a party is in a matter.
type Role string

// The roles. Those up to Fined weigh against the party; the others do not.
const (
	Convicted    Role = "convicted"
	Sanctioned   Role = "sanctioned"
	Charged      Role = "charged"
	Arrested     Role = "arrested"
	Accused      Role = "accused"
	Investigated Role = "investigated"
	Sued         Role = "sued"
	Fined        Role = "fined" // by an authority or a court, which says no more
	Victim       Role = "victim"
	Witness      Role = "witness"
	Judge        Role = "judge"
	Prosecutor   Role = "prosecutor"
	Lawyer       Role = "lawyer"
	Journalist   Role = "journalist"
	Police       Role = "police"
	// Official acts against others: arrests, accuses, sentences them.
	Official Role = "official"
	// Named stands beside such words, but none is said of it.
	Named Role = "named"
)

// Adverse reports whether a role weighs against the party.
func (r Role) Adverse() bool {
	switch r {
	case Convicted, Sanctioned, Charged, Arrested, Accused, Investigated, Sued, Fined:
		return true
	}
	return false
}

// Categories of what a party is accused of. Crime is an accusation that names
// none of the others.
func Categories() []string {
	return []string{"fraud", "corruption", "laundering", "terrorism", "trafficking", "cybercrime", "tax", "regulatory", "crime"}
}

// class is what a single word does in a sentence.
type class uint32

const (
	isStop class = 1 << iota // never part of a name
	isPrep
	isAgainst // gegen X wird ermittelt
	isBy      // wurde von X verhaftet
	isDet
	isCoord
	isSubord
	isWho   // who, der
	isWhose // whose, dessen
	isPronoun
	isPassive // wurde, been
	isHave    // hat, a: with a participle it acts on what follows
	isNegation
	isKin   // brother, company: another one than who is named
	isHedge // allegedly
	isTitle // Mr, President
	isAdverb
	isTo // a, à before a person who is acted upon
)

// form says where the party stands whom an expression is about.
type form uint8

const (
	// participle: before it where it is passive or a headline, after it where
	// it acts (police arrested X).
	participle form = iota
	active          // after it
	subject         // before it
	noun            // after it and a preposition, or before it with 's, or after "against"
)

// kind is what an expression means.
type kind uint8

const (
	act      kind = iota // something adverse happens
	cleared              // acquitted, dropped, overturned
	denied               // the party denies
	category             // of what
	roleNoun             // judge, lawyer, before or after a name
	roleVerb             // presided, testified: its subject has the role
)

// entry is an expression of a language.
type entry struct {
	kind kind
	form form
	role Role
	// name is the category, or for cleared: acquitted, dropped, overturned.
	name string
	// victim acts make a victim of their object and an accused of their subject.
	harm  bool
	words []string // "*" at the end: any ending
}

// lexicon is a language.
type lexicon struct {
	code    string
	classes map[string]class
	entries map[string][]*entry // by first word
	stems   map[string][]*entry // by the first three letters of a first word with *
	// nouns are written with capitals (German), so that capitals left of a name
	// do not belong to it.
	nouns bool
	// far says that a passive word may stand anywhere before its participle.
	far bool
	// stop words of the language, to tell which one a text is in.
	stops map[string]bool
}

// grammar is how a language is written down: words separated by spaces, and
// expressions separated by commas.
type grammar struct {
	code                                                                                                                     string
	nouns, far                                                                                                               bool
	stop, prep, against, by, det, coord, subord, who, whose, pronoun, passive, have, negation, kin, hedge, title, adverb, to string
	expressions                                                                                                              []expressions
}

// expressions share a meaning.
type expressions struct {
	kind kind
	form form
	role Role
	name string
	harm bool
	list string // separated by commas
}

func build(g grammar) *lexicon {
	l := &lexicon{code: g.code, classes: map[string]class{}, entries: map[string][]*entry{}, stems: map[string][]*entry{}, nouns: g.nouns, far: g.far, stops: map[string]bool{}}
	for _, one := range []struct {
		words string
		c     class
	}{{g.stop, isStop}, {g.prep, isPrep | isStop}, {g.against, isAgainst | isPrep | isStop}, {g.by, isBy | isPrep | isStop}, {g.det, isDet | isStop}, {g.coord, isCoord | isStop},
		{g.subord, isSubord | isStop}, {g.who, isWho | isStop}, {g.whose, isWhose | isStop}, {g.pronoun, isPronoun | isStop}, {g.passive, isPassive | isStop}, {g.have, isHave | isStop},
		{g.negation, isNegation | isStop}, {g.kin, isKin | isStop}, {g.hedge, isHedge | isStop}, {g.title, isTitle | isStop}, {g.adverb, isAdverb | isStop}, {g.to, isTo}} {
		for _, w := range strings.Fields(one.words) {
			l.classes[plainText(w)] |= one.c
		}
	}
	for _, w := range strings.Fields(strings.Join([]string{g.stop, g.prep, g.det, g.coord, g.subord, g.pronoun, g.passive, g.have}, " ")) {
		l.stops[plainText(w)] = true
	}
	for _, x := range g.expressions {
		for _, phrase := range strings.Split(x.list, ",") {
			words := strings.Fields(plainText(phrase))
			if len(words) == 0 {
				continue
			}
			e := &entry{kind: x.kind, form: x.form, role: x.role, name: x.name, harm: x.harm, words: words}
			first := words[0]
			if stem, cut := strings.CutSuffix(first, "*"); cut {
				l.stems[stemKey(stem)] = append(l.stems[stemKey(stem)], e)
			} else {
				l.entries[first] = append(l.entries[first], e)
			}
		}
	}
	return l
}

func stemKey(s string) string {
	r := []rune(s)
	return string(r[:min(3, len(r))])
}

func (l *lexicon) is(w *word, c class) bool { return l.classes[w.plain]&c != 0 }

// found is an expression in a sentence: words from..to.
type found struct {
	*entry
	from, to int
}

// find lists the expressions of a sentence, the longest of those that overlap
// with another of the same sort.
func (l *lexicon) find(words []word) []found {
	var out []found
	for i := range words {
		if words[i].mark {
			continue
		}
		w := words[i].plain
		for _, e := range l.entries[w] {
			if n := e.matches(words[i:]); n > 0 {
				out = append(out, found{e, i, i + n})
			}
		}
		if r := []rune(w); len(r) >= 3 {
			for _, e := range l.stems[string(r[:3])] {
				if n := e.matches(words[i:]); n > 0 {
					out = append(out, found{e, i, i + n})
				}
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(out), func(f found) bool {
		return slices.ContainsFunc(out, func(g found) bool {
			// Controls against laundering launder nothing.
			about := f.kind == act && g.kind == category && g.name == "regulatory"
			return g.from <= f.from && g.to >= f.to && g.to-g.from > f.to-f.from && (about || sort(g.kind) == sort(f.kind))
		})
	})
}

// sort joins the kinds of which the longer expression wins.
func sort(k kind) int {
	switch k {
	case category:
		return 1
	case roleNoun:
		return 2
	}
	return 0
}

// matches gives how many words the expression takes, or 0. A word "_" of it
// stands for up to eight words.
func (e *entry) matches(words []word) int {
	at := 0
	for k := 0; k < len(e.words); k++ {
		p := e.words[k]
		if p == "_" {
			k++
			for gap := 0; ; gap++ {
				if gap > 8 || at >= len(words) || words[at].mark {
					return 0
				}
				if fits(e.words[k], words[at].plain) {
					at++
					break
				}
				at++
			}
			continue
		}
		if at >= len(words) || words[at].mark || !fits(p, words[at].plain) {
			return 0
		}
		at++
	}
	return at
}

// gapped reports whether other words stand between those of the expression:
// nahm X fest.
func (e *entry) gapped() bool { return slices.Contains(e.words, "_") }

func fits(pattern, w string) bool {
	if stem, cut := strings.CutSuffix(pattern, "*"); cut {
		return strings.HasPrefix(w, stem)
	}
	return pattern == w
}

// lexicons are all languages, by code.
func lexicons() map[string]*lexicon {
	out := map[string]*lexicon{}
	for _, g := range []grammar{english(), german(), french(), spanish(), portuguese(), italian(), dutch()} {
		out[g.code] = build(g)
	}
	return out
}

// Languages are the codes of the languages that are read.
func Languages() []string {
	return []string{"de", "en", "es", "fr", "it", "nl", "pt"}
}

// languageOf is the language with the most stop words in a text, or "" where
// none stands out. The little words of close relatives are told apart by
// counting, so a few lines are needed; where two are level, as English and
// Dutch are after "is" and "of", the one with more of its expressions is it.
func languageOf(all map[string]*lexicon, sentences []sentence) string {
	counts := map[string]int{}
	total := 0
	for _, s := range sentences {
		for i := range s.words {
			if s.words[i].mark {
				continue
			}
			total++
			for code, l := range all {
				if l.stops[s.words[i].plain] {
					counts[code]++
				}
			}
		}
		if total > 600 {
			break
		}
	}
	best, second := "", 0
	for _, code := range Languages() {
		switch n := counts[code]; {
		case best == "" || n > counts[best]:
			if best != "" {
				second = max(second, counts[best])
			}
			best = code
		default:
			second = max(second, n)
		}
	}
	switch {
	case counts[best] == 0:
		return ""
	case counts[best] > second:
		return best
	}
	most, level := 0, ""
	for _, code := range Languages() {
		if counts[code] < counts[best] {
			continue
		}
		n := 0
		for i := range sentences {
			n += len(all[code].find(sentences[i].words))
		}
		switch {
		case n > most:
			most, level = n, code
		case n == most:
			level = ""
		}
	}
	return level
}
