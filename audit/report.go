package audit

import "bonafide/kyc"

// Report is the result of verifying one organisation's chain.
type Report struct {
	Org kyc.ID `json:"org"`
	// Checked is the number of sealed events that were recomputed.
	Checked int64 `json:"checked"`
	// Days is the number of days whose events gave the root that was stored.
	Days int `json:"days"`
	// Unsealed events are stored but not in the chain yet; on PostgreSQL that
	// is normal for a moment after a write.
	Unsealed int64 `json:"unsealed"`
	// Head is the hash of the last event, to be written down outside.
	Head string `json:"head,omitempty"`
	// Broken is the first sequence that does not verify; 0 when all do.
	Broken int64 `json:"first_broken,omitempty"`
	// Problem says what is wrong there, in a sentence.
	Problem string `json:"problem,omitempty"`
}

// OK reports whether the whole chain verified.
func (r Report) OK() bool { return r.Broken == 0 && r.Problem == "" }
