-- +goose Up
-- The entities surface: people as a customer keeps them, their papers, how they
-- stand with each service, executions of workflows with the facts they
-- established, and the customer's own matchlists.

CREATE TABLE individual (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  doc TEXT COLLATE "C" NOT NULL, secret BYTEA
);
CREATE INDEX individual_tenant ON individual (org_id, env, id);

CREATE TABLE entity_document (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  subject_id TEXT COLLATE "C" NOT NULL, deleted BIGINT NOT NULL,
  doc TEXT COLLATE "C" NOT NULL, secret BYTEA
);
CREATE INDEX entity_document_subject ON entity_document (org_id, env, subject_id, id);

CREATE TABLE service_profile (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  subject_id TEXT COLLATE "C" NOT NULL, service_name TEXT COLLATE "C" NOT NULL, state TEXT COLLATE "C" NOT NULL, monitored BIGINT NOT NULL,
  doc TEXT COLLATE "C" NOT NULL, secret BYTEA
);
CREATE INDEX service_profile_tenant ON service_profile (org_id, env, id);
CREATE INDEX service_profile_service ON service_profile (org_id, env, service_name, id);
CREATE UNIQUE INDEX service_profile_subject ON service_profile (org_id, env, subject_id, service_name);
CREATE INDEX service_profile_monitored ON service_profile (org_id, env, id) WHERE monitored = 1;

CREATE TABLE execution (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  subject_id TEXT COLLATE "C" NOT NULL, workflow_id TEXT COLLATE "C" NOT NULL, service_name TEXT COLLATE "C" NOT NULL, state TEXT COLLATE "C" NOT NULL, result TEXT COLLATE "C" NOT NULL,
  started_at BIGINT NOT NULL, ended_at BIGINT NOT NULL,
  doc TEXT COLLATE "C" NOT NULL, secret BYTEA
);
CREATE INDEX execution_tenant ON execution (org_id, env, id);
CREATE INDEX execution_updated ON execution (org_id, env, updated_at, id);
CREATE INDEX execution_subject ON execution (org_id, env, subject_id, id);
CREATE INDEX execution_workflow ON execution (org_id, env, workflow_id, id);
-- An individual runs a workflow once at a time.
CREATE UNIQUE INDEX execution_running ON execution (org_id, env, subject_id, workflow_id) WHERE state = 'IN_PROGRESS';

CREATE TABLE process_result (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  subject_id TEXT COLLATE "C" NOT NULL, execution_id TEXT COLLATE "C" NOT NULL, service_name TEXT COLLATE "C" NOT NULL, step_name TEXT COLLATE "C" NOT NULL, step_type TEXT COLLATE "C" NOT NULL,
  object_type TEXT COLLATE "C" NOT NULL, class TEXT COLLATE "C" NOT NULL, result TEXT COLLATE "C" NOT NULL, hit TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL, system_status TEXT COLLATE "C" NOT NULL, manual_status TEXT COLLATE "C" NOT NULL,
  doc TEXT COLLATE "C" NOT NULL, secret BYTEA
);
-- They hold whatever a list is filtered by, what tells results apart most first,
-- so that the rows of the page are the only ones that are read: an individual
-- may have many thousands.
CREATE INDEX process_result_subject ON process_result (org_id, env, subject_id, id, manual_status, class, result, step_type, step_name, object_type,
  system_status, state, service_name, created_at, updated_at);
CREATE INDEX process_result_updated ON process_result (org_id, env, subject_id, updated_at, id, manual_status, class, result, step_type, step_name, object_type,
  system_status, state, service_name, created_at);
-- These do not begin with the tenant: PostgreSQL would take them for lists of
-- an individual while the table has no statistics, and read the whole tenant.
CREATE INDEX process_result_execution ON process_result (execution_id, id);
CREATE INDEX process_result_hit ON process_result (hit, subject_id, id) WHERE hit <> '';

CREATE TABLE matchlist (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  doc TEXT COLLATE "C" NOT NULL
);
CREATE INDEX matchlist_tenant ON matchlist (org_id, env, id);

CREATE TABLE matchlist_entry (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  matchlist_id TEXT COLLATE "C" NOT NULL, hash TEXT COLLATE "C" NOT NULL,
  doc TEXT COLLATE "C" NOT NULL, secret BYTEA
);
CREATE INDEX matchlist_entry_list ON matchlist_entry (org_id, env, matchlist_id, id);
CREATE UNIQUE INDEX matchlist_entry_hash ON matchlist_entry (org_id, env, matchlist_id, hash);

-- The token buckets that the nodes share. A crash of the server empties it,
-- which fills the buckets, and nothing waits for the disk.
CREATE UNLOGGED TABLE rate_bucket (
  name    TEXT COLLATE "C" PRIMARY KEY,
  tokens  DOUBLE PRECISION NOT NULL,
  at      BIGINT NOT NULL,
  day     BIGINT NOT NULL,
  count   BIGINT NOT NULL,
  granted BOOLEAN NOT NULL
) WITH (fillfactor = 50);

-- Whom an event is about, so that a person's history can be read.
ALTER TABLE event ADD COLUMN subject_id TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE event SET subject_id = doc::json->>'subject_id' WHERE doc::json->>'subject_id' IS NOT NULL;
CREATE INDEX event_subject ON event (subject_id, id) WHERE subject_id <> '';
DROP VIEW sealed_event;
CREATE VIEW sealed_event AS
  SELECT e.*, COALESCE(c.seq, 0) AS seq, COALESCE(c.prev_hash, '') AS prev_hash, COALESCE(c.hash, '') AS hash
  FROM event e LEFT JOIN audit_chain c ON c.event_id = e.id;

-- +goose Down
DROP VIEW sealed_event;
DROP INDEX event_subject;
ALTER TABLE event DROP COLUMN subject_id;
CREATE VIEW sealed_event AS
  SELECT e.*, COALESCE(c.seq, 0) AS seq, COALESCE(c.prev_hash, '') AS prev_hash, COALESCE(c.hash, '') AS hash
  FROM event e LEFT JOIN audit_chain c ON c.event_id = e.id;
DROP TABLE rate_bucket;
DROP TABLE matchlist_entry;
DROP TABLE matchlist;
DROP TABLE process_result;
DROP TABLE execution;
DROP TABLE service_profile;
DROP TABLE entity_document;
DROP TABLE individual;
