package sqlite_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"bonafide/kyc"
	"bonafide/store/sqlite"
)

const (
	s3Key    = "AKIDEXAMPLE"
	s3Secret = "an example secret of no account"
)

// s3Stand is a local stand-in for S3: it keeps objects, and refuses requests
// whose SigV4 signature it cannot make again from the secret.
type s3Stand struct {
	mu      sync.Mutex
	objects map[string][]byte
	refused []string
	fail    int // answer that many requests with 503
}

func (s *s3Stand) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	if why := verifySigV4(r); why != "" {
		s.refused = append(s.refused, r.Method+" "+r.URL.Path+": "+why)
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `<Error><Code>SignatureDoesNotMatch</Code></Error>`)
		return
	}
	if s.fail > 0 {
		s.fail--
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, `<Error><Code>SlowDown</Code></Error>`)
		return
	}
	switch r.Method {
	case http.MethodPut:
		if strings.Contains(r.Header.Get("Content-Encoding"), "aws-chunked") {
			body = unchunk(body)
		}
		s.objects[r.URL.Path] = body
		w.Header().Set("ETag", `"x"`)
	case http.MethodGet, http.MethodHead:
		b, ok := s.objects[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `<Error><Code>NoSuchKey</Code></Error>`)
			return
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(b)))
		w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
		w.Header().Set("ETag", `"x"`)
		if r.Method == http.MethodGet {
			_, _ = w.Write(b)
		}
	case http.MethodDelete:
		delete(s.objects, r.URL.Path)
		w.WriteHeader(http.StatusNoContent)
	}
}

// verifySigV4 signs the request again, as its Authorization header says it
// was signed, and compares.
func verifySigV4(r *http.Request) string {
	got := r.Header.Get("Authorization")
	_, rest, ok := strings.Cut(got, "Credential="+s3Key+"/")
	if !ok {
		return "no credential"
	}
	scope := strings.Split(rest[:strings.Index(rest, ",")], "/")
	_, signed, _ := strings.Cut(got, "SignedHeaders=")
	signed, _, _ = strings.Cut(signed, ",")
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil || len(scope) != 4 {
		return "no date or scope"
	}
	again, err := http.NewRequest(r.Method, "http://"+r.Host+r.URL.RequestURI(), nil)
	if err != nil {
		return err.Error()
	}
	for _, name := range strings.Split(signed, ";") {
		switch name {
		case "host":
		case "content-length":
			again.ContentLength = r.ContentLength
		default:
			again.Header[http.CanonicalHeaderKey(name)] = r.Header.Values(name)
		}
	}
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	if err := signer.SignHTTP(r.Context(), aws.Credentials{AccessKeyID: s3Key, SecretAccessKey: s3Secret}, again,
		r.Header.Get("X-Amz-Content-Sha256"), scope[2], scope[1], at); err != nil {
		return err.Error()
	}
	if again.Header.Get("Authorization") != got {
		return "the signature differs"
	}
	return ""
}

// unchunk takes the body out of aws-chunked framing.
func unchunk(b []byte) []byte {
	var out []byte
	for len(b) > 0 {
		line, rest, ok := bytes.Cut(b, []byte("\r\n"))
		var n int
		if _, err := fmt.Sscanf(string(line), "%x", &n); !ok || err != nil || n == 0 || len(rest) < n+2 {
			break
		}
		out = append(out, rest[:n]...)
		b = rest[n+2:]
	}
	return out
}

// The bucket is the real client of a cloud store; what cannot be had here is
// the account.
func TestBlobsGoToS3Encrypted(t *testing.T) {
	stand := &s3Stand{objects: map[string][]byte{}}
	srv := httptest.NewServer(stand)
	defer srv.Close()
	t.Setenv("AWS_ACCESS_KEY_ID", s3Key)
	t.Setenv("AWS_SECRET_ACCESS_KEY", s3Secret)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	db, err := sqlite.Open(t.Context(), sqlite.Options{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler),
		BlobURL: "s3://evidence?region=eu-central-1&use_path_style=true&endpoint=" + srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	now := time.Now().UTC()
	tenant := kyc.Tenant{Org: kyc.NewID(now), Env: kyc.Live}
	subject := &kyc.Subject{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: tenant}, Kind: "individual", Status: kyc.SubjectPending}
	subject.Touch(now)
	if err := db.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{subject}}); err != nil {
		t.Fatal(err)
	}
	plain := bytes.Repeat([]byte("a passport photo "), 20_000)
	stand.fail = 1 // throttled once; the client tries again
	if err := db.PutBlob(t.Context(), tenant, subject.ID, "u1", plain); err != nil {
		t.Fatal(err, stand.refused)
	}
	if len(stand.objects) != 1 {
		t.Fatalf("%d objects in the bucket, refused %v", len(stand.objects), stand.refused)
	}
	for path, b := range stand.objects {
		if bytes.Contains(b, []byte("passport")) {
			t.Errorf("%s is readable in the bucket", path)
		}
	}
	if got, err := db.Blob(t.Context(), tenant, subject.ID, "u1"); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("read back %d bytes, %v", len(got), err)
	}
	if err := db.DeleteBlob(t.Context(), tenant, "u1"); err != nil {
		t.Error(err)
	}
	if _, err := db.Blob(t.Context(), tenant, subject.ID, "u1"); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("after deletion: %v", err)
	}
	if len(stand.refused) > 0 {
		t.Errorf("refused: %v", stand.refused)
	}
	t.Setenv("AWS_SECRET_ACCESS_KEY", "wrong")
	other, err := sqlite.Open(t.Context(), sqlite.Options{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler),
		BlobURL: "s3://evidence?region=eu-central-1&use_path_style=true&endpoint=" + srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := other.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{subject}}); err != nil {
		t.Fatal(err)
	}
	if err := other.PutBlob(t.Context(), tenant, subject.ID, "u2", plain); kyc.KindOf(err) != kyc.Unavailable {
		t.Errorf("a wrong secret: %v", err)
	}
}
