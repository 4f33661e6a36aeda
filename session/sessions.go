package session

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"time"

	"bonafide/kyc"
)

// Deps are what the session machine is made from.
type Deps struct {
	Store  Store
	Clock  kyc.Clock
	Engine Engine
	// News turns a session's story into webhooks; nil tells nobody.
	News kyc.News
	// Sniff detects the type of a file by its content and refuses what no
	// reader can open (imagefile.Sniff).
	Sniff func(b []byte) (contentType string, err *kyc.Error)
	// Catalog are the checks of this build, by policy name.
	Catalog map[string]kyc.CheckSpec
	// Trace reads what the checks of a run said (see Trace).
	Trace func(ctx context.Context, t kyc.Tenant, run kyc.ID) (Trace, error)
	// OpenCase prepares the review of a session (review.Desk.Open); the caller
	// commits it. Nil opens none.
	OpenCase func(ctx context.Context, s *kyc.Session, at time.Time, f kyc.Filing) (*kyc.Case, []kyc.Event, error)
	// CloseCase prepares the end of a review that is decided elsewhere
	// (review.Desk.Close).
	CloseCase func(ctx context.Context, c *kyc.Case, at time.Time, end kyc.Closing) ([]kyc.Event, error)
	// ExpireSteps expires a session of ordered steps, which remembers where it
	// was; nil leaves those alone.
	ExpireSteps func(ctx context.Context, s kyc.Session, by kyc.Actor, now time.Time) (kyc.Session, error)
	// Examine asks one check outside of a run (check.Menu.Run), for ReadFront; nil
	// reads nothing before the run.
	Examine func(ctx context.Context, r kyc.CheckRequest) kyc.Answer
	// Needed says for what a person is needed though all their sessions are
	// gone, such as monitoring; empty: for nothing. Nil keeps everybody.
	Needed func(ctx context.Context, person *kyc.Subject) (string, error)
	// EraseElsewhere erases a person whom another machine keeps, in a commit of
	// its own; false: there is no such one.
	EraseElsewhere func(ctx context.Context, person *kyc.Subject, by kyc.Actor) (bool, error)
	// ClockStep is how far the clock may be beyond the last sweep of retention
	// before the next one waits (default 24 h).
	ClockStep time.Duration
	// Random is where tokens come from; nil is crypto/rand.
	Random io.Reader
	Log    *slog.Logger // nil: silent
}

// Sessions is the machine of everything that happens to a session outside the
// engine. All methods take the tenant and the actor of the credential; an
// object of another tenant is kyc.Missing.
type Sessions struct {
	d   Deps
	now func(ctx context.Context, t kyc.Tenant) (time.Time, kyc.Org, error)
	// plans compiles workflow versions.
	plans *compiler
}

// New makes the machine.
func New(d Deps) *Sessions {
	if d.Random == nil {
		d.Random = rand.Reader
	}
	if d.ClockStep == 0 {
		d.ClockStep = clockStep
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Sessions{d: d, now: orgClock(d.Store, d.Clock), plans: newCompiler(d.Store, d.Catalog)}
}

// orgClock reads the tenant's own time: the sandbox clock may be ahead.
func orgClock(store Orgs, clock kyc.Clock) func(context.Context, kyc.Tenant) (time.Time, kyc.Org, error) {
	return func(ctx context.Context, t kyc.Tenant) (time.Time, kyc.Org, error) {
		org, err := store.Org(ctx, t.Org)
		if err != nil {
			return time.Time{}, kyc.Org{}, err
		}
		return org.Now(clock, t.Env), org, nil
	}
}

// event begins an audit entry.
func event(ctx context.Context, t kyc.Tenant, by kyc.Actor, at time.Time, action, object string, id, subject kyc.ID) kyc.Event {
	return kyc.Event{ID: kyc.NewID(at), Tenant: t, At: at, Actor: by, Action: action, Object: object,
		ObjectID: id, SubjectID: subject, RequestID: kyc.RequestFrom(ctx).ID}
}

// sessionEvent is the entry of a session, with the webhook it causes; what is
// empty for entries that customers are not told.
func (m *Sessions) sessionEvent(ctx context.Context, s *kyc.Session, by kyc.Actor, at time.Time, action, what string, extra map[string]any) kyc.Event {
	e := event(ctx, s.Tenant, by, at, action, "session", s.ID, s.SubjectID)
	e.After = digest(s)
	if what == "" {
		return e
	}
	return m.d.News.Tell(e, s, extra, what)
}

// digest is the SHA-256 of an object's JSON in hex. Personal fields are not
// part of an object's JSON, so an audit entry never depends on them.
func digest(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Read gives a session and records that its personal data was read.
func (m *Sessions) Read(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) (kyc.Session, error) {
	s, err := m.d.Store.Session(ctx, t, id)
	if err != nil {
		return kyc.Session{}, err
	}
	return s, m.Seen(ctx, &s, by, "session.read")
}

// Seen records a read of a session's personal data.
func (m *Sessions) Seen(ctx context.Context, s *kyc.Session, by kyc.Actor, action string) error {
	at := m.d.Clock.Now()
	return m.d.Store.Commit(ctx, &kyc.Change{Events: []kyc.Event{event(ctx, s.Tenant, by, at, action, "session", s.ID, s.SubjectID)}})
}

// writable reads a session that this machine may change. A session of another
// surface can be read here, but only its own machine moves it: whoever uploaded
// or submitted past its steps would pass by what they demand.
func (m *Sessions) writable(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Session, error) {
	s, err := m.d.Store.Session(ctx, t, id)
	if err == nil && foreign(s.Surface) {
		return s, elsewhere(s.Surface)
	}
	return s, err
}

// foreign reports whether objects of a surface have a machine of their own.
func foreign(s kyc.Surface) bool {
	return s == kyc.SurfaceSteps || s == kyc.SurfaceChecks || s == kyc.SurfaceEntities
}

// elsewhere says where a session of another surface is changed.
func elsewhere(s kyc.Surface) error {
	place := map[kyc.Surface]string{kyc.SurfaceSteps: "/kyc/sessions", kyc.SurfaceChecks: "/v1/sessions", kyc.SurfaceEntities: "/v2/individuals"}[s]
	return kyc.Errorf(kyc.Conflict, "other_surface", "this is a session of %s; change it there", place)
}

// List gives a page of sessions, newest first, with the total that matches. One
// that cannot be opened is among them, marked (Session.Damage).
func (m *Sessions) List(ctx context.Context, t kyc.Tenant, by kyc.Actor, f kyc.SessionFilter, p kyc.Page) ([]kyc.Session, int, error) {
	p.Damaged = true
	list, total, err := m.d.Store.Sessions(ctx, t, f, p)
	if err != nil || len(list) == 0 {
		return list, total, err
	}
	at := m.d.Clock.Now()
	return list, total, m.d.Store.Commit(ctx, &kyc.Change{Events: []kyc.Event{event(ctx, t, by, at, "session.list", "session", "", "")}})
}

// match refuses a write whose If-Match named another revision; 0 means the
// caller did not ask.
func match(m *kyc.Meta, rev int64) error {
	if rev != 0 && m.Rev != rev {
		return kyc.Errorf(kyc.PreconditionFailed, "etag_mismatch", "the object is at revision %d, not %d; read it again", m.Rev, rev)
	}
	return nil
}

// alive refuses writes to a session whose data was erased or is withheld.
func alive(s *kyc.Session) error {
	if !s.Readable() {
		return s.Gone()
	}
	return nil
}
