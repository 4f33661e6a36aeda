package document

import (
	"testing"
	"time"
)

func example() Specimen {
	return Specimen{
		Surname: "Okonkwo-Lindqvist", GivenNames: "Mira Solveig", Sex: "F", Number: "BX7410592",
		DateOfBirth: time.Date(1991, 4, 17, 0, 0, 0, 0, time.UTC), Expiry: time.Date(2033, 2, 3, 0, 0, 0, 0, time.UTC),
	}
}

// readers gives a Reader for each OCR model that can be had.
func readers(t testing.TB) map[string]*Reader {
	t.Helper()
	all := map[string]*Reader{}
	plain := New(Config{Deadline: patience})
	if _, err := plain.zoneModel(); err == nil {
		all["eng"] = plain
	}
	if dir := modelsFolder(); dir != "" {
		r := New(Config{Deadline: patience, ModelsDir: dir})
		if m, err := r.zoneModel(); err == nil && m.name == "mrz" {
			all["mrz"] = r
		}
	}
	if len(all) == 0 {
		t.Skip("tesseract is not installed; " + installOCR)
	}
	for _, r := range all {
		t.Cleanup(func() { _ = r.Close() })
	}
	return all
}

func TestSpecimenIsReadBack(t *testing.T) {
	t.Parallel()
	page, err := DrawSpecimen(example())
	if err != nil {
		t.Fatal(err)
	}
	lines, _ := example().MRZLines()
	for name, r := range readers(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, fail := r.Read(t.Context(), []File{{Bytes: page}}, today())
			if fail != nil {
				t.Fatal(fail)
			}
			if got.MRZ == nil {
				t.Fatal("no zone was found")
			}
			t.Logf("%v %v %+v", got.MRZ.Repairs, got.Findings, got.Quality)
			for i, want := range lines {
				if got.MRZ.Lines[i] != want {
					t.Errorf("line %d\n got %s\nwant %s", i, got.MRZ.Lines[i], want)
				}
			}
			if !got.MRZ.Valid || !got.Has("fictional_issuer") || got.Has("specimen_document") || got.Has("name_unconfirmed") {
				t.Errorf("valid %v, findings %v", got.MRZ.Valid, got.Findings)
			}
			for field, want := range map[string]string{
				"document_type": "passport", "last_name": "OKONKWO LINDQVIST", "first_name": "MIRA SOLVEIG", "date_of_birth": "1991-04-17",
				"expiry_date": "2033-02-03", "document_number": "BX7410592", "sex": "F", "issuing_country": "UTO", "nationality": "UTO",
			} {
				f, ok := got.Field(field)
				if !ok || f.Value != want || f.Region == nil || f.Region.W <= 0 || f.Region.H <= 0 || f.Region.Y < 0.7 {
					t.Errorf("%s: %+v (%+v), want %q in the lower part of the page", field, f, f.Region, want)
				}
			}
		})
	}
}
