package flow_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"bonafide/flow"
)

// randomGraph draws a valid graph of n inner nodes: every route leads to a
// later node or a terminal. With backwards set, one route leads back.
func randomGraph(rnd *rand.Rand, n int, backwards bool) json.RawMessage {
	nodes := map[string]any{
		"start":  map[string]any{"type": "start", "next": "n0"},
		"yes":    map[string]any{"type": "terminal", "outcome": "approved"},
		"no":     map[string]any{"type": "terminal", "outcome": "rejected"},
		"review": map[string]any{"type": "terminal", "outcome": "needs_review"},
	}
	later := func(i int) string {
		to := i + 1 + rnd.IntN(n-i+1)
		if to >= n {
			return []string{"yes", "no", "review"}[rnd.IntN(3)]
		}
		return fmt.Sprintf("n%d", to)
	}
	policies := []string{"document_ocr", "face_match", "watchlist_screening", "age_check", "risk_assessment"}
	for i := range n {
		id, next := fmt.Sprintf("n%d", i), fmt.Sprintf("n%d", i+1)
		if i == n-1 {
			next = "yes"
		}
		switch rnd.IntN(5) {
		case 0, 1:
			node := map[string]any{"type": "policy", "policy": policies[rnd.IntN(len(policies))], "allow_duplicate": true, "on_pass": next, "on_fail": later(i)}
			if rnd.IntN(2) == 0 {
				node["required"] = false
			}
			if rnd.IntN(3) == 0 {
				node["on_error"] = later(i)
			}
			nodes[id] = node
		case 2:
			nodes[id] = map[string]any{"type": "conditional", "default": next, "routes": []any{map[string]any{
				"conditions": []any{map[string]any{"field": "extracted.age", "operator": "<", "value": rnd.IntN(100)}}, "next": later(i)}}}
		case 3:
			nodes[id] = map[string]any{"type": "wait", "gate": "g" + id, "on_continue": next, "timeout_seconds": 60}
		default:
			nodes[id] = map[string]any{"type": "set", "next": next, "assign": []any{map[string]any{"to": "vars." + id, "value": rnd.Float64()}}}
		}
	}
	if backwards {
		from := rnd.IntN(n)
		nodes[fmt.Sprintf("n%d", from)] = map[string]any{"type": "policy", "policy": "document_ocr", "allow_duplicate": true,
			"on_pass": fmt.Sprintf("n%d", rnd.IntN(from+1)), "on_fail": "review"}
		// Keep the way to it open, so that the cycle can be walked.
	}
	raw, _ := json.Marshal(map[string]any{"entry": "start", "nodes": nodes})
	return raw
}

func TestRandomGraphsCompileSoundAndGuarded(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range 120 {
		raw := randomGraph(rnd, 1+rnd.IntN(30), false)
		o := flow.Options{Catalog: catalog(), Mandatory: []string{"watchlist_screening", "risk_assessment"}}
		c, report := flow.Compile(raw, o)
		if c == nil {
			t.Fatalf("graph %d: %v\n%s", i, lines(report), raw)
		}
		checkSound(t, c)
		again, _ := flow.Compile(raw, o)
		if !reflect.DeepEqual(again, c) {
			t.Fatalf("graph %d compiles differently the second time", i)
		}
		for walk := range 50 {
			checkGuarded(t, c, rnd, o.Mandatory, walk)
		}
	}
}

// checkGuarded walks at random and refuses an approval without an answer from
// every mandatory check.
func checkGuarded(t *testing.T, c *flow.Compiled, rnd *rand.Rand, mandatory []string, walk int) {
	t.Helper()
	answered := map[string]bool{}
	at := c.Nodes[c.Entry]
	for at.Type != flow.TypeTerminal {
		edges := at.Edges()
		e := edges[rnd.IntN(len(edges))]
		if rnd.IntN(3) > 0 {
			e = edges[0]
		}
		if at.Type == flow.TypePolicy && (e.Label == "on_pass" || e.Label == "on_fail" || e.Label == "on_review") {
			answered[at.Policy] = true
		}
		at = c.Nodes[e.To]
	}
	if at.Outcome != "approved" {
		return
	}
	for _, policy := range mandatory {
		if !answered[policy] {
			t.Fatalf("walk %d reached an approval without %s", walk, policy)
		}
	}
}

func TestRandomCyclesAreAlwaysRefused(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(3, 4))
	for i := range 200 {
		raw := randomGraph(rnd, 1+rnd.IntN(20), true)
		c, report := flow.Compile(raw, flow.Options{Catalog: catalog()})
		acyclic, named := c != nil, false
		for _, p := range report.Errors {
			if p.Code != "cycle" {
				continue
			}
			named = true
			checkIsCycle(t, raw, p.Nodes)
		}
		if acyclic == named {
			t.Fatalf("graph %d: compiled %v, cycle named %v\n%s", i, acyclic, named, raw)
		}
		if acyclic {
			checkSound(t, c)
		}
	}
}

// checkIsCycle proves that a reported cycle is one.
func checkIsCycle(t *testing.T, raw json.RawMessage, nodes []string) {
	t.Helper()
	var g struct {
		Nodes map[string]json.RawMessage `json:"nodes"`
	}
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	for i, id := range nodes {
		next := nodes[(i+1)%len(nodes)]
		var text any
		_ = json.Unmarshal(g.Nodes[id], &text)
		if !mentions(text, next) {
			t.Fatalf("cycle %v: %s does not lead to %s", nodes, id, next)
		}
	}
}

func mentions(v any, word string) bool {
	switch v := v.(type) {
	case string:
		return v == word
	case []any:
		for _, item := range v {
			if mentions(item, word) {
				return true
			}
		}
	case map[string]any:
		for _, item := range v {
			if mentions(item, word) {
				return true
			}
		}
	}
	return false
}

func TestADenseTangleIsReportedQuickly(t *testing.T) {
	t.Parallel()
	nodes := map[string]any{"start": map[string]any{"type": "start", "next": "n0"}, "r": map[string]any{"type": "terminal", "outcome": "needs_review"}}
	for i := range 100 {
		var routes []any
		for j := range 100 {
			routes = append(routes, map[string]any{"conditions": []any{map[string]any{"field": "extracted.age", "operator": "<", "value": j}}, "next": fmt.Sprintf("n%d", j)})
		}
		nodes[fmt.Sprintf("n%d", i)] = map[string]any{"type": "conditional", "routes": routes, "default": "r"}
	}
	raw, _ := json.Marshal(map[string]any{"entry": "start", "nodes": nodes})
	_, report := flow.Compile(raw, flow.Options{})
	cycles := 0
	for _, p := range report.Errors {
		if p.Code == "cycle" {
			cycles++
			checkIsCycle(t, raw, p.Nodes)
		}
	}
	if cycles == 0 || cycles > 20 {
		t.Errorf("%d cycles are listed", cycles)
	}
}

func FuzzCompile(f *testing.F) {
	for _, c := range graphCases(f) {
		f.Add([]byte(c.graph), false)
	}
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 10 {
		f.Add([]byte(randomGraph(rnd, 8, false)), true)
		f.Add([]byte(randomGraph(rnd, 8, true)), false)
	}
	menu := catalog()
	f.Fuzz(func(t *testing.T, raw []byte, lenient bool) {
		o := flow.Options{Catalog: menu, Lenient: lenient, Mandatory: []string{"watchlist_screening"},
			Resolve: func(string, string) (json.RawMessage, string, error) { return json.RawMessage(screening), "1", nil }}
		c, report := flow.Compile(raw, o)
		if (c == nil) != (len(report.Errors) > 0) {
			t.Fatalf("compiled %v with %d errors", c != nil, len(report.Errors))
		}
		flow.Compare(raw, json.RawMessage(screening))
		_, _ = flow.FromSteps(raw)
		_, _ = flow.CapturePlan(raw, c, menu)
		if c == nil {
			return
		}
		checkSound(t, c)
		for _, id := range c.Order {
			n := c.Nodes[id]
			facts := map[string]any{"extracted": map[string]any{"age": 20}, "vars": map[string]any{"x": "y"}}
			switch n.Type {
			case flow.TypeConditional:
				if next, _ := flow.FirstRoute(n, facts); c.Nodes[next] == nil {
					t.Fatalf("%s routes to %q", id, next)
				}
			case flow.TypeScore:
				flow.Score(n, facts)
			case flow.TypeSet:
				flow.Assigned(n, facts)
			case flow.TypeSplit:
				flow.ChooseArm(n, "somebody")
			}
		}
	})
}
