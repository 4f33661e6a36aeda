package check

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"bonafide/document"
	"bonafide/kyc"
)

const licencePayload = "@\n\x1e\rANSI 636026100002DL00410200ZA02410020DLDAQD12345678\nDCSQUILLFEATHER\nDACZOLTAN\nDADXERXES\nDBB02291996\nDBD03012020\nDBA02292028\nDBC1\nDAG1 TEST AVE\nDAIPHOENIX\nDAJAZ\nDAK850010000  \nDCGUSA\nDDAF\nDDJ02282017\r"

// licenceReading is what the reader gives for the back of a licence.
func licenceReading() document.Reading {
	at := &kyc.Region{X: 0.1, Y: 0.5, W: 0.8, H: 0.3}
	g := document.Reading{Kind: document.DrivingLicence, Pages: []document.Page{{}, {}},
		Barcodes: []document.Barcode{{Format: "PDF417", Text: licencePayload, Region: at}}}
	for _, f := range [][2]string{{"document_type", "driving_licence"}, {"first_name", "ZOLTAN XERXES"}, {"last_name", "QUILLFEATHER"}, {"full_name", "ZOLTAN XERXES QUILLFEATHER"},
		{"date_of_birth", "1996-02-29"}, {"issuing_country", "US"}, {"document_number", "D12345678"}, {"expiry_date", "2028-02-29"}, {"issue_date", "2020-03-01"}} {
		g.Fields = append(g.Fields, kyc.Field{Name: f[0], Value: f[1], Source: "barcode", Region: at, Confidence: 0.98})
	}
	return g
}

func TestLicenceIsADocument(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change  func(*document.Reading)
		verdict kyc.Verdict
		code    string
	}{
		"good": {func(*document.Reading) {}, kyc.Pass, "document_read"},
		"no front": {func(g *document.Reading) {
			g.Findings = []kyc.Reason{{Code: "front_missing", Severity: warning}}
		}, kyc.VerdictReview, "front_missing"},
		"front not to be read": {func(g *document.Reading) {
			g.Findings = []kyc.Reason{{Code: "front_not_compared", Severity: warning}}
		}, kyc.VerdictReview, "front_not_compared"},
		"front differs": {func(g *document.Reading) {
			g.Findings = []kyc.Reason{{Code: "front_name_differs", Severity: warning}}
		}, kyc.VerdictReview, "front_name_differs"},
		"another code": {func(g *document.Reading) { g.Barcodes[0].Text = "https://example.org" }, kyc.VerdictReview, "zone_not_found"},
		"a QR code":    {func(g *document.Reading) { g.Barcodes[0].Format = "QRCode" }, kyc.VerdictReview, "zone_not_found"},
		"a bad order": {func(g *document.Reading) {
			g.Findings = []kyc.Reason{{Code: "licence_dates_out_of_order", Severity: critical}}
		}, kyc.Fail, ""},
	} {
		g := licenceReading()
		c.change(&g)
		a, _ := askedIn(t, "document_ocr", "", func(h *house, r *kyc.CheckRequest) { h.reading = g })
		if a.Verdict != c.verdict || c.code != "" && !codes(a)[c.code] {
			t.Errorf("%s: %s %+v", name, a.Verdict, a.Reasons)
		}
		if name == "good" {
			barcode, _ := a.Details["barcode"].(map[string]any)
			regions, _ := a.Details["regions"].(map[string]any)
			if barcode["real_id"] != "full" || barcode["under_21_until"] != "2017-02-28" || a.Details["barcode_found"] != true || regions["date_of_birth"] == nil || a.Details["mrz_found"] != false {
				t.Errorf("%+v", a.Details)
			}
		}
	}
	// A barcode without its front is for a person in each check that reads it,
	// also where doubts are only noted and where no score is high enough.
	alone := func(h *house, r *kyc.CheckRequest) {
		h.reading = licenceReading()
		h.reading.Findings = []kyc.Reason{{Code: "front_missing", Severity: warning, Message: "x"}}
		h.second = h.reading
	}
	for policy, config := range map[string]string{"document_ocr": `{"on_warning":"note"}`, "document_fraud": `{"review_from":95,"fail_from":99}`, "additional_ids": `{"secondary":true}`,
		"document_set": `{"requirements":[{"document_type":"id","required":true}]}`} {
		a, _ := askedIn(t, policy, config, alone)
		if a.Status != kyc.StatusOK || a.Verdict == kyc.Pass || !codes(a)["front_missing"] && !codes(a)["secondary_id_front_missing"] {
			t.Errorf("%s: %s %s %+v", policy, a.Status, a.Verdict, a.Reasons)
		}
	}
	if a, _ := askedIn(t, "document_fraud", "", alone); a.Verdict != kyc.VerdictReview && a.Verdict != kyc.Fail || *a.Score < 60 {
		t.Errorf("a barcode alone has a low score: %+v", a)
	}
	// What cannot be read is said with what to do about the picture.
	blurred := func(h *house, _ *kyc.CheckRequest) {
		h.reading = document.Reading{Verdicts: []document.Verdict{{Code: "picture_blurred", Message: "Hold the camera still."}}}
		h.second = h.reading
	}
	for policy, config := range map[string]string{"document_fraud": "", "additional_ids": `{"secondary":true}`} {
		if a, _ := askedIn(t, policy, config, blurred); !slices.ContainsFunc(a.Reasons, func(r kyc.Reason) bool { return strings.Contains(r.Message, "Hold the camera still") }) {
			t.Errorf("%s: %+v", policy, a.Reasons)
		}
	}
	// The other checks that read documents take a licence, too.
	p := idPaper{which: idSecondary, reading: licenceReading()}
	if p.unreadable() || p.holder().born != "1996-02-29" {
		t.Errorf("%+v", p.holder())
	}
	var sheet paper
	e := sheet.judgeIdentity(licenceReading(), "id", request("document_set"))
	if sheet.Status == paperReview || len(sheet.Findings) > 0 || !slices.Contains(sheet.Checked, "barcode") || slices.Contains(sheet.Checked, "machine_readable_zone") || e.Regions["date_of_birth"] == nil {
		t.Errorf("%+v", sheet)
	}
	sheet = paper{}
	sheet.judgeIdentity(licenceReading(), "passport", request("document_set"))
	if !slices.Contains(sheet.Conditions, "type_mismatch") {
		t.Errorf("a licence for a passport: %+v", sheet)
	}
}

// The spellings in which passports and their holders write Cyrillic names.
func TestEasternSpellings(t *testing.T) {
	t.Parallel()
	for pair, same := range map[string]bool{
		"Yuliya|IULIIA": true, "Yulia|IULIIA": true, "Юлия|IULIIA": true, "Yelena Sergeyevna|ELENA SERGEEVNA": true, "Aleksey|ALEKSEI": true, "Dmitry|DMITRII": true,
		"Natalya|NATALIIA": true, "Yevgeniy|EVGENII": true, "Alexander|ALEKSANDR": true, "Andriy|ANDRII": true, "Mikhail|MIHAIL": true, "Mariya|MARIIA": true,
		"Julia|IULIIA": true, "Anna|IULIIA": false, "Yuliya|YURII": false, "Li|LY": false, "Elena|ALINA": false, "Oleg|OLGA": false, "Marina|MARIIA": false,
	} {
		a, b, _ := strings.Cut(pair, "|")
		if got := nameLikeness(a, b); (got >= crossNameMin) != same {
			t.Errorf("%s: %.3f", pair, got)
		}
	}
}

func TestShortenedNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		whole, short string
		same         bool
	}{
		{"Nilavadhanananda Chayapa Dejthamrong Krasuang", "NILAVADHANANANDA CHAYAPA DEJTHAMRONG K", true},
		{"Maria Fernanda Papandropoulous Konstantinidou", "MARIA PAPANDROPOULOUS KONST", true},
		{"Maria Fernanda Papandropoulous", "MARIA F PAPANDRO", true},
		{"Maria Fernanda Papandropoulous", "MARIA F QUILLFEATHER", false},
		{"Maria Fernanda Papandropoulous", "M F P", false},
		{"Bela Kiss", "BELA KISS NAGY", true}, {"Anna Wu", "ANNA KOVACS", false},
	} {
		if got := cutLikeness(c.whole, c.short); (got >= crossNameMin) != c.same {
			t.Errorf("%s, %s: %.3f", c.whole, c.short, got)
		}
	}
	// Only a document that says so itself is taken as shortened.
	for cut, want := range map[bool]kyc.Verdict{true: kyc.Pass, false: kyc.Fail} {
		r := request("identity_crossref")
		r.Fields["first_name"], r.Fields["last_name"] = "Nilavadhanananda Chayapa", "Dejthamrong Krasuang"
		r.Extracted["first_name"], r.Extracted["last_name"] = "NILAVADHANANANDA C", "DEJTHAMRONG K"
		findings := []any{}
		if cut {
			findings = []any{"name_truncated"}
		}
		r.Checks["document_ocr"] = kyc.CheckFact{Status: "passed", Details: map[string]any{"findings": findings}}
		if a := runCheck(identityCrossref(), r); a.Verdict != want {
			t.Errorf("cut %v: %s %+v", cut, a.Verdict, a.Reasons)
		}
	}
}

// A disagreement names where both documents show the value.
func TestDisagreementsShowWhere(t *testing.T) {
	t.Parallel()
	at := func(x float64) map[string]any {
		return map[string]any{"date_of_birth": plainly(kyc.Region{Upload: "u", X: x, W: 0.1, H: 0.1})}
	}
	one := entity{Name: "ANNA MUELLER", Given: "ANNA", Family: "MUELLER", DateOfBirth: "1990-05-17", Own: true, DocID: "one", Regions: at(0.1)}
	two := one
	two.DateOfBirth, two.DocID, two.Regions = "1991-05-17", "two", at(0.2)
	r := request("cross_validation")
	r.Config, r.Extracted = json.RawMessage(`{"fields":{}}`), nil
	r.Checks = map[string]kyc.CheckFact{"document_set": {Status: "passed", Details: map[string]any{"documents": []any{}, "entities": plainly([]entity{one, two})}}}
	a := runCheck(crossValidation(), r)
	var list []mismatch
	if a.Verdict != kyc.Fail || !detail(a.Details, "mismatches", &list) || len(list) != 1 || len(list[0].Regions) != 2 || list[0].Regions[0].X != 0.1 || list[0].Regions[1].X != 0.2 {
		t.Fatalf("%+v", a)
	}
	for _, said := range a.Reasons {
		if said.Code == "dob_mismatch" && (said.Region == nil || said.Region.X != 0.1) {
			t.Errorf("%+v", said)
		}
	}
	r = request("identity_crossref")
	r.Fields["date_of_birth"] = "1991-05-17"
	r.Checks["document_ocr"] = kyc.CheckFact{Status: "passed", Details: map[string]any{"regions": at(0.3)}}
	a = runCheck(identityCrossref(), r)
	if i := slices.IndexFunc(a.Reasons, func(s kyc.Reason) bool { return s.Code == "date_of_birth_mismatch" }); i < 0 || a.Reasons[i].Region == nil || a.Reasons[i].Region.X != 0.3 {
		t.Errorf("%+v", a.Reasons)
	}
}
