package screen

import (
	"reflect"
	"strings"
	"testing"
)

// TestStrengthKnowsNothingOfRisk loads the same parties listed for other
// reasons: every score and every row stays what it was, and only the risk moves.
func TestStrengthKnowsNothingOfRisk(t *testing.T) {
	t.Parallel()
	const parties = `id,name,type,birth_date,countries,topics,programs
1,"HARUNOV, Yusuf Iskander",person,1966-11-03,RU,TOPIC,PROGRAM
2,"AL-QUMRAZI, Muhammad Idris",person,1974,YE,TOPIC,PROGRAM
3,BRIGHT HARBOR SHIPPING COMPANY LIMITED,entity,,PA,TOPIC,PROGRAM
`
	s, _ := openTest(t)
	for list, why := range map[string][2]string{"grave": {"sanction", "SDGT"}, "slight": {"role.rca", ""}} {
		mustImport(t, s, "csv", list, writeTemp(t, list+".csv", strings.NewReplacer("TOPIC", why[0], "PROGRAM", why[1]).Replace(parties)))
	}
	found := 0
	for _, q := range []Query{{Name: "Youssef Harunow"}, {Name: "Mohammed al Qomrazi", DateOfBirth: "1974"}, {Name: "Bright Harbour Ltd", Country: "PA"}, {Name: "Yusuf Harunov", DateOfBirth: "1990-01-01"}, {Name: "Idris Muhamad", Mode: ModeOFAC}} {
		q.Limit = 100
		q.Lists = []string{"grave"}
		grave := s.Match(q).Hits
		q.Lists = []string{"slight"}
		slight := s.Match(q).Hits
		if len(grave) != len(slight) {
			t.Fatalf("%q finds %d and %d", q.Name, len(grave), len(slight))
		}
		for i := range grave {
			found++
			g, l := grave[i], slight[i]
			if g.EntryID != l.EntryID || g.Score != l.Score || !reflect.DeepEqual(g.Features, l.Features) {
				t.Errorf("%q: the reason for the listing changed the strength:\n%s\n%s", q.Name, Explain(g), Explain(l))
			}
			if g.Risk <= l.Risk {
				t.Errorf("%q: the graver reason has %v, the slighter %v", q.Name, g.Risk, l.Risk)
			}
		}
	}
	if found < 5 {
		t.Errorf("only %d hits were compared", found)
	}
}
