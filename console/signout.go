package console

import (
	"crypto/subtle"
	"time"

	"bonafide/access"
	"bonafide/kyc"
)

// Who came by another house is known there still when our session has ended, and
// whoever sits down at the same window would be let in by a look at a button. So
// the sign-out goes on to the other house where it offers that (OpenID Connect
// RP-Initiated Logout 1.0).

const (
	signOutBack   = "/console/sign-out/done"
	signOutCookie = "bf_sign_out"
	// signOutEnd is how long somebody may take at the other house until what we
	// say on their way back is said no more.
	signOutEnd = 10 * time.Minute
)

// signedOutData is the page between our sign-out and the other house's.
type signedOutData struct {
	// Name is what the other house is called, Next its address.
	Name, Next string
}

// signOut ends the session here, and at the other house if it is asked to.
func (k *desk) signOut(v *Visit) error {
	came := v.session.External
	if v.session.ID != "" {
		err := k.Store.Commit(v.Ctx(), &kyc.Change{Remove: []kyc.Object{&v.session}, Events: []kyc.Event{v.about(&v.User, "user.sign_out")}})
		if err != nil && kyc.KindOf(err) != kyc.NotFound {
			return err
		}
	}
	v.cookie(sessionCookie, "", -1)
	if came == nil || k.SignOn == nil {
		return v.On("/console/sign-in", "You are signed out.")
	}
	state, _ := newToken()
	next, err := k.SignOn.Leave(v.Ctx(), access.Leave{Issuer: came.Issuer, Session: came.Session, Redirect: v.base() + signOutBack, State: hashOf("state " + state)})
	if err != nil {
		k.Log.WarnContext(v.Ctx(), "the sign-out at the single sign-on was left out", "code", kyc.AsError(err).Code)
	}
	if next == "" {
		return v.On("/console/sign-in", "You are signed out here. "+k.SignOn.Name()+" may still know you: sign out there as well if others use this device.")
	}
	v.cookie(signOutCookie, state, signOutEnd)
	// No form may end at another house (form-action of the content policy, which
	// browsers apply to what a form is redirected to as well). So a page of ours
	// answers, which the browser leaves at once.
	v.W.Header().Set("Refresh", "0; url="+next)
	v.User, v.session, v.Who, v.Org = kyc.User{}, kyc.ConsoleSession{}, access.Principal{}, kyc.Org{}
	return v.Show("signedout", "Signed out", signedOutData{Name: k.SignOn.Name(), Next: next})
}

// signedOut takes who comes back from the sign-out of the other house. The
// answer changes nothing; the state only tells whether it is one.
func (k *desk) signedOut(v *Visit) error {
	if k.SignOn == nil {
		return noSignOn()
	}
	c, err := v.R.Cookie(signOutCookie)
	if err != nil {
		return v.On("/console/sign-in", "")
	}
	v.cookie(signOutCookie, "", -1)
	if subtle.ConstantTimeCompare([]byte(v.R.URL.Query().Get("state")), []byte(hashOf("state "+c.Value))) != 1 {
		return v.On("/console/sign-in", "")
	}
	return v.On("/console/sign-in", "You are signed out, here and at "+k.SignOn.Name()+".")
}
