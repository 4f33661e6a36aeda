package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
)

var (
	sqlWatch        = readWatch.query(byID)
	sqlWatchesDue   = readWatch.query("WHERE next_at > 0 AND next_at <= ? ORDER BY next_at, id LIMIT ?")
	sqlWatchesAwait = readWatch.query("WHERE frequency = 'on_update' AND status = 'active' AND id > ? ORDER BY id LIMIT ?")
	sqlWatched      = readWatched.query(byID)
	sqlWatchedAfter = readWatched.query("WHERE org_id = ? AND env = ? AND watch_id = ? AND id > ? ORDER BY id LIMIT ?")
	sqlWatchRun     = readWatchRun.query(byID)
	sqlTags         = NewSQL(`SELECT 'watch' AS place, tags, COUNT(*) FROM watch WHERE org_id = ? AND env = ? AND tags <> '' AND status <> 'deleted' GROUP BY tags
	UNION ALL SELECT 'watched', tags, COUNT(*) FROM watched WHERE org_id = ? AND env = ? AND tags <> '' GROUP BY tags`)
)

// Watch finds a watchlist, deleted or not.
func (db *DB) Watch(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Watch, error) {
	return readWatch.one(ctx, db, sqlWatch, string(id), string(t.Org), string(t.Env), string(id))
}

// Watches lists watchlists, newest first.
func (db *DB) Watches(ctx context.Context, t kyc.Tenant, f kyc.WatchFilter, p kyc.Page) ([]kyc.Watch, int, error) {
	q := of(t)
	if f.Status != "" {
		q.is("status", string(f.Status))
	} else {
		q.and("status <> ?", string(kyc.WatchDeleted))
	}
	q.is("frequency", string(f.Frequency))
	if f.Tag != "" {
		q.anyWord("tags", []string{f.Tag})
	}
	return readWatch.page(ctx, db, q, p)
}

// WatchesDue are up to limit active watchlists of all tenants whose time has
// come, the longest overdue first.
func (db *DB) WatchesDue(ctx context.Context, now time.Time, limit int) ([]kyc.Watch, error) {
	return readWatch.all(ctx, db, sqlWatchesDue, micros(now), int64(limit))
}

// WatchesOnUpdate are up to limit active watchlists of all tenants that wait
// for an update of their lists, by ascending ID after that one (empty: from
// the beginning).
func (db *DB) WatchesOnUpdate(ctx context.Context, after kyc.ID, limit int) ([]kyc.Watch, error) {
	return readWatch.all(ctx, db, sqlWatchesAwait, string(after), int64(limit))
}

// WatchedParty finds one party of a watchlist. After its subject was erased,
// Private.Unreadable is true and everything else of Private empty.
func (db *DB) WatchedParty(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Watched, error) {
	return readWatched.one(ctx, db, sqlWatched, string(id), string(t.Org), string(t.Env), string(id))
}

// WatchedParties lists the parties of a watchlist, of a session or of a
// subject, newest first.
func (db *DB) WatchedParties(ctx context.Context, t kyc.Tenant, f kyc.WatchedFilter, p kyc.Page) ([]kyc.Watched, int, error) {
	return readWatched.page(ctx, db, watchedOf(t, f), p)
}

func watchedOf(t kyc.Tenant, f kyc.WatchedFilter) *filter {
	q := of(t)
	q.few = f.SessionID != "" || f.SubjectID != ""
	q.is("watch_id", string(f.WatchID))
	if f.SessionID != "" {
		q.and("session_id = ? AND session_id <> ''", string(f.SessionID))
	}
	if f.SubjectID != "" {
		q.and("subject_id = ? AND subject_id <> ''", string(f.SubjectID))
	}
	if f.Tag != "" {
		q.anyWord("tags", []string{f.Tag})
	}
	return q
}

// WatchedAfter reads up to limit parties of a watchlist by ascending ID after
// that one (empty: from the beginning), for a run over all of them.
func (db *DB) WatchedAfter(ctx context.Context, t kyc.Tenant, watch, after kyc.ID, limit int) ([]kyc.Watched, error) {
	return readWatched.all(ctx, db, sqlWatchedAfter, string(t.Org), string(t.Env), string(watch), string(after), int64(limit))
}

// MonitorRun finds one screening of a watchlist.
func (db *DB) MonitorRun(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.MonitorRun, error) {
	return readWatchRun.one(ctx, db, sqlWatchRun, string(id), string(t.Org), string(t.Env), string(id))
}

// MonitorRuns lists the screenings of a watchlist, newest first.
func (db *DB) MonitorRuns(ctx context.Context, t kyc.Tenant, watch kyc.ID, p kyc.Page) ([]kyc.MonitorRun, int, error) {
	q := of(t)
	q.and("watch_id = ?", string(watch))
	return readWatchRun.page(ctx, db, q, p)
}

// WatchTags counts the tags of a tenant's watchlists that are not deleted and
// of all watched parties, in alphabetical order.
func (db *DB) WatchTags(ctx context.Context, t kyc.Tenant) ([]kyc.TagCount, error) {
	counts := map[string]*kyc.TagCount{}
	args := []any{string(t.Org), string(t.Env), string(t.Org), string(t.Env)}
	err := db.driver.Query(ctx, sqlTags, args, func(row Row) error {
		var place, tags string
		var n int64
		if err := row.Scan(&place, &tags, &n); err != nil {
			return err
		}
		words := strings.Split(strings.Trim(tags, separator), separator)
		slices.Sort(words)
		for _, tag := range slices.Compact(words) {
			c := counts[tag]
			if c == nil {
				c = &kyc.TagCount{Tag: tag}
				counts[tag] = c
			}
			if place == "watch" {
				c.Watches += int(n)
			} else {
				c.Watched += int(n)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("counting the tags of watchlists: %w", err)
	}
	out := make([]kyc.TagCount, 0, len(counts))
	for _, c := range counts {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b kyc.TagCount) int { return strings.Compare(a.Tag, b.Tag) })
	return out, nil
}
