package roster

import "testing"

func TestEntryPage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ format, id, want string }{
		{"ofac_sdn", "8279", "https://sanctionssearch.ofac.treas.gov/Details.aspx?id=8279"},
		{"ofac_consolidated", "9639", "https://sanctionssearch.ofac.treas.gov/Details.aspx?id=9639"},
		{"ofac_sdn", "8279&x=y", ""},
		{"eu", "14098", ""},
		{"ftm", "NK-2Bc8DKCuvhhdBYsfAAbTyG", "https://www.opensanctions.org/entities/NK-2Bc8DKCuvhhdBYsfAAbTyG/"},
		{"targets_simple", "Q7747", "https://www.wikidata.org/wiki/Q7747"},
		{"ftm", "NK-../../secret", ""},
		{"ftm", "my-own-1", ""},
		{"un", "QDi.006", ""},
		{"csv", "8279", ""},
		{"", "8279", ""},
	} {
		if got := EntryPage(c.format, c.id); got != c.want {
			t.Errorf("%s %s: %q, not %q", c.format, c.id, got, c.want)
		}
	}
}
