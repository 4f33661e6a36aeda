package walk

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Somebody makes an endpoint whose receiver shall hold no secret, sees the key
// that signs, changes it, and finds both in the published set; the audit page
// shows where the roots of its days will be.
func TestAnEndpointIsSignedWithPublishedKeys(t *testing.T) {
	t.Parallel()
	customer := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer customer.Close()
	s := serve(t)
	w := open(t, s, look{})
	w.enter(s.Orgs[0].User)
	w.toSandbox()
	w.goTo("/console/webhooks")
	w.write("#url", customer.URL)
	w.pick("#scheme", "ed25519")
	w.follow(`form[action="/console/webhooks"] > .actions button`)
	w.both()
	if page := w.text("main"); strings.Count(page, "whpk_") != 1 || !strings.Contains(page, "Not used while the published keys sign alone") {
		t.Fatalf("the page says %s", page)
	}
	w.follow(`main form[action$="/keys"] button`) // the menu has a form for the keyboard
	w.both()
	if page := w.text("main"); strings.Count(page, "whpk_") != 2 || !strings.Contains(page, "signs beside the new one until") {
		t.Fatalf("after the change: %s", page)
	}
	if n := ask[int](w, `fetch(document.querySelector("a[href$='/jwks.json']").href, {credentials: "omit"}).then(r => r.json()).then(set => set.keys.filter(k => k.kty === "OKP" && k.crv === "Ed25519").length)`); n != 2 {
		t.Errorf("%d keys are published", n)
	}
	w.pick("#scheme", "hmac")
	w.follow(`form[action$="/scheme"] button`)
	if page := w.text("main"); strings.Contains(page, "whpk_") || !strings.Contains(page, "If the receiver does not have the secret, make a new one.") {
		t.Errorf("with the secret alone: %s", page)
	}
	w.goTo("/console/audit")
	w.both()
	if page := w.text("main"); !strings.Contains(page, "Daily roots") || !strings.Contains(page, "No day is over yet.") {
		t.Errorf("the audit page says %s", page)
	}
}
