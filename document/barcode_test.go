package document

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skip2/go-qrcode"
)

func TestQRCodeIsRead(t *testing.T) {
	t.Parallel()
	r := New(Config{Deadline: patience, Tesseract: "-"})
	if r.zxing == "" {
		t.Skip("ZXingReader is not installed; " + installBarcodes)
	}
	payload := "line one\nBytes: 00 01\nText: \"x\"\nGrüße"
	b, err := qrcode.Encode(payload, qrcode.Medium, 400)
	if err != nil {
		t.Fatal(err)
	}
	got, fail := r.barcodes(t.Context(), &sheetPage{img: decodeMust(t, b), file: 1, number: 2})
	if fail != nil || len(got) != 1 || got[0].Text != payload || got[0].Format != "QRCode" || got[0].File != 1 || got[0].Page != 2 {
		t.Errorf("%+v, %v", got, fail)
	}
	if got, fail := r.barcodes(t.Context(), &sheetPage{img: decodeMust(t, pngOf(t, 300, 200))}); fail != nil || len(got) != 0 {
		t.Errorf("on an empty page: %+v, %v", got, fail)
	}
}

func TestLicencePayloadsAreRead(t *testing.T) {
	t.Parallel()
	data := dataFolder(t)
	r := New(Config{Deadline: patience, Tesseract: "-"})
	if r.zxing == "" {
		t.Skip("ZXingReader is not installed; " + installBarcodes)
	}
	dir := filepath.Join(data, "documents", "dev", "aamva-pdf417")
	files, _ := filepath.Glob(filepath.Join(dir, "*.png"))
	read := 0
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join(data, "documents", "dev", "aamva", strings.TrimSuffix(filepath.Base(file), ".png")+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		got, fail := r.barcodes(t.Context(), &sheetPage{img: decodeMust(t, b)})
		if fail != nil || len(got) != 1 || got[0].Format != "PDF417" || normalBreaks(got[0].Text) != normalBreaks(string(want)) {
			t.Logf("%s: %+v, %v", filepath.Base(file), got, fail)
			continue
		}
		read++
	}
	t.Logf("%d of %d level codes read", read, len(files))
	if read < len(files) {
		t.Errorf("%d of %d level codes read", read, len(files))
	}
}

func normalBreaks(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.TrimPrefix(s, "\ufeff"), "\r\n", "\n"))
}
