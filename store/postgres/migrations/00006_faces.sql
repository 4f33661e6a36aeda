-- +goose Up
-- Faces as numbers, so that one that comes back is known.
CREATE TABLE face_template (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  session_id TEXT COLLATE "C" NOT NULL, subject_id TEXT COLLATE "C" NOT NULL, model TEXT COLLATE "C" NOT NULL, expires_at BIGINT NOT NULL,
  doc TEXT COLLATE "C" NOT NULL, secret BYTEA
);
CREATE INDEX face_template_tenant ON face_template (org_id, env, model, id);
CREATE INDEX face_template_session ON face_template (org_id, env, session_id);
CREATE INDEX face_template_subject ON face_template (org_id, env, subject_id);
CREATE INDEX face_template_due ON face_template (expires_at);

-- +goose Down
DROP TABLE face_template;
