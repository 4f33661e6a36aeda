package check

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"bonafide/document"
	"bonafide/kyc"
)

// finding is one thing found on a document, for the record and the rules.
type finding struct {
	Code     string `json:"code"`
	Severity string `json:"severity"`
	Message  string `json:"message"`
	// Status is what the finding makes of the document: valid (a remark),
	// review, invalid or unreadable.
	Status string `json:"status,omitempty"`
}

// named reports whether a condition of api.md 3.6.7 stands for the finding, so
// that a document rule can have seen it.
func (f finding) named() bool {
	switch f.Code {
	case "document_expired", "low_quality", "extraction_failed", "text_not_readable", "type_mismatch", "mrz_check_digit_failed", "document_tampered",
		"validation_max_age_days", "validation_name_matches_field", "validation_mrz_checksum":
		return true
	}
	return f.Status == paperUnreadable || slices.Contains(forgery(), f.Code)
}

// unnamed reports whether the document is not valid for a reason that no rule
// can name.
func (p *paper) unnamed() bool {
	return slices.ContainsFunc(p.Findings, func(f finding) bool { return f.Status != "" && f.Status != paperValid && !f.named() })
}

// paper is one row of document_set's details. Conditions are the conditions of
// api.md 3.6.7 that are the case, Unknown those that could not be judged;
// conditions that make no sense for the document are in neither. Checked and
// NotChecked say honestly what was looked at.
type paper struct {
	DocID         string         `json:"doc_id"` // the upload, of two sides the front
	Files         []string       `json:"files"`
	StepID        string         `json:"step_id,omitempty"`
	DocumentType  string         `json:"document_type"` // as asked for
	EntityRole    string         `json:"entity_role"`
	Required      bool           `json:"required"`
	Own           bool           `json:"own"`
	Status        string         `json:"status"`
	Findings      []finding      `json:"findings"`
	Conditions    []string       `json:"conditions"`
	Unknown       []string       `json:"unknown"`
	Checked       []string       `json:"checked"`
	NotChecked    []string       `json:"not_checked"`
	TypeDetected  string         `json:"type_detected,omitempty"`
	Country       string         `json:"country,omitempty"` // ISO 3166-1 alpha-2, the issuer
	Nationality   string         `json:"nationality,omitempty"`
	Expired       *bool          `json:"expired,omitempty"`
	ExpiresInDays *int           `json:"expires_in_days,omitempty"`
	AgeDays       *int           `json:"age_days,omitempty"`
	MRZFound      bool           `json:"mrz_found"`
	MRZValid      *bool          `json:"mrz_valid,omitempty"`
	Tampering     bool           `json:"tampering"`
	Pages         int            `json:"pages"`
	Quality       map[string]any `json:"quality,omitempty"`
	TextFound     bool           `json:"text_found"`
	// TextByOCR is set where the text was read in a picture, so that what is
	// missing in it means little.
	TextByOCR bool `json:"text_by_ocr,omitempty"`
	// FieldsFound are the form's fields whose answers stand in the text.
	FieldsFound []string `json:"fields_found"`
}

func (p *paper) identify(req requirement, files []kyc.Upload) {
	p.DocID, p.StepID, p.DocumentType = string(files[0].ID), first(req.StepID, files[0].StepID), standardType(req.DocumentType)
	p.EntityRole, p.Required, p.Own = first(req.Role, roleIndividual), req.Required, req.Own
	p.Files = nil
	for _, u := range files {
		p.Files = append(p.Files, string(u.ID))
	}
	for _, list := range []*[]string{&p.Conditions, &p.Unknown, &p.Checked, &p.NotChecked, &p.FieldsFound} {
		if *list == nil {
			*list = []string{}
		}
	}
	if p.Findings == nil {
		p.Findings = []finding{}
	}
}

// find records a finding and what it makes of the document.
func (p *paper) find(status, severity, code, message string) {
	p.Findings = append(p.Findings, finding{code, severity, message, status})
	p.Status = worsePaper(p.Status, status)
}

func (p *paper) condition(name string) {
	if !slices.Contains(p.Conditions, name) {
		p.Conditions = append(p.Conditions, name)
	}
}

func (p *paper) unknown(names ...string) {
	for _, name := range names {
		if !slices.Contains(p.Unknown, name) {
			p.Unknown = append(p.Unknown, name)
		}
	}
}

func worsePaper(a, b string) string {
	rank := []string{"", paperValid, paperReview, paperInvalid, paperUnreadable}
	if slices.Index(rank, b) > slices.Index(rank, a) {
		return b
	}
	return a
}

// identityType reports whether a type is a person's identity document.
func identityType(kind string) bool { return kind == "id" || kind == "passport" }

// readPaper reads one document with the real reader.
func readPaper(ctx context.Context, d Deps, r kyc.CheckRequest, req requirement, c documentSetConfig, uploads []kyc.Upload) (paper, *entity, *kyc.Answer) {
	files, bad := bytesOf(ctx, d, r, uploads)
	if bad != nil {
		return paper{}, nil, bad
	}
	g, err := d.Documents.Read(ctx, files, r.Now)
	if err != nil {
		a := unread(err)
		if a.Status != kyc.StatusOK {
			return paper{}, nil, &a
		}
		p := paper{Checked: []string{"opened"}, NotChecked: []string{"content"}}
		p.find(paperUnreadable, critical, err.Code, "the file cannot be read: "+err.Message)
		p.condition("extraction_failed")
		p.unknown("expired", "expires_within_days", "tampering_suspected", "mrz_invalid", "low_quality", "country_mismatch", "name_mismatch",
			"dob_mismatch", "address_mismatch", "older_than_days", "type_mismatch")
		if req.AutoExtract && identityType(standardType(req.DocumentType)) {
			return p, &entity{}, nil // somebody is on it, and nobody knows who
		}
		return p, nil, nil
	}
	p := paper{Status: paperValid, Pages: len(g.Pages), Checked: []string{"opened", "editing_traces"}}
	if standardType(req.DocumentType) == "proof_of_address" && textOn(g).empty() {
		if bad := p.readPrint(ctx, d, files, &g); bad != nil {
			return paper{}, nil, bad
		}
	}
	var e *entity
	p.judgeQuality(g)
	if kind := standardType(req.DocumentType); identityType(kind) {
		e = p.judgeIdentity(g, kind, r)
		if req.Own {
			p.compareForm(e, r, c.Fields)
		}
	} else {
		p.judgeText(g, kind, req, r)
	}
	p.judgeFindings(g, c)
	facts := paperFacts{text: textOn(g), width: g.Quality.Width, height: g.Quality.Height, uploads: uploads, fields: r.Fields}
	if e != nil {
		facts.name = e.Name
	}
	p.validate(req.Validations, facts)
	if !req.AutoExtract && !req.Own {
		e = nil // nobody asked whom it names
	}
	return p, e, nil
}

// Below these a picture is hard to read (document.Quality). They judge only
// what no machine-readable zone and no text prove to be legible.
const (
	minBlur = 60.0
	minLuma = 40.0
	minSide = 480
)

func (p *paper) judgeQuality(g document.Reading) {
	q := g.Quality
	p.Quality = map[string]any{"width": q.Width, "height": q.Height, "blur": q.Blur, "luma": q.Luma, "glare": q.Glare}
	p.TextFound = !textOn(g).empty()
	p.Checked = append(p.Checked, "quality_of_first_page")
	if p.TextFound {
		return // born digital: what carries its text is not a picture to judge
	}
	if q.Blur < minBlur || q.Luma < minLuma || max(q.Width, q.Height) < minSide {
		p.condition("low_quality")
		status := paperReview
		if g.MRZ != nil && g.MRZ.Valid {
			status = paperValid // its check digits prove that it could be read
		}
		p.find(status, warning, "low_quality", "the picture is blurred, dark or small")
	}
}

// forgery are the findings of the reader that speak of a changed or invented
// document.
func forgery() []string {
	return []string{"editing_software", "name_unconfirmed", "number_unconfirmed", "specimen_document", "fictional_issuer", "impossible_date_of_birth",
		"impossible_expiry", "mrz_check_digit_failed", "mrz_implausible"}
}

func (p *paper) judgeFindings(g document.Reading, c documentSetConfig) {
	for _, f := range g.Findings {
		accepted := c.AcceptSpecimen && (f.Code == "specimen_document" || f.Code == "fictional_issuer")
		status := paperValid
		switch {
		case accepted:
			f.Severity = warning
		case f.Severity == critical:
			status = paperInvalid
		case f.Severity == warning:
			status = paperReview
		}
		if f.Severity != info && !accepted && slices.Contains(forgery(), f.Code) {
			p.Tampering = true
			p.condition("tampering_suspected")
		}
		p.find(status, f.Severity, f.Code, f.Message)
	}
}

// judgeIdentity judges what an identity document says of itself.
func (p *paper) judgeIdentity(g document.Reading, kind string, r kyc.CheckRequest) *entity {
	value := func(name string) string {
		f, _ := g.Field(name)
		return f.Value
	}
	licence, scanned := g.Licence()
	if g.MRZ != nil || !scanned {
		p.Checked = append(p.Checked, "machine_readable_zone")
	}
	if scanned {
		p.Checked = append(p.Checked, "barcode")
	}
	if g.Unsought(document.NoBarcodes) {
		p.NotChecked = append(p.NotChecked, "barcode")
	}
	p.NotChecked = append(p.NotChecked, "security_features", "issuer_records")
	e := &entity{Given: value("first_name"), Family: value("last_name"), Name: first(value("full_name"), strings.TrimSpace(value("first_name")+" "+value("last_name"))),
		DateOfBirth: value("date_of_birth"), Nationality: value("nationality"), IssuingCountry: value("issuing_country"), DocumentNumber: value("document_number")}
	p.TypeDetected, p.Country, p.Nationality = first(value("document_type"), string(g.Kind)), e.IssuingCountry, e.Nationality
	e.Regions, e.NameCut = regionsOf(g), g.Has("name_truncated")
	p.MRZFound = g.MRZ != nil
	switch {
	case g.MRZ == nil && scanned:
		p.TypeDetected = first(p.TypeDetected, licence.Kind) // licences carry no zone
	case g.MRZ == nil:
		p.unknown("mrz_invalid")
		p.find(paperReview, warning, "zone_not_found", "no machine-readable zone can be read, so nothing on it is verified")
	default:
		p.Checked = append(p.Checked, "check_digits")
		valid := g.MRZ.Valid
		p.MRZValid = &valid
		if !valid {
			p.condition("mrz_invalid")
			if !g.Has("mrz_check_digit_failed") {
				p.find(paperInvalid, critical, "mrz_check_digit_failed", "at least one check digit of the machine-readable zone does not verify")
			}
		}
	}
	born, bornKnown := parseDate(e.DateOfBirth)
	if e.Name == "" || e.DocumentNumber == "" || !bornKnown || born.After(r.Now) {
		p.condition("extraction_failed")
		p.find(paperReview, warning, "extraction_failed", "name, number or date of birth cannot be read")
	}
	if ends, ok := parseDate(value("expiry_date")); ok {
		left := int(ends.Sub(today(r.Now)).Hours() / 24)
		expired := left < 0
		p.Expired, p.ExpiresInDays = &expired, &left
		if expired {
			p.condition("expired")
			p.find(paperInvalid, critical, "document_expired", fmt.Sprintf("it expired %d days ago", -left))
		}
	} else {
		p.unknown("expired", "expires_within_days")
		p.find(paperReview, warning, "expiry_not_read", "no date of expiry can be read")
	}
	if issued, ok := parseDate(value("issue_date")); ok && !issued.After(r.Now) {
		age := int(today(r.Now).Sub(issued).Hours() / 24)
		p.AgeDays = &age
	}
	switch {
	case p.TypeDetected == "" || p.TypeDetected == string(document.Unknown):
		p.unknown("type_mismatch")
	case kind == "passport" && p.TypeDetected != "passport", kind == "id" && p.TypeDetected == "visa":
		p.condition("type_mismatch")
		p.find(paperInvalid, critical, "type_mismatch", "it is another kind of document than the one asked for")
	}
	return e
}

// compareForm records where the applicant's own document and the form
// disagree. Whether that matters is cross_validation's question, so the status
// stays.
func (p *paper) compareForm(e *entity, r kyc.CheckRequest, fields *crossFields) {
	own := e.person()
	form := answersOf(r, crossConfig{Fields: fields}, fields == nil)
	differs := func(condition string, value func(person) string, equal func(x, y string) bool) {
		asked, agrees := false, false
		for _, w := range form {
			if y := value(w.person); y != "" && value(own) != "" {
				asked, agrees = true, agrees || equal(value(own), y)
			}
		}
		if asked && !agrees {
			p.condition(condition)
		}
	}
	differs("name_mismatch", person.name, func(x, y string) bool { return nameLikeness(x, y) >= crossNameMin })
	differs("dob_mismatch", func(q person) string { return q.born }, func(x, y string) bool { return x == y })
	differs("country_mismatch", func(q person) string { return q.nationality }, func(x, y string) bool { return letters(x) == letters(y) })
}

// readPrint reads a picture of a proof of address by OCR. Where there is none
// the paper stays without text, which judgeText says; a non-nil answer means
// that it may be had later.
func (p *paper) readPrint(ctx context.Context, d Deps, files []document.File, g *document.Reading) *kyc.Answer {
	printer, ok := d.Documents.(Printer)
	if !ok || len(g.Pages) == 0 {
		return nil
	}
	text, err := printer.Print(ctx, files)
	if err != nil {
		if a := unread(err); a.Transient {
			return &a
		}
		return nil
	}
	g.Pages[0].Text, p.TextByOCR = text.Text, text.Source != "pdf"
	return nil
}

// judgeText judges a paper without a machine-readable zone by its text.
func (p *paper) judgeText(g document.Reading, kind string, req requirement, r kyc.CheckRequest) {
	p.NotChecked = append(p.NotChecked, "issuer", "authenticity")
	if kind == "selfie" {
		p.NotChecked = append(p.NotChecked, "face")
		return
	}
	text := textOn(g)
	if text.empty() {
		p.NotChecked = append(p.NotChecked, "content")
		p.unknown("older_than_days", "name_mismatch", "address_mismatch")
		if req.AutoExtract || kind == "proof_of_address" {
			p.condition("extraction_failed")
			p.find(paperReview, warning, "text_not_readable", "it is a picture, and reading whole pages is not set up here")
			return
		}
		p.find(paperValid, warning, "content_not_checked", "it could be opened; nobody has looked at what it says")
		return
	}
	p.Checked = append(p.Checked, "text")
	p.NotChecked = append(p.NotChecked, "named_parties")
	p.FieldsFound = text.answersOf(r.Fields)
	if day, ok := newestDate(text.raw, today(r.Now)); ok {
		age := int(today(r.Now).Sub(day) / (24 * time.Hour))
		p.AgeDays = &age
	} else {
		p.unknown("older_than_days")
	}
}

// bytesOf gets the bytes of certain uploads.
func bytesOf(ctx context.Context, d Deps, r kyc.CheckRequest, uploads []kyc.Upload) ([]document.File, *kyc.Answer) {
	var files []document.File
	for _, u := range uploads {
		data, err := d.Blobs.Blob(ctx, r.Tenant, r.SubjectID, u.BlobKey)
		switch {
		case err == nil:
			files = append(files, document.File{Name: u.Kind, Kind: u.Kind, Upload: u.ID, Bytes: data})
		case kyc.KindOf(err) == kyc.NotFound:
			a := broken("upload_gone", "an uploaded file is not there any more")
			return nil, &a
		default:
			a := unavailable("upload_unreadable", "an uploaded file cannot be read now")
			return nil, &a
		}
	}
	return files, nil
}
