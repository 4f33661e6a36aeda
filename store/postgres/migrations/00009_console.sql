-- +goose Up
-- People signed in to the console, their second factors, and the tries that
-- failed.
CREATE TABLE console_session (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  user_id TEXT COLLATE "C" NOT NULL, token_hash TEXT COLLATE "C" NOT NULL, ends_at BIGINT NOT NULL, seen_at BIGINT NOT NULL,
  doc TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX console_session_token ON console_session (token_hash);
CREATE INDEX console_session_user ON console_session (org_id, user_id);
CREATE INDEX console_session_end ON console_session (ends_at);

CREATE TABLE second_factor (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  user_id TEXT COLLATE "C" NOT NULL,
  doc TEXT COLLATE "C" NOT NULL, secret BYTEA
);
CREATE UNIQUE INDEX second_factor_user ON second_factor (org_id, user_id);

CREATE TABLE sign_in_tries (
  name TEXT COLLATE "C" PRIMARY KEY, failed BIGINT NOT NULL, at BIGINT NOT NULL
);
CREATE INDEX sign_in_tries_at ON sign_in_tries (at);

-- When a case is overdue: after its workflow's hours, or a day.
ALTER TABLE review_case ADD COLUMN due_at BIGINT NOT NULL DEFAULT 0;
UPDATE review_case SET due_at = entered_at + CAST(COALESCE(NULLIF(substring(doc from '^\{[^{}]*"sla_hours":([0-9.eE+-]+)')::double precision, 0), 24) * 3600000000 AS BIGINT);
ALTER TABLE review_case ADD COLUMN reason_code TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE review_case SET reason_code = COALESCE(substring(doc from '^\{[^{}]*"reason_code":"([^"\\]*)"'), '');
CREATE INDEX review_case_waiting ON review_case (org_id, env, priority DESC, entered_at, id, status, assigned_to, queue, reason_code, due_at)
  WHERE status NOT IN ('approved', 'rejected');

-- +goose Down
DROP INDEX review_case_waiting;
ALTER TABLE review_case DROP COLUMN reason_code;
ALTER TABLE review_case DROP COLUMN due_at;
DROP TABLE sign_in_tries;
DROP TABLE second_factor;
DROP TABLE console_session;
