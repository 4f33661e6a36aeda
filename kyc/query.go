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
	// ParentID keeps the subsessions of a session; Archived shows those that
	// were hidden (surface A).
	ParentID ID
	Archived bool
	// ExpiresBefore keeps sessions whose capture link ends before that time
	// (and that have an end at all).
	ExpiresBefore time.Time
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
	Actor    string
	Action   string
	// Webhook, when set, keeps the events that customers were told of.
	Webhook  bool
	From, To time.Time
}
