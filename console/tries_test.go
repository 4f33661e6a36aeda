package console_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestGuessingIsLockedOut(t *testing.T) {
	t.Parallel()
	h := open(t)
	guess := func(email, with string) (int, http.Header, string) {
		return h.browser().do("POST", "/console/sign-in", url.Values{"email": {email}, "password": {with}})
	}
	for _, email := range []string{"reviewer@acme.example", "nobody@acme.example"} { // an unknown account looks the same
		for i := range 5 {
			if code, _, _ := guess(email, "wrong"); code != http.StatusUnprocessableEntity {
				t.Fatalf("%s, try %d: %d", email, i, code)
			}
		}
		code, header, body := guess(email, password)
		if code != http.StatusTooManyRequests || header.Get("Retry-After") != "30" || !strings.Contains(body, "wait 30 seconds") {
			t.Errorf("%s after five: %d, %s", email, code, header.Get("Retry-After"))
		}
	}
	h.clock.pass(31 * time.Second)
	if code, _, _ := guess("reviewer@acme.example", "wrong"); code != http.StatusUnprocessableEntity {
		t.Errorf("after the pause: %d", code)
	}
	if code, header, _ := guess("reviewer@acme.example", password); code != http.StatusTooManyRequests || header.Get("Retry-After") != "60" {
		t.Errorf("the pause has not doubled: %d, %s", code, header.Get("Retry-After"))
	}
	h.clock.pass(61 * time.Second)
	h.browser().signIn("reviewer")
	if code, _, _ := guess("reviewer@acme.example", "wrong"); code != http.StatusUnprocessableEntity {
		t.Errorf("a right password does not end the count: %d", code)
	}
	// One password on many accounts is stopped by the address.
	refused := false
	for i := range 60 {
		code, _, _ := guess(fmt.Sprintf("p%d@acme.example", i), "wrong")
		refused = refused || code == http.StatusTooManyRequests
	}
	if !refused {
		t.Error("sixty accounts were tried from one address")
	}
}

// Whoever guesses without end keeps nobody out of a browser they have used
// before, and such a browser guesses no more than others.
func TestNobodyIsLockedOutByStrangers(t *testing.T) {
	t.Parallel()
	h := open(t)
	mine := h.browser()
	mine.signIn("reviewer")
	mine.do("POST", "/console/sign-out", url.Values{})
	try := func(b *browser, email, with string) int {
		code, _, _ := b.do("POST", "/console/sign-in", url.Values{"email": {email}, "password": {with}})
		return code
	}
	for range 200 { // from the account's and from the address's point of view
		try(h.browser(), "reviewer@acme.example", "wrong")
	}
	if code := try(h.browser(), "reviewer@acme.example", password); code != http.StatusTooManyRequests {
		t.Fatalf("a strange browser after 200 guesses: %d", code)
	}
	if code := try(mine, "reviewer@acme.example", password); code != http.StatusSeeOther {
		t.Errorf("the person's own browser: %d", code)
	}
	// A mark is for one account, and one that was altered is none.
	if code := try(mine, "admin@acme.example", password); code != http.StatusTooManyRequests {
		t.Errorf("the mark of another account: %d", code)
	}
	forged := &browser{h, map[string]string{"bf_device": altered(mine.cookies["bf_device"])}}
	if code := try(forged, "reviewer@acme.example", password); code != http.StatusTooManyRequests {
		t.Errorf("a forged mark: %d", code)
	}
	thief := &browser{h, map[string]string{"bf_device": mine.cookies["bf_device"]}}
	for range 5 {
		try(thief, "reviewer@acme.example", "wrong")
	}
	if code := try(thief, "reviewer@acme.example", password); code != http.StatusTooManyRequests {
		t.Errorf("a stolen mark after five guesses: %d", code)
	}
}

// Many tries at the same time count as many.
func TestTriesAtOnceCountEach(t *testing.T) {
	t.Parallel()
	h := open(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	looked := 0
	h.store.looked = func() { mu.Lock(); looked++; mu.Unlock() }
	for range 40 {
		wg.Go(func() {
			h.browser().do("POST", "/console/sign-in", url.Values{"email": {"admin@acme.example"}, "password": {"wrong"}})
		})
	}
	wg.Wait()
	if looked > 5 {
		t.Errorf("%d passwords were looked at", looked)
	}
}

// altered changes the first letter.
func altered(text string) string {
	if text[0] == 'A' {
		return "B" + text[1:]
	}
	return "A" + text[1:]
}
