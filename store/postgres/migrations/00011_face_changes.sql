-- +goose Up
-- What was stored and removed of a tenant's templates, in the order of its
-- happening, so that an index in memory can follow. The trigger sees every way
-- a template goes: by its time, with its person, with its session. mark tells
-- two courses of events apart, which a restored copy of the database begins.
-- The row in face_head is locked until the transaction ends, so that nobody sees
-- a place of the order before all places below it.
CREATE TABLE face_head (
  org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, seq BIGINT NOT NULL,
  PRIMARY KEY (org_id, env)
);
CREATE TABLE face_change (
  org_id TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, seq BIGINT NOT NULL, mark TEXT COLLATE "C" NOT NULL,
  template_id TEXT COLLATE "C" NOT NULL, gone BIGINT NOT NULL,
  PRIMARY KEY (org_id, env, seq)
);
-- +goose StatementBegin
CREATE FUNCTION face_template_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  t face_template;
  n BIGINT;
BEGIN
  IF TG_OP = 'DELETE' THEN t := OLD; ELSE t := NEW; END IF;
  INSERT INTO face_head AS h (org_id, env, seq) VALUES (t.org_id, t.env, 1)
    ON CONFLICT (org_id, env) DO UPDATE SET seq = h.seq + 1 RETURNING h.seq INTO n;
  INSERT INTO face_change (org_id, env, seq, mark, template_id, gone)
    VALUES (t.org_id, t.env, n, gen_random_uuid()::text, t.id, CASE TG_OP WHEN 'DELETE' THEN 1 ELSE 0 END);
  DELETE FROM face_change WHERE org_id = t.org_id AND env = t.env AND seq <= n - 10000;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER face_template_changes AFTER INSERT OR UPDATE OR DELETE ON face_template FOR EACH ROW EXECUTE FUNCTION face_template_changed();

-- +goose Down
DROP TRIGGER face_template_changes ON face_template;
DROP FUNCTION face_template_changed();
DROP TABLE face_change;
DROP TABLE face_head;
