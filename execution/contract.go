package execution

import (
	"context"
	"encoding/json"
	"time"

	"bonafide/job"
	"bonafide/kyc"
)

// definitions caches parsed versions.
type definitions struct{}

func newDefinitions() definitions { return definitions{} }

// WorkflowState is a workflow with one of its versions, whose Source is the
// definition in canonical JSON with every default written out.
type WorkflowState struct {
	Workflow kyc.Workflow
	Version  kyc.WorkflowVersion
	Warnings []kyc.Problem
}

// CreateWorkflow stores a new workflow (admin API, 5.2). lenient makes unknown
// fields warnings. Errors: Invalid invalid_workflow with every problem; 409
// workflow_exists when the service has one of that name.
func (m *Machine) CreateWorkflow(ctx context.Context, t kyc.Tenant, by kyc.Actor, raw json.RawMessage, lenient bool) (WorkflowState, error) {
	panic("not yet")
}

// ReplaceWorkflow stores the next version of a workflow, which may also rename
// it or move it to another service. rev is the revision of If-Match, 0 for
// none. A definition that says what is in force already makes no version.
// Errors: those of CreateWorkflow; 404; 412.
func (m *Machine) ReplaceWorkflow(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, raw json.RawMessage, lenient bool) (WorkflowState, error) {
	panic("not yet")
}

// Workflow reads a workflow with the version in force.
func (m *Machine) Workflow(ctx context.Context, t kyc.Tenant, id kyc.ID) (WorkflowState, error) {
	panic("not yet")
}

// Workflows gives a page of the executable workflows, newest first (C1). An
// empty service gives those of all services.
func (m *Machine) Workflows(ctx context.Context, t kyc.Tenant, service string, p kyc.Page) ([]WorkflowState, int, error) {
	panic("not yet")
}

// DeleteWorkflow takes a workflow out of use: executions under way finish, and
// what was executed stays readable.
func (m *Machine) DeleteWorkflow(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64) (kyc.Workflow, error) {
	panic("not yet")
}

// Newcomer is an individual that is made together with its first execution
// (C3): Change holds everything that makes it (entity.NewIndividual).
type Newcomer struct {
	Individual kyc.Individual
	Change     kyc.Change
}

// Order asks for an execution (C2, C3).
type Order struct {
	SubjectID    kyc.ID    // of an individual that exists
	New          *Newcomer // or one that is made now
	ServiceName  string
	WorkflowName string
	Hand
	// Background answers at once; otherwise Execute waits for the end.
	Background bool
	Channel    string // X-Frankie-Channel; cut at 64 characters
}

// Executed is an execution with what belongs to it.
type Executed struct {
	Execution  kyc.Execution
	Profile    kyc.ServiceProfile
	Individual kyc.Individual
	// Results are the process results of the execution, oldest first; empty
	// while it runs.
	Results []kyc.ProcessResult
}

// Execute runs a workflow for an individual. It waits for the end as long as
// the machine has patience, and answers IN_PROGRESS after that. Without
// Background it writes at once instead of with the request's unit, because a
// run begins only when it is stored.
//
// Errors: 404 individual, workflow; 409 execution_running with the id of the
// running one as the message of a problem at /workflowExecutionId; Invalid
// entity_data_missing with one problem for everything the workflow needs and
// the individual lacks; nothing is written then.
func (m *Machine) Execute(ctx context.Context, t kyc.Tenant, by kyc.Actor, o Order) (Executed, error) {
	panic("not yet")
}

// Ref names an execution as its address does. Empty names are not compared.
type Ref struct {
	SubjectID    kyc.ID
	ServiceName  string
	WorkflowName string
	ID           kyc.ID
}

// ExecutionQuery selects executions (C4); empty parts do not filter, From is
// inclusive and To exclusive.
type ExecutionQuery struct {
	SubjectID              kyc.ID
	ServiceName            string
	WorkflowName           string
	States, Results        []string
	StartedFrom, StartedTo time.Time
	EndedFrom, EndedTo     time.Time
	ByUpdate, Oldest       bool
}

// Executions gives a page of executions, with their process results, and how
// many there are. Errors: 404 individual, workflow.
func (m *Machine) Executions(ctx context.Context, t kyc.Tenant, q ExecutionQuery, p kyc.Page) ([]Executed, int, error) {
	panic("not yet")
}

// Execution reads one execution (C6).
func (m *Machine) Execution(ctx context.Context, t kyc.Tenant, r Ref) (Executed, error) {
	panic("not yet")
}

// Overruling asks for another status (C5).
type Overruling struct {
	Status string // one of the fourteen; UNCHECKED clears the override
	Hand
}

// Override changes the status of an execution that ended. The result stays.
// Errors: Malformed comment_required, status_invalid; 404; 409
// execution_running while it runs, nothing_overridden for UNCHECKED without an
// override; 412.
func (m *Machine) Override(ctx context.Context, t kyc.Tenant, by kyc.Actor, r Ref, rev int64, o Overruling) (Executed, error) {
	panic("not yet")
}

// Results gives a page of process results and how many there are (C7). The
// filter's SubjectID must name the individual. Errors: 404 individual.
func (m *Machine) Results(ctx context.Context, t kyc.Tenant, f kyc.ProcessFilter, p kyc.Page) ([]kyc.ProcessResult, int, error) {
	panic("not yet")
}

// Approval is manual KYC (C8).
type Approval struct {
	ApprovedBy string
	Documents  []kyc.ID
	Hand
}

// ApproveManualKYC records manual evidence: one process result MANUAL of class
// KYC for each document. Errors: Malformed for what is missing in the body;
// Invalid mkyc_insufficient_evidence with every problem; 404.
func (m *Machine) ApproveManualKYC(ctx context.Context, t kyc.Tenant, by kyc.Actor, subject kyc.ID, a Approval) ([]kyc.ProcessResult, error) {
	panic("not yet")
}

// InvalidateManualKYC undoes manual evidence (C9): its results become
// MARKED_INVALID, and the next execution verifies electronically. Errors: 409
// mkyc_not_present; 404.
func (m *Machine) InvalidateManualKYC(ctx context.Context, t kyc.Tenant, by kyc.Actor, subject kyc.ID, h Hand) ([]kyc.ProcessResult, error) {
	panic("not yet")
}

// Judgement is what a person says of process results (C10-C14).
type Judgement struct {
	Kind    string   // aml, idv, matchlist, duplicate, fraud, kyc
	Results []kyc.ID // in the order of the request; at most 500
	Status  string
	Hand
	// Unknown are ids of the request that are no ids at all, by their place.
	Unknown map[int]string
}

// Judge gives process results a manual status, all of them or none. The
// results of the machine stay as they were; steps, issues and risk of every
// execution concerned are computed anew in the same commit. Errors: Malformed
// manual_status_invalid, comment and list problems; Invalid
// process_results_invalid with a problem at /processResults/<i> for each id
// that is unknown, of another individual, of another class or invalid; 404.
func (m *Machine) Judge(ctx context.Context, t kyc.Tenant, by kyc.Actor, subject kyc.ID, j Judgement) ([]kyc.ProcessResult, error) {
	panic("not yet")
}

// Clearing is what a person says of an issue.
type Clearing struct {
	Cleared bool
	Hand
}

// ClearIssue clears an issue by hand, or opens it again. Errors: Malformed
// comment_required; 404; 409 execution_running.
func (m *Machine) ClearIssue(ctx context.Context, t kyc.Tenant, by kyc.Actor, subject, issue kyc.ID, c Clearing) (kyc.EntityIssue, kyc.Execution, error) {
	panic("not yet")
}

// Risk is a person's word on a risk level (C19).
type Risk struct {
	Level string // UNKNOWN, LOW, MEDIUM, HIGH, UNACCEPTABLE
	Hand
}

// OverrideRisk sets the risk level of the newest execution of a service that
// ended with one. Nothing runs again; later executions take the level over
// while the factors stay the same. Errors: Malformed level_invalid; 404; 409
// no_risk_assessment.
func (m *Machine) OverrideRisk(ctx context.Context, t kyc.Tenant, by kyc.Actor, subject kyc.ID, service string, rev int64, r Risk) (Executed, error) {
	panic("not yet")
}

// Monitoring switches monitoring (C20). No types: all that there are.
type Monitoring struct {
	Enabled bool
	Types   []string // AML, ACTIVITY
	Hand
}

// Monitor switches monitoring of an individual on or off in each of its
// service profiles. Errors: Malformed monitoring_type_invalid; 404; 409
// no_service_profile when nothing was executed yet.
func (m *Machine) Monitor(ctx context.Context, t kyc.Tenant, by kyc.Actor, subject kyc.ID, o Monitoring) ([]kyc.ServiceProfile, error) {
	panic("not yet")
}

// Finished builds the record of an execution whose run ended; the engine has
// moved the session already and commits what is given back.
func (m *Machine) Finished(ctx context.Context, run *kyc.Run, s *kyc.Session, at time.Time, e End) (kyc.Change, error) {
	panic("not yet")
}

// Settled adds the override to a decision that the review desk made, which
// commits it. from is the state before.
func (m *Machine) Settled(ctx context.Context, s *kyc.Session, from kyc.SessionStatus, by kyc.Actor, at time.Time, words kyc.RulingWords) (kyc.Change, error) {
	panic("not yet")
}

// FactorsChanged marks the newest risk of each service of a person as
// outdated, because what it was computed from changed. The caller commits.
func (m *Machine) FactorsChanged(ctx context.Context, t kyc.Tenant, subject kyc.ID) (kyc.Change, error) {
	panic("not yet")
}

// ListsChanged leaves a job for each tenant with monitored people whose lists
// changed, and answers how many it left.
func (m *Machine) ListsChanged(ctx context.Context) (int, error) { panic("not yet") }

// Jobs handles the jobs of this room.
func (m *Machine) Jobs() map[string]job.Handler { panic("not yet") }

// Periodic are the jobs that come back.
func Periodic() []job.Periodic { return nil }
