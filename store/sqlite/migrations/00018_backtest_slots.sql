-- +goose Up
-- An organisation has so many places for backtests that are running, and each is
-- given out once, whichever process asks. Those that run already have none.
ALTER TABLE backtest ADD COLUMN slot INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX backtest_slot ON backtest (org_id, env, slot) WHERE slot > 0 AND status = 'running';

-- +goose Down
DROP INDEX backtest_slot;
ALTER TABLE backtest DROP COLUMN slot;
