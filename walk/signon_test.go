package walk

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bonafide/access/oidctest"
)

// From the sign-in page through another house, which asks on a page of its own,
// to the queue; then a password is changed, and the window stays signed in.
func TestSomebodySignsInByAnotherHouse(t *testing.T) {
	t.Parallel()
	op := oidctest.New(t, time.Now)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte(oidctest.ClientSecret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, "--oidc-issuer", op.URL, "--oidc-client-id", oidctest.ClientID, "--oidc-client-secret-file", secret, "--oidc-name", "Other house")
	who := s.Orgs[0].User
	op.Is(map[string]any{"sub": "somebody-1", "email": who.Email, "email_verified": true})
	op.Do(oidctest.Wrong{Page: true})

	w := open(t, s, look{})
	w.forgive("a page asked " + op.URL + "/authorize") // the other house is asked, and nobody else
	w.goTo("/console/queue")
	w.at("/console/sign-in")
	w.both()
	w.signOnCentred()
	w.follow(`a[href^="/console/sign-in/oidc"]`)
	if got := w.text("h1"); got != "Other house" || !strings.HasPrefix(w.path(), op.URL+"/authorize?") {
		t.Fatalf("the button leads to %s, headed %q", w.path(), got)
	}
	w.follow("#yes")
	w.arrive("/console/queue")
	if got := w.text("main h1"); !strings.HasPrefix(got, "Queue") {
		t.Errorf("the queue is headed %q", got)
	}

	w.goTo("/console/account")
	w.both()
	w.write("#password", who.Password)
	w.write("#new", "another long enough password")
	w.write("#again", "another long enough password")
	w.follow(`form[action="/console/account/password"] button`)
	w.at("/console/account")
	w.shows("The password is changed.")

	// The sign-out leaves by a page of ours. An answer without a page keeps the
	// browser there, to be looked at.
	op.Do(oidctest.Wrong{Keep: true})
	w.forgive("a page asked " + op.URL + "/leave")
	w.press("details.menu summary")
	w.press(`form[action="/console/sign-out"] button`)
	w.wait(`document.querySelector("main h1")?.textContent === "Signed out"`)
	w.both()
	w.picture("console-signed-out")
	op.Do(oidctest.Wrong{})
	w.press(`main a[href^="` + op.URL + `/leave"]`)
	w.arrive("/console/sign-in")
	w.shows("You are signed out, here and at Other house.")
	w.goTo("/console/queue")
	w.at("/console/sign-in")
	if left := op.Left(); len(left) < 2 || left[0] != "" {
		t.Errorf("the other house was asked by %q", left)
	}
}

// An answer that another house spoils ends on the sign-in page, in words.
func TestAnotherHouseLetsNobodyIn(t *testing.T) {
	t.Parallel()
	op := oidctest.New(t, time.Now)
	s := serve(t, "--oidc-issuer", op.URL, "--oidc-client-id", oidctest.ClientID, "--oidc-client-secret", oidctest.ClientSecret, "--oidc-only")
	op.Is(map[string]any{"sub": "somebody-2", "email": "nobody@elsewhere.example", "email_verified": true})
	w := open(t, s, look{Phone: true, NoScript: true})
	w.forgive("a page asked " + op.URL + "/authorize")
	w.forgive("422")
	w.goTo("/console/sign-in")
	w.follow(`a[href^="/console/sign-in/oidc"]`)
	w.at("/console/sign-in/oidc/callback")
	w.shows("no account here is open to you")
	if strings.Contains(w.text("main"), "Password") {
		t.Error("a password is asked for where none counts")
	}
	w.signOnCentred()
}

// signOnCentred fails unless the way in stands in the middle of the window.
func (w *window) signOnCentred() {
	w.t.Helper()
	if off := ask[float64](w, `(() => { const r = document.querySelector(".gate").getBoundingClientRect(); return Math.abs((r.left + r.right) / 2 - document.documentElement.clientWidth / 2) })()`); off > 2 {
		w.t.Errorf("%s stands %.0f pixels beside the middle", w.path(), off)
	}
}
