package checks

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"bonafide/access"
	"bonafide/kyc"
	"bonafide/webhook"
)

func TestEndpoints(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	made := b.live.Must(201, "POST", "/v1/webhooks", `{"url":"https://shop.example/hook","enabled_events":["session.created","session.status.verified"],"description":"the shop"}`)
	at, secret := "/v1/webhooks/"+made.Str("id"), made.Str("secret")
	if _, ok := kyc.ParseID(made.Str("id")); !ok || !strings.HasPrefix(secret, "whsec_") || made.Str("status") != "enabled" {
		t.Errorf("%s", made.Raw)
	}
	for _, path := range []string{"/v1/webhooks", at} {
		if r := b.live.Must(200, "GET", path, nil); strings.Contains(string(r.Raw), "whsec_") || !strings.Contains(string(r.Raw), made.Str("id")) {
			t.Errorf("%s: %s", path, r.Raw)
		}
	}
	b.live.refused(400, "invalid_endpoint", "POST", "/v1/webhooks", `{"url":"https://shop.example/hook","enabled_events":["session.exploded"]}`)
	b.live.refused(400, "validation_failed", "POST", "/v1/webhooks", `{}`)
	changed := b.live.With("If-Match", made.Header.Get("ETag")).Must(200, "PATCH", at, `{"status":"disabled","enabled_events":["*"]}`)
	if changed.Str("status") != "disabled" || changed.Str("enabled_events.0") != "*" {
		t.Errorf("%s", changed.Raw)
	}
	b.live.With("If-Match", made.Header.Get("ETag")).refused(412, "etag_mismatch", "PATCH", at, `{"status":"enabled"}`)
	b.live.refused(409, "endpoint_disabled", "POST", at+"/test", nil)
	b.live.Must(200, "PATCH", at, `{"status":"enabled"}`)
	if r := b.live.Must(200, "POST", at+"/rotate", `{"overlap_seconds":60}`); r.Str("secret") == secret || !strings.HasPrefix(r.Str("secret"), "whsec_") {
		t.Errorf("%s", r.Raw)
	}
	b.live.Must(200, "POST", at+"/rotate", nil)
	b.live.refused(400, "validation_failed", "POST", at+"/rotate", `{"overlap_seconds":-1}`)
	b.sandbox.refused(404, "not_found", "GET", at, nil)
	b.stranger.refused(404, "not_found", "DELETE", at, nil)
	b.reader.refused(403, "scope_missing", "GET", "/v1/webhooks", nil)

	test := b.live.Must(202, "POST", at+"/test", nil)
	if test.Str("event") != "webhook.test" || test.Str("endpoint_id") != made.Str("id") {
		t.Errorf("%s", test.Raw)
	}
	b.live.Must(202, "POST", at+"/test", nil)
	page := b.live.Must(200, "GET", at+"/deliveries?limit=1", nil)
	next := b.live.Must(200, "GET", at+"/deliveries?limit=1&next_token="+page.Str("next_token"), nil)
	if len(page.List("deliveries")) != 1 || len(next.List("deliveries")) != 1 || next.JSON["next_token"] != nil || page.Str("deliveries.0.id") == next.Str("deliveries.0.id") {
		t.Errorf("%s\n%s", page.Raw, next.Raw)
	}
	b.live.refused(400, "cursor_invalid", "GET", at+"/deliveries?state=dead&next_token="+page.Str("next_token"), nil)
	b.live.Must(202, "POST", at+"/deliveries/"+test.Str("id")+"/retry", nil)
	b.live.refused(404, "not_found", "POST", at+"/deliveries/nonsense/retry", nil)
	if r := b.live.Must(202, "POST", at+"/replay", `{"from":"2020-01-01T00:00:00Z","to":"2099-01-01T00:00:00Z"}`); r.At("more") != false {
		t.Errorf("%s", r.Raw)
	}
	b.live.Must(204, "DELETE", at, nil)
	b.live.refused(404, "not_found", "GET", at, nil)
}

// events of a session hold nothing personal; what is sent does, until the
// applicant's data is erased.
func TestMessagesShowASessionAndEventsNothingPersonal(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	workflow := b.workflow(t, `{"id":"ID_VERIFICATION","config":{"maximum_age":99,"face_front_photo_only":true,"enable_fraud_analysis":true}},{"id":"PEP_SANCTIONS"}`)
	id := b.sandbox.session(workflow, "Zauberberg")
	b.sandbox.submit(id, "ID_VERIFICATION", b.sandbox.papers(id))
	b.sandbox.submit(id, "PEP_SANCTIONS", identity("Zauberberg"))
	if got := b.settled(t, b.sandbox, id); got != "VERIFIED" {
		t.Fatalf("%s", got)
	}
	personal := []string{"Anna", "Zauberberg", "ZAUBERBERG", "anna@example.org", "31612345678", "1990-01-15"}
	enrich := Enrich(b.intake)
	events := b.Messages()
	sent := 0
	body := func(e kyc.Event) (string, map[string]any) {
		var data map[string]any
		if err := json.Unmarshal(e.Payload, &data); err != nil {
			t.Fatal(err)
		}
		if err := enrich(t.Context(), e, data); err != nil {
			t.Fatal(err)
		}
		e.Payload, _ = json.Marshal(data)
		raw, err := webhook.Body(e)
		if err != nil {
			t.Fatal(err)
		}
		var whole map[string]any
		if err := json.Unmarshal(raw, &whole); err != nil {
			t.Fatal(err)
		}
		return string(raw), whole
	}
	for _, e := range events {
		if string(e.ObjectID) != id {
			continue
		}
		whole, _ := json.Marshal(e)
		for _, word := range personal {
			if strings.Contains(string(whole), word) {
				t.Errorf("%s holds %s: %s", e.Webhook, word, whole)
			}
		}
		raw, message := body(e)
		if len(message) != 2 || message["type"] != e.Webhook || !strings.Contains(raw, `"last_name":"Zauberberg"`) {
			t.Errorf("%s", raw)
		}
		if !slices.Contains(Events(), e.Webhook) {
			t.Errorf("%s is not among the events", e.Webhook)
		}
		record := message["data"].(map[string]any)["session_record"].(map[string]any)
		if record["id"] != id || record["workflow_steps"] == nil || record["sequence"] == nil {
			t.Errorf("%s", raw)
		}
		sent++
	}
	if sent != 5 {
		t.Errorf("%d messages", sent)
	}
	last := events[len(events)-1]
	_, message := body(last)
	record := message["data"].(map[string]any)["session_record"].(map[string]any)
	got := b.sandbox.Must(200, "GET", "/v1/sessions/"+id, nil).At("session_record").(map[string]any)
	for key := range got {
		if _, ok := record[key]; !ok {
			t.Errorf("the message lacks %s", key)
		}
	}
	if record["status"] != "VERIFIED" || record["analysis_data"].(map[string]any)["id_matches_selfie"] != true {
		t.Errorf("%v", record)
	}
	// A message of an earlier event shows the state of that time.
	if _, first := body(events[slices.IndexFunc(events, func(e kyc.Event) bool { return e.Webhook == "session.created" })]); first["data"].(map[string]any)["session_record"].(map[string]any)["status"] != "PENDING" {
		t.Errorf("%v", first)
	}
	b.sandbox.Must(200, "DELETE", "/v1/sessions/"+id+"?redact=true", nil)
	raw, _ := body(last)
	for _, word := range personal {
		if strings.Contains(raw, word) {
			t.Errorf("after the erasure a message holds %s: %s", word, raw)
		}
	}
}

func TestWhatIsNotOfTheSurfaceIsNotTold(t *testing.T) {
	t.Parallel()
	if name, data := News(&kyc.Session{Surface: kyc.SurfaceGraph}, "created", nil); name != "" || data != nil {
		t.Errorf("%s %s", name, data)
	}
	if name, _ := News(&kyc.Session{Surface: kyc.SurfaceChecks}, "declared", nil); name != "" {
		t.Error(name)
	}
	if name, _ := News(&kyc.Subject{}, "created", nil); name != "" {
		t.Error(name)
	}
	if name, data := News(&kyc.Session{Surface: kyc.SurfaceChecks, Status: kyc.SessionRejected}, "declined", nil); name != "session.status.rejected" || !strings.Contains(string(data), `"REJECTED"`) {
		t.Errorf("%s %s", name, data)
	}
}

func TestReadingASessionIsRecorded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.sandbox.session(b.workflow(t, `{"id":"CONSENT"}`), "Approve")
	b.sandbox.Must(200, "GET", "/v1/sessions/"+id, nil)
	events, _, err := b.DB.Events(t.Context(), kyc.Tenant{Org: b.Dev.ID, Env: kyc.Sandbox}, kyc.EventFilter{Object: "session", ObjectID: kyc.ID(id), Action: "session.read"}, kyc.Page{Limit: 10})
	if err != nil || len(events) != 1 || events[0].Actor.Kind != kyc.ActorKey || events[0].RequestID == "" {
		t.Errorf("%v %+v", err, events)
	}
}

func TestTooManyRequests(t *testing.T) {
	t.Parallel()
	b := newBenchWith(t, access.Rate{PerSecond: 0.001, Burst: 3})
	r := b.live.Must(200, "GET", "/v1/workflows", nil)
	if r.Header.Get("X-RateLimit-Limit") == "" || r.Header.Get("X-RateLimit-Remaining") == "" || r.Header.Get("X-RateLimit-Reset") == "" {
		t.Errorf("%v", r.Header)
	}
	for range 2 {
		b.live.Must(200, "GET", "/v1/workflows", nil)
	}
	if r := b.live.refused(429, "rate_limited", "POST", "/v1/workflows", `{"name":"x","steps":[{"id":"CONSENT"}]}`); r.Header.Get("Retry-After") == "" {
		t.Errorf("%v", r.Header)
	}
	b.sandbox.Must(200, "GET", "/v1/workflows", nil) // each key has its own
}
