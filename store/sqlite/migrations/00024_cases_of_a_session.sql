-- +goose Up
-- In the order of listings, so that the few cases of one session are found by it
-- and not by reading all cases in their order.
DROP INDEX review_case_session;
CREATE INDEX review_case_session ON review_case (org_id, env, session_id, id);

-- +goose Down
DROP INDEX review_case_session;
CREATE INDEX review_case_session ON review_case (org_id, env, session_id);
