package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// amazonFirst has a live organisation ask Amazon's services, and nobody else.
func (c *client) amazonFirst(t *testing.T) {
	t.Helper()
	c.must(t, 200, "PUT", "/api/v1/settings", map[string]any{"providers": map[string]any{"liveness": []string{"aws_rekognition"}, "face_match": []string{"aws_rekognition"},
		"age_estimation": []string{"aws_rekognition"}, "document_ocr": []string{"aws_textract"}}})
}

// shot is a picture of one shade that nobody sent before.
func shot(t *testing.T, shade int) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(portraitOf(uint8(shade % 250)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// checkOf is what one check of a submission said.
func checkOf(a answer, check string) (status, reason string) {
	return a.at("checks.check=" + check + ".status"), a.at("checks.check=" + check + ".reasons.0.code")
}

// TestAmazonBehindTheChecks drives surface B with Amazon's services for the
// document, the comparison of faces and the liveness try: each is asked over the
// wire with its signature, and where one does not answer nothing is verified.
func TestAmazonBehindTheChecks(t *testing.T) {
	a := newAmazon(t)
	srv := a.server(t)
	_, live := srv.newTenants(t)
	live.amazonFirst(t)
	workflow := live.checklist(t, `{"id":"ID_VERIFICATION","config":{"maximum_age":99,"face_front_photo_only":true}},{"id":"FACE_LIVENESS"},{"id":"AGE_ESTIMATION"}`)
	shade := 10
	papers := func(session string) answer {
		t.Helper()
		shade += 2
		return live.submitCheck(t, session, "ID_VERIFICATION", map[string]any{"document_type": "passport", "uploads": map[string]any{
			"id_front": live.checkFile(t, session, shot(t, shade)), "selfie_front": live.checkFile(t, session, shot(t, shade+1))}})
	}
	act := func(session, action string) answer {
		t.Helper()
		return live.call(t, "POST", "/v1/sessions/"+session+"/steps/FACE_LIVENESS", map[string]any{"action": action})
	}
	count := func(operation string) int {
		n := 0
		for _, asked := range a.said(t) {
			if asked == operation {
				n++
			}
		}
		return n
	}

	// Throttled twice, then an answer: the same submission gets it. This machine has no
	// models, so Amazon is also asked for other faces, in the four quarter turns of a
	// picture without edges.
	session := live.checkSession(t, workflow, "Lovelace")
	a.slow("CompareFaces", 2)
	got := papers(session)
	if status, _ := checkOf(got, "face_match"); status != "passed" || count("CompareFaces") != 3+4 || count("AnalyzeID") == 0 {
		t.Fatalf("throttled twice: %v\n%s", a.said(t), got.raw)
	}
	if source, _ := a.bodies["CompareFaces"]["SourceImage"].(map[string]any); source["Bytes"] == nil || a.bodies["CompareFaces"]["SimilarityThreshold"] != 0.0 {
		t.Errorf("the faces were sent as %v", a.bodies["CompareFaces"])
	}
	for got.at("step_status") == "IN_PROGRESS" { // what Textract read is no whole passport
		got = papers(session)
	}

	// The applicant is filmed by Amazon; the id that the detector wants comes
	// from there, and only a finished film is an attempt.
	opened := act(session, "start")
	id := opened.at("liveness.session_id")
	if opened.status != 200 || id != amazonSession+"01" || opened.at("liveness.region") != "eu-west-1" || opened.at("liveness.provider") != "aws_rekognition" {
		t.Fatalf("%d %s", opened.status, opened.raw)
	}
	if again := act(session, "start"); again.at("liveness.session_id") != id || count("CreateFaceLivenessSession") != 1 {
		t.Errorf("asked to start again: %s", again.raw)
	}
	if early := act(session, "complete"); early.status != 409 || early.str("code") != "liveness_unfinished" {
		t.Errorf("before the film: %d %s", early.status, early.raw)
	}
	if frames := live.call(t, "POST", "/v1/sessions/"+session+"/steps/FACE_LIVENESS", map[string]any{"action": "upload-url", "frame_count": 8}); frames.status != 409 || frames.str("code") != "liveness_not_filmed" {
		t.Errorf("frames of our own: %d %s", frames.status, frames.raw)
	}
	a.film(id, "FAILED")
	if failed := act(session, "complete"); failed.value("liveness.passed") != false || failed.at("step_status") != "IN_PROGRESS" || failed.value("attempts_remaining") != 2.0 {
		t.Errorf("a film that failed: %s", failed.raw)
	}
	id = act(session, "start").at("liveness.session_id")
	a.film(id, "SUCCEEDED")
	passed := act(session, "complete")
	if passed.value("liveness.passed") != true || passed.value("liveness.confidence") != 97.25 || passed.at("step_status") != "COMPLETED" {
		t.Fatalf("the film: %s", passed.raw)
	}
	age := live.submitCheck(t, session, "AGE_ESTIMATION", map[string]any{"uploads": map[string]any{"selfie_front": live.checkFile(t, session, shot(t, 220))}})
	if status, _ := checkOf(age, "age_estimation"); status == "error" || count("DetectFaces") == 0 {
		t.Errorf("the age: %s", age.raw)
	}

	// Throttled for ever, each attempt says so, and nobody is verified by it.
	session = live.checkSession(t, live.checklist(t, `{"id":"ID_VERIFICATION","config":{"maximum_age":99,"face_front_photo_only":true}}`), "Lovelace")
	a.slow("CompareFaces", -1)
	before := count("CompareFaces")
	for range 3 {
		got = papers(session)
		// After some of it the service is left alone for a while.
		if status, reason := checkOf(got, "face_match"); status != "error" || reason != "provider_throttled" && reason != "provider_resting" {
			t.Fatalf("throttled: %s", got.raw)
		}
		if got.at("step_status") != "IN_PROGRESS" {
			break
		}
	}
	if asked := count("CompareFaces") - before; asked < 3 {
		t.Errorf("asked %d times", asked)
	}
	end := live.awaitCheck(t, session, checkEnded("SUBMITTED"))
	if strings.Contains(string(end.raw), `"VERIFIED"`) {
		t.Errorf("the end: %.3000s", end.raw)
	}

	// A liveness service that is throttled opens nothing, and takes no attempt.
	session = live.checkSession(t, workflow, "Lovelace")
	for got = papers(session); got.at("step_status") == "IN_PROGRESS"; {
		got = papers(session)
	}
	a.slow("CreateFaceLivenessSession", -1)
	if refused := act(session, "start"); refused.status != 503 || refused.str("code") != "provider_throttled" {
		t.Errorf("%d %s", refused.status, refused.raw)
	}
	if state := live.must(t, 200, "GET", "/v1/sessions/"+session+"/workflow", nil); state.value("steps.1.attempts") != 0.0 {
		t.Errorf("%s", state.raw)
	}
}

// throttledGraph approves on the word of face_match alone (and the screening
// that every approval needs), and asks it twice.
const throttledGraph = `{"entry":"start","nodes":{
 "start":{"type":"start","next":"face"},
 "face":{"type":"policy","policy":"face_match","retry":{"max_attempts":2,"backoff_seconds":1},"on_pass":"yes","on_fail":"no","on_review":"look","on_error":"look"},
 "yes":{"type":"terminal","outcome":"approved"},
 "no":{"type":"terminal","outcome":"rejected","reason_code":"face"},
 "look":{"type":"terminal","outcome":"needs_review"}}}`

// TestThrottledComparisonsApproveNobody holds a run of surface D to what came
// of its comparison: an answer after some throttling counts, none never does.
func TestThrottledComparisonsApproveNobody(t *testing.T) {
	a := newAmazon(t)
	srv := a.server(t)
	_, live := srv.newTenants(t)
	live.amazonFirst(t)
	srv.importList(t, "own", ownList)
	workflow := live.published(t, throttledGraph)
	shade := 100
	for _, c := range []struct {
		name           string
		throttled      int
		status, result string
		attempts       []string
	}{
		{"not at all", 0, "completed", "approved", []string{"passed"}},
		{"within one question", 2, "completed", "approved", []string{"passed"}},
		{"a whole question", 3, "completed", "approved", []string{"requires_retry", "passed"}},
		{"for ever", -1, "under_review", "", []string{"requires_retry", "error"}},
	} {
		a.slow("CompareFaces", c.throttled)
		shade += 2
		session := live.must(t, 201, "POST", "/api/v1/sessions", map[string]any{"workflow_id": workflow, "external_ref": c.name,
			"fields": map[string]any{"first_name": "Ada Quilla", "last_name": "Mirabel", "date_of_birth": "1991-04-17"}}).str("id")
		for kind, file := range map[string][]byte{"document_front": shot(t, shade), "selfie": shot(t, shade+1)} {
			if up := live.upload(t, session, kind, file); up.status != 201 {
				t.Fatalf("%d %s", up.status, up.raw)
			}
		}
		live.must(t, 202, "POST", "/api/v1/sessions/"+session+"/submit", nil)
		end := live.awaitAnswer(t, "/api/v1/sessions/"+session, func(a answer) bool { return a.str("status") == "completed" || a.str("status") == "under_review" })
		run := live.must(t, 200, "GET", "/api/v1/sessions/"+session+"/workflow-run", nil)
		var attempts []struct {
			Policy string          `json:"policy"`
			Status string          `json:"status"`
			More   json.RawMessage `json:"reasons"`
		}
		run.get(t, "attempts", &attempts)
		var said []string
		for _, one := range attempts {
			if one.Policy == "face_match" {
				said = append(said, one.Status)
				if one.Status != "passed" && !strings.Contains(string(one.More), "provider_throttled") {
					t.Errorf("%s: the record says %s", c.name, one.More)
				}
			}
		}
		if end.str("status") != c.status || c.result != "" && end.str("result") != c.result || end.str("result") == "approved" && c.result == "" || !slices.Equal(said, c.attempts) {
			t.Errorf("throttled %s: %s %s after %v\n%.3000s", c.name, end.str("status"), end.str("result"), said, run.raw)
		}
		a.said(t)
	}
	if out := fmt.Sprint(srv.out.String()); strings.Contains(out, awsTestSecret) || strings.Contains(out, awsTestKey) {
		t.Error("the log holds credentials")
	}
}
