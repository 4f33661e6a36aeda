package store

import (
	"context"
	"fmt"
	"time"

	"bonafide/kyc"
)

var (
	sqlOrg         = readOrg.query("WHERE id = ?")
	sqlOrgs        = readOrg.query("ORDER BY id")
	sqlUser        = readUser.query("WHERE org_id = ? AND id = ?")
	sqlUsers       = readUser.query("WHERE org_id = ? ORDER BY id")
	sqlUserByEmail = readUser.query("WHERE email = ?")
	sqlKey         = readKey.query(byID)
	sqlKeys        = readKey.query("WHERE org_id = ? AND env = ? ORDER BY id DESC")
	sqlKeyByPrefix = readKey.query("WHERE prefix = ?")
	sqlKeyUsed     = NewSQL(`UPDATE api_key SET last_used_at = ? WHERE id = ? AND last_used_at < ?`)
)

// Org finds an organisation.
func (db *DB) Org(ctx context.Context, id kyc.ID) (kyc.Org, error) {
	return readOrg.one(ctx, db, sqlOrg, string(id), string(id))
}

// Orgs lists all organisations, oldest first.
func (db *DB) Orgs(ctx context.Context) ([]kyc.Org, error) { return readOrg.all(ctx, db, sqlOrgs) }

// User finds a console user of an organisation.
func (db *DB) User(ctx context.Context, org, id kyc.ID) (kyc.User, error) {
	return readUser.one(ctx, db, sqlUser, string(id), string(org), string(id))
}

// Users lists an organisation's console users, oldest first.
func (db *DB) Users(ctx context.Context, org kyc.ID) ([]kyc.User, error) {
	return readUser.all(ctx, db, sqlUsers, string(org))
}

// UserByEmail finds a console user by address, in any case. The address is
// unique in the installation. A missing one is named without the address.
func (db *DB) UserByEmail(ctx context.Context, email string) (kyc.User, error) {
	return readUser.one(ctx, db, sqlUserByEmail, "with this address", lower(email))
}

// Key finds an API key of a tenant.
func (db *DB) Key(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.APIKey, error) {
	return readKey.one(ctx, db, sqlKey, string(id), string(t.Org), string(t.Env), string(id))
}

// Keys lists a tenant's API keys, newest first.
func (db *DB) Keys(ctx context.Context, t kyc.Tenant) ([]kyc.APIKey, error) {
	return readKey.all(ctx, db, sqlKeys, string(t.Org), string(t.Env))
}

// KeyByPrefix finds the API key that a credential begins with; it names the
// tenant, so it is asked without one.
func (db *DB) KeyByPrefix(ctx context.Context, prefix string) (*kyc.APIKey, error) {
	k, err := readKey.one(ctx, db, sqlKeyByPrefix, prefix, prefix)
	if err != nil {
		return nil, err
	}
	return &k, nil
}

// SetKeyUsed notes when a key was last used, without a new revision.
func (db *DB) SetKeyUsed(ctx context.Context, id kyc.ID, at time.Time) error {
	var b Batch
	b.add(sqlKeyUsed, nil, nil, micros(at), string(id), micros(at))
	if err := db.driver.Apply(ctx, &b); err != nil {
		return fmt.Errorf("noting the use of a key: %w", err)
	}
	return nil
}
