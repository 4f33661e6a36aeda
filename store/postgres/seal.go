package postgres

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/jackc/pgx/v5"

	"bonafide/audit"
	"bonafide/kyc"
	"bonafide/store"
)

const (
	// sealPart is how many events one sealing transaction takes.
	sealPart = 2000
	// sealPause lets events gather, so that a busy node seals many at once.
	sealPause = 50 * time.Millisecond
	// sealRound is how often a node looks for events that others left.
	sealRound = 5 * time.Second
)

func (d *Driver) wakeSealer() {
	select {
	case d.kick <- struct{}{}:
	default: // it is awake already
	}
}

// sealer runs for as long as the store is open.
func (d *Driver) sealer() {
	defer close(d.done)
	round := time.NewTicker(sealRound)
	defer round.Stop()
	for {
		select {
		case <-d.life.Done():
			return
		case <-round.C:
		case <-d.kick:
			select {
			case <-d.life.Done():
				return
			case <-time.After(sealPause):
			}
		}
		if err := d.Seal(d.life); err != nil && d.life.Err() == nil {
			d.log.Error("sealing audit events failed; the next round tries again", "error", err)
		}
	}
}

// Seal brings all stored events into their organisations' chains. While
// another node seals an organisation, this one waits for it.
func (d *Driver) Seal(ctx context.Context) error {
	rows, err := d.pool.Query(ctx, `SELECT DISTINCT org_id FROM event WHERE seq = 0`)
	if err != nil {
		return fmt.Errorf("looking for unsealed events: %w", err)
	}
	orgs, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("looking for unsealed events: %w", err)
	}
	for _, org := range orgs {
		for more := true; more; {
			if more, err = d.sealOrg(ctx, org); err != nil {
				return fmt.Errorf("sealing the events of organisation %s: %w", org, err)
			}
		}
	}
	return nil
}

// sealOrg seals one part of an organisation's events, under its lock and in
// the order of their IDs, which is that of their making; an event whose
// transaction ended later comes behind. more is true when a full part was found.
func (d *Driver) sealOrg(ctx context.Context, org string) (more bool, err error) {
	err = pgx.BeginFunc(ctx, d.pool, func(tx pgx.Tx) error {
		// The lock is asked for in a statement of its own: the next one then
		// sees everything that the node before has sealed.
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, lockOf(org)); err != nil {
			return err
		}
		var seq int64
		var prev string
		err := tx.QueryRow(ctx, `SELECT seq, hash FROM audit_head WHERE org_id = $1`, org).Scan(&seq, &prev)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT `+store.EventColumns+` FROM event WHERE org_id = $1 AND seq = 0 ORDER BY id LIMIT $2`, org, sealPart)
		if err != nil {
			return err
		}
		events, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (kyc.Event, error) {
			e, _, err := store.ScanEvent(row)
			return e, err
		})
		if err != nil || len(events) == 0 {
			return err
		}
		more = len(events) == sealPart
		ids, seqs, prevs, hashes := make([]string, len(events)), make([]int64, len(events)), make([]string, len(events)), make([]string, len(events))
		for i, e := range events {
			draft, err := audit.Prepare(e)
			if err != nil {
				return err
			}
			seq++
			ids[i], seqs[i], prevs[i] = string(e.ID), seq, prev
			prev = draft.Seal(seq, prev)
			hashes[i] = prev
		}
		if _, err := tx.Exec(ctx, `UPDATE event SET seq = s.seq, prev_hash = s.prev, hash = s.hash`+
			` FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) AS s (id, seq, prev, hash) WHERE event.id = s.id`, ids, seqs, prevs, hashes); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO audit_head (org_id, seq, hash) VALUES ($1, $2, $3)`+
			` ON CONFLICT (org_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash`, org, seq, prev)
		return err
	})
	return more, err
}

// lockOf is the advisory lock of an organisation's chain.
func lockOf(org string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("bonafide audit " + org)) // a hash never fails
	return int64(h.Sum64())
}
