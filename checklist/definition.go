package checklist

import (
	"encoding/json"
	"slices"
	"strings"

	"bonafide/kyc"
)

// Format is the kyc.WorkflowVersion.Format of a checklist.
const Format = "checklist"

// The step ids (seed 001; CONSENT and DOCUMENT_UPLOAD are the edition's, E6).
const (
	IDVerification = "ID_VERIFICATION"
	FaceLiveness   = "FACE_LIVENESS"
	AgeEstimation  = "AGE_ESTIMATION"
	PEPSanctions   = "PEP_SANCTIONS"
	AdverseMedia   = "ADVERSE_MEDIA"
	Consent        = "CONSENT"
	DocumentUpload = "DOCUMENT_UPLOAD"
)

// StepIDs are the supported step ids in the order of the documentation.
func StepIDs() []string {
	return []string{IDVerification, FaceLiveness, AgeEstimation, PEPSanctions, AdverseMedia, Consent, DocumentUpload}
}

// StepID reads a step id in any of its three spellings (ID_VERIFICATION,
// id-verification, id_verification), with any case. It reports false for what
// is no supported step.
func StepID(text string) (string, bool) {
	id := spelled(text)
	return id, slices.Contains(StepIDs(), id)
}

// spelled is a step id in the seed's spelling.
func spelled(text string) string {
	return strings.ToUpper(strings.ReplaceAll(strings.TrimSpace(text), "-", "_"))
}

// Escalation types of ID_VERIFICATION (seed 001).
const (
	EscalationNone = "none"
	EscalationNFC  = "nfc-passport"
)

// Expiry policies of an organisation (api.md X8); "" is ExpiryGrace.
const (
	ExpiryGrace        = "grace"
	ExpiryStrict       = "strict"
	ExpiryMaxRemaining = "max_remaining"
)

// Auto decisions of an organisation (kyc.CheckSettings); "" is AutoApprove.
const (
	AutoApprove       = "approve"
	AutoApproveReject = "approve_and_reject"
	AutoManual        = "manual"
)

// Definition is a named checklist. It is never changed once Parse or Read has
// made it.
type Definition struct {
	Name string `json:"name"` // 1-255 characters
	// Steps are in the order of execution, 1-10, each id once.
	Steps []Step `json:"steps"`
}

// Step is one step with its resolved configuration.
type Step struct {
	ID     string `json:"id"`
	Config Config `json:"config"`
}

// Config is the resolved configuration of a step: IDConfig, LivenessConfig,
// AgeConfig, ConsentConfig, DocumentUploadConfig or NoConfig.
type Config interface{ config() }

// IDConfig is the configuration of ID_VERIFICATION (seed 001).
type IDConfig struct {
	MinimumAge              int    `json:"minimum_age"`       // 1-120 years
	MaximumAge              int    `json:"maximum_age"`       // 1-150 years, not below MinimumAge
	ExpiryDateYears         int    `json:"expiry_date_years"` // 0-50, see the expiry policies
	RequireSecondaryID      bool   `json:"require_secondary_id"`
	RequireTertiaryID       bool   `json:"require_tertiary_id"`       // implies a secondary one
	FaceFrontPhotoOnly      bool   `json:"face_front_photo_only"`     // false: front, left and right
	RequireFrontOnly        bool   `json:"require_front_only"`        // of the documents
	EnableFraudAnalysis     bool   `json:"enable_fraud_analysis"`     // in line; always true with an escalation
	EscalationType          string `json:"escalation_type"`           // none, nfc-passport
	EscalationRiskThreshold int    `json:"escalation_risk_threshold"` // 0-100, escalates at or above
}

// LivenessConfig is the configuration of FACE_LIVENESS (seed 001).
type LivenessConfig struct {
	ConfidenceThreshold int `json:"confidence_threshold"` // 1-100
}

// AgeConfig is the configuration of AGE_ESTIMATION (seed 001).
type AgeConfig struct {
	MinimumAge int `json:"minimum_age"` // 1-100 years
}

// ConsentConfig is the configuration of CONSENT (ours).
type ConsentConfig struct {
	// Text is what the applicant agrees to, 1-10,000 characters.
	Text             string `json:"text"`
	Version          string `json:"version"` // of the text, 1-50 characters
	RequireSignature bool   `json:"require_signature"`
}

// DocumentUploadConfig is the configuration of DOCUMENT_UPLOAD (ours).
type DocumentUploadConfig struct {
	// DocumentTypes must all be handed in: 1-10 distinct snake_case words.
	DocumentTypes []string `json:"document_types"`
	// MaximumAgeDays is how old the date on a document may be; 0: any.
	MaximumAgeDays int `json:"maximum_age_days"` // 0-3650
}

// NoConfig is the configuration of steps that have no options.
type NoConfig struct{}

func (IDConfig) config()             {}
func (LivenessConfig) config()       {}
func (AgeConfig) config()            {}
func (ConsentConfig) config()        {}
func (DocumentUploadConfig) config() {}
func (NoConfig) config()             {}

// Escalates reports whether high risk asks for a further proof.
func (c IDConfig) Escalates() bool { return c.EscalationType != EscalationNone }

// Step finds a step by its id in the seed's spelling, or nil.
func (d *Definition) Step(id string) *Step {
	for i := range d.Steps {
		if d.Steps[i].ID == id {
			return &d.Steps[i]
		}
	}
	return nil
}

// StepIDs are the ids of the definition's steps in their order.
func (d *Definition) StepIDs() []string {
	out := make([]string, len(d.Steps))
	for i, s := range d.Steps {
		out[i] = s.ID
	}
	return out
}

// ParseOptions say how a definition is read.
type ParseOptions struct {
	// Lenient turns unknown fields into warnings.
	Lenient bool
	// MaximumAge is the organisation's default of maximum_age; 0: the seed's 51.
	MaximumAge int
}

// Report holds everything wrong with an input, and what an author should know.
type Report struct {
	Errors   []kyc.Problem
	Warnings []kyc.Problem
}

// Err is nil when there are no errors, otherwise an Invalid error with code
// validation_failed that lists all of them.
func (r Report) Err() error {
	if len(r.Errors) == 0 {
		return nil
	}
	return kyc.InvalidInput("validation_failed", "the workflow cannot be accepted as it is", r.Errors)
}

// Parse reads a submitted definition, {"name","steps":[{"id","config"}]}. The
// Definition is nil when there are errors.
func Parse(raw json.RawMessage, o ParseOptions) (*Definition, Report) { panic("not yet") }

// ParseConfig lays a change of one step's configuration, {"minimum_age":21},
// over the current one; null restores a default. Paths begin at /config. The
// Config is nil when there are errors.
func ParseConfig(stepID string, raw json.RawMessage, current Config, o ParseOptions) (Config, Report) {
	panic("not yet")
}

// Patch is a change of a definition as a whole.
type Patch struct {
	Name  *string  // nil: unchanged
	Steps []string // the ids in their new order, any spelling; nil: unchanged
}

// Patched renames and reorders. The Definition is nil when there are errors.
func (d *Definition) Patched(p Patch) (*Definition, Report) { panic("not yet") }

// WithConfig is the definition with another configuration of one step.
func (d *Definition) WithConfig(stepID string, c Config) *Definition { panic("not yet") }

// Warnings are what an author of the definition should know.
func (d *Definition) Warnings() []kyc.Problem { panic("not yet") }

// Canonical is the resolved definition as canonical JSON (RFC 8785): what is
// stored as the source of a version.
func (d *Definition) Canonical() json.RawMessage { panic("not yet") }

// Hash is "sha256:" and the hex digest of the canonical form.
func (d *Definition) Hash() string { panic("not yet") }

// Read reads what Canonical gave. What is not sound is an Internal error with
// code bad_definition.
func Read(source json.RawMessage) (*Definition, error) { panic("not yet") }

// Options say how an organisation reads a configuration.
type Options struct {
	ExpiryPolicy string // kyc.CheckSettings.ExpiryPolicy
}

// Ask is one check that a step asks.
type Ask struct {
	Policy string
	Config json.RawMessage // canonical JSON object
	// Background checks are asked after the step was completed and hold
	// nothing back (the fraud analysis of seed 001's default scenario).
	Background bool
}

// Checks are what a step asks when it is submitted, in order. The compiled
// graph asks the same with the same config. The chip of an escalation is not
// among them: see EscalationAsk.
func (d *Definition) Checks(stepID string, o Options) []Ask { panic("not yet") }

// EscalationAsk is the check of the further proof that ID_VERIFICATION asks
// for when document_fraud scores at or above its threshold.
func (d *Definition) EscalationAsk() (a Ask, threshold int, ok bool) { panic("not yet") }

// Slot is one file that a step takes.
type Slot struct {
	Name     string // id_front, selfie_left, …
	Required bool
	// What the upload is stored as (kyc.Upload).
	Kind, Asked, Side string
}

// IDTypes are the kinds of documents an applicant hands in (passport, id_card,
// driving_licence, …); empty where none is said.
type IDTypes struct{ Primary, Secondary, Tertiary string }

// Slots are the files that a step takes, the required ones included. Of
// passports no back is asked for.
func (s Step) Slots(t IDTypes) []Slot { panic("not yet") }

// CompileOptions are the organisation's rules for the decision.
type CompileOptions struct {
	Mandatory    []string // kyc.Settings.MandatoryPolicies
	Auto         string   // kyc.CheckSettings.AutoDecision
	ExpiryPolicy string   // kyc.CheckSettings.ExpiryPolicy
}

// Compile gives the graph of surface D that decides a session of the checklist
// (api.md 2.2, 6.3). flow.Compile checks and links it.
func Compile(d *Definition, o CompileOptions) json.RawMessage { panic("not yet") }
