package journey

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
)

// recorded is what testdata/traces holds: what the checks of a run said, as
// their details really look.
type recorded struct {
	Session kyc.Session              `json:"session"`
	Run     kyc.Run                  `json:"run"`
	Checks  map[string]kyc.CheckFact `json:"checks"`
	Lists   []kyc.ListVersion        `json:"lists"`
	Case    *kyc.Case                `json:"case"`
	Want    json.RawMessage          `json:"want"`
}

func readTrace(t *testing.T, file string) (Record, json.RawMessage) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var r recorded
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(file, err)
	}
	trace := Trace{Run: r.Run, Checks: r.Checks, Engine: "1.0"}
	for policy, f := range r.Checks {
		a := kyc.Answer{Status: kyc.StatusOK, Score: f.Score, Hits: f.Hits, Details: f.Details}
		if policy == policyLists {
			a.Lists = r.Lists
		}
		trace.Attempts = append(trace.Attempts, Attempt{Policy: policy, Attempt: 1, Status: f.Status, Answer: a})
	}
	return Record{Session: r.Session, Trace: trace, Case: r.Case, Version: kyc.WorkflowVersion{Hash: "sha256:def"}, Attempts: 1}, r.Want
}

func TestResultsOfRecordedTraces(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/traces/*.json")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d traces: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			t.Parallel()
			r, raw := readTrace(t, file)
			got, err := json.Marshal(BuildResult(r))
			if err != nil {
				t.Fatal(err)
			}
			var want, have any
			if err := json.Unmarshal(raw, &want); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(got, &have); err != nil {
				t.Fatal(err)
			}
			for _, m := range missing("", want, have) {
				t.Error(m)
			}
			if t.Failed() {
				t.Logf("%s", got)
			}
		})
	}
}

// missing lists where have differs from the parts that want names; lists are
// compared whole.
func missing(at string, want, have any) []string {
	w, isObject := want.(map[string]any)
	if !isObject {
		list, isList := want.([]any)
		if isList {
			h, _ := have.([]any)
			if len(h) != len(list) {
				return []string{at + " has another length"}
			}
			var out []string
			for i := range list {
				out = append(out, missing(at+"/"+string(rune('0'+i)), list[i], h[i])...)
			}
			return out
		}
		if want != have {
			return []string{at + ": got " + show(have) + ", want " + show(want)}
		}
		return nil
	}
	h, ok := have.(map[string]any)
	if !ok {
		return []string{at + " is no object: " + show(have)}
	}
	var out []string
	for k, v := range w {
		out = append(out, missing(at+"/"+k, v, h[k])...)
	}
	return out
}

func show(v any) string {
	b, _ := json.Marshal(v) //nolint:errchkjson // came from JSON
	return string(b)
}

// Whatever is taken out of a record, no check may look better for it.
func TestACheckThatDidNotRunIsNeverClear(t *testing.T) {
	t.Parallel()
	r, _ := readTrace(t, "testdata/traces/clear.json")
	for policy := range r.Trace.Checks {
		for _, status := range []string{"", "error", "skipped", "failed", "review"} {
			less := r
			less.Trace.Checks = map[string]kyc.CheckFact{}
			for p, f := range r.Trace.Checks {
				if p != policy {
					less.Trace.Checks[p] = f
				} else if status != "" {
					less.Trace.Checks[p] = kyc.CheckFact{Status: status}
				}
			}
			got := BuildResult(less)
			now := map[string]string{policyLists: got.Lists.Status, policyWallets: got.Crypto.Status, policyMedia: got.AdverseMedia.Status,
				policyFace: got.FaceMatch.Status, policyLiveness: got.Liveness.Status, policyCross: got.CrossValidation.Status,
				policyRelated: got.Subsessions.Status, policyRules: got.Automation.Outcome}[policy]
			if slices.Contains([]string{"clear", "passed", "auto_approve"}, now) {
				t.Errorf("%s with status %q looks %s", policy, status, now)
			}
			if status == "" && now != notRun && policy != policyDocuments {
				t.Errorf("%s did not run and looks %q", policy, now)
			}
		}
	}
}

func TestThereIsNoResultBeforeTheFirstRun(t *testing.T) {
	t.Parallel()
	if r := BuildResult(Record{}); r != nil {
		t.Errorf("got %+v", r)
	}
	end := time.Date(2026, 3, 1, 12, 0, 1, 0, time.UTC)
	r := BuildResult(Record{Session: kyc.Session{RunID: "r", Status: kyc.SessionReview}, Trace: Trace{Run: kyc.Run{Status: kyc.RunFailed, StartedAt: end.Add(-time.Second), EndedAt: end}}})
	if r.DurationMS != 1000 || r.Automation.Outcome != notRun || r.Lists.Status != notRun || len(r.AutomationFlags) != 1 || r.FinalDecision != "manual_review" {
		t.Errorf("a failed run gives %+v", r)
	}
}
