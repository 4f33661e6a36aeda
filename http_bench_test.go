package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/access"
	"bonafide/kyc"
)

// benchServer is a server on SQLite (synchronous=FULL) with a sandbox key, for
// benchmarks over HTTP.
type benchServer struct {
	b       *testing.B
	dir     string
	app     *app
	org     kyc.ID
	key     string
	browser *http.Client
}

func startBench(b *testing.B) *benchServer {
	b.Helper()
	cmd := serveCmd{Addr: "127.0.0.1:0", Role: "all", Dev: true, Grace: 20 * time.Second}
	ctx, cancel := context.WithCancel(b.Context())
	started, done := make(chan *app, 1), make(chan error, 1)
	dir := b.TempDir()
	go func() {
		done <- cmd.serve(ctx, &Globals{Data: dir, Sync: "full"}, &console{out: io.Discard, err: io.Discard}, func(a *app) { started <- a })
	}()
	s := &benchServer{b: b, dir: dir, browser: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	select {
	case s.app = <-started:
	case err := <-done:
		b.Fatal(err)
	}
	b.Cleanup(func() { cancel(); <-done })
	org, err := s.app.access.CreateOrg(ctx, "bench", kyc.SystemActor("bench"))
	if err != nil {
		b.Fatal(err)
	}
	s.org = org.ID
	_, s.key, err = s.app.access.CreateKey(ctx, access.KeyRequest{Tenant: kyc.Tenant{Org: org.ID, Env: kyc.Sandbox}, Name: "bench", Scopes: []string{"*"},
		RatePerSec: 10_000, By: kyc.SystemActor("bench")})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// post makes one request with the key, or without one to the applicants' side.
func (s *benchServer) post(path, body string) (map[string]any, error) {
	return s.call("POST", path, body)
}

func (s *benchServer) call(method, path, body string) (map[string]any, error) {
	req, err := http.NewRequestWithContext(s.b.Context(), method, s.app.url+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return nil, err
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if !strings.HasPrefix(path, "/public") {
		req.Header.Set("Authorization", "Bearer "+s.key)
	}
	resp, err := s.browser.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	out := map[string]any{}
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || resp.StatusCode >= 300 {
		return nil, fmt.Errorf("%s: %d %v %w", path, resp.StatusCode, out, err)
	}
	return out, nil
}

func (s *benchServer) must(path, body string) map[string]any {
	s.b.Helper()
	out, err := s.post(path, body)
	if err != nil {
		s.b.Fatal(err)
	}
	return out
}

// openLoop calls act so often a second for so many seconds, whatever the calls
// before are doing, and reports how long they took. A call's time begins when
// it is due, so that one that waits for another counts as slow. prepare is not
// measured.
func (s *benchServer) openLoop(perSecond, seconds int, prepare func(), act func(i int) error) {
	b := s.b
	var mu sync.Mutex
	var took []time.Duration
	for b.Loop() {
		b.StopTimer()
		prepare()
		b.StartTimer()
		var all sync.WaitGroup
		began := time.Now()
		beat := time.NewTicker(time.Second / time.Duration(perSecond) / 5)
		for i := range perSecond * seconds {
			due := began.Add(time.Duration(i) * time.Second / time.Duration(perSecond))
			for time.Now().Before(due) {
				<-beat.C
			}
			all.Go(func() {
				err := act(i)
				d := time.Since(due)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					b.Error(err)
				}
				took = append(took, d)
			})
		}
		all.Wait()
		beat.Stop()
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "max-ms")
}
