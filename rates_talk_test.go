package main

import (
	"net/http"
	"strconv"
	"syscall"
	"testing"
	"time"

	"bonafide/store/storetest"
)

// rated makes requests until one is refused, and counts those that were not.
// Every answer tells how much is left: of the bucket, or, where the day is
// spent, of the day.
func (c *client) rated(t *testing.T, path string, most, limit int) (granted int, last answer) {
	t.Helper()
	for granted < most {
		asked := time.Now().Unix()
		last = c.call(t, "GET", path, nil)
		size, _ := strconv.Atoi(last.header.Get("X-RateLimit-Limit"))
		left, err := strconv.Atoi(last.header.Get("X-RateLimit-Remaining"))
		reset, _ := strconv.ParseInt(last.header.Get("X-RateLimit-Reset"), 10, 64)
		if size != limit && (size < 1 || last.status == http.StatusOK) || err != nil || left < 0 || left >= size || reset < asked-1 {
			t.Fatalf("call %d: %d with the headers %v", granted, last.status, last.header)
		}
		if last.status == http.StatusTooManyRequests {
			return granted, last
		}
		if last.status != http.StatusOK {
			t.Fatalf("%d %s", last.status, last.raw)
		}
		granted++
	}
	return granted, last
}

// refusedFor wants an answer to be a refusal that says how long to wait, at
// most so many seconds.
func (a answer) refusedFor(t *testing.T, most int) {
	t.Helper()
	wait, err := strconv.Atoi(a.header.Get("Retry-After"))
	if a.status != http.StatusTooManyRequests || a.code() != "rate_limited" || err != nil || wait < 1 || wait > most || a.header.Get("X-RateLimit-Remaining") != "0" {
		t.Errorf("%d, headers %v\n%s", a.status, a.header, a.raw)
	}
}

// Surface B grants a burst of 35 and refuses then; another key, and the same
// key on another surface, are not held up.
func TestChecksGrantTheirBurst(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		// So slow that nothing comes back while the test runs; the burst is the
		// shipped one.
		srv := startServer(t, database, func(c *serveCmd) { c.RateChecks = "0.01/s,35,10000/day" })
		sandbox, live := srv.newTenants(t)
		granted, last := sandbox.rated(t, "/v1/workflows", 100, 35)
		if granted != 35 {
			t.Errorf("%d requests were granted, want 35", granted)
		}
		last.refusedFor(t, 101)
		last.checkFindings(t, "429 of surface B")
		if a := sandbox.call(t, "POST", "/v1/workflows", map[string]any{}); a.status != http.StatusTooManyRequests {
			t.Errorf("another operation of the surface answers %d", a.status)
		}
		for _, path := range []string{"/v2/individuals", "/api/v1/workflows"} {
			if a := sandbox.call(t, "GET", path, nil); a.status != http.StatusOK {
				t.Errorf("the same key on %s answers %d", path, a.status)
			}
		}
		if a := live.call(t, "GET", "/v1/workflows", nil); a.status != http.StatusOK {
			t.Errorf("another key of the organisation answers %d", a.status)
		}
	})
}

// A day has its own end: when it is spent, waiting a second does not help. A
// restart gives nothing back.
func TestChecksHaveADailyCap(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		dir := t.TempDir()
		if time.Now().UTC().Add(2*time.Minute).Day() != time.Now().UTC().Day() {
			t.Skip("the UTC day ends while the test would run")
		}
		sandbox, _ := tenantsWith(t, dir, database, 0)
		var last answer
		total := 0
		for range 2 {
			n := spawnNode(t, dir, database, "all", "--rate-checks", "1000/s,1000,20/day")
			sandbox.url = n.url
			var granted int
			granted, last = sandbox.rated(t, "/v1/workflows", 100, 1000)
			total += granted
			last.refusedFor(t, 24*3600)
			if wait, _ := strconv.Atoi(last.header.Get("Retry-After")); wait < 60 {
				t.Errorf("the day is spent, and Retry-After is %d", wait)
			}
			if err := n.stop(t, syscall.SIGTERM, patience); err != nil {
				t.Fatal(err)
			}
		}
		if total != 20 {
			t.Errorf("%d requests were granted in a day, want 20", total)
		}
	})
}

// Two nodes on one database grant together what one would.
func TestNodesShareTheRateOfChecks(t *testing.T) {
	t.Parallel()
	database, dir := storetest.Postgres(t), t.TempDir()
	sandbox, _ := tenantsWith(t, dir, database, 0)
	var clients []client
	for range 2 {
		n := spawnNode(t, dir, database, "all", "--rate-checks", "0.01/s,35,10000/day")
		c := *sandbox
		c.url = n.url
		clients = append(clients, c)
	}
	granted, last := 0, answer{}
	for i := range 100 { // in turn
		if last = clients[i%2].call(t, "GET", "/v1/workflows", nil); last.status != http.StatusOK {
			break
		}
		granted++
	}
	if granted != 35 {
		t.Errorf("two nodes granted %d requests, want 35", granted)
	}
	last.refusedFor(t, 101)
	for i := range clients {
		if a := clients[i].call(t, "GET", "/v1/workflows", nil); a.status != http.StatusTooManyRequests {
			t.Errorf("node %d goes on granting: %d", i, a.status)
		}
	}
}
