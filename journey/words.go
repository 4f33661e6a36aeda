package journey

import "bonafide/kyc"

// Word is a session's state in the words of surface A (api.md 2.3).
func Word(s kyc.SessionStatus) string {
	switch s {
	case kyc.SessionCreated, kyc.SessionCapturing:
		return "active"
	case kyc.SessionCaptured:
		return "completed"
	case kyc.SessionRunning, kyc.SessionPaused:
		return "processing"
	case kyc.SessionReview, kyc.SessionFailed:
		return "manual_review" // an engine failure never decides
	case kyc.SessionCorrection:
		return "needs_correction"
	case kyc.SessionApproved, kyc.SessionRejected, kyc.SessionExpired, kyc.SessionCancelled:
		return string(s)
	}
	return string(s)
}

// Words are the states of surface A.
func Words() []string {
	return []string{"active", "completed", "processing", "approved", "rejected", "manual_review", "needs_correction", "expired", "cancelled"}
}

// States are the engine's states behind a word; nil for an unknown word.
func States(word string) []kyc.SessionStatus {
	var out []kyc.SessionStatus
	for _, s := range []kyc.SessionStatus{kyc.SessionCreated, kyc.SessionCapturing, kyc.SessionCaptured, kyc.SessionRunning, kyc.SessionPaused,
		kyc.SessionReview, kyc.SessionCorrection, kyc.SessionApproved, kyc.SessionRejected, kyc.SessionExpired, kyc.SessionCancelled, kyc.SessionFailed} {
		if Word(s) == word {
			out = append(out, s)
		}
	}
	return out
}

// Reason codes that the machine itself sets on sessions.
const (
	// ReasonFlagged marks an approval whose winning action was flag (X1).
	ReasonFlagged = "flagged"
	// ReasonProcessing marks a review that an engine failure caused.
	ReasonProcessing = "processing_error"
	// ReasonHeld marks a review that post_reprocess_mode asked for.
	ReasonHeld = "held_for_review"
)

// Final is the final_decision of a session: approved, flagged, rejected,
// manual_review, cancelled, or empty while there is none.
func Final(s *kyc.Session) string {
	switch s.Status {
	case kyc.SessionApproved:
		if s.ReasonCode == ReasonFlagged {
			return "flagged"
		}
		return "approved"
	case kyc.SessionRejected:
		return "rejected"
	case kyc.SessionReview, kyc.SessionFailed:
		return "manual_review"
	case kyc.SessionCancelled:
		return "cancelled"
	}
	return ""
}
