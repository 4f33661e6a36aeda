package media

import (
	"context"
	"encoding/hex"
	"errors"

	"bonafide/kyc"
)

// Remove drops a feed with its articles or, where ids are given, those alone.
// It answers how many articles went. Errors: NotFound no_such_feed.
func (l *Library) Remove(ctx context.Context, feed string, ids []string) (int, error) {
	db, err := l.open(ctx, false)
	if err != nil {
		return 0, err
	}
	if db == nil {
		return 0, kyc.Errorf(kyc.NotFound, "no_such_feed", "there is no feed %s", cut(feed, 50))
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return 0, unwritable(err)
	}
	defer func() { _ = tx.Rollback() }()
	w := writer{ctx: ctx, tx: tx, feed: Feed{ID: feed}, now: l.clock.Now()}
	var version string
	if err := tx.QueryRowContext(ctx, `SELECT version, entries FROM feeds WHERE id = ?`, feed).Scan(&version, &w.entries); err != nil {
		return 0, kyc.Errorf(kyc.NotFound, "no_such_feed", "there is no feed %s", cut(feed, 50))
	}
	if raw, err := hex.DecodeString(version); err == nil && len(raw) == len(w.version) {
		copy(w.version[:], raw)
	}
	gone := 0
	if len(ids) == 0 {
		if gone, err = w.dropWhere(`1`); err == nil {
			_, err = tx.ExecContext(ctx, `DELETE FROM feeds WHERE id = ?`, feed)
		}
	}
	for _, id := range ids {
		n, bad := w.dropWhere(`id = ?2`, id)
		gone += n
		err = errors.Join(err, bad)
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, `UPDATE feeds SET version = ?, entries = ? WHERE id = ?`, hex.EncodeToString(w.version[:]), w.entries, feed)
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, `DELETE FROM words WHERE term NOT IN (SELECT term FROM names_terms)`)
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return 0, unwritable(err)
	}
	return gone, nil
}
