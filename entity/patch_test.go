package entity

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"bonafide/kyc"
)

func TestAPatchMerges(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ind := b.person(anna())
	first := ind.Private
	b.now = b.now.Add(time.Hour)
	got := must[kyc.Individual](b)(b.m.Patch(b.ctx, b.t, b.by, ind.ID, ind.Rev, Patch{
		Set: kyc.IndividualData{
			Name:      kyc.PersonName{Given: "Anne"},
			BirthDate: kyc.BirthDate{Day: 28},
			Addresses: []kyc.PostalAddress{
				{ID: first.Addresses[0].ID, Type: "POSTAL_ADDRESS", LongForm: "PO box 1"},
				{Country: "BE", Locality: "Gent"},
			},
			Emails:     []kyc.EmailAddress{{Address: "Anna@example.org"}, {Address: "anne@example.org"}},
			Phones:     []kyc.PhoneNumber{{Type: "MOBILE", Number: "+31612345678"}},
			Consents:   []kyc.EntityConsent{{Type: "GENERAL"}, {Type: "DOCS"}},
			Attributes: map[string]any{"tier": nil, "branch": "Utrecht"},
		},
		Clear: []string{"/gender", "/name/middle", "/birth_place/locality"},
	})).Private
	if got.Name.Given != "Anne" || got.Name.Middle != "" || got.Name.Family != "van der Bérg" || got.Name.ID != first.Name.ID {
		t.Errorf("the name is %+v", got.Name)
	}
	if got.BirthDate.Normalized != "1984-02-28" || got.Gender != "" || got.BirthPlace != (kyc.BirthPlace{Country: "NL"}) || got.Nationality != "NL" {
		t.Errorf("scalars are %+v %q %+v", got.BirthDate, got.Gender, got.BirthPlace)
	}
	if len(got.Addresses) != 2 || got.Addresses[0].ID != first.Addresses[0].ID || got.Addresses[0].StreetName != "" || got.Addresses[0].LongForm != "PO box 1" || got.Addresses[1].ID == "" {
		t.Errorf("the addresses are %+v", got.Addresses)
	}
	if len(got.Emails) != 2 || got.Emails[0] != first.Emails[0] || len(got.Phones) != 1 || got.Phones[0].ID != first.Phones[0].ID {
		t.Errorf("what was there already is there twice: %+v %+v", got.Emails, got.Phones)
	}
	if len(got.Consents) != 2 || !got.Consents[0].GivenAt.Equal(first.Consents[0].GivenAt) || !got.Consents[1].GivenAt.Equal(b.now) {
		t.Errorf("the consents are %+v", got.Consents)
	}
	if len(got.Attributes) != 1 || got.Attributes["branch"] != "Utrecht" {
		t.Errorf("the attributes are %v", got.Attributes)
	}
	if b.store.learned != 3 { // the given name, the date and the mail address
		t.Errorf("%d new traits", b.store.learned)
	}
	if len(b.asked) != 1 || b.asked[0] != ind.ID {
		t.Errorf("those that depend on the facts were told %v", b.asked)
	}
	if first.Addresses[0].StreetName != "Oudegracht" || first.Attributes["tier"] != "gold" {
		t.Error("the patch reached into what was read before")
	}
}

func TestAPatchThatChangesNothingWritesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ind := b.person(anna())
	commits := b.store.Commits
	got := must[kyc.Individual](b)(b.m.Patch(b.ctx, b.t, b.by, ind.ID, 0, Patch{Set: kyc.IndividualData{Gender: "FEMALE"}}))
	if got.Rev != ind.Rev || b.store.Commits != commits || len(b.asked) != 0 {
		t.Errorf("revision %d after %d, %d commits", got.Rev, ind.Rev, b.store.Commits-commits)
	}
}

func TestABadPatchListsEverythingAndChangesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ind := b.person(anna())
	_, err := b.m.Patch(b.ctx, b.t, b.by, ind.ID, 0, Patch{
		Set: kyc.IndividualData{
			BirthDate: kyc.BirthDate{Year: 1985}, // 29 February of that year
			Emails:    []kyc.EmailAddress{{ID: kyc.NewID(b.now), Address: "new@example.org"}, {Address: "x"}},
		},
		Clear: []string{"/name/family", "/consents", "/shoe_size", "/name/id", "/duplicates", "/unreadable", "/addresses/0"},
	})
	b.refused(err, kyc.Invalid, "invalid_individual")
	b.wants("problems", codes(err), "/birth_date/day date_invalid", "/emails/0/id unknown_id", "/emails/1/address email_invalid",
		"/name/family required", "/consents not_removable", "/shoe_size unknown_field", "/name/id unknown_field",
		"/duplicates unknown_field", "/unreadable unknown_field", "/addresses/0 unknown_field")
	got := must[kyc.Individual](b)(b.m.Individual(b.ctx, b.t, b.by, ind.ID))
	if got.Rev != ind.Rev || got.Private.BirthDate.Normalized != "1984-02-29" || len(got.Private.Emails) != 1 {
		t.Errorf("something changed: %+v", got.Private)
	}
	_, err = b.m.Patch(b.ctx, b.t, b.by, ind.ID, ind.Rev+1, Patch{})
	b.refused(err, kyc.PreconditionFailed, "etag_mismatch")
}

func TestNullEmptiesWholeMembers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ind := b.person(anna())
	got := must[kyc.Individual](b)(b.m.Patch(b.ctx, b.t, b.by, ind.ID, 0, Patch{
		Set:   kyc.IndividualData{Attributes: map[string]any{"a/b": 1.0}},
		Clear: []string{"/birth_date", "/attributes", "/emails", "/alternate_names", "/birth_place"},
	})).Private
	if got.BirthDate != (kyc.BirthDate{}) || len(got.Emails)+len(got.AlternateNames) != 0 || got.BirthPlace != (kyc.BirthPlace{}) || len(got.Attributes) != 1 {
		t.Errorf("left over: %+v", got)
	}
	got = must[kyc.Individual](b)(b.m.Patch(b.ctx, b.t, b.by, ind.ID, 0, Patch{Clear: []string{"/attributes/a~1b"}})).Private
	if len(got.Attributes) != 0 {
		t.Errorf("left over: %v", got.Attributes)
	}
}

func TestElementsAreDeleted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	d := anna()
	d.AlternateDates = []kyc.BirthDate{{Year: 1983}}
	ind := b.person(d)
	p := ind.Private
	steps := []struct {
		action string
		do     func(element kyc.ID) (kyc.Individual, error)
		id     kyc.ID
		left   func(d *kyc.IndividualData) int
	}{
		{"individual.delete_name", func(e kyc.ID) (kyc.Individual, error) { return b.m.DeleteName(b.ctx, b.t, b.by, ind.ID, 0, e) }, p.AlternateNames[0].ID,
			func(d *kyc.IndividualData) int { return len(d.AlternateNames) }},
		{"individual.delete_birth_date", func(e kyc.ID) (kyc.Individual, error) { return b.m.DeleteBirthDate(b.ctx, b.t, b.by, ind.ID, 0, e) }, p.AlternateDates[0].ID,
			func(d *kyc.IndividualData) int { return len(d.AlternateDates) }},
		{"individual.delete_birth_date", func(e kyc.ID) (kyc.Individual, error) { return b.m.DeleteBirthDate(b.ctx, b.t, b.by, ind.ID, 0, e) }, p.BirthDate.ID,
			func(d *kyc.IndividualData) int { return d.BirthDate.Year }},
		{"individual.delete_address", func(e kyc.ID) (kyc.Individual, error) { return b.m.DeleteAddress(b.ctx, b.t, b.by, ind.ID, 0, e) }, p.Addresses[0].ID,
			func(d *kyc.IndividualData) int { return len(d.Addresses) }},
		{"individual.delete_email", func(e kyc.ID) (kyc.Individual, error) { return b.m.DeleteEmail(b.ctx, b.t, b.by, ind.ID, 0, e) }, p.Emails[0].ID,
			func(d *kyc.IndividualData) int { return len(d.Emails) }},
		{"individual.delete_phone", func(e kyc.ID) (kyc.Individual, error) { return b.m.DeletePhone(b.ctx, b.t, b.by, ind.ID, 0, e) }, p.Phones[0].ID,
			func(d *kyc.IndividualData) int { return len(d.Phones) }},
		{"individual.delete_reference", func(e kyc.ID) (kyc.Individual, error) { return b.m.DeleteReference(b.ctx, b.t, b.by, ind.ID, 0, e) }, p.References[0].ID,
			func(d *kyc.IndividualData) int { return len(d.References) }},
	}
	for _, s := range steps {
		_, err := s.do(kyc.NewID(b.now))
		b.refused(err, kyc.NotFound, "not_found")
		_, err = s.do("")
		b.refused(err, kyc.NotFound, "not_found")
		got := must[kyc.Individual](b)(s.do(s.id))
		if n := s.left(&got.Private); n != 0 {
			t.Errorf("%s leaves %d", s.action, n)
		}
		if e := b.store.Log[len(b.store.Log)-1]; e.Action != s.action || e.Before == "" || e.After == e.Before {
			t.Errorf("%s leaves the event %+v", s.action, e)
		}
		_, err = s.do(s.id)
		b.refused(err, kyc.NotFound, "not_found")
	}
	if len(b.asked) != len(steps) {
		t.Errorf("told %d times of %d changes", len(b.asked), len(steps))
	}
	_, err := b.m.DeleteName(b.ctx, b.t, b.by, ind.ID, 0, p.Name.ID)
	b.refused(err, kyc.Conflict, "main_name")
	_, err = b.m.DeleteEmail(b.ctx, b.t, b.by, ind.ID, 1, p.Emails[0].ID)
	b.refused(err, kyc.PreconditionFailed, "etag_mismatch")
}

func TestAConsentIsWithdrawnOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ind := b.person(anna())
	given := b.now
	b.now = b.now.Add(time.Hour)
	_, err := b.m.WithdrawConsent(b.ctx, b.t, b.by, ind.ID, 0, "PAYROLL")
	b.refused(err, kyc.NotFound, "not_found")
	got := must[kyc.Individual](b)(b.m.WithdrawConsent(b.ctx, b.t, b.by, ind.ID, 0, "GENERAL"))
	c := got.Private.Consents[0]
	if !c.GivenAt.Equal(given) || !c.WithdrawnAt.Equal(b.now) {
		t.Errorf("the consent is %+v", c)
	}
	withdrawn := b.now
	b.now = b.now.Add(time.Hour)
	again := must[kyc.Individual](b)(b.m.WithdrawConsent(b.ctx, b.t, b.by, ind.ID, 0, "GENERAL"))
	if again.Rev != got.Rev || !again.Private.Consents[0].WithdrawnAt.Equal(withdrawn) {
		t.Errorf("withdrawn again: %+v", again.Private.Consents[0])
	}
	renewed := must[kyc.Individual](b)(b.m.Patch(b.ctx, b.t, b.by, ind.ID, 0, Patch{Set: kyc.IndividualData{Consents: []kyc.EntityConsent{{Type: "GENERAL"}}}}))
	if c := renewed.Private.Consents[0]; !c.GivenAt.Equal(b.now) || !c.WithdrawnAt.IsZero() {
		t.Errorf("given again: %+v", c)
	}
}

// FuzzPatch: whatever a body says, a patch never panics, and what it makes of a
// person is either refused or stays the same when it is sent again.
func FuzzPatch(f *testing.F) {
	f.Add(`{"name":{"family":"Berg"},"phones":[{"number":"+31 6 12345678"}],"birth_date":{"unstructured":"1984-02-29"}}`, "/gender")
	f.Add(`{"emails":[{"address":"a@b.org"},{"address":"a@b.org"}],"consents":[{"type":"DOCS"}],"attributes":{"a":{"b":[1,null]}}}`, "/attributes/a~1b")
	f.Add(`{"alternate_dates":[{"year":1984,"month":2}],"addresses":[{"country":"NL","street":"x"}],"references":[{"name":"a","value":"b"}]}`, "/name/middle")
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body, pointer string) {
		var set kyc.IndividualData
		if json.Unmarshal([]byte(body), &set) != nil {
			return
		}
		set = anonymous(set)
		have := kyc.IndividualData{Name: kyc.PersonName{Family: "Berg"}}
		if p := apply(&have, Patch{Set: set, Clear: []string{pointer}}, now); len(p) > 0 {
			return
		}
		again := copied(have)
		if p := apply(&again, Patch{Set: set}, now); len(p) > 0 {
			t.Fatalf("taken once and then refused: %v", p)
		}
		if !reflect.DeepEqual(have, again) {
			t.Fatalf("sent again it changes\n%+v\n%+v", have, again)
		}
		if have.Name.Family == "" || len(have.Emails) > maxElements || have.Unreadable || have.Duplicates != nil {
			t.Fatalf("a person came to be that may not: %+v", have)
		}
	})
}
