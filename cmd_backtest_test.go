package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/store"
)

// backtestOutput is what the command prints as JSON.
type backtestOutput struct {
	Surface  string             `json:"surface"`
	Version  int                `json:"version"`
	Tally    kyc.BacktestTally  `json:"tally"`
	Sessions []kyc.BacktestItem `json:"sessions"`
}

// The command tries definitions of every surface beside a running server,
// stored ones and files, and writes nothing.
func TestBacktestCommandTakesEverySurface(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "", unhurried)
	sandbox, live := srv.newTenants(t)
	try := func(want int, args ...string) (backtestOutput, string) {
		t.Helper()
		code, out, problem := call(t, append(append([]string{"workflow", "backtest"}, args...), "--json", "--data", srv.dir)...)
		var o backtestOutput
		if code != want || want == 0 && json.Unmarshal([]byte(out), &o) != nil {
			t.Fatalf("%v: exit %d, want %d\n%s%s", args, code, want, out, problem)
		}
		return o, problem
	}

	// D: a graph, and a file with another minimum age.
	w := live.must(t, http.StatusCreated, "POST", "/api/v1/workflows", map[string]any{"name": "age", "graph": json.RawMessage(ageGraph)}).str("id")
	live.must(t, http.StatusOK, "POST", "/api/v1/workflows/"+w+"/publish", nil)
	var sessions []string
	for range 2 {
		s := live.must(t, http.StatusCreated, "POST", "/api/v1/sessions", map[string]any{"workflow_id": w, "fields": map[string]any{"first_name": "Ada", "last_name": "Hals", "date_of_birth": "1987-03-14"}}).str("id")
		live.must(t, http.StatusAccepted, "POST", "/api/v1/sessions/"+s+"/submit", nil)
		live.await(t, s, "under_review")
		sessions = append(sessions, s)
	}
	if got, _ := try(0, w); got.Tally.Same != 2 || got.Version != 1 || got.Surface != "graph" {
		t.Errorf("D, the newest version: %+v", got)
	}
	file := write(t, t.TempDir(), "candidate.json", []byte(strings.Replace(ageGraph, "18", "60", 1)))
	got, _ := try(0, w, "--file", file)
	if got.Tally.Changed != 2 || len(got.Sessions) != 2 || got.Sessions[0].New != kyc.Rejected || got.Sessions[0].Node != "age" || kyc.Dress("session", got.Sessions[0].SessionID) != sessions[1] {
		t.Errorf("D, a file: %+v", got)
	}
	if got, _ := try(0, w, "--file", file, "--session", sessions[0], "--control", "1"); got.Tally.Sessions != 1 || got.Tally.Changed != 1 {
		t.Errorf("D, one session: %+v", got)
	}
	if code, out, problem := call(t, "workflow", "backtest", w, "--file", file, "--data", srv.dir); code != 0 || !strings.Contains(out, "2 changed, 0 not known") ||
		!strings.Contains(out, sessions[0]+"  needs_review → rejected at age") || !strings.Contains(out, "version\n  1 ") {
		t.Errorf("as text: exit %d\n%s%s", code, out, problem)
	}

	// B: the checklist itself, and one step less.
	list := `{"id":"ID_VERIFICATION","config":{"maximum_age":99,"face_front_photo_only":true}},{"id":"PEP_SANCTIONS"},{"id":"CONSENT"}`
	c := sandbox.checklist(t, list)
	s := sandbox.checkSession(t, c, "Approve")
	sandbox.submitPapers(t, s)
	sandbox.submitOver(t, s, "PEP_SANCTIONS", screened("Approve"))
	sandbox.submitOver(t, s, "CONSENT", consent("Anna Approve"))
	sandbox.awaitCheck(t, s, checkEnded("VERIFIED"))
	if got, _ := try(0, c, "--env", "sandbox"); got.Tally.Same != 1 || got.Surface != "checks" {
		t.Errorf("B, the newest version: %+v", got)
	}
	less := write(t, t.TempDir(), "checklist.json", []byte(`{"name":"less","steps":[{"id":"ID_VERIFICATION","config":{"maximum_age":99,"face_front_photo_only":true}},{"id":"CONSENT"}]}`))
	if got, _ := try(0, c, "--env", "sandbox", "--file", less); got.Tally.Replayed != 1 || got.Tally.Same+got.Tally.Unknown != 1 {
		t.Errorf("B, a file: %+v", got)
	}
	try(exitUsage, c, "--file", file) // a definition of another surface

	// C: a procedure.
	workflow, place := sandbox.entityWorkflow(t, "S", "W", `{"type":"KYC"},{"type":"AML"}`)
	sandbox.must(t, http.StatusOK, "POST", sandbox.adopt(t, "Approve")+place+"/execute", nil)
	if got, _ := try(0, workflow, "--env", "sandbox"); got.Tally.Same != 1 || got.Surface != "entities" {
		t.Errorf("C, the newest version: %+v", got)
	}

	for _, args := range [][]string{{"none"}, {w, "--last", "0"}, {w, "--last", "1001"}} {
		try(exitUsage, args...)
	}
	for _, args := range [][]string{{w, "--version", "9"}, {w, "--session", "session_none"}, {"workflow_0199a0b0-1111-7222-8333-444455556666"}} {
		try(exitError, args...)
	}
}

// The command ends a backtest that a server left under way, once.
func TestCancelBacktestCommand(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		dir, now := t.TempDir(), time.Now()
		stored := stored(t, dir, database)
		org := kyc.Org{Meta: kyc.Meta{ID: kyc.NewID(now), Rev: 1, CreatedAt: now, UpdatedAt: now}, Name: "Acme"}
		org.Tenant.Org = org.ID
		of := func(status kyc.BacktestStatus) kyc.Backtest {
			return kyc.Backtest{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: kyc.Tenant{Org: org.ID, Env: kyc.Sandbox}, Rev: 1, CreatedAt: now, UpdatedAt: now}, WorkflowID: kyc.NewID(now), Version: 1,
				Cohort: []kyc.ID{kyc.NewID(now), kyc.NewID(now), kyc.NewID(now)}, Done: 2, Status: status, By: byCLI(), Tally: kyc.BacktestTally{Sessions: 2, Replayed: 2, Same: 2}}
		}
		running, over := of(kyc.BacktestRunning), of(kyc.BacktestCompleted)
		stored(func(db *store.DB) error {
			return db.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&org, &running, &over}})
		})
		cancel := func(want int, says, arg string) {
			t.Helper()
			code, out, problem := call(t, "workflow", "cancel-backtest", arg, "--data", dir, "--database", database)
			if code != want || !strings.Contains(out+problem, says) {
				t.Errorf("%s: exit %d, want %d\n%s%s", arg, code, want, out, problem)
			}
		}
		id := kyc.Dress("backtest", running.ID)
		cancel(exitUsage, "is no backtest id", "nonsense")
		cancel(exitError, "not_found", kyc.Dress("backtest", running.WorkflowID))
		cancel(exitError, "nothing to cancel", kyc.Dress("backtest", over.ID))
		cancel(0, "cancelled after 2 of 3 sessions", id)
		cancel(0, "cancelled after 2 of 3 sessions", id)
		stored(func(db *store.DB) error {
			got, err := db.Backtest(t.Context(), running.Tenant, running.ID)
			if err != nil || got.Status != kyc.BacktestCancelled || got.Done != 2 || got.Tally.Same != 2 || got.EndedAt.IsZero() {
				t.Errorf("%+v, %v", got, err)
			}
			events, _, err := db.Events(t.Context(), running.Tenant, kyc.EventFilter{Action: "workflow.backtest_cancel"}, kyc.Page{})
			if err != nil || len(events) != 1 || events[0].Actor.ID != "cli" || !strings.Contains(events[0].Reason, id) {
				t.Errorf("%+v, %v", events, err)
			}
			return nil
		})
	})
}
