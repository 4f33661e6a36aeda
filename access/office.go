package access

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/mail"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"bonafide/kyc"
)

// OrgStore keeps organisations.
type OrgStore interface {
	Org(ctx context.Context, id kyc.ID) (kyc.Org, error)
	Orgs(ctx context.Context) ([]kyc.Org, error)
}

// UserStore keeps people.
type UserStore interface {
	User(ctx context.Context, org, id kyc.ID) (kyc.User, error)
	Users(ctx context.Context, org kyc.ID) ([]kyc.User, error)
	UserByEmail(ctx context.Context, email string) (kyc.User, error)
	// SecondFactorOf finds a person's second factor; NotFound without one.
	SecondFactorOf(ctx context.Context, org, user kyc.ID) (kyc.SecondFactor, error)
}

// Store is what the office needs from disk.
type Store interface {
	OrgStore
	UserStore
	Key(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.APIKey, error)
	Keys(ctx context.Context, t kyc.Tenant) ([]kyc.APIKey, error)
	// Commit writes a change in one transaction, or adds it to the Unit.
	Commit(ctx context.Context, c *kyc.Change) error
}

// Office makes and changes organisations, keys and users. Each method commits
// once, with the events it causes; with a kyc.Unit in the context the commit
// joins the request's.
type Office struct {
	store Store
	clock kyc.Clock
	// thinking bounds how many passwords are hashed at the same time: each
	// takes 19 MiB.
	thinking chan struct{}
}

// NewOffice makes an office.
func NewOffice(store Store, clock kyc.Clock) *Office {
	return &Office{store: store, clock: clock, thinking: make(chan struct{}, 4)}
}

// By says who asked for a change; commands pass kyc.SystemActor("cli").
type By = kyc.Actor

// event begins an audit entry about one of the office's objects. What concerns
// the organisation as a whole is entered in its live environment.
func (o *Office) event(ctx context.Context, t kyc.Tenant, by By, action, object string, id kyc.ID) kyc.Event {
	now := o.clock.Now()
	if t.Env == "" {
		t.Env = kyc.Live
	}
	request := kyc.RequestFrom(ctx)
	if by == (By{}) {
		by = request.Actor
	}
	return kyc.Event{ID: kyc.NewID(now), Tenant: t, At: now, Actor: by, Action: action, Object: object, ObjectID: id, RequestID: request.ID}
}

// CreateOrg makes an organisation with default settings. Errors: Invalid for
// an empty name or one of more than 200 characters.
func (o *Office) CreateOrg(ctx context.Context, name string, by By) (kyc.Org, error) {
	name = strings.TrimSpace(name)
	if problems := checkName("/name", name, 200); len(problems) > 0 {
		return kyc.Org{}, kyc.InvalidInput("validation_failed", "the organisation's name is not valid", problems)
	}
	now := o.clock.Now()
	org := kyc.Org{Meta: kyc.Meta{ID: kyc.NewID(now)}, Name: name}
	org.Tenant = kyc.Tenant{Org: org.ID}
	org.Touch(now)
	err := o.store.Commit(ctx, &kyc.Change{
		Put:    []kyc.Object{&org},
		Events: []kyc.Event{o.event(ctx, org.Tenant, by, "org.create", "org", org.ID)},
	})
	return org, err
}

// Orgs lists all organisations, oldest first.
func (o *Office) Orgs(ctx context.Context) ([]kyc.Org, error) { return o.store.Orgs(ctx) }

// SetSettings replaces an organisation's settings for one environment.
func (o *Office) SetSettings(ctx context.Context, t kyc.Tenant, s kyc.Settings, by By) (kyc.Org, error) {
	org, err := o.store.Org(ctx, t.Org)
	if err != nil {
		return kyc.Org{}, err
	}
	settings := map[kyc.Env]kyc.Settings{}
	for env, old := range org.Settings {
		settings[env] = old
	}
	e := o.event(ctx, t, by, "settings.update", "org", org.ID)
	e.Before, e.After = settingsDigest(org.EnvSettings(t.Env)), settingsDigest(s)
	settings[t.Env] = s
	org.Settings = settings
	org.Touch(o.clock.Now())
	err = o.store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&org}, Events: []kyc.Event{e}})
	return org, err
}

// settingsDigest is the SHA-256 of settings as JSON, in hex.
func settingsDigest(s kyc.Settings) string {
	b, err := json.Marshal(s)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// KeyRequest describes a key to be made.
type KeyRequest struct {
	Tenant     kyc.Tenant
	Name       string
	Scopes     []string // at least one; "*" is everything
	AllowCIDR  []string // single addresses are taken as ranges of one
	RatePerSec float64  // 0: the surface's default
	ExpiresAt  time.Time
	By         By
}

// CreateKey makes a key and gives its text, which is shown once and never
// stored. Errors: NotFound for an unknown organisation, Invalid with every
// problem.
func (o *Office) CreateKey(ctx context.Context, r KeyRequest) (key kyc.APIKey, text string, err error) {
	now := o.clock.Now()
	problems := checkName("/name", r.Name, 200)
	if r.Tenant.Env != kyc.Live && r.Tenant.Env != kyc.Sandbox {
		problems = append(problems, kyc.Problem{Path: "/environment", Code: "not_allowed_value", Message: "allowed: live, sandbox"})
	}
	if len(r.Scopes) == 0 {
		problems = append(problems, kyc.Problem{Path: "/scopes", Code: "required", Message: "a key needs at least one scope"})
	}
	problems = append(problems, CheckScopes("/scopes", r.Scopes)...)
	ranges, found := checkRanges("/allow_cidr", r.AllowCIDR)
	problems = append(problems, found...)
	if r.RatePerSec < 0 || r.RatePerSec > 10_000 {
		problems = append(problems, kyc.Problem{Path: "/rate_per_sec", Code: "out_of_range", Message: "between 0 and 10000"})
	}
	if !r.ExpiresAt.IsZero() && !r.ExpiresAt.After(now) {
		problems = append(problems, kyc.Problem{Path: "/expires_at", Code: "out_of_range", Message: "this must lie in the future"})
	}
	if len(problems) > 0 {
		return kyc.APIKey{}, "", kyc.InvalidInput("validation_failed", "the key cannot be made like this", problems)
	}
	if _, err := o.store.Org(ctx, r.Tenant.Org); err != nil {
		return kyc.APIKey{}, "", err
	}
	key, text = newKey(r, ranges, now)
	err = o.store.Commit(ctx, &kyc.Change{
		Put:    []kyc.Object{&key},
		Events: []kyc.Event{o.event(ctx, key.Tenant, r.By, "key.create", "api_key", key.ID)},
	})
	if err != nil {
		return kyc.APIKey{}, "", err
	}
	return key, text, nil
}

func newKey(r KeyRequest, ranges []string, now time.Time) (kyc.APIKey, string) {
	text, prefix := newSecret(r.Tenant.Env)
	parsed, _ := parseKey(text)
	key := kyc.APIKey{
		Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: r.Tenant},
		Name: strings.TrimSpace(r.Name), Prefix: prefix, Salt: randomHex(16),
		Scopes: slices.Clone(r.Scopes), AllowCIDR: ranges, RatePerSec: r.RatePerSec,
		ExpiresAt: r.ExpiresAt, CreatedBy: r.By.ID,
	}
	key.Hash = hashSecret(key.Salt, parsed.secret)
	key.Touch(now)
	return key, text
}

// ListKeys lists the keys of one environment.
func (o *Office) ListKeys(ctx context.Context, t kyc.Tenant) ([]kyc.APIKey, error) {
	return o.store.Keys(ctx, t)
}

// RevokeKey ends a key at once; doing it again changes nothing.
func (o *Office) RevokeKey(ctx context.Context, t kyc.Tenant, id kyc.ID, by By) (kyc.APIKey, error) {
	key, err := o.store.Key(ctx, t, id)
	if err != nil || !key.RevokedAt.IsZero() {
		return key, err
	}
	now := o.clock.Now()
	key.RevokedAt = now
	key.Touch(now)
	err = o.store.Commit(ctx, &kyc.Change{
		Put:    []kyc.Object{&key},
		Events: []kyc.Event{o.event(ctx, t, by, "key.revoke", "api_key", key.ID)},
	})
	return key, err
}

func checkName(path, name string, longest int) []kyc.Problem {
	switch n := len([]rune(strings.TrimSpace(name))); {
	case n == 0:
		return []kyc.Problem{{Path: path, Code: "required", Message: "this must not be empty"}}
	case n > longest:
		return []kyc.Problem{{Path: path, Code: "too_long", Message: "at most " + itoa(longest) + " characters"}}
	}
	return nil
}

// checkRanges brings CIDR ranges into canonical form.
func checkRanges(path string, in []string) (out []string, problems []kyc.Problem) {
	for i, text := range in {
		if a, err := netip.ParseAddr(text); err == nil {
			a = a.Unmap()
			out = append(out, netip.PrefixFrom(a, a.BitLen()).String())
			continue
		}
		p, err := netip.ParsePrefix(text)
		if err != nil {
			problems = append(problems, kyc.Problem{Path: path + "/" + itoa(i), Code: "format_invalid", Message: "an address or a range such as 192.0.2.0/24"})
			continue
		}
		out = append(out, p.Masked().String())
	}
	return out, problems
}

// checkEmail accepts a bare address and gives it in lower case.
func checkEmail(path, email string) (string, []kyc.Problem) {
	given := strings.TrimSpace(email)
	email = strings.ToLower(given)
	// A few letters become others, of ASCII, when they are made small, as the Kelvin
	// sign and the Turkish İ: that address is somebody else's.
	foreign := func(s string) (n int) {
		for _, r := range s {
			if r >= utf8.RuneSelf {
				n++
			}
		}
		return n
	}
	a, err := mail.ParseAddress(email)
	if err != nil || a.Address != email || len(email) > 254 || foreign(given) != foreign(email) {
		return email, []kyc.Problem{{Path: path, Code: "format_invalid", Message: "this must be an e-mail address"}}
	}
	return email, nil
}
