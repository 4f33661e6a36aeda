package graph

import (
	"encoding/json"

	"bonafide/api"
	"bonafide/kyc"
	"bonafide/session"
)

type WorkflowPath struct {
	ID string `path:"id" doc:"The workflow's id." example:"workflow_0199a0b0-1111-7222-8333-444455556666"`
}

type DraftPath struct {
	WorkflowPath
	DraftID string `path:"draft_id" doc:"The draft's id." example:"draft_0199a0b0-1111-7222-8333-444455556666"`
}

// Strict documents the query parameter that the porch honours itself.
type Strict struct {
	Strict bool `query:"strict" default:"true" doc:"false turns unknown fields of the definition into warnings."`
}

// Definition is the versioned part of a workflow.
type Definition struct {
	Graph             json.RawMessage `json:"graph,omitempty" doc:"The graph: {\"entry\":\"start\",\"nodes\":{\"<id>\":{…}}}. Node types start, policy, conditional, terminal, wait, parallel, join, subworkflow, set, score, split, http."`
	Steps             json.RawMessage `json:"steps,omitempty" doc:"The legacy array form; converted to a graph."`
	DataRequirements  json.RawMessage `json:"data_requirements,omitempty" doc:"What the capture flow must collect: document_front, document_back, selfie, liveness, nfc, proof_of_address, user_info, custom_documents, consents."`
	ScreeningSettings json.RawMessage `json:"screening_settings,omitempty" doc:"Defaults of the configuration of every watchlist_screening node."`
	GraphLayout       json.RawMessage `json:"graph_layout,omitempty" doc:"Positions on a screen; no part of the definition hash."`
}

func (d Definition) document() session.Document {
	return session.Document{Graph: d.Graph, Steps: d.Steps, DataRequirements: d.DataRequirements, ScreeningSettings: d.ScreeningSettings, GraphLayout: d.GraphLayout}
}

type newWorkflow struct {
	Name        string `json:"name" doc:"What people call it." minLength:"1" maxLength:"200" example:"Standard KYC"`
	Description string `json:"description,omitempty" doc:"What it is for." maxLength:"4000"`
	IsDefault   bool   `json:"is_default,omitempty" doc:"Make it the default of this environment once it is published." default:"false"`
	ChangeNote  string `json:"change_note,omitempty" doc:"Why this version exists." maxLength:"2000"`
	Definition
}

type editWorkflow struct {
	Name              *string `json:"name,omitempty" doc:"New name." minLength:"1" maxLength:"200"`
	Description       *string `json:"description,omitempty" doc:"New description." maxLength:"4000"`
	IsDefault         *bool   `json:"is_default,omitempty" doc:"Make it the default, at once when it is published, otherwise with its publication."`
	RolloutPercentage *int    `json:"rollout_percentage,omitempty" doc:"Share of new sessions for the newest version: moves a running rollout, otherwise applies to the publication of this version. null is 100." minimum:"0" maximum:"100" nullable:"true"`
	ChangeNote        string  `json:"change_note,omitempty" doc:"Why this version exists." maxLength:"2000"`
	Definition
}

type checkWorkflow struct {
	Name string `json:"name,omitempty" doc:"Not looked at; so that the body of a create can be validated as it is." maxLength:"200"`
	// The rest of a create body, likewise.
	Description string `json:"description,omitempty" doc:"Not looked at." maxLength:"4000"`
	IsDefault   bool   `json:"is_default,omitempty" doc:"Not looked at."`
	ChangeNote  string `json:"change_note,omitempty" doc:"Not looked at." maxLength:"2000"`
	// A bare graph may be sent in place of a body with a graph.
	Entry string          `json:"entry,omitempty" doc:"Entry of a bare graph, in place of graph." maxLength:"64"`
	Nodes json.RawMessage `json:"nodes,omitempty" doc:"Nodes of a bare graph, in place of graph."`
	Definition
}

// document gives what is to be compiled, and whether the graph was sent bare.
func (c checkWorkflow) document() (doc session.Document, bare bool) {
	doc = c.Definition.document()
	if len(doc.Graph) > 0 || len(doc.Steps) > 0 || len(c.Nodes) == 0 {
		return doc, false
	}
	graph := map[string]any{"nodes": c.Nodes}
	if c.Entry != "" {
		graph["entry"] = c.Entry
	}
	raw, err := json.Marshal(graph)
	if err != nil {
		return doc, false
	}
	doc.Graph = raw
	return doc, true
}

type rollout struct {
	Version         int         `json:"version" doc:"Version that a share of new sessions takes."`
	PreviousVersion int         `json:"previous_version" doc:"Version that all others stay on."`
	Percentage      int         `json:"percentage" doc:"The share." minimum:"0" maximum:"100"`
	StartedAt       stamp       `json:"started_at" doc:"When the rollout began."`
	Guardrails      *guardrails `json:"guardrails" doc:"Bounds that end it by themselves; null without any."`
}

type pendingPublish struct {
	Action            string      `json:"action" doc:"What was asked for: to publish the version, to make this old version current again, or to change the share of the running rollout." enum:"publish,rollback,rollout"`
	Version           int         `json:"version" doc:"Version that shall be published, restored or given another share."`
	RolloutPercentage int         `json:"rollout_percentage" doc:"Its share of new sessions."`
	Guardrails        *guardrails `json:"guardrails" doc:"Bounds of its rollout; null without any."`
	MakeDefault       bool        `json:"make_default,omitempty" doc:"Whether the workflow shall become the default, too."`
	RequestedBy       actor       `json:"requested_by" doc:"Who asked; somebody else must approve."`
	RequestedAt       stamp       `json:"requested_at" doc:"When; null for what was asked before this was kept."`
	ChangeNote        string      `json:"change_note,omitempty" doc:"What the requester said."`
}

type workflow struct {
	ID                string          `json:"id" doc:"The workflow's id." example:"workflow_0199a0b0-1111-7222-8333-444455556666"`
	Name              string          `json:"name" doc:"What people call it."`
	Description       string          `json:"description" doc:"What it is for."`
	Version           int             `json:"version" doc:"Number of the version shown: the newest, published or not."`
	Format            string          `json:"format" doc:"How the definition was submitted." enum:"graph,steps"`
	Steps             json.RawMessage `json:"steps" doc:"The legacy steps as submitted; null when a graph was."`
	StepCount         int             `json:"step_count" doc:"Number of checks in the graph, mandatory ones that were added not counted."`
	Graph             json.RawMessage `json:"graph" doc:"The graph as submitted; null when steps were."`
	DataRequirements  json.RawMessage `json:"data_requirements" doc:"What capture must collect, as submitted; null when nothing was said."`
	ScreeningSettings json.RawMessage `json:"screening_settings" doc:"Defaults of watchlist checks, as submitted; null without any."`
	GraphLayout       json.RawMessage `json:"graph_layout" doc:"Positions, as submitted; null without any."`
	IsDefault         bool            `json:"is_default" doc:"Whether sessions without a workflow_id use it."`
	IsActive          bool            `json:"is_active" doc:"Whether new sessions may use it."`
	Status            string          `json:"status" doc:"draft: never published; inactive: new sessions may not use it." enum:"draft,published,inactive"`
	PublishedVersion  *int            `json:"published_version" doc:"Version in force; null before the first publication."`
	RollbackVersion   *int            `json:"rollback_version" doc:"Version that a rollback that names none restores; null when there is none to go back to."`
	DefinitionHash    string          `json:"definition_hash" doc:"sha256: and the digest of the canonical definition (RFC 8785) without its layout."`
	Rollout           *rollout        `json:"rollout" doc:"The running rollout; null when all new sessions take one version."`
	RolloutPercentage *int            `json:"rollout_percentage" doc:"Share of the running rollout; null without one."`
	SetBack           *setBack        `json:"set_back" doc:"The last rollout, when its guardrails ended it; null otherwise, and after the next publication or return."`
	PendingPublish    *pendingPublish `json:"pending_publish" doc:"What waits for a second person; null without anything."`
	Valid             bool            `json:"valid" doc:"Whether the version shown can be published."`
	Errors            []api.Finding   `json:"errors" doc:"What keeps the version shown from being published." nullable:"false"`
	Warnings          []api.Finding   `json:"warnings" doc:"What is allowed and probably not meant." nullable:"false"`
	CreatedAt         stamp           `json:"created_at" doc:"When the workflow was made."`
	UpdatedAt         stamp           `json:"updated_at" doc:"When anything about it last changed."`
}

func showWorkflow(st session.State) workflow {
	w, v := st.Workflow, st.Version
	out := workflow{
		ID: kyc.Dress("workflow", w.ID), Name: w.Name, Description: w.Description, Version: v.Number, Format: v.Format,
		Steps: st.Document.Steps, Graph: st.Document.Graph, DataRequirements: st.Document.DataRequirements,
		ScreeningSettings: st.Document.ScreeningSettings, GraphLayout: st.Document.GraphLayout,
		StepCount: stepCount(st.Document), IsDefault: w.IsDefault, IsActive: w.Status == kyc.WorkflowPublished, Status: string(w.Status),
		DefinitionHash: v.Hash, Valid: v.Valid, Errors: findings(st.Report.Errors), Warnings: findings(st.Report.Warnings),
		CreatedAt: at(w.CreatedAt), UpdatedAt: at(w.UpdatedAt),
	}
	if w.Published > 0 {
		out.PublishedVersion = &w.Published
	}
	if back, ok := session.Back(&w); ok {
		out.RollbackVersion = &back.Version
	}
	if r := w.Rollout; r != nil {
		out.Rollout = showRollout(r)
		out.RolloutPercentage = &r.Percentage
	}
	out.SetBack = showSetBack(w.SetBack)
	if p := w.PendingPublish; p != nil {
		out.PendingPublish = &pendingPublish{Action: p.What(), Version: p.Version, RolloutPercentage: p.Percentage, Guardrails: showGuardrails(p.Guards), MakeDefault: p.Default, RequestedBy: showActor(p.By), RequestedAt: at(p.At), ChangeNote: p.Note}
	}
	return out
}

// stepCount counts the checks an author wrote.
func stepCount(d session.Document) int {
	var steps []json.RawMessage
	if len(d.Steps) > 0 && json.Unmarshal(d.Steps, &steps) == nil {
		return len(steps)
	}
	var g struct {
		Nodes map[string]struct {
			Type string `json:"type"`
		} `json:"nodes"`
	}
	if json.Unmarshal(d.Graph, &g) != nil {
		return 0
	}
	n := 0
	for _, node := range g.Nodes {
		if node.Type == "policy" || node.Type == "http" {
			n++
		}
	}
	return n
}

type workflowVersion struct {
	ID             string        `json:"id" doc:"The version's id; of a draft, the draft_id." example:"draft_0199a0b0-1111-7222-8333-444455556666"`
	WorkflowID     string        `json:"workflow_id" doc:"The workflow."`
	Version        int           `json:"version" doc:"1, 2, 3 …"`
	Name           string        `json:"name" doc:"Name of the workflow in this version."`
	Description    string        `json:"description" doc:"Description in this version."`
	Format         string        `json:"format" doc:"How it was submitted." enum:"graph,steps"`
	DefinitionHash string        `json:"definition_hash" doc:"Hash of the canonical definition."`
	Valid          bool          `json:"valid" doc:"Whether it can be published."`
	IsPublished    bool          `json:"is_published" doc:"Whether it was ever in force; a version that was not is a draft."`
	ChangeNote     string        `json:"change_note" doc:"Why it exists."`
	Restores       *int          `json:"restores" doc:"The older version that it is a copy of, made by a rollback; null for one that was written."`
	CreatedBy      actor         `json:"created_by" doc:"Who wrote it."`
	CreatedAt      stamp         `json:"created_at" doc:"When."`
	PublishedBy    *actor        `json:"published_by" doc:"Who put it into force; null for a draft."`
	PublishedAt    stamp         `json:"published_at" doc:"When it came into force first; null for a draft."`
	Warnings       []api.Finding `json:"warnings" doc:"What is allowed and probably not meant." nullable:"false"`
}

func showVersion(v kyc.WorkflowVersion) workflowVersion {
	out := workflowVersion{
		ID: kyc.Dress("draft", v.ID), WorkflowID: kyc.Dress("workflow", v.WorkflowID), Version: v.Number, Name: v.Name, Description: v.Description,
		Format: v.Format, DefinitionHash: v.Hash, Valid: v.Valid, IsPublished: !v.PublishedAt.IsZero(), ChangeNote: v.ChangeNote,
		CreatedBy: showActor(v.CreatedBy), CreatedAt: at(v.CreatedAt), PublishedAt: at(v.PublishedAt), Warnings: findings(v.Warnings),
	}
	if v.Restores > 0 {
		out.Restores = &v.Restores
	}
	if v.PublishedBy != nil {
		by := showActor(*v.PublishedBy)
		out.PublishedBy = &by
	}
	return out
}
