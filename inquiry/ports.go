package inquiry

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"bonafide/kyc"
)

// Store is what inquiries need from disk.
type Store interface {
	Commit(ctx context.Context, c *kyc.Change) error
	Org(ctx context.Context, id kyc.ID) (kyc.Org, error)
	Orgs(ctx context.Context) ([]kyc.Org, error)
	Subject(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Subject, error)
	SubjectByRef(ctx context.Context, t kyc.Tenant, ref string) (kyc.Subject, error)
	Inquiry(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Inquiry, error)
	Inquiries(ctx context.Context, t kyc.Tenant, f kyc.InquiryFilter, p kyc.Page) ([]kyc.Inquiry, int, error)
	// InquiriesDue and InquiriesOnUpdate are of all tenants.
	InquiriesDue(ctx context.Context, now time.Time, limit int) ([]kyc.Inquiry, error)
	InquiriesOnUpdate(ctx context.Context, after kyc.ID, limit int) ([]kyc.Inquiry, error)
}

// Deps are what the machine is made from.
type Deps struct {
	Store Store
	Clock kyc.Clock
	// News turns what happened to an inquiry into webhooks; nil tells nobody.
	News kyc.News
	// Examine asks one check (check.Menu.Run).
	Examine func(ctx context.Context, r kyc.CheckRequest) kyc.Answer
	// Words are what people said of the hits of a person (review.Desk.Words);
	// nil: nobody said anything.
	Words func(ctx context.Context, t kyc.Tenant, subject kyc.ID) ([]kyc.ReviewedHit, error)
	// Lists are the watchlists this installation knows, whatever their state.
	Lists func() []kyc.ListVersion
	// MayMean reports whether one of the entries that changed in a list since a
	// version may be this party; true where nobody knows. nil: nobody knows.
	MayMean func(ctx context.Context, p Party, list, since string) bool
	// Log takes what cannot be told to anybody else; nil is silent.
	Log *slog.Logger
}

// Party is who is asked about, in the words of a question to the lists.
type Party struct {
	Tenant    kyc.Tenant
	Name      string
	BirthDate string // YYYY-MM-DD
	Country   string // ISO 3166-1 alpha-2
	Document  string
	Company   bool
}

// Machine is the machine of inquiries. All methods take the tenant and the
// actor of the credential; an object of another tenant is kyc.Missing.
type Machine struct {
	d Deps

	// mu guards which lists the last sweep of this process has seen.
	mu    sync.Mutex
	seen  map[string]string
	swept bool
}

// New makes the machine.
func New(d Deps) *Machine {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Machine{d: d}
}
