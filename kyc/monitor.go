package kyc

import "time"

// WatchFrequency says when the people on a watchlist are screened again.
type WatchFrequency string

// The frequencies. on_update screens when a list that is monitored changed.
const (
	WatchDaily    WatchFrequency = "daily"
	WatchWeekly   WatchFrequency = "weekly"
	WatchOnUpdate WatchFrequency = "on_update"
)

// Next is when a watchlist that was checked at that time is due again; zero
// for one that waits for an update of its lists.
func (f WatchFrequency) Next(checked time.Time) time.Time {
	switch f {
	case WatchDaily:
		return checked.Add(24 * time.Hour)
	case WatchWeekly:
		return checked.Add(7 * 24 * time.Hour)
	}
	return time.Time{}
}

// WatchStatus is the state of a watchlist.
type WatchStatus string

// The states. A deleted watchlist keeps the record of its runs; the people on
// it are removed.
const (
	WatchActive  WatchStatus = "active"
	WatchPaused  WatchStatus = "paused"
	WatchDeleted WatchStatus = "deleted"
)

// Watch is a customer's watchlist: people and wallets that are screened again
// and again (api.md 3.12).
type Watch struct {
	Meta
	Name string `json:"name"`
	// Lists are the screening lists to ask; empty: all that are loaded.
	Lists         []string       `json:"lists_to_monitor,omitempty"`
	Frequency     WatchFrequency `json:"check_frequency"`
	Tags          []string       `json:"tags,omitempty"`
	Status        WatchStatus    `json:"status"`
	LastRunID     ID             `json:"last_run_id,omitempty"`
	LastCheckedAt time.Time      `json:"last_checked_at,omitzero"`
	// NextAt is when it is due; zero: when a list changes or somebody asks.
	// Only active watchlists become due.
	NextAt time.Time `json:"next_at,omitzero"`
	// Alert names people to tell, so it is stored encrypted under the
	// tenant's key.
	Alert AlertConfig `json:"-"`
}

// AlertConfig says what a customer wants to be told of, and where.
type AlertConfig struct {
	OnNewMatch        bool   `json:"on_new_match"`
	OnStatusChange    bool   `json:"on_status_change"`
	WebhookURL        string `json:"webhook_url,omitempty"`
	NotificationEmail string `json:"notification_email,omitempty"`
}

// IdentifierType says what the identifier of a watched subject is.
type IdentifierType string

// The identifier types.
const (
	IdentifierDocument IdentifierType = "document"
	IdentifierWallet   IdentifierType = "wallet"
)

// Watched is one party on a watchlist.
type Watched struct {
	Meta
	WatchID ID `json:"watch_id"`
	// SubjectID is the person's own record, where there is one; it never
	// changes, because its key encrypts the personal part. Without one the
	// tenant's key does.
	SubjectID ID `json:"subject_id,omitempty"`
	// SessionID is the session the party came from.
	SessionID      ID             `json:"session_id,omitempty"`
	IdentifierType IdentifierType `json:"identifier_type,omitempty"`
	Tags           []string       `json:"tags,omitempty"`
	LastCheckedAt  time.Time      `json:"last_checked_at,omitzero"`
	// Private is personal data: stored encrypted.
	Private WatchedData `json:"-"`
}

// WatchedData is the personal part of a watched party: who it is and what was
// found about it.
type WatchedData struct {
	FullName   string `json:"full_name"`
	Identifier string `json:"identifier,omitempty"`
	// BirthDate (YYYY-MM-DD, or as it was read) and Nationality are known of
	// parties whose documents a session read.
	BirthDate   string       `json:"birth_date,omitempty"`
	Nationality string       `json:"nationality,omitempty"`
	Matches     []MatchState `json:"matches,omitempty"`
	// Unreadable is set by the store when the subject's key was destroyed;
	// nobody can screen this party any more.
	Unreadable bool `json:"unreadable,omitempty"`
}

// MatchState is a hit that is known of a watched party. A later run compares
// its own hits with these to find what is new and what changed.
type MatchState struct {
	// Hash is the SHA-256 in hex of what the match says: when it changes, the
	// listed party changed.
	Hash string `json:"hash"`
	// Entry is the SHA-256 in hex of all that the list says of the entry, what no
	// match shows included; empty where that could not be looked up.
	Entry   string `json:"entry,omitempty"`
	List    string `json:"list"`
	EntryID string `json:"entry_id"` // the source's own id
	// Status is open, false_positive or true_positive.
	Status string    `json:"status"`
	Score  float64   `json:"score"` // 0-1
	Since  time.Time `json:"since"`
	// AsOf is when the content of the list that last named it was taken from its
	// source; an older content, on a node that is behind, takes nothing away.
	AsOf time.Time `json:"as_of,omitzero"`
}

// ListTally is what a monitoring run found on one list.
type ListTally struct {
	Checked int `json:"checked"`
	Matches int `json:"matches"`
}

// MonitorRun is one screening of a whole watchlist. It is written once.
type MonitorRun struct {
	Meta
	WatchID ID     `json:"watch_id"`
	Trigger string `json:"trigger"` // schedule, list_update, request
	By      Actor  `json:"by"`
	// Checked, Unreadable and Failed add up to everybody on the watchlist:
	// screened, erased in the meantime, and not answered by any list.
	Checked         int `json:"subjects_checked"`
	Unreadable      int `json:"subjects_unreadable,omitempty"`
	Failed          int `json:"subjects_failed,omitempty"`
	TotalMatches    int `json:"total_matches"`
	PreviousMatches int `json:"previous_matches"`
	NewMatches      int `json:"new_matches_count"`
	// HasChanges is true when a match is new, changed or gone.
	HasChanges bool                 `json:"has_changes"`
	ByList     map[string]ListTally `json:"results_by_list,omitempty"`
	// Lists proves which state of each list was asked, and which could not be.
	Lists []ListVersion `json:"lists,omitempty"`
	// Loaded are the versions of all lists when it began, those that were not
	// asked included, by list.
	Loaded map[string]string `json:"loaded,omitempty"`
	// Basis is a digest of what the answers rest on beside the lists and the
	// parties: the settings and the program.
	Basis string `json:"basis,omitempty"`
	// Changed are the watched parties with a new, changed or gone match.
	Changed    []ID      `json:"changed,omitempty"`
	CheckedAt  time.Time `json:"checked_at"`
	DurationMS int64     `json:"duration_ms"`
}

// TagCount is a tag and how many watchlists and watched parties carry it.
type TagCount struct {
	Tag     string `json:"tag"`
	Watches int    `json:"watchlists"`
	Watched int    `json:"subjects"`
}

// WatchFilter selects watchlists. Deleted ones are shown only when Status
// asks for them. An empty field does not filter.
type WatchFilter struct {
	Status    WatchStatus
	Frequency WatchFrequency
	Tag       string
}

// WatchedFilter selects watched parties. An empty field does not filter.
type WatchedFilter struct {
	WatchID   ID
	SubjectID ID
	SessionID ID
	Tag       string
}
