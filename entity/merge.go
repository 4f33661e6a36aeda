package entity

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
)

// apply merges a patch into what is known of a person and lists everything
// that is wrong with it or with what would come of it. Paths are those of the
// patch's body.
func apply(have *kyc.IndividualData, patch Patch, now time.Time) problems {
	var p problems
	set := copied(patch.Set)
	p.wash(reflect.ValueOf(&set).Elem(), "")
	for _, pointer := range patch.Clear {
		p.clear(have, pointer)
	}
	overlay(reflect.ValueOf(&have.Name).Elem(), reflect.ValueOf(set.Name))
	overlay(reflect.ValueOf(&have.BirthPlace).Elem(), reflect.ValueOf(set.BirthPlace))
	mergeBirthDate(&have.BirthDate, set.BirthDate)
	for _, word := range []struct{ to, from *string }{{&have.Gender, &set.Gender}, {&have.Nationality, &set.Nationality}} {
		if *word.from != "" {
			*word.to = *word.from
		}
	}
	p.scalars(have, now)
	p.lists(have, &set, now)
	if len(set.Attributes) > 0 {
		merged := maps.Clone(have.Attributes)
		if merged == nil {
			merged = map[string]any{}
		}
		maps.Copy(merged, set.Attributes)
		maps.DeleteFunc(merged, func(_ string, v any) bool { return v == nil })
		p.custom("/attributes", merged)
		have.Attributes = merged
	}
	return p
}

// copied gives a copy whose lists the caller does not see change.
func copied(d kyc.IndividualData) kyc.IndividualData {
	d.AlternateNames, d.AlternateDates = slices.Clone(d.AlternateNames), slices.Clone(d.AlternateDates)
	d.Addresses, d.Phones, d.Emails = slices.Clone(d.Addresses), slices.Clone(d.Phones), slices.Clone(d.Emails)
	d.Consents, d.References, d.Duplicates = slices.Clone(d.Consents), slices.Clone(d.References), slices.Clone(d.Duplicates)
	d.Attributes = maps.Clone(d.Attributes)
	return d
}

// overlay puts each member of src that is not empty into dst; IDs stay.
func overlay(dst, src reflect.Value) {
	for i := range src.NumField() {
		if f := src.Field(i); !f.IsZero() && f.Type() != reflect.TypeFor[kyc.ID]() {
			dst.Field(i).Set(f)
		}
	}
}

// mergeBirthDate merges by member. A date in one piece replaces the parts that
// the patch does not name itself.
func mergeBirthDate(have *kyc.BirthDate, set kyc.BirthDate) {
	if set.Unstructured != "" && set.Year == 0 && set.Month == 0 && set.Day == 0 {
		have.Year, have.Month, have.Day = 0, 0, 0
	}
	overlay(reflect.ValueOf(have).Elem(), reflect.ValueOf(set))
}

// scalars checks what a person has only once.
func (p *problems) scalars(d *kyc.IndividualData, now time.Time) {
	if d.Name.Family == "" {
		p.add("/name/family", "required", "a family name is needed")
	}
	d.Name.Type = ""
	if d.Name.ID == "" {
		d.Name.ID = kyc.NewID(now)
	}
	p.name("/name", &d.Name)
	bare := d.BirthDate
	bare.ID, bare.Type, bare.Normalized = "", "", ""
	if bare == (kyc.BirthDate{}) {
		d.BirthDate = kyc.BirthDate{}
	} else {
		p.birthDate("/birth_date", &d.BirthDate, now)
		if d.BirthDate.ID == "" {
			d.BirthDate.ID = kyc.NewID(now)
		}
	}
	p.oneOf("/gender", d.Gender, genders())
	p.country("/nationality", d.Nationality)
	p.country("/birth_place/country", d.BirthPlace.Country)
}

// lists checks the elements of a patch and merges them.
func (p *problems) lists(have, set *kyc.IndividualData, now time.Time) {
	for i := range set.AlternateNames {
		p.alternateName(fmt.Sprintf("/alternate_names/%d", i), &set.AlternateNames[i])
	}
	for i := range set.AlternateDates {
		p.birthDate(fmt.Sprintf("/alternate_dates/%d", i), &set.AlternateDates[i], now)
	}
	for i := range set.Addresses {
		p.address(fmt.Sprintf("/addresses/%d", i), &set.Addresses[i])
	}
	for i := range set.Emails {
		p.email(fmt.Sprintf("/emails/%d", i), &set.Emails[i])
	}
	for i := range set.References {
		p.reference(fmt.Sprintf("/references/%d", i), &set.References[i])
	}
	have.AlternateNames = into(p, "/alternate_names", have.AlternateNames, set.AlternateNames, now, func(x *kyc.PersonName) *kyc.ID { return &x.ID })
	have.AlternateDates = into(p, "/alternate_dates", have.AlternateDates, set.AlternateDates, now, func(x *kyc.BirthDate) *kyc.ID { return &x.ID })
	have.Addresses = into(p, "/addresses", have.Addresses, set.Addresses, now, func(x *kyc.PostalAddress) *kyc.ID { return &x.ID })
	have.Emails = into(p, "/emails", have.Emails, set.Emails, now, func(x *kyc.EmailAddress) *kyc.ID { return &x.ID })
	have.References = into(p, "/references", have.References, set.References, now, func(x *kyc.EntityReference) *kyc.ID { return &x.ID })
	// A number without a country code is read where the person lives, and that
	// may have come with the same body.
	region := regionOf(have)
	for i := range set.Phones {
		p.phone(fmt.Sprintf("/phones/%d", i), &set.Phones[i], region)
	}
	have.Phones = into(p, "/phones", have.Phones, set.Phones, now, func(x *kyc.PhoneNumber) *kyc.ID { return &x.ID },
		func(x *kyc.PhoneNumber) { x.Original = "" })
	p.consents(have, set.Consents, now)
}

// into merges the elements of a patch into a list: a known ID replaces, an
// element without one is appended unless the same is there already. ignore
// takes off what does not count for being the same.
func into[T comparable](p *problems, path string, have, set []T, now time.Time, id func(*T) *kyc.ID, ignore ...func(*T)) []T {
	have = slices.Clone(have)
	bare := func(x T) T {
		*id(&x) = ""
		for _, f := range ignore {
			f(&x)
		}
		return x
	}
	for i := range set {
		x := set[i]
		if want := *id(&x); want != "" {
			at := slices.IndexFunc(have, func(h T) bool { return *id(&h) == want })
			if at < 0 {
				p.add(fmt.Sprintf("%s/%d/id", path, i), "unknown_id", "there is no such element; leave the id out to add one")
				continue
			}
			have[at] = x
			continue
		}
		if slices.ContainsFunc(have, func(h T) bool { return bare(h) == bare(x) }) {
			continue
		}
		*id(&x) = kyc.NewID(now)
		have = append(have, x)
	}
	if len(have) > maxElements {
		p.add(path, "too_many", "at most %d", maxElements)
	}
	return have
}

// consents merges consents by their type.
func (p *problems) consents(have *kyc.IndividualData, set []kyc.EntityConsent, now time.Time) {
	have.Consents = slices.Clone(have.Consents)
	seen := map[string]bool{}
	for i := range set {
		c, path := set[i], fmt.Sprintf("/consents/%d", i)
		p.consent(path, &c, now)
		if seen[c.Type] {
			p.add(path+"/type", "duplicate", "this consent stands here twice")
			continue
		}
		seen[c.Type] = true
		at := slices.IndexFunc(have.Consents, func(h kyc.EntityConsent) bool { return h.Type == c.Type })
		if at < 0 {
			have.Consents = append(have.Consents, c)
			continue
		}
		// Naming a consent that is in force gives it no new date.
		if set[i].GivenAt.IsZero() && have.Consents[at].WithdrawnAt.IsZero() {
			c.GivenAt = have.Consents[at].GivenAt
		}
		have.Consents[at] = c
	}
}

// regionOf is where a person's telephone numbers are read.
func regionOf(d *kyc.IndividualData) string {
	for _, a := range d.Addresses {
		if a.Status == "CURRENT" && isCountry(a.Country) && a.Type != "PLACE_OF_BIRTH" {
			return a.Country
		}
	}
	if isCountry(d.Nationality) {
		return d.Nationality
	}
	return ""
}

// clear empties the member that a body set to null.
func (p *problems) clear(d *kyc.IndividualData, pointer string) {
	segments := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	switch segments[0] {
	case "consents":
		p.add(pointer, "not_removable", "a consent is withdrawn, not removed")
		return
	case "attributes":
		if len(segments) == 2 {
			d.Attributes = maps.Clone(d.Attributes)
			delete(d.Attributes, unescape(segments[1]))
			return
		}
	case "duplicates", "unreadable":
		segments = nil
	}
	if !empty(reflect.ValueOf(d).Elem(), segments) {
		p.add(pointer, "unknown_field", "there is nothing of that name to remove")
	}
}

// unescape reads one segment of a JSON Pointer (RFC 6901).
func unescape(segment string) string {
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(segment)
}

// empty sets the member that the segments name to its zero value. Members of
// lists have IDs and endpoints of their own.
func empty(v reflect.Value, segments []string) bool {
	if len(segments) == 0 || v.Kind() != reflect.Struct {
		return false
	}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if member(f) != segments[0] || f.Type == reflect.TypeFor[kyc.ID]() {
			continue
		}
		if len(segments) > 1 {
			return empty(v.Field(i), segments[1:])
		}
		v.Field(i).SetZero()
		return true
	}
	return false
}
