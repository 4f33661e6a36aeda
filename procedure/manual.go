package procedure

import (
	"slices"

	"bonafide/kyc"
)

// Kinds of results that a person may judge, as the paths of C10-C14 name them.
const (
	KindAML       = "aml"
	KindIDV       = "idv"
	KindMatchlist = "matchlist"
	KindDuplicate = "duplicate"
	KindFraud     = "fraud"
	KindKYC       = "kyc"
)

// Kinds are the six.
func Kinds() []string {
	return []string{KindAML, KindIDV, KindMatchlist, KindDuplicate, KindFraud, KindKYC}
}

// Types of process results.
const (
	stepAML        = "AML_SCREENING"
	stepDocument   = "DOCUMENT_VERIFICATION"
	stepExpiry     = "DOCUMENT_EXPIRY"
	stepFace       = "FACIAL_COMPARISON"
	stepLiveness   = "FACIAL_LIVENESS"
	stepMatchlist  = "MATCHLIST_SCREENING"
	stepDuplicate  = "DUPLICATE_DETECTION"
	stepElectronic = "ELECTRONIC_VERIFICATION"
	stepManual     = "MANUAL_KYC"
	stepEmail      = "EMAIL_RISK"
	stepPhone      = "PHONE_RISK"
	stepIP         = "IP_RISK"
	stepRisk       = "FRAUD_RISK"
	stepVisa       = "VISA_CHECK"
	stepActivity   = "ACTIVITY_CHECK"
	stepName       = "NAME_VALIDATION"
	stepOwn        = "OWN_CHECK"
)

// ManualKYCStepType is the stepType of the process results of manual KYC.
const ManualKYCStepType = stepManual

// ProcessStepTypes are the types of process results (stepType).
func ProcessStepTypes() []string {
	return []string{stepAML, stepDocument, stepExpiry, stepFace, stepLiveness, stepMatchlist, stepDuplicate, stepElectronic, stepManual, stepEmail, stepPhone,
		stepIP, stepRisk, stepVisa, stepActivity, stepName, stepOwn}
}

// KindOf is the kind of judgement that a process result takes, or "" for one
// that nobody judges. Results of documents are of class KYC, as the seed prints
// them, and are judged as idv.
func KindOf(r *kyc.ProcessResult) string {
	switch r.StepType {
	case stepDocument, stepExpiry, stepFace, stepLiveness:
		return KindIDV
	case stepManual:
		return "" // manual evidence is undone by invalidation
	}
	switch r.Class {
	case "AML":
		return KindAML
	case "IDV":
		return KindIDV
	case "MATCHLIST", "BLOCKLIST":
		return KindMatchlist
	case "DUPLICATE":
		return KindDuplicate
	case "FRAUD", "FRAUDLIST", "FRAUDCHECK", "DEVICE", "EMAIL", "MOBILE":
		return KindFraud
	case "KYC":
		return KindKYC
	}
	return ""
}

// ManualStatuses are the words of a kind, in the order of the documentation
// (5.9, X13, X14). A bare TRUE_POSITIVE of a duplicate is recorded and resolves
// nothing. nil for a kind that does not exist.
func ManualStatuses(kind string) []string {
	switch kind {
	case KindAML, KindMatchlist:
		return []string{TruePositive, FalsePositive, TruePositiveAccept, TruePositiveReject, Unknown, UnknownAccept, UnknownReject}
	case KindIDV:
		return []string{"CLEAR", "REJECTED"}
	case KindDuplicate:
		return []string{FalsePositive, TruePositiveAccept, TruePositiveReject, TruePositive}
	case KindFraud:
		return []string{FalsePositive, TruePositive, Unknown}
	case KindKYC:
		return []string{"PASS", "FAIL"}
	}
	return nil
}

// Resolves reports whether a manual status settles a result: a hit with it does
// not count as unresolved any more.
func Resolves(status string) bool { return Accepts(status) || Refuses(status) }

// Accepts reports whether a status speaks for the person: the hit is somebody
// else, or the person is accepted in spite of it.
func Accepts(status string) bool {
	return slices.Contains([]string{FalsePositive, TruePositiveAccept, UnknownAccept, "CLEAR", "PASS"}, status)
}

// Refuses reports whether a status refuses the person.
func Refuses(status string) bool {
	return slices.Contains([]string{TruePositiveReject, UnknownReject, "REJECTED", "FAIL"}, status)
}
