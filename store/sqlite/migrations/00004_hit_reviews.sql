-- +goose Up
-- What reviewers said of hits of screenings, by whom it is about: the subject,
-- or the session where that has none. Rows are deleted with the subject's
-- erasure.
CREATE TABLE hit_review (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, env TEXT NOT NULL, rev INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  about_id TEXT NOT NULL, case_id TEXT NOT NULL,
  doc TEXT NOT NULL, secret BLOB
);
CREATE INDEX hit_review_about ON hit_review (org_id, env, about_id, id);

-- +goose Down
DROP TABLE hit_review;
