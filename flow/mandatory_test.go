package flow_test

import (
	"encoding/json"
	"slices"
	"testing"

	"bonafide/flow"
)

func TestMandatoryChecksAreInsertedWhereTheyLack(t *testing.T) {
	t.Parallel()
	const ends = `"yes":{"type":"terminal","outcome":"approved"},"review":{"type":"terminal","outcome":"needs_review"}`
	tests := map[string]struct {
		nodes     string
		mandatory []string
		routes    map[string]string // "node.label" to target
		locked    []string
	}{
		"no path has it": {
			nodes:     `"ocr":{"type":"policy","policy":"document_ocr","on_pass":"yes","on_fail":"review"}`,
			mandatory: []string{"watchlist_screening"},
			routes:    map[string]string{"ocr.on_pass": "_locked_watchlist_screening", "_locked_watchlist_screening.on_pass": "yes", "_locked_watchlist_screening.on_fail": "_needs_review", "_locked_watchlist_screening.on_skip": "_needs_review", "_locked_watchlist_screening.on_error": "_needs_review"},
			locked:    []string{"_locked_watchlist_screening"},
		},
		"every path has it": {
			nodes: `"ocr":{"type":"policy","policy":"document_ocr","on_pass":"aml","on_fail":"aml"},
				"aml":{"type":"policy","policy":"watchlist_screening","on_pass":"yes","on_fail":"review"}`,
			mandatory: []string{"watchlist_screening"},
			routes:    map[string]string{"aml.on_pass": "yes"},
		},
		"one of two paths has it": {
			nodes: `"ocr":{"type":"conditional","routes":[{"conditions":[{"field":"session.country","operator":"==","value":"NL"}],"next":"aml"}],"default":"face"},
				"aml":{"type":"policy","policy":"watchlist_screening","on_pass":"yes","on_fail":"review"},
				"face":{"type":"policy","policy":"face_match","on_pass":"yes","on_fail":"review"}`,
			mandatory: []string{"watchlist_screening"},
			routes:    map[string]string{"aml.on_pass": "yes", "face.on_pass": "_locked_watchlist_screening"},
			locked:    []string{"_locked_watchlist_screening"},
		},
		"it did not answer": {
			nodes:     `"ocr":{"type":"policy","policy":"watchlist_screening","required":false,"on_pass":"yes","on_fail":"review","on_error":"yes"}`,
			mandatory: []string{"watchlist_screening"},
			routes:    map[string]string{"ocr.on_pass": "yes", "ocr.on_error": "_locked_watchlist_screening", "ocr.on_skip": "_locked_watchlist_screening"},
			locked:    []string{"_locked_watchlist_screening"},
		},
		"two, one is there": {
			nodes: `"ocr":{"type":"policy","policy":"watchlist_screening","on_pass":"face","on_fail":"review"},
				"face":{"type":"conditional","routes":[{"conditions":[{"field":"session.country","operator":"==","value":"NL"}],"next":"yes"}],"default":"risk"},
				"risk":{"type":"policy","policy":"risk_assessment","on_pass":"yes","on_fail":"review"}`,
			mandatory: []string{"watchlist_screening", "risk_assessment", "watchlist_screening"},
			routes:    map[string]string{"risk.on_pass": "yes", "face.routes/0": "_locked_risk_assessment"},
			locked:    []string{"_locked_risk_assessment"},
		},
		"two, in order, shared": {
			nodes: `"ocr":{"type":"policy","policy":"document_ocr","on_pass":"yes","on_fail":"risk"},
				"risk":{"type":"policy","policy":"watchlist_screening","config":{"threshold":0.9},"on_pass":"yes","on_fail":"review"}`,
			mandatory: []string{"watchlist_screening", "risk_assessment"},
			routes:    map[string]string{"ocr.on_pass": "_locked_watchlist_screening", "_locked_watchlist_screening.on_pass": "_locked_risk_assessment", "risk.on_pass": "_locked_risk_assessment", "_locked_risk_assessment.on_pass": "yes"},
			locked:    []string{"_locked_risk_assessment", "_locked_watchlist_screening"},
		},
		"one branch of a join of all has it": {
			nodes: `"ocr":{"type":"parallel","branches":["a","b"],"join":"m"},
				"a":{"type":"policy","policy":"document_ocr","on_pass":"m","on_fail":"m"},
				"b":{"type":"policy","policy":"watchlist_screening","on_pass":"m","on_fail":"review"},"m":{"type":"join","next":"yes"}`,
			mandatory: []string{"watchlist_screening"},
			routes:    map[string]string{"m.next": "yes"},
		},
		"one branch of a join of any has it": {
			nodes: `"ocr":{"type":"parallel","branches":["a","b"],"join":"m"},
				"a":{"type":"policy","policy":"document_ocr","on_pass":"m","on_fail":"m"},
				"b":{"type":"policy","policy":"watchlist_screening","on_pass":"m","on_fail":"review"},"m":{"type":"join","mode":"any","next":"yes"}`,
			mandatory: []string{"watchlist_screening"},
			routes:    map[string]string{"m.next": "_locked_watchlist_screening"},
			locked:    []string{"_locked_watchlist_screening"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			graph := json.RawMessage(`{"entry":"start","nodes":{"start":{"type":"start","next":"ocr"},` + tt.nodes + `,` + ends + `}}`)
			c, report := flow.Compile(graph, flow.Options{Catalog: catalog(), Mandatory: tt.mandatory})
			if c == nil {
				t.Fatal(lines(report))
			}
			checkSound(t, c)
			var locked []string
			for _, id := range c.Order {
				n := c.Nodes[id]
				if n.Locked {
					locked = append(locked, id)
				}
				for _, e := range n.Edges() {
					if want, ok := tt.routes[id+"."+e.Label]; ok && e.To != want {
						t.Errorf("%s of %s leads to %s, want %s", e.Label, id, e.To, want)
					}
				}
			}
			slices.Sort(locked)
			if !slices.Equal(locked, tt.locked) {
				t.Errorf("locked %v, want %v", locked, tt.locked)
			}
		})
	}
}

func TestAnUnknownMandatoryCheckStopsTheCompilation(t *testing.T) {
	t.Parallel()
	graph := json.RawMessage(`{"entry":"start","nodes":{"start":{"type":"start","next":"r"},"r":{"type":"terminal","outcome":"needs_review"}}}`)
	c, report := flow.Compile(graph, flow.Options{Catalog: catalog(), Mandatory: []string{"palm_reading"}})
	if c != nil || !slices.Contains(lines(report), "error mandatory_policy_unknown ") {
		t.Errorf("report %q", lines(report))
	}
}

func TestAnInsertedCheckTakesTheGivenConfig(t *testing.T) {
	t.Parallel()
	graph := json.RawMessage(`{"entry":"start","nodes":{"start":{"type":"start","next":"ocr"},"ocr":{"type":"policy","policy":"document_ocr","on_pass":"yes","on_fail":"no"},
		"yes":{"type":"terminal","outcome":"approved"},"no":{"type":"terminal","outcome":"rejected"}}}`)
	o := flow.Options{Catalog: catalog(), Mandatory: []string{"watchlist_screening"}, MandatoryConfig: map[string]json.RawMessage{"watchlist_screening": json.RawMessage(`{ "threshold":0.7 }`)}}
	c, report := flow.Compile(graph, o)
	if c == nil {
		t.Fatal(lines(report))
	}
	if got := string(c.Nodes["_locked_watchlist_screening"].Config); got != `{"threshold":0.7}` {
		t.Errorf("config %s", got)
	}
	for _, bad := range []string{`[1]`, `{`, `7`} {
		o.MandatoryConfig["watchlist_screening"] = json.RawMessage(bad)
		if c, report := flow.Compile(graph, o); c != nil || len(report.Errors) == 0 || report.Errors[0].Code != "mandatory_config_invalid" {
			t.Errorf("%s: %v", bad, lines(report))
		}
	}
}
