package api

import (
	"context"
	"errors"
	"net/netip"
	"strings"

	"bonafide/kyc"
)

// exchange is what the porch knows about one request while it is served.
type exchange struct {
	id       string     // X-Request-Id
	address  netip.Addr // of the caller, as trusted proxies report it
	op       *Operation
	path     string
	who      Principal
	signed   *Principal    // who is signed in to the console, in place of a credential
	problems []kyc.Problem // of the body, found before the handler
	hasBody  bool          // a JSON body came and fits the schema, or its problems are known
	warnings []kyc.Problem // unknown fields under ?strict=false
	lenient  bool
	form     *Form
	failure  *kyc.Error    // what the handler answered, if it failed
	status   int           // replaces the status that huma chose
	reserved *kyc.Reserved // the Idempotency-Key, where there is one
	retry    bool          // the failure is worth another try with the same key
}

type exchangeKey struct{}

func exchangeFrom(ctx context.Context) *exchange {
	if x, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return x
	}
	return &exchange{}
}

// codeCancelled is the failure of a request whose caller hung up, or whose time
// was over.
const codeCancelled = "cancelled"

// fail turns an error into the problem document of this exchange.
func (x *exchange) fail(err error) *Problem {
	if kyc.KindOf(err) == kyc.Internal && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		err = kyc.Errorf(kyc.Unavailable, codeCancelled, "the request was cancelled or took too long: %w", err)
	}
	e := kyc.AsError(err)
	x.failure = e
	if e.Kind == kyc.Conflict && e.Code == "concurrent_change" {
		x.retry = true
	}
	return newProblem(e, x)
}

// surface is the dialect of the request: that of its route, or, where there is
// no such route, the one whose prefix the path has.
func (x *exchange) surface() kyc.Surface {
	if x.op != nil {
		return x.op.Surface
	}
	if strings.HasPrefix(x.path, "/v2/") {
		return kyc.SurfaceEntities
	}
	return ""
}

// RequestID is the X-Request-Id of the request, a ULID unless the caller chose
// another.
func RequestID(ctx context.Context) string { return exchangeFrom(ctx).id }

// Address is where the request comes from: the connection's peer, or what
// trusted proxies say; empty where neither can be read.
func Address(ctx context.Context) string {
	if at := exchangeFrom(ctx).address; at.IsValid() {
		return at.String()
	}
	return ""
}

// Lenient reports whether the caller asked with ?strict=false that unknown
// fields of a definition be warnings.
func Lenient(ctx context.Context) bool { return exchangeFrom(ctx).lenient }

// Warnings are the unknown fields of the body that ?strict=false let through,
// each with its JSON Pointer.
func Warnings(ctx context.Context) []kyc.Problem { return exchangeFrom(ctx).warnings }

// Findings puts problems (of a definition, say) into the form of answers.
func Findings(problems []kyc.Problem) []Finding {
	out := make([]Finding, len(problems))
	for i, f := range problems {
		out[i] = Finding(f)
	}
	return out
}

// Read notes in the audit chain that the request shows personal data. The
// event is committed together with the request, also for GET: if it cannot be
// written, the data is not shown. Actor, tenant, time, id and request id are
// filled in where they are empty.
func (p *Porch) Read(ctx context.Context, e kyc.Event) {
	u := kyc.UnitFrom(ctx)
	if u == nil {
		return // outside a request there is nobody to show anything to
	}
	x := exchangeFrom(ctx)
	if e.At.IsZero() {
		e.At = p.clock.Now()
	}
	if e.ID == "" {
		e.ID = kyc.NewID(e.At)
	}
	if e.Tenant == (kyc.Tenant{}) {
		e.Tenant = x.who.Tenant
	}
	if e.Actor == (kyc.Actor{}) {
		e.Actor = kyc.RequestFrom(ctx).Actor
	}
	if e.RequestID == "" {
		e.RequestID = x.id
	}
	u.Change.Events = append(u.Change.Events, e)
}
