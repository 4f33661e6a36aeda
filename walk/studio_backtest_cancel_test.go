package walk

import (
	"database/sql"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // to find a backtest in the middle
)

// An admin cancels a backtest that is under way and is told of how many of its
// sessions the page speaks.
func TestABacktestIsCancelled(t *testing.T) {
	t.Parallel()
	s := serve(t)
	key := s.Orgs[0].SandboxKey
	body, err := json.Marshal(map[string]any{"name": "Grown-ups", "graph": json.RawMessage(backtestGraph)})
	if err != nil {
		t.Fatal(err)
	}
	id, _ := s.call(t, key, "POST", "/api/v1/workflows", string(body))["id"].(string)
	s.call(t, key, "POST", "/api/v1/workflows/"+id+"/publish", "{}")
	backtestSessions(t, s, id, backtestApplicant{"APPROVE", "1960-02-01", "NL"}, backtestApplicant{"Young", "2004-05-17", "NL"})
	tried, _ := s.call(t, key, "POST", "/api/v1/workflows/"+id+"/backtest", `{"version":1}`)["id"].(string)
	// Two sessions take no time at all: as if another node were at the second one.
	db, err := sql.Open("sqlite", filepath.Join(s.Data, "bonafide.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	done, err := db.ExecContext(t.Context(), `UPDATE backtest SET status = 'running', doc = json_set(json_remove(doc, '$.ended_at'), '$.status', 'running', '$.done', 1, '$.tally.sessions', 1)`)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := done.RowsAffected(); n != 1 || err != nil {
		t.Fatal(n, err)
	}

	w := atStudio(t, s, look{})
	w.goTo("/console/workflows/" + strings.TrimPrefix(id, "workflow_") + "/backtest/" + strings.TrimPrefix(tried, "backtest_"))
	w.shows("1 of 2 sessions were looked at")
	w.both()
	w.walkable()
	w.follow("form[action$='/cancel'] button")
	w.shows("The backtest was cancelled after 1 of 2 sessions.")
	w.shows("What stands here is about the first 1 only")
	w.shows("cancelled after 1 of 2 sessions")
	if ask[bool](w, `document.querySelector("form[action$='/cancel']") !== null`) {
		t.Error("it can be cancelled again")
	}
	w.both()
	w.walkable()
	w.picture("studio-backtest-cancelled")
	if got := s.call(t, key, "GET", "/api/v1/workflows/"+id+"/backtests/"+tried, ""); got["status"] != "cancelled" || got["completed_at"] != nil {
		t.Errorf("%v", got)
	}
}
