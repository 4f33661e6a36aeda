package steps

import (
	"encoding/json"

	"bonafide/api"
	"bonafide/journey"
	"bonafide/kyc"
	"bonafide/onboarding"
)

type WorkflowPath struct {
	ID string `path:"workflow_id" doc:"The workflow's id or slug." maxLength:"64" example:"0199a0b0-1111-7222-8333-444455556666"`
}

// workflowHead is what a list shows of a workflow.
type workflowHead struct {
	ID             string            `json:"workflow_id" doc:"The workflow's id." example:"0199a0b0-1111-7222-8333-444455556666"`
	Slug           *string           `json:"slug" doc:"Its name in place of the id; null without one."`
	Version        int               `json:"version" doc:"The version shown." example:"1"`
	IsLatest       bool              `json:"is_latest" doc:"Whether that is the newest."`
	Status         string            `json:"status" doc:"deleted: new sessions may not use it." enum:"active,deleted"`
	Name           string            `json:"name" doc:"What people call it."`
	Description    *string           `json:"description" doc:"What it is for; null when nothing was said."`
	TemplateType   string            `json:"template_type" doc:"The template it comes from, or custom." enum:"basic-kyc,company-kyc,merchant-onboarding,pep-enhanced,custom"`
	EntityTypes    []string          `json:"entity_types" doc:"Who it is for: individual, company, or both." nullable:"false"`
	Industry       *string           `json:"industry" doc:"Target industry; null when nothing was said."`
	Tags           []string          `json:"tags" doc:"Categories of yours." nullable:"false"`
	CustomTags     map[string]string `json:"custom_tags" doc:"Copied into every webhook of the sessions."`
	SessionTTLDays int               `json:"session_ttl_days" doc:"How long a session's link lives, in days."`
	DefinitionHash string            `json:"definition_hash" doc:"sha256: and the digest of the canonical definition without its change note."`
	CreatedAt      stamp             `json:"created_at" doc:"When the workflow was made."`
	UpdatedAt      stamp             `json:"updated_at" doc:"When it last changed."`
	DeletedAt      stamp             `json:"deleted_at" doc:"When it was deleted; null before."`
	CreatedBy      string            `json:"created_by" doc:"Id of the key or user that wrote the version shown."`
	ChangeNote     *string           `json:"change_note" doc:"Why the version shown exists; null when nothing was said."`
}

type workflow struct {
	workflowHead
	Steps            stepTexts     `json:"steps" doc:"What the applicant does, with every default written out."`
	ValidationConfig configText    `json:"validation_config" doc:"Which checks run and how sessions are decided, with every default written out."`
	Warnings         []api.Finding `json:"warnings" doc:"What is allowed and probably not meant." nullable:"false"`
}

// changedWorkflow is the answer to an update.
type changedWorkflow struct {
	workflow
	Changed bool `json:"changed" doc:"false when the update says what is in force already: no version was made."`
}

// madeWorkflow is the answer to a template.
type madeWorkflow struct {
	workflow
	Companions []companion `json:"companions" doc:"Workflows for related parties that were made beside it." nullable:"false"`
}

type companion struct {
	ID   string `json:"workflow_id" doc:"The workflow's id."`
	Slug string `json:"slug" doc:"Its slug, by which the new workflow names it."`
	Name string `json:"name" doc:"What people call it."`
}

type listedWorkflow struct {
	workflowHead
	StepCount int `json:"step_count" doc:"How many steps it has."`
}

type workflowVersion struct {
	Version        int     `json:"version" doc:"1, 2, 3 …"`
	IsLatest       bool    `json:"is_latest" doc:"Whether it is the newest."`
	CreatedAt      stamp   `json:"created_at" doc:"When it was written."`
	CreatedBy      string  `json:"created_by" doc:"Id of the key or user that wrote it."`
	ChangeNote     *string `json:"change_note" doc:"Why it exists; null when nothing was said."`
	DefinitionHash string  `json:"definition_hash" doc:"Hash of its canonical definition."`
	ActiveSessions int     `json:"active_sessions" doc:"Sessions pinned to it that are not decided."`
}

type deletedWorkflow struct {
	ID        string `json:"workflow_id" doc:"The workflow's id."`
	Deleted   bool   `json:"deleted" doc:"Always true."`
	DeletedAt stamp  `json:"deleted_at" doc:"When."`
}

type compiledWorkflow struct {
	ID             string          `json:"workflow_id" doc:"The workflow's id."`
	Version        int             `json:"version" doc:"The version that was compiled."`
	DefinitionHash string          `json:"definition_hash" doc:"Hash of its canonical definition."`
	Graph          json.RawMessage `json:"graph" doc:"The graph a session's processing walks: {\"entry\":\"start\",\"nodes\":{…}}, as surface D defines it."`
}

func head(w kyc.Workflow, v kyc.WorkflowVersion, d *onboarding.Definition) workflowHead {
	status := "active"
	if w.Status == kyc.WorkflowDeleted {
		status = "deleted"
	}
	return workflowHead{ID: string(w.ID), Slug: text(w.Slug), Version: v.Number, IsLatest: v.Number == w.Latest, Status: status, Name: d.Name,
		Description: text(d.Description), TemplateType: d.TemplateType, EntityTypes: words(d.EntityTypes), Industry: text(d.Industry), Tags: words(d.Tags),
		CustomTags: d.CustomTags, SessionTTLDays: d.SessionTTLDays, DefinitionHash: v.Hash, CreatedAt: at(w.CreatedAt), UpdatedAt: at(w.UpdatedAt),
		DeletedAt: at(w.DeletedAt), CreatedBy: v.CreatedBy.ID, ChangeNote: text(v.ChangeNote)}
}

// showWorkflow shows the stored text of the steps and the config, so that what
// is shown is what was hashed.
func showWorkflow(st journey.WorkflowState) (workflow, error) {
	var stored struct {
		Steps            json.RawMessage `json:"steps"`
		ValidationConfig json.RawMessage `json:"validation_config"`
	}
	if err := json.Unmarshal(st.Version.Source, &stored); err != nil {
		return workflow{}, kyc.Errorf(kyc.Internal, "bad_definition", "reading a stored definition: %w", err)
	}
	return workflow{workflowHead: head(st.Workflow, st.Version, st.Definition), Steps: stepTexts(stored.Steps), ValidationConfig: configText(stored.ValidationConfig),
		Warnings: findings(st.Version.Warnings)}, nil
}
