package steps

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fixture reads one of the definitions that the seeds print.
func fixture(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "onboarding", "testdata", "fixtures", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// workflow makes a workflow and gives its id.
func (c *client) workflow(definition string) string {
	c.T.Helper()
	return c.Must(http.StatusCreated, "POST", "/kyc/workflows", definition).Str("workflow_id")
}

// applicant walks one session with its token.
type applicant struct {
	*client
	session, token string
}

// opened makes a session and gives its applicant, who sends JSON the way a
// browser's fetch does.
func (c *client) opened(body map[string]any) *applicant {
	c.T.Helper()
	s := c.Must(http.StatusCreated, "POST", "/kyc/sessions", body)
	return &applicant{client: c.b.client(c.T, ""), session: s.Str("session_id"), token: s.Str("access_token")}
}

func (a *applicant) path(suffix string) string { return "/public/sessions/" + a.token + suffix }

// post sends a body, or none.
func (a *applicant) post(suffix, body string) reply {
	a.T.Helper()
	if body == "" {
		return a.Send("POST", a.path(suffix), "", nil)
	}
	return a.Send("POST", a.path(suffix), "text/plain;charset=UTF-8", strings.NewReader(body))
}

// ok posts and wants success.
func (a *applicant) ok(suffix, body string) reply {
	a.T.Helper()
	r := a.post(suffix, body)
	if r.Status >= 300 {
		a.T.Fatalf("POST %s: %d\n%s", suffix, r.Status, r.Raw)
	}
	return r
}

// fails posts and wants an error.
func (a *applicant) fails(status int, code, suffix, body string) reply {
	a.T.Helper()
	r := a.post(suffix, body)
	if r.Status != status || r.Str("code") != code {
		a.T.Errorf("POST %s: %d %s, want %d %s\n%s", suffix, r.Status, r.Str("code"), status, code, r.Raw)
	}
	return r
}

// upload sends a document in three steps and gives its id.
func (a *applicant) upload(step, documentType string, file []byte) string {
	a.T.Helper()
	init := a.ok("/upload/init", jsonText(a.T, map[string]any{"step_id": step, "document_type": documentType, "file_name": "paper.png", "content_type": "image/png",
		"size": len(file), "sha256": sum(file)}))
	if !strings.HasPrefix(init.Str("upload_url"), "http") {
		a.T.Fatalf("%s", init.Raw)
	}
	if put := a.Send("PUT", init.Str("upload_url"), init.Str("headers.Content-Type"), bytes.NewReader(file)); put.Status != http.StatusOK {
		a.T.Fatalf("%d %s", put.Status, put.Raw)
	}
	return a.ok("/upload/confirm", jsonText(a.T, map[string]any{"upload_id": init.Str("upload_id")})).Str("doc_id")
}

// liveness makes one liveness attempt.
func (a *applicant) liveness() reply {
	a.T.Helper()
	l := a.ok("/liveness/create", "")
	return a.ok("/liveness/verify", jsonText(a.T, map[string]any{"liveness_session_id": l.Str("session_id")}))
}

// personal are answers for the complete individual workflow of seed 004.
func personal(name string) map[string]any {
	return map[string]any{"full_name": name, "date_of_birth": "1990-05-17", "nationality": "NL", "residence": "NL", "email": "ada@example.com",
		"phone": "+31612345678", "pep_status": "No"}
}

// pass walks the complete individual workflow.
func (a *applicant) pass(answers map[string]any) reply {
	a.T.Helper()
	a.upload("documents", "id", picture(a.T, 0))
	a.ok("/step/documents/complete", "{}")
	if got := a.liveness(); got.At("passed") != true {
		a.T.Fatalf("%s", got.Raw)
	}
	a.ok("/step/liveness/complete", "")
	return a.ok("/step/personal_info/complete", jsonText(a.T, map[string]any{"form_data": answers}))
}

// await reads a session until it has a status.
func (c *client) await(session, status string) reply {
	c.T.Helper()
	for range 400 {
		r := c.Must(http.StatusOK, "GET", "/kyc/sessions/"+session, nil)
		if r.Str("status") == status {
			return r
		}
		if s := r.Str("status"); s != "processing" && s != "active" && s != "completed" {
			c.T.Fatalf("the session is %s, want %s\n%s", s, status, r.Raw)
		}
		c.b.rest()
	}
	c.T.Fatalf("the session never was %s", status)
	return reply{}
}
