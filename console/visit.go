package console

import (
	"context"
	"encoding/base64"
	"errors"
	"math"
	"net/http"
	"strings"
	"time"

	"bonafide/access"
	"bonafide/kyc"
	"bonafide/ui"
)

// Visit is one request of a person.
type Visit struct {
	W http.ResponseWriter
	R *http.Request
	// User is who is signed in, Who what they may in the environment they look
	// at. Its Tenant is the tenant of everything the request touches.
	User kyc.User
	Who  access.Principal
	// Org is the person's organisation.
	Org kyc.Org
	// Back is the page that the request came from, for the page of an error; "" for
	// none.
	Back string

	desk     *desk
	pages    *ui.Pages
	route    Route
	session  kyc.ConsoleSession
	external *kyc.ExternalSession // what the session that begins came by
	answered bool
}

// Ctx is the request's context; it names the person for audit entries.
func (v *Visit) Ctx() context.Context { return v.R.Context() }

// Tenant is the organisation and the environment looked at.
func (v *Visit) Tenant() kyc.Tenant { return v.Who.Tenant }

// May reports whether the person has a scope. It is for what a page shows; what
// it does is refused by its route.
func (v *Visit) May(scope string) bool { return access.Grants(v.Who.Scopes, scope) }

// Now is the time in the environment looked at.
func (v *Visit) Now() time.Time { return v.Org.Now(v.desk.Clock, v.Who.Tenant.Env) }

// Htmx reports whether a script asked for a part of the page.
func (v *Visit) Htmx() bool { return v.R.Header.Get("HX-Request") == "true" }

// maxForm bounds an ordinary form.
const maxForm = 1 << 20

// Form reads the form of the request. Errors: TooLarge, Malformed.
func (v *Visit) Form() error {
	v.R.Body = http.MaxBytesReader(v.W, v.R.Body, maxForm)
	err := v.R.ParseForm()
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &large):
		return kyc.Errorf(kyc.TooLarge, "form_too_large", "a form has at most 1 MiB")
	}
	return kyc.Errorf(kyc.Malformed, "form_unreadable", "the form could not be read: %w", err)
}

// sameEnv refuses a form that was made for the other environment: the person
// switched in another window, and what they sent was meant for where they were.
func (v *Visit) sameEnv() error {
	if v.R.Method == http.MethodGet || v.R.Method == http.MethodHead {
		return nil
	}
	meant := v.R.Header.Get("X-Bonafide-Env")
	if meant == "" && strings.HasPrefix(v.R.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		if err := v.Form(); err != nil {
			return err
		}
		meant = v.R.PostFormValue("env")
	}
	if meant != "" && meant != string(v.Who.Tenant.Env) {
		return kyc.Errorf(kyc.Conflict, "environment_changed", "this page was made for the %s environment, and you have switched since; nothing was done", meant)
	}
	return nil
}

// ID reads a path value that names an object: dressed with its kind
// ("case_…") or bare. Errors: NotFound.
func (v *Visit) ID(name, kind string) (kyc.ID, error) {
	text := v.R.PathValue(name)
	if id, ok := kyc.Undress(kind, text); ok {
		return id, nil
	}
	if id, ok := kyc.ParseID(text); ok {
		return id, nil
	}
	return "", kyc.Missing(kind, "of this address")
}

// Show answers with a page of the section. title is what the window is called.
func (v *Visit) Show(name, title string, page any) error {
	v.show(http.StatusOK, name, title, page)
	return nil
}

// Refuse answers with a page that says what is wrong with what was sent (422).
func (v *Visit) Refuse(name, title string, page any) error {
	v.show(http.StatusUnprocessableEntity, name, title, page)
	return nil
}

// Stale answers with a page whose form was sent for something that is different
// by now (409).
func (v *Visit) Stale(name, title string, page any) error {
	v.show(http.StatusConflict, name, title, page)
	return nil
}

// Part answers with one part of a page, for a script.
func (v *Visit) Part(name, part string, page any) error {
	v.pages.Fragment(v.W, v.R, http.StatusOK, name, part, v.language(), v.view("", page))
	return nil
}

// On sends the browser to another page after something was done (303). said is
// shown there once; "" for nothing.
func (v *Visit) On(path, said string) error {
	if said != "" {
		v.cookie(saidCookie, base64.RawURLEncoding.EncodeToString([]byte(said)), time.Minute)
	}
	http.Redirect(v.W, v.R, path, http.StatusSeeOther)
	return nil
}

const (
	saidCookie = "bf_said"
	// maxSaid bounds a sentence, in bytes: browsers keep cookies of 4 kB, and it is
	// written in base64.
	maxSaid = 2800
)

// said takes the sentence that the page before left.
func (v *Visit) said() string {
	c, err := v.R.Cookie(saidCookie)
	if err != nil || v.Htmx() {
		return ""
	}
	v.cookie(saidCookie, "", -1)
	b, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil || len(b) > maxSaid {
		return ""
	}
	return string(b)
}

// cookie sets a cookie of the console; a life below zero removes it.
func (v *Visit) cookie(name, value string, life time.Duration) {
	age := int(life.Seconds())
	if life < 0 {
		age = -1
	}
	http.SetCookie(v.W, &http.Cookie{Name: name, Value: value, Path: "/console", MaxAge: age, HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: v.desk.Secure || v.R.TLS != nil})
}

// frame is what stands around each page.
type frame struct {
	Name, Role, Env, Other, Path, Said string
	SignedIn, Keys                     bool
	// Bound says that nothing opens but the change of the password.
	Bound bool
	// Left is how long the sign-in lasts yet.
	Left left
}

func (v *Visit) language() *ui.Language { return v.desk.Kit.Language(v.R, "en") }

func (v *Visit) view(title string, page any) ui.View {
	f := frame{Path: v.R.URL.Path, Said: v.said()}
	view := ui.View{Page: page, Title: "Bonafide", Area: "console", Brand: "Bonafide", Scripts: append([]string{"console.js"}, v.route.Scripts...)}
	if title != "" {
		view.Title = title + " · Bonafide"
	}
	if v.signedIn() {
		env := v.Who.Tenant.Env
		f.SignedIn, f.Keys, f.Role, f.Env, f.Other = true, !v.session.KeysOff, v.User.Role, string(env), string(kyc.Live)
		if env == kyc.Live {
			f.Other = string(kyc.Sandbox)
		}
		f.Left = leftOf(&v.session, v.desk.Clock.Now())
		if f.Name = v.User.Name; f.Name == "" {
			f.Name = v.User.Email
		}
		view.Env, view.Brand = f.Env, v.Org.Name
		if f.Bound = v.desk.mustChange(v); !f.Bound {
			view.Nav = v.nav()
		}
	}
	if len(view.Nav) == 0 { // the way in has no column for it
		view.Area = "console alone"
	}
	view.Frame = f
	return view
}

func (v *Visit) nav() []ui.Link {
	if v.Htmx() {
		return nil
	}
	var out []ui.Link
	for _, l := range v.desk.links {
		if l.Scope != SignedIn && !v.May(l.Scope) {
			continue
		}
		n := 0
		if l.Count != nil {
			n = l.Count(v)
		}
		here := v.R.URL.Path == l.Href || strings.HasPrefix(v.R.URL.Path, strings.TrimSuffix(l.Href, "/")+"/") || l.Also != "" && strings.HasPrefix(v.R.URL.Path, l.Also)
		out = append(out, ui.Link{Href: l.Href, Text: l.Text, Here: here, Count: n})
	}
	return out
}

func (v *Visit) show(status int, name, title string, page any) {
	v.pages.Render(v.W, v.R, status, name, v.language(), v.view(title, page))
}

// problemPage says what went wrong and what to do.
type problemPage struct {
	Title, Text, Code, Request string
	Problems                   []kyc.Problem
	Back                       string // the page to go on at; "" for none but the start
}

// fail answers with the page of an error. Who is not signed in is sent to the
// way in, and from there back.
func (v *Visit) fail(err error) {
	e := kyc.AsError(err)
	if e.Kind == kyc.Unauthenticated {
		v.toSignIn()
		return
	}
	if e.Code == codeMustChange && v.R.Method == http.MethodGet && !v.Htmx() && !strings.HasPrefix(v.R.URL.Path, "/console/api/") {
		_ = v.On("/console/account", "")
		return
	}
	status, title := http.StatusInternalServerError, "Something broke"
	page := problemPage{Text: e.Message, Code: e.Code, Request: kyc.RequestFrom(v.Ctx()).ID, Problems: e.Problems, Back: v.Back}
	switch e.Kind {
	case kyc.NotFound:
		status, title, page.Text = http.StatusNotFound, "There is nothing here", "It does not exist, was removed, or belongs to the other environment."
		page.Back = ""
	case kyc.Gone:
		status, title = http.StatusGone, "This is gone"
	case kyc.Forbidden:
		status, title = http.StatusForbidden, "You may not do this"
		if e.Code == "scope_missing" {
			page.Text = "Your role (" + v.User.Role + ") does not include this. Ask an admin of your organisation."
		}
	case kyc.Conflict, kyc.PreconditionFailed:
		status, title = http.StatusConflict, "This is no longer as you saw it"
	case kyc.Invalid, kyc.Malformed, kyc.UnsupportedMedia:
		status, title = http.StatusUnprocessableEntity, "This could not be taken"
	case kyc.TooLarge:
		status, title = http.StatusRequestEntityTooLarge, "This is too large"
	case kyc.RateLimited:
		status, title = http.StatusTooManyRequests, "Too many tries"
		v.W.Header().Set("Retry-After", retryAfter(e))
	case kyc.Unavailable:
		status, title = http.StatusServiceUnavailable, "Not available now"
	default:
		page.Text, page.Problems = "The fault is ours and was written down. Please try again.", nil
		v.desk.Log.ErrorContext(v.Ctx(), "a console page broke", "route", v.route.Pattern, "code", e.Code, "problem", err)
	}
	page.Title = title
	v.pages = v.desk.own
	if v.Htmx() { // the script shows it in place of the part it asked for
		v.pages.Fragment(v.W, v.R, status, "problem", "problem", v.language(), v.view(title, page))
		return
	}
	v.show(status, "problem", title, page)
}

func retryAfter(e *kyc.Error) string {
	return wholeSeconds(max(e.RetryAfter, time.Second))
}

func wholeSeconds(d time.Duration) string {
	return itoa(int(math.Ceil(d.Seconds())))
}
