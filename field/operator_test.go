package field_test

import (
	"encoding/json"
	"testing"

	"bonafide/field"
)

func TestOperators(t *testing.T) {
	t.Parallel()
	const volume = `{"amount":1000.50,"currency":"EUR","period":"monthly"}`
	for _, c := range []struct {
		op, value, answer string
		ignoreCase, want  bool
	}{
		{"equals", `"No"`, `"No"`, false, true}, {"equals", `"No"`, `"no"`, false, false}, {"equals", `"No"`, `"no"`, true, true},
		{"equals", `5`, `5.0`, false, true}, {"equals", `5`, `"5"`, false, false}, {"equals", `"5"`, `5`, false, false},
		{"equals", `0.1`, `0.10000000000000000001`, false, false}, {"equals", `true`, `true`, false, true}, {"equals", `"true"`, `true`, false, false},
		{"equals", `"é"`, `"e\u0301"`, false, true}, {"equals", `["a","b"]`, `["b","a"]`, false, true}, {"equals", `"a"`, `["a"]`, false, false},
		{"equals", `1000.5`, volume, false, true}, {"equals", `"Ann Lee"`, `{"given":"Ann","full":"Ann Lee"}`, false, true},
		{"equals", `"x1"`, `{"address":"x1","network":"BTC"}`, false, true}, {"equals", `"x"`, `{"line1":"x"}`, false, false},
		{"not_equals", `"No"`, `"Yes"`, false, true}, {"not_equals", `"No"`, `"No"`, false, false}, {"not_equals", `"No"`, `true`, false, true},
		{"in", `["a","b"]`, `"b"`, false, true}, {"in", `["a","b"]`, `"B"`, false, false}, {"in", `["a","b"]`, `["x","B"]`, true, true}, {"in", `[1,2]`, `2.0`, false, true},
		{"not_in", `["a","b"]`, `"c"`, false, true}, {"not_in", `["a","b"]`, `["c","a"]`, false, false},
		{"contains", `"bc"`, `"abcd"`, false, true}, {"contains", `"BC"`, `"abcd"`, false, false}, {"contains", `"BC"`, `"abcd"`, true, true},
		{"contains", `5`, `[1,5]`, false, true}, {"contains", `"5"`, `5`, false, false},
		{"not_contains", `"x"`, `"abc"`, false, true}, {"not_contains", `"b"`, `["abc"]`, false, false},
		{"starts_with", `"ab"`, `"abc"`, false, true}, {"starts_with", `"AB"`, `"abc"`, false, false}, {"starts_with", `"AB"`, `"abc"`, true, true}, {"starts_with", `"1"`, `123`, false, false},
		{"matches", `"^A[0-9]+$"`, `"A12"`, false, true}, {"matches", `"B"`, `"ABC"`, false, true}, {"matches", `"^a"`, `"ABC"`, false, false}, {"matches", `"^a"`, `"ABC"`, true, true},
		{"greater_than", `1000`, volume, false, true}, {"greater_than", `1000.5`, volume, false, false}, {"greater_or_equal", `1000.5`, volume, false, true},
		{"greater_than", `5`, `"6"`, false, false}, {"less_than", `5`, `4.999999999999999999`, false, true}, {"less_or_equal", `5`, `5`, false, true}, {"less_than", `0.3`, `0.3`, false, false},
		{"between", `[1,3]`, `3`, false, true}, {"between", `[1,3]`, `3.01`, false, false}, {"between", `[1,3]`, `"2"`, false, false},
		{"between", `["2026-01-01","today"]`, `"2026-03-01"`, false, true}, {"between", `["2026-01-01","today"]`, `"2026-03-02"`, false, false},
		{"is_empty", ``, `""`, false, true}, {"is_empty", ``, `[]`, false, true}, {"is_empty", ``, `{"line1":" "}`, false, true}, {"is_empty", ``, `false`, false, false}, {"is_empty", ``, `0`, false, false},
		{"is_not_empty", ``, `false`, false, true}, {"is_not_empty", ``, `{"a":1}`, false, true},
		{"is_true", ``, `true`, false, true}, {"is_true", ``, `"true"`, false, false}, {"is_true", ``, `1`, false, false}, {"is_false", ``, `false`, false, true}, {"is_false", ``, `0`, false, false},
		{"before", `"today"`, `"2026-02-28"`, false, true}, {"before", `"today"`, `"2026-03-01"`, false, false}, {"before", `"2026-01-01"`, `"soon"`, false, false},
		{"after", `"2026-01-01"`, `"2026-01-02"`, false, true}, {"after", `"2026-01-01"`, `"2026-01-01"`, false, false},
		{"age_below", `18`, `"2008-03-02"`, false, true}, {"age_below", `18`, `"2008-03-01"`, false, false}, {"age_at_least", `18`, `"2008-03-01"`, false, true},
		{"age_below", `18`, `"2030-01-01"`, false, false}, {"age_at_least", `0`, `"2030-01-01"`, false, false}, {"age_below", `18`, `"young"`, false, false},
	} {
		op, bad := field.ParseOperator(c.op, json.RawMessage(c.value), c.ignoreCase)
		if bad != nil {
			t.Errorf("%s %s: %v", c.op, c.value, bad)
			continue
		}
		if got := op.Holds(decode(t, c.answer), true, noon); got != c.want {
			t.Errorf("%s %s %s (ignore case %t): %t", c.answer, c.op, c.value, c.ignoreCase, got)
		}
	}
}

func TestAnUnansweredValueSatisfiesOnlyIsEmpty(t *testing.T) {
	t.Parallel()
	values := map[string]string{"in": `["x"]`, "not_in": `["x"]`, "between": `[1,2]`, "before": `"today"`, "after": `"today"`, "starts_with": `"x"`, "matches": `".*"`,
		"equals": `"x"`, "not_equals": `"x"`, "contains": `"x"`, "not_contains": `"x"`, "is_empty": "", "is_not_empty": "", "is_true": "", "is_false": ""}
	for _, name := range field.Operators() {
		value, ok := values[name]
		if !ok {
			value = `1`
		}
		op, bad := field.ParseOperator(name, json.RawMessage(value), false)
		if bad != nil {
			t.Fatal(bad)
		}
		for _, v := range []any{nil, "", " ", []any{}, map[string]any{}, map[string]any{"a": nil}} {
			for _, answered := range []bool{true, false} {
				if got := op.Holds(v, answered, noon); got != (name == "is_empty") {
					t.Errorf("%s of %v, answered %t: %t", name, v, answered, got)
				}
			}
		}
		if got := op.Holds("left over", false, noon); got != (name == "is_empty") {
			t.Errorf("%s looks at a value that was not answered: %t", name, got)
		}
	}
}

func TestWrongOperatorsAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ op, value, want string }{
		{"eq", `1`, "/operator operator_invalid"}, {"", `1`, "/operator operator_invalid"}, {"equals", ``, "/value value_required"}, {"equals", `null`, "/value value_required"},
		{"is_empty", `1`, "/value value_not_allowed"}, {"in", `"a"`, "/value value_invalid"}, {"in", `[]`, "/value value_invalid"},
		{"matches", `"("`, "/value pattern_invalid"}, {"matches", `"(?!x)"`, "/value pattern_invalid"}, {"matches", `5`, "/value value_invalid"}, {"starts_with", `""`, "/value value_invalid"},
		{"greater_than", `"5"`, "/value value_invalid"}, {"greater_than", `1e99`, "/value value_invalid"}, {"between", `[2,1]`, "/value value_invalid"}, {"between", `[1]`, "/value value_invalid"},
		{"between", `[1,"2026-01-01"]`, "/value value_invalid"}, {"before", `"tomorrow"`, "/value value_invalid"}, {"before", `"2023-02-29"`, "/value value_invalid"},
		{"age_below", `18.5`, "/value value_invalid"}, {"age_below", `-1`, "/value value_invalid"}, {"age_below", `151`, "/value value_invalid"}, {"equals", `{`, "/value value_invalid"},
	} {
		_, bad := field.ParseOperator(c.op, json.RawMessage(c.value), false)
		if bad == nil || bad.Path+" "+bad.Code != c.want {
			t.Errorf("%s %s: %v, want %s", c.op, c.value, bad, c.want)
		}
	}
}
