package console

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"bonafide/access"
	"bonafide/kyc"
)

// How long a sign-in lasts: at most a working day, and half an hour longer than
// the person does anything (OWASP Session Management Cheat Sheet: 15 to 30
// minutes idle, 4 to 12 hours in all).
const (
	idleEnd     = 30 * time.Minute
	absoluteEnd = 12 * time.Hour
	// codeEnd is how long the second factor may take.
	codeEnd = 10 * time.Minute
	// seenEvery is how fresh the idle time is kept.
	seenEvery = time.Minute

	sessionCookie = "bf_console"

	stayAsk  = "GET /console/stay"
	stayHere = "POST /console/stay"
)

func itoa(n int) string { return strconv.Itoa(n) }

// newToken draws 256 random bits, for the cookie, and gives their hash for the
// store. A fast hash is right: there is nothing to guess.
func newToken() (token, hash string) {
	var b [32]byte
	_, _ = rand.Read(b[:]) // crypto/rand never fails since Go 1.24
	token = base64.RawURLEncoding.EncodeToString(b[:])
	return token, hashOf(token)
}

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// mark is what a sign-in remembers of what opened the account then: the password
// and all that raises the epoch, such as the second factor.
func mark(u *kyc.User) string {
	return hashOf(u.PasswordHash + " " + itoa(u.Epoch))[:32]
}

func notSignedIn() error {
	return kyc.Errorf(kyc.Unauthenticated, "not_signed_in", "sign in first")
}

func (v *Visit) signedIn() bool { return v.User.ID != "" && !v.session.Factor }

// whoIs finds the person behind the cookie. Errors: Unauthenticated when nobody
// is signed in (any more).
func (k *desk) whoIs(v *Visit) error {
	c, err := v.R.Cookie(sessionCookie)
	if err != nil || len(c.Value) != 43 {
		return notSignedIn()
	}
	ctx := v.R.Context()
	s, err := k.Store.ConsoleSession(ctx, hashOf(c.Value))
	if err != nil {
		if kyc.KindOf(err) == kyc.NotFound {
			return notSignedIn()
		}
		return err
	}
	now := k.Clock.Now()
	if !now.Before(s.EndsAt) || now.Sub(s.SeenAt) >= idleEnd {
		return notSignedIn()
	}
	u, err := k.Store.User(ctx, s.Tenant.Org, s.UserID)
	if err != nil {
		if kyc.KindOf(err) == kyc.NotFound {
			return notSignedIn()
		}
		return err
	}
	if !u.DisabledAt.IsZero() || mark(&u) != s.Mark {
		return notSignedIn()
	}
	v.session, v.User = s, u
	if s.Factor {
		if v.route.Pattern == codePage || v.route.Pattern == codeForm || v.route.Scope == open {
			return nil
		}
		return kyc.Errorf(kyc.Unauthenticated, "second_factor_missing", "the second factor is still missing")
	}
	if v.Org, err = k.Store.Org(ctx, s.Tenant.Org); err != nil {
		return err
	}
	v.Who = access.PrincipalOf(u, s.At)
	v.R = v.R.WithContext(kyc.WithRequest(ctx, kyc.Request{ID: kyc.RequestFrom(ctx).ID, Actor: v.Who.Actor}))
	if k.mustChange(v) && !mayWait(v.route) {
		return kyc.Errorf(kyc.Forbidden, codeMustChange, "somebody else chose your password; choose your own first")
	}
	if now.Sub(s.SeenAt) >= seenEvery && !v.route.Unattended {
		v.session.SeenAt = now
		return k.Store.SetConsoleSeen(ctx, s.ID, now)
	}
	return nil
}

// codeMustChange is the code of what is refused until a person has a password
// of their own.
const codeMustChange = "password_must_change"

// mustChange reports whether nothing opens but the change of the password. Who
// came by single sign-on did not use it.
func (k *desk) mustChange(v *Visit) bool {
	return v.User.MustChange && v.User.PasswordHash != "" && v.session.External == nil && !k.NoPasswords
}

// mayWait reports whether a route serves people whose password is not their own.
func mayWait(r Route) bool {
	switch r.Pattern {
	case "GET /console/account", "POST /console/account/password", "POST /console/sign-out", stayAsk, stayHere:
		return true
	}
	return r.Scope == open
}

// begin signs a person in: a fresh token, and the one they came with ends.
// factor says that the second factor is still to come, came is the entry for the
// audit chain; nil for none.
func (v *Visit) begin(u kyc.User, factor bool, came *kyc.Event) error {
	now := v.desk.Clock.Now()
	token, hash := newToken()
	s := &kyc.ConsoleSession{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: kyc.Tenant{Org: u.Tenant.Org}}, UserID: u.ID, At: kyc.Live, TokenHash: hash,
		Factor: factor, Mark: mark(&u), SeenAt: now, EndsAt: now.Add(absoluteEnd)}
	if factor {
		s.EndsAt = now.Add(codeEnd)
	}
	if v.session.UserID == u.ID && v.session.At != "" {
		s.At, s.KeysOff, s.External = v.session.At, v.session.KeysOff, v.session.External
	}
	if v.external != nil {
		s.External = v.external
	}
	s.Touch(now)
	change := kyc.Change{Put: []kyc.Object{s}}
	if v.session.ID != "" {
		change.Remove = append(change.Remove, &v.session)
	}
	if came != nil {
		change.Events = append(change.Events, *came)
	}
	if err := v.desk.Store.Commit(v.Ctx(), &change); err != nil {
		return err
	}
	v.cookie(sessionCookie, token, s.EndsAt.Sub(now))
	if factor {
		return nil
	}
	return v.knowDevice(u.Email)
}

// about begins an audit entry about a person's own account.
func (v *Visit) about(u *kyc.User, action string) kyc.Event {
	now := v.desk.Clock.Now()
	return kyc.Event{ID: kyc.NewID(now), Tenant: kyc.Tenant{Org: u.Tenant.Org, Env: kyc.Live}, At: now, Action: action, Object: "user", ObjectID: u.ID,
		Actor: kyc.Actor{Kind: kyc.ActorUser, ID: string(u.ID)}, RequestID: kyc.RequestFrom(v.Ctx()).ID}
}

// change stores another choice of the person with their session.
func (v *Visit) change(alter func(*kyc.ConsoleSession)) error {
	s := v.session
	alter(&s)
	s.Touch(v.desk.Clock.Now())
	err := v.desk.Store.Commit(v.Ctx(), &kyc.Change{Put: []kyc.Object{&s}})
	if err == nil {
		v.session = s
	}
	return err
}

// switchEnv changes between live and sandbox and shows the same section there.
func (k *desk) switchEnv(v *Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	to := kyc.Env(v.R.PostFormValue("to"))
	if to != kyc.Live && to != kyc.Sandbox {
		return kyc.InvalidInput("environment_unknown", "choose live or sandbox", []kyc.Problem{{Path: "/to", Code: "not_allowed_value", Message: "live or sandbox"}})
	}
	if err := v.change(func(s *kyc.ConsoleSession) { s.At = to }); err != nil {
		return err
	}
	return v.On(sectionOf(v.R.PostFormValue("back")), "")
}

// sectionOf is the first page of the section a path belongs to: an object of
// one environment does not exist in the other.
func sectionOf(path string) string {
	path = inside(path)
	if parts := strings.SplitN(strings.TrimPrefix(path, "/console/"), "/", 2); parts[0] != "" {
		return "/console/" + parts[0]
	}
	return "/console/"
}

// inside keeps an address that is a path of the console, and turns any other
// into the first page.
func inside(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(u.Path, "/console/") || slices.Contains(strings.Split(u.Path, "/"), "..") || strings.ContainsAny(address, "\\\r\n") ||
		strings.HasPrefix(u.Path, "/console/sign-") || strings.HasPrefix(u.Path, "/console/code") || strings.HasPrefix(u.Path, "/console/api/") {
		return "/console/"
	}
	return u.RequestURI()
}

// toSignIn sends somebody to the way in and keeps where they wanted to go.
func (v *Visit) toSignIn() {
	to := "/console/sign-in"
	if v.session.Factor {
		to = "/console/code"
	}
	if v.R.Method == http.MethodGet && !v.Htmx() {
		if back := inside(v.R.URL.RequestURI()); back != "/console/" {
			to += "?to=" + url.QueryEscape(back)
		}
	}
	if v.Htmx() {
		v.W.Header().Set("HX-Redirect", to)
		v.W.WriteHeader(http.StatusUnauthorized)
		return
	}
	if strings.HasPrefix(v.R.URL.Path, "/console/api/") {
		v.W.Header().Set("Content-Type", "application/problem+json")
		v.W.WriteHeader(http.StatusUnauthorized)
		_, _ = v.W.Write([]byte(`{"type":"/docs#problem-unauthenticated","title":"Not signed in","status":401,"code":"not_signed_in","error":"not_signed_in","detail":"sign in first"}`))
		return
	}
	http.Redirect(v.W, v.R, to, http.StatusSeeOther)
}
