package screen

import (
	"cmp"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bonafide/roster"
	"bonafide/spelling"
)

// The search measures words in bulk and with shortcuts. These tests hold it
// to the plain way: one word with another, by the whole table.

// slowDistance is EditCosts.Distance without giving up early.
func slowDistance(k *spelling.EditCosts, a, b string) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		for j := range d[i] {
			if i == 0 && j == 0 {
				continue
			}
			d[i][j] = 1 << 30
			if i > 0 {
				d[i][j] = min(d[i][j], d[i-1][j]+int(k.Gap[spelling.LetterCode(a[i-1])]))
			}
			if j > 0 {
				d[i][j] = min(d[i][j], d[i][j-1]+int(k.Gap[spelling.LetterCode(b[j-1])]))
			}
			if i > 0 && j > 0 {
				d[i][j] = min(d[i][j], d[i-1][j-1]+int(k.Sub[spelling.LetterCode(a[i-1])][spelling.LetterCode(b[j-1])]))
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+k.Swap)
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

// testDictionary has two lists that share most words. Each word is a name,
// every third of them in a script that leaves vowels open, and every ninth
// beside another word.
func testDictionary(words []string) *dictionary {
	lists := map[string]*index{}
	for k, id := range []string{"one", "two"} {
		var entities []roster.Entity
		for i, w := range words {
			if len(words) > 10 && i%5 == 4*k {
				continue
			}
			if i%9 == 0 {
				w += " " + words[(i*7+1)%len(words)]
			}
			entities = append(entities, roster.Entity{ID: w, Type: roster.TypePerson, Names: []roster.Name{{Text: w}}})
		}
		if k == 1 {
			slices.Reverse(entities) // the lists number their words differently
		}
		x := buildIndex(id, "v", false, entities)
		for i := range x.words {
			w, text := &x.words[i], x.spelled(uint32(i))
			if len(text)%3 == 0 && w.kind == spelling.KindWord && !spelling.IsLegalForm(text) {
				w.loose = true
			}
		}
		lists[id] = x
	}
	return buildDictionary(lists)
}

func TestDistanceNeverGivesUpTooEarly(t *testing.T) {
	t.Parallel()
	words := someWords(250)
	for _, k := range []*spelling.EditCosts{spelling.StrictCosts, spelling.LooseCosts} {
		var l ladder
		for i, a := range words[:60] {
			if len(a) > spelling.MaxWordBytes {
				continue
			}
			l.start(k, a)
			for j, b := range words {
				if len(b) > spelling.MaxWordBytes {
					continue
				}
				codes := make([]uint8, len(b))
				for n := range len(b) {
					codes[n] = spelling.LetterCode(b[n])
				}
				limit := (i*37 + j*11) % 500
				want := slowDistance(k, a, b)
				for way, got := range []int{k.Distance(a, b, limit), int(l.distance(codes, int32(limit)))} {
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
	d := testDictionary(words)
	sc := d.scratch.Get().(*scratch)
	near := 0
	for i, w := range append(words[:150:150], "Вильям", "محمد", "ж", "7", "Ltd", "bill") {
		for _, q := range spelling.Tokenize(w) {
			q.Loose = q.Loose || i%2 == 0
			for _, allowed := range []*spelling.Allowance{spelling.AnySimilar, nearlySame, leading} {
				for p := range d.vocabulary() {
					sc.marks.set(uint32(p))
				}
				sc.close = sc.marks.take(nil, nil)
				if len(sc.close) != d.vocabulary() {
					t.Fatalf("%d words are marked", len(sc.close))
				}
				sc.fetch(d)
				got := map[uint32]uint16{}
				d.eachNear(sc, &q, allowed, spelling.MaxWordBytes, func(k int, thousandths uint16) { got[sc.close[k]] = thousandths })
				for id := range d.vocabulary() {
					word := d.token(uint32(id))
					sim, _ := spelling.Similarity(&q, &word)
					if sim < allowed.Least {
						sim = 0
					}
					want := uint16(sim*1000 + 0.5)
					if got[uint32(id)] != want {
						t.Fatalf("%s and %s (loose %v %v): %v, want %v", q.Text, word.Text, q.Loose, word.Loose, got[uint32(id)], want)
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
	if left := sc.marks.take(nil, nil); len(left) > 0 {
		t.Error("marks were left behind")
	}
}

// slowSimilarWords is similarWords by way of similarity, on one list.
func slowSimilarWords(m *member, t *spelling.Token) []similarWord {
	tries := map[string]bool{}
	for _, key := range []struct {
		key  string
		from int
		kind string
	}{{t.Fold, 4, "fold "}, {spelling.Skeleton(t.Fold, false), 4, "medium "}, {spelling.Skeleton(t.Fold, true), 3, "coarse "}} {
		if key.key == "" || (key.kind == "coarse " && !t.Loose) {
			continue
		}
		eachKey(key.key, key.from, func(s string) { tries[key.kind+s] = true })
	}
	row := map[string]bool{wordKey(*t): true}
	for other := range spelling.NicknamesOf(t.Text) {
		row[other] = true
	}
	var found []similarWord
	for id := range m.vocabulary() {
		w := m.token(uint32(id))
		reached := row[wordKey(w)]
		try := func(kind, key string, from int) {
			if key != "" && w.Editable() && len(w.Text) <= spelling.MaxWordBytes {
				eachKey(key, from, func(s string) { reached = reached || tries[kind+s] })
			}
		}
		try("fold ", w.Fold, 4)
		try("medium ", spelling.Skeleton(w.Fold, false), 4)
		try("coarse ", spelling.Skeleton(w.Fold, true), 3)
		if d := len(w.Fold) - len(t.Fold); !reached || !t.Loose && !w.Loose && (d > 4 || d < -4) && !spelling.SameNickname(t.Text, w.Text) {
			continue
		}
		if s, _ := spelling.Similarity(t, &w); s >= leastLeading {
			found = append(found, similarWord{uint32(id), uint16(s*1000 + 0.5)})
		}
	}
	slices.SortFunc(found, func(a, b similarWord) int {
		return cmp.Or(-cmp.Compare(a.sim, b.sim), cmp.Compare(m.entry[a.word].word, m.entry[b.word].word))
	})
	return found[:min(len(found), maxSimilarWords)]
}

// eachKey calls f for a key and, from a length on, for it with each one letter
// left out.
func eachKey(key string, from int, f func(string)) {
	f(key)
	if len(key) >= from {
		eachDeletion(key, func(s []byte) { f(string(s)) })
	}
}

// slowAgreements is agreements by way of similarity.
func slowAgreements(a *aligner, row []placed) []pair {
	var all []pair
	add := func(q, qn, l, ln, sim int) {
		all = append(all, pair{q: uint8(q), qn: uint8(qn), l: uint8(l), ln: uint8(ln), sim: int32(sim), worth: a.worth(q, qn, row[l:l+ln], int32(sim))})
	}
	measure := func(p, r *spelling.Token) int {
		f, _ := spelling.Similarity(p, r)
		return int(f*1000 + 0.5)
	}
	for l := range row {
		w := a.token(&row[l])
		for q := range a.q {
			if s := measure(&a.q[q], &w); s > 0 {
				add(q, 1, l, 1, s)
			}
		}
		for i := range a.joined {
			run := &a.joined[i]
			n := len(run.token.Text)
			if d := len(w.Text) - n; w.Kind == spelling.KindInitial || n < 4 || d > 2 || d < -2 {
				continue
			}
			if s := measure(&run.token, &w); s >= joinLimit {
				add(run.at, run.n, l, 1, min(s, joinedSim))
			}
		}
		for ln := 2; ln <= maxJoin && l+ln <= len(row); ln++ {
			var parts []spelling.Token
			for k := range row[l : l+ln] {
				parts = append(parts, a.token(&row[l+k]))
			}
			whole := joinTokens(parts)
			for q := range a.q {
				t := &a.q[q]
				if d := len(t.Text) - len(whole.Text); len(whole.Text) < 4 || t.Kind == spelling.KindInitial || d > 2 || d < -2 || (!t.Loose && !w.Loose && spelling.Class(t.Text[0]) != spelling.Class(w.Text[0])) {
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

// compareWithSlow asks lists for one name both ways and answers how many pairs
// were compared.
func compareWithSlow(t *testing.T, d *dictionary, name string, ids ...string) int {
	t.Helper()
	sc := d.scratch.Get().(*scratch)
	defer d.scratch.Put(sc)
	var lists []*member
	for _, id := range ids {
		lists = append(lists, d.members[id])
	}
	sc.ask(d, lists)
	defer sc.done()
	q := spelling.Tokenize(name)
	b := d.newBoard(sc, q)
	names, aligners := make([][]uint32, len(lists)), make([]*aligner, len(lists))
	for k, m := range lists {
		for i := range q {
			if !q[i].Editable() {
				continue
			}
			if got, want := m.similarWords(sc, b.found[i]), slowSimilarWords(m, &q[i]); !slices.Equal(got, want) {
				t.Fatalf("similar words of %s on %s: %d, want %d", q[i].Text, m.list, len(got), len(want))
			}
		}
		aligners[k], names[k] = b.candidates(m, minHit, nil)
	}
	order := func(p, r pair) int {
		return cmp.Or(cmp.Compare(p.q, r.q), cmp.Compare(p.l, r.l), cmp.Compare(p.qn, r.qn), cmp.Compare(p.ln, r.ln))
	}
	compared := 0
	for _, known := range []bool{true, false} {
		b.measure(names, known)
		for k, m := range lists {
			for i := range b.listed(k) {
				e := &b.listed(k)[i]
				row, n := b.row(e), e.name
				if all, ok := aligners[k].placed(int(n)); !ok || !slices.Equal(all, row) {
					t.Fatalf("the row of %s is %v, not %v", m.nameText(int(n)), row, all)
				}
				for j, w := range m.row(int(n)) {
					if got, want := b.token(&row[j]), m.token(w); got != want || row[j].weight != m.weight[w] || row[j].kind != want.Kind {
						t.Fatalf("word %d of %s is %+v, want %+v", j, m.nameText(int(n)), got, want)
					}
				}
				got, want := aligners[k].agreements(row), slowAgreements(aligners[k], row)
				slices.SortFunc(got, order)
				slices.SortFunc(want, order)
				if !slices.Equal(got, want) {
					t.Fatalf("%s with %s (known %v): %+v, want %+v", name, m.nameText(int(n)), known, got, want)
				}
				compared += len(got)
			}
		}
	}
	return compared
}

func TestSearchIsTheSlowOne(t *testing.T) {
	t.Parallel()
	words := someWords(900)
	d := testDictionary(words)
	compared := 0
	letters := testDictionary([]string{"N. C. Roos", "Q Saddafi", "X Avier", "Tom S Hanks", "Ann T Sang"})
	for _, w := range []string{"ヴァーツラフ・クラウス", "Croos", "Qsaddafi", "Kaddafi", "Xavier", "Ksavier", "Shanks", "Tsang"} {
		compared += compareWithSlow(t, letters, w, "one", "two")
	}
	for i, w := range words[:120] {
		ids := [][]string{{"one", "two"}, {"two"}, {"one"}}[i%3]
		compared += compareWithSlow(t, d, w+" "+words[len(words)-3-i]+" "+words[i/2], ids...)
	}
	if compared < 10000 {
		t.Errorf("only %d pairs compared: the test is too easy", compared)
	}
}

func TestALegalFormMayBeginANameOnAnotherList(t *testing.T) {
	t.Parallel()
	list := func(name string) *index {
		return buildIndex("x", "v", false, []roster.Entity{{ID: "1", Type: roster.TypeEntity, Names: []roster.Name{{Text: name}}}})
	}
	d := buildDictionary(map[string]*index{"first": list("Co Kometa"), "last": list("Kometa Co")})
	if first, end := d.withKey("co"); end-first != 2 || d.kind(first) == d.kind(first+1) {
		t.Fatalf("the dictionary has co %d times", end-first)
	}
	for _, id := range []string{"first", "last"} {
		compareWithSlow(t, d, "Co Kometa", id, "first", "last")
		sc := d.scratch.Get().(*scratch)
		m := d.members[id]
		sc.ask(d, []*member{m})
		q := spelling.Tokenize("Co Kometa")
		got := m.similarWords(sc, d.search(sc, &q[0], leading))
		if len(got) != 1 || got[0].sim != 1000 || m.token(got[0].word).Text != "co" {
			t.Errorf("co on %s: %v", id, got)
		}
		sc.done()
	}
}

func TestSearchOfRealListsIsTheSlowOne(t *testing.T) {
	t.Parallel()
	s := realLists(t)
	cases := readCases(t, filepath.Join(dataFolder(t), "screening-bench", "dev", "cases.jsonl"))
	for i := 0; i < len(cases); i += 67 {
		compareWithSlow(t, s.state.Load().words, cases[i].Query, "ofac", "un")
	}
}
