package document

import (
	"context"
	"slices"
	"strings"

	"bonafide/aamva"
	"bonafide/kyc"
)

// DrivingLicence is a driving licence whose barcode was read.
const DrivingLicence Kind = "driving_licence"

// licenceOf gives the first code that carries a licence, nil where none does.
func licenceOf(codes []Barcode) *Barcode {
	at := slices.IndexFunc(codes, func(c Barcode) bool { return c.licence != nil })
	if at < 0 {
		return nil
	}
	return &codes[at]
}

// describeLicence adds what the barcode of a licence says: the fields that the
// zone has not given, what speaks against the code itself, and how it agrees
// with the zone and with the printed front.
func (r *Reader) describeLicence(ctx context.Context, reading *Reading, code *Barcode, front *sheetPage) *kyc.Error {
	l := *code.licence
	if reading.MRZ == nil {
		reading.Kind = map[string]Kind{"driving_licence": DrivingLicence, "id_card": IDCard}[l.Kind]
	}
	for _, f := range licenceFields(l, code.Region) {
		if _, known := reading.Field(f.Name); !known {
			reading.Fields = append(reading.Fields, f)
		}
	}
	reading.Findings = append(reading.Findings, licenceFindings(l, code.Region)...)
	if m := reading.MRZ; m != nil {
		compareZone(reading, l, code.Region)
	}
	if front == nil {
		frontUnknown(reading, "front_missing", "Only the side with the barcode was handed in, and anybody can print a barcode; the front is needed.", code.Region)
		sortFindings(reading.Findings)
		return nil
	}
	v, err := r.printed(ctx, front)
	if err != nil {
		return err
	}
	if v.view.flat != nil {
		reading.straightened(front)
	}
	if front.text != "" {
		v.addText(front.text)
	}
	if reading.VisualText == "" {
		reading.VisualText = v.text()
	}
	compareFront(reading, v, l, code.Region)
	sortFindings(reading.Findings)
	return nil
}

// frontUnknown says that nothing printed speaks for the barcode. The code of a
// licence carries no signature, so without its front it proves nothing.
func frontUnknown(reading *Reading, code, message string, at *kyc.Region) {
	reading.Findings = append(reading.Findings, kyc.Reason{Code: code, Severity: warning, Message: message, Region: at})
	reading.compared("front", NotMade, Side{Source: "barcode", Region: at}, Side{Source: "visual"})
}

// licenceFields gives the values under the well-known names of kyc.Field. The
// code corrects its own errors, so a value is as it was written; a name whose
// parts the code does not tell apart, or that it says was cut, is less sure.
func licenceFields(l aamva.Licence, at *kyc.Region) []kyc.Field {
	var out []kyc.Field
	add := func(name, value string, confidence float64) {
		if value != "" {
			out = append(out, kyc.Field{Name: name, Value: value, Source: "barcode", Region: at, Confidence: confidence})
		}
	}
	name := 0.98
	switch {
	case l.OrderUnknown:
		name = 0.6
	case l.FamilyTruncated, l.FirstTruncated, l.MiddleTruncated:
		name = 0.85
	}
	add("document_type", l.Kind, 0.98)
	add("first_name", l.GivenNames(), name)
	add("last_name", l.FamilyName, name)
	add("full_name", l.FullName(), name)
	add("date_of_birth", l.DateOfBirth, 0.98)
	add("sex", l.Sex, 0.98)
	add("issuing_country", l.Issuer.Country, 0.98)
	add("document_number", l.Number, 0.98)
	add("expiry_date", l.ExpiryDate, 0.98)
	add("issue_date", l.IssueDate, 0.98)
	add("address", l.Address(), 0.95)
	return out
}

// licenceFindings says what speaks against a code by itself.
func licenceFindings(l aamva.Licence, at *kyc.Region) []kyc.Reason {
	said := map[string]kyc.Reason{
		"unknown_issuer":           {Code: "unknown_issuer", Severity: warning, Message: "The issuer's number in the barcode is none that AAMVA has assigned."},
		"issuer_differs":           {Code: "licence_issuer_differs", Severity: info, Message: "The address in the barcode lies in another region than its issuer."},
		"element_repeated":         {Code: "licence_element_repeated", Severity: warning, Message: "The barcode says the same thing twice, and differently."},
		"impossible_date_of_birth": {Code: "impossible_date_of_birth", Severity: critical, Message: "The date of birth in the barcode does not exist."},
		"impossible_issue_date":    {Code: "impossible_issue_date", Severity: warning, Message: "The date of issue in the barcode does not exist."},
		"impossible_expiry_date":   {Code: "impossible_expiry", Severity: critical, Message: "The expiry date in the barcode does not exist."},
		"dates_out_of_order":       {Code: "licence_dates_out_of_order", Severity: critical, Message: "Birth, issue and expiry in the barcode do not follow each other."},
		"age_dates_differ":         {Code: "licence_age_dates_differ", Severity: warning, Message: "The barcode gives a day of coming of age that does not fit its date of birth."},
	}
	var out []kyc.Reason
	for _, d := range l.Doubts {
		if f, ok := said[d]; ok {
			f.Region = at
			out = append(out, f)
		}
	}
	if l.FamilyTruncated || l.FirstTruncated || l.MiddleTruncated {
		out = append(out, kyc.Reason{Code: "name_truncated", Severity: info, Region: at, Message: "The barcode says that a name did not fit and was cut."})
	}
	if contains(specimenNames(), l.FamilyName) {
		out = append(out, kyc.Reason{Code: "specimen_document", Severity: critical, Region: at, Message: "The name is that of a published specimen."})
	}
	return out
}

// compareZone holds the barcode against the zone of the same document. Both
// protect themselves, so a difference of dates is no misreading. No check digit
// covers sex and country in the zone; they count where all that there are verify.
func compareZone(reading *Reading, l aamva.Licence, at *kyc.Region) {
	m := reading.MRZ
	hold := func(what, field, zone, code, finding, message string, good bool) {
		if zone == "" || code == "" || !good {
			return
		}
		f, _ := reading.Field(field)
		verdict := Agrees
		if zone != code {
			verdict = Differs
			reading.Findings = append(reading.Findings, kyc.Reason{Code: finding, Severity: critical, Message: message, Region: at})
		}
		reading.compared(what, verdict, Side{Source: "mrz", Region: f.Region}, Side{Source: "barcode", Region: at})
	}
	hold("date_of_birth", "date_of_birth", m.Fields.DateOfBirth, l.DateOfBirth, "barcode_birth_date_differs",
		"The barcode and the machine-readable zone give different dates of birth.", m.Checks["dob"])
	// M and F contradict; an X may stand for what was left open.
	if one := []string{"M", "F"}; slices.Contains(one, m.Fields.Sex) && slices.Contains(one, l.Sex) {
		hold("sex", "sex", m.Fields.Sex, l.Sex, "barcode_code_differs", "The barcode and the machine-readable zone give different sexes.", m.Valid)
	}
	if len(m.Fields.IssuingCountry) == 2 { // what is longer is no country's: the United Nations, UTO
		hold("issuing_country", "issuing_country", m.Fields.IssuingCountry, l.Issuer.Country, "barcode_code_differs",
			"The barcode and the machine-readable zone were issued by different countries.", m.Valid)
	}
	hold("expiry_date", "expiry_date", m.Fields.ExpiryDate, l.ExpiryDate, "barcode_expiry_differs",
		"The barcode and the machine-readable zone give different expiry dates.", m.Checks["expiry"])
	family, other := fold(m.Fields.Surname), fold(l.FamilyName)
	if family == "" || other == "" {
		return
	}
	// The zone may cut a long name, and leave signs out.
	near := strings.HasPrefix(family, other) || strings.HasPrefix(other, family) || editDistance(family, other) <= 2
	hold("last_name", "last_name", "same", map[bool]string{true: "same", false: "other"}[near], "barcode_name_differs",
		"The barcode and the machine-readable zone give different family names.", true)
}

// compareFront holds the barcode against the print on the front. One value that
// was not found says nothing: only what stands there almost, or a date of the
// same kind that contradicts, is a finding. Where nothing of the code is found
// on the front, any picture could be one: that is a finding, too.
func compareFront(reading *Reading, v visual, l aamva.Licence, at *kyc.Region) {
	const unseen = "Nothing of the barcode could be found in the print of the front; compare the two."
	if len(v.words) == 0 {
		frontUnknown(reading, "front_not_compared", unseen, at)
		return
	}
	before := len(reading.Comparisons)
	defer func() {
		if !slices.ContainsFunc(reading.Comparisons[before:], func(c Comparison) bool { return c.Verdict != NotMade }) {
			frontUnknown(reading, "front_not_compared", unseen, at)
		}
	}()
	say := func(code, message string, seen *kyc.Region) {
		reading.Findings = append(reading.Findings, kyc.Reason{Code: code, Severity: warning, Message: message, Region: first(seen, at)})
	}
	side := Side{Source: "barcode", Region: at}
	names := v.checkName(MRZFields{Surname: l.FamilyName, GivenNames: l.FirstName})
	switch {
	case names.confirmed:
		reading.compared("name", Agrees, side, Side{Source: "visual", Region: names.region})
	case names.near != "":
		say("front_name_differs", "A name printed on the front is almost, but not quite, the name in the barcode; compare the two.", names.region)
		reading.compared("name", Close, side, Side{Source: "visual", Region: names.region})
	default:
		reading.compared("name", NotMade, side, Side{Source: "visual"})
	}
	confirmed, near, where := v.findNumber(strings.ToUpper(strings.ReplaceAll(l.Number, "-", "")))
	switch {
	case confirmed:
		reading.compared("document_number", Agrees, side, Side{Source: "visual", Region: where})
	case near != "":
		say("front_number_differs", "A number printed on the front is almost, but not quite, the number in the barcode; compare the two.", where)
		reading.compared("document_number", Close, side, Side{Source: "visual", Region: where})
	default:
		reading.compared("document_number", NotMade, side, Side{Source: "visual"})
	}
	v.compareDates(reading, "barcode", []printedDate{
		{"date_of_birth", l.DateOfBirth, "front_birth_date_differs", at}, {"expiry_date", l.ExpiryDate, "front_expiry_differs", at}},
		[]string{l.DateOfBirth, l.ExpiryDate, l.IssueDate, l.RevisionDate, l.Under18Until, l.Under19Until, l.Under21Until})
}

func first(regions ...*kyc.Region) *kyc.Region {
	for _, r := range regions {
		if r != nil {
			return r
		}
	}
	return nil
}
