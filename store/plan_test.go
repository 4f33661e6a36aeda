package store_test

import (
	"database/sql"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"bonafide/kyc"
	"bonafide/store"
	"bonafide/store/sqlite"
)

// SQLite takes an index that has a condition only when the statement repeats
// the condition word for word; otherwise it reads the whole table, and nobody
// notices before the table is large.
func TestLookupsUseTheirIndex(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, err := sqlite.Open(t.Context(), sqlite.Options{Dir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", filepath.Join(dir, "bonafide.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	for index, q := range store.Lookups() {
		args := make([]any, strings.Count(q.Text, "?"))
		for i := range args {
			args[i] = "x"
		}
		plan := explained(t, raw, q.Text, args)
		if text := strings.Join(plan, "; "); !strings.Contains(text, " INDEX "+index+" (") {
			t.Errorf("%s is not used: %s", index, text)
		}
	}
	for index, all := range store.ProcessListings() {
		for _, q := range all {
			args := make([]any, strings.Count(q.Text, "?"))
			plan := explained(t, raw, q.Text, args)
			text := strings.Join(plan, "; ")
			if !strings.Contains(text, " COVERING INDEX "+index+" (org_id=? AND env=? AND subject_id=?") {
				t.Errorf("%s does not find the page alone: %s\n%s", index, text, q.Text)
			}
			// Only the page itself may be sorted.
			if sorts := strings.Count(text, "USE TEMP B-TREE"); sorts > 1 {
				t.Errorf("%d sorts: %s\n%s", sorts, text, q.Text)
			}
		}
	}
	for index, f := range map[string]kyc.WaitingFilter{
		"review_case_assigned (org_id=? AND env=? AND assigned_to=?":  {AssignedTo: "ada"},
		"review_case_assigned (org_id=? AND env=? AND assigned_to=?)": {Unassigned: true, CountTo: 1000},
	} {
		for _, q := range store.WaitingQueries(kyc.Tenant{}, f) {
			text := strings.Join(explained(t, raw, q.Text, make([]any, strings.Count(q.Text, "?"))), "; ")
			if !strings.Contains(text, " COVERING INDEX "+index) {
				t.Errorf("%+v does not go by %s: %s\n%s", f, index, text, q.Text)
			}
		}
	}
	for _, q := range []*store.SQL{store.NextQuery(""), store.NextQuery("a"), store.NextQuery("", "b", "c")} {
		text := strings.Join(explained(t, raw, q.Text, make([]any, strings.Count(q.Text, "?"))), "; ")
		// The page is found in the index's order; only the page itself may be sorted.
		if !strings.Contains(text, " COVERING INDEX review_case_assigned (org_id=? AND env=? AND assigned_to=?") || strings.Count(text, "USE TEMP B-TREE") > 1 {
			t.Errorf("the next case is not found in its order: %s\n%s", text, q.Text)
		}
	}
	for _, state := range []kyc.QualityState{kyc.QualityWaiting, kyc.QualityDone} {
		q := store.QualityListing(kyc.Tenant{}, kyc.QualityFilter{State: state, Queue: "x"})
		text := strings.Join(explained(t, raw, q.Text, make([]any, strings.Count(q.Text, "?"))), "; ")
		if !strings.Contains(text, " COVERING INDEX review_case_quality (org_id=? AND env=? AND quality=?") || strings.Count(text, "USE TEMP B-TREE") > 1 {
			t.Errorf("the cases that are %s do not go by their index: %s\n%s", state, text, q.Text)
		}
	}
	ofOne := store.CaseListing(kyc.Tenant{}, kyc.CaseFilter{SessionID: "x", Status: []kyc.CaseStatus{kyc.CaseApproved, kyc.CaseRejected}})
	if text := strings.Join(explained(t, raw, ofOne.Text, make([]any, strings.Count(ofOne.Text, "?"))), "; "); !strings.Contains(text, " INDEX review_case_session (") {
		t.Errorf("the decided cases of a session do not go by it: %s", text)
	}
}

// explained is SQLite's plan of a query, line by line.
func explained(t *testing.T, db *sql.DB, query string, args []any) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	var plan []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan = append(plan, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan
}

// Whatever is sealed and says to which session, run, case or execution it
// belongs is kept from being read with the session, and wiped with it. A new
// table of that kind fails here until it is named in kinds.go and retention.go.
func TestWhatBelongsToASessionIsMarkedAndWiped(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, err := sqlite.Open(t.Context(), sqlite.Options{Dir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", filepath.Join(dir, "bonafide.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	rows, err := raw.QueryContext(t.Context(), `SELECT DISTINCT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c ON c.name = 'secret'
		JOIN pragma_table_info(m.name) o ON o.name IN ('session_id', 'case_id', 'run_id', 'execution_id', 'event_id') WHERE m.type = 'table'`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	marked, wiped := store.OfSessions()
	// The inputs of runs have no kind (Inputs looks itself); looks and templates
	// are never shown and go with the second pass; monitoring keeps its own copy;
	// transfers are removed by whoever erases a session.
	unmarked := map[string]bool{"run_input": true, "picture": true, "face_template": true, "watched": true}
	unwiped := map[string]bool{"transfer": true, "watched": true}
	found := 0
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			t.Fatal(err)
		}
		found++
		if !marked[table] && !unmarked[table] {
			t.Errorf("%s can be read when its session is withheld", table)
		}
		if !wiped[table] && !unwiped[table] {
			t.Errorf("%s is not wiped with its session", table)
		}
	}
	if err := rows.Err(); err != nil || found < 10 {
		t.Errorf("%d tables (%v)", found, err)
	}
}
