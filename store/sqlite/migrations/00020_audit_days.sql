-- +goose Up
-- The Merkle root of each day of an organisation's audit chain, once the day is
-- over. doc is the text whose hash is written down elsewhere.
CREATE TABLE audit_day (
  org_id TEXT NOT NULL, day TEXT NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (org_id, day)
) WITHOUT ROWID;
CREATE UNIQUE INDEX audit_day_place ON audit_day (org_id, first_seq);

-- +goose Down
DROP TABLE audit_day;
