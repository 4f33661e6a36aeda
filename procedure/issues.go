package procedure

import (
	"slices"

	"bonafide/kyc"
)

// issueOfHit are the category, the word and the severity of unresolved hits of
// a kind (5.6).
func issueOfHit(kind, stepType string) (category, issue, severity string) {
	switch kind {
	case factorSanction:
		return "AML", "SANCTION", "CRITICAL"
	case factorPEP:
		return "AML", "PEP", "REVIEW"
	case factorMedia:
		return "AML", "MEDIA", "REVIEW"
	case factorWatchlist:
		return "AML", "WATCHLIST", "REVIEW"
	case kindBlock:
		return "BLOCKLISTED", "BLOCKED", "CRITICAL"
	case factorMatchlist:
		if stepType == TypeBlocklist {
			return "BLOCKLISTED", "MATCHED_INTERNAL", "REVIEW"
		}
		return "WATCHLIST", "INTERNAL_MATCH", "REVIEW"
	case factorDuplicate:
		return "DUPLICATE", "DUPLICATE", "REVIEW"
	}
	return "AML", "AML_ISSUE", "CRITICAL"
}

// hitKinds are the kinds of hits, the gravest first.
func hitKinds() []string {
	return []string{factorSanction, kindBlock, factorPEP, factorMedia, factorWatchlist, factorMatchlist, factorDuplicate}
}

// issues makes the issues of a step from its process results.
func (w *stepWork) issues() {
	t := tallyOf(w.results)
	for _, kind := range hitKinds() {
		if t.all[kind] == 0 {
			continue
		}
		category, issue, severity := issueOfHit(kind, w.s.Type)
		if t.refused[kind] > 0 {
			severity = "BLOCK" // a person has refused before, and nothing has changed
		}
		w.issue(category, issue, severity, t.open[kind] == 0 && t.refused[kind] == 0)
	}
	for _, policy := range w.policies {
		fact := w.j.f.Checks[policy]
		switch w.ends[policy] {
		case errored:
			issue := "SERVICE_ERROR"
			if slices.ContainsFunc(fact.Reasons, func(r kyc.Reason) bool { return r.Code == "timeout" || r.Code == "node_timeout" }) {
				issue = "SERVICE_TIMEOUT"
			}
			w.issue("SYSTEM", issue, w.severity("ERROR"), false)
		case missing:
			issue := missingIssue(fact)
			if issue == "" {
				issue = "BAD_DATA_ID"
			}
			w.issue("BAD_DATA", issue, "WARNING", false)
		case bad, doubt:
			if hitType(w.s.Type) {
				continue // said by the hits
			}
			category, issue := issueOf(policy, w.ends[policy], fact)
			severity := "REVIEW"
			if w.ends[policy] == bad {
				severity = "CRITICAL"
			}
			w.issue(category, issue, w.severity(severity), false)
		}
	}
}

// severity is lower for a step that is not required: what it found is told and
// decides nothing.
func (w *stepWork) severity(of string) string {
	if !w.required {
		return "WARNING"
	}
	return of
}

// issueOf is the issue of a check that failed or asks for a person.
func issueOf(policy string, e ending, fact kyc.CheckFact) (category, issue string) {
	has := func(codes ...string) bool {
		return slices.ContainsFunc(fact.Reasons, func(r kyc.Reason) bool { return r.Severity != "info" && slices.Contains(codes, r.Code) })
	}
	switch policy {
	case policyKYC:
		if e == bad {
			return "KYC", "NOT_FOUND"
		}
		return "KYC", "PARTIAL"
	case policyOCR:
		if has("document_tampered", "tampering_suspected") {
			return "IDV", "VISUAL_AUTHENTICITY"
		}
		return "IDV", "DATA_VALIDATION"
	case policyExpiry:
		return "EXPIRY", "REQUIRES_IDV"
	case policyFace:
		return "IDV", "DOCUMENT_COMPARISON"
	case policyLiveness:
		return "IDV", "LIVENESS_DETECTION"
	case policyEmail:
		return "FRAUD", "FRAUD_EMAIL_ADDRESS"
	case policyPhone:
		return "FRAUD", "FRAUD_PHONE_NUMBER"
	case policyIP:
		return "FRAUD", "FRAUD_IP_ADDRESS"
	case policyRisk:
		return "FRAUD", "FRAUD_CHECK"
	case policyVisa:
		return "VISA", "VISA_FAILED"
	case policyActivity:
		return "ACTIVITY", "ACTIVITY_FRAUD"
	case policyName:
		return "BAD_DATA", "BAD_DATA_NAME"
	}
	return "VERIFY", "DATA_VALIDATION"
}

// issue adds one issue; the same one of a step once, and then the graver.
func (w *stepWork) issue(category, issue, severity string, cleared bool) {
	for i := range w.j.out.Issues {
		have := &w.j.out.Issues[i]
		if have.StepResultID == w.r.ID && have.StepName == w.s.Name && have.Category == category && have.Issue == issue {
			if weight(severity) > weight(have.Severity) {
				have.Severity = severity
			}
			have.IsCleared = have.IsCleared && cleared
			return
		}
	}
	w.j.out.Issues = append(w.j.out.Issues, kyc.EntityIssue{ID: w.j.newID(), Category: category, Issue: issue, Severity: severity, StepResultID: w.r.ID,
		StepName: w.s.Name, IsCleared: cleared, CreatedAt: w.j.at, CreatedBy: "system", UpdatedAt: w.j.at})
}

func weight(severity string) int {
	return slices.Index([]string{"INFO", "WARNING", "REVIEW", "CRITICAL", "ERROR", "BLOCK"}, severity)
}

// settled reports whether the results of a step no longer give cause for an
// issue.
func settled(i *kyc.EntityIssue, r *kyc.StepResult, results []kyc.ProcessResult) bool {
	if i.Category == "SYSTEM" {
		return false // what did not run did not run
	}
	if hitType(r.Type) {
		t := tallyOf(results)
		for _, kind := range hitKinds() {
			if category, issue, _ := issueOfHit(kind, r.Type); category == i.Category && issue == i.Issue && t.all[kind] > 0 {
				return t.open[kind] == 0 && t.refused[kind] == 0
			}
		}
		return false
	}
	return r.Result == StepCleared
}
