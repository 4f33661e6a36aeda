package flow_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"bonafide/flow"
)

// decode reads JSON with exact numbers, as definitions are read.
func decode(t testing.TB, text string) any {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func TestOperatorsFollowTheirTable(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile("testdata/operators.txt")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(table)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		cells := strings.Split(line, " | ")
		if len(cells) < 4 {
			t.Fatalf("bad row %q", line)
		}
		rows++
		c := flow.Condition{Field: "x.y", Operator: strings.TrimSpace(cells[1]), Value: decode(t, cells[2]), IgnoreCase: len(cells) > 4}
		facts := map[string]any{"x": map[string]any{}}
		if cells[0] != "-" {
			facts["x"] = map[string]any{"y": decode(t, cells[0])}
		}
		if got := flow.Eval(c, facts); got != (cells[3] == "true") {
			t.Errorf("%s: got %v", line, got)
		}
	}
	if rows < 150 {
		t.Fatalf("only %d rows", rows)
	}
}

func TestFactsMayComeAsGoNumbers(t *testing.T) {
	t.Parallel()
	for _, fact := range []any{18, int64(18), int32(18), uint64(18), float64(18), float32(18), json.Number("18.00")} {
		c := flow.Condition{Field: "x", Operator: "==", Value: json.Number("18")}
		if !flow.Eval(c, map[string]any{"x": fact}) {
			t.Errorf("%T is not 18", fact)
		}
	}
	tenth := flow.Condition{Field: "x", Operator: "==", Value: json.Number("0.1")}
	if !flow.Eval(tenth, map[string]any{"x": 0.1}) || !flow.Eval(tenth, map[string]any{"x": float32(0.1)}) {
		t.Error("a double 0.1 is the decimal 0.1")
	}
	strange := map[string]any{"x": struct{}{}}
	for _, op := range flow.Operators() {
		if op != "exists" && flow.Eval(flow.Condition{Field: "x", Operator: op, Value: json.Number("1")}, strange) {
			t.Errorf("%s holds for a value of unknown type", op)
		}
	}
}

func TestLookupWalksObjectsAndLists(t *testing.T) {
	t.Parallel()
	facts := map[string]any{"session": map[string]any{"tags": []string{"vip", "new"}, "fields": map[string]any{
		"names": []any{map[string]any{"first": "Ann"}}}}}
	for path, want := range map[string]any{"session.tags.1": "new", "session.fields.names.0.first": "Ann"} {
		if got, ok := flow.Lookup(facts, path); !ok || got != want {
			t.Errorf("%s is %v, %v", path, got, ok)
		}
	}
	for _, path := range []string{"", "session.", ".session", "session.tags.2", "session.tags.-1", "session.tags.vip", "session.fields.names.first", "nothing.at.all"} {
		if got, ok := flow.Lookup(facts, path); ok {
			t.Errorf("%q found %v", path, got)
		}
	}
	if flow.Eval(flow.Condition{Field: "session.tags", Operator: "contains", Value: "vip"}, facts) != true {
		t.Error("a list of strings contains its member")
	}
}

func TestFirstRouteTakesTheFirstThatHolds(t *testing.T) {
	t.Parallel()
	colour := func(want string) []flow.Condition {
		return []flow.Condition{{Field: "vars.colour", Operator: "==", Value: want}}
	}
	n := &flow.Node{Type: flow.TypeConditional, Default: "other", Routes: []flow.Route{
		{Conditions: colour("red"), Match: flow.MatchAll, Next: "stop"},
		{Conditions: colour("green"), Match: flow.MatchAll, Next: "go"},
		{Conditions: append(colour("green"), colour("blue")...), Match: flow.MatchAny, Next: "late"},
		{Match: flow.MatchAll, Next: "never"},
	}}
	for have, want := range map[string]struct {
		next  string
		route int
	}{"red": {"stop", 0}, "green": {"go", 1}, "blue": {"late", 2}, "yellow": {"other", -1}, "": {"other", -1}} {
		facts := map[string]any{"vars": map[string]any{"colour": have}}
		if next, route := flow.FirstRoute(n, facts); next != want.next || route != want.route {
			t.Errorf("%q goes %s by %d", have, next, route)
		}
	}
	if next, route := flow.FirstRoute(n, nil); next != "other" || route != -1 {
		t.Error("without facts the default is taken")
	}
}

func FuzzEval(f *testing.F) {
	f.Add(`{"x":1}`, "x", ">=", `1`, false)
	f.Add(`{"x":{"y":["a"]}}`, "x.y.0", "contains", `"A"`, true)
	f.Add(`{"x":"2024-01-01"}`, "x", "in", `["2024-01-01T00:00:00Z"]`, false)
	f.Add(`{"x":1e999999999}`, "x", "<", `1e-999999999`, false)
	f.Fuzz(func(t *testing.T, facts, field, operator, value string, ignoreCase bool) {
		var tree map[string]any
		dec := json.NewDecoder(strings.NewReader(facts))
		dec.UseNumber()
		if dec.Decode(&tree) != nil {
			return
		}
		var v any
		dec = json.NewDecoder(strings.NewReader(value))
		dec.UseNumber()
		if dec.Decode(&v) != nil {
			return
		}
		eval := func(op string) bool {
			return flow.Eval(flow.Condition{Field: field, Operator: op, Value: v, IgnoreCase: ignoreCase}, tree)
		}
		eval(operator)
		if eval("==") && eval("!=") || eval("in") && eval("not_in") {
			t.Error("an operator and its opposite both hold")
		}
		if eval("<") && eval(">=") || eval(">") && eval("<=") || eval("<") && eval(">") {
			t.Error("contradicting orders both hold")
		}
		if fact, found := flow.Lookup(tree, field); !found && (eval("==") || eval("!=") || eval("not_in") || eval("contains")) {
			t.Errorf("an operator holds for the missing fact %v", fact)
		}
	})
}
