-- +goose Up
-- Whose record a person's was merged into, so that the merged ones of a person
-- are found by an index.
ALTER TABLE subject ADD COLUMN merged_into TEXT NOT NULL DEFAULT '';
UPDATE subject SET merged_into = json_extract(doc, '$.merged_into') WHERE coalesce(json_extract(doc, '$.merged_into'), '') <> '';
CREATE INDEX subject_merged ON subject (org_id, env, merged_into, id) WHERE merged_into <> '';

-- Which person of which other house an account is bound to: issuer and subject,
-- one account of an organisation for each. Of several that came about at the
-- same moment the oldest stays bound.
ALTER TABLE account ADD COLUMN external TEXT NOT NULL DEFAULT '';
UPDATE account SET external = json_extract(doc, '$.external.issuer') || ' ' || json_extract(doc, '$.external.subject')
  WHERE json_extract(doc, '$.external.subject') IS NOT NULL;
UPDATE account SET doc = json_remove(doc, '$.external'), external = '', rev = rev + 1 WHERE external <> '' AND EXISTS
  (SELECT 1 FROM account AS older WHERE older.org_id = account.org_id AND older.external = account.external AND older.id < account.id);
CREATE UNIQUE INDEX account_external ON account (org_id, external) WHERE external <> '';

-- +goose Down
DROP INDEX account_external;
ALTER TABLE account DROP COLUMN external;
DROP INDEX subject_merged;
ALTER TABLE subject DROP COLUMN merged_into;
