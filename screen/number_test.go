package screen

import (
	"slices"
	"testing"
	"unicode"

	"bonafide/roster"
)

// Lists and people write the same number in many ways: with and without the IMO
// before it, with spaces, in the digits of another script. Otherwise a listed ship
// would be clear by its own number.
func TestNumbersAreFoundHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	mustImport(t, s, "csv", "own", writeTemp(t, "own.csv", `id,name,type,identifiers
bare,Quennell Star,vessel,imo:9116412
prefixed,Verrocchio Moon,vessel,imo:IMO9187629
company,Oddlington Lines,entity,imo:IMO No. 5342883
paper,Orsolya Quennell,person,passport:K475 336
short,Tobiasz Quennell,person,passport:IMO12345
`))
	for entry, numbers := range map[string][]string{
		"bare":     {"9116412", "IMO 9116412", "IMO9116412", "imo: 9116412", "IMO No. 9116412", "IMO-Nr. 9116412", "IMO Number: 911 6412", "٩١١٦٤١٢", "۹۱۱۶۴۱۲", "９１１６４１２", "ＩＭＯ ９１１６４１２", "९११६४१२"},
		"prefixed": {"9187629", "IMO 9187629"},
		"company":  {"5342883", "IMO 5342883"},
		"paper":    {"K475336", "k-475336", "Ｋ４７５３３６", "K٤٧٥٣٣٦"},
		"short":    {"IMO12345", "imo 12345"},
		"":         {"9116413", "IMO 9116413", "12345", "XIMO9116412", "IMO91164123", "IMO A9116412"},
	} {
		for _, n := range numbers {
			r := s.Match(Query{Identifiers: []string{n}})
			if r.Err != nil || len(r.Hits) > 1 || (len(r.Hits) == 1) != (entry != "") || entry != "" && r.Hits[0].EntryID != entry {
				t.Errorf("%s: %v %+v, want %q", n, r.Err, r.Hits, entry)
			}
		}
	}
	for _, name := range []string{"Some Other Ship IMO 9187629", "IMO 9187629 Some Other Ship", "IMO 9187629", "imo9187629", "(IMO: 9187629)"} {
		if r := s.Match(Query{Name: name, Type: roster.TypeVessel}); r.Err != nil || len(r.Hits) != 1 || r.Hits[0].EntryID != "prefixed" {
			t.Errorf("%s: %v %+v", name, r.Err, r.Hits)
		}
	}
}

func TestDigitsOfEveryScript(t *testing.T) {
	t.Parallel()
	tried := 0
	for _, of := range unicode.Nd.R16 {
		for r := rune(of.Lo); r <= rune(of.Hi); r++ {
			tried++
			if want := '0' + (r-rune(of.Lo))%10; of.Stride != 1 || latinDigit(r) != want {
				t.Errorf("%U is %q, want %q", r, latinDigit(r), want)
			}
		}
	}
	if tried < 300 || !slices.Equal([]rune{latinDigit('߅'), latinDigit('๓'), latinDigit('Ｚ'), latinDigit('Ж')}, []rune{'5', '3', 'Z', 'Ж'}) {
		t.Errorf("%d digits", tried)
	}
}
