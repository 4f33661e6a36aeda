-- +goose Up
-- Sessions that ended while a version was rolled out to a share of them: what
-- the guardrails of the rollout count. Ids and words of the program only.
CREATE TABLE trial (
  org_id TEXT NOT NULL, env TEXT NOT NULL, workflow_id TEXT NOT NULL, rollout TEXT NOT NULL, session_id TEXT NOT NULL,
  version INTEGER NOT NULL, result TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (org_id, env, workflow_id, rollout, session_id)
) WITHOUT ROWID;
CREATE INDEX trial_age ON trial (at);

-- +goose Down
DROP TABLE trial;
