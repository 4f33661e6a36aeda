package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"bonafide/access/oidctest"
	"bonafide/access/signon"
	"bonafide/console"
)

// signOut presses the button.
func (b *browser) signOut() (int, http.Header, string) {
	return b.do("POST", "/console/sign-out", url.Values{})
}

// Whoever came by another house is signed out there as well: by a page that the
// browser leaves at once, because no form may end elsewhere.
func TestASignOutGoesOnAtTheOtherHouse(t *testing.T) {
	t.Parallel()
	h, op := withHouse(t, nil)
	op.Do(oidctest.Wrong{Claims: map[string]any{"sid": "their-session"}})
	b := h.browser()
	b.back(b.away(""))
	was := b.cookies["bf_console"]
	code, header, page := b.signOut()
	next, found := strings.CutPrefix(header.Get("Refresh"), "0; url=")
	if code != http.StatusOK || !found || !strings.HasPrefix(next, op.URL+"/leave?") || !strings.Contains(page, "Go on to Acme") || !strings.Contains(page, `href="`+strings.ReplaceAll(next, "&", "&amp;")+`"`) {
		t.Fatalf("%d %v %s", code, header, page)
	}
	if policy := header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self'") || strings.Contains(policy, op.URL) {
		t.Errorf("the policy is %s", policy)
	}
	if strings.Contains(page, "reviewer@acme.example") || strings.Contains(next, "acme.example") || strings.Contains(next, "id_token") {
		t.Errorf("the person is named: %s %s", next, page)
	}
	// The session is over before anybody else is asked.
	b.cookies["bf_console"] = was
	if code, _, _ := b.do("GET", "/console/probe/cases/read", nil); code != http.StatusSeeOther {
		t.Errorf("after it: %d", code)
	}
	if got := h.store.actions(); got != "user.sign_in(sign_on) user.sign_out" {
		t.Errorf("audit: %s", got)
	}
	u, err := url.Parse(next)
	if err != nil || u.Query().Get("post_logout_redirect_uri") != "http://console.test/console/sign-out/done" || u.Query().Get("logout_hint") != "their-session" {
		t.Fatal(next, err)
	}
	stranger := h.browser()
	for name, c := range map[string]struct {
		by    *browser
		state string
	}{"another browser": {stranger, u.Query().Get("state")}, "another state": {b, "x"}} {
		kept := c.by.cookies["bf_sign_out"]
		if code, header, _ := c.by.back("/console/sign-out/done?state=" + c.state); code != http.StatusSeeOther || header.Get("Location") != "/console/sign-in" || c.by.cookies["bf_said"] != "" {
			t.Errorf("%s: %d to %s, told %q", name, code, header.Get("Location"), c.by.cookies["bf_said"])
		}
		if kept != "" {
			c.by.cookies["bf_sign_out"] = kept
		}
	}
	if code, header, _ := b.back("/console/sign-out/done?state=" + u.Query().Get("state")); code != http.StatusSeeOther || header.Get("Location") != "/console/sign-in" || b.cookies["bf_sign_out"] != "" {
		t.Errorf("back: %d to %s", code, header.Get("Location"))
	}
	if _, _, page := b.do("GET", "/console/sign-in", nil); !strings.Contains(page, "You are signed out, here and at Acme.") {
		t.Errorf("the sign-in page says %s", page)
	}
}

// Where the other house cannot be asked, ours is over all the same, and whoever
// came by it is told so.
func TestASignOutStaysHereWhereItMust(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wrong    oidctest.Wrong
		stay     bool
		password bool
		says     string
	}{
		"no such place": {wrong: oidctest.Wrong{Leave: "-"}, says: "Acme may still know you"},
		"not wanted":    {stay: true, says: "Acme may still know you"},
		"by password":   {password: true, says: "You are signed out."},
	} {
		h, op := withHouse(t, func(o *signon.Options, _ *console.Deps) { o.Stay = c.stay })
		op.Do(c.wrong)
		b := h.browser()
		if c.password {
			b.signIn("reviewer")
		} else {
			b.back(b.away(""))
		}
		was := b.cookies["bf_console"]
		if code, header, _ := b.signOut(); code != http.StatusSeeOther || header.Get("Location") != "/console/sign-in" || header.Get("Refresh") != "" {
			t.Errorf("%s: %d to %s", name, code, header.Get("Location"))
		}
		if _, _, page := b.do("GET", "/console/sign-in", nil); !strings.Contains(page, c.says) {
			t.Errorf("%s: the page says %s", name, page)
		}
		b.cookies["bf_console"] = was
		if code, _, _ := b.do("GET", "/console/probe/cases/read", nil); code != http.StatusSeeOther {
			t.Errorf("%s: signed in still, %d", name, code)
		}
	}
}
