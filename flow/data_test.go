package flow_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/gowebpki/jcs"

	"bonafide/flow"
)

func TestScoreAddsDecimalsWithinBounds(t *testing.T) {
	t.Parallel()
	nl := []flow.Condition{{Field: "session.country", Operator: "==", Value: "NL"}}
	factor := func(weight, field, missing string, conditions []flow.Condition) flow.Factor {
		return flow.Factor{Name: "f", Weight: json.Number(weight), Field: field, IfMissing: json.Number(missing), Conditions: conditions, Match: flow.MatchAll}
	}
	facts := map[string]any{"session": map[string]any{"country": "NL"}, "checks": map[string]any{"a": map[string]any{"score": 0.1}}}
	tests := map[string]struct {
		base    string
		factors []flow.Factor
		want    string
		parts   int
	}{
		"exact sums":             {"0.1", []flow.Factor{factor("0.2", "", "0", nl)}, "0.3", 1},
		"a factor that is off":   {"5", []flow.Factor{factor("20", "", "20", []flow.Condition{{Field: "session.country", Operator: "==", Value: "BE"}})}, "5", 0},
		"weight times a score":   {"0", []flow.Factor{factor("30", "checks.a.score", "30", nil)}, "3", 1},
		"a missing score is bad": {"0", []flow.Factor{factor("30", "checks.b.score", "30", nil)}, "30", 1},
		"or what was said":       {"0", []flow.Factor{factor("30", "checks.b.score", "12.50", nil)}, "12.5", 1},
		"never above 100":        {"90", []flow.Factor{factor("30", "", "0", nl)}, "100", 1},
		"never below 0":          {"10", []flow.Factor{factor("-30", "", "0", nl), factor("5", "", "0", nl)}, "0", 2},
	}
	for name, tt := range tests {
		n := &flow.Node{Type: flow.TypeScore, Base: json.Number(tt.base), Factors: tt.factors}
		if got, parts := flow.Score(n, facts); string(got) != tt.want || len(parts) != tt.parts {
			t.Errorf("%s: %s with %d parts", name, got, len(parts))
		}
	}
}

func TestAssignedLeavesTheFactsAlone(t *testing.T) {
	t.Parallel()
	facts := map[string]any{"extracted": map[string]any{"age": 30}, "vars": map[string]any{"a": "old", "deep": map[string]any{"x": 1}}}
	before := fmt.Sprint(facts)
	n := &flow.Node{Type: flow.TypeSet, Assign: []flow.Assign{
		{To: "vars.a", Value: "new"}, {To: "vars.was", From: "vars.a"}, {To: "vars.deep.y", From: "extracted.age"},
		{To: "vars.none", From: "extracted.height"}, {To: "vars.a.b", Value: nil},
	}}
	want := map[string]any{"a": map[string]any{"b": nil}, "was": "old", "deep": map[string]any{"x": 1, "y": 30}}
	if got := flow.Assigned(n, facts); !reflect.DeepEqual(got, want) {
		t.Errorf("vars %v", got)
	}
	if fmt.Sprint(facts) != before {
		t.Error("the facts were changed")
	}
}

func TestChooseArmIsStickyAndWeighted(t *testing.T) {
	t.Parallel()
	n := &flow.Node{ID: "s", Arms: []flow.Arm{{Name: "a", Weight: 3}, {Name: "b", Weight: 1}}}
	counts := [2]int{}
	for i := range 4000 {
		key := fmt.Sprint("subject", i)
		arm := flow.ChooseArm(n, key)
		if arm != flow.ChooseArm(n, key) {
			t.Fatal("an arm flips")
		}
		counts[arm]++
	}
	if counts[0] < 2850 || counts[0] > 3150 {
		t.Errorf("arms %v", counts)
	}
	if flow.ChooseArm(&flow.Node{}, "x") != 0 {
		t.Error("a node without arms has no first arm")
	}
}

func TestCanonicalIsRFC8785(t *testing.T) {
	t.Parallel()
	// The second opinion is another implementation of the RFC.
	for _, text := range []string{`{"b":1,"a":[1.0,1e2,-0,0.1,1E-7,123456789012345680000,1e21]}`, `"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/"`,
		`{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}`, `[null,true,false,{},[]]`, `[4.50,2e-3,0.000000000000000000000000001,333333333.33333329]`} {
		got, err := flow.Canonical(json.RawMessage(text))
		want, err2 := jcs.Transform([]byte(text))
		if err != nil || err2 != nil || string(got) != string(want) {
			t.Errorf("%s: %s, want %s (%v, %v)", text, got, want, err, err2)
		}
	}
	for _, text := range []string{``, `{"a":1,"a":2}`, `{`, "\"\xff\"", `1 2`} {
		if got, err := flow.Canonical(json.RawMessage(text)); err == nil {
			t.Errorf("%q became %s", text, got)
		}
	}
	if got := flow.HashOf([]byte("{}")); got != "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" {
		t.Errorf("hash %s", got)
	}
}

func TestLoadRefusesWhatIsNotSound(t *testing.T) {
	t.Parallel()
	c := compile(t, twelve, flow.Options{Catalog: catalog()})
	good := string(c.Canonical())
	for name, change := range map[string][2]string{
		"a route to nowhere": {`"on_pass":"adult"`, `"on_pass":"gone"`},
		"a missing route":    {`"on_error":"_needs_review",`, ``},
		"a cycle":            {`"on_pass":"adult"`, `"on_pass":"ocr"`},
		"another type":       {`"type":"join"`, `"type":"jail"`},
		"an extra field":     {`"type":"join"`, `"type":"join","x":1`},
		"half of it":         {good[len(good)/2:], ``},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Fatalf("%s changes nothing", name)
		}
		if _, err := flow.Load(json.RawMessage(bad)); err == nil {
			t.Errorf("%s was loaded", name)
		}
	}
}

func TestDescribeAndDotNameEverything(t *testing.T) {
	t.Parallel()
	c := compile(t, chain("document_ocr"), flow.Options{Catalog: catalog(), Mandatory: []string{"watchlist_screening"}})
	want := `n0: check document_ocr
    on_pass -> _locked_watchlist_screening
    on_fail -> review
    on_review -> _needs_review
    on_error -> _needs_review
    on_skip -> review

_locked_watchlist_screening: check watchlist_screening [locked]
    on_pass -> n1`
	if text := flow.Describe(c); !strings.Contains(text, want) || !strings.Contains(text, "_needs_review: needs_review [implicit]") {
		t.Errorf("description\n%s", text)
	}
	for _, part := range []string{`"n0" -> "review" [label="on_fail"]`, `shape=doublecircle, style=dashed`, `"_locked_watchlist_screening" [label="_locked_watchlist_screening\ncheck watchlist_screening [locked]", shape=box, style=bold]`} {
		if dot := flow.Dot(c); !strings.Contains(dot, part) {
			t.Errorf("no %s in\n%s", part, dot)
		}
	}
	text := flow.Describe(compile(t, twelve, flow.Options{Catalog: catalog()}))
	if !strings.Contains(text, `when risk.score <= 20 and session.country in ["NL","BE","DE"] -> yes`) {
		t.Errorf("description\n%s", text)
	}
}

func TestOneReportHasEverything(t *testing.T) {
	t.Parallel()
	_, report := flow.Compile(json.RawMessage(`{"entry":"start","nodes":{
		"start":{"type":"start","next":"a"},"a":{"type":"policy","policy":"document_ocr","on_pass":"b","on_fail":"gone"},
		"b":{"type":"policy","policy":"palm","on_pass":"a","on_fail":"c","timeout_seconds":-1},
		"c":{"type":"conditional","routes":[{"conditions":[{"field":"x","operator":"~","value":1}],"next":"d"}]},
		"d":{"type":"terminal","outcome":"maybe"}}}`), flow.Options{Catalog: catalog()})
	want := []string{"error conditional_default_missing /nodes/c/default", "error cycle /nodes/a a b", "error field_unknown /nodes/c/routes/0/conditions/0/field",
		"error node_not_found /nodes/a/on_fail", "error operator_unknown /nodes/c/routes/0/conditions/0/operator", "error outcome_invalid /nodes/d/outcome",
		"error timeout_invalid /nodes/b/timeout_seconds", "error unknown_policy /nodes/b/policy"}
	if got := lines(report); !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
	if err := report.Err(); err == nil || !strings.Contains(err.Error(), "palm") || (flow.Report{}).Err() != nil {
		t.Errorf("error %v", err)
	}
}
