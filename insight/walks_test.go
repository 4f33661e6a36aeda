package insight

import (
	"reflect"
	"testing"
	"time"

	"bonafide/kyc"
)

func TestWaysOfRuns(t *testing.T) {
	t.Parallel()
	m, tenant := &memory{}, kyc.Tenant{Org: "o", Env: kyc.Live}
	machine := New(m, &hand{now: noon})
	walk := func(workflow kyc.ID, version int, outcome, found, end string) {
		machine.Walked(Walk{Tenant: tenant, Workflow: workflow, Version: version, Outcome: outcome, Took: 3 * time.Second,
			Nodes: []WalkNode{{"start", "passed", 0}, {"ocr", found, 500 * time.Millisecond}, {end, outcome, 0}},
			Moves: []WalkMove{{"start", "ocr", "next"}, {"ocr", end, found}}})
	}
	walk("w", 1, "approved", "passed", "yes")
	walk("w", 2, "approved", "passed", "yes")
	walk("w", 2, "rejected", "failed", "no")
	walk("w2", 2, "rejected", "failed", "no") // another one whose id begins alike
	all, err := machine.Ways(t.Context(), tenant, "w", 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := &Ways{AsOf: all.AsOf, From: all.From, To: all.To, Runs: 3, Mean: 3 * time.Second, Outcomes: []Share{{"approved", 2}, {"rejected", 1}},
		Versions: []VersionWays{{2, 2, []Share{{"approved", 1}, {"rejected", 1}}}, {1, 1, []Share{{"approved", 1}}}},
		Nodes: []NodeWays{{"no", 1, []Share{{"rejected", 1}}, 0}, {"ocr", 3, []Share{{"passed", 2}, {"failed", 1}}, 500 * time.Millisecond},
			{"start", 3, []Share{{"passed", 3}}, 0}, {"yes", 2, []Share{{"approved", 2}}, 0}},
		Moves: []MoveCount{{WalkMove{"ocr", "no", "failed"}, 1}, {WalkMove{"ocr", "yes", "passed"}, 2}, {WalkMove{"start", "ocr", "next"}, 3}}}
	if !reflect.DeepEqual(all, want) {
		t.Errorf("all versions: %+v", all)
	}
	if one, err := machine.Ways(t.Context(), tenant, "w", 1, 366); err != nil || one.Runs != 1 || len(one.Nodes) != 3 || len(one.Versions) != 1 {
		t.Errorf("version 1: %+v %v", one, err)
	}
	if none, err := machine.Ways(t.Context(), kyc.Tenant{Org: "o", Env: kyc.Sandbox}, "w", 0, 1); err != nil || none.Runs != 0 || none.Mean != 0 {
		t.Errorf("another environment: %+v %v", none, err)
	}
	for _, days := range []int{0, MaxDays + 1} {
		if _, err := machine.Ways(t.Context(), tenant, "w", 0, days); kyc.AsError(err).Code != "days_out_of_range" {
			t.Errorf("%d days: %v", days, err)
		}
	}
	// The figures of checks know nothing of it.
	if r, err := machine.Report(t.Context(), Ask{Tenant: tenant, Days: 1}); err != nil || len(r.Checks) != 0 || len(r.Providers) != 0 {
		t.Errorf("the report: %+v %v", r, err)
	}
}
