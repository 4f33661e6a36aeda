package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bonafide/kyc"
)

// patient is a customer of a server that may be dying.
type patient struct {
	client
	url *atomic.Value
}

// ask makes one request; ok is false when nobody answered it.
func (p patient) ask(method, path, key string, body any) (a answer, ok bool) {
	b, err := json.Marshal(body)
	if err != nil {
		return a, false
	}
	req, err := http.NewRequest(method, p.url.Load().(string)+path, bytes.NewReader(b)) //nolint:noctx // ends with the server
	if err != nil {
		return a, false
	}
	req.Header.Set("X-API-Key", p.key)
	if method != "GET" {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return a, false
	}
	defer resp.Body.Close()
	var raw bytes.Buffer
	if _, err := raw.ReadFrom(resp.Body); err != nil {
		return a, false // cut off in the middle is not answered
	}
	a = answer{status: resp.StatusCode, header: resp.Header, raw: raw.Bytes()}
	_ = json.Unmarshal(a.raw, &a.fields) // an answer without members has none
	return a, a.status < 500
}

// acknowledged is what customers were told, by what they are told of.
type acknowledged struct {
	mu       sync.Mutex
	sessions map[string]string    // Idempotency-Key → session
	steps    map[string][]string  // session → steps that were acknowledged as completed
	people   map[string][2]string // Idempotency-Key → individual, execution
}

func (k *acknowledged) count() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.sessions) + len(k.people)
}

// TestKilledServerLosesNoExecutionAndNoStep kills the one process of a SQLite
// folder with -9 while customers execute workflows for new individuals and
// submit the steps of checklists. What was acknowledged is there afterwards,
// and everything that was begun ends once.
func TestKilledServerLosesNoExecutionAndNoStep(t *testing.T) {
	t.Parallel()
	const kills = 3
	dir := t.TempDir()
	sandbox, live := tenantsOf(t, dir, "")
	n := spawnNode(t, dir, "", "all")
	sandbox.url, live.url = n.url, n.url
	w := sandbox.checklist(t, `{"id":"PEP_SANCTIONS"},{"id":"CONSENT"}`)
	_, place := sandbox.entityWorkflow(t, "S", "W", `{"type":"AML"},{"type":"FRAUD"}`)
	var url atomic.Value
	url.Store(n.url)
	p := patient{*sandbox, &url}
	known := &acknowledged{sessions: map[string]string{}, steps: map[string][]string{}, people: map[string][2]string{}}
	enough := make(chan struct{})
	var customers sync.WaitGroup
	for i := range 6 {
		customers.Go(func() {
			for k := 0; ; k++ {
				select {
				case <-enough:
					return
				default:
				}
				key := fmt.Sprintf("%d-%d", i, k)
				if i%2 == 0 {
					p.execute(t, known, place, key)
				} else {
					p.walk(t, known, w, key)
				}
			}
		})
	}
	for kill := range kills {
		for want, end := known.count()+20, time.Now().Add(patience); known.count() < want; {
			if time.Now().After(end) {
				t.Fatalf("only %d things after %d kills", known.count(), kill)
			}
			pause(t) // a random point in the work
		}
		if err := n.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		<-n.done
		n = spawnNode(t, dir, "", "all")
		url.Store(n.url)
	}
	close(enough)
	customers.Wait()
	sandbox.url = n.url
	t.Logf("%d kills, %d sessions and %d executions were acknowledged", kills, len(known.sessions), len(known.people))

	for key, s := range known.sessions {
		if a, ok := p.ask("POST", "/v1/workflows/"+w+"/sessions", key, applicant("Approve")); !ok || a.status != 201 || a.at("session_id") != s {
			t.Errorf("key %s made %s and then answers %d %s", key, s, a.status, a.raw)
		}
		a := sandbox.must(t, 200, "GET", "/v1/sessions/"+s+"/workflow", nil)
		for i, step := range []string{"PEP_SANCTIONS", "CONSENT"} {
			if slices.Contains(known.steps[s], step) && (a.at(fmt.Sprintf("steps.%d.status", i)) != "COMPLETED" || a.value(fmt.Sprintf("steps.%d.attempts", i)) != 1.0) {
				t.Errorf("%s: %s was acknowledged as completed: %s", s, step, a.raw)
			}
		}
		if len(known.steps[s]) == 2 {
			sandbox.awaitCheck(t, s, checkEnded("VERIFIED"))
		}
	}
	for key, x := range known.people {
		if a, ok := p.ask("POST", "/v2/individuals/new"+place+"/execute", key, individual("Approve")); !ok || a.status != 200 || a.at("workflowExecutionId") != x[1] {
			t.Errorf("key %s executed %s and then answers %d %s", key, x[1], a.status, a.raw)
		}
	}
	// Whoever was made, acknowledged or not, has one execution, which ended.
	sandbox.must(t, 200, "POST", "/v2/individuals/new"+place+"/execute", individual("Approve"))
	made := sandbox.everybody(t)
	for key, x := range known.people {
		if !slices.Contains(made, x[0]) {
			t.Errorf("%s, made under the key %s, is gone", x[0], key)
		}
	}
	for _, subject := range made {
		a := sandbox.awaitAnswer(t, "/v2/individuals/"+subject+place+"/executions", func(a answer) bool { return a.at("workflowResults.0.workflowExecutionState") == "COMPLETED" })
		if a.value("total") != 1.0 || a.at("workflowResults.0.result") != "PASS" {
			t.Errorf("%s was executed %v times: %s", subject, a.value("total"), a.at("workflowResults.0.result"))
		}
	}
	lookAfterKills(t, dir, sandbox.org, made)
}

// execute makes somebody and executes a workflow, and notes what was answered.
func (p patient) execute(t *testing.T, known *acknowledged, place, key string) {
	a, ok := p.ask("POST", "/v2/individuals/new"+place+"/execute", key, individual("Approve"))
	switch {
	case !ok:
		pause(t) // the customer's own patience; the key is not used again while the lease of the dead process lasts
	case a.status != http.StatusOK:
		t.Errorf("executing answers %d %s", a.status, a.raw)
	default:
		known.mu.Lock()
		defer known.mu.Unlock()
		known.people[key] = [2]string{a.at("entityId"), a.at("workflowExecutionId")}
	}
}

// walk makes a session and submits its steps. Where nobody answers it asks
// where the steps stand and goes on from there.
func (p patient) walk(t *testing.T, known *acknowledged, workflow, key string) {
	a, ok := p.ask("POST", "/v1/workflows/"+workflow+"/sessions", key, applicant("Approve"))
	if !ok {
		pause(t)
		return
	}
	s := a.at("session_id")
	known.mu.Lock()
	known.sessions[key] = s
	known.mu.Unlock()
	bodies := map[string]any{"PEP_SANCTIONS": screened("Approve"), "CONSENT": consent("Anna Approve")}
	for i, step := range []string{"PEP_SANCTIONS", "CONSENT"} {
		for try := 0; ; try++ {
			a, ok := p.ask("POST", "/v1/sessions/"+s+"/steps/"+step, fmt.Sprintf("%s %d", step, try), bodies[step])
			if ok && a.status != http.StatusOK && a.status != http.StatusConflict {
				t.Errorf("submitting %s answers %d %s", step, a.status, a.raw)
				return
			}
			if !ok || a.status == http.StatusConflict {
				for a, ok = p.ask("GET", "/v1/sessions/"+s+"/workflow", "", nil); !ok; a, ok = p.ask("GET", "/v1/sessions/"+s+"/workflow", "", nil) {
					pause(t)
				}
				if a.at(fmt.Sprintf("steps.%d.status", i)) != "COMPLETED" {
					continue
				}
			}
			known.mu.Lock()
			known.steps[s] = append(known.steps[s], step)
			known.mu.Unlock()
			break
		}
	}
}

// everybody lists the ids of all individuals.
func (c *client) everybody(t *testing.T) []string {
	t.Helper()
	var out []string
	for page := 1; ; page++ {
		list := lookUpAll(c.must(t, 200, "GET", fmt.Sprintf("/v2/individuals?limit=500&page=%d", page), nil).value("individuals"))
		for _, one := range list {
			id, _ := lookUp(one, "entityId").(string)
			out = append(out, id)
		}
		if len(list) < 500 {
			return out
		}
	}
}

// lookAfterKills looks in the store, beside the running server, for doubles.
func lookAfterKills(t *testing.T, dir string, org kyc.ID, people []string) {
	t.Helper()
	db, err := lookAtStore(t.Context(), &Globals{Data: dir, Sync: "normal"}, kyc.SystemClock(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	usual := -1
	for _, subject := range people {
		results, _, err := db.ProcessResults(t.Context(), kyc.Tenant{Org: org, Env: kyc.Sandbox}, kyc.ProcessFilter{SubjectID: kyc.ID(subject)}, kyc.Page{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		if usual < 0 {
			usual = len(results) // of the newest, whom no kill disturbed
		}
		if len(results) != usual || usual == 0 {
			t.Errorf("%s has %d results, and who was not disturbed %d", subject, len(results), usual)
		}
	}
	if r, err := db.VerifyAudit(t.Context(), org); err != nil || !r.OK() {
		t.Errorf("the audit chain: %+v, %v", r, err)
	}
}
