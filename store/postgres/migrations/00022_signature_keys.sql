-- +goose Up
-- Key pairs that sign webhooks, one row for each tenant that has any. The private
-- halves are sealed.
CREATE TABLE signature_keys (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  doc TEXT COLLATE "C" NOT NULL, secret BYTEA
);
CREATE UNIQUE INDEX signature_keys_tenant ON signature_keys (org_id, env);

-- +goose Down
DROP TABLE signature_keys;
