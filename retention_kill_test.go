package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/store/storetest"
)

// Nodes are killed with -9 in the middle of both passes. Whatever was not done is
// done by the next sweep, nothing twice: one entry in the audit chain and one
// message each, an unbroken chain, no file left, and an auditor who is told why
// there is nothing to replay.
func TestKilledSweepsDestroyOnce(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); killSweeps(t, "", 1) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); killSweeps(t, storetest.Postgres(t), 2) })
}

func killSweeps(t *testing.T, database string, count int) {
	const many = 90
	kills := 3
	dir := t.TempDir()
	c, _ := tenantsOf(t, dir, database)
	nodes := make([]*node, count)
	for i := range nodes {
		nodes[i] = spawnNode(t, dir, database, "all")
	}
	c.url = nodes[0].url
	messages := newLedger(t)
	c.must(t, 201, "POST", "/api/v1/webhooks/endpoints", map[string]any{"url": messages.URL, "enabled_events": []string{"*"}})
	w := c.published(t, chainGraph)
	ids := make([]string, many)
	for i := range ids {
		ids[i] = c.must(t, 201, "POST", "/api/v1/sessions", map[string]any{"workflow_id": w, "external_ref": fmt.Sprint("person-", i/2), "fields": map[string]any{"last_name": "Doe"}}).str("id")
		if i > 0 {
			c.must(t, 200, "POST", "/api/v1/sessions/"+ids[i]+"/simulate", map[string]any{"outcome": "approve"})
			continue
		}
		if up := c.upload(t, ids[i], "document_front", picture(t, "front")); up.status != 201 {
			t.Fatalf("%d %s", up.status, up.raw)
		}
		c.must(t, 202, "POST", "/api/v1/sessions/"+ids[i]+"/submit", nil)
		c.await(t, ids[i], "completed")
	}
	c.days(t, 20)
	for _, pass := range []struct{ what, counts, replay string }{
		{"sensitive_data_retention_days", "counts.to_withhold", "the time to keep this data is over"},
		{"data_retention_days", "counts.to_destroy", "erased"},
	} {
		c.retention(t, map[string]any{pass.what: 10, "auto_redact_on_retention_expiry": true})
		left := func() int {
			return int(c.must(t, 200, "GET", "/api/v1/retention", nil).value(pass.counts).(float64))
		}
		for seen := left(); seen > 0; seen = left() {
			var asked sync.WaitGroup
			for _, n := range nodes { // the sandbox's clock sweeps at once, on every node
				key := string(kyc.NewID(time.Now()))
				asked.Go(func() { c.try(n.url, "/api/v1/sandbox/clock", key, map[string]any{"advance_seconds": 60}) })
			}
			if kills == 0 {
				asked.Wait()
				continue
			}
			for end := time.Now().Add(patience); left() == seen; {
				if time.Now().After(end) {
					t.Fatalf("%s: %d of %d are left", pass.what, seen, many)
				}
				pause(t)
			}
			kills--
			victim := kills % count
			if err := nodes[victim].Process.Kill(); err != nil {
				t.Fatal(err)
			}
			<-nodes[victim].done
			asked.Wait()
			nodes[victim] = spawnNode(t, dir, database, "all")
			c.url = nodes[victim].url
			t.Logf("%s: killed, and %d of %d are left", pass.what, left(), many)
		}
		kills = 3
		args := []string{"replay", ids[0], "--data", dir, "--database", database}
		if code, out, problem := call(t, args...); code != 1 || !strings.Contains(problem, pass.replay) || strings.Count(problem, "\n") != 1 || strings.Contains(out, "differ") {
			t.Errorf("%s: replay answers %d\n%s%s", pass.what, code, out, problem)
		}
		if code, out, problem := call(t, "audit", "verify", "--data", dir, "--database", database); code != 0 || !strings.Contains(out, "unbroken") {
			t.Errorf("%s: the chain is %d\n%s%s", pass.what, code, out, problem)
		}
	}
	// The person goes with the last session.
	gone := func(id string) bool {
		person := c.must(t, 200, "GET", "/api/v1/sessions/"+id, nil).str("identity_id")
		return c.must(t, 200, "GET", "/api/v1/identities/"+person, nil).str("status") == "redacted"
	}
	for _, id := range ids {
		for end := time.Now().Add(patience); !gone(id) || messages.idsOf(id, "session.retention-expired") == 0; {
			if time.Now().After(end) {
				t.Fatalf("the person of %s is gone: %t, and %d messages", id, gone(id), messages.idsOf(id, "session.retention-expired"))
			}
			pause(t)
		}
		if n := messages.idsOf(id, "session.retention-expired"); n != 1 {
			t.Errorf("%s was told %d times", id, n)
		}
		for _, action := range []string{"session.withhold", "session.retention_expire"} {
			var page struct{ Total int }
			c.must(t, 200, "GET", "/api/v1/audit?action="+action+"&object="+id, nil).get(t, "pagination", &page)
			if page.Total != 1 {
				t.Errorf("%s: %s stands %d times in the chain", id, action, page.Total)
			}
		}
	}
	if files, err := filepath.Glob(filepath.Join(dir, "blobs", "*", "*", "*", "*", string(undress(t, "session", ids[0])), "*")); err != nil || len(files) > 0 {
		t.Errorf("files are left: %v (%v)", files, err)
	}
}
