package main

import (
	"encoding/json"
	"log/slog"
	"syscall"
	"testing"

	"bonafide/kyc"
)

// TestQuestionsAreWrittenAtAStop stops a server right after questions to the
// lists: none of them is missing in the audit chain.
func TestQuestionsAreWrittenAtAStop(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		dir := t.TempDir()
		p, c, _ := spawnServer(t, dir, database)
		const asked = 25
		for range asked {
			c.must(t, 200, "POST", "/api/v1/screening/match", map[string]any{"name": "Nobody Atall"})
		}
		if err := p.stop(t, syscall.SIGTERM, patience); err != nil {
			t.Fatal(err)
		}
		db, err := lookAtStore(t.Context(), &Globals{Data: dir, Database: database, Sync: "normal"}, kyc.SystemClock(), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		found, _, err := db.Events(t.Context(), kyc.Tenant{Org: c.org, Env: kyc.Sandbox}, kyc.EventFilter{Action: "screening.match"}, kyc.Page{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		total := 0
		for _, e := range found {
			var r struct{ Questions int }
			if err := json.Unmarshal(e.Payload, &r); err != nil {
				t.Fatal(err)
			}
			total += r.Questions
		}
		if total != asked || len(found) == asked {
			t.Errorf("%d questions in %d entries, %d were asked", total, len(found), asked)
		}
	})
}
