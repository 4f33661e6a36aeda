package media

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver

	"bonafide/kyc"
)

// Options of Open.
type Options struct {
	// Dir holds the library's file (DATA/media). It need not exist.
	Dir string
	// Clock defaults to the system's.
	Clock kyc.Clock
	// Log defaults to silence. Names of subjects are never logged.
	Log *slog.Logger
}

// Library keeps the articles of the imported feeds and searches them. All
// methods may be called from many goroutines, and by several processes on one
// folder: readers see the state before or after an import, never one between.
// Nothing is opened before there is a library to read.
type Library struct {
	dir   string
	clock kyc.Clock
	log   *slog.Logger

	mu sync.Mutex
	db *sql.DB

	lexOnce  sync.Once
	lexicons map[string]*lexicon
}

// Open names a library. It touches nothing on disk.
func Open(o Options) *Library {
	if o.Clock == nil {
		o.Clock = kyc.SystemClock()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Library{dir: o.Dir, clock: o.Clock, log: o.Log}
}

// Close ends the connections. Later calls open them again.
func (l *Library) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.db == nil {
		return nil
	}
	err := l.db.Close()
	l.db = nil
	return err
}

func (l *Library) languages() map[string]*lexicon {
	l.lexOnce.Do(func() { l.lexicons = lexicons() })
	return l.lexicons
}

// schema of the library. Words holds each written form once; names is a
// full-text index without content, whose terms are those forms.
const schema = `
CREATE TABLE IF NOT EXISTS feeds (
 id TEXT PRIMARY KEY, url TEXT NOT NULL DEFAULT '', format TEXT NOT NULL DEFAULT '', language TEXT NOT NULL DEFAULT '', keep_days INTEGER NOT NULL,
 version TEXT NOT NULL DEFAULT '', entries INTEGER NOT NULL DEFAULT 0, fetched_at INTEGER NOT NULL DEFAULT 0, newest INTEGER NOT NULL DEFAULT 0,
 last_attempt INTEGER NOT NULL DEFAULT 0, last_error TEXT NOT NULL DEFAULT '', etag TEXT NOT NULL DEFAULT '', modified TEXT NOT NULL DEFAULT '') STRICT;
CREATE TABLE IF NOT EXISTS articles (
 n INTEGER PRIMARY KEY AUTOINCREMENT, feed TEXT NOT NULL, id TEXT NOT NULL, url TEXT NOT NULL, title TEXT NOT NULL, published INTEGER NOT NULL, language TEXT NOT NULL,
 source TEXT NOT NULL, text TEXT NOT NULL, digest TEXT NOT NULL, seen_at INTEGER NOT NULL, UNIQUE (feed, id)) STRICT;
CREATE INDEX IF NOT EXISTS articles_digest ON articles (feed, digest);
CREATE INDEX IF NOT EXISTS articles_url ON articles (feed, url);
CREATE INDEX IF NOT EXISTS articles_age ON articles (feed, published);
CREATE TABLE IF NOT EXISTS words (term TEXT PRIMARY KEY, sound TEXT NOT NULL, head TEXT NOT NULL, tail TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS words_sound ON words (sound);
CREATE INDEX IF NOT EXISTS words_head ON words (head);
CREATE INDEX IF NOT EXISTS words_tail ON words (tail);
CREATE VIRTUAL TABLE IF NOT EXISTS names USING fts5 (terms, content='', contentless_delete=1, detail=none, tokenize='ascii');
CREATE VIRTUAL TABLE IF NOT EXISTS names_terms USING fts5vocab (names, row);
`

// file is the library on disk.
func (l *Library) file() string { return filepath.Join(l.dir, "library.db") }

// exists reports whether anything was ever imported or configured.
func (l *Library) exists() bool {
	_, err := os.Stat(l.file())
	return !errors.Is(err, fs.ErrNotExist)
}

// open gives the connections; with make, it makes the library where there is
// none. Without one it answers nil.
func (l *Library) open(ctx context.Context, make bool) (*sql.DB, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.db != nil {
		return l.db, nil
	}
	if !l.exists() {
		if !make {
			return nil, nil
		}
		if err := os.MkdirAll(l.dir, 0o700); err != nil {
			return nil, kyc.Errorf(kyc.Unavailable, "media_unwritable", "the folder of the news cannot be made: %w", unwrapPath(err))
		}
	}
	q := url.Values{"_pragma": {"busy_timeout(30000)", "journal_mode(wal)", "synchronous(full)", "temp_store(memory)", "cache_size(-4096)"}, "_txlock": {"immediate"}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: l.file()}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, unreadable(err)
	}
	db.SetMaxOpenConns(4)
	db.SetConnMaxIdleTime(time.Minute) // an idle server keeps no pages in memory
	if _, err := db.ExecContext(ctx, schema); err != nil {
		_ = db.Close()
		return nil, unreadable(err)
	}
	l.db = db
	return db, nil
}

func unreadable(err error) error {
	return kyc.Errorf(kyc.Unavailable, "media_unreadable", "the library of news cannot be read: %w", err)
}

func unwrapPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// Feed is where articles come from.
type Feed struct {
	ID  string `json:"id"`  // a-z, 0-9, _ and -, at most 50
	URL string `json:"url"` // https; empty for files alone
	// Format is feed, jsonl or csv; empty means that it is guessed.
	Format string `json:"format"`
	// Language of articles that name none, ISO 639-1.
	Language string `json:"language"`
	// KeepDays is how long an article is kept, counted from its publication or,
	// where that is not known, from its import.
	KeepDays int `json:"keep_days"`
}

// FeedStatus is a feed with what is known of it.
type FeedStatus struct {
	Feed
	kyc.ListVersion
	LastAttempt time.Time `json:"last_attempt"`
	LastError   string    `json:"last_error,omitempty"`
}

// Limits and defaults of feeds.
const (
	DefaultKeepDays = 3650
	maxKeepDays     = 36500
	// DefaultMaxAge is when a feed counts as stale if the caller does not say.
	DefaultMaxAge = 7 * 24 * time.Hour
)

var feedID = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,49}$`)

// listID is a feed's name among the lists of an answer.
func listID(feed string) string { return "media:" + feed }

// Configure adds a feed or changes one. Nothing else of it changes. Errors are
// Invalid invalid_feed with every problem.
func (l *Library) Configure(ctx context.Context, f Feed) error {
	if err := f.validate(); err != nil {
		return err
	}
	db, err := l.open(ctx, true)
	if err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, `INSERT INTO feeds (id, url, format, language, keep_days) VALUES (?,?,?,?,?)
 ON CONFLICT (id) DO UPDATE SET etag = CASE WHEN url = excluded.url THEN etag ELSE '' END, modified = CASE WHEN url = excluded.url THEN modified ELSE '' END,
 url = excluded.url, format = excluded.format, language = excluded.language, keep_days = excluded.keep_days`,
		f.ID, f.URL, f.Format, languageCode(f.Language), f.keep()); err != nil {
		return unreadable(err)
	}
	return nil
}

func (f Feed) keep() int {
	if f.KeepDays == 0 {
		return DefaultKeepDays
	}
	return f.KeepDays
}

func (f Feed) validate() error {
	var bad []kyc.Problem
	add := func(path, code, message string) {
		bad = append(bad, kyc.Problem{Path: path, Code: code, Message: message})
	}
	if !feedID.MatchString(f.ID) || f.ID == "provider" {
		add("/id", "feed_id_invalid", "a feed's id has 1 to 50 of a-z, 0-9, _ and -, and begins with a letter or digit; provider is the name of the HTTPS provider")
	}
	if f.URL != "" {
		u, err := url.Parse(f.URL)
		switch {
		case err != nil || u.Host == "" || len(f.URL) > maxURL:
			add("/url", "url_invalid", "this is no absolute URL such as https://example.com/feed.xml")
		case u.Scheme != "https" && u.Scheme != "http":
			add("/url", "url_scheme", "a feed's address begins with https://")
		case u.User != nil:
			add("/url", "url_credentials", "an address may not carry a user name or password")
		}
	}
	if f.Format != "" && f.Format != FormatFeed && f.Format != FormatJSONL && f.Format != FormatCSV {
		add("/format", "unknown_format", "the formats are feed (RSS, Atom), jsonl and csv")
	}
	if f.Language != "" && languageCode(f.Language) == "" {
		add("/language", "language_invalid", "a language is an ISO 639-1 code such as en")
	}
	if f.KeepDays < 0 || f.KeepDays > maxKeepDays {
		add("/keep_days", "keep_days_range", "articles can be kept for 1 to 36500 days")
	}
	if len(bad) == 0 {
		return nil
	}
	e := kyc.Errorf(kyc.Invalid, "invalid_feed", "the feed cannot be used: %s", bad[0].Message)
	e.Problems = bad
	return e
}

// Status lists the feeds in the order of their ids.
func (l *Library) Status(ctx context.Context) ([]FeedStatus, error) {
	db, err := l.open(ctx, false)
	if err != nil || db == nil {
		return nil, err
	}
	return statusOf(ctx, db, l.clock.Now(), DefaultMaxAge)
}

type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func statusOf(ctx context.Context, db queryer, now time.Time, maxAge time.Duration) ([]FeedStatus, error) {
	rows, err := db.QueryContext(ctx, `SELECT id, url, format, language, keep_days, version, entries, fetched_at, last_attempt, last_error FROM feeds ORDER BY id`)
	if err != nil {
		return nil, unreadable(err)
	}
	defer func() { _ = rows.Close() }()
	var out []FeedStatus
	for rows.Next() {
		var f FeedStatus
		var fetched, attempt int64
		if err := rows.Scan(&f.ID, &f.URL, &f.Format, &f.Language, &f.KeepDays, &f.Version, &f.Entries, &fetched, &attempt, &f.LastError); err != nil {
			return nil, unreadable(err)
		}
		f.List, f.ListVersion.Status = listID(f.ID), kyc.StatusNotConfigured
		if attempt > 0 {
			f.LastAttempt = time.Unix(attempt, 0).UTC()
		}
		if fetched > 0 {
			f.AsOf = time.Unix(fetched, 0).UTC()
			age := max(now.Sub(f.AsOf), 0)
			f.AgeSecs, f.ListVersion.Status = int64(age/time.Second), kyc.StatusOK
			if age > maxAge {
				f.ListVersion.Status = kyc.StatusStale
			}
		}
		if f.LastError != "" && fetched == 0 {
			f.ListVersion.Status = kyc.StatusError
		}
		out = append(out, f)
	}
	if err := rows.Err(); err != nil {
		return nil, unreadable(err)
	}
	return out, nil
}
