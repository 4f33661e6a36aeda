-- +goose Up
-- What receivers of webhooks answered, which may repeat the message.
ALTER TABLE delivery ADD COLUMN secret BYTEA;

-- +goose Down
ALTER TABLE delivery DROP COLUMN secret;
