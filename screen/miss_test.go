package screen

import (
	"slices"
	"strings"
	"testing"
)

// TestWhatIsSaidToMissDoesMiss tries what the hit says.
func TestWhatIsSaidToMissDoesMiss(t *testing.T) {
	t.Parallel()
	s := world(t)
	ask := func(q Query) string {
		t.Helper()
		q.Threshold, q.ToMiss = DefaultThreshold, true
		h, ok := top(s, q)
		if !ok {
			t.Fatalf("%q is no hit", q.Name)
		}
		return h.ToMiss
	}
	q := Query{Name: "Yusuf Harunov", DateOfBirth: "1966-11-03", Type: "person"}
	said := ask(q)
	t.Log(said)
	if !strings.Contains(said, "below 0.74") || !strings.Contains(said, "“Harunov”") {
		t.Errorf("%s", said)
	}
	without := Query{Name: "Yusuf", DateOfBirth: q.DateOfBirth, Type: q.Type, Threshold: DefaultThreshold}
	if _, hit := top(s, without); hit == strings.Contains(said, "without the word “Harunov”") {
		t.Errorf("without the family name it is a hit: %v; said: %s", hit, said)
	}
	other := q
	other.DateOfBirth, other.Threshold = "1990-01-01", DefaultThreshold
	if _, hit := top(s, other); hit {
		t.Error("another birth year is a hit")
	}
	full := ask(Query{Name: "Yusuf Iskander Harunov"})
	t.Log(full)
	if !strings.Contains(full, "if a date of birth were given") {
		t.Errorf("%s", full)
	}
	// A number of a document that agrees holds the hit up whatever the name is.
	number := ask(Query{Name: "Yusuf Iskander Harunov", Identifiers: []string{"AB1234567"}})
	t.Log(number)
	if strings.Contains(number, "word") {
		t.Errorf("%s", number)
	}
	for _, q := range []Query{{Name: "Yusuf Harunov", ToMiss: true}, {Name: "Yusuf Harunov", Threshold: DefaultThreshold}} {
		if h, _ := top(s, q); h.ToMiss != "" {
			t.Errorf("nothing can be missed, or nobody asked: %s", h.ToMiss)
		}
	}
	if said := ask(Query{Name: "Yusuf Iskander Harunov of the of the of the"}); strings.Contains(said, "word") {
		t.Errorf("a name of many words is not taken to pieces: %s", said)
	}
	if said := ask(Query{Name: "Hassan"}); strings.Contains(said, "“Hassan”") {
		t.Errorf("another name as a whole says nothing: %s", said)
	}
}

// What would have to differ is tried on the hits alone: each scores what it
// scores when everybody is looked at.
func TestToMissScoresAsEverybodyDoes(t *testing.T) {
	t.Parallel()
	s := crowd(t)
	x := s.state.Load().lists["crowd"].index
	compared, left, lost := 0, 0, 0
	for i := range 30 {
		q := Query{Name: x.nameText(i*977) + " " + x.spelled(uint32(i*11)), Aliases: []string{x.nameText(i * 31)}, Threshold: 0.6}
		among := map[string][]string{}
		for _, h := range s.Match(q).Hits {
			among[h.List] = append(among[h.List], h.EntryID)
		}
		for _, c := range changesOf(q) {
			c.query.Limit = maxLimit
			all := map[string]float64{}
			for _, h := range s.Match(c.query).Hits {
				all[h.EntryID] = h.Score
			}
			c.query.among = among
			for _, h := range s.Match(c.query).Hits {
				left++
				score, found := all[h.EntryID]
				if !found {
					lost++ // the search had more names than it looks at
				} else if compared++; score != h.Score {
					t.Errorf("%s %s: %s scores %v, and %v among everybody", c.query.Name, c.what, h.EntryID, h.Score, score)
				}
				if !slices.Contains(among[h.List], h.EntryID) {
					t.Errorf("%s was not to be looked at", h.EntryID)
				}
			}
		}
	}
	if compared < 300 || lost > left/50 {
		t.Errorf("of %d hits %d were compared and %d not found among everybody", left, compared, lost)
	}
}
