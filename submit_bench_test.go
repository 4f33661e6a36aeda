package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"bonafide/access"
	"bonafide/kyc"
)

// BenchmarkSubmit is one customer over HTTP on SQLite (synchronous=FULL): a
// session is created, submitted (POST …/submit) and polled every 20 ms until
// it is completed; sandbox checks, all pass. Printed are the median and the
// 99th percentile from the submit call to the answer that says completed, and
// of the run alone as its record has it.
func BenchmarkSubmit(b *testing.B) {
	cmd := serveCmd{Addr: "127.0.0.1:0", Role: "all", Dev: true, Grace: 20 * time.Second}
	ctx, cancel := context.WithCancel(b.Context())
	started, done := make(chan *app, 1), make(chan error, 1)
	go func() {
		done <- cmd.serve(ctx, &Globals{Data: b.TempDir(), Sync: "full"}, &console{out: io.Discard, err: io.Discard}, func(a *app) { started <- a })
	}()
	var a *app
	select {
	case a = <-started:
	case err := <-done:
		b.Fatal(err)
	}
	defer func() { cancel(); <-done }()
	org, err := a.access.CreateOrg(ctx, "bench", kyc.SystemActor("bench"))
	if err != nil {
		b.Fatal(err)
	}
	_, key, err := a.access.CreateKey(ctx, access.KeyRequest{Tenant: kyc.Tenant{Org: org.ID, Env: kyc.Sandbox}, Name: "bench", Scopes: []string{"*"}, RatePerSec: 10_000, By: kyc.SystemActor("bench")})
	if err != nil {
		b.Fatal(err)
	}
	ask := func(method, path string, body any) map[string]any {
		raw, err := json.Marshal(body)
		if err != nil {
			b.Fatal(err)
		}
		req, err := http.NewRequestWithContext(ctx, method, a.url+"/api/v1"+path, bytes.NewReader(raw))
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("X-API-Key", key)
		req.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		defer resp.Body.Close()
		out := map[string]any{}
		if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || resp.StatusCode >= 300 {
			b.Fatalf("%s %s: %d %v %v", method, path, resp.StatusCode, out, err)
		}
		return out
	}
	workflow := ask("POST", "/workflows", map[string]any{"name": "bench", "graph": json.RawMessage(chainGraph)})["id"].(string)
	ask("POST", "/workflows/"+workflow+"/publish", map[string]any{})

	var seen, run []time.Duration
	for b.Loop() {
		session := ask("POST", "/sessions", map[string]any{"workflow_id": workflow, "fields": map[string]any{"last_name": "Approve"}})["id"].(string)
		began := time.Now()
		ask("POST", "/sessions/"+session+"/submit", map[string]any{})
		for ask("GET", "/sessions/"+session, nil)["status"] != "completed" {
			pause(b) // the customer polls
		}
		seen = append(seen, time.Since(began))
		id, _ := kyc.Undress("session", session)
		runs, err := a.db.Runs(ctx, kyc.Tenant{Org: org.ID, Env: kyc.Sandbox}, id)
		if err != nil || len(runs) != 1 {
			b.Fatal(len(runs), err)
		}
		run = append(run, runs[0].EndedAt.Sub(runs[0].StartedAt))
	}
	report := func(name string, d []time.Duration) {
		slices.Sort(d)
		b.ReportMetric(float64(d[len(d)/2].Microseconds())/1000, name+"-p50-ms")
		b.ReportMetric(float64(d[len(d)*99/100].Microseconds())/1000, name+"-p99-ms")
	}
	report("seen", seen)
	report("run", run)
}
