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
	id := c.Must(201, "POST", "/workflows", `{"name":"live","graph":`+kycGraph+`,"data_requirements":{"document_front":true,"user_info":{"last_name":"required","first_name":"optional"}}}`).Str("id")
	c.Must(200, "POST", "/workflows/"+id+"/publish", nil)
	s := c.Must(201, "POST", "/sessions", map[string]any{"workflow_id": id, "redirect_url": "https://shop.example/done"})
	sid := s.Str("id")
	plan := c.Must(200, "GET", "/sessions/"+sid+"/requirements", nil)
	if plan.Str("data.0.name") != "document_front" {
		t.Errorf("%s", plan.Raw)
	}
	missing := c.refused(422, "capture_incomplete", "POST", "/sessions/"+sid+"/submit", nil)
	if len(missing.List("errors")) != 2 {
		t.Errorf("%s", missing.Raw)
	}
	pic := picture(t)
	for name, r := range map[string]reply{
		"415": c.upload(sid, "document_front", "", []byte("MZ this is no picture")),
		"422": c.upload(sid, "homework", "novel", pic),
	} {
		if fmt.Sprint(r.Status) != name {
			t.Errorf("%s: %d %s", name, r.Status, r.Raw)
		}
	}
	up := c.upload(sid, "document_front", "passport", pic)
	if up.Status != 201 || up.Str("content_type") != "image/png" || up.Str("type") != "document_front" || len(up.Str("sha256")) != 64 {
		t.Fatalf("%d %s", up.Status, up.Raw)
	}
	c.upload(sid, "document_front", "passport", pic)
	docs := c.Must(200, "GET", "/sessions/"+sid+"/documents", nil)
	if len(docs.List("data")) != 2 || docs.At("data.0.superseded") != true {
		t.Errorf("%s", docs.Raw)
	}
	nobody := b.client(t, "")
	file := nobody.Send("GET", docs.Str("data.1.url"), "", nil)
	if file.Status != 200 || string(file.Raw) != string(pic) || file.Header.Get("Content-Type") != "image/png" || file.Header.Get("Content-Disposition") != "attachment" {
		t.Errorf("%d %v", file.Status, file.Header)
	}
	if forged := nobody.Send("GET", docs.Str("data.1.url")+"x", "", nil); forged.Status != 403 && forged.Status != 404 {
		t.Errorf("a forged link: %d", forged.Status)
	}
	c.Must(200, "POST", "/sessions/"+sid+"/fields", `{"fields":{"last_name":"Lovelace"}}`)
	c.Must(202, "POST", "/sessions/"+sid+"/submit", nil)
	if r := c.upload(sid, "selfie", "", pic); r.Status != 409 || r.Str("code") != "not_capturing" {
		t.Errorf("%d %s", r.Status, r.Raw)
	}
	// Without a reader the document check cannot answer, and that is never a pass.
	end := c.await(sid, "under_review")
	if end.Str("case_id") == "" {
		t.Errorf("%s", end.Raw)
	}
	erased := c.refused(409, "session_active", "DELETE", "/sessions/"+sid+"/data", nil)
	_ = erased
	c.Must(200, "POST", "/cases/"+end.Str("case_id")+"/reject", `{"reviewer_id":"anna","rejection_reason":"unreadable"}`)
	gone := c.Must(200, "DELETE", "/sessions/"+sid+"/data", nil)
	if gone.Str("status") != "deleted" || gone.At("documents_removed") != 2.0 || gone.Str("session_id") != sid || gone.Str("message") == "" {
		t.Errorf("%s", gone.Raw)
	}
	if again := c.Must(200, "DELETE", "/sessions/"+sid+"/data", nil); again.Str("status") != "already_redacted" {
		t.Errorf("%s", again.Raw)
	}
	if dead := nobody.Send("GET", docs.Str("data.1.url"), "", nil); dead.Status != 404 {
		t.Errorf("the file of an erased person: %d", dead.Status)
	}
	after := c.Must(200, "GET", "/sessions/"+sid, nil)
	if after.Str("redacted_at") == "" || after.Str("result") != "rejected" {
		t.Errorf("%s", after.Raw)
	}
	if r := c.Call("GET", "/sessions/"+sid+"/result", nil); r.Status >= 500 || strings.Contains(string(r.Raw), "Lovelace") {
		t.Errorf("%d %s", r.Status, r.Raw)
	}
	bulk := c.Must(200, "POST", "/sessions/bulk-redact", map[string]any{"session_ids": []string{sid, "session_nothing"}})
	if bulk.At("total") != 2.0 || bulk.Str("results.0.status") != "already_redacted" || bulk.Str("results.1.error") != "not_found" {
		t.Errorf("%s", bulk.Raw)
	}
}

func TestADocumentLinkEndsOnTheSandboxClock(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	id := c.published("KYC", kycGraph)
	c.Must(200, "POST", "/sandbox/clock", `{"advance_seconds":86400}`)
	s := c.Must(201, "POST", "/sessions", map[string]any{"workflow_id": id})
	if r := c.upload(s.Str("id"), "document_front", "passport", picture(t)); r.Status != 201 {
		t.Fatalf("%d %s", r.Status, r.Raw)
	}
	docs := c.Must(200, "GET", "/sessions/"+s.Str("id")+"/documents", nil)
	if docs.Str("data.0.expires_at") < s.Str("created_at") {
		t.Errorf("a link of yesterday: %s", docs.Raw)
	}
	nobody := b.client(t, "")
	if r := nobody.Send("GET", docs.Str("data.0.url"), "", nil); r.Status != 200 {
		t.Errorf("%d %s", r.Status, r.Raw)
	}
	c.Must(200, "POST", "/sandbox/clock", `{"advance_seconds":301}`)
	if r := nobody.Send("GET", docs.Str("data.0.url"), "", nil); r.Status != 403 || r.Str("code") != "link_expired" {
		t.Errorf("%d %s", r.Status, r.Raw)
	}
}

func TestCaptureLinks(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	id := c.published("KYC", kycGraph)
	s := c.Must(201, "POST", "/sessions", map[string]any{"workflow_id": id})
	sid, link := s.Str("id"), s.Str("capture_url")
	nobody := b.client(t, "").With("Accept", "application/json")
	if got := nobody.Send("GET", link, "", nil); got.Status != 200 || got.Str("session_id") != sid || got.Str("status") != "capturing" {
		t.Errorf("%d %s", got.Status, got.Raw)
	}
	if got := nobody.Send("GET", link, "", nil); got.Status != 404 || got.Str("code") != "link_invalid" {
		t.Errorf("the second time: %d %s", got.Status, got.Raw)
	}
	renewed := c.Must(200, "POST", "/sessions/"+sid+"/resume", nil)
	if renewed.Str("capture_url") == link || renewed.Str("capture_url") == "" {
		t.Errorf("%s", renewed.Raw)
	}
	c.Must(200, "POST", "/sandbox/clock", `{"advance_seconds":1260}`)
	if got := c.Must(200, "GET", "/sessions/"+sid, nil); got.Str("status") != "expired" {
		t.Errorf("%s", got.Raw)
	}
	if got := c.Must(200, "POST", "/sessions/"+sid+"/resume", nil); got.Str("status") != "pending" {
		t.Errorf("%s", got.Raw)
	}
	if got := b.client(t, "").Send("GET", "/capture/nonsense", "", nil); got.Status != http.StatusNotFound {
		t.Errorf("%d %v", got.Status, got.Header)
	}
	for outcome, want := range map[string]string{"approve": "completed", "require-review": "under_review", "expire": "expired"} {
		x := c.Must(201, "POST", "/sessions", map[string]any{"workflow_id": id}).Str("id")
		if got := c.Must(200, "POST", "/sessions/"+x+"/simulate", map[string]any{"outcome": outcome}); got.Str("status") != want {
			t.Errorf("%s: %s", outcome, got.Raw)
		}
	}
	tagged := c.Must(200, "POST", "/sessions/"+sid+"/tags", `{"tags":["vip","eu"]}`)
	if len(tagged.List("tags")) != 2 {
		t.Errorf("%s", tagged.Raw)
	}
	if got := c.Must(200, "POST", "/sessions/"+sid+"/tags/remove", `{"tags":["eu"]}`); len(got.List("tags")) != 1 {
		t.Errorf("%s", got.Raw)
	}
	etag := c.Must(200, "GET", "/sessions/"+sid, nil).Header.Get("ETag")
	c.With("If-Match", etag).Must(200, "PATCH", "/sessions/"+sid, `{"metadata":{"a":1}}`)
	c.With("If-Match", etag).refused(412, "etag_mismatch", "PATCH", "/sessions/"+sid, `{"metadata":{"a":2}}`)
}
