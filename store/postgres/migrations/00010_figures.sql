-- +goose Up
-- Counts by day for the console's figures: words of the program and numbers,
-- nothing about persons. upto is the upper end of a class of duration in
-- milliseconds, 0 for the class without one.
CREATE TABLE tally (
  org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, day BIGINT NOT NULL, measure TEXT COLLATE "C" NOT NULL, name TEXT COLLATE "C" NOT NULL, label TEXT COLLATE "C" NOT NULL, upto BIGINT NOT NULL,
  n BIGINT NOT NULL, ms BIGINT NOT NULL,
  PRIMARY KEY (org_id, env, day, measure, name, label, upto)
);
-- Figures of a period read its sessions and reviews and no others.
CREATE INDEX session_made ON session (org_id, env, created_at);
CREATE INDEX review_case_entered ON review_case (org_id, env, entered_at);

-- +goose Down
DROP INDEX review_case_entered;
DROP INDEX session_made;
DROP TABLE tally;
