package console_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// An open page asks how long the sign-in lasts and thereby makes it no longer;
// somebody who is there does, until the day is over.
func TestAPageSaysHowLongASignInLasts(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.browser()
	b.signIn("auditor")
	type left struct{ Idle, All int }
	ask := func(method string) (code int, got left) {
		t.Helper()
		code, header, body := b.do(method, "/console/stay", url.Values{})
		if code == http.StatusOK {
			if err := json.Unmarshal([]byte(body), &got); err != nil || header.Get("Content-Type") != "application/json" {
				t.Fatalf("%s: %s %v", method, body, err)
			}
		}
		return code, got
	}
	for _, c := range []struct {
		pass   time.Duration
		method string
		want   left
	}{
		{0, "GET", left{1800, 43200}},
		{20 * time.Minute, "GET", left{600, 42000}},
		{5 * time.Minute, "GET", left{300, 41700}}, // the question before changed nothing
		{0, "POST", left{1800, 41700}},
		{28 * time.Minute, "POST", left{1800, 40020}},
		{29 * time.Minute, "GET", left{60, 38280}},
	} {
		h.clock.pass(c.pass)
		if code, got := ask(c.method); code != http.StatusOK || got != c.want {
			t.Fatalf("%s after %s: %d %+v, not %+v", c.method, c.pass, code, got, c.want)
		}
	}
	_, _, page := b.do("GET", "/console/account", nil)
	if !strings.Contains(page, `data-idle="1800" data-all="38280"`) {
		t.Errorf("the page does not say how long there is: %s", page)
	}
	h.clock.pass(31 * time.Minute)
	for _, method := range []string{"GET", "POST"} {
		if code, _ := ask(method); code != http.StatusSeeOther {
			t.Errorf("%s when nobody is signed in: %d", method, code)
		}
	}
	if _, _, page := b.do("GET", "/console/sign-in", nil); strings.Contains(page, `id="stay"`) {
		t.Error("the way in speaks of a sign-in that there is not")
	}
}

// However often somebody says that they are there, the day ends.
func TestStayingEndsWithTheDay(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.browser()
	b.signIn("admin")
	for i := range 29 { // 11 hours and 36 minutes
		h.clock.pass(24 * time.Minute)
		if code, _, body := b.do("POST", "/console/stay", url.Values{}); code != http.StatusOK {
			t.Fatalf("%d: %d %s", i, code, body)
		}
	}
	h.clock.pass(24 * time.Minute)
	if code, _, body := b.do("POST", "/console/stay", url.Values{}); code != http.StatusSeeOther {
		t.Errorf("after the day: %d %s", code, body)
	}
}
