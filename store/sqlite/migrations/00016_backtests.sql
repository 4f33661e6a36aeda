-- +goose Up
-- Versions of workflows that were tried on what past sessions recorded.
CREATE TABLE backtest (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  workflow_id TEXT NOT NULL, status TEXT NOT NULL, due_at INTEGER NOT NULL,
  doc TEXT NOT NULL, secret BLOB
);
CREATE INDEX backtest_workflow ON backtest (org_id, env, workflow_id, id);
CREATE INDEX backtest_tenant ON backtest (org_id, env, id);
CREATE INDEX backtest_due ON backtest (due_at) WHERE due_at > 0;

-- +goose Down
DROP TABLE backtest;
