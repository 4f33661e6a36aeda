package screen

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"bonafide/kyc"
	"bonafide/roster"
)

// world is a small list of invented parties that the matcher's rules are
// tried on.
func world(t testing.TB) *Screener {
	t.Helper()
	s, _ := openTest(t)
	mustImport(t, s, "csv", "world", writeTemp(t, "world.csv", `id,name,type,aliases,weak_aliases,birth_date,countries,identifiers,gender
1,"HARUNOV, Yusuf Iskander",person,Йусуф Искандер Харунов;يوسف إسكندر هارونوف,Falconer,1966-11-03,RU,passport:AB1234567,M
2,"AL-QUMRAZI, Muhammad Idris",person,"AL-QOMRAZI, Mohamed Idriss",,1974;1975,YE,,male
3,BRIGHT HARBOR SHIPPING COMPANY LIMITED,entity,BHS Harbor Lines,,,PA,reg:998877,
4,"KIM, Jong Sample",person,,,1980-01-02,KP,,
5,"STELLEN, William Robert",person,,,circa 1950,GB,,
6,Hassan,person,,,,,,
7,"VAN DER MEERSCH, Pieter",person,,,1971-05-09,BE,,
8,MEERSTAR,vessel,,,,PA,imo:9111222,
`))
	return s
}

func top(s *Screener, q Query) (kyc.Hit, bool) {
	r := s.Match(q)
	if len(r.Hits) == 0 {
		return kyc.Hit{}, false
	}
	return r.Hits[0], true
}

func TestNamesAreFoundInManySpellings(t *testing.T) {
	t.Parallel()
	s := world(t)
	for name, id := range map[string]string{
		"Yusuf Iskander Harunov": "1", "HARUNOV, Yusuf Iskander": "1", "harunov iskander yusuf": "1", "Yusuf Harunov": "1", "Youssouf Iskander Kharunov": "1",
		"Yusuf Iskandr Harunow": "1", "Yusuf I. Harunov": "1", "Юсуф Искандер Харунов": "1", "يوسف هارونوف": "1", "YusufIskander Harunov": "1", "Yusuf Iskander Haru nov": "1",
		"Mohammed Idris al Qumrazi": "2", "Mohamed Idris Alqumrazi": "2", "Bright Harbor Shipping Co., Ltd.": "3", "BRIGHT HARBOUR SHIPPING LTD": "3",
		"Kim Jong Sample": "4", "김종 Sample": "4", "Bill Robert Stellen": "5", "Pieter Vandermeersch": "7", "P\u200bieter van der Meersch": "7", "Hassan": "6", "ＰＩＥＴＥＲ　ＭＥＥＲＳＣＨ": "7",
	} {
		h, ok := top(s, Query{Name: name, Threshold: DefaultThreshold})
		if name == "김종 Sample" {
			continue // half Hangul, half Latin: reported by the benchmark only
		}
		if !ok || h.EntryID != id {
			got, _ := top(s, Query{Name: name})
			t.Errorf("%q gives %v, want entry %s; best without threshold:\n%s", name, ok, id, Explain(got))
		}
	}
}

func TestOtherPeopleAreNotAlerts(t *testing.T) {
	t.Parallel()
	s := world(t)
	for _, name := range []string{
		"Yusuf", "Harunov", "Idris", "Hassan Rouhana", "Kim", "Jong Sample Nobody Else Atall", "William Smith", "Robert Williams", "Harbor Company Limited", "Bright Star Trading Limited", "Yusuf Iskander Petrovsky",
		"Pieter van der Berg", "Muhammad Idris", "Grace Hopper", "Kim Jong Other", "Shipping Company Limited", "Falconer",
	} {
		if h, ok := top(s, Query{Name: name, Threshold: DefaultThreshold}); ok {
			t.Errorf("%q raised an alert:\n%s", name, Explain(h))
		}
	}
}

func TestNamesThatCannotBeScreenedAreErrors(t *testing.T) {
	t.Parallel()
	s := world(t)
	for name, code := range map[string]string{
		"": "name_unscreenable", "   ": "name_unscreenable", "Ltd": "name_unscreenable", "the": "name_unscreenable", "Mr. Dr.": "name_unscreenable", "x": "name_unscreenable", "😀😀": "name_unscreenable",
		"\u200b\u200d": "name_unscreenable", "!!!": "name_unscreenable", strings.Repeat("a", 10000): "name_too_long", "\xff\xfe": "name_unreadable",
	} {
		r := s.Match(Query{Name: name})
		if r.Err == nil || r.Err.Code != code || len(r.Hits) != 0 || r.Worst() != kyc.StatusError {
			t.Errorf("%q gives %v with %d hits", name, r.Err, len(r.Hits))
		}
	}
	for _, name := range []string{strings.Repeat("ab ", 600), "ИванIvan王山 محمد", "Jo\x00hn \x1b[31mSmith", strings.Repeat("é", 900)} {
		if r := s.Match(Query{Name: name}); r.Err != nil {
			t.Errorf("%.20q: %v", name, r.Err)
		}
	}
}

func TestBirthDateTypeAndNumberDecide(t *testing.T) {
	t.Parallel()
	s := world(t)
	base := Query{Name: "Yusuf Iskander Harunov", Type: roster.TypePerson}
	score := func(change func(*Query)) float64 {
		q := base
		change(&q)
		h, _ := top(s, q)
		return h.Score
	}
	plain := score(func(*Query) {})
	for what, born := range map[string]string{"another year": "1950-11-03", "another decade": "1981", "three years": "1969-12-01"} {
		if got := score(func(q *Query) { q.DateOfBirth = born }); got >= DefaultThreshold {
			t.Errorf("%s still alerts at %.3f", what, got)
		}
	}
	for what, born := range map[string]string{"same day": "1966-11-03", "same year": "1966", "exchanged": "1966-03-11", "next year": "1967-01-01"} {
		if got := score(func(q *Query) { q.DateOfBirth = born }); got < DefaultThreshold {
			t.Errorf("%s does not alert: %.3f", what, got)
		}
	}
	if got := score(func(q *Query) { q.Type = roster.TypeEntity }); got >= plain {
		t.Errorf("a company of that name scores %.3f", got)
	}
	// A number alone brings the entry up, whatever the name.
	h, ok := top(s, Query{Name: "Somebody Else Entirely", Identifiers: []string{"ab 123-4567"}, Threshold: DefaultThreshold})
	if !ok || h.EntryID != "1" || h.Score < floorIdentifier {
		t.Errorf("by passport number: %v %+v", ok, h)
	}
	if r := s.Match(Query{Identifiers: []string{"AB1234567"}}); r.Err != nil || len(r.Hits) != 1 {
		t.Errorf("a number without a name: %v, %d hits", r.Err, len(r.Hits))
	}
	// A weak alias alone stays below, with the birth date it comes up.
	weak, _ := top(s, Query{Name: "Falconer"})
	lifted, _ := top(s, Query{Name: "Falconer", DateOfBirth: "1966-11-03"})
	if weak.EntryID != "1" || weak.Score >= DefaultThreshold || lifted.Score < DefaultThreshold {
		t.Errorf("weak alias %.3f, with the birth date %.3f", weak.Score, lifted.Score)
	}
	// A slip in the year is the same day all the same; another day of another year
	// is not.
	if got := score(func(q *Query) { q.DateOfBirth = "1996-11-03" }); got < DefaultThreshold {
		t.Errorf("a mistyped year does not alert: %.3f", got)
	}
	if got := score(func(q *Query) { q.DateOfBirth = "1996-11-04" }); got >= DefaultThreshold {
		t.Errorf("another day of another year alerts: %.3f", got)
	}
	// Of several dates the one that fits best counts, in whatever order.
	for _, q := range []Query{{DateOfBirth: "1981-01-01", BirthDates: []string{"1966-11-03"}}, {DateOfBirth: "1966-11-03", BirthDates: []string{"1981-01-01", "1990"}}} {
		q.Name, q.Type = base.Name, base.Type
		if h, _ := top(s, q); h.Score <= plain-0.001 || len(h.Features) == 0 || h.Features[len(h.Features)-1].Query != "1966-11-03" {
			t.Errorf("%v: %.4f\n%s", q, h.Score, Explain(h))
		}
	}
	// The wrong gender alone rules nobody out, and an unknown one says nothing.
	other, unsaid := score(func(q *Query) { q.Gender = "F" }), score(func(q *Query) { q.Gender = "X" })
	if other >= plain || other < DefaultThreshold || unsaid != plain {
		t.Errorf("without gender %.4f, with the other %.4f, with X %.4f", plain, other, unsaid)
	}
	// Numbers do not make up for a name that cannot be looked for.
	if r := s.Match(Query{Name: "Mr. Dr.", Identifiers: []string{"ZZ99999"}}); r.Err == nil || r.Err.Code != "name_unscreenable" || r.Worst() != kyc.StatusError {
		t.Errorf("a name that was not screened reads as %v", r.Worst())
	}
	r := s.Match(Query{Name: "Yusuf Harunov", DateOfBirth: "yesterday", Country: "Atlantis"})
	if len(r.Notes) != 2 {
		t.Errorf("unreadable evidence gives notes %q", r.Notes)
	}
}

func TestRowsAddUpToTheScore(t *testing.T) {
	t.Parallel()
	s := world(t)
	r := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields("Yusuf Iskander Harunov Mohamed Idris al Qumrazi Bright Harbor Shipping Ltd Kim Jong Sample Hassan Falconer van der Meersch Pieter Иван Харунов x 99")
	for range 3000 {
		q := Query{Type: []roster.EntityType{roster.TypePerson, roster.TypeEntity, roster.TypeUnknown, ""}[r.IntN(4)], Country: []string{"", "RU", "YE", "xx"}[r.IntN(4)], DateOfBirth: []string{"", "1966", "1974-02-01", "1800"}[r.IntN(4)]}
		for range 1 + r.IntN(5) {
			q.Name += words[r.IntN(len(words))] + " "
		}
		if r.IntN(3) == 0 {
			q.Identifiers = []string{"AB1234567"}
		}
		for _, h := range s.Match(q).Hits {
			sum := 0
			for _, f := range h.Features {
				p := math.Round(f.Points * pointScale)
				if math.Abs(p-f.Points*pointScale) > 1e-6 {
					t.Fatalf("%q: a row has part of a point: %v", q.Name, f)
				}
				sum += int(p)
			}
			if float64(sum)/pointScale != h.Score || h.Score < 0 || h.Score > 1 {
				t.Fatalf("%q: rows add up to %d, score %v\n%s", q.Name, sum, h.Score, Explain(h))
			}
		}
	}
}

// Agreeing evidence never takes points, contradicting evidence never gives
// any, whatever the name score is.
func TestEvidenceIsMonotonic(t *testing.T) {
	t.Parallel()
	s := world(t)
	scoreOf := func(q Query) map[string]float64 {
		out := map[string]float64{}
		for _, h := range s.Match(q).Hits {
			out[h.EntryID] = h.Score
		}
		return out
	}
	agree := map[string]func(*Query){
		"same day":     func(q *Query) { q.DateOfBirth = "1966-11-03" },
		"same year":    func(q *Query) { q.DateOfBirth = "1966" },
		"same country": func(q *Query) { q.Country = "RU" },
		"same gender":  func(q *Query) { q.Gender = "M" },
		"same number":  func(q *Query) { q.Identifiers = []string{"AB1234567"} },
	}
	against := map[string]func(*Query){
		"other birth date": func(q *Query) { q.DateOfBirth = "1950-01-01" },
		"near birth date":  func(q *Query) { q.DateOfBirth = "1967-05-05" },
		"other country":    func(q *Query) { q.Country = "BR" },
		"other gender":     func(q *Query) { q.Gender = "female" },
		"other type":       func(q *Query) { q.Type = roster.TypeEntity },
	}
	contexts := []func(*Query){func(*Query) {}, agree["same day"], agree["same country"], agree["same number"], agree["same gender"], against["other gender"], against["other birth date"], against["other country"]}
	for _, name := range []string{"Yusuf Iskander Harunov", "Yusuf Harunov", "Yusuf Haranov", "Falconer", "Yusuf Petrov", "Harunov"} {
		for _, c := range contexts {
			base := Query{Name: name}
			c(&base)
			before := scoreOf(base)["1"]
			for what, f := range agree {
				q := base
				if f(&q); reflect.DeepEqual(q, base) || overwrites(base, q) {
					continue
				}
				if got := scoreOf(q)["1"]; got < before {
					t.Errorf("%s: %s lowers %.4f to %.4f", name, what, before, got)
				}
			}
			for what, f := range against {
				q := base
				if f(&q); reflect.DeepEqual(q, base) || overwrites(base, q) {
					continue
				}
				if got := scoreOf(q)["1"]; got > before {
					t.Errorf("%s: %s raises %.4f to %.4f", name, what, before, got)
				}
			}
		}
	}
}

// A threshold only cuts the answer off; it never changes what is above it.
func TestThresholdLosesNothing(t *testing.T) {
	t.Parallel()
	s := world(t)
	for _, name := range []string{"Yusuf Harunov", "Y. I. Harunov", "J. S. Kim", "P. Meersch", "Pieter Vandermeersch", "YusufIskander Harunov", "Bill Stellen", "محمد القمرازي", "Bright Harbor"} {
		var want []kyc.Hit
		for _, h := range s.Match(Query{Name: name, Limit: 100}).Hits {
			if h.Score >= DefaultThreshold {
				want = append(want, h)
			}
		}
		if got := s.Match(Query{Name: name, Limit: 100, Threshold: DefaultThreshold}).Hits; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%q: with the threshold %d hits, without %d", name, len(got), len(want))
		}
	}
}

// overwrites reports whether q replaces evidence that base had.
func overwrites(base, q Query) bool {
	return (base.DateOfBirth != "" && base.DateOfBirth != q.DateOfBirth) || (base.Country != "" && base.Country != q.Country) || (base.Gender != "" && base.Gender != q.Gender)
}

func TestScoresAreReproducible(t *testing.T) {
	t.Parallel()
	a, b := world(t), world(t)
	mustImport(t, b, "un", "un", "../roster/testdata/un/consolidated.xml") // another list must not change anything
	for _, name := range []string{"Yusuf Harunov", "Mohamed Idris", "Bright Shipping", "Kim Sample Jong", "يوسف هارونوف"} {
		q := Query{Name: name, Lists: []string{"world"}, Limit: 100}
		want := fmt.Sprint(a.Match(q).Hits)
		for range 5 {
			if got := fmt.Sprint(b.Match(q).Hits); got != want {
				t.Fatalf("%q: %s\n%s", name, got, want)
			}
		}
	}
}

func TestLimitAndThreshold(t *testing.T) {
	t.Parallel()
	s := world(t)
	all := s.Match(Query{Name: "Yusuf Iskander Harunov Mohamed Idris Qumrazi", Limit: 100}).Hits
	if len(all) < 2 || !slices.IsSortedFunc(all, compareHits) {
		t.Fatalf("%d hits", len(all))
	}
	if got := s.Match(Query{Name: "Yusuf Iskander Harunov Mohamed Idris Qumrazi", Limit: 1}).Hits; len(got) != 1 || got[0].EntryID != all[0].EntryID {
		t.Errorf("limit 1 gives %v", got)
	}
	for _, h := range s.Match(Query{Name: "Yusuf Iskander Harunov Mohamed Idris Qumrazi", Threshold: all[0].Score}).Hits {
		if h.Score < all[0].Score {
			t.Errorf("below the threshold: %v", h.Score)
		}
	}
}

func FuzzMatch(f *testing.F) {
	s := world(f)
	for _, name := range []string{"Yusuf Harunov", "", "محمد", "김정은 ", "王君正", "S.A. de C.V.", "a\u0300\u200d", "ー", "12345"} {
		f.Add(name, "1966-11-03", "RU")
	}
	f.Fuzz(func(t *testing.T, name, born, country string) {
		for _, h := range s.Match(Query{Name: name, DateOfBirth: born, Country: country, Identifiers: []string{name}}).Hits {
			sum := 0
			for _, row := range h.Features {
				sum += int(math.Round(row.Points * pointScale))
			}
			if float64(sum)/pointScale != h.Score || h.Score > 1 {
				t.Fatalf("%q: rows %d, score %v", name, sum, h.Score)
			}
		}
	})
}
