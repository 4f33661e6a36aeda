package entity

import (
	"testing"

	"bonafide/kyc"
)

func TestLabels(t *testing.T) {
	t.Parallel()
	for _, s := range ProfileStates() {
		want := map[string]string{ProfileInit: "Unchecked", ProfileAuto: "Active", ProfileActive: "Active", ProfileArchived: "Archived",
			ProfileInactive: "Archived", ProfileDeleted: "Archived", ProfileBlocklisted: "Blocklisted", ProfileDuplicate: "Duplicate"}[s]
		if got := ProfileLabel(s); got != want {
			t.Errorf("%s is shown as %s", s, got)
		}
	}
	hand := &kyc.StatusOverride{}
	for _, c := range []struct {
		state, status string
		override      *kyc.StatusOverride
		manual        bool
		want          string
	}{
		{"IN_PROGRESS", "IN_PROGRESS", nil, false, "Unchecked"},
		{"COMPLETED", "UNCHECKED", nil, false, "Unchecked"},
		{"COMPLETED", "PASS", nil, false, "Passed"},
		{"COMPLETED", "PASS", nil, true, "Manually Passed"},
		{"COMPLETED", "CLEAR", nil, false, "Passed"},
		{"COMPLETED", "APPROVED", nil, false, "Manually Passed"},
		{"COMPLETED", "FAIL", nil, false, "Failed"},
		{"COMPLETED", "FAIL", hand, false, "Manually Failed"},
		{"COMPLETED", "REJECTED", nil, false, "Manually Failed"},
		{"COMPLETED", "REVIEW", nil, false, "Needs Attention"},
		{"COMPLETED", "URGENT", nil, false, "Needs Attention"},
		{"COMPLETED", "BLOCKED", hand, false, "Needs Attention"},
		{"ERROR", "PASS", nil, false, "Needs Attention"}, // what did not complete decides nothing
		{"ERROR", "PASS", hand, false, "Manually Passed"},
		{"TIMEOUT", "FAIL", hand, false, "Manually Failed"},
	} {
		if got := ExecutionLabel(&kyc.Execution{State: c.state, Status: c.status, Override: c.override, Manual: c.manual}); got != c.want {
			t.Errorf("%s %s is shown as %s, want %s", c.state, c.status, got, c.want)
		}
	}
}
