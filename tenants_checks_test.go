package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"
)

// furnishChecks gives an organisation one object of each kind of surface B.
func (c *client) furnishChecks(t *testing.T, out belongings) {
	t.Helper()
	w := c.checklist(t, `{"id":"CONSENT"},{"id":"DOCUMENT_UPLOAD","config":{"document_types":["proof_of_address"]}}`)
	s := c.checkSession(t, w, "Somebody")
	c.submitCheck(t, s, "CONSENT", consent("Anna Somebody"))
	out["v1.upload"] = c.checkFile(t, s, picture(t, "bill"))
	e := c.must(t, http.StatusCreated, "POST", "/v1/webhooks", map[string]any{"url": "http://127.0.0.1:9/none"}).at("id")
	out["v1.workflows"], out["v1.sessions"], out["v1.webhooks"], out["v1.step_id"] = w, s, e, "CONSENT"
	out["v1.delivery_id"] = c.must(t, http.StatusAccepted, "POST", "/v1/webhooks/"+e+"/test", nil).at("id")
}

// extrasOfChecks are what the operations of surface B need in their bodies
// beyond what their schemas require.
func extrasOfChecks() map[string]map[string]any {
	return map[string]map[string]any{
		"create-check-workflow": {"name": "Theirs", "steps": []any{map[string]any{"id": "CONSENT"}}},
		"update-check-workflow": {"name": "Theirs"}, "configure-check-step": {"config": map[string]any{"require_signature": true}},
		"create-check-session": applicant("Theirs"), "create-hosted-check-session": applicant("Theirs"),
		"submit-check-step": consent("Theirs"), "update-check-endpoint": {"description": "theirs"},
		"replay-check-events": {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"},
	}
}

// ofTheOrganisation are the operations on a workflow of surface B, and what
// they answer to the sandbox key of the same organisation: it reads and runs
// what it can neither make nor change (decision 0013).
func ofTheOrganisation() map[string]int {
	return map[string]int{"get-check-workflow": http.StatusOK, "create-check-session": http.StatusCreated,
		"update-check-workflow": http.StatusForbidden, "configure-check-step": http.StatusForbidden}
}

// picturesOfChecks are the answers that no stranger may change.
func picturesOfChecks(own belongings) []string {
	return []string{"/v1/workflows/" + own["v1.workflows"], "/v1/sessions/" + own["v1.sessions"] + "/workflow", "/v1/webhooks/" + own["v1.webhooks"],
		"/v1/webhooks/" + own["v1.webhooks"] + "/deliveries"}
}

// namesInBodies names somebody else's objects where no path does: in bodies
// and parameters of calls on one's own, and looks for them in one's own lists.
func (c *client) namesInBodies(t *testing.T, name string, mine, theirs belongings) {
	t.Helper()
	body := applicant("Theirs")
	body["workflow_id"] = mine["v1.workflows"]
	want := http.StatusNotFound
	if c.sibling != nil && c.sibling.must(t, http.StatusOK, "GET", "/v1/workflows?limit=100", nil).names(mine["v1.workflows"]) {
		want = http.StatusCreated // the organisation's own workflow, from its sandbox
	}
	if a := c.call(t, "POST", "/v1/sessions", body); a.status != want {
		t.Errorf("%s: a hosted session on somebody else's workflow answers %d, want %d\n%s", name, a.status, want, a.raw)
	}
	for _, path := range []string{"/v1/sessions", "/v1/sessions?by_organization=true", "/v1/sessions?workflow_id=" + mine["v1.workflows"]} {
		if a := c.must(t, http.StatusOK, "GET", path, nil); a.names(mine["v1.sessions"]) {
			t.Errorf("%s: GET %s shows somebody else's session", name, path)
		}
	}
	if want == http.StatusNotFound && c.must(t, http.StatusOK, "GET", "/v1/workflows?limit=100", nil).names(mine["v1.workflows"]) {
		t.Errorf("%s: GET /v1/workflows shows somebody else's", name)
	}
	if c.must(t, http.StatusOK, "GET", "/v1/webhooks", nil).names(mine["v1.webhooks"]) {
		t.Errorf("%s: GET /v1/webhooks shows somebody else's", name)
	}
	// A file of somebody else's session is no file of one's own.
	s := c.checkSession(t, theirs["v1.workflows"], "Theirs")
	c.submitCheck(t, s, "CONSENT", consent("Theirs"))
	foreign := mine["v1.upload"]
	if a := c.call(t, "POST", "/v1/sessions/"+s+"/steps/DOCUMENT_UPLOAD", map[string]any{"uploads": map[string]any{"proof_of_address": foreign}}); a.status < 400 || a.status >= 500 {
		t.Errorf("%s: submitting somebody else's file answers %d\n%s", name, a.status, a.raw)
	}
	c.namesInBodiesOfEntities(t, name, mine, theirs)
}

// names reports whether an answer speaks of an object.
func (a answer) names(id string) bool { return bytes.Contains(a.raw, []byte(id)) }

// withoutRequest takes out of an answer what belongs to the request alone.
func withoutRequest(t *testing.T, raw []byte) []byte {
	t.Helper()
	var body map[string]any
	if err := json.Unmarshal(raw, &body); err != nil {
		t.Fatal(err)
	}
	delete(body, "requestId")
	out, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A forged address of surface B is no permission.
func TestForgedAddressesOfChecksOpenNothing(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "")
	nobody := &client{url: srv.url}
	for _, token := range []string{"x", "bm90IG91cnM", "bm90IG91cnM.bm90IG91cnM", "0199a0b0-1111-7222-8333-444455556666"} {
		if a := nobody.call(t, "GET", "/v1/files/"+token, nil); a.status != http.StatusNotFound && a.status != http.StatusForbidden {
			t.Errorf("GET /v1/files/%s answers %d\n%s", token, a.status, a.raw)
		}
		if a := nobody.send(t, "PUT", "/v1/uploads/"+token, "image/jpeg", bytes.NewReader(picture(t, "forged")), nil); a.status != http.StatusNotFound {
			t.Errorf("PUT /v1/uploads/%s answers %d\n%s", token, a.status, a.raw)
		}
	}
}
