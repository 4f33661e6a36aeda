package checks

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"testing"
	"time"

	"bonafide/api/apitest"
	"bonafide/kyc"
)

// client calls the API with one key.
type client struct {
	apitest.Client
	b *bench
}

// reply is an answer of the API.
type reply = apitest.Answer

func (b *bench) client(t *testing.T, key string) *client {
	return &client{b: b, Client: apitest.Client{T: t, URL: b.URL, Header: apitest.Keyed("x-api-key", "", key)}}
}

// With gives a client that sends one more header.
func (c *client) With(name, value string) *client {
	return &client{b: c.b, Client: c.Client.With(name, value)}
}

// problems are the places and codes of an error.
func problems(r reply) []string {
	out := []string{}
	for _, p := range r.List("errors") {
		row, _ := p.(map[string]any)
		out = append(out, fmt.Sprint(row["path"], " ", row["code"]))
	}
	return out
}

// refused wants an error with a status and a code.
func (c *client) refused(status int, code, method, path string, body any) reply {
	c.T.Helper()
	r := c.Call(method, path, body)
	if r.Status != status || r.Str("code") != code || r.Str("error") != code || r.Header.Get("Content-Type") != "application/problem+json" {
		c.T.Errorf("%s %s: %d %s, want %d %s\n%s", method, path, r.Status, r.Str("code"), status, code, r.Raw)
	}
	return r
}

// workflow makes a workflow with the live key, as only that may.
func (b *bench) workflow(t *testing.T, steps string) string {
	t.Helper()
	r := b.live.Must(201, "POST", "/v1/workflows", `{"name":"Test","steps":[`+steps+`]}`)
	return r.Str("workflow.id")
}

// session makes an API-driven session of an applicant with a family name.
func (c *client) session(workflow, family string) string {
	c.T.Helper()
	return c.Must(201, "POST", "/v1/workflows/"+workflow+"/sessions", map[string]any{
		"email": "anna@example.org", "first_name": "Anna", "last_name": family, "phone": "+31612345678", "external_id": "order-" + family}).Str("session_id")
}

// upload sends one picture and gives its upload id.
func (c *client) upload(session string, seed int) string {
	c.T.Helper()
	r := c.Must(201, "POST", "/v1/sessions/"+session+"/uploads", map[string]any{"name": "picture.png", "content_type": "image/png"})
	open := c.b.client(c.T, "")
	if sent := open.Send(r.Str("method"), r.Str("url"), "image/png", bytes.NewReader(picture(c.T, seed))); sent.Status != 200 || sent.Str("upload_id") != r.Str("upload_id") {
		c.T.Fatalf("sending a file: %d %s", sent.Status, sent.Raw)
	}
	return r.Str("upload_id")
}

// papers is the submission of ID_VERIFICATION with a passport.
func (c *client) papers(session string) map[string]any {
	return map[string]any{"document_type": "passport", "uploads": map[string]any{"id_front": c.upload(session, 1), "selfie_front": c.upload(session, 2)}}
}

func (c *client) submit(session, step string, body any) reply {
	c.T.Helper()
	return c.Must(200, "POST", "/v1/sessions/"+session+"/steps/"+step, body)
}

// settled waits until the run of a session has ended and gives its status.
func (b *bench) settled(t *testing.T, c *client, session string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	env := kyc.Live
	if c.Header["x-api-key"] == b.Dev.SandboxKey {
		env = kyc.Sandbox
	}
	tenant := kyc.Tenant{Org: b.Dev.ID, Env: env}
	s, err := b.DB.Session(ctx, tenant, kyc.ID(session))
	if err != nil {
		t.Fatal(err)
	}
	if s.RunID != "" {
		if err := b.Wait(ctx, tenant, s.RunID); err != nil {
			t.Fatal(err)
		}
	}
	return c.Must(200, "GET", "/v1/sessions/"+session+"/workflow", nil).Str("status")
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
