package kyc

import (
	"encoding/json"
	"strings"
	"time"
)

// WorkflowStatus says whether new sessions may use a workflow.
type WorkflowStatus string

// Workflow states.
const (
	WorkflowDraft     WorkflowStatus = "draft" // never published
	WorkflowPublished WorkflowStatus = "published"
	WorkflowInactive  WorkflowStatus = "inactive"
	WorkflowDeleted   WorkflowStatus = "deleted"
)

// Workflow is a named policy. Its content lives in immutable versions.
type Workflow struct {
	Meta
	Surface     Surface        `json:"surface"`
	Slug        string         `json:"slug,omitempty"`
	Name        string         `json:"name"`
	Description string         `json:"description,omitempty"`
	Status      WorkflowStatus `json:"status"`
	IsDefault   bool           `json:"is_default"`
	Latest      int            `json:"latest"`              // highest version number, draft or not
	Published   int            `json:"published,omitempty"` // version in force, 0 = none
	Rollout     *Rollout       `json:"rollout,omitempty"`
	// Past are the versions that were in force for all new sessions before the
	// one that is, oldest first. Going back takes the last of them away, so that
	// a version that somebody went back from is not among them.
	Past []PastVersion `json:"past,omitempty"`
	// SetBack is the last rollout, when its guardrails ended it; the next
	// publication or return takes its place.
	SetBack *SetBack `json:"set_back,omitempty"`
	// PendingPublish waits for a second person (four eyes).
	PendingPublish *PendingPublish `json:"pending_publish,omitempty"`
	// Catalog are the newest version's words that lists are filtered by.
	Catalog *WorkflowCatalog `json:"catalog,omitempty"`
	// Service says where a workflow of surface C belongs. Its Slug is
	// ServiceSlug of both names, so that a pair exists once.
	Service *WorkflowService `json:"service,omitempty"`
	// DeletedAt is when it was deleted; its versions stay readable.
	DeletedAt time.Time `json:"deleted_at,omitzero"`
}

// WorkflowCatalog says in a few words what an onboarding workflow is for
// (surface A).
type WorkflowCatalog struct {
	TemplateType string   `json:"template_type"`
	EntityTypes  []string `json:"entity_types"`
	Industry     string   `json:"industry,omitempty"`
	Tags         []string `json:"tags,omitempty"`
	StepCount    int      `json:"step_count"`
}

// WorkflowService are the attributes of a workflow of surface C (seed 002).
type WorkflowService struct {
	ServiceName string `json:"service_name"`
	Type        string `json:"type"`
	Phase       string `json:"phase"` // ONBOARDING, MONITORING, OTHER
	// Monitors are the kinds of monitoring it is for; empty: all.
	Monitors []string `json:"monitors,omitempty"`
}

// ServiceSlug is the slug of a workflow of surface C: the pair of names by
// which requests find it, with any case.
func ServiceSlug(service, workflow string) string {
	return strings.ToLower(strings.TrimSpace(service)) + "\x1f" + strings.ToLower(strings.TrimSpace(workflow))
}

// Rollout releases Version to a share of new sessions; the rest stays on
// Previous. Salt is new for each rollout so that cohorts differ.
type Rollout struct {
	Version    int       `json:"version"`
	Previous   int       `json:"previous"`
	Percentage int       `json:"percentage"` // 0-100; 0 pauses, 100 completes
	Salt       string    `json:"salt"`
	StartedAt  time.Time `json:"started_at"`
	// Guards end the rollout by themselves when Version leaves them; nil: none.
	Guards *Guardrails `json:"guardrails,omitempty"`
}

// PastVersion is a version that was in force for all new sessions.
type PastVersion struct {
	Version int       `json:"version"`
	Until   time.Time `json:"until"`
}

// What can wait for a second person.
const (
	WishPublish  = "publish"  // to put a version into force
	WishRollback = "rollback" // to go back to an older one
	WishRollout  = "rollout"  // to give the version on trial another share
)

// PendingPublish is what waits for a second person.
type PendingPublish struct {
	// Action is one of the wishes; empty, as in those noted before there were
	// several, is WishPublish.
	Action     string `json:"action,omitempty"`
	Version    int    `json:"version"`
	Percentage int    `json:"percentage"`
	Note       string `json:"note,omitempty"`
	// Guards are those of the rollout that it asks for; Guarded says that they
	// replace those of the running one.
	Guards  *Guardrails `json:"guardrails,omitempty"`
	Guarded bool        `json:"guarded,omitempty"`
	// Default asks to make the workflow the default of its environment, too.
	Default bool  `json:"default,omitempty"`
	By      Actor `json:"by"`
	// From is the version that was published when it was asked for, 0 for none.
	From int       `json:"from,omitempty"`
	At   time.Time `json:"at,omitzero"`
}

// What is the wish, never empty.
func (p *PendingPublish) What() string {
	if p.Action == "" {
		return WishPublish
	}
	return p.Action
}

// WorkflowVersion is one immutable state of a workflow. A draft is a version
// that was never published; each edit makes a new one.
type WorkflowVersion struct {
	Meta
	WorkflowID  ID     `json:"workflow_id"`
	Number      int    `json:"number"` // 1, 2, 3 …
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	// Source is the definition as submitted, returned unchanged.
	Source json.RawMessage `json:"source"`
	// Format is graph, steps (the list form of surface D), onboarding (surface
	// A), checklist (surface B) or procedure (surface C).
	Format string `json:"format"`
	// Hash is "sha256:" and the hex digest of the canonical definition.
	Hash        string    `json:"hash"`
	Valid       bool      `json:"valid"`
	Warnings    []Problem `json:"warnings,omitempty"`
	ChangeNote  string    `json:"change_note,omitempty"`
	CreatedBy   Actor     `json:"created_by"`
	PublishedAt time.Time `json:"published_at,omitzero"`
	PublishedBy *Actor    `json:"published_by,omitempty"`
	// Restores is the older version that this one is a copy of, because somebody
	// went back to it; 0 for a version that was written.
	Restores int `json:"restores,omitempty"`
}

// Definition is the linked, compiled-from graph a run walks: content addressed,
// so that a replay years later reads exactly the same bytes.
type Definition struct {
	Tenant Tenant          `json:"tenant"`
	Hash   string          `json:"hash"`
	Graph  json.RawMessage `json:"graph"` // canonical JSON (RFC 8785)
}
