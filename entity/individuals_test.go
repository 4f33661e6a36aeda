package entity

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
)

// anna is a person with one of everything.
func anna() kyc.IndividualData {
	return kyc.IndividualData{
		Name:           kyc.PersonName{Given: " Anna ", Middle: "Maria", Family: "van der Bérg", Language: "nl"},
		AlternateNames: []kyc.PersonName{{Family: "Smith", Type: "PREVIOUS"}},
		BirthDate:      kyc.BirthDate{Year: 1984, Month: 2, Day: 29},
		Gender:         "FEMALE",
		BirthPlace:     kyc.BirthPlace{Locality: "Utrecht", Country: "NL"},
		Nationality:    "NL",
		Addresses:      []kyc.PostalAddress{{Type: "RESIDENTIAL_ADDRESS", StreetName: "Oudegracht", StreetNumber: "1", Locality: "Utrecht", Country: "NL"}},
		Phones:         []kyc.PhoneNumber{{Type: "MOBILE", Number: "06 12345678"}},
		Emails:         []kyc.EmailAddress{{Address: "Anna@example.org"}},
		Consents:       []kyc.EntityConsent{{Type: "GENERAL"}},
		Attributes:     map[string]any{"tier": "gold"},
		References:     []kyc.EntityReference{{Name: "crm", Value: "C-17"}},
	}
}

func TestAnIndividualIsStoredWithItsSubject(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	before := b.store.Commits
	ind := b.person(anna())
	if b.store.Commits != before+1 {
		t.Errorf("%d commits for one change", b.store.Commits-before)
	}
	got := must[kyc.Individual](b)(b.m.Individual(b.ctx, b.t, b.by, ind.ID))
	d := got.Private
	if d.Name.Given != "Anna" || d.Name.ID == "" || d.BirthDate.Normalized != "1984-02-29" || d.BirthDate.Type != "GREGORIAN" {
		t.Errorf("name and date are %+v, %+v", d.Name, d.BirthDate)
	}
	if n := d.Phones[0]; n.Number != "+31612345678" || n.Original != "06 12345678" {
		t.Errorf("the number is %+v", n)
	}
	if d.Addresses[0].Status != "CURRENT" || d.Addresses[0].ID == "" || !d.Consents[0].GivenAt.Equal(b.now) {
		t.Errorf("defaults are missing: %+v %+v", d.Addresses[0], d.Consents[0])
	}
	s, err := b.store.Subject(b.ctx, b.t, ind.ID)
	if err != nil || s.Kind != "individual" || s.ExternalRef != "" {
		t.Errorf("the subject is %+v, %v", s, err)
	}
	b.wants("events", b.actions(0), "individual.create", "individual.read")
	raw, _ := json.Marshal(b.store.Log)
	for _, secret := range []string{"Anna", "1984", "Oudegracht", "C-17", "61234", "example.org", "gold"} {
		if strings.Contains(string(raw), secret) {
			t.Errorf("the events say %q", secret)
		}
	}
	for _, e := range b.store.Log {
		if e.SubjectID != ind.ID || e.RequestID != "req-1" || e.Surface != kyc.SurfaceEntities || e.Actor != b.by {
			t.Errorf("event %+v", e)
		}
	}
	for k, found := range b.store.traits {
		if strings.Contains(k, "anna") || len(found) != 1 || found[0].SubjectID != ind.ID || found[0].SessionID != "" {
			t.Errorf("trait %s is %+v", k, found)
		}
		if kind := strings.Split(k, "|")[2]; !strings.HasPrefix(kind, "c_") {
			t.Errorf("trait of kind %s belongs to the checks", kind)
		}
	}
}

func TestANameHasALetter(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, _, err := b.m.Create(b.ctx, b.t, b.by, NewIndividual{Data: kyc.IndividualData{Name: kyc.PersonName{Given: "''", Family: "\u200b\u202e"},
		AlternateNames: []kyc.PersonName{{Family: "---"}, {Family: "李"}, {Display: "O'Neil"}}}})
	b.refused(err, kyc.Invalid, "invalid_individual")
	b.wants("problems", codes(err), "/name/given name_invalid", "/name/family name_invalid", "/alternate_names/0/family name_invalid")
}

func TestEveryProblemOfAnIndividualIsListedAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	long := strings.Repeat("x", maxText+1)
	_, _, err := b.m.Create(b.ctx, b.t, b.by, NewIndividual{Data: kyc.IndividualData{
		Name:           kyc.PersonName{Given: "A\x00", Family: "  ", Language: "not a language"},
		AlternateNames: []kyc.PersonName{{Type: "STAGE"}, {Family: long}},
		BirthDate:      kyc.BirthDate{Year: 1985, Month: 2, Day: 29},
		AlternateDates: []kyc.BirthDate{{Year: 1849}, {Month: 13, Day: 40}, {Year: 2026, Month: 3, Day: 2}, {Type: "BUDDHIST", Year: 2530}},
		Gender:         "female",
		BirthPlace:     kyc.BirthPlace{Country: "XX"},
		Nationality:    "NLD",
		Addresses:      []kyc.PostalAddress{{Type: "HOME", Country: "UK"}, {Status: "PAST"}},
		Phones:         []kyc.PhoneNumber{{Number: "call me"}, {Type: "FAX", Number: "12345"}, {}},
		Emails:         []kyc.EmailAddress{{Address: "anna"}, {Address: "Anna <a@b.org>"}, {}},
		Consents:       []kyc.EntityConsent{{Type: "EVERYTHING"}, {Type: "DOCS"}, {Type: "DOCS"}, {Type: "PAYROLL", GivenAt: b.now.Add(time.Hour)}},
		Attributes:     map[string]any{"big": long},
		References:     []kyc.EntityReference{{}},
	}, Documents: []NewDocument{{Type: "ID_CARD", Country: "NL"}}})
	b.refused(err, kyc.Invalid, "invalid_individual")
	b.wants("problems", codes(err),
		"/name/given text_invalid", "/name/family required", "/name/language language_invalid",
		"/alternate_names/0/type enum_invalid", "/alternate_names/0/family required", "/alternate_names/1/family too_long",
		"/birth_date/day date_invalid",
		"/alternate_dates/0/year year_invalid", "/alternate_dates/1/month month_invalid", "/alternate_dates/1/day day_invalid",
		"/alternate_dates/1/year required", "/alternate_dates/2 date_in_future",
		"/gender enum_invalid", "/birth_place/country country_invalid", "/nationality country_invalid",
		"/addresses/0/type enum_invalid", "/addresses/0/country country_invalid", "/addresses/1/status enum_invalid", "/addresses/1 required",
		"/phones/0/number phone_invalid", "/phones/1/type enum_invalid", "/phones/2/number required",
		"/emails/0/address email_invalid", "/emails/1/address email_invalid", "/emails/2/address required",
		"/consents/0/type enum_invalid", "/consents/2/type duplicate", "/consents/3/given_at date_in_future",
		"/attributes too_long", "/references/0/name required", "/references/0/value required",
		"/documents/0/type enum_invalid")
	if len(b.store.Log) != 0 || len(b.store.traits) != 0 {
		t.Error("a refused individual left something behind")
	}
}

func TestElementsAndAttributesHaveLimits(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	d := kyc.IndividualData{Name: kyc.PersonName{Family: "Berg"}}
	for i := range maxElements + 1 {
		d.Emails = append(d.Emails, kyc.EmailAddress{Address: strings.Repeat("a", i+1) + "@x.org"})
	}
	d.Emails = slices.DeleteFunc(d.Emails, func(e kyc.EmailAddress) bool { return len(e.Address) > maxEmail })
	deep := any("end")
	for range maxDepth {
		deep = map[string]any{"in": deep}
	}
	d.Attributes = map[string]any{"deep": deep}
	_, _, err := b.m.Create(b.ctx, b.t, b.by, NewIndividual{Data: d})
	b.wants("problems", codes(err), "/emails too_many", "/attributes too_deep")
	d.Emails = append(d.Emails[:maxElements:maxElements], d.Emails[0]) // the same again is no element more
	d.Attributes = map[string]any{"deep": deep.(map[string]any)["in"]}
	if got := b.person(d); len(got.Private.Emails) != maxElements {
		t.Errorf("%d addresses", len(got.Private.Emails))
	}
}

func TestDatesOfBirth(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		in   kyc.BirthDate
		want string // normalized, or the first problem
	}{
		{kyc.BirthDate{Year: 2000, Month: 2, Day: 29}, "2000-02-29"},
		{kyc.BirthDate{Year: 1900, Month: 2, Day: 29}, "/day date_invalid"}, // no leap year
		{kyc.BirthDate{Year: 2024, Month: 4, Day: 31}, "/day date_invalid"},
		{kyc.BirthDate{Year: 1850}, "1850"},
		{kyc.BirthDate{Year: 1990, Month: 12}, "1990-12"},
		{kyc.BirthDate{Year: 2026, Month: 3, Day: 1}, "2026-03-01"},
		{kyc.BirthDate{Year: 2027}, "/year year_invalid"},
		{kyc.BirthDate{Year: 1990, Day: 5}, "/month required"},
		{kyc.BirthDate{Month: 5}, "/year required"},
		{kyc.BirthDate{Unstructured: "1984-02-29"}, "1984-02-29"},
		{kyc.BirthDate{Unstructured: "1985-02-29"}, ""}, // no date, so only words
		{kyc.BirthDate{Unstructured: "spring of 1984"}, ""},
		{kyc.BirthDate{Unstructured: "1984"}, "1984"},
		{kyc.BirthDate{Year: -5}, "/year year_invalid"},
	} {
		var p problems
		d := c.in
		p.birthDate("", &d, now)
		got := d.Normalized
		if len(p) > 0 {
			got = p[0].Path + " " + p[0].Code
		}
		if got != c.want {
			t.Errorf("%+v gives %q, want %q", c.in, got, c.want)
		}
	}
}

func TestPhonesAreNormalisedWherePossible(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, region, want, original string }{
		{"+31 6 12345678", "", "+31612345678", "+31 6 12345678"},
		{"+31612345678", "", "+31612345678", ""},
		{"020 7946 0958", "GB", "+442079460958", "020 7946 0958"},
		{"020 7946 0958", "", "020 7946 0958", ""},
		{"12345", "NL", "12345", ""}, // no plan knows it
	} {
		var p problems
		n := kyc.PhoneNumber{Number: c.in}
		p.phone("", &n, c.region)
		if len(p) > 0 || n.Number != c.want || n.Original != c.original || n.Type != "OTHER" {
			t.Errorf("%q in %q is %+v, %v", c.in, c.region, n, p)
		}
	}
}

func TestStrangersSeeNobody(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ind := b.person(anna())
	other := kyc.Tenant{Org: b.t.Org, Env: kyc.Sandbox}
	_, err := b.m.Individual(b.ctx, other, b.by, ind.ID)
	b.refused(err, kyc.NotFound, "not_found")
	_, err = b.m.Patch(b.ctx, other, b.by, ind.ID, 0, Patch{Set: kyc.IndividualData{Gender: "OTHER"}})
	b.refused(err, kyc.NotFound, "not_found")
	b.refused(b.m.Delete(b.ctx, other, b.by, ind.ID, 0, true), kyc.NotFound, "not_found")
	_, _, err = b.m.Audit(b.ctx, other, b.by, ind.ID, kyc.Page{Limit: 10})
	b.refused(err, kyc.NotFound, "not_found")
	found, err := b.m.Search(b.ctx, other, b.by, Query{Family: "Berg"}, kyc.Page{})
	if err != nil || found.Total != 0 {
		t.Errorf("a stranger finds %+v, %v", found, err)
	}
	list, total, err := b.m.Individuals(b.ctx, other, b.by, kyc.IndividualFilter{}, kyc.Page{Limit: 10})
	if err != nil || len(list) != 0 || total != 0 {
		t.Errorf("a stranger lists %d", len(list))
	}
}

func TestThePreparedIndividualIsCommittedByAnother(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	f := must[Fresh](b)(b.m.Prepare(b.ctx, b.t, b.by, NewIndividual{Data: anna(),
		Documents: []NewDocument{{Type: "PASSPORT", Country: "NL", Attachments: []NewAttachment{{Data: []byte("PNG1")}}}}}))
	if _, err := b.m.Individual(b.ctx, b.t, b.by, f.Individual.ID); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("it is there before the commit: %v", err)
	}
	if len(b.store.Files) != 1 {
		t.Fatalf("%d files", len(b.store.Files))
	}
	f.Discard(b.ctx)
	if len(b.store.Files) != 0 {
		t.Error("the file of a discarded individual stays")
	}
	f = must[Fresh](b)(b.m.Prepare(b.ctx, b.t, b.by, NewIndividual{Data: anna()}))
	if err := b.store.Commit(b.ctx, &f.Change); err != nil {
		t.Fatal(err)
	}
	must[kyc.Individual](b)(b.m.Individual(b.ctx, b.t, b.by, f.Individual.ID))
}
