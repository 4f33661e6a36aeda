package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"bonafide/access"
	"bonafide/child/cost"
)

// beProgram makes this test binary be the program itself: a process of its
// own, with signals, without a build.
const beProgram = "TEST_BINARY_IS_BONAFIDE"

func TestMain(m *testing.M) {
	cost.Main()
	// The document reader starts its decoding child without an environment.
	if os.Getenv(beProgram) != "" || len(os.Args) > 1 && os.Args[1] == "decode-picture" {
		os.Args[0] = "bonafide"
		main()
		return
	}
	os.Exit(m.Run())
}

// process is the program in a process of its own.
type process struct {
	*exec.Cmd
	out  *lockedBuffer
	done chan error
}

// spawn starts the program.
func spawn(t *testing.T, args ...string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{Cmd: exec.Command(self, args...), out: &lockedBuffer{}, done: make(chan error, 1)}
	p.Env = append(os.Environ(), beProgram+"=1")
	p.Stdout, p.Stderr = p.out, p.out
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.done <- p.Wait() }()
	t.Cleanup(func() {
		_ = p.Process.Kill() // it may have ended already
		if t.Failed() {
			t.Logf("the process said:\n%.4000s", p.out.String())
		}
	})
	return p
}

var listening = regexp.MustCompile(`listens on (http://\S+)`)

// spawnServer starts `serve --dev` on a free port and waits until it says
// where it listens. It answers the first organisation's sandbox and live
// clients.
func spawnServer(t *testing.T, dir, database string, more ...string) (p *process, sandbox, live *client) {
	t.Helper()
	p = spawn(t, append([]string{"serve", "--dev", "--sync", "normal", "--data", dir, "--database", database, "--addr", "127.0.0.1:0"}, more...)...)
	deadline := time.Now().Add(patience)
	for !listening.MatchString(p.out.String()) {
		select {
		case err := <-p.done:
			t.Fatalf("the server ended with %v\n%s", err, p.out)
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server does not listen\n%s", p.out)
		}
	}
	raw, err := os.ReadFile(filepath.Join(dir, "dev.json"))
	if err != nil {
		t.Fatal(err)
	}
	var dev access.Dev
	if err := json.Unmarshal(raw, &dev); err != nil {
		t.Fatal(err)
	}
	org := dev.Organizations[0]
	url := listening.FindStringSubmatch(p.out.String())[1]
	if dev.URL != url {
		t.Errorf("dev.json says %s, the server listens on %s", dev.URL, url)
	}
	return p, &client{url: url, key: org.SandboxKey, org: org.ID}, &client{url: url, key: org.LiveKey, org: org.ID}
}

// peak is the most memory the process ever held, in MiB.
func (p *process) peak(t *testing.T) int {
	t.Helper()
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", p.Process.Pid))
	if err != nil {
		t.Skip("there is no /proc here to read memory from")
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if rest, ok := strings.CutPrefix(s.Text(), "VmHWM:"); ok {
			kb, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				t.Fatal(err)
			}
			return kb / 1024
		}
	}
	t.Skip("/proc does not tell the peak of memory")
	return 0
}

// stop sends a signal and waits for the end.
func (p *process) stop(t *testing.T, s os.Signal, within time.Duration) error {
	t.Helper()
	if err := p.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-p.done:
		return err
	case <-time.After(within):
		t.Fatalf("the process has not ended %s after %s", within, s)
		return nil
	}
}

// slowGraph asks an address of the customer, which takes as long as it likes.
const slowGraph = `{"entry":"start","nodes":{
 "start":{"type":"start","next":"ask"},
 "ask":{"type":"policy","policy":"http","config":{"url":%q,"secret":%q,"timeout_seconds":30},"on_pass":"yes","on_fail":"no"},
 "yes":{"type":"terminal","outcome":"approved"},
 "no":{"type":"terminal","outcome":"rejected"}}}`

// TestSIGTERMHandsBackWorkAndExitsZero stops a process that has sessions in
// its retries (FLAKY), at a gate and finished; the next process ends each of
// them exactly once.
func TestSIGTERMHandsBackWorkAndExitsZero(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		dir := t.TempDir()
		p, c, _ := spawnServer(t, dir, database)
		flaky := c.published(t, `{"entry":"start","nodes":{"start":{"type":"start","next":"a"},
		 "a":{"type":"policy","policy":"document_ocr","on_pass":"b","on_fail":"no"},
		 "b":{"type":"policy","policy":"watchlist_screening","on_pass":"yes","on_fail":"no"},
		 "yes":{"type":"terminal","outcome":"approved"},"no":{"type":"terminal","outcome":"rejected"}}}`)
		gated := c.published(t, `{"entry":"start","nodes":{"start":{"type":"start","next":"g"},
		 "g":{"type":"wait","gate":"bank","on_continue":"yes","on_fail":"no","timeout_seconds":3600},
		 "yes":{"type":"terminal","outcome":"approved"},"no":{"type":"terminal","outcome":"rejected"}}}`)
		var sessions []string
		for range 20 {
			s := c.must(t, 201, "POST", "/api/v1/sessions", map[string]any{"workflow_id": flaky, "fields": map[string]any{"last_name": "FLAKY"}}).str("id")
			c.must(t, 202, "POST", "/api/v1/sessions/"+s+"/submit", nil)
			sessions = append(sessions, s)
		}
		waiting := c.must(t, 201, "POST", "/api/v1/sessions", map[string]any{"workflow_id": gated}).str("id")
		c.must(t, 202, "POST", "/api/v1/sessions/"+waiting+"/submit", nil)
		c.await(t, waiting, "awaiting_external")
		if err := p.stop(t, syscall.SIGTERM, patience); err != nil {
			t.Fatalf("SIGTERM: %v\n%s", err, p.out)
		}
		if text := p.out.String(); strings.Contains(text, "level=ERROR") || strings.Contains(text, "panic") {
			t.Errorf("stopping was not quiet:\n%s", text)
		}

		_, c, _ = spawnServer(t, dir, database)
		c.must(t, 202, "POST", "/api/v1/sessions/"+waiting+"/external-decision", map[string]any{"decision": "continue"})
		for _, s := range append(sessions, waiting) {
			if end := c.await(t, s, "completed"); end.str("result") != "approved" {
				t.Errorf("%s ended as %s", s, end.str("result"))
			}
		}
		for _, s := range sessions {
			var attempts []struct {
				Node    string
				Attempt int
				Status  string
			}
			c.must(t, 200, "GET", "/api/v1/sessions/"+s+"/workflow-run", nil).get(t, "attempts", &attempts)
			seen := map[string]bool{}
			for _, a := range attempts {
				if a.Status == "interrupted" {
					continue // the stop is on record, with the same key the attempt is made again
				}
				name := fmt.Sprint(a.Node, a.Attempt)
				if seen[name] {
					t.Errorf("%s: attempt %d of %s is answered twice", s, a.Attempt, a.Node)
				}
				seen[name] = true
			}
		}
	})
}

// TestSIGTERMDoesNotWaitForSlowStrangers stops a process while a check waits
// for an address that does not answer: it gets the grace, and no second more.
func TestSIGTERMDoesNotWaitForSlowStrangers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p, _, c := spawnServer(t, dir, "", "--grace", "2s")
	asked, release := make(chan struct{}, 8), make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("webhook-signature") == "" || r.Header.Get("Idempotency-Key") == "" {
			return // a webhook; only a check carries both
		}
		_, _ = io.Copy(io.Discard, r.Body)
		asked <- struct{}{}
		select {
		case <-release:
		case <-r.Context().Done():
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(func() {
		close(release)
		slow.Close()
	})
	c.must(t, 200, "PUT", "/api/v1/settings", map[string]any{"mandatory_policies": []string{}})
	secret := c.must(t, 201, "POST", "/api/v1/webhooks/endpoints", map[string]any{"url": slow.URL, "enabled_events": []string{"workflow.published"}}).str("id")
	workflow := c.published(t, fmt.Sprintf(slowGraph, slow.URL, secret))
	s := c.must(t, 201, "POST", "/api/v1/sessions", map[string]any{"workflow_id": workflow}).str("id")
	c.must(t, 202, "POST", "/api/v1/sessions/"+s+"/submit", nil)
	select {
	case <-asked:
	case <-time.After(patience):
		t.Fatalf("the check was never asked\n%s", c.call(t, "GET", "/api/v1/sessions/"+s+"/workflow-run", nil).raw)
	}
	// The check itself would wait for half a minute.
	if err := p.stop(t, syscall.SIGTERM, 20*time.Second); err != nil {
		t.Fatalf("SIGTERM with a check in flight: %v\n%s", err, p.out)
	}
	// Nothing acknowledged is lost: the session is there and not decided.
	_, _, c = spawnServer(t, dir, "")
	if a := c.must(t, 200, "GET", "/api/v1/sessions/"+s, nil); a.str("status") != "processing" && a.str("status") != "under_review" {
		t.Errorf("after the stop the session is %s\n%s", a.str("status"), a.raw)
	}
}

func TestInterruptEndsLikeSIGTERM(t *testing.T) {
	t.Parallel()
	p, c, _ := spawnServer(t, t.TempDir(), "")
	if a := c.call(t, "GET", "/readyz", nil); a.status != 200 || !bytes.Contains(a.raw, []byte(`"ready"`)) {
		t.Errorf("/readyz: %d %s", a.status, a.raw)
	}
	if a := c.call(t, "GET", "/metrics", nil); a.status != 200 || !bytes.Contains(a.raw, []byte("http_requests_total")) {
		t.Errorf("/metrics: %d", a.status)
	}
	if err := p.stop(t, os.Interrupt, patience); err != nil {
		t.Errorf("interrupt: %v\n%s", err, p.out)
	}
}
