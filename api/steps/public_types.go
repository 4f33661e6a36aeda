package steps

import (
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"bonafide/api"
	"bonafide/journey"
	"bonafide/onboarding"
)

type TokenPath struct {
	Token string `path:"access_token" doc:"The applicant's access token." maxLength:"200"`
}

// state is a session as its applicant sees it.
type state struct {
	ID               string       `json:"session_id" doc:"The session's id."`
	WorkflowName     string       `json:"workflow_name" doc:"What the onboarding is called."`
	Status           string       `json:"status" doc:"Where it stands." enum:"active,completed,processing,approved,rejected,manual_review,needs_correction,expired,cancelled"`
	CurrentStepIndex int          `json:"current_step_index" doc:"0-based place of the first step that waits; total_steps when none does."`
	TotalSteps       int          `json:"total_steps" doc:"How many steps there are."`
	StepsData        []publicStep `json:"steps_data" doc:"The steps in their order." nullable:"false"`
	ExpiresAt        stamp        `json:"expires_at" doc:"When the link ends."`
	Language         *string      `json:"language" doc:"The applicant's language; null when none was given."`
	RedirectURL      *string      `json:"redirect_url" doc:"Where to go when it is completed; null when none was given."`
	Corrections      []openItem   `json:"corrections" doc:"What has to be put right." nullable:"false"`
	Progress         progress     `json:"progress" doc:"How far it is."`
}

type progress struct {
	Done  int `json:"done" doc:"Steps that are done."`
	Total int `json:"total" doc:"Steps there are."`
}

type publicStep struct {
	StepID      string           `json:"step_id" doc:"The step."`
	Name        string           `json:"name" doc:"Its name."`
	Type        string           `json:"type" doc:"Its type." enum:"document_upload,form_fill,selfie,liveness,validation,subsession_collection"`
	Required    bool             `json:"required" doc:"Whether it cannot be skipped."`
	Status      string           `json:"status" doc:"Where it stands." enum:"pending,in_progress,completed,skipped,failed,needs_correction"`
	StartedAt   stamp            `json:"started_at" doc:"When it was begun; null before."`
	CompletedAt stamp            `json:"completed_at" doc:"When it was done; null before."`
	Documents   []publicDocument `json:"documents" doc:"Its files that are in force." nullable:"false"`
}

// publicDocument is a file as its sender sees it.
type publicDocument struct {
	DocID        string        `json:"doc_id" doc:"The document's id."`
	StepID       string        `json:"step_id" doc:"The step it was sent in."`
	DocumentType *string       `json:"document_type" doc:"The type that was asked for; null for an answer to a file field."`
	FieldID      *string       `json:"field_id" doc:"The file field it answers; null for a document."`
	Side         *string       `json:"side" doc:"front or back; null where papers have one side."`
	FileName     *string       `json:"file_name" doc:"Its name; null when none was given."`
	ContentType  string        `json:"content_type" doc:"As detected from the bytes." example:"image/jpeg"`
	Size         int64         `json:"size" doc:"Bytes."`
	Status       string        `json:"status" doc:"Always received: the file is in force." enum:"received"`
	UploadedAt   stamp         `json:"uploaded_at" doc:"When it was sent."`
	Warnings     []api.Finding `json:"warnings" doc:"What might be wrong with it." nullable:"false"`
}

// openItem is one thing the applicant shall put right.
type openItem struct {
	ID            string   `json:"id" doc:"The item's id."`
	StepID        string   `json:"step_id" doc:"The step."`
	FieldIDs      []string `json:"field_ids" doc:"Only these fields; none: the whole step." nullable:"false"`
	DocumentTypes []string `json:"document_types" doc:"Send these documents again." nullable:"false"`
	Code          string   `json:"code" doc:"What is wrong." enum:"blurry,expired,wrong_document,missing_side,name_mismatch,address_mismatch,incomplete,other"`
	Message       *string  `json:"message" doc:"What the organisation says; null when nothing."`
	Status        string   `json:"status" doc:"Always open." enum:"open"`
	CreatedAt     stamp    `json:"created_at" doc:"When it was asked for."`
}

// showPublic shows a session to its applicant: how far it is, and nothing of
// what was found or how it is judged.
func showPublic(st journey.State) state {
	out := state{ID: string(st.Session.ID), WorkflowName: st.Workflow, Status: journey.Word(st.Session.Status), CurrentStepIndex: st.Current, TotalSteps: len(st.Steps),
		StepsData: make([]publicStep, 0, len(st.Steps)), ExpiresAt: at(st.Session.ExpiresAt), Language: text(st.Language), RedirectURL: text(st.Session.RedirectURL),
		Corrections: shown(st.Corrections, showOpen), Progress: progress{Done: st.Done, Total: len(st.Steps)}}
	for _, now := range st.Steps {
		w := now.Def.Wording(st.Language)
		out.StepsData = append(out.StepsData, publicStep{StepID: now.StepID, Name: w.Name, Type: string(now.Def.Type), Required: now.Required, Status: string(now.Status),
			StartedAt: at(now.StartedAt), CompletedAt: at(now.CompletedAt), Documents: shown(now.Papers, showPaper)})
	}
	return out
}

func showPaper(p journey.Paper) publicDocument {
	return publicDocument{DocID: string(p.Upload.ID), StepID: p.Upload.StepID, DocumentType: text(p.Upload.Asked), FieldID: text(p.Upload.FieldID), Side: text(p.Upload.Side),
		FileName: text(p.FileName), ContentType: p.Upload.ContentType, Size: p.Upload.Size, Status: "received", UploadedAt: at(p.Upload.CreatedAt),
		Warnings: findings(p.Warnings)}
}

func showOpen(c journey.CorrectionNow) openItem {
	return openItem{ID: string(c.ID), StepID: c.StepID, FieldIDs: words(c.FieldIDs), DocumentTypes: words(c.DocumentTypes), Code: c.Code, Message: text(c.Message),
		Status: string(c.Status), CreatedAt: at(c.CreatedAt)}
}

// form is the public projection of a definition as the onboarding room makes
// it; PublicForm describes it, and a test compares the two.
type form struct{ onboarding.Public }

// MarshalJSON writes the projection.
func (f form) MarshalJSON() ([]byte, error) { return json.Marshal(f.Public) }

// Schema describes it.
func (form) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[PublicForm](), true, "PublicForm")
}

type PublicForm struct {
	Name       string           `json:"name" doc:"What the onboarding is called."`
	Language   string           `json:"language,omitempty" doc:"The language asked for; texts without a translation stay in the author's own."`
	Languages  []string         `json:"languages" doc:"Languages there are texts in." nullable:"false"`
	TotalSteps int              `json:"total_steps" doc:"How many steps there are."`
	Steps      []PublicFormStep `json:"steps" doc:"The steps in their order." nullable:"false"`
}

type PublicFormStep struct {
	StepID       string `json:"step_id" doc:"The step."`
	Order        int    `json:"order" doc:"Its place."`
	Name         string `json:"name" doc:"Its name."`
	Type         string `json:"type" doc:"Its type." enum:"document_upload,form_fill,selfie,liveness,validation,subsession_collection"`
	Required     bool   `json:"required" doc:"Whether it cannot be skipped."`
	Instructions string `json:"instructions,omitempty" doc:"What to do."`

	DocumentRequirements []PublicRequirement `json:"document_requirements,omitempty" doc:"Of document_upload: what to send." nullable:"false"`
	CustomFields         []Field             `json:"custom_fields,omitempty" doc:"Of form_fill: the questions, without what is internal." nullable:"false"`
	SelfieConfig         *SelfieConfig       `json:"selfie_config,omitempty" doc:"Of selfie: how the picture must be."`
	LivenessConfig       *PublicLiveness     `json:"liveness_config,omitempty" doc:"Of liveness: what is done."`
	SubsessionConfig     *PublicSubsessions  `json:"subsession_config,omitempty" doc:"Of subsession_collection: how many parties."`
}

type PublicRequirement struct {
	DocumentType  string `json:"document_type" doc:"The paper."`
	DisplayName   string `json:"display_name" doc:"Its name for the applicant."`
	Required      bool   `json:"required" doc:"Whether the step needs it."`
	AllowMultiple bool   `json:"allow_multiple" doc:"Whether several files are taken."`
	AutoExtract   bool   `json:"auto_extract" doc:"Whether it is read as soon as it comes."`
}

type PublicLiveness struct {
	ChallengeType string `json:"challenge_type" doc:"What the applicant does." enum:"FaceMovementChallenge,FaceMovementAndLightChallenge"`
	MaxRetries    int    `json:"max_retries" doc:"Attempts after the first."`
}

type PublicSubsessions struct {
	MaxSubsessions  int  `json:"max_subsessions" doc:"How many parties at most."`
	MinSubsessions  int  `json:"min_subsessions" doc:"How many at least."`
	RequireComplete bool `json:"require_completion_before_proceed" doc:"Whether the step waits until every party is finished; block its button meanwhile."`
}
