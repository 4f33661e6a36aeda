-- +goose Up
-- What is asked about parties outside of sessions, and what was answered last.
CREATE TABLE inquiry (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  subject_id TEXT COLLATE "C" NOT NULL, external_ref TEXT COLLATE "C" NOT NULL, result TEXT COLLATE "C" NOT NULL, monitor TEXT COLLATE "C" NOT NULL, next_at BIGINT NOT NULL,
  doc TEXT COLLATE "C" NOT NULL, secret BYTEA
);
CREATE INDEX inquiry_tenant ON inquiry (org_id, env, id);
CREATE INDEX inquiry_subject ON inquiry (org_id, env, subject_id);
CREATE INDEX inquiry_ref ON inquiry (org_id, env, external_ref) WHERE external_ref <> '';
CREATE INDEX inquiry_due ON inquiry (next_at) WHERE next_at > 0;
CREATE INDEX inquiry_update ON inquiry (id) WHERE monitor = 'on_update';

-- +goose Down
DROP TABLE inquiry;
