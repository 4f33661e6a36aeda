package procedure

import "slices"

// States of an execution.
const (
	StateInProgress = "IN_PROGRESS"
	StateCompleted  = "COMPLETED"
	StateCanceled   = "CANCELED"
	StateTerminated = "TERMINATED"
	StateError      = "ERROR"
	StateTimeout    = "TIMEOUT"
)

// The fourteen statuses of seed 002.
const (
	Unchecked     = "UNCHECKED"
	InProgress    = "IN_PROGRESS"
	Review        = "REVIEW"
	Pass          = "PASS"
	Fail          = "FAIL"
	Complete      = "COMPLETE"
	Incomplete    = "INCOMPLETE"
	NeedsApproval = "NEEDS_APPROVAL"
	Approved      = "APPROVED"
	Rejected      = "REJECTED"
	Blocked       = "BLOCKED"
	Clear         = "CLEAR"
	Urgent        = "URGENT"
	Monitor       = "MONITOR"
)

// Statuses are the fourteen, in the order of the seed.
func Statuses() []string {
	return []string{Unchecked, InProgress, Review, Pass, Fail, Complete, Incomplete, NeedsApproval, Approved, Rejected, Blocked, Clear, Urgent, Monitor}
}

// States are the states of an execution.
func States() []string {
	return []string{StateCompleted, StateCanceled, StateTerminated, StateError, StateTimeout, StateInProgress}
}

// Phases of a customer's life (5.2).
const (
	PhaseOnboarding = "ONBOARDING"
	PhaseMonitoring = "MONITORING"
	PhaseOther      = "OTHER"
)

// Phases are the three.
func Phases() []string { return []string{PhaseOnboarding, PhaseMonitoring, PhaseOther} }

// MonitoringTypes are the kinds of monitoring (5.2).
func MonitoringTypes() []string { return []string{"AML", "ACTIVITY"} }

// Step types (5.2).
const (
	TypeStart          = "START"
	TypeKYC            = "KYC"
	TypeAML            = "AML"
	TypeIDV            = "IDV"
	TypeMatchlist      = "MATCHLIST"
	TypeBlocklist      = "BLOCKLIST"
	TypeDuplicate      = "DUPLICATE"
	TypeFraud          = "FRAUD"
	TypeVisa           = "VISA"
	TypeActivity       = "ACTIVITY"
	TypeNameValidation = "NAME_VALIDATION"
	TypeBranch         = "BRANCH"
	TypeMonitorToggle  = "MONITOR_TOGGLE"
	TypeDecision       = "DECISION"
	TypeOther          = "OTHER"
	TypeFinish         = "FINISH"
)

// StepTypes are the types of steps, in the order of the documentation. Parse
// takes TOGGLE_MONITORING for MONITOR_TOGGLE, too.
func StepTypes() []string {
	return []string{TypeStart, TypeKYC, TypeAML, TypeIDV, TypeBlocklist, TypeDuplicate, TypeDecision, TypeBranch, TypeMonitorToggle, TypeOther, TypeFinish,
		TypeMatchlist, TypeFraud, TypeVisa, TypeActivity, TypeNameValidation}
}

// Results of steps (5.5).
const (
	StepUnchecked     = "UNCHECKED"
	StepSkipped       = "SKIPPED"
	StepMissingData   = "MISSING_DATA"
	StepPass          = "PASS"
	StepFail          = "FAIL"
	StepComplete      = "COMPLETE"
	StepIncomplete    = "INCOMPLETE"
	StepMatch         = "MATCH"
	StepNoMatch       = "NO_MATCH"
	StepPartial       = "PARTIAL"
	StepClear         = "CLEAR"
	StepHit           = "HIT"
	StepCleared       = "CLEARED"
	StepExpired       = "EXPIRED"
	StepClearReview   = "CLEAR_REVIEW"
	StepHitAccepted   = "HIT_ACCEPTED"
	StepHitRejected   = "HIT_REJECTED"
	StepNotApplicable = "NOT_APPLICABLE"
	StepError         = "ERROR"
)

// StepResults are the results of steps, in the order of the documentation.
func StepResults() []string {
	return []string{StepUnchecked, StepSkipped, StepMissingData, StepPass, StepFail, StepComplete, StepIncomplete, StepMatch, StepNoMatch, StepPartial, StepClear,
		StepHit, StepCleared, StepExpired, StepClearReview, StepHitAccepted, StepHitRejected, StepNotApplicable, StepError}
}

// ProcessResults are the results of process results (5.9).
func ProcessResults() []string {
	return []string{"MATCH", "PARTIAL_MATCH", "INVALID_MATCH", "NO_MATCH", "CLEAR", "HIT", "BAD_DATA", "CREATED", "UPDATED", "DELETED", "FAIL", "NOT_APPLICABLE",
		"SUSPECTED", "REJECTED", "MANUAL", "CLEAR_AUTO", "OVERRIDE"}
}

// Classes of process results (5.9).
func Classes() []string {
	return []string{"KYC", "ID", "IDV", "AML", "FRAUDLIST", "FRAUDCHECK", "FRAUD", "DEVICE", "MOBILE", "EMAIL", "LOOKUP", "CREATE", "UPDATE", "DELETE", "KYB",
		"DUPLICATE", "BLOCKLIST", "SUPPORTING_DOC", "MATCHLIST", "VISA", "ACTIVITY"}
}

// ObjectTypes of step results (5.5); process results of documents also say
// IDENTITY_DOCUMENT, as the seed prints it.
func ObjectTypes() []string {
	return []string{"NAME", "ADDRESS", "DATE_OF_BIRTH", "ORGANIZATION", "DOCUMENT", "EMAIL_ADDRESS", "PHONE_NUMBER", "DEVICE", "INDIVIDUAL", "IDENTITY_DOCUMENT"}
}

// ProcessStates are the states of process results (5.9).
func ProcessStates() []string { return []string{"IN_PROGRESS", "COMPLETED", "TIMEOUT", "ERROR"} }

// SystemStatuses of process results (5.9). Only VALID ones count.
const (
	SystemValid   = "VALID"
	SystemInvalid = "MARKED_INVALID"
)

// SystemStatuses are the five.
func SystemStatuses() []string {
	return []string{SystemValid, "EXPIRED", "STALE", SystemInvalid, "MARKED_IGNORE"}
}

// RiskLevels are the levels, the lowest first (5.7).
func RiskLevels() []string { return []string{"UNKNOWN", "LOW", "MEDIUM", "HIGH", "UNACCEPTABLE"} }

// IssueCategories and Severities are the words of issues (5.6).
func IssueCategories() []string {
	return []string{"AML", "BAD_DATA", "BIOMETRICS", "BLOCKLISTED", "DECEASED", "DEVICE", "DOCUMENT", "DUPLICATE", "EXPIRY", "FRAUD", "IDV", "INFORMATIONAL",
		"KYC", "SYSTEM", "VERIFY", "VISA", "WATCHLIST", "ACTIVITY"}
}

// Severities of issues.
func Severities() []string {
	return []string{"INFO", "REVIEW", "BLOCK", "WARNING", "CRITICAL", "ERROR"}
}

// Outcomes are the conditions by which a step may depend on a step that is no
// BRANCH: PASSED when all its checks passed, the others when one of its checks
// ended so.
func Outcomes() []string { return []string{"PASSED", "FAILED", "REVIEW", "ERROR", "SKIPPED"} }

// Combinations of manual KYC evidence (5.9).
const (
	OnePhotographic           = "ONE_PRIMARY_PHOTOGRAPHIC"
	TwoNonPhotographic        = "TWO_PRIMARY_NON_PHOTOGRAPHIC"
	NonPhotographicAndSupport = "ONE_PRIMARY_NON_PHOTOGRAPHIC_AND_ONE_SECONDARY"
)

// Combinations are the three, the strongest first.
func Combinations() []string {
	return []string{OnePhotographic, TwoNonPhotographic, NonPhotographicAndSupport}
}

// DocumentTypes are the 43 types of documents (5.10).
func DocumentTypes() []string {
	return []string{"OTHER", "DRIVERS_LICENSE", "PASSPORT", "VISA", "IMMIGRATION", "NATIONAL_ID", "TAX_ID", "NATIONAL_HEALTH_ID", "CONCESSION",
		"HEALTH_CONCESSION", "PENSION", "MILITARY_ID", "BIRTH_CERT", "CITIZENSHIP", "MARRIAGE_CERT", "DEATH_CERT", "NAME_CHANGE", "UTILITY_BILL",
		"BANK_STATEMENT", "BANK_ACCOUNT", "INTENT_PROOF", "ATTESTATION", "SELF_IMAGE", "DEVICE", "VEHICLE_REGISTRATION", "PROOF_OF_ADDRESS",
		"HOUSE_REGISTRATION", "YELLOW_HOUSE_REGISTRATION", "WORK_PERMIT", "EMPLOYMENT_CERTIFICATE", "NOTARY_PUBLIC_ID", "EXTERNAL_ADMIN", "CHARGES",
		"PRE_ASIC", "ANNUAL_RETURN", "REPORT", "TRUST_DEED", "PARTNERSHIP_AGREEMENT", "ADMIN_CHANGE", "COMPANY_REPORT", "CHECK_RESULTS",
		"AVIATION_SECURITY_ID", "MARITIME_SECURITY_ID"}
}

// DocumentClasses are the four (5.10).
func DocumentClasses() []string { return []string{"IDENTITY", "SUPPORTING", "REPORT", "OTHER"} }

// DocumentClass is the class of a type of documents: IDENTITY for papers that
// say who somebody is, SUPPORTING for those that support a claim, REPORT for
// what others wrote about somebody, and OTHER.
func DocumentClass(kind string) string {
	switch {
	case slices.Contains([]string{"DRIVERS_LICENSE", "PASSPORT", "VISA", "IMMIGRATION", "NATIONAL_ID", "TAX_ID", "NATIONAL_HEALTH_ID", "CONCESSION", "HEALTH_CONCESSION",
		"PENSION", "MILITARY_ID", "BIRTH_CERT", "CITIZENSHIP", "MARRIAGE_CERT", "DEATH_CERT", "NAME_CHANGE", "WORK_PERMIT", "NOTARY_PUBLIC_ID",
		"AVIATION_SECURITY_ID", "MARITIME_SECURITY_ID"}, kind):
		return "IDENTITY"
	case slices.Contains([]string{"UTILITY_BILL", "BANK_STATEMENT", "BANK_ACCOUNT", "INTENT_PROOF", "ATTESTATION", "SELF_IMAGE", "VEHICLE_REGISTRATION", "PROOF_OF_ADDRESS",
		"HOUSE_REGISTRATION", "YELLOW_HOUSE_REGISTRATION", "EMPLOYMENT_CERTIFICATE", "TRUST_DEED", "PARTNERSHIP_AGREEMENT"}, kind):
		return "SUPPORTING"
	case slices.Contains([]string{"EXTERNAL_ADMIN", "CHARGES", "PRE_ASIC", "ANNUAL_RETURN", "REPORT", "ADMIN_CHANGE", "COMPANY_REPORT", "CHECK_RESULTS"}, kind):
		return "REPORT"
	}
	return "OTHER"
}

// ManualProcessStatus words of seed 002 (5.9).
const (
	TruePositive       = "TRUE_POSITIVE"
	FalsePositive      = "FALSE_POSITIVE"
	TruePositiveAccept = "TRUE_POSITIVE_ACCEPT"
	TruePositiveReject = "TRUE_POSITIVE_REJECT"
	Unknown            = "UNKNOWN"
	UnknownAccept      = "UNKNOWN_ACCEPT"
	UnknownReject      = "UNKNOWN_REJECT"
)
