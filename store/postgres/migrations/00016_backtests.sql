-- +goose Up
-- Versions of workflows that were tried on what past sessions recorded.
CREATE TABLE backtest (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  workflow_id TEXT COLLATE "C" NOT NULL, status TEXT COLLATE "C" NOT NULL, due_at BIGINT NOT NULL,
  doc TEXT COLLATE "C" NOT NULL, secret BYTEA
);
CREATE INDEX backtest_workflow ON backtest (org_id, env, workflow_id, id);
CREATE INDEX backtest_tenant ON backtest (org_id, env, id);
CREATE INDEX backtest_due ON backtest (due_at) WHERE due_at > 0;

-- +goose Down
DROP TABLE backtest;
