package engine

import (
	"time"

	"bonafide/flow"
	"bonafide/kyc"
)

// sandboxHaste divides every retry wait in the sandbox (running.md).
const sandboxHaste = 1000

// maxAttempts of a node: one try and at most four retries (seed 003).
func maxAttempts(n *flow.Node) int {
	if n.MaxAttempts < 1 || n.MaxAttempts > flow.DefaultAttempts {
		return flow.DefaultAttempts
	}
	return n.MaxAttempts
}

// backoff is the wait after a failed attempt (1-4): the node's first wait,
// four times longer each time (2, 8, 32, 128 s), within ±20 % by jitter (0-1).
func backoff(n *flow.Node, attempt int, jitter float64, env kyc.Env) time.Duration {
	wait := n.Backoff
	if wait <= 0 {
		wait = flow.DefaultBackoff
	}
	for range attempt - 1 {
		wait *= 4
	}
	wait = time.Duration(float64(wait) * (0.8 + 0.4*min(max(jitter, 0), 1)))
	if env == kyc.Sandbox {
		wait /= sandboxHaste
	}
	return wait.Truncate(time.Microsecond)
}

// judge reads an answer: the status of the check and whether trying again may
// help. Only status ok can carry a verdict; a verdict beside another status
// is a contradiction and counts as an error.
func judge(a *kyc.Answer) (status string, transient bool) {
	if a.Status != kyc.StatusOK {
		return Errored, a.Transient && a.Verdict == ""
	}
	switch a.Verdict {
	case kyc.Pass:
		return Passed, false
	case kyc.Fail:
		return Failed, false
	case kyc.VerdictReview:
		return Review, false
	case kyc.Skip:
		return Skipped, false
	}
	return Errored, false
}

// wayOut is the route that a status leads to, and its name on the edge.
func wayOut(n *flow.Node, status string) (next, why string) {
	switch status {
	case Passed:
		return n.OnPass, "pass"
	case Failed:
		return n.OnFail, "fail"
	case Review:
		return n.OnReview, "review"
	case Skipped:
		return n.OnSkip, "skip"
	}
	return n.OnError, "error"
}
