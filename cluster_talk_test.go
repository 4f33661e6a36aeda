package main

import (
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/store/storetest"
)

// What an API node is asked for, a worker does, and with several workers each
// thing still happens once: the background analysis of papers, the end of an
// execution, and the message about either.
func TestNodesShareTheWorkOfTheTalkingSurfaces(t *testing.T) {
	t.Parallel()
	const each = 8
	database, dir := storetest.Postgres(t), t.TempDir()
	c, live := tenantsOf(t, dir, database)
	nodes := []*node{spawnNode(t, dir, database, "api"), spawnNode(t, dir, database, "worker"), spawnNode(t, dir, database, "worker")}
	c.url, live.url = nodes[0].url, nodes[0].url
	got := receiver(t)
	for _, path := range []string{"/v1/webhooks", "/v2/webhooks"} {
		c.must(t, 201, "POST", path, map[string]any{"url": got.URL})
	}

	w := c.checklist(t, `{"id":"ID_VERIFICATION","config":{"maximum_age":99,"face_front_photo_only":true}},{"id":"CONSENT"}`)
	want := map[string]int{}
	var sessions []string
	for range each {
		s := c.checkSession(t, w, "HighRisk")
		sessions = append(sessions, s)
		c.submitPapers(t, s)
		c.submitCheck(t, s, "CONSENT", consent("Anna"))
		for _, event := range []string{"session.status.submitted", "session.status.verified", "session.fraud_signal"} {
			want[event+" "+s] = 1
		}
	}
	for _, s := range sessions {
		// The late analysis opens a case and moves nothing.
		a := c.awaitCheck(t, s, func(a answer) bool {
			return a.at("session_record.case_id") != "" && a.at("session_record.status") == "VERIFIED"
		})
		if a.value("session_record.analysis_data.document_risk_data.risk_score") != 80.0 {
			t.Errorf("the analysis says %s", a.raw)
		}
	}

	_, place := c.entityWorkflow(t, "S", "W", `{"type":"DUPLICATE"},{"type":"AML"},{"type":"FRAUD"}`)
	for i := range each {
		person := c.adopt(t, "Flaky")
		header := map[string]string{}
		if i%2 == 0 {
			header["X-Frankie-Background"] = "1"
		}
		a := c.callWith(t, "POST", person+place+"/execute", nil, header)
		switch {
		case i%2 == 0 && (a.status != http.StatusAccepted || a.value("workflowResult") != nil):
			t.Fatalf("in the background: %d %s", a.status, a.raw)
		case i%2 == 1 && (a.status != http.StatusOK || a.at("workflowResult.workflowExecutionState") != "COMPLETED"):
			t.Fatalf("waiting for a worker: %d %s", a.status, a.raw)
		}
		c.awaitAnswer(t, person+place+"/executions/"+a.at("workflowExecutionId"), func(a answer) bool { return a.at("workflowResult.workflowExecutionState") == "COMPLETED" })
		if i%2 == 0 { // whoever waited for the answer is told nothing
			want["/"+a.at("requestId")] = 1
		}
	}
	if n := nodes[0].ended(t); n != 0 {
		t.Errorf("the API node ended %d runs", n)
	}
	if n := nodes[1].ended(t) + nodes[2].ended(t); n != 2*each {
		t.Errorf("the workers ended %d runs, want %d", n, 2*each)
	}

	// Each message under one id; it may come twice, but is one message.
	heard := func() map[string]int {
		ids := map[string]map[string]bool{}
		note := func(key, id string) {
			if ids[key] == nil {
				ids[key] = map[string]bool{}
			}
			ids[key][id] = true
		}
		for _, m := range got.heard() {
			if strings.HasPrefix(m.event, "session.") {
				var data any
				if json.Unmarshal(m.data, &data) == nil {
					id, _ := lookUp(data, "session_record.id").(string)
					note(m.event+" "+id, m.id)
				}
			} else if m.path != "/" {
				note(m.path, m.id)
			}
		}
		out := map[string]int{}
		for key := range want {
			if n := len(ids[key]); n > 0 {
				out[key] = n
			}
		}
		return out
	}
	for end := time.Now().Add(patience); len(heard()) < len(want) && time.Now().Before(end); {
		pause(t) // the receiver is asked, nobody tells
	}
	if have := heard(); !maps.Equal(have, want) {
		t.Errorf("the messages are %v, want %v; heard %v", have, want, got.seen())
	}
	c.analysedOnce(t, dir, database, sessions)
}

// analysedOnce looks in the store for one analysis, one case and one end of
// each session.
func (c *client) analysedOnce(t *testing.T, dir, database string, sessions []string) {
	t.Helper()
	db, err := lookAtStore(t.Context(), &Globals{Data: dir, Database: database, Sync: "normal"}, kyc.SystemClock(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tenant := kyc.Tenant{Org: c.org, Env: kyc.Sandbox}
	for _, s := range sessions {
		exams, err := db.Exams(t.Context(), tenant, kyc.ID(s))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, e := range exams {
			if e.Policy == "document_fraud" {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s: the papers were analysed %d times", s, n)
		}
		events, _, err := db.Events(t.Context(), tenant, kyc.EventFilter{Object: "session", ObjectID: kyc.ID(s)}, kyc.Page{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, e := range events {
			if slices.Contains([]string{"session.status.verified", "session.status.rejected", "session.fraud_signal"}, e.Webhook) {
				told = append(told, e.Webhook)
			}
		}
		slices.Sort(told)
		if !slices.Equal(told, []string{"session.fraud_signal", "session.status.verified"}) {
			t.Errorf("%s: customers are told %v", s, told)
		}
	}
	if r, err := db.VerifyAudit(t.Context(), c.org); err != nil || !r.OK() {
		t.Errorf("the audit chain: %+v, %v", r, err)
	}
}
