package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"bonafide/kyc"
	"bonafide/store"
)

var (
	sqlHeadGet = store.NewSQL(`SELECT seq, hash FROM audit_head WHERE org_id = ?`)
	sqlHeadPut = store.NewSQL(`INSERT INTO audit_head (org_id, seq, hash) VALUES (?, ?, ?) ON CONFLICT (org_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash`)
)

// seal gives the events of a batch their places in the chain. The writer is
// alone, so the order of its transactions is the order of the chain.
func (w *writer) seal(ctx context.Context, tx *sql.Tx, b *store.Batch) error {
	for _, e := range b.Entries {
		h, ok := w.pending[e.Org]
		if !ok {
			if h, ok = w.heads[e.Org]; !ok {
				var err error
				if h, err = readHead(ctx, tx, e.Org); err != nil {
					return err
				}
			}
		}
		seq := h.seq + 1
		hash := e.Draft.Seal(seq, h.hash)
		args := b.Statements[e.Statement].Args
		n := len(args)
		args[n-3], args[n-2], args[n-1] = seq, h.hash, hash
		if w.pending == nil {
			w.pending = map[kyc.ID]head{}
		}
		w.pending[e.Org] = head{seq, hash}
	}
	return nil
}

func readHead(ctx context.Context, tx *sql.Tx, org kyc.ID) (head, error) {
	var h head
	err := tx.QueryRowContext(ctx, sqlHeadGet.Text, string(org)).Scan(&h.seq, &h.hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return h, fmt.Errorf("reading the head of the audit chain: %w", err)
	}
	return h, nil
}
