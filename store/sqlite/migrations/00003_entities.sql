-- +goose Up
-- The entities surface: people as a customer keeps them, their papers, how they
-- stand with each service, executions of workflows with the facts they
-- established, and the customer's own matchlists.

CREATE TABLE individual (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  doc TEXT NOT NULL, secret BLOB
);
CREATE INDEX individual_tenant ON individual (org_id, env, id);

CREATE TABLE entity_document (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  subject_id TEXT NOT NULL, deleted INTEGER NOT NULL,
  doc TEXT NOT NULL, secret BLOB
);
CREATE INDEX entity_document_subject ON entity_document (org_id, env, subject_id, id);

CREATE TABLE service_profile (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  subject_id TEXT NOT NULL, service_name TEXT NOT NULL, state TEXT NOT NULL, monitored INTEGER NOT NULL,
  doc TEXT NOT NULL, secret BLOB
);
CREATE INDEX service_profile_tenant ON service_profile (org_id, env, id);
CREATE INDEX service_profile_service ON service_profile (org_id, env, service_name, id);
CREATE UNIQUE INDEX service_profile_subject ON service_profile (org_id, env, subject_id, service_name);
CREATE INDEX service_profile_monitored ON service_profile (org_id, env, id) WHERE monitored = 1;

CREATE TABLE execution (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  subject_id TEXT NOT NULL, workflow_id TEXT NOT NULL, service_name TEXT NOT NULL, state TEXT NOT NULL, result TEXT NOT NULL,
  started_at INTEGER NOT NULL, ended_at INTEGER NOT NULL,
  doc TEXT NOT NULL, secret BLOB
);
CREATE INDEX execution_tenant ON execution (org_id, env, id);
CREATE INDEX execution_updated ON execution (org_id, env, updated_at, id);
CREATE INDEX execution_subject ON execution (org_id, env, subject_id, id);
CREATE INDEX execution_workflow ON execution (org_id, env, workflow_id, id);
-- An individual runs a workflow once at a time.
CREATE UNIQUE INDEX execution_running ON execution (org_id, env, subject_id, workflow_id) WHERE state = 'IN_PROGRESS';

CREATE TABLE process_result (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  subject_id TEXT NOT NULL, execution_id TEXT NOT NULL, service_name TEXT NOT NULL, step_name TEXT NOT NULL, step_type TEXT NOT NULL,
  object_type TEXT NOT NULL, class TEXT NOT NULL, result TEXT NOT NULL, hit TEXT NOT NULL,
  state TEXT NOT NULL, system_status TEXT NOT NULL, manual_status TEXT NOT NULL,
  doc TEXT NOT NULL, secret BLOB
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
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX matchlist_tenant ON matchlist (org_id, env, id);

CREATE TABLE matchlist_entry (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  matchlist_id TEXT NOT NULL, hash TEXT NOT NULL,
  doc TEXT NOT NULL, secret BLOB
);
CREATE INDEX matchlist_entry_list ON matchlist_entry (org_id, env, matchlist_id, id);
CREATE UNIQUE INDEX matchlist_entry_hash ON matchlist_entry (org_id, env, matchlist_id, hash);

-- What a key has spent of its day, kept over a restart.
CREATE TABLE rate_day (
  name  TEXT PRIMARY KEY,
  day   INTEGER NOT NULL,
  count INTEGER NOT NULL
);

-- Whom an event is about, so that a person's history can be read.
ALTER TABLE event ADD COLUMN subject_id TEXT NOT NULL DEFAULT '';
UPDATE event SET subject_id = json_extract(doc, '$.subject_id') WHERE json_extract(doc, '$.subject_id') IS NOT NULL;
CREATE INDEX event_subject ON event (subject_id, id) WHERE subject_id <> '';

-- +goose Down
DROP INDEX event_subject;
ALTER TABLE event DROP COLUMN subject_id;
DROP TABLE rate_day;
DROP TABLE matchlist_entry;
DROP TABLE matchlist;
DROP TABLE process_result;
DROP TABLE execution;
DROP TABLE service_profile;
DROP TABLE entity_document;
DROP TABLE individual;
