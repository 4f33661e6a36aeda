-- +goose Up
-- People signed in to the console, their second factors, and the tries that
-- failed.
CREATE TABLE console_session (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  user_id TEXT NOT NULL, token_hash TEXT NOT NULL, ends_at INTEGER NOT NULL, seen_at INTEGER NOT NULL,
  doc TEXT NOT NULL
);
CREATE UNIQUE INDEX console_session_token ON console_session (token_hash);
CREATE INDEX console_session_user ON console_session (org_id, user_id);
CREATE INDEX console_session_end ON console_session (ends_at);

CREATE TABLE second_factor (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  user_id TEXT NOT NULL,
  doc TEXT NOT NULL, secret BLOB
);
CREATE UNIQUE INDEX second_factor_user ON second_factor (org_id, user_id);

CREATE TABLE sign_in_tries (
  name TEXT PRIMARY KEY, failed INTEGER NOT NULL, at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sign_in_tries_at ON sign_in_tries (at);

-- When a case is overdue: after its workflow's hours, or a day.
ALTER TABLE review_case ADD COLUMN due_at INTEGER NOT NULL DEFAULT 0;
UPDATE review_case SET due_at = entered_at + CAST(COALESCE(NULLIF(json_extract(doc, '$.sla_hours'), 0), 24) * 3600000000 AS INTEGER);
ALTER TABLE review_case ADD COLUMN reason_code TEXT NOT NULL DEFAULT '';
UPDATE review_case SET reason_code = COALESCE(json_extract(doc, '$.reason_code'), '');
CREATE INDEX review_case_waiting ON review_case (org_id, env, priority DESC, entered_at, id, status, assigned_to, queue, reason_code, due_at)
  WHERE status NOT IN ('approved', 'rejected');

-- +goose Down
DROP INDEX review_case_waiting;
ALTER TABLE review_case DROP COLUMN reason_code;
ALTER TABLE review_case DROP COLUMN due_at;
DROP TABLE sign_in_tries;
DROP TABLE second_factor;
DROP TABLE console_session;
