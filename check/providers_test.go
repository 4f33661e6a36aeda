package check

import (
	"context"
	"image"
	"slices"
	"testing"

	"bonafide/document"
	"bonafide/face"
	"bonafide/kyc"
)

// papers are providers that read documents.
type papers struct {
	reading document.IDReading
	err     *kyc.Error
	pages   int
	local   *kyc.Error // what they were told
	asked   int
}

func (p *papers) ReadID(_ context.Context, _ *kyc.CheckRequest, pages []image.Image, local *kyc.Error) (document.IDReading, *kyc.Error) {
	p.asked++
	p.pages, p.local = len(pages), local
	return p.reading, p.err
}

// TestDocumentsReadByOrder asks document_ocr with an order of providers.
func TestDocumentsReadByOrder(t *testing.T) {
	t.Parallel()
	field := func(name, value string) kyc.Field {
		return kyc.Field{Name: name, Value: value, Source: "aws_textract", Confidence: 0.97}
	}
	agreeing := document.IDReading{Provider: "aws_textract", Model: "AnalyzeID 1.0", Fields: []kyc.Field{field("first_name", "Anna"), field("last_name", "Müller"),
		field("date_of_birth", "1990-05-17"), field("document_number", "C01X00T99"), field("issue_date", "2020-01-02")}}
	differing := func(name, value string) document.IDReading {
		g := agreeing
		g.Fields = append(slices.DeleteFunc(slices.Clone(g.Fields), func(f kyc.Field) bool { return f.Name == name }), field(name, value))
		return g
	}
	const theirs, specimen = "P<D<<MUELLER<<ANNA<<<<<<<<<<<<<<<<<<<<<<<<<<C01X00T995D<<9005178F3001019<<<<<<<<<<<<<<<2", "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
	zoned := func(line string, valid bool) document.IDReading {
		m, err := document.ZoneOf(line, now)
		if err != nil {
			t.Fatal(err)
		}
		if m.Valid = m.Valid && valid; m.Valid != valid {
			t.Fatalf("the zone of the test does not verify: %v", m.Checks)
		}
		g := agreeing
		g.Zone = &m
		return g
	}
	noOCR := kyc.Errorf(kyc.Unavailable, "ocr_not_configured", "there is no OCR program")
	for name, c := range map[string]struct {
		order   []string
		give    document.IDReading
		err     *kyc.Error
		readErr *kyc.Error
		noZone  bool
		status  kyc.AnswerStatus
		verdict kyc.Verdict
		reason  string
		asked   int
	}{
		"local alone by default":             {nil, agreeing, nil, nil, false, kyc.StatusOK, kyc.Pass, "document_read", 0},
		"local first and able":               {[]string{"local", "aws_textract"}, agreeing, nil, nil, false, kyc.StatusOK, kyc.Pass, "document_read", 0},
		"the provider agrees":                {[]string{"aws_textract", "local"}, agreeing, nil, nil, false, kyc.StatusOK, kyc.Pass, "document_read", 1},
		"another number":                     {[]string{"aws_textract"}, differing("document_number", "C01X00T98"), nil, nil, false, kyc.StatusOK, kyc.VerdictReview, "provider_differs", 1},
		"another birth date":                 {[]string{"aws_textract"}, differing("date_of_birth", "1991-05-17"), nil, nil, false, kyc.StatusOK, kyc.VerdictReview, "provider_differs", 1},
		"another name":                       {[]string{"aws_textract"}, differing("last_name", "Mueler"), nil, nil, false, kyc.StatusOK, kyc.VerdictReview, "provider_differs", 1},
		"a fallback to local":                {[]string{"aws_textract", "local"}, document.IDReading{Provider: "local", Tried: []kyc.Tried{{Provider: "aws_textract", Code: "provider_throttled", Message: "m"}}}, nil, nil, false, kyc.StatusOK, kyc.Pass, "provider_did_not_answer", 1},
		"the provider fails":                 {[]string{"aws_textract"}, document.IDReading{}, kyc.Errorf(kyc.Unavailable, "provider_timeout", "late"), nil, false, kyc.StatusUnavailable, "", "provider_timeout", 1},
		"the provider talks garbage":         {[]string{"aws_textract"}, document.IDReading{}, kyc.Errorf(kyc.Internal, "provider_answer_invalid", "garbage"), nil, false, kyc.StatusError, "", "provider_answer_invalid", 1},
		"nobody answers for good":            {[]string{"aws_textract", "http"}, document.IDReading{}, kyc.Errorf(kyc.Internal, "providers_failed", "nobody"), nil, false, kyc.StatusError, "", "providers_failed", 1},
		"nobody is set up":                   {[]string{"aws_textract"}, document.IDReading{}, kyc.Errorf(kyc.Unavailable, "aws_textract_not_configured", "no"), nil, false, kyc.StatusNotConfigured, "", "aws_textract_not_configured", 1},
		"local first and not there":          {[]string{"local", "aws_textract"}, zoned(theirs, true), nil, noOCR, false, kyc.StatusOK, kyc.VerdictReview, "local_reading_failed", 1},
		"local alone and not there":          {nil, agreeing, nil, noOCR, false, kyc.StatusNotConfigured, "", "ocr_not_configured", 0},
		"a file at fault":                    {[]string{"aws_textract"}, agreeing, nil, kyc.Errorf(kyc.Invalid, "image_malformed", "no picture"), false, kyc.StatusOK, kyc.Fail, "image_malformed", 0},
		"no zone but the provider's":         {[]string{"aws_textract"}, zoned(theirs, true), nil, nil, true, kyc.StatusOK, kyc.Pass, "document_read", 1},
		"no zone but a specimen's":           {[]string{"aws_textract"}, zoned(specimen, true), nil, nil, true, kyc.StatusOK, kyc.Fail, "specimen_document", 1},
		"no zone and a misread one":          {[]string{"aws_textract"}, zoned(theirs, false), nil, nil, true, kyc.StatusOK, kyc.VerdictReview, "provider_zone_unverified", 1},
		"no zone at all is never a pass":     {[]string{"aws_textract"}, agreeing, nil, nil, true, kyc.StatusOK, kyc.VerdictReview, "zone_not_found", 1},
		"a zone that differs and verifies":   {[]string{"aws_textract"}, zoned(theirs, true), nil, nil, false, kyc.StatusOK, kyc.VerdictReview, "provider_zone_differs", 1},
		"a zone of the provider's is no way": {[]string{"aws_textract"}, zoned(theirs, false), nil, nil, false, kyc.StatusOK, kyc.Pass, "document_read", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := goodHouse()
			h.readErr = c.readErr
			if c.noZone {
				h.reading.MRZ, h.reading.Fields = nil, nil
			}
			p := &papers{reading: c.give, err: c.err}
			d := h.deps()
			d.IDs = p
			r := request("document_ocr")
			r.Settings.Providers.DocumentOCR = c.order
			a := documentOCR(d).Run(t.Context(), r)
			if a.Status != c.status || a.Verdict != c.verdict || !slices.ContainsFunc(a.Reasons, func(x kyc.Reason) bool { return x.Code == c.reason }) {
				t.Errorf("%s %s %+v", a.Status, a.Verdict, a.Reasons)
			}
			if p.asked != c.asked || p.asked > 0 && (p.pages == 0 || (p.local == nil) != (c.readErr == nil)) {
				t.Errorf("asked %d times, with %d pages, told %v", p.asked, p.pages, p.local)
			}
			if a.Status == kyc.StatusOK && p.asked > 0 && c.give.Provider == "aws_textract" {
				if a.Provider != "aws_textract" || a.Details["model"] != "AnalyzeID 1.0" {
					t.Errorf("who read it is not told: %s %v", a.Provider, a.Details)
				}
				for _, f := range a.Fields {
					if f.Name == "issue_date" && f.Source != "aws_textract" || f.Name == "document_number" && !c.noZone && c.readErr == nil && f.Source == "aws_textract" {
						t.Errorf("%+v", f)
					}
				}
			}
		})
	}
}

// TestADocumentNobodyMayReadIsNoPass orders a provider where none is wired.
func TestADocumentNobodyMayReadIsNoPass(t *testing.T) {
	t.Parallel()
	r := request("document_ocr")
	r.Settings.Providers.DocumentOCR = []string{"aws_textract", "local"}
	if a := documentOCR(goodHouse().deps()).Run(t.Context(), r); a.Status != kyc.StatusNotConfigured {
		t.Errorf("%+v", a)
	}
}

// TestAnOrderIsPartOfTheQuestion keeps answers of one provider from standing
// for another's.
func TestAnOrderIsPartOfTheQuestion(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{"face_match", "age_estimation", "document_ocr"} {
		r := request(policy)
		for i := range r.Uploads {
			r.Uploads[i].SHA256 = "ab"
		}
		set := func(order ...string) *kyc.CheckRequest {
			q := r
			q.Settings.Providers = kyc.ProviderSettings{FaceMatch: order, AgeEstimation: order, DocumentOCR: order}
			return &q
		}
		plain, local, cloud := InputHash(r, nil), InputHash(*set("local"), nil), InputHash(*set("http", "local"), nil)
		elsewhere := set("http", "local")
		elsewhere.Settings.Providers.HTTP.URL = "https://faces.example"
		if plain == "" || plain != local || plain == cloud || cloud == InputHash(*elsewhere, nil) {
			t.Errorf("%s: %s %s %s", policy, plain, local, cloud)
		}
	}
}

// TestWhoWasAskedInVain shows in the answers of the checks with faces.
func TestWhoWasAskedInVain(t *testing.T) {
	t.Parallel()
	a := kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass}
	made(&a, face.Made{Provider: "local", Model: "m", Tried: []kyc.Tried{{Provider: "aws_rekognition", Code: "provider_throttled", Message: "AWS asks for fewer questions"}}})
	tried, _ := a.Details["providers_tried"].([]any)
	if len(tried) != 1 || tried[0].(map[string]any)["code"] != "provider_throttled" || len(a.Reasons) != 1 || a.Reasons[0].Code != "provider_did_not_answer" {
		t.Errorf("%+v", a)
	}
}
