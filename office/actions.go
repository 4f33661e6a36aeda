package office

import (
	"slices"
	"strings"
)

// actions are what the audit chain can hold, by kind of object: the choices of
// the search. Any other action can be searched for by its whole name.
func actions() []string {
	var out []string
	for _, group := range [][2]string{
		{"audit", "export"},
		{"case", "approve assign claim correct_pii create escalate judge_hit lapse note override_check quality_agree quality_disagree quality_draw quality_take quality_void read recommend recommendation_void reject release update"},
		{"document", "create delete list read update"},
		{"execution", "cancel complete create fail override read recompute rescreen start timeout"},
		{"identity", "absorb archive assess create deactivate list merge read redact restore update"},
		{"individual", "create delete duplicate erase list read search update withdraw_consent"},
		{"inquiry", "ask ask_again watch"},
		{"key", "create revoke"},
		{"list", "add archive check create export mark_false_positive remove restore update update_item"},
		{"monitoring", "alert disable enable enrol"},
		{"org", "create"},
		{"retention", "confirm go_on hold"},
		{"sandbox", "advance"},
		{"screening", "run"},
		{"session", "analyse approve archive biometrics_delete cancel capture_step complete consent corrections_resolve create decline examine expire export extend " +
			"external_decision external_decision_refused extract fail found generate_link list liveness_evaluate liveness_open open pause process read redact " +
			"reprocess request_corrections require_review resend_invitation resume resume_workflow revive start step_complete submit subsession_add subsession_complete " +
			"subsession_remove tag trigger update upload upload_init upload_receive validate void withhold"},
		{"settings", "update"},
		{"upload", "read url"},
		{"user", "create disable enable password recovery_code role second_factor_off second_factor_on second_factor_reset sign_in sign_in_refused sign_on_bound sign_on_unbound sign_out"},
		{"watchlist", "add_subject create delete list_subjects monitor read_subject remove_subject status_changed update update_subject"},
		{"webhook_endpoint", "create delete disable replay retry rotate_secret test update"},
		{"workflow", "backtest backtest_cancel configure create deactivate decline_publish decline_rollback decline_rollout default delete publish request_publish request_rollback request_rollout rollback rollout update " +
			"withdraw_publish withdraw_rollback withdraw_rollout"},
	} {
		for _, verb := range strings.Fields(group[1]) {
			out = append(out, group[0]+"."+verb)
		}
	}
	return out
}

// meant are the actions that somebody means by what they wrote: one by its
// whole name, or all whose word it is ("reject" is case.reject).
func meant(text string) []string {
	word := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(text)), " ", "_")
	if word == "" || strings.Contains(word, ".") {
		return nil
	}
	return slices.DeleteFunc(actions(), func(a string) bool {
		kind, verb, _ := strings.Cut(a, ".")
		return verb != word && kind != word && a != word
	})
}
