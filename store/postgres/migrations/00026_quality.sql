-- +goose Up
-- The second look at decided cases: where it stands (empty: not drawn) and when the
-- case was drawn, in the order in which they wait.
ALTER TABLE review_case ADD COLUMN quality TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE review_case ADD COLUMN drawn_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX review_case_quality ON review_case (org_id, env, quality, drawn_at, id, queue) WHERE quality <> '';

-- +goose Down
DROP INDEX review_case_quality;
ALTER TABLE review_case DROP COLUMN drawn_at;
ALTER TABLE review_case DROP COLUMN quality;
