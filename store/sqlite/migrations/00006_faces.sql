-- +goose Up
-- Faces as numbers, so that one that comes back is known.
CREATE TABLE face_template (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  session_id TEXT NOT NULL, subject_id TEXT NOT NULL, model TEXT NOT NULL, expires_at INTEGER NOT NULL,
  doc TEXT NOT NULL, secret BLOB
);
CREATE INDEX face_template_tenant ON face_template (org_id, env, model, id);
CREATE INDEX face_template_session ON face_template (org_id, env, session_id);
CREATE INDEX face_template_subject ON face_template (org_id, env, subject_id);
CREATE INDEX face_template_due ON face_template (expires_at);

-- +goose Down
DROP TABLE face_template;
