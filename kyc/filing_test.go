package kyc

import "testing"

func TestTheWorstCheckSaysWhyAPersonLooks(t *testing.T) {
	t.Parallel()
	reason := func(code, severity string) []Reason {
		return []Reason{{Code: "first", Severity: "info"}, {Code: code, Severity: severity}}
	}
	for name, tt := range map[string]struct {
		checks map[string]CheckFact
		want   Because
	}{
		"nothing":            {nil, Because{}},
		"all well":           {map[string]CheckFact{"a": {Status: "passed", Reasons: reason("x", "critical")}}, Because{}},
		"the gravest":        {map[string]CheckFact{"a": {Status: "failed", Reasons: reason("soft", "warning")}, "b": {Status: "review", Reasons: reason("hard", "critical")}}, Because{"b", "hard"}},
		"failure first":      {map[string]CheckFact{"a": {Status: "review", Reasons: reason("x", "warning")}, "b": {Status: "failed", Reasons: reason("y", "warning")}}, Because{"b", "y"}},
		"doubt before fault": {map[string]CheckFact{"a": {Status: "error"}, "b": {Status: "review"}}, Because{"b", ""}},
		"a sum comes last":   {map[string]CheckFact{"sum": {Status: "failed", Reasons: reason("all", "critical")}, "b": {Status: "review", Reasons: reason("y", "info")}}, Because{"b", "first"}},
		"a sum alone":        {map[string]CheckFact{"sum": {Status: "review"}}, Because{"sum", ""}},
	} {
		if got := WorstOf(tt.checks, "sum"); got != tt.want {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
	}
}
