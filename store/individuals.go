package store

import (
	"context"
	"slices"
	"strings"

	"bonafide/kyc"
)

var (
	sqlIndividual        = readIndividual.query(byID)
	sqlPaper             = readPaper.query(byID)
	sqlPapers            = readPaper.query("WHERE org_id = ? AND env = ? AND subject_id = ? AND deleted = 0 ORDER BY id")
	sqlPapersEver        = readPaper.query("WHERE org_id = ? AND env = ? AND subject_id = ? ORDER BY id")
	sqlProfile           = readProfile.query(byID)
	sqlProfileByName     = readProfile.query("WHERE org_id = ? AND env = ? AND subject_id = ? AND service_name = ?")
	sqlProfilesMonitored = readProfile.query("WHERE org_id = ? AND env = ? AND monitored = 1 AND id > ? ORDER BY id LIMIT ?")
	sqlMatchlist         = readMatchlist.query(byID)
	sqlMatchlistEntry    = readMatchlistEntry.query(byID)
)

// Individual finds a person of surface C, deleted or not. After an erasure
// Private.Unreadable is true and everything else of Private empty.
func (db *DB) Individual(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Individual, error) {
	return readIndividual.one(ctx, db, sqlIndividual, string(id), string(t.Org), string(t.Env), string(id))
}

// Individuals lists people of surface C, newest first or oldest first. More
// than 30,000 IDs in the filter are more than a database takes.
func (db *DB) Individuals(ctx context.Context, t kyc.Tenant, f kyc.IndividualFilter, p kyc.Page) ([]kyc.Individual, int, error) {
	return readIndividual.page(ctx, db, individualsOf(t, f), p)
}

func individualsOf(t kyc.Tenant, f kyc.IndividualFilter) *filter {
	q := of(t)
	switch {
	case len(f.IDs) > 0:
		q = among(t, f.IDs)
	case f.IDs != nil:
		q.and("1 = 0") // somebody looked for people and found none
	}
	if !f.Deleted {
		q.and("deleted = 0")
	}
	q.between("created_at", micros(f.From), micros(f.To))
	q.oldest = f.Oldest
	return q
}

// EntityDocument finds a paper of an individual, deleted or not.
func (db *DB) EntityDocument(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.EntityDocument, error) {
	return readPaper.one(ctx, db, sqlPaper, string(id), string(t.Org), string(t.Env), string(id))
}

// EntityDocuments lists the papers of an individual, oldest first, with those
// that were deleted only on demand.
func (db *DB) EntityDocuments(ctx context.Context, t kyc.Tenant, subject kyc.ID, deleted bool) ([]kyc.EntityDocument, error) {
	q := sqlPapers
	if deleted {
		q = sqlPapersEver
	}
	return readPaper.all(ctx, db, q, string(t.Org), string(t.Env), string(subject))
}

// ServiceProfile finds how one individual stands with one service.
func (db *DB) ServiceProfile(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.ServiceProfile, error) {
	return readProfile.one(ctx, db, sqlProfile, string(id), string(t.Org), string(t.Env), string(id))
}

// ServiceProfileByName finds the service profile of an individual by the name
// of its service.
func (db *DB) ServiceProfileByName(ctx context.Context, t kyc.Tenant, subject kyc.ID, serviceName string) (kyc.ServiceProfile, error) {
	return readProfile.one(ctx, db, sqlProfileByName, serviceName, string(t.Org), string(t.Env), string(subject), serviceName)
}

// ServiceProfiles lists service profiles, newest first.
func (db *DB) ServiceProfiles(ctx context.Context, t kyc.Tenant, f kyc.ProfileFilter, p kyc.Page) ([]kyc.ServiceProfile, int, error) {
	return readProfile.page(ctx, db, profilesOf(t, f), p)
}

func profilesOf(t kyc.Tenant, f kyc.ProfileFilter) *filter {
	q := of(t)
	q.few = f.SubjectID != ""
	q.is("subject_id", string(f.SubjectID))
	q.is("service_name", f.ServiceName)
	q.is("state", f.State)
	if f.Monitored {
		q.and("monitored = 1")
	}
	return q
}

// MonitoredProfiles reads up to limit service profiles that have a monitoring
// which is on, by ascending ID after that one (empty: from the beginning).
func (db *DB) MonitoredProfiles(ctx context.Context, t kyc.Tenant, after kyc.ID, limit int) ([]kyc.ServiceProfile, error) {
	return readProfile.all(ctx, db, sqlProfilesMonitored, string(t.Org), string(t.Env), string(after), int64(limit))
}

// Matchlist finds a customer's matchlist, deleted or not.
func (db *DB) Matchlist(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Matchlist, error) {
	return readMatchlist.one(ctx, db, sqlMatchlist, string(id), string(t.Org), string(t.Env), string(id))
}

// Matchlists lists the matchlists that are not deleted, newest first.
func (db *DB) Matchlists(ctx context.Context, t kyc.Tenant, p kyc.Page) ([]kyc.Matchlist, int, error) {
	q := of(t)
	q.and("deleted = 0")
	return readMatchlist.page(ctx, db, q, p)
}

// MatchlistEntry finds an entry of a matchlist.
func (db *DB) MatchlistEntry(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.MatchlistEntry, error) {
	return readMatchlistEntry.one(ctx, db, sqlMatchlistEntry, string(id), string(t.Org), string(t.Env), string(id))
}

// MatchlistEntries lists the entries of a matchlist, newest first.
func (db *DB) MatchlistEntries(ctx context.Context, t kyc.Tenant, list kyc.ID, p kyc.Page) ([]kyc.MatchlistEntry, int, error) {
	return readMatchlistEntry.page(ctx, db, matchlistEntriesOf(t, list), p)
}

func matchlistEntriesOf(t kyc.Tenant, list kyc.ID) *filter {
	q := of(t)
	q.and("matchlist_id = ?", string(list))
	return q
}

// AllMatchlistEntries reads every entry of these matchlists, oldest first.
func (db *DB) AllMatchlistEntries(ctx context.Context, t kyc.Tenant, lists []kyc.ID) ([]kyc.MatchlistEntry, error) {
	var out []kyc.MatchlistEntry
	lists = slices.Compact(slices.Sorted(slices.Values(lists)))
	for part := range slices.Chunk(lists, hashesAtOnce) {
		q := of(t)
		q.in("matchlist_id", texts(part))
		found, err := readMatchlistEntry.all(ctx, db, onceSQL("SELECT "+readMatchlistEntry.columns+" FROM matchlist_entry "+q.where()), q.args...)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	slices.SortFunc(out, func(a, b kyc.MatchlistEntry) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return out, nil
}
