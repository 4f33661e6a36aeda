-- +goose Up
-- Key pairs that sign webhooks, one row for each tenant that has any. The private
-- halves are sealed.
CREATE TABLE signature_keys (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  doc TEXT NOT NULL, secret BLOB
);
CREATE UNIQUE INDEX signature_keys_tenant ON signature_keys (org_id, env);

-- +goose Down
DROP TABLE signature_keys;
