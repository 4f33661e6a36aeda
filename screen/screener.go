package screen

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"bonafide/kyc"
)

// Options of Open.
type Options struct {
	// Dir holds one folder per list (serve's --lists). It is made if missing.
	Dir string
	// Clock defaults to the system's.
	Clock kyc.Clock
	// Log defaults to silence. Names of subjects are never logged.
	Log *slog.Logger
}

// Screener keeps the lists of one folder in memory and answers queries. All
// methods may be called from many goroutines; a reload never pauses queries.
type Screener struct {
	dir   string
	clock kyc.Clock
	log   *slog.Logger

	state atomic.Pointer[state]
	// write serialises imports, updates and reloads of this process.
	write sync.Mutex
}

// state is one immutable view of all lists.
type state struct {
	lists map[string]*list // by list id
	ids   []string         // sorted
}

// list is one list as it stands in memory.
type list struct {
	manifest manifest
	stamp    stamp
	index    *index // nil when the content cannot be used
	// problem is why the newest state on disk is not the one in force.
	problem string
}

// ListStatus is what `bonafide lists status` and the API show for a list.
type ListStatus struct {
	kyc.ListVersion
	// Source is the format the list was read with.
	Source string `json:"source"`
	// Published is the date the source itself bears, where it bears one.
	Published time.Time `json:"published,omitzero"`
	// LastAttempt is when somebody last tried to import or update it.
	LastAttempt time.Time `json:"last_attempt,omitzero"`
	// LastError is why the last attempt failed; empty when it succeeded.
	LastError string `json:"last_error,omitempty"`
	// Running is true while an import or update of this list is under way in
	// this process.
	Running bool `json:"running"`
	// Official reports that `lists update` knows an address for it.
	Official bool `json:"official"`
}

// Import reads a list from files and puts it in force. The format is one of
// Formats(); an empty listID means the format's own id. On any error the last
// good state stays, the error is recorded, and the error is a *kyc.Error with
// one of the codes list_empty, list_truncated, list_incomplete,
// list_wrong_delimiter, list_shrunk, list_format, list_too_large,
// list_unreadable, unknown_format, invalid_list_id. Force accepts a list that
// shrank by more than a fifth.
func (s *Screener) Import(ctx context.Context, format, listID string, files []string, force bool) (kyc.ListVersion, error) {
	return kyc.ListVersion{}, nil
}

// UpdateOptions of Update.
type UpdateOptions struct {
	// Lists to update, by format or list id; empty means all official ones.
	Lists []string
	// Client defaults to one with a 2-minute limit per file.
	Client *http.Client
	// Base replaces scheme and host of the official addresses (tests, mirrors
	// inside a company), keeping path and query.
	Base string
	// Attempts per file (default 3) and the wait before the second (default
	// 2 s, then doubled).
	Attempts int
	Wait     time.Duration
	// Force accepts a list that shrank by more than a fifth.
	Force bool
}

// Updated is the outcome for one list.
type Updated struct {
	List    string
	Version kyc.ListVersion
	Changed bool  // new content is in force
	Err     error // nil, or why the last good state stayed
}

// Update fetches the official lists. Errors are recorded per list and never
// stop the others.
func (s *Screener) Update(ctx context.Context, o UpdateOptions) []Updated { return nil }

// Status lists every list that is known here, sorted by id: those imported
// and those that an import was tried for.
func (s *Screener) Status() []ListStatus { return nil }

// Open loads every list of a folder. A list that cannot be loaded does not
// fail the others: it is there with StatusError.
func Open(o Options) (*Screener, error) { return &Screener{}, nil }

// Match screens one party.
func (s *Screener) Match(q Query) Result { return Result{} }

// Reload looks whether the lists on disk changed (another process imported
// one) and puts the new ones in force. It answers the ids that changed.
func (s *Screener) Reload() ([]string, error) { return nil, nil }

// Watch reloads at every tick until the context ends or the channel closes.
func (s *Screener) Watch(ctx context.Context, tick <-chan time.Time) {}

// InstallDemo imports the fictional demonstration list under the id "demo".
func (s *Screener) InstallDemo(ctx context.Context) (kyc.ListVersion, error) {
	return kyc.ListVersion{}, nil
}
// Explain renders a hit for a terminal.
func Explain(h kyc.Hit) string { return "" }
type manifest struct{}
type stamp struct{}
type index struct{}
type Span struct{}
func clean(s string) string { return s }
func countryCode(s string) string { return s }
