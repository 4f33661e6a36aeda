package main

import (
	"database/sql"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"bonafide/access"

	_ "modernc.org/sqlite" // to damage a database behind the program's back
)

func TestOrganisationsKeysAndUsers(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		dir := t.TempDir()
		bonafide := func(want int, args ...string) (string, string) {
			t.Helper()
			code, out, complaint := call(t, append(args, "--data", dir, "--database", database)...)
			if code != want {
				t.Fatalf("%v: exit %d\n%s%s", args, code, out, complaint)
			}
			return strings.TrimSpace(out), complaint
		}
		org, _ := bonafide(0, "org", "create", "Acme Bank")
		if list, _ := bonafide(0, "org", "list"); !strings.Contains(list, org) || !strings.Contains(list, "Acme Bank") {
			t.Errorf("org list: %s", list)
		}
		key, note := bonafide(0, "key", "create", "--org", "acme bank", "--env", "sandbox", "--name", "tests", "--scope", "sessions:read", "--scope", "cases:*", "--expires", "1h", "--allow-cidr", "10.0.0.0/8")
		if !strings.HasPrefix(key, "bf_sandbox_") || strings.Contains(note, key) {
			t.Errorf("key create: %q %q", key, note)
		}
		var made struct {
			ID, Key string
			Scopes  []string
		}
		live, _ := bonafide(0, "key", "create", "--org", org, "--json")
		if err := json.Unmarshal([]byte(live), &made); err != nil || !strings.HasPrefix(made.Key, "bf_live_") || len(made.Scopes) != 1 {
			t.Errorf("key create --json: %s %v", live, err)
		}
		if _, complaint := bonafide(1, "key", "create", "--org", org, "--scope", "sessions:fly"); strings.Count(complaint, "\n") != 1 {
			t.Errorf("an unknown scope: %q", complaint)
		}
		list, _ := bonafide(0, "key", "list", "--org", org, "--env", "sandbox")
		if strings.Contains(list, key) || !strings.Contains(list, key[:15]) || !strings.Contains(list, "cases:*") || strings.Contains(list, made.ID) {
			t.Errorf("key list: %s", list)
		}
		bonafide(0, "key", "revoke", "--org", org, made.ID)
		if list, _ := bonafide(0, "key", "list", "--org", org); !strings.Contains(list, "revoked") {
			t.Errorf("after the revocation: %s", list)
		}
		// The password comes from standard input, so this one is a process.
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		for password, ok := range map[string]bool{"a long enough pass phrase": true, "short": false} {
			cmd := exec.Command(self, "user", "create", "--org", org, "--email", "ada@example.com", "--role", "admin", "--data", dir, "--database", database)
			cmd.Env, cmd.Stdin = append(os.Environ(), beProgram+"=1"), strings.NewReader(password+"\n")
			out, err := cmd.CombinedOutput()
			if (err == nil) != ok || strings.Contains(string(out), password+"\n") {
				t.Errorf("user create with %q: %v %s", password, err, out)
			}
			if ok {
				if users, _ := bonafide(0, "user", "list", "--org", org); !strings.Contains(users, "ada@example.com") || !strings.Contains(users, "admin") {
					t.Errorf("user list: %s", users)
				}
			}
		}
		for _, role := range access.RoleNames() {
			cmd := exec.Command(self, "user", "create", "--org", org, "--email", role+"@example.com", "--role", role, "--data", dir, "--database", database)
			cmd.Env, cmd.Stdin = append(os.Environ(), beProgram+"=1"), strings.NewReader("a long enough pass phrase\n")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("the command knows no role %s: %v %s", role, err, out)
			}
		}
		if report, _ := bonafide(0, "audit", "verify"); !strings.Contains(report, "unbroken") {
			t.Errorf("audit verify: %s", report)
		}
		checkNothingInTheClear(t, dir, []string{made.Key, key, "a long enough pass phrase"})
	})
}

// finished runs a server on SQLite, carries three sandbox sessions to their
// end in it and stops it.
func finished(t *testing.T, dir string) (org string, sessions map[string]string) {
	t.Helper()
	p, c, _ := spawnServer(t, dir, "")
	workflow := c.published(t, `{"entry":"start","nodes":{"start":{"type":"start","next":"a"},
	 "a":{"type":"policy","policy":"document_ocr","on_pass":"g","on_fail":"no"},
	 "g":{"type":"wait","gate":"bank","on_continue":"yes","on_fail":"no"},
	 "yes":{"type":"terminal","outcome":"approved"},"no":{"type":"terminal","outcome":"rejected"}}}`)
	sessions = map[string]string{}
	for _, name := range []string{"APPROVE", "FLAKY", "REJECT"} {
		s := c.must(t, 201, "POST", "/api/v1/sessions", map[string]any{"workflow_id": workflow, "fields": map[string]any{"last_name": name}}).str("id")
		c.must(t, 202, "POST", "/api/v1/sessions/"+s+"/submit", nil)
		if name != "REJECT" {
			c.await(t, s, "awaiting_external")
			c.must(t, 202, "POST", "/api/v1/sessions/"+s+"/external-decision", map[string]any{"decision": "continue", "metadata": map[string]any{"by": "bank"}})
		}
		c.await(t, s, "completed")
		sessions[name] = s
	}
	if err := p.stop(t, syscall.SIGTERM, patience); err != nil {
		t.Fatalf("%v\n%s", err, p.out)
	}
	return string(c.org), sessions
}

// tamper changes the database as somebody with a file editor would.
func tamper(t *testing.T, dir, statement string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "bonafide.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	res, err := db.ExecContext(t.Context(), statement, args...)
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := res.RowsAffected(); n == 0 {
		t.Fatalf("%s changed nothing", statement)
	}
}

func TestReplayFailsLoudlyOnTheFirstDifference(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, sessions := finished(t, dir)
	for name, s := range sessions {
		code, out, complaint := call(t, "replay", "--data", dir, s)
		if code != 0 || complaint != "" || !strings.Contains(out, "equal") || !strings.Contains(out, "start → a") {
			t.Errorf("%s: exit %d\n%s%s", name, code, out, complaint)
		}
		var report struct {
			Outcome    string
			Inputs     int
			Difference *struct{}
		}
		if code, out, _ := call(t, "replay", "--data", dir, "--json", s); code != 0 || json.Unmarshal([]byte(out), &report) != nil || report.Inputs < 2 || report.Difference != nil {
			t.Errorf("%s: replay --json: exit %d %s", name, code, out)
		}
	}
	for name, statement := range map[string]string{
		"APPROVE": `UPDATE run SET doc = replace(doc, 'approved', 'rejected') WHERE session_id = ?`,
		"FLAKY":   `DELETE FROM run_input WHERE seq = 1 AND run_id IN (SELECT id FROM run WHERE session_id = ?)`,
		"REJECT":  `UPDATE run_input SET secret = substr(secret, 1, length(secret) - 1) || x'00' WHERE seq = 1 AND run_id IN (SELECT id FROM run WHERE session_id = ?)`,
	} {
		tamper(t, dir, statement, strings.TrimPrefix(sessions[name], "session_"))
		code, out, complaint := call(t, "replay", "--data", dir, sessions[name])
		if code != 1 || strings.Count(complaint, "\n") != 1 || strings.Contains(out, "equal") {
			t.Errorf("%s tampered: exit %d\n%s%s", name, code, out, complaint)
		}
	}
}

func TestAuditVerifyFindsTampering(t *testing.T) {
	t.Parallel()
	for name, statement := range map[string]string{
		"a changed entry": `UPDATE event SET doc = replace(doc, '"kind":"system"', '"kind":"person"') WHERE org_id = ? AND seq = 5`,
		"another action":  `UPDATE event SET action = 'nothing.happened' WHERE org_id = ? AND seq = 5`,
		"a later time":    `UPDATE event SET at = at + 1000 WHERE org_id = ? AND seq = 5`,
		"a lost entry":    `DELETE FROM event WHERE org_id = ? AND seq = 5`,
		"a lost end":      `DELETE FROM event WHERE org_id = ? AND seq = (SELECT max(seq) FROM event)`,
		"a forged hash":   `UPDATE event SET hash = 'sha256:0000' WHERE org_id = ? AND seq = 5`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			p, c, _ := spawnServer(t, dir, "")
			for range 5 {
				c.must(t, 201, "POST", "/api/v1/lists", map[string]any{"name": "l", "type": "email"})
			}
			if a := c.must(t, 200, "GET", "/api/v1/audit/verify", nil); !strings.Contains(string(a.raw), `"valid":true`) {
				t.Errorf("over HTTP: %s", a.raw)
			}
			if err := p.stop(t, syscall.SIGTERM, patience); err != nil {
				t.Fatal(err)
			}
			if code, out, complaint := call(t, "audit", "verify", "--data", dir); code != 0 || strings.Count(out, "unbroken") != 2 {
				t.Fatalf("before: exit %d\n%s%s", code, out, complaint)
			}
			tamper(t, dir, strings.ReplaceAll(statement, "FROM event)", "FROM event WHERE org_id = '"+string(c.org)+"')"), string(c.org))
			code, out, complaint := call(t, "audit", "verify", "--data", dir)
			if code != 1 || !strings.Contains(out, "BROKEN at entry") || strings.Count(complaint, "\n") != 1 {
				t.Errorf("after: exit %d\n%s%s", code, out, complaint)
			}
			if _, out, _ := call(t, "audit", "verify", "--json", "--data", dir); strings.Count(out, "\n") != 2 {
				t.Errorf("audit verify --json: %s", out)
			}
		})
	}
}
