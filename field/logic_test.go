package field_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"

	"bonafide/field"
)

func form(t testing.TB, raw string) []field.Field {
	t.Helper()
	fields, problems := field.Parse(json.RawMessage(raw), "")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return fields
}

const pepForm = `[
	{"field_id":"country","name":"C","type":"country"},
	{"field_id":"pep","field_key":"pep_key","name":"PEP","type":"select","options":["No","Yes"],"conditional_logic":{"action":"hide","conditions":[{"field_id":"country","operator":"is_empty"}]}},
	{"field_id":"why","name":"Why","type":"text","required":true,"conditional_logic":{"action":"show","conditions":[{"field_id":"pep_key","operator":"equals","value":"Yes"}]}},
	{"field_id":"job","name":"Job","type":"text","conditional_logic":{"action":"require","match":"any","conditions":[{"field_id":"why","operator":"is_not_empty"},{"field_id":"country","operator":"equals","value":"KP"}]}}
]`

func TestConditionsShowHideAndRequire(t *testing.T) {
	t.Parallel()
	fields := form(t, pepForm)
	for _, c := range []struct {
		in, want         string
		problems, hidden []string
	}{
		{`{}`, `{}`, nil, []string{"pep", "why"}},
		{`{"country":"DE","pep":"No","why":"x"}`, `{"country":"DE","pep":"No"}`, nil, []string{"why"}},
		{`{"country":"DE","pep":"Yes"}`, `{"country":"DE","pep":"Yes"}`, []string{"/form_data/why required"}, nil},
		{`{"country":"DE","pep":"Yes","why":"x"}`, `{"country":"DE","pep":"Yes","why":"x"}`, []string{"/form_data/job required"}, nil},
		{`{"country":"DE","pep_key":"Yes","why":"x","job":"y"}`, `{"country":"DE","pep":"Yes","why":"x","job":"y"}`, nil, nil},
		{`{"country":"KP"}`, `{"country":"KP"}`, []string{"/form_data/job required"}, []string{"why"}},
		// A hidden answer is no answer to the conditions behind it either.
		{`{"pep":"Yes","why":"x"}`, `{}`, nil, []string{"pep", "why"}},
		// What is hidden is not even judged.
		{`{"pep":5}`, `{}`, nil, []string{"pep", "why"}},
		// A wrong answer counts as none, so the question behind it stays hidden.
		{`{"country":"DE","pep":"Maybe"}`, `{"country":"DE"}`, []string{"/form_data/pep option_unknown"}, []string{"why"}},
		{`{"pep":"No","pep_key":"No"}`, `{}`, []string{"/form_data/pep_key field_given_twice"}, []string{"pep", "why"}},
		{`{"nobody":1}`, `{}`, []string{"/form_data/nobody unknown_field"}, []string{"pep", "why"}},
	} {
		r := field.Validate(context.Background(), fields, decode(t, c.in).(map[string]any), field.Env{Now: noon})
		if encode(t, r.Values) != encode(t, decode(t, c.want)) || !slices.Equal(codes(r.Problems), c.problems) || !slices.Equal(r.Hidden, c.hidden) {
			t.Errorf("%s: %v %v hidden %v", c.in, encode(t, r.Values), codes(r.Problems), r.Hidden)
		}
	}
}

func TestCirclesOfConditionsAreNamed(t *testing.T) {
	t.Parallel()
	look := func(id, at string) string {
		return `{"field_id":"` + id + `","name":"X","type":"text","conditional_logic":{"conditions":[{"field_id":"` + at + `","operator":"is_empty"}]}}`
	}
	_, problems := field.Parse(json.RawMessage(`[`+look("a", "b")+`,`+look("b", "c")+`,`+look("c", "a")+`,`+look("d", "a")+`]`), "")
	if len(problems) != 1 || problems[0].Code != "condition_cycle" || !slices.Equal(problems[0].Nodes, []string{"a", "b", "c"}) {
		t.Errorf("%+v", problems)
	}
	// Through a field inside an object that looks at its surroundings.
	_, problems = field.Parse(json.RawMessage(`[{"field_id":"o","name":"O","type":"object","fields":[`+look("in", "out")+`]},`+look("out", "o")+`]`), "")
	if len(problems) != 1 || problems[0].Code != "condition_cycle" || !slices.Equal(problems[0].Nodes, []string{"o", "out"}) {
		t.Errorf("%+v", problems)
	}
	// Nothing inside is shown, so nothing is stored.
	lone := form(t, `[{"field_id":"o","name":"O","type":"object","fields":[`+look("in", "out")+`]},{"field_id":"out","name":"Out","type":"text"}]`)
	r := field.Validate(context.Background(), lone, map[string]any{"out": "here", "o": map[string]any{"in": "a"}}, field.Env{})
	if encode(t, r.Values) != `{"out":"here"}` || len(r.Problems) > 0 {
		t.Errorf("%v %v", r.Values, r.Problems)
	}
	// The same without the circle.
	fields := form(t, `[{"field_id":"o","name":"O","type":"object","fields":[`+look("in", "out")+`,{"field_id":"x","name":"X","type":"text"}]},{"field_id":"out","name":"Out","type":"text"}]`)
	r = field.Validate(context.Background(), fields, map[string]any{"out": "here", "o": map[string]any{"in": "a", "x": "b"}}, field.Env{})
	if encode(t, r.Values["o"]) != `{"x":"b"}` || !slices.Equal(r.Hidden, []string{"o/in"}) {
		t.Errorf("%v %v", r.Values, r.Hidden)
	}
}

func TestLogicAloneForSteps(t *testing.T) {
	t.Parallel()
	l, problems := field.ParseLogic(json.RawMessage(`{"conditions":[{"field_id":"a","operator":"greater_than","value":5},{"field_id":"b","operator":"equals","value":"x","ignore_case":true}]}`), "/steps/1/show_if")
	if len(problems) > 0 || l.Action != "show" || l.Match != "all" || !slices.Equal(l.Refs(), []string{"a", "b"}) {
		t.Fatalf("%+v %v", l, problems)
	}
	values := map[string]any{"a": 6.0, "b": "X"}
	lookup := func(id string) (any, bool) { v, ok := values[id]; return v, ok }
	if !l.Holds(lookup, noon) {
		t.Error("both conditions hold")
	}
	delete(values, "b")
	if l.Holds(lookup, noon) {
		t.Error("an unanswered field does not hold")
	}
	l.Match = "any"
	if !l.Holds(lookup, noon) {
		t.Error("one of them holds")
	}
	// Read back from storage, without Parse.
	var stored field.Logic
	if err := json.Unmarshal([]byte(encode(t, l)), &stored); err != nil || !stored.Holds(lookup, noon) {
		t.Errorf("%+v %v", stored, err)
	}
	if visible, must := (field.Logic{Action: "hide", Match: "all"}).Effect(lookup, noon); !visible || must {
		t.Error("a logic without conditions hides nothing")
	}
	_, problems = field.ParseLogic(json.RawMessage(`{"when":1,"match":"some","conditions":[{"operator":"eq"},5,{"field_id":"a","operator":"is_true","ignore_case":"no"}]}`), "/s")
	want := []string{"/s/when unknown_field", "/s/match match_invalid", "/s/conditions/0/field_id condition_field_required", "/s/conditions/0/operator operator_invalid", "/s/conditions/1 wrong_type", "/s/conditions/2/ignore_case wrong_type"}
	if got := codes(problems); !slices.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	if _, problems = field.ParseLogic(json.RawMessage(`{"conditions":[]}`), ""); !slices.Equal(codes(problems), []string{"/conditions conditions_required"}) {
		t.Error(problems)
	}
}

func TestFieldsThatMustEqualOrDiffer(t *testing.T) {
	t.Parallel()
	fields := form(t, `[{"field_id":"a","name":"A","type":"email"},
		{"field_id":"b","name":"B","type":"email","validation_rules":{"equals_field":"a","custom_message":"Please repeat your address."}},
		{"field_id":"c","name":"C","type":"email","validation_rules":{"differs_from_field":"a"}}]`)
	r := field.Validate(context.Background(), fields, map[string]any{"a": "x@EXAMPLE.com", "b": "x@example.com", "c": "y@example.com"}, field.Env{})
	if len(r.Problems) > 0 {
		t.Error(r.Problems)
	}
	r = field.Validate(context.Background(), fields, map[string]any{"a": "x@example.com", "b": "z@example.com", "c": "x@example.com"}, field.Env{})
	if want := []string{"/form_data/b field_mismatch", "/form_data/c field_must_differ"}; !slices.Equal(codes(r.Problems), want) {
		t.Error(r.Problems)
	}
	if r.Problems[0].Message != "Please repeat your address." || len(r.Values) != 1 {
		t.Errorf("%v %v", r.Problems[0], r.Values)
	}
	r = field.Validate(context.Background(), fields, map[string]any{"b": "nonsense"}, field.Env{})
	if len(r.Problems) != 1 || r.Problems[0].Code != "email_invalid" || r.Problems[0].Message != "Please repeat your address." {
		t.Error(r.Problems)
	}
}

func TestBrokenTextIsRefusedEverywhere(t *testing.T) {
	t.Parallel()
	fields := form(t, `[{"field_id":"a","name":"A","type":"text"},{"field_id":"o","name":"O","type":"object","fields":[{"field_id":"x","name":"X","type":"text"}]}]`)
	r := field.Validate(context.Background(), fields, map[string]any{"a": "\xff", "o": map[string]any{"\xff": "x"}, "\xff": 1}, field.Env{})
	want := []string{"/form_data/� unknown_field", "/form_data/a invalid_utf8", "/form_data/o invalid_utf8"}
	if !slices.Equal(codes(r.Problems), want) {
		t.Errorf("%q", codes(r.Problems))
	}
	var deep any = "x"
	for range 40 {
		deep = []any{deep}
	}
	r = field.Validate(context.Background(), fields, map[string]any{"a": deep}, field.Env{})
	if len(r.Problems) != 1 || r.Problems[0].Code != "too_deep" {
		t.Error(codes(r.Problems))
	}
}
