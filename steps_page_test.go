package main

import (
	"net/http"
	"strings"
	"testing"
)

// The page behind an onboarding link names the steps, as often as it is
// opened, and tells nothing else.
func TestTheLinkOfAnOnboardingShowsItsSteps(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database)
		c := srv.newTenant(t)
		w := c.must(t, http.StatusCreated, "POST", "/kyc/workflows", map[string]any{"name": "Bank <b>account</b>", "description": "internal-marker", "steps": []any{
			map[string]any{"step_id": "you", "order": 1, "name": "About you", "type": "form_fill", "i18n": map[string]any{"de": map[string]any{"name": "Über Sie"}},
				"custom_fields": []any{map[string]any{"field_id": "n", "name": "Name", "type": "text", "required": true}}},
			map[string]any{"step_id": "face", "order": 2, "name": "Your face", "type": "selfie", "required": false}}})
		s := c.must(t, http.StatusCreated, "POST", "/kyc/sessions", map[string]any{"workflow_id": w.str("workflow_id"), "language": "de"})
		page := s.str("public_url")
		for range 2 {
			a := c.page(t, page, http.StatusOK)
			for _, want := range []string{`lang="de"`, "Über Sie", "Your face", "(freiwillig)", "Bank &lt;b&gt;account&lt;/b&gt;", "Es sind 2 Schritte"} {
				if !strings.Contains(a, want) {
					t.Errorf("the page lacks %q:\n%s", want, a)
				}
			}
			if strings.Contains(a, "internal-marker") {
				t.Errorf("the page tells what is internal:\n%s", a)
			}
		}
		fresh := c.must(t, http.StatusOK, "POST", "/kyc/sessions/"+s.str("session_id")+"/generate-link", map[string]any{})
		c.page(t, page, http.StatusNotFound)
		c.page(t, fresh.str("public_url"), http.StatusOK)
		c.must(t, http.StatusOK, "POST", "/api/v1/sandbox/clock", map[string]any{"advance_seconds": 8 * 24 * 3600})
		c.page(t, fresh.str("public_url"), http.StatusGone)
	})
}

// page reads an HTML page.
func (c *client) page(t *testing.T, address string, status int) string {
	t.Helper()
	resp, err := http.Get(address) //nolint:noctx // the test's own server
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var b strings.Builder
	if err := resp.Write(&b); err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != status {
		t.Fatalf("%s: %d, want %d\n%s", address, resp.StatusCode, status, b.String())
	}
	return b.String()
}
