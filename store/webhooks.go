package store

import (
	"context"
	"time"

	"bonafide/kyc"
)

var (
	sqlEndpoint  = readEndpoint.query(byID)
	sqlEndpoints = readEndpoint.query("WHERE org_id = ? AND env = ? ORDER BY id")
	sqlKeySet    = readKeySet.query("WHERE org_id = ? AND env = ?")
	sqlDelivery  = readDelivery.query(byID)

	sqlClaimDeliveries = NewSQLPair(
		`UPDATE delivery SET due_at = ?, lease_owner = ? WHERE id IN (SELECT id FROM delivery WHERE due_at > 0 AND due_at <= ? AND state = 'pending' ORDER BY due_at LIMIT ?) RETURNING `+readDelivery.columns,
		`UPDATE delivery SET due_at = ?, lease_owner = ? WHERE id IN (SELECT id FROM delivery WHERE due_at > 0 AND due_at <= ? AND state = 'pending' ORDER BY due_at LIMIT ? FOR UPDATE SKIP LOCKED) RETURNING `+readDelivery.columns)
)

// Endpoint finds a webhook endpoint with its secrets.
func (db *DB) Endpoint(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Endpoint, error) {
	return readEndpoint.one(ctx, db, sqlEndpoint, string(id), string(t.Org), string(t.Env), string(id))
}

// Endpoints lists a tenant's webhook endpoints, oldest first.
func (db *DB) Endpoints(ctx context.Context, t kyc.Tenant) ([]kyc.Endpoint, error) {
	return readEndpoint.all(ctx, db, sqlEndpoints, string(t.Org), string(t.Env))
}

// SignatureKeys finds the key pairs of a tenant; Missing when it never had any.
func (db *DB) SignatureKeys(ctx context.Context, t kyc.Tenant) (kyc.SignatureKeys, error) {
	return readKeySet.one(ctx, db, sqlKeySet, "of the tenant", string(t.Org), string(t.Env))
}

// Delivery finds one message to one endpoint.
func (db *DB) Delivery(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Delivery, error) {
	return readDelivery.one(ctx, db, sqlDelivery, string(id), string(t.Org), string(t.Env), string(id))
}

// Deliveries lists messages, newest first.
func (db *DB) Deliveries(ctx context.Context, t kyc.Tenant, f kyc.DeliveryFilter, p kyc.Page) ([]kyc.Delivery, int, error) {
	q := of(t)
	q.is("endpoint_id", string(f.EndpointID))
	q.is("event_id", string(f.EventID))
	q.is("state", string(f.State))
	q.between("created_at", micros(f.From), micros(f.To))
	return readDelivery.page(ctx, db, q, p)
}

// ClaimDeliveries takes up to limit pending messages of all tenants that are
// due and pushes each one lease ahead, so that nobody else sends it meanwhile.
// The sender stores what came of it by putting the delivery: DueAt is then the
// next try, or zero when there is none.
func (db *DB) ClaimDeliveries(ctx context.Context, owner string, now time.Time, lease time.Duration, limit int) ([]kyc.Delivery, error) {
	args := []any{micros(now.Add(lease)), owner, micros(now), int64(limit)}
	return readDelivery.collect(ctx, db, sqlClaimDeliveries, args, db.driver.Change)
}
