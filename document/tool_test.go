//go:build unix

package document

import (
	"context"
	"image"
	"math/rand/v2"
	"os"
	"testing"
	"time"
)

// A reader of barcodes that runs out of memory, or is not there, is an error and
// never a page without codes.
func TestBarcodeReaderThatEndsIsNoEmptyPage(t *testing.T) {
	t.Parallel()
	img := image.NewGray(image.Rect(0, 0, 100, 80))
	for name, script := range map[string]string{"killed": "kill -9 $$", "not to be run": "exec /nonexistent/program"} {
		file := t.TempDir() + "/reader"
		if err := os.WriteFile(file, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil { //nolint:gosec // a program must be executable
			t.Fatal(err)
		}
		r := New(Config{Deadline: patience, ZXingReader: file, Tesseract: "-"})
		if _, err := r.zxingRead(t.Context(), img, formatQR, &codeSearch{}); err == nil || err.Code != "barcode_failed" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Pictures that look like codes all over keep the reader of barcodes busy, but
// within its limits; the page is answered or refused with a name.
func TestBarcodeReaderBearsHostilePictures(t *testing.T) {
	t.Parallel()
	r := New(Config{Deadline: patience, Tesseract: "-"})
	if r.zxing == "" {
		t.Skip("ZXingReader is not installed; " + installBarcodes)
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	// The start pattern of a PDF417 (8,1,1,1,1,1,1,3) everywhere, the squares of
	// a QR code everywhere, and noise of two colours.
	start := []int{8, 1, 1, 1, 1, 1, 1, 3}
	for name, paint := range map[string]func(x, y int) bool{
		"start patterns": func(x, _ int) bool {
			at := x / 2 % 17
			for i, n := range start {
				if at < n {
					return i%2 == 0
				}
				at -= n
			}
			return false
		},
		"finder squares": func(x, y int) bool {
			x, y = x/2%9, y/2%9
			return x < 7 && y < 7 && (x == 0 || x == 6 || y == 0 || y == 6 || x > 1 && x < 5 && y > 1 && y < 5)
		},
		"noise": func(int, int) bool { return rnd.Uint32()&1 == 0 },
	} {
		img := image.NewGray(image.Rect(0, 0, 2000, 1500))
		for i := range img.Pix {
			if !paint(i%2000, i/2000) {
				img.Pix[i] = 255
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		page, s := &sheetPage{img: img}, codeSearch{}
		codes, err := r.codesOn(ctx, page, viewOf(page, nil, 0), &s)
		cancel()
		t.Logf("%s: %d codes, %v, %d runs, %v", name, len(codes), err, s.runs, s.took.Round(time.Millisecond))
		if err != nil && err.Code != "barcode_failed" || s.took > barcodeTime+(barcodeSeconds+1)*time.Second {
			t.Errorf("%s: %v, %v", name, err, s.took)
		}
	}
}
