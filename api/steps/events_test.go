package steps

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// stream is an open event stream, read line by line.
type stream struct {
	first []byte // data of the first event
	lines chan string
	close func()
}

// watch opens the event stream and reads its first event.
func (a *applicant) watch(t *testing.T) *stream {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, "GET", a.b.URL+a.path("/events"), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req) //nolint:bodyclose // close does
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != 200 || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") || resp.Header.Get("Cache-Control") != "no-store" {
		raw, _ := io.ReadAll(resp.Body)
		t.Fatalf("%d %v %s", resp.StatusCode, resp.Header, raw)
	}
	s := &stream{lines: make(chan string, 1000), close: func() { cancel(); _ = resp.Body.Close() }}
	t.Cleanup(s.close)
	go func() {
		defer close(s.lines)
		scan := bufio.NewScanner(resp.Body)
		scan.Buffer(nil, 1<<20)
		for scan.Scan() {
			if line := scan.Text(); line != "" {
				s.lines <- line
			}
		}
	}()
	s.want(t, "id: 1", "event: progress")
	s.first = []byte(strings.TrimPrefix(s.next(t), "data: "))
	return s
}

func (s *stream) next(t *testing.T) string {
	t.Helper()
	select {
	case line, open := <-s.lines:
		if !open {
			return "(closed)"
		}
		return line
	case <-time.After(time.Minute):
		t.Fatal("the stream is silent")
	}
	return ""
}

// want reads lines that begin like this.
func (s *stream) want(t *testing.T, prefixes ...string) {
	t.Helper()
	for _, p := range prefixes {
		if line := s.next(t); !strings.HasPrefix(line, p) {
			t.Fatalf("%q, want %q", line, p)
		}
	}
}

// reach reads past what comes before a line that begins like this, and lets
// the stream look as often as that takes: a look that a former beat began may
// see any state that lies between, and tell it.
func (s *stream) reach(t *testing.T, b *bench, prefix string) {
	t.Helper()
	late := time.After(time.Minute)
	for {
		select {
		case line, open := <-s.lines:
			if strings.HasPrefix(line, prefix) {
				return
			}
			if !open {
				t.Fatalf("closed before %q", prefix)
			}
		case b.beats <- time.Now():
		case <-late:
			t.Fatalf("never %q", prefix)
		}
	}
}

// beat lets every open stream of the bench look once.
func (b *bench) beat(t *testing.T) {
	t.Helper()
	select {
	case b.beats <- time.Now():
	case <-time.After(time.Minute):
		t.Fatal("nobody watches")
	}
}

func TestTheApplicantSeesProgress(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	a := c.opened(map[string]any{"workflow_id": c.workflow(strings.Replace(small, `"name":"Small"`, `"name":"Small","validation_config":{"automation_rules":{"default_action":"auto_deny"}}`, 1))})
	s := a.watch(t)
	if string(s.first) != `{"status":"active","current_step_index":0,"progress":{"done":0,"total":1},"steps":[{"step_id":"form","status":"pending","documents":0}],"open_corrections":0}` {
		t.Errorf("%s", s.first)
	}
	b.beat(t) // nothing happened, nothing is said
	b.Clock.Advance(16 * time.Second)
	b.beat(t)
	s.want(t, ": still here") // from this beat, or from a late look of the one before
	a.ok("/step/form/complete", `{"form_data":{"full_name":"Ada Approve"}}`)
	s.reach(t, b, `data: {"status":"completed","current_step_index":1,"progress":{"done":1,"total":1}`)
	if r := c.Must(200, "POST", "/kyc/sessions/"+a.session+"/process", nil); r.Str("status") != "rejected" {
		t.Fatalf("%s", r.Raw)
	}
	s.reach(t, b, `data: {"status":"rejected","current_step_index":1,`)
	s.reach(t, b, "event: end")
	s.want(t, `data: {"status":"rejected"}`, "(closed)")
}

func TestAStreamEnds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	wid := c.workflow(small)
	a := c.opened(map[string]any{"workflow_id": wid})
	s := a.watch(t)
	c.Must(200, "POST", "/kyc/sessions/"+a.session+"/generate-link", nil)
	b.beat(t)
	s.want(t, "id: 2", "event: end", `data: {"status":"link_replaced"}`, "(closed)")
	a = c.opened(map[string]any{"workflow_id": wid})
	s = a.watch(t)
	b.Clock.Advance(31 * time.Minute)
	b.beat(t)
	s.want(t, "(closed)")
	a.refused(404, "session_not_found", "GET", "/public/sessions/wrong/events", nil)
	late := c.opened(map[string]any{"workflow_id": wid, "ttl_days": 1})
	s = late.watch(t)
	b.Clock.Advance(25 * time.Hour)
	b.beat(t)
	s.want(t, "(closed)")
	late.refused(410, "session_expired", "GET", late.path("/events"), nil)
}
