package main

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bonafide/store/storetest"
)

// queueLock is the advisory lock under which a node brings the queue's schema
// up to date (store/postgres/open.go).
const queueLock = 0x626f6e6166696465

// TestHealthAnswersBeforeTheStoreIsMigrated holds a starting node back at its
// migrations: it lives, says why it is not ready, and opens when they are done.
func TestHealthAnswersBeforeTheStoreIsMigrated(t *testing.T) {
	t.Parallel()
	database := storetest.Postgres(t)
	ctx := t.Context()
	other, err := pgx.Connect(ctx, database)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close(context.WithoutCancel(ctx)) }()
	if _, err := other.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(queueLock)); err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	p := spawn(t, "serve", "--dev", "--data", t.TempDir(), "--database", database, "--addr", addr)
	c := &client{url: "http://" + addr}
	until(t, p, c, "/healthz", http.StatusOK)
	ready := c.call(t, "GET", "/readyz", nil)
	if ready.status != http.StatusServiceUnavailable || !bytes.Contains(ready.raw, []byte(`"reasons":[{`)) {
		t.Errorf("/readyz before the migrations: %d %s", ready.status, ready.raw)
	}
	if a := c.call(t, "GET", "/api/v1/workflows", nil); a.status != 503 || a.header.Get("Retry-After") == "" || a.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("the API before the migrations: %d %s", a.status, a.raw)
	}
	if _, err := other.Exec(ctx, "SELECT pg_advisory_unlock($1)", int64(queueLock)); err != nil {
		t.Fatal(err)
	}
	until(t, p, c, "/readyz", http.StatusOK)
	if a := c.call(t, "GET", "/api/v1/workflows", nil); a.status != 401 {
		t.Errorf("the API after the migrations: %d %s", a.status, a.raw)
	}
}

// until polls an address until it answers with the status.
func until(t *testing.T, p *process, c *client, path string, status int) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		req, err := http.NewRequestWithContext(t.Context(), "GET", c.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == status {
				return
			}
		}
		select {
		case err := <-p.done:
			t.Fatalf("the process ended: %v\n%s", err, p.out)
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not answer %d: %v\n%s", path, status, err, p.out)
		}
	}
}

// TestARoleHasItsRoutes: a worker answers health only, a node for the API
// does no work.
func TestARoleHasItsRoutes(t *testing.T) {
	t.Parallel()
	worker := startServer(t, "", func(c *serveCmd) { c.Role = "worker" })
	c := worker.newTenant(t)
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/metrics": 200, "/api/v1/workflows": 404, "/openapi.json": 404, "/docs": 404, "/capture/x": 404} {
		if a := c.call(t, "GET", path, nil); a.status != want {
			t.Errorf("a worker answers %s with %d, want %d", path, a.status, want)
		}
	}
	front := startServer(t, "", func(c *serveCmd) { c.Role = "api" })
	c = front.newTenant(t)
	s := c.must(t, 201, "POST", "/api/v1/sessions", map[string]any{"workflow_id": c.published(t, `{"entry":"start","nodes":{"start":{"type":"start","next":"a"},
	 "a":{"type":"policy","policy":"document_ocr","on_pass":"look","on_fail":"look"},"look":{"type":"terminal","outcome":"needs_review"}}}`)}).str("id")
	c.must(t, 202, "POST", "/api/v1/sessions/"+s+"/submit", nil)
	if a := c.must(t, 200, "GET", "/api/v1/sessions/"+s, nil); a.str("status") != "processing" {
		t.Errorf("a node without workers brought the session to %s", a.str("status"))
	}
	if strings.Contains(front.out.String(), "level=ERROR") {
		t.Error("the node for the API complains")
	}
}
