package checks

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"bonafide/api/apitest"
	"bonafide/kyc"
)

// client calls the API with one key.
type client struct {
	b      *bench
	t      *testing.T
	key    string
	header map[string]string
}

func (b *bench) client(t *testing.T, key string) *client { return &client{b: b, t: t, key: key} }

// with gives a client that sends one more header.
func (c *client) with(name, value string) *client {
	d := *c
	d.header = map[string]string{name: value}
	for k, v := range c.header {
		d.header[k] = v
	}
	return &d
}

// reply is an answer of the API.
type reply struct {
	status int
	header http.Header
	raw    []byte
	json   map[string]any
}

func (r reply) str(path string) string {
	v, _ := r.at(path).(string)
	return v
}

// at finds a value by a dotted path; numbers index lists.
func (r reply) at(path string) any { return apitest.At(r.json, path) }

func (r reply) list(path string) []any {
	v, _ := r.at(path).([]any)
	return v
}

// problems are the places and codes of an error.
func (r reply) problems() []string {
	out := []string{}
	for _, p := range r.list("errors") {
		row, _ := p.(map[string]any)
		out = append(out, fmt.Sprint(row["path"], " ", row["code"]))
	}
	return out
}

func (c *client) call(method, path string, body any) reply {
	c.t.Helper()
	return c.send(method, path, "application/json", apitest.Body(c.t, body))
}

func (c *client) send(method, path, contentType string, body io.Reader) reply {
	c.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = c.b.url + path
	}
	key := map[string]string{}
	if c.key != "" {
		key = map[string]string{"x-api-key": c.key}
	}
	a := apitest.Send(c.t, method, path, contentType, body, key, c.header)
	return reply{status: a.Status, header: a.Header, raw: a.Raw, json: a.JSON}
}

// must calls and fails the test unless the status is the wanted one.
func (c *client) must(status int, method, path string, body any) reply {
	c.t.Helper()
	r := c.call(method, path, body)
	if r.status != status {
		c.t.Fatalf("%s %s: %d, want %d\n%s", method, path, r.status, status, r.raw)
	}
	return r
}

// refused wants an error with a status and a code.
func (c *client) refused(status int, code, method, path string, body any) reply {
	c.t.Helper()
	r := c.call(method, path, body)
	if r.status != status || r.str("code") != code || r.str("error") != code || r.header.Get("Content-Type") != "application/problem+json" {
		c.t.Errorf("%s %s: %d %s, want %d %s\n%s", method, path, r.status, r.str("code"), status, code, r.raw)
	}
	return r
}

// told are the names of the webhooks about a session, in order.
func (b *bench) told(session string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []string
	for _, e := range b.webhooks {
		if string(e.ObjectID) == session {
			out = append(out, e.Webhook)
		}
	}
	return out
}

// workflow makes a workflow with the live key, as only that may.
func (b *bench) workflow(t *testing.T, steps string) string {
	t.Helper()
	r := b.live.must(201, "POST", "/v1/workflows", `{"name":"Test","steps":[`+steps+`]}`)
	return r.str("workflow.id")
}

// session makes an API-driven session of an applicant with a family name.
func (c *client) session(workflow, family string) string {
	c.t.Helper()
	return c.must(201, "POST", "/v1/workflows/"+workflow+"/sessions", map[string]any{
		"email": "anna@example.org", "first_name": "Anna", "last_name": family, "phone": "+31612345678", "external_id": "order-" + family}).str("session_id")
}

// upload sends one picture and gives its upload id.
func (c *client) upload(session string, seed int) string {
	c.t.Helper()
	r := c.must(201, "POST", "/v1/sessions/"+session+"/uploads", map[string]any{"name": "picture.png", "content_type": "image/png"})
	open := c.b.client(c.t, "")
	if sent := open.send(r.str("method"), r.str("url"), "image/png", bytes.NewReader(picture(c.t, seed))); sent.status != 200 || sent.str("upload_id") != r.str("upload_id") {
		c.t.Fatalf("sending a file: %d %s", sent.status, sent.raw)
	}
	return r.str("upload_id")
}

// papers is the submission of ID_VERIFICATION with a passport.
func (c *client) papers(session string) map[string]any {
	return map[string]any{"document_type": "passport", "uploads": map[string]any{"id_front": c.upload(session, 1), "selfie_front": c.upload(session, 2)}}
}

func (c *client) submit(session, step string, body any) reply {
	c.t.Helper()
	return c.must(200, "POST", "/v1/sessions/"+session+"/steps/"+step, body)
}

// settled waits until the run of a session has ended and gives its status.
func (b *bench) settled(t *testing.T, c *client, session string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	env := kyc.Live
	if c.key == b.dev.SandboxKey {
		env = kyc.Sandbox
	}
	tenant := kyc.Tenant{Org: b.dev.ID, Env: env}
	s, err := b.db.Session(ctx, tenant, kyc.ID(session))
	if err != nil {
		t.Fatal(err)
	}
	if s.RunID != "" {
		if err := b.wait(ctx, tenant, s.RunID); err != nil {
			t.Fatal(err)
		}
	}
	return c.must(200, "GET", "/v1/sessions/"+session+"/workflow", nil).str("status")
}

// picture is a small PNG; different seeds give different bytes.
func picture(t *testing.T, seed int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 320+seed, 200))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
