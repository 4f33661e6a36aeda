package console

import "strings"

// Said is an action of the audit chain in words: case.reject, Case rejected.
func Said(action string) string {
	kind, verb, ok := strings.Cut(action, ".")
	if !ok {
		return sentence(action)
	}
	if done, known := done(kind, verb); known {
		return done
	}
	return sentence(kind) + ": " + strings.ReplaceAll(verb, "_", " ")
}

// done says a verb as something that happened.
func done(kind, verb string) (string, bool) {
	whole := map[string]string{"upload.read": "Picture or file looked at", "upload.url": "Link to a file made", "audit.export": "Audit chain exported", "user.sign_in": "Signed in", "user.sign_out": "Signed out",
		"user.sign_in_refused": "Sign-in refused", "user.sign_on_bound": "Single sign-on bound", "user.sign_on_unbound": "Single sign-on unbound", "user.password": "Password changed", "user.role": "Role changed", "user.skills": "Skills changed",
		"user.second_factor_on": "Second factor turned on", "user.second_factor_off": "Second factor turned off", "user.second_factor_reset": "Second factor reset", "user.recovery_code": "Recovery code used",
		"case.quality_draw": "Drawn for a quality check", "case.quality_take": "Quality check taken", "case.quality.read": "Looked at for a quality check", "case.quality_agree": "Quality check agrees with the decision",
		"case.quality_disagree": "Quality check disagrees with the decision", "case.quality_void": "Quality check given up", "case.recommend": "First opinion given", "case.recommendation_void": "First opinion void", "case.note": "Note written", "case.judge_hit": "Hit judged", "case.lapse": "Claim lapsed",
		"case.release": "Case put back", "case.correct_pii": "Personal data corrected", "session.consent": "Consent given", "session.open": "Link opened", "session.generate_link": "Link made",
		"session.capture_step": "Step of the applicant taken", "session.step_complete": "Step completed", "session.upload": "File received", "session.upload_init": "File announced", "session.upload_receive": "File received",
		"session.decline": "Session rejected", "session.end": "Session ended", "session.found": "Finding told", "session.require_review": "Review asked for", "session.manual_review": "Review asked for",
		"session.withhold": "Personal data made unreadable", "session.redact": "Personal data erased", "identity.redact": "Person erased", "individual.erase": "Person erased",
		"session.liveness_open": "Liveness check begun", "session.liveness_evaluate": "Liveness check judged", "session.request_corrections": "Corrections asked for", "session.corrections_resolve": "Corrections resolved",
		"screening.run": "Name screened", "sandbox.advance": "Sandbox clock moved on",
		"retention.hold": "Sweeps of retention wait for the clock", "retention.go_on": "Sweeps of retention go on", "retention.confirm": "Clock confirmed for retention", "workflow.rollback": "Workflow rolled back", "workflow.request_publish": "Publication asked for", "workflow.request_rollback": "Going back asked for", "workflow.request_rollout": "Larger share asked for",
		"workflow.decline_publish": "Publication declined", "workflow.decline_rollback": "Going back declined", "workflow.decline_rollout": "Larger share declined",
		"workflow.withdraw_publish": "Wish to publish withdrawn", "workflow.withdraw_rollback": "Wish to go back withdrawn", "workflow.withdraw_rollout": "Wish for a larger share withdrawn", "workflow.default": "Workflow made the default",
		"workflow.rollout": "Rollout changed", "workflow.backtest": "Backtest begun", "workflow.backtest_cancel": "Backtest cancelled", "webhook_endpoint.rotate_secret": "Signing secret changed", "signature_keys.create": "Signing key pair made", "signature_keys.rotate": "Signing key pair changed",
		"webhook_endpoint.read_message": "Message looked at",
		"webhook_endpoint.test":         "Test message sent", "webhook_endpoint.replay": "Messages sent again", "webhook_endpoint.retry": "Message sent again"}
	if text, known := whole[kind+"."+verb]; known {
		return text, true
	}
	past := map[string]string{"approve": "approved", "reject": "rejected", "create": "made", "read": "looked at", "list": "listed", "update": "changed", "delete": "deleted", "archive": "archived",
		"restore": "restored", "assign": "assigned", "claim": "claimed", "close": "closed", "escalate": "escalated", "override_check": "check overridden", "cancel": "cancelled", "complete": "completed",
		"fail": "failed", "start": "begun", "timeout": "timed out", "merge": "merged", "revoke": "revoked", "add": "item added", "remove": "item removed", "export": "exported", "disable": "disabled",
		"enable": "enabled", "expire": "expired", "extend": "extended", "pause": "paused", "resume": "resumed", "process": "processed", "processed": "processed", "reprocess": "processed again", "submit": "submitted", "validate": "validated",
		"publish": "published", "configure": "configured", "deactivate": "deactivated", "monitor": "run", "analyse": "analysed", "examine": "examined", "extract": "read off", "void": "voided", "revive": "revived",
		"trigger": "triggered", "tag": "tagged", "update_item": "item changed", "search": "searched", "ask": "asked", "ask_again": "asked again"}
	text, known := past[verb]
	return sentence(kind) + " " + text, known
}

// sentence begins a name of the program as a sentence: webhook_endpoint, Webhook
// endpoint.
func sentence(name string) string {
	if name == "" {
		return ""
	}
	name = strings.ReplaceAll(name, "_", " ")
	return strings.ToUpper(name[:1]) + name[1:]
}
