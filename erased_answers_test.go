package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// keyed is a request with an Idempotency-Key, and what it was answered.
type keyed struct {
	method, path string
	body         any
	key          string
	first        answer
}

// again sends the request once more.
func (k *keyed) again(t *testing.T, c *client) answer {
	t.Helper()
	return c.callWith(t, k.method, k.path, k.body, map[string]string{"Idempotency-Key": k.key})
}

// stored makes a request with a key of its own and sees that its answer is
// stored.
func (c *client) stored(t *testing.T, status int, method, path string, body any) *keyed {
	t.Helper()
	k := &keyed{method: method, path: path, body: body, key: fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%s %s %v", method, path, body)))}
	if k.first = k.again(t, c); k.first.status != status {
		t.Fatalf("%s %s answers %d %s, want %d", method, path, k.first.status, k.first.raw, status)
	}
	if a := k.again(t, c); a.header.Get("Idempotent-Replayed") != "true" || !bytes.Equal(a.raw, k.first.raw) {
		t.Fatalf("%s %s is not replayed: %d %s", method, path, a.status, a.raw)
	}
	return k
}

// gone sees that an answer was erased: it is neither shown nor made anew.
func (k *keyed) gone(t *testing.T, c *client, name string) {
	t.Helper()
	a := k.again(t, c)
	if a.status != http.StatusGone || a.code() != "answer_erased" || a.header.Get("Idempotent-Replayed") != "" || strings.Contains(string(a.raw), name) {
		t.Errorf("after the erasure %s %s is answered %d %s", k.method, k.path, a.status, a.raw)
	}
}

// same sees that an answer is still what it was.
func (k *keyed) same(t *testing.T, c *client) {
	t.Helper()
	if a := k.again(t, c); a.status != k.first.status || !bytes.Equal(a.raw, k.first.raw) {
		t.Errorf("%s %s was answered %d %s, and now %d %s", k.method, k.path, k.first.status, k.first.raw, a.status, a.raw)
	}
}

func TestErasedPeopleAreGoneFromStoredAnswersOfSteps(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		c := startServer(t, database).newTenant(t)
		const name = "Wilhelmina Stellengard"
		w := c.must(t, 201, "POST", "/kyc/workflows", map[string]any{"name": "Reviewed", "steps": []any{
			map[string]any{"step_id": "you", "order": 1, "name": "You", "type": "form_fill", "custom_fields": []any{
				map[string]any{"field_id": "who", "name": "Name", "type": "name", "required": true}}}},
			"validation_config": map[string]any{"automation_rules": map[string]any{"default_action": "manual_review"}}}).str("workflow_id")
		made := c.stored(t, 201, "POST", "/kyc/sessions", map[string]any{"workflow_id": w, "metadata": map[string]any{"name": name}})
		session := made.first.str("session_id")
		at := "/kyc/sessions/" + session
		c.must(t, 200, "POST", "/public/sessions/"+made.first.str("access_token")+"/step/you/complete", map[string]any{"form_data": map[string]any{"who": name}})
		processed := c.stored(t, 200, "POST", at+"/process", nil)
		decided := c.stored(t, 200, "PATCH", at, map[string]any{"status": "approved", "reason": name + " is known"})
		neighbour := c.stored(t, 201, "POST", "/kyc/sessions", map[string]any{"workflow_id": w, "client_id": "neighbour", "metadata": map[string]any{"name": "Bob"}})
		if !strings.Contains(string(made.first.raw)+string(processed.first.raw)+string(decided.first.raw), name) {
			t.Fatal("no answer tells the name, so that this test proves nothing")
		}
		erased := c.stored(t, 200, "DELETE", at+"?mode=redact", nil)
		for _, k := range []*keyed{made, processed, decided} {
			k.gone(t, c, name)
		}
		neighbour.same(t, c)
		erased.same(t, c)
		other := *made
		other.body = map[string]any{"workflow_id": w}
		if a := other.again(t, c); a.status != 422 || a.str("code") != "idempotency_mismatch" {
			t.Errorf("another body under the key of an erased answer: %d %s", a.status, a.raw)
		}
		var rows []struct{}
		c.must(t, 200, "GET", "/kyc/sessions", nil).get(t, "items", &rows)
		if len(rows) != 2 {
			t.Errorf("there are %d sessions, want 2: a repeat ran again", len(rows))
		}
	})
}

func TestErasedPeopleAreGoneFromStoredAnswersOfGraphs(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		c := startServer(t, database).newTenant(t)
		const name = "Wilhelmina Stellengard"
		w := c.published(t, reviewGraph)
		made := c.stored(t, 201, "POST", "/api/v1/sessions", map[string]any{"workflow_id": w, "external_ref": name, "metadata": map[string]any{"name": name}})
		at := "/api/v1/sessions/" + made.first.str("id")
		patched := c.stored(t, 200, "PATCH", at, map[string]any{"metadata": map[string]any{"alias": name}})
		submitted := c.stored(t, 202, "POST", at+"/submit", nil)
		held := "/api/v1/cases/" + c.await(t, made.first.str("id"), "under_review").str("case_id")
		noted := c.stored(t, 201, "POST", held+"/notes", map[string]any{"text": name + " called"})
		rejected := c.stored(t, 200, "POST", held+"/reject", map[string]any{"reviewer_id": "anna", "rejection_reason": "not " + name})
		c.await(t, made.first.str("id"), "completed")
		neighbour := c.stored(t, 201, "POST", "/api/v1/sessions", map[string]any{"workflow_id": w, "external_ref": "neighbour"})
		bulk := c.stored(t, 200, "POST", "/api/v1/sessions/bulk-redact", map[string]any{"session_ids": []string{"ses_none"}})
		for _, k := range []*keyed{made, patched, noted} {
			if !strings.Contains(string(k.first.raw), name) {
				t.Errorf("%s %s does not tell the name, so that it proves nothing: %s", k.method, k.path, k.first.raw)
			}
		}
		erased := c.stored(t, 200, "DELETE", at+"/data", nil)
		for _, k := range []*keyed{made, patched, submitted, noted, rejected} {
			k.gone(t, c, name)
		}
		for _, k := range []*keyed{neighbour, bulk, erased} {
			k.same(t, c)
		}
		if a := c.must(t, 200, "DELETE", at+"/data", nil); a.str("status") != "already_redacted" {
			t.Errorf("a second erasure: %s", a.raw)
		}
	})
}
