package check

import (
	"math"

	"bonafide/kyc"
)

// Severities of reasons.
const (
	info     = "info"
	warning  = "warning"
	critical = "critical"
)

func reason(severity, code, message string) kyc.Reason {
	return kyc.Reason{Code: code, Message: message, Severity: severity}
}

// judged makes an answer from a check that did its work.
func judged(v kyc.Verdict, reasons ...kyc.Reason) kyc.Answer {
	return kyc.Answer{Status: kyc.StatusOK, Verdict: v, Reasons: reasons}
}

// passed, failed and review name their one reason.
func passed(code, message string) kyc.Answer {
	return judged(kyc.Pass, reason(info, code, message))
}

func failed(code, message string) kyc.Answer {
	return judged(kyc.Fail, reason(critical, code, message))
}

func review(code, message string) kyc.Answer {
	return judged(kyc.VerdictReview, reason(warning, code, message))
}

// notConfigured, broken and unavailable are answers of checks that could not
// do their work. Only the last may be tried again.
func notConfigured(code, message string) kyc.Answer {
	return kyc.Failed(kyc.StatusNotConfigured, code, message)
}

func broken(code, message string) kyc.Answer {
	return kyc.Failed(kyc.StatusError, code, message)
}

func unavailable(code, message string) kyc.Answer {
	a := kyc.Failed(kyc.StatusUnavailable, code, message)
	a.Transient = true
	return a
}

func number(v float64) *float64 { return &v }

// round4 keeps scores readable and equal on every machine.
func round4(v float64) float64 { return math.Round(v*10000) / 10000 }

// worse gives the verdict that is further from a pass.
func worse(a, b kyc.Verdict) kyc.Verdict {
	rank := func(v kyc.Verdict) int {
		switch v {
		case kyc.Pass:
			return 0
		case kyc.Skip:
			return 1
		case kyc.VerdictReview:
			return 2
		}
		return 3
	}
	if rank(b) > rank(a) {
		return b
	}
	return a
}
