package media

import "slices"

// verdict is what an article as a whole says of the party.
type verdict struct {
	role       Role
	clearing   string // acquitted, dropped, overturned; or ""
	denied     bool
	category   string
	categories []string
	facts      []fact // that it rests on, the deciding one first
	unread     bool   // the language is not read
}

// weights orders the adverse roles and says what they are worth, in points of
// risk.
func weight(r Role) int {
	switch r {
	case Convicted:
		return 60
	case Sanctioned:
		return 58
	case Charged:
		return 45
	case Arrested:
		return 40
	case Accused:
		return 32
	case Fined:
		return 30
	case Investigated:
		return 28
	case Sued:
		return 18
	}
	return 0
}

// judge weighs the facts of all sentences: a conviction more than an
// accusation, what was cleared less than what was not.
func (r *reading) judge() (verdict, bool) {
	if !r.seen {
		return verdict{}, false
	}
	if r.known == nil {
		return verdict{role: Named, unread: true}, true
	}
	var facts []fact
	named := false
	for _, s := range r.scenes {
		facts = append(facts, s.facts()...)
		self := slices.ContainsFunc(s.mentions, func(m mention) bool { return m.self })
		named = named || self && slices.ContainsFunc(s.found, func(f found) bool { return f.kind == act || f.kind == category })
	}
	v := verdict{role: Named}
	var worst, clear, other *fact
	for i := range facts {
		f := &facts[i]
		if f.category == "" && f.kind != roleNoun {
			f.category = r.topic(f.sentence)
		}
		switch f.kind {
		case denied:
			v.denied = true
		case cleared:
			if clear == nil || rank(f.clearing) > rank(clear.clearing) {
				clear = f
			}
		case act:
			if f.role.Adverse() && (worst == nil || weight(f.role) > weight(worst.role)) {
				worst = f
			} else if !f.role.Adverse() && other == nil {
				other = f
			}
		case roleNoun:
			if other == nil || other.role == Official {
				other = f
			}
		}
	}
	switch {
	case worst != nil && (clear == nil || !clears(clear, worst)):
		v.role, v.category = worst.role, worst.category
		v.facts = append(v.facts, *worst)
	case clear != nil:
		v.role, v.clearing, v.category = Accused, clear.clearing, clear.category
		if worst != nil {
			v.role = worst.role
			if v.category == "crime" {
				v.category = worst.category
			}
		}
		v.facts = append(v.facts, *clear)
	case other != nil:
		v.role = other.role
		v.facts = append(v.facts, *other)
	case !named:
		return v, false // a mention without any such word
	default:
		v.category = r.anyCategory()
	}
	for _, f := range facts {
		if !slices.ContainsFunc(v.facts, func(g fact) bool { return g.rule == f.rule && g.words == f.words }) && len(v.facts) < 8 {
			v.facts = append(v.facts, f)
		}
		if f.kind == act && f.role.Adverse() && f.category != "" && !slices.Contains(v.categories, f.category) {
			v.categories = append(v.categories, f.category)
		}
	}
	if v.category != "" && !slices.Contains(v.categories, v.category) {
		v.categories = append(v.categories, v.category)
	}
	slices.Sort(v.categories)
	return v, true
}

func rank(clearing string) int {
	switch clearing {
	case "overturned":
		return 3
	case "acquitted":
		return 2
	}
	return 1
}

// clears reports whether an acquittal takes back what is worst: a conviction
// only where it is overturned, and nothing of another category.
func clears(c, worst *fact) bool {
	switch {
	case worst.role == Convicted || worst.role == Sanctioned:
		return c.clearing == "overturned"
	case c.category != worst.category && c.category != "crime" && worst.category != "crime" && c.sentence != worst.sentence:
		return false
	}
	return true
}

// topic is the category of a sentence without one: that of the headline, of the
// sentences that name the party, or of the article.
func (r *reading) topic(sentence int) string {
	count := map[string]int{}
	for i, s := range r.scenes {
		points := 1
		switch {
		case i == sentence:
			points = 50
		case s.headline:
			points = 10
		case slices.ContainsFunc(s.mentions, func(m mention) bool { return m.self }):
			points = 4
		}
		for _, f := range s.found {
			if f.kind == category {
				count[f.name] += points
			}
		}
	}
	best := "crime"
	for _, c := range Categories() {
		if count[c] > count[best] {
			best = c
		}
	}
	return best
}

func (r *reading) anyCategory() string { return r.topic(-1) }
