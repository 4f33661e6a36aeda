package screen

import (
	"cmp"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The search measures words in bulk and with shortcuts. These tests hold it
// to the plain way: one word with another, by the whole table.

// slowDistance is editCosts.distance without giving up early.
func slowDistance(k *editCosts, a, b string) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		for j := range d[i] {
			if i == 0 && j == 0 {
				continue
			}
			d[i][j] = 1 << 30
			if i > 0 {
				d[i][j] = min(d[i][j], d[i-1][j]+int(k.gap[letterCode(a[i-1])]))
			}
			if j > 0 {
				d[i][j] = min(d[i][j], d[i][j-1]+int(k.gap[letterCode(b[j-1])]))
			}
			if i > 0 && j > 0 {
				d[i][j] = min(d[i][j], d[i-1][j-1]+int(k.sub[letterCode(a[i-1])][letterCode(b[j-1])]))
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+k.swap)
			}
		}
	}
	return d[len(a)][len(b)]
}

// someWords are words that resemble each other: each stem with edits.
func someWords(n int) []string {
	r := rand.New(rand.NewPCG(7, 11))
	const letters = "aaeiouhjvbptdkgszlrmnfqwxcy19"
	stems := []string{"muhammad", "schwarzenegger", "ali", "bin", "vandermeersch", "o", "korporatsiya", "jaafar", "vabvab", "12345", "ltd", "william", "bill", "elizabeth", "liz", "general", "abdulrahman", "hsh", "ltd jsc"}
	var out []string
	for len(out) < n {
		w := []byte(stems[r.IntN(len(stems))])
		for range r.IntN(5) {
			at := r.IntN(len(w) + 1)
			switch c := letters[r.IntN(len(letters))]; {
			case r.IntN(3) == 0 || at >= len(w):
				w = slices.Insert(w, at, c)
			case r.IntN(2) == 0 && len(w) > 1:
				w = slices.Delete(w, at, at+1)
			case at > 0:
				w[at], w[at-1] = w[at-1], w[at]
			default:
				w[at] = c
			}
		}
		out = append(out, string(w))
	}
	return append(out, strings.Repeat("ab", 30), strings.Repeat("x", 39))
}

// testIndex has one name for each word, every third of them in a script that
// leaves vowels open, and every ninth beside another word.
func testIndex(words []string) *index {
	entities := make([]Entity, len(words))
	for i, w := range words {
		if i%9 == 0 {
			w += " " + words[(i*7+1)%len(words)]
		}
		entities[i] = Entity{ID: w, Type: TypePerson, Names: []Name{{Text: w}}}
	}
	x := buildIndex("test", "v", false, entities)
	for i := range x.words {
		if _, legal := legalForms[x.words[i].text]; i%3 == 0 && x.words[i].kind == kindWord && !legal {
			x.words[i].loose = true
			x.shapes[x.place[i]].loose = true
		}
	}
	return x
}

func TestDistanceNeverGivesUpTooEarly(t *testing.T) {
	t.Parallel()
	words := someWords(250)
	for _, k := range []*editCosts{strictCosts, looseCosts} {
		var l ladder
		for i, a := range words[:60] {
			if len(a) > maxWordBytes {
				continue
			}
			l.start(k, a)
			for j, b := range words {
				if len(b) > maxWordBytes {
					continue
				}
				codes := make([]uint8, len(b))
				for n := range len(b) {
					codes[n] = letterCode(b[n])
				}
				limit := (i*37 + j*11) % 500
				want := slowDistance(k, a, b)
				for way, got := range []int{k.distance(a, b, limit), int(l.distance(codes, int32(limit)))} {
					if (want <= limit || got <= limit) && got != want {
						t.Fatalf("way %d: %s to %s within %d is %d, want %d", way, a, b, limit, got, want)
					}
				}
			}
		}
	}
}

func TestEachNearIsSimilarity(t *testing.T) {
	t.Parallel()
	words := someWords(600)
	x := testIndex(words)
	sc := x.scratch.Get().(*scratch)
	near := 0
	for i, w := range append(words[:150:150], "Вильям", "محمد", "ж", "7", "Ltd", "bill") {
		for _, q := range tokenize(w) {
			q.loose = q.loose || i%2 == 0
			for _, allowed := range []*allowance{anySimilar, nearlySame, steps[3]} {
				for p := range x.words {
					sc.marks[p>>6] |= 1 << (p & 63)
				}
				got := map[uint32]float64{}
				sc.allowed = allowed
				x.eachNear(sc, &q, sc.marks, maxWordBytes, func(word uint32, sim float64) { got[word] = sim })
				for id := range x.words {
					want, _ := similarity(&q, &x.words[id])
					if want < allowed.least {
						want = 0
					}
					if got[uint32(id)] != want {
						t.Fatalf("%s and %s (loose %v %v): %v, want %v", q.text, x.words[id].text, q.loose, x.words[id].loose, got[uint32(id)], want)
					}
					if want > 0 {
						near++
					}
				}
			}
		}
	}
	if near < 5000 {
		t.Errorf("only %d similar pairs: the test is too easy", near)
	}
	if i := slices.IndexFunc(sc.marks, func(m uint64) bool { return m != 0 }); i >= 0 {
		t.Error("marks were left behind")
	}
}

// slowSimilarWords is similarWords by way of similarity.
func slowSimilarWords(x *index, t *token) []similarWord {
	places := map[uint32]bool{}
	if id, ok := x.byText[wordKey(*t)]; ok {
		places[x.place[id]] = true
	}
	try := func(pairs []keyPair) {
		for _, p := range pairs {
			places[p.place] = true
		}
	}
	for _, k := range []struct {
		table *keyTable
		key   string
		from  int
	}{{&x.deletes, t.fold, 4}, {&x.medium, skeleton(t.fold, false), 4}, {&x.coarse, skeleton(t.fold, true), 3}} {
		if k.key == "" || (k.table == &x.coarse && !t.loose) {
			continue
		}
		try(k.table.find(hashWord(k.key)))
		if len(k.key) >= k.from {
			eachDeletion(k.key, func(s []byte) { try(k.table.find(hashBytes(s))) })
		}
	}
	for _, row := range nicknames[t.text] {
		for _, other := range strings.Fields(nicknameRows[row]) {
			if id, ok := x.byText[other]; ok {
				places[x.place[id]] = true
			}
		}
	}
	var found []similarWord
	for p := range places {
		w := &x.words[x.spelt[p]]
		if d := len(w.fold) - len(t.fold); !t.loose && !w.loose && (d > 4 || d < -4) && !sameNickname(t.text, w.text) {
			continue
		}
		if s, _ := similarity(t, w); s > 0 {
			found = append(found, similarWord{x.spelt[p], float32(s)})
		}
	}
	slices.SortFunc(found, func(a, b similarWord) int {
		return cmp.Or(-cmp.Compare(a.sim, b.sim), cmp.Compare(a.word, b.word))
	})
	return found[:min(len(found), maxSimilarWords)]
}

// slowAgreements is agreements by way of similarity.
func slowAgreements(a *aligner, row []uint32) []pair {
	var all []pair
	add := func(q, qn, l, ln, sim int) {
		all = append(all, pair{q: uint8(q), qn: uint8(qn), l: uint8(l), ln: uint8(ln), sim: int32(sim), worth: a.worth(q, qn, row[l:l+ln], int32(sim))})
	}
	measure := func(p, r *token) int {
		f, _ := similarity(p, r)
		return int(f*1000 + 0.5)
	}
	for l := range row {
		w := &a.x.words[row[l]]
		for q := range a.q {
			if s := measure(&a.q[q], w); s > 0 {
				add(q, 1, l, 1, s)
			}
		}
		for i := range a.joined {
			run := &a.joined[i]
			n := len(run.token.text)
			if d := len(w.text) - n; w.kind == kindInitial || n < 4 || d > 2 || d < -2 {
				continue
			}
			if s := measure(&run.token, w); s >= joinLimit {
				add(run.at, run.n, l, 1, min(s, joinedSim))
			}
		}
		for ln := 2; ln <= maxJoin && l+ln <= len(row); ln++ {
			var parts []token
			for _, id := range row[l : l+ln] {
				parts = append(parts, a.x.words[id])
			}
			whole := joinTokens(parts)
			for q := range a.q {
				t := &a.q[q]
				if d := len(t.text) - len(whole.text); len(whole.text) < 4 || t.kind == kindInitial || d > 2 || d < -2 || (!t.loose && !w.loose && class(t.text[0]) != class(w.text[0])) {
					continue
				}
				if s := measure(t, &whole); s >= joinLimit {
					add(q, 1, l, ln, min(s, joinedSim))
				}
			}
		}
	}
	return all
}

// compareWithSlow asks one index for one name both ways and answers how many
// pairs were compared.
func compareWithSlow(t *testing.T, x *index, name string) int {
	t.Helper()
	sc := x.scratch.Get().(*scratch)
	defer x.scratch.Put(sc)
	sc.similar = sc.similar[:0]
	q := tokenize(name)
	similar := make([][]similarWord, len(q))
	weights := make([]int, len(q))
	for i := range q {
		similar[i] = x.similarWords(sc, &q[i], anySimilar)
		weights[i] = x.queryWeight(&q[i], similar[i])
		if q[i].editable() {
			if want := slowSimilarWords(x, &q[i]); !slices.Equal(similar[i], want) {
				t.Fatalf("similar words of %s: %d, want %d", q[i].text, len(similar[i]), len(want))
			}
		}
	}
	a := newAligner(x, q, weights)
	w, s := x.leads(sc, q, weights, similar, a)
	names := x.candidates(sc, w, s, a.total)
	a.measure(sc, names, similar)
	order := func(p, r pair) int {
		return cmp.Or(cmp.Compare(p.q, r.q), cmp.Compare(p.l, r.l), cmp.Compare(p.qn, r.qn), cmp.Compare(p.ln, r.ln))
	}
	compared := 0
	for _, n := range names {
		row := x.row(int(n))
		got, want := a.agreements(row), slowAgreements(a, row)
		slices.SortFunc(got, order)
		slices.SortFunc(want, order)
		if !slices.Equal(got, want) {
			t.Fatalf("%s with %s: %+v, want %+v", name, x.nameText(int(n)), got, want)
		}
		compared += len(got)
	}
	sc.forget()
	return compared
}

func TestSearchIsTheSlowOne(t *testing.T) {
	t.Parallel()
	words := someWords(900)
	x := testIndex(words)
	compared := 0
	jsc := tokenize("JSC Kometa")
	if got := x.similarWords(x.scratch.Get().(*scratch), &jsc[0], anySimilar); len(got) == 0 || got[0].sim != 1 {
		t.Errorf("a legal form at the beginning of a name: %v", got)
	}
	for i, w := range words[:120] {
		compared += compareWithSlow(t, x, w+" "+words[len(words)-3-i]+" "+words[i/2])
	}
	if compared < 5000 {
		t.Errorf("only %d pairs compared: the test is too easy", compared)
	}
}

func TestSearchOfRealListsIsTheSlowOne(t *testing.T) {
	t.Parallel()
	s := realLists(t)
	cases := readCases(t, filepath.Join(dataFolder(t), "screening-bench", "dev", "cases.jsonl"))
	for i := 0; i < len(cases); i += 67 {
		for _, id := range []string{"un", "ofac"} {
			compareWithSlow(t, s.state.Load().lists[id].index, cases[i].Query)
		}
	}
}

func TestEveryCommonWordIsOfOneKind(t *testing.T) {
	t.Parallel()
	seen := map[string]wordKind{}
	for kind, words := range commonWordRows {
		for _, w := range strings.Fields(words) {
			if k, twice := seen[w]; twice && k != kind {
				t.Errorf("%s is of kind %d and of kind %d", w, k, kind)
			}
			seen[w] = kind
		}
	}
}
