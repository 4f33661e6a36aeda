package graph

import (
	"fmt"
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
