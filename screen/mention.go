package screen

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"bonafide/kyc"
	"bonafide/spelling"
)

// Spelling is one written word as the matcher compares it: romanised, without
// marks, in lower case.
type Spelling struct{ t spelling.Token }

// Spell normalises a text word by word, as names are; it keeps 24 words.
func Spell(text string) []Spelling {
	tokens := spelling.Tokenize(text)
	if len(tokens) > spelling.MaxTokens {
		tokens = tokens[:spelling.MaxTokens]
	}
	out := make([]Spelling, len(tokens))
	for i, t := range tokens {
		out[i].t = t
	}
	return out
}

// Respell makes the spelling again of which Text and Loose were kept.
func Respell(text string, loose bool) Spelling {
	t := spelling.Token{Text: text, Orig: text, Loose: loose, Fold: spelling.Fold(text), Kind: spelling.KindOf(text)}
	t.Mask = spelling.ClassMask(t.Fold)
	return Spelling{t}
}

// Text is the word in a-z and 0-9. Loose says that its script leaves the Latin
// spelling open.
func (s Spelling) Text() string { return s.t.Text }

// Loose is explained at Text.
func (s Spelling) Loose() bool { return s.t.Loose }

// Fold is the word with the spellings of one sound made one. Sound is its
// consonants with those joined that scripts mix up; words that sound alike
// share it.
func (s Spelling) Fold() string { return s.t.Fold }

// Sound is explained at Fold.
func (s Spelling) Sound() string { return spelling.Skeleton(s.t.Fold, true) }

// Identifies reports whether the word identifies somebody: no article, title,
// legal form, initial or word such as bank.
func (s Spelling) Identifies() bool { return s.t.Significant() && s.t.Kind != spelling.KindNumber }

// LegalForm reports whether the word is a legal form such as Ltd.
func (s Spelling) LegalForm() bool { return s.t.Kind == spelling.KindLegal }

// Particle reports whether the word joins names: al, de, van.
func (s Spelling) Particle() bool { return s.t.Kind == spelling.KindParticle }

// Alike is how much two words agree, 0-1, as the lists are matched.
func Alike(a, b Spelling) float64 {
	sim, _ := spelling.Similarity(&a.t, &b.t)
	return sim
}

// Namesake is a party whose mentions are looked for in running text.
type Namesake struct {
	names []string
	words [][]spelling.Token
}

// NewNamesake prepares a party's name and aliases, in any script and order.
// Errors: Invalid name_too_long, name_unreadable; name_unscreenable where the
// first name has no word that identifies anybody, such as "Bank".
func NewNamesake(name string, aliases []string) (*Namesake, *kyc.Error) {
	n := &Namesake{}
	if len(aliases) > maxAliases {
		return nil, kyc.Errorf(kyc.Invalid, "name_too_long", "a name to look for may have %d aliases", maxAliases)
	}
	for i, text := range append([]string{name}, aliases...) {
		switch {
		case len(text) > maxQueryBytes:
			return nil, kyc.Errorf(kyc.Invalid, "name_too_long", "a name to look for may have %d bytes", maxQueryBytes)
		case !utf8.ValidString(text):
			return nil, kyc.Errorf(kyc.Invalid, "name_unreadable", "the name to look for is not valid UTF-8")
		}
		words := spelling.Tokenize(text)
		if len(words) > spelling.MaxTokens {
			words = words[:spelling.MaxTokens]
		}
		if slices.ContainsFunc(words, func(t spelling.Token) bool { return t.Kind == spelling.KindWord }) {
			n.names, n.words = append(n.names, text), append(n.words, words)
		} else if i == 0 {
			return nil, kyc.Errorf(kyc.Invalid, "name_unscreenable", "the name to look for has no word that could identify anybody")
		}
	}
	return n, nil
}

// Words are the words of each name.
func (n *Namesake) Words() [][]Spelling {
	out := make([][]Spelling, len(n.words))
	for i, words := range n.words {
		for _, t := range words {
			out[i] = append(out[i], Spelling{t})
		}
	}
	return out
}

// LegalForm reports whether a name of the party has a legal form.
func (n *Namesake) LegalForm() bool {
	return slices.ContainsFunc(n.words, func(w []spelling.Token) bool {
		return slices.ContainsFunc(w, func(t spelling.Token) bool { return t.Kind == spelling.KindLegal })
	})
}

// Score is how well a mention agrees with the best of the party's names, 0-1,
// with rows that add up to it. The words weigh by their kind alone, because a
// text has no list against which a name could be rare.
func (n *Namesake) Score(mention string) (score float64, rows []kyc.HitFeature) {
	listed := spelling.Tokenize(mention)
	if len(listed) > spelling.MaxTokens {
		listed = listed[:spelling.MaxTokens]
	}
	best := -1
	for _, words := range n.words {
		total, features := scoreMention(words, listed)
		if total > best {
			best, rows = total, features
		}
	}
	return float64(max(best, 0)) / pointScale, rows
}

// The shares of a mention's score. They are those of the lists' matcher, which
// fits its own to lists.
const (
	mentionQuery       = 0.58
	mentionListed      = 0.42
	mentionSubstituted = 0.62
	mentionOneWord     = 0.58
)

// agreement of words q..q+qn of the name with words l..l+ln of the mention.
type mentionPair struct {
	q, l, qn, ln int
	sim          float64
	rule         string
}

func scoreMention(q, l []spelling.Token) (int, []kyc.HitFeature) {
	pairs := alignMention(q, l)
	weigh := func(words []spelling.Token) (sum int) {
		for _, t := range words {
			sum += int(math.Round(1000 * kindWeight(t.Kind)))
		}
		return max(sum, 1)
	}
	totalQ, totalL := weigh(q), weigh(l)
	var rows []kyc.HitFeature
	coveredQ, coveredL, words2 := 0.0, 0.0, 0
	covered := func() int {
		return points(mentionQuery*coveredQ/float64(totalQ) + mentionListed*coveredL/float64(totalL))
	}
	usedQ, usedL := make([]bool, len(q)), make([]bool, len(l))
	for _, p := range pairs {
		before := covered()
		qs, ls := q[p.q:p.q+p.qn], l[p.l:p.l+p.ln]
		coveredQ += float64(weigh(qs)) * p.sim
		coveredL += float64(weigh(ls)) * p.sim
		for k := range qs {
			usedQ[p.q+k] = true
		}
		for k := range ls {
			usedL[p.l+k] = true
		}
		switch {
		case p.rule == "initial":
			words2++
		case slices.ContainsFunc(qs, spelling.Token.Significant):
			words2 += 2 * max(p.qn, p.ln)
		}
		rows = append(rows, kyc.HitFeature{Name: "word", Query: written(qs), Listed: written(ls), Rule: p.rule, Value: math.Round(p.sim*1000) / 1000, Points: float64(covered()-before) / pointScale})
	}
	total := covered()
	missing := false
	for i, used := range usedQ {
		if !used {
			missing = missing || q[i].Significant()
			rows = append(rows, kyc.HitFeature{Name: "missing_word", Query: q[i].Orig, Rule: "not_in_mention"})
		}
	}
	for i, used := range usedL {
		if !used {
			missing = missing || l[i].Significant()
			rows = append(rows, kyc.HitFeature{Name: "missing_word", Listed: l[i].Orig, Rule: "not_in_query"})
		}
	}
	add := func(name, rule string, value float64, pts int) {
		total += pts
		rows = append(rows, kyc.HitFeature{Name: name, Rule: rule, Value: value, Points: float64(pts) / pointScale})
	}
	if open := min(1-coveredQ/float64(totalQ), 1-coveredL/float64(totalL)); open > 0.0005 {
		add("substituted", "both_sides_differ", math.Round(open*1000)/1000, -min(total, points(mentionSubstituted*open)))
	}
	if words2 <= 2 && missing && total > points(mentionOneWord) {
		add("one_word", "cap", mentionOneWord, points(mentionOneWord)-total)
	}
	if words2 == 0 && total > points(spelling.MinSimilar) {
		add("common_word", "cap", 0, -total)
	}
	return total, rows
}

// alignMention pairs the words, the strongest pairs first; two words may be
// one word on the other side.
func alignMention(q, l []spelling.Token) []mentionPair {
	var all []mentionPair
	join := func(a, b spelling.Token) spelling.Token {
		t := spelling.Token{Text: a.Text + b.Text, Loose: a.Loose || b.Loose, Kind: spelling.KindWord}
		t.Fold = spelling.Fold(t.Text)
		t.Mask = spelling.ClassMask(t.Fold)
		return t
	}
	for i := range q {
		for j := range l {
			if sim, rule := spelling.Similarity(&q[i], &l[j]); sim > 0 {
				all = append(all, mentionPair{i, j, 1, 1, sim, rule})
			}
			if i+1 < len(q) && len(q[i].Text)+len(q[i+1].Text) >= 4 {
				t := join(q[i], q[i+1])
				if sim, _ := spelling.Similarity(&t, &l[j]); sim >= 0.9 {
					all = append(all, mentionPair{i, j, 2, 1, min(sim, 0.95), "joined"})
				}
			}
			if j+1 < len(l) && len(l[j].Text)+len(l[j+1].Text) >= 4 {
				t := join(l[j], l[j+1])
				if sim, _ := spelling.Similarity(&q[i], &t); sim >= 0.9 {
					all = append(all, mentionPair{i, j, 1, 2, min(sim, 0.95), "split"})
				}
			}
		}
	}
	worth := func(p mentionPair) float64 {
		sum := 0.0
		for _, t := range q[p.q : p.q+p.qn] {
			sum += kindWeight(t.Kind)
		}
		return p.sim * sum
	}
	slices.SortStableFunc(all, func(a, b mentionPair) int {
		return cmp.Or(-cmp.Compare(worth(a), worth(b)), cmp.Compare(a.q, b.q), cmp.Compare(a.l, b.l))
	})
	usedQ, usedL := make([]bool, len(q)), make([]bool, len(l))
	var out []mentionPair
	for _, p := range all {
		if slices.Contains(usedQ[p.q:p.q+p.qn], true) || slices.Contains(usedL[p.l:p.l+p.ln], true) {
			continue
		}
		for k := range p.qn {
			usedQ[p.q+k] = true
		}
		for k := range p.ln {
			usedL[p.l+k] = true
		}
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b mentionPair) int { return cmp.Compare(a.q, b.q) })
	return out
}

func written(words []spelling.Token) string {
	out := make([]string, len(words))
	for i, t := range words {
		out[i] = t.Orig
	}
	return strings.Join(out, " ")
}
