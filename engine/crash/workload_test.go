package crash

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/engine"
	"bonafide/flow"
	"bonafide/kyc"
)

// The kinds of sessions. What each check says depends only on the kind, the
// policy and the attempt, so an undisturbed run is known beforehand.
var kinds = []string{"plain", "flaky", "reject", "gate", "parallel", "timeout"}

const chain = `{"entry":"start","nodes":{
 "start":{"type":"start","next":"a"},
 "a":{"type":"policy","policy":"first","on_pass":"b","on_fail":"no"},
 "b":{"type":"policy","policy":"second","on_pass":"c","on_fail":"no"},
 "c":{"type":"policy","policy":"third","on_pass":"which","on_fail":"no"},
 "which":{"type":"conditional","routes":[{"conditions":[{"field":"session.country","operator":"==","value":"XX"}],"next":"no"}],"default":"yes"},
 "yes":{"type":"terminal","outcome":"approved"},
 "no":{"type":"terminal","outcome":"rejected","reason_code":"refused"}}}`

const gated = `{"entry":"start","nodes":{
 "start":{"type":"start","next":"a"},
 "a":{"type":"policy","policy":"first","on_pass":"gate","on_fail":"no"},
 "gate":{"type":"wait","gate":"bank","on_continue":"b","on_fail":"no","on_reject":"no","timeout_seconds":86400},
 "b":{"type":"policy","policy":"second","on_pass":"yes","on_fail":"no"},
 "yes":{"type":"terminal","outcome":"approved"},
 "no":{"type":"terminal","outcome":"rejected","reason_code":"refused"}}}`

const forked = `{"entry":"start","nodes":{
 "start":{"type":"start","next":"fork"},
 "fork":{"type":"parallel","branches":["a","b","c"],"join":"join"},
 "a":{"type":"policy","policy":"first","on_pass":"join","on_fail":"no"},
 "b":{"type":"policy","policy":"second","on_pass":"join","on_fail":"no"},
 "c":{"type":"policy","policy":"third","on_pass":"join","on_fail":"no"},
 "join":{"type":"join","mode":"all","next":"yes"},
 "yes":{"type":"terminal","outcome":"approved"},
 "no":{"type":"terminal","outcome":"rejected","reason_code":"refused"}}}`

// workload compiles the graph of each kind once.
type workload map[string]*flow.Compiled

func newWorkload() (workload, error) {
	w := workload{}
	for _, k := range kinds {
		text := chain
		switch k {
		case "gate":
			text = gated
		case "parallel":
			text = forked
		}
		g, report := flow.Compile(json.RawMessage(text), flow.Options{})
		if err := report.Err(); err != nil {
			return nil, err
		}
		w[k] = g
	}
	return w, nil
}

// say is what a check answers.
func say(kind, policy string, attempt int) kyc.Answer {
	transient := kyc.Answer{Status: kyc.StatusUnavailable, Transient: true, Provider: "crash"}
	switch {
	case kind == "flaky" && attempt <= 2, kind == "parallel" && policy == "second" && attempt <= 1, kind == "timeout" && policy == "second":
		return transient
	case kind == "reject" && policy == "second":
		return kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Fail, Provider: "crash"}
	}
	return kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass, Provider: "crash", Details: map[string]any{"kind": kind}}
}

// undisturbed is how a session of a kind ends when nothing happens to it.
func undisturbed(t *testing.T, w workload, kind string) engine.View {
	t.Helper()
	v, err := engine.Simulate(w[kind], engine.Begin{Tenant: kyc.Tenant{Org: "o", Env: kyc.Sandbox}}, time.Unix(1e9, 0).UTC(), engine.Answers{
		Check: func(c engine.RunCheck) kyc.Answer { return say(kind, c.Request.Policy, c.Attempt) },
		Gate:  func(engine.OpenGate) engine.Decision { return engine.Decision{Decision: engine.Continue} },
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// checks notes every performance of a check in a file before it performs it:
// what the kernel has taken survives SIGKILL.
type checks struct {
	mu    sync.Mutex
	log   *os.File
	lasts time.Duration
}

func (c *checks) Run(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
	c.mu.Lock()
	fmt.Fprintf(c.log, "%s %s %d\n", r.CallKey, r.RunID, r.Attempt)
	c.mu.Unlock()
	select {
	case <-time.After(c.lasts):
	case <-ctx.Done():
	}
	kind, _ := r.Metadata["kind"].(string)
	return say(kind, r.Policy, r.Attempt)
}

// performances reads how often each call key was performed.
func performances(t *testing.T, file string) map[string]int {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	n := map[string]int{}
	for line := range strings.Lines(string(b)) {
		if key, _, ok := strings.Cut(line, " "); ok && strings.HasSuffix(line, "\n") {
			n[key]++
		}
	}
	return n
}
