package checks

import (
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"bonafide/api"
	"bonafide/checklist"
	"bonafide/intake"
	"bonafide/kyc"
)

// The types that begin with a capital letter describe bodies to the reader of
// the OpenAPI document and are never filled: the checklist room reads the text
// itself, so that it can tell everything that is wrong with it in its own
// codes.

type Definition struct {
	Name  string `json:"name" doc:"What people call it; 1 to 255 characters." example:"Standard KYC"`
	Steps []Step `json:"steps" doc:"What is verified, in this order: 1 to 10 steps, each id once." nullable:"false"`
}

type Step struct {
	ID     string      `json:"id" doc:"Which verification; id-verification and id_verification are read as ID_VERIFICATION, in any case." example:"ID_VERIFICATION"`
	Config *StepConfig `json:"config,omitempty" doc:"What differs from the defaults."`
}

// StepConfig stands for the configurations of all steps.
type StepConfig struct{}

// Schema lists them.
func (StepConfig) Schema(r huma.Registry) *huma.Schema {
	s := &huma.Schema{Description: "The configuration of a step; each step has its own. PEP_SANCTIONS and ADVERSE_MEDIA have none."}
	for _, t := range []reflect.Type{reflect.TypeFor[IDVerificationConfig](), reflect.TypeFor[FaceLivenessConfig](), reflect.TypeFor[AgeEstimationConfig](),
		reflect.TypeFor[ConsentConfig](), reflect.TypeFor[DocumentUploadConfig](), reflect.TypeFor[NoConfig]()} {
		s.AnyOf = append(s.AnyOf, r.Schema(t, true, t.Name()))
	}
	return s
}

type IDVerificationConfig struct {
	MinimumAge              int    `json:"minimum_age,omitempty" doc:"Lowest accepted age in years." minimum:"1" maximum:"120" default:"18"`
	MaximumAge              int    `json:"maximum_age,omitempty" doc:"Highest accepted age in years, not below minimum_age. Whoever leaves it out gets a warning, because the default refuses everybody of 52 and more; an organisation can set another default." minimum:"1" maximum:"150" default:"51"`
	ExpiryDateYears         int    `json:"expiry_date_years,omitempty" doc:"For how many years after its expiry an ID is accepted; 0: it must be valid. Organisations can choose two stricter readings." minimum:"0" maximum:"50" default:"2"`
	RequireSecondaryID      bool   `json:"require_secondary_id,omitempty" doc:"Ask for a second ID." default:"false"`
	RequireTertiaryID       bool   `json:"require_tertiary_id,omitempty" doc:"Ask for a third ID; implies the second." default:"false"`
	FaceFrontPhotoOnly      bool   `json:"face_front_photo_only,omitempty" doc:"Take the face from the front only; otherwise from the front, the left and the right." default:"false"`
	RequireFrontOnly        bool   `json:"require_front_only,omitempty" doc:"Take only the front of the ID." default:"false"`
	EnableFraudAnalysis     bool   `json:"enable_fraud_analysis,omitempty" doc:"Analyse the IDs for fraud while the applicant waits, with the result in the answer. Otherwise that happens in the background. Always true with an escalation." default:"false"`
	EscalationType          string `json:"escalation_type,omitempty" doc:"What is asked for when the risk is high." enum:"none,nfc-passport" default:"none"`
	EscalationRiskThreshold int    `json:"escalation_risk_threshold,omitempty" doc:"Risk at or above which that is asked for, 0-100; means nothing without an escalation." minimum:"0" maximum:"100" default:"60"`
}

type FaceLivenessConfig struct {
	ConfidenceThreshold int `json:"confidence_threshold,omitempty" doc:"Lowest confidence that passes." minimum:"1" maximum:"100" default:"70"`
}

type AgeEstimationConfig struct {
	MinimumAge int `json:"minimum_age,omitempty" doc:"Lowest estimated age that passes, in years." minimum:"1" maximum:"100" default:"18"`
}

type ConsentConfig struct {
	Text             string `json:"text,omitempty" doc:"What the applicant agrees to; 1 to 10,000 characters."`
	Version          string `json:"version,omitempty" doc:"Version of the text; 1 to 50 characters." default:"1"`
	RequireSignature bool   `json:"require_signature,omitempty" doc:"Ask for a picture of the signature." default:"false"`
}

type DocumentUploadConfig struct {
	DocumentTypes  []string `json:"document_types,omitempty" doc:"Papers that must all be handed in, 1 to 10 small words; default: proof_of_address." nullable:"false"`
	MaximumAgeDays int      `json:"maximum_age_days,omitempty" doc:"How old the date on a paper may be, in days; 0: any." minimum:"0" maximum:"3650" default:"0"`
}

type NoConfig struct{}

const anythingElse = "Whatever fits no workflow is answered with 400 and the list of everything that is wrong with it."

// definitionText is a definition as it was sent.
type definitionText json.RawMessage

// UnmarshalJSON keeps the text.
func (d *definitionText) UnmarshalJSON(raw []byte) error {
	*d = append((*d)[:0], raw...)
	return nil
}

// Schema describes a definition and takes anything.
func (definitionText) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{Description: "A workflow.", AnyOf: []*huma.Schema{r.Schema(reflect.TypeFor[Definition](), true, "Definition"), {Description: anythingElse}},
		Examples: []any{map[string]any{"name": "Standard KYC", "steps": []any{
			map[string]any{"id": checklist.IDVerification, "config": map[string]any{"minimum_age": 21, "maximum_age": 99, "escalation_type": "nfc-passport"}},
			map[string]any{"id": checklist.FaceLiveness, "config": map[string]any{"confidence_threshold": 80}},
			map[string]any{"id": checklist.PEPSanctions},
		}}}}
}

// configChange is a change of one step's configuration as it was sent.
type configChange json.RawMessage

// UnmarshalJSON keeps the text.
func (c *configChange) UnmarshalJSON(raw []byte) error {
	*c = append((*c)[:0], raw...)
	return nil
}

// Schema describes a configuration and takes anything.
func (configChange) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{Description: "The fields to change; null restores a default.", Examples: []any{map[string]any{"minimum_age": 21}},
		AnyOf: []*huma.Schema{StepConfig{}.Schema(r), {Description: anythingElse}}}
}

// resolved is the configuration of a step with every default written out.
type resolved struct{ checklist.Config }

// MarshalJSON writes the configuration flat, in the words of the input.
func (c resolved) MarshalJSON() ([]byte, error) { return json.Marshal(c.Config) }

// Schema describes it.
func (resolved) Schema(r huma.Registry) *huma.Schema { return StepConfig{}.Schema(r) }

// resolvedStep is one step of a workflow.
type resolvedStep struct {
	ID     string   `json:"id" doc:"Which verification." enum:"ID_VERIFICATION,FACE_LIVENESS,AGE_ESTIMATION,PEP_SANCTIONS,ADVERSE_MEDIA,CONSENT,DOCUMENT_UPLOAD"`
	Config resolved `json:"config" doc:"Its configuration with every default written out."`
}

// workflow is the record of a workflow (seed 001).
type workflow struct {
	ID             string         `json:"id" doc:"The workflow's id." example:"0199a0b0-1111-7222-8333-444455556666"`
	Name           string         `json:"name" doc:"What people call it."`
	Status         string         `json:"status" doc:"archived takes no new sessions." enum:"active,archived"`
	OrganizationID string         `json:"organization_id" doc:"Whose it is."`
	CreatedAt      stamp          `json:"created_at" doc:"When it was made."`
	UpdatedAt      stamp          `json:"updated_at" doc:"When it last changed."`
	Steps          []resolvedStep `json:"steps" doc:"In the order of execution, with their full configuration." nullable:"false"`
}

// workflowAnswer is the answer about one workflow.
type workflowAnswer struct {
	Workflow workflow      `json:"workflow" doc:"The workflow."`
	Warnings []api.Finding `json:"warnings" doc:"What its author should know: a default that surprises, a setting that follows from another one, an order that helps nobody." nullable:"false"`
}

// listedWorkflow is what a list shows of a workflow.
type listedWorkflow struct {
	ID        string   `json:"id" doc:"The workflow's id."`
	Name      string   `json:"name" doc:"What people call it."`
	Status    string   `json:"status" doc:"archived takes no new sessions." enum:"active,archived"`
	Steps     []string `json:"steps" doc:"The ids of its steps, in the order of execution." nullable:"false"`
	CreatedAt stamp    `json:"created_at" doc:"When it was made."`
}

type workflowList struct {
	Workflows []listedWorkflow `json:"workflows" doc:"The workflows of this page, newest first." nullable:"false"`
	NextToken *string          `json:"next_token" doc:"Give it as next_token, with the same filters, for the next page; null at the end." nullable:"true"`
}

func workflowStatus(w *kyc.Workflow) string {
	if intake.Archived(w) {
		return "archived"
	}
	return "active"
}

func showWorkflow(st intake.WorkflowState) workflowAnswer {
	w := st.Workflow
	return workflowAnswer{Warnings: api.Findings(st.Warnings), Workflow: workflow{
		ID: string(w.ID), Name: st.Def.Name, Status: workflowStatus(&w), OrganizationID: string(w.Tenant.Org), CreatedAt: at(w.CreatedAt), UpdatedAt: at(w.UpdatedAt),
		Steps: shown(st.Def.Steps, func(s checklist.Step) resolvedStep { return resolvedStep{ID: s.ID, Config: resolved{s.Config}} }),
	}}
}

func listWorkflow(w kyc.Workflow) listedWorkflow {
	out := listedWorkflow{ID: string(w.ID), Name: w.Name, Status: workflowStatus(&w), Steps: []string{}, CreatedAt: at(w.CreatedAt)}
	if w.Catalog != nil {
		out.Steps = words(w.Catalog.Tags)
	}
	return out
}
