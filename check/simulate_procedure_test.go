package check

import (
	"slices"
	"testing"

	"bonafide/kyc"
)

// The sandbox's sources say nothing of what the person does not have.
func TestSimulatedSourcesKnowOnlyWhatWasAsked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fields map[string]any
		knows  []string
	}{
		"name and birth": {map[string]any{"first_name": "Ada", "last_name": "Approve", "date_of_birth": "1984-02-29"}, []string{"date_of_birth", "name"}},
		"with gender":    {map[string]any{"first_name": "Ada", "last_name": "Approve", "date_of_birth": "1984", "gender": "F"}, []string{"date_of_birth", "gender", "name"}},
		"a name alone":   {map[string]any{"first_name": "Ada", "last_name": "Approve"}, nil},
	} {
		a := simulatedVerification(false, kyc.CheckRequest{Policy: policyKYC, Fields: c.fields})
		if c.knows == nil {
			if a.Status == kyc.StatusOK || a.Verdict == kyc.Pass {
				t.Errorf("%s: %+v", name, a)
			}
			continue
		}
		sources, _ := a.Details["sources"].([]any)
		if len(sources) != 2 || a.Verdict != kyc.Pass {
			t.Fatalf("%s: %+v", name, a)
		}
		for _, s := range sources {
			one, _ := s.(map[string]any)
			matches, _ := one["matches"].(map[string]any)
			var knows []string
			for k := range matches {
				knows = append(knows, k)
			}
			slices.Sort(knows)
			if !slices.Equal(knows, c.knows) {
				t.Errorf("%s: the source knows %v", name, knows)
			}
		}
	}
}
