package console

import (
	"net/http"
	"net/url"
	"strings"

	"bonafide/kyc"
)

// The routes a person has whose second factor is outstanding.
const (
	codePage = "GET /console/code"
	codeForm = "POST /console/code"
)

// entrance is the part of the console that lets people in and out.
func (k *desk) entrance() Section {
	s := Section{Name: "entrance", Routes: []Route{
		{Pattern: "GET /console/sign-in", Scope: open, Do: k.signInPage},
		{Pattern: "POST /console/sign-in", Scope: open, Do: k.signIn},
		{Pattern: "GET " + signOnPath, Scope: open, Do: k.signOnStart},
		{Pattern: "GET " + signOnBack, Scope: open, Do: k.signOnAnswer},
		{Pattern: "POST /console/sign-out", Scope: SignedIn, Do: k.signOut},
		{Pattern: stayAsk, Scope: SignedIn, Do: k.stay, Unattended: true},
		{Pattern: stayHere, Scope: SignedIn, Do: k.stay},
		{Pattern: "GET " + signOutBack, Scope: open, Do: k.signedOut},
		{Pattern: "POST /console/environment", Scope: SignedIn, Do: k.switchEnv},
		{Pattern: "POST /console/keys", Scope: SignedIn, Do: k.switchKeys},
		{Pattern: "GET /console", Scope: SignedIn, Do: k.first},
		{Pattern: "GET /console/{$}", Scope: SignedIn, Do: k.first},
		{Pattern: "GET /console/{rest...}", Scope: SignedIn, Do: func(v *Visit) error { return kyc.Missing("page", "of this address") }},
	}}
	s.Routes = append(s.Routes, k.factors()...)
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		s.Routes = append(s.Routes, Route{Pattern: method + " /console/api/{path...}", Scope: SignedIn, Do: k.forward})
	}
	return s
}

// signInData is the page of the way in.
type signInData struct {
	Email, To, Problem string
	// Passwords says that a password lets people in, SignOn what the button to
	// another house says; empty: there is none.
	Passwords bool
	SignOn    string
}

func (k *desk) signInData(to string) signInData {
	page := signInData{To: to, Passwords: !k.NoPasswords}
	if k.SignOn != nil {
		page.SignOn = k.SignOn.Name()
	}
	return page
}

func (k *desk) signInPage(v *Visit) error {
	to := inside(v.R.URL.Query().Get("to"))
	if v.signedIn() {
		return v.On(to, "")
	}
	return v.Show("signin", "Sign in", k.signInData(to))
}

// signIn checks the password. What was wrong is never said more exactly.
func (k *desk) signIn(v *Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	if k.NoPasswords {
		return kyc.Errorf(kyc.Forbidden, "passwords_off", "no password opens this console; use the single sign-on")
	}
	page := k.signInData(inside(v.R.PostFormValue("to")))
	page.Email = strings.TrimSpace(v.R.PostFormValue("email"))
	u, err := k.checkPassword(v, page.Email, v.R.PostFormValue("password"))
	if err != nil {
		switch kyc.KindOf(err) {
		case kyc.Unauthenticated:
			page.Problem = "The e-mail address or the password is wrong."
		case kyc.RateLimited:
			return k.slowDown(v, page, kyc.AsError(err))
		default:
			return err
		}
		return v.Refuse("signin", "Sign in", page)
	}
	return k.admit(v, u, page.To, "", false)
}

// slowDown answers who tries too often.
func (k *desk) slowDown(v *Visit, page signInData, e *kyc.Error) error {
	page.Problem = "Too many tries. " + strings.ToUpper(e.Message[:1]) + e.Message[1:] + "."
	v.W.Header().Set("Retry-After", retryAfter(e))
	v.show(http.StatusTooManyRequests, "signin", "Sign in", page)
	return nil
}

// admit begins the session of a person who proved one factor, or with both the
// whole: the second is asked for unless it was proved, too, or there is none.
// how says by what other way than a password they came.
func (k *desk) admit(v *Visit, u kyc.User, to, how string, both bool) error {
	f, err := k.Store.SecondFactorOf(v.Ctx(), u.Tenant.Org, u.ID)
	if err != nil && kyc.KindOf(err) != kyc.NotFound {
		return err
	}
	if err == nil && !f.ConfirmedAt.IsZero() && !both {
		if err := v.begin(u, true, nil); err != nil {
			return err
		}
		return v.On("/console/code?to="+url.QueryEscape(to), "")
	}
	came := v.about(&u, "user.sign_in")
	came.Reason = how
	if err := v.begin(u, false, &came); err != nil {
		return err
	}
	return v.On(to, "")
}

func (k *desk) checkPassword(v *Visit, email, password string) (kyc.User, error) {
	ctx, address := v.Ctx(), k.Address(v.Ctx())
	device, err := k.knownDevice(v, email)
	if err != nil {
		return kyc.User{}, err
	}
	if device != "" {
		if err := k.try(ctx, "device", device, freeForAccount); err != nil {
			return kyc.User{}, err
		}
		u, err := k.People.SignIn(ctx, email, password)
		if err != nil {
			return u, err
		}
		return u, k.worked(ctx, "device", device)
	}
	if err := k.try(ctx, "address", address, freeForAddress); err != nil {
		return kyc.User{}, err
	}
	if err := k.try(ctx, "account", email, freeForAccount); err != nil {
		return kyc.User{}, err
	}
	u, err := k.People.SignIn(ctx, email, password)
	if err != nil {
		return u, err
	}
	if err := k.uncount(ctx, "address", address); err != nil {
		return u, err
	}
	return u, k.worked(ctx, "account", email)
}

// switchKeys turns the single-key shortcuts off and on (WCAG 2.1.4).
func (k *desk) switchKeys(v *Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	off := v.R.PostFormValue("keys") == "off"
	if err := v.change(func(s *kyc.ConsoleSession) { s.KeysOff = off }); err != nil {
		return err
	}
	said := "Keyboard shortcuts are on."
	if off {
		said = "Keyboard shortcuts are off."
	}
	return v.On(inside(v.R.PostFormValue("back")), said)
}

// first shows the first section the person may see.
func (k *desk) first(v *Visit) error {
	for _, l := range k.links {
		if l.Scope == SignedIn || v.May(l.Scope) {
			return v.On(l.Href, "")
		}
	}
	return v.Show("empty", "Console", nil)
}

// forward hands a request of a page's script to the public API.
func (k *desk) forward(v *Visit) error {
	r := v.R.Clone(v.Ctx())
	r.URL.Path = "/" + v.R.PathValue("path")
	r.URL.RawPath = strings.TrimPrefix(v.R.URL.RawPath, "/console/api")
	r.RequestURI = r.URL.RequestURI()
	r.Header.Del("Cookie")
	k.API(v.Who, v.W, r)
	return nil
}
