package engine

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/flow"
	"bonafide/kyc"
)

var epoch = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

var (
	testTenant  = kyc.Tenant{Org: "0199a000-0000-7000-8000-000000000001", Env: kyc.Live}
	testSubject = kyc.ID("0199a000-0000-7000-8000-000000000002")
	testSession = kyc.ID("0199a000-0000-7000-8000-000000000003")
	testRun     = kyc.ID("0199a000-0000-7000-8000-000000000004")
)

func testBegin() *Begin {
	return &Begin{Tenant: testTenant, Session: SessionSnapshot{ID: testSession, Country: "NL", Tags: []string{"vip"},
		Fields: map[string]any{"last_name": "Vermeer", "amount": 12.5}}, Subject: SubjectSnapshot{ID: testSubject}, Settings: kyc.DefaultSettings()}
}

// walk feeds a graph by hand and keeps the record.
type walkthrough struct {
	t      testing.TB
	g      *flow.Compiled
	s      State
	record []Input
	cmds   []Command
	at     time.Time
}

func begin(t testing.TB, g *flow.Compiled, b *Begin) *walkthrough {
	t.Helper()
	w := &walkthrough{t: t, g: g, at: epoch}
	w.feed(KindBegin, "", 0, b)
	return w
}

func (w *walkthrough) feed(kind, node string, attempt int, payload any) {
	w.t.Helper()
	w.at = w.at.Add(time.Second)
	in := Input{Tenant: testTenant, RunID: testRun, SubjectID: testSubject, Seq: w.s.Seq, Kind: kind, Node: node, Attempt: attempt, At: w.at, Data: mustJSON(payload)}
	next, cmds, err := Step(w.g, w.s, in)
	if err != nil {
		w.t.Fatalf("step %d (%s %s): %v", in.Seq, kind, node, err)
	}
	w.s, w.cmds = next, cmds
	in.StateHash = next.Hash
	w.record = append(w.record, in)
}

// answer answers the oldest attempt in flight.
func (w *walkthrough) answer(a kyc.Answer) {
	w.t.Helper()
	if len(w.s.Calls) == 0 {
		w.t.Fatalf("no check is in flight; the run is %s", w.s.Status)
	}
	c := w.s.Calls[0]
	w.feed(KindAnswer, c.Node, c.Attempt, Answered{Answer: a, Jitter: 0.5})
}

func verdictOf(v kyc.Verdict) kyc.Answer {
	return kyc.Answer{Status: kyc.StatusOK, Verdict: v, Provider: "test"}
}

func transient() kyc.Answer {
	return kyc.Answer{Status: kyc.StatusUnavailable, Transient: true, Provider: "test"}
}

const plainGraph = `{"entry":"start","nodes":{
 "start":{"type":"start","next":"ocr"},
 "ocr":{"type":"policy","policy":"document_ocr","on_pass":"adult","on_fail":"no","on_review":"look","on_error":"broken","on_skip":"skipped"},
 "adult":{"type":"conditional","routes":[{"conditions":[{"field":"extracted.age","operator":"<","value":18}],"next":"no"},
   {"conditions":[{"field":"checks.document_ocr.score","operator":"<","value":0.5}],"next":"look"}],"default":"yes"},
 "yes":{"type":"terminal","outcome":"approved"},
 "no":{"type":"terminal","outcome":"rejected","reason_code":"refused"},
 "look":{"type":"terminal","outcome":"needs_review","reason_code":"look","case":{"queue":"first","priority":5,"sla_hours":2}},
 "broken":{"type":"terminal","outcome":"needs_review","reason_code":"broken"},
 "skipped":{"type":"terminal","outcome":"needs_review","reason_code":"skipped"}}}`

func TestStepRoutesByStatusAndVerdict(t *testing.T) {
	t.Parallel()
	g := graphOf(t, plainGraph)
	score := func(f float64) *float64 { return &f }
	born := func(d string) []kyc.Field {
		return []kyc.Field{{Name: "date_of_birth", Value: d, Confidence: 1}}
	}
	tests := []struct {
		name   string
		answer kyc.Answer
		end    string
		status string
	}{
		{"pass", verdictOf(kyc.Pass), "yes", Passed},
		{"fail", verdictOf(kyc.Fail), "no", Failed},
		{"review never passes", verdictOf(kyc.VerdictReview), "look", Review},
		{"skip", verdictOf(kyc.Skip), "skipped", Skipped},
		{"ok without a verdict is an error", kyc.Answer{Status: kyc.StatusOK}, "broken", Errored},
		{"ok with an unknown verdict is an error", kyc.Answer{Status: kyc.StatusOK, Verdict: "maybe"}, "broken", Errored},
		{"a verdict beside not_configured is an error", kyc.Answer{Status: kyc.StatusNotConfigured, Verdict: kyc.Pass}, "broken", Errored},
		{"a verdict beside unavailable is not tried again", kyc.Answer{Status: kyc.StatusUnavailable, Verdict: kyc.Pass, Transient: true}, "broken", Errored},
		{"not_configured", kyc.Answer{Status: kyc.StatusNotConfigured}, "broken", Errored},
		{"stale", kyc.Answer{Status: kyc.StatusStale}, "broken", Errored},
		{"error", kyc.Answer{Status: kyc.StatusError}, "broken", Errored},
		{"unavailable for good", kyc.Answer{Status: kyc.StatusUnavailable}, "broken", Errored},
		{"no status at all", kyc.Answer{Verdict: kyc.Pass}, "broken", Errored},
		{"a status nobody knows", kyc.Answer{Status: "fine", Verdict: kyc.Pass}, "broken", Errored},
		{"minor", kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass, Fields: born("2010-01-01")}, "no", Passed},
		{"of age today", kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass, Fields: born("2008-11-21")}, "yes", Passed},
		{"of age tomorrow", kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass, Fields: born("2008-11-22")}, "no", Passed},
		{"score in a condition", kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass, Score: score(0.49)}, "look", Passed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := begin(t, g, testBegin())
			w.answer(tt.answer)
			if w.s.EndNode != tt.end || w.s.Status != kyc.RunCompleted {
				t.Errorf("ended at %q (%s), want %q", w.s.EndNode, w.s.Status, tt.end)
			}
			if got := w.s.Records[0].Status; got != tt.status {
				t.Errorf("the attempt is %q, want %q", got, tt.status)
			}
		})
	}
}

func TestStepHandsTheCaseToTheTerminal(t *testing.T) {
	t.Parallel()
	w := begin(t, graphOf(t, plainGraph), testBegin())
	w.answer(verdictOf(kyc.VerdictReview))
	f, ok := w.cmds[len(w.cmds)-1].(Finish)
	if !ok || f.Case == nil || f.Case.Queue != "first" || f.Case.Priority != 5 || f.ReasonCode != "look" {
		t.Errorf("got %+v", w.cmds)
	}
	path := w.s.Path(w.g)
	if want := []string{"start", "ocr", "look"}; !slices.Equal(path, want) {
		t.Errorf("path %v, want %v", path, want)
	}
}

func TestStepRetries(t *testing.T) {
	t.Parallel()
	g := graphOf(t, plainGraph)
	t.Run("four times with growing waits, then on_error", func(t *testing.T) {
		t.Parallel()
		w := begin(t, g, testBegin())
		keys := map[string]bool{w.s.Calls[0].Key: true}
		for i, want := range []time.Duration{2 * time.Second, 8 * time.Second, 32 * time.Second, 128 * time.Second} {
			w.answer(transient())
			if len(w.s.Waits) != 1 {
				t.Fatalf("attempt %d does not wait: %+v", i+1, w.s)
			}
			if got := w.s.Waits[0].At.Sub(w.at); got != want {
				t.Errorf("wait %d is %s, want %s", i+1, got, want)
			}
			if _, ok := w.cmds[0].(Schedule); !ok {
				t.Errorf("no Schedule: %+v", w.cmds)
			}
			w.feed(KindRetryDue, "ocr", i+2, Moved{})
			keys[w.s.Calls[0].Key] = true
		}
		w.answer(transient())
		if w.s.EndNode != "broken" {
			t.Errorf("ended at %q", w.s.EndNode)
		}
		if len(w.s.Records) != 5 || len(keys) != 5 {
			t.Errorf("%d records and %d keys, want 5 of each", len(w.s.Records), len(keys))
		}
		for i, r := range w.s.Records {
			if want := map[bool]string{true: Errored, false: RequiresRetry}[i == 4]; r.Status != want || r.Attempt != i+1 {
				t.Errorf("record %d: %+v", i, r)
			}
		}
	})
	t.Run("a pass after two failures", func(t *testing.T) {
		t.Parallel()
		w := begin(t, g, testBegin())
		w.answer(transient())
		w.feed(KindRetryDue, "ocr", 2, Moved{})
		w.answer(transient())
		w.feed(KindRetryDue, "ocr", 3, Moved{})
		w.answer(verdictOf(kyc.Pass))
		if w.s.Outcome != kyc.Approved || len(w.s.Records) != 3 {
			t.Errorf("%+v", w.s)
		}
	})
	t.Run("jitter stays within a fifth", func(t *testing.T) {
		t.Parallel()
		n := g.Nodes["ocr"]
		for _, j := range []float64{-3, 0, 0.25, 1, 9} {
			got := backoff(n, 1, j, kyc.Live)
			if got < 1600*time.Millisecond || got > 2400*time.Millisecond {
				t.Errorf("jitter %v gives %s", j, got)
			}
			if s := backoff(n, 1, j, kyc.Sandbox); s != got/1000 {
				t.Errorf("sandbox wait %s, want %s", s, got/1000)
			}
		}
	})
	t.Run("the node's own limits", func(t *testing.T) {
		t.Parallel()
		own := graphOf(t, `{"entry":"start","nodes":{"start":{"type":"start","next":"a"},
		 "a":{"type":"policy","policy":"document_ocr","on_pass":"y","on_fail":"n","retry":{"max_attempts":2,"backoff_seconds":10}},
		 "y":{"type":"terminal","outcome":"approved"},"n":{"type":"terminal","outcome":"rejected"}}}`)
		w := begin(t, own, testBegin())
		w.answer(transient())
		if got := w.s.Waits[0].At.Sub(w.at); got != 10*time.Second {
			t.Errorf("wait %s", got)
		}
		w.feed(KindRetryDue, "a", 2, Moved{})
		w.answer(transient())
		if w.s.Outcome != kyc.NeedsReview {
			t.Errorf("ended %s at %s", w.s.Outcome, w.s.EndNode)
		}
	})
}

const gateGraph = `{"entry":"start","nodes":{
 "start":{"type":"start","next":"ocr"},
 "ocr":{"type":"policy","policy":"document_ocr","on_pass":"gate","on_fail":"no"},
 "gate":{"type":"wait","gate":"bank","on_continue":"which","on_fail":"look","on_reject":"no","on_timeout":"late","timeout_seconds":3600,"expose_fields":["extracted.last_name","session.country"]},
 "which":{"type":"conditional","routes":[{"conditions":[{"field":"gate.bank.metadata.limit","operator":">","value":100}],"next":"look"}],"default":"yes"},
 "yes":{"type":"terminal","outcome":"approved"},"no":{"type":"terminal","outcome":"rejected"},
 "late":{"type":"terminal","outcome":"needs_review","reason_code":"late"},
 "look":{"type":"terminal","outcome":"needs_review"}}}`

func TestStepGates(t *testing.T) {
	t.Parallel()
	g := graphOf(t, gateGraph)
	atGate := func(t *testing.T) *walkthrough {
		w := begin(t, g, testBegin())
		a := verdictOf(kyc.Pass)
		a.Fields = []kyc.Field{{Name: "last_name", Value: "VERMEER", Confidence: 1}}
		w.answer(a)
		if w.s.Status != kyc.RunPaused || w.s.Gate == nil || !w.s.Gate.Until.Equal(w.at.Add(time.Hour)) {
			t.Fatalf("not paused: %+v", w.s)
		}
		open, ok := w.cmds[0].(OpenGate)
		if !ok || !reflect.DeepEqual(open.Fields, map[string]any{"extracted.last_name": "VERMEER", "session.country": "NL"}) {
			t.Fatalf("commands %+v", w.cmds)
		}
		return w
	}
	for decision, end := range map[string]string{Continue: "yes", Fail: "look", Reject: "no"} {
		w := atGate(t)
		w.feed(KindGateDecision, "gate", 0, Decision{Gate: "bank", Decision: decision})
		if w.s.EndNode != end {
			t.Errorf("%s leads to %s, want %s", decision, w.s.EndNode, end)
		}
	}
	w := atGate(t)
	w.feed(KindGateDecision, "gate", 0, Decision{Gate: "bank", Decision: Continue, Metadata: map[string]any{"limit": 250}})
	if w.s.EndNode != "look" {
		t.Errorf("metadata is not readable: %s", w.s.EndNode)
	}
	w = atGate(t)
	w.feed(KindGateTimeout, "gate", 0, Moved{})
	if w.s.EndNode != "late" || w.s.Gates[0].Decision != "timeout" {
		t.Errorf("timeout leads to %s", w.s.EndNode)
	}
	w = atGate(t)
	for _, bad := range []Decision{{Gate: "other", Decision: Continue}, {Gate: "bank", Decision: "approve"}} {
		in := Input{Seq: w.s.Seq, Kind: KindGateDecision, Node: "gate", At: w.at, Data: mustJSON(bad)}
		if _, _, err := Step(g, w.s, in); err == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
}

func TestStepRefusesWhatDoesNotBelong(t *testing.T) {
	t.Parallel()
	g := graphOf(t, plainGraph)
	w := begin(t, g, testBegin())
	before := mustJSON(w.s)
	for name, in := range map[string]Input{
		"another begin":    {Seq: 1, Kind: KindBegin, Data: mustJSON(testBegin())},
		"a wrong place":    {Seq: 7, Kind: KindTake, Data: json.RawMessage(`{}`)},
		"an unknown kind":  {Seq: 1, Kind: "magic", Data: json.RawMessage(`{}`)},
		"a stray answer":   {Seq: 1, Kind: KindAnswer, Node: "adult", Attempt: 1, Data: mustJSON(Answered{Answer: verdictOf(kyc.Pass)})},
		"a wrong attempt":  {Seq: 1, Kind: KindAnswer, Node: "ocr", Attempt: 2, Data: mustJSON(Answered{Answer: verdictOf(kyc.Pass)})},
		"no payload":       {Seq: 1, Kind: KindAnswer, Node: "ocr", Attempt: 1},
		"a broken payload": {Seq: 1, Kind: KindAnswer, Node: "ocr", Attempt: 1, Data: json.RawMessage(`{"answer":`)},
		"no such wait":     {Seq: 1, Kind: KindRetryDue, Node: "ocr", Attempt: 2, Data: json.RawMessage(`{}`)},
		"no such gate":     {Seq: 1, Kind: KindGateTimeout, Node: "ocr", Data: json.RawMessage(`{}`)},
	} {
		if next, cmds, err := Step(g, w.s, in); err == nil || len(cmds) > 0 || next.Seq != w.s.Seq {
			t.Errorf("%s was accepted", name)
		}
	}
	if string(before) != string(mustJSON(w.s)) {
		t.Error("a refused input changed the state")
	}
	w.answer(verdictOf(kyc.Pass))
	if _, _, err := Step(g, w.s, Input{Seq: 2, Kind: KindTake, Data: json.RawMessage(`{}`)}); !kyc.IsCode(err, "run_ended") {
		t.Errorf("an ended run took an input: %v", err)
	}
}

func TestStepFailsClosed(t *testing.T) {
	t.Parallel()
	terminal := &flow.Node{ID: "end", Type: flow.TypeTerminal, Outcome: "fine"}
	for name, g := range map[string]*flow.Compiled{
		"a missing node":      {Entry: "start", Nodes: map[string]*flow.Node{"start": {ID: "start", Type: flow.TypeStart, Next: "gone"}}},
		"a missing entry":     {Entry: "start", Nodes: map[string]*flow.Node{}},
		"an unknown node":     {Entry: "start", Nodes: map[string]*flow.Node{"start": {ID: "start", Type: "dream"}}},
		"a cycle":             {Entry: "start", Nodes: map[string]*flow.Node{"start": {ID: "start", Type: flow.TypeStart, Next: "start"}}},
		"an unknown outcome":  {Entry: "end", Nodes: map[string]*flow.Node{"end": terminal}},
		"a lone join":         {Entry: "j", Nodes: map[string]*flow.Node{"j": {ID: "j", Type: flow.TypeJoin, Next: "j"}}},
		"a parallel of none":  {Entry: "p", Nodes: map[string]*flow.Node{"p": {ID: "p", Type: flow.TypeParallel}}},
		"an unlinked subflow": {Entry: "s", Nodes: map[string]*flow.Node{"s": {ID: "s", Type: flow.TypeSubworkflow}}},
	} {
		w := begin(t, g, testBegin())
		if w.s.Status != kyc.RunFailed || w.s.Outcome != "" {
			t.Errorf("%s: %s %s", name, w.s.Status, w.s.Outcome)
		}
		if f, ok := w.cmds[len(w.cmds)-1].(Finish); !ok || f.Status != kyc.RunFailed || f.Outcome != "" {
			t.Errorf("%s: commands %+v", name, w.cmds)
		}
	}
}

func TestStepTakeSendsAgainWithTheSameKey(t *testing.T) {
	t.Parallel()
	w := begin(t, graphOf(t, plainGraph), testBegin())
	first := w.s.Calls[0]
	request := w.cmds[0].(RunCheck).Request
	w.feed(KindTake, "", 0, Moved{By: "other"})
	again, ok := w.cmds[0].(RunCheck)
	if !ok || again.CallKey != first.Key || again.Attempt != 1 || !reflect.DeepEqual(again.Request, request) {
		t.Fatalf("commands %+v", w.cmds)
	}
	if w.s.Calls[0].Sent != 2 || len(w.s.Records) != 1 || w.s.Records[0].Status != Interrupted || w.s.Records[0].Key != first.Key {
		t.Errorf("%+v %+v", w.s.Calls, w.s.Records)
	}
	// A run that was begun where no work is done was never sent.
	b := testBegin()
	b.Handover = true
	w = begin(t, graphOf(t, plainGraph), b)
	w.feed(KindTake, "", 0, Moved{By: "worker"})
	if w.s.Calls[0].Sent != 1 || len(w.s.Records) != 0 {
		t.Errorf("%+v %+v", w.s.Calls, w.s.Records)
	}
}

func TestStepSetScoreSplit(t *testing.T) {
	t.Parallel()
	g := graphOf(t, `{"entry":"start","nodes":{
	 "start":{"type":"start","next":"set"},
	 "set":{"type":"set","assign":[{"to":"vars.limit","value":5},{"to":"vars.land","from":"session.country"}],"next":"score"},
	 "score":{"type":"score","base":30,"factors":[{"name":"land","weight":40,"conditions":[{"field":"vars.land","operator":"==","value":"NL"}]}],"next":"split"},
	 "split":{"type":"split","arms":[{"name":"a","weight":1,"next":"ya"},{"name":"b","weight":1,"next":"yb"}]},
	 "ya":{"type":"conditional","routes":[{"conditions":[{"field":"risk.score","operator":"==","value":70},{"field":"risk.level","operator":"==","value":"high"}],"next":"yes"}],"default":"no"},
	 "yb":{"type":"conditional","routes":[{"conditions":[{"field":"vars.limit","operator":"==","value":5}],"next":"yes"}],"default":"no"},
	 "yes":{"type":"terminal","outcome":"approved"},"no":{"type":"terminal","outcome":"rejected"}}}`)
	arms := map[string]int{}
	for i := range 40 {
		b := testBegin()
		b.Subject.ID = kyc.ID(fmt.Sprintf("0199a000-0000-7000-8000-%012d", i))
		w := begin(t, g, b)
		if w.s.Outcome != kyc.Approved {
			t.Fatalf("ended at %s: %+v", w.s.EndNode, w.s.Facts)
		}
		for _, e := range w.s.Edges {
			if strings.HasPrefix(e.Why, "arm ") {
				arms[e.Why]++
			}
		}
	}
	if arms["arm a"] == 0 || arms["arm b"] == 0 || arms["arm a"]+arms["arm b"] != 40 {
		t.Errorf("arms %v", arms)
	}
}
