package store

import (
	"context"

	"bonafide/kyc"
)

var (
	sqlExecution        = readExecution.query(byID)
	sqlExecutionRunning = readExecution.query("WHERE org_id = ? AND env = ? AND subject_id = ? AND workflow_id = ? AND state = 'IN_PROGRESS'")
	sqlProcess          = readProcess.query(byID)
)

// Execution finds one execution of a workflow of surface C. After its subject
// was erased, Private.Unreadable is true and everything else of Private empty.
func (db *DB) Execution(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Execution, error) {
	return readExecution.one(ctx, db, sqlExecution, string(id), string(t.Org), string(t.Env), string(id))
}

// Executions lists executions, newest first unless the filter says otherwise.
// A page after an execution that changed in between begins, when the list is
// ordered by the last change, at its new place.
func (db *DB) Executions(ctx context.Context, t kyc.Tenant, f kyc.ExecutionFilter, p kyc.Page) ([]kyc.Execution, int, error) {
	return readExecution.page(ctx, db, executionsOf(t, f), p)
}

func executionsOf(t kyc.Tenant, f kyc.ExecutionFilter) *filter {
	q := of(t)
	q.is("subject_id", string(f.SubjectID))
	q.is("workflow_id", string(f.WorkflowID))
	q.is("service_name", f.ServiceName)
	q.in("state", texts(f.States))
	q.in("result", texts(f.Results))
	q.between("started_at", micros(f.StartedFrom), micros(f.StartedTo))
	q.between("ended_at", micros(f.EndedFrom), micros(f.EndedTo))
	if !f.EndedTo.IsZero() {
		q.and("ended_at > 0")
	}
	q.oldest = f.Oldest
	if f.UpdatedInstead {
		q.by = "updated_at"
	}
	return q
}

// ExecutionOfRunning finds the one execution of a workflow that is in progress
// for an individual.
func (db *DB) ExecutionOfRunning(ctx context.Context, t kyc.Tenant, subject, workflow kyc.ID) (kyc.Execution, error) {
	return readExecution.one(ctx, db, sqlExecutionRunning, "in progress", string(t.Org), string(t.Env), string(subject), string(workflow))
}

// ProcessResult finds one fact that a step of an execution established.
func (db *DB) ProcessResult(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.ProcessResult, error) {
	return readProcess.one(ctx, db, sqlProcess, string(id), string(t.Org), string(t.Env), string(id))
}

// ProcessResults lists process results, newest first unless the filter says
// otherwise; see Executions for the order by the last change.
func (db *DB) ProcessResults(ctx context.Context, t kyc.Tenant, f kyc.ProcessFilter, p kyc.Page) ([]kyc.ProcessResult, int, error) {
	return readProcess.page(ctx, db, processOf(t, f), p)
}

func processOf(t kyc.Tenant, f kyc.ProcessFilter) *filter {
	q := of(t)
	subject := "subject_id"
	if len(f.IDs)+len(f.Hits) > 0 || f.ExecutionID != "" {
		q = among(t, f.IDs) // something narrower than the individual finds them
		q.few, subject = true, "subject_id || ''"
	}
	q.is(subject, string(f.SubjectID))
	q.is("execution_id", string(f.ExecutionID))
	q.in("hit", texts(f.Hits))
	if len(f.Hits) > 0 {
		q.and("hit <> ''")
	}
	// In the order of the indexes, which tells the most apart first.
	q.in("manual_status", texts(f.ManualStatuses))
	q.in("class", texts(f.Classes))
	q.in("result", texts(f.Results))
	q.in("step_type", texts(f.StepTypes))
	q.in("step_name", texts(f.StepNames))
	q.in("object_type", texts(f.ObjectTypes))
	q.in("system_status", texts(f.SystemStatuses))
	q.in("state", texts(f.States))
	q.is("service_name", f.ServiceName)
	q.between("created_at", micros(f.CreatedFrom), micros(f.CreatedTo))
	q.covered = f.SubjectID != "" && !q.few
	q.oldest = f.Oldest
	updated := "+updated_at" // by the index in the order of creation
	if f.UpdatedInstead {
		q.by, updated = "updated_at", "updated_at"
	}
	q.between(updated, micros(f.UpdatedFrom), micros(f.UpdatedTo))
	return q
}
