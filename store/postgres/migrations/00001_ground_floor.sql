-- +goose Up
-- Times are microseconds since 1970 in UTC; 0 means none. doc is the object as
-- JSON without what has columns of its own; secret is sealed personal data.

CREATE TABLE setting (
  name  TEXT COLLATE "C" PRIMARY KEY,
  value BYTEA NOT NULL
);

CREATE TABLE data_key (
  org_id     TEXT COLLATE "C" NOT NULL,
  env        TEXT COLLATE "C" NOT NULL,
  id         TEXT COLLATE "C" NOT NULL,
  wrapped    BYTEA,
  created_at BIGINT NOT NULL,
  erased_at  BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (org_id, env, id)
);

CREATE TABLE org (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  doc TEXT COLLATE "C" NOT NULL
);

CREATE TABLE account (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  email TEXT COLLATE "C" NOT NULL,
  doc TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX account_email ON account (email);
CREATE INDEX account_org ON account (org_id, id);

CREATE TABLE api_key (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  prefix TEXT COLLATE "C" NOT NULL,
  last_used_at BIGINT NOT NULL DEFAULT 0,
  doc TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX api_key_prefix ON api_key (prefix);
CREATE INDEX api_key_tenant ON api_key (org_id, env, id);

CREATE TABLE workflow (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  surface TEXT COLLATE "C" NOT NULL, slug TEXT COLLATE "C" NOT NULL, status TEXT COLLATE "C" NOT NULL, is_default BIGINT NOT NULL, name TEXT COLLATE "C" NOT NULL,
  doc TEXT COLLATE "C" NOT NULL
);
CREATE INDEX workflow_tenant ON workflow (org_id, env, id);
CREATE UNIQUE INDEX workflow_slug ON workflow (org_id, env, slug) WHERE slug <> '' AND status <> 'deleted';
CREATE INDEX workflow_default ON workflow (org_id, env, surface) WHERE is_default = 1;

CREATE TABLE workflow_version (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  workflow_id TEXT COLLATE "C" NOT NULL, number BIGINT NOT NULL,
  doc TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX workflow_version_number ON workflow_version (org_id, env, workflow_id, number);

CREATE TABLE definition (
  org_id TEXT COLLATE "C" NOT NULL,
  env    TEXT COLLATE "C" NOT NULL,
  hash   TEXT COLLATE "C" NOT NULL,
  graph  TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (org_id, env, hash)
);

CREATE TABLE subject (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  external_ref TEXT COLLATE "C" NOT NULL, status TEXT COLLATE "C" NOT NULL,
  doc TEXT COLLATE "C" NOT NULL
);
CREATE INDEX subject_tenant ON subject (org_id, env, id);
CREATE UNIQUE INDEX subject_ref ON subject (org_id, env, external_ref) WHERE external_ref <> '';

CREATE TABLE session (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  status TEXT COLLATE "C" NOT NULL, surface TEXT COLLATE "C" NOT NULL, workflow_id TEXT COLLATE "C" NOT NULL, external_ref TEXT COLLATE "C" NOT NULL,
  subject_id TEXT COLLATE "C" NOT NULL, token_hash TEXT COLLATE "C" NOT NULL, expires_at BIGINT NOT NULL, tags TEXT COLLATE "C" NOT NULL,
  doc TEXT COLLATE "C" NOT NULL, secret BYTEA
);
CREATE INDEX session_tenant ON session (org_id, env, id);
CREATE INDEX session_status ON session (org_id, env, status, id);
CREATE INDEX session_subject ON session (org_id, env, subject_id);
CREATE INDEX session_ref ON session (org_id, env, external_ref) WHERE external_ref <> '';
CREATE UNIQUE INDEX session_token ON session (token_hash) WHERE token_hash <> '';
CREATE INDEX session_expiry ON session (expires_at) WHERE expires_at > 0;

CREATE TABLE session_tag (
  org_id     TEXT COLLATE "C" NOT NULL,
  env        TEXT COLLATE "C" NOT NULL,
  tag        TEXT COLLATE "C" NOT NULL,
  session_id TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (org_id, env, tag, session_id)
);

CREATE TABLE upload (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  session_id TEXT COLLATE "C" NOT NULL, subject_id TEXT COLLATE "C" NOT NULL,
  doc TEXT COLLATE "C" NOT NULL
);
CREATE INDEX upload_session ON upload (org_id, env, session_id);

CREATE TABLE run (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  session_id TEXT COLLATE "C" NOT NULL, status TEXT COLLATE "C" NOT NULL, due_at BIGINT NOT NULL, lease_owner TEXT COLLATE "C" NOT NULL,
  doc TEXT COLLATE "C" NOT NULL
);
CREATE INDEX run_session ON run (org_id, env, session_id);
CREATE INDEX run_due ON run (due_at) WHERE due_at > 0;

CREATE TABLE run_input (
  run_id TEXT COLLATE "C" NOT NULL, seq BIGINT NOT NULL,
  org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, subject_id TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL, node TEXT COLLATE "C" NOT NULL, attempt BIGINT NOT NULL, at BIGINT NOT NULL,
  state_hash TEXT COLLATE "C" NOT NULL, secret BYTEA,
  PRIMARY KEY (run_id, seq)
);

CREATE TABLE review_case (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  session_id TEXT COLLATE "C" NOT NULL, status TEXT COLLATE "C" NOT NULL, queue TEXT COLLATE "C" NOT NULL, priority BIGINT NOT NULL,
  assigned_to TEXT COLLATE "C" NOT NULL, entered_at BIGINT NOT NULL, active_at BIGINT NOT NULL,
  doc TEXT COLLATE "C" NOT NULL
);
CREATE INDEX review_case_tenant ON review_case (org_id, env, id);
CREATE INDEX review_case_status ON review_case (org_id, env, status, queue, priority, entered_at);
CREATE INDEX review_case_session ON review_case (org_id, env, session_id);
CREATE INDEX review_case_claim ON review_case (active_at) WHERE status = 'in_review';

CREATE TABLE note (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  case_id TEXT COLLATE "C" NOT NULL, subject_id TEXT COLLATE "C" NOT NULL,
  doc TEXT COLLATE "C" NOT NULL, secret BYTEA
);
CREATE INDEX note_case ON note (org_id, env, case_id);

CREATE TABLE list (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  type TEXT COLLATE "C" NOT NULL, mode TEXT COLLATE "C" NOT NULL, archived_at BIGINT NOT NULL,
  doc TEXT COLLATE "C" NOT NULL
);
CREATE INDEX list_tenant ON list (org_id, env, id);

CREATE TABLE list_item (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  list_id TEXT COLLATE "C" NOT NULL, hash TEXT COLLATE "C" NOT NULL,
  doc TEXT COLLATE "C" NOT NULL, secret BYTEA
);
CREATE INDEX list_item_list ON list_item (org_id, env, list_id, id);
CREATE INDEX list_item_hash ON list_item (org_id, env, hash);

CREATE TABLE endpoint (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  status TEXT COLLATE "C" NOT NULL, events TEXT COLLATE "C" NOT NULL,
  doc TEXT COLLATE "C" NOT NULL, secret BYTEA
);
CREATE INDEX endpoint_tenant ON endpoint (org_id, env, status);

CREATE TABLE delivery (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  event_id TEXT COLLATE "C" NOT NULL, endpoint_id TEXT COLLATE "C" NOT NULL, event_name TEXT COLLATE "C" NOT NULL, state TEXT COLLATE "C" NOT NULL,
  attempt BIGINT NOT NULL, due_at BIGINT NOT NULL, lease_owner TEXT COLLATE "C" NOT NULL DEFAULT '',
  doc TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX delivery_event ON delivery (org_id, env, event_id, endpoint_id);
CREATE INDEX delivery_endpoint ON delivery (org_id, env, endpoint_id, id);
CREATE INDEX delivery_due ON delivery (due_at) WHERE due_at > 0;

CREATE TABLE event (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, at BIGINT NOT NULL,
  object TEXT COLLATE "C" NOT NULL, object_id TEXT COLLATE "C" NOT NULL, actor_id TEXT COLLATE "C" NOT NULL, action TEXT COLLATE "C" NOT NULL,
  webhook TEXT COLLATE "C" NOT NULL,
  doc TEXT COLLATE "C" NOT NULL
);
CREATE INDEX event_object ON event (org_id, env, object_id, id);
CREATE INDEX event_tenant ON event (org_id, env, id);

-- An event is stored with its change and sealed a moment later. The place in
-- the chain is a row of its own, so that the event's row is written once.
CREATE TABLE event_unsealed (
  org_id TEXT COLLATE "C" NOT NULL,
  id     TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (org_id, id)
) WITH (autovacuum_vacuum_scale_factor = 0.02);

CREATE TABLE audit_chain (
  org_id    TEXT COLLATE "C" NOT NULL,
  seq       BIGINT NOT NULL,
  event_id  TEXT COLLATE "C" NOT NULL,
  prev_hash TEXT COLLATE "C" NOT NULL,
  hash      TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (org_id, seq)
);
CREATE UNIQUE INDEX audit_chain_event ON audit_chain (event_id);

CREATE VIEW sealed_event AS
  SELECT e.*, COALESCE(c.seq, 0) AS seq, COALESCE(c.prev_hash, '') AS prev_hash, COALESCE(c.hash, '') AS hash
  FROM event e LEFT JOIN audit_chain c ON c.event_id = e.id;

CREATE TABLE audit_head (
  org_id TEXT COLLATE "C" PRIMARY KEY,
  seq    BIGINT NOT NULL,
  hash   TEXT COLLATE "C" NOT NULL
);

CREATE TABLE trait (
  org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, kind TEXT COLLATE "C" NOT NULL, hash TEXT COLLATE "C" NOT NULL,
  session_id TEXT COLLATE "C" NOT NULL, subject_id TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (org_id, env, kind, hash, session_id, subject_id)
);
CREATE INDEX trait_subject ON trait (org_id, env, subject_id);

CREATE TABLE idempotency (
  org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, method TEXT COLLATE "C" NOT NULL, path TEXT COLLATE "C" NOT NULL, name TEXT COLLATE "C" NOT NULL,
  body_hash TEXT COLLATE "C" NOT NULL, done BIGINT NOT NULL, lease_until BIGINT NOT NULL, expires_at BIGINT NOT NULL,
  status BIGINT NOT NULL, header TEXT COLLATE "C" NOT NULL, secret BYTEA,
  PRIMARY KEY (org_id, env, method, path, name)
);
CREATE INDEX idempotency_expiry ON idempotency (expires_at);

-- Rows that change often get room for it on their page, and are vacuumed early.
ALTER TABLE run SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE session SET (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE delivery SET (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02);

-- +goose Down
DROP TABLE idempotency;
DROP TABLE trait;
DROP TABLE audit_head;
DROP VIEW sealed_event;
DROP TABLE audit_chain;
DROP TABLE event_unsealed;
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
