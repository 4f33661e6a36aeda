package kyc

import (
	"context"
	"strings"
	"time"
)

// Object is anything with a Meta that the store keeps: *Org, *User, *APIKey,
// *Workflow, *WorkflowVersion, *Session, *Subject, *Upload, *Run, *Case,
// *Note, *List, *ListItem, *Endpoint, *Delivery, *Journey, *Transfer, *Exam,
// *Ruling, *Watch, *Watched, *MonitorRun, *Individual, *EntityDocument,
// *ServiceProfile, *Execution, *ProcessResult, *Matchlist, *MatchlistEntry,
// *Inquiry, *HitReview, *FaceTemplate, *Backtest, *RetentionState,
// *SignatureKeys.
type Object interface {
	Head() *Meta
}

// Change is everything one decision of the program writes. The store commits
// all of it in one transaction or nothing of it. Because a Change is plain
// data, no network call can happen inside a transaction, and a test can look
// at what would be written.
type Change struct {
	// Put stores objects: Rev 1 inserts, a higher Rev replaces exactly Rev-1.
	// An Exam, a Ruling and a MonitorRun are written once, at Rev 1.
	Put []Object
	// Remove deletes objects (list items and such; never evidence).
	Remove []Object
	// Definitions are inserted unless their hash is there already.
	Definitions []Definition
	// Inputs are appended to their runs; a taken place is a conflict.
	Inputs []Input
	// Events are sealed into the audit chain; those with a Webhook also become
	// deliveries to the endpoints that want them.
	Events []Event
	// Jobs are handed to the queue.
	Jobs []Job
	// Traits are blind indexes for duplicate detection.
	Traits []Trait
	// Pictures are the looks of documents, for the same.
	Pictures []Picture
	// Trials are sessions that ended during a rollout; one that is there already
	// stays as it is.
	Trials []Trial
	// TraitTenant is the tenant of Traits and Pictures.
	TraitTenant Tenant
	// Erase destroys the data keys of these subjects.
	Erase []ID
	// Unneeded are those of Erase who go only if nothing needs them when this is
	// committed: no report, no party of an active watchlist, no record that was
	// merged into theirs, no individual that was not deleted. Otherwise the whole
	// change is concurrent_change. Whoever asked before must ask again.
	Unneeded []ID
	// Wipe overwrites everything sealed of these sessions and removes their
	// templates, looks and blind indexes, whoever's key they are under.
	Wipe []Wipe
	// Idempotency closes a reservation with the answer that was given.
	Idempotency *Idempotency
}

// Wipe names a session whose sealed parts are overwritten.
type Wipe struct {
	Tenant    Tenant
	SessionID ID
	SubjectID ID
}

// Add appends everything of another change.
func (c *Change) Add(o Change) {
	c.Put = append(c.Put, o.Put...)
	c.Remove = append(c.Remove, o.Remove...)
	c.Definitions = append(c.Definitions, o.Definitions...)
	c.Inputs = append(c.Inputs, o.Inputs...)
	c.Events = append(c.Events, o.Events...)
	c.Jobs = append(c.Jobs, o.Jobs...)
	c.Traits = append(c.Traits, o.Traits...)
	c.Pictures = append(c.Pictures, o.Pictures...)
	c.Trials = append(c.Trials, o.Trials...)
	if len(o.Traits)+len(o.Pictures) > 0 {
		c.TraitTenant = o.TraitTenant
	}
	c.Erase = append(c.Erase, o.Erase...)
	c.Unneeded = append(c.Unneeded, o.Unneeded...)
	c.Wipe = append(c.Wipe, o.Wipe...)
	if o.Idempotency != nil {
		c.Idempotency = o.Idempotency
	}
}

// Empty reports whether there is nothing to commit.
func (c *Change) Empty() bool {
	return len(c.Put) == 0 && len(c.Remove) == 0 && len(c.Definitions) == 0 && len(c.Inputs) == 0 &&
		len(c.Events) == 0 && len(c.Jobs) == 0 && len(c.Traits) == 0 && len(c.Pictures) == 0 && len(c.Trials) == 0 && len(c.Erase) == 0 && len(c.Wipe) == 0 && c.Idempotency == nil
}

// OnlyLooks reports whether this says that something was read and changes nothing:
// events alone, each of an action that ends in .read, none of them a webhook's.
func (c *Change) OnlyLooks() bool {
	rest := *c
	rest.Events = nil
	if !rest.Empty() || len(c.Events) == 0 {
		return false
	}
	for i := range c.Events {
		if !strings.HasSuffix(c.Events[i].Action, ".read") || c.Events[i].Webhook != "" {
			return false
		}
	}
	return true
}

// Idempotency is the record of one request that carried an Idempotency-Key.
type Idempotency struct {
	Tenant   Tenant
	Method   string
	Path     string
	Key      string
	BodyHash string // SHA-256 of the canonical body
	// Done is false while the first request is still running.
	Done   bool
	Status int
	Header map[string]string
	// Body is encrypted at rest under the keys of all subjects it speaks of
	// (see Concerned), or under the organisation's key where it speaks of none.
	Body      []byte
	ExpiresAt time.Time
	// Held keeps a reservation for the whole life of its key, without an answer
	// yet; see Hold.
	Held bool
	// Erased says of a stored answer that somebody it spoke of was erased:
	// there is neither Header nor Body any more, and the key stays taken.
	Erased bool
}

// Unit gathers the changes of one request, so that they can be committed
// together with the answer they lead to. A surface puts a Unit into the
// context; the committing store adds to it instead of writing, and the
// surface commits when the answer is known.
type Unit struct {
	Change Change
	// After runs once the unit is committed.
	After []func()
}

type unitKey struct{}

// WithUnit puts a new Unit into the context.
func WithUnit(ctx context.Context) (context.Context, *Unit) {
	u := &Unit{}
	return context.WithValue(ctx, unitKey{}, u), u
}

// UnitFrom finds the Unit of a context, or nil.
func UnitFrom(ctx context.Context) *Unit {
	u, _ := ctx.Value(unitKey{}).(*Unit)
	return u
}

// AfterCommit runs a function once what the context gathers is stored; at once
// where it gathers nothing.
func AfterCommit(ctx context.Context, f func()) {
	if u := UnitFrom(ctx); u != nil {
		u.After = append(u.After, f)
		return
	}
	f()
}

// WithoutUnit hides the Unit, for reads and writes that must happen now.
func WithoutUnit(ctx context.Context) context.Context {
	return context.WithValue(ctx, unitKey{}, (*Unit)(nil))
}

// Reserved is the Idempotency-Key of the request that a context belongs to.
type Reserved struct {
	Idempotency Idempotency
	// Held is true once a commit kept the key; see Hold.
	Held bool
}

type reservedKey struct{}

// WithReserved attaches the key of the request.
func WithReserved(ctx context.Context, r *Reserved) context.Context {
	return context.WithValue(ctx, reservedKey{}, r)
}

// Hold is for machines that commit before the answer is known, because what
// they begin runs only when it is stored. Added to that commit it keeps the
// request's Idempotency-Key, so that a repeat never does the same again: it gets
// the answer, or, if this process ends before there is one, 409 until the key's
// life is over. Call done once the commit succeeded. Without a key, or where the
// commit goes with the answer anyway, it does nothing.
func Hold(ctx context.Context, c *Change) (done func()) {
	r, _ := ctx.Value(reservedKey{}).(*Reserved)
	if r == nil || UnitFrom(ctx) != nil {
		return func() {}
	}
	held := r.Idempotency
	held.Held = true
	c.Idempotency = &held
	return func() { r.Held = true }
}

// Request is what the surfaces know about the call that caused a change.
type Request struct {
	ID    string // X-Request-Id
	Actor Actor
}

type requestKey struct{}

// WithRequest attaches the call to the context, for audit entries only; no
// decision may depend on it.
func WithRequest(ctx context.Context, r Request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

// RequestFrom reads the call of a context.
func RequestFrom(ctx context.Context) Request {
	r, _ := ctx.Value(requestKey{}).(Request)
	return r
}

// Page selects a part of a list that is ordered newest first. After is the
// last ID of the page before; Offset is used where a surface counts.
type Page struct {
	Limit  int
	Offset int
	After  ID
	// Uncounted spares the total of the list, which is 0 then: counting costs
	// more the longer the list is.
	Uncounted bool
	// Damaged gives rows that cannot be opened back as such (Session.Damaged)
	// where they would otherwise fail the whole page. Only for what is shown:
	// nothing decides upon such a row, and it cannot be written.
	Damaged bool
}
