package checks

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"bonafide/kyc"
)

// ten are the fields of ID_VERIFICATION with their defaults (seed 001).
func ten() map[string]any {
	return map[string]any{"minimum_age": 18.0, "maximum_age": 51.0, "expiry_date_years": 2.0, "require_secondary_id": false, "require_tertiary_id": false,
		"face_front_photo_only": false, "require_front_only": false, "enable_fraud_analysis": false, "escalation_type": "none", "escalation_risk_threshold": 60.0}
}

func TestAWorkflowIsShownInFullAndRetrievedTheSame(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	made := b.live.must(201, "POST", "/v1/workflows", `{"name":"Standard KYC","steps":[{"id":"ID_VERIFICATION"},{"id":"face-liveness","config":{"confidence_threshold":80}},
		{"id":"Age_Estimation"},{"id":"PEP_SANCTIONS"},{"id":"ADVERSE_MEDIA"},{"id":"CONSENT"},{"id":"DOCUMENT_UPLOAD"}]}`)
	w := made.json["workflow"].(map[string]any)
	if w["name"] != "Standard KYC" || w["status"] != "active" || w["organization_id"] != string(b.dev.ID) || w["created_at"] == nil || w["updated_at"] == nil {
		t.Errorf("%v", w)
	}
	if _, ok := kyc.ParseID(made.str("workflow.id")); !ok {
		t.Errorf("%v is no UUID", w["id"])
	}
	if got := made.at("workflow.steps.0"); !reflect.DeepEqual(got, map[string]any{"id": "ID_VERIFICATION", "config": ten()}) {
		t.Errorf("%v", got)
	}
	for i, want := range map[string]any{"1": map[string]any{"confidence_threshold": 80.0}, "2": map[string]any{"minimum_age": 18.0}, "3": map[string]any{}, "4": map[string]any{}} {
		if got := made.at("workflow.steps." + i + ".config"); !reflect.DeepEqual(got, want) {
			t.Errorf("step %s: %v", i, got)
		}
	}
	if got := made.str("warnings.0.code"); got != "default_maximum_age_applied" || made.str("warnings.0.path") != "/steps/0/config/maximum_age" {
		t.Errorf("warnings %v", made.json["warnings"])
	}
	id := made.str("workflow.id")
	for name, c := range map[string]*client{"live": b.live, "sandbox": b.sandbox, "reader": b.reader} {
		got := c.must(200, "GET", "/v1/workflows/"+id, nil)
		if !reflect.DeepEqual(got.json, made.json) || got.header.Get("ETag") != made.header.Get("ETag") {
			t.Errorf("%s:\n%s\n%s", name, got.raw, made.raw)
		}
	}
	list := b.sandbox.must(200, "GET", "/v1/workflows", nil)
	if got := list.at("workflows.0"); list.json["next_token"] != nil || !reflect.DeepEqual(got, map[string]any{"id": id, "name": "Standard KYC", "status": "active", "created_at": w["created_at"],
		"steps": []any{"ID_VERIFICATION", "FACE_LIVENESS", "AGE_ESTIMATION", "PEP_SANCTIONS", "ADVERSE_MEDIA", "CONSENT", "DOCUMENT_UPLOAD"}}) {
		t.Errorf("%s", list.raw)
	}
	b.stranger.refused(404, "not_found", "GET", "/v1/workflows/"+id, nil)
	if got := b.stranger.must(200, "GET", "/v1/workflows", nil).list("workflows"); len(got) != 0 {
		t.Errorf("a stranger sees %v", got)
	}
}

func TestWhatAWorkflowGetsWrongIsToldAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := b.live.refused(400, "validation_failed", "POST", "/v1/workflows",
		`{"steps":[{"id":"ID_VERIFICATION","config":{"minimum_age":18.5,"maximum_age":"old","colour":1,"escalation_type":"sms"}},{"id":"id-verification"},{"id":"NOPE"},{"id":"PEP_SANCTIONS","config":{"a":1}}],"extra":true}`)
	want := []string{"/extra unknown_field", "/name name_required", "/steps/0/config/colour config_unknown_field", "/steps/0/config/escalation_type config_range", "/steps/0/config/maximum_age config_type",
		"/steps/0/config/minimum_age config_type", "/steps/1/id duplicate_step", "/steps/2/id step_id_unknown", "/steps/3/config/a config_unknown_field"}
	if got := r.problems(); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	for body, want := range map[string]string{
		`{"name":"x","steps":[]}`: "/steps steps_length",
		`{"name":"` + strings.Repeat("x", 256) + `","steps":[{"id":"CONSENT"}]}`:      "/name name_length",
		`{"name":"x","steps":[{"id":"ID_VERIFICATION","config":{"minimum_age":60}}]}`: "/steps/0/config/minimum_age age_range_inverted",
		`{"name":"x","steps":[{"id":"WHITE_LABEL"}]}`:                                 "/steps/0/id step_not_supported",
		`[]`: " wrong_type",
	} {
		if got := b.live.refused(400, "validation_failed", "POST", "/v1/workflows", body).problems(); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %v", body, got)
		}
	}
	b.live.refused(400, "json_malformed", "POST", "/v1/workflows", `{"name":`)
	b.live.refused(400, "body_required", "POST", "/v1/workflows", nil)
	lenient := b.live.must(201, "POST", "/v1/workflows?strict=false", `{"name":"x","steps":[{"id":"PEP_SANCTIONS","config":{"a":1}}],"extra":true}`)
	var codes []string
	for _, w := range lenient.list("warnings") {
		codes = append(codes, w.(map[string]any)["code"].(string))
	}
	if !slices.Equal(codes, []string{"unknown_field", "screening_before_name", "config_unknown_field"}) {
		t.Errorf("warnings %v", codes)
	}
	if got := b.live.must(200, "GET", "/v1/workflows", nil).list("workflows"); len(got) != 1 {
		t.Errorf("refused workflows were stored: %v", got)
	}
}

func TestWhoMayMakeWorkflows(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	body := `{"name":"x","steps":[{"id":"CONSENT"}]}`
	b.sandbox.refused(403, "sandbox_key_forbidden", "POST", "/v1/workflows", body)
	b.client(t, "").refused(401, "credential_missing", "POST", "/v1/workflows", body)
	b.client(t, "bf_live_nonsense").refused(401, "credential_invalid", "POST", "/v1/workflows", body)
	b.reader.refused(403, "scope_missing", "POST", "/v1/workflows", body)
	id := b.live.must(201, "POST", "/v1/workflows", body).str("workflow.id")
	b.sandbox.refused(403, "sandbox_key_forbidden", "PATCH", "/v1/workflows/"+id, `{"name":"y"}`)
	b.sandbox.refused(403, "sandbox_key_forbidden", "PATCH", "/v1/workflows/"+id+"/steps/CONSENT/config", `{"config":{"version":"2"}}`)
	for _, header := range []string{"Authorization", "X-API-Key", "api_key"} {
		key := b.dev.LiveKey
		if header == "Authorization" {
			key = "Bearer " + key
		}
		b.client(t, "").with(header, key).must(200, "GET", "/v1/workflows", nil)
	}
}

func TestChangingAWorkflow(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	made := b.live.must(201, "POST", "/v1/workflows", `{"name":"Old","steps":[{"id":"ID_VERIFICATION","config":{"maximum_age":99,"escalation_type":"nfc-passport"}},{"id":"PEP_SANCTIONS"}]}`)
	at := "/v1/workflows/" + made.str("workflow.id")
	first := b.sandbox.session(made.str("workflow.id"), "APPROVE")
	changed := b.live.with("If-Match", made.header.Get("ETag")).must(200, "PATCH", at+"/steps/id-verification/config", `{"config":{"minimum_age":21}}`)
	want := ten()
	want["minimum_age"], want["maximum_age"], want["escalation_type"], want["enable_fraud_analysis"] = 21.0, 99.0, "nfc-passport", true
	if got := changed.at("workflow.steps.0.config"); !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
	b.live.with("If-Match", made.header.Get("ETag")).refused(412, "etag_mismatch", "PATCH", at+"/steps/ID_VERIFICATION/config", `{"config":{"minimum_age":22}}`)
	if got := b.live.refused(400, "validation_failed", "PATCH", at+"/steps/ID_VERIFICATION/config", `{"config":{"minimum_age":"x","colour":1}}`).problems(); !slices.Equal(got, []string{"/config/colour config_unknown_field", "/config/minimum_age config_type"}) {
		t.Errorf("%v", got)
	}
	b.live.refused(400, "validation_failed", "PATCH", at+"/steps/ID_VERIFICATION/config", `{}`)
	if got := b.live.call("PATCH", at+"/steps/CONSENT/config", `{"config":{}}`); got.status != 404 {
		t.Errorf("a step that the workflow lacks: %s", got.raw)
	}
	renamed := b.live.must(200, "PATCH", at, `{"name":"New","steps":["PEP_SANCTIONS","ID_VERIFICATION"]}`)
	if renamed.str("workflow.name") != "New" || renamed.str("workflow.steps.0.id") != "PEP_SANCTIONS" || renamed.str("warnings.0.code") != "screening_before_name" {
		t.Errorf("%s", renamed.raw)
	}
	b.live.refused(400, "validation_failed", "PATCH", at, `{"steps":["PEP_SANCTIONS"]}`)
	b.live.refused(400, "validation_failed", "PATCH", at, `{"status":"deleted"}`)
	// Sessions keep the workflow that they were created with.
	if got := b.sandbox.must(200, "GET", "/v1/sessions/"+first+"/workflow", nil); got.str("steps.0.step_id") != "ID_VERIFICATION" || got.at("steps.0.requirements.config.minimum_age") != 18.0 {
		t.Errorf("%s", got.raw)
	}
	if got := b.live.must(200, "PATCH", at, `{"status":"archived"}`); got.str("workflow.status") != "archived" {
		t.Errorf("%s", got.raw)
	}
	person := map[string]any{"email": "a@example.org", "first_name": "A", "last_name": "B", "phone": "+31612345678"}
	b.sandbox.refused(409, "workflow_archived", "POST", at+"/sessions", person)
	b.live.must(200, "PATCH", at, `{"status":"active"}`)
	b.sandbox.must(201, "POST", at+"/sessions", person)
	b.live.refused(404, "not_found", "GET", "/v1/workflows/nonsense", nil)
	b.live.refused(404, "not_found", "PATCH", "/v1/workflows/0199a0b0-1111-7222-8333-444455556666", `{"name":"x"}`)
}

func TestARepeatedCreationMakesOneWorkflow(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.live.with("Idempotency-Key", "one")
	first := c.must(201, "POST", "/v1/workflows", `{"name":"x","steps":[{"id":"CONSENT"}]}`)
	again := c.must(201, "POST", "/v1/workflows", `{"steps":[{"id":"CONSENT"}], "name":"x"}`)
	if again.header.Get("Idempotent-Replayed") != "true" || string(again.raw) != string(first.raw) {
		t.Errorf("%s\n%s", first.raw, again.raw)
	}
	c.refused(422, "idempotency_mismatch", "POST", "/v1/workflows", `{"name":"y","steps":[{"id":"CONSENT"}]}`)
	if got := b.live.must(200, "GET", "/v1/workflows", nil).list("workflows"); len(got) != 1 {
		t.Errorf("%d workflows", len(got))
	}
}

func TestPagesOfWorkflows(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var made []string
	for range 5 {
		made = append([]string{b.workflow(t, `{"id":"CONSENT"}`)}, made...)
	}
	var seen []string
	path := "/v1/workflows?limit=2"
	for range 5 {
		r := b.live.must(200, "GET", path, nil)
		for _, w := range r.list("workflows") {
			seen = append(seen, w.(map[string]any)["id"].(string))
		}
		next, _ := r.json["next_token"].(string)
		if next == "" {
			break
		}
		path = "/v1/workflows?limit=2&next_token=" + next
	}
	slices.Sort(made) // two of the same millisecond may stand either way
	if slices.Sort(seen); !slices.Equal(seen, made) {
		t.Errorf("seen %v, made %v", seen, made)
	}
	next := b.live.must(200, "GET", "/v1/workflows?limit=2", nil).str("next_token")
	for name, c := range map[string]*client{"another environment": b.sandbox, "another organisation": b.stranger} {
		if got := c.refused(400, "cursor_invalid", "GET", "/v1/workflows?next_token="+next, nil).problems(); !slices.Equal(got, []string{"/query/next_token cursor_invalid"}) {
			t.Errorf("%s: %v", name, got)
		}
	}
	for _, bad := range []string{"limit=0", "limit=501", "limit=x"} {
		b.live.refused(400, "parameter_invalid", "GET", "/v1/workflows?"+bad, nil)
	}
}
