package document

import (
	"strings"
	"testing"

	"bonafide/grey"
	"bonafide/imagefile/made"
)

// TestPrint reads a bill that carries its text, and a picture of it, upright
// and on its side.
func TestPrint(t *testing.T) {
	t.Parallel()
	r := New(Config{Deadline: patience, Decoder: decoder(), CacheDir: pdfCache(t)})
	t.Cleanup(func() { _ = r.Close() })
	content := ""
	for i, line := range []string{"Northern Lights Energy", "Electricity statement of 3 July 2026", "Ms Zoe Quillfeather", "14 Harbour Street, Belfast", "Meter reading and tariff of this quarter", "Thank you for your payment"} {
		content += strings.ReplaceAll("BT /F1 11 Tf 20 Y Td (", "Y", []string{"270", "240", "210", "180", "150", "120"}[i]) + line + ") Tj ET\n"
	}
	bill := made.PDF(1, content, "")
	got, fail := r.Print(t.Context(), []File{{Bytes: bill}})
	if fail != nil || got.Source != "pdf" || !strings.Contains(got.Text, "Zoe Quillfeather") || len(got.Lines) < 6 || got.Lines[0].Region != nil {
		t.Fatalf("%+v, %v", got, fail)
	}
	pages, fail := r.open(t.Context(), File{Bytes: bill})
	if fail != nil {
		t.Fatal(fail)
	}
	without := New(Config{Deadline: patience, Tesseract: "-"})
	if _, fail := without.Print(t.Context(), []File{{Bytes: pngBytes(t, pages[0].img)}}); fail == nil || fail.Code != "ocr_not_configured" {
		t.Errorf("without OCR: %v", fail)
	}
	if _, ok := r.findModel("eng"); !ok || r.tesseract == "" {
		t.Skip("no OCR is installed; " + installOCR)
	}
	for _, turned := range []int{0, 90, 180} {
		got, fail = r.Print(t.Context(), []File{{Upload: "u", Bytes: pngBytes(t, grey.Turn(pages[0].img, turned))}})
		if fail != nil || got.Source != "visual" || !strings.Contains(got.Text, "Quillfeather") || !strings.Contains(got.Text, "14 Harbour Street") {
			t.Errorf("turned by %d: %+v, %v", turned, got, fail)
			continue
		}
		for _, l := range got.Lines {
			if strings.Contains(l.Text, "Harbour") && (l.Region == nil || l.Region.Upload != "u" || max(l.Region.W, l.Region.H) < 0.2 || turned == 180 && l.Region.Y < 0.4) {
				t.Errorf("turned by %d: %+v", turned, l.Region)
			}
		}
	}
	if _, fail := r.Print(t.Context(), nil); fail == nil || fail.Code != "empty_file" {
		t.Errorf("nothing: %v", fail)
	}
}
