-- +goose Up
-- What reviewers said of hits of screenings, by whom it is about: the subject,
-- or the session where that has none. Rows are deleted with the subject's
-- erasure.
CREATE TABLE hit_review (
  id TEXT COLLATE "C" PRIMARY KEY, org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, rev BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  about_id TEXT COLLATE "C" NOT NULL, case_id TEXT COLLATE "C" NOT NULL,
  doc TEXT COLLATE "C" NOT NULL, secret BYTEA
);
CREATE INDEX hit_review_about ON hit_review (org_id, env, about_id, id);

-- +goose Down
DROP TABLE hit_review;
