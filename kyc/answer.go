package kyc

import (
	"encoding/json"
	"time"
)

// AnswerStatus says whether a provider could answer at all. Only StatusOK can
// ever contribute to a pass (edition decision E8).
type AnswerStatus string

// The five statuses.
const (
	StatusOK            AnswerStatus = "ok"
	StatusNotConfigured AnswerStatus = "not_configured" // nobody set this check up
	StatusUnavailable   AnswerStatus = "unavailable"    // it is set up but cannot be asked now
	StatusStale         AnswerStatus = "stale"          // its data is older than allowed
	StatusError         AnswerStatus = "error"          // it was asked and broke
)

// Verdict is what a check says about its question, given StatusOK.
type Verdict string

// The verdicts. VerdictReview means "a person must look"; it never passes.
const (
	Pass          Verdict = "pass"
	Fail          Verdict = "fail"
	VerdictReview Verdict = "review"
	Skip          Verdict = "skip" // the input it needs was not asked for
)

// Region is a rectangle on a page of an image, in fractions of its width and
// height (0-1) after the page was turned upright; the origin is top left.
type Region struct {
	Upload ID      `json:"upload,omitempty"`
	Page   int     `json:"page"` // 0-based
	X      float64 `json:"x"`
	Y      float64 `json:"y"`
	W      float64 `json:"w"`
	H      float64 `json:"h"`
}

// Field is one value read from a document: what it is, where it stood and who
// read it. Dates are YYYY-MM-DD; countries are ISO 3166-1 alpha-2 where the
// ICAO code has one, the ICAO code otherwise. Well-known names: first_name,
// last_name, full_name, date_of_birth, sex (M, F, X), nationality,
// issuing_country, document_type (passport, id_card, visa, residence_permit,
// driving_licence), document_number, expiry_date, issue_date,
// personal_number, address.
type Field struct {
	Name   string  `json:"name"`
	Value  string  `json:"value"`
	Source string  `json:"source"` // mrz, visual, barcode, chip, form, pdf
	Region *Region `json:"region,omitempty"`
	// Confidence 0-1; 1 where a check digit verifies the value.
	Confidence float64 `json:"confidence"`
}

// Reason is one thing a check found, good or bad. Code is snake_case and
// stable; Message is a sentence for the reviewer; Points is what it added to
// or took from the score, where there is one.
type Reason struct {
	Code     string   `json:"code"`
	Message  string   `json:"message"`
	Severity string   `json:"severity,omitempty"` // info, warning, critical
	Points   *float64 `json:"points,omitempty"`
	Region   *Region  `json:"region,omitempty"`
}

// ListVersion proves which state of a list was asked.
type ListVersion struct {
	List    string       `json:"list"`    // ofac_sdn, un, eu, uk, …
	Version string       `json:"version"` // sha256 of the content, or the source's own date
	Entries int          `json:"entries"`
	AsOf    time.Time    `json:"as_of"` // when this content was taken from its source
	AgeSecs int64        `json:"age_seconds"`
	Status  AnswerStatus `json:"status"`
	// LastError is why the last attempt to bring it up to date failed; empty when
	// it succeeded.
	LastError string `json:"last_error,omitempty"`
	// Fictional marks a list of invented entries (the demonstration list).
	Fictional bool `json:"fictional,omitempty"`
}

// HitFeature is one row of a score's explanation: the rows add up to the
// score exactly.
type HitFeature struct {
	Name   string  `json:"name"` // word, missing_word, date_of_birth, country, …
	Query  string  `json:"query,omitempty"`
	Listed string  `json:"listed,omitempty"`
	Rule   string  `json:"rule"`  // exact, phonetic, edit_1, initial, …
	Value  float64 `json:"value"` // 0-1 similarity
	Points float64 `json:"points"`
}

// Position is a public office as a list names it. What the list does not say
// is empty: Country is ISO 3166-1 alpha-2, Level international, national,
// regional or local, Since and Until are dates (YYYY, YYYY-MM or YYYY-MM-DD).
// Office is the kind of office as the source grades it (roster.Office), Status
// current or ended where it says so beside the dates.
type Position struct {
	Title   string `json:"title"`
	Country string `json:"country,omitempty"`
	Level   string `json:"level,omitempty"`
	Office  string `json:"office,omitempty"`
	Since   string `json:"since,omitempty"`
	Until   string `json:"until,omitempty"`
	Status  string `json:"status,omitempty"`
}

// Hit is one possible match with a listed party, with every point of its
// score.
type Hit struct {
	List        string       `json:"list"`
	Version     string       `json:"version"`
	EntryID     string       `json:"id"` // the source's own id
	Type        string       `json:"type"`
	Name        string       `json:"name"`         // primary name of the entry
	MatchedName string       `json:"matched_name"` // the name or alias that matched
	Score       float64      `json:"score"`        // 0-1
	Features    []HitFeature `json:"features"`
	Programs    []string     `json:"programs,omitempty"`
	// Topics say why the entry is listed, where its source does: sanction,
	// crime, role.pep, role.rca (relative or close associate), …
	Topics []string `json:"topics,omitempty"`
	// Positions are the public offices of a politically exposed person, those
	// held still first.
	Positions []Position `json:"positions,omitempty"`
	// BirthDates and Countries are the entry's, as its list says them, for
	// whoever compares; NameQuality is how the list grades MatchedName: primary,
	// strong, weak or native.
	BirthDates  []string `json:"birth_dates,omitempty"`
	Countries   []string `json:"countries,omitempty"`
	NameQuality string   `json:"name_quality,omitempty"`
	Fictional   bool     `json:"fictional,omitempty"`
	// Risk is how serious it would be if this were the party, 0-1, from what the
	// entry is listed for. It never depends on Score, nor Score on it. The
	// points of RiskFeatures add up to it.
	Risk         float64      `json:"risk,omitempty"`
	RiskFeatures []HitFeature `json:"risk_features,omitempty"`
	// ToMiss says what would have to differ for the hit to fall below the
	// threshold it was found with, computed by scoring the changed query again.
	// Empty where nobody asked for it or no single change is enough.
	ToMiss string `json:"to_miss,omitempty"`
	// Party is the name that was asked for and Role who that is (individual,
	// ubo, director, …), where one check asks for several parties.
	Party string `json:"party,omitempty"`
	Role  string `json:"role,omitempty"`
}

// Trait is a blind index of something about a person (document number,
// e-mail, phone, name with birth date): an HMAC, never the value. It lets
// duplicate_detection find earlier sessions without readable data.
type Trait struct {
	Kind      string `json:"kind"` // document_number, email, phone, name_dob, device
	Hash      string `json:"hash"`
	SessionID ID     `json:"session_id,omitempty"`
	SubjectID ID     `json:"subject_id,omitempty"`
}

// Answer is what came back from one attempt of a check. It is stored before
// the engine acts on it and never changed.
type Answer struct {
	Status    AnswerStatus   `json:"status"`
	Verdict   Verdict        `json:"verdict,omitempty"` // only with StatusOK
	Score     *float64       `json:"score,omitempty"`
	Threshold *float64       `json:"threshold,omitempty"`
	Reasons   []Reason       `json:"reasons,omitempty"`
	Fields    []Field        `json:"fields,omitempty"`
	Hits      []Hit          `json:"hits,omitempty"`
	Lists     []ListVersion  `json:"lists,omitempty"`
	Details   map[string]any `json:"details,omitempty"` // readable in conditions as checks.<policy>.details
	Traits    []Trait        `json:"traits,omitempty"`
	// Filmed are the frames that a service gave with its answer; who asked
	// keeps or forgets them.
	Filmed []AnswerPicture `json:"-"`
	// Pictures are how the documents look that the check saw.
	Pictures []Picture `json:"pictures,omitempty"`
	// Marks are what the hits rest on, so that a reviewer's word on one can be
	// kept; absent where a check keeps no words.
	Marks    []HitMark `json:"marks,omitempty"`
	Provider string    `json:"provider"`
	Version  string    `json:"provider_version,omitempty"`
	// RawHash is the SHA-256 of what the provider really sent.
	RawHash string `json:"raw_hash,omitempty"`
	// Transient failures (time-outs, 5xx, throttling) may be tried again.
	Transient  bool      `json:"transient,omitempty"`
	StartedAt  time.Time `json:"started_at"`
	FinishedAt time.Time `json:"finished_at"`
}

// Failed makes the answer of a check that could not do its work.
func Failed(status AnswerStatus, code, message string) Answer {
	return Answer{Status: status, Reasons: []Reason{{Code: code, Message: message, Severity: "critical"}}}
}

// CheckFact is a finished check as later checks and conditions see it.
type CheckFact struct {
	Status  string         `json:"status"` // passed, failed, review, error, skipped
	Score   *float64       `json:"score,omitempty"`
	Details map[string]any `json:"details,omitempty"`
	Reasons []Reason       `json:"reasons,omitempty"`
	Hits    []Hit          `json:"hits,omitempty"`
}

// Fact is the answer as later checks see it.
func (a Answer) Fact() CheckFact {
	f := CheckFact{Status: "error", Score: a.Score, Details: a.Details, Reasons: a.Reasons, Hits: a.Hits}
	if a.Status != StatusOK {
		return f
	}
	switch a.Verdict {
	case Pass:
		f.Status = "passed"
	case Fail:
		f.Status = "failed"
	case VerdictReview:
		f.Status = "review"
	case Skip:
		f.Status = "skipped"
	}
	return f
}

// CheckRequest is everything a check may look at. It is made by the engine
// from recorded inputs only.
type CheckRequest struct {
	Tenant    Tenant          `json:"tenant"`
	SessionID ID              `json:"session_id"`
	SubjectID ID              `json:"subject_id"`
	RunID     ID              `json:"run_id"`
	Node      string          `json:"node"`
	Policy    string          `json:"policy"`
	Config    json.RawMessage `json:"config,omitempty"`
	Attempt   int             `json:"attempt"` // 1-5
	CallKey   string          `json:"call_key"`
	Now       time.Time       `json:"now"`
	Country   string          `json:"country,omitempty"`
	Fields    map[string]any  `json:"fields,omitempty"`    // the form and the prefill
	Metadata  map[string]any  `json:"metadata,omitempty"`  // the customer's own
	Extracted map[string]any  `json:"extracted,omitempty"` // read from documents so far
	// Established is what the capture machine saw happen (SessionData).
	Established map[string]any       `json:"established,omitempty"`
	Checks      map[string]CheckFact `json:"checks,omitempty"` // by policy
	Uploads     []Upload             `json:"uploads,omitempty"`
	Settings    Settings             `json:"settings"`
	// Reviewed are the words on hits that reviewers of this tenant gave of the
	// subject and that count (HitReview); the check says which of them hold.
	Reviewed []ReviewedHit `json:"reviewed,omitempty"`
}

// CheckSpec describes a check to authors, validators and the capture plan.
type CheckSpec struct {
	Name        string `json:"name"`
	Title       string `json:"title"`
	Description string `json:"description"`
	// ConfigSchema is JSON Schema 2020-12 of the node's config.
	ConfigSchema json.RawMessage `json:"config_schema"`
	// Needs are data requirements, such as document_front, selfie,
	// user_info.last_name; "a|b" means one of them.
	Needs []string `json:"needs,omitempty"`
	// Provides are the paths a later condition may read, without
	// "checks.<name>." in front of details.
	Provides []string `json:"provides,omitempty"`
	// Identity marks a check that ties the applicant to a document, a list or
	// a record; a path to approval without one earns a warning.
	Identity bool          `json:"identity"`
	Timeout  time.Duration `json:"timeout"` // of one attempt, default 30 s
}
