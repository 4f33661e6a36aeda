package entity

import (
	"context"

	"bonafide/kyc"
)

// NewIndividual is a request for an individual. The IDs of Data are ignored:
// every element gets a new one. Duplicates and Unreadable are not the caller's.
type NewIndividual struct {
	Data      kyc.IndividualData
	Documents []NewDocument
}

// Fresh is an individual that is about to be stored: Change holds it with its
// subject, documents, traits and events. Whoever commits Change otherwise than
// by Create calls Discard when the commit failed, which removes the files that
// were stored for it.
type Fresh struct {
	Individual kyc.Individual
	Documents  []kyc.EntityDocument
	Change     kyc.Change
	Discard    func(ctx context.Context)
}

// Prepare makes an individual without storing it (C3: the commit begins an
// execution, too). Errors: Invalid invalid_individual with every problem.
func (m *Machine) Prepare(ctx context.Context, t kyc.Tenant, by kyc.Actor, n NewIndividual) (Fresh, error) {
	panic("not yet")
}

// Create stores a new individual with its documents (C15). Errors: Invalid
// invalid_individual with every problem.
func (m *Machine) Create(ctx context.Context, t kyc.Tenant, by kyc.Actor, n NewIndividual) (kyc.Individual, []kyc.EntityDocument, error) {
	panic("not yet")
}

// Individual reads an individual and records the look.
func (m *Machine) Individual(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) (kyc.Individual, error) {
	panic("not yet")
}

// Individuals gives a page of individuals, newest first unless the filter says
// otherwise, with how many there are in all, and records the look. Deleted
// ones are never shown.
func (m *Machine) Individuals(ctx context.Context, t kyc.Tenant, by kyc.Actor, f kyc.IndividualFilter, p kyc.Page) ([]kyc.Individual, int, error) {
	panic("not yet")
}

// Patch changes an individual (C15). Set holds what the body has: a text or
// number that is not empty replaces; Name, BirthDate and BirthPlace are merged
// member by member. Of the lists (AlternateNames, AlternateDates, Addresses,
// Phones, Emails, References) an element whose ID is known is replaced as a
// whole, one without an ID is appended unless the same is there already, and an
// unknown ID is a problem; Consents are told apart by their type. Attributes
// are merged by key. Clear are JSON Pointers in the words of kyc of the members
// that the body set to null: /gender, /nationality, /birth_date,
// /birth_date/day, /birth_place, /birth_place/country, /name/middle,
// /attributes, /attributes/key, and so on.
type Patch struct {
	Set   kyc.IndividualData
	Clear []string
}

// Patch applies a patch. Errors: 404; 412; Invalid invalid_individual with
// every problem.
func (m *Machine) Patch(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, p Patch) (kyc.Individual, error) {
	panic("not yet")
}

// Delete hides an individual from every read but the audit (C15); its service
// profiles are DELETED and no longer monitored. With erase its data key is
// destroyed with everything personal, beyond recovery, and its files are
// removed. Errors: 404; 412; with erase 409 execution_running and 409
// legal_hold.
func (m *Machine) Delete(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, erase bool) error {
	panic("not yet")
}

// DeleteName removes an alternate name (C16). The main name stays: 409
// main_name.
func (m *Machine) DeleteName(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, name kyc.ID) (kyc.Individual, error) {
	panic("not yet")
}

// DeleteBirthDate removes a date of birth, the main one or an alternate.
func (m *Machine) DeleteBirthDate(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, date kyc.ID) (kyc.Individual, error) {
	panic("not yet")
}

// DeleteAddress removes an address.
func (m *Machine) DeleteAddress(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, address kyc.ID) (kyc.Individual, error) {
	panic("not yet")
}

// DeleteEmail removes a mail address.
func (m *Machine) DeleteEmail(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, email kyc.ID) (kyc.Individual, error) {
	panic("not yet")
}

// DeletePhone removes a telephone number.
func (m *Machine) DeletePhone(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, phone kyc.ID) (kyc.Individual, error) {
	panic("not yet")
}

// DeleteReference removes an external reference.
func (m *Machine) DeleteReference(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, reference kyc.ID) (kyc.Individual, error) {
	panic("not yet")
}

// WithdrawConsent ends a consent; it stays on record with both times. One that
// was withdrawn already is answered as it stands. Errors: 404 when it was never
// given.
func (m *Machine) WithdrawConsent(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, consent string) (kyc.Individual, error) {
	panic("not yet")
}

// NewDocument is a request for a document of an individual.
type NewDocument struct {
	Type        string // of kyc.EntityDocumentTypes
	Country     string // ISO 3166-1 alpha-2
	Subdivision string
	// PrimaryIdentifier is the document's number, SecondaryIdentifier another
	// one (a card number).
	PrimaryIdentifier   string
	SecondaryIdentifier string
	// Dates are YYYY-MM-DD.
	IssueDate, ExpiryDate, ValidFrom, ValidTo string
	Supplementary                             map[string]any
	Attachments                               []NewAttachment
}

// NewAttachment is one file. Its type is detected from its bytes (JPEG, PNG,
// WebP, TIFF: PHOTO; PDF: PDF; everything else is refused).
type NewAttachment struct {
	Data []byte // at most 20 MiB
	Name string // of the file, at most 255 bytes
	Side string // FRONT, BACK or empty
	Page int    // 1-based; 0: not said
}

// AddDocument stores a document (C17). Errors: 404; Invalid invalid_document
// with every problem, also of its files (attachments/0/data).
func (m *Machine) AddDocument(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, n NewDocument) (kyc.EntityDocument, error) {
	panic("not yet")
}

// Documents gives an individual's documents, oldest first, and records the
// look. Deleted documents and attachments are left out.
func (m *Machine) Documents(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) ([]kyc.EntityDocument, error) {
	panic("not yet")
}

// Document reads one document and records the look.
func (m *Machine) Document(ctx context.Context, t kyc.Tenant, by kyc.Actor, id, document kyc.ID) (kyc.EntityDocument, error) {
	panic("not yet")
}

// DocumentPatch changes a document: what is not empty in Set replaces,
// Supplementary is merged by key, and Attachments are appended. Clear are JSON
// Pointers of members that the body set to null (/expiry_date,
// /supplementary/key).
type DocumentPatch struct {
	Set   NewDocument
	Clear []string
}

// PatchDocument applies a patch (C17). Errors as AddDocument, and 412.
func (m *Machine) PatchDocument(ctx context.Context, t kyc.Tenant, by kyc.Actor, id, document kyc.ID, rev int64, p DocumentPatch) (kyc.EntityDocument, error) {
	panic("not yet")
}

// DeleteDocument hides a document with its attachments. The bytes stay until
// the person is erased: what was decided on them must stay provable.
func (m *Machine) DeleteDocument(ctx context.Context, t kyc.Tenant, by kyc.Actor, id, document kyc.ID, rev int64) error {
	panic("not yet")
}

// DeleteAttachment hides one attachment. An empty document finds it among all
// of the individual's.
func (m *Machine) DeleteAttachment(ctx context.Context, t kyc.Tenant, by kyc.Actor, id, document, attachment kyc.ID, rev int64) (kyc.EntityDocument, error) {
	panic("not yet")
}

// AttachmentBytes reads the plain bytes of an attachment and records the look.
// An empty document finds it among all of the individual's.
func (m *Machine) AttachmentBytes(ctx context.Context, t kyc.Tenant, by kyc.Actor, id, document, attachment kyc.ID) (kyc.EntityAttachment, []byte, error) {
	panic("not yet")
}

// Profiles gives how an individual stands with its services, newest first, and
// records the look (C18).
func (m *Machine) Profiles(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) ([]kyc.ServiceProfile, error) {
	panic("not yet")
}

// Profile reads the service profile of one service and records the look.
func (m *Machine) Profile(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, service string) (kyc.ServiceProfile, error) {
	panic("not yet")
}

// ProfileChange changes what is not nil; "" empties Assignee, Reviewer and
// CustomerReference. State is AUTO, ACTIVE, ARCHIVED, BLOCKLISTED, INACTIVE or
// DUPLICATE; INIT and DELETED are the machine's own.
type ProfileChange struct {
	State             *string
	Assignee          *string
	Reviewer          *string
	CustomerReference *string
}

// PatchProfile changes a service profile. Errors: 404; 412; Invalid
// invalid_profile with every problem.
func (m *Machine) PatchProfile(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, service string, rev int64, c ProfileChange) (kyc.ServiceProfile, error) {
	panic("not yet")
}

// Query is a partial entity (C21). At least one member up to CustomerReference
// must be given; ServiceName and States only keep those who have such a service
// profile.
type Query struct {
	EntityID  kyc.ID
	Given     string // given, middle and other names, in any order
	Family    string
	BirthDate kyc.BirthDate // the parts that are known
	Emails    []string
	Phones    []string
	Documents []DocumentQuery
	// References look at the values of external references.
	References        []ReferenceQuery
	CustomerReference string // of a service profile

	ServiceName string
	States      []string // of the service profile
	// MinConfidence leaves out who is less likely, 0-100; 0: 1.
	MinConfidence int
}

// DocumentQuery is a document's number; type and country narrow it.
type DocumentQuery struct {
	Type, Country, Number string
}

// ReferenceQuery is an external reference; the name narrows it.
type ReferenceQuery struct {
	Name, Value string
}

// Match is one individual that a query may mean.
type Match struct {
	Individual kyc.Individual
	Profiles   []kyc.ServiceProfile // those that the query keeps, newest first
	// Confidence is 0-100: the weight of what agrees among what was asked.
	Confidence int
	// Fields name what agreed, in the words of Query: entity_id, family, given,
	// birth_date, email, phone, document, reference, customer_reference.
	Fields []string
}

// Found is a page of matches, the most likely first.
type Found struct {
	Matches []Match
	Total   int
	// Truncated says that more people may agree than were looked at: the query
	// is too wide.
	Truncated bool
}

// Search finds individuals by a partial entity and records the look. It never
// reads everybody: candidates come from blind traits and each is verified on
// its decrypted data. Errors: Invalid invalid_search with every problem.
func (m *Machine) Search(ctx context.Context, t kyc.Tenant, by kyc.Actor, q Query, p kyc.Page) (Found, error) {
	panic("not yet")
}

// Audit gives what happened to an individual, its documents, service profiles
// and executions, newest first, with how many entries there are (C24). It works
// for deleted and erased ones, too, and records the look.
func (m *Machine) Audit(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, p kyc.Page) ([]kyc.Event, int, error) {
	panic("not yet")
}

// NewMatchlist is a request for a matchlist. Action is BLOCK, ALERT, ALLOW,
// REVIEW or NONE; empty: NONE.
type NewMatchlist struct {
	Name        string // 1-100 characters
	Description string
	Action      string
}

// CreateMatchlist makes an empty list (C25). Errors: Invalid invalid_matchlist
// with every problem; 409 matchlist_exists for a name that is taken, in any
// case.
func (m *Machine) CreateMatchlist(ctx context.Context, t kyc.Tenant, by kyc.Actor, n NewMatchlist) (kyc.Matchlist, error) {
	panic("not yet")
}

// Matchlist reads one list.
func (m *Machine) Matchlist(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Matchlist, error) {
	panic("not yet")
}

// Matchlists gives a page of lists, newest first, with how many there are.
func (m *Machine) Matchlists(ctx context.Context, t kyc.Tenant, p kyc.Page) ([]kyc.Matchlist, int, error) {
	panic("not yet")
}

// MatchlistChange changes what is not nil.
type MatchlistChange struct {
	Name        *string
	Description *string
	Action      *string
}

// PatchMatchlist changes a list. Errors: 404, 412 and those of CreateMatchlist.
func (m *Machine) PatchMatchlist(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, c MatchlistChange) (kyc.Matchlist, error) {
	panic("not yet")
}

// DeleteMatchlist deletes a list with its entries. Errors: 404, 412.
func (m *Machine) DeleteMatchlist(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64) error {
	panic("not yet")
}

// NewEntry is a request for an entry of a matchlist.
type NewEntry struct {
	// Attributes by kind (kyc.MatchlistKinds); IND_ and ORG_ kinds do not mix.
	// Countries are ISO 3166-1 alpha-2.
	Attributes map[string]string
	Reasons    []string // ^[A-Z0-9_-]{1,24}$, at most 20
	Comment    string
}

// AddEntries puts 1 to 1,000 entries on a list, all or none. Errors: 404;
// Invalid invalid_entries with every problem, pointers under /<index>; 409
// entry_exists when the list has an entry of the same attributes; 409
// matchlist_full.
func (m *Machine) AddEntries(ctx context.Context, t kyc.Tenant, by kyc.Actor, list kyc.ID, entries []NewEntry) ([]kyc.MatchlistEntry, error) {
	panic("not yet")
}

// Entry reads one entry of a list and records the look.
func (m *Machine) Entry(ctx context.Context, t kyc.Tenant, by kyc.Actor, list, id kyc.ID) (kyc.MatchlistEntry, error) {
	panic("not yet")
}

// Entries gives a page of a list's entries, newest first, with how many there
// are, and records the look.
func (m *Machine) Entries(ctx context.Context, t kyc.Tenant, by kyc.Actor, list kyc.ID, p kyc.Page) ([]kyc.MatchlistEntry, int, error) {
	panic("not yet")
}

// EntryChange changes what is not nil. Attributes replace all that were there.
type EntryChange struct {
	Attributes map[string]string
	Reasons    *[]string
	Comment    *string
}

// PatchEntry changes an entry. Errors: 404, 412; Invalid invalid_entry with
// every problem; 409 entry_exists.
func (m *Machine) PatchEntry(ctx context.Context, t kyc.Tenant, by kyc.Actor, list, id kyc.ID, rev int64, c EntryChange) (kyc.MatchlistEntry, error) {
	panic("not yet")
}

// DeleteEntry takes an entry off its list. Errors: 404, 412.
func (m *Machine) DeleteEntry(ctx context.Context, t kyc.Tenant, by kyc.Actor, list, id kyc.ID, rev int64) error {
	panic("not yet")
}

// JobDropBlobs deletes the files of an erased individual. Their key is gone by
// then, so this only frees the space.
const JobDropBlobs = "entity.drop_blobs"

// DropBlobs does a JobDropBlobs. A file that is gone already is no error.
func (m *Machine) DropBlobs(ctx context.Context, j kyc.Job) error {
	panic("not yet")
}
