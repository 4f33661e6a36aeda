package onboarding

import (
	"encoding/json"

	"bonafide/field"
	"bonafide/kyc"
	"bonafide/rule"
)

// Limits of a definition (api.md 3.2, 3.4; seed 000 for the custom tags).
// Lengths count Unicode code points.
const (
	MaxName           = 255
	MaxDescription    = 2000
	MaxIndustry       = 255
	MaxTags           = 50
	MaxTag            = 64
	MaxCustomTags     = 20
	MaxCustomTagKey   = 50
	MaxCustomTagValue = 200
	MaxSteps          = 50
	MaxTTLDays        = 365
	DefaultTTLDays    = 7
	MaxChangeNote     = 500
	MaxInstructions   = 2000
	MaxSubsessions    = 100
)

// Definition is one onboarding workflow as submitted to A1, with every default
// written out, so that a later change of a default never changes it. It is
// made by Parse and must not be changed.
type Definition struct {
	Name         string            `json:"name"`
	Description  string            `json:"description,omitempty"` // internal
	TemplateType string            `json:"template_type"`         // one of Templates(), or custom
	EntityTypes  []string          `json:"entity_types"`          // individual, company, in this order
	Industry     string            `json:"industry,omitempty"`
	Tags         []string          `json:"tags"`
	CustomTags   map[string]string `json:"custom_tags"` // copied into every session webhook
	Slug         string            `json:"slug,omitempty"`
	// SessionTTLDays is how long a session's link lives, 1-365.
	SessionTTLDays int    `json:"session_ttl_days"`
	ChangeNote     string `json:"change_note,omitempty"` // belongs to the version, not to the hash
	// Steps are in order; Steps[i].Order is i+1.
	Steps            []Step           `json:"steps"`
	ValidationConfig ValidationConfig `json:"validation_config"`

	fields    []field.Field // of all steps; those of each step are a part of it
	canonical json.RawMessage
	hash      string
}

// StepType is one of the six kinds of step.
type StepType string

// The step types (seed 004).
const (
	DocumentUpload       StepType = "document_upload"
	FormFill             StepType = "form_fill"
	Selfie               StepType = "selfie"
	Liveness             StepType = "liveness"
	ValidationStep       StepType = "validation"
	SubsessionCollection StepType = "subsession_collection"
)

// StepTypes gives the six types in the order of the documentation.
func StepTypes() []StepType {
	return []StepType{DocumentUpload, FormFill, Selfie, Liveness, ValidationStep, SubsessionCollection}
}

// Step is one thing an applicant does. Exactly the config of its Type is set.
type Step struct {
	StepID       string   `json:"step_id"`
	Order        int      `json:"order"` // 1-based, consecutive
	Name         string   `json:"name"`
	Type         StepType `json:"type"`
	Required     bool     `json:"required"`              // an optional step may be skipped
	Description  string   `json:"description,omitempty"` // internal
	Instructions string   `json:"instructions,omitempty"`
	// ShowIf decides by fields of earlier form steps whether the step is asked.
	ShowIf *field.Logic     `json:"show_if,omitempty"`
	I18n   map[string]Words `json:"i18n,omitempty"` // by BCP 47 language tag

	DocumentRequirements []DocumentRequirement `json:"document_requirements,omitempty"`
	CustomFields         []field.Field         `json:"custom_fields,omitempty"`
	SelfieConfig         *SelfieConfig         `json:"selfie_config,omitempty"`
	LivenessConfig       *LivenessConfig       `json:"liveness_config,omitempty"`
	ValidationTasks      []Task                `json:"validation_tasks,omitempty"`
	SubsessionConfig     *SubsessionConfig     `json:"subsession_config,omitempty"`
}

// Words are a step's texts in one language; an empty one falls back to the
// step's own.
type Words struct {
	Name         string `json:"name,omitempty"`
	Instructions string `json:"instructions,omitempty"`
}

// DocumentRequirement is one paper a document step asks for (seed 004).
type DocumentRequirement struct {
	DocumentType             string       `json:"document_type"` // one of DocumentTypes()
	DisplayName              string       `json:"display_name"`  // default: the type's label
	Required                 bool         `json:"required"`
	AutoExtract              bool         `json:"auto_extract"`
	AllowMultiple            bool         `json:"allow_multiple"`
	EnableAutoClassification bool         `json:"enable_auto_classification"`
	ExtractionProfile        *string      `json:"extraction_profile"`
	PostUploadValidations    []Validation `json:"post_upload_validations"`
	EntityRole               string       `json:"entity_role,omitempty"` // one of EntityRoles()
}

// Validation is one post-upload validation. Params is never nil and holds, by
// type: min_validity_days{days}, max_age_days{days, default 90},
// country_in{countries}, country_not_in{countries}, document_type_in{types},
// name_matches_field{field_id, min_score 0-1, default 0.85},
// min_resolution{px}, max_file_size{bytes}, mime_in{types}; not_expired,
// mrz_checksum and both_sides take none. A validation submitted as a plain
// string becomes an object with the defaults.
type Validation struct {
	Type    string         `json:"type"`
	Params  map[string]any `json:"params"`  // numbers are json.Number
	OnFail  string         `json:"on_fail"` // reject (default) or warn
	Message string         `json:"message,omitempty"`
}

// SelfieConfig are the demands on a selfie; both are true by default.
type SelfieConfig struct {
	RequireGoodLighting bool `json:"require_good_lighting"`
	RequireFaceCentered bool `json:"require_face_centered"`
}

// The liveness challenges (seed 004).
const (
	MovementChallenge      = "FaceMovementChallenge"
	MovementLightChallenge = "FaceMovementAndLightChallenge"
)

// LivenessConfig is the demand on a liveness check (seed 004).
type LivenessConfig struct {
	MinConfidence      float64 `json:"min_confidence"` // 0-100, inclusive
	ChallengeType      string  `json:"challenge_type"`
	SaveReferenceImage bool    `json:"save_reference_image"`
	SaveAuditImages    bool    `json:"save_audit_images"` // up to 4 frames
	UseForFaceMatch    bool    `json:"use_for_face_match"`
	MaxRetries         int     `json:"max_retries"` // 1-10
}

// Attempts is how often the applicant may try: once and the retries.
func (c LivenessConfig) Attempts() int { return 1 + c.MaxRetries }

// Task is one task of a validation step.
type Task string

// The validation tasks (seed 004).
const (
	CrossValidateDocuments Task = "cross_validate_documents"
	RunSanctionCheck       Task = "run_sanction_check"
	RunAdverseMedia        Task = "run_adverse_media"
	RunCryptoCheck         Task = "run_crypto_check"
	RunFaceMatch           Task = "run_face_match"
)

// SubsessionConfig says which related parties a step collects (seed 004).
type SubsessionConfig struct {
	WorkflowID      string `json:"workflow_id"`     // id or slug
	MaxSubsessions  int    `json:"max_subsessions"` // 1-100, default 1
	MinSubsessions  int    `json:"min_subsessions"` // 0-max; default 1 in a required step, else 0
	RequireComplete bool   `json:"require_completion_before_proceed"`
	ImpactParent    bool   `json:"impact_parent_status"`
	// TTLDays is the life of the subsessions' links, 1-365; 0 where the
	// subsession workflow's own applies.
	TTLDays int `json:"ttl_days,omitempty"`
}

// ValidationConfig says which checks run (seed 000).
type ValidationConfig struct {
	RunLists               bool                 `json:"run_lists"`
	RunCrypto              bool                 `json:"run_crypto"`
	RunAdverseMedia        bool                 `json:"run_adverse_media"`
	AutoFaceMatch          bool                 `json:"auto_face_match"`
	FaceMatchThreshold     float64              `json:"face_match_threshold"` // 0-1, inclusive
	CrossValidateDocuments bool                 `json:"cross_validate_documents"`
	CorrectionResolution   CorrectionResolution `json:"correction_resolution"`
	AutomationRules        rule.Rules           `json:"automation_rules"`
}

// CorrectionResolution says what follows corrections. Mode is manual_review,
// auto_process or completed; PostReprocessMode manual_review or autoprocess
// (seed 000's own spellings; either is accepted for both).
type CorrectionResolution struct {
	Mode              string `json:"mode"`
	PostReprocessMode string `json:"post_reprocess_mode"`
}

// The values of CorrectionResolution.
const (
	ModeManualReview     = "manual_review"
	ModeAutoProcess      = "auto_process"
	ModeCompleted        = "completed"
	ReprocessReview      = "manual_review"
	ReprocessAutoprocess = "autoprocess"
)

// ParseOptions are what reading a definition depends on besides its text.
type ParseOptions struct {
	// Lenient turns unknown fields into warnings (?strict=false).
	Lenient bool
}

// Report is everything found in a definition. Paths are JSON Pointers into the
// text as submitted; both lists are in order of path.
type Report struct {
	Errors   []kyc.Problem
	Warnings []kyc.Problem
}

// Err is nil for a valid definition, otherwise an Invalid error that lists
// every problem.
func (r Report) Err() error {
	if len(r.Errors) == 0 {
		return nil
	}
	return kyc.InvalidInput("invalid_workflow", "the workflow definition has problems", r.Errors)
}

// CompileOptions are what a compilation depends on besides the definition.
type CompileOptions struct {
	// Mandatory policies of the organisation (kyc.Settings). Only
	// watchlist_screening is written into the graph here; flow.Compile inserts
	// the others.
	Mandatory []string
}

// Catalog are the words lists of workflows are filtered by.
func (d *Definition) Catalog() kyc.WorkflowCatalog {
	return kyc.WorkflowCatalog{
		TemplateType: d.TemplateType, EntityTypes: d.EntityTypes, Industry: d.Industry,
		Tags: d.Tags, StepCount: len(d.Steps),
	}
}
