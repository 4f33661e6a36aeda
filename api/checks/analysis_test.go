package checks

import (
	"encoding/json"
	"testing"

	"bonafide/kyc"
)

// Numbers come as a check gave them, as JSON read them, or as the record of a
// run keeps them.
func TestNumbersOfDetailsInWhateverForm(t *testing.T) {
	t.Parallel()
	for _, v := range []any{36, 36.0, json.Number("36"), json.Number("36.0")} {
		w := word{answer: kyc.Answer{Details: map[string]any{"age": v}}}
		if got := w.number("age"); got == nil || *got != 36 {
			t.Errorf("%T: %v", v, got)
		}
	}
	for _, v := range []any{nil, "36", json.Number("x"), true} {
		w := word{answer: kyc.Answer{Details: map[string]any{"age": v}}}
		if got := w.number("age"); got != nil {
			t.Errorf("%T: %v", v, *got)
		}
	}
}
