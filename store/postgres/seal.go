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
		seq, prev, found, err := unsealed(ctx, tx, org)
		if err != nil || len(found) == 0 {
			return err
		}
		more = len(found) == sealPart
		ids, prevs, hashes := make([]string, len(found)), make([]string, len(found)), make([]string, len(found))
		seqs := make([]int64, len(found))
		for i, e := range found {
			draft, err := audit.Resume(e.doc)
			if err != nil {
				return fmt.Errorf("event %s: %w", e.id, err)
			}
			seq++
			ids[i], seqs[i], prevs[i] = e.id, seq, prev
			prev = draft.Seal(seq, prev)
			hashes[i] = prev
		}
		var b pgx.Batch
		b.Queue(`INSERT INTO audit_chain (org_id, seq, event_id, prev_hash, hash)`+
			` SELECT $1, s.seq, s.id, s.prev, s.hash FROM unnest($2::text[], $3::bigint[], $4::text[], $5::text[]) AS s (id, seq, prev, hash)`, org, ids, seqs, prevs, hashes)
		b.Queue(`DELETE FROM event_unsealed WHERE org_id = $1 AND id = ANY ($2)`, org, ids)
		b.Queue(`INSERT INTO audit_head (org_id, seq, hash) VALUES ($1, $2, $3)`+
			` ON CONFLICT (org_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash`, org, seq, prev)
		return tx.SendBatch(ctx, &b).Close()
	})
	return more, err
}

// unsealedEvent is an event as it is stored.
type unsealedEvent struct {
	id  string
	doc []byte
}

// unsealed takes an organisation's lock and reads the end of its chain and the
// first part of what is to be sealed.
func unsealed(ctx context.Context, tx pgx.Tx, org string) (seq int64, prev string, found []unsealedEvent, err error) {
	var b pgx.Batch
	// The lock is asked for in a statement of its own: the next ones then see
	// everything that the node before has sealed.
	b.Queue(`SELECT pg_advisory_xact_lock($1)`, lockOf(org))
	b.Queue(`SELECT seq, hash FROM audit_head WHERE org_id = $1`, org).QueryRow(func(row pgx.Row) error {
		if err := row.Scan(&seq, &prev); !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		return nil
	})
	b.Queue(`SELECT e.id, e.doc FROM event_unsealed u JOIN event e ON e.id = u.id WHERE u.org_id = $1 ORDER BY u.id LIMIT $2`, org, sealPart).Query(func(rows pgx.Rows) (err error) {
		found, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (e unsealedEvent, err error) {
			err = row.Scan(&e.id, &e.doc)
			return e, err
		})
		return err
	})
	err = tx.SendBatch(ctx, &b).Close()
	return seq, prev, found, err
}

// lockOf is the advisory lock of an organisation's chain.
func lockOf(org string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("bonafide audit " + org)) // a hash never fails
	return int64(h.Sum64())
}
