package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// in reports whether a browser is signed in.
func (b *browser) in() bool {
	b.h.t.Helper()
	code, _, _ := b.do("GET", "/console/probe/cases/read", nil)
	return code == http.StatusOK
}

// Whoever was signed in before what opens the account changed is out, in the
// middle of a sign-in, too; who made the change goes on under a fresh token.
func TestAChangeOfASecondFactorEndsOtherSignIns(t *testing.T) {
	t.Parallel()
	h := open(t)
	me, other, stranger := h.browser(), h.browser(), h.browser()
	me.signIn("reviewer")
	other.signIn("reviewer")
	stranger.signIn("auditor")
	before := me.cookies["bf_console"]
	secret, _ := me.enrol()
	if me.cookies["bf_console"] == before || !me.in() {
		t.Error("who turned it on is signed out, or has the same token")
	}
	if old := (&browser{h, map[string]string{"bf_console": before}}); old.in() {
		t.Error("the former token still works")
	}
	if other.in() || !stranger.in() {
		t.Error("after turning it on: another window of the person is in, or another person is out")
	}
	half := h.browser()
	half.signIn("reviewer") // waits for the code
	h.clock.pass(time.Minute)
	if code, _, _ := me.do("POST", "/console/account/factor/off", url.Values{"code": {appCode(secret, h.clock.Now())}}); code != http.StatusSeeOther || !me.in() {
		t.Errorf("turning it off: %d", code)
	}
	h.clock.pass(time.Minute)
	if code, header, _ := half.do("POST", "/console/code", url.Values{"code": {appCode(secret, h.clock.Now())}}); code != http.StatusSeeOther || !strings.HasPrefix(header.Get("Location"), "/console/sign-in") || half.in() {
		t.Errorf("a sign-in under way goes on: %d to %s", code, header.Get("Location"))
	}
}

func TestAPersonChangesTheirPassword(t *testing.T) {
	t.Parallel()
	h := open(t)
	me, other := h.browser(), h.browser()
	me.signIn("reviewer")
	other.signIn("reviewer")
	const fresh = "another long enough password"
	for name, form := range map[string]url.Values{
		"a wrong present one": {"password": {"wrong"}, "new": {fresh}, "again": {fresh}},
		"two that differ":     {"password": {password}, "new": {fresh}, "again": {fresh + "!"}},
		"a short one":         {"password": {password}, "new": {"short"}, "again": {"short"}},
	} {
		if code, _, page := me.do("POST", "/console/account/password", form); code != http.StatusUnprocessableEntity || !strings.Contains(page, `role="alert"`) {
			t.Errorf("%s: %d", name, code)
		}
	}
	if !other.in() || strings.Contains(h.store.actions(), "user.password") {
		t.Error("a refused change changed something")
	}
	before := me.cookies["bf_console"]
	if code, _, page := me.do("POST", "/console/account/password", url.Values{"password": {password}, "new": {fresh}, "again": {fresh}}); code != http.StatusSeeOther {
		t.Fatalf("a right one: %d %s", code, page)
	}
	if !me.in() || me.cookies["bf_console"] == before || other.in() {
		t.Error("who changed it is out or has the same token, or another window is in")
	}
	w := h.browser()
	if code, _, _ := w.do("POST", "/console/sign-in", url.Values{"email": {"reviewer@acme.example"}, "password": {password}}); code != http.StatusUnprocessableEntity {
		t.Errorf("the former password: %d", code)
	}
	if code, _, _ := w.do("POST", "/console/sign-in", url.Values{"email": {"reviewer@acme.example"}, "password": {fresh}}); code != http.StatusSeeOther {
		t.Errorf("the new password: %d", code)
	}
	// Guessing the present password in an open window is slowed down as at the door.
	slowed := false
	for range 7 {
		code, _, _ := me.do("POST", "/console/account/password", url.Values{"password": {"wrong"}, "new": {fresh}, "again": {fresh}})
		slowed = slowed || code == http.StatusTooManyRequests
	}
	if !slowed {
		t.Error("seven guesses in an open window")
	}
}

// Who has a password that somebody else chose gets no further than the change of
// it; a password of their own opens everything.
func TestAPasswordOfSomebodyElseIsChanged(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.store.mu.Lock()
	for id, u := range h.store.users {
		u.MustChange = true
		h.store.users[id] = u
	}
	h.store.mu.Unlock()
	me := h.browser()
	me.signIn("admin")
	for _, r := range h.table {
		method, path, _ := strings.Cut(r.Pattern, " ")
		if strings.Contains(r.Pattern, "sign-") || strings.HasSuffix(r.Pattern, "/console/stay") || strings.Contains(r.Pattern, "/console/account") && !strings.Contains(r.Pattern, "factor") {
			continue
		}
		code, header, _ := me.do(method, strings.NewReplacer("{$}", "", "{rest...}", "x", "{path...}", "x").Replace(path), nil)
		if code != http.StatusForbidden && (code != http.StatusSeeOther || header.Get("Location") != "/console/account") {
			t.Errorf("%s opens with a password of somebody else: %d", r.Pattern, code)
		}
	}
	if len(h.asked) > 0 {
		t.Errorf("the API was asked: %v", h.asked)
	}
	code, _, page := me.do("GET", "/console/account", nil)
	if code != http.StatusOK || !strings.Contains(page, "Choose your own password") || strings.Contains(page, "Second factor") || strings.Contains(page, `action="/console/environment"`) {
		t.Errorf("the account page: %d %s", code, page)
	}
	const fresh = "another long enough password"
	if code, _, _ := me.do("POST", "/console/account/password", url.Values{"password": {password}, "new": {password}, "again": {password}}); code != http.StatusUnprocessableEntity {
		t.Errorf("the same password again: %d", code)
	}
	if code, _, _ := me.do("POST", "/console/account/password", url.Values{"password": {password}, "new": {fresh}, "again": {fresh}}); code != http.StatusSeeOther {
		t.Errorf("an own password: %d", code)
	}
	if code, _, page := me.do("GET", "/console/account", nil); code != http.StatusOK || strings.Contains(page, "Choose your own password") || !me.in() {
		t.Errorf("with a password of her own: %d", code)
	}
}
