package monitor

import (
	"context"
	"time"

	"bonafide/kyc"
)

// Committer writes all of a change or nothing of it.
type Committer interface {
	Commit(ctx context.Context, c *kyc.Change) error
}

// Tenants reads organisations.
type Tenants interface {
	Org(ctx context.Context, id kyc.ID) (kyc.Org, error)
	Orgs(ctx context.Context) ([]kyc.Org, error)
}

// WatchStore reads watchlists and the record of their runs.
type WatchStore interface {
	Watch(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Watch, error)
	Watches(ctx context.Context, t kyc.Tenant, f kyc.WatchFilter, p kyc.Page) ([]kyc.Watch, int, error)
	// WatchesDue and WatchesOnUpdate are of all tenants.
	WatchesDue(ctx context.Context, now time.Time, limit int) ([]kyc.Watch, error)
	WatchesOnUpdate(ctx context.Context, after kyc.ID, limit int) ([]kyc.Watch, error)
	MonitorRun(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.MonitorRun, error)
	MonitorRuns(ctx context.Context, t kyc.Tenant, watch kyc.ID, p kyc.Page) ([]kyc.MonitorRun, int, error)
}

// PartyStore reads who is on the watchlists.
type PartyStore interface {
	WatchedParty(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Watched, error)
	WatchedParties(ctx context.Context, t kyc.Tenant, f kyc.WatchedFilter, p kyc.Page) ([]kyc.Watched, int, error)
	// WatchedAfter reads the parties of a watchlist by ascending ID.
	WatchedAfter(ctx context.Context, t kyc.Tenant, watch, after kyc.ID, limit int) ([]kyc.Watched, error)
	WatchTags(ctx context.Context, t kyc.Tenant) ([]kyc.TagCount, error)
}

// PeopleStore reads customers and the sessions that parties come from.
type PeopleStore interface {
	Session(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Session, error)
	Subject(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Subject, error)
	SubjectByRef(ctx context.Context, t kyc.Tenant, ref string) (kyc.Subject, error)
	Subjects(ctx context.Context, t kyc.Tenant, f kyc.SubjectFilter, p kyc.Page) ([]kyc.Subject, int, error)
}

// Store is what monitoring needs from disk.
type Store interface {
	Committer
	Tenants
	WatchStore
	PartyStore
	PeopleStore
}
