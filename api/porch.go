package api

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"go.opentelemetry.io/otel/metric"

	"bonafide/access"
	"bonafide/kyc"
)

// Principal is who a request comes from.
type Principal = access.Principal

// Store is what the porch needs from disk.
type Store interface {
	// Commit writes a change in one transaction or nothing of it.
	Commit(ctx context.Context, c *kyc.Change) error
	// ReserveIdempotency is atomic: nil means the caller won; otherwise the
	// record of whoever has the key, running or done. A done one is Erased
	// when the data of a subject that the answer spoke of (those in the
	// Concerned of the context it was committed with) was erased since.
	ReserveIdempotency(ctx context.Context, r kyc.Idempotency, lease time.Duration) (*kyc.Idempotency, error)
	// ReleaseIdempotency forgets a reservation whose request failed.
	ReleaseIdempotency(ctx context.Context, r kyc.Idempotency) error
}

// Ready is one condition of readiness.
type Ready struct {
	Name  string
	Check func(ctx context.Context) error
}

// Config is what a porch needs. Store, Gate and Secret are obligatory.
type Config struct {
	Version string // of the program, shown in the OpenAPI document
	Store   Store
	Gate    *access.Gate
	Limiter *access.Limiter // nil: the shipped defaults
	Clock   kyc.Clock       // nil: the system clock
	// Secret (32 bytes or more) signs cursors and links. It must be the same
	// on every node and after every restart.
	Secret  []byte
	Log     *slog.Logger // nil: silent
	Meter   metric.Meter // nil: no metrics
	Metrics http.Handler // GET /metrics; nil: 404
	Ready   []Ready      // asked by GET /readyz
	// Capabilities are listed by GET /readyz for information; what is missing
	// there makes nothing unready. nil: none.
	Capabilities func(context.Context) []Capability
	// HealthOnly leaves out the OpenAPI document and its page: the role worker
	// answers health and metrics and nothing else.
	HealthOnly bool
	// TrustedProxies are the peers whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// AllowOrigins are the web origins that may call the API from a browser;
	// empty: none (keys do not belong into browsers).
	AllowOrigins []string
}

// Porch is the entrance for machines.
type Porch struct {
	// API is the huma API that holds the routes and the OpenAPI document.
	API    huma.API
	Signer *Signer

	store   Store
	gate    *access.Gate
	limiter *access.Limiter
	clock   kyc.Clock
	log     *slog.Logger
	mux     *http.ServeMux
	exact   map[exactRoute]http.HandlerFunc // of the API, without a parameter in the path
	routes  map[string]bool                 // patterns of the API
	ready   []Ready

	capabilities func(context.Context) []Capability

	proxies  []netip.Prefix
	origins  []string
	meters   meters
	records  records
	fixed    http.Header // of every answer; shared, so nobody changes the values in place
	schemas  schemas
	uploads  chan struct{}
	document document
	phrases  phrases
	closing  chan struct{} // closed when streams shall end
	close    func()
	listed   []Operation // in the order of registration, which is the order of /docs
}

// New builds a porch without routes; the dialects add theirs with Handle.
func New(c Config) (*Porch, error) {
	if c.Store == nil || c.Gate == nil {
		return nil, errors.New("making the porch: store and gate are obligatory")
	}
	if len(c.Secret) < 32 {
		return nil, errors.New("making the porch: the secret needs at least 32 bytes")
	}
	if c.Clock == nil {
		c.Clock = kyc.SystemClock()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Limiter == nil {
		c.Limiter = access.NewLimiter(c.Clock, access.LimitOptions{})
	}
	m, err := newMeters(c.Meter)
	if err != nil {
		return nil, err
	}
	p := &Porch{
		Signer: NewSigner(c.Secret, c.Clock),
		store:  c.Store, gate: c.Gate, limiter: c.Limiter, clock: c.Clock, log: c.Log,
		mux: http.NewServeMux(), exact: map[exactRoute]http.HandlerFunc{}, routes: map[string]bool{}, ready: c.Ready, capabilities: c.Capabilities, proxies: c.TrustedProxies, origins: c.AllowOrigins,
		meters: m, uploads: make(chan struct{}, maxParallelUploads), closing: make(chan struct{}), phrases: newPhrases(),
	}
	p.fixed = http.Header{
		"X-Content-Type-Options": {"nosniff"}, "Referrer-Policy": {"no-referrer"}, "X-Frame-Options": {"DENY"},
		"Content-Security-Policy": {"default-src 'none'; frame-ancestors 'none'"}, "Cross-Origin-Resource-Policy": {"same-origin"}, "Cache-Control": {"no-store"},
	}
	p.close = sync.OnceFunc(func() { close(p.closing) })
	p.API = newHuma(c.Version, p)
	p.own(c.Metrics, c.HealthOnly)
	return p, nil
}

// Mount adds a handler outside the API, such as a page; it gets request ids,
// security headers and logging, but no authentication. pattern is a pattern
// of http.ServeMux.
func (p *Porch) Mount(pattern string, h http.Handler) { p.mux.Handle(pattern, h) }

// ServeAs answers a request to the API for a person who is signed in to the
// console: the path is the API's, credentials in headers count for nothing, and
// the scopes are the person's. The caller has made sure that the person's own
// page sent it. Only routes of the API are reached, no pages.
func (p *Porch) ServeAs(who Principal, w http.ResponseWriter, r *http.Request) {
	x := exchangeFrom(r.Context())
	x.signed, x.path = &who, r.URL.EscapedPath()
	if _, pattern := p.mux.Handler(r); !p.routes[pattern] {
		p.NotFound(w, r)
		return
	}
	p.mux.ServeHTTP(w, r)
}

// NotFound answers that there is nothing at an address.
func (p *Porch) NotFound(w http.ResponseWriter, r *http.Request) {
	writeProblem(w, exchangeFrom(r.Context()).fail(kyc.Errorf(kyc.NotFound, "route_not_found", "there is nothing at this address; /docs lists what there is")))
}

// Refuse answers an error of a handler that was mounted, as one of the API is.
func (p *Porch) Refuse(w http.ResponseWriter, r *http.Request, err error) {
	w.Header().Set("Cache-Control", "no-store")
	p.refuse(w, exchangeFrom(r.Context()), err)
}

// NewSecret draws a secret for Config.Secret.
func NewSecret() []byte {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // crypto/rand never fails since Go 1.24
	return b
}
