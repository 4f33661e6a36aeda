package flow_test

import (
	"encoding/json"
	"strings"
	"testing"

	"bonafide/flow"
)

// Compile does not read its own text back, so every value that the text spells
// in another way than the author did must have changed in the graph as well.
func TestWhatRunsIsSpeltAsItIsStored(t *testing.T) {
	t.Parallel()
	const graph = `{"entry":"start","nodes":{
		"start":{"type":"start","next":"set"},
		"set":{"type":"set","assign":[
			{"to":"vars.a","value":1.0},{"to":"vars.b","value":-0},{"to":"vars.c","value":{"deep":[1e2,{"er":0.10},"1.0",null,true]}},
			{"to":"vars.d","value":100000000000000000000000},{"to":"vars.e","from":"extracted.age"}],"next":"score"},
		"score":{"type":"score","base":5.0,"factors":[
			{"weight":1e1,"conditions":[{"field":"extracted.age","operator":"in","value":[1.0,2.50]}]},
			{"name":"named","weight":-0.0,"if_missing":2.00,"field":"risk.score"}],"next":"pick"},
		"pick":{"type":"conditional","routes":[{"conditions":[{"field":"extracted.age","operator":"<","value":18.0}],"match":"any","next":"no"}],"default":"wait"},
		"wait":{"type":"wait","gate":"g","timeout_seconds":1.00049,"on_continue":"check"},
		"check":{"type":"policy","policy":"watchlist_screening","config":{"threshold":0.60},"timeout_seconds":0.0104,
			"retry":{"max_attempts":2.0,"backoff_seconds":0.1009},"on_pass":"yes","on_fail":"review"},
		"yes":{"type":"terminal","outcome":"approved"},
		"no":{"type":"terminal","outcome":"rejected"},
		"review":{"type":"terminal","outcome":"needs_review","case":{"priority":1e1,"sla_hours":-0}}}}`
	options := map[string]flow.Options{
		"bare":           {},
		"with a catalog": {Catalog: catalog()},
		"with inserted checks": {Catalog: catalog(), Mandatory: []string{"risk_assessment", "age_check"},
			MandatoryConfig: map[string]json.RawMessage{"age_check": json.RawMessage(`{"minimum":18.0}`)}},
	}
	for name, o := range options {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, report := flow.Compile(json.RawMessage(graph), o)
			if c == nil {
				t.Fatal(lines(report))
			}
			checkSound(t, c)
			deep := c.Nodes["set"].Assign[2].Value.(map[string]any)["deep"].([]any)
			if v := c.Nodes["set"].Assign[1].Value; v != json.Number("0") || deep[0] != json.Number("100") || deep[2] != "1.0" {
				t.Errorf("the values are %v and %v", v, deep)
			}
		})
	}
}

// A graph that is too large only once it is compiled must not get past what
// Load would refuse.
func TestALinkedGraphKeepsTheLimitsOfLoad(t *testing.T) {
	t.Parallel()
	deep := `{"minimum":` + strings.Repeat("[", 29) + strings.Repeat("]", 29) + `}`
	_, report := flow.Compile(json.RawMessage(`{"entry":"start","nodes":{"start":{"type":"start","next":"yes"},"yes":{"type":"terminal","outcome":"approved"}}}`),
		flow.Options{Mandatory: []string{"age_check"}, MandatoryConfig: map[string]json.RawMessage{"age_check": json.RawMessage(deep)}})
	if len(report.Errors) != 1 || report.Errors[0].Code != "not_loadable" {
		t.Errorf("an inserted config too deep for the stored form gives %v", lines(report))
	}
}
