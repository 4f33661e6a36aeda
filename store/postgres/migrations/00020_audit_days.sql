-- +goose Up
-- The Merkle root of each day of an organisation's audit chain, once the day is
-- over. doc is the text whose hash is written down elsewhere.
CREATE TABLE audit_day (
  org_id TEXT COLLATE "C" NOT NULL, day TEXT COLLATE "C" NOT NULL, first_seq BIGINT NOT NULL, last_seq BIGINT NOT NULL,
  doc TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (org_id, day)
);
CREATE UNIQUE INDEX audit_day_place ON audit_day (org_id, first_seq);

-- +goose Down
DROP TABLE audit_day;
