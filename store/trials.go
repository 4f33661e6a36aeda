package store

import (
	"context"
	"fmt"
	"time"

	"bonafide/kyc"
)

var (
	sqlTrialPut = NewSQL(`INSERT INTO trial (org_id, env, workflow_id, rollout, session_id, version, result, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`)
	sqlTrials   = NewSQL(`SELECT version, result, COUNT(*) FROM trial WHERE org_id = ? AND env = ? AND workflow_id = ? AND rollout = ? AND at >= ? GROUP BY version, result`)

	sqlTrialsSweep = NewSQL(`DELETE FROM trial WHERE at < ? RETURNING version`)
)

// keptTrials is longer than any window of guardrails and any rollout that
// somebody still looks at.
const keptTrials = 400 * 24 * time.Hour

func (p *plan) trial(x *kyc.Trial) {
	p.batch.add(sqlTrialPut, nil, nil, string(x.Tenant.Org), string(x.Tenant.Env), string(x.WorkflowID), x.Rollout, string(x.SessionID), int64(x.Version), string(x.Result), micros(x.At))
}

// Trials counts the sessions that ended during a rollout from a time on
// (zero: from its beginning), by their version.
func (db *DB) Trials(ctx context.Context, t kyc.Tenant, workflow kyc.ID, rollout string, from time.Time) (map[int]kyc.TrialTally, error) {
	out := map[int]kyc.TrialTally{}
	err := db.driver.Query(ctx, sqlTrials, []any{string(t.Org), string(t.Env), string(workflow), rollout, micros(from)}, func(row Row) error {
		var version, n int64
		var result string
		if err := row.Scan(&version, &result, &n); err != nil {
			return err
		}
		tally := out[int(version)]
		tally.Add(kyc.TrialResult(result), int(n))
		out[int(version)] = tally
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("counting the sessions of a rollout: %w", err)
	}
	return out, nil
}

func (db *DB) sweepTrials(ctx context.Context, now time.Time) error {
	if err := db.driver.Change(ctx, sqlTrialsSweep, []any{micros(now.Add(-keptTrials))}, func(Row) error { return nil }); err != nil {
		return fmt.Errorf("forgetting the counts of old rollouts: %w", err)
	}
	return nil
}
