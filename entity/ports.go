package entity

import (
	"context"

	"bonafide/kyc"
)

// Committer writes all of a change or nothing of it.
type Committer interface {
	Commit(ctx context.Context, c *kyc.Change) error
}

// Tenants reads organisations and the record of what happened in them.
type Tenants interface {
	Org(ctx context.Context, id kyc.ID) (kyc.Org, error)
	// Events are a tenant's events, newest first; kyc.EventFilter.SubjectID
	// keeps those about one person.
	Events(ctx context.Context, t kyc.Tenant, f kyc.EventFilter, p kyc.Page) ([]kyc.Event, int, error)
}

// PeopleStore reads individuals, deleted ones included, their subjects and the
// blind traits they are found by.
type PeopleStore interface {
	Individual(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Individual, error)
	Individuals(ctx context.Context, t kyc.Tenant, f kyc.IndividualFilter, p kyc.Page) ([]kyc.Individual, int, error)
	Subject(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Subject, error)
	Traits(ctx context.Context, t kyc.Tenant, kind string, hashes []string) ([]kyc.Trait, error)
}

// PaperStore reads the documents of individuals.
type PaperStore interface {
	EntityDocument(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.EntityDocument, error)
	// EntityDocuments are an individual's, oldest first, with the deleted ones
	// on demand.
	EntityDocuments(ctx context.Context, t kyc.Tenant, subject kyc.ID, deleted bool) ([]kyc.EntityDocument, error)
}

// ProfileStore reads service profiles.
type ProfileStore interface {
	ServiceProfileByName(ctx context.Context, t kyc.Tenant, subject kyc.ID, service string) (kyc.ServiceProfile, error)
	ServiceProfiles(ctx context.Context, t kyc.Tenant, f kyc.ProfileFilter, p kyc.Page) ([]kyc.ServiceProfile, int, error)
}

// WorkStore reads what is done about an individual: an erasure must know.
type WorkStore interface {
	Sessions(ctx context.Context, t kyc.Tenant, f kyc.SessionFilter, p kyc.Page) ([]kyc.Session, int, error)
	Executions(ctx context.Context, t kyc.Tenant, f kyc.ExecutionFilter, p kyc.Page) ([]kyc.Execution, int, error)
}

// MatchlistStore reads matchlists. A deleted list is still read by its ID, and
// no list shows it. A second entry of the same hash on one list is refused by
// Commit with Conflict entry_exists.
type MatchlistStore interface {
	Matchlist(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Matchlist, error)
	Matchlists(ctx context.Context, t kyc.Tenant, p kyc.Page) ([]kyc.Matchlist, int, error)
	MatchlistEntry(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.MatchlistEntry, error)
	MatchlistEntries(ctx context.Context, t kyc.Tenant, list kyc.ID, p kyc.Page) ([]kyc.MatchlistEntry, int, error)
}

// BlobStore keeps files, encrypted under the subject's key. A subject that is
// not stored yet is found in the context's kyc.Unit.
type BlobStore interface {
	PutBlob(ctx context.Context, t kyc.Tenant, subject kyc.ID, key string, data []byte) error
	Blob(ctx context.Context, t kyc.Tenant, subject kyc.ID, key string) ([]byte, error)
	DeleteBlob(ctx context.Context, t kyc.Tenant, key string) error
}

// Store is what the machine needs from disk.
type Store interface {
	Committer
	Tenants
	PeopleStore
	PaperStore
	ProfileStore
	WorkStore
	MatchlistStore
	BlobStore
}
