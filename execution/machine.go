package execution

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"strings"
	"time"

	"bonafide/kyc"
)

// Deps are what the machine is made from.
type Deps struct {
	Store Store
	Clock kyc.Clock
	// News puts what happened to an execution (*kyc.Execution) into the words
	// of surface C; nil tells nobody. See the News… words.
	News kyc.News
	// Catalog are the checks of this build, by policy name; nil skips the proof
	// that a definition compiles.
	Catalog map[string]kyc.CheckSpec
	// Begin starts a run on the session's pinned version: the session's move to
	// running and everything in with go into one change
	// (session.Sessions.BeginPinned).
	Begin func(ctx context.Context, s *kyc.Session, uploads []kyc.Upload, now time.Time, by kyc.Actor, with kyc.Change) (kyc.Run, error)
	// Wait returns when a run has ended or paused, or with the context's error.
	Wait func(ctx context.Context, t kyc.Tenant, run kyc.ID) error
	// OpenCase and CloseCase prepare the beginning and the end of a review
	// (review.Desk.Open, Close); the caller commits.
	OpenCase  func(ctx context.Context, s *kyc.Session, at time.Time, f kyc.Filing) (*kyc.Case, []kyc.Event, error)
	CloseCase func(ctx context.Context, c *kyc.Case, at time.Time, end kyc.Closing) ([]kyc.Event, error)
	// Examine asks one check outside of a run (check.Menu.Run), for people who
	// are monitored by a service without a monitoring workflow.
	Examine func(ctx context.Context, r kyc.CheckRequest) kyc.Answer
	// Entry shows an entry of a list as it stands (screen.Screener.Entry), for
	// the digest that a cleared hit is bound to. false: the list has none.
	Entry func(list, id string) (any, bool)
	// Lists are the screening lists as they stand; nil: nothing is monitored.
	Lists func() []kyc.ListVersion
	// Delta says what changed in a list since a version (screen.Screener.Delta);
	// false: nobody knows, and everybody who is monitored is asked for on the
	// whole list.
	Delta func(list, from string) (Delta, bool)
	// Probe reports which of these entries a person could be, by the same
	// matcher and threshold as watchlist_screening (screen.Screener.Probe). nil:
	// whoever a change may concern is screened.
	Probe func(ctx context.Context, p Probe) ([]string, error)
	// Touches reports whether changed entries may be a person, faster than
	// Probe: it is true whenever Probe finds one of them, and for some others.
	// nil: Probe is asked about everybody.
	Touches func(d Delta, p Probe) bool
	// Crowd finds those at once whom changed entries may mean; nil: they are
	// found by looking at everybody.
	Crowd Crowd
	// Invite sends a hosted link as a text message; nil: this installation sends
	// none.
	Invite func(ctx context.Context, i Invitation) error
	// Random is where the tokens of hosted links come from; nil is crypto/rand.
	Random io.Reader
	// Patience is how long Execute waits for the end; 0: 30 seconds.
	Patience time.Duration
	// Log takes what cannot be told to anybody else; nil is silent.
	Log *slog.Logger
}

const defaultPatience = 30 * time.Second

// Machine is the machine of executions. All methods take the tenant and the
// actor of the credential; an object of another tenant is kyc.Missing.
type Machine struct {
	d Deps
	definitions
	swept swept
	crowd crowd
}

// What happened to an execution, as kyc.News is told it.
const (
	NewsCompleted  = "completed"         // it ended, however it did
	NewsAlert      = "alert"             // monitoring found something new
	NewsOverridden = "status_overridden" // a person changed its status
)

// New makes the machine.
func New(d Deps) *Machine {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Random == nil {
		d.Random = rand.Reader
	}
	if d.Patience <= 0 {
		d.Patience = defaultPatience
	}
	return &Machine{d: d, definitions: newDefinitions()}
}

// now is the tenant's own time (the sandbox clock may be ahead) and its
// organisation.
func (m *Machine) now(ctx context.Context, t kyc.Tenant) (time.Time, kyc.Org, error) {
	org, err := m.d.Store.Org(ctx, t.Org)
	if err != nil {
		return time.Time{}, kyc.Org{}, err
	}
	return org.Now(m.d.Clock, t.Env), org, nil
}

// match refuses a write whose If-Match named another revision; 0 means that
// the caller did not ask.
func match(m *kyc.Meta, rev int64) error {
	if rev != 0 && m.Rev != rev {
		return kyc.Errorf(kyc.PreconditionFailed, "etag_mismatch", "the object is at revision %d, not %d; read it again", m.Rev, rev)
	}
	return nil
}

// Objects as events name them.
const (
	objectExecution = "execution"
	objectResult    = "process_result"
	objectProfile   = "service_profile"
	objectWorkflow  = "workflow"
)

// event begins an audit entry.
func event(ctx context.Context, t kyc.Tenant, by kyc.Actor, at time.Time, action, object string, id, subject kyc.ID) kyc.Event {
	return kyc.Event{ID: kyc.NewID(at), Tenant: t, At: at, Actor: by, Action: action, Object: object, ObjectID: id, SubjectID: subject,
		RequestID: kyc.RequestFrom(ctx).ID, Surface: kyc.SurfaceEntities}
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

// Hand is who does something by hand, and why.
type Hand struct {
	// Operator is the person an API key speaks for (X-Frankie-Username); empty:
	// the actor itself.
	Operator string
	// Comment is sealed with the object it is about.
	Comment string
	// RequestID is the request's, for the trace beside the change; empty: the
	// one of the context.
	RequestID string
	// Checklist are the points of the checklist of the review's queue that a
	// decision confirms (kyc.ConfirmedFor).
	Checklist []string
}

// name is who is written down as having done it.
func (h Hand) name(by kyc.Actor) string {
	switch {
	case strings.TrimSpace(h.Operator) != "":
		return strings.TrimSpace(h.Operator)
	case by.OnBehalfOf != "":
		return by.OnBehalfOf
	}
	return by.ID
}

// request is the id of the request it happened in.
func (h Hand) request(ctx context.Context) string {
	if h.RequestID != "" {
		return h.RequestID
	}
	return kyc.RequestFrom(ctx).ID
}
