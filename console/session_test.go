package console_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
)

func TestSignInMakesAFreshSession(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.browser()
	// A token that somebody else planted is not taken over.
	b.cookies["bf_console"] = strings.Repeat("A", 43)
	if code, _, _ := b.do("GET", "/console/", nil); code != http.StatusSeeOther {
		t.Fatalf("a made-up token: %d", code)
	}
	b.signIn("reviewer")
	first := b.cookies["bf_console"]
	if first == strings.Repeat("A", 43) || len(first) != 43 {
		t.Fatalf("the token is %q", first)
	}
	if sum := sha256.Sum256([]byte(first)); h.store.sessions[hex.EncodeToString(sum[:])].ID == "" {
		t.Error("the store does not hold the hash of the token")
	}
	b.signIn("reviewer")
	if b.cookies["bf_console"] == first {
		t.Error("the token stayed the same over a sign-in")
	}
	old := &browser{h, map[string]string{"bf_console": first}}
	if code, _, _ := old.do("GET", "/console/probe/cases/read", nil); code != http.StatusSeeOther {
		t.Errorf("the former token still works: %d", code)
	}
	if code, _, body := b.do("GET", "/console/probe/cases/read", nil); code != http.StatusOK || body != "live reviewer" {
		t.Errorf("after a sign-in: %d %s", code, body)
	}
	before := b.cookies["bf_console"]
	b.do("POST", "/console/sign-out", url.Values{})
	gone := &browser{h, map[string]string{"bf_console": before}}
	if code, _, _ := gone.do("GET", "/console/probe/cases/read", nil); code != http.StatusSeeOther {
		t.Errorf("after the sign-out: %d", code)
	}
	if got := h.store.actions(); !strings.Contains(got, "user.sign_in") || !strings.Contains(got, "user.sign_out") {
		t.Errorf("audit: %s", got)
	}
}

func TestASessionEnds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		step  time.Duration
		steps int
		alive bool
	}{
		"idle":     {31 * time.Minute, 1, false},
		"busy":     {20 * time.Minute, 30, true},
		"absolute": {20 * time.Minute, 36, false},
	} {
		h := open(t)
		b := h.browser()
		b.signIn("reviewer")
		code := 0
		for range c.steps {
			h.clock.pass(c.step)
			code, _, _ = b.do("GET", "/console/probe/cases/read", nil)
		}
		if (code == http.StatusOK) != c.alive {
			t.Errorf("%s: %d", name, code)
		}
	}
}

func TestWhoIsDisabledOrHasANewPasswordIsOut(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*kyc.User){
		"disabled": func(u *kyc.User) { u.DisabledAt = time.Unix(1, 0) },
		"password": func(u *kyc.User) { u.PasswordHash = "another" },
	} {
		h := open(t)
		b := h.browser()
		b.signIn("reviewer")
		h.store.alter("reviewer@acme.example", change)
		if code, _, _ := b.do("GET", "/console/probe/cases/read", nil); code != http.StatusSeeOther {
			t.Errorf("%s: %d", name, code)
		}
	}
}

// A page that stands open and asks by itself keeps nobody signed in.
func TestAnOpenPageIsNobodyAtWork(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.browser()
	b.signIn("reviewer")
	code := 0
	for range 4 {
		h.clock.pass(10 * time.Minute)
		code, _, _ = b.do("GET", "/console/probe/poll", nil)
	}
	if code != http.StatusSeeOther {
		t.Errorf("forty minutes of polling: %d", code)
	}
}

func TestNothingPersonalIsLogged(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.browser()
	b.do("POST", "/console/sign-in", url.Values{"email": {"ada@private.example"}, "password": {"wrong-secret"}})
	b.signIn("reviewer")
	h.store.broken = true
	if code, _, _ := b.do("GET", "/console/probe/cases/read", nil); code != http.StatusInternalServerError {
		t.Errorf("a broken store: %d", code)
	}
	for _, secret := range []string{"ada@private.example", "wrong-secret", password, b.cookies["bf_console"], "reviewer@acme.example"} {
		if strings.Contains(h.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	if h.log.Len() == 0 {
		t.Error("a fault was not written down")
	}
}
