package screen

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"bonafide/roster"
)

// compareWithMatch asks everybody about some entries of a list in both ways:
// whom Match finds, the audience must have found.
func compareWithMatch(t *testing.T, s *Screener, list string, entries []string, people []Query) (found, touched int) {
	t.Helper()
	c, ok := s.Changes(list, entries)
	if !ok {
		t.Fatal("the list is not loaded")
	}
	a := NewAudience()
	for i, q := range people {
		a.Put("all", fmt.Sprint(i), q)
	}
	in := map[string]bool{}
	for _, h := range a.Touched(c) {
		in[h.Key] = true
	}
	wanted := map[string]bool{}
	for _, e := range entries {
		wanted[e] = true
	}
	for i, q := range people {
		alone := c.Touches(q)
		if alone != in[fmt.Sprint(i)] {
			t.Errorf("%q alone is touched %t, in the audience %t", q.Name, alone, !alone)
		}
		if alone {
			touched++
		}
		q.Lists, q.Limit = []string{list}, maxLimit
		r := s.Match(q)
		if r.Err != nil {
			if !alone {
				t.Errorf("%q cannot be asked for and is not touched", q.Name)
			}
			continue
		}
		for _, h := range r.Hits {
			if !wanted[h.EntryID] {
				continue
			}
			found++
			if !alone {
				t.Errorf("%q at %.2f is not touched by:\n%s", q.Name, q.Threshold, Explain(h))
			}
		}
	}
	return found, touched
}

func TestTheAudienceHasEverybodyWhomMatchFinds(t *testing.T) {
	t.Parallel()
	s := world(t)
	var people []Query
	for _, name := range []string{"Yusuf Iskander Harunov", "Youssouf Iskander Kharunov", "Yusuf I. Harunov", "Y Harunov", "Юсуф Искандер Харунов", "يوسف هارونوف", "YusufIskander Harunov",
		"Yusuf Iskander Haru nov", "Mohamed Idris Alqumrazi", "Mohammed al Qumrazi", "Bright Harbor Shipping Co., Ltd.", "BHS Harbor", "Harbor Lines Ltd", "Kim Jong Sample", "Bill Stellen", "Willy Robert Stelen",
		"Pieter Vandermeersch", "Pieter Vander Meersch", "P\u200bieter van der Meersch", "Hassan", "Hasan", "Hassan Ali", "Falconer", "Meerstar", "Meer Star", "Anna Falconer", "Ltd", "Bank", "A B", "", "李小明", "Max Mustermann"} {
		for _, threshold := range []float64{0, 0.3, 0.5, 0.6, 0.66, DefaultThreshold, 0.85, 0.95} {
			people = append(people, Query{Name: name, Threshold: threshold}, Query{Name: "Nobody Atall", Aliases: []string{name}, Threshold: threshold})
		}
	}
	people = append(people, Query{Name: "Someone Else", Identifiers: []string{"AB-123 4567"}, Threshold: 0.9}, Query{Name: "Someone Else", Identifiers: []string{"AB12"}, Threshold: 0.9})
	for _, entries := range [][]string{{"1"}, {"2", "3"}, {"4", "5", "6", "7", "8"}, nil} {
		found, _ := compareWithMatch(t, s, "world", entries, people)
		if (found == 0) != (entries == nil) {
			t.Errorf("%d found among %v", found, entries)
		}
	}
	if _, ok := s.Changes("garden", nil); ok {
		t.Error("changes of a list that is not there")
	}
}

// Names made of words that resemble each other, with joins, initials, legal
// forms and nicknames: a bound that is too tight shows here.
func TestTheAudienceHasEverybodyAmongSimilarWords(t *testing.T) {
	t.Parallel()
	words := someWords(400)
	r := rand.New(rand.NewPCG(3, 14))
	name := func() string {
		var out []string
		for range 1 + r.IntN(4) {
			w := words[r.IntN(len(words))]
			switch r.IntN(12) {
			case 0:
				w = w[:1]
			case 1:
				w += words[r.IntN(len(words))]
			case 2:
				w = strings.NewReplacer("a", "а", "m", "м", "l", "л", "i", "и", "d", "д").Replace(w) // Cyrillic
			}
			out = append(out, w)
		}
		return strings.Join(out, " ")
	}
	var csv strings.Builder
	csv.WriteString("id,name,type,aliases\n")
	var entries []string
	for i := range 300 {
		fmt.Fprintf(&csv, "%d,%s,%s,%s\n", i, name(), []string{"person", "entity"}[i%2], name())
		if i%3 == 0 {
			entries = append(entries, fmt.Sprint(i))
		}
	}
	s, _ := openTest(t)
	mustImport(t, s, "csv", "made", writeTemp(t, "made.csv", csv.String()))
	var people []Query
	for range 1500 {
		people = append(people, Query{Name: name(), Threshold: []float64{0.2, 0.5, 0.64, 0.7, DefaultThreshold, 0.8, 0.9}[r.IntN(7)]})
	}
	found, touched := compareWithMatch(t, s, "made", entries, people)
	if found < 200 || touched == len(people) {
		t.Errorf("%d found, %d of %d touched: this tests nothing", found, touched, len(people))
	}
	t.Logf("%d found, %d of %d touched", found, touched, len(people))
}

// The benchmark's queries, native scripts among them, against the lists they
// were made for.
func TestTheAudienceHasEverybodyOnRealLists(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(dataFolder(t), "screening-bench")
	s, _ := openTest(t)
	in := func(list, file string) string { return filepath.Join(dir, "index", list, file) }
	mustImport(t, s, "ofac_sdn", "ofac", in("ofac", "sdn.csv.gz"), in("ofac", "alt.csv.gz"), in("ofac", "add.csv.gz"), in("ofac", "sdn_comments.csv.gz"))
	mustImport(t, s, "un", "un", in("un", "un_consolidated.xml.gz"))
	people := map[string][]Query{}
	for _, c := range readCases(t, filepath.Join(dir, "dev", "cases.jsonl")) {
		if len(people[c.List]) < 250 {
			people[c.List] = append(people[c.List], Query{Name: c.Query, Type: roster.EntityType(c.Type), DateOfBirth: c.DOB, Country: c.Country, Threshold: []float64{0.6, DefaultThreshold, 0.85}[len(people[c.List])%3]})
		}
	}
	for _, list := range []string{"ofac", "un"} {
		var entries []string
		x := s.state.Load().lists[list].index
		for i := 0; i < x.size(); i += 4 {
			entries = append(entries, x.entryID(uint32(i)))
		}
		found, touched := compareWithMatch(t, s, list, entries, people[list])
		if found < 20 {
			t.Errorf("%s: %d found", list, found)
		}
		t.Logf("%s: %d entries changed, %d hits found, %d of %d touched", list, len(entries), found, touched, len(people[list]))
	}
}

func TestAnAudienceForgetsWhoLeaves(t *testing.T) {
	t.Parallel()
	s := world(t)
	c, _ := s.Changes("world", []string{"4"})
	a := NewAudience()
	a.Remove("x", "1")
	a.Drop("x")
	touched := func() []string {
		var out []string
		for _, h := range a.Touched(c) {
			out = append(out, h.Group+"/"+h.Key)
		}
		slices.Sort(out)
		return out
	}
	if got := touched(); got != nil || a.Len() != 0 {
		t.Errorf("nobody is %v", got)
	}
	sample := Query{Name: "Kim Jong Sample", Threshold: DefaultThreshold}
	a.Put("x", "1", sample)
	a.Put("y", "1", sample)
	a.Put("y", "2", Query{Name: "Somebody Else", Threshold: DefaultThreshold})
	a.Put("y", "2", sample)
	if got := touched(); !slices.Equal(got, []string{"x/1", "y/1", "y/2"}) || a.Len() != 3 || !a.Has("y", "2") || a.Has("x", "2") {
		t.Errorf("%v", got)
	}
	a.Put("y", "2", Query{Name: "Somebody Else", Threshold: DefaultThreshold})
	a.Remove("x", "1")
	if got := touched(); !slices.Equal(got, []string{"y/1"}) {
		t.Errorf("%v", got)
	}
	for i := range 3000 {
		a.Put("z", fmt.Sprint(i), Query{Name: fmt.Sprintf("Person Numberword%d", i), Threshold: DefaultThreshold})
	}
	words := len(a.words)
	a.Drop("z")
	if len(a.words) >= words/2 || len(a.people) > 10 || a.Len() != 2 {
		t.Errorf("%d words and %d places of %d are left", len(a.words), len(a.people), a.Len())
	}
	if got := touched(); !slices.Equal(got, []string{"y/1"}) {
		t.Errorf("after tidying: %v", got)
	}
}

// audienceOf makes an audience of invented people.
func audienceOf(n int) *Audience {
	r := rand.New(rand.NewPCG(1, 2))
	given := strings.Fields("mohammed maria john anna li wei ivan olga ahmed fatima jose carlos peter susan david ali yusuf elena kim juan hans ingrid pierre claire luca giulia piotr agnieszka bjorn astrid kwame amina chidi ngozi hiroshi yuki raj priya omar leila")
	word := func() string {
		const consonants, vowels = "bdfghjklmnprstvzw", "aeiou"
		var b strings.Builder
		for range 2 + r.IntN(2) {
			b.WriteByte(consonants[r.IntN(len(consonants))])
			b.WriteByte(vowels[r.IntN(len(vowels))])
			if r.IntN(3) == 0 {
				b.WriteByte(consonants[r.IntN(len(consonants))])
			}
		}
		return b.String()
	}
	a := NewAudience()
	for i := range n {
		name := given[r.IntN(len(given))] + " "
		if r.IntN(2) == 0 {
			name += given[r.IntN(len(given))] + " "
		}
		a.Put("t", fmt.Sprintf("01J%023d", i), Query{Name: name + word(), Identifiers: []string{fmt.Sprintf("P%08d", i)}, Threshold: DefaultThreshold})
	}
	return a
}

// BenchmarkAudience finds among 100,000 people whom one new entry of five names
// may mean.
func BenchmarkAudience(b *testing.B) {
	const people = 100_000
	before := liveHeap()
	a := audienceOf(people)
	size := liveHeap() - before
	s, _ := openTest(b)
	mustImport(b, s, "csv", "own", writeTemp(b, "own.csv", "id,name,type,aliases\n1,Mohammed Kalomi Randesto,person,Muhammad Kalomy Randesto;Mohamed Randesto;محمد راندستو;Kalomi Randesto\n"))
	c, _ := s.Changes("own", []string{"1"})
	touched := 0
	for b.Loop() {
		touched = len(a.Touched(c))
	}
	b.ReportMetric(float64(touched), "touched")
	b.ReportMetric(float64(size)/people, "B/person")
	runtime.KeepAlive(a)
}
