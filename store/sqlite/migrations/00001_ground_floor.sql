-- +goose Up
-- Times are microseconds since 1970 in UTC; 0 means none. doc is the object as
-- JSON without what has columns of its own; secret is sealed personal data.

CREATE TABLE setting (
  name  TEXT PRIMARY KEY,
  value BLOB NOT NULL
);

CREATE TABLE data_key (
  org_id     TEXT NOT NULL,
  env        TEXT NOT NULL,
  id         TEXT NOT NULL,
  wrapped    BLOB,
  created_at INTEGER NOT NULL,
  erased_at  INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (org_id, env, id)
);

CREATE TABLE org (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  doc TEXT NOT NULL
);

CREATE TABLE account (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  email TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE UNIQUE INDEX account_email ON account (email);
CREATE INDEX account_org ON account (org_id, id);

CREATE TABLE api_key (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  prefix TEXT NOT NULL,
  last_used_at INTEGER NOT NULL DEFAULT 0,
  doc TEXT NOT NULL
);
CREATE UNIQUE INDEX api_key_prefix ON api_key (prefix);
CREATE INDEX api_key_tenant ON api_key (org_id, env, id);

CREATE TABLE workflow (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  surface TEXT NOT NULL, slug TEXT NOT NULL, status TEXT NOT NULL, is_default INTEGER NOT NULL, name TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX workflow_tenant ON workflow (org_id, env, id);
CREATE UNIQUE INDEX workflow_slug ON workflow (org_id, env, slug) WHERE slug <> '' AND status <> 'deleted';
CREATE INDEX workflow_default ON workflow (org_id, env, surface) WHERE is_default = 1;

CREATE TABLE workflow_version (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  workflow_id TEXT NOT NULL, number INTEGER NOT NULL,
  doc TEXT NOT NULL
);
CREATE UNIQUE INDEX workflow_version_number ON workflow_version (org_id, env, workflow_id, number);

CREATE TABLE definition (
  org_id TEXT NOT NULL,
  env    TEXT NOT NULL,
  hash   TEXT NOT NULL,
  graph  TEXT NOT NULL,
  PRIMARY KEY (org_id, env, hash)
);

CREATE TABLE subject (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  external_ref TEXT NOT NULL, status TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX subject_tenant ON subject (org_id, env, id);
CREATE UNIQUE INDEX subject_ref ON subject (org_id, env, external_ref) WHERE external_ref <> '';

CREATE TABLE session (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  status TEXT NOT NULL, surface TEXT NOT NULL, workflow_id TEXT NOT NULL, external_ref TEXT NOT NULL,
  subject_id TEXT NOT NULL, token_hash TEXT NOT NULL, expires_at INTEGER NOT NULL, tags TEXT NOT NULL,
  doc TEXT NOT NULL, secret BLOB
);
CREATE INDEX session_tenant ON session (org_id, env, id);
CREATE INDEX session_status ON session (org_id, env, status, id);
CREATE INDEX session_subject ON session (org_id, env, subject_id);
CREATE INDEX session_ref ON session (org_id, env, external_ref) WHERE external_ref <> '';
CREATE UNIQUE INDEX session_token ON session (token_hash) WHERE token_hash <> '';
CREATE INDEX session_expiry ON session (expires_at) WHERE expires_at > 0;

CREATE TABLE session_tag (
  org_id     TEXT NOT NULL,
  env        TEXT NOT NULL,
  tag        TEXT NOT NULL,
  session_id TEXT NOT NULL,
  PRIMARY KEY (org_id, env, tag, session_id)
);

CREATE TABLE upload (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  session_id TEXT NOT NULL, subject_id TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX upload_session ON upload (org_id, env, session_id);

CREATE TABLE run (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  session_id TEXT NOT NULL, status TEXT NOT NULL, due_at INTEGER NOT NULL, lease_owner TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX run_session ON run (org_id, env, session_id);
CREATE INDEX run_due ON run (due_at) WHERE due_at > 0;

CREATE TABLE run_input (
  run_id TEXT NOT NULL, seq INTEGER NOT NULL,
  org_id TEXT NOT NULL, env TEXT NOT NULL, subject_id TEXT NOT NULL,
  kind TEXT NOT NULL, node TEXT NOT NULL, attempt INTEGER NOT NULL, at INTEGER NOT NULL,
  state_hash TEXT NOT NULL, secret BLOB,
  PRIMARY KEY (run_id, seq)
) WITHOUT ROWID;

CREATE TABLE review_case (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  session_id TEXT NOT NULL, status TEXT NOT NULL, queue TEXT NOT NULL, priority INTEGER NOT NULL,
  assigned_to TEXT NOT NULL, entered_at INTEGER NOT NULL, active_at INTEGER NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX review_case_tenant ON review_case (org_id, env, id);
CREATE INDEX review_case_status ON review_case (org_id, env, status, queue, priority, entered_at);
CREATE INDEX review_case_session ON review_case (org_id, env, session_id);
CREATE INDEX review_case_claim ON review_case (active_at) WHERE status = 'in_review';

CREATE TABLE note (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  case_id TEXT NOT NULL, subject_id TEXT NOT NULL,
  doc TEXT NOT NULL, secret BLOB
);
CREATE INDEX note_case ON note (org_id, env, case_id);

CREATE TABLE list (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  type TEXT NOT NULL, mode TEXT NOT NULL, archived_at INTEGER NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX list_tenant ON list (org_id, env, id);

CREATE TABLE list_item (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  list_id TEXT NOT NULL, hash TEXT NOT NULL,
  doc TEXT NOT NULL, secret BLOB
);
CREATE INDEX list_item_list ON list_item (org_id, env, list_id, id);
CREATE INDEX list_item_hash ON list_item (org_id, env, hash);

CREATE TABLE endpoint (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  status TEXT NOT NULL, events TEXT NOT NULL,
  doc TEXT NOT NULL, secret BLOB
);
CREATE INDEX endpoint_tenant ON endpoint (org_id, env, status);

CREATE TABLE delivery (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  event_id TEXT NOT NULL, endpoint_id TEXT NOT NULL, event_name TEXT NOT NULL, state TEXT NOT NULL,
  attempt INTEGER NOT NULL, due_at INTEGER NOT NULL, lease_owner TEXT NOT NULL DEFAULT '',
  doc TEXT NOT NULL
);
CREATE UNIQUE INDEX delivery_event ON delivery (org_id, env, event_id, endpoint_id);
CREATE INDEX delivery_endpoint ON delivery (org_id, env, endpoint_id, id);
CREATE INDEX delivery_due ON delivery (due_at) WHERE due_at > 0;

CREATE TABLE event (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, at INTEGER NOT NULL,
  object TEXT NOT NULL, object_id TEXT NOT NULL, actor_id TEXT NOT NULL, action TEXT NOT NULL,
  webhook TEXT NOT NULL,
  doc TEXT NOT NULL,
  seq INTEGER NOT NULL, prev_hash TEXT NOT NULL, hash TEXT NOT NULL
);
CREATE UNIQUE INDEX event_chain ON event (org_id, seq) WHERE seq > 0;
CREATE INDEX event_object ON event (org_id, env, object_id, id);
CREATE INDEX event_open ON event (org_id, id) WHERE seq = 0;
CREATE INDEX event_tenant ON event (org_id, env, id);

-- The writer seals each event as it stores it.
CREATE VIEW sealed_event AS SELECT * FROM event;
CREATE VIEW event_unsealed AS SELECT org_id, id FROM event WHERE seq = 0;

CREATE TABLE audit_head (
  org_id TEXT PRIMARY KEY,
  seq    INTEGER NOT NULL,
  hash   TEXT NOT NULL
);

CREATE TABLE trait (
  org_id TEXT NOT NULL, env TEXT NOT NULL, kind TEXT NOT NULL, hash TEXT NOT NULL,
  session_id TEXT NOT NULL, subject_id TEXT NOT NULL,
  PRIMARY KEY (org_id, env, kind, hash, session_id, subject_id)
) WITHOUT ROWID;
CREATE INDEX trait_subject ON trait (org_id, env, subject_id);

CREATE TABLE idempotency (
  org_id TEXT NOT NULL, env TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, name TEXT NOT NULL,
  body_hash TEXT NOT NULL, done INTEGER NOT NULL, lease_until INTEGER NOT NULL, expires_at INTEGER NOT NULL,
  status INTEGER NOT NULL, header TEXT NOT NULL, secret BLOB,
  PRIMARY KEY (org_id, env, method, path, name)
);
CREATE INDEX idempotency_expiry ON idempotency (expires_at);

-- +goose Down
DROP TABLE idempotency;
DROP TABLE trait;
DROP TABLE audit_head;
DROP VIEW event_unsealed;
DROP VIEW sealed_event;
DROP TABLE event;
DROP TABLE delivery;
DROP TABLE endpoint;
DROP TABLE list_item;
DROP TABLE list;
DROP TABLE note;
DROP TABLE review_case;
DROP TABLE run_input;
DROP TABLE run;
DROP TABLE upload;
DROP TABLE session_tag;
DROP TABLE session;
DROP TABLE subject;
DROP TABLE definition;
DROP TABLE workflow_version;
DROP TABLE workflow;
DROP TABLE api_key;
DROP TABLE account;
DROP TABLE org;
DROP TABLE data_key;
DROP TABLE setting;
