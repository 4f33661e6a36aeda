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
	v := c.Must(200, "POST", "/workflows/validate", `{"graph":`+bad+`}`)
	if v.At("valid") != false || v.Str("errors.0.code") != "node_not_found" || v.Str("errors.0.path") != "/graph/nodes/ocr/on_pass" {
		t.Errorf("%s", v.Raw)
	}
	if bare := c.Must(200, "POST", "/workflows/validate", bad); bare.At("valid") != false || bare.Str("errors.0.path") != "/nodes/ocr/on_pass" {
		t.Errorf("%s", bare.Raw)
	}
	draft := c.Must(201, "POST", "/workflows", `{"name":"KYC","description":"d","graph":`+bad+`,"is_default":true}`)
	id := draft.Str("id")
	if draft.Str("status") != "draft" || draft.At("valid") != false || draft.At("version") != 1.0 || len(draft.List("errors")) == 0 || !strings.HasPrefix(id, "workflow_") || draft.Header.Get("ETag") != `"1"` {
		t.Fatalf("%s", draft.Raw)
	}
	r := c.refused(422, "invalid_workflow", "POST", "/workflows/"+id+"/publish", nil)
	if len(r.List("errors")) == 0 {
		t.Errorf("%s", r.Raw)
	}
	c.refused(409, "not_published", "POST", "/workflows/"+id+"/default", nil)
	c.With("If-Match", `"7"`).refused(412, "etag_mismatch", "PATCH", "/workflows/"+id, `{"graph":`+kycGraph+`}`)
	fixed := c.With("If-Match", `"1"`).Must(200, "PATCH", "/workflows/"+id, `{"graph":`+kycGraph+`,"change_note":"fix"}`)
	if fixed.At("version") != 2.0 || fixed.At("valid") != true || fixed.At("step_count") != 3.0 || !strings.HasPrefix(fixed.Str("definition_hash"), "sha256:") {
		t.Fatalf("%s", fixed.Raw)
	}
	pub := c.Must(200, "POST", "/workflows/"+id+"/publish", `{"change_note":"go"}`)
	if pub.Str("status") != "published" || pub.At("published_version") != 2.0 || pub.At("is_default") != true || pub.At("is_active") != true {
		t.Errorf("%s", pub.Raw)
	}
	other := c.published("other", kycGraph)
	if got := c.Must(200, "POST", "/workflows/"+other+"/default", nil); got.At("is_default") != true {
		t.Errorf("%s", got.Raw)
	}
	list := c.Must(200, "GET", "/workflows?is_default=true", nil)
	if list.At("pagination.total") != 1.0 || list.Str("data.0.id") != other {
		t.Errorf("%s", list.Raw)
	}
	drafts := c.Must(200, "GET", "/workflows/"+id+"/drafts", nil)
	draftID := drafts.Str("data.0.id")
	if len(drafts.List("data")) != 1 {
		t.Errorf("%s", drafts.Raw)
	}
	diff := c.Must(200, "GET", "/workflows/"+id+"/drafts/"+draftID+"/diff", nil)
	if diff.At("from_version") != 2.0 || len(diff.List("routes")) == 0 {
		t.Errorf("%s", diff.Raw)
	}
	if got := c.Must(200, "GET", "/workflows/"+id+"/versions?limit=1", nil); got.At("pagination.total") != 2.0 || got.At("data.0.version") != 2.0 || got.Str("pagination.next_cursor") == "" {
		t.Errorf("%s", got.Raw)
	} else if next := c.Must(200, "GET", "/workflows/"+id+"/versions?limit=1&cursor="+got.Str("pagination.next_cursor"), nil); next.At("data.0.version") != 1.0 {
		t.Errorf("%s", next.Raw)
	}
	policies := c.Must(200, "GET", "/workflows/policies", nil)
	if len(policies.List("data")) < 15 || policies.At("data.0.config_schema") == nil {
		t.Errorf("%s", policies.Raw)
	}
	for i := range policies.List("data") {
		at := fmt.Sprintf("data.%d.", i)
		name, available, missing := policies.At(at+"name"), policies.At(at+"available"), policies.List(at+"missing")
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
	got := b.live.Must(201, "POST", "/workflows", `{"name":"x","graph":`+typo+`}`)
	if got.At("valid") != false {
		t.Errorf("a typo passed: %s", got.Raw)
	}
	b.live.refused(422, "validation_failed", "POST", "/workflows", `{"name":"x","graf":`+typo+`,"graph":`+kycGraph+`}`)
	lenient := b.live.Must(201, "POST", "/workflows?strict=false", `{"name":"x","graf":1,"graph":`+typo+`}`)
	if lenient.At("valid") != true || len(lenient.List("warnings")) < 2 {
		t.Errorf("%s", lenient.Raw)
	}
	b.live.Must(200, "POST", "/workflows/"+lenient.Str("id")+"/publish", nil)
}

func TestADryRunWalksADraft(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.live
	id := c.Must(201, "POST", "/workflows", `{"name":"x","graph":`+kycGraph+`}`).Str("id")
	draft := c.Must(200, "GET", "/workflows/"+id+"/drafts", nil).Str("data.0.id")
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
		got := c.Must(200, "POST", "/workflows/"+id+"/drafts/"+draft+"/dry-run", sent)
		if got.Str("outcome") != want || got.Str("path.0") != "start" {
			t.Errorf("%s: %s", body, got.Raw)
		}
	}
}

func TestASandboxSessionToItsDecision(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	c.refused(422, "no_default_workflow", "POST", "/sessions", `{}`)
	if r := c.refused(422, "invalid_session", "POST", "/sessions", `{"workflow_id":"nope","country":"XQ","redirect_url":"no"}`); len(r.List("errors")) != 3 {
		t.Errorf("not all at once: %s", r.Raw)
	}
	id := c.published("KYC", kycGraph)
	s := c.Must(201, "POST", "/sessions", map[string]any{"external_ref": "u1", "country": "nl", "workflow_id": id, "metadata": map[string]any{"k": 1}, "fields": map[string]any{"last_name": "APPROVE", "first_name": "Ada", "date_of_birth": "1990-05-17"}})
	sid := s.Str("id")
	if s.Str("status") != "pending" || s.At("is_sandbox") != true || !strings.HasPrefix(s.Str("capture_url"), b.URL+"/capture/") ||
		!strings.HasPrefix(s.Str("qr_code_data_url"), "data:image/png;base64,") || s.Str("expires_at") == "" || s.Str("country") != "NL" {
		t.Fatalf("%s", s.Raw)
	}
	if got := c.Must(202, "POST", "/sessions/"+sid+"/submit", nil); got.Str("status") != "processing" && got.Str("status") != "completed" {
		t.Errorf("%s", got.Raw)
	}
	end := c.await(sid, "completed")
	if end.Str("result") != "approved" || end.At("workflow_version") != 1.0 || end.Str("completed_at") == "" {
		t.Errorf("%s", end.Raw)
	}
	c.refused(409, "invalid_transition", "POST", "/sessions/"+sid+"/submit", nil)
	run := c.Must(200, "GET", "/sessions/"+sid+"/workflow-run", nil)
	if run.Str("final_status") != "approved" || run.Str("node_results.ocr.status") != "passed" || run.Str("path.0") != "start" || run.Str("rollout_arm") != "stable" || run.At("graph_snapshot.entry") == nil {
		t.Errorf("%s", run.Raw)
	}
	if w := c.Must(200, "GET", "/workflows/"+id, nil); run.Str("definition_hash") == "" || run.Str("definition_hash") != w.Str("definition_hash") || run.Str("linked_hash") == run.Str("definition_hash") {
		t.Errorf("hashes of the run %q %q, of the workflow %q", run.Str("definition_hash"), run.Str("linked_hash"), w.Str("definition_hash"))
	}
	res := c.Must(200, "GET", "/sessions/"+sid+"/result", nil)
	if res.Str("result") != "approved" || len(res.List("check_results")) < 3 {
		t.Errorf("%s", res.Raw)
	}
	risk := c.Must(200, "GET", "/sessions/"+sid+"/risk", nil)
	if risk.Str("level") == "unknown" {
		t.Errorf("%s", risk.Raw)
	}
	x := c.Must(200, "GET", "/sessions/"+sid+"/export", nil)
	if x.Str("identity.external_ref") != "u1" || x.Str("fields.last_name") != "APPROVE" || len(x.List("runs")) != 1 || len(x.List("events")) == 0 {
		t.Errorf("%s", x.Raw)
	}
	again := c.Must(202, "POST", "/sessions/"+sid+"/reprocess", nil)
	if again.Str("id") != sid {
		t.Errorf("%s", again.Raw)
	}
	c.await(sid, "completed")
	c.Must(202, "POST", "/sessions/"+sid+"/resume-workflow", `{"policy":"watchlist_screening"}`)
	c.await(sid, "completed")
	c.refused(422, "no_such_step", "POST", "/sessions/"+sid+"/resume-workflow", `{"policy":"nothing"}`)
	triggered := c.Must(202, "POST", "/workflows/"+id+"/trigger", `{"external_ref":"u1","fields":{"last_name":"REJECT"}}`)
	if triggered.Str("identity_id") != s.Str("identity_id") || triggered.Str("id") == sid {
		t.Errorf("%s", triggered.Raw)
	}
	c.await(triggered.Str("id"), "under_review")
	// The document check stopped this run: going on behind it would be a pass
	// that nobody gave.
	c.refused(409, "step_not_reached", "POST", "/sessions/"+triggered.Str("id")+"/resume-workflow", `{"policy":"watchlist_screening"}`)
	c.Must(202, "POST", "/sessions/"+triggered.Str("id")+"/resume-workflow", `{"policy":"document_ocr"}`)
	c.await(triggered.Str("id"), "under_review")
	list := c.Must(200, "GET", "/sessions?status=completed,under_review&external_ref=u1", nil)
	if list.At("pagination.total") != 2.0 {
		t.Errorf("%s", list.Raw)
	}
	if got := c.Must(200, "GET", "/sessions?status=sandbox_pending", nil); got.At("pagination.total") != 0.0 {
		t.Errorf("%s", got.Raw)
	}
	c.refused(400, "parameter_invalid", "GET", "/sessions?status=lost", nil)
	c.refused(400, "parameter_invalid", "GET", "/sessions?workflow_id=lost", nil)
	// The one body whose keys may be written in other ways (api.md 6.2).
	camel := c.Must(201, "POST", "/sessions", `{"workflowId":"`+id+`","external-ref":"u9"}`)
	if camel.Str("external_ref") != "u9" || camel.Str("workflow_id") != id {
		t.Errorf("%s", camel.Raw)
	}
	c.refused(400, "duplicate_key", "POST", "/sessions", `{"workflowId":"`+id+`","workflow_id":"`+id+`"}`)
	events := c.Must(200, "GET", "/audit?object="+sid+"&limit=100", nil)
	var actions []string
	for _, e := range events.List("data") {
		actions = append(actions, e.(map[string]any)["action"].(string))
	}
	for _, want := range []string{"session.create", "session.submit", "session.approve", "session.read", "session.result.read", "session.export"} {
		if !slices.Contains(actions, want) {
			t.Errorf("no audit entry %s in %v", want, actions)
		}
	}
	var told []string
	for _, e := range events.List("data") {
		told = append(told, e.(map[string]any)["webhook"].(string))
	}
	for _, want := range []string{"session.created", "session.started", "session.approved", "document.extracted", "document.verified", "screening.completed"} {
		if !slices.Contains(told, want) {
			t.Errorf("customers were not told %s, only %v", want, told)
		}
	}
	if got := c.Must(200, "GET", "/audit/verify", nil); got.At("valid") != true || got.At("events").(float64) < 10 {
		t.Errorf("%s", got.Raw)
	}
}

func TestGates(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	id := c.published("gate", gateGraph)
	start := func() string {
		sid := c.Must(201, "POST", "/sessions", map[string]any{"workflow_id": id, "fields": map[string]any{"last_name": "APPROVE"}}).Str("id")
		c.Must(202, "POST", "/sessions/"+sid+"/submit", nil)
		c.await(sid, "awaiting_external")
		return sid
	}
	sid := start()
	run := c.Must(200, "GET", "/sessions/"+sid+"/workflow-run", nil)
	if run.Str("status") != "paused" || run.Str("paused_at_node") != "gate" || run.Str("paused_at_gate") != "bank" {
		t.Errorf("%s", run.Raw)
	}
	path := "/sessions/" + sid + "/external-decision"
	c.refused(409, "gate_mismatch", "POST", path, `{"decision":"continue","gate":"other"}`)
	c.refused(422, "validation_failed", "POST", path, `{"decision":"perhaps"}`)
	got := c.Must(202, "POST", path, `{"decision":"continue","gate":"bank","metadata":{"score":7}}`)
	if got.Str("session_id") != sid || got.Str("decision") != "continue" || got.Str("status") == "" || got.Str("message") == "" {
		t.Errorf("%s", got.Raw)
	}
	c.Must(202, "POST", path, `{"decision":"continue","gate":"bank","metadata":{"score":7}}`)
	c.refused(409, "gate_already_decided", "POST", path, `{"decision":"reject"}`)
	if end := c.await(sid, "completed"); end.Str("result") != "approved" {
		t.Errorf("%s", end.Raw)
	}
	rejected := start()
	c.Must(202, "POST", "/sessions/"+rejected+"/external-decision", `{"decision":"reject"}`)
	if end := c.await(rejected, "completed"); end.Str("result") != "rejected" {
		t.Errorf("%s", end.Raw)
	}
	late := start()
	c.Must(200, "POST", "/sandbox/clock", `{"advance_seconds":3601}`)
	c.await(late, "under_review")
	c.refused(409, "gate_timed_out", "POST", "/sessions/"+late+"/external-decision", `{"decision":"continue"}`)
	b.live.refused(403, "sandbox_only", "POST", "/sandbox/clock", `{"advance_seconds":1}`)
	fresh := c.Must(201, "POST", "/sessions", map[string]any{"workflow_id": id}).Str("id")
	c.refused(409, "not_awaiting_external", "POST", "/sessions/"+fresh+"/external-decision", `{"decision":"continue"}`)
}
