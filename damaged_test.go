package main

import (
	"bytes"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"bonafide/kyc"
)

// behindTheBack runs a statement on the database itself, as a bad disk would.
func (s *server) behindTheBack(t *testing.T, database, sqlite, postgres string) {
	t.Helper()
	if database != "" {
		c, err := pgx.Connect(t.Context(), database)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close(t.Context()) }()
		if done, err := c.Exec(t.Context(), postgres); err != nil || done.RowsAffected() != 1 {
			t.Fatalf("%s: %v %v", postgres, done, err)
		}
		return
	}
	raw, err := sql.Open("sqlite", filepath.Join(s.dir, "bonafide.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	done, err := raw.ExecContext(t.Context(), sqlite)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := done.RowsAffected(); err != nil || n != 1 {
		t.Fatalf("%s: %d rows (%v)", sqlite, n, err)
	}
}

// One row that cannot be opened does not keep the others from being listed, on
// any surface and in the console: it is there, says that it is damaged, and is
// never a decision. Reading it alone says what is wrong.
func TestADamagedRowDoesNotHideTheOthers(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database, unhurried)
		c := srv.newTenant(t)
		var shown bytes.Buffer
		graph, steps := c.endGraph(t, &shown), c.endSteps(t, &shown)
		checks := c.tellChecks(t, &shown)
		person := c.tellEntities(t, &shown)
		run, _ := c.executed(t, person)
		other := c.must(t, 201, "POST", "/api/v1/sessions", map[string]any{"workflow_id": c.must(t, 200, "GET", "/api/v1/sessions/"+graph.own["sessions"], nil).str("workflow_id")}).str("id")
		second := c.must(t, 201, "POST", "/kyc/sessions", map[string]any{"workflow_id": c.must(t, 200, "GET", "/kyc/sessions/"+string(steps.session), nil).str("workflow_id")}).str("session_id")
		execution, ok := kyc.ParseULID(run)
		if !ok {
			t.Fatal(run)
		}
		sealed := func(table string, id kyc.ID) {
			srv.behindTheBack(t, database, "UPDATE "+table+" SET secret = x'01ff00ff' WHERE id = '"+string(id)+"'", "UPDATE "+table+` SET secret = '\x01ff00ff'::bytea WHERE id = '`+string(id)+"'")
		}
		broken := func(table string, id kyc.ID) {
			text := "UPDATE " + table + " SET doc = '{' WHERE id = '" + string(id) + "'"
			srv.behindTheBack(t, database, text, text)
		}
		sealed("session", graph.session)
		broken("session", steps.session)
		sealed("journey", kyc.ID(checks[0]))
		broken("execution", execution)
		for _, list := range []struct {
			path, rows, id, damaged, one string
			others                       []string
			word                         string // of a decision, in the words of the surface
		}{
			{"/api/v1/sessions?limit=100", "data", "id", graph.own["sessions"], "/api/v1/sessions/" + graph.own["sessions"], []string{other}, "completed"},
			{"/kyc/sessions?limit=100", "items", "session_id", string(steps.session), "/kyc/sessions/" + string(steps.session), []string{second}, "approved"},
			{"/v1/sessions?by_organization=true", "sessions", "id", checks[0], "/v1/sessions/" + checks[0], checks[1:], "VERIFIED"},
			{person + "/serviceprofiles/Everything/workflows/Whole/executions", "workflowResults", "workflowExecutionId", run, "", nil, "PASS"},
		} {
			a := c.must(t, 200, "GET", list.path, nil)
			for _, id := range list.others {
				if !a.names(id) {
					t.Errorf("GET %s does not show %s: %s", list.path, id, a.raw)
				}
			}
			found := false
			for _, row := range lookUpAll(a.value(list.rows)) {
				if id, _ := lookUp(row, list.id).(string); id != list.damaged {
					continue
				}
				found = true
				if mark, _ := lookUp(row, "damaged").(bool); !mark || lookUp(row, "status") == list.word || lookUp(row, "final_decision") == "approved" {
					t.Errorf("GET %s shows the damaged one as %v", list.path, row)
				}
			}
			if !found {
				t.Errorf("GET %s does not show the damaged %s: %s", list.path, list.damaged, a.raw)
			}
			if list.one == "" {
				continue
			}
			if a := c.call(t, "GET", list.one, nil); a.status != 500 || !strings.Contains(string(a.raw), "sealed_broken") {
				t.Errorf("GET %s answers %d %s", list.one, a.status, a.raw)
			}
		}
		for path, a := range srv.consolePages(t, c.org, belongings{"sessions": other, "identities": c.must(t, 200, "GET", "/api/v1/sessions/"+other, nil).str("identity_id")}) {
			if path == "/console/sessions" && !strings.Contains(string(a.raw), "damaged") {
				t.Errorf("the page %s does not say which one is damaged", path)
			}
		}
		if said := srv.out.String(); !strings.Contains(said, "lists show it as damaged") || !strings.Contains(said, string(graph.session)) {
			t.Error("the log does not say which row is damaged")
		}
	})
}
