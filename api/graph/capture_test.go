package graph

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestLiveCapture(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.live
	id := c.must(201, "POST", "/workflows", `{"name":"live","graph":`+kycGraph+`,"data_requirements":{"document_front":true,"user_info":{"last_name":"required","first_name":"optional"}}}`).str("id")
	c.must(200, "POST", "/workflows/"+id+"/publish", nil)
	s := c.must(201, "POST", "/sessions", map[string]any{"workflow_id": id, "redirect_url": "https://shop.example/done"})
	sid := s.str("id")
	plan := c.must(200, "GET", "/sessions/"+sid+"/requirements", nil)
	if plan.str("data.0.name") != "document_front" {
		t.Errorf("%s", plan.raw)
	}
	missing := c.refused(422, "capture_incomplete", "POST", "/sessions/"+sid+"/submit", nil)
	if len(missing.list("errors")) != 2 {
		t.Errorf("%s", missing.raw)
	}
	pic := picture(t)
	for name, r := range map[string]reply{
		"415": c.upload(sid, "document_front", "", []byte("MZ this is no picture")),
		"422": c.upload(sid, "homework", "novel", pic),
	} {
		if fmt.Sprint(r.status) != name {
			t.Errorf("%s: %d %s", name, r.status, r.raw)
		}
	}
	up := c.upload(sid, "document_front", "passport", pic)
	if up.status != 201 || up.str("content_type") != "image/png" || up.str("type") != "document_front" || len(up.str("sha256")) != 64 {
		t.Fatalf("%d %s", up.status, up.raw)
	}
	c.upload(sid, "document_front", "passport", pic)
	docs := c.must(200, "GET", "/sessions/"+sid+"/documents", nil)
	if len(docs.list("data")) != 2 || docs.at("data.0.superseded") != true {
		t.Errorf("%s", docs.raw)
	}
	nobody := b.client(t, "")
	file := nobody.send("GET", docs.str("data.1.url"), "", nil)
	if file.status != 200 || string(file.raw) != string(pic) || file.header.Get("Content-Type") != "image/png" || file.header.Get("Content-Disposition") != "attachment" {
		t.Errorf("%d %v", file.status, file.header)
	}
	if forged := nobody.send("GET", docs.str("data.1.url")+"x", "", nil); forged.status != 403 && forged.status != 404 {
		t.Errorf("a forged link: %d", forged.status)
	}
	c.must(200, "POST", "/sessions/"+sid+"/fields", `{"fields":{"last_name":"Lovelace"}}`)
	c.must(202, "POST", "/sessions/"+sid+"/submit", nil)
	if r := c.upload(sid, "selfie", "", pic); r.status != 409 || r.str("code") != "not_capturing" {
		t.Errorf("%d %s", r.status, r.raw)
	}
	// Without a reader the document check cannot answer, and that is never a pass.
	end := c.await(sid, "under_review")
	if end.str("case_id") == "" {
		t.Errorf("%s", end.raw)
	}
	erased := c.refused(409, "session_active", "DELETE", "/sessions/"+sid+"/data", nil)
	_ = erased
	c.must(200, "POST", "/cases/"+end.str("case_id")+"/reject", `{"reviewer_id":"anna","rejection_reason":"unreadable"}`)
	gone := c.must(200, "DELETE", "/sessions/"+sid+"/data", nil)
	if gone.str("status") != "deleted" || gone.at("documents_removed") != 2.0 || gone.str("session_id") != sid || gone.str("message") == "" {
		t.Errorf("%s", gone.raw)
	}
	if again := c.must(200, "DELETE", "/sessions/"+sid+"/data", nil); again.str("status") != "already_redacted" {
		t.Errorf("%s", again.raw)
	}
	if dead := nobody.send("GET", docs.str("data.1.url"), "", nil); dead.status != 404 {
		t.Errorf("the file of an erased person: %d", dead.status)
	}
	after := c.must(200, "GET", "/sessions/"+sid, nil)
	if after.str("redacted_at") == "" || after.str("result") != "rejected" {
		t.Errorf("%s", after.raw)
	}
	if r := c.call("GET", "/sessions/"+sid+"/result", nil); r.status >= 500 || strings.Contains(string(r.raw), "Lovelace") {
		t.Errorf("%d %s", r.status, r.raw)
	}
	bulk := c.must(200, "POST", "/sessions/bulk-redact", map[string]any{"session_ids": []string{sid, "session_nothing"}})
	if bulk.at("total") != 2.0 || bulk.str("results.0.status") != "already_redacted" || bulk.str("results.1.error") != "not_found" {
		t.Errorf("%s", bulk.raw)
	}
}

func TestADocumentLinkEndsOnTheSandboxClock(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	id := c.published("KYC", kycGraph)
	c.must(200, "POST", "/sandbox/clock", `{"advance_seconds":86400}`)
	s := c.must(201, "POST", "/sessions", map[string]any{"workflow_id": id})
	if r := c.upload(s.str("id"), "document_front", "passport", picture(t)); r.status != 201 {
		t.Fatalf("%d %s", r.status, r.raw)
	}
	docs := c.must(200, "GET", "/sessions/"+s.str("id")+"/documents", nil)
	if docs.str("data.0.expires_at") < s.str("created_at") {
		t.Errorf("a link of yesterday: %s", docs.raw)
	}
	nobody := b.client(t, "")
	if r := nobody.send("GET", docs.str("data.0.url"), "", nil); r.status != 200 {
		t.Errorf("%d %s", r.status, r.raw)
	}
	c.must(200, "POST", "/sandbox/clock", `{"advance_seconds":301}`)
	if r := nobody.send("GET", docs.str("data.0.url"), "", nil); r.status != 403 || r.str("code") != "link_expired" {
		t.Errorf("%d %s", r.status, r.raw)
	}
}

func TestCaptureLinks(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	id := c.published("KYC", kycGraph)
	s := c.must(201, "POST", "/sessions", map[string]any{"workflow_id": id})
	sid, link := s.str("id"), s.str("capture_url")
	nobody := b.client(t, "").with("Accept", "application/json")
	if got := nobody.send("GET", link, "", nil); got.status != 200 || got.str("session_id") != sid || got.str("status") != "capturing" {
		t.Errorf("%d %s", got.status, got.raw)
	}
	if got := nobody.send("GET", link, "", nil); got.status != 404 || got.str("code") != "link_invalid" {
		t.Errorf("the second time: %d %s", got.status, got.raw)
	}
	renewed := c.must(200, "POST", "/sessions/"+sid+"/resume", nil)
	if renewed.str("capture_url") == link || renewed.str("capture_url") == "" {
		t.Errorf("%s", renewed.raw)
	}
	c.must(200, "POST", "/sandbox/clock", `{"advance_seconds":1260}`)
	if got := c.must(200, "GET", "/sessions/"+sid, nil); got.str("status") != "expired" {
		t.Errorf("%s", got.raw)
	}
	if got := c.must(200, "POST", "/sessions/"+sid+"/resume", nil); got.str("status") != "pending" {
		t.Errorf("%s", got.raw)
	}
	if got := b.client(t, "").send("GET", "/capture/nonsense", "", nil); got.status != http.StatusNotFound {
		t.Errorf("%d %v", got.status, got.header)
	}
	for outcome, want := range map[string]string{"approve": "completed", "require-review": "under_review", "expire": "expired"} {
		x := c.must(201, "POST", "/sessions", map[string]any{"workflow_id": id}).str("id")
		if got := c.must(200, "POST", "/sessions/"+x+"/simulate", map[string]any{"outcome": outcome}); got.str("status") != want {
			t.Errorf("%s: %s", outcome, got.raw)
		}
	}
	tagged := c.must(200, "POST", "/sessions/"+sid+"/tags", `{"tags":["vip","eu"]}`)
	if len(tagged.list("tags")) != 2 {
		t.Errorf("%s", tagged.raw)
	}
	if got := c.must(200, "POST", "/sessions/"+sid+"/tags/remove", `{"tags":["eu"]}`); len(got.list("tags")) != 1 {
		t.Errorf("%s", got.raw)
	}
	etag := c.must(200, "GET", "/sessions/"+sid, nil).header.Get("ETag")
	c.with("If-Match", etag).must(200, "PATCH", "/sessions/"+sid, `{"metadata":{"a":1}}`)
	c.with("If-Match", etag).refused(412, "etag_mismatch", "PATCH", "/sessions/"+sid, `{"metadata":{"a":2}}`)
}
