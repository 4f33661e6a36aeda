package media

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"bonafide/kyc"
)

// Imported is the outcome of one import.
type Imported struct {
	kyc.ListVersion
	New        int `json:"new"`
	Changed    int `json:"changed"`
	Duplicates int `json:"duplicates"` // the same id, address or text as one that is there
	Skipped    int `json:"skipped"`    // without title and text
	Expired    int `json:"expired"`    // older than the feed keeps
}

// Import adds the articles of files to a feed, which is made where there is
// none. All files count or none. On any error the articles stay as they were,
// the error is recorded, and it is a *kyc.Error with one of the codes
// media_unreadable, media_too_large, media_empty, unknown_format, invalid_feed,
// media_unwritable, cancelled.
func (l *Library) Import(ctx context.Context, feed, format string, files []string) (Imported, error) {
	if err := (Feed{ID: feed, Format: format}).validate(); err != nil {
		return Imported{}, err
	}
	if len(files) == 0 {
		return Imported{}, invalid("media_unreadable", "no file was given")
	}
	db, err := l.open(ctx, true)
	if err != nil {
		return Imported{}, err
	}
	f, err := l.feed(ctx, db, feed)
	if err != nil {
		return Imported{}, err
	}
	if format == "" {
		format = f.Format
	}
	var all parsed
	for _, name := range files {
		one, err := readFile(ctx, f, format, name)
		if err != nil {
			return l.refused(ctx, db, f, err)
		}
		if len(one.articles) == 0 {
			return l.refused(ctx, db, f, invalid("media_empty", "there is no article in %s", filepath.Base(name)))
		}
		all.articles = append(all.articles, one.articles...)
		all.skipped += one.skipped
	}
	return l.keepArticles(ctx, db, f, all, validator{})
}

func readFile(ctx context.Context, f Feed, format, name string) (parsed, error) {
	file, err := os.Open(name)
	if err != nil {
		return parsed{}, invalid("media_unreadable", "%s cannot be opened: %w", filepath.Base(name), unwrapPath(err))
	}
	defer func() { _ = file.Close() }()
	return read(ctx, f, format, name, file)
}

// feed reads a feed, or gives a new one of that id.
func (l *Library) feed(ctx context.Context, db *sql.DB, id string) (Feed, error) {
	f := Feed{ID: id, KeepDays: DefaultKeepDays}
	err := db.QueryRowContext(ctx, `SELECT url, format, language, keep_days FROM feeds WHERE id = ?`, id).Scan(&f.URL, &f.Format, &f.Language, &f.KeepDays)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return f, unreadable(err)
	}
	return f, nil
}

// refused records why an import was refused.
func (l *Library) refused(ctx context.Context, db *sql.DB, f Feed, why error) (Imported, error) {
	own := kyc.AsError(why)
	if _, err := db.ExecContext(context.WithoutCancel(ctx), `INSERT INTO feeds (id, keep_days, last_attempt, last_error) VALUES (?,?,?,?)
 ON CONFLICT (id) DO UPDATE SET last_attempt = excluded.last_attempt, last_error = excluded.last_error`, f.ID, f.keep(), l.clock.Now().Unix(), cut(own.Message, 500)); err != nil {
		l.log.Error("the failed import of news could not be recorded", "feed", f.ID, "error", err)
	}
	l.log.Warn("import of news refused", "feed", f.ID, "code", own.Code)
	return Imported{}, own
}

// validator is what a server said of its file.
type validator struct{ etag, modified string }

// keepArticles writes one import in one transaction.
func (l *Library) keepArticles(ctx context.Context, db *sql.DB, f Feed, p parsed, v validator) (Imported, error) {
	now := l.clock.Now().UTC()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return l.refused(ctx, db, f, unwritable(err))
	}
	defer func() { _ = tx.Rollback() }()
	w := writer{ctx: ctx, tx: tx, feed: f, now: now, seen: map[string]bool{}}
	out, err := w.write(p)
	if err == nil {
		out.ListVersion, err = w.finish(v)
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		_ = tx.Rollback()
		if ctx.Err() != nil {
			err = kyc.Errorf(kyc.Unavailable, "cancelled", "the import was cancelled")
		}
		return l.refused(ctx, db, f, unwritable(err))
	}
	out.Skipped = p.skipped
	l.log.Info("news in force", "feed", f.ID, "version", out.Version, "entries", out.Entries, "new", out.New, "changed", out.Changed)
	return out, nil
}

func unwritable(err error) error {
	var own *kyc.Error
	if errors.As(err, &own) {
		return own
	}
	return kyc.Errorf(kyc.Unavailable, "media_unwritable", "the news cannot be stored: %w", err)
}

// writer is one import under way.
type writer struct {
	ctx     context.Context
	tx      *sql.Tx
	feed    Feed
	now     time.Time
	version [32]byte
	entries int
	seen    map[string]bool // words that are in the table
}

// mix adds an article to the version of its feed or takes it away: a version is
// the exclusive or of all digests, so it says the same of the same articles in
// whatever order they came.
func (w *writer) mix(id, digest string) {
	sum := sha256.Sum256([]byte(id + "\x00" + digest))
	for i := range sum {
		w.version[i] ^= sum[i]
	}
}

// oldest is the first moment that the feed keeps.
func (w *writer) oldest() time.Time { return w.now.AddDate(0, 0, -w.feed.keep()) }

func (w *writer) write(p parsed) (Imported, error) {
	var out Imported
	if _, err := w.tx.ExecContext(w.ctx, `INSERT INTO feeds (id, keep_days) VALUES (?,?) ON CONFLICT (id) DO NOTHING`, w.feed.ID, w.feed.keep()); err != nil {
		return out, err
	}
	var version string
	if err := w.tx.QueryRowContext(w.ctx, `SELECT version, entries FROM feeds WHERE id = ?`, w.feed.ID).Scan(&version, &w.entries); err != nil {
		return out, err
	}
	if raw, err := hex.DecodeString(version); err == nil && len(raw) == len(w.version) {
		copy(w.version[:], raw)
	}
	find, err := w.tx.PrepareContext(w.ctx, `SELECT n, id, digest FROM articles WHERE feed = ? AND id = ?`)
	if err != nil {
		return out, err
	}
	defer func() { _ = find.Close() }()
	twin, err := w.tx.PrepareContext(w.ctx, `SELECT 1 FROM articles WHERE feed = ?1 AND digest = ?2 UNION ALL SELECT 1 FROM articles WHERE feed = ?1 AND url = ?3 AND ?3 <> '' LIMIT 1`)
	if err != nil {
		return out, err
	}
	defer func() { _ = twin.Close() }()
	put, err := w.tx.PrepareContext(w.ctx, `INSERT INTO articles (feed, id, url, title, published, language, source, text, digest, seen_at) VALUES (?,?,?,?,?,?,?,?,?,?)`)
	if err != nil {
		return out, err
	}
	defer func() { _ = put.Close() }()
	names, err := w.tx.PrepareContext(w.ctx, `INSERT INTO names (rowid, terms) VALUES (?,?)`)
	if err != nil {
		return out, err
	}
	defer func() { _ = names.Close() }()
	words, err := w.tx.PrepareContext(w.ctx, `INSERT INTO words (term, sound, head, tail) VALUES (?,?,?,?) ON CONFLICT DO NOTHING`)
	if err != nil {
		return out, err
	}
	defer func() { _ = words.Close() }()
	oldest := w.oldest()
	for i := range p.articles {
		a := &p.articles[i]
		if !a.Published.IsZero() && a.Published.Before(oldest) {
			out.Expired++
			continue
		}
		var n int64
		var id, digest string
		had := false
		switch err := find.QueryRowContext(w.ctx, w.feed.ID, a.ID).Scan(&n, &id, &digest); {
		case err == nil && digest == a.digest():
			out.Duplicates++
			continue
		case err == nil:
			if err := w.drop(n, id, digest); err != nil {
				return out, err
			}
			had = true
		case !errors.Is(err, sql.ErrNoRows):
			return out, err
		}
		if !had {
			var one int
			switch err := twin.QueryRowContext(w.ctx, w.feed.ID, a.digest(), a.URL).Scan(&one); {
			case err == nil:
				out.Duplicates++
				continue
			case !errors.Is(err, sql.ErrNoRows):
				return out, err
			}
		}
		res, err := put.ExecContext(w.ctx, w.feed.ID, a.ID, a.URL, a.Title, stamp(a.Published), a.Language, a.Source, a.Text, a.digest(), w.now.Unix())
		if err != nil {
			return out, err
		}
		if n, err = res.LastInsertId(); err != nil {
			return out, err
		}
		terms := nameTerms(a)
		if _, err := names.ExecContext(w.ctx, n, strings.Join(termTexts(terms), " ")); err != nil {
			return out, err
		}
		for term, sp := range terms {
			if w.seen[term] {
				continue
			}
			w.seen[term] = true
			if _, err := words.ExecContext(w.ctx, term, sp.Sound(), head(sp), tail(sp)); err != nil {
				return out, err
			}
		}
		w.mix(a.ID, a.digest())
		w.entries++
		if had {
			out.Changed++
		} else {
			out.New++
		}
	}
	dropped, err := w.expire()
	out.Expired += dropped
	return out, err
}

// drop takes one article away.
func (w *writer) drop(n int64, id, digest string) error {
	if _, err := w.tx.ExecContext(w.ctx, `DELETE FROM names WHERE rowid = ?`, n); err != nil {
		return err
	}
	if _, err := w.tx.ExecContext(w.ctx, `DELETE FROM articles WHERE n = ?`, n); err != nil {
		return err
	}
	w.mix(id, digest)
	w.entries--
	return nil
}

// expire drops what is older than the feed keeps, and the words that nothing
// has any more.
func (w *writer) expire() (int, error) {
	oldest := w.oldest().Unix()
	dropped, err := w.dropWhere(`(published <> ?2 AND published < ?3 OR published = ?2 AND seen_at < ?3)`, noDate, oldest)
	if err != nil || dropped == 0 {
		return dropped, err
	}
	_, err = w.tx.ExecContext(w.ctx, `DELETE FROM words WHERE term NOT IN (SELECT term FROM names_terms)`)
	return dropped, err
}

func (w *writer) dropWhere(where string, args ...any) (int, error) {
	rows, err := w.tx.QueryContext(w.ctx, `SELECT n, id, digest FROM articles WHERE feed = ?1 AND `+where, append([]any{w.feed.ID}, args...)...)
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	type old struct {
		n          int64
		id, digest string
	}
	var all []old
	for rows.Next() {
		var o old
		if err := rows.Scan(&o.n, &o.id, &o.digest); err != nil {
			return 0, err
		}
		all = append(all, o)
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	for _, o := range all {
		if err := w.drop(o.n, o.id, o.digest); err != nil {
			return 0, err
		}
	}
	return len(all), nil
}

// finish writes the new state of the feed.
func (w *writer) finish(v validator) (kyc.ListVersion, error) {
	version := hex.EncodeToString(w.version[:])
	_, err := w.tx.ExecContext(w.ctx, `UPDATE feeds SET version = ?, entries = ?, fetched_at = ?, last_attempt = ?, last_error = '', etag = ?, modified = ? WHERE id = ?`,
		version, w.entries, w.now.Unix(), w.now.Unix(), v.etag, v.modified, w.feed.ID)
	return kyc.ListVersion{List: listID(w.feed.ID), Version: version, Entries: w.entries, AsOf: w.now, Status: kyc.StatusOK}, err
}

// noDate stands for an article without a date.
const noDate = -1 << 60

func stamp(t time.Time) int64 {
	if t.IsZero() {
		return noDate
	}
	return t.Unix()
}

func unstamp(n int64) time.Time {
	if n == noDate {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}
