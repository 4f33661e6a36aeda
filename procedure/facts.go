package procedure

import (
	"time"

	"bonafide/kyc"
)

// Keys of kyc.SessionData.Established that the machine of surface C writes
// before a run begins, and that the checks and Judge read.
const (
	// KeyManualKYC holds a ManualKYC while manual evidence is in force.
	KeyManualKYC = "manual_kyc"
	// KeyClearedHits holds a list of ClearedHit. The machine puts in only those
	// whose list entry says the same now as when a person judged it, and of whom
	// the same is known (equal digests), so that readers compare keys alone.
	KeyClearedHits = "cleared_hits"
	// KeyRiskOverride holds a kyc.RiskOverride of the service profile.
	KeyRiskOverride = "risk_override"
	// KeyChannel holds the text of X-Frankie-Channel.
	KeyChannel = "channel"
	// KeyPerson holds a Person: everything that can be compared with lists.
	KeyPerson = "person"
	// KeyIdentity holds the digest of what tells the person from others: a word on
	// a hit is about this person, and no longer about one with another birth date.
	KeyIdentity = "identity"
)

// ManualKYC is manual evidence in force (5.9).
type ManualKYC struct {
	ProcessResultID kyc.ID    `json:"process_result_id"`
	Combination     string    `json:"combination"` // one of Combinations()
	ApprovedAt      time.Time `json:"approved_at"`
	ApprovedBy      string    `json:"approved_by,omitempty"`
}

// ClearedHit is a hit that a person judged in an earlier execution. Hit is
// HitKey; of a duplicate it is HitKey("duplicate", entity id).
type ClearedHit struct {
	Hit             string    `json:"hit"`
	Digest          string    `json:"digest,omitempty"`
	Status          string    `json:"status"` // a manual status that Resolves
	ProcessResultID kyc.ID    `json:"process_result_id,omitempty"`
	By              string    `json:"by,omitempty"`
	Actor           kyc.Actor `json:"actor,omitzero"`
	At              time.Time `json:"at,omitzero"`
	RequestID       string    `json:"request_id,omitempty"`
}

// HitKey names an entry of a list.
func HitKey(list, entry string) string { return list + "|" + entry }

// Attempt is one recorded answer of one check.
type Attempt struct {
	Node    string
	Policy  string
	Attempt int    // 1-5
	Status  string // passed, failed, review, error, skipped, requires_retry
	At      time.Time
	Answer  kyc.Answer
}

// Facts are what an execution established. Everything the decision depends on
// (all but Attempts, Objects and Digests) is known to the check
// procedure_decision too, so that it and the machine come to the same verdict.
type Facts struct {
	// Mandatory are the checks that the organisation demanded. nil: those that
	// the recorded answer of procedure_decision names.
	Mandatory []string
	// Attempts are all recorded answers, in their order; the check has none.
	Attempts []Attempt
	// Checks are the last word of each policy.
	Checks      map[string]kyc.CheckFact
	Fields      map[string]any // of the session
	Country     string         // of the session, ISO 3166-1 alpha-2
	Extracted   map[string]any
	Established map[string]any
	// Objects are the ids of what the steps looked at, by object type (NAME,
	// ADDRESS, DATE_OF_BIRTH, DOCUMENT, EMAIL_ADDRESS, PHONE_NUMBER,
	// INDIVIDUAL); see Objects.
	Objects map[string]kyc.ID
	// Digests are the SHA-256 in hex of what list entries say, by HitKey.
	Digests map[string]string
}

// Verdict is what an execution came to. The machine completes the objects with
// what only it knows: tenant, subject, execution, service, request.
type Verdict struct {
	// State is COMPLETED, or ERROR when a required step gave no answer.
	State string
	// Result is one of Statuses(): PASS, FAIL, REVIEW, BLOCKED, INCOMPLETE, and
	// URGENT, MONITOR or CLEAR in phase MONITORING.
	Result string
	// Reasons say why, in the order of weight; at least one.
	Reasons []kyc.Reason
	// Manual is true when manual KYC stood for the electronic one.
	Manual  bool
	Steps   []kyc.StepResult
	Process []kyc.ProcessResult
	Issues  []kyc.EntityIssue
	Risk    *kyc.RiskAssessment
	Errors  []kyc.StepError
	// Toggles are what MONITOR_TOGGLE steps switch, in their order. The machine
	// does it when the execution completed.
	Toggles []Toggle
}

// Toggle switches monitoring of some types.
type Toggle struct {
	Step    string
	Enabled bool
	Types   []string
}
