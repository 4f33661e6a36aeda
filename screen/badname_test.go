package screen

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// crowd is a list of 30,000 made parties whose words repeat as those of real
// lists do, with entries that are named like words that identify nobody.
func crowd(t testing.TB) *Screener {
	t.Helper()
	r := rand.New(rand.NewPCG(5, 5))
	syllables := strings.Fields("ma ro ka li sen du bar tev or ash in ul quo zim fe lan gor pet isk ya nov hal jun wes dri")
	words := make([]string, 4000)
	for i := range words {
		for range 2 + r.IntN(3) {
			words[i] += syllables[r.IntN(len(syllables))]
		}
	}
	word := func() string { // few words are frequent and many are rare
		f := r.Float64()
		return words[int(f*f*f*float64(len(words)))]
	}
	var b strings.Builder
	b.WriteString("id,name,type,aliases\n")
	for i := range 30000 {
		fmt.Fprintf(&b, "P%d,%s %s %s,person,%s %s\n", i, word(), word(), word(), word(), word())
	}
	for i, name := range []string{"The", "Al", "Bin", "De", "Mr", "Ltd", "Company", "Group", "Bank", "International", "Trading", "The Bank", "Group Ltd", "ال"} {
		fmt.Fprintf(&b, "S%d,%s,entity,\n", i, name)
	}
	s, _ := openTest(t)
	mustImport(t, s, "csv", "crowd", writeTemp(t, "crowd.csv", b.String()))
	return s
}

// quickest is the least of five runs, so that other work on the machine counts
// little.
func quickest(s *Screener, q Query) (Result, time.Duration) {
	var r Result
	best := time.Hour
	for range 5 {
		at := time.Now()
		r = s.Match(q)
		best = min(best, time.Since(at))
	}
	return r, best
}

// TestBadNamesAreAnsweredInBounds holds the matcher to what it promises of any
// text: an error with a code or at most the asked number of explained hits. How
// long it takes is BenchmarkBadNames' to say.
func TestBadNamesAreAnsweredInBounds(t *testing.T) {
	t.Parallel()
	s := crowd(t)
	long := manyWords()
	refused := map[string]string{
		"": "name_unscreenable", "   \t\n": "name_unscreenable", "\u200b\u200c\u200d\ufeff": "name_unscreenable", "🙂🙃🚢": "name_unscreenable",
		"\x00\x01\x02\x7f": "name_unscreenable", "\u202e\u2066": "name_unscreenable", "---": "name_unscreenable", "I. I.": "name_unscreenable",
		strings.Repeat("m ", 900):  "name_unscreenable",
		strings.Repeat("x", 10000): "name_too_long", long[:10000]: "name_too_long", strings.Repeat("名", 3334): "name_too_long",
		strings.Repeat("a\u0301", 3334): "name_too_long", "marosen \xff bartev": "name_unreadable",
	}
	for name, code := range refused {
		r := s.Match(Query{Name: name, Limit: 10})
		if r.Err == nil || r.Err.Code != code || len(r.Hits) > 0 || r.Worst() == "ok" {
			t.Errorf("%.40q: %v with %d hits and status %s, want %s", name, r.Err, len(r.Hits), r.Worst(), code)
		}
	}
	for _, name := range longNames() {
		for _, q := range []Query{{Name: name, Limit: 10}, {Name: name, Limit: 10, Threshold: DefaultThreshold}} {
			r := s.Match(q)
			if r.Err != nil || len(r.Hits) > 10 {
				t.Errorf("%.40q: %v with %d hits", name, r.Err, len(r.Hits))
			}
			for _, h := range r.Hits {
				if h.Score < 0 || h.Score > 1 || len(h.Features) == 0 {
					t.Errorf("%.40q: %+v", name, h)
				}
			}
		}
	}
}

// TestARefusalListsEveryProblem has questions with several names that are wrong, each
// of which is told with its place.
func TestARefusalListsEveryProblem(t *testing.T) {
	t.Parallel()
	s := crowd(t)
	long := strings.Repeat("x", maxQueryBytes+1)
	for _, c := range []struct {
		q    Query
		want string
	}{
		{Query{}, "/name name_unscreenable"},
		{Query{Name: "Ltd"}, "/name name_unscreenable"},
		{Query{Name: "Mr. Dr.", Identifiers: []string{"ZZ99999"}}, "/name name_unscreenable"},
		{Query{FirstName: "Mr", LastName: "van"}, "/last_name name_unscreenable"},
		{Query{FirstName: "Prince", LastName: "A"}, "/first_name name_unscreenable"},
		{Query{FirstName: "Marosen", LastName: long}, "/last_name name_too_long"},
		{Query{Name: long}, "/name name_too_long"},
		{Query{Name: "marosen \xff"}, "/name name_unreadable"},
		{Query{Name: "marosen bartev", Aliases: []string{"kalidu", "\xff\xfe", long}}, "/aliases/1 name_unreadable, /aliases/2 name_too_long"},
		{Query{Name: "Ltd", Aliases: []string{long}}, "/name name_unscreenable, /aliases/0 name_too_long"},
		{Query{Name: long, Aliases: make([]string, maxAliases+1)}, "/name name_too_long, /aliases name_too_long"},
	} {
		var got []string
		r := s.Match(c.q)
		if r.Err != nil {
			for _, p := range r.Err.Problems {
				got = append(got, p.Path+" "+p.Code)
				if p.Message == "" || strings.Contains(p.Message, "xx") {
					t.Errorf("%s says %.60q", p.Path, p.Message)
				}
			}
		}
		if strings.Join(got, ", ") != c.want || len(r.Hits) > 0 || r.Worst() == "ok" || !strings.HasPrefix(c.want, r.Err.Problems[0].Path+" "+r.Err.Code) {
			t.Errorf("%.60v: %v, want %s", c.q, got, c.want)
		}
	}
	// An alias that identifies nobody does not stop the others, and is not passed
	// over in silence.
	r := s.Match(Query{Name: "marosen bartev", Aliases: []string{"kalidu", "Ltd"}})
	if r.Err != nil || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "alias 2") {
		t.Errorf("%v %q", r.Err, r.Notes)
	}
}

// manyWords is a name of 11,000 characters.
func manyWords() string { return strings.Repeat("marosen bartev kalidu ", 500) }

// longNames are the longest names that are taken, of every kind, and names with
// what does not belong into one.
func longNames() []string {
	cut := func(s string) string {
		for len(s) > maxQueryBytes || !utf8.ValidString(s) {
			s = s[:min(len(s)-1, maxQueryBytes)]
		}
		return s
	}
	long := manyWords()
	return []string{
		cut(long), cut(strings.Repeat("marosen", 400)), cut(strings.Repeat("ma ", 1000)), cut(strings.Repeat("名", 1000)), cut(strings.Repeat("محمد ", 400)),
		cut(strings.Repeat("a\u0301", 1000)), cut("marosen " + strings.Repeat("\u0301", 1500)), cut(strings.Repeat("ᄒ", 1000)), cut(strings.Repeat("ﷺ", 1000)),
		"mаrоsеn bаrtеv", "marosen бартев 김 محمد 名", "ma\u200bro\u200dsen bar\ufefftev", "marosen 🙂 bartev", "marosen\x00bartev\x1b[31m", "\u202emarosen bartev", "marosen\r\nbartev",
	}
}

// BenchmarkBadNames reports the slowest answer to a name of longNames, the best
// of five each; asked are 20 ms.
func BenchmarkBadNames(b *testing.B) {
	s := crowd(b)
	var slowest time.Duration
	for b.Loop() {
		for _, name := range longNames() {
			for _, q := range []Query{{Name: name, Limit: 10}, {Name: name, Limit: 10, Threshold: DefaultThreshold}} {
				_, took := quickest(s, q)
				slowest = max(slowest, took)
			}
		}
	}
	b.ReportMetric(float64(slowest.Microseconds())/1000, "slowest-ms")
}

// BenchmarkAliases asks for fifty names at once, on both scales, with a threshold
// and the changes after which nobody would be a hit.
func BenchmarkAliases(b *testing.B) {
	s := crowd(b)
	x := s.state.Load().lists["crowd"].index
	for _, mode := range []Mode{ModeBonafide, ModeOFAC} {
		b.Run(string(mode), func(b *testing.B) {
			q := Query{Name: x.nameText(0), Threshold: DefaultThreshold, Mode: mode, ToMiss: true}
			for i := range maxAliases {
				q.Aliases = append(q.Aliases, x.nameText(i*577))
			}
			for b.Loop() {
				if r := s.Match(q); len(r.Hits) == 0 {
					b.Fatal("nobody was found")
				}
			}
		})
	}
}

// TestWhatCannotBeSeenChangesNothing pins that hidden characters hide nobody.
func TestWhatCannotBeSeenChangesNothing(t *testing.T) {
	t.Parallel()
	s := world(t)
	plain, _ := top(s, Query{Name: "Yusuf Iskander Harunov"})
	for _, name := range []string{"Yu\u200bsuf Iskander Harunov", "Yusuf Iskan\u200dder Harunov", "\ufeffYusuf Iskander Harunov", "Yusuf Iskander Haru\u00adnov", "\u202eYusuf Iskander Harunov\u202c",
		"Yusuf 🙂 Iskander Harunov", "Yusuf\tIskander\nHarunov", "Yu\x00suf Iskander\x07 Harunov"} {
		if got, ok := top(s, Query{Name: name}); !ok || got.EntryID != plain.EntryID || got.Score != plain.Score {
			t.Errorf("%q: %s at %.4f, want %s at %.4f", name, got.EntryID, got.Score, plain.EntryID, plain.Score)
		}
	}
}

// TestAStopWordIsNoPerfectHit: a word that identifies nobody is refused, or
// answered below a perfect score, also where an entry has no other word.
func TestAStopWordIsNoPerfectHit(t *testing.T) {
	t.Parallel()
	s := crowd(t)
	answered := 0
	for _, name := range []string{"The", "the", "Al", "al", "bin", "de", "Mr", "Mrs.", "Ltd", "LTD.", "Company", "Group", "Bank", "International", "Trading", "The Bank", "Group Ltd", "ال", "and", "of"} {
		r := s.Match(Query{Name: name, Limit: 50})
		if r.Err != nil {
			continue
		}
		answered += len(r.Hits)
		for _, h := range r.Hits {
			if h.Score >= 1 {
				t.Errorf("%q is a perfect hit on %q", name, h.MatchedName)
			}
		}
	}
	if answered == 0 {
		t.Error("no stop-word has any hit, so nothing was tried")
	}
}
