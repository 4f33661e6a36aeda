package check

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"bonafide/aamva"
	"bonafide/document"
	"bonafide/kyc"
)

// documentKinds are the uploads that show the applicant's document.
var documentKinds = []string{"document_front", "document_back"}

type documentConfig struct {
	OnExpired      string `json:"on_expired"`
	OnMissingZone  string `json:"on_missing_zone"`
	OnWarning      string `json:"on_warning"`
	AcceptSpecimen bool   `json:"accept_specimen"`
}

func documentOCR(d Deps) Check {
	s := spec("document_ocr", "Document reading",
		"Reads the uploaded document: turns it upright, finds the machine-readable zone or the barcode of a US or Canadian licence, reads it, verifies every check digit after ICAO Doc 9303, holds zone, barcode and print against each other and looks for signs of forgery. Gives the fields that later checks use.",
		time.Minute)
	s.Identity = true
	s.Needs = []string{"document_front"}
	s.Provides = []string{"extracted.first_name", "extracted.last_name", "extracted.date_of_birth", "extracted.age", "extracted.sex",
		"extracted.nationality", "extracted.issuing_country", "extracted.document_type", "extracted.document_number", "extracted.expiry_date", "extracted.issue_date", "extracted.address",
		"details.mrz_found", "details.mrz_valid", "details.mrz_format", "details.check_digits", "details.repaired", "details.document_type",
		"details.issuing_country", "details.expired", "details.findings", "details.quality", "details.barcode_found", "details.barcode",
		"details.comparisons", "details.regions"}
	s.ConfigSchema = schema(`
"on_expired":{"type":"string","enum":["note","review","fail"],"default":"note","description":"What an expired document means here. note leaves the decision to document_expiration."},
"on_missing_zone":{"type":"string","enum":["review","fail"],"default":"review","description":"What it means when no machine-readable zone or barcode can be read. Where nothing that reads barcodes is installed, a person looks in any case."},
"on_warning":{"type":"string","enum":["review","note"],"default":"review","description":"What a doubt means that is no proof, such as a printed name that differs a little from the zone. A barcode without the front that confirms it is for a person in any case."},
"accept_specimen":{"type":"boolean","default":false,"description":"Let a specimen or a document of a fictional issuer pass. For demonstrations; each result says so."}`, "")
	return Check{Spec: s, Run: func(ctx context.Context, r kyc.CheckRequest) kyc.Answer { return readDocument(ctx, d, r) }}
}

func readDocument(ctx context.Context, d Deps, r kyc.CheckRequest) kyc.Answer {
	c := documentConfig{OnExpired: "note", OnMissingZone: "review", OnWarning: "review"}
	if err := decode(r.Config, &c); err != nil {
		return broken("config_invalid", "the check's config cannot be read")
	}
	if d.Documents == nil || d.Blobs == nil {
		return notConfigured("reader_not_configured", "no document reader is set up here")
	}
	// Further identity documents are additional_ids' question.
	files, bad := bytesOf(ctx, d, r, idUploads(r.Uploads, idPrimary))
	if bad != nil {
		return *bad
	}
	if len(files) == 0 {
		return review("document_missing", "there is no document to read")
	}
	reading, by, err := readAsOrdered(ctx, d, &r, files)
	var a kyc.Answer
	if err != nil {
		a = unread(err)
	} else {
		a = weigh(reading, c, r)
	}
	readBy(&a, by)
	return a
}

// load gets the bytes of the uploads in force; nil files mean that there are
// none, a non-nil answer that they cannot be had.
func load(ctx context.Context, d Deps, r kyc.CheckRequest, kinds ...string) ([]document.File, *kyc.Answer) {
	return bytesOf(ctx, d, r, current(r.Uploads, kinds...))
}

// unread explains why a document could not be read: the files are bad, or the
// tools are.
func unread(err *kyc.Error) kyc.Answer {
	switch err.Kind {
	case kyc.Invalid, kyc.TooLarge, kyc.UnsupportedMedia, kyc.Malformed:
		return failed(err.Code, "the document cannot be read: "+err.Message)
	case kyc.Unavailable:
		if strings.HasSuffix(err.Code, "_not_configured") {
			return notConfigured(err.Code, err.Message)
		}
		return unavailable(err.Code, err.Message)
	}
	if strings.HasPrefix(err.Code, "provider") { // package provider says in its own words why nobody answered
		return broken(err.Code, "the document was not read: "+err.Message)
	}
	return broken("reader_failed", "the document reader broke")
}

// weigh turns a reading into an answer.
func weigh(g document.Reading, c documentConfig, r kyc.CheckRequest) kyc.Answer {
	a := judged(kyc.Pass)
	a.Fields = slices.Clone(g.Fields)
	if g.Engine != "" {
		a.Version = houseVersion + " (" + g.Engine + ")"
	}
	value := func(name string) string {
		f, _ := g.Field(name)
		return f.Value
	}
	a.Details = map[string]any{
		"mrz_found": g.MRZ != nil, "mrz_valid": false, "repaired": false,
		"document_type": first(value("document_type"), string(g.Kind)), "issuing_country": value("issuing_country"),
		"pages":   len(g.Pages),
		"quality": map[string]any{"width": g.Quality.Width, "height": g.Quality.Height, "blur": g.Quality.Blur, "luma": g.Quality.Luma, "glare": g.Quality.Glare},
	}
	say := func(v kyc.Verdict, severity, code, message string) {
		a.Verdict = worse(a.Verdict, v)
		a.Reasons = append(a.Reasons, reason(severity, code, message))
	}
	licence, scanned := g.Licence()
	a.Details["barcode_found"] = scanned
	if scanned {
		a.Details["barcode"] = licenceDetails(licence)
	}
	a.Details["comparisons"], a.Details["regions"] = plainly(append([]document.Comparison{}, g.Comparisons...)), regionsOf(g)
	codes := []any{}
	for _, f := range g.Findings {
		codes = append(codes, f.Code)
		switch {
		case c.AcceptSpecimen && (f.Code == "specimen_document" || f.Code == "fictional_issuer"):
			f.Severity = warning
		case f.Severity == critical:
			a.Verdict = worse(a.Verdict, kyc.Fail)
		case f.Code == "front_missing" || f.Code == "front_not_compared":
			// No doubt to be noted: all that speaks is a code that anybody can print.
			a.Verdict = worse(a.Verdict, kyc.VerdictReview)
		case f.Severity == warning && c.OnWarning != "note":
			a.Verdict = worse(a.Verdict, kyc.VerdictReview)
		}
		a.Reasons = append(a.Reasons, f)
	}
	a.Details["findings"] = codes
	zone := kyc.VerdictReview
	unsought := g.Unsought(document.NoBarcodes)
	if c.OnMissingZone == "fail" && !unsought {
		zone = kyc.Fail
	}
	switch m := g.MRZ; {
	case m != nil:
		digits := map[string]any{}
		for name, good := range m.Checks {
			digits[name] = good
		}
		a.Details["check_digits"], a.Details["mrz_valid"], a.Details["mrz_format"], a.Details["repaired"] = digits, m.Valid, string(m.Format), m.Repaired
		if !m.Valid && !g.Has("mrz_check_digit_failed") {
			say(kyc.Fail, critical, "mrz_check_digit_failed", "at least one check digit of the machine-readable zone does not verify")
		}
		if m.Repaired && !g.Has("mrz_repaired") {
			a.Reasons = append(a.Reasons, reason(info, "mrz_repaired", fmt.Sprintf("%d look-alike characters of the zone were put right after reading", len(m.Repairs))))
		}
	case !scanned && unsought: // it may be a licence, which this machine cannot read
		say(zone, warning, "barcodes_not_configured", "no machine-readable zone can be read on the document, and nothing that reads barcodes is installed here (bonafide doctor)")
	case !scanned:
		say(zone, warning, "zone_not_found", "no machine-readable zone and no barcode of a licence can be read on the document")
	}
	if value("last_name") == "" && value("full_name") == "" {
		say(zone, warning, "name_not_read", "no name can be read on the document")
	}
	if value("document_number") == "" {
		say(zone, warning, "number_not_read", "no document number can be read on the document")
	}
	if born, ok := parseDate(value("date_of_birth")); ok && !born.After(r.Now) {
		a.Details["age"] = ageOn(born, today(r.Now))
	} else {
		say(kyc.VerdictReview, warning, "birth_date_not_read", "no possible date of birth can be read on the document")
	}
	if ends, ok := parseDate(value("expiry_date")); ok {
		expired := today(r.Now).After(ends)
		a.Details["expired"] = expired
		if expired {
			v := map[string]kyc.Verdict{"note": kyc.Pass, "review": kyc.VerdictReview}[c.OnExpired]
			if v == "" {
				v = kyc.Fail
			}
			say(v, warning, "document_expired", "the document expired "+strconv.Itoa(int(today(r.Now).Sub(ends).Hours()/24))+" days ago")
		}
	}
	if a.Verdict == kyc.Pass && !slices.ContainsFunc(a.Reasons, func(r kyc.Reason) bool { return r.Severity != info }) && g.Verified() {
		message := "the document was read and every check digit verifies"
		if g.MRZ == nil {
			message = "the barcode of the document was read"
		}
		a.Reasons = append(a.Reasons, reason(info, "document_read", message))
	}
	return a
}

// licenceDetails are what rules may ask of a licence beyond the fields.
func licenceDetails(l aamva.Licence) map[string]any {
	out := map[string]any{"standard": "AAMVA", "version": l.Version, "issuer": l.IIN, "issuer_region": l.Issuer.Region, "kind": l.Kind,
		"limited_duration": l.LimitedDuration, "name_truncated": l.FamilyTruncated || l.FirstTruncated || l.MiddleTruncated}
	for key, value := range map[string]string{"real_id": l.RealID, "under_18_until": l.Under18Until, "under_19_until": l.Under19Until, "under_21_until": l.Under21Until,
		"class": l.Class} {
		if value != "" {
			out[key] = value
		}
	}
	return out
}

// regionsOf says where each field stands, for later checks that name it.
func regionsOf(g document.Reading) map[string]any {
	out := map[string]any{}
	for _, f := range g.Fields {
		if f.Region != nil {
			out[f.Name] = plainly(f.Region)
		}
	}
	return out
}
