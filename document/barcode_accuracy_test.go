package document

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestAccuracyBarcodes prints the section "Barcodes" of docs/accuracy.md:
// photographs and renderings of the data folder, payload fields, and the
// processor time, of this process and its children and the least of three, of finding and reading the
// codes of one decoded picture.
func TestAccuracyBarcodes(t *testing.T) {
	measuring(t)
	dev := filepath.Join(dataFolder(t), "documents", "dev")
	r := New(Config{Deadline: patience, Tesseract: "-", Cores: 1})
	if r.zxing == "" {
		t.Skip("ZXingReader is not installed; " + installBarcodes)
	}
	var took []time.Duration
	read := func(file string) []Barcode {
		t.Helper()
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		pages, fail := r.open(t.Context(), File{Bytes: b})
		if fail != nil {
			t.Fatalf("%s: %v", file, fail)
		}
		var codes []Barcode
		took = append(took, quickest(func() {
			if codes, fail = r.barcodes(t.Context(), &pages[0]); fail != nil {
				t.Fatalf("%s: %v", file, fail)
			}
		}))
		return codes
	}
	photos := func(format, pattern string) (decoded, exact, all int) {
		files, _ := filepath.Glob(filepath.Join(dev, "barcode", pattern))
		for _, file := range files {
			if ext := filepath.Ext(file); ext != ".png" && ext != ".webp" {
				continue
			}
			all++
			var code *Barcode
			for _, c := range read(file) {
				if c.Format == format {
					code = &c
				}
			}
			if code == nil {
				t.Logf("%s: not read", file)
				continue
			}
			decoded++
			stem := strings.TrimSuffix(file, filepath.Ext(file))
			got := code.Text
			want, err := os.ReadFile(stem + ".txt")
			if err != nil {
				if want, err = os.ReadFile(stem + ".bin"); err != nil {
					t.Fatal(err)
				}
				got = string(code.Raw)
			}
			if got == string(want) {
				exact++
			} else {
				t.Logf("%s: %q, want %q", file, got, want)
			}
		}
		return decoded, exact, all
	}
	percentiles := func(what, asked string, most time.Duration) {
		slices.Sort(took)
		figure(what+", median ms", took[len(took)/2].Milliseconds(), asked)
		figure(what+", longest ms", took[len(took)-1].Milliseconds(), asked)
		if took[len(took)-1] > most {
			t.Errorf("%s: %v, asked %v", what, took[len(took)-1], most)
		}
		took = nil
	}
	decoded, exact, all := photos(formatPDF417, "pdf417-*/*")
	figure("PDF417 photographs decoded", fmt.Sprintf("%d of %d", decoded, all), "all")
	figure("PDF417 photographs exact to the byte", fmt.Sprintf("%d of %d", exact, all), "-")
	percentiles("PDF417 photograph", "under 250", 250*time.Millisecond)
	if decoded < all || all == 0 {
		t.Errorf("%d of %d photographs decoded", decoded, all)
	}

	files, _ := filepath.Glob(filepath.Join(dev, "aamva-pdf417", "*"))
	read90, right, asked := 0, 0, 0
	truth := readElements(t, dev)
	for _, file := range files {
		name, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)), "-")
		want := truth[name+".txt"]
		asked += len(want.Elements) + 1
		codes := read(file)
		if len(codes) != 1 || codes[0].licence == nil {
			t.Errorf("%s: %d codes", file, len(codes))
			continue
		}
		payload, err := os.ReadFile(filepath.Join(dev, "aamva", name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		if normalBreaks(codes[0].Text) == normalBreaks(string(payload)) {
			read90++
		}
		if codes[0].licence.IIN == want.IIN {
			right++
		}
		for id, value := range want.Elements {
			if codes[0].Fields[id] == value {
				right++
			} else {
				t.Logf("%s %s: %q, want %q", file, id, codes[0].Fields[id], value)
			}
		}
	}
	figure("AAMVA renderings read (level, tilted 7 degrees, turned and small)", fmt.Sprintf("%d of %d", read90, len(files)), "all")
	figure("AAMVA fields right in the renderings, %", fmt.Sprintf("%.2f (%d of %d)", 100*float64(right)/float64(asked), right, asked), "at least 99")
	percentiles("AAMVA rendering", "under 250", 250*time.Millisecond)
	if read90 < len(files) || len(files) == 0 || float64(right) < 0.99*float64(asked) {
		t.Errorf("%d of %d renderings, %d of %d fields", read90, len(files), right, asked)
	}

	decoded, exact, all = photos(formatQR, "qrcode-*/*")
	figure("QR photographs decoded", fmt.Sprintf("%d of %d", decoded, all), "-")
	figure("QR photographs exact to the byte", fmt.Sprintf("%d of %d", exact, all), "-")
	percentiles("QR photograph", "-", time.Minute)

	files, _ = filepath.Glob(filepath.Join(dev, "mrz", "*.*g"))
	for _, file := range files {
		if codes := read(file); len(codes) > 0 {
			t.Logf("%s: %+v", file, codes)
		}
	}
	percentiles("picture without a PDF417", "bounded", barcodeTime+(barcodeSeconds+1)*time.Second)
}

type elements struct {
	Version  string            `json:"aamva_version"`
	Elements map[string]string `json:"elements"`
	IIN      string            `json:"iin"`
}

func readElements(t *testing.T, dev string) map[string]elements {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dev, "aamva", "elements.json"))
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]elements
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}
