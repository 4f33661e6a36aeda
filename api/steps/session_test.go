package steps

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
)

// all is the sandbox of the bench's organisation.
func all(b *bench) kyc.Tenant { return kyc.Tenant{Org: b.dev.ID, Env: kyc.Sandbox} }

func TestASessionIsMadeAndRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	wid := c.workflow(small)
	bad := c.refused(400, "validation_failed", "POST", "/kyc/sessions", `{"workflow":"x","ttl_days":900,"send_invite":"pigeon"}`)
	if len(bad.list("errors")) != 4 { // unknown, missing, too long, no such way
		t.Errorf("%s", bad.raw)
	}
	c.refused(400, "invalid_session", "POST", "/kyc/sessions", map[string]any{"workflow_id": wid, "client_id": "a", "customer_id": wid})
	c.refused(404, "not_found", "POST", "/kyc/sessions", map[string]any{"workflow_id": "nothing"})
	c.refused(404, "workflow_version_not_found", "POST", "/kyc/sessions", map[string]any{"workflow_id": wid, "workflow_version": 2})
	r := c.with("Idempotency-Key", "one").must(201, "POST", "/kyc/sessions", map[string]any{"workflow_id": wid, "client_id": "anna", "ttl_days": 3, "language": "nl",
		"redirect_url": "https://example.com/back", "send_invite": "email", "metadata": map[string]any{"user_email": "anna@example.com"}, "prefill": map[string]any{"bogus": 1}})
	if again := c.with("Idempotency-Key", "one").call("POST", "/kyc/sessions", map[string]any{"workflow_id": wid, "client_id": "anna", "ttl_days": 3, "language": "nl",
		"redirect_url": "https://example.com/back", "send_invite": "email", "metadata": map[string]any{"user_email": "anna@example.com"}, "prefill": map[string]any{"bogus": 1}}); again.str("session_id") != r.str("session_id") {
		t.Errorf("%s", again.raw)
	}
	made, _ := time.Parse(time.RFC3339, r.str("created_at"))
	ends, _ := time.Parse(time.RFC3339, r.str("expires_at"))
	if r.str("status") != "active" || ends.Sub(made) != 72*time.Hour || len(r.str("access_token")) != 43 || r.at("invited") != true || r.str("warnings.0.path") != "/prefill/bogus" ||
		r.str("public_url") != b.url+"/public/sessions/"+r.str("access_token") || r.str("client_id") != "anna" || r.header.Get("ETag") == "" {
		t.Errorf("%s", r.raw)
	}
	b.mu.Lock()
	if len(b.invited) != 1 || b.invited[0].To != "anna@example.com" || b.invited[0].Token != r.str("access_token") {
		t.Errorf("%+v", b.invited)
	}
	b.mu.Unlock()
	same := c.must(201, "POST", "/kyc/sessions", map[string]any{"workflow_id": wid, "client_id": "anna"})
	if same.str("customer_id") != r.str("customer_id") {
		t.Error("one client is two customers")
	}
	if rows := c.must(200, "GET", "/kyc/sessions?customer_id="+r.str("customer_id"), nil); rows.at("count") != 2.0 {
		t.Errorf("%s", rows.raw)
	}
}

func TestLinksEndAndComeBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	a := c.opened(map[string]any{"workflow_id": c.workflow(small)})
	path := "/kyc/sessions/" + a.session
	fresh := c.must(200, "POST", path+"/generate-link", nil)
	a.refused(404, "session_not_found", "GET", a.path(""), nil)
	a.token = fresh.str("access_token")
	a.must(200, "GET", a.path(""), nil)
	c.refused(400, "invalid_extension", "POST", path+"/extend", `{}`)
	c.refused(400, "invalid_extension", "POST", path+"/extend", `{"days":3,"expires_at":"2099-01-01T00:00:00Z"}`)
	if r := c.must(200, "POST", path+"/extend", `{"days":3}`); r.str("expires_at") <= fresh.str("expires_at") {
		t.Errorf("%s", r.raw)
	}
	c.refused(409, "cannot_shorten", "POST", path+"/extend", map[string]any{"expires_at": b.clock.Now().Add(time.Hour).UTC().Format(time.RFC3339)})
	b.clock.advance(11 * 24 * time.Hour)
	a.refused(410, "session_expired", "GET", a.path(""), nil)
	a.fails(410, "session_expired", "/step/form/complete", `{"form_data":{"full_name":"x"}}`)
	if _, err := b.sessions.ExpireDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := c.must(200, "GET", path, nil); r.str("status") != "expired" || !slices.Contains(b.told(a.session), "kyc.session.expired") {
		t.Errorf("%s %v", r.raw, b.told(a.session))
	}
	c.refused(409, "session_expired", "POST", path+"/generate-link", nil)
	if r := c.must(200, "POST", path+"/extend", `{"days":1}`); r.str("status") != "active" {
		t.Errorf("%s", r.raw)
	}
	a.must(200, "GET", a.path(""), nil)
	if r := c.must(200, "DELETE", path, nil); r.str("mode") != "archive" || r.str("archived_at") == "" {
		t.Errorf("%s", r.raw)
	}
	if rows := c.must(200, "GET", "/kyc/sessions", nil); rows.at("count") != 0.0 {
		t.Errorf("%s", rows.raw)
	}
	if rows := c.must(200, "GET", "/kyc/sessions?include_archived=true", nil); rows.at("count") != 1.0 {
		t.Errorf("%s", rows.raw)
	}
}

func TestADocumentHasASignedAddress(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	a := c.opened(map[string]any{"workflow_id": c.workflow(fixture(t, "f12_complete_individual"))})
	file := picture(t, 5)
	doc := a.upload("documents", "id", file)
	path := "/kyc/sessions/" + a.session + "/documents/"
	nobody := b.client(t, "")
	for disposition, want := range map[string]string{"inline": "inline; filename=" + doc + ".png", "attachment": "attachment; filename=" + doc + ".png"} {
		signed := c.must(200, "GET", path+doc+"/url?disposition="+disposition, nil)
		got := nobody.send("GET", signed.str("url"), "", nil)
		if got.status != 200 || !bytes.Equal(got.raw, file) || got.header.Get("Content-Type") != "image/png" || got.header.Get("Content-Disposition") != want ||
			got.header.Get("X-Content-Type-Options") != "nosniff" || got.header.Get("Cache-Control") != "no-store" || len(got.header.Values("X-Content-Type-Options")) != 1 {
			t.Errorf("%d %v", got.status, got.header)
		}
		if forged := nobody.send("GET", signed.str("url")+"x", "", nil); forged.status != http.StatusForbidden || forged.str("code") != "link_invalid" {
			t.Errorf("%d %s", forged.status, forged.raw)
		}
	}
	c.refused(400, "parameter_invalid", "GET", path+doc+"/url?disposition=upside", nil)
	other := c.opened(map[string]any{"workflow_id": c.workflow(small)})
	c.refused(404, "not_found", "GET", "/kyc/sessions/"+other.session+"/documents/"+doc+"/url", nil)
	b.stranger.refused(404, "not_found", "GET", path+doc+"/url", nil)
	signed := c.must(200, "GET", path+doc+"/url", nil)
	b.clock.advance(5*time.Minute + time.Second)
	if late := nobody.send("GET", signed.str("url"), "", nil); late.status != 403 || late.str("code") != "link_expired" {
		t.Errorf("%d %s", late.status, late.raw)
	}
	events, _, err := b.db.Events(t.Context(), all(b), kyc.EventFilter{Action: "upload.read"}, kyc.Page{Limit: 10})
	if err != nil || len(events) != 2 || events[0].Actor.Kind != kyc.ActorKey {
		t.Errorf("the looks are not recorded: %v %+v", err, events)
	}
	c.must(200, "PATCH", "/kyc/sessions/"+a.session, `{"status":"cancelled"}`)
	b.client(t, b.dev.SandboxKey).must(200, "DELETE", "/kyc/sessions/"+a.session+"?mode=redact", nil)
	c.refused(404, "not_found", "GET", path+doc+"/url", nil)
	if r := c.must(200, "GET", "/kyc/sessions/"+a.session, nil); r.str("redacted_at") == "" || r.str("documents.0.status") != "redacted" || r.at("documents.0.file_name") != nil {
		t.Errorf("%s", r.raw)
	}
	a.refused(404, "session_not_found", "GET", a.path(""), nil)
}

func TestValidationAsksWithoutDeciding(t *testing.T) {
	t.Parallel()
	c := newBench(t).sandbox
	a := c.opened(map[string]any{"workflow_id": c.workflow(fixture(t, "f12_complete_individual"))})
	answers := personal("Sam Sanction")
	a.pass(answers)
	c.await(a.session, "manual_review")
	path := "/kyc/sessions/" + a.session + "/validate"
	r := c.must(200, "POST", path, nil)
	status := map[string]string{}
	for _, row := range r.list("validation_results") {
		m := row.(map[string]any)
		status[m["check"].(string)] = m["status"].(string)
	}
	if status["lists"] == "passed" || status["lists"] == "not_run" || status["crypto"] != "not_run" || len(status) != 5 {
		t.Errorf("%s", r.raw)
	}
	if one := c.must(200, "POST", path, `{"checks":["face_match"]}`); len(one.list("validation_results")) != 1 || one.str("validation_results.0.status") != "passed" {
		t.Errorf("%s", one.raw)
	}
	c.refused(400, "validation_failed", "POST", path, `{"checks":["aura"]}`)
	if after := c.must(200, "GET", "/kyc/sessions/"+a.session, nil); after.str("status") != "manual_review" || len(after.list("decision_history")) != 1 {
		t.Errorf("%s", after.raw)
	}
}

func TestMessagesTellWhatHappenedAndNothingPersonal(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	a := c.opened(map[string]any{"workflow_id": c.workflow(strings.Replace(small, `"name":"Small"`, `"name":"Small","custom_tags":{"region":"EU"}`, 1)), "client_id": "anna",
		"metadata": map[string]any{"secret": "personal-metadata"}})
	a.ok("/step/form/complete", `{"form_data":{"full_name":"Ada Approve"}}`)
	c.must(200, "POST", "/kyc/sessions/"+a.session+"/process", nil)
	b.mu.Lock()
	events := slices.Clone(b.webhooks)
	b.mu.Unlock()
	if len(events) == 0 {
		t.Fatal("nothing was told")
	}
	for _, e := range events {
		if !slices.Contains(Events(), e.Webhook) || e.Surface != kyc.SurfaceSteps {
			t.Errorf("%s on %s", e.Webhook, e.Surface)
		}
		var data map[string]any
		if err := json.Unmarshal(e.Payload, &data); err != nil {
			t.Fatal(err)
		}
		tags, _ := data["custom_tags"].(map[string]any)
		if tags["region"] != "EU" || data["session_id"] != a.session || data["workflow_name"] != "Small" || data["workflow_version"] != 1.0 || data["client_id"] != "anna" || data["occurred_at"] == nil {
			t.Errorf("%s: %s", e.Webhook, e.Payload)
		}
		if strings.Contains(string(e.Payload), "Ada") || strings.Contains(string(e.Payload), "personal-metadata") {
			t.Errorf("an event holds personal data: %s", e.Payload)
		}
		for _, key := range []string{"status", "final_decision", "customer_id", "parent_session_id", "automation_flags", "summary", "workflow_id"} {
			if _, there := data[key]; !there {
				t.Errorf("%s lacks %s", e.Webhook, key)
			}
		}
		// What is sent has the answers and the metadata.
		if err := b.journeys.Enrich(t.Context(), e, data); err != nil {
			t.Fatal(err)
		}
		if metadata, _ := data["metadata"].(map[string]any); metadata["secret"] != "personal-metadata" || data["form_data"] == nil {
			t.Errorf("%v", data)
		}
	}
}
