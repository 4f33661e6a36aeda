package check

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"bonafide/kyc"
	"bonafide/procedure"
)

// entry puts one entry on a list of the house.
func (h *house) entry(action string, attributes map[string]string) {
	l := kyc.Matchlist{Name: "Known fraud", Action: action, Entries: 1, Version: 1}
	l.ID = kyc.ID(fmt.Sprintf("list-%d", len(h.own)+1))
	e := kyc.MatchlistEntry{MatchlistID: l.ID, Reasons: []string{"R-1"}, Private: kyc.MatchlistEntryData{Attributes: attributes}}
	e.ID = kyc.ID(fmt.Sprintf("entry-%d", len(h.entries)+1))
	h.own, h.entries = append(h.own, l), append(h.entries, e)
}

// listed is an individual of whom everything is known.
func listed() procedure.Person {
	return procedure.Person{EntityType: "INDIVIDUAL", Nationality: "DE", BirthDates: []string{"1990-05-17", "1991"}, Emails: []string{"Anna@Example.org"}, Phones: []string{"+49301234567"},
		Names: []kyc.PersonName{{Given: "Anna", Middle: "Maria", Family: "Müller"}, {Type: "PREVIOUS", Given: "Anna", Family: "Schmidt"}},
		Addresses: []kyc.PostalAddress{{StreetNumber: "5", StreetName: "Haupt", StreetType: "Straße", Locality: "Berlin", PostalCode: "10115", Country: "DE"},
			{Street: "12 Long Lane", Locality: "Leeds", PostalCode: "LS1 4AP", Country: "GB"}},
		Documents: []procedure.PersonDocument{{ID: "d", Class: "IDENTITY", Type: "PASSPORT", Country: "DE", PrimaryIdentifier: "C01X00T99"},
			{ID: "e", Class: "IDENTITY", Type: "DRIVERS_LICENSE", Country: "GB", PrimaryIdentifier: "MULLE905170A99XX", SecondaryIdentifier: "77"}}}
}

func TestEveryKindOfAttribute(t *testing.T) {
	t.Parallel()
	match := map[string][]string{ // by kind: values that match and, after "", values that do not
		"ENTITY_TYPE": {"individual", "", "ORGANIZATION"}, "EMAIL_ADDRESS": {"anna@example.org", "", "anne@example.org"}, "EMAIL_DOMAIN": {"example.org", "@EXAMPLE.org", "", "example.com"},
		"PHONE_NUMBER": {"+49 30 1234567", "", "+49 30 7654321"}, "ADDRESS_STREET_NUMBER": {"5", "12", "", "6"}, "ADDRESS_STREET_NAME": {"haupt", "Long", "", "Short"},
		"ADDRESS_STREET_TYPE": {"STRASSE", "Lane", "", "Road"}, "ADDRESS_LOCALITY": {"berlin", "Leeds", "", "Paris"}, "ADDRESS_POSTAL_CODE": {"10115", "LS14AP", "", "10116"},
		"ADDRESS_COUNTRY": {"DE", "GB", "", "FR"}, "ADDRESS_LONG_FORM": {"12 Long Lane, Leeds LS1 4AP GB", "", "12 Long Lane, Leeds"}, "ADDRESS_UNIT": {"", "7"}, "ADDRESS_DISTRICT": {"", "Mitte"}, "ADDRESS_SUBDIVISION": {"", "BE"},
		"DOCUMENT_CLASS": {"IDENTITY", "", "REPORT"}, "DOCUMENT_TYPE": {"PASSPORT", "drivers_license", "", "VISA"}, "DOCUMENT_COUNTRY": {"DE", "", "FR"}, "DOCUMENT_SUBDIVISION": {"", "BE"},
		"DOCUMENT_PRIMARY_IDENTIFIER": {"c01x-00t99", "", "C01X00T98"}, "DOCUMENT_SECONDARY_IDENTIFIER": {"77", "", "78"},
		"IND_FULL_NAME": {"ANNA MARIA MUELLER", "Müller Anna Maria", "Schmidt, Anna", "", "Hanna Meier"}, "IND_GIVEN_NAME": {"anna", "", "maria"}, "IND_MIDDLE_NAME": {"Maria", "", "Anna"}, "IND_FAMILY_NAME": {"Mueller", "schmidt", "", "Schmied"},
		"IND_DATE_OF_BIRTH": {"1990-05-17", "1990-05", "1990", "1991-02-03", "", "1990-05-18", "1989"}, "IND_NATIONALITY": {"DE", "", "AT"},
		"ORG_NAME": {"", "Anna"}, "ORG_TYPE": {"", "GMBH"}, "ORG_REGISTRATION_NUMBER": {"", "77"}, "ORG_REGISTRATION_COUNTRY": {"", "DE"},
	}
	m := matchable{listed()}
	for _, kind := range kyc.MatchlistKinds() {
		values, known := match[kind]
		if !known {
			t.Errorf("%s is not tried", kind)
			continue
		}
		want := true
		for _, v := range values {
			if v == "" {
				want = false
				continue
			}
			confidence, kinds, ok := m.matches(map[string]string{kind: v}, 0.9)
			if !ok || (confidence > 0) != want || confidence > 1 || !slices.Equal(kinds, []string{kind}) {
				t.Errorf("%s %q: %v %v, want %v", kind, v, confidence, ok, want)
			}
		}
	}
}

func TestAnEntryIsOneThing(t *testing.T) {
	t.Parallel()
	m := matchable{listed()}
	for name, c := range map[string]struct {
		entry      map[string]string
		confidence float64
		ok         bool
	}{
		"all of it":                {map[string]string{"IND_FAMILY_NAME": "Mueller", "IND_GIVEN_NAME": "Anna", "IND_DATE_OF_BIRTH": "1990-05-17", "ADDRESS_LOCALITY": "Berlin", "ADDRESS_COUNTRY": "DE"}, 1, true},
		"one attribute is not":     {map[string]string{"IND_FAMILY_NAME": "Mueller", "IND_NATIONALITY": "FR"}, 0, true},
		"two addresses mixed":      {map[string]string{"ADDRESS_LOCALITY": "Berlin", "ADDRESS_COUNTRY": "GB"}, 0, true},
		"two documents mixed":      {map[string]string{"DOCUMENT_TYPE": "PASSPORT", "DOCUMENT_PRIMARY_IDENTIFIER": "MULLE905170A99XX"}, 0, true},
		"two names mixed":          {map[string]string{"IND_FAMILY_NAME": "Schmidt", "IND_MIDDLE_NAME": "Maria"}, 0, true},
		"a date that is not exact": {map[string]string{"IND_FAMILY_NAME": "Schmidt", "IND_DATE_OF_BIRTH": "1991-02-03"}, 0.7, true},
		"nothing at all":           {map[string]string{}, 0, false},
		"no value of its kind":     {map[string]string{"IND_DATE_OF_BIRTH": "in May"}, 0, false},
		"no kind at all":           {map[string]string{"SHOE_SIZE": "42"}, 0, false},
	} {
		confidence, _, ok := m.matches(c.entry, 0.9)
		if confidence != c.confidence || ok != c.ok {
			t.Errorf("%s: %v %v", name, confidence, ok)
		}
	}
}

func TestMatchlistActions(t *testing.T) {
	t.Parallel()
	who := map[string]string{"IND_FULL_NAME": "Anna Müller", "IND_DATE_OF_BIRTH": "1990-05-17"}
	for action, want := range map[string]kyc.Verdict{"BLOCK": kyc.Fail, "ALERT": kyc.VerdictReview, "REVIEW": kyc.VerdictReview, "ALLOW": kyc.Pass, "NONE": kyc.Pass, "WHATEVER": kyc.VerdictReview} {
		h := goodHouse()
		h.entry(action, who)
		for _, env := range []kyc.Env{kyc.Live, kyc.Sandbox} {
			r := request("matchlist_screening")
			r.Tenant.Env = env
			a := menu(t, h, NewSimulator()).Run(t.Context(), r)
			hits, _ := a.Details["hits"].([]any)
			if a.Verdict != want || len(hits) != 1 {
				t.Errorf("%s in %s: %+v", action, env, a)
				continue
			}
			hit, _ := hits[0].(map[string]any)
			raw, _ := json.Marshal(a)
			if hit["list"] != "list-1" || hit["entry"] != "entry-1" || hit["action"] != action || strings.Contains(string(raw), "Müller") || strings.Contains(string(raw), "1990") {
				t.Errorf("%s", raw)
			}
		}
	}
	h := goodHouse()
	h.entry("ALLOW", who)
	h.entry("BLOCK", who)
	if a := menu(t, h, NewSimulator()).Run(t.Context(), request("matchlist_screening")); a.Verdict != kyc.Fail {
		t.Error("being allowed on one list outweighs being blocked on another")
	}
	r := request("matchlist_screening")
	r.Config = json.RawMessage(`{"lists":["list-1"]}`)
	if a := menu(t, h, NewSimulator()).Run(t.Context(), r); a.Verdict != kyc.Pass {
		t.Errorf("a list nobody asked for answers: %+v", a)
	}
	r.Config = json.RawMessage(`{"lists":["list-1","list-9"]}`)
	if a := menu(t, h, NewSimulator()).Run(t.Context(), r); a.Status != kyc.StatusError || !codes(a)["list_missing"] {
		t.Errorf("a list that is gone is none: %+v", a)
	}
	h.entries[1].Private.Attributes = nil
	if a := menu(t, h, NewSimulator()).Run(t.Context(), request("matchlist_screening")); a.Verdict != kyc.VerdictReview || !codes(a)["entries_not_compared"] {
		t.Errorf("an entry that says nothing is passed over: %+v", a)
	}
	for len(h.own) < maxMatchlists+1 {
		h.own = append(h.own, kyc.Matchlist{})
	}
	if a := menu(t, h, NewSimulator()).Run(t.Context(), request("matchlist_screening")); a.Status != kyc.StatusError {
		t.Errorf("lists beyond the limit are left out: %+v", a)
	}
}
