package imagefile

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bonafide/imagefile/made"
)

func TestPolyglotsAreRefused(t *testing.T) {
	t.Parallel()
	png := made.PNG(t, 600, 420)
	pdf := "%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	f, err := w.Create("a.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.Write([]byte("text")) // a bytes.Buffer takes everything
	if err := w.SetComment("a comment"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	picture := string(png)
	for name, x := range map[string]struct {
		file string
		bad  bool
	}{
		"PDF behind a picture":              {picture + pdf, true},
		"ZIP behind a picture":              {picture + archive.String(), true},
		"ZIP and dust behind a picture":     {picture + archive.String() + "dust", true},
		"ZIP behind a PDF":                  {pdf + archive.String(), true},
		"RAR behind a picture":              {picture + "Rar!\x1a\x07\x00", true},
		"a page behind a picture":           {picture + "<HtMl >", true},
		"a script behind a picture":         {picture + "<script>1</script>", true},
		"a program behind a picture":        {picture + "<?php system('id');", true},
		"a picture":                         {picture, false},
		"a PDF":                             {pdf, false},
		"a PDF that speaks of pages":        {strings.Replace(pdf, "%%EOF", "% <html> and PK\x05\x06\n%%EOF", 1), false},
		"XMP behind a picture":              {picture + "<?xpacket begin=''?><x:xmpmeta xmlns:x='adobe:ns:meta/'/>", false},
		"the word PDF behind a picture":     {picture + "made from %PDF-1.4 by a scanner", false},
		"an end of ZIP without a directory": {picture + "PK\x05\x06" + strings.Repeat("\x00", 18), false},
		"a motion picture behind a picture": {picture + "\x00\x00\x00\x18ftypmp42", false},
	} {
		_, err := Sniff([]byte(x.file))
		if (err != nil) != x.bad || (x.bad && err.Code != "file_polyglot") {
			t.Errorf("%s: %v, refused should be %v", name, err, x.bad)
		}
	}
}

// No file of the measuring data is taken for a polyglot.
func TestRealFilesAreNoPolyglots(t *testing.T) {
	t.Parallel()
	seen := 0
	err := filepath.WalkDir(filepath.Join(needData(t), "documents", "dev"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if kind, bad := Sniff(b); bad == nil && kind.ContentType != "" {
			seen++
		} else if bad != nil && bad.Code == "file_polyglot" {
			t.Errorf("%s is refused: %v", filepath.Base(path), bad)
		}
		return nil
	})
	if err != nil || seen < 20 {
		t.Errorf("%d files: %v", seen, err)
	}
}
