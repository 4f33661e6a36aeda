-- +goose Up
-- Sessions that ended while a version was rolled out to a share of them: what
-- the guardrails of the rollout count. Ids and words of the program only.
CREATE TABLE trial (
  org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, workflow_id TEXT COLLATE "C" NOT NULL, rollout TEXT COLLATE "C" NOT NULL, session_id TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL, result TEXT COLLATE "C" NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (org_id, env, workflow_id, rollout, session_id)
);
CREATE INDEX trial_age ON trial (at);

-- +goose Down
DROP TABLE trial;
