package graph

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestAWorkflowFromDraftToDefault(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	bad := strings.Replace(kycGraph, `"on_pass":"adult"`, `"on_pass":"nowhere"`, 1)
	v := c.must(200, "POST", "/workflows/validate", `{"graph":`+bad+`}`)
	if v.at("valid") != false || v.str("errors.0.code") != "node_not_found" || v.str("errors.0.path") != "/graph/nodes/ocr/on_pass" {
		t.Errorf("%s", v.raw)
	}
	if bare := c.must(200, "POST", "/workflows/validate", bad); bare.at("valid") != false || bare.str("errors.0.path") != "/nodes/ocr/on_pass" {
		t.Errorf("%s", bare.raw)
	}
	draft := c.must(201, "POST", "/workflows", `{"name":"KYC","description":"d","graph":`+bad+`,"is_default":true}`)
	id := draft.str("id")
	if draft.str("status") != "draft" || draft.at("valid") != false || draft.at("version") != 1.0 || len(draft.list("errors")) == 0 || !strings.HasPrefix(id, "workflow_") || draft.header.Get("ETag") != `"1"` {
		t.Fatalf("%s", draft.raw)
	}
	r := c.refused(422, "invalid_workflow", "POST", "/workflows/"+id+"/publish", nil)
	if len(r.list("errors")) == 0 {
		t.Errorf("%s", r.raw)
	}
	c.refused(409, "not_published", "POST", "/workflows/"+id+"/default", nil)
	c.with("If-Match", `"7"`).refused(412, "etag_mismatch", "PATCH", "/workflows/"+id, `{"graph":`+kycGraph+`}`)
	fixed := c.with("If-Match", `"1"`).must(200, "PATCH", "/workflows/"+id, `{"graph":`+kycGraph+`,"change_note":"fix"}`)
	if fixed.at("version") != 2.0 || fixed.at("valid") != true || fixed.at("step_count") != 3.0 || !strings.HasPrefix(fixed.str("definition_hash"), "sha256:") {
		t.Fatalf("%s", fixed.raw)
	}
	pub := c.must(200, "POST", "/workflows/"+id+"/publish", `{"change_note":"go"}`)
	if pub.str("status") != "published" || pub.at("published_version") != 2.0 || pub.at("is_default") != true || pub.at("is_active") != true {
		t.Errorf("%s", pub.raw)
	}
	other := c.published("other", kycGraph)
	if got := c.must(200, "POST", "/workflows/"+other+"/default", nil); got.at("is_default") != true {
		t.Errorf("%s", got.raw)
	}
	list := c.must(200, "GET", "/workflows?is_default=true", nil)
	if list.at("pagination.total") != 1.0 || list.str("data.0.id") != other {
		t.Errorf("%s", list.raw)
	}
	drafts := c.must(200, "GET", "/workflows/"+id+"/drafts", nil)
	draftID := drafts.str("data.0.id")
	if len(drafts.list("data")) != 1 {
		t.Errorf("%s", drafts.raw)
	}
	diff := c.must(200, "GET", "/workflows/"+id+"/drafts/"+draftID+"/diff", nil)
	if diff.at("from_version") != 2.0 || len(diff.list("routes")) == 0 {
		t.Errorf("%s", diff.raw)
	}
	if got := c.must(200, "GET", "/workflows/"+id+"/versions?limit=1", nil); got.at("pagination.total") != 2.0 || got.at("data.0.version") != 2.0 || got.str("pagination.next_cursor") == "" {
		t.Errorf("%s", got.raw)
	} else if next := c.must(200, "GET", "/workflows/"+id+"/versions?limit=1&cursor="+got.str("pagination.next_cursor"), nil); next.at("data.0.version") != 1.0 {
		t.Errorf("%s", next.raw)
	}
	policies := c.must(200, "GET", "/workflows/policies", nil)
	if len(policies.list("data")) < 15 || policies.at("data.0.config_schema") == nil {
		t.Errorf("%s", policies.raw)
	}
	for i := range policies.list("data") {
		at := fmt.Sprintf("data.%d.", i)
		name, available, missing := policies.at(at+"name"), policies.at(at+"available"), policies.list(at+"missing")
		if (name == "face_match") == (available == true) || (name == "face_match" || name == "document_ocr") != (len(missing) == 1) {
			t.Errorf("%v: available %v, missing %v", name, available, missing)
		}
	}
	c.refused(404, "not_found", "GET", "/workflows/"+strings.Replace(id, "workflow_", "session_", 1), nil)
	b.stranger.refused(404, "not_found", "GET", "/workflows/"+id, nil)
	b.live.refused(404, "not_found", "GET", "/workflows/"+id, nil)
	b.reader.refused(403, "scope_missing", "POST", "/workflows", `{"name":"x","graph":`+kycGraph+`}`)
}

func TestStrictDefinitions(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	typo := strings.Replace(kycGraph, `"on_fail":"review"},`, `"on_fail":"review","on_pas":"yes"},`, 1)
	got := b.live.must(201, "POST", "/workflows", `{"name":"x","graph":`+typo+`}`)
	if got.at("valid") != false {
		t.Errorf("a typo passed: %s", got.raw)
	}
	b.live.refused(422, "validation_failed", "POST", "/workflows", `{"name":"x","graf":`+typo+`,"graph":`+kycGraph+`}`)
	lenient := b.live.must(201, "POST", "/workflows?strict=false", `{"name":"x","graf":1,"graph":`+typo+`}`)
	if lenient.at("valid") != true || len(lenient.list("warnings")) < 2 {
		t.Errorf("%s", lenient.raw)
	}
	b.live.must(200, "POST", "/workflows/"+lenient.str("id")+"/publish", nil)
}

func TestADryRunWalksADraft(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.live
	id := c.must(201, "POST", "/workflows", `{"name":"x","graph":`+kycGraph+`}`).str("id")
	draft := c.must(200, "GET", "/workflows/"+id+"/drafts", nil).str("data.0.id")
	for body, want := range map[string]string{
		``: "approved",
		`{"extracted":{"date_of_birth":"2020-01-01"}}`:            "rejected",
		`{"checks":{"watchlist_screening":{"status":"failed"}}}`:  "needs_review",
		`{"checks":{"watchlist_screening":{"status":"stale"}}}`:   "needs_review",
		`{"checks":{"risk_assessment":{"status":"review"}}}`:      "needs_review",
		`{"checks":{"document_ocr":{"status":"not_configured"}}}`: "needs_review",
	} {
		var sent any
		if body != "" {
			sent = body
		}
		got := c.must(200, "POST", "/workflows/"+id+"/drafts/"+draft+"/dry-run", sent)
		if got.str("outcome") != want || got.str("path.0") != "start" {
			t.Errorf("%s: %s", body, got.raw)
		}
	}
}

func TestASandboxSessionToItsDecision(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	c.refused(422, "no_default_workflow", "POST", "/sessions", `{}`)
	if r := c.refused(422, "invalid_session", "POST", "/sessions", `{"workflow_id":"nope","country":"XQ","redirect_url":"no"}`); len(r.list("errors")) != 3 {
		t.Errorf("not all at once: %s", r.raw)
	}
	id := c.published("KYC", kycGraph)
	s := c.must(201, "POST", "/sessions", map[string]any{"external_ref": "u1", "country": "nl", "workflow_id": id, "metadata": map[string]any{"k": 1}, "fields": map[string]any{"last_name": "APPROVE", "first_name": "Ada", "date_of_birth": "1990-05-17"}})
	sid := s.str("id")
	if s.str("status") != "pending" || s.at("is_sandbox") != true || !strings.HasPrefix(s.str("capture_url"), b.url+"/capture/") ||
		!strings.HasPrefix(s.str("qr_code_data_url"), "data:image/png;base64,") || s.str("expires_at") == "" || s.str("country") != "NL" {
		t.Fatalf("%s", s.raw)
	}
	if got := c.must(202, "POST", "/sessions/"+sid+"/submit", nil); got.str("status") != "processing" && got.str("status") != "completed" {
		t.Errorf("%s", got.raw)
	}
	end := c.await(sid, "completed")
	if end.str("result") != "approved" || end.at("workflow_version") != 1.0 || end.str("completed_at") == "" {
		t.Errorf("%s", end.raw)
	}
	c.refused(409, "invalid_transition", "POST", "/sessions/"+sid+"/submit", nil)
	run := c.must(200, "GET", "/sessions/"+sid+"/workflow-run", nil)
	if run.str("final_status") != "approved" || run.str("node_results.ocr.status") != "passed" || run.str("path.0") != "start" || run.str("rollout_arm") != "stable" || run.at("graph_snapshot.entry") == nil {
		t.Errorf("%s", run.raw)
	}
	if w := c.must(200, "GET", "/workflows/"+id, nil); run.str("definition_hash") == "" || run.str("definition_hash") != w.str("definition_hash") || run.str("linked_hash") == run.str("definition_hash") {
		t.Errorf("hashes of the run %q %q, of the workflow %q", run.str("definition_hash"), run.str("linked_hash"), w.str("definition_hash"))
	}
	res := c.must(200, "GET", "/sessions/"+sid+"/result", nil)
	if res.str("result") != "approved" || len(res.list("check_results")) < 3 {
		t.Errorf("%s", res.raw)
	}
	risk := c.must(200, "GET", "/sessions/"+sid+"/risk", nil)
	if risk.str("level") == "unknown" {
		t.Errorf("%s", risk.raw)
	}
	x := c.must(200, "GET", "/sessions/"+sid+"/export", nil)
	if x.str("identity.external_ref") != "u1" || x.str("fields.last_name") != "APPROVE" || len(x.list("runs")) != 1 || len(x.list("events")) == 0 {
		t.Errorf("%s", x.raw)
	}
	again := c.must(202, "POST", "/sessions/"+sid+"/reprocess", nil)
	if again.str("id") != sid {
		t.Errorf("%s", again.raw)
	}
	c.await(sid, "completed")
	c.must(202, "POST", "/sessions/"+sid+"/resume-workflow", `{"policy":"watchlist_screening"}`)
	c.await(sid, "completed")
	c.refused(422, "no_such_step", "POST", "/sessions/"+sid+"/resume-workflow", `{"policy":"nothing"}`)
	triggered := c.must(202, "POST", "/workflows/"+id+"/trigger", `{"external_ref":"u1","fields":{"last_name":"REJECT"}}`)
	if triggered.str("identity_id") != s.str("identity_id") || triggered.str("id") == sid {
		t.Errorf("%s", triggered.raw)
	}
	c.await(triggered.str("id"), "under_review")
	// The document check stopped this run: going on behind it would be a pass
	// that nobody gave.
	c.refused(409, "step_not_reached", "POST", "/sessions/"+triggered.str("id")+"/resume-workflow", `{"policy":"watchlist_screening"}`)
	c.must(202, "POST", "/sessions/"+triggered.str("id")+"/resume-workflow", `{"policy":"document_ocr"}`)
	c.await(triggered.str("id"), "under_review")
	list := c.must(200, "GET", "/sessions?status=completed,under_review&external_ref=u1", nil)
	if list.at("pagination.total") != 2.0 {
		t.Errorf("%s", list.raw)
	}
	if got := c.must(200, "GET", "/sessions?status=sandbox_pending", nil); got.at("pagination.total") != 0.0 {
		t.Errorf("%s", got.raw)
	}
	c.refused(400, "parameter_invalid", "GET", "/sessions?status=lost", nil)
	c.refused(400, "parameter_invalid", "GET", "/sessions?workflow_id=lost", nil)
	// The one body whose keys may be written in other ways (api.md 6.2).
	camel := c.must(201, "POST", "/sessions", `{"workflowId":"`+id+`","external-ref":"u9"}`)
	if camel.str("external_ref") != "u9" || camel.str("workflow_id") != id {
		t.Errorf("%s", camel.raw)
	}
	c.refused(400, "duplicate_key", "POST", "/sessions", `{"workflowId":"`+id+`","workflow_id":"`+id+`"}`)
	events := c.must(200, "GET", "/audit?object="+sid+"&limit=100", nil)
	var actions []string
	for _, e := range events.list("data") {
		actions = append(actions, e.(map[string]any)["action"].(string))
	}
	for _, want := range []string{"session.create", "session.submit", "session.approve", "session.read", "session.result.read", "session.export"} {
		if !slices.Contains(actions, want) {
			t.Errorf("no audit entry %s in %v", want, actions)
		}
	}
	var told []string
	for _, e := range events.list("data") {
		told = append(told, e.(map[string]any)["webhook"].(string))
	}
	for _, want := range []string{"session.created", "session.started", "session.approved", "document.extracted", "document.verified", "screening.completed"} {
		if !slices.Contains(told, want) {
			t.Errorf("customers were not told %s, only %v", want, told)
		}
	}
	if got := c.must(200, "GET", "/audit/verify", nil); got.at("valid") != true || got.at("events").(float64) < 10 {
		t.Errorf("%s", got.raw)
	}
}

func TestGates(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	id := c.published("gate", gateGraph)
	start := func() string {
		sid := c.must(201, "POST", "/sessions", map[string]any{"workflow_id": id, "fields": map[string]any{"last_name": "APPROVE"}}).str("id")
		c.must(202, "POST", "/sessions/"+sid+"/submit", nil)
		c.await(sid, "awaiting_external")
		return sid
	}
	sid := start()
	run := c.must(200, "GET", "/sessions/"+sid+"/workflow-run", nil)
	if run.str("status") != "paused" || run.str("paused_at_node") != "gate" || run.str("paused_at_gate") != "bank" {
		t.Errorf("%s", run.raw)
	}
	path := "/sessions/" + sid + "/external-decision"
	c.refused(409, "gate_mismatch", "POST", path, `{"decision":"continue","gate":"other"}`)
	c.refused(422, "validation_failed", "POST", path, `{"decision":"perhaps"}`)
	got := c.must(202, "POST", path, `{"decision":"continue","gate":"bank","metadata":{"score":7}}`)
	if got.str("session_id") != sid || got.str("decision") != "continue" || got.str("status") == "" || got.str("message") == "" {
		t.Errorf("%s", got.raw)
	}
	c.must(202, "POST", path, `{"decision":"continue","gate":"bank","metadata":{"score":7}}`)
	c.refused(409, "gate_already_decided", "POST", path, `{"decision":"reject"}`)
	if end := c.await(sid, "completed"); end.str("result") != "approved" {
		t.Errorf("%s", end.raw)
	}
	rejected := start()
	c.must(202, "POST", "/sessions/"+rejected+"/external-decision", `{"decision":"reject"}`)
	if end := c.await(rejected, "completed"); end.str("result") != "rejected" {
		t.Errorf("%s", end.raw)
	}
	late := start()
	c.must(200, "POST", "/sandbox/clock", `{"advance_seconds":3601}`)
	c.await(late, "under_review")
	c.refused(409, "gate_timed_out", "POST", "/sessions/"+late+"/external-decision", `{"decision":"continue"}`)
	b.live.refused(403, "sandbox_only", "POST", "/sandbox/clock", `{"advance_seconds":1}`)
	fresh := c.must(201, "POST", "/sessions", map[string]any{"workflow_id": id}).str("id")
	c.refused(409, "not_awaiting_external", "POST", "/sessions/"+fresh+"/external-decision", `{"decision":"continue"}`)
}

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
