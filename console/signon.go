package console

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"bonafide/access"
	"bonafide/kyc"
)

// SignOn is another house that says who people are (OpenID Connect).
type SignOn interface {
	// Name is what the button says.
	Name() string
	// Address is where a browser goes to be asked.
	Address(ctx context.Context, f access.Flow) (string, error)
	// Person gives who came back with an answer (access/signon.Provider.Person).
	Person(ctx context.Context, f access.Flow, answer url.Values) (access.External, error)
	// SignIn finds their account (access.Office.SignInExternal).
	SignIn(ctx context.Context, x access.External) (kyc.User, error)
	// Leave is where a browser goes to be signed out there, too; empty where
	// that is not offered or not wanted (access/signon.Provider.Leave).
	Leave(ctx context.Context, l access.Leave) (string, error)
}

const (
	signOnPath   = "/console/sign-in/oidc"
	signOnBack   = signOnPath + "/callback"
	signOnCookie = "bf_sign_on"
	// signOnEnd is how long somebody may take at the other house.
	signOnEnd = 10 * time.Minute
)

// signOnFlow is a sign-in that is under way at the other house. The browser
// keeps the token, from which everything else is made; the other house sees
// hashes of it, and the store a keyed one.
type signOnFlow struct {
	token, to string
	at        int64
}

func (f signOnFlow) text() string {
	return f.token + "." + strconv.FormatInt(f.at, 10) + "." + base64.RawURLEncoding.EncodeToString([]byte(f.to))
}

// flow are the values that bind the way there to the way back.
func (f signOnFlow) flow(v *Visit) access.Flow {
	return access.Flow{State: hashOf("state " + f.token), Nonce: hashOf("nonce " + f.token), Verifier: hashOf("verifier " + f.token), Redirect: v.base() + signOnBack}
}

// base is the address people reach the console at.
func (v *Visit) base() string {
	switch {
	case v.desk.PublicURL != "":
		return strings.TrimSuffix(v.desk.PublicURL, "/")
	case v.desk.Secure || v.R.TLS != nil:
		return "https://" + v.R.Host
	}
	return "http://" + v.R.Host
}

// signOnMark keeps a cookie from being made up.
func (k *desk) signOnMark(v *Visit, text string) (string, error) {
	mark, err := k.Store.TriesName(v.Ctx(), "sign-on", hashOf(text))
	return hashOf(mark), err
}

func noSignOn() error {
	return kyc.Missing("page", "of this address")
}

// signOnStart sends the browser to the other house. It is a link and no form,
// because the content policy lets no form end at another house.
func (k *desk) signOnStart(v *Visit) error {
	if k.SignOn == nil {
		return noSignOn()
	}
	f := signOnFlow{at: k.Clock.Now().Unix(), to: inside(v.R.URL.Query().Get("to"))}
	if v.signedIn() {
		return v.On(f.to, "")
	}
	f.token, _ = newToken()
	address, err := k.SignOn.Address(v.Ctx(), f.flow(v))
	if err != nil {
		return k.signOnFailed(v, f.to, nil, err)
	}
	mark, err := k.signOnMark(v, f.text())
	if err != nil {
		return err
	}
	v.cookie(signOnCookie, f.text()+"."+mark, signOnEnd)
	return v.On(address, "")
}

// signOnUnderWay reads what the browser kept. False when nothing is under way
// or it took too long.
func (k *desk) signOnUnderWay(v *Visit) (f signOnFlow, ok bool, err error) {
	c, err := v.R.Cookie(signOnCookie)
	if err != nil {
		return f, false, nil //nolint:nilerr // no cookie is an answer
	}
	i := strings.LastIndexByte(c.Value, '.')
	if i < 0 {
		return f, false, nil
	}
	text, given := c.Value[:i], c.Value[i+1:]
	mark, err := k.signOnMark(v, text)
	if err != nil {
		return f, false, err
	}
	parts := strings.Split(text, ".")
	if len(parts) != 3 || subtle.ConstantTimeCompare([]byte(mark), []byte(given)) != 1 {
		return f, false, nil
	}
	at, err1 := strconv.ParseInt(parts[1], 10, 64)
	to, err2 := base64.RawURLEncoding.DecodeString(parts[2])
	age := k.Clock.Now().Sub(time.Unix(at, 0))
	ok = err1 == nil && err2 == nil && age >= 0 && age < signOnEnd
	return signOnFlow{token: parts[0], to: inside(string(to)), at: at}, ok, nil
}

// signOnAnswer takes who comes back from the other house. A sign-in counts
// once, on all nodes, whatever the other house does with its codes.
func (k *desk) signOnAnswer(v *Visit) error {
	if k.SignOn == nil {
		return noSignOn()
	}
	f, ok, err := k.signOnUnderWay(v)
	if err != nil {
		return err
	}
	answer, flow := v.R.URL.Query(), f.flow(v)
	if !ok || subtle.ConstantTimeCompare([]byte(answer.Get("state")), []byte(flow.State)) != 1 {
		return k.signOnFailed(v, "/console/", nil, kyc.Errorf(kyc.Unauthenticated, "sign_on_foreign", "this answer belongs to no sign-in of this browser"))
	}
	v.cookie(signOnCookie, "", -1)
	if err := k.signOnOnce(v.Ctx(), f); err != nil {
		return k.signOnFailed(v, f.to, nil, err)
	}
	// Each answer costs questions to the other house, so an address that brings
	// many bad ones is slowed down as for passwords. The pause of an account is
	// none here: nobody guesses a password, so strangers keep nobody out.
	address := k.Address(v.Ctx())
	if err := k.try(v.Ctx(), "address", address, freeForAddress); err != nil {
		return k.signOnFailed(v, f.to, nil, err)
	}
	x, err := k.SignOn.Person(v.Ctx(), flow, answer)
	if err != nil {
		return k.signOnFailed(v, f.to, nil, err)
	}
	u, err := k.SignOn.SignIn(v.Ctx(), x)
	if err != nil {
		return k.signOnFailed(v, f.to, &u, err)
	}
	if err := k.uncount(v.Ctx(), "address", address); err != nil {
		return err
	}
	v.external = &kyc.ExternalSession{Issuer: x.Issuer, Session: x.Session}
	return k.admit(v, u, f.to, "sign_on", x.Factor)
}

// signOnOnce marks a sign-in as used. Errors: Unauthenticated sign_on_used.
func (k *desk) signOnOnce(ctx context.Context, f signOnFlow) error {
	name, err := k.Store.TriesName(ctx, "sign-on used", hashOf(f.token))
	if err != nil {
		return err
	}
	err = k.Store.CountSignIn(ctx, kyc.SignInTries{Name: name}, kyc.SignInTries{Name: name, Failed: 1, At: k.Clock.Now()})
	if err != nil && kyc.KindOf(err) == kyc.Conflict {
		return kyc.Errorf(kyc.Unauthenticated, "sign_on_used", "this sign-in was used already")
	}
	return err
}

// signOnSays are the sentences for what can go wrong. What is wrong with an
// account is for its owner and for the log, not for whoever tries addresses.
func signOnSays(code, name string) string {
	switch code {
	case "sign_on_declined":
		return name + " let nobody in."
	case "sign_on_foreign", "sign_on_used", "sign_on_code":
		return "This sign-in was not begun in this browser, was used already or took too long. Please begin again."
	case "sign_on_token":
		return "The answer of " + name + " cannot be trusted. Ask whoever runs this server."
	case "email_unverified":
		return name + " gives no e-mail address of yours that it has verified."
	case "last_admin":
		return "Your groups at " + name + " take away the role of the last admin. Make somebody else an admin first."
	}
	return name + " knows you, but no account here is open to you. Ask an admin of your organisation."
}

// signOnFailed answers with the sign-in page and leaves a trace: in the log the
// code alone, in the audit chain of the organisation where an account is known.
func (k *desk) signOnFailed(v *Visit, to string, u *kyc.User, err error) error {
	e := kyc.AsError(err)
	page := k.signInData(to)
	if e.Kind == kyc.RateLimited {
		return k.slowDown(v, page, e)
	}
	status := http.StatusUnprocessableEntity
	switch {
	case e.Kind == kyc.Unavailable:
		status, page.Problem = http.StatusServiceUnavailable, k.SignOn.Name()+" cannot be reached now."
	case e.Kind == kyc.Unauthenticated, e.Code == "last_admin":
		page.Problem = signOnSays(e.Code, k.SignOn.Name())
	default:
		return err
	}
	k.Log.WarnContext(v.Ctx(), "a single sign-on failed", "code", e.Code, "cause", e.Cause)
	if u != nil && u.ID != "" {
		refusal := v.about(u, "user.sign_in_refused")
		refusal.Actor, refusal.Reason = kyc.SystemActor("sign-on"), e.Code
		if err := k.Store.Commit(v.Ctx(), &kyc.Change{Events: []kyc.Event{refusal}}); err != nil {
			return err
		}
	}
	v.show(status, "signin", "Sign in", page)
	return nil
}
