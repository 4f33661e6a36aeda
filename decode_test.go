package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bonafide/child"
	"bonafide/child/cost"
	"bonafide/imagefile"
	"bonafide/imagefile/made"
)

// The program itself, as the process in which files are opened, stays within the
// limits with every kind of file that it is given. What it holds before it sees a
// file is no file's doing: most of it is the program's text, which it shares with
// the server.
func TestTheOpeningProcessIsBounded(t *testing.T) {
	t.Parallel()
	cache, err := filepath.Abs(filepath.Join(".cache", "pdfium"))
	if err != nil {
		t.Fatal(err)
	}
	type file struct {
		name, contentType string
		bytes             []byte
		ordinary          bool
	}
	files := []file{
		{"an ordinary PDF", "application/pdf", made.PDF(3, "BT /F1 14 Tf 30 200 Td (Electricity bill) Tj ET", ""), true},
		{"a PDF of ten pages that never end", "application/pdf", made.PDF(imagefile.MaxPages, strings.Repeat("0 0 m 354 250 l S 10 w 0 250 m 300 20 200 100 354 0 c S\n", 60_000), ""), false},
		{"a PDF of noise", "application/pdf", append(append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte("1 0 obj << /A [ "), imagefile.MaxFileBytes/16-2)...), "\n%%EOF\n"...), false},
		{"a TIFF", "image/tiff", made.TIFF(t, made.Corners(1200, 800)), true},
		{"a WebP of 49 million pixels", "image/webp", made.WebPBomb(7000, 7000), false},
	}
	if data := os.Getenv("BONAFIDE_DATA_FOLDER"); data != "" || exists("../shared/data") {
		if data == "" {
			data = "../shared/data"
		}
		heic, err := os.ReadFile(filepath.Join(data, "documents", "dev", "upload-variants", "td3.heic"))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file{"a HEIC", "image/heic", heic, imagefile.HasHEIC}, file{"half a HEIC", "image/heic", heic[:len(heic)/2], false})
	}
	if took := cost.Of(t, nil, os.Args[0], "decode-picture", "application/pdf", "warm", cache); took.Exit != 0 {
		t.Fatalf("%+v", took)
	}
	bare := cost.Of(t, []byte("nothing"), os.Args[0], "decode-picture", "image/tiff", "grey").Held
	t.Logf("%-34s %d MB held", "the bare program", bare>>20)
	for _, f := range files {
		args := []string{"decode-picture", f.contentType, "colour"}
		if f.contentType == "application/pdf" {
			args = []string{"decode-picture", f.contentType, "grey", cache}
		}
		took := cost.Of(t, f.bytes, os.Args[0], args...)
		t.Logf("%-34s exit %d, %d MB held, %v", f.name, took.Exit, took.Held>>20, took.Time)
		if took.Held-bare > child.Memory || took.Time > (child.Seconds+1)*time.Second || f.ordinary && took.Exit != 0 {
			t.Errorf("%s: %+v", f.name, took)
		}
	}
}
