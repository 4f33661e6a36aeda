package entity

import "bonafide/kyc"

// ProfileLabel is what a person is shown of the state of a service profile
// (api.md 5.11): Unchecked, Active, Archived, Blocklisted or Duplicate.
func ProfileLabel(state string) string {
	switch state {
	case ProfileAuto, ProfileActive:
		return "Active"
	case ProfileArchived, ProfileInactive, ProfileDeleted:
		return "Archived"
	case ProfileBlocklisted:
		return "Blocklisted"
	case ProfileDuplicate:
		return "Duplicate"
	}
	return "Unchecked"
}

// ExecutionLabel is what a person is shown of an execution (api.md 5.11):
// Unchecked, Needs Attention, Passed, Manually Passed, Failed or Manually
// Failed. The status of an execution that did not complete is no decision,
// unless a person gave it.
func ExecutionLabel(e *kyc.Execution) string {
	byHand := e.Override != nil
	switch e.State {
	case "COMPLETED":
	case "IN_PROGRESS", "":
		return "Unchecked"
	default:
		if !byHand {
			return "Needs Attention"
		}
	}
	byHand = byHand || e.Manual
	switch e.Status {
	case "UNCHECKED", "IN_PROGRESS", "":
		return "Unchecked"
	case "PASS", "COMPLETE", "CLEAR", "APPROVED":
		if byHand || e.Status == "APPROVED" {
			return "Manually Passed"
		}
		return "Passed"
	case "FAIL", "REJECTED":
		if byHand || e.Status == "REJECTED" {
			return "Manually Failed"
		}
		return "Failed"
	}
	return "Needs Attention"
}
