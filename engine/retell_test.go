package engine

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/flow"
	"bonafide/kyc"
)

// witness is evidence for checks that tests make up: what a policy named in
// alone says is worked out by its function.
type witness map[string]func(r kyc.CheckRequest) kyc.Answer

func (w witness) Question(r kyc.CheckRequest) (config, known string) {
	return r.Policy + string(r.Config), string(mustJSON(r.Extracted)) + string(mustJSON(r.Checks))
}

func (w witness) Again(r kyc.CheckRequest) (kyc.Answer, bool) {
	f, ok := w[r.Policy]
	if !ok {
		return kyc.Answer{}, false
	}
	return f(r), true
}

// Rejudge knows a score of a policy named in scored whose threshold is no lower
// than it was.
func (w witness) Rejudge(was kyc.CheckRequest, a kyc.Answer, asked kyc.CheckRequest) (kyc.Answer, bool) {
	var before, now struct{ Threshold float64 }
	if json.Unmarshal(was.Config, &before) != nil || json.Unmarshal(asked.Config, &now) != nil || w["scored "+asked.Policy] == nil || now.Threshold < before.Threshold {
		return kyc.Answer{}, false
	}
	if a.Status == kyc.StatusOK && *a.Score < now.Threshold {
		a.Verdict = kyc.Fail
	}
	return a, true
}

// The very graph that a run walked leads to the run's own end by the run's own
// moves, whatever the graph is and in whatever order the answers came.
func TestRetellingOnTheSameGraphChangesNothing(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	outcomes := map[kyc.Outcome]int{}
	for i := range 400 {
		text := randomGraph(r)
		g, report := flow.Compile(json.RawMessage(text), flow.Options{})
		if g == nil {
			t.Fatalf("seed %d: %v", seed, report.Err())
		}
		run, record, live := randomWalk(t, r, g)
		rec, err := RecordingOf(run, g, record)
		if err != nil {
			t.Fatalf("seed %d, graph %d: %v", seed, i, err)
		}
		got, err := rec.Retell(g, run.Version, witness{})
		if err != nil || got.Unknown != nil || got.Outcome != run.Outcome || got.Status != run.Status || !slices.Equal(got.Edges, live.Edges) {
			t.Fatalf("seed %d, graph %d: %+v, %v\nwant %s by %s\n%s", seed, i, got, err, run.Outcome, showEdges(live.Edges), text)
		}
		if again, err := rec.Retell(g, run.Version, witness{}); err != nil || !reflect.DeepEqual(again, got) {
			t.Fatalf("seed %d, graph %d: telling it twice gives %+v and %+v, %v", seed, i, got, again, err)
		}
		outcomes[run.Outcome]++
		// Another graph gives an end that the record bears out, or none.
		other, _ := flow.Compile(json.RawMessage(randomGraph(r)), flow.Options{})
		if other == nil {
			continue
		}
		told, err := rec.Retell(other, 2, witness{})
		if err != nil || (told.Unknown == nil) != (told.Status == kyc.RunCompleted) || told.Unknown != nil && told.Outcome != "" {
			t.Fatalf("seed %d, graph %d: on another graph %+v, %v", seed, i, told, err)
		}
	}
	if outcomes[kyc.Approved] == 0 || outcomes[kyc.Rejected] == 0 {
		t.Errorf("the runs ended as %v", outcomes)
	}
}

// ended lets a graph run with these answers, by policy, and takes it apart.
// What is not named passes.
func ended(t *testing.T, graph string, answers map[string][]kyc.Answer, gate *Decision) *Recording {
	t.Helper()
	g := graphOf(t, graph)
	w := begin(t, g, testBegin())
	for n := 0; !w.s.Ended(); n++ {
		switch {
		case n > 100:
			t.Fatal("the run does not end")
		case len(w.s.Calls) > 0:
			policy, attempt := g.Nodes[w.s.Calls[0].Node].Policy, w.s.Calls[0].Attempt
			a := verdictOf(kyc.Pass)
			if list := answers[policy]; len(list) > 0 {
				a = list[min(attempt, len(list))-1]
			}
			a.StartedAt, a.FinishedAt = w.at, w.at.Add(2*time.Second)
			w.answer(a)
		case len(w.s.Waits) > 0:
			w.feed(KindRetryDue, w.s.Waits[0].Node, w.s.Waits[0].Attempt, Moved{})
		case w.s.Gate != nil && gate != nil:
			d := *gate
			d.Gate = w.s.Gate.Name
			w.feed(KindGateDecision, w.s.Gate.Node, 0, d)
		case w.s.Gate != nil:
			w.at = w.s.Gate.Until
			w.feed(KindGateTimeout, w.s.Gate.Node, 0, Moved{})
		}
	}
	run := kyc.Run{Meta: kyc.Meta{ID: testRun, Tenant: testTenant}, SessionID: testSession, SubjectID: testSubject, Definition: g.LinkedHash,
		Status: w.s.Status, Outcome: w.s.Outcome, Step: w.s.Seq, StateHash: w.s.Hash}
	for i, in := range w.record {
		w.record[i].Data = seal(in.Data, nil)
	}
	rec, err := RecordingOf(run, g, w.record)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

const gatedGraph = `{"entry":"start","nodes":{
 "start":{"type":"start","next":"lists"},
 "lists":{"type":"policy","policy":"lists","config":{"threshold":0.8},"timeout_seconds":10,"retry":{"max_attempts":2,"backoff_seconds":1},"on_pass":"age","on_fail":"no","on_review":"look","on_error":"look"},
 "age":{"type":"policy","policy":"age","config":{"least":18},"on_pass":"gate","on_fail":"no","on_review":"look","on_error":"look"},
 "gate":{"type":"wait","gate":"bank","timeout_seconds":3600,"on_continue":"score","on_fail":"no","on_reject":"no","on_timeout":"look"},
 "score":{"type":"conditional","routes":[{"conditions":[{"field":"checks.lists.score","operator":">","value":0.5}],"next":"look"}],"default":"yes"},
 "yes":{"type":"terminal","outcome":"approved"},
 "no":{"type":"terminal","outcome":"rejected","reason_code":"no"},
 "look":{"type":"terminal","outcome":"needs_review","reason_code":"look"}}}`

func TestRetellingOnAnotherGraph(t *testing.T) {
	t.Parallel()
	score := 0.4
	found := verdictOf(kyc.Pass)
	found.Score = &score
	answers := map[string][]kyc.Answer{"lists": {transient(), found}}
	// The age is a matter of the request alone.
	alone := witness{"age": func(r kyc.CheckRequest) kyc.Answer {
		var c struct{ Least int }
		if json.Unmarshal(r.Config, &c) != nil || c.Least > 20 {
			return verdictOf(kyc.Fail)
		}
		return verdictOf(kyc.Pass)
	}}
	edit := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(gatedGraph) }
	continues := &Decision{Decision: Continue}
	for name, c := range map[string]struct {
		graph   string
		gate    *Decision
		outcome kyc.Outcome
		unknown Unknown
		parting string
		again   []string
	}{
		"the same":                               {graph: gatedGraph, gate: continues, outcome: kyc.Approved},
		"a threshold of a condition":             {graph: edit(`"value":0.5`, `"value":0.3`), gate: continues, outcome: kyc.NeedsReview, parting: "score"},
		"other names of the nodes":               {graph: edit(`"lists":{`, `"sanctions":{`, `"next":"lists"`, `"next":"sanctions"`), gate: continues, outcome: kyc.Approved, parting: "start"},
		"another way out":                        {graph: edit(`"on_continue":"score"`, `"on_continue":"no"`), gate: continues, outcome: kyc.Rejected, parting: "gate"},
		"a config of a check that asks somebody": {graph: edit(`0.8`, `0.9`), gate: continues, unknown: Unknown{ConfigChanged, "lists", "lists"}},
		"a config of one that asks nobody":       {graph: edit(`"least":18`, `"least":21`), gate: continues, outcome: kyc.Rejected, parting: "age", again: []string{"age"}},
		"one more attempt than there was":        {graph: edit(`"max_attempts":2`, `"max_attempts":4`), gate: continues, outcome: kyc.Approved},
		"one attempt less":                       {graph: edit(`"max_attempts":2`, `"max_attempts":1`), gate: continues, outcome: kyc.NeedsReview, parting: "lists"},
		"time enough":                            {graph: edit(`"timeout_seconds":10`, `"timeout_seconds":3`), gate: continues, outcome: kyc.Approved},
		"less time than it took":                 {graph: edit(`"timeout_seconds":10`, `"timeout_seconds":1`), gate: continues, unknown: Unknown{TimeoutChanged, "lists", "lists"}},
		"a check that never ran": {graph: edit(`"on_continue":"score"`, `"on_continue":"face"`, `"yes":{`, `"face":{"type":"policy","policy":"face","on_pass":"yes","on_fail":"no","on_error":"look"},"yes":{`),
			gate: continues, unknown: Unknown{NotRecorded, "face", "face"}},
		"a check that is asked when less is known": {graph: edit(`"next":"lists"`, `"next":"age"`, `"on_pass":"gate"`, `"on_pass":"lists"`, `"on_pass":"age"`, `"on_pass":"gate"`),
			gate: continues, unknown: Unknown{InputsChanged, "lists", "lists"}, again: []string{"age"}},
		"a decision that knew of no trouble": {graph: edit(`"least":18`, `"least":21`, `"on_pass":"gate","on_fail":"no"`, `"on_pass":"gate","on_fail":"gate"`), gate: continues,
			unknown: Unknown{GateInputsChanged, "gate", ""}, again: []string{"age"}},
		"no gate any more":            {graph: edit(`"on_pass":"gate"`, `"on_pass":"score"`), gate: continues, outcome: kyc.Approved, parting: "age"},
		"a gate of another name":      {graph: edit(`"bank"`, `"office"`), gate: continues, unknown: Unknown{GateNotRecorded, "gate", ""}},
		"a gate that closed, as then": {graph: gatedGraph, outcome: kyc.NeedsReview},
		"a gate that closes earlier":  {graph: edit(`3600`, `60`), outcome: kyc.NeedsReview},
		"a gate that closes later":    {graph: edit(`3600`, `7200`), unknown: Unknown{GateTimeoutChanged, "gate", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rec := ended(t, gatedGraph, answers, c.gate)
			got, err := rec.Retell(graphOf(t, c.graph), 2, alone)
			if err != nil {
				t.Fatal(err)
			}
			var unknown Unknown
			if got.Unknown != nil {
				unknown = *got.Unknown
			}
			if got.Outcome != c.outcome || unknown != c.unknown || !slices.Equal(got.Again, c.again) {
				t.Errorf("%s %+v, worked out %v; want %s %+v, %v", got.Outcome, unknown, got.Again, c.outcome, c.unknown, c.again)
			}
			if parting := Parting(rec.State.Edges, got.Edges); c.outcome != "" && parting != c.parting {
				t.Errorf("they part at %q, want %q", parting, c.parting)
			}
		})
	}
}

// What was found is judged again under another threshold where that can be told,
// attempt by attempt; what cannot be told stays unknown, and what was known to the
// check must be the same.
func TestRetellingJudgesWhatWasFoundAgain(t *testing.T) {
	t.Parallel()
	score := 0.85
	found := verdictOf(kyc.Pass)
	found.Score = &score
	answers := map[string][]kyc.Answer{"lists": {transient(), found}}
	knows := witness{"scored lists": func(kyc.CheckRequest) kyc.Answer { return kyc.Answer{} }}
	edit := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(gatedGraph) }
	for name, c := range map[string]struct {
		graph   string
		by      witness
		outcome kyc.Outcome
		unknown Unknown
		again   []string
	}{
		"the same":          {gatedGraph, knows, kyc.NeedsReview, Unknown{}, nil},
		"higher, reached":   {edit(`0.8`, `0.84`), knows, kyc.NeedsReview, Unknown{}, []string{"lists", "lists"}},
		"higher, not":       {edit(`0.8`, `0.9`), knows, kyc.Rejected, Unknown{}, []string{"lists", "lists"}},
		"lower":             {edit(`0.8`, `0.7`), knows, "", Unknown{ConfigChanged, "lists", "lists"}, nil},
		"nobody can tell":   {edit(`0.8`, `0.9`), witness{}, "", Unknown{ConfigChanged, "lists", "lists"}, nil},
		"less time":         {edit(`0.8`, `0.9`, `"timeout_seconds":10`, `"timeout_seconds":1`), knows, "", Unknown{ConfigChanged, "lists", "lists"}, nil},
		"after more checks": {edit(`0.8`, `0.9`, `"next":"lists"`, `"next":"age"`, `"on_pass":"gate"`, `"on_pass":"lists"`, `"on_pass":"age"`, `"on_pass":"gate"`), knows, "", Unknown{InputsChanged, "age", "age"}, nil},
	} {
		rec := ended(t, gatedGraph, answers, &Decision{Decision: Continue})
		got, err := rec.Retell(graphOf(t, c.graph), 2, c.by)
		if err != nil {
			t.Fatal(err)
		}
		var unknown Unknown
		if got.Unknown != nil {
			unknown = *got.Unknown
		}
		if got.Outcome != c.outcome || unknown != c.unknown || !slices.Equal(got.Again, c.again) {
			t.Errorf("%s: %s %+v, judged again %v; want %s %+v, %v", name, got.Outcome, unknown, got.Again, c.outcome, c.unknown, c.again)
		}
	}
}

// A decision that came is one only while the gate of the other graph is open.
func TestRetellingHoldsAGateToItsTime(t *testing.T) {
	t.Parallel()
	rec := ended(t, gatedGraph, nil, &Decision{Decision: Continue}) // after one second
	got, err := rec.Retell(graphOf(t, strings.Replace(gatedGraph, `3600`, `1`, 1)), 2, witness{})
	if err != nil || got.Outcome != kyc.NeedsReview || got.Path[len(got.Path)-1] != "look" {
		t.Errorf("%+v, %v", got, err)
	}
}

// What a branch that was called off would have said is not known.
func TestRetellingDoesNotGuessWhatWasCalledOff(t *testing.T) {
	t.Parallel()
	const graph = `{"entry":"start","nodes":{"start":{"type":"start","next":"fork"},
 "fork":{"type":"parallel","branches":["a","b"],"join":"join"},
 "a":{"type":"policy","policy":"alpha","on_pass":"join","on_fail":"no","on_error":"no"},
 "b":{"type":"policy","policy":"beta","on_pass":"join","on_fail":"no","on_error":"no"},
 "join":{"type":"join","mode":"any","next":"yes"},
 "yes":{"type":"terminal","outcome":"approved"},"no":{"type":"terminal","outcome":"rejected","reason_code":"no"}}}`
	rec := ended(t, graph, nil, nil) // alpha comes first, beta is called off
	if got, err := rec.Retell(graphOf(t, graph), 1, witness{}); err != nil || got.Outcome != kyc.Approved {
		t.Errorf("the same graph: %+v, %v", got, err)
	}
	got, err := rec.Retell(graphOf(t, strings.Replace(graph, `"any"`, `"all"`, 1)), 2, witness{})
	if err != nil || got.Unknown == nil || *got.Unknown != (Unknown{AttemptNotRecorded, "b", "beta"}) || got.Outcome != "" {
		t.Errorf("a join of all: %+v %+v, %v", got, got.Unknown, err)
	}
}

func TestRecordingsAreOfWholeRuns(t *testing.T) {
	t.Parallel()
	g := graphOf(t, plainGraph)
	w := begin(t, g, testBegin())
	w.answer(verdictOf(kyc.Fail))
	for i, in := range w.record {
		w.record[i].Data = seal(in.Data, nil)
	}
	run := kyc.Run{Definition: g.LinkedHash, Status: w.s.Status, Outcome: w.s.Outcome, Step: w.s.Seq, StateHash: w.s.Hash}
	if _, err := RecordingOf(run, g, w.record); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(run *kyc.Run, inputs []kyc.Input) []kyc.Input
		code   string
	}{
		"a hole":                 {func(_ *kyc.Run, in []kyc.Input) []kyc.Input { return in[:1] }, "bad_record"},
		"nothing":                {func(run *kyc.Run, _ []kyc.Input) []kyc.Input { run.Step = 0; return nil }, "bad_record"},
		"another time":           {func(_ *kyc.Run, in []kyc.Input) []kyc.Input { in[1].At = in[1].At.Add(time.Second); return in }, "bad_record"},
		"another end":            {func(run *kyc.Run, in []kyc.Input) []kyc.Input { run.Outcome = kyc.Approved; return in }, "bad_record"},
		"an unreadable input":    {func(_ *kyc.Run, in []kyc.Input) []kyc.Input { in[1].Data = json.RawMessage(`{`); return in }, "bad_record"},
		"one that did not end":   {func(run *kyc.Run, in []kyc.Input) []kyc.Input { run.Status = kyc.RunPaused; return in }, "not_completed"},
		"one that was cut short": {func(run *kyc.Run, in []kyc.Input) []kyc.Input { run.Status = kyc.RunCancelled; return in }, "not_completed"},
	} {
		changed := run
		inputs := c.change(&changed, slices.Clone(w.record))
		if _, err := RecordingOf(changed, g, inputs); !kyc.IsCode(err, c.code) {
			t.Run(name, func(t *testing.T) { t.Errorf("got %v, want %s", err, c.code) })
		}
	}
}
