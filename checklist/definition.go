package checklist

import (
	"slices"
	"strings"
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

// elsewhere are step ids that other services of this kind know and this one
// does not do (api.md 4.3); they are told apart from typing errors.
func elsewhere() []string {
	return []string{"FACE_LIVENESS_CONSENT_SETTINGS", "DEEPFAKE_DETECTION", "DEEP_AGE", "ADDRESS_VERIFICATION", "BACKGROUND_CHECK", "TITLE_SEARCH",
		"CUSTOM_PROMPT", "CUSTOM_FORM", "BANK_STATEMENT_UPLOAD", "AI_BANK_STATEMENT_ANALYSIS", "WHITE_LABEL", "PHONE_TRUST_CHECK", "CARRIER_AGE_GATE",
		"PHONE_OWNERSHIP_MATCH", "PHONE_VERIFICATION"}
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
