package media

import (
	"slices"
	"strings"

	"bonafide/kyc"
	"bonafide/screen"
)

// agreeing is how alike a written word and a word of the name must be for the
// word to be taken for a part of the name.
const agreeing = 0.78

// reading is one article as it is read for one party.
type reading struct {
	namesake  *screen.Namesake
	words     []screen.Spelling // that identify, of all names
	threshold float64
	known     *lexicon // nil: the language is not read

	scenes []*scene
	best   *mention // the best full mention
	seen   bool     // the party was named in full
	others map[string]bool
}

// read finds the party in an article and says what the article reports of it.
func (l *Library) read(a *Article, namesake *screen.Namesake, threshold float64) *reading {
	r := &reading{namesake: namesake, threshold: threshold, others: map[string]bool{}}
	for _, words := range namesake.Words() {
		for _, w := range words {
			if w.Identifies() {
				r.words = append(r.words, w)
			}
		}
	}
	sentences := append(cutSentences(a.Title, true), cutSentences(a.Text, false)...)
	all := l.languages()
	r.known = all[a.Language]
	if r.known == nil && a.Language == "" {
		r.known = all[languageOf(all, sentences)]
	}
	lex := r.known
	if lex == nil {
		lex = &lexicon{code: a.Language}
	}
	for i := range sentences {
		s := &scene{lexicon: lex, words: sentences[i].words, headline: sentences[i].headline, shouting: sentences[i].shouting, number: i}
		s.found = lex.find(s.words)
		r.scenes = append(r.scenes, s)
	}
	// Who is named in full comes first: a surname alone means the party only
	// where nobody else in the article has it.
	names := make([][]mention, len(r.scenes))
	for i, s := range r.scenes {
		names[i] = r.names(s)
	}
	if !r.seen {
		return r
	}
	previous := []mention(nil)
	for i, s := range r.scenes {
		for k := range names[i] {
			r.surname(&names[i][k])
		}
		s.place(names[i])
		s.before = !s.headline && len(previous) > 0 && !slices.ContainsFunc(previous, func(m mention) bool { return !m.self })
		previous = slices.DeleteFunc(slices.Clone(names[i]), func(m mention) bool { return !m.self && s.inPhrase(&m) })
		if s.headline {
			previous = nil
		}
	}
	return r
}

// agree is how alike a written word is to the most alike word of the name.
func (r *reading) agree(w *word) float64 {
	best := 0.0
	for _, sp := range w.spelling() {
		for i := range r.words {
			best = max(best, screen.Alike(r.words[i], sp))
		}
	}
	return best
}

// breaks reports whether a word cannot be part of a name.
func (r *reading) breaks(s *scene, i int, taken []bool) bool {
	w := &s.words[i]
	if w.mark || !w.cap && !joins(w) {
		return true
	}
	if w.cap && (taken[i] || s.has(i, isStop|isTitle)) {
		// The party may be called King or May.
		return i == 0 && r.agree(w) < 0.99 || r.agree(w) < 0.97
	}
	return false
}

// joins reports whether a word of small letters may stand inside a name.
func joins(w *word) bool {
	sp := w.spelling()
	return len(sp) == 1 && sp[0].Particle() && w.plain != "the" && w.plain != "and" && w.plain != "of" && w.plain != "for" && w.plain != "in" && w.plain != "on" && w.plain != "to" && w.plain != "as" && w.plain != "at" && w.plain != "a" && w.plain != "und" && w.plain != "et"
}

// names finds the names of a sentence: words with capitals that follow each
// other. Where every word has one, only the party's own words count.
func (r *reading) names(s *scene) []mention {
	taken := make([]bool, len(s.words))
	for _, f := range s.found {
		for i := f.from; i < f.to; i++ {
			taken[i] = taken[i] || i == f.from || i == f.to-1 || !f.gapped()
		}
	}
	var out []mention
	for i := 0; i < len(s.words); {
		if r.breaks(s, i, taken) || !s.words[i].cap {
			i++
			continue
		}
		end := i + 1
		for k := i + 1; k < len(s.words); k++ {
			if s.isMark(k, ".") && len([]rune(s.words[k-1].orig)) <= 2 && k+1 < len(s.words) && s.words[k-1].cap {
				continue // an initial
			}
			if r.breaks(s, k, taken) {
				break
			}
			if s.words[k].cap {
				end = k + 1
				if s.words[k].owner {
					break
				}
			}
			if s.words[k-1].owner {
				break
			}
		}
		if s.words[i].owner {
			end = i + 1
		}
		out = append(out, r.nameIn(s, i, end)...)
		i = end
	}
	return out
}

// nameIn makes mentions of one run of capitals.
func (r *reading) nameIn(s *scene, from, to int) []mention {
	first, last := -1, -1
	for i := from; i < to; i++ {
		if !s.words[i].mark && r.agree(&s.words[i]) >= agreeing {
			if first < 0 {
				first = i
			}
			last = i + 1
		}
	}
	whole := mention{from: from, to: to, owner: s.words[to-1].owner, text: s.text(from, to)}
	if first < 0 {
		if s.shouting || s.nouns && to-from < 2 && !s.has(from-1, isTitle) && !s.kindAfter(from-1, roleNoun) {
			return nil // a noun or any word of a headline
		}
		if from == 0 && to-from == 1 && len(s.words[0].spelling()) > 0 && r.known != nil && s.lowerElsewhere(&s.words[0]) {
			return nil
		}
		if w := whole; w.to-w.from >= 2 {
			for i := from; i < to; i++ {
				r.others[s.words[i].plain] = true
			}
		}
		return []mention{whole}
	}
	// Initials and legal forms at the edges belong to the name.
	for first > from && s.edge(first-1) {
		first--
	}
	for last < to && s.edge(last) {
		last++
	}
	one := mention{from: first, to: last}
	if !s.shouting {
		if !s.nouns && (from != 0 || first == 0 || s.edge(0)) {
			one.from = from
		} else if !s.nouns {
			one.from = min(first, 1)
		}
		one.to = to
	}
	one.owner, one.text = s.words[one.to-1].owner, s.text(one.from, one.to)
	one.score, one.features = r.namesake.Score(one.text)
	// Words that follow a name in a row of capitals may be another name.
	if inner := s.text(first, last); inner != one.text && one.score < r.threshold && s.nouns {
		one.from, one.to, one.text = first, last, inner
		one.owner = s.words[last-1].owner
		one.score, one.features = r.namesake.Score(inner)
	}
	if one.score >= r.threshold {
		one.self, one.how, r.seen = true, "full", true
		if r.best == nil || one.score > r.best.score {
			r.best = &one
		}
	} else if one.to-one.from >= 2 {
		for i := one.from; i < one.to; i++ {
			r.others[s.words[i].plain] = true
		}
	}
	return []mention{one}
}

// kindAfter reports whether an expression of a kind ends right after a word,
// before the names of the sentence are placed.
func (s *scene) kindAfter(i int, k kind) bool {
	return slices.ContainsFunc(s.found, func(f found) bool { return f.kind == k && f.to == i+1 })
}

// lowerElsewhere reports whether the word stands in small letters elsewhere in
// the sentence, so that its capital is that of the beginning.
func (s *scene) lowerElsewhere(w *word) bool {
	return slices.ContainsFunc(s.words[1:], func(o word) bool { return o.plain == w.plain && !o.cap })
}

// edge reports whether a word is an initial or a legal form.
func (s *scene) edge(i int) bool {
	if s.words[i].mark {
		return false
	}
	sp := s.words[i].spelling()
	return len(sp) == 1 && (sp[0].LegalForm() || len(sp[0].Text()) == 1 || sp[0].Particle() && s.words[i].cap)
}

// surname takes a single word of the name for the party, where the article
// names it in full and nobody else by that word.
func (r *reading) surname(m *mention) {
	if m.self || r.best == nil {
		return
	}
	identifying := 0
	for _, sp := range screen.Spell(m.text) {
		switch {
		case sp.LegalForm() || sp.Particle():
		case !sp.Identifies():
			return
		default:
			identifying++
			if !slices.ContainsFunc(r.words, func(w screen.Spelling) bool { return screen.Alike(w, sp) >= 0.95 }) {
				return
			}
		}
	}
	if identifying != 1 || r.others[plainText(lastWord(m.text))] {
		return
	}
	m.self, m.how = true, "surname"
	m.score, m.features = r.best.score, r.best.features
}

func lastWord(s string) string { return s[strings.LastIndexByte(s, ' ')+1:] }

// snippet is the sentence that decided, bounded.
func (r *reading) snippet(v verdict, text func(int) string) string {
	var at int
	if len(v.facts) > 0 {
		at = v.facts[0].sentence
	} else {
		at = slices.IndexFunc(r.scenes, func(s *scene) bool {
			return slices.ContainsFunc(s.mentions, func(m mention) bool { return m.self })
		})
	}
	if at < 0 {
		return ""
	}
	return cut(text(at), maxSnippet)
}

// maxSnippet bounds a snippet in bytes.
const maxSnippet = 400

// mention gives the features of the best full mention.
func (r *reading) mention() (string, float64, []kyc.HitFeature) {
	return r.best.text, r.best.score, slices.Clone(r.best.features)
}
