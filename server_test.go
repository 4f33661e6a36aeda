package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/store/storetest"
)

// patience is how long a test waits for what must come. A machine that does much
// else is slow, and how soon it comes proves nothing.
const patience = 2 * time.Minute

// server is the real program, started in this process on a free port.
type server struct {
	url string
	app *app
	dir string
	out *lockedBuffer // all it printed and logged
}

// eachDatabase runs a test on SQLite and on PostgreSQL; the latter skips with
// a sentence where PostgreSQL is not installed.
func eachDatabase(t *testing.T, f func(t *testing.T, database string)) {
	t.Run("sqlite", func(t *testing.T) { f(t, "") })
	t.Run("postgres", func(t *testing.T) { f(t, storetest.Postgres(t)) })
}

// lockedBuffer collects the program's output from several goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// startServer starts `bonafide serve --dev` and waits until it is ready.
func startServer(t *testing.T, database string, more ...func(*serveCmd)) *server {
	t.Helper()
	return startWith(t, &Globals{Data: t.TempDir(), Database: database, Sync: "normal"}, more...)
}

// startWith starts it with flags of every command.
func startWith(t *testing.T, g *Globals, more ...func(*serveCmd)) *server {
	t.Helper()
	cmd := serveCmd{Addr: "127.0.0.1:0", Role: "all", Dev: true, Grace: 20 * time.Second}
	for _, m := range more {
		m(&cmd)
	}
	ctx, cancel := context.WithCancel(t.Context())
	out := &lockedBuffer{}
	started := make(chan *app, 1)
	done := make(chan error, 1)
	go func() {
		done <- cmd.serve(ctx, g, &console{out: out, err: out}, func(a *app) { started <- a })
	}()
	s := &server{dir: g.Data, out: out}
	select {
	case s.app = <-started:
		s.url = s.app.url
	case err := <-done:
		cancel()
		t.Fatalf("the server did not start: %v\n%s", err, out)
	case <-time.After(patience):
		cancel()
		t.Fatalf("the server is not ready after %s\n%s", patience, out)
	}
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("the server stopped with %v", err)
			}
		case <-time.After(patience):
			t.Error("the server does not stop")
		}
		if t.Failed() {
			said := out.String()
			if n := len(said) - 4000; n > 0 {
				said = "…" + said[n:]
			}
			t.Logf("the server said:\n%s", said)
		}
	})
	return s
}

// client calls the API with one key.
type client struct {
	url string
	key string
	org kyc.ID
	// sibling is the live client of a sandbox client's organisation, which
	// makes what sandbox keys may not.
	sibling *client
}

// newTenant makes a fresh organisation and answers a sandbox client for it.
func (s *server) newTenant(t *testing.T) *client {
	t.Helper()
	c, _ := s.newTenants(t)
	return c
}

// newTenants makes a fresh organisation: its sandbox and its live client.
func (s *server) newTenants(t *testing.T) (sandbox, live *client) {
	t.Helper()
	ctx := t.Context()
	org, err := s.app.access.CreateOrg(ctx, t.Name(), kyc.SystemActor("test"))
	if err != nil {
		t.Fatal(err)
	}
	clients := map[kyc.Env]*client{}
	for _, env := range []kyc.Env{kyc.Sandbox, kyc.Live} {
		secret, err := s.app.newKey(ctx, org.ID, env, "test", []string{"*"})
		if err != nil {
			t.Fatal(err)
		}
		clients[env] = &client{url: s.url, key: secret, org: org.ID}
	}
	clients[kyc.Sandbox].sibling = clients[kyc.Live]
	return clients[kyc.Sandbox], clients[kyc.Live]
}

// call makes one request; body may be nil, raw JSON or anything that marshals.
func (c *client) call(t *testing.T, method, path string, body any) answer {
	t.Helper()
	return c.callWith(t, method, path, body, nil)
}

func (c *client) callWith(t *testing.T, method, path string, body any, header map[string]string) answer {
	t.Helper()
	var reader io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		reader = bytes.NewReader(b)
	}
	return c.send(t, method, path, "application/json", reader, header)
}

func (c *client) send(t *testing.T, method, path, contentType string, body io.Reader, header map[string]string) answer {
	t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = c.url + path
	}
	req, err := http.NewRequestWithContext(t.Context(), method, path, body)
	if err != nil {
		t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", contentType)
	}
	if c.key != "" {
		req.Header.Set("X-API-Key", c.key)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: resp.StatusCode, header: resp.Header, raw: raw}
	_ = json.Unmarshal(raw, &a.fields)
	return a
}

// pause waits one beat between two looks at another process.
func pause(t testing.TB) {
	t.Helper()
	beat := time.NewTimer(10 * time.Millisecond)
	defer beat.Stop()
	select {
	case <-beat.C:
	case <-t.Context().Done():
	}
}

// exists reports whether there is a file or folder of that name.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
