package kyc

import (
	"slices"
	"testing"
)

func TestWhatSpeaksAgainstARun(t *testing.T) {
	t.Parallel()
	got := Concerns(map[string]CheckFact{
		"watchlist_screening": {Status: "failed", Reasons: []Reason{{Code: "possible_match", Severity: "critical"}, {Code: "lists_asked", Severity: "info"}}},
		"aml_pep":             {Status: "review", Reasons: []Reason{{Code: "possible_match", Severity: "warning"}}},
		"liveness":            {Status: "error"},
		"face_match":          {Status: "passed", Reasons: []Reason{{Code: "old_picture", Severity: "warning"}}},
		"consent":             {Status: "skipped"},
	})
	if want := []string{"aml_pep", "possible_match", "liveness", "watchlist_screening"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
