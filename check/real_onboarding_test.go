package check

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/document"
	"bonafide/kyc"
	"bonafide/screen"
)

// sharedData is a folder of the measuring data, which is no part of the tree.
func sharedData(t testing.TB, parts ...string) string {
	t.Helper()
	dir := os.Getenv("BONAFIDE_DATA_FOLDER")
	if dir == "" {
		_, here, _, _ := runtime.Caller(0)
		dir = filepath.Join(filepath.Dir(here), "..", "..", "shared", "data")
	}
	path := filepath.Join(append([]string{dir}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skip("the data folder ../shared/data is not here; set BONAFIDE_DATA_FOLDER to test on its material")
	}
	return path
}

// files gives blobs by their key.
type files map[string][]byte

func (f files) Blob(_ context.Context, _ kyc.Tenant, _ kyc.ID, key string) ([]byte, error) {
	if b, ok := f[key]; ok {
		return b, nil
	}
	return nil, kyc.Missing("file", key)
}

// textPDF is a page that carries its text, as a bill from a computer does.
func textPDF(lines ...string) []byte {
	var content strings.Builder
	for i, l := range lines {
		fmt.Fprintf(&content, "BT /F1 12 Tf 60 %d Td (%s) Tj ET\n", 760-20*i, l)
	}
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources << /Font << /F1 4 0 R >> >> >>",
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%sendstream", content.Len(), content.String()),
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	var at []int
	for i, o := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, a := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", a)
	}
	fmt.Fprintf(&b, "trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return b.Bytes()
}

// realReader is the reader with the OCR model of the data folder.
func realReader(t testing.TB) *document.Reader {
	t.Helper()
	if _, err := exec.LookPath("tesseract"); err != nil {
		t.Skip("tesseract is not installed; make test installs it")
	}
	_, here, _, _ := runtime.Caller(0)
	r := document.New(document.Config{Deadline: 3 * time.Minute, ModelsDir: sharedData(t, "models"), Decoder: []string{os.Args[0], decodeWord}, CacheDir: filepath.Join(filepath.Dir(here), "..", ".cache", "pdfium")})
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// TestRealDocumentSet goes from real files over the document set to the
// agreement of documents and to the parties of a screening.
func TestRealDocumentSet(t *testing.T) {
	t.Parallel()
	reader := realReader(t)
	passport, err := document.DrawSpecimen(document.Specimen{Surname: "Quillfeather", GivenNames: "Anna Maria", DateOfBirth: time.Date(1990, 5, 17, 0, 0, 0, 0, time.UTC),
		Sex: "F", Number: "Q12345678", Expiry: time.Date(2031, 1, 2, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	read := func(path ...string) []byte {
		b, err := os.ReadFile(sharedData(t, path...))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	old := read("documents", "dev", "mrz", "98_pass-nld.jpg")
	scan := read("documents", "dev", "pdf", "pdf-with-jpg.pdf")
	bill := textPDF("Stadtwerke Berlin", "Anna Maria Quillfeather", "Hauptstrasse 5, 10115 Berlin", "Issued 2026-11-01")
	d := Deps{Clock: clock(), Documents: reader, Blobs: files{"passport": passport, "old": old, "scan": scan, "bill": bill, "cut": passport[:len(passport)/3]}}
	const requirements = `{"accept_specimen":true,"requirements":[
{"step_id":"docs","document_type":"passport","required":true,"auto_extract":true,"own":true,"validations":[{"type":"mrz_checksum"},{"type":"not_expired"}]},
{"step_id":"docs","document_type":"proof_of_address","required":true,"auto_extract":true,"validations":[{"type":"max_age_days","params":{"days":90}}]},
{"step_id":"firm","document_type":"company_charter","required":true},
{"step_id":"owners","document_type":"id","role":"ubo","allow_multiple":true,"auto_extract":true}]}`
	upload := func(key, kind, stepID, asked, role string) kyc.Upload {
		u := step(kind, stepID, asked, role, "")
		u.BlobKey = key
		return u
	}
	r := request("document_set")
	r.Config, r.Extracted = json.RawMessage(requirements), nil
	r.Fields = map[string]any{"full_name": "Anna Maria Quillfeather", "born": "1990-05-17", "home": map[string]any{"line1": "Hauptstrasse 5", "postal_code": "10115", "city": "Berlin"}}
	r.Uploads = []kyc.Upload{upload("passport", "document_front", "docs", "passport", ""), upload("bill", "proof_of_address", "docs", "proof_of_address", ""),
		upload("scan", "custom:firm:company_charter", "firm", "company_charter", "")}
	a := runCheck(documentSet(d), r)
	if a.Status == kyc.StatusNotConfigured {
		t.Skip("no OCR model or PDF engine is installed; make test installs it")
	}
	papers, entities := papersOf(t, a)
	if len(papers) != 3 || papers[0].Status != "valid" || papers[0].MRZValid == nil || !*papers[0].MRZValid || papers[0].TypeDetected != "passport" {
		t.Fatalf("a specimen passport: %+v", a)
	}
	if papers[1].Status != "valid" || !slices.Equal(papers[1].FieldsFound, []string{"full_name", "home"}) || papers[1].AgeDays == nil || *papers[1].AgeDays != 20 {
		t.Errorf("a bill that carries its text: %+v", papers[1])
	}
	if papers[2].MRZFound || papers[2].Pages == 0 || papers[2].TextFound || !slices.Contains(papers[2].NotChecked, "content") || papers[2].Status != "review" {
		t.Errorf("a scanned company paper: %+v", papers[2])
	}
	if len(entities) != 1 || entities[0].Family != "QUILLFEATHER" || entities[0].DateOfBirth != "1990-05-17" {
		t.Errorf("%+v", entities)
	}

	// The same answer feeds the agreement of documents.
	cross := r
	cross.Policy, cross.Config = "cross_validation", json.RawMessage(`{"name_min":0.85,"fields":{"name":["full_name"],"date_of_birth":["born"],"address":["home"]}}`)
	cross.Checks = map[string]kyc.CheckFact{"document_set": {Status: "passed", Details: a.Details}}
	if c := runCheck(crossValidation(), cross); c.Verdict != kyc.Pass || !codes(c)["documents_agree"] {
		t.Errorf("%+v", c)
	}
	cross.Fields = map[string]any{"full_name": "Paula Schulze", "born": "1990-05-17", "home": map[string]any{"line1": "Nebenweg 1", "postal_code": "99999"}}
	if c := runCheck(crossValidation(), cross); c.Verdict != kyc.Fail || !codes(c)["name_mismatch"] {
		t.Errorf("%+v", c)
	}

	// A real, long expired passport of an owner is no valid document.
	r.Config = json.RawMessage(`{"requirements":[{"step_id":"owners","document_type":"id","role":"ubo","allow_multiple":true,"auto_extract":true}]}`)
	r.Uploads = append(r.Uploads, upload("old", "custom:owners:id", "owners", "id", "ubo"))
	a = runCheck(documentSet(d), r)
	papers, entities = papersOf(t, a)
	if a.Verdict != kyc.Fail || papers[0].Status != "invalid" || !slices.Contains(papers[0].Conditions, "expired") || papers[0].EntityRole != "ubo" {
		t.Errorf("an expired passport: %+v", papers)
	}
	if len(entities) != 1 || entities[0].EntityRole != "ubo" || entities[0].Own || entities[0].Name == "" {
		t.Errorf("%+v", entities)
	}

	// Without accept_specimen the drawn passport is refused, and a cut file is
	// unreadable; neither passes.
	r.Config = json.RawMessage(`{"requirements":[{"step_id":"docs","document_type":"passport","required":true,"auto_extract":true,"own":true}]}`)
	if a = runCheck(documentSet(d), r); a.Verdict != kyc.Fail || !codes(a)["fictional_issuer"] {
		t.Errorf("a fictional passport: %+v", a)
	}
	r.Uploads[0].BlobKey = "cut"
	a = runCheck(documentSet(d), r)
	papers, entities = papersOf(t, a)
	if papers[0].Status != "unreadable" || a.Verdict != kyc.Fail || entities[0].Name != "" {
		t.Errorf("a cut file: %+v", a)
	}
}

// TestRealWallets looks addresses of OFAC's own list up by identifier alone.
func TestRealWallets(t *testing.T) {
	t.Parallel()
	dir := sharedData(t, "watchlists", "ofac-sdn-2021-07")
	s, err := screen.Open(screen.Options{Dir: t.TempDir(), Clock: clock()})
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, f := range []string{"sdn", "alt", "add", "sdn_comments"} {
		list = append(list, filepath.Join(dir, f+".csv.gz"))
	}
	if _, err := s.Import(t.Context(), "ofac_sdn", "ofac_sdn", list, false); err != nil {
		t.Fatal(err)
	}
	run := func(address, network string) kyc.Answer {
		r := request("wallet_screening")
		r.Config = json.RawMessage(`{"wallets":[{"path":"payout","network":"any"}]}`)
		r.Fields = map[string]any{"payout": map[string]any{"address": address, "network": network}}
		return runCheck(walletScreening(Deps{Clock: clock(), Screener: s}), r)
	}
	// Entry 29703 of the list (EO 13848), under three currencies.
	for _, w := range [][2]string{{"LWnbjLYUfqeokfbWM4FcU7uk2FP2DSxuWS", "LTC"}, {"0x8576acc5c05d6ce88f4e49bf65bdf0c62f91353c", "ETH"}} {
		a := run(w[0], w[1])
		var rows []walletRow
		if a.Verdict != kyc.Fail || !detail(a.Details, "wallets", &rows) || !rows[0].IsMatch || len(rows[0].Matches) != 1 ||
			rows[0].Matches[0].List != "ofac_sdn" || !strings.HasPrefix(rows[0].Matches[0].Kind, "crypto_") {
			t.Errorf("%s: %+v", w[1], a)
		}
	}
	if a := run("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "BTC"); a.Status != kyc.StatusOK || a.Verdict != kyc.Pass || len(a.Lists) != 1 {
		t.Errorf("an address of nobody: %+v", a)
	}
	r := request("wallet_screening")
	r.Settings.RequiredLists = []string{"eu"}
	if a := runCheck(walletScreening(Deps{Clock: clock(), Screener: s}), r); a.Verdict == kyc.Pass {
		t.Errorf("a required list that is not loaded: %+v", a)
	}
}
