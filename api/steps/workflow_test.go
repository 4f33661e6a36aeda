package steps

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

const small = `{"name":"Small","steps":[{"step_id":"form","order":1,"name":"Form","type":"form_fill","custom_fields":[{"field_id":"full_name","name":"Name","type":"name","name_type":"individual","required":true}]}]}`

func TestEveryMistakeOfADefinitionIsTold(t *testing.T) {
	t.Parallel()
	c := newBench(t).sandbox
	r := c.refused(400, "invalid_workflow", "POST", "/kyc/workflows", `{"naem":"x","custom_tags":{"a":1},"entity_types":["dog"],"steps":[
		{"step_id":"a b","order":2,"name":"A","type":"form_fill","custom_fields":[{"name":"Q","type":"select"}]},
		{"step_id":"s","order":1,"name":"S","type":"liveness","liveness_config":{"min_confidence":101,"challenge_type":"Dance","max_retries":0}}],
		"validation_config":{"face_match_threshold":2,"automation_rules":{"default_action":"shrug","form_field_rules":[{"field_id":"nothing","operator":"is","action":"flag"}]}}}`)
	for _, want := range []string{"name_required", "unknown_field", "custom_tags_value_type", "entity_type_invalid", "step_id_invalid", "select_options_required",
		"liveness_min_confidence_range", "liveness_challenge_unknown", "liveness_max_retries_range", "face_match_threshold_range", "action_invalid", "rule_field_not_found", "operator_invalid"} {
		if !slices.ContainsFunc(r.List("errors"), func(e any) bool { return e.(map[string]any)["code"] == want }) {
			t.Errorf("%s is missing in %s", want, r.Raw)
		}
	}
	// A body that is no object, or no JSON, has one mistake; a body of the wrong type is for the definition to refuse.
	c.refused(400, "json_malformed", "POST", "/kyc/workflows", `{"name":`)
	c.refused(400, "invalid_workflow", "POST", "/kyc/workflows", `[]`)
	c.refused(400, "duplicate_key", "POST", "/kyc/workflows", `{"name":"a","name":"b","steps":[]}`)
	c.refused(400, "body_required", "POST", "/kyc/workflows", nil)
	typo := strings.Replace(small, `"name":"Small"`, `"name":"Small","colour":"red"`, 1)
	if r := c.refused(400, "invalid_workflow", "POST", "/kyc/workflows", typo); r.Str("errors.0.path") != "/colour" || r.Str("errors.0.code") != "unknown_field" {
		t.Errorf("%s", r.Raw)
	}
	if r := c.Must(201, "POST", "/kyc/workflows?strict=false", typo); r.Str("warnings.0.path") != "/colour" {
		t.Errorf("%s", r.Raw)
	}
}

func TestAWorkflowHasVersions(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	made := c.Must(201, "POST", "/kyc/workflows", strings.Replace(small, `"name":"Small"`, `"name":"Small","slug":"small","tags":["a"]`, 1))
	id := made.Str("workflow_id")
	if made.At("version") != 1.0 || made.At("is_latest") != true || made.Str("status") != "active" || made.At("description") != nil || made.Str("template_type") != "custom" ||
		made.At("validation_config.run_lists") != true || made.At("validation_config.face_match_threshold") != 0.8 || made.Str("steps.0.step_id") != "form" ||
		made.At("steps.0.required") != true || !strings.HasPrefix(made.Str("definition_hash"), "sha256:") || made.Header.Get("ETag") != `"1"` {
		t.Errorf("%s", made.Raw)
	}
	c.refused(409, "slug_taken", "POST", "/kyc/workflows", strings.Replace(small, `"name":"Small"`, `"name":"Small","slug":"small"`, 1))
	a := c.opened(map[string]any{"workflow_id": "small"})
	c.With("If-Match", `"9"`).refused(412, "etag_mismatch", "PUT", "/kyc/workflows/small", `{"name":"Other"}`)
	c.refused(400, "invalid_workflow", "PUT", "/kyc/workflows/small", `{"steps":[]}`)
	c.refused(400, "invalid_json", "PUT", "/kyc/workflows/small", `7`)
	if r := c.With("If-Match", `"1"`).Must(200, "PUT", "/kyc/workflows/"+id, `{"name":"Other","change_note":"a new name"}`); r.At("changed") != true || r.At("version") != 2.0 ||
		r.Str("name") != "Other" || r.Str("change_note") != "a new name" || r.At("tags.0") != "a" {
		t.Errorf("%s", r.Raw)
	}
	if r := c.Must(200, "PUT", "/kyc/workflows/small", `{"name":"Other"}`); r.At("changed") != false || r.At("version") != 2.0 {
		t.Errorf("%s", r.Raw)
	}
	versions := c.Must(200, "GET", "/kyc/workflows/small/versions?limit=1", nil)
	if versions.At("count") != 1.0 || versions.At("items.0.version") != 2.0 || versions.At("has_more") != true || versions.Str("cursor") != versions.Str("next_cursor") {
		t.Errorf("%s", versions.Raw)
	}
	if r := c.Must(200, "GET", "/kyc/workflows/small/versions?limit=1&cursor="+versions.Str("next_cursor"), nil); r.At("items.0.version") != 1.0 || r.At("items.0.active_sessions") != 1.0 ||
		r.At("has_more") != false || r.At("next_cursor") != nil {
		t.Errorf("%s", r.Raw)
	}
	if r := c.Must(200, "GET", "/kyc/workflows/small?version=1", nil); r.Str("name") != "Small" || r.At("is_latest") != false {
		t.Errorf("%s", r.Raw)
	}
	c.refused(404, "workflow_version_not_found", "GET", "/kyc/workflows/small?version=7", nil)
	graph := c.Must(200, "GET", "/kyc/workflows/small/graph?version=1", nil)
	if graph.Str("graph.entry") != "start" || graph.Str("graph.nodes.rules.policy") != "automation_rules" || graph.At("version") != 1.0 {
		t.Errorf("%s", graph.Raw)
	}
	if r := c.Must(200, "DELETE", "/kyc/workflows/small", nil); r.At("deleted") != true || r.Str("deleted_at") == "" || r.Str("workflow_id") != id {
		t.Errorf("%s", r.Raw)
	}
	c.refused(404, "not_found", "DELETE", "/kyc/workflows/"+id, nil)
	c.refused(404, "not_found", "GET", "/kyc/workflows/"+id, nil)
	c.refused(409, "workflow_deleted", "POST", "/kyc/sessions", map[string]any{"workflow_id": id})
	if r := c.Must(200, "GET", "/kyc/workflows/"+id+"?include_deleted=true", nil); r.Str("status") != "deleted" {
		t.Errorf("%s", r.Raw)
	}
	c.Must(200, "GET", "/kyc/workflows/"+id+"?version=1", nil)
	a.Must(200, "GET", a.path("/workflow"), nil) // the session goes on
}

func TestTheExampleOfTheDocumentationWorks(t *testing.T) {
	t.Parallel()
	r := newBench(t).sandbox.Must(201, "POST", "/kyc/workflows", exampleDefinition())
	if len(r.List("warnings")) != 0 {
		t.Errorf("%s", r.Raw)
	}
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	c := newBench(t).sandbox
	c.refused(404, "template_not_found", "POST", "/kyc/workflows/from-template/nothing", nil)
	for _, name := range []string{"basic-kyc", "company-kyc", "merchant-onboarding", "pep-enhanced"} {
		r := c.Must(201, "POST", "/kyc/workflows/from-template/"+name, nil)
		if r.Str("template_type") != name || len(r.List("steps")) == 0 {
			t.Errorf("%s", r.Raw)
		}
		if beside := len(r.List("companions")); (name == "company-kyc" || name == "merchant-onboarding") != (beside == 1) {
			t.Errorf("%s has %d companions", name, beside)
		}
	}
	r := c.Must(201, "POST", "/kyc/workflows/from-template/basic-kyc", `{"name":"Ours","validation_config":{"face_match_threshold":0.9}}`)
	if r.Str("name") != "Ours" || r.At("validation_config.face_match_threshold") != 0.9 || r.At("validation_config.auto_face_match") != true {
		t.Errorf("%s", r.Raw)
	}
	c.refused(400, "invalid_workflow", "POST", "/kyc/workflows/from-template/basic-kyc", `{"validation_config":{"face_match_threshold":9}}`)
	list := c.Must(200, "GET", "/kyc/workflows?template_type=company-kyc", nil)
	if list.At("count") != 1.0 || list.At("items.0.step_count") == nil || list.At("items.0.steps") != nil {
		t.Errorf("%s", list.Raw)
	}
}

func TestListsComeInPages(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	for i := range 5 {
		c.workflow(strings.Replace(small, `"Small"`, fmt.Sprintf(`"Small %d","tags":["t%d"],"slug":"s-%d"`, i, i%2, i), 1))
	}
	walk := func(path string, key string) (names []string) {
		cursor := ""
		for range 10 {
			r := c.Must(200, "GET", path+"&limit=2&cursor="+cursor, nil)
			if r.At("count") != float64(len(r.List("items"))) || (r.At("next_cursor") == nil) != (r.At("has_more") == false) {
				t.Errorf("%s", r.Raw)
			}
			for _, item := range r.List("items") {
				names = append(names, item.(map[string]any)[key].(string))
			}
			if cursor = r.Str("next_cursor"); cursor == "" {
				return names
			}
		}
		return nil
	}
	if got := walk("/kyc/workflows?status=active", "name"); strings.Join(got, ",") != "Small 4,Small 3,Small 2,Small 1,Small 0" {
		t.Errorf("%v", got)
	}
	if got := walk("/kyc/workflows?tag=t1", "name"); strings.Join(got, ",") != "Small 3,Small 1" {
		t.Errorf("%v", got)
	}
	if got := walk("/kyc/workflows?tag=t1&tag=t0&q=MALL%203", "name"); strings.Join(got, ",") != "Small 3" {
		t.Errorf("%v", got)
	}
	for i := range 5 {
		c.opened(map[string]any{"workflow_id": fmt.Sprintf("s-%d", i%2), "client_id": fmt.Sprintf("client-%d", i)})
	}
	if got := walk("/kyc/sessions?status=active&workflow_id=s-0", "client_id"); strings.Join(got, ",") != "client-4,client-2,client-0" {
		t.Errorf("%v", got)
	}
	if got := walk("/kyc/sessions?q=client-3", "client_id"); strings.Join(got, ",") != "client-3" {
		t.Errorf("%v", got)
	}
	page := c.Must(200, "GET", "/kyc/sessions?limit=2", nil)
	c.refused(400, "cursor_invalid", "GET", "/kyc/sessions?limit=2&status=active&cursor="+page.Str("next_cursor"), nil)
	b.stranger.refused(400, "cursor_invalid", "GET", "/kyc/sessions?limit=2&cursor="+page.Str("next_cursor"), nil)
	c.refused(400, "parameter_invalid", "GET", "/kyc/sessions?limit=101", nil)
	c.refused(400, "parameter_invalid", "GET", "/kyc/sessions?status=lost", nil)
	c.refused(400, "parameter_invalid", "GET", "/kyc/sessions?customer_id=7", nil)
}

func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.live.workflow(small)
	b.reader.Must(200, "GET", "/kyc/workflows/"+id, nil)
	b.reader.refused(403, "scope_missing", "POST", "/kyc/workflows", small)
	b.reader.refused(403, "scope_missing", "POST", "/kyc/sessions", map[string]any{"workflow_id": id})
	b.sandbox.refused(404, "not_found", "GET", "/kyc/workflows/"+id, nil)
	b.stranger.refused(404, "not_found", "GET", "/kyc/workflows/"+id, nil)
	b.client(t, "").refused(http.StatusUnauthorized, "credential_missing", "GET", "/kyc/workflows", nil)
	s := b.live.opened(map[string]any{"workflow_id": id})
	for _, path := range []string{"", "/documents/" + id + "/url", "/subsessions"} {
		b.sandbox.refused(404, "not_found", "GET", "/kyc/sessions/"+s.session+path, nil)
	}
	b.live.refused(404, "not_found", "GET", "/kyc/sessions/nothing", nil)
}
