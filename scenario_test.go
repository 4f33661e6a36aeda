package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"bonafide/kyc"
)

// A scenario is a txtar file: graph.json (the definition), session.json (the
// body that creates the session), optionally act.json (what the outside world
// does while the session waits) and expect.json (where it ends, the path it
// took, the webhooks the customer got), and perhaps candidate.json with
// backtest.json: another version, and what trying it on the session finds. Each
// runs on both databases with a sandbox key.
type scenario struct {
	name      string
	graph     json.RawMessage
	session   json.RawMessage
	acts      []act
	expect    expectation
	candidate json.RawMessage
	backtest  json.RawMessage
}

// act is one call made when the session reaches a status.
type act struct {
	When   string          `json:"when"`
	Method string          `json:"method"`
	Path   string          `json:"path"` // {session} is replaced
	Body   json.RawMessage `json:"body"`
	Status int             `json:"status"`
}

type expectation struct {
	Status   string            `json:"status"`
	Result   string            `json:"result"`
	Path     []string          `json:"path"`
	Events   []string          `json:"events"`
	Results  map[string]string `json:"node_results"`
	Attempts map[string]int    `json:"attempts"`
}

func loadScenario(t *testing.T, file string) scenario {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := scenario{name: strings.TrimSuffix(filepath.Base(file), ".txtar")}
	for _, f := range archive.Files {
		var err error
		switch f.Name {
		case "graph.json":
			s.graph = f.Data
		case "session.json":
			s.session = f.Data
		case "candidate.json":
			s.candidate = f.Data
		case "backtest.json":
			s.backtest = f.Data
		case "act.json":
			err = json.Unmarshal(f.Data, &s.acts)
		case "expect.json":
			dec := json.NewDecoder(bytes.NewReader(f.Data))
			dec.DisallowUnknownFields()
			err = dec.Decode(&s.expect)
		default:
			t.Fatalf("%s: what is %s?", file, f.Name)
		}
		if err != nil {
			t.Fatalf("%s: %s: %v", file, f.Name, err)
		}
	}
	if s.expect.Status == "" || len(s.graph) == 0 {
		t.Fatalf("%s: graph.json and expect.json are needed", file)
	}
	return s
}

func TestScenarios(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/scenarios/*.txtar")
	files = slices.DeleteFunc(files, func(file string) bool { // those of the other surfaces
		surface, _, _ := strings.Cut(filepath.Base(file), "_")
		return slices.Contains([]string{"steps", "checks", "entities", "hits", "faces", "nofaces", "publish", "retention", "rollout", "queues"}, surface)
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database)
		for _, file := range files {
			s := loadScenario(t, file)
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				s.run(t, srv)
			})
		}
	})
}

func (s scenario) run(t *testing.T, srv *server) {
	t.Helper()
	c := srv.newTenant(t) // scenarios do not see each other's webhooks
	got := receiver(t)
	c.must(t, http.StatusCreated, "POST", "/api/v1/webhooks/endpoints", map[string]any{"url": got.URL, "enabled_events": []string{"*"}})

	workflow := c.must(t, http.StatusCreated, "POST", "/api/v1/workflows", map[string]any{"name": s.name, "graph": s.graph})
	id := workflow.str("id")
	c.must(t, http.StatusOK, "POST", "/api/v1/workflows/"+id+"/publish", map[string]any{})

	body := map[string]any{}
	if len(s.session) > 0 {
		if err := json.Unmarshal(s.session, &body); err != nil {
			t.Fatal(err)
		}
	}
	body["workflow_id"] = id
	session := c.must(t, http.StatusCreated, "POST", "/api/v1/sessions", body).str("id")
	c.must(t, 0, "POST", "/api/v1/sessions/"+session+"/submit", map[string]any{})

	for _, a := range s.acts {
		c.await(t, session, a.When)
		var body any
		if len(a.Body) > 0 {
			body = a.Body
		}
		c.must(t, a.Status, a.Method, strings.ReplaceAll(a.Path, "{session}", session), body)
	}
	end := c.await(t, session, s.expect.Status)
	if s.expect.Result != "" && end.str("result") != s.expect.Result {
		t.Errorf("result is %q, want %q\n%s", end.str("result"), s.expect.Result, end.raw)
	}

	run := c.must(t, http.StatusOK, "GET", "/api/v1/sessions/"+session+"/workflow-run", nil)
	if s.expect.Path != nil {
		var path []string
		run.get(t, "path", &path)
		if !reflect.DeepEqual(path, s.expect.Path) {
			t.Errorf("path is %v, want %v", path, s.expect.Path)
		}
	}
	var results map[string]struct {
		Status string `json:"status"`
	}
	run.get(t, "node_results", &results)
	for node, want := range s.expect.Results {
		if results[node].Status != want {
			t.Errorf("node %s is %q, want %q", node, results[node].Status, want)
		}
	}
	var attempts []struct {
		Node string `json:"node"`
	}
	run.get(t, "attempts", &attempts)
	for node, want := range s.expect.Attempts {
		n := 0
		for _, a := range attempts {
			if a.Node == node {
				n++
			}
		}
		if n != want {
			t.Errorf("node %s was tried %d times, want %d", node, n, want)
		}
	}
	for _, want := range s.expect.Events {
		got.wait(t, want)
	}
	s.again(t, srv, c, id, session)
}

// again tells the session again: on its own version nothing changes, and on the
// candidate what the scenario says. Nothing about it reaches the customer.
func (s scenario) again(t *testing.T, srv *server, c *client, workflow, session string) {
	t.Helper()
	id, _ := kyc.Undress("session", session)
	srv.unchanged(t, s.name, kyc.Tenant{Org: c.org, Env: kyc.Sandbox}, id)
	own := c.must(t, http.StatusOK, "POST", "/api/v1/workflows/"+workflow+"/backtest", map[string]any{"version": 1})
	var answer any
	if err := json.Unmarshal(own.raw, &answer); err != nil {
		t.Fatal(err)
	}
	if where := lacks(map[string]any{"changed": 0.0, "not_known": 0.0, "unreadable": 0.0, "rerouted": 0.0}, answer.(map[string]any)["totals"], "/totals"); where != "" {
		t.Errorf("on its own version %s differs: %s", where, own.raw)
	}
	if len(s.candidate) == 0 {
		return
	}
	c.must(t, http.StatusOK, "PATCH", "/api/v1/workflows/"+workflow, map[string]any{"graph": s.candidate})
	before := c.must(t, http.StatusOK, "GET", "/api/v1/sessions/"+session, nil)
	got := c.must(t, http.StatusOK, "POST", "/api/v1/workflows/"+workflow+"/backtest", map[string]any{"version": 2, "last": 10})
	var want any
	if err := json.Unmarshal(s.backtest, &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(got.raw, &answer); err != nil {
		t.Fatal(err)
	}
	if where := lacks(want, answer, ""); where != "" {
		t.Errorf("the backtest differs at %s\n%s", where, got.raw)
	}
	if after := c.must(t, http.StatusOK, "GET", "/api/v1/sessions/"+session, nil); !bytes.Equal(before.raw, after.raw) {
		t.Errorf("the session changed\n%s\n%s", before.raw, after.raw)
	}
}

// lacks says where an answer lacks something that is wanted; members that are
// not named do not count.
func lacks(want, got any, at string) string {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return at
		}
		for k, v := range w {
			if where := lacks(v, g[k], at+"/"+k); where != "" {
				return where
			}
		}
		return ""
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return at
		}
		for i := range w {
			if where := lacks(w[i], g[i], at+"/"+strconv.Itoa(i)); where != "" {
				return where
			}
		}
		return ""
	}
	if !reflect.DeepEqual(want, got) {
		return at
	}
	return ""
}

// hook is a receiver of webhooks that a test can wait on.
type hook struct {
	*httptest.Server
	mu       sync.Mutex
	events   []string
	messages []told
	more     chan struct{}
}

func receiver(t *testing.T) *hook {
	t.Helper()
	h := &hook{more: make(chan struct{}, 1024)}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Event    string          `json:"event"`
			Type     string          `json:"type"`     // of surfaces A and B
			Function string          `json:"function"` // of surface C, whose data stand by themselves
			Data     json.RawMessage `json:"data"`
		}
		raw, err := io.ReadAll(r.Body)
		if r.Header.Get("webhook-id") == "" || r.Header.Get("webhook-signature") == "" || err != nil || json.Unmarshal(raw, &body) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if body.Function != "" {
			body.Data = raw
		}
		name := body.Event + body.Type + body.Function
		h.mu.Lock()
		h.events = append(h.events, name)
		h.messages = append(h.messages, told{id: r.Header.Get("webhook-id"), event: name, path: r.URL.Path, data: body.Data})
		h.mu.Unlock()
		h.more <- struct{}{}
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *hook) seen() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.events)
}

func (h *hook) wait(t *testing.T, event string) {
	t.Helper()
	deadline := time.After(patience)
	for !slices.Contains(h.seen(), event) {
		select {
		case <-h.more:
		case <-deadline:
			t.Fatalf("no webhook %s came; got %v", event, h.seen())
		}
	}
}

// answer is a response of the API.
type answer struct {
	status int
	header http.Header
	raw    []byte
	fields map[string]json.RawMessage
}

func (a answer) str(name string) string {
	var s string
	_ = json.Unmarshal(a.fields[name], &s)
	return s
}

func (a answer) get(t *testing.T, name string, into any) {
	t.Helper()
	if err := json.Unmarshal(a.fields[name], into); err != nil {
		t.Fatalf("%s: %v in %s", name, err, a.raw)
	}
}

// must calls the API and fails unless the status is the wanted one; 0 accepts
// any status below 300.
func (c *client) must(t *testing.T, status int, method, path string, body any) answer {
	t.Helper()
	a := c.call(t, method, path, body)
	if (status != 0 && a.status != status) || (status == 0 && a.status >= 300) {
		t.Fatalf("%s %s: %d, want %d\n%s", method, path, a.status, status, a.raw)
	}
	return a
}

// await polls a session until it has the status, as a customer would.
func (c *client) await(t *testing.T, session, status string) answer {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		a := c.must(t, http.StatusOK, "GET", "/api/v1/sessions/"+session, nil)
		got := a.str("status")
		if got == status {
			return a
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			run := c.call(t, "GET", "/api/v1/sessions/"+session+"/workflow-run", nil)
			t.Fatalf("the session is %s, want %s\n%s\n%s", got, status, a.raw, run.raw)
		}
	}
}
