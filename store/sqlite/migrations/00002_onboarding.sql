-- +goose Up
-- The onboarding surface: an applicant's way through ordered steps, files on
-- their way, checks asked outside of runs, the history of decisions, customers
-- and reviews with a personal part of their own, and watchlists of people under monitoring.

CREATE TABLE journey (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  subject_id TEXT NOT NULL, parent_id TEXT NOT NULL, archived INTEGER NOT NULL,
  doc TEXT NOT NULL, secret BLOB
);
CREATE INDEX journey_parent ON journey (org_id, env, parent_id) WHERE parent_id <> '';
CREATE INDEX journey_archived ON journey (org_id, env, id) WHERE archived = 1;

CREATE TABLE transfer (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  session_id TEXT NOT NULL, subject_id TEXT NOT NULL, expires_at INTEGER NOT NULL,
  doc TEXT NOT NULL, secret BLOB
);
CREATE INDEX transfer_session ON transfer (org_id, env, session_id);
CREATE INDEX transfer_expiry ON transfer (expires_at) WHERE expires_at > 0;

CREATE TABLE exam (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  session_id TEXT NOT NULL, subject_id TEXT NOT NULL, policy TEXT NOT NULL, input_hash TEXT NOT NULL,
  doc TEXT NOT NULL, secret BLOB
);
CREATE INDEX exam_session ON exam (org_id, env, session_id, policy, input_hash);

CREATE TABLE ruling (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  session_id TEXT NOT NULL, subject_id TEXT NOT NULL,
  doc TEXT NOT NULL, secret BLOB
);
CREATE INDEX ruling_session ON ruling (org_id, env, session_id);

-- What lists of onboarding workflows are filtered by; empty on other surfaces.
ALTER TABLE workflow ADD COLUMN template_type TEXT NOT NULL DEFAULT '';
ALTER TABLE workflow ADD COLUMN industry TEXT NOT NULL DEFAULT '';
ALTER TABLE workflow ADD COLUMN entity_types TEXT NOT NULL DEFAULT '';
ALTER TABLE workflow ADD COLUMN tags TEXT NOT NULL DEFAULT '';
-- A readable name is unique among the workflows of one surface.
DROP INDEX workflow_slug;
CREATE UNIQUE INDEX workflow_slug ON workflow (org_id, env, surface, slug) WHERE slug <> '' AND status <> 'deleted';

ALTER TABLE subject ADD COLUMN secret BLOB;
-- What reviewers wrote; it was part of the document before.
ALTER TABLE review_case ADD COLUMN secret BLOB;

-- The subjects whose keys seal the answer: IDs with spaces between, empty for
-- an answer about nobody, 'erased' for one that lost its body. NULL is an
-- answer of an earlier version, which does not say whom it speaks of.
ALTER TABLE idempotency ADD COLUMN subjects TEXT;
CREATE INDEX idempotency_unknown ON idempotency (org_id, env) WHERE subjects IS NULL;

CREATE TABLE watch (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  status TEXT NOT NULL, frequency TEXT NOT NULL, next_at INTEGER NOT NULL, tags TEXT NOT NULL,
  doc TEXT NOT NULL, secret BLOB
);
CREATE INDEX watch_tenant ON watch (org_id, env, id);
CREATE INDEX watch_due ON watch (next_at) WHERE next_at > 0;

CREATE TABLE watched (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  watch_id TEXT NOT NULL, subject_id TEXT NOT NULL, session_id TEXT NOT NULL, tags TEXT NOT NULL,
  doc TEXT NOT NULL, secret BLOB
);
CREATE INDEX watched_watch ON watched (org_id, env, watch_id, id);
CREATE INDEX watched_session ON watched (org_id, env, session_id) WHERE session_id <> '';
CREATE INDEX watched_subject ON watched (org_id, env, subject_id) WHERE subject_id <> '';

CREATE TABLE watch_run (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  watch_id TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX watch_run_watch ON watch_run (org_id, env, watch_id, id);

-- +goose Down
DROP TABLE watch_run;
DROP TABLE watched;
DROP TABLE watch;
-- Answers sealed under the keys of subjects stay; an earlier version cannot
-- open them and says so, which is better than to run their requests again.
DROP INDEX idempotency_unknown;
ALTER TABLE idempotency DROP COLUMN subjects;
ALTER TABLE review_case DROP COLUMN secret;
ALTER TABLE subject DROP COLUMN secret;
DROP INDEX workflow_slug;
CREATE UNIQUE INDEX workflow_slug ON workflow (org_id, env, slug) WHERE slug <> '' AND status <> 'deleted';
ALTER TABLE workflow DROP COLUMN tags;
ALTER TABLE workflow DROP COLUMN entity_types;
ALTER TABLE workflow DROP COLUMN industry;
ALTER TABLE workflow DROP COLUMN template_type;
DROP TABLE ruling;
DROP TABLE exam;
DROP TABLE transfer;
DROP TABLE journey;
