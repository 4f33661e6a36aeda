package check

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"bonafide/chip"
	"bonafide/kyc"
)

// Chips verifies the files of passport chips (chip.Trust).
type Chips interface {
	// Verify does passive authentication; o.Trust is its own.
	Verify(ctx context.Context, files chip.Files, o chip.Options) chip.Report
}

var _ Chips = (*chip.Trust)(nil)

type chipConfig struct {
	OnExpired       string `json:"on_expired"`
	TrustMaxAgeDays int    `json:"trust_max_age_days"`
}

// nfcChipAuth verifies the data of a chip.
func nfcChipAuth(d Deps) Check {
	s := spec("nfc_chip_auth", "Chip",
		"Verifies the files of a passport's chip by passive authentication (ICAO Doc 9303 parts 10 to 12): the state signed them and nobody changed them. Compares them with the printed document and the form, and the picture on the chip with the applicant's where there is one. It proves the data, not that the chip is no copy.", 0)
	s.Identity = true
	s.Needs = []string{"nfc"}
	s.Provides = []string{"details.authentic", "details.chip_authenticity", "details.data_groups", "details.mismatches", "details.compared", "details.expired", "details.portrait_match.status", "details.portrait_match.similarity",
		"extracted.first_name", "extracted.last_name", "extracted.date_of_birth", "extracted.sex", "extracted.nationality",
		"extracted.issuing_country", "extracted.document_type", "extracted.document_number", "extracted.expiry_date"}
	s.ConfigSchema = schema(`
"on_expired":{"type":"string","enum":["note","review","fail"],"default":"note","description":"What an expired document means here. note leaves the decision to document_expiration."},
"trust_max_age_days":{"type":"integer","minimum":1,"maximum":3650,"default":180,"description":"How old the newest trust list may be; with an older one the check answers stale."}`, "")
	return Check{Spec: s, Run: func(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
		c := chipConfig{OnExpired: "note", TrustMaxAgeDays: int(chip.DefaultTrustAge / (24 * time.Hour))}
		if err := decode(r.Config, &c); err != nil {
			return broken("config_invalid", "the check's config cannot be read")
		}
		if d.Chips == nil || d.Blobs == nil {
			return notConfigured("trust_not_configured", "no country signing certificates are set up here")
		}
		files, bad := chipFiles(ctx, d, r)
		if bad != nil {
			return *bad
		}
		o := chip.Options{Now: r.Now, MaxAge: time.Duration(c.TrustMaxAgeDays) * 24 * time.Hour, Printed: printedFields(r)}
		report := d.Chips.Verify(ctx, files, o)
		reasons, details := compareChipPortrait(ctx, d, &r, files, report)
		if !ofAnotherDocument(report, r) {
			return withPortrait(judgeChip(report, c, r), reasons, details)
		}
		// A passport's chip proves who holds it, whichever document was shown
		// before: number, issuer and expiry are those of another paper.
		o.Printed = slices.DeleteFunc(o.Printed, func(f kyc.Field) bool { return f.Name != "date_of_birth" && f.Name != "sex" })
		a := judgeChip(d.Chips.Verify(ctx, files, o), c, r)
		a.Reasons = append(a.Reasons, reason(info, "chip_of_another_document", "the chip belongs to another document than the one that was photographed; the holders were compared"))
		return withPortrait(a, reasons, details)
	}}
}

// ofAnotherDocument reports whether the chip is that of a document of another
// type than the photographed one.
func ofAnotherDocument(report chip.Report, r kyc.CheckRequest) bool {
	shown := factsOf(r.Extracted).find("documenttype")
	i := slices.IndexFunc(report.Fields, func(f kyc.Field) bool { return f.Name == "document_type" })
	return shown != "" && i >= 0 && report.Fields[i].Value != "" && report.Fields[i].Value != shown
}

// chipFiles gets the uploads of a chip. What is no file of a chip or comes
// twice is for a person: nobody knows which of two files is the chip's.
func chipFiles(ctx context.Context, d Deps, r kyc.CheckRequest) (chip.Files, *kyc.Answer) {
	out := chip.Files{DataGroups: map[int][]byte{}}
	uploads := current(r.Uploads, "nfc")
	files, bad := bytesOf(ctx, d, r, uploads)
	if bad != nil {
		return out, bad
	}
	if len(files) == 0 {
		// A trust store that is missing is said first: nobody should read a chip
		// for nothing.
		if report := d.Chips.Verify(ctx, out, chip.Options{Now: r.Now}); report.Status == kyc.StatusNotConfigured {
			a := judgeChip(report, chipConfig{}, r)
			return out, &a
		}
		a := review("chip_missing", "the files of the chip were not sent")
		return out, &a
	}
	var seen []string
	for i, u := range uploads {
		side := strings.TrimPrefix(letters(u.Side), "EF")
		number, err := strconv.Atoi(strings.TrimPrefix(side, "DG"))
		switch {
		case slices.Contains(seen, side):
			a := review("chip_file_twice", "a file of the chip was sent twice")
			return out, &a
		case side == "SOD":
			out.SOD = files[i].Bytes
		case err == nil && strings.HasPrefix(side, "DG"):
			out.DataGroups[number] = files[i].Bytes
		case side == "COM": // says which files there are and is not signed
		default:
			a := review("chip_file_unknown", "a file is none of a chip's")
			return out, &a
		}
		seen = append(seen, side)
	}
	return out, nil
}

// printedFields is what was read from the photographed document.
func printedFields(r kyc.CheckRequest) []kyc.Field {
	p := onPaper(r)
	var out []kyc.Field
	for _, f := range []kyc.Field{{Name: "document_number", Value: p.number}, {Name: "date_of_birth", Value: p.born}, {Name: "issuing_country", Value: p.issuer},
		{Name: "nationality", Value: p.nationality}, {Name: "sex", Value: sexLetter(p.sex)}, {Name: "expiry_date", Value: factsOf(r.Extracted).find(expiryNames()...)}} {
		if f.Value != "" {
			out = append(out, f)
		}
	}
	return out
}

// expiryNames are the plain keys under which a date of expiry may stand.
func expiryNames() []string { return []string{"expirydate", "expirationdate", "dateofexpiry"} }

// judgeChip turns a report into an answer: what speaks against the files fails,
// what is in doubt is for a person.
func judgeChip(report chip.Report, c chipConfig, r kyc.CheckRequest) kyc.Answer {
	switch report.Status {
	case kyc.StatusOK:
	case kyc.StatusUnavailable:
		return unavailable("chip_check_stopped", "the chip could not be verified in time")
	default:
		a := kyc.Failed(report.Status, "trust_unusable", "no country signing certificates are usable here")
		if len(report.Reasons) > 0 {
			a.Reasons = report.Reasons
		}
		return a
	}
	a := judged(kyc.Pass, slices.Clone(report.Reasons)...)
	compareChip(&a, report, r)
	mismatches := []any{}
	for i, reason := range a.Reasons {
		if reason.Code == "document_expired" && c.OnExpired != "note" {
			a.Reasons[i].Severity = map[string]string{"review": warning}[c.OnExpired]
			if a.Reasons[i].Severity == "" {
				a.Reasons[i].Severity = critical
			}
		}
		switch a.Reasons[i].Severity {
		case critical:
			a.Verdict = worse(a.Verdict, kyc.Fail)
		case warning:
			a.Verdict = worse(a.Verdict, kyc.VerdictReview)
		}
		if strings.HasPrefix(reason.Code, "chip_") && strings.HasSuffix(reason.Code, "_differs") {
			mismatches = append(mismatches, strings.TrimSuffix(strings.TrimPrefix(reason.Code, "chip_"), "_differs"))
		}
	}
	if !report.Authentic { // whatever the reasons say
		a.Verdict = worse(a.Verdict, kyc.VerdictReview)
	}
	if a.Verdict != kyc.Fail && report.Authentic {
		a.Fields = slices.Clone(report.Fields)
	}
	a.Details = chipDetails(report, mismatches)
	return a
}

// compareChip holds the holder's name and birth against the printed document
// and the form.
func compareChip(a *kyc.Answer, report chip.Report, r kyc.CheckRequest) {
	if report.MRZ == nil {
		return
	}
	f := report.MRZ.Fields
	holder := person{first: f.GivenNames, last: f.Surname, born: f.DateOfBirth}
	say := func(severity, code, message string) {
		a.Reasons = append(a.Reasons, reason(severity, code, message))
	}
	form := onForm(r)
	if !slices.Contains(report.Compared, "document_number") && !slices.Contains(report.Compared, "date_of_birth") && (form.name() == "" || form.born == "") {
		say(warning, "chip_not_compared", "nothing is known of the applicant that the chip could be compared with")
	}
	for _, source := range []struct {
		person
		name, words string
	}{{onPaper(r), "document", "the printed document"}, {form, "form", "the form"}} {
		if source.person.name() != "" && holder.name() != "" {
			switch _, verdict := compareNames(source.person, holder, chipNameMin); verdict {
			case differs:
				say(critical, "chip_"+source.name+"_name_differs", "the name on the chip is not that of "+source.words)
			case near:
				say(warning, "chip_"+source.name+"_name_close", "the name on the chip is like that of "+source.words+", but not the same")
			}
		}
		// The number that was typed is that of the photographed document.
		if source.name == "form" && source.number != "" && f.Number != "" && letters(source.number) != letters(f.Number) && !ofAnotherDocument(report, r) {
			say(critical, "chip_form_number_differs", "the document number on the chip is not that of the form")
		}
		if source.name == "form" && source.born != "" && holder.born != "" && source.born != holder.born {
			say(critical, "chip_form_birth_date_differs", "the date of birth on the chip is not that of the form")
		}
	}
}

// chipNameMin is the likeness from which two names count as the same.
const chipNameMin = 0.92

func chipDetails(report chip.Report, mismatches []any) map[string]any {
	groups := []any{}
	for _, n := range report.Given {
		groups = append(groups, "DG"+strconv.Itoa(n))
	}
	compared := []any{}
	for _, f := range report.Compared {
		compared = append(compared, f)
	}
	out := map[string]any{"authentic": report.Authentic, "chip_authenticity": report.ChipAuthenticity, "data_groups": groups, "mismatches": mismatches,
		"compared": compared, "expired": report.Expired,
		"trust": map[string]any{"certificates": report.Trust.Certificates, "countries": len(report.Trust.Countries), "as_of": stamp(report.Trust.AsOf)}}
	if report.Signer != nil {
		out["signer"] = plainly(report.Signer)
	}
	if report.State != nil {
		out["country_signer"] = plainly(report.State)
	}
	if !report.IssuedOn.IsZero() {
		out["issued_on"] = report.IssuedOn.UTC().Format(time.DateOnly)
	}
	return out
}

// stamp writes a time; nil when there is none.
func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}
