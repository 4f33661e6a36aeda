-- +goose Up
-- What is asked about parties outside of sessions, and what was answered last.
CREATE TABLE inquiry (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  subject_id TEXT NOT NULL, external_ref TEXT NOT NULL, result TEXT NOT NULL, monitor TEXT NOT NULL, next_at INTEGER NOT NULL,
  doc TEXT NOT NULL, secret BLOB
);
CREATE INDEX inquiry_tenant ON inquiry (org_id, env, id);
CREATE INDEX inquiry_subject ON inquiry (org_id, env, subject_id);
CREATE INDEX inquiry_ref ON inquiry (org_id, env, external_ref) WHERE external_ref <> '';
CREATE INDEX inquiry_due ON inquiry (next_at) WHERE next_at > 0;
CREATE INDEX inquiry_update ON inquiry (id) WHERE monitor = 'on_update';

-- +goose Down
DROP TABLE inquiry;
