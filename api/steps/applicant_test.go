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
	c.t.Helper()
	return c.must(http.StatusCreated, "POST", "/kyc/workflows", definition).str("workflow_id")
}

// applicant walks one session with its token.
type applicant struct {
	*client
	session, token string
}

// opened makes a session and gives its applicant, who sends JSON the way a
// browser's fetch does.
func (c *client) opened(body map[string]any) *applicant {
	c.t.Helper()
	s := c.must(http.StatusCreated, "POST", "/kyc/sessions", body)
	return &applicant{client: c.b.client(c.t, ""), session: s.str("session_id"), token: s.str("access_token")}
}

func (a *applicant) path(suffix string) string { return "/public/sessions/" + a.token + suffix }

// post sends a body, or none.
func (a *applicant) post(suffix, body string) reply {
	a.t.Helper()
	if body == "" {
		return a.send("POST", a.path(suffix), "", nil)
	}
	return a.send("POST", a.path(suffix), "text/plain;charset=UTF-8", strings.NewReader(body))
}

// ok posts and wants success.
func (a *applicant) ok(suffix, body string) reply {
	a.t.Helper()
	r := a.post(suffix, body)
	if r.status >= 300 {
		a.t.Fatalf("POST %s: %d\n%s", suffix, r.status, r.raw)
	}
	return r
}

// fails posts and wants an error.
func (a *applicant) fails(status int, code, suffix, body string) reply {
	a.t.Helper()
	r := a.post(suffix, body)
	if r.status != status || r.str("code") != code {
		a.t.Errorf("POST %s: %d %s, want %d %s\n%s", suffix, r.status, r.str("code"), status, code, r.raw)
	}
	return r
}

// upload sends a document in three steps and gives its id.
func (a *applicant) upload(step, documentType string, file []byte) string {
	a.t.Helper()
	init := a.ok("/upload/init", jsonText(a.t, map[string]any{"step_id": step, "document_type": documentType, "file_name": "paper.png", "content_type": "image/png",
		"size": len(file), "sha256": sum(file)}))
	if !strings.HasPrefix(init.str("upload_url"), "http") {
		a.t.Fatalf("%s", init.raw)
	}
	if put := a.send("PUT", init.str("upload_url"), init.str("headers.Content-Type"), bytes.NewReader(file)); put.status != http.StatusOK {
		a.t.Fatalf("%d %s", put.status, put.raw)
	}
	return a.ok("/upload/confirm", jsonText(a.t, map[string]any{"upload_id": init.str("upload_id")})).str("doc_id")
}

// liveness makes one liveness attempt.
func (a *applicant) liveness() reply {
	a.t.Helper()
	l := a.ok("/liveness/create", "")
	return a.ok("/liveness/verify", jsonText(a.t, map[string]any{"liveness_session_id": l.str("session_id")}))
}

// personal are answers for the complete individual workflow of seed 004.
func personal(name string) map[string]any {
	return map[string]any{"full_name": name, "date_of_birth": "1990-05-17", "nationality": "NL", "residence": "NL", "email": "ada@example.com",
		"phone": "+31612345678", "pep_status": "No"}
}

// pass walks the complete individual workflow.
func (a *applicant) pass(answers map[string]any) reply {
	a.t.Helper()
	a.upload("documents", "id", picture(a.t, 0))
	a.ok("/step/documents/complete", "{}")
	if got := a.liveness(); got.at("passed") != true {
		a.t.Fatalf("%s", got.raw)
	}
	a.ok("/step/liveness/complete", "")
	return a.ok("/step/personal_info/complete", jsonText(a.t, map[string]any{"form_data": answers}))
}

// await reads a session until it has a status.
func (c *client) await(session, status string) reply {
	c.t.Helper()
	for range 400 {
		r := c.must(http.StatusOK, "GET", "/kyc/sessions/"+session, nil)
		if r.str("status") == status {
			return r
		}
		if s := r.str("status"); s != "processing" && s != "active" && s != "completed" {
			c.t.Fatalf("the session is %s, want %s\n%s", s, status, r.raw)
		}
		c.b.rest()
	}
	c.t.Fatalf("the session never was %s", status)
	return reply{}
}
