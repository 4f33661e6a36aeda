package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bonafide/document"
)

// liveGraph reads the passport, holds it against the form, looks at its dates
// and screens the name. Specimens pass here, and nowhere else.
const liveGraph = `{"entry":"start","nodes":{
 "start":{"type":"start","next":"read"},
 "read":{"type":"policy","policy":"document_ocr","config":{"accept_specimen":true},"on_pass":"valid","on_fail":"look"},
 "valid":{"type":"policy","policy":"document_expiration","on_pass":"adult","on_fail":"no"},
 "adult":{"type":"policy","policy":"age_check","config":{"minimum_age":18},"on_pass":"form","on_fail":"no"},
 "form":{"type":"policy","policy":"identity_crossref","on_pass":"lists","on_fail":"look"},
 "lists":{"type":"policy","policy":"watchlist_screening","config":LISTS,"on_pass":"yes","on_fail":"look"},
 "yes":{"type":"terminal","outcome":"approved"},
 "no":{"type":"terminal","outcome":"rejected","reason_code":"document"},
 "look":{"type":"terminal","outcome":"needs_review"}}}`

// liveWorkflow publishes liveGraph with a config for its screening.
func (c *client) liveWorkflow(t *testing.T, lists string) string {
	t.Helper()
	id := c.must(t, 201, "POST", "/api/v1/workflows", map[string]any{"name": "live " + lists, "graph": json.RawMessage(strings.ReplaceAll(liveGraph, "LISTS", lists)),
		"data_requirements": map[string]any{"document_front": true, "user_info": map[string]any{"first_name": "required", "last_name": "required", "date_of_birth": "required"}}}).str("id")
	c.must(t, 200, "POST", "/api/v1/workflows/"+id+"/publish", nil)
	return id
}

// apply carries an applicant with a drawn passport through a workflow and
// answers with the session when it needs no machine any more.
func (c *client) apply(t *testing.T, workflow string, s document.Specimen, picture []byte) (session, status, result string) {
	t.Helper()
	session = c.must(t, 201, "POST", "/api/v1/sessions", map[string]any{"workflow_id": workflow, "external_ref": "customer of " + workflow,
		"fields": map[string]any{"first_name": s.GivenNames, "last_name": s.Surname, "date_of_birth": s.DateOfBirth.Format(time.DateOnly)}}).str("id")
	if a := c.upload(t, session, "document_front", picture); a.status != 201 {
		t.Fatalf("upload: %d %s", a.status, a.raw)
	}
	c.must(t, 202, "POST", "/api/v1/sessions/"+session+"/submit", nil)
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		a := c.must(t, 200, "GET", "/api/v1/sessions/"+session, nil)
		switch status = a.str("status"); status {
		case "completed", "failed", "under_review", "expired":
			return session, status, a.str("result")
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("the session is still %s", a.str("status"))
		}
	}
}

// needsTesseract skips where documents cannot be read.
func needsTesseract(t *testing.T, srv *server) {
	t.Helper()
	for _, capability := range srv.app.reader.Capabilities(t.Context()) {
		if capability.Name == "ocr" && capability.Available {
			return
		}
	}
	t.Skip("tesseract is not installed here; reading passports needs it")
}

// importList puts ownList into force on a running server.
func (s *server) importList(t *testing.T, list, content string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "list.csv")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.app.lists.Import(t.Context(), "csv", list, []string{file}, true); err != nil {
		t.Fatal(err)
	}
}

func TestALivePassportIsApprovedOnlyWithListsInForce(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database)
		needsTesseract(t, srv)
		_, c := srv.newTenants(t)
		person := mirabel()
		picture := specimen(t, person)

		// Without any list there is no screening, and no approval without it.
		session, status, result := c.apply(t, c.liveWorkflow(t, `{}`), person, picture)
		checkNotApproved(t, c, "no list at all", session, status, result, "not_configured")

		srv.importList(t, "own", ownList)
		for name, x := range map[string]struct{ config, reason string }{
			"a list that is missing": {`{"lists":["own","other"]}`, "not_configured"},
			"a stale list":           {`{"max_age_hours":0.0000001}`, "stale"},
		} {
			session, status, result := c.apply(t, c.liveWorkflow(t, x.config), person, picture)
			checkNotApproved(t, c, name, session, status, result, x.reason)
		}

		// With a list in force the same passport is approved, and the run says
		// which list in which version.
		workflow := c.liveWorkflow(t, `{"lists":["own"]}`)
		session, status, result = c.apply(t, workflow, person, picture)
		if status != "completed" || result != "approved" {
			t.Fatalf("with a list the session is %s, %s\n%.3000s", status, result, c.call(t, "GET", "/api/v1/sessions/"+session+"/workflow-run", nil).raw)
		}
		run := c.must(t, 200, "GET", "/api/v1/sessions/"+session+"/workflow-run", nil)
		var path []string
		run.get(t, "path", &path)
		if strings.Join(path, " ") != "start read valid adult form lists yes" {
			t.Errorf("path %v", path)
		}
		if !bytes.Contains(run.raw, []byte(`"list":"own"`)) || !bytes.Contains(run.raw, []byte(`"version":"sha256:`)) {
			t.Errorf("the run does not name the list's version: %.2000s", run.raw)
		}
		outcome := c.must(t, 200, "GET", "/api/v1/sessions/"+session+"/result", nil)
		if !bytes.Contains(bytes.ToUpper(outcome.raw), []byte("MIRABEL")) || !bytes.Contains(outcome.raw, []byte("BF2604711")) {
			t.Errorf("the result lacks what was read: %.2000s", outcome.raw)
		}

		// The same person on the list is a hit.
		srv.importList(t, "own", ownList+"6,Ada Quilla Mirabel,person,,"+person.DateOfBirth.Format(time.DateOnly)+",\n")
		hit, status, result := c.apply(t, c.liveWorkflow(t, `{"lists":["own"],"limit":5}`), person, picture)
		checkNotApproved(t, c, "a listed person", hit, status, result, "possible_match")

		secrets := []string{"Mirabel", "MIRABEL", "BF2604711"}
		checkNothingInTheClear(t, srv.dir, secrets)
		if database != "" {
			checkTables(t, database, secrets)
		}
		for _, s := range secrets {
			if strings.Contains(srv.out.String(), s) {
				t.Errorf("the log contains %s", s)
			}
		}
		c.checkErasure(t, session, secrets)
	})
}

// checkNotApproved wants a reviewer, and the reason in the record.
func checkNotApproved(t *testing.T, c *client, name, session, status, result, reason string) {
	t.Helper()
	run := c.call(t, "GET", "/api/v1/sessions/"+session+"/workflow-run", nil)
	if status != "under_review" || result == "approved" || !bytes.Contains(run.raw, []byte(reason)) {
		t.Errorf("%s: the session is %s, result %q, want under_review because of %s\n%.3000s", name, status, result, reason, run.raw)
	}
}

// checkNothingInTheClear looks for words in every file of the data folder.
func checkNothingInTheClear(t *testing.T, dir string, words []string) {
	t.Helper()
	seen := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(path, filepath.Join(dir, "lists")) {
			return err // a list names whom it names
		}
		b, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			return nil // a temporary file of the database
		}
		seen++
		for _, w := range words {
			if bytes.Contains(b, []byte(w)) {
				t.Errorf("%s contains %s", path, w)
			}
		}
		return err
	})
	if err != nil || seen < 1 {
		t.Errorf("%d files were read: %v", seen, err)
	}
}

// checkTables looks for words in every row of every table of PostgreSQL.
func checkTables(t *testing.T, database string, words []string) {
	t.Helper()
	ctx := t.Context()
	db, err := pgx.Connect(ctx, database)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close(context.WithoutCancel(ctx)) }()
	rows, err := db.Query(ctx, `SELECT quote_ident(table_name) FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) < 10 {
		t.Fatalf("%d tables: %v", len(tables), err)
	}
	for _, table := range tables {
		for _, w := range words { // bytea is shown in hexadecimal
			var n int
			err := db.QueryRow(ctx, `SELECT count(*) FROM `+table+` x WHERE strpos(x::text, $1) > 0 OR strpos(x::text, $2) > 0`, w, hex.EncodeToString([]byte(w))).Scan(&n)
			if err != nil || n > 0 {
				t.Errorf("%d rows of %s contain %s (%v)", n, table, w, err)
			}
		}
	}
}

// checkErasure exports a session, redacts it and looks whether anything is
// left to read.
func (c *client) checkErasure(t *testing.T, session string, words []string) {
	t.Helper()
	export := c.must(t, 200, "GET", "/api/v1/sessions/"+session+"/export", nil)
	for _, w := range words[1:] {
		if !bytes.Contains(bytes.ToUpper(export.raw), []byte(w)) {
			t.Errorf("the export lacks %s", w)
		}
	}
	var documents []struct{ URL string }
	c.must(t, 200, "GET", "/api/v1/sessions/"+session+"/documents", nil).get(t, "data", &documents)
	if len(documents) != 1 {
		t.Fatalf("%d documents", len(documents))
	}
	anybody := &client{url: c.url} // the link is the permission
	if a := anybody.call(t, "GET", documents[0].URL, nil); a.status != 200 || !bytes.HasPrefix(a.raw, []byte("\x89PNG")) || a.header.Get("Content-Disposition") != "attachment" {
		t.Errorf("the link answers %d, %v", a.status, a.header)
	}
	path := "/api/v1/sessions/" + session + "/data"
	c.must(t, 200, "PATCH", "/api/v1/sessions/"+session, map[string]any{"legal_hold": true})
	if a := c.call(t, "DELETE", path, nil); a.status != 409 || a.str("code") != "legal_hold" {
		t.Errorf("under a legal hold: %d %s", a.status, a.raw)
	}
	c.must(t, 200, "PATCH", "/api/v1/sessions/"+session, map[string]any{"legal_hold": false})
	if a := c.must(t, 200, "DELETE", path, nil); a.str("status") != "deleted" {
		t.Errorf("redaction says %s", a.raw)
	}
	if a := c.must(t, 200, "DELETE", path, nil); a.str("status") != "already_redacted" {
		t.Errorf("the second redaction says %s", a.raw)
	}
	if a := anybody.call(t, "GET", documents[0].URL, nil); a.status < 400 || a.status >= 500 {
		t.Errorf("after redaction the link answers %d", a.status)
	}
	for _, part := range []string{"", "/result", "/workflow-run", "/documents", "/export", "/risk"} {
		a := c.call(t, "GET", "/api/v1/sessions/"+session+part, nil)
		if a.status >= 500 {
			t.Errorf("after redaction %s answers %d %s", part, a.status, a.raw)
		}
		for _, w := range words {
			if bytes.Contains(bytes.ToUpper(a.raw), []byte(strings.ToUpper(w))) {
				t.Errorf("after redaction %s still says %s", part, w)
			}
		}
	}
}

// Section 9, point 9 of the design: while a document is looked at the log names no
// zone, no value and no pixel of it, however much is logged and whatever goes wrong.
func TestTheLogHoldsNothingOfADocument(t *testing.T) {
	t.Parallel()
	srv := startWith(t, &Globals{Data: t.TempDir(), Sync: "normal", Verbose: true})
	needsTesseract(t, srv)
	_, c := srv.newTenants(t)
	person := mirabel()
	page := specimen(t, person)
	workflow := c.liveWorkflow(t, `{}`)
	for name, file := range map[string][]byte{"whole": page, "broken": page[:len(page)/2]} {
		session := c.must(t, 201, "POST", "/api/v1/sessions", map[string]any{"workflow_id": workflow, "external_ref": name,
			"fields": map[string]any{"first_name": person.GivenNames, "last_name": person.Surname, "date_of_birth": person.DateOfBirth.Format(time.DateOnly)}}).str("id")
		c.upload(t, session, "document_front", file)
		if name == "whole" {
			c.must(t, 202, "POST", "/api/v1/sessions/"+session+"/submit", nil)
			c.awaitAnswer(t, "/api/v1/sessions/"+session, func(a answer) bool { return a.str("status") == "under_review" })
		}
	}
	if read := srv.app.reader.Inspect(t.Context(), document.File{Bytes: page}, time.Now()); read.MRZ == nil {
		t.Fatalf("nothing was read, the test proves nothing: %+v", read.Error)
	}
	log := []byte(srv.out.String())
	if len(log) == 0 {
		t.Fatal("nothing was logged")
	}
	lines, err := person.MRZLines()
	if err != nil {
		t.Fatal(err)
	}
	words := append(lines, person.Surname, person.GivenNames, person.Number, person.DateOfBirth.Format(time.DateOnly))
	for at := 0; at+24 <= len(page); at += 499 {
		words = append(words, string(page[at:at+24]))
	}
	for _, word := range words {
		for _, form := range spelled(word) {
			if bytes.Contains(log, form) {
				t.Errorf("the log holds %q", form)
			}
		}
	}
}
