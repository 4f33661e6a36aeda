package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"bonafide/kyc"
)

// A compliance officer makes, publishes and rolls back workflows and keeps lists
// and reasons, in the console and through its API; people, keys, endpoints and
// other settings stay closed, whichever way they are asked for.
func TestAComplianceOfficerKeepsThePolicyAndNothingElse(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "", unhurried)
	org := srv.newTenant(t).org
	officer := deskAs(t, srv, org, "olga@policy.example", "compliance")
	box := url.Values{"env": {"sandbox"}}
	with := func(pairs ...string) url.Values {
		f := url.Values{"env": {"sandbox"}}
		for i := 0; i < len(pairs); i += 2 {
			f.Set(pairs[i], pairs[i+1])
		}
		return f
	}
	_, at, _ := officer.page("/console/workflows/new", with("name", "Policy", "template", "age-gate"))
	if !strings.HasPrefix(at, "/console/workflows/") || at == "/console/workflows/new" {
		t.Fatalf("a new workflow leads to %s", at)
	}
	if status, _, page := officer.page(at+"/publish", with("share", "100", "note", "First")); status != http.StatusOK || !strings.Contains(page, "is in force for 100 % of new sessions.") {
		t.Errorf("publishing: %d %.300s", status, page)
	}
	// A workflow of steps comes into force by being saved.
	if _, at, _ := officer.page("/console/workflows/new", with("name", "Steps", "template", "steps")); at == "/console/workflows/new" {
		t.Error("no workflow of steps is made")
	}
	if status, _, page := officer.page("/console/lists", with("name", "Blocked", "type", "email", "mode", "block")); status != http.StatusOK || !strings.Contains(page, "Blocked") {
		t.Errorf("a list: %d", status)
	}
	officer.says("/console/settings", "Your role may change the reasons of decisions and read the other settings.", `action="/console/settings/reasons"`)
	if _, _, page := officer.page("/console/settings/reasons", with("reasons", "reject | out_of_appetite | We do not serve this country.")); strings.Count(page, "<button>Save</button>") != 1 || !strings.Contains(page, "out_of_appetite") || !strings.Contains(page, "The settings were changed.") {
		t.Errorf("saving reasons: %.500s", page)
	}
	if status, _, page := officer.page("/console/settings/reasons", with("reasons", "perhaps | x | y")); status != http.StatusUnprocessableEntity || strings.Contains(page, "The settings were changed.") {
		t.Errorf("a reason for no decision: %d", status)
	}
	for _, path := range []string{"/console/settings/review", "/console/settings/providers", "/console/team", "/console/api-keys", "/console/webhooks"} {
		if status, _, _ := officer.page(path, box); status != http.StatusForbidden {
			t.Errorf("POST %s: %d", path, status)
		}
	}
	for _, path := range []string{"/console/team", "/console/api-keys", "/console/webhooks", "/console/api/api/v1/webhooks/endpoints"} {
		if status, _, _ := officer.page(path, nil); status != http.StatusForbidden {
			t.Errorf("GET %s: %d", path, status)
		}
	}
	officer.says("/console/queue", "!does not include")
	now, err := srv.app.db.Org(t.Context(), org)
	if err != nil {
		t.Fatal(err)
	}
	if s := now.EnvSettings(kyc.Sandbox); len(s.Reasons) != 1 || s.Reasons[0].Code != "out_of_appetite" || s.PublishFourEyes || s.DualReview {
		t.Errorf("the settings are %+v", s)
	}
	if reviewer := deskAs(t, srv, org, "rita@policy.example", "reviewer"); reviewer != nil {
		if status, _, _ := reviewer.page("/console/settings/reasons", with("reasons", "")); status != http.StatusForbidden {
			t.Errorf("a reviewer changes reasons: %d", status)
		}
	}
}

// PUT /settings/reasons takes reasons and nothing else, with a scope of its own.
func TestReasonsHaveAScopeOfTheirOwn(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "", unhurried)
	box := srv.newTenant(t)
	box.must(t, 200, "PUT", "/api/v1/settings", map[string]any{"dual_review": true})
	secret, err := srv.app.newKey(t.Context(), box.org, kyc.Sandbox, "reasons", []string{"reasons:write"})
	if err != nil {
		t.Fatal(err)
	}
	keeper := &client{url: srv.url, key: secret, org: box.org}
	got := keeper.must(t, 200, "PUT", "/api/v1/settings/reasons", map[string]any{"reasons": []any{map[string]any{"code": "own", "text": "Because.", "for": "approve"}}})
	if got.at("reasons.0.code") != "own" {
		t.Errorf("%s", got.raw)
	}
	keeper.must(t, 422, "PUT", "/api/v1/settings/reasons", map[string]any{"reasons": []any{map[string]any{"code": "Own Words", "text": "Because.", "for": "approve"}}})
	keeper.must(t, 403, "PUT", "/api/v1/settings", map[string]any{"dual_review": false})
	if got := box.must(t, 200, "GET", "/api/v1/settings", nil); got.value("dual_review") != true || got.at("reasons.0.text") != "Because." {
		t.Errorf("%s", got.raw)
	}
}
