package document

import (
	"bytes"
	"image"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/aamva"
	"bonafide/imagefile/made"
	"bonafide/kyc"
)

// printed makes the print of a page out of lines of text, surely read.
func printed(lines ...string) visual {
	v := visual{scale: 1, view: view{img: image.NewGray(image.Rect(0, 0, 1000, 600))}}
	for i, text := range lines {
		l := textLine{text: text, top: float64(40 * i), foot: float64(40*i + 20), confidence: 95}
		for n := range len([]rune(text)) {
			l.left, l.right, l.sure = append(l.left, float64(10*n)), append(l.right, float64(10*n+10)), append(l.sure, 95)
		}
		v.lines, v.words = append(v.lines, l), append(v.words, l.words()...)
	}
	return v
}

func TestBarcodeAgainstFront(t *testing.T) {
	t.Parallel()
	l, err := aamva.Parse(licencePayload)
	if err != nil {
		t.Fatal(err)
	}
	good := []string{"ARIZONA DRIVER LICENSE", "1 QUILLFEATHER", "2 ZOLTAN XERXES", "4d D12345678", "3 DOB 02/29/1996", "4b EXP 02/29/2028", "4a ISS 03/01/2020"}
	for name, c := range map[string]struct {
		from, to string
		found    string
		agrees   int
	}{
		"the same":                 {"", "", "", 4},
		"a letter changed":         {"QUILLFEATHER", "QUILLFEATHEN", "front_name_differs", 3},
		"the name not read":        {"QUILLFEATHER", "~~", "", 3},
		"another name altogether":  {"QUILLFEATHER", "SMITH", "", 3},
		"a digit changed":          {"D12345678", "D12345278", "front_number_differs", 3},
		"the number not read":      {"D12345678", "D1 2", "", 3},
		"born on another day":      {"02/29/1996", "02/19/1996", "front_birth_date_differs", 3},
		"born in another year":     {"02/29/1996", "02/29/1992", "front_birth_date_differs", 3},
		"expires in another month": {"02/29/2028", "04/29/2028", "front_expiry_differs", 3},
		"expires years later":      {"02/29/2028", "02/29/2048", "", 3},
	} {
		var reading Reading
		v := printed(strings.Split(strings.ReplaceAll(strings.Join(good, "\n"), c.from, c.to), "\n")...)
		if c.from == "" {
			v = printed(good...)
		}
		compareFront(&reading, v, l, &kyc.Region{X: 0.5})
		found, agrees := "", 0
		for _, f := range reading.Findings {
			found += f.Code
			if f.Severity != warning || f.Region == nil || f.Region.X == 0.5 {
				t.Errorf("%s: %+v", name, f)
			}
		}
		for _, k := range reading.Comparisons {
			if k.Verdict == Agrees {
				agrees++
				if k.A.Region == nil || k.B.Region == nil {
					t.Errorf("%s: %+v", name, k)
				}
			}
		}
		if found != c.found || agrees != c.agrees || len(reading.Comparisons) != 4 {
			t.Errorf("%s: %q, %d agree, %+v", name, found, agrees, reading.Comparisons)
		}
	}
	var reading Reading
	compareFront(&reading, visual{}, l, nil)
	if !reading.Has("front_not_compared") || len(reading.Comparisons) != 1 || reading.Comparisons[0].Verdict != NotMade {
		t.Errorf("nothing printed: %+v", reading)
	}
	reading = Reading{}
	compareFront(&reading, printed("SOME OTHER CARD", "OF SOMEBODY"), l, nil)
	if !reading.Has("front_not_compared") || len(reading.Comparisons) != 5 {
		t.Errorf("another card: %+v", reading)
	}
}

func TestDatesInPrint(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"born 12 AUG/AOU 1974 in Utopia": "1974-08-12", "12.08.1974": "1974-08-12", "1974-08-12": "1974-08-12", "08/12/1974": "1974-12-08 1974-08-12",
		"31.02.1974": "", "12 08 1974": "1974-08-12", "30/13/1974": "", "12.08.74": "", "tel 12-34-5678": "", "13/01/1974,": "1974-01-13",
	} {
		var got []string
		for _, d := range printed(text).dates() {
			got = append(got, d.day.Format(time.DateOnly))
			if d.region == nil {
				t.Errorf("%q: no region", text)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v, want %s", text, got, want)
		}
	}
	unsure := printed("12.08.1974")
	unsure.words[0].confidence = 40
	if len(unsure.dates()) != 0 {
		t.Error("a date that was hardly read counts")
	}
}

func TestBarcodeAgainstZone(t *testing.T) {
	t.Parallel()
	l, err := aamva.Parse(licencePayload)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		fields MRZFields
		good   bool
		found  string
	}{
		"the same":        {MRZFields{Surname: "QUILLFEATHER", DateOfBirth: "1996-02-29", ExpiryDate: "2028-02-29"}, true, ""},
		"a shorter name":  {MRZFields{Surname: "QUILLFEA", DateOfBirth: "1996-02-29", ExpiryDate: "2028-02-29"}, true, ""},
		"another name":    {MRZFields{Surname: "SMITH", DateOfBirth: "1996-02-29", ExpiryDate: "2028-02-29"}, true, "barcode_name_differs"},
		"another birth":   {MRZFields{Surname: "QUILLFEATHER", DateOfBirth: "1996-02-28", ExpiryDate: "2028-02-29"}, true, "barcode_birth_date_differs"},
		"another expiry":  {MRZFields{Surname: "QUILLFEATHER", DateOfBirth: "1996-02-29", ExpiryDate: "2027-02-28"}, true, "barcode_expiry_differs"},
		"another sex":     {MRZFields{Surname: "QUILLFEATHER", Sex: "F"}, true, "barcode_code_differs"},
		"the same sex":    {MRZFields{Surname: "QUILLFEATHER", Sex: "M", IssuingCountry: "US"}, true, ""},
		"sex left open":   {MRZFields{Surname: "QUILLFEATHER"}, true, ""},
		"another issuer":  {MRZFields{Surname: "QUILLFEATHER", IssuingCountry: "CA"}, true, "barcode_code_differs"},
		"no country's":    {MRZFields{Surname: "QUILLFEATHER", IssuingCountry: "UTO"}, true, ""},
		"an unsure code":  {MRZFields{Surname: "QUILLFEATHER", Sex: "F", IssuingCountry: "CA"}, false, ""},
		"an unsure birth": {MRZFields{Surname: "QUILLFEATHER", DateOfBirth: "1996-02-28", ExpiryDate: "2027-02-28"}, false, ""},
	} {
		reading := Reading{MRZ: &MRZ{Valid: c.good, Fields: c.fields, Checks: map[string]bool{"dob": c.good, "expiry": c.good}}}
		compareZone(&reading, l, nil)
		found := ""
		for _, f := range reading.Findings {
			found += f.Code
			if f.Severity != critical {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if found != c.found {
			t.Errorf("%s: %q", name, found)
		}
	}
}

func TestLicenceIsRead(t *testing.T) {
	t.Parallel()
	r := New(Config{Deadline: patience, Tesseract: "-"})
	if r.zxing == "" {
		t.Skip("ZXingReader is not installed; " + installBarcodes)
	}
	back := pngBytes(t, onCard(drawnLicence(t), 2, 9))
	got, fail := r.Read(t.Context(), []File{{Bytes: made.JPEG(t, 600, 400), Upload: "front"}, {Bytes: back, Upload: "back"}}, today())
	if fail != nil {
		t.Fatal(fail)
	}
	for name, want := range map[string]string{"document_type": "driving_licence", "first_name": "ZOLTAN XERXES", "last_name": "QUILLFEATHER", "date_of_birth": "1996-02-29",
		"expiry_date": "2028-02-29", "issue_date": "2020-03-01", "document_number": "D12345678", "issuing_country": "US", "sex": "M", "address": "1 TEST AVE, PHOENIX, AZ 85001"} {
		f, _ := got.Field(name)
		if f.Value != want || f.Source != "barcode" || f.Region == nil || f.Region.Upload != "back" {
			t.Errorf("%s: %+v, want %s", name, f, want)
		}
	}
	if got.Kind != DrivingLicence || !got.Verified() || slices.ContainsFunc(got.Findings, func(f kyc.Reason) bool { return f.Severity != info && f.Code != "front_not_compared" }) ||
		!got.Has("front_not_compared") || got.Has("front_missing") || len(got.Comparisons) != 1 || got.Comparisons[0].Verdict != NotMade {
		t.Errorf("%+v", got)
	}
	blind := New(Config{Deadline: patience, ZXingReader: "-", ModelsDir: modelsFolder()})
	if _, missing := blind.zoneModel(); missing == nil {
		seen, fail := blind.Read(t.Context(), []File{{Bytes: back, Upload: "back"}}, today())
		if fail != nil || !seen.Unsought(NoBarcodes) || seen.Verified() {
			t.Errorf("without the reader of barcodes: %+v, %v", seen, fail)
		}
	}
	if got.Unsought(NoBarcodes) {
		t.Error("the barcodes were looked for")
	}
	alone, fail := r.Read(t.Context(), []File{{Bytes: back, Upload: "back"}}, today())
	if fail != nil || !alone.Has("front_missing") || alone.Has("front_not_compared") {
		t.Errorf("the barcode alone: %+v, %v", alone.Findings, fail)
	}
	if _, fail := r.Read(t.Context(), []File{{Bytes: made.JPEG(t, 600, 400)}}, today()); fail == nil || fail.Code != "ocr_not_configured" {
		t.Errorf("without a code: %v", fail)
	}
}

func pngBytes(t *testing.T, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
