package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"bonafide/flow"
	"bonafide/kyc"
)

// randomGraph makes a graph of layers: every node leads to a later layer, so
// there is no cycle, and the last layer are the terminals.
func randomGraph(r *rand.Rand) string {
	nodes := map[string]any{"start": map[string]any{"type": "start", "next": "n0"},
		"yes": map[string]any{"type": "terminal", "outcome": "approved"}, "no": map[string]any{"type": "terminal", "outcome": "rejected", "reason_code": "no"},
		"look": map[string]any{"type": "terminal", "outcome": "needs_review", "reason_code": "look"}}
	n := 1 + r.IntN(8)
	checks := 0
	for i := range n {
		after := func() string {
			if i+1 < n && r.IntN(4) > 0 {
				return fmt.Sprintf("n%d", i+1+r.IntN(n-i-1))
			}
			return []string{"yes", "no", "look"}[r.IntN(3)]
		}
		id := fmt.Sprintf("n%d", i)
		next := after() // every node leads to the one behind it at least once
		if i+1 < n {
			next = fmt.Sprintf("n%d", i+1)
		}
		policy := func(on string) map[string]any {
			checks++
			return map[string]any{"type": "policy", "policy": fmt.Sprintf("check_%d", checks), "on_pass": on, "on_fail": after(), "on_review": after(), "on_error": after(), "on_skip": after(),
				"retry": map[string]any{"max_attempts": 1 + r.IntN(5), "backoff_seconds": 1 + r.IntN(3)}}
		}
		switch r.IntN(7) {
		case 0:
			nodes[id] = map[string]any{"type": "conditional", "default": next, "routes": []any{map[string]any{"next": after(), "match": "any", "conditions": []any{
				map[string]any{"field": "extracted.age", "operator": "<", "value": r.IntN(60)},
				map[string]any{"field": "risk.score", "operator": ">", "value": 50},
				map[string]any{"field": "vars.x", "operator": "==", "value": r.IntN(3)}}}}}
		case 1:
			nodes[id] = map[string]any{"type": "wait", "gate": "g" + id, "on_continue": next, "on_fail": after(), "on_reject": "no", "on_timeout": after(), "timeout_seconds": 60, "expose_fields": []any{"extracted.age"}}
		case 2:
			nodes[id] = map[string]any{"type": "set", "next": next, "assign": []any{map[string]any{"to": "vars.x", "value": r.IntN(3)}, map[string]any{"to": "vars.y", "from": "extracted.age"}}}
		case 3:
			nodes[id] = map[string]any{"type": "score", "next": next, "base": r.IntN(50), "factors": []any{map[string]any{"name": "age", "weight": 1, "field": "extracted.age"}}}
		case 4:
			var branches []any
			for k := range 2 + r.IntN(2) {
				b := fmt.Sprintf("%sb%d", id, k)
				branches = append(branches, b)
				p := policy(id + "j")
				for _, way := range []string{"on_fail", "on_review", "on_error", "on_skip"} {
					p[way] = []string{"no", "look", id + "j"}[r.IntN(3)]
				}
				nodes[b] = p
			}
			nodes[id] = map[string]any{"type": "parallel", "branches": branches, "join": id + "j"}
			nodes[id+"j"] = map[string]any{"type": "join", "mode": []string{"all", "any"}[r.IntN(2)], "next": next}
		default:
			nodes[id] = policy(next)
		}
	}
	b, _ := json.Marshal(map[string]any{"entry": "start", "nodes": nodes})
	return string(b)
}

func randomAnswer(r *rand.Rand) kyc.Answer {
	a := kyc.Answer{Provider: "random", StartedAt: epoch, FinishedAt: epoch.Add(time.Duration(r.IntN(1e9)))}
	switch r.IntN(8) {
	case 0:
		a.Status, a.Transient = kyc.StatusUnavailable, true
	case 1:
		a.Status, a.Transient = kyc.StatusError, r.IntN(2) == 0
	case 2:
		a.Status = kyc.StatusNotConfigured
	default:
		a.Status = kyc.StatusOK
		a.Verdict = []kyc.Verdict{kyc.Pass, kyc.Pass, kyc.Pass, kyc.Fail, kyc.VerdictReview, kyc.Skip}[r.IntN(6)]
		score := r.Float64()
		a.Score = &score
		a.Fields = []kyc.Field{{Name: "date_of_birth", Value: fmt.Sprintf("%d-03-01", 1950+r.IntN(70)), Confidence: r.Float64()}}
		a.Details = map[string]any{"n": r.IntN(9), "deep": map[string]any{"list": []any{1, "two", nil, 3.5}}}
	}
	return a
}

// randomWalk drives a graph with random events to its end, exactly as the
// runner would: plans, with the payload decoded only where that is needed.
func randomWalk(t testing.TB, r *rand.Rand, g *flow.Compiled) (kyc.Run, []kyc.Input, State) {
	at := epoch
	d := &drive{e: New(Deps{Clock: kyc.ClockFunc(func() time.Time { return at })}), g: g, bare: true,
		run: kyc.Run{Meta: kyc.Meta{ID: testRun, Tenant: testTenant}, SessionID: testSession, SubjectID: testSubject, Definition: g.LinkedHash}}
	var record []kyc.Input
	feed := func(kind, node string, attempt int, payload any) {
		at = at.Add(time.Duration(r.IntN(1e6)) * time.Microsecond)
		f := d.input(kind, node, attempt, at, payload)
		next, _, err := step(g, d.state, f.Input, f.ready)
		if err != nil {
			t.Fatalf("%s %s: %v", kind, node, err)
		}
		kept := f.Input
		kept.StateHash, kept.Data = next.Hash, seal(f.Data, next.Edges[len(d.state.Edges):])
		record = append(record, kept)
		d.state = next
	}
	b := testBegin()
	b.Definition = g.LinkedHash
	feed(KindBegin, "", 0, b)
	for n := 0; !d.state.Ended(); n++ {
		if n > 2000 {
			t.Fatal("the run does not end")
		}
		switch s := d.state; {
		case r.IntN(20) == 0:
			feed(KindTake, "", 0, Moved{By: "other", Handover: r.IntN(3) == 0})
		case len(s.Waits) > 0 && (len(s.Calls) == 0 || r.IntN(2) == 0):
			w := s.Waits[r.IntN(len(s.Waits))]
			feed(KindRetryDue, w.Node, w.Attempt, Moved{})
		case len(s.Calls) > 0:
			c := s.Calls[r.IntN(len(s.Calls))]
			kind := KindAnswer
			if r.IntN(10) == 0 {
				kind = KindNodeTimeout
			}
			a := randomAnswer(r)
			feed(kind, c.Node, c.Attempt, &Answered{Answer: a, Jitter: r.Float64()})
		case s.Gate != nil && r.IntN(3) == 0:
			feed(KindGateTimeout, s.Gate.Node, 0, Moved{})
		case s.Gate != nil:
			feed(KindGateDecision, s.Gate.Node, 0, Decision{Gate: s.Gate.Name, Decision: []string{Continue, Fail, Reject}[r.IntN(3)], Metadata: map[string]any{"a": r.IntN(5)}})
		default:
			t.Fatalf("the run stands still: %s", mustJSON(s))
		}
	}
	s := d.state
	run := d.run
	run.Status, run.Outcome, run.ReasonCode, run.Step, run.StateHash, run.EndedAt = s.Status, s.Outcome, s.ReasonCode, s.Seq, s.Hash, s.EndedAt
	return run, record, s
}

// TestRandomRunsReplay is the determinism contract (api.md 2.4): any graph,
// any answers, in any order; the record alone leads to the same end by the
// same edges through the same states, and its every prefix to the same prefix.
func TestRandomRunsReplay(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	ends := map[string]int{}
	for i := range 300 {
		text := randomGraph(r)
		g, report := flow.Compile(json.RawMessage(text), flow.Options{})
		if g == nil {
			t.Fatalf("seed %d: the generator made a bad graph: %v", seed, report.Err())
		}
		run, record, live := randomWalk(t, r, g)
		ends[string(run.Status)+" "+string(run.Outcome)]++
		if run.Status == kyc.RunFailed {
			t.Fatalf("seed %d, graph %d failed: %s %s\n%s", seed, i, live.ReasonCode, live.Reason, text)
		}
		got := ReplayRecord(run, kyc.Definition{Hash: g.LinkedHash, Graph: g.Canonical()}, record)
		if got.Difference != nil {
			t.Fatalf("seed %d, graph %d: %s\n%s", seed, i, got.Difference, text)
		}
		loaded, err := flow.Load(g.Canonical())
		if err != nil {
			t.Fatal(err)
		}
		again, err := fold(loaded, run, record)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := mustJSON(live.Facts), mustJSON(again.Facts); !bytes.Equal(a, b) {
			t.Fatalf("seed %d, graph %d: the facts differ\n%s\n%s", seed, i, a, b)
		}
		if !slices.Equal(live.Edges, again.Edges) || !reflect.DeepEqual(live.Waits, again.Waits) || len(live.Records) != len(again.Records) {
			t.Fatalf("seed %d, graph %d: edges or records differ", seed, i)
		}
		// Any change of the record shows.
		n := r.IntN(len(record))
		damaged := slices.Clone(record)
		switch r.IntN(3) {
		case 0:
			damaged = slices.Delete(damaged, n, n+1)
		case 1:
			damaged[n].At = damaged[n].At.Add(time.Microsecond)
		case 2:
			damaged[n].Data = bytes.Replace(damaged[n].Data, []byte(`"input":{`), []byte(`"input":{"x":1,`), 1)
		}
		if ReplayRecord(run, kyc.Definition{Hash: g.LinkedHash, Graph: g.Canonical()}, damaged).Difference == nil {
			t.Fatalf("seed %d, graph %d: damage to input %d does not show\n%s", seed, i, n, record[n].Data)
		}
	}
	t.Logf("seed %d: %v", seed, ends)
}

// TestStepIsPure steps twice from one state and looks whether the first step,
// or the state, was disturbed.
func TestStepIsPure(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 7))
	for range 60 {
		g, _ := flow.Compile(json.RawMessage(randomGraph(r)), flow.Options{})
		_, record, _ := randomWalk(t, r, g)
		var s State
		for _, kept := range record {
			in, _, err := open(kept)
			if err != nil {
				t.Fatal(err)
			}
			before := mustJSON(s)
			first, cmds, err := Step(g, s, in)
			if err != nil {
				t.Fatal(err)
			}
			one := mustJSON(first)
			other := in
			if in.Kind == KindAnswer {
				other.Data = mustJSON(Answered{Answer: randomAnswer(r)})
			}
			_, _, _ = Step(g, s, other)
			second, again, _ := Step(g, s, in)
			if !bytes.Equal(before, mustJSON(s)) || !bytes.Equal(one, mustJSON(first)) || !bytes.Equal(one, mustJSON(second)) || !reflect.DeepEqual(cmds, again) {
				t.Fatalf("a step disturbed another:\n%s\n%s\n%s", before, one, mustJSON(second))
			}
			s = first
		}
	}
}

// TestNormalIsWhatDecodingGives compares the short cut with the decoder.
func TestNormalIsWhatDecodingGives(t *testing.T) {
	t.Parallel()
	for name, details := range map[string]map[string]any{
		"nothing": nil, "empty": {}, "plain": {"s": "x", "b": true, "n": nil, "f": 1.5, "i": 7, "big": 1e30, "small": 1e-9, "minus": -0.25, "whole": 3.0},
		"deep":           {"m": map[string]any{"l": []any{1.0, "a", map[string]any{}, []any{}}}, "empty": []any(nil), "none": map[string]any(nil)},
		"typed":          {"l": []string{"a"}, "d": time.Second, "t": epoch, "n": json.Number("1.50")},
		"html":           {"s": "<a>&\u2028"},
		"invalid utf-8":  {"s": "a\xffb"},
		"replacement":    {"s": "\ufffd"},
		"invalid key":    {"a\xff": 1.0},
		"an empty digit": {"n": json.Number("")},
	} {
		a := &Answered{Answer: kyc.Answer{Status: kyc.StatusOK, Details: details, StartedAt: time.Now()}, Jitter: 0.25}
		data := encode(a)
		var want Answered
		if err := decode(data, &want); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, ok := normal(a, data).(*Answered); ok && !reflect.DeepEqual(got, &want) {
			t.Errorf("%s: got %#v, want %#v", name, got.Answer.Details, want.Answer.Details)
		}
	}
}

func FuzzStep(f *testing.F) {
	g := graphOf(f, gateGraph)
	f.Add(KindAnswer, "ocr", 1, []byte(`{"answer":{"status":"ok","verdict":"pass"}}`))
	f.Add(KindGateDecision, "gate", 0, []byte(`{"gate":"bank","decision":"continue","metadata":{"limit":1e400}}`))
	f.Add(KindTake, "", 0, []byte(`{}`))
	f.Add(KindBegin, "", 0, []byte(`{"session":{}}`))
	f.Fuzz(func(t *testing.T, kind, node string, attempt int, data []byte) {
		for _, s := range fuzzStates(t, g) {
			in := Input{Seq: s.Seq, RunID: testRun, Kind: kind, Node: node, Attempt: attempt, At: epoch, Data: data}
			next, cmds, err := Step(g, s, in)
			if err != nil {
				if next.Hash != s.Hash || len(cmds) > 0 {
					t.Fatal("a refused input changed something")
				}
				continue
			}
			again, _, err := Step(g, s, in)
			if err != nil || again.Hash != next.Hash {
				t.Fatalf("the second time it is %v", err)
			}
			if next.Ended() && next.Status != kyc.RunCompleted && next.Outcome != "" {
				t.Fatalf("%s with outcome %s", next.Status, next.Outcome)
			}
			if next.Outcome == kyc.Approved && s.Gate == nil {
				t.Fatal("approved without the gate")
			}
		}
	})
}

func fuzzStates(t testing.TB, g *flow.Compiled) []State {
	w := begin(t, g, testBegin())
	begun := w.s
	w.answer(transient())
	waiting := w.s
	w.feed(KindRetryDue, "ocr", 2, Moved{})
	w.answer(verdictOf(kyc.Pass))
	return []State{{}, begun, waiting, w.s}
}
