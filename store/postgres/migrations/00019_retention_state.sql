-- +goose Up
-- What the sweeps of retention remember of each tenant: how far they trust the
-- clock, and what they could not open.
CREATE TABLE retention_state (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  doc TEXT COLLATE "C" NOT NULL
);

-- +goose Down
DROP TABLE retention_state;
