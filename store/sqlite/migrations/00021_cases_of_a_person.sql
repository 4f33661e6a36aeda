-- +goose Up
-- The cases of one person, or of nobody, in the order of the queue: every page of
-- the console counts them for its menu.
CREATE INDEX review_case_assigned ON review_case (org_id, env, assigned_to, priority DESC, entered_at, id, status, queue, reason_code, due_at)
  WHERE status NOT IN ('approved', 'rejected');

-- +goose Down
DROP INDEX review_case_assigned;
