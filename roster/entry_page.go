package roster

import "regexp"

var (
	digits    = regexp.MustCompile(`^[0-9]{1,12}$`)
	wikidata  = regexp.MustCompile(`^Q[0-9]{1,12}$`)
	canonical = regexp.MustCompile(`^NK-[A-Za-z0-9]{10,40}$`)
)

// EntryPage is the address at which the publisher of a list shows one entry to
// people, by the format that the list was read with and the entry's own id; empty
// where the publisher has no page for each entry, or the id is none of theirs (a file
// of FollowTheMoney entities may be anybody's). Shapes: Sanctions List Search of the
// US Treasury, OpenSanctions (its own NK- ids) and Wikidata (Q ids, which OpenSanctions
// takes over). Nothing is asked of them.
func EntryPage(format, id string) string {
	switch format {
	case "ofac_sdn", "ofac_consolidated":
		if digits.MatchString(id) {
			return "https://sanctionssearch.ofac.treas.gov/Details.aspx?id=" + id
		}
	case "ftm", "targets_simple":
		switch {
		case canonical.MatchString(id):
			return "https://www.opensanctions.org/entities/" + id + "/"
		case wikidata.MatchString(id):
			return "https://www.wikidata.org/wiki/" + id
		}
	}
	return ""
}
