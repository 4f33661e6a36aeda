package procedure

import "bonafide/kyc"

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
func DocumentTypes() []string { return kyc.EntityDocumentTypes() }

// DocumentClasses are the four (5.10).
func DocumentClasses() []string { return kyc.EntityDocumentClasses() }

// DocumentClass is the class of a type of documents, or "".
func DocumentClass(kind string) string { return kyc.EntityDocumentClass(kind) }

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

// Issues are the words of issues by category (5.6).
func Issues() map[string][]string {
	return map[string][]string{
		"AML":           {"PEP", "SANCTION", "MEDIA", "WATCHLIST", "AML_ISSUE"},
		"BAD_DATA":      {"BAD_DATA_NAME", "BAD_DATA_DOB", "BAD_DATA_ADDRESS", "BAD_DATA_ID", "BAD_DATA_EMAIL", "BAD_DATA_MOBILE"},
		"BLOCKLISTED":   {"MATCHED_INTERNAL", "MATCHED_SHARED", "MATCHED_EXTERNAL", "BLOCKED"},
		"DECEASED":      {"DECEASED"},
		"DEVICE":        {"DEVICE_FRAUD_MATCH", "DEVICE_INVALID"},
		"DUPLICATE":     {"DUPLICATE"},
		"EXPIRY":        {"REQUIRES_KYC", "REQUIRES_IDV", "REQUIRES_AML", "REQUIRES_VISA"},
		"FRAUD":         {"FRAUD_LIST", "FRAUD_CHECK", "FRAUD_DEVICE", "FRAUD_IP_ADDRESS", "FRAUD_EMAIL_ADDRESS", "FRAUD_PHONE_NUMBER", "FRAUD_ISSUE"},
		"IDV":           {"DATA_COMPARISON", "DATA_VALIDATION", "DATA_CONSISTENCY", "VISUAL_AUTHENTICITY", "IMAGE_INTEGRITY", "COMPROMISED_DOCUMENT", "LIVENESS_DETECTION", "DOCUMENT_COMPARISON"},
		"INFORMATIONAL": {"CREDIT_HEADER"},
		"KYC":           {"PARTIAL", "NOT_FOUND"},
		"DOCUMENT":      {"OCR"},
		"SYSTEM":        {"SERVICE_TIMEOUT", "SERVICE_ERROR"},
		"VISA":          {"DENY_LIST", "VISA_FAILED"},
		"VERIFY":        {"DATA_VALIDATION"},
		"WATCHLIST":     {"INTERNAL_MATCH"},
		"ACTIVITY":      {"ACTIVITY_AML", "ACTIVITY_FRAUD", "ACTIVITY_DEVICE"},
	}
}
