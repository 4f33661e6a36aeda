package media

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"bonafide/kyc"
	"bonafide/roster"
	"bonafide/screen"
)

// DefaultThreshold is the score from which a mention is taken for the party.
const DefaultThreshold = 0.78

// Query is one party to look for.
type Query struct {
	Name    string
	Aliases []string
	Company bool
	// Born is YYYY, YYYY-MM or YYYY-MM-DD, or two years YYYY/YYYY between which
	// the party was born, as an age tells; anything else is ignored.
	Born    string
	Country string // ISO 3166-1 alpha-2
	// Feeds to ask; empty asks every one that was imported.
	Feeds []string
	// Threshold is the lowest score of a mention, 0-1; 0 means DefaultThreshold.
	Threshold float64
	// Limit of findings, the gravest first; 0 means 20, at most 1000.
	Limit int
	// MaxAge is when a feed counts as stale; 0 means DefaultMaxAge.
	MaxAge time.Duration
	// At is the time to judge ages by; zero means the library's clock.
	At time.Time
}

// Finding is one article that names the party beside something adverse.
type Finding struct {
	Article
	Feed    string `json:"feed"`
	Version string `json:"version"` // of the feed
	// Mention is the name as the article writes it, Score how well it agrees
	// (0-1), with rows that add up to it.
	Mention  string           `json:"mention"`
	Score    float64          `json:"score"`
	Features []kyc.HitFeature `json:"features"`
	Role     Role             `json:"role"`
	// Negated says that the party was cleared, acquitted or not charged.
	Negated    bool     `json:"negated"`
	Category   string   `json:"category"`
	Categories []string `json:"categories"`
	// Risk is 0-100, with rows that add up to it.
	Risk    float64 `json:"risk"`
	Why     []Row   `json:"why"`
	Summary string  `json:"summary"`
	Snippet string  `json:"snippet"`
	// Unread says that the article is in a language that is not read.
	Unread bool `json:"unread"`
	// Digest is the SHA-256 in hex of what the article says and when
	// (Library.Says).
	Digest string `json:"digest"`
}

// Adverse reports whether the finding weighs against the party, or did until
// it was cleared.
func (f Finding) Adverse() bool { return f.Role.Adverse() || f.Unread }

// Result is the answer to one Query.
type Result struct {
	Findings []Finding         `json:"findings"`
	Lists    []kyc.ListVersion `json:"feeds"`
	// Read counts the articles that were read, Mentions those that name the
	// party.
	Read     int `json:"read"`
	Mentions int `json:"mentions"`
	// Cut says that more articles have the words of the name than were read.
	Cut   bool     `json:"cut"`
	Notes []string `json:"notes,omitempty"`
	// Err is set when the query cannot be asked at all.
	Err *kyc.Error `json:"-"`
}

// Worst sums up the feeds: StatusOK only if every one that was asked is there
// and fresh. No feed at all is StatusNotConfigured.
func (r Result) Worst() kyc.AnswerStatus {
	if r.Err != nil {
		if r.Err.Kind == kyc.Unavailable {
			return kyc.StatusUnavailable
		}
		return kyc.StatusError
	}
	if len(r.Lists) == 0 {
		return kyc.StatusNotConfigured
	}
	order := []kyc.AnswerStatus{kyc.StatusOK, kyc.StatusStale, kyc.StatusUnavailable, kyc.StatusNotConfigured, kyc.StatusError}
	worst := kyc.StatusOK
	for _, l := range r.Lists {
		if slices.Index(order, l.Status) > slices.Index(order, worst) || !slices.Contains(order, l.Status) {
			worst = l.Status
		}
	}
	return worst
}

// Limits of one search.
const (
	maxRead      = 1500 // articles, the newest first
	maxVariants  = 60   // spellings of one word
	variantAlike = 0.80
	defaultLimit = 20
	maxLimit     = 1000
)

// Search looks for a party in the news.
func (l *Library) Search(ctx context.Context, q Query) Result {
	r, err := l.search(ctx, q)
	if err != nil {
		r.Err = kyc.AsError(err)
		r.Findings = nil
	}
	return r
}

func (l *Library) search(ctx context.Context, q Query) (Result, error) {
	var r Result
	if q.At.IsZero() {
		q.At = l.clock.Now()
	}
	if q.MaxAge <= 0 {
		q.MaxAge = DefaultMaxAge
	}
	if q.Threshold <= 0 {
		q.Threshold = DefaultThreshold
	}
	db, err := l.open(ctx, false)
	if err != nil {
		return r, err
	}
	if db != nil {
		tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}) // one state of all feeds
		if err != nil {
			return r, unreadable(err)
		}
		defer func() { _ = tx.Rollback() }()
		if err := r.ask(ctx, tx, q); err != nil {
			return r, err
		}
		namesake, bad := screen.NewNamesake(q.Name, q.Aliases)
		if bad != nil {
			return r, bad
		}
		if err := l.find(ctx, tx, q, namesake, &r); err != nil {
			return r, err
		}
	} else {
		for _, id := range q.Feeds {
			r.Lists = append(r.Lists, kyc.ListVersion{List: listID(id), Status: kyc.StatusNotConfigured})
		}
		if _, bad := screen.NewNamesake(q.Name, q.Aliases); bad != nil {
			return r, bad
		}
	}
	return r, nil
}

// ask names the feeds that are asked with their states. A feed that was named
// and is not there is not configured.
func (r *Result) ask(ctx context.Context, tx queryer, q Query) error {
	all, err := statusOf(ctx, tx, q.At, q.MaxAge)
	if err != nil {
		return err
	}
	for _, f := range all {
		if len(q.Feeds) == 0 && (f.Version != "" || f.LastError != "") || slices.Contains(q.Feeds, f.ID) {
			r.Lists = append(r.Lists, f.ListVersion)
		}
	}
	for _, id := range q.Feeds {
		if !slices.ContainsFunc(r.Lists, func(l kyc.ListVersion) bool { return l.List == listID(id) }) {
			r.Lists = append(r.Lists, kyc.ListVersion{List: listID(id), Status: kyc.StatusNotConfigured})
		}
	}
	return nil
}

// find reads the candidates.
func (l *Library) find(ctx context.Context, tx *sql.Tx, q Query, namesake *screen.Namesake, r *Result) error {
	match, err := matchQuery(ctx, tx, namesake)
	if err != nil || match == "" {
		return err
	}
	where, args := "", []any{match}
	if len(q.Feeds) > 0 {
		where = " AND feed IN (?" + strings.Repeat(",?", len(q.Feeds)-1) + ")"
		for _, id := range q.Feeds {
			args = append(args, id)
		}
	}
	args = append(args, maxRead+1)
	rows, err := tx.QueryContext(ctx, `SELECT n, feed, id, url, title, published, language, source, text, digest FROM articles WHERE n IN (SELECT rowid FROM names WHERE names MATCH ?)`+where+`
 ORDER BY published DESC, n LIMIT ?`, args...)
	if err != nil {
		return unreadable(err)
	}
	defer func() { _ = rows.Close() }()
	p := party{company: q.Company || namesake.LegalForm(), country: q.Country}
	if len(q.Born) >= 4 {
		if y, err := strconv.Atoi(q.Born[:4]); err == nil {
			p.born, p.bornTo = y, y
		}
		if from, to, ok := strings.Cut(q.Born, "/"); ok {
			if y, err := strconv.Atoi(to); err == nil && len(from) == 4 && len(to) == 4 && y >= p.born {
				p.bornTo = y
			} else {
				p.born, p.bornTo = 0, 0
			}
		}
	}
	if q.Born != "" && p.born == 0 {
		r.Notes = append(r.Notes, "the date of birth could not be read and was not used")
	}
	if code := roster.CountryCode(strings.ToUpper(q.Country)); q.Country != "" && code != "" {
		p.country = code
	}
	seen := map[string]bool{}
	for rows.Next() {
		var a Article
		var n, published int64
		var feed, digest string
		if err := rows.Scan(&n, &feed, &a.ID, &a.URL, &a.Title, &published, &a.Language, &a.Source, &a.Text, &digest); err != nil {
			return unreadable(err)
		}
		if r.Read >= maxRead {
			r.Cut = true
			break
		}
		if seen[digest] || a.URL != "" && seen[a.URL] {
			continue // another feed brought it later, too
		}
		seen[digest], seen[a.URL] = true, true
		a.Published = unstamp(published)
		r.Read++
		f, named := l.finding(&a, namesake, p, q)
		if named {
			r.Mentions++
		}
		if f != nil {
			f.Feed, f.Digest = feed, said(digest, published)
			for _, list := range r.Lists {
				if list.List == listID(feed) {
					f.Version = list.Version
				}
			}
			r.Findings = append(r.Findings, *f)
		}
	}
	if err := rows.Err(); err != nil {
		return unreadable(err)
	}
	slices.SortStableFunc(r.Findings, compareFindings)
	limit := q.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	if limit = min(limit, maxLimit); len(r.Findings) > limit {
		r.Notes = append(r.Notes, fmt.Sprintf("%d more articles name the party; the gravest are shown", len(r.Findings)-limit))
		r.Findings = slices.Clip(r.Findings[:limit])
	}
	return nil
}

func compareFindings(a, b Finding) int {
	adverse := func(f Finding) int {
		if f.Adverse() {
			return 1
		}
		return 0
	}
	return cmp.Or(-cmp.Compare(adverse(a), adverse(b)), -cmp.Compare(a.Risk, b.Risk), -cmp.Compare(a.Score, b.Score), b.Published.Compare(a.Published), cmp.Compare(a.Feed, b.Feed), cmp.Compare(a.ID, b.ID))
}

// finding reads one article. named says that the party is in it at all.
func (l *Library) finding(a *Article, namesake *screen.Namesake, p party, q Query) (f *Finding, named bool) {
	r := l.read(a, namesake, min(q.Threshold, DefaultThreshold))
	if !r.seen {
		return nil, false
	}
	score, features := r.evidence(p, a.Published)
	if score < q.Threshold {
		return nil, false
	}
	v, ok := r.judge()
	if !ok {
		return nil, true
	}
	risk, why := v.risk(a.Published, q.At)
	f = &Finding{Article: *a, Score: score, Features: features, Role: v.role, Negated: v.clearing != "", Category: v.category, Categories: v.categories,
		Risk: risk, Why: why, Unread: v.unread}
	f.Mention, _, _ = r.mention()
	f.Summary = v.summarise(f.Mention)
	f.Snippet = cut(r.snippet(v, r.sentenceText(a)), maxSnippet)
	f.Text = ""
	if f.Categories == nil {
		f.Categories = []string{}
	}
	return f, true
}

// sentenceText gives the text of a sentence by number.
func (r *reading) sentenceText(a *Article) func(int) string {
	return func(n int) string {
		s := r.scenes[n]
		if len(s.words) == 0 {
			return ""
		}
		from, to := s.words[0].start, s.words[len(s.words)-1].end
		if s.headline {
			return a.Title[from:to]
		}
		return a.Text[from:to]
	}
}

// said is the SHA-256 in hex of an article's digest and date.
func said(digest string, published int64) string {
	sum := sha256.Sum256([]byte(digest + "\x00" + strconv.FormatInt(published, 10)))
	return hex.EncodeToString(sum[:])
}

// Says is the Digest of an article of a feed. ok is false where there is no such
// article, or the library cannot be read.
func (l *Library) Says(ctx context.Context, feed, id string) (digest string, ok bool) {
	db, err := l.open(ctx, false)
	if err != nil || db == nil {
		return "", false
	}
	var published int64
	if err := db.QueryRowContext(ctx, `SELECT digest, published FROM articles WHERE feed = ? AND id = ?`, feed, id).Scan(&digest, &published); err != nil {
		return "", false
	}
	return said(digest, published), true
}
