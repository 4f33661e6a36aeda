package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"bonafide/api"
)

// slow opens a connection and sends the head of a request with a body of so many
// bytes, and its beginning.
func (s *server) slow(t *testing.T, path, contentType, auth string, length int, begun string) net.Conn {
	t.Helper()
	u, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nSec-Fetch-Site: same-origin\r\nAuthorization: %s\r\n\r\n", path, u.Host, contentType, length, auth)
	if _, err := c.Write([]byte(head + begun)); err != nil {
		t.Fatal(err)
	}
	return c
}

// Who sends the head of a request and then nothing is let go of, whatever they
// asked for: a form, an upload, a call, or what is nowhere.
func TestASlowBodyHoldsNoConnection(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "", unhurried, func(c *serveCmd) { c.Pace = api.Pace{Grace: 3 * time.Second, Rate: 1 << 30} })
	_, live := srv.newTenants(t)
	w := live.must(t, 201, "POST", "/kyc/workflows", json.RawMessage(`{"name":"Small","steps":[
		{"step_id":"papers","order":1,"name":"Document","type":"document_upload","document_requirements":[{"document_type":"id","required":true}]}]}`)).str("workflow_id")
	s := live.must(t, 201, "POST", "/kyc/sessions", map[string]any{"workflow_id": w})
	pages := visits(t, s.str("public_url"))
	pages.agrees(t)
	page := strings.TrimPrefix(s.str("public_url"), srv.url)
	const form, files = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
	part := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\nbegun"
	for name, c := range map[string]struct{ path, kind, begun string }{
		"a form of the console":        {"/console/sign-in", form, "email=ada"},
		"a form of an applicant":       {page + "/language", form, "language=d"},
		"an upload of an applicant":    {page + "/steps/papers/files/id.front", files, part},
		"a call":                       {"/kyc/sessions", "application/json", `{"workflow_id":`},
		"an upload of the API":         {"/api/v1/sessions/" + w + "/documents", files, part},
		"an applicant's call":          {"/public/sessions/" + s.str("access_token") + "/consent", "application/json", `{`},
		"what is nowhere":              {"/nowhere", form, "a="},
		"what takes no body":           {"/healthz", form, "a="},
		"nothing of the body at first": {"/console/sign-in", form, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := srv.slow(t, c.path, c.kind, "Bearer "+live.key, 100_000, c.begun)
			if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
				t.Fatal(err)
			}
			in := bufio.NewReader(conn)
			res, err := http.ReadResponse(in, nil)
			if errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatal("the connection is held")
			}
			if err != nil {
				return // it was closed without a word
			}
			defer res.Body.Close()
			if res.StatusCode < 400 && name != "what takes no body" {
				t.Errorf("half of a body is answered with %d", res.StatusCode)
			}
			for {
				if _, err := in.ReadByte(); errors.Is(err, os.ErrDeadlineExceeded) {
					t.Fatal("the connection stays open")
				} else if err != nil {
					return
				}
			}
		})
	}
}

// What comes fast enough may take longer than a form.
func TestAnUploadThatKeepsComingIsTaken(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "", unhurried, func(c *serveCmd) { c.Pace = api.Pace{Grace: 200 * time.Millisecond, Rate: 1 << 10} })
	_, live := srv.newTenants(t)
	body := `{"name":"` + strings.Repeat("x", 40<<10) + `"}`
	conn := srv.slow(t, "/kyc/workflows", "application/json", "Bearer "+live.key, len(body), body[:30<<10])
	// Nothing is answered while the rest is missing: the grace is over by far.
	if err := conn.SetReadDeadline(time.Now().Add(600 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("answered with %d bytes before the end: %v", n, err)
	}
	if _, err := conn.Write([]byte(body[30<<10:])); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusBadRequest && res.StatusCode != http.StatusUnprocessableEntity && res.StatusCode != http.StatusCreated {
		t.Errorf("a whole body is answered with %d", res.StatusCode)
	}
}
