package procedure

import (
	"fmt"
	"slices"

	"bonafide/kyc"
)

// decide is the decision of 5.8, over the record alone, so that it can be made
// again after people judged results. Of several outcomes that hold, the
// stricter one is taken: ERROR, FAIL, BLOCKED, REVIEW, INCOMPLETE, PASS, and in
// monitoring ERROR, URGENT, MONITOR, INCOMPLETE, CLEAR. answered is false when
// no check gave an answer; nothing was looked at then, and that is no pass.
func decide(d *Definition, steps []kyc.StepResult, issues []kyc.EntityIssue, level string, answered bool) (state, result string, reasons []kyc.Reason) {
	say := func(severity, code, format string, args ...any) {
		reasons = append(reasons, kyc.Reason{Code: code, Message: fmt.Sprintf(format, args...), Severity: severity})
	}
	var failing, unresolved, refused, lacking, open []string
	blocked, sanctions, broken := 0, 0, false
	for i := range steps {
		r := &steps[i]
		if !asks(r) {
			continue
		}
		required := r.Summary["required"] != false
		must := slices.Contains(d.Decision.MustPass, r.Name) || d.Step(r.Name) == nil
		sanctions += count(r.Summary, "unresolvedSanction")
		blocked += count(r.Summary, "unresolvedBlock")
		if count(r.Summary, "unresolved") > 0 {
			unresolved = append(unresolved, r.Name)
		}
		if count(r.Summary, "rejected") > 0 {
			refused = append(refused, r.Name)
		}
		switch r.Result {
		case StepError:
			if required {
				broken = true
				say("critical", "step_error", "%s gave no answer", r.Name)
			}
		case StepFail, StepNoMatch, StepHitRejected:
			if must {
				failing = append(failing, r.Name)
			}
		case StepMissingData, StepIncomplete, StepUnchecked:
			if required {
				lacking = append(lacking, r.Name)
			}
		}
	}
	block := false
	for i := range issues {
		switch is := &issues[i]; {
		case is.IsCleared:
		case is.Severity == "BLOCK":
			block = true
			open = append(open, is.Category+" "+is.Issue)
		case is.Severity == "REVIEW" || is.Severity == "CRITICAL":
			open = append(open, is.Category+" "+is.Issue)
		}
	}
	if broken {
		return StateError, Blocked, reasons
	}
	list := func(code, severity, what string, names []string) {
		for _, name := range names {
			say(severity, code, "%s %s", name, what)
		}
	}
	list("step_failed", "critical", "did not pass", failing)
	if block {
		say("critical", "issue_blocks", "an issue that blocks is open")
	}
	if blocked > 0 {
		say("critical", "blocklist_hit", "%d entries of lists that block are not resolved", blocked)
	}
	if level == "UNACCEPTABLE" {
		say("critical", "risk_unacceptable", "the risk is unacceptable")
	}
	list("hit_unresolved", "warning", "has hits that nobody has resolved", unresolved)
	list("hit_refused", "critical", "has results for which a person refused", refused)
	list("issue_open", "warning", "is open", open)
	if level == "HIGH" {
		say("warning", "risk_high", "the risk is high")
	}
	list("data_missing", "warning", "had nothing to look at", lacking)
	if !answered {
		say("warning", "nothing_checked", "no check gave an answer")
	}
	attention := len(unresolved) > 0 || len(refused) > 0 || len(open) > 0 || level == "HIGH"
	incomplete := len(lacking) > 0 || !answered
	if d.LifecyclePhase == PhaseMonitoring {
		switch {
		case sanctions > 0 || blocked > 0 || level == "UNACCEPTABLE":
			result = Urgent
		case attention || block || len(failing) > 0:
			result = Monitor
		case incomplete:
			result = Incomplete
		default:
			result = Clear
			say("info", "nothing_found", "nothing was found")
		}
		return StateCompleted, result, reasons
	}
	switch {
	case len(failing) > 0 || block:
		result = Fail
	case blocked > 0 || level == "UNACCEPTABLE":
		result = Blocked
	case attention:
		result = Review
	case incomplete:
		result = Incomplete
	default:
		result = Pass
		say("info", "all_passed", "every step passed")
	}
	return StateCompleted, result, reasons
}

// asks reports whether a step result belongs to a step that checks something.
func asks(r *kyc.StepResult) bool {
	return r.Summary["machineResult"] != nil
}
