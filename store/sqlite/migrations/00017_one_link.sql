-- +goose Up
-- An individual has one open hosted link for a workflow: two that are made at the
-- same moment cannot both stay open. Of several that came about so, the newest
-- stays; the others end as a newer link ends them.
UPDATE session SET status = 'expired', token_hash = '', ended_at = updated_at, rev = rev + 1,
    doc = json_set(json_remove(doc, '$.token_hash'), '$.status', 'expired', '$.reason_code', 'link_replaced')
  WHERE surface = 'entities' AND token_hash <> '' AND status IN ('created', 'capturing') AND EXISTS
  (SELECT 1 FROM session AS newer WHERE newer.org_id = session.org_id AND newer.env = session.env AND newer.subject_id = session.subject_id
    AND newer.workflow_id = session.workflow_id AND newer.surface = 'entities' AND newer.token_hash <> '' AND newer.status IN ('created', 'capturing')
    AND newer.id > session.id);
CREATE UNIQUE INDEX session_open_link ON session (org_id, env, subject_id, workflow_id)
  WHERE surface = 'entities' AND token_hash <> '' AND status IN ('created', 'capturing');

-- +goose Down
DROP INDEX session_open_link;
