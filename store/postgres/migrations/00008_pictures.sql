-- +goose Up
-- How the pictures of documents look, three rows each: band is the blind index
-- of a piece of the look, secret the look itself under its subject's key. Rows
-- are deleted with the subject's erasure.
CREATE TABLE picture (
  org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, band TEXT COLLATE "C" NOT NULL, upload_id TEXT COLLATE "C" NOT NULL,
  session_id TEXT COLLATE "C" NOT NULL, subject_id TEXT COLLATE "C" NOT NULL, secret BYTEA NOT NULL,
  PRIMARY KEY (org_id, env, band, upload_id)
);
CREATE INDEX picture_subject ON picture (org_id, env, subject_id);

-- +goose Down
DROP TABLE picture;
