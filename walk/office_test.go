package walk

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what authenticator apps use
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// officePages are the first pages of the console's sections that stand around
// the cases.
var officePages = []struct{ path, picture, heading string }{
	{"/console/sessions", "console-sessions", "Sessions"}, {"/console/subjects", "console-people", "People and companies"},
	{"/console/lists", "console-lists", "Lists"}, {"/console/screening", "console-screening", "Screening"},
	{"/console/monitoring", "console-monitoring", "Monitoring"}, {"/console/webhooks", "console-webhooks", "Webhooks"},
	{"/console/api-keys", "console-keys", "API keys"}, {"/console/team", "console-team", "Team"}, {"/console/audit", "console-audit", "Audit"},
	{"/console/analytics", "console-analytics", "Analytics"}, {"/console/settings", "console-settings", "Settings"},
}

const smallWorkflow = `{"name":"Account opening","steps":[{"step_id":"details","type":"form_fill","name":"Your details","order":1,"required":true,
		"custom_fields":[{"field_id":"nick","type":"text","name":"What do people call you?","required":true}]}]}`

// enter signs a person in to the console.
func (w *window) enter(p person) {
	w.t.Helper()
	w.goTo("/console/sign-in")
	w.write("#email", p.Email)
	w.write("#password", p.Password)
	w.follow("main form button")
}

// toSandbox switches to the other environment.
func (w *window) toSandbox() {
	w.t.Helper()
	w.follow(`form[action="/console/environment"] button`)
}

func TestOfficePagesStandInBothSchemes(t *testing.T) {
	t.Parallel()
	s := serve(t)
	list, watch := crowd(t, s)
	for _, dark := range []bool{false, true} {
		w := open(t, s, look{Dark: dark})
		w.enter(s.Orgs[0].User)
		w.toSandbox()
		for _, p := range officePages {
			w.goTo(p.path)
			if got := w.text("main h1"); !strings.HasPrefix(got, p.heading) {
				t.Errorf("%s is headed %q", p.path, got)
			}
			w.axe()
			if !dark {
				w.picture(p.picture)
			}
		}
		for path, picture := range map[string]string{"/console/lists/" + list: "console-list", "/console/monitoring/" + watch: "console-watchlist"} {
			w.goTo(path)
			w.axe()
			if !dark {
				w.picture(picture)
			}
		}
		w.goTo("/console/sessions")
		w.follow("main table a")
		w.axe()
		session := w.path()
		if !dark {
			w.picture("console-session")
		}
		w.follow(`main dl a[href^="/console/subjects/"]`)
		w.axe()
		person := w.path()
		if !dark {
			w.picture("console-person")
		}
		w.follow("main a.danger")
		w.axe()
		if !dark {
			w.picture("console-erase")
			for _, path := range append([]string{session, person}, officePaths()...) {
				w.goTo(path)
				w.officeWidths()
			}
		}
	}
}

func officePaths() []string {
	var out []string
	for _, p := range officePages {
		out = append(out, p.path)
	}
	return out
}

// officeWidths fails when the page is wider than 320 pixels in a window of that
// width, or when a word in a tag or a button of a row is broken at 1280.
func (w *window) officeWidths() {
	w.t.Helper()
	w.wide(320)
	if over := ask[int](w, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); over > 0 {
		w.t.Errorf("%s is %d pixels too wide for 320", w.path(), over)
	}
	w.wide(1280)
	if broken := ask[string](w, `[...document.querySelectorAll("main td .tag, main td button, main .filters button")].filter(e => !/\s/.test(e.innerText.trim()) &&
		e.offsetHeight >= 2 * parseFloat(getComputedStyle(e).lineHeight) + parseFloat(getComputedStyle(e).paddingTop) * 2 && e.offsetParent && e.closest("tr, .filters")).map(e => e.innerText).join("; ")`); broken != "" {
		w.t.Errorf("%s breaks words: %s", w.path(), broken)
	}
}

// crowd gives the sandbox something to show: sessions that ended in each way, a
// list, a watchlist with somebody who is listed, and an endpoint. The answers are
// the ids of list and watchlist.
func crowd(t *testing.T, s *server) (list, watch string) {
	t.Helper()
	key := s.Orgs[0].SandboxKey
	made := s.call(t, key, "POST", "/api/v1/lists", `{"name":"Known fraud","type":"name","mode":"block"}`)
	list, _ = made["id"].(string)
	s.call(t, key, "POST", "/api/v1/lists/"+list+"/items", `{"value":"Mallory Example","note":"seen in March"}`)
	made = s.call(t, key, "POST", "/kyc/watchlists", `{"name":"Board","check_frequency":"on_update","subjects":[{"full_name":"Jo SANCTION","tags":["director"]},{"full_name":"Ada Clear"}]}`)
	watch, _ = made["watchlist_id"].(string)
	s.call(t, key, "POST", "/kyc/watchlists/"+watch+"/monitor", "")
	for _, name := range []string{"SANCTION", "REJECT", "PEP"} {
		waitingCase(t, s, name)
	}
	onboarding(t, s, smallWorkflow)
	return list, watch
}

// officeCode is what an authenticator app shows now for a secret (RFC 6238, the
// defaults: SHA-1, six digits, half a minute).
func officeCode(t *testing.T, secret string) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(strings.ReplaceAll(secret, " ", "")))
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha1.New, key)
	if err := binary.Write(mac, binary.BigEndian, time.Now().Unix()/30); err != nil {
		t.Fatal(err)
	}
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[at:])&0x7fffffff)%1_000_000)
}

// The second factor is turned on and asked for at the next sign-in.
func TestASecondFactorIsAskedFor(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := open(t, s, look{})
	w.enter(s.Orgs[0].SecondUser)
	w.goTo("/console/account")
	w.follow("main form button")
	w.both()
	w.picture("console-second-factor")
	secret := w.text("main ol .mono")
	w.write("#code", officeCode(t, secret))
	w.follow("form[action$='/confirm'] button")
	codes := strings.Fields(w.text("main ul.mono"))
	if len(codes) < 5 {
		t.Fatalf("the recovery codes are %v", codes)
	}
	w.both()

	other := open(t, s, look{})
	other.enter(s.Orgs[0].SecondUser)
	other.both()
	other.picture("console-code")
	other.forgive("422")
	other.write("#code", "000000")
	other.follow("main form button")
	if got := other.text(".errors"); got == "" {
		t.Error("a wrong code is taken without a word")
	}
	other.write("#code", codes[0])
	other.follow("main form button")
	other.arrive("/console/queue")
	other.forgive("403")
	other.goTo("/console/team")
	other.both()
	other.picture("console-problem")
}

func TestAnAPIKeyIsMadeShownOnceAndUsed(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := open(t, s, look{})
	w.enter(s.Orgs[0].User)
	w.toSandbox()
	w.goTo("/console/api-keys")
	w.write("#name", "Nightly export")
	w.press(`input[name=scope][value="sessions:read"]`)
	w.follow(`form[action="/console/api-keys"] button`)
	w.axe()
	w.picture("console-key-made")
	key := ask[string](w, `document.querySelector("#once").value`)
	if !strings.HasPrefix(key, "bf_sandbox_") {
		t.Fatalf("the key is %q", key)
	}
	s.call(t, key, "GET", "/api/v1/sessions", "")
	w.goTo("/console/api-keys")
	if page := w.text("main"); strings.Contains(page, key) || !strings.Contains(page, "Nightly export") {
		t.Error("the page shows the key again, or does not name it")
	}
	w.press("main details.confirm summary")
	w.axe()
	w.follow(`form[action$="/revoke"] button`)
	if said := w.text("main .note"); !strings.Contains(said, "revoked") {
		t.Errorf("the page says %q", said)
	}
}

func TestAFailedDeliveryIsLookedAtAndSentAgain(t *testing.T) {
	t.Parallel()
	var well atomic.Bool
	customer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if !well.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte("<b>The queue is full</b>")) // nobody to tell
		}
	}))
	defer customer.Close()
	s := serve(t)
	w := open(t, s, look{})
	w.enter(s.Orgs[0].User)
	w.toSandbox()
	w.goTo("/console/webhooks")
	w.write("#url", customer.URL)
	w.follow(`form[action="/console/webhooks"] > .actions button`)
	if secret := ask[string](w, `document.querySelector("#once").value`); !strings.HasPrefix(secret, "whsec_") {
		t.Errorf("the secret is %q", secret)
	}
	w.axe()
	w.follow(`form[action$="/test"] button`)
	w.until("answered 503")
	w.picture("console-webhook")
	w.follow("main table a")
	w.axe()
	w.picture("console-delivery")
	if page := w.text("main"); !strings.Contains(page, "webhook.test") || !strings.Contains(page, "answered 503") || !strings.Contains(page, "waiting") || !strings.Contains(page, "<b>The queue is full</b>") {
		t.Errorf("the delivery says %s", page)
	}
	well.Store(true)
	w.follow(`form[action$="/resend"] button`)
	w.until("delivered")
	if page := w.text("main"); !strings.Contains(page, "HTTP 200") {
		t.Errorf("the delivery says %s", page)
	}
}

// until looks at the page again and again until it holds a text.
func (w *window) until(text string) {
	w.t.Helper()
	w.becomes(fmt.Sprintf("it says %q", text), func() bool {
		if strings.Contains(w.text("main"), text) {
			return true
		}
		w.do(chromedp.Reload())
		return false
	})
}

func TestANewColleagueSeesTheirMenuOnly(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := open(t, s, look{})
	w.enter(s.Orgs[0].User)
	w.toSandbox()
	w.goTo("/console/team")
	w.write("#email", "lena@acme.example")
	ask[any](w, `document.querySelector("#role").value = "reviewer";null`)
	w.follow(`form[action="/console/team"] button`)
	first := ask[string](w, `document.querySelector("#once").value`)
	w.axe()

	lena := open(t, s, look{})
	lena.enter(person{Email: "lena@acme.example", Password: first})
	lena.axe()
	const own = "lena chose this one herself"
	for field, text := range map[string]string{"#password": first, "#new": own, "#again": own} {
		lena.write(field, text)
	}
	lena.follow(`form[action="/console/account/password"] button`)
	menu := lena.text("nav.side")
	for _, may := range []string{"Sessions", "People", "Lists", "Analytics", "Screening"} {
		if !strings.Contains(menu, may) {
			t.Errorf("her menu lacks %s: %s", may, menu)
		}
	}
	for _, no := range []string{"API keys", "Team", "Audit", "Settings", "Webhooks"} {
		if strings.Contains(menu, no) {
			t.Errorf("her menu offers %s: %s", no, menu)
		}
	}
	lena.forgive("403")
	lena.goTo("/console/team")
	if got := lena.text("main h1"); !strings.Contains(got, "You may not") {
		t.Errorf("she reaches the team: %q", got)
	}
	lena.axe()
}

func TestBrandingReachesApplicants(t *testing.T) {
	t.Parallel()
	s := serve(t)
	link := onboarding(t, s, smallWorkflow)
	w := open(t, s, look{})
	w.enter(s.Orgs[0].User)
	w.toSandbox()
	w.goTo("/console/settings")
	w.forgive("422")
	w.write("#accent", "#ffcc00")
	w.follow("#branding button")
	if got := w.text("main .errors"); !strings.Contains(got, "contrast of 1.3") {
		t.Errorf("yellow on white: %q", got)
	}
	w.axe()
	w.goTo("/console/settings")
	w.write("#name", "Acme Bank")
	w.write("#accent", "#7a1fa2")
	w.follow("#branding button")
	w.goTo(link)
	if got := w.text(".brand"); got != "Acme Bank" {
		t.Errorf("the name on top is %q", got)
	}
	if got := ask[string](w, `getComputedStyle(document.documentElement).getPropertyValue("--accent").trim()`); got != "#7a1fa2" {
		t.Errorf("the accent is %q", got)
	}
	w.axe()
	w.picture("capture-branded")
}

func TestAListItemIsAddedAndFound(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := open(t, s, look{NoScript: true}) // forms are forms
	w.enter(s.Orgs[0].User)
	w.toSandbox()
	w.goTo("/console/lists")
	w.write("#name", "Known fraud")
	w.follow(`form[action="/console/lists"] button`)
	w.write("#value", "Mallory Example")
	w.write("#note", "seen in March")
	w.follow(`form[action$="/items"] button`)
	w.write("#text", "Trudy Example")
	w.follow(`form[action$="/import"] button`)
	if page := w.text("main"); !strings.Contains(page, "Mallory Example") || !strings.Contains(page, "Trudy Example") || !strings.Contains(page, "1 added") {
		t.Errorf("the list shows %s", page)
	}
	w.goTo("/console/lists")
	if page := w.text("main"); !strings.Contains(page, "Known fraud") {
		t.Errorf("the lists are %s", page)
	}
}
