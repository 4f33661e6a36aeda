package intake

import "bonafide/kyc"

// Word is a session's state in the words of surface B (api.md 4.4): PENDING,
// SUBMITTED, VERIFIED, REJECTED, VOIDED.
func Word(s kyc.SessionStatus) string {
	switch s {
	case kyc.SessionCreated, kyc.SessionCapturing, kyc.SessionCorrection:
		return "PENDING"
	case kyc.SessionCaptured, kyc.SessionRunning, kyc.SessionPaused, kyc.SessionReview, kyc.SessionFailed:
		return "SUBMITTED" // an engine failure never decides
	case kyc.SessionApproved:
		return "VERIFIED"
	case kyc.SessionRejected:
		return "REJECTED"
	case kyc.SessionExpired, kyc.SessionCancelled:
		return "VOIDED"
	}
	return "SUBMITTED"
}

// Words are the states of surface B.
func Words() []string { return []string{"PENDING", "SUBMITTED", "VERIFIED", "REJECTED", "VOIDED"} }

// StepWord is a step's state in the words of surface B.
func StepWord(s kyc.StepStatus) string {
	switch s {
	case kyc.StepInProgress, kyc.StepNeedsCorrection:
		return "IN_PROGRESS"
	case kyc.StepCompleted:
		return "COMPLETED"
	case kyc.StepFailed:
		return "FAILED"
	case kyc.StepSkipped:
		return "SKIPPED"
	case kyc.StepPending:
	}
	return "PENDING"
}

// StepWords are the states of a step.
func StepWords() []string {
	return []string{"PENDING", "IN_PROGRESS", "COMPLETED", "FAILED", "SKIPPED"}
}

// What happened to a session, as kyc.News is told it. The surface has its own
// names for these; approved and declined are also what the review desk says.
const (
	NewsCreated       = "created"
	NewsStepCompleted = "step_completed" // a step is over: completed or failed
	NewsSubmitted     = "submitted"
	NewsVerified      = "approved"
	NewsRejected      = "declined"
	NewsVoided        = "voided"
	NewsFraudSignal   = "fraud_signal"
)

// Reason codes that the machine itself sets on sessions and cases.
const (
	// ReasonProcessing marks a review that an engine failure caused.
	ReasonProcessing = "processing_error"
	// ReasonFraud marks a case that a late fraud analysis opened.
	ReasonFraud = "fraud_signal"
)

// Final is a session's decision in the words of kyc.Ruling: approved,
// rejected, manual_review, cancelled, or empty while there is none.
func Final(s *kyc.Session) string {
	switch s.Status {
	case kyc.SessionApproved:
		return "approved"
	case kyc.SessionRejected:
		return "rejected"
	case kyc.SessionReview, kyc.SessionFailed:
		return "manual_review"
	case kyc.SessionCancelled, kyc.SessionExpired:
		return "cancelled"
	}
	return ""
}
