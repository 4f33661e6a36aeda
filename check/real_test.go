package check

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"bonafide/document"
	"bonafide/kyc"
	"bonafide/screen"
)

// These tests put the real reader and the real screener behind the checks.

func TestRealScreening(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := screen.Open(screen.Options{Dir: filepath.Join(dir, "lists"), Clock: clock()})
	if err != nil {
		t.Fatal(err)
	}
	d := Deps{Clock: clock(), Screener: s}
	r := request("watchlist_screening")
	if a := runCheck(watchlistScreening(d), r); a.Status != kyc.StatusNotConfigured {
		t.Errorf("without any list: %+v", a)
	}
	file := filepath.Join(dir, "list.csv")
	text := "id,name,type,birth_date,countries\n7,Zoltan Xerxes Quillfeather,person,1971-02-03,DE\n8,Imaginary Trading Ltd,entity,,FR\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Import(t.Context(), "csv", "house", []string{file}, false); err != nil {
		t.Fatal(err)
	}
	if a := runCheck(watchlistScreening(d), r); a.Status != kyc.StatusOK || a.Verdict != kyc.Pass || len(a.Lists) != 1 || a.Lists[0].List != "house" {
		t.Errorf("a clear name: %+v", a)
	}
	r.Extracted = map[string]any{"first_name": "ZOLTAN XERXES", "last_name": "QUILLFEATHER", "date_of_birth": "1971-02-03", "nationality": "DE"}
	a := runCheck(watchlistScreening(d), r)
	if a.Verdict != kyc.Fail || len(a.Hits) != 1 || a.Hits[0].EntryID != "7" || *a.Score < screen.DefaultThreshold {
		t.Errorf("a listed name: %+v", a)
	}
	r.Settings.RequiredLists = []string{"ofac_sdn"}
	if a := runCheck(watchlistScreening(d), r); a.Status == kyc.StatusOK {
		t.Errorf("a required list that is not loaded: %+v", a)
	}
	r.Settings.RequiredLists, r.Now = nil, now.Add(8*24*time.Hour)
	if a := runCheck(watchlistScreening(d), r); a.Status != kyc.StatusStale || a.Verdict != "" {
		t.Errorf("a stale list: %+v", a)
	}
}

func TestRealDocument(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("tesseract"); err != nil {
		t.Skip("tesseract is not installed; make test installs it")
	}
	picture, err := document.DrawSpecimen(document.Specimen{Surname: "Quillfeather", GivenNames: "Anna Maria", DateOfBirth: time.Date(1990, 5, 17, 0, 0, 0, 0, time.UTC),
		Sex: "F", Number: "Q12345678", Expiry: time.Date(2031, 1, 2, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	d := Deps{Clock: clock(), Documents: document.New(document.Config{}), Blobs: blob(picture)}
	r := request("document_ocr")
	r.Uploads = r.Uploads[:1]
	a := runCheck(documentOCR(d), r)
	if a.Status == kyc.StatusNotConfigured {
		t.Skip("no OCR model is installed; make test installs it")
	}
	if a.Verdict != kyc.Fail || !codes(a)["fictional_issuer"] || a.Details["mrz_valid"] != true || a.Details["age"] != 36 {
		t.Fatalf("a fictional passport: %+v", a)
	}
	for _, f := range a.Fields {
		if f.Name == "last_name" && (f.Value != "QUILLFEATHER" || f.Region == nil || f.Region.Upload != r.Uploads[0].ID) {
			t.Errorf("%+v", f)
		}
	}
	r.Config = json.RawMessage(`{"accept_specimen":true}`)
	if a := runCheck(documentOCR(d), r); a.Verdict != kyc.Pass || !codes(a)["fictional_issuer"] {
		t.Errorf("for a demonstration: %+v", a)
	}
	d.Blobs = blob(picture[:len(picture)/3])
	if a := runCheck(documentOCR(d), r); a.Verdict == kyc.Pass {
		t.Errorf("a truncated picture: %+v", a)
	}
	d.Blobs = blob(nil)
	if a := runCheck(documentOCR(d), r); a.Verdict != kyc.Fail || !codes(a)["empty_file"] {
		t.Errorf("an empty file: %+v", a)
	}
}

type blob []byte

func (b blob) Blob(context.Context, kyc.Tenant, kyc.ID, string) ([]byte, error) { return b, nil }
