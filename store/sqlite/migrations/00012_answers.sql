-- +goose Up
-- What receivers of webhooks answered, which may repeat the message.
ALTER TABLE delivery ADD COLUMN secret BLOB;

-- +goose Down
ALTER TABLE delivery DROP COLUMN secret;
