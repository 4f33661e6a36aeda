-- +goose Up
-- When a session ended, what retention left of it (0 it can be read, 1 it is
-- withheld, 2 it was destroyed) and whether a legal hold keeps it. Sessions that
-- were erased before are 2; nothing else changes by itself.
ALTER TABLE session ADD COLUMN ended_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
UPDATE session SET ended_at = COALESCE(CAST(strftime('%s', json_extract(doc, '$.completed_at')) AS INTEGER) * 1000000, updated_at)
  WHERE status IN ('approved', 'rejected', 'expired', 'cancelled', 'failed');
UPDATE session SET kept = 2 WHERE json_extract(doc, '$.redacted_at') IS NOT NULL;
UPDATE session SET held = 1 WHERE json_extract(doc, '$.legal_hold') = 1;
CREATE INDEX session_ended ON session (org_id, env, kept, held, status, ended_at, id) WHERE ended_at > 0 AND kept < 2;
CREATE INDEX session_withheld ON session (org_id, env, subject_id) WHERE kept = 1;
-- When to look again whether a person may go whose last session was destroyed.
ALTER TABLE subject ADD COLUMN look_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX subject_look ON subject (org_id, env, look_at, id) WHERE look_at > 0;

-- +goose Down
DROP INDEX subject_look;
ALTER TABLE subject DROP COLUMN look_at;
DROP INDEX session_withheld;
DROP INDEX session_ended;
ALTER TABLE session DROP COLUMN held;
ALTER TABLE session DROP COLUMN kept;
ALTER TABLE session DROP COLUMN ended_at;
