package studio

import (
	"encoding/json"
	"testing"

	"bonafide/flow"
	"bonafide/kyc"
)

// What leads elsewhere is said with the names that the editor shows.
func TestChangedConnectionsAreSaidInWords(t *testing.T) {
	t.Parallel()
	titles := map[string]string{"age_check": "Age"}
	before := json.RawMessage(`{"entry":"start","nodes":{"start":{"type":"start","next":"a"},"a":{"type":"policy","policy":"age_check","on_pass":"c","on_fail":"no"},
		"c":{"type":"conditional","routes":[{"conditions":[{"field":"extracted.age","operator":"<","value":21}],"next":"no"}],"default":"yes"},
		"yes":{"type":"terminal","outcome":"approved"},"no":{"type":"terminal","outcome":"rejected","name":"Too young"}}}`)
	after := json.RawMessage(`{"entry":"start","nodes":{"start":{"type":"start","next":"a"},"a":{"type":"policy","policy":"age_check","on_pass":"yes","on_fail":"no"},
		"c":{"type":"conditional","routes":[{"conditions":[{"field":"extracted.age","operator":"<","value":21}],"next":"yes"}],"default":"yes"},
		"yes":{"type":"terminal","outcome":"approved"},"no":{"type":"terminal","outcome":"rejected","name":"Too young"}}}`)
	d := flow.Compare(before, after)
	got := connections(d.Routes, namesOf(before, titles), namesOf(after, titles))
	want := []change{
		{Where: "Age", ID: "a", Path: "pass", Old: "to Condition", New: "now to Approved", Words: true},
		{Where: "Condition", ID: "c", Path: "age < 21", Old: "to Too young", New: "now to Approved", Words: true},
	}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%+v, not %+v", got[i], want[i])
		}
	}
	for _, n := range d.NodesChanged {
		for _, f := range n.Fields {
			if !leads(f.Path) {
				t.Errorf("%s of %s is said twice", f.Path, n.ID)
			}
		}
	}
	for _, path := range []string{"/config/threshold", "/routes/0/conditions/0/value", "/name", "/routes/0"} {
		if leads(path) {
			t.Errorf("%s leads nowhere", path)
		}
	}
}

func TestProblemsAreSaidInWordsOfTheDrawing(t *testing.T) {
	t.Parallel()
	n := namesOf(json.RawMessage(`{"entry":"start","nodes":{"start":{"type":"start"},"a":{"type":"policy","policy":"age_check","on_pass":"a"}}}`), map[string]string{"age_check": "Age"})
	for _, c := range []struct {
		p    kyc.Problem
		want string
	}{
		{kyc.Problem{Path: "/graph/nodes/a/on_fail", Code: "policy_route_missing", Node: "a"}, "Say where the applicant goes when “Age” fails."},
		{kyc.Problem{Path: "/graph/nodes/start/next", Code: "path_without_terminal", Node: "start"}, "Say what comes after “Start”."},
		{kyc.Problem{Path: "/graph/nodes/a", Code: "unreachable_node", Node: "a"}, "Nothing leads here: no applicant ever comes to “Age”."},
		{kyc.Problem{Path: "/graph/nodes/a/config/x", Code: "config_invalid", Node: "a", Message: "x is none"}, "x is none"},
		{kyc.Problem{Path: "/graph", Code: "start_count", Message: "a graph has exactly one start node"}, "a graph has exactly one start node"},
	} {
		if got := n.plainly(c.p); got.Message != c.want {
			t.Errorf("%s: %q", c.p.Code, got.Message)
		}
	}
}
