package steps

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// secrets is a definition whose internal words are all marked, so that a leak
// shows wherever it happens.
const secrets = `{"name":"Walk","slug":"walk","description":"SECRET-description","industry":"SECRET-industry","tags":["SECRET-tag"],"custom_tags":{"SECRET-key":"SECRET-value"},
"change_note":"SECRET-note","steps":[
{"step_id":"papers","order":1,"name":"Papers","type":"document_upload","description":"SECRET-step","document_requirements":[{"document_type":"id","auto_extract":true,"entity_role":"director",
 "post_upload_validations":[{"type":"min_resolution","params":{"px":31337},"on_fail":"warn"}]}]},
{"step_id":"face","order":2,"name":"Face","type":"liveness","description":"SECRET-step","liveness_config":{"min_confidence":73.731,"max_retries":1}},
{"step_id":"form","order":3,"name":"Form","type":"form_fill","description":"SECRET-step","custom_fields":[
 {"field_id":"full_name","name":"Name","type":"name","name_type":"individual","validate_lists":true,"validate_adverse_media":true,"required":true,"description":"SECRET-field","entity_role":"director"},
 {"field_id":"home","name":"Home","type":"country","country_type":"residence","denied":["AQ"],"required":true,"description":"SECRET-field"}]},
{"step_id":"owners","order":4,"name":"Owners","type":"subsession_collection","required":false,"description":"SECRET-step","subsession_config":{"workflow_id":"ubo-verification-workflow","max_subsessions":2,"impact_parent_status":true}},
{"step_id":"checks","order":5,"name":"Checks","type":"validation","description":"SECRET-step","validation_tasks":["run_sanction_check"]}],
"validation_config":{"run_lists":true,"run_adverse_media":true,"auto_face_match":true,"face_match_threshold":0.87317,"automation_rules":{"auto_process":true,
 "country_rules":[{"country_code":"BV","action":"auto_deny","reason":"SECRET-reason"}],"form_field_rules":[{"field_id":"full_name","operator":"contains","value":"SECRET-rule","action":"flag","reason":"SECRET-reason"}],
 "list_match_rules":[{"list":"*","min_score":0.12321,"action":"manual_review","reason":"SECRET-reason"}]}}}`

// forbidden are names that no public answer may have anywhere.
func forbidden() []string {
	return []string{"validation_config", "automation_rules", "custom_tags", "tags", "description", "min_confidence", "face_match_threshold", "entity_types",
		"post_upload_validations", "validate_lists", "validate_adverse_media", "denied", "not_one_of", "rules", "triggered_rules", "winning_rule", "automation_flags",
		"processing_result", "decision_history", "final_decision", "reason_code", "blob_key", "metadata", "client_id", "customer_id", "definition_hash",
		"workflow_id", "workflow_version", "risk", "score", "hits", "threshold", "case_id", "run_id", "token_hash", "subject_id", "impact_parent_status", "enable_auto_classification"}
}

// judge looks through one answer.
func judge(t *testing.T, name string, raw []byte) {
	t.Helper()
	for _, mark := range []string{"SECRET", "73.731", "0.87317", "0.12321", "31337", "internal-order-7", "customer-of-ours"} {
		if strings.Contains(string(raw), mark) {
			t.Errorf("%s shows %s: %s", name, mark, raw)
		}
	}
	var v any
	if json.Unmarshal(raw, &v) == nil {
		walk(v, func(key string) {
			if slices.Contains(forbidden(), key) {
				t.Errorf("%s shows %s: %s", name, key, raw)
			}
		})
	}
}

func walk(v any, see func(key string)) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			see(k)
			walk(x, see)
		}
	case []any:
		for _, x := range v {
			walk(x, see)
		}
	}
}

// film is a multipart body with frames.
func film(t *testing.T, times string, frames ...[]byte) (contentType string, body io.Reader) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range frames {
		part, err := w.CreateFormFile("frame", "frame.png")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write(f)
	}
	for name, v := range map[string]string{"nonce": "n", "at_ms": times} {
		if err := w.WriteField(name, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), &b
}

// TestNothingInternalReachesTheApplicant walks every public route, in success
// and in failure, and looks through each answer.
func TestNothingInternalReachesTheApplicant(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	c.Must(http.StatusCreated, "POST", "/kyc/workflows/from-template/company-kyc", nil) // brings the owners' workflow along
	c.workflow(secrets)
	a := c.opened(map[string]any{"workflow_id": "walk", "client_id": "customer-of-ours", "metadata": map[string]any{"order": "internal-order-7"}})
	routes := map[string]bool{}
	post := func(route, suffix, body string) reply {
		routes["POST "+route] = true
		r := a.post(suffix, body)
		judge(t, fmt.Sprintf("POST %s (%d)", route, r.Status), r.Raw)
		return r
	}
	get := func(route, suffix string) reply {
		routes["GET "+route] = true
		r := a.Call("GET", a.path(suffix), nil)
		judge(t, fmt.Sprintf("GET %s (%d)", route, r.Status), r.Raw)
		return r
	}
	see := func() {
		for _, p := range []string{"", "/workflow", "/corrections", "/subsessions"} {
			if r := get(p, p); r.Status != 200 {
				t.Fatalf("GET %s: %d %s", p, r.Status, r.Raw)
			}
		}
		get("/workflow", "/workflow?language=de")
	}
	see()
	post("/consent", "/consent", `{"kind":"terms","text":"I agree"}`)
	post("/consent", "/consent", `{"kind":"terms"}`)
	file := picture(t, 3)
	init := post("/upload/init", "/upload/init", jsonText(t, map[string]any{"step_id": "papers", "document_type": "passport", "file_name": "p.png", "size": len(file), "sha256": sum(file)}))
	post("/upload/init", "/upload/init", `{"step_id":"papers","document_type":"tax_certificate","size":0,"sha256":"x"}`)
	routes["PUT /upload/{upload_id}"] = true
	put := a.Send("PUT", init.Str("upload_url"), "image/png", strings.NewReader("too short"))
	judge(t, "PUT bad", put.Raw)
	put = a.Send("PUT", init.Str("upload_url"), "image/png", strings.NewReader(string(file)))
	judge(t, "PUT", put.Raw)
	doc := post("/upload/confirm", "/upload/confirm", jsonText(t, map[string]any{"upload_id": init.Str("upload_id")}))
	if doc.Status != 200 || len(doc.List("warnings")) == 0 {
		t.Fatalf("%d %s", doc.Status, doc.Raw)
	}
	post("/extract", "/extract", jsonText(t, map[string]any{"doc_id": doc.Str("doc_id")}))
	post("/extract", "/extract", `{"doc_id":"nothing"}`)
	post("/step/{step_id}/complete", "/step/form/complete", `{"form_data":{"full_name":"x"}}`)
	post("/step/{step_id}/complete", "/step/papers/complete", "")
	l := post("/liveness/create", "/liveness/create", "")
	shot := base64.StdEncoding.EncodeToString(file)
	if r := post("/liveness/{liveness_id}/frames", "/liveness/"+l.Str("session_id")+"/frames", jsonText(t, map[string]any{"nonce": "n", "frames": []any{map[string]any{"at_ms": 0, "image_base64": shot}}})); r.Str("code") != "liveness_not_filmed" {
		t.Errorf("the sandbox looks at frames: %d %s", r.Status, r.Raw)
	}
	post("/liveness/{liveness_id}/frames", "/liveness/nothing/frames", `{"nonce":"n","frames":[{"at_ms":0,"image_base64":"?"}]}`)
	routes["POST /liveness/{liveness_id}/film"] = true
	for times, code := range map[string]string{"[0]": "liveness_not_filmed", "[0,1]": "invalid_frames", "soon": "invalid_frames"} {
		kind, body := film(t, times, file)
		r := a.Send("POST", a.path("/liveness/"+l.Str("session_id")+"/film"), kind, body)
		if judge(t, "POST /film", r.Raw); r.Str("code") != code {
			t.Errorf("times %s: %d %s", times, r.Status, r.Raw)
		}
	}
	post("/liveness/verify", "/liveness/verify", jsonText(t, map[string]any{"liveness_session_id": l.Str("session_id")}))
	post("/liveness/verify", "/liveness/verify", `{"liveness_session_id":"nothing"}`)
	post("/step/{step_id}/complete", "/step/face/complete", "")
	post("/step/{step_id}/complete", "/step/form/complete", `{"form_data":{"full_name":7,"home":"AQ"}}`)
	if r := post("/step/{step_id}/complete", "/step/form/complete", `{"form_data":{"full_name":"Sam Sanction","home":"NL"}}`); r.Status != 200 {
		t.Fatalf("%d %s", r.Status, r.Raw)
	}
	party := post("/subsessions", "/subsessions", `{"step_id":"owners","name":"Una"}`)
	if party.Status != 201 {
		t.Fatalf("%d %s", party.Status, party.Raw)
	}
	post("/subsessions/{sub_id}/regenerate-link", "/subsessions/"+party.Str("session_id")+"/regenerate-link", "")
	see()
	routes["DELETE /subsessions/{sub_id}"] = true
	gone := a.Send("DELETE", a.path("/subsessions/"+party.Str("session_id")), "", nil)
	judge(t, "DELETE", gone.Raw)
	if r := post("/step/{step_id}/skip", "/step/owners/skip", ""); r.Status != 200 {
		t.Fatalf("%d %s", r.Status, r.Raw)
	}
	got := c.await(a.session, "manual_review")
	if got.Str("processing_result.lists.status") != "hit" {
		t.Fatalf("the walk shall end with something to hide: %s", got.Raw)
	}
	see()
	c.Must(201, "POST", "/kyc/sessions/"+a.session+"/corrections", `{"items":[{"step_id":"form","code":"name_mismatch"}]}`)
	see()
	routes["GET /events"] = true
	events := a.watch(t)
	judge(t, "GET /events", events.first)
	events.close()
	// Every public route of the document was walked.
	for path, verbs := range c.Must(200, "GET", "/openapi.json", nil).At("paths").(map[string]any) {
		suffix, ok := strings.CutPrefix(path, "/public/sessions/{access_token}")
		if !ok {
			continue
		}
		for verb := range verbs.(map[string]any) {
			if name := strings.ToUpper(verb) + " " + suffix; !routes[name] {
				t.Errorf("%s was not walked", name)
			}
		}
	}
}
