package capture

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http/httptest"
	"path/filepath"
	"testing"
)

// What applicants send is written to no disk before it is encrypted: a large
// file is read although there is no place for temporary files.
func TestUploadsStayOffTheDisk(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "missing"))
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", "passport.jpg")
	if err != nil {
		t.Fatal(err)
	}
	picture := bytes.Repeat([]byte("x"), maxUpload-(1<<20))
	if _, err := part.Write(picture); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/capture/t/steps/s/files/id.front", &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	v := &visit{w: httptest.NewRecorder(), r: r}
	done, err := v.upload()
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	files, err := v.sent("file", "")
	if err != nil || len(files) != 1 || !bytes.Equal(files[0].Bytes, picture) {
		t.Errorf("%d files, %v", len(files), err)
	}
}

// Behind a proxy the record of a consent names the applicant's address, not the
// proxy's.
func TestAConsentNamesTheApplicantsAddress(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest("POST", "/capture/t/consent", nil)
	r.RemoteAddr = "10.0.0.1:443"
	behind := &pages{Deps: Deps{Address: func(context.Context) string { return "192.0.2.7" }}}
	if got := Address(behind.withProof(r)); got != "192.0.2.7" {
		t.Errorf("behind a proxy: %s", got)
	}
	if got := Address((&pages{}).withProof(r)); got != "10.0.0.1" {
		t.Errorf("without one: %s", got)
	}
}
