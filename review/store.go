package review

import (
	"context"
	"time"

	"bonafide/kyc"
)

// CaseStore reads cases and writes changes.
type CaseStore interface {
	Commit(ctx context.Context, c *kyc.Change) error
	Case(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Case, error)
	Cases(ctx context.Context, t kyc.Tenant, f kyc.CaseFilter, p kyc.Page) ([]kyc.Case, int, error)
	// NextCases are open and unassigned, of a queue ("": of all) and of none in
	// beyond, highest priority first, then oldest.
	NextCases(ctx context.Context, t kyc.Tenant, queue string, beyond []string, limit int) ([]kyc.Case, error)
	CaseCounts(ctx context.Context, t kyc.Tenant) (map[kyc.CaseStatus]int, error)
	// LapsedCases are the claimed cases of all tenants that have been idle for
	// longer than their organisation allows.
	LapsedCases(ctx context.Context, now time.Time) ([]kyc.Case, error)
	Notes(ctx context.Context, t kyc.Tenant, caseID kyc.ID) ([]kyc.Note, error)
	// HitReviews are the words on hits of a subject, or of a session without
	// one (kyc.HitsOf), oldest first.
	HitReviews(ctx context.Context, t kyc.Tenant, about kyc.ID) ([]kyc.HitReview, error)
	// QualityCases were drawn for a second look; those that wait come oldest first.
	QualityCases(ctx context.Context, t kyc.Tenant, f kyc.QualityFilter, p kyc.Page) ([]kyc.Case, int, error)
	// Blind is the hex HMAC-SHA-256 of kind and value under the tenant's key.
	Blind(ctx context.Context, t kyc.Tenant, kind, value string) (string, error)
}

// PeopleStore reads who a case is about and who may decide it.
type PeopleStore interface {
	Org(ctx context.Context, id kyc.ID) (kyc.Org, error)
	Orgs(ctx context.Context) ([]kyc.Org, error)
	Users(ctx context.Context, org kyc.ID) ([]kyc.User, error)
	Session(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Session, error)
	Subject(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Subject, error)
	Events(ctx context.Context, t kyc.Tenant, f kyc.EventFilter, p kyc.Page) ([]kyc.Event, int, error)
}

// Store is what reviewing needs from disk.
type Store interface {
	CaseStore
	PeopleStore
}
