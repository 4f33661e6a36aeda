package entity

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"bonafide/kyc"
)

// The kinds of blind traits that people are found by. They are apart from those
// of duplicate_detection, which executions remember.
const (
	traitFamily    = "c_family_name"
	traitGiven     = "c_given_name"
	traitBirthDate = "c_dob"
	traitEmail     = "c_email"
	traitPhone     = "c_phone"
	traitDocument  = "c_document"
	traitReference = "c_reference"
)

// maxWords is how many words of one name count.
const maxWords = 20

// value is something a person can be found by, in its normal form.
type value struct{ kind, text string }

// words gives the words of a name in the form that is compared: without case,
// order, punctuation or accents.
func words(names ...string) []string {
	t := transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn)), norm.NFC)
	var out []string
	for _, n := range names {
		plain, _, err := transform.String(t, n)
		if err != nil {
			plain = n
		}
		if normal, ok := kyc.ListName.Normal(plain); ok {
			out = append(out, strings.Fields(normal)...)
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	return out[:min(len(out), maxWords)]
}

func familyWords(n *kyc.PersonName) []string { return words(n.Family) }
func givenWords(n *kyc.PersonName) []string  { return words(n.Given, n.Middle, n.Other) }

// names are all names of a person, the main one first.
func names(d *kyc.IndividualData) []kyc.PersonName {
	return append([]kyc.PersonName{d.Name}, d.AlternateNames...)
}

// dates are all dates of birth that are known in their normal form.
func dates(d *kyc.IndividualData) []string {
	var out []string
	for _, b := range append([]kyc.BirthDate{d.BirthDate}, d.AlternateDates...) {
		if b.Normalized != "" {
			out = append(out, b.Normalized)
		}
	}
	return out
}

// normal is a value in the form that is compared; "" is nothing to compare.
func normal(kind, text string) string {
	list := kyc.ListString
	switch kind {
	case traitEmail:
		list = kyc.ListEmail
	case traitPhone:
		list = kyc.ListPhone
	case traitDocument:
		list = kyc.ListGovID
	}
	v, ok := list.Normal(text)
	if !ok || kind == traitEmail && strings.HasPrefix(v, "@") {
		return ""
	}
	return v
}

// personValues is everything an individual can be found by.
func personValues(d *kyc.IndividualData) []value {
	var out []value
	for _, n := range names(d) {
		for _, w := range familyWords(&n) {
			out = append(out, value{traitFamily, w})
		}
		for _, w := range givenWords(&n) {
			out = append(out, value{traitGiven, w})
		}
	}
	for _, b := range dates(d) {
		out = append(out, value{traitBirthDate, b})
	}
	add := func(kind, text string) {
		if v := normal(kind, text); v != "" {
			out = append(out, value{kind, v})
		}
	}
	for _, e := range d.Emails {
		add(traitEmail, e.Address)
	}
	for _, n := range d.Phones {
		add(traitPhone, n.Number)
	}
	for _, r := range d.References {
		add(traitReference, r.Value)
	}
	return out
}

// paperValues is what an individual can be found by of a document.
func paperValues(d *kyc.EntityDocument) []value {
	var out []value
	for _, number := range []string{d.Private.PrimaryIdentifier, d.Private.SecondaryIdentifier} {
		if v := normal(traitDocument, number); v != "" {
			out = append(out, value{traitDocument, v})
		}
	}
	return out
}

// profileValues is what an individual can be found by of a service profile.
func profileValues(p *kyc.ServiceProfile) []value {
	if v := normal(traitReference, p.Private.CustomerReference); v != "" {
		return []value{{traitReference, v}}
	}
	return nil
}

// remember adds the traits of the values that are new.
func (m *Machine) remember(ctx context.Context, t kyc.Tenant, subject kyc.ID, had, has []value, c *kyc.Change) error {
	seen := map[value]bool{}
	for _, v := range had {
		seen[v] = true
	}
	for _, v := range has {
		if seen[v] {
			continue
		}
		seen[v] = true
		hash, err := m.d.Blind(ctx, t, v.kind, v.text)
		if err != nil {
			return err
		}
		c.Traits = append(c.Traits, kyc.Trait{Kind: v.kind, Hash: hash, SubjectID: subject})
		c.TraitTenant = t
	}
	return nil
}
