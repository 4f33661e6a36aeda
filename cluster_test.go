package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/store/storetest"
)

// node is one process of a cluster.
type node struct {
	*process
	url string
}

// spawnNode starts a process of a role on a shared folder and database.
func spawnNode(t *testing.T, dir, database, role string, more ...string) *node {
	t.Helper()
	p := spawn(t, append([]string{"serve", "--dev", "--sync", "normal", "--data", dir, "--database", database, "--addr", "127.0.0.1:0", "--role", role}, more...)...)
	for end := time.Now().Add(patience); !listening.MatchString(p.out.String()); {
		select {
		case err := <-p.done:
			t.Fatalf("the %s ended with %v\n%s", role, err, p.out)
		case <-time.After(10 * time.Millisecond): // the line is all it tells
		}
		if time.Now().After(end) {
			t.Fatalf("the %s does not listen\n%s", role, p.out)
		}
	}
	return &node{p, listening.FindStringSubmatch(p.out.String())[1]}
}

// tenantsOf makes an organisation with the command line, before any server
// runs, and keys that may ask as often as a test does.
func tenantsOf(t *testing.T, dir, database string) (sandbox, live *client) {
	t.Helper()
	return tenantsWith(t, dir, database, 10_000)
}

// tenantsWith does the same with keys of another rate; 0 is the surface's own.
func tenantsWith(t *testing.T, dir, database string, rate int) (sandbox, live *client) {
	t.Helper()
	bonafide := func(args ...string) string {
		code, out, problem := call(t, append(args, "--data", dir, "--database", database, "--sync", "normal")...)
		if code != 0 {
			t.Fatalf("bonafide %v: exit %d, %s", args, code, problem)
		}
		return strings.TrimSpace(out)
	}
	org := kyc.ID(bonafide("org", "create", t.Name()))
	key := func(env string) *client {
		return &client{org: org, key: bonafide("key", "create", "--org", string(org), "--env", env, "--rate", strconv.Itoa(rate))}
	}
	sandbox, live = key("sandbox"), key("live")
	sandbox.sibling = live
	return sandbox, live
}

// ended is how many runs a node has ended, as its metrics say.
func (n *node) ended(t *testing.T) int {
	t.Helper()
	sum := 0
	for line := range strings.Lines(string((&client{url: n.url}).call(t, "GET", "/metrics", nil).raw)) {
		if strings.HasPrefix(line, "engine_runs_ended_total{") {
			f := strings.Fields(line)
			v, err := strconv.ParseFloat(f[len(f)-1], 64)
			if err != nil {
				t.Fatal(err)
			}
			sum += int(v)
		}
	}
	return sum
}

// ledger is a receiver of webhooks that keeps every message id.
type ledger struct {
	*httptest.Server
	mu  sync.Mutex
	ids map[string]map[string]int // session and event → id → times
}

func newLedger(t *testing.T) *ledger {
	l := &ledger{ids: map[string]map[string]int{}}
	l.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var body struct {
			Event string
			Data  struct {
				SessionID string `json:"session_id"`
			}
		}
		if json.NewDecoder(r.Body).Decode(&body) != nil {
			return
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		key := body.Data.SessionID + " " + body.Event
		if l.ids[key] == nil {
			l.ids[key] = map[string]int{}
		}
		l.ids[key][r.Header.Get("webhook-id")]++
	}))
	t.Cleanup(l.Close)
	return l
}

func (l *ledger) idsOf(session, event string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.ids[session+" "+event])
}

// stranger is the customer's own check: it holds every question until it is
// told to answer.
type stranger struct {
	*httptest.Server
	held    atomic.Int64
	release chan struct{}
}

func newStranger(t *testing.T) *stranger {
	s := &stranger{release: make(chan struct{})}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Idempotency-Key") == "" {
			return // a webhook
		}
		_, _ = io.Copy(io.Discard, r.Body)
		s.held.Add(1)
		select {
		case <-s.release:
		case <-r.Context().Done():
			return
		}
		_, _ = io.WriteString(w, `{"status":"ok","verdict":"pass"}`)
	}))
	t.Cleanup(s.Close)
	return s
}

const chainGraph = `{"entry":"start","nodes":{"start":{"type":"start","next":"a"},
 "a":{"type":"policy","policy":"document_ocr","on_pass":"b","on_fail":"no"},
 "b":{"type":"policy","policy":"watchlist_screening","on_pass":"yes","on_fail":"no"},
 "yes":{"type":"terminal","outcome":"approved"},"no":{"type":"terminal","outcome":"rejected"}}}`

const gateGraph = `{"entry":"start","nodes":{"start":{"type":"start","next":"g"},
 "g":{"type":"wait","gate":"bank","on_continue":"a","on_fail":"no","timeout_seconds":3600},
 "a":{"type":"policy","policy":"watchlist_screening","on_pass":"yes","on_fail":"no"},
 "yes":{"type":"terminal","outcome":"approved"},"no":{"type":"terminal","outcome":"rejected"}}}`

// TestNodesShareWorkAndTakeOver kills one of several processes on one database
// with -9 while it holds sessions, and looks whether anyone can tell.
func TestNodesShareWorkAndTakeOver(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		roles []string // the first answers requests
	}{
		{"two nodes", []string{"all", "all"}},
		{"an API node and two workers", []string{"api", "worker", "worker"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			takeOver(t, c.roles)
		})
	}
}

func takeOver(t *testing.T, roles []string) {
	const each = 20
	database, dir := storetest.Postgres(t), t.TempDir()
	sandbox, live := tenantsOf(t, dir, database)
	var nodes []*node
	for _, role := range roles {
		nodes = append(nodes, spawnNode(t, dir, database, role))
	}
	victim, split := nodes[len(nodes)-2], roles[0] == "api"
	sandbox.url, live.url = nodes[0].url, nodes[0].url
	messages, slow := newLedger(t), newStranger(t)
	for _, c := range []*client{sandbox, live} {
		c.must(t, 201, "POST", "/api/v1/webhooks/endpoints", map[string]any{"url": messages.URL, "enabled_events": []string{"*"}})
	}
	live.must(t, 200, "PUT", "/api/v1/settings", map[string]any{"mandatory_policies": []string{}})
	secret := live.must(t, 201, "POST", "/api/v1/webhooks/endpoints", map[string]any{"url": slow.URL, "enabled_events": []string{"workflow.published"}}).str("id")
	asks := live.published(t, fmt.Sprintf(slowGraph, slow.URL, secret))
	flaky, gated := sandbox.published(t, chainGraph), sandbox.published(t, gateGraph)
	begin := func(c *client, workflow string) string {
		s := c.must(t, 201, "POST", "/api/v1/sessions", map[string]any{"workflow_id": workflow, "fields": map[string]any{"last_name": "FLAKY"}}).str("id")
		c.must(t, 202, "POST", "/api/v1/sessions/"+s+"/submit", nil)
		return s
	}

	// Work is shared: with an API node there is nobody else to do it, with two
	// whole nodes whoever is asked does it.
	all := map[string]*client{}
	var took []time.Duration
	for i := range each {
		at := *sandbox
		if !split {
			at.url = nodes[i%2].url
		}
		started := time.Now()
		s := begin(&at, flaky)
		at.await(t, s, "completed")
		took = append(took, time.Since(started))
		all[s] = sandbox
	}
	slices.Sort(took)
	t.Logf("%v: created, submitted and seen as completed (six failing attempts in between) p50 %s, max %s", roles, took[each/2], took[each-1])
	for i, n := range nodes {
		if got := n.ended(t); roles[i] == "api" && got != 0 {
			t.Errorf("the API node ended %d runs", got)
		} else if roles[i] == "all" && got == 0 {
			t.Errorf("node %d ended none of %d runs", i, each)
		}
	}

	// What the victim holds: questions without answers, and sessions at gates.
	var waiting, held []string
	for range each {
		waiting = append(waiting, begin(sandbox, gated))
		held = append(held, begin(live, asks))
	}
	for _, s := range waiting {
		sandbox.await(t, s, "awaiting_external")
		all[s] = sandbox
	}
	for _, s := range held {
		all[s] = live
	}
	for end := time.Now().Add(patience); slow.held.Load() < each; {
		if time.Now().After(end) {
			t.Fatalf("%d of %d questions were asked", slow.held.Load(), each)
		}
		pause(t) // only the stranger knows
	}
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-victim.done
	killed := time.Now()
	close(slow.release)
	other := nodes[0].url
	if !split {
		other = nodes[1].url
	}
	sandbox.url, live.url = other, other
	for _, s := range waiting {
		sandbox.must(t, 202, "POST", "/api/v1/sessions/"+s+"/external-decision", map[string]any{"decision": "continue"})
	}
	for s, c := range all {
		if end := c.await(t, s, "completed"); end.str("result") != "approved" {
			t.Errorf("%s ended as %s", s, end.str("result"))
		}
	}
	late := time.Since(killed)
	t.Logf("%v: every session of the dead process had ended %s after its death (lease %s)", roles, late.Round(10*time.Millisecond), runLease)
	if late > time.Minute { // twelve leases: a busy machine is slow, and what waits for another clock waits for hours
		t.Errorf("taking over took %s", late)
	}
	endedOnce(t, dir, database, all, messages)
}

// endedOnce looks in the store for one end of each session, and at the
// receiver for at least one message of it, under one id.
func endedOnce(t *testing.T, dir, database string, all map[string]*client, messages *ledger) {
	t.Helper()
	db, err := lookAtStore(t.Context(), &Globals{Data: dir, Database: database, Sync: "normal"}, kyc.SystemClock(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ends := []string{"session.approved", "session.declined", "session.requires-review", "session.expired"}
	for s, c := range all {
		id, _ := kyc.Undress("session", s)
		env := kyc.Live
		if strings.HasPrefix(c.key, "bf_sandbox") {
			env = kyc.Sandbox
		}
		events, _, err := db.Events(t.Context(), kyc.Tenant{Org: c.org, Env: env}, kyc.EventFilter{Object: "session", ObjectID: id}, kyc.Page{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		var seen []string
		for _, e := range events {
			if slices.Contains(ends, e.Webhook) {
				seen = append(seen, e.Webhook)
			}
		}
		if !slices.Equal(seen, []string{"session.approved"}) {
			t.Errorf("%s ended with %v", s, seen)
		}
		// What the dead process had claimed is sent again after its lease.
		for end := time.Now().Add(patience); messages.idsOf(s, "session.approved") == 0 && time.Now().Before(end); {
			pause(t) // the receiver is asked, nobody tells
		}
		if n := messages.idsOf(s, "session.approved"); n != 1 {
			t.Errorf("%s: session.approved came under %d ids, want 1", s, n)
		}
	}
	for _, c := range all { // all of one organisation
		if r, err := db.VerifyAudit(t.Context(), c.org); err != nil || !r.OK() {
			t.Errorf("the audit chain: %+v, %v", r, err)
		}
		break
	}
}
