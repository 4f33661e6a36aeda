package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/store/sqlite"
)

// try makes one call to a server that may be dying; 0 when nobody answered.
func (c client) try(url, path, key string, body any) (status int, id string) {
	b, err := json.Marshal(body)
	if err != nil {
		return 0, ""
	}
	req, err := http.NewRequest("POST", url+path, bytes.NewReader(b))
	if err != nil {
		return 0, ""
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-API-Key", c.key)
	req.Header.Set("Idempotency-Key", key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	var answer struct{ ID string }
	if json.NewDecoder(resp.Body).Decode(&answer) != nil {
		return 0, ""
	}
	return resp.StatusCode, answer.ID
}

// TestKilledServerLosesNothing kills the one process of a SQLite folder with
// -9 again and again while a customer creates and submits sessions.
func TestKilledServerLosesNothing(t *testing.T) {
	t.Parallel()
	kills, dir := 5, t.TempDir()
	sandbox, _ := tenantsOf(t, dir, "")
	n := spawnNode(t, dir, "", "all")
	sandbox.url = n.url
	messages := newLedger(t)
	sandbox.must(t, 201, "POST", "/api/v1/webhooks/endpoints", map[string]any{"url": messages.URL, "enabled_events": []string{"*"}})
	workflow := sandbox.published(t, chainGraph)

	var url atomic.Value
	url.Store(n.url)
	var mu sync.Mutex
	made := map[string]string{} // Idempotency-Key → session
	enough := make(chan struct{})
	var customers sync.WaitGroup
	body := map[string]any{"workflow_id": workflow, "fields": map[string]any{"last_name": "FLAKY"}}
	// Until it is answered, a customer asks again with the same key.
	insist := func(path, key string, body any) string {
		for {
			status, id := sandbox.try(url.Load().(string), path, key, body)
			switch status {
			case 201, 202:
				return id
			case 0, 409, 429, 503:
				pause(t) // the customer's own patience
			default:
				t.Errorf("POST %s with key %s: %d", path, key, status)
				return id
			}
		}
	}
	for i := range 8 {
		customers.Go(func() {
			for k := 0; ; k++ {
				select {
				case <-enough:
					return
				default:
				}
				key := fmt.Sprintf("%d-%d", i, k)
				id := insist("/api/v1/sessions", key, body)
				mu.Lock()
				made[key] = id
				mu.Unlock()
				insist("/api/v1/sessions/"+id+"/submit", "submit "+key, map[string]any{})
			}
		})
	}
	count := func() int { mu.Lock(); defer mu.Unlock(); return len(made) }
	for kill := range kills {
		for want, end := count()+25, time.Now().Add(patience); count() < want; {
			if time.Now().After(end) {
				t.Fatalf("only %d sessions after %d kills", count(), kill)
			}
			pause(t) // a random point in the work
		}
		if err := n.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		<-n.done
		n = spawnNode(t, dir, "", "all")
		url.Store(n.url)
	}
	close(enough)
	customers.Wait()
	sandbox.url = n.url

	all := map[string]*client{}
	for key, id := range made {
		if all[id] != nil {
			t.Errorf("two keys were answered with %s", id)
		}
		all[id] = sandbox
		if status, again := sandbox.try(n.url, "/api/v1/sessions", key, body); status != 201 || again != id {
			t.Errorf("key %s made %s and then answers %d %s", key, id, status, again)
		}
		if end := sandbox.await(t, id, "completed"); end.str("result") != "approved" {
			t.Errorf("%s ended as %s", id, end.str("result"))
		}
	}
	var page struct{ Total int }
	sandbox.must(t, 200, "GET", "/api/v1/sessions", nil).get(t, "pagination", &page)
	if page.Total != len(made) {
		t.Errorf("%d sessions are stored, %d were acknowledged", page.Total, len(made))
	}
	t.Logf("%d kills, %d acknowledged sessions", kills, len(made))
	endedOnce(t, dir, "", all, messages) // beside the running server
	lookBesideServer(t, dir, sandbox.org, made["0-0"])
}

// lookBesideServer runs the commands that only read while the server runs.
func lookBesideServer(t *testing.T, dir string, org kyc.ID, session string) {
	t.Helper()
	for want, args := range map[string][]string{
		"equal ":      {"replay", session},
		"unbroken":    {"audit", "verify"},
		string(org):   {"org", "list"},
		"bf_sandbox_": {"key", "list", "--org", string(org), "--env", "sandbox"},
		"copied to":   {"backup", filepath.Join(t.TempDir(), "copy.db")},
		"":            {"user", "list", "--org", string(org)},
		"decision  ":  {"verify", "--workflow", t.Name(), "--field", "last_name=Doe"},
	} {
		code, out, problem := call(t, append(args, "--data", dir)...)
		if code == 1 || code == 2 || !strings.Contains(out, want) {
			t.Errorf("bonafide %v beside a running server: exit %d\n%s%s", args, code, out, problem)
		}
	}
	if code, _, problem := call(t, "org", "create", "second", "--data", dir); code != 1 || !strings.Contains(problem, "another bonafide process") {
		t.Errorf("writing beside a running server: exit %d, %s", code, problem)
	}
}

// TestStartProblemsAreOneLine starts servers that cannot start.
func TestStartProblemsAreOneLine(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	locked := t.TempDir()
	db, err := sqlite.Open(t.Context(), sqlite.Options{Dir: locked})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for name, c := range map[string]struct {
		want string
		args []string
	}{
		"port taken":             {"cannot listen on", []string{"--addr", taken.Addr().String()}},
		"address without port":   {"cannot listen on", []string{"--addr", "nonsense"}},
		"database unreachable":   {"PostgreSQL does not answer", []string{"--database", "postgres://nobody:secretword@127.0.0.1:1/none?connect_timeout=2"}},
		"database URL is wrong":  {"database URL", []string{"--database", "postgres://nobody:secretword@127.0.0.1:port/none"}},
		"folder in use":          {"another bonafide process", []string{"--data", locked}},
		"folder cannot be made":  {"data folder", []string{"--data", "/dev/null/folder"}},
		"range is no CIDR":       {"no CIDR", []string{"--webhook-allow", "10.0.0.0"}},
		"database is of no kind": {"database URL", []string{"--database", "mysql://127.0.0.1/none"}},
		"rate is none":           {"25/s", []string{"--rate-checks", "nonsense"}},
		"rate of keys is none":   {"25/s", []string{"--rate-keys", "0/s"}},
		"burst is none":          {"35", []string{"--rate-checks", "25/s,0,10000/day"}},
		"day is none":            {"10000/day", []string{"--rate-checks", "25/s,35,10000"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := spawn(t, append([]string{"serve", "--addr", "127.0.0.1:0", "--data", t.TempDir()}, c.args...)...)
			select {
			case <-p.done:
			case <-time.After(patience):
				t.Fatal("it does not end")
			}
			text := p.out.String()
			if p.ProcessState.ExitCode() != 1 || strings.Count(text, "\n") != 1 || !strings.HasPrefix(text, "bonafide: ") || !strings.Contains(text, c.want) || strings.Contains(text, "secretword") {
				t.Errorf("exit %d, want 1 and one line with %q:\n%s", p.ProcessState.ExitCode(), c.want, text)
			}
		})
	}
}
