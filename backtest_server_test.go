package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/backtest"
	"bonafide/kyc"
)

// ageGraph asks a check that looks at nothing but the form.
const ageGraph = `{"entry":"start","nodes":{
 "start":{"type":"start","next":"age"},
 "age":{"type":"policy","policy":"age_check","config":{"minimum_age":18},"on_pass":"look","on_fail":"no","on_review":"look"},
 "look":{"type":"terminal","outcome":"needs_review"},
 "no":{"type":"terminal","outcome":"rejected","reason_code":"under_age"}}}`

// A backtest that its caller cannot wait for is completed by a job of the
// server, and a request that is sent twice with one key makes one.
func TestBacktestGoesOnAsAJob(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database, unhurried)
		_, live := srv.newTenants(t)
		w := live.must(t, http.StatusCreated, "POST", "/api/v1/workflows", map[string]any{"name": "age", "graph": json.RawMessage(ageGraph)}).str("id")
		live.must(t, http.StatusOK, "POST", "/api/v1/workflows/"+w+"/publish", nil)
		for range 3 {
			s := live.must(t, http.StatusCreated, "POST", "/api/v1/sessions", map[string]any{"workflow_id": w, "fields": map[string]any{"last_name": "Hals", "date_of_birth": "1987-03-14"}}).str("id")
			live.must(t, http.StatusAccepted, "POST", "/api/v1/sessions/"+s+"/submit", nil)
			live.await(t, s, "under_review")
		}
		live.must(t, http.StatusOK, "PATCH", "/api/v1/workflows/"+w, map[string]any{"graph": json.RawMessage(strings.Replace(ageGraph, "18", "60", 1))})
		a := srv.app
		hasty := backtest.New(backtest.Deps{Store: a.db, Clock: a.clock, Graphs: a.engine, Evidence: a.menu, Compile: a.workflows.Compiled, Owner: "elsewhere", Patience: -time.Second, Page: 1})
		id, _ := kyc.Undress("workflow", w)
		begun, err := hasty.Start(t.Context(), kyc.Tenant{Org: live.org, Env: kyc.Live}, kyc.SystemActor("test"), backtest.Request{Workflow: id, Version: 2})
		if err != nil || begun.Status != kyc.BacktestRunning || begun.Done != 1 {
			t.Fatalf("%+v, %v", begun, err)
		}
		path := "/api/v1/workflows/" + w + "/backtests/" + kyc.Dress("backtest", begun.ID)
		got := live.must(t, http.StatusOK, "GET", path, nil)
		for end := time.Now().Add(patience); got.str("status") == "running" && time.Now().Before(end); pause(t) {
			got = live.must(t, http.StatusOK, "GET", path, nil)
		}
		var answer any
		if err := json.Unmarshal(got.raw, &answer); err != nil {
			t.Fatal(err)
		}
		if where := lacks(map[string]any{"status": "completed", "totals": map[string]any{"sessions": 3.0, "changed": 3.0}, "progress": map[string]any{"done": 3.0, "total": 3.0}}, answer, ""); where != "" {
			t.Errorf("it differs at %s: %s", where, got.raw)
		}
		key := map[string]string{"Idempotency-Key": "once"}
		first := live.callWith(t, "POST", "/api/v1/workflows/"+w+"/backtest", map[string]any{"version": 2}, key)
		second := live.callWith(t, "POST", "/api/v1/workflows/"+w+"/backtest", map[string]any{"version": 2}, key)
		if first.status != http.StatusOK || second.status != http.StatusOK || first.str("id") != second.str("id") || first.str("id") == "" {
			t.Errorf("sent twice: %d %s and %d %s", first.status, first.raw, second.status, second.raw)
		}
		if n := live.must(t, http.StatusOK, "GET", "/api/v1/workflows/"+w+"/backtests", nil); !bytes.Contains(n.raw, []byte(`"total":2`)) {
			t.Errorf("there are others: %s", n.raw)
		}
	})
}

// A backtest that somebody else goes on with is cancelled over the API, and never
// reads as complete.
func TestBacktestIsCancelledThroughTheServer(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database, unhurried)
		_, live := srv.newTenants(t)
		w := live.must(t, http.StatusCreated, "POST", "/api/v1/workflows", map[string]any{"name": "age", "graph": json.RawMessage(ageGraph)}).str("id")
		live.must(t, http.StatusOK, "POST", "/api/v1/workflows/"+w+"/publish", nil)
		wid, _ := kyc.Undress("workflow", w)
		begun := func() string {
			t.Helper()
			now := time.Now().UTC()
			x := kyc.Backtest{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: kyc.Tenant{Org: live.org, Env: kyc.Live}}, WorkflowID: wid, Version: 1, Draft: kyc.NewID(now), Definition: "sha256:x",
				Cohort: []kyc.ID{kyc.NewID(now), kyc.NewID(now), kyc.NewID(now)}, Done: 1, Status: kyc.BacktestRunning, By: kyc.SystemActor("test"), Owner: "elsewhere", DueAt: now.Add(time.Hour),
				Tally: kyc.BacktestTally{Sessions: 1, Replayed: 1, Changed: 1, Matrix: map[kyc.Outcome]map[kyc.Outcome]int{kyc.Approved: {kyc.Rejected: 1}}},
				Items: []kyc.BacktestItem{{SessionID: kyc.NewID(now), Old: kyc.Approved, New: kyc.Rejected, Node: "age"}}}
			x.Touch(now)
			if err := srv.app.db.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&x}}); err != nil {
				t.Fatal(err)
			}
			return kyc.Dress("backtest", x.ID)
		}
		path := "/api/v1/workflows/" + w + "/backtests/"
		id := begun()
		for range 2 {
			var answer any
			got := live.must(t, http.StatusOK, "POST", path+id+"/cancel", nil)
			if err := json.Unmarshal(got.raw, &answer); err != nil {
				t.Fatal(err)
			}
			if where := lacks(map[string]any{"status": "cancelled", "completed_at": nil, "progress": map[string]any{"done": 1.0, "total": 3.0}, "totals": map[string]any{"sessions": 1.0, "changed": 1.0},
				"flipped": map[string]any{"data": []any{map[string]any{"old": "approved", "new": "rejected", "node": "age"}}}}, answer, ""); where != "" || got.str("ended_at") == "" {
				t.Errorf("it differs at %s: %s", where, got.raw)
			}
		}
		if a := live.call(t, "POST", path+kyc.Dress("backtest", wid)+"/cancel", nil); a.status != http.StatusNotFound {
			t.Errorf("one that is not there: %d %s", a.status, a.raw)
		}
		complete := live.must(t, http.StatusOK, "POST", "/api/v1/workflows/"+w+"/backtest", map[string]any{"version": 1}).str("id")
		if a := live.call(t, "POST", path+complete+"/cancel", nil); a.status != http.StatusConflict || a.code() != "backtest_over" {
			t.Errorf("one that is complete: %d %s", a.status, a.raw)
		}
	})
}

// The bound on backtests is the organisation's, whichever of several processes is
// asked, and the refusal names it.
func TestBacktestsAreFewAcrossProcesses(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		// Nobody works here, so that what begins stays under way.
		front := func(c *serveCmd) { c.Role = "api" }
		srv := startServer(t, database, unhurried, front)
		nodes := []*app{srv.app}
		if database != "" {
			nodes = append(nodes, startWith(t, &Globals{Data: srv.dir, Database: database, Sync: "normal"}, unhurried, front).app)
		}
		_, live := srv.newTenants(t)
		_, other := srv.newTenants(t)
		start := func(a *app, owner int, c *client, w string, sessions ...kyc.ID) error {
			id, _ := kyc.Undress("workflow", w)
			m := backtest.New(backtest.Deps{Store: a.db, Clock: a.clock, Graphs: a.engine, Evidence: a.menu, Compile: a.workflows.Compiled, Owner: fmt.Sprint(owner), Patience: -time.Second, Page: 1})
			_, err := m.Start(t.Context(), kyc.Tenant{Org: c.org, Env: kyc.Live}, kyc.SystemActor("test"), backtest.Request{Workflow: id, Version: 1, Sessions: sessions})
			return err
		}
		flow := func(c *client) (string, []kyc.ID) {
			w := c.must(t, http.StatusCreated, "POST", "/api/v1/workflows", map[string]any{"name": "age", "graph": json.RawMessage(ageGraph)}).str("id")
			c.must(t, http.StatusOK, "POST", "/api/v1/workflows/"+w+"/publish", nil)
			var sessions []kyc.ID
			for range 2 {
				s, _ := kyc.Undress("session", c.must(t, http.StatusCreated, "POST", "/api/v1/sessions", map[string]any{"workflow_id": w, "fields": map[string]any{"last_name": "Hals"}}).str("id"))
				sessions = append(sessions, s)
			}
			return w, sessions
		}
		w, sessions := flow(live)
		errs := make([]error, 16)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { errs[i] = start(nodes[i%len(nodes)], i, live, w, sessions...) })
		}
		wg.Wait()
		begun := 0
		for _, err := range errs {
			switch {
			case err == nil:
				begun++
			case !kyc.IsCode(err, "too_many_backtests"):
				t.Error(err)
			}
		}
		if begun != backtest.MaxRunning {
			t.Errorf("%d of %d at once began, in %d processes", begun, len(errs), len(nodes))
		}
		if a := live.call(t, "POST", "/api/v1/workflows/"+w+"/backtest", map[string]any{"version": 1}); a.status != http.StatusConflict || a.code() != "too_many_backtests" || !bytes.Contains(a.raw, []byte("at most 2 backtests")) {
			t.Errorf("one more: %d %s", a.status, a.raw)
		}
		v, theirs := flow(other)
		if err := start(nodes[0], 0, other, v, theirs...); err != nil {
			t.Errorf("of another organisation: %v", err)
		}
		// One that is cancelled leaves its place.
		var list struct {
			Data []struct {
				ID string `json:"id"`
			} `json:"data"`
		}
		if err := json.Unmarshal(live.must(t, http.StatusOK, "GET", "/api/v1/workflows/"+w+"/backtests", nil).raw, &list); err != nil || len(list.Data) != 2 {
			t.Fatal(err, list)
		}
		live.must(t, http.StatusOK, "POST", "/api/v1/workflows/"+w+"/backtests/"+list.Data[1].ID+"/cancel", nil)
		if err := start(nodes[len(nodes)-1], 99, live, w, sessions...); err != nil {
			t.Errorf("after one was cancelled: %v", err)
		}
	})
}

// A backtest through the whole program: another minimum age is worked out from
// what live sessions recorded, a reviewer's word counts, the list of what
// changed is paged, and nothing that a person said stands in an answer, in a
// webhook or unencrypted on disk.
func TestBacktestThroughTheServer(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database, unhurried)
		_, live := srv.newTenants(t)
		got := receiver(t)
		w := live.must(t, http.StatusCreated, "POST", "/api/v1/workflows", map[string]any{"name": "age", "graph": json.RawMessage(ageGraph)}).str("id")
		live.must(t, http.StatusOK, "POST", "/api/v1/workflows/"+w+"/publish", nil)
		var sessions []string
		for i := range 3 {
			s := live.must(t, http.StatusCreated, "POST", "/api/v1/sessions", map[string]any{"workflow_id": w, "external_ref": fmt.Sprint("person-", i), "country": "NL",
				"metadata": map[string]any{"why": "metadata-of-xq"},
				"fields":   map[string]any{"first_name": "Xaverion", "last_name": "Quillfeather", "date_of_birth": "1987-03-14", "email": "xaverion.q@secretmail.example"}}).str("id")
			live.must(t, http.StatusAccepted, "POST", "/api/v1/sessions/"+s+"/submit", nil)
			live.await(t, s, "under_review")
			sessions = append(sessions, s)
		}
		decided := live.must(t, http.StatusOK, "GET", "/api/v1/sessions/"+sessions[0], nil).str("case_id")
		live.must(t, 0, "POST", "/api/v1/cases/"+decided+"/claim", map[string]any{"reviewer_id": "anna"})
		live.must(t, 0, "POST", "/api/v1/cases/"+decided+"/approve", map[string]any{"reviewer_id": "anna", "notes": "note-of-a-reviewer"})
		live.must(t, http.StatusCreated, "POST", "/api/v1/webhooks/endpoints", map[string]any{"url": got.URL, "enabled_events": []string{"*"}})

		draft := live.must(t, http.StatusOK, "PATCH", "/api/v1/workflows/"+w, map[string]any{"graph": json.RawMessage(strings.Replace(ageGraph, "18", "60", 1))})
		var shown bytes.Buffer
		call := func(status int, method, path string, body any) map[string]any {
			t.Helper()
			a := live.must(t, status, method, "/api/v1/workflows/"+w+path, body)
			shown.Write(a.raw)
			var out map[string]any
			if err := json.Unmarshal(a.raw, &out); err != nil {
				t.Fatal(err)
			}
			return out
		}
		wants := func(what, want string, answer any) {
			t.Helper()
			var w any
			if err := json.Unmarshal([]byte(want), &w); err != nil {
				t.Fatal(err)
			}
			if where := lacks(w, answer, ""); where != "" {
				t.Errorf("%s differs at %s: %v", what, where, answer)
			}
		}
		report := call(http.StatusOK, "POST", "/backtest", map[string]any{"version": 2})
		wants("the report", `{"status":"completed","version":2,"progress":{"done":3,"total":3},"totals":{"sessions":3,"replayed":3,"changed":3,"not_known":0},
			"matrix":[{"old":"needs_review","new":"rejected","sessions":3}],
			"reviewers":{"sessions":1,"candidate":[{"reviewer":"approved","outcome":"rejected","sessions":1}],"baseline":[{"reviewer":"approved","outcome":"needs_review","sessions":1}],"approves_rejected":0,"rejects_approved":1},
			"segments":{"country":[{"value":"NL","sessions":3,"changed":3,"old":{"needs_review":3},"new":{"rejected":3}}],"document_type":[{"value":"unknown"}]},
			"flipped":{"pagination":{"total":3}}}`, report)
		id, _ := report["id"].(string)
		wants("reading it", fmt.Sprintf(`{"id":%q,"totals":{"changed":3}}`, id), call(http.StatusOK, "GET", "/backtests/"+id, nil))
		wants("the list", fmt.Sprintf(`{"data":[{"id":%q,"status":"completed"}],"pagination":{"total":1}}`, id), call(http.StatusOK, "GET", "/backtests", nil))
		// All of them, two a page, the newest first, each with where it parts.
		page := call(http.StatusOK, "GET", "/backtests/"+id+"/sessions?limit=2", nil)
		wants("the first page", fmt.Sprintf(`{"data":[{"session_id":%q,"old":"needs_review","new":"rejected","node":"age","reviewer":null,"path":["start","age","no"]},{"session_id":%q}],"pagination":{"total":3,"limit":2}}`,
			sessions[2], sessions[1]), page)
		pages, _ := page["pagination"].(map[string]any)
		next, _ := pages["next_cursor"].(string)
		wants("the second page", fmt.Sprintf(`{"data":[{"session_id":%q,"reviewer":"approved"}]}`, sessions[0]), call(http.StatusOK, "GET", "/backtests/"+id+"/sessions?limit=2&cursor="+next, nil))
		wants("what is not known", `{"data":[],"pagination":{"total":0}}`, call(http.StatusOK, "GET", "/backtests/"+id+"/sessions?change=not_known", nil))
		if a := live.call(t, "GET", "/api/v1/workflows/"+w+"/backtests/"+id+"/sessions?change=not_known&cursor="+next, nil); a.status != http.StatusBadRequest {
			t.Errorf("a cursor of another list answers %d", a.status)
		}
		// The same call says the same, but for its id and times.
		same := call(http.StatusOK, "POST", "/backtest", map[string]any{"version": 2})
		for _, volatile := range []string{"id", "created_at", "completed_at", "ended_at"} {
			delete(same, volatile)
			delete(report, volatile)
		}
		a, b := fmt.Sprint(same), fmt.Sprint(report)
		if a != b {
			t.Errorf("asked again it says\n%s\nnot\n%s", a, b)
		}
		wants("against a control", `{"control_version":2,"matrix":[{"old":"rejected","new":"needs_review","sessions":2}]}`,
			call(http.StatusOK, "POST", "/backtest", map[string]any{"version": 1, "control_version": 2, "last": 2}))

		// What is wrong is said all at once; nothing is begun.
		bad := live.call(t, "POST", "/api/v1/workflows/"+w+"/backtest", map[string]any{"version": 1, "draft_id": draft.str("id"), "sessions": []string{"session_none", sessions[0], "x"}})
		if bad.status != http.StatusUnprocessableEntity {
			t.Errorf("a bad request answers %d %s", bad.status, bad.raw)
		}
		for _, body := range []map[string]any{{}, {"version": 1, "sessions": []string{}}, {"version": 0}, {"version": 1, "last": 1001}, {"version": 1, "last": 0, "sessions": []string{sessions[0]}, "from": "2026-01-01T00:00:00Z"},
			{"version": 1, "unknown": true}, {"version": 1, "from": "yesterday"}, {"version": "one"}} {
			if a := live.call(t, "POST", "/api/v1/workflows/"+w+"/backtest", body); a.status != http.StatusUnprocessableEntity && a.status != http.StatusBadRequest || a.code() == "" {
				t.Errorf("%v answers %d %s", body, a.status, a.raw)
			}
		}
		if a := live.call(t, "POST", "/api/v1/workflows/"+w+"/backtest", map[string]any{"version": 9}); a.status != http.StatusNotFound {
			t.Errorf("an unknown version answers %d %s", a.status, a.raw)
		}

		// The chain knows of each, and the customer of none.
		var events []struct {
			Action string `json:"action"`
			Reason string `json:"reason"`
		}
		chain := live.must(t, http.StatusOK, "GET", "/api/v1/audit?action=workflow.backtest", nil)
		shown.Write(chain.raw)
		chain.get(t, "data", &events)
		if len(events) != 3 {
			t.Errorf("the chain has %d backtests: %s", len(events), chain.raw)
		}
		live.must(t, http.StatusAccepted, "POST", "/api/v1/webhooks/endpoints/"+live.must(t, http.StatusOK, "GET", "/api/v1/webhooks/endpoints", nil).at("data.0.id")+"/test", nil)
		for len(got.seen()) == 0 {
			<-got.more
		}
		if all := got.seen(); len(all) != 1 {
			t.Errorf("the customer was told of %v", all)
		}
		if tells := tellsOf(shown.Bytes()); len(tells) > 0 {
			t.Errorf("the answers say %v", tells)
		}
		for where, all := range srv.everythingStored(t, database) {
			if tells := tellsOf(all); len(tells) > 0 {
				t.Errorf("%s holds %v", where, tells)
			}
		}

		// Whoever is erased is counted and not read, and an answer that was given
		// stands: it told nothing of them.
		key := map[string]string{"Idempotency-Key": "kept"}
		kept := live.callWith(t, "POST", "/api/v1/workflows/"+w+"/backtest", map[string]any{"version": 2}, key)
		live.must(t, 0, "DELETE", "/api/v1/sessions/"+sessions[0]+"/data", nil)
		erased := call(http.StatusOK, "POST", "/backtest", map[string]any{"version": 2, "sessions": sessions})
		wants("after an erasure", fmt.Sprintf(`{"totals":{"sessions":3,"unreadable":1,"changed":2},"reasons":[{"reason":"erased","sessions":1}],"flipped":{"data":[{"session_id":%q},{"session_id":%q}]}}`,
			sessions[1], sessions[2]), erased)
		if again := live.callWith(t, "POST", "/api/v1/workflows/"+w+"/backtest", map[string]any{"version": 2}, key); again.status != http.StatusOK || again.str("id") != kept.str("id") || kept.str("id") == "" {
			t.Errorf("a stored answer after an erasure: %d %s", again.status, again.raw)
		}
		eid, _ := erased["id"].(string)
		wants("what cannot be read", fmt.Sprintf(`{"data":[{"session_id":%q,"old":null,"new":null,"reason":"erased","path":[]}]}`, sessions[0]),
			call(http.StatusOK, "GET", "/backtests/"+eid+"/sessions?change=unreadable", nil))
	})
}
