package monitor

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bonafide/kyc"
)

// Deps are what the machine is made from.
type Deps struct {
	Store Store
	Clock kyc.Clock
	// News turns what happened to a party of a watchlist (*kyc.Watched) and to
	// a customer (*kyc.Subject) into webhooks; nil tells nobody.
	News kyc.News
	// Examine asks one check (check.Menu.Run).
	Examine func(ctx context.Context, r kyc.CheckRequest) kyc.Answer
	// Lists are the watchlists this installation knows, whatever their state
	// (screen.Screener.Status).
	Lists func() []kyc.ListVersion
	// Update says what changed in a list since a version; false, or nil: nobody
	// knows, and everybody is asked for.
	Update func(list, from string) (Update, bool)
	// Crowd finds those at once whom changed entries may mean; nil: the runs
	// find them.
	Crowd Crowd
	// Build names the program: another one may ask the lists in another way, so
	// it asks for everybody once.
	Build string
	// Parties names the parties of an approved session for JobEnrol; nil: that
	// job is not handled here.
	Parties func(ctx context.Context, t kyc.Tenant, session kyc.ID) ([]Party, error)
	// Log takes what cannot be told to anybody else; nil is silent.
	Log *slog.Logger
}

// Machine is the machine of screening, monitoring and customers. All methods
// take the tenant and the actor of the credential; an object of another tenant
// is kyc.Missing.
type Machine struct {
	d     Deps
	crowd crowd
}

// New makes the machine.
func New(d Deps) *Machine {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Machine{d: d}
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

// Objects as events name them.
const (
	objectWatch  = "watchlist"
	objectParty  = "watchlist_subject"
	objectPerson = "identity"
)

// event begins an audit entry.
func event(ctx context.Context, t kyc.Tenant, by kyc.Actor, at time.Time, action, object string, id kyc.ID) kyc.Event {
	return kyc.Event{ID: kyc.NewID(at), Tenant: t, At: at, Actor: by, Action: action, Object: object, ObjectID: id,
		RequestID: kyc.RequestFrom(ctx).ID, Surface: kyc.SurfaceSteps}
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

// match refuses a write whose If-Match named another revision; 0 means that
// the caller did not ask.
func match(m *kyc.Meta, rev int64) error {
	if rev != 0 && m.Rev != rev {
		return kyc.Errorf(kyc.PreconditionFailed, "etag_mismatch", "the object is at revision %d, not %d; read it again", m.Rev, rev)
	}
	return nil
}

// problems collects everything that is wrong with an input.
type problems []kyc.Problem

func (p *problems) add(path, code, format string, args ...any) {
	*p = append(*p, kyc.Problem{Path: path, Code: code, Message: fmt.Sprintf(format, args...)})
}

// text checks a text that a person wrote: length in code points, and nothing
// that no keyboard makes.
func (p *problems) text(path, value string, longest int) {
	switch {
	case !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl):
		p.add(path, "text_invalid", "the text holds characters that cannot be stored")
	case utf8.RuneCountInString(value) > longest:
		p.add(path, "too_long", "at most %d characters", longest)
	}
}

// required is text that may not be blank: it has something that can be seen.
func (p *problems) required(path, value string, longest int) {
	if !strings.ContainsFunc(value, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.IsMark(r) }) {
		p.add(path, "required", "this is needed")
		return
	}
	p.text(path, value, longest)
}

// err is nil, or the Invalid that lists everything.
func (p *problems) err(code, message string) error {
	if len(*p) == 0 {
		return nil
	}
	return kyc.InvalidInput(code, message, *p)
}
