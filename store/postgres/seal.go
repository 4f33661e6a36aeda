package postgres

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/jackc/pgx/v5"

	"bonafide/audit"
)

const (
	// sealPart is how many events one sealing transaction takes.
	sealPart = 2000
	// sealPause lets events gather, so that a busy node seals many at once.
	sealPause = 100 * time.Millisecond
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
	rows, err := d.pool.Query(ctx, `SELECT DISTINCT org_id FROM event_unsealed`)
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
		rows, err := tx.Query(ctx, `SELECT e.id, e.doc FROM event_unsealed u JOIN event e ON e.id = u.id WHERE u.org_id = $1 ORDER BY u.id LIMIT $2`, org, sealPart)
		if err != nil {
			return err
		}
		var ids, prevs, hashes []string
		var seqs []int64
		var id string
		var doc []byte
		_, err = pgx.ForEachRow(rows, []any{&id, &doc}, func() error {
			draft, err := audit.Resume(doc)
			if err != nil {
				return fmt.Errorf("event %s: %w", id, err)
			}
			seq++
			ids, seqs, prevs = append(ids, id), append(seqs, seq), append(prevs, prev)
			prev = draft.Seal(seq, prev)
			hashes = append(hashes, prev)
			return nil
		})
		if err != nil || len(ids) == 0 {
			return err
		}
		more = len(ids) == sealPart
		if _, err := tx.Exec(ctx, `INSERT INTO audit_chain (org_id, seq, event_id, prev_hash, hash)`+
			` SELECT $1, s.seq, s.id, s.prev, s.hash FROM unnest($2::text[], $3::bigint[], $4::text[], $5::text[]) AS s (id, seq, prev, hash)`, org, ids, seqs, prevs, hashes); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM event_unsealed WHERE org_id = $1 AND id = ANY ($2)`, org, ids); err != nil {
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
