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
func all(b *bench) kyc.Tenant { return kyc.Tenant{Org: b.Dev.ID, Env: kyc.Sandbox} }

func TestASessionIsMadeAndRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	wid := c.workflow(small)
	bad := c.refused(400, "validation_failed", "POST", "/kyc/sessions", `{"workflow":"x","ttl_days":900,"send_invite":"pigeon"}`)
	if len(bad.List("errors")) != 4 { // unknown, missing, too long, no such way
		t.Errorf("%s", bad.Raw)
	}
	c.refused(400, "invalid_session", "POST", "/kyc/sessions", map[string]any{"workflow_id": wid, "client_id": "a", "customer_id": wid})
	c.refused(404, "not_found", "POST", "/kyc/sessions", map[string]any{"workflow_id": "nothing"})
	c.refused(404, "workflow_version_not_found", "POST", "/kyc/sessions", map[string]any{"workflow_id": wid, "workflow_version": 2})
	r := c.With("Idempotency-Key", "one").Must(201, "POST", "/kyc/sessions", map[string]any{"workflow_id": wid, "client_id": "anna", "ttl_days": 3, "language": "nl",
		"redirect_url": "https://example.com/back", "send_invite": "email", "metadata": map[string]any{"user_email": "anna@example.com"}, "prefill": map[string]any{"bogus": 1}})
	if again := c.With("Idempotency-Key", "one").Call("POST", "/kyc/sessions", map[string]any{"workflow_id": wid, "client_id": "anna", "ttl_days": 3, "language": "nl",
		"redirect_url": "https://example.com/back", "send_invite": "email", "metadata": map[string]any{"user_email": "anna@example.com"}, "prefill": map[string]any{"bogus": 1}}); again.Str("session_id") != r.Str("session_id") {
		t.Errorf("%s", again.Raw)
	}
	made, _ := time.Parse(time.RFC3339, r.Str("created_at"))
	ends, _ := time.Parse(time.RFC3339, r.Str("expires_at"))
	if r.Str("status") != "active" || ends.Sub(made) != 72*time.Hour || len(r.Str("access_token")) != 43 || r.At("invited") != true || r.Str("warnings.0.path") != "/prefill/bogus" ||
		r.Str("public_url") != b.URL+"/public/sessions/"+r.Str("access_token") || r.Str("client_id") != "anna" || r.Header.Get("ETag") == "" {
		t.Errorf("%s", r.Raw)
	}
	b.mu.Lock()
	if len(b.invited) != 1 || b.invited[0].To != "anna@example.com" || b.invited[0].Token != r.Str("access_token") {
		t.Errorf("%+v", b.invited)
	}
	b.mu.Unlock()
	same := c.Must(201, "POST", "/kyc/sessions", map[string]any{"workflow_id": wid, "client_id": "anna"})
	if same.Str("customer_id") != r.Str("customer_id") {
		t.Error("one client is two customers")
	}
	if rows := c.Must(200, "GET", "/kyc/sessions?customer_id="+r.Str("customer_id"), nil); rows.At("count") != 2.0 {
		t.Errorf("%s", rows.Raw)
	}
}

func TestLinksEndAndComeBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	a := c.opened(map[string]any{"workflow_id": c.workflow(small)})
	path := "/kyc/sessions/" + a.session
	fresh := c.Must(200, "POST", path+"/generate-link", nil)
	a.refused(404, "session_not_found", "GET", a.path(""), nil)
	a.token = fresh.Str("access_token")
	a.Must(200, "GET", a.path(""), nil)
	c.refused(400, "invalid_extension", "POST", path+"/extend", `{}`)
	c.refused(400, "invalid_extension", "POST", path+"/extend", `{"days":3,"expires_at":"2099-01-01T00:00:00Z"}`)
	if r := c.Must(200, "POST", path+"/extend", `{"days":3}`); r.Str("expires_at") <= fresh.Str("expires_at") {
		t.Errorf("%s", r.Raw)
	}
	c.refused(409, "cannot_shorten", "POST", path+"/extend", map[string]any{"expires_at": b.Clock.Now().Add(time.Hour).UTC().Format(time.RFC3339)})
	b.Clock.Advance(11 * 24 * time.Hour)
	a.refused(410, "session_expired", "GET", a.path(""), nil)
	a.fails(410, "session_expired", "/step/form/complete", `{"form_data":{"full_name":"x"}}`)
	if _, err := b.sessions.ExpireDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := c.Must(200, "GET", path, nil); r.Str("status") != "expired" || !slices.Contains(b.Told(a.session), "kyc.session.expired") {
		t.Errorf("%s %v", r.Raw, b.Told(a.session))
	}
	c.refused(409, "session_expired", "POST", path+"/generate-link", nil)
	if r := c.Must(200, "POST", path+"/extend", `{"days":1}`); r.Str("status") != "active" {
		t.Errorf("%s", r.Raw)
	}
	a.Must(200, "GET", a.path(""), nil)
	if r := c.Must(200, "DELETE", path, nil); r.Str("mode") != "archive" || r.Str("archived_at") == "" {
		t.Errorf("%s", r.Raw)
	}
	if rows := c.Must(200, "GET", "/kyc/sessions", nil); rows.At("count") != 0.0 {
		t.Errorf("%s", rows.Raw)
	}
	if rows := c.Must(200, "GET", "/kyc/sessions?include_archived=true", nil); rows.At("count") != 1.0 {
		t.Errorf("%s", rows.Raw)
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
		signed := c.Must(200, "GET", path+doc+"/url?disposition="+disposition, nil)
		got := nobody.Send("GET", signed.Str("url"), "", nil)
		if got.Status != 200 || !bytes.Equal(got.Raw, file) || got.Header.Get("Content-Type") != "image/png" || got.Header.Get("Content-Disposition") != want ||
			got.Header.Get("X-Content-Type-Options") != "nosniff" || got.Header.Get("Cache-Control") != "no-store" || len(got.Header.Values("X-Content-Type-Options")) != 1 {
			t.Errorf("%d %v", got.Status, got.Header)
		}
		if forged := nobody.Send("GET", signed.Str("url")+"x", "", nil); forged.Status != http.StatusForbidden || forged.Str("code") != "link_invalid" {
			t.Errorf("%d %s", forged.Status, forged.Raw)
		}
	}
	c.refused(400, "parameter_invalid", "GET", path+doc+"/url?disposition=upside", nil)
	other := c.opened(map[string]any{"workflow_id": c.workflow(small)})
	c.refused(404, "not_found", "GET", "/kyc/sessions/"+other.session+"/documents/"+doc+"/url", nil)
	b.stranger.refused(404, "not_found", "GET", path+doc+"/url", nil)
	signed := c.Must(200, "GET", path+doc+"/url", nil)
	b.Clock.Advance(5*time.Minute + time.Second)
	if late := nobody.Send("GET", signed.Str("url"), "", nil); late.Status != 403 || late.Str("code") != "link_expired" {
		t.Errorf("%d %s", late.Status, late.Raw)
	}
	events, _, err := b.DB.Events(t.Context(), all(b), kyc.EventFilter{Action: "upload.read"}, kyc.Page{Limit: 10})
	if err != nil || len(events) != 2 || events[0].Actor.Kind != kyc.ActorKey {
		t.Errorf("the looks are not recorded: %v %+v", err, events)
	}
	c.Must(200, "PATCH", "/kyc/sessions/"+a.session, `{"status":"cancelled"}`)
	b.client(t, b.Dev.SandboxKey).Must(200, "DELETE", "/kyc/sessions/"+a.session+"?mode=redact", nil)
	c.refused(404, "not_found", "GET", path+doc+"/url", nil)
	if r := c.Must(200, "GET", "/kyc/sessions/"+a.session, nil); r.Str("redacted_at") == "" || r.Str("documents.0.status") != "redacted" || r.At("documents.0.file_name") != nil {
		t.Errorf("%s", r.Raw)
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
	r := c.Must(200, "POST", path, nil)
	status := map[string]string{}
	for _, row := range r.List("validation_results") {
		m := row.(map[string]any)
		status[m["check"].(string)] = m["status"].(string)
	}
	if status["lists"] == "passed" || status["lists"] == "not_run" || status["crypto"] != "not_run" || len(status) != 5 {
		t.Errorf("%s", r.Raw)
	}
	if one := c.Must(200, "POST", path, `{"checks":["face_match"]}`); len(one.List("validation_results")) != 1 || one.Str("validation_results.0.status") != "passed" {
		t.Errorf("%s", one.Raw)
	}
	c.refused(400, "validation_failed", "POST", path, `{"checks":["aura"]}`)
	if after := c.Must(200, "GET", "/kyc/sessions/"+a.session, nil); after.Str("status") != "manual_review" || len(after.List("decision_history")) != 1 {
		t.Errorf("%s", after.Raw)
	}
}

func TestMessagesTellWhatHappenedAndNothingPersonal(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	a := c.opened(map[string]any{"workflow_id": c.workflow(strings.Replace(small, `"name":"Small"`, `"name":"Small","custom_tags":{"region":"EU"}`, 1)), "client_id": "anna",
		"metadata": map[string]any{"secret": "personal-metadata"}})
	a.ok("/step/form/complete", `{"form_data":{"full_name":"Ada Approve"}}`)
	c.Must(200, "POST", "/kyc/sessions/"+a.session+"/process", nil)
	events := b.Messages()
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
