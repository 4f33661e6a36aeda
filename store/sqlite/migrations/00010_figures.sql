-- +goose Up
-- Counts by day for the console's figures: words of the program and numbers,
-- nothing about persons. upto is the upper end of a class of duration in
-- milliseconds, 0 for the class without one.
CREATE TABLE tally (
  org_id TEXT NOT NULL, env TEXT NOT NULL, day INTEGER NOT NULL, measure TEXT NOT NULL, name TEXT NOT NULL, label TEXT NOT NULL, upto INTEGER NOT NULL,
  n INTEGER NOT NULL, ms INTEGER NOT NULL,
  PRIMARY KEY (org_id, env, day, measure, name, label, upto)
) WITHOUT ROWID;
-- Figures of a period read its sessions and reviews and no others.
CREATE INDEX session_made ON session (org_id, env, created_at);
CREATE INDEX review_case_entered ON review_case (org_id, env, entered_at);

-- +goose Down
DROP INDEX review_case_entered;
DROP INDEX session_made;
DROP TABLE tally;
