package journey

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"bonafide/flow"
	"bonafide/kyc"
	"bonafide/onboarding"
)

// Deps are what the machine is made from.
type Deps struct {
	Store Store
	Clock kyc.Clock
	// News turns a session's story into webhooks; nil tells nobody.
	News kyc.News
	// Catalog are the checks of this build, by policy name; nil skips the proof
	// that a definition compiles.
	Catalog map[string]kyc.CheckSpec
	// Begin starts a run on the session's pinned version: the session's move to
	// running and everything in with go into one change
	// (session.Sessions.BeginPinned).
	Begin func(ctx context.Context, s *kyc.Session, uploads []kyc.Upload, now time.Time, by kyc.Actor, with kyc.Change) (kyc.Run, error)
	// Wait returns when a run has ended or paused.
	Wait func(ctx context.Context, t kyc.Tenant, run kyc.ID) error
	// Trace reads what the checks of a run said.
	Trace func(ctx context.Context, t kyc.Tenant, run kyc.ID) (Trace, error)
	// Examine asks one check outside of a run (check.Menu.Run).
	Examine func(ctx context.Context, r kyc.CheckRequest) kyc.Answer
	// InputHash names everything an answer depends on, as 64 hex digits
	// (check.InputHash with the lists in force).
	InputHash func(r kyc.CheckRequest) string
	// Reviewed are the words of reviewers on hits that count for a session
	// (review.Desk.Words); nil: there are none.
	Reviewed func(ctx context.Context, s *kyc.Session) ([]kyc.ReviewedHit, error)
	// OpenCase and CloseCase prepare the beginning and the end of a review
	// (review.Desk.Open, Close); the caller commits.
	OpenCase  func(ctx context.Context, s *kyc.Session, at time.Time, f kyc.Filing) (*kyc.Case, []kyc.Event, error)
	CloseCase func(ctx context.Context, c *kyc.Case, at time.Time, end kyc.Closing) ([]kyc.Event, error)
	// Redact destroys the personal data of a session's person
	// (session.Sessions.Redact).
	Redact func(ctx context.Context, t kyc.Tenant, by kyc.Actor, session kyc.ID) error
	// Enrol makes the job that hands the parties of an approved session to
	// monitoring, which asks WatchedParties; nil: nobody watches them.
	Enrol func(t kyc.Tenant, session kyc.ID) kyc.Job
	// Liveness plans a liveness try: who judges it and what the applicant does
	// (provider.Router, check.NewLivenessPlan). It may call a service, so it is
	// asked before anything is stored; nil: nobody films anybody.
	Liveness func(ctx context.Context, q kyc.LivenessQuestion) (kyc.LivenessPlan, error)
	// Selfie holds a selfie to the demands of its step and answers every gate
	// that refused it, in the applicant's words; Unavailable where nobody looks.
	// nil: nobody does.
	Selfie func(ctx context.Context, picture []byte, demands onboarding.SelfieConfig) ([]kyc.Problem, *kyc.Error)
	// DropBlobs makes the job that deletes files of a session
	// (session.DropBlobsJob).
	DropBlobs func(t kyc.Tenant, session kyc.ID, keys []string) kyc.Job
	// Sniff detects the type of a file by its content.
	Sniff func(b []byte) (contentType string, err *kyc.Error)
	// MX reports whether a mail domain takes mail; nil: the question is not
	// asked.
	MX func(ctx context.Context, domain string) (bool, error)
	// Invite hands a message to the mailer; nil: there is none.
	Invite func(ctx context.Context, i Invitation) error
	// Log takes what cannot be told to anybody else; nil is silent.
	Log *slog.Logger
	// Random is where tokens come from; nil is crypto/rand.
	Random io.Reader
}

// Machine is the machine of surface A. All methods of the back office take the
// tenant and the actor of the credential; an object of another tenant is
// kyc.Missing.
type Machine struct {
	d Deps
	// definitions are the parsed versions by their ID; a version is immutable.
	definitions *lru.Cache[kyc.ID, *onboarding.Definition]
	schemas     *flow.Schemas // of the checks' configs
}

// New makes the machine.
func New(d Deps) *Machine {
	if d.Random == nil {
		d.Random = rand.Reader
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	cache, _ := lru.New[kyc.ID, *onboarding.Definition](256) // fails only for a size below 1
	return &Machine{d: d, definitions: cache, schemas: &flow.Schemas{}}
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

// illegal is the answer to a move that the session's state forbids. Both
// states are named in the words of the surface.
func illegal(s *kyc.Session, wanted string) *kyc.Error {
	return kyc.Errorf(kyc.Conflict, "invalid_transition", "the session is %s and cannot become %s", Word(s.Status), wanted)
}

// alive refuses writes to a session whose data was erased or is withheld.
func alive(s *kyc.Session) error {
	if !s.Readable() {
		return s.Gone()
	}
	return nil
}
