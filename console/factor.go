package console

import (
	"net/http"
	"slices"
	"strings"

	"bonafide/kyc"
	"bonafide/ui"
)

// freeForCodes is how many wrong codes are free before the pauses begin.
const freeForCodes = 5

// accountPage is a person's own account.
type accountPage struct {
	Email, Role string
	On, Pending bool
	Since       string
	Left        int // recovery codes
	// Code draws the secret, Secret is the same to be typed.
	Code     ui.QR
	Secret   string
	Codes    []string // recovery codes, shown once
	Password bool     // the account has one that can be changed
	Problem  string
}

// codeData is the page that asks for the second factor.
type codeData struct{ To, Problem string }

// factors are the routes of the second factor.
func (k *desk) factors() []Route {
	return []Route{
		{Pattern: codePage, Scope: SignedIn, Do: k.codeForm},
		{Pattern: codeForm, Scope: SignedIn, Do: k.code},
		{Pattern: "GET /console/account", Scope: SignedIn, Do: k.account},
		{Pattern: "POST /console/account/password", Scope: SignedIn, Do: k.changePassword},
		{Pattern: "POST /console/account/factor", Scope: SignedIn, Do: k.enrol},
		{Pattern: "POST /console/account/factor/confirm", Scope: SignedIn, Do: k.confirm},
		{Pattern: "POST /console/account/factor/off", Scope: SignedIn, Do: k.factorOff},
	}
}

// factor finds the person's second factor; ok is false without one.
func (k *desk) factor(v *Visit) (f kyc.SecondFactor, ok bool, err error) {
	f, err = k.Store.SecondFactorOf(v.Ctx(), v.User.Tenant.Org, v.User.ID)
	if err != nil && kyc.KindOf(err) == kyc.NotFound {
		return f, false, nil
	}
	return f, err == nil, err
}

func (k *desk) codeForm(v *Visit) error {
	to := inside(v.R.URL.Query().Get("to"))
	if v.signedIn() {
		return v.On(to, "")
	}
	return v.Show("code", "Second factor", codeData{To: to})
}

// code takes a code of the app or a recovery code and completes the sign-in.
func (k *desk) code(v *Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	page := codeData{To: inside(v.R.PostFormValue("to"))}
	if v.signedIn() {
		return v.On(page.To, "")
	}
	err := k.spend(v, v.R.PostFormValue("code"))
	switch kyc.KindOf(err) {
	case kyc.Unauthenticated, kyc.Conflict:
		page.Problem = "This code is wrong or was used already."
		return v.Refuse("code", "Second factor", page)
	case kyc.RateLimited:
		page.Problem = "Too many tries. Wait a moment and try again."
		v.W.Header().Set("Retry-After", retryAfter(kyc.AsError(err)))
		v.show(http.StatusTooManyRequests, "code", "Second factor", page)
		return nil
	}
	if err != nil {
		return err
	}
	came := v.about(&v.User, "user.sign_in")
	if err := v.begin(v.User, false, &came); err != nil {
		return err
	}
	return v.On(page.To, "")
}

// spend checks a code and marks it as used. Two that send the same code at once
// meet at the revision of the factor: the second is refused.
func (k *desk) spend(v *Visit, code string) error {
	refused := kyc.Errorf(kyc.Unauthenticated, "code_wrong", "this code is wrong or was used already")
	f, ok, err := k.factor(v)
	if err != nil {
		return err
	}
	if !ok || f.ConfirmedAt.IsZero() {
		return refused
	}
	if err := k.try(v.Ctx(), "code", string(v.User.ID), freeForCodes); err != nil {
		return err
	}
	now, action := k.Clock.Now(), ""
	if step, ok := totpMatch(f.Secret, code, now, f.LastStep); ok {
		f.LastStep = step
	} else if i := slices.Index(f.Recovery, recoveryHash(code)); i >= 0 {
		f.Recovery, action = slices.Delete(slices.Clone(f.Recovery), i, i+1), "user.recovery_code"
	} else {
		return refused
	}
	f.Touch(now)
	change := kyc.Change{Put: []kyc.Object{&f}}
	if action != "" {
		change.Events = append(change.Events, v.about(&v.User, action))
	}
	if err := k.Store.Commit(v.Ctx(), &change); err != nil {
		return err
	}
	return k.worked(v.Ctx(), "code", string(v.User.ID))
}

func (k *desk) account(v *Visit) error { return k.showAccount(v, http.StatusOK, nil, "") }

func (k *desk) showAccount(v *Visit, status int, codes []string, problem string) error {
	f, ok, err := k.factor(v)
	if err != nil {
		return err
	}
	p := accountPage{Email: v.User.Email, Role: v.User.Role, Codes: codes, Problem: problem, Password: v.User.PasswordHash != "" && !k.NoPasswords}
	switch {
	case ok && !f.ConfirmedAt.IsZero():
		p.On, p.Since, p.Left = true, f.ConfirmedAt.UTC().Format("2 Jan 2006"), len(f.Recovery)
	case ok:
		p.Pending, p.Secret = true, spaced(base32Plain.EncodeToString(f.Secret))
		if p.Code, err = ui.NewQR(totpURI(f.Secret, "Bonafide "+v.Org.Name, v.User.Email)); err != nil {
			return err
		}
	}
	v.show(status, "account", "My account", p)
	return nil
}

// enrol draws a secret that counts once a code has proved that the app has it.
func (k *desk) enrol(v *Visit) error {
	f, ok, err := k.factor(v)
	if err != nil {
		return err
	}
	if ok && !f.ConfirmedAt.IsZero() {
		return kyc.Errorf(kyc.Conflict, "second_factor_exists", "turn the second factor off first")
	}
	now := k.Clock.Now()
	if !ok {
		f = kyc.SecondFactor{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: kyc.Tenant{Org: v.User.Tenant.Org, Env: kyc.Live}}, UserID: v.User.ID}
	}
	f.Secret = newSecret()
	f.Touch(now)
	if err := k.Store.Commit(v.Ctx(), &kyc.Change{Put: []kyc.Object{&f}}); err != nil {
		return err
	}
	return v.On("/console/account", "")
}

// confirm takes the first code and shows the recovery codes, this once.
func (k *desk) confirm(v *Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	f, ok, err := k.factor(v)
	if err != nil {
		return err
	}
	if !ok || !f.ConfirmedAt.IsZero() {
		return kyc.Errorf(kyc.Conflict, "nothing_to_confirm", "no second factor is being set up")
	}
	if err := k.try(v.Ctx(), "code", string(v.User.ID), freeForCodes); err != nil {
		return err
	}
	now := k.Clock.Now()
	step, ok := totpMatch(f.Secret, v.R.PostFormValue("code"), now, 0)
	if !ok {
		return k.showAccount(v, http.StatusUnprocessableEntity, nil, "This code does not fit. Is the clock of the phone right?")
	}
	codes, hashes := recoveryCodes()
	f.ConfirmedAt, f.LastStep, f.Recovery = now, step, hashes
	f.Touch(now)
	if err := v.alone(kyc.Change{Put: []kyc.Object{&f}, Events: []kyc.Event{v.about(&v.User, "user.second_factor_on")}}); err != nil {
		return err
	}
	if err := k.worked(v.Ctx(), "code", string(v.User.ID)); err != nil {
		return err
	}
	return k.showAccount(v, http.StatusOK, codes, "")
}

// factorOff takes the second factor away; whoever found an open window cannot,
// because it needs a code.
func (k *desk) factorOff(v *Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	err := k.spend(v, v.R.PostFormValue("code"))
	if kyc.KindOf(err) == kyc.Unauthenticated && err != nil {
		return k.showAccount(v, http.StatusUnprocessableEntity, nil, "This code is wrong or was used already.")
	}
	if err != nil {
		return err
	}
	f, ok, err := k.factor(v)
	if err != nil || !ok {
		return err
	}
	if err := v.alone(kyc.Change{Remove: []kyc.Object{&f}, Events: []kyc.Event{v.about(&v.User, "user.second_factor_off")}}); err != nil {
		return err
	}
	return v.On("/console/account", "The second factor is off. Your other sign-ins are over.")
}

// alone makes a change of what opens the account. All sign-ins of the person end
// with it, those under way included; this one goes on under a fresh token.
func (v *Visit) alone(change kyc.Change) error {
	u := v.User
	u.Epoch++
	u.Touch(v.desk.Clock.Now())
	change.Put = append(change.Put, &u)
	if err := v.desk.Store.Commit(v.Ctx(), &change); err != nil {
		return err
	}
	return v.stay(u)
}

// stay goes on as the changed person.
func (v *Visit) stay(u kyc.User) error {
	if err := v.begin(u, false, nil); err != nil {
		return err
	}
	v.User = u
	return nil
}

// changePassword takes another password from who knows the one there is; an open
// window alone changes nothing.
func (k *desk) changePassword(v *Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	if k.NoPasswords || v.User.PasswordHash == "" {
		return kyc.Errorf(kyc.Conflict, "no_password", "no password opens this account")
	}
	if v.R.PostFormValue("new") != v.R.PostFormValue("again") {
		return k.showAccount(v, http.StatusUnprocessableEntity, nil, "The two new passwords differ.")
	}
	_, err := k.checkPassword(v, v.User.Email, v.R.PostFormValue("password"))
	switch e := kyc.AsError(err); {
	case err == nil:
	case e.Kind == kyc.Unauthenticated:
		return k.showAccount(v, http.StatusUnprocessableEntity, nil, "The present password is wrong.")
	default:
		return err
	}
	if v.R.PostFormValue("new") == v.R.PostFormValue("password") {
		return k.showAccount(v, http.StatusUnprocessableEntity, nil, "The new password is the one you have. Choose another.")
	}
	u, err := k.People.SetPassword(v.Ctx(), v.User.Tenant.Org, v.User.ID, v.R.PostFormValue("new"), v.Who.Actor)
	if err != nil && kyc.KindOf(err) == kyc.Invalid {
		return k.showAccount(v, http.StatusUnprocessableEntity, nil, "The new password needs at least 12 characters, and at most 1024 bytes.")
	}
	if err != nil {
		return err
	}
	if err := v.stay(u); err != nil {
		return err
	}
	return v.On("/console/account", "The password is changed. Your other sign-ins are over.")
}

// spaced writes a secret in groups of four, for those who type it.
func spaced(s string) string {
	var parts []string
	for part := range slices.Chunk([]byte(s), 4) {
		parts = append(parts, string(part))
	}
	return strings.Join(parts, " ")
}
