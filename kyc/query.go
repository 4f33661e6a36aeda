package kyc

import "time"

// The filters below say which objects a list shows. An empty field does not
// filter. From is inclusive and To exclusive; both look at the creation time.
// Lists are ordered newest first unless the reading method says otherwise.

// WorkflowFilter selects workflows. Deleted ones are shown only when Status
// asks for them.
type WorkflowFilter struct {
	Surface   Surface
	Status    WorkflowStatus
	IsDefault *bool
	// Active is true for published workflows and false for all others.
	Active *bool
	// Query is a part of the name, in any case.
	Query string
	// TemplateType, EntityType and Industry are words of the catalog; Tags
	// keeps workflows that have at least one of them (surface A).
	TemplateType string
	EntityType   string
	Industry     string
	Tags         []string
	// ByUpdate orders by the last change instead of by the creation, the
	// newest first.
	ByUpdate bool
}

// SessionFilter selects sessions.
type SessionFilter struct {
	Status      []SessionStatus
	Surface     Surface
	WorkflowID  ID
	ExternalRef string
	SubjectID   ID
	Tag         string
	From, To    time.Time
	// Result and ReasonCode select by the decision in force.
	Result     Outcome
	ReasonCode string
	// ParentID keeps the subsessions of a session. A list of surface A leaves
	// archived sessions out unless Archived is true; lists that name no
	// surface and no parent (a person's sessions, a sweep) have them all.
	ParentID ID
	Archived bool
	// Left leaves out sessions of which nothing personal is left.
	Left bool
	// ExpiresBefore keeps sessions whose capture link ends before that time
	// (and that have an end at all).
	ExpiresBefore time.Time
}

// SubjectFilter selects people and companies. Kind is individual or company.
// Deactivated ones are shown only on demand.
type SubjectFilter struct {
	Status      SubjectStatus
	Kind        string
	ExternalRef string
	// Named keeps those that have a reference of the customer's own.
	Named       bool
	Deactivated bool
	Tag         string
	MergedInto  ID
	From, To    time.Time
}

// CaseFilter selects cases. EnteredFrom and EnteredTo look at
// EnteredReviewAt, from which the SLA colour is computed.
type CaseFilter struct {
	Status      []CaseStatus
	AssignedTo  string
	Queue       string
	SessionID   ID
	EnteredFrom time.Time
	EnteredTo   time.Time
}

// ListFilter selects customers' lists. Archived ones are shown only on demand.
type ListFilter struct {
	Type     ListType
	Mode     ListMode
	Archived bool
}

// DeliveryFilter selects webhook deliveries.
type DeliveryFilter struct {
	EndpointID ID
	EventID    ID
	State      DeliveryState
	From, To   time.Time
}

// EventFilter selects entries of the audit chain. Actor is an Actor's ID.
type EventFilter struct {
	Object   string
	ObjectID ID
	// SubjectID keeps what happened to one person, whatever the object.
	SubjectID ID
	Actor     string
	Action    string
	// Actions keeps these; nil keeps all.
	Actions []string
	// Webhook, when set, keeps the events that customers were told of.
	Webhook  bool
	From, To time.Time
}

// IndividualFilter selects individuals of surface C. Deleted ones are shown
// only on demand.
type IndividualFilter struct {
	Deleted bool
	// IDs keeps these; nil keeps all.
	IDs      []ID
	From, To time.Time
	// Oldest orders oldest first.
	Oldest bool
}

// ProfileFilter selects service profiles. An empty field does not filter.
type ProfileFilter struct {
	SubjectID   ID
	ServiceName string
	State       string
	// Monitored keeps those with at least one enabled subscription.
	Monitored bool
}

// ExecutionFilter selects executions. An empty field does not filter; From is
// inclusive and To exclusive.
type ExecutionFilter struct {
	SubjectID      ID
	WorkflowID     ID
	ServiceName    string
	States         []string
	Results        []string
	StartedFrom    time.Time
	StartedTo      time.Time
	EndedFrom      time.Time
	EndedTo        time.Time
	UpdatedInstead bool // order by the last change instead of by the creation
	Oldest         bool // oldest first
}

// ProcessFilter selects process results. An empty field does not filter.
type ProcessFilter struct {
	SubjectID      ID
	ExecutionID    ID
	IDs            []ID
	ServiceName    string
	StepNames      []string
	StepTypes      []string
	ObjectTypes    []string
	Classes        []string
	Results        []string
	States         []string
	SystemStatuses []string
	// ManualStatuses may hold "" for results nobody judged.
	ManualStatuses []string
	// Hits keeps results about these list entries ("list|entry").
	Hits           []string
	CreatedFrom    time.Time
	CreatedTo      time.Time
	UpdatedFrom    time.Time
	UpdatedTo      time.Time
	UpdatedInstead bool // order by the last change instead of by the creation
	Oldest         bool // oldest first
}

// DayFilter selects the roots of days of an audit chain: dates (YYYY-MM-DD) from
// one to another, both inclusive; empty is no bound.
type DayFilter struct{ From, To string }
