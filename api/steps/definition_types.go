package steps

import (
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// The types of this file describe a definition to the reader of the OpenAPI
// document and are never filled: the onboarding room reads the text itself, so
// that it can tell everything that is wrong with it, in its own codes.

type Definition struct {
	Name             string            `json:"name" doc:"What people call it; 1 to 255 characters." maxLength:"255" example:"Complete Individual KYC"`
	Description      string            `json:"description,omitempty" doc:"What it is for; internal." maxLength:"2000"`
	TemplateType     string            `json:"template_type,omitempty" doc:"Which template it comes from." enum:"basic-kyc,company-kyc,merchant-onboarding,pep-enhanced,custom" default:"custom"`
	EntityTypes      []string          `json:"entity_types,omitempty" doc:"Who it is for: individual, company, or both." enum:"individual,company,both" nullable:"false"`
	Industry         string            `json:"industry,omitempty" doc:"Target industry, in your own words." maxLength:"255" example:"Financial Services"`
	Tags             []string          `json:"tags,omitempty" doc:"Categories of yours." maxItems:"50" nullable:"false"`
	CustomTags       map[string]string `json:"custom_tags,omitempty" doc:"Copied into every webhook of the sessions: at most 20 entries, keys of 50 and values of 200 characters."`
	Steps            []Step            `json:"steps" doc:"What the applicant does, in this order." minItems:"1" maxItems:"50" nullable:"false"`
	ValidationConfig *ValidationConfig `json:"validation_config,omitempty" doc:"Which checks run and how the session is decided."`
	Slug             string            `json:"slug,omitempty" doc:"A name that may stand wherever a workflow_id is asked for; unique in its environment." pattern:"^[a-z0-9][a-z0-9-]{1,63}$" example:"individual-kyc"`
	SessionTTLDays   int               `json:"session_ttl_days,omitempty" doc:"How long a session's link lives, in days." minimum:"1" maximum:"365" default:"7"`
	ChangeNote       string            `json:"change_note,omitempty" doc:"Why this version exists." maxLength:"500"`
}

type Step struct {
	StepID       string               `json:"step_id" doc:"Unique in the workflow." pattern:"^[A-Za-z0-9_-]{1,64}$" example:"documents"`
	Order        int                  `json:"order" doc:"1, 2, 3 … without gaps." minimum:"1"`
	Name         string               `json:"name" doc:"Shown to the applicant."`
	Type         string               `json:"type" doc:"What is done in it; each type has its own configuration below." enum:"document_upload,form_fill,selfie,liveness,validation,subsession_collection"`
	Required     bool                 `json:"required,omitempty" doc:"false lets the applicant skip it." default:"true"`
	Description  string               `json:"description,omitempty" doc:"Internal; never shown to applicants."`
	Instructions string               `json:"instructions,omitempty" doc:"Shown to the applicant."`
	ShowIf       *Logic               `json:"show_if,omitempty" doc:"Asked only while this holds; looks at fields of earlier steps."`
	I18n         map[string]StepWords `json:"i18n,omitempty" doc:"Name and instructions by language tag."`

	DocumentRequirements []DocumentRequirement `json:"document_requirements,omitempty" doc:"Of document_upload: the papers that are asked for." nullable:"false"`
	CustomFields         []Field               `json:"custom_fields,omitempty" doc:"Of form_fill: the questions." nullable:"false"`
	SelfieConfig         *SelfieConfig         `json:"selfie_config,omitempty" doc:"Of selfie."`
	LivenessConfig       *LivenessConfig       `json:"liveness_config,omitempty" doc:"Of liveness."`
	ValidationTasks      []string              `json:"validation_tasks,omitempty" doc:"Of validation: the checks that run when the step is reached." enum:"cross_validate_documents,run_sanction_check,run_adverse_media,run_crypto_check,run_face_match" nullable:"false"`
	SubsessionConfig     *SubsessionConfig     `json:"subsession_config,omitempty" doc:"Of subsession_collection."`
}

type StepWords struct {
	Name         string `json:"name,omitempty" doc:"The step's name in that language."`
	Instructions string `json:"instructions,omitempty" doc:"The instructions in that language."`
}

type DocumentRequirement struct {
	DocumentType             string             `json:"document_type" doc:"The paper. id takes any government ID; id_document is the same as id." enum:"id,id_document,passport,proof_of_address,selfie,company_charter,articles_of_incorporation,tax_certificate,shareholder_registry,beneficial_owners,operating_agreement,business_license,bank_ownership,bank_letter,custom,other"`
	DisplayName              string             `json:"display_name,omitempty" doc:"Shown to the applicant; default: the type's label. custom needs one."`
	Required                 bool               `json:"required,omitempty" doc:"Whether the step needs it." default:"true"`
	AutoExtract              bool               `json:"auto_extract,omitempty" doc:"Read it as soon as it comes." default:"false"`
	AllowMultiple            bool               `json:"allow_multiple,omitempty" doc:"Several files of this type." default:"false"`
	EnableAutoClassification bool               `json:"enable_auto_classification,omitempty" doc:"Recognise which paper it is." default:"false"`
	ExtractionProfile        *string            `json:"extraction_profile,omitempty" doc:"Id of an extraction profile of your own." nullable:"true"`
	PostUploadValidations    []UploadValidation `json:"post_upload_validations,omitempty" doc:"Made as soon as it comes; a plain string is a type with its defaults." nullable:"false"`
	EntityRole               string             `json:"entity_role,omitempty" doc:"Whose paper it is; the names read from it carry this role." enum:"individual,ubo,director,shareholder,representative"`
}

type UploadValidation struct {
	Type    string         `json:"type" doc:"What is validated." enum:"not_expired,min_validity_days,max_age_days,country_in,country_not_in,document_type_in,mrz_checksum,name_matches_field,min_resolution,max_file_size,mime_in,both_sides"`
	Params  map[string]any `json:"params,omitempty" doc:"By type: days, countries, types, field_id and min_score, px, bytes."`
	OnFail  string         `json:"on_fail,omitempty" doc:"reject refuses the file, warn notes it." enum:"reject,warn" default:"reject"`
	Message string         `json:"message,omitempty" doc:"What the applicant is told."`
}

type SelfieConfig struct {
	RequireGoodLighting bool `json:"require_good_lighting,omitempty" doc:"Refuse badly lit pictures." default:"true"`
	RequireFaceCentered bool `json:"require_face_centered,omitempty" doc:"The face must be in the middle." default:"true"`
}

type LivenessConfig struct {
	MinConfidence      float64 `json:"min_confidence,omitempty" doc:"Lowest confidence that passes." minimum:"0" maximum:"100" default:"90"`
	ChallengeType      string  `json:"challenge_type,omitempty" doc:"What the applicant does; the second adds coloured light on the face." enum:"FaceMovementChallenge,FaceMovementAndLightChallenge" default:"FaceMovementChallenge"`
	SaveReferenceImage bool    `json:"save_reference_image,omitempty" doc:"Keep the best frame." default:"true"`
	SaveAuditImages    bool    `json:"save_audit_images,omitempty" doc:"Keep up to 4 more frames." default:"false"`
	UseForFaceMatch    bool    `json:"use_for_face_match,omitempty" doc:"Compare the best frame with the ID's portrait." default:"true"`
	MaxRetries         int     `json:"max_retries,omitempty" doc:"Attempts after the first." minimum:"1" maximum:"10" default:"3"`
}

type SubsessionConfig struct {
	WorkflowID      string `json:"workflow_id" doc:"Id or slug of the workflow the related parties pass."`
	MaxSubsessions  int    `json:"max_subsessions,omitempty" doc:"How many at most." minimum:"1" maximum:"100" default:"1"`
	MinSubsessions  int    `json:"min_subsessions,omitempty" doc:"How many at least; default 1 in a required step, 0 otherwise." minimum:"0" maximum:"100"`
	RequireComplete bool   `json:"require_completion_before_proceed,omitempty" doc:"The step waits until every party is finished." default:"false"`
	ImpactParent    bool   `json:"impact_parent_status,omitempty" doc:"The parties' results count for this session." default:"false"`
	TTLDays         int    `json:"ttl_days,omitempty" doc:"Life of their links in days; default: that of their workflow." minimum:"1" maximum:"365"`
}

type ValidationConfig struct {
	RunLists               bool                  `json:"run_lists,omitempty" doc:"Screen names against watchlists." default:"true"`
	RunCrypto              bool                  `json:"run_crypto,omitempty" doc:"Screen crypto wallets." default:"false"`
	RunAdverseMedia        bool                  `json:"run_adverse_media,omitempty" doc:"Screen names in negative news." default:"false"`
	AutoFaceMatch          bool                  `json:"auto_face_match,omitempty" doc:"Compare the ID's portrait with the selfie or liveness frame." default:"false"`
	FaceMatchThreshold     float64               `json:"face_match_threshold,omitempty" doc:"Lowest likeness that passes." minimum:"0" maximum:"1" default:"0.8"`
	CrossValidateDocuments bool                  `json:"cross_validate_documents,omitempty" doc:"Documents must agree with each other." default:"true"`
	CorrectionResolution   *CorrectionResolution `json:"correction_resolution,omitempty" doc:"What follows when all corrections are resolved."`
	AutomationRules        *AutomationRules      `json:"automation_rules,omitempty" doc:"Automatic decisions."`
}

type CorrectionResolution struct {
	Mode              string `json:"mode,omitempty" doc:"Back to the reviewer, process at once, or wait for an explicit process call." enum:"manual_review,auto_process,completed" default:"manual_review"`
	PostReprocessMode string `json:"post_reprocess_mode,omitempty" doc:"When a reviewer processes a remediated session again: wait for the reviewer, or let the rules decide." enum:"manual_review,autoprocess" default:"manual_review"`
}

// definitionText is a definition as it was sent. Its schema describes it and
// takes anything: the second form is what a definition with mistakes has, and
// the answer then lists all of them.
type definitionText json.RawMessage

// UnmarshalJSON keeps the text.
func (d *definitionText) UnmarshalJSON(raw []byte) error {
	*d = append((*d)[:0], raw...)
	return nil
}

// exampleDefinition is a definition that can be sent as it is.
func exampleDefinition() map[string]any {
	return map[string]any{"name": "ID and liveness", "slug": "id-and-liveness", "entity_types": []string{"individual"}, "custom_tags": map[string]string{"region": "EU"},
		"steps": []any{
			map[string]any{"step_id": "documents", "order": 1, "name": "Identity document", "type": "document_upload",
				"document_requirements": []any{map[string]any{"document_type": "id", "auto_extract": true}}},
			map[string]any{"step_id": "liveness", "order": 2, "name": "Face check", "type": "liveness"},
			map[string]any{"step_id": "person", "order": 3, "name": "About you", "type": "form_fill", "custom_fields": []any{
				map[string]any{"field_id": "full_name", "name": "Full name", "type": "name", "name_type": "individual", "validate_lists": true, "required": true},
				map[string]any{"field_id": "nationality", "name": "Nationality", "type": "country", "country_type": "nationality", "required": true}}}},
		"validation_config": map[string]any{"auto_face_match": true, "face_match_threshold": 0.85, "automation_rules": map[string]any{"auto_process": true,
			"country_rules":           []any{map[string]any{"country_code": "@fatf_high_risk", "action": "manual_review"}},
			"auto_approve_conditions": map[string]any{"no_list_matches": true, "face_match_passed": true, "liveness_passed": true, "documents_valid": true},
			"default_action":          "manual_review"}}}
}

const anythingElse = "Whatever fits no workflow is answered with 400 and the list of everything that is wrong with it."

// Schema describes a definition.
func (definitionText) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{Description: "The definition of a workflow.", Examples: []any{exampleDefinition()},
		AnyOf: []*huma.Schema{r.Schema(reflect.TypeFor[Definition](), true, "Definition"), {Description: anythingElse}}}
}

// definitionPatch is a JSON merge patch over a definition, as it was sent.
type definitionPatch json.RawMessage

// UnmarshalJSON keeps the text.
func (d *definitionPatch) UnmarshalJSON(raw []byte) error {
	*d = append((*d)[:0], raw...)
	return nil
}

// Schema describes the same members as a definition, all of them optional.
func (definitionPatch) Schema(r huma.Registry) *huma.Schema {
	whole := *r.SchemaFromRef(r.Schema(reflect.TypeFor[Definition](), true, "Definition").Ref)
	whole.Required = nil
	whole.Description = "The members to change, as a JSON merge patch (RFC 7396): objects merge, lists and plain values replace, null restores the default."
	whole.Examples = []any{map[string]any{"name": "Individual KYC", "validation_config": map[string]any{"run_adverse_media": true}, "change_note": "screen the news"}}
	return &huma.Schema{Description: whole.Description, AnyOf: []*huma.Schema{&whole, {Description: anythingElse}}}
}

// stepTexts and configText are parts of a stored definition, shown as they are.
type (
	stepTexts  json.RawMessage
	configText json.RawMessage
)

// MarshalJSON writes the text.
func (s stepTexts) MarshalJSON() ([]byte, error) { return s, nil }

// MarshalJSON writes the text.
func (c configText) MarshalJSON() ([]byte, error) { return c, nil }

// Schema describes the steps.
func (stepTexts) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeArray, Items: r.Schema(reflect.TypeFor[Step](), true, "Step")}
}

// Schema describes the validation config.
func (configText) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[ValidationConfig](), true, "ValidationConfig")
}
