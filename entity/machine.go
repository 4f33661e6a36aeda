package entity

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
	// News turns what happened to an individual (*kyc.Individual) into webhooks:
	// created, updated, deleted. nil tells nobody.
	News kyc.News
	// Sniff detects the type of a file by its content.
	Sniff func(b []byte) (contentType string, err *kyc.Error)
	// Blind hashes a value under the tenant's key (the store's Blind).
	Blind func(ctx context.Context, t kyc.Tenant, kind, value string) (string, error)
	// Changed gives what else must be written when facts about a person
	// changed: risks that were computed of them are outdated
	// (execution.Machine.FactorsChanged). nil: nothing.
	Changed func(ctx context.Context, t kyc.Tenant, subject kyc.ID) (kyc.Change, error)
	// EraseSessions prepares the erasure of the sessions of a person: their
	// marks, their files, what reviewers wrote. The key of the person is this
	// machine's part. nil: the sessions keep their marks, unreadable.
	EraseSessions func(ctx context.Context, t kyc.Tenant, by kyc.Actor, sessions []kyc.Session) (kyc.Change, error)
	// Log takes what cannot be told to anybody else; nil is silent.
	Log *slog.Logger
}

// Machine is the machine of individuals and matchlists. All methods take the
// tenant and the actor of the credential; an object of another tenant is
// kyc.Missing, and so is one that was deleted or erased. rev is the revision of
// If-Match, 0 for none: PreconditionFailed etag_mismatch for another one.
type Machine struct{ d Deps }

// New makes the machine.
func New(d Deps) *Machine {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Machine{d: d}
}

// now is the tenant's own time (the sandbox clock may be ahead).
func (m *Machine) now(ctx context.Context, t kyc.Tenant) (time.Time, error) {
	org, err := m.d.Store.Org(ctx, t.Org)
	if err != nil {
		return time.Time{}, err
	}
	return org.Now(m.d.Clock, t.Env), nil
}

// Objects as events name them.
const (
	objectPerson    = "individual"
	objectPaper     = "document"
	objectProfile   = "service_profile"
	objectMatchlist = "matchlist"
)

// event begins an audit entry.
func event(ctx context.Context, t kyc.Tenant, by kyc.Actor, at time.Time, action, object string, id, subject kyc.ID) kyc.Event {
	return kyc.Event{ID: kyc.NewID(at), Tenant: t, At: at, Actor: by, Action: action, Object: object, ObjectID: id, SubjectID: subject,
		RequestID: kyc.RequestFrom(ctx).ID, Surface: kyc.SurfaceEntities}
}

// look records that somebody read something.
func (m *Machine) look(ctx context.Context, t kyc.Tenant, by kyc.Actor, action, object string, id, subject kyc.ID) error {
	at, err := m.now(ctx, t)
	if err != nil {
		return err
	}
	return m.d.Store.Commit(ctx, &kyc.Change{Events: []kyc.Event{event(ctx, t, by, at, action, object, id, subject)}})
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

// maxText bounds every text of a body, in bytes (api.md 1.4).
const maxText = 64 << 10

// text checks a text that a person wrote: length, and nothing that no keyboard
// makes.
func (p *problems) text(path, value string, longest int) {
	strange := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' }
	switch {
	case !utf8.ValidString(value) || strings.ContainsFunc(value, strange):
		p.add(path, "text_invalid", "the text holds characters that cannot be stored")
	case len(value) > longest:
		p.add(path, "too_long", "at most %d bytes", longest)
	}
}

// oneOf checks a word of a closed list; empty is allowed.
func (p *problems) oneOf(path, value string, words []string) {
	if value == "" {
		return
	}
	for _, w := range words {
		if w == value {
			return
		}
	}
	p.add(path, "enum_invalid", "use one of %s", strings.Join(words, ", "))
}

// err is nil, or the Invalid that lists everything.
func (p *problems) err(code, message string) error {
	if len(*p) == 0 {
		return nil
	}
	return kyc.InvalidInput(code, message, *p)
}
