-- +goose Up
-- What the sweeps of retention remember of each tenant: how far they trust the
-- clock, and what they could not open.
CREATE TABLE retention_state (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  doc TEXT NOT NULL
);

-- +goose Down
DROP TABLE retention_state;
