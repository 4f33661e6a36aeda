package screen

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"bonafide/kyc"
	"bonafide/roster"
	"bonafide/spelling"
)

// The scale of the Sanctions List Search of the US Treasury, 0-100, as its FAQ
// 246, 247 and 249 describe it: Jaro-Winkler over the whole name, Jaro-Winkler
// and Soundex over the parts of the name, and the higher of the two. What the
// FAQ leaves open follows scores that the public tool gave (OFACParity in the
// tests): the whole name counts only where both begin with the same letter; the
// bonus for an equal beginning is not held back for unlike names; parts of the
// query of one or two letters are left out unless there are no others; a pair
// of parts below one half counts as nothing; and the parts that only the listed
// name has cost nothing. It is a scale to compare with, not a better matcher:
// it knows no scripts, no birth dates and no rarity of words.
const (
	ofacPairFloor   = 0.5  // likeness of two parts below which they are unlike
	ofacShortPart   = 2    // letters of a part of the query that is left out
	ofacSoundexLike = 0.80 // least likeness of two parts that sound alike
	ofacPrefix      = 4    // letters of the beginning that Winkler looks at
	ofacPrefixGain  = 0.1
	// mostOnOFACScale is how many entries are scored, those that agree best on our
	// own scale. One name brings up a hundred on each list; many aliases bring up
	// many that none of them is like.
	mostOnOFACScale = 400
)

// ofacName is a name as the scale sees it.
type ofacName struct {
	whole    []rune
	parts    [][]rune
	soundex  []string
	original string
}

// newOFACName writes a name in capitals without marks, cut where it has
// anything but letters and digits. Apostrophes and full stops join. As in our
// own matching, words beyond the first 24 are left out.
func newOFACName(name string) ofacName {
	n := ofacName{original: name}
	var part []rune
	flush := func() {
		if len(part) > 0 && len(n.parts) < spelling.MaxTokens {
			n.parts = append(n.parts, part)
			n.soundex = append(n.soundex, soundex(part))
			if len(n.whole) > 0 {
				n.whole = append(n.whole, ' ')
			}
			n.whole = append(n.whole, part...)
		}
		part = nil
	}
	for _, r := range norm.NFKD.String(strings.ToUpper(name)) {
		switch {
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r), strings.ContainsRune("'`’‘.,", r):
			if r == ',' {
				flush()
			}
		case unicode.IsLetter(r), unicode.IsDigit(r):
			part = append(part, r)
		default:
			flush()
		}
	}
	flush()
	return n
}

// OFACScore is how well a listed name agrees with a query on the scale of the
// US Treasury's search tool, 0-100, with the rows that explain it: the points
// of the rows add up to a hundredth of the score.
func OFACScore(query, listed string) (int, []kyc.HitFeature) {
	q, l := newOFACName(query), newOFACName(listed)
	score := q.score(&l, 0)
	return score, q.explain(&l, score)
}

// score is the higher of the two techniques, rounded. What is not above least
// may be answered lower than it is.
func (q *ofacName) score(l *ofacName, least int) int {
	best := q.wholeLikeness(l)
	if parts, _ := q.partLikeness(l, max(best, (float64(least)+0.4)/100), nil); parts > best {
		best = parts
	}
	return int(math.Round(100 * best))
}

func (q *ofacName) wholeLikeness(l *ofacName) float64 {
	if len(q.whole) == 0 || len(l.whole) == 0 || q.whole[0] != l.whole[0] {
		return 0
	}
	return jaroWinkler(q.whole, l.whole)
}

// ofacPart is what one part of the query found.
type ofacPart struct {
	query, listed int // places of the parts; listed is -1 where none is like it
	likeness      float64
	sounds        bool
}

// partLikeness is the mean over the parts of the query of how like their
// nearest part of the listed name is. It gives up, with 0, when the mean cannot
// be above least any more.
func (q *ofacName) partLikeness(l *ofacName, least float64, found []ofacPart) (float64, []ofacPart) {
	counts := func(p []rune) bool { return len(p) > ofacShortPart }
	if !slices.ContainsFunc(q.parts, counts) {
		counts = func([]rune) bool { return true }
	}
	left := 0
	for _, p := range q.parts {
		if counts(p) {
			left++
		}
	}
	sum, n := 0.0, left
	for i, p := range q.parts {
		if !counts(p) {
			continue
		}
		if (sum+float64(left))/float64(n) <= least {
			return 0, found
		}
		left--
		best := ofacPart{query: i, listed: -1}
		for j, o := range l.parts {
			like, sounds := jaroWinkler(p, o), false
			if like < ofacSoundexLike && q.soundex[i] != "" && q.soundex[i] == l.soundex[j] {
				like, sounds = ofacSoundexLike, true
			}
			if like >= ofacPairFloor && like > best.likeness {
				best.listed, best.likeness, best.sounds = j, like, sounds
			}
		}
		sum += best.likeness
		found = append(found, best)
	}
	if n == 0 {
		return 0, found
	}
	return sum / float64(n), found
}

// explain writes the rows of a score. What rounding leaves over goes to the
// row where it arises, so that the sum stays exact.
func (q *ofacName) explain(l *ofacName, score int) []kyc.HitFeature {
	whole := q.wholeLikeness(l)
	parts, found := q.partLikeness(l, 0, nil)
	if score == 0 {
		return nil
	}
	if whole >= parts {
		return []kyc.HitFeature{{Name: "whole_name", Query: string(q.whole), Listed: string(l.whole), Rule: "jaro_winkler", Value: round3(whole), Points: float64(score) / 100}}
	}
	rows := make([]kyc.HitFeature, 0, len(found))
	sum, given := 0.0, 0
	for i, f := range found {
		sum += f.likeness / float64(len(found))
		upTo := int(math.Round(100 * sum))
		if i == len(found)-1 { // a mean beside a half may round the other way when its parts are added
			upTo = score
		}
		row := kyc.HitFeature{Name: "name_part", Query: string(q.parts[f.query]), Rule: "unlike", Value: round3(f.likeness), Points: float64(upTo-given) / 100}
		if f.listed >= 0 {
			row.Listed, row.Rule = string(l.parts[f.listed]), "jaro_winkler"
			if f.sounds {
				row.Rule = "soundex"
			}
		}
		given = upTo
		rows = append(rows, row)
	}
	return rows
}

func round3(x float64) float64 { return math.Round(x*1000) / 1000 }

// jaroWinkler is the likeness of two words, 0-1 (Winkler 1990), with the bonus
// for an equal beginning whatever the likeness is.
func jaroWinkler(a, b []rune) float64 {
	j := jaro(a, b)
	if j == 0 {
		return 0
	}
	prefix := 0
	for prefix < min(ofacPrefix, len(a), len(b)) && a[prefix] == b[prefix] {
		prefix++
	}
	return j + float64(prefix)*ofacPrefixGain*(1-j)
}

// maxLetters of a name are compared; longer ones are cut.
const maxLetters = 256

// letterSet are places of letters in a name.
type letterSet [maxLetters / 64]uint64

func (s *letterSet) add(i int)      { s[i>>6] |= 1 << (i & 63) }
func (s *letterSet) has(i int) bool { return s[i>>6]>>(i&63)&1 != 0 }

// jaro counts the letters that two words share within half the length of the
// longer one, and how many of those stand in another order.
func jaro(a, b []rune) float64 {
	if slices.Equal(a, b) {
		return 1
	}
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	window := max(0, max(len(a), len(b))/2-1)
	var usedA, usedB letterSet
	a, b = a[:min(len(a), maxLetters)], b[:min(len(b), maxLetters)]
	same := 0
	for i, r := range a {
		for j := max(0, i-window); j < min(len(b), i+window+1); j++ {
			if b[j] == r && !usedB.has(j) {
				usedA.add(i)
				usedB.add(j)
				same++
				break
			}
		}
	}
	if same == 0 {
		return 0
	}
	moved, j := 0, 0
	for i := range a {
		if !usedA.has(i) {
			continue
		}
		for !usedB.has(j) {
			j++
		}
		if a[i] != b[j] {
			moved++
		}
		j++
	}
	m := float64(same)
	return (m/float64(len(a)) + m/float64(len(b)) + (m-float64(moved)/2)/m) / 3
}

// soundex is the code of a word in capitals (US National Archives): its first
// letter and three digits; empty where it does not begin with a Latin letter.
func soundex(word []rune) string {
	const codes = "01230120022455012623010202" // A to Z; 0 is no sound
	if len(word) == 0 || word[0] < 'A' || word[0] > 'Z' {
		return ""
	}
	out := []byte{byte(word[0])}
	last := codes[word[0]-'A']
	for _, r := range word[1:] {
		if r < 'A' || r > 'Z' {
			continue
		}
		code := codes[r-'A']
		if code != '0' && code != last {
			if out = append(out, code); len(out) == 4 {
				return string(out)
			}
		}
		if r != 'H' && r != 'W' { // these two do not part equal sounds
			last = code
		}
	}
	return string(append(out, "000"[:4-len(out)]...))
}

// namesAlone takes everything but the names out of a query, and the threshold,
// because the other scale decides.
func (p *prepared) namesAlone() (notes []string) {
	if len(p.births) > 0 || p.country != "" || p.gender != "" || len(p.numbers) > 0 {
		notes = []string{"this scale compares names alone; the date of birth, the country, the gender and the numbers were not used"}
	}
	p.births, p.country, p.gender, p.numbers, p.kind = nil, "", "", nil, roster.TypeUnknown
	p.threshold, p.limit = 0, math.MaxInt32
	return notes
}

// onOFACScale scores the entries that were found again, by each of their names.
func (r *ranking) onOFACScale(q Query) []kyc.Hit {
	names := make([]ofacName, 0, 1+len(q.Aliases))
	for _, n := range append([]string{q.asked()}, q.Aliases...) {
		if utf8.ValidString(n) && len(n) <= maxQueryBytes {
			names = append(names, newOFACName(n))
		}
	}
	least := int(math.Ceil(q.Threshold*100 - 1e-6))
	rows := slices.DeleteFunc(slices.Clone(r.rows), func(s scored) bool { return s.total < r.least })
	if len(rows) > mostOnOFACScale {
		slices.SortFunc(rows, func(a, b scored) int {
			return cmp.Or(cmp.Compare(b.total, a.total), cmp.Compare(a.list, b.list), cmp.Compare(a.entity, b.entity))
		})
		rows = rows[:mostOnOFACScale]
	}
	var out []kyc.Hit
	for k := range rows {
		m := r.lists[rows[k].list]
		e := m.entity(rows[k].entity)
		best, query, name := max(least, 1)-1, -1, ofacName{}
		quality := roster.QualityPrimary
		for _, n := range e.Names {
			l := newOFACName(n.Text)
			for i := range names {
				if s := names[i].score(&l, best); s > best {
					best, query, name, quality = s, i, l, n.Quality
				}
			}
		}
		if query < 0 {
			continue
		}
		h := m.hit(&e)
		h.Score, h.MatchedName, h.NameQuality = float64(best)/100, name.original, string(quality)
		h.Features = names[query].explain(&name, best)
		out = append(out, h)
	}
	return out
}
