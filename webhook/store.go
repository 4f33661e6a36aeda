package webhook

import (
	"context"
	"time"

	"bonafide/kyc"
)

// Store is what this room needs from disk.
type Store interface {
	Commit(ctx context.Context, c *kyc.Change) error
	Endpoint(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Endpoint, error)
	Endpoints(ctx context.Context, t kyc.Tenant) ([]kyc.Endpoint, error)
	// SignatureKeys is Missing before the first endpoint asked for them. Commit
	// refuses a second set of a tenant as it does a stale one.
	SignatureKeys(ctx context.Context, t kyc.Tenant) (kyc.SignatureKeys, error)
	Delivery(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Delivery, error)
	Deliveries(ctx context.Context, t kyc.Tenant, f kyc.DeliveryFilter, p kyc.Page) ([]kyc.Delivery, int, error)
	// ClaimDeliveries takes due pending deliveries of all tenants and pushes
	// them one lease ahead.
	ClaimDeliveries(ctx context.Context, owner string, now time.Time, lease time.Duration, limit int) ([]kyc.Delivery, error)
	EventByID(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Event, error)
	Events(ctx context.Context, t kyc.Tenant, f kyc.EventFilter, p kyc.Page) ([]kyc.Event, int, error)
}
