package kyc

import "time"

// InquiryType is one thing that is asked about a party outside of a session
// (surface D's standalone checks, api.md 6.12).
type InquiryType string

// The types.
const (
	InquirySanction InquiryType = "sanction"
	InquiryPEP      InquiryType = "pep"
	InquiryMedia    InquiryType = "adverse_media"
	InquiryCrypto   InquiryType = "crypto"
	InquiryEmail    InquiryType = "email_risk"
	InquiryPhone    InquiryType = "phone_risk"
	InquiryIP       InquiryType = "ip_risk"
)

// InquiryResult sums an inquiry up. Only clear says that nothing was found: each
// part answered from fresh data and nobody is open.
type InquiryResult string

// The results.
const (
	InquiryClear      InquiryResult = "clear"
	InquiryHits       InquiryResult = "hits"       // somebody may be meant
	InquiryConcern    InquiryResult = "concern"    // no hit, and yet no pass
	InquiryIncomplete InquiryResult = "incomplete" // some part did not answer, and nobody was found
)

// Inquiry is what was asked about one party, and what was answered last. It is
// asked again by hand, on a schedule, or when a list changed.
type Inquiry struct {
	Meta
	// SubjectID is the person's own record; its key encrypts the personal part.
	SubjectID   ID            `json:"subject_id"`
	ExternalRef string        `json:"external_ref,omitempty"`
	Kind        string        `json:"kind"` // person, company
	Types       []InquiryType `json:"types"`
	// Full is true for a screening (several types at once).
	Full   bool          `json:"full,omitempty"`
	Result InquiryResult `json:"result"`
	// Open, Cleared and Confirmed count the hits by what people said of them.
	Open      int       `json:"open"`
	Cleared   int       `json:"cleared"`
	Confirmed int       `json:"confirmed"`
	AskedAt   time.Time `json:"asked_at"`
	Asked     int       `json:"asked"` // how often
	// Monitor is how often it is asked again; empty: never by itself.
	Monitor WatchFrequency `json:"monitor,omitempty"`
	NextAt  time.Time      `json:"next_at,omitzero"`
	// Lists are the versions of the lists that were in force when it was asked
	// last; those that were not in order are missing.
	Lists map[string]string `json:"lists,omitempty"`
	// Private is personal data: stored encrypted.
	Private InquiryData `json:"-"`
}

// InquiryData is the personal part of an inquiry.
type InquiryData struct {
	Name      string `json:"name"` // the whole name
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	BirthDate string `json:"birth_date,omitempty"` // YYYY-MM-DD
	Country   string `json:"country,omitempty"`    // ISO 3166-1 alpha-2
	Document  string `json:"document,omitempty"`
	Email     string `json:"email,omitempty"`
	Phone     string `json:"phone,omitempty"`
	IP        string `json:"ip,omitempty"`
	Wallet    string `json:"wallet,omitempty"`
	// Parts are the answers of the last time, one for each type, in its order.
	Parts []InquiryPart `json:"parts,omitempty"`
	// Known are the hits that were ever found and are not gone.
	Known []InquiryHit `json:"known,omitempty"`
	// Unreadable is set by the store when the subject's key was destroyed.
	Unreadable bool `json:"unreadable,omitempty"`
}

// InquiryPart is the answer to one type.
type InquiryPart struct {
	Type   InquiryType `json:"type"`
	Answer Answer      `json:"answer"`
}

// InquiryHit is what is known of one hit: what people said of it holds until
// the list says something else of the entry.
type InquiryHit struct {
	Type    InquiryType `json:"type"`
	List    string      `json:"list"`
	EntryID string      `json:"entry_id"`
	// Digest is the SHA-256 in hex of what the list says of the entry; Asked
	// the blind index of what was asked (see HitMark), empty where there is none.
	Digest string    `json:"digest"`
	Asked  string    `json:"asked,omitempty"`
	Since  time.Time `json:"since"`
	// AsOf is when the content of the list that last named it was taken from its
	// source; an older content, on a node that is behind, takes nothing away.
	AsOf time.Time `json:"as_of,omitzero"`
	// Status is open, false_positive or true_positive, as By said At.
	Status string    `json:"status"`
	By     Actor     `json:"by,omitzero"`
	At     time.Time `json:"at,omitzero"`
	Reason string    `json:"reason,omitempty"`
}

// InquiryFilter selects inquiries.
type InquiryFilter struct {
	SubjectID   ID
	ExternalRef string
	Result      InquiryResult
	// Monitored keeps those that are asked again by themselves.
	Monitored bool
	From, To  time.Time // of creation
}
