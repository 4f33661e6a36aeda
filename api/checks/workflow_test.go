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
	made := b.live.Must(201, "POST", "/v1/workflows", `{"name":"Standard KYC","steps":[{"id":"ID_VERIFICATION"},{"id":"face-liveness","config":{"confidence_threshold":80}},
		{"id":"Age_Estimation"},{"id":"PEP_SANCTIONS"},{"id":"ADVERSE_MEDIA"},{"id":"CONSENT"},{"id":"DOCUMENT_UPLOAD"}]}`)
	w := made.JSON["workflow"].(map[string]any)
	if w["name"] != "Standard KYC" || w["status"] != "active" || w["organization_id"] != string(b.Dev.ID) || w["created_at"] == nil || w["updated_at"] == nil {
		t.Errorf("%v", w)
	}
	if _, ok := kyc.ParseID(made.Str("workflow.id")); !ok {
		t.Errorf("%v is no UUID", w["id"])
	}
	if got := made.At("workflow.steps.0"); !reflect.DeepEqual(got, map[string]any{"id": "ID_VERIFICATION", "config": ten()}) {
		t.Errorf("%v", got)
	}
	for i, want := range map[string]any{"1": map[string]any{"confidence_threshold": 80.0}, "2": map[string]any{"minimum_age": 18.0}, "3": map[string]any{}, "4": map[string]any{}} {
		if got := made.At("workflow.steps." + i + ".config"); !reflect.DeepEqual(got, want) {
			t.Errorf("step %s: %v", i, got)
		}
	}
	if got := made.Str("warnings.0.code"); got != "default_maximum_age_applied" || made.Str("warnings.0.path") != "/steps/0/config/maximum_age" {
		t.Errorf("warnings %v", made.JSON["warnings"])
	}
	id := made.Str("workflow.id")
	for name, c := range map[string]*client{"live": b.live, "sandbox": b.sandbox, "reader": b.reader} {
		got := c.Must(200, "GET", "/v1/workflows/"+id, nil)
		if !reflect.DeepEqual(got.JSON, made.JSON) || got.Header.Get("ETag") != made.Header.Get("ETag") {
			t.Errorf("%s:\n%s\n%s", name, got.Raw, made.Raw)
		}
	}
	list := b.sandbox.Must(200, "GET", "/v1/workflows", nil)
	if got := list.At("workflows.0"); list.JSON["next_token"] != nil || !reflect.DeepEqual(got, map[string]any{"id": id, "name": "Standard KYC", "status": "active", "created_at": w["created_at"],
		"steps": []any{"ID_VERIFICATION", "FACE_LIVENESS", "AGE_ESTIMATION", "PEP_SANCTIONS", "ADVERSE_MEDIA", "CONSENT", "DOCUMENT_UPLOAD"}}) {
		t.Errorf("%s", list.Raw)
	}
	b.stranger.refused(404, "not_found", "GET", "/v1/workflows/"+id, nil)
	if got := b.stranger.Must(200, "GET", "/v1/workflows", nil).List("workflows"); len(got) != 0 {
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
	if got := problems(r); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	for body, want := range map[string]string{
		`{"name":"x","steps":[]}`: "/steps steps_length",
		`{"name":"` + strings.Repeat("x", 256) + `","steps":[{"id":"CONSENT"}]}`:      "/name name_length",
		`{"name":"x","steps":[{"id":"ID_VERIFICATION","config":{"minimum_age":60}}]}`: "/steps/0/config/minimum_age age_range_inverted",
		`{"name":"x","steps":[{"id":"WHITE_LABEL"}]}`:                                 "/steps/0/id step_not_supported",
		`[]`: " wrong_type",
	} {
		if got := problems(b.live.refused(400, "validation_failed", "POST", "/v1/workflows", body)); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %v", body, got)
		}
	}
	b.live.refused(400, "json_malformed", "POST", "/v1/workflows", `{"name":`)
	b.live.refused(400, "body_required", "POST", "/v1/workflows", nil)
	lenient := b.live.Must(201, "POST", "/v1/workflows?strict=false", `{"name":"x","steps":[{"id":"PEP_SANCTIONS","config":{"a":1}}],"extra":true}`)
	var codes []string
	for _, w := range lenient.List("warnings") {
		codes = append(codes, w.(map[string]any)["code"].(string))
	}
	if !slices.Equal(codes, []string{"unknown_field", "screening_before_name", "config_unknown_field"}) {
		t.Errorf("warnings %v", codes)
	}
	if got := b.live.Must(200, "GET", "/v1/workflows", nil).List("workflows"); len(got) != 1 {
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
	id := b.live.Must(201, "POST", "/v1/workflows", body).Str("workflow.id")
	b.sandbox.refused(403, "sandbox_key_forbidden", "PATCH", "/v1/workflows/"+id, `{"name":"y"}`)
	b.sandbox.refused(403, "sandbox_key_forbidden", "PATCH", "/v1/workflows/"+id+"/steps/CONSENT/config", `{"config":{"version":"2"}}`)
	for _, header := range []string{"Authorization", "X-API-Key", "api_key"} {
		key := b.Dev.LiveKey
		if header == "Authorization" {
			key = "Bearer " + key
		}
		b.client(t, "").With(header, key).Must(200, "GET", "/v1/workflows", nil)
	}
}

func TestChangingAWorkflow(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	made := b.live.Must(201, "POST", "/v1/workflows", `{"name":"Old","steps":[{"id":"ID_VERIFICATION","config":{"maximum_age":99,"escalation_type":"nfc-passport"}},{"id":"PEP_SANCTIONS"}]}`)
	at := "/v1/workflows/" + made.Str("workflow.id")
	first := b.sandbox.session(made.Str("workflow.id"), "APPROVE")
	changed := b.live.With("If-Match", made.Header.Get("ETag")).Must(200, "PATCH", at+"/steps/id-verification/config", `{"config":{"minimum_age":21}}`)
	want := ten()
	want["minimum_age"], want["maximum_age"], want["escalation_type"], want["enable_fraud_analysis"] = 21.0, 99.0, "nfc-passport", true
	if got := changed.At("workflow.steps.0.config"); !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
	b.live.With("If-Match", made.Header.Get("ETag")).refused(412, "etag_mismatch", "PATCH", at+"/steps/ID_VERIFICATION/config", `{"config":{"minimum_age":22}}`)
	if got := problems(b.live.refused(400, "validation_failed", "PATCH", at+"/steps/ID_VERIFICATION/config", `{"config":{"minimum_age":"x","colour":1}}`)); !slices.Equal(got, []string{"/config/colour config_unknown_field", "/config/minimum_age config_type"}) {
		t.Errorf("%v", got)
	}
	b.live.refused(400, "validation_failed", "PATCH", at+"/steps/ID_VERIFICATION/config", `{}`)
	if got := b.live.Call("PATCH", at+"/steps/CONSENT/config", `{"config":{}}`); got.Status != 404 {
		t.Errorf("a step that the workflow lacks: %s", got.Raw)
	}
	renamed := b.live.Must(200, "PATCH", at, `{"name":"New","steps":["PEP_SANCTIONS","ID_VERIFICATION"]}`)
	if renamed.Str("workflow.name") != "New" || renamed.Str("workflow.steps.0.id") != "PEP_SANCTIONS" || renamed.Str("warnings.0.code") != "screening_before_name" {
		t.Errorf("%s", renamed.Raw)
	}
	b.live.refused(400, "validation_failed", "PATCH", at, `{"steps":["PEP_SANCTIONS"]}`)
	b.live.refused(400, "validation_failed", "PATCH", at, `{"status":"deleted"}`)
	// Sessions keep the workflow that they were created with.
	if got := b.sandbox.Must(200, "GET", "/v1/sessions/"+first+"/workflow", nil); got.Str("steps.0.step_id") != "ID_VERIFICATION" || got.At("steps.0.requirements.config.minimum_age") != 18.0 {
		t.Errorf("%s", got.Raw)
	}
	if got := b.live.Must(200, "PATCH", at, `{"status":"archived"}`); got.Str("workflow.status") != "archived" {
		t.Errorf("%s", got.Raw)
	}
	person := map[string]any{"email": "a@example.org", "first_name": "A", "last_name": "B", "phone": "+31612345678"}
	b.sandbox.refused(409, "workflow_archived", "POST", at+"/sessions", person)
	b.live.Must(200, "PATCH", at, `{"status":"active"}`)
	b.sandbox.Must(201, "POST", at+"/sessions", person)
	b.live.refused(404, "not_found", "GET", "/v1/workflows/nonsense", nil)
	b.live.refused(404, "not_found", "PATCH", "/v1/workflows/0199a0b0-1111-7222-8333-444455556666", `{"name":"x"}`)
}

func TestARepeatedCreationMakesOneWorkflow(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.live.With("Idempotency-Key", "one")
	first := c.Must(201, "POST", "/v1/workflows", `{"name":"x","steps":[{"id":"CONSENT"}]}`)
	again := c.Must(201, "POST", "/v1/workflows", `{"steps":[{"id":"CONSENT"}], "name":"x"}`)
	if again.Header.Get("Idempotent-Replayed") != "true" || string(again.Raw) != string(first.Raw) {
		t.Errorf("%s\n%s", first.Raw, again.Raw)
	}
	c.refused(422, "idempotency_mismatch", "POST", "/v1/workflows", `{"name":"y","steps":[{"id":"CONSENT"}]}`)
	if got := b.live.Must(200, "GET", "/v1/workflows", nil).List("workflows"); len(got) != 1 {
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
		r := b.live.Must(200, "GET", path, nil)
		for _, w := range r.List("workflows") {
			seen = append(seen, w.(map[string]any)["id"].(string))
		}
		next, _ := r.JSON["next_token"].(string)
		if next == "" {
			break
		}
		path = "/v1/workflows?limit=2&next_token=" + next
	}
	slices.Sort(made) // two of the same millisecond may stand either way
	if slices.Sort(seen); !slices.Equal(seen, made) {
		t.Errorf("seen %v, made %v", seen, made)
	}
	next := b.live.Must(200, "GET", "/v1/workflows?limit=2", nil).Str("next_token")
	for name, c := range map[string]*client{"another environment": b.sandbox, "another organisation": b.stranger} {
		if got := problems(c.refused(400, "cursor_invalid", "GET", "/v1/workflows?next_token="+next, nil)); !slices.Equal(got, []string{"/query/next_token cursor_invalid"}) {
			t.Errorf("%s: %v", name, got)
		}
	}
	for _, bad := range []string{"limit=0", "limit=501", "limit=x"} {
		b.live.refused(400, "parameter_invalid", "GET", "/v1/workflows?"+bad, nil)
	}
}
