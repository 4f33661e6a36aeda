package entities

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"bonafide/kyc"
)

func TestProblemsStandWhereTheCallerWroteThem(t *testing.T) {
	t.Parallel()
	words := &tongue{prefix: "/individual", documents: []string{"/individual/documents/IDENTITY/0", "/individual/documents/SUPPORTING/0"}}
	for house, here := range map[string]string{
		"":                              "/individual",
		"/name/family":                  "/individual/name/familyName",
		"/individual/dateOfBirth":       "/individual/dateOfBirth",
		"/birth_date/year":              "/individual/dateOfBirth/year",
		"/birth_date":                   "/individual/dateOfBirth",
		"/alternate_names/2/given":      "/individual/alternateNames/2/givenName",
		"/alternate_names/2/id":         "/individual/alternateNames/2/nameId",
		"/alternate_dates/0/month":      "/individual/alternateDatesOfBirth/0/month",
		"/birth_place/country":          "/individual/placeOfBirth/country",
		"/addresses/0/country":          "/individual/addresses/0/country",
		"/addresses/0/id":               "/individual/addresses/0/addressId",
		"/addresses/1/postal_code":      "/individual/addresses/1/postalCode",
		"/emails/0/address":             "/individual/emailAddresses/0/email",
		"/phones/12/number":             "/individual/phoneNumbers/12/number",
		"/references/0/name":            "/individual/externalReferences/0/name",
		"/consents/0/given_at":          "/individual/consents/0/givenAt",
		"/attributes/given":             "/individual/customAttributes/given",
		"/documents/0/type":             "/individual/documents/IDENTITY/0/type",
		"/documents/1/attachments/3":    "/individual/documents/SUPPORTING/0/attachments/3",
		"/documents/1":                  "/individual/documents/SUPPORTING/0",
		"/documents/0/expiry_date":      "/individual/documents/IDENTITY/0/expiryDate",
		"/documents/0/supplementary/id": "/individual/documents/IDENTITY/0/supplementaryData/id",
	} {
		if got := words.outside(house); got != here {
			t.Errorf("%s becomes %s, want %s", house, got, here)
		}
	}
	e := kyc.InvalidInput("x", "y", []kyc.Problem{{Path: "/attachments/0/name"}, {Path: "/attachments/1/data"}, {Path: "/valid_from"}})
	got := kyc.AsError((&tongue{}).explain(e))
	if got.Problems[0].Path != "/attachments/0/filename" || got.Problems[1].Path != "/attachments/1/data" || got.Problems[2].Path != "/validFrom" {
		t.Errorf("%v", got.Problems)
	}
	if e.Problems[0].Path != "/attachments/0/name" {
		t.Error("the house's own error was changed")
	}
	if (&tongue{}).explain(nil) != nil {
		t.Error("no error became one")
	}
}

// Each name goes in and out again as it was.
func TestNamesSurviveTheWayInAndOut(t *testing.T) {
	t.Parallel()
	for _, p := range pairs() {
		here, house := "/"+strings.Replace(p[0], "/", "/0/", 1), "/"+strings.Replace(p[1], "/", "/0/", 1)
		if got := inside(here); got != house {
			t.Errorf("%s goes in as %s, want %s", here, got, house)
		}
		if got := (&tongue{}).outside(house); got != here {
			t.Errorf("%s comes out as %s, want %s", house, got, here)
		}
	}
}

func TestChangesKnowWhatIsNull(t *testing.T) {
	t.Parallel()
	var p patch[individualChange]
	raw := `{"individual":{"gender":null,"dateOfBirth":null,"name":{"middleName":null,"familyName":"Approve"},"placeOfBirth":{"country":null},
	 "customAttributes":{"shoe":null,"a/b":null,"hat":{"size":null}},"addresses":[{"unitNumber":null,"country":"AUS"}],"nationality":"DEU"}}`
	if err := json.Unmarshal([]byte(raw), &p); err != nil {
		t.Fatal(err)
	}
	slices.Sort(p.Null)
	want := []string{"/individual/customAttributes/a~1b", "/individual/customAttributes/shoe", "/individual/dateOfBirth", "/individual/gender", "/individual/name/middleName", "/individual/placeOfBirth/country"}
	if !slices.Equal(p.Null, want) {
		t.Errorf("null: %v", p.Null)
	}
	if p.Set.Individual.Name.Family != "Approve" || p.Set.Individual.BirthDate != nil || p.Set.Individual.Addresses[0].Country != "AUS" {
		t.Errorf("%+v", p.Set)
	}
	if got := inside("/customAttributes/a~1b"); got != "/attributes/a~1b" {
		t.Error(got)
	}
}

func TestDatesComeAsNumbersAndAsDigits(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]kyc.BirthDate{
		`{"year":1990,"month":5,"day":17}`:                              {Year: 1990, Month: 5, Day: 17},
		`{"year":"1990","month":"05","day":"17"}`:                       {Year: 1990, Month: 5, Day: 17},
		`{"year":"1990","month":null,"type":"GREGORIAN"}`:               {Year: 1990, Type: "GREGORIAN"},
		`{"unstructured":"May 1990","normalized":"whatever","year":19}`: {Unstructured: "May 1990", Year: 19},
	} {
		var d datePlain
		if err := json.Unmarshal([]byte(raw), &d); err != nil {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		if got := d.read(&reading{}, ""); got != want {
			t.Errorf("%s: %+v", raw, got)
		}
	}
	for _, raw := range []string{`{"year":"19x0"}`, `{"year":-1}`, `{"year":1990.5}`, `{"year":true}`, `{"year":99999}`} {
		var d datePlain
		if json.Unmarshal([]byte(raw), &d) == nil {
			t.Errorf("%s was read as %+v", raw, d)
		}
	}
}

func TestFilesComeInEveryBase64(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"/+8=", "/+8", "_-8", "data:image/png;base64,/+8=", "/+8=\n"} {
		if got, err := decodeBase64(text); err != nil || string(got) != "\xff\xef" {
			t.Errorf("%q: %x %v", text, got, err)
		}
	}
	for _, text := range []string{"a", "!!!!", "data:text/plain,abcd", "ab cd"} {
		if got, err := decodeBase64(text); err == nil {
			t.Errorf("%q was read as %x", text, got)
		}
	}
}
