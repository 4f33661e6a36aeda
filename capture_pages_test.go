package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strings"
	"testing"
)

// visitor is an applicant's browser as far as HTTP goes: its cookies, its
// language, and where it was sent.
type visitor struct {
	link string
	c    *http.Client
}

// visits opens a browser on a link; redirects are seen, not followed.
func visits(t *testing.T, link string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &visitor{link, &http.Client{Jar: jar, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// shown is an answer of the pages.
type shown struct {
	status int
	header http.Header
	text   string // with its entities resolved
	to     string // where it leads, below the link
}

// request makes a request below the link.
func (v *visitor) request(ctx context.Context, t *testing.T, method, path, contentType string, body io.Reader) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, v.link+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	r.Header.Set("Accept-Language", "en")
	return r
}

func (v *visitor) do(t *testing.T, r *http.Request) shown {
	t.Helper()
	res, err := v.c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	to := strings.TrimPrefix(res.Header.Get("Location"), strings.TrimPrefix(v.link, r.URL.Scheme+"://"+r.URL.Host))
	return shown{res.StatusCode, res.Header, html.UnescapeString(string(raw)), to}
}

func (v *visitor) get(t *testing.T, path string) shown {
	t.Helper()
	return v.do(t, v.request(t.Context(), t, http.MethodGet, path, "", http.NoBody))
}

func (v *visitor) post(t *testing.T, path string, form url.Values) shown {
	t.Helper()
	return v.do(t, v.request(t.Context(), t, http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode())))
}

// script posts as the page's own script does.
func (v *visitor) script(t *testing.T, path, body string) shown {
	t.Helper()
	r := v.request(t.Context(), t, http.MethodPost, path, "application/json", strings.NewReader(body))
	r.Header.Set("Accept", "application/json")
	return v.do(t, r)
}

// agrees gives every consent that the first page may ask for.
func (v *visitor) agrees(t *testing.T) {
	t.Helper()
	if got := v.post(t, "/consent", url.Values{"consent.processing": {"yes"}, "consent.biometrics": {"yes"}}); got.status != http.StatusSeeOther {
		t.Fatalf("the consent: %d %s", got.status, got.text)
	}
}

// english is a sentence of the catalogue, with its variables filled in.
func english(t *testing.T, key string, with ...string) string {
	t.Helper()
	raw, err := os.ReadFile("ui/lang/en.json")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]any{}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	said, _ := all[key].(string)
	if said == "" {
		t.Fatalf("the catalogue has no %s", key)
	}
	return strings.NewReplacer(with...).Replace(said)
}

// follows reads the stream of the pages: marks gives the mark of each event that
// comes. It ends with cancel.
func (v *visitor) follows(t *testing.T) (status int, header http.Header, marks <-chan string, cancel func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	res, err := v.c.Do(v.request(ctx, t, http.MethodGet, "/events", "", http.NoBody))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	out := make(chan string, 100)
	go func() {
		defer close(out)
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				var p struct{ Mark string }
				_ = json.Unmarshal([]byte(data), &p) // an empty mark is what the test sees
				out <- p.Mark
			}
		}
	}()
	return res.StatusCode, res.Header, out, cancel
}

// half begins an upload that does not end: the form's beginning is sent, and
// the rest is held back until the upload is called off. gone waits until the
// client has let go.
func (v *visitor) half(t *testing.T, path string) (callOff, gone func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	body, pipe := io.Pipe()
	t.Cleanup(func() { cancel(); _ = body.Close() })
	form := multipart.NewWriter(pipe)
	r := v.request(ctx, t, http.MethodPost, path, form.FormDataContentType(), body)
	r.Header.Set("Accept", "application/json")
	done := make(chan struct{})
	go func() {
		defer close(done)
		if res, err := v.c.Do(r); err == nil { // refused before the end
			_ = res.Body.Close()
		}
		_ = body.Close()
	}()
	go func() {
		if file, err := form.CreateFormFile("file", "card.jpg"); err == nil {
			_, _ = fmt.Fprint(file, strings.Repeat("x", 4096)) // a closed pipe has no reader any more
		}
	}()
	return func() {
		cancel()
		_ = body.Close() // else the client waits for more to send
	}, func() { <-done }
}

// empty is an upload without a file: 422 where it is looked at.
func (v *visitor) empty(t *testing.T, path string, json bool) shown {
	t.Helper()
	var b strings.Builder
	form := multipart.NewWriter(&b)
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	r := v.request(t.Context(), t, http.MethodPost, path, form.FormDataContentType(), strings.NewReader(b.String()))
	if json {
		r.Header.Set("Accept", "application/json")
	}
	return v.do(t, r)
}
