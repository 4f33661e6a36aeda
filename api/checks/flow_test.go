package checks

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// everything asks for all seven steps.
const everything = `{"id":"ID_VERIFICATION","config":{"maximum_age":99,"face_front_photo_only":true,"require_secondary_id":true,"require_front_only":true,"enable_fraud_analysis":true}},
{"id":"FACE_LIVENESS"},{"id":"AGE_ESTIMATION"},{"id":"PEP_SANCTIONS"},{"id":"ADVERSE_MEDIA"},{"id":"CONSENT","config":{"require_signature":true}},
{"id":"DOCUMENT_UPLOAD","config":{"document_types":["proof_of_address","bank_statement"]}}`

func identity(family string) map[string]any {
	return map[string]any{"first_name": "Anna", "last_name": family, "date_of_birth": "1990-01-15"}
}

// walk submits all seven steps.
func (c *client) walk(session, family string) {
	c.T.Helper()
	c.Must(200, "POST", "/v1/sessions/"+session+"/workflow/start", nil)
	papers := c.papers(session)
	papers["secondary_document_type"] = "id_card"
	papers["uploads"].(map[string]any)["secondary_id_front"] = c.upload(session, 3)
	if r := c.submit(session, "ID_VERIFICATION", papers); r.Str("step_status") != "COMPLETED" || r.Str("document_risk_data.status") != "passed" || r.At("current_step") != 1.0 {
		c.T.Fatalf("%s", r.Raw)
	}
	live := "/v1/sessions/" + session + "/steps/FACE_LIVENESS"
	if r := c.Must(200, "POST", live, `{"action":"start"}`); r.Str("step_status") != "IN_PROGRESS" || r.Str("liveness.challenge_type") == "" || r.At("liveness.confidence_threshold") != 70.0 {
		c.T.Fatalf("%s", r.Raw)
	}
	frames := c.Must(200, "POST", live, `{"action":"upload-url","frame_count":2}`).List("liveness.frame_upload_urls")
	if len(frames) != 2 {
		c.T.Fatalf("%d frames", len(frames))
	}
	for i, f := range frames {
		c.b.client(c.T, "").Send("PUT", f.(map[string]any)["url"].(string), "image/png", strings.NewReader(string(picture(c.T, 10+i))))
	}
	if r := c.Must(200, "POST", live, `{"action":"complete"}`); r.Str("step_status") != "COMPLETED" || r.At("liveness.passed") != true {
		c.T.Fatalf("%s", r.Raw)
	}
	c.submit(session, "age-estimation", map[string]any{"uploads": map[string]any{"selfie_front": c.upload(session, 4)}})
	c.submit(session, "PEP_SANCTIONS", identity(family))
	start := identity(family)
	start["action"], start["country"] = "start", "NL"
	if r := c.submit(session, "ADVERSE_MEDIA", start); r.Str("step_status") != "IN_PROGRESS" {
		c.T.Fatalf("%s", r.Raw)
	}
	c.submit(session, "ADVERSE_MEDIA", `{"action":"complete"}`)
	c.submit(session, "CONSENT", map[string]any{"accepted": true, "legal_name": "Anna " + family, "signature_upload": c.upload(session, 5)})
	r := c.submit(session, "DOCUMENT_UPLOAD", map[string]any{"uploads": map[string]any{"proof_of_address": c.upload(session, 6), "bank_statement": c.upload(session, 7)}})
	if r.Str("session_status") != "SUBMITTED" || r.Str("session_progress") != "COMPLETED" || r.At("current_step") != nil {
		c.T.Fatalf("%s", r.Raw)
	}
}

func TestFromAKeyToAVerifiedSession(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	workflow := b.workflow(t, everything)
	made := b.sandbox.Must(201, "POST", "/v1/workflows/"+workflow+"/sessions", map[string]any{
		"email": "anna@example.org", "firstName": "Anna", "last_name": "Approve", "phone": "+31612345678", "externalId": "order-7", "expiresInHours": 2, "metadata": map[string]any{"shop": 5}})
	id := made.Str("session_id")
	if made.At("current_step") != 0.0 || len(made.List("steps")) != 7 || made.Str("steps.0.status") != "PENDING" || made.Str("expires_at") == "" {
		t.Errorf("%s", made.Raw)
	}
	b.sandbox.walk(id, "Approve")
	if got := b.settled(t, b.sandbox, id); got != "VERIFIED" {
		t.Fatalf("the session is %s\n%s", got, b.sandbox.Must(200, "GET", "/v1/sessions/"+id, nil).Raw)
	}
	r := b.sandbox.Must(200, "GET", "/v1/sessions/"+id, nil)
	for path, want := range map[string]any{
		"session_record.status": "VERIFIED", "session_record.session_progress": "COMPLETED", "session_record.type": "api", "session_record.external_id": "order-7",
		"session_record.workflow_id": workflow, "session_record.organization_id": string(b.Dev.ID), "session_record.is_sandbox": true, "session_record.metadata.shop": 5.0,
		"session_record.uploads.id_front": true, "session_record.uploads.id_back": false, "session_record.uploads.secondary_id_front": true, "session_record.uploads.tertiary_id_front": false,
		"session_record.uploads.selfie_front": true, "session_record.uploads.selfie_left": false, "session_record.workflow_steps.6.status": "COMPLETED",
		"session_record.analysis_data.id_matches_selfie": true, "session_record.analysis_data.id_analysis_data.status": "passed",
		"session_record.analysis_data.id_analysis_data.age_check.status": "passed", "session_record.analysis_data.id_analysis_data.expiry_check.expired": false,
		"session_record.analysis_data.secondary_id_analysis_data.given": true, "session_record.analysis_data.tertiary_id_analysis_data": nil,
		"session_record.analysis_data.compare_faces_data.status": "passed", "session_record.analysis_data.pep_sanctions_data.sanctions.status": "passed",
		"session_record.analysis_data.pep_sanctions_data.pep.status": "passed", "session_record.analysis_data.adverse_media_data.status": "passed",
		"session_record.analysis_data.document_risk_data.status": "passed", "session_record.analysis_data.document_risk_data.escalated": false,
		"session_record.analysis_data.age_estimation_data.status": "passed", "session_record.analysis_data.document_upload_data.status": "passed",
		"session_record.analysis_data.consent_data.status": "passed", "session_record.decisions.0.to_status": "VERIFIED", "session_record.decisions.0.source": "automation",
		"user.email": "anna@example.org", "user.last_name": "Approve", "user.phone": "+31612345678",
	} {
		if got := r.At(path); !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	if score, _ := r.At("session_record.analysis_data.faceliveness_score").(float64); score < 70 {
		t.Errorf("liveness %v", score)
	}
	if text, _ := r.At("session_record.analysis_data.id_analysis_data.id_extracted_text").([]any); !slices.ContainsFunc(text, func(v any) bool {
		row := v.(map[string]any)
		return row["type"] == "last_name" && row["value"] == "Approve"
	}) {
		t.Errorf("what was read: %v", text)
	}
	if r.Str("session_record.sender_user_id") == "" || r.Str("sender_user.id") != r.Str("session_record.sender_user_id") || r.Str("user.id") != r.Str("session_record.user_id") {
		t.Errorf("%s", r.Raw)
	}
	link := r.Str("resource_links.id_front")
	if file := b.client(t, "").Send("GET", link, "", nil); file.Status != 200 || string(file.Raw) != string(picture(t, 1)) || file.Header.Get("Content-Type") != "image/png" || !strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%d %s", file.Status, link)
	}
	if file := b.client(t, "").Send("GET", link+"x", "", nil); file.Status != 403 {
		t.Errorf("a forged link: %d", file.Status)
	}
	want := []string{"session.created"}
	for range 7 {
		want = append(want, "session.step.completed")
	}
	if got := b.Told(id); !slices.Equal(got, append(want, "session.status.submitted", "session.status.verified")) {
		t.Errorf("told %v", got)
	}
	b.live.refused(404, "not_found", "GET", "/v1/sessions/"+id, nil)
	b.stranger.refused(404, "not_found", "GET", "/v1/sessions/"+id+"/workflow", nil)
}

// Each magic name of the sandbox ends in the state that running.md promises.
func TestNamesDecideInTheSandbox(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	workflow := b.workflow(t, `{"id":"ID_VERIFICATION","config":{"maximum_age":99,"face_front_photo_only":true}},{"id":"PEP_SANCTIONS"},{"id":"CONSENT"}`)
	for family, want := range map[string]struct{ status, step, reason string }{
		"Approve":  {"VERIFIED", "COMPLETED", ""},
		"Expired":  {"VERIFIED", "COMPLETED", ""}, // 30 days ago, within the two years of grace
		"NoMatch":  {"SUBMITTED", "FAILED", ""},
		"Tampered": {"SUBMITTED", "FAILED", ""},
		"Underage": {"SUBMITTED", "FAILED", ""},
		"Sanction": {"SUBMITTED", "FAILED", ""},
		"Pep":      {"SUBMITTED", "FAILED", ""},
		"Timeout":  {"SUBMITTED", "FAILED", "provider_unavailable"},
	} {
		id := b.sandbox.session(workflow, family)
		failed := ""
		for _, step := range []string{"ID_VERIFICATION", "PEP_SANCTIONS", "CONSENT"} {
			for range 3 {
				var body any = map[string]any{"accepted": true, "legal_name": "Anna " + family}
				switch step {
				case "ID_VERIFICATION":
					body = b.sandbox.papers(id)
				case "PEP_SANCTIONS":
					body = identity(family)
				}
				r := b.sandbox.submit(id, step, body)
				if status := r.Str("step_status"); status != "IN_PROGRESS" {
					if status == "FAILED" {
						failed = r.Str("failure_reason")
					}
					break
				}
				if r.Str("failure_reason") == "" {
					t.Fatalf("%s, %s: no reason in %s", family, step, r.Raw)
				}
			}
		}
		got := b.settled(t, b.sandbox, id)
		if got != want.status || (failed != "") != (want.step == "FAILED") || want.reason != "" && failed != want.reason {
			t.Errorf("%s: %s (%s), want %s", family, got, failed, want.status)
		}
	}
}

func TestOnlyTheCurrentStepAndOnlyWhatItTakes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	workflow := b.workflow(t, `{"id":"ID_VERIFICATION","config":{"maximum_age":99}},{"id":"CONSENT"}`)
	id := b.sandbox.session(workflow, "Approve")
	at := "/v1/sessions/" + id
	b.sandbox.refused(409, "not_current_step", "POST", at+"/steps/CONSENT", `{"accepted":true,"legal_name":"A"}`)
	b.sandbox.refused(404, "step_not_found", "POST", at+"/steps/FACE_LIVENESS", `{"action":"start"}`)
	r := b.sandbox.refused(400, "invalid_submission", "POST", at+"/steps/ID_VERIFICATION", `{"document_type":"library_card","uploads":{"id_front":"x"},"colour":1}`)
	if got := problems(r); len(got) < 4 || !slices.Contains(got, "/colour unknown_field") || !slices.Contains(got, "/document_type document_type_invalid") {
		t.Errorf("%v", got)
	}
	b.sandbox.refused(400, "invalid_submission", "POST", at+"/steps/ID_VERIFICATION", `[]`)
	announced := b.sandbox.Must(201, "POST", at+"/uploads", `{"name":"x.png","content_type":"image/png"}`)
	body := b.sandbox.papers(id)
	files := body["uploads"].(map[string]any)
	files["selfie_left"], files["selfie_right"] = b.sandbox.upload(id, 8), announced.Str("upload_id")
	b.sandbox.refused(409, "upload_missing", "POST", at+"/steps/ID_VERIFICATION", body)
	open := b.client(t, "")
	if sent := open.Send("PUT", announced.Str("url"), "text/plain", strings.NewReader("hello")); sent.Status != 415 {
		t.Errorf("a text file: %d %s", sent.Status, sent.Raw)
	}
	if sent := open.Send("PUT", announced.Str("url")+"x", "image/png", strings.NewReader("x")); sent.Status != 404 {
		t.Errorf("a wrong address: %d %s", sent.Status, sent.Raw)
	}
	bytes := string(picture(t, 9))
	for range 2 {
		if sent := open.Send("PUT", announced.Str("url"), "image/png", strings.NewReader(bytes)); sent.Status != 200 {
			t.Errorf("%d %s", sent.Status, sent.Raw)
		}
	}
	stale := b.sandbox.Must(200, "GET", at+"/workflow", nil).Header.Get("ETag")
	b.sandbox.Must(200, "POST", at+"/workflow/start", nil)
	b.sandbox.With("If-Match", stale).refused(412, "etag_mismatch", "POST", at+"/steps/ID_VERIFICATION", body)
	c := b.sandbox.With("Idempotency-Key", "papers")
	first := c.Must(200, "POST", at+"/steps/ID_VERIFICATION", body)
	again := c.Must(200, "POST", at+"/steps/ID_VERIFICATION", body)
	if string(first.Raw) != string(again.Raw) || again.Header.Get("Idempotent-Replayed") != "true" || first.Str("step_status") != "COMPLETED" {
		t.Errorf("%s\n%s", first.Raw, again.Raw)
	}
	b.sandbox.refused(400, "invalid_submission", "POST", at+"/steps/CONSENT", `{}`)
	if r := b.sandbox.submit(id, "CONSENT", `{"accepted":false}`); r.Str("step_status") != "FAILED" || r.Str("session_status") != "SUBMITTED" {
		t.Errorf("%s", r.Raw)
	}
	if got := b.settled(t, b.sandbox, id); got != "SUBMITTED" {
		t.Errorf("a refused consent ends %s", got)
	}
	if r := b.sandbox.Call("POST", at+"/steps/CONSENT", `{"accepted":true,"legal_name":"A"}`); r.Status != 409 {
		t.Errorf("%s", r.Raw)
	}
}

func TestTheScenariosOfTheFraudAnalysis(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	step := func(config string) string {
		return b.workflow(t, `{"id":"ID_VERIFICATION","config":{"maximum_age":99,"face_front_photo_only":true`+config+`}}`)
	}
	// In the background: nothing in the answer, the session goes on, and the
	// late result opens a case and changes no decision.
	id := b.sandbox.session(step(""), "HighRisk")
	if r := b.sandbox.submit(id, "ID_VERIFICATION", b.sandbox.papers(id)); r.Str("step_status") != "COMPLETED" || r.At("document_risk_data") != nil {
		t.Errorf("%s", r.Raw)
	}
	if got := b.settled(t, b.sandbox, id); got != "VERIFIED" {
		t.Errorf("in the background: %s", got)
	}
	b.work(t)
	r := b.sandbox.Must(200, "GET", "/v1/sessions/"+id, nil)
	if r.Str("session_record.status") != "VERIFIED" || r.Str("session_record.case_id") == "" || r.At("session_record.analysis_data.document_risk_data.risk_score") != 80.0 {
		t.Errorf("%s", r.Raw)
	}
	if told := b.Told(id); told[len(told)-1] != "session.fraud_signal" {
		t.Errorf("told %v", told)
	}
	// In line: the result is in the answer, and nothing escalates.
	id = b.sandbox.session(step(`,"enable_fraud_analysis":true`), "HighRisk")
	if r := b.sandbox.submit(id, "ID_VERIFICATION", b.sandbox.papers(id)); r.Str("step_status") != "COMPLETED" || r.At("document_risk_data.risk_score") != 80.0 || r.At("document_risk_data.escalated") != false || r.At("requirements.escalation") != nil {
		t.Errorf("%s", r.Raw)
	}
	if got := b.settled(t, b.sandbox, id); got != "SUBMITTED" {
		t.Errorf("a high risk is approved by nobody: %s", got)
	}
	// With an escalation: below the threshold as before, at it the chip is asked
	// for.
	chip := step(`,"escalation_type":"nfc-passport","escalation_risk_threshold":80`)
	id = b.sandbox.session(chip, "Approve")
	if r := b.sandbox.submit(id, "ID_VERIFICATION", b.sandbox.papers(id)); r.Str("step_status") != "COMPLETED" || r.At("document_risk_data.escalated") != false {
		t.Errorf("%s", r.Raw)
	}
	if got := b.settled(t, b.sandbox, id); got != "VERIFIED" {
		t.Errorf("below the threshold: %s", got)
	}
	proof := `{"escalation":{"type":"nfc-passport","sod":"AAEC","data_groups":{"DG1":"AwQF","DG2":"BgcI"}}}`
	for name, tt := range map[string]struct{ body, step, session string }{
		"verified": {proof, "COMPLETED", "VERIFIED"},
		"refused":  {`{"escalation":{"type":"nfc-passport","refused":true}}`, "FAILED", "SUBMITTED"},
	} {
		id := b.sandbox.session(chip, "HighRisk")
		r := b.sandbox.submit(id, "ID_VERIFICATION", b.sandbox.papers(id))
		if want := map[string]any{"type": "nfc-passport", "risk_score": 80.0, "threshold": 80.0}; r.Str("step_status") != "IN_PROGRESS" || !reflect.DeepEqual(r.At("requirements.escalation"), want) || r.At("document_risk_data.escalated") != true {
			t.Errorf("%s: %s", name, r.Raw)
		}
		b.sandbox.refused(409, "escalation_required", "POST", "/v1/sessions/"+id+"/steps/ID_VERIFICATION", b.sandbox.papers(id))
		r = b.sandbox.submit(id, "ID_VERIFICATION", tt.body)
		if r.Str("step_status") != tt.step || tt.step == "FAILED" && r.Str("failure_reason") != "escalation_failed" {
			t.Errorf("%s: %s", name, r.Raw)
		}
		if got := b.settled(t, b.sandbox, id); got != tt.session {
			t.Errorf("%s: the session is %s\n%s", name, got, b.sandbox.Must(200, "GET", "/v1/sessions/"+id, nil).Raw)
		}
	}
}

// With a live key nothing is simulated: what nobody set up is an error, and
// never leads to a verification.
func TestWhatNobodySetUpNeverVerifies(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	workflow := b.workflow(t, `{"id":"ID_VERIFICATION","config":{"maximum_age":99,"face_front_photo_only":true}},{"id":"FACE_LIVENESS"},{"id":"PEP_SANCTIONS"}`)
	id := b.live.session(workflow, "Approve")
	if r := b.live.submit(id, "ID_VERIFICATION", b.live.papers(id)); r.Str("step_status") != "FAILED" || !strings.Contains(r.Str("failure_reason"), "not_configured") {
		t.Errorf("%s", r.Raw)
	}
	b.live.submit(id, "FACE_LIVENESS", `{"action":"start"}`)
	b.client(t, "").Send("PUT", b.live.submit(id, "FACE_LIVENESS", `{"action":"upload-url","frame_count":1}`).Str("liveness.frame_upload_urls.0.url"), "image/png", strings.NewReader(string(picture(t, 3))))
	if r := b.live.submit(id, "FACE_LIVENESS", `{"action":"complete"}`); r.Str("step_status") != "FAILED" {
		t.Errorf("%s", r.Raw)
	}
	if r := b.live.submit(id, "PEP_SANCTIONS", identity("Approve")); r.Str("step_status") != "FAILED" {
		t.Errorf("%s", r.Raw)
	}
	if got := b.settled(t, b.live, id); got != "SUBMITTED" {
		t.Errorf("the session is %s", got)
	}
	r := b.live.Must(200, "GET", "/v1/sessions/"+id, nil)
	if r.At("session_record.analysis_data.id_matches_selfie") != nil || r.Str("session_record.analysis_data.id_analysis_data.status") != "error" || r.At("session_record.is_sandbox") != false {
		t.Errorf("%s", r.Raw)
	}
}
