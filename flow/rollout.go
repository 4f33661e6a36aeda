package flow

import (
	"crypto/sha256"
	"encoding/binary"

	"bonafide/kyc"
)

// Arms of a rollout, as kyc.Run.Arm stores them.
const (
	ArmStable   = "stable"   // no rollout, or a completed one
	ArmNew      = "new"      // the version being rolled out
	ArmPrevious = "previous" // everybody else
)

// Bucket is a session's place 0-9999 in a rollout (api.md 6.6): the first
// eight bytes of SHA-256(workflow_id ":" rollout_salt ":" session_id), big
// endian, modulo 10000.
func Bucket(workflowID, salt, sessionID string) int {
	sum := sha256.Sum256([]byte(workflowID + ":" + salt + ":" + sessionID))
	return int(binary.BigEndian.Uint64(sum[:8]) % 10000)
}

// Choose gives the version of a workflow that a session gets when its
// processing starts. It is a function of the session's id, so it never flips;
// a higher percentage never moves a session back to the previous version.
// With 0 the rollout is paused; with 100, or without a rollout, everybody gets
// the version in force. Version 0 means that nothing is published.
func Choose(w kyc.Workflow, sessionID kyc.ID) (version int, arm string, bucket int) {
	if w.Rollout == nil {
		return w.Published, ArmStable, 0
	}
	r := w.Rollout
	bucket = Bucket(string(w.ID), r.Salt, string(sessionID))
	switch {
	case r.Percentage >= 100:
		return r.Version, ArmStable, bucket
	case bucket < r.Percentage*100:
		return r.Version, ArmNew, bucket
	case r.Previous == 0:
		// A first publication has nothing to fall back to: the share of
		// sessions that the rollout leaves out gets no version.
		return 0, ArmPrevious, bucket
	}
	return r.Previous, ArmPrevious, bucket
}
