-- +goose Up
-- What was stored and removed of a tenant's templates, in the order of its
-- happening, so that an index in memory can follow. The triggers see every way
-- a template goes: by its time, with its person, with its session. mark tells
-- two courses of events apart, which a restored copy of the database begins.
CREATE TABLE face_head (
  org_id TEXT NOT NULL, env TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (org_id, env)
);
CREATE TABLE face_change (
  org_id TEXT NOT NULL, env TEXT NOT NULL, seq INTEGER NOT NULL, mark TEXT NOT NULL, template_id TEXT NOT NULL, gone INTEGER NOT NULL,
  PRIMARY KEY (org_id, env, seq)
) WITHOUT ROWID;
-- +goose StatementBegin
CREATE TRIGGER face_template_inserted AFTER INSERT ON face_template BEGIN
  INSERT INTO face_head (org_id, env, seq) VALUES (NEW.org_id, NEW.env, 1) ON CONFLICT (org_id, env) DO UPDATE SET seq = seq + 1;
  INSERT INTO face_change (org_id, env, seq, mark, template_id, gone)
    SELECT org_id, env, seq, lower(hex(randomblob(16))), NEW.id, 0 FROM face_head WHERE org_id = NEW.org_id AND env = NEW.env;
  DELETE FROM face_change WHERE org_id = NEW.org_id AND env = NEW.env
    AND seq <= (SELECT seq FROM face_head WHERE org_id = NEW.org_id AND env = NEW.env) - 10000;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER face_template_updated AFTER UPDATE ON face_template BEGIN
  INSERT INTO face_head (org_id, env, seq) VALUES (NEW.org_id, NEW.env, 1) ON CONFLICT (org_id, env) DO UPDATE SET seq = seq + 1;
  INSERT INTO face_change (org_id, env, seq, mark, template_id, gone)
    SELECT org_id, env, seq, lower(hex(randomblob(16))), NEW.id, 0 FROM face_head WHERE org_id = NEW.org_id AND env = NEW.env;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER face_template_deleted AFTER DELETE ON face_template BEGIN
  INSERT INTO face_head (org_id, env, seq) VALUES (OLD.org_id, OLD.env, 1) ON CONFLICT (org_id, env) DO UPDATE SET seq = seq + 1;
  INSERT INTO face_change (org_id, env, seq, mark, template_id, gone)
    SELECT org_id, env, seq, lower(hex(randomblob(16))), OLD.id, 1 FROM face_head WHERE org_id = OLD.org_id AND env = OLD.env;
  DELETE FROM face_change WHERE org_id = OLD.org_id AND env = OLD.env
    AND seq <= (SELECT seq FROM face_head WHERE org_id = OLD.org_id AND env = OLD.env) - 10000;
END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER face_template_deleted;
DROP TRIGGER face_template_updated;
DROP TRIGGER face_template_inserted;
DROP TABLE face_change;
DROP TABLE face_head;
