package entities

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/text/language"

	"bonafide/kyc"
)

func TestEveryCountryHasBothCodes(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	rows := strings.Fields(countryTable)
	if len(rows) != 250 || len(countryTable)%countryRow != 0 {
		t.Fatalf("%d countries; ISO 3166-1 has 249, and Kosovo", len(rows))
	}
	for _, row := range rows {
		two, three, _ := strings.Cut(row, ":")
		if seen[two] || seen[three] {
			t.Errorf("%s stands twice", row)
		}
		seen[two], seen[three] = true, true
		// The table is compared with one that was written by others.
		if region, err := language.ParseRegion(three); two != "XK" && (err != nil || region.String() != two || region.ISO3() != three) {
			t.Errorf("%s: others write %s and %s (%v)", row, region, region.ISO3(), err)
		}
		if got, ok := alpha2(strings.ToLower(three)); !ok || got != two || alpha3(two) != three {
			t.Errorf("%s becomes %q, %q", row, got, alpha3(two))
		}
	}
	// Whatever others call a country is one here, too.
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string(a) + string(b)
			region, err := language.ParseRegion(code)
			assigned := err == nil && region.IsCountry() && region.String() == code && region.ISO3() != "ZZZ" && region.Canonicalize() == region
			if assigned && !seen[code] && !strings.Contains("AC CP CQ DG EA IC TA AN CS FQ NT PC SU YU", code) { // reserved or withdrawn
				t.Errorf("%s (%s) is missing", code, region.ISO3())
			}
		}
	}
}

func TestWhatIsNoCountryIsAProblemWithItsPlace(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"AU", "XXX", "ZZZ", "AUSTRALIA", "AÜS", "DE ", "UTO", "   x"} {
		r := &reading{}
		if got := r.country("/addresses/3/country", bad); got != "" || len(r.problems) != 1 || r.problems[0].Path != "/addresses/3/country" || r.problems[0].Code != "country_code_invalid" {
			t.Errorf("%q: %q %v", bad, got, r.problems)
		}
	}
	r := &reading{}
	if r.country("/x", "") != "" || r.country("/x", " aus ") != "AU" || r.err() != nil {
		t.Error(r.problems)
	}
}

// What goes out comes in again as it was: no country is lost or changed on the
// way, wherever it stands in free data.
func TestCountriesSurviveTheWayOutAndIn(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	rows := strings.Fields(countryTable)
	country := func() string { return rows[rng.IntN(len(rows))][:2] }
	names := []string{"country", "issuingCountryCode", "nationality", "birthCountry", "countryCode", "citizenship", "countryOfResidence"}
	var tree func(depth int) map[string]any
	tree = func(depth int) map[string]any {
		out := map[string]any{names[rng.IntN(len(names))]: country(), "name": "DE", "code": "FR", "score": 1.5,
			"countries": []any{map[string]any{"code": country(), "matchType": "BIRTH"}, country()}, "nationalities": []any{country()}}
		if depth > 0 {
			out["matchData"] = tree(depth - 1)
			out["aliases"] = []any{tree(depth - 1), "IT"}
		}
		return out
	}
	back := func(code string) string {
		got, ok := alpha2(code)
		if !ok {
			t.Fatalf("%q came out", code)
		}
		return got
	}
	for range 300 {
		in := tree(rng.IntN(4))
		before, _ := json.Marshal(in)
		out := outward(in)
		if after, _ := json.Marshal(in); string(after) != string(before) {
			t.Fatal("the house's own data was changed")
		}
		if again := turned("", out, back); !reflect.DeepEqual(again, any(in)) {
			t.Fatalf("%v\nbecame %v\nand %v", in, out, again)
		}
		if out["name"] != "DE" || out["code"] != "FR" {
			t.Fatalf("what is no country was translated: %v", out)
		}
	}
}

func TestIndividualsSurviveTheWayInAndOut(t *testing.T) {
	t.Parallel()
	for _, row := range strings.Fields(countryTable) {
		three := row[3:]
		raw := `{"name":{"familyName":"Approve"},"nationality":"` + three + `","placeOfBirth":{"country":"` + three + `"},"addresses":[{"country":"` + three + `"}]}`
		var b individualInput
		if err := json.Unmarshal([]byte(raw), &b); err != nil {
			t.Fatal(err)
		}
		n, _, err := b.fresh("/individual")
		if err != nil {
			t.Fatalf("%s: %v", three, err)
		}
		if n.Data.Nationality != row[:2] || n.Data.Addresses[0].Country != row[:2] {
			t.Fatalf("%s: %+v", three, n.Data)
		}
		out := showIndividual(kyc.Individual{Private: n.Data})
		if *out.Nationality != three || out.BirthPlace.Country != three || out.Addresses[0].Country != three {
			t.Errorf("%s comes out as %s, %s, %s", three, *out.Nationality, out.BirthPlace.Country, out.Addresses[0].Country)
		}
	}
}
