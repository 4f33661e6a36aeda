package rule

import "time"

// The states of a check as rules see them. Only passed and failed are
// conclusions; an empty or unknown word counts as not_run.
const (
	Passed  = "passed"
	Failed  = "failed"
	Errored = "error"
	NotRun  = "not_run"
	Skipped = "skipped"
)

// The checks the facts come from, by the name of their policy. CheckState.Name
// uses these words; other policies may stand beside them. CheckCountries,
// CheckForm and CheckFacts are no policies: they name what was missing where no
// check is to blame.
const (
	CheckDocuments       = "document_set"
	checkReading         = "document_ocr" // reads one of the documents of document_set
	CheckCrossValidation = "cross_validation"
	CheckLiveness        = "liveness"
	CheckFaceMatch       = "face_match"
	CheckFaceDedup       = "face_dedup"
	CheckDuplicates      = "duplicate_detection"
	CheckWallets         = "wallet_screening"
	CheckAdverseMedia    = "adverse_media"
	CheckRelated         = "related_parties"
	CheckRisk            = "risk_assessment"
	CheckLists           = "watchlist_screening"
	CheckCountries       = "countries"
	CheckForm            = "form"
	CheckFacts           = "facts"
)

// Facts are everything the rules look at (api.md 3.10). They are plain data:
// two equal Facts have equal JSON and so equal hashes. Evaluate never changes
// them.
type Facts struct {
	Now time.Time `json:"now"` // when the decision is made; ages are counted to it

	// Countries are every country known for the subject.
	Countries []Country `json:"countries,omitempty"`
	// CountriesAsked are the kinds of countries this session ought to know:
	// those of its visible fields, and nationality and document_issuer where a
	// document shows them. A rule about another kind cannot apply here. nil
	// means that nobody knows, and then every kind ought to be known.
	CountriesAsked []string `json:"countries_asked"`

	// Hits of the lists, those of the related parties included where
	// impact_parent_status is set. Whether the lists were asked at all says the
	// state of watchlist_screening in Checks.
	Hits []Hit `json:"hits,omitempty"`

	Face     *Measure `json:"face,omitempty"`     // similarity 0-1
	Liveness *Measure `json:"liveness,omitempty"` // confidence 0-100

	Dedup      *Dedup      `json:"dedup,omitempty"`
	Duplicates *Duplicates `json:"duplicates,omitempty"`

	Documents []Document `json:"documents,omitempty"`
	// Missing are the documents that were asked for, required or not, and not
	// given.
	Missing []Missing `json:"missing,omitempty"`

	CrossValidation *CrossValidation `json:"cross_validation,omitempty"`
	AdverseMedia    *AdverseMedia    `json:"adverse_media,omitempty"`
	Crypto          *Crypto          `json:"crypto,omitempty"`
	Subsessions     *Subsessions     `json:"subsessions,omitempty"`
	Risk            *Risk            `json:"risk,omitempty"`

	// Form holds the normalised answers (package field) by field_id, and again
	// by field_key where a field has one. A name that is absent was not
	// answered. nil means that the form could not be read at all.
	Form map[string]any `json:"form"`

	// Checks are all checks of the session and whether the definition requires
	// them; the safety floor looks at them.
	Checks []CheckState `json:"checks,omitempty"`
}

// CheckState is how one check ended.
type CheckState struct {
	Name     string `json:"name"`
	Required bool   `json:"required"`
	Status   string `json:"status"` // passed, failed, error, not_run, skipped
}

// Country is one country known for the subject.
type Country struct {
	Code string `json:"code"` // ISO 3166-1 alpha-2
	// Type is nationality, residence, incorporation, tax_residency,
	// document_issuer, birth, phone, ip, operation, or empty for a field
	// without a country_type.
	Type   string `json:"type"`
	Source string `json:"source"` // form, document, phone, ip
}

// Hit is a possible match with a listed party.
type Hit struct {
	List     string  `json:"list"`
	EntityID string  `json:"entity_id"`
	Name     string  `json:"name"` // of the listed party
	Score    float64 `json:"score"`
	// Role is who of the applicants was hit; empty means individual.
	Role string `json:"role,omitempty"`
	// Kind is sanction, pep, watchlist or internal; empty means sanction, the
	// strictest.
	Kind string `json:"kind,omitempty"`
	// MatchStatus is open, true_positive or false_positive. Only a reviewer's
	// false_positive takes a hit out of play.
	MatchStatus string `json:"match_status,omitempty"`
}

// Measure is a number with its threshold. Value is nil when nothing was
// measured.
type Measure struct {
	Status    string   `json:"status"`
	Value     *float64 `json:"value,omitempty"`
	Threshold *float64 `json:"threshold,omitempty"`
	Source    string   `json:"source,omitempty"` // liveness_reference, selfie, …
}

// Dedup is the search for the same face in other sessions.
type Dedup struct {
	Status  string      `json:"status"`
	Matches []DedupFace `json:"matches,omitempty"`
}

// DedupFace is one face met before.
type DedupFace struct {
	Similarity   float64 `json:"similarity"` // 0-1
	Of           string  `json:"of"`         // approved, rejected, blocklist; empty means any of them
	Reference    string  `json:"reference,omitempty"`
	AgeDays      int     `json:"age_days"`
	SameWorkflow bool    `json:"same_workflow"`
	SameCustomer bool    `json:"same_customer"`
}

// Duplicates is the search for the same data in other sessions.
type Duplicates struct {
	Status  string `json:"status"`
	Matches int    `json:"matches"`
}

// Document is one document of the session.
type Document struct {
	ID       string `json:"id"`
	Type     string `json:"type"`               // as the definition asks for it
	Detected string `json:"detected,omitempty"` // as it was recognised: passport, id_card, …
	Role     string `json:"role,omitempty"`
	Status   string `json:"status"` // valid, invalid, review, unreadable
	// ExpiresInDays counts from today; negative when it has expired, 0 on its
	// last day. nil when no expiry date was read.
	ExpiresInDays *int `json:"expires_in_days,omitempty"`
	// AgeDays counts from the issue date; nil when none was read.
	AgeDays *int `json:"age_days,omitempty"`
	// Findings are the DocumentConditions() that were found to be the case.
	Findings []string `json:"findings,omitempty"`
	// Unknown are the DocumentConditions() that could not be judged.
	Unknown []string `json:"unknown,omitempty"`
	// Unnamed says that the document is not valid for a reason that is none of
	// the conditions, such as a post-upload validation. No rule can have seen it.
	Unnamed bool `json:"unnamed,omitempty"`
}

// Missing is one document that was asked for and not given.
type Missing struct {
	Type     string `json:"type"` // as the definition asks for it
	Required bool   `json:"required"`
}

// CrossValidation is the agreement of documents with each other and the form.
type CrossValidation struct {
	Status     string     `json:"status"`
	Mismatches []Mismatch `json:"mismatches,omitempty"`
	// Unnamed says that something else than the mismatches was found, such as
	// an answer that could not be compared.
	Unnamed bool `json:"unnamed,omitempty"`
}

// Mismatch is one disagreement. Condition is name_mismatch, dob_mismatch,
// country_mismatch, address_mismatch, or another word for what no rule names.
// Documents are the IDs of those concerned; none means all.
type Mismatch struct {
	Condition string   `json:"condition"`
	Documents []string `json:"documents,omitempty"`
}

// AdverseMedia is the search for negative news; Score 0-100 is the highest of
// all parties, 0 when nothing was found and nil when there is no score.
type AdverseMedia struct {
	Status     string   `json:"status"`
	Score      *float64 `json:"score,omitempty"`
	Categories []string `json:"categories,omitempty"`
}

// Crypto counts the wallets on a list and those that are no addresses. A form
// without a wallet is passed with zeros.
type Crypto struct {
	Status  string `json:"status"`
	Hits    int    `json:"hits"`
	Invalid int    `json:"invalid"`
}

// Subsessions counts the related parties by state. A workflow without such a
// step is passed with zeros. Impact is impact_parent_status: where it is set
// the counts are those of the steps that set it.
type Subsessions struct {
	Status   string `json:"status"`
	Total    int    `json:"total"`
	Approved int    `json:"approved"`
	Rejected int    `json:"rejected"`
	Flagged  int    `json:"flagged"`
	Pending  int    `json:"pending"`
	Expired  int    `json:"expired"`
	Impact   bool   `json:"impact"`
	// Unseen says that something no rule looks at made the check fail: a party
	// is missing, is one too many, has not finished where the step waits for it,
	// or was found in the media.
	Unseen bool `json:"unseen,omitempty"`
}

// Risk is the risk score, 0-100.
type Risk struct {
	Status string   `json:"status"`
	Score  *float64 `json:"score,omitempty"`
}
