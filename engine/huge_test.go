package engine

import (
	"encoding/json"
	"testing"
	"time"

	"bonafide/kyc"
)

// TestHugeNumbersCostNothing: a number from outside with a monstrous exponent
// must not keep a comparison busy.
func TestHugeNumbersCostNothing(t *testing.T) {
	t.Parallel()
	for _, n := range []string{"1e400", "1e99999", "1e999999999", "1e-999999999", "-1e2147483647", "1e99999999999999999999"} {
		w := begin(t, graphOf(t, gateGraph), testBegin())
		w.answer(verdictOf(kyc.Pass))
		in := Input{Seq: w.s.Seq, RunID: testRun, Kind: KindGateDecision, Node: "gate", At: epoch, Data: json.RawMessage(`{"gate":"bank","decision":"continue","metadata":{"limit":` + n + `}}`)}
		at := time.Now()
		_, _, err := Step(w.g, w.s, in)
		if took := time.Since(at); took > time.Minute { // microseconds; a number that is written out never ends
			t.Errorf("%s took %s (%v)", n, took, err)
		}
	}
}
