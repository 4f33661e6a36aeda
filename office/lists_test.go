package office

import (
	"bytes"
	"mime/multipart"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"bonafide/console"
)

// A list of people that is imported is written to no disk unencrypted: it is
// read although there is no place for temporary files.
func TestImportsStayOffTheDisk(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "missing"))
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", "people.csv")
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Repeat("Somebody Somewhere\n", 80_000)
	if _, err := part.Write([]byte(rows)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/console/lists/x/import", &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	raw, err := upload(&console.Visit{W: httptest.NewRecorder(), R: r}, "file", "text", maxImport)
	if err != nil || string(raw) != rows {
		t.Errorf("%d bytes, %v", len(raw), err)
	}
}
