package check

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bonafide/document"
	"bonafide/kyc"
)

// TestAChangedPrintCountsOnce reads drawn documents whose print was changed
// with the real reader. The zone and the barcode both contradict the print, and
// that is one contradiction.
func TestAChangedPrintCountsOnce(t *testing.T) {
	t.Parallel()
	reader := realReader(t)
	writer, err := exec.LookPath("ZXingWriter")
	if err != nil {
		t.Skip("ZXingWriter is not installed; apt-get install zxing-cpp-tools")
	}
	good := document.Specimen{Surname: "Brandstaedter", GivenNames: "Alba", Number: "XKT4W7R39", Sex: "F",
		DateOfBirth: time.Date(1990, 5, 17, 0, 0, 0, 0, time.UTC), Expiry: now.AddDate(4, 0, 0)}
	payload := "@\n\x1e\rANSI 636026100001DL00310200DLDAQXKT4W7R39\nDCSBRANDSTAEDTER\nDACALBA\nDBB05171990\nDBD03012024\nDBA" + good.Expiry.Format("01022006") +
		"\nDBC2\nDAG1 TEST AVE\nDAIPHOENIX\nDAJAZ\nDAK850010000  \nDCGUSA\nDDAF\r"
	file := filepath.Join(t.TempDir(), "back.png")
	if out, err := exec.CommandContext(t.Context(), writer, "-size", "900x300", "-margin", "20", "PDF417", payload, file).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	back, err := os.ReadFile(file) //nolint:gosec // it was written above
	if err != nil {
		t.Fatal(err)
	}
	page := func(s document.Specimen) *image.RGBA {
		b, err := document.DrawSpecimen(s)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		out := image.NewRGBA(img.Bounds())
		draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Src)
		return out
	}
	for name, c := range map[string]struct {
		change func(*document.Specimen)
		want   string // the signals of print and barcode with their points
	}{
		"nothing":  {func(*document.Specimen) {}, ""},
		"the name": {func(s *document.Specimen) { s.Surname = "Brandstaetter" }, "name_unconfirmed 60"},
		"the date of birth": {func(s *document.Specimen) { s.DateOfBirth = time.Date(1990, 5, 11, 0, 0, 0, 0, time.UTC) },
			"birth_date_unconfirmed 60"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			printed := good
			c.change(&printed)
			front, zone := page(printed), page(good)
			below := image.Rect(0, front.Rect.Dy()*3/4, front.Rect.Dx(), front.Rect.Dy())
			draw.Draw(front, below, zone, below.Min, draw.Src)
			var b bytes.Buffer
			if err := png.Encode(&b, front); err != nil {
				t.Fatal(err)
			}
			d := Deps{Clock: clock(), Documents: reader, Blobs: files{"front": b.Bytes(), "back": back}}
			r := request("document_fraud")
			r.Config, r.Extracted, r.Fields = json.RawMessage(`{"accept_specimen":true}`), nil, nil
			r.Uploads = []kyc.Upload{upload("document_front", "primary", "front", "front"), upload("document_back", "primary", "back", "back")}
			a := documentFraud(d).Run(t.Context(), r)
			var got []string
			for code, s := range signalsOf(t, a) {
				if s.Class != "hint" {
					got = append(got, fmt.Sprintf("%s %v", code, s.Points))
				}
			}
			if strings.Join(got, ", ") != c.want {
				t.Errorf("%v, want %s: %+v", got, c.want, a.Reasons)
			}
		})
	}
}
