package main

import (
	"bytes"
	"encoding/json"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"
)

// picturesGraph asks both checks that know pictures again: whatever the first
// one finds, the second is asked, and the session ends so that it can be erased.
const picturesGraph = `{"entry":"start","nodes":{
 "start":{"type":"start","next":"twins"},
 "twins":{"type":"policy","policy":"duplicate_detection","config":{"traits":["picture"]},"on_pass":"fraud","on_fail":"fraud","on_error":"look"},
 "fraud":{"type":"policy","policy":"document_fraud","config":{"accept_specimen":true,"review_from":100,"fail_from":101},"on_pass":"done","on_fail":"look","on_error":"look"},
 "done":{"type":"terminal","outcome":"rejected","reason_code":"tested"},
 "look":{"type":"terminal","outcome":"needs_review"}}}`

// lookedAt is what one session's run says of pictures.
type lookedAt struct {
	session      string
	fraud, twins struct {
		Verdict string `json:"verdict"`
		Reasons []struct {
			Code string `json:"code"`
		} `json:"reasons"`
		Details json.RawMessage `json:"details"`
	}
	raw []byte
}

// names reports whether both checks name a session; they never disagree.
func (l lookedAt) names(t *testing.T, session string) bool {
	t.Helper()
	a, b := strings.Contains(string(l.fraud.Details), session), strings.Contains(string(l.twins.Details), session)
	if a != b {
		t.Errorf("one of the two checks names %s: fraud %v, duplicates %v: %s", session, a, b, l.raw)
	}
	return a
}

// found reports whether one of the checks found another one's picture.
func (l lookedAt) found() bool {
	for _, r := range slices.Concat(l.fraud.Reasons, l.twins.Reasons) {
		if r.Code == "duplicate_image" || r.Code == "duplicate_picture" || r.Code == "similar_picture" {
			return true
		}
	}
	return false
}

// handIn carries somebody's picture of a document through picturesGraph.
func (c *client) handIn(t *testing.T, workflow, who string, file []byte) lookedAt {
	t.Helper()
	s := c.must(t, 201, "POST", "/api/v1/sessions", map[string]any{"workflow_id": workflow, "external_ref": who}).str("id")
	if a := c.upload(t, s, "document_front", file); a.status != 201 {
		t.Fatalf("upload: %d %s", a.status, a.raw)
	}
	c.must(t, 202, "POST", "/api/v1/sessions/"+s+"/submit", nil)
	c.awaitAnswer(t, "/api/v1/sessions/"+s, func(a answer) bool { return a.str("status") == "completed" || a.str("status") == "under_review" })
	out := lookedAt{session: s}
	run := c.must(t, 200, "GET", "/api/v1/sessions/"+s+"/workflow-run", nil)
	var nodes map[string]struct {
		Result json.RawMessage `json:"result"`
	}
	run.get(t, "node_results", &nodes)
	out.raw = run.raw
	if json.Unmarshal(nodes["fraud"].Result, &out.fraud) != nil || json.Unmarshal(nodes["twins"].Result, &out.twins) != nil || out.fraud.Verdict == "" || out.twins.Verdict == "" {
		t.Fatalf("%s", run.raw)
	}
	return out
}

func TestAPictureOfSomebodyElseIsMetAgain(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database, func(c *serveCmd) { c.RateKeys = "1000/s,1000" })
		needsTesseract(t, srv)
		sandbox, c := srv.newTenants(t)
		_, stranger := srv.newTenants(t)
		person := mirabel()
		person.Expiry = time.Now().UTC().AddDate(4, 0, 0)
		original := specimen(t, person)
		img, err := png.Decode(bytes.NewReader(original))
		if err != nil {
			t.Fatal(err)
		}
		saved := func(quality int) []byte {
			var b bytes.Buffer
			if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
				t.Fatal(err)
			}
			return b.Bytes()
		}
		workflow := c.published(t, picturesGraph)
		first := c.handIn(t, workflow, "the first", saved(95))
		if first.fraud.Verdict != "pass" || first.twins.Verdict != "pass" || first.found() {
			t.Fatalf("the first session: %s", first.raw)
		}
		if again := c.handIn(t, workflow, "the first", saved(80)); again.found() || again.twins.Verdict != "pass" {
			t.Errorf("the same person coming back: %s", again.raw)
		}
		second := c.handIn(t, workflow, "the second", saved(60))
		if second.twins.Verdict != "fail" || !second.names(t, first.session) || !strings.Contains(string(second.raw), `"duplicate_image"`) ||
			!strings.Contains(string(second.raw), `"duplicate_picture"`) {
			t.Fatalf("the second session: %s", second.raw)
		}

		// Nobody else's tenant and no other environment knows of it.
		if other := stranger.handIn(t, stranger.published(t, picturesGraph), "the second", saved(60)); other.found() || other.twins.Verdict != "pass" {
			t.Errorf("another tenant: %s", other.raw)
		}
		if other := sandbox.handIn(t, sandbox.published(t, picturesGraph), "the second", saved(60)); other.found() || strings.Contains(string(other.raw), first.session) {
			t.Errorf("another environment: %s", other.raw)
		}

		// Who is erased is forgotten, with all their sessions.
		c.must(t, 200, "DELETE", "/api/v1/sessions/"+first.session+"/data", nil)
		third := c.handIn(t, workflow, "the third", saved(70))
		if third.names(t, first.session) || !third.names(t, second.session) {
			t.Errorf("after the first person was erased: %s", third.raw)
		}
		for _, s := range []string{second.session, third.session} {
			c.must(t, 200, "DELETE", "/api/v1/sessions/"+s+"/data", nil)
		}
		if last := c.handIn(t, workflow, "the last", saved(50)); last.found() || last.twins.Verdict != "pass" {
			t.Errorf("after all were erased: %s", last.raw)
		}
	})
}
