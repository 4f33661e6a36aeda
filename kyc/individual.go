package kyc

import "time"

// EntityState is the state of an individual of surface C.
type EntityState string

// The states that an individual itself can have; service profiles have more.
const (
	EntityActive  EntityState = "ACTIVE"
	EntityDeleted EntityState = "DELETED" // hidden from every read but the audit
)

// Individual is a person as surface C keeps one (api.md 5.10). Its ID is that
// of its Subject, which owns the data key and is stored beside it.
type Individual struct {
	Meta
	State     EntityState `json:"state"`
	DeletedAt time.Time   `json:"deleted_at,omitzero"`
	// Private is personal data: stored encrypted under the subject's key.
	Private IndividualData `json:"-"`
}

// IndividualData is what is known of a person. Countries are ISO 3166-1
// alpha-2; the surface translates to alpha-3. Each element has an ID of its
// own, so that it can be deleted.
type IndividualData struct {
	Name           PersonName        `json:"name,omitzero"`
	AlternateNames []PersonName      `json:"alternate_names,omitempty"`
	BirthDate      BirthDate         `json:"birth_date,omitzero"`
	AlternateDates []BirthDate       `json:"alternate_dates,omitempty"`
	Gender         string            `json:"gender,omitempty"` // MALE, FEMALE, NON_BINARY, OTHER, UNSPECIFIED
	BirthPlace     BirthPlace        `json:"birth_place,omitzero"`
	Nationality    string            `json:"nationality,omitempty"`
	Addresses      []PostalAddress   `json:"addresses,omitempty"`
	Phones         []PhoneNumber     `json:"phones,omitempty"`
	Emails         []EmailAddress    `json:"emails,omitempty"`
	Consents       []EntityConsent   `json:"consents,omitempty"`
	Attributes     map[string]any    `json:"attributes,omitempty"` // the customer's own
	References     []EntityReference `json:"references,omitempty"`
	// Duplicates are individuals that a check or a person called the same.
	Duplicates []DuplicateOf `json:"duplicates,omitempty"`
	// Unreadable is set by the store when the subject's key was destroyed.
	Unreadable bool `json:"unreadable,omitempty"`
}

// PersonName is one name of a person.
type PersonName struct {
	ID       ID     `json:"id,omitempty"`
	Type     string `json:"type,omitempty"` // alternate names: OTHER, ALIAS, PREVIOUS
	Given    string `json:"given,omitempty"`
	Middle   string `json:"middle,omitempty"`
	Family   string `json:"family,omitempty"`
	Other    string `json:"other,omitempty"`
	Prefix   string `json:"prefix,omitempty"`
	Suffix   string `json:"suffix,omitempty"`
	Display  string `json:"display,omitempty"`
	Language string `json:"language,omitempty"` // BCP 47
}

// BirthDate is a date of birth; parts that are unknown are zero.
type BirthDate struct {
	ID           ID     `json:"id,omitempty"`
	Type         string `json:"type,omitempty"` // GREGORIAN, or what the customer names
	Year         int    `json:"year,omitempty"`
	Month        int    `json:"month,omitempty"` // 1-12
	Day          int    `json:"day,omitempty"`   // 1-31
	Unstructured string `json:"unstructured,omitempty"`
	// Normalized is YYYY-MM-DD, YYYY-MM or YYYY.
	Normalized string `json:"normalized,omitempty"`
}

// BirthPlace is where a person was born.
type BirthPlace struct {
	Locality    string `json:"locality,omitempty"`
	Subdivision string `json:"subdivision,omitempty"`
	Country     string `json:"country,omitempty"`
}

// PostalAddress is one address of a person.
type PostalAddress struct {
	ID           ID     `json:"id,omitempty"`
	Type         string `json:"type,omitempty"`   // RESIDENTIAL_ADDRESS, POSTAL_ADDRESS, PLACE_OF_BIRTH, OTHER
	Status       string `json:"status,omitempty"` // CURRENT, PREVIOUS, FUTURE
	Unit         string `json:"unit,omitempty"`
	BuildingName string `json:"building_name,omitempty"`
	StreetNumber string `json:"street_number,omitempty"`
	StreetName   string `json:"street_name,omitempty"`
	StreetType   string `json:"street_type,omitempty"`
	Street       string `json:"street,omitempty"` // number, name and type in one line
	Neighborhood string `json:"neighborhood,omitempty"`
	Locality     string `json:"locality,omitempty"` // suburb or town
	District     string `json:"district,omitempty"`
	Subdivision  string `json:"subdivision,omitempty"` // state or province
	PostalCode   string `json:"postal_code,omitempty"`
	Country      string `json:"country,omitempty"`
	CareOf       string `json:"care_of,omitempty"`
	LongForm     string `json:"long_form,omitempty"`
}

// PhoneNumber is one telephone number, E.164 where it could be read so.
type PhoneNumber struct {
	ID     ID     `json:"id,omitempty"`
	Type   string `json:"type,omitempty"` // MOBILE, HOME, WORK, OTHER
	Number string `json:"number"`
	// Original is the number as it was given, where that differs.
	Original string `json:"original,omitempty"`
}

// EmailAddress is one mail address.
type EmailAddress struct {
	ID      ID     `json:"id,omitempty"`
	Address string `json:"address"`
}

// EntityConsent is a consent that was given, and perhaps withdrawn.
type EntityConsent struct {
	Type        string    `json:"type"` // GENERAL, DOCS, CREDITHEADER, UNDER18, PAYROLL, INSURANCE, SUPERANNUATION
	GivenAt     time.Time `json:"given_at,omitzero"`
	WithdrawnAt time.Time `json:"withdrawn_at,omitzero"`
}

// EntityReference is what another system calls the person.
type EntityReference struct {
	ID          ID     `json:"id,omitempty"`
	Type        string `json:"type,omitempty"`
	Name        string `json:"name"`
	Value       string `json:"value"`
	Description string `json:"description,omitempty"`
}

// DuplicateOf says how a duplicate was settled: keep (both are people of their
// own), duplicate (this one was marked) or original (the other was).
type DuplicateOf struct {
	SubjectID ID        `json:"subject_id"`
	Role      string    `json:"role"`
	By        string    `json:"by,omitempty"`
	At        time.Time `json:"at,omitzero"`
}

// EntityDocument is a paper of an individual (api.md 5.10).
type EntityDocument struct {
	Meta
	SubjectID ID     `json:"subject_id"`
	Type      string `json:"type"`  // DRIVERS_LICENSE, PASSPORT, …
	Class     string `json:"class"` // IDENTITY, SUPPORTING, REPORT, OTHER
	Country   string `json:"country,omitempty"`
	// ExpiryDate is YYYY-MM-DD; empty: it has none or none is known.
	ExpiryDate  string             `json:"expiry_date,omitempty"`
	Attachments []EntityAttachment `json:"attachments,omitempty"`
	DeletedAt   time.Time          `json:"deleted_at,omitzero"`
	// Private is personal data: stored encrypted under the subject's key.
	Private EntityDocumentData `json:"-"`
}

// EntityAttachment is one file of a document. Its bytes lie encrypted under
// the subject's key at BlobKey.
type EntityAttachment struct {
	ID          ID        `json:"id"`
	Side        string    `json:"side,omitempty"` // FRONT, BACK
	Type        string    `json:"type"`           // PHOTO, VIDEO, AUDIO, PDF, DOC, ZIP
	ContentType string    `json:"content_type"`   // as detected, not as claimed
	Size        int64     `json:"size"`
	SHA256      string    `json:"sha256"` // hex, of the plain bytes
	BlobKey     string    `json:"blob_key"`
	Page        int       `json:"page,omitempty"`
	Status      string    `json:"status"` // NORMAL, EXCLUDED, FAILED
	CreatedAt   time.Time `json:"created_at"`
	DeletedAt   time.Time `json:"deleted_at,omitzero"`
}

// EntityDocumentData is the personal part of a document.
type EntityDocumentData struct {
	Subdivision         string         `json:"subdivision,omitempty"`
	PrimaryIdentifier   string         `json:"primary_identifier,omitempty"`
	SecondaryIdentifier string         `json:"secondary_identifier,omitempty"`
	IssueDate           string         `json:"issue_date,omitempty"` // YYYY-MM-DD
	ValidFrom           string         `json:"valid_from,omitempty"`
	ValidTo             string         `json:"valid_to,omitempty"`
	Supplementary       map[string]any `json:"supplementary,omitempty"`
	// Files are the names of the attachments, by attachment ID.
	Files map[ID]string `json:"files,omitempty"`
	// Unreadable is set by the store when the subject's key was destroyed.
	Unreadable bool `json:"unreadable,omitempty"`
}

// ServiceProfile is how one individual stands with one service (api.md 5.10).
// There is at most one for each pair.
type ServiceProfile struct {
	Meta
	SubjectID   ID     `json:"subject_id"`
	ServiceName string `json:"service_name"`
	State       string `json:"state"` // INIT, AUTO, ACTIVE, ARCHIVED, BLOCKLISTED, INACTIVE, DELETED, DUPLICATE
	Assignee    string `json:"assignee,omitempty"`
	Reviewer    string `json:"reviewer,omitempty"`
	// The newest execution of this service, and the workflow it ran.
	WorkflowID        ID     `json:"workflow_id,omitempty"`
	WorkflowName      string `json:"workflow_name,omitempty"`
	LatestExecutionID ID     `json:"latest_execution_id,omitempty"`
	LatestRiskID      ID     `json:"latest_risk_id,omitempty"`
	// RiskOverride replaces the risk level of later executions while the
	// factors stay as they were when it was set.
	RiskOverride  *RiskOverride  `json:"risk_override,omitempty"`
	Subscriptions []Subscription `json:"subscriptions,omitempty"`
	// Private is personal data: stored encrypted under the subject's key.
	Private ServiceProfileData `json:"-"`
}

// ServiceProfileData is the personal part of a service profile.
type ServiceProfileData struct {
	CustomerReference string `json:"customer_reference,omitempty"`
	// Unreadable is set by the store when the subject's key was destroyed.
	Unreadable bool `json:"unreadable,omitempty"`
}

// Subscription is one kind of monitoring of a service profile.
type Subscription struct {
	Type         string    `json:"type"` // AML, ACTIVITY
	Enabled      bool      `json:"enabled"`
	WorkflowID   ID        `json:"workflow_id,omitempty"`
	WorkflowName string    `json:"workflow_name,omitempty"`
	EnabledAt    time.Time `json:"enabled_at,omitzero"`
	EnabledBy    string    `json:"enabled_by,omitempty"`
	DisabledAt   time.Time `json:"disabled_at,omitzero"`
	DisabledBy   string    `json:"disabled_by,omitempty"`
	// Lists are the versions of the lists the person was last screened
	// against, by list.
	Lists map[string]string `json:"lists,omitempty"`
	// CheckedAt is when that was.
	CheckedAt time.Time `json:"checked_at,omitzero"`
}

// Subscribed finds the subscription of a type, or nil.
func (p *ServiceProfile) Subscribed(kind string) *Subscription {
	for i := range p.Subscriptions {
		if p.Subscriptions[i].Type == kind {
			return &p.Subscriptions[i]
		}
	}
	return nil
}

// RiskOverride is a person's word on a risk level.
type RiskOverride struct {
	Level string    `json:"level"` // UNKNOWN, LOW, MEDIUM, HIGH, UNACCEPTABLE
	By    string    `json:"by"`
	At    time.Time `json:"at"`
	// Factors is the SHA-256 in hex of the factors it was set for: with other
	// factors it no longer holds.
	Factors   string `json:"factors"`
	RequestID string `json:"request_id,omitempty"`
}

// Matchlist is a customer's block, alert, review or allow list of surface C.
type Matchlist struct {
	Meta
	Name        string    `json:"name"`
	Description string    `json:"description,omitempty"`
	Action      string    `json:"action"`  // BLOCK, ALERT, ALLOW, REVIEW, NONE
	Entries     int       `json:"entries"` // how many it has
	Version     int64     `json:"version"` // grows with each change of its entries
	DeletedAt   time.Time `json:"deleted_at,omitzero"`
}

// MatchlistEntry is one entry: a person, a company, a document or a contact
// that shall be recognised. All its attributes must match.
type MatchlistEntry struct {
	Meta
	MatchlistID ID       `json:"matchlist_id"`
	Reasons     []string `json:"reasons,omitempty"` // codes, ^[A-Z0-9_-]{1,24}$
	// Hash is the HMAC of the attributes' normal form: an entry exists once.
	Hash string `json:"hash"`
	// Private is personal data: stored encrypted under the tenant's key.
	Private MatchlistEntryData `json:"-"`
}

// MatchlistEntryData is the personal part of an entry.
type MatchlistEntryData struct {
	// Attributes by kind (EMAIL_ADDRESS, IND_FAMILY_NAME, …).
	Attributes map[string]string `json:"attributes"`
	Comment    string            `json:"comment,omitempty"`
}
