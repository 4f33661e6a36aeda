package store

import (
	"context"
	"fmt"
	"time"

	"bonafide/kyc"
)

var sqlWorkflowOutcomes = NewSQL(`SELECT workflow_id, status, COUNT(*) FROM session WHERE org_id = ? AND env = ? AND created_at >= ? GROUP BY workflow_id, status`)

// WorkflowOutcomes counts the sessions that were made since a time by their
// workflow and how they stand. Workflows without one are not in the answer.
func (db *DB) WorkflowOutcomes(ctx context.Context, t kyc.Tenant, since time.Time) (map[kyc.ID]map[kyc.SessionStatus]int, error) {
	out := map[kyc.ID]map[kyc.SessionStatus]int{}
	err := db.driver.Query(ctx, sqlWorkflowOutcomes, []any{string(t.Org), string(t.Env), micros(since)}, func(row Row) error {
		var id kyc.ID
		var status kyc.SessionStatus
		var n int
		if err := row.Scan((*string)(&id), (*string)(&status), &n); err != nil {
			return err
		}
		if out[id] == nil {
			out[id] = map[kyc.SessionStatus]int{}
		}
		out[id][status] = n
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("counting sessions by workflow: %w", err)
	}
	return out, nil
}
