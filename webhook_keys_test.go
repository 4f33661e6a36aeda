package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

// ours is the receiver of docs/guide/webhooks.md, word for word.
func ours(h http.Header, body []byte, keys []ed25519.PublicKey, now time.Time) bool {
	at, err := strconv.ParseInt(h.Get("webhook-timestamp"), 10, 64)
	if err != nil || now.Sub(time.Unix(at, 0)).Abs() > 5*time.Minute {
		return false
	}
	text := fmt.Appendf(nil, "%s.%s.%s", h.Get("webhook-id"), h.Get("webhook-timestamp"), body)
	for _, s := range strings.Fields(h.Get("webhook-signature")) {
		encoded, asymmetric := strings.CutPrefix(s, "v1a,")
		signature, err := base64.StdEncoding.DecodeString(encoded)
		for _, key := range keys {
			if asymmetric && err == nil && ed25519.Verify(key, text, signature) {
				return true
			}
		}
	}
	return false
}

// A receiver that knows nothing but the address of this server verifies messages
// with the key set it fetches there, before, while and after keys change.
func TestAReceiverNeedsNoSecret(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database)
		c, live := srv.newTenants(t)
		type message struct {
			header http.Header
			body   []byte
		}
		seen := make(chan message, 10)
		receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			seen <- message{r.Header, body}
		}))
		t.Cleanup(receiver.Close)
		keys := c.must(t, http.StatusOK, "GET", "/api/v1/webhooks/keys", nil)
		path := keys.at("jwks_path")
		if a := c.call(t, "GET", path, nil); a.status != http.StatusNotFound {
			t.Fatalf("before there are keys: %d %s", a.status, a.raw)
		}
		if a := c.call(t, "POST", "/api/v1/webhooks/endpoints", map[string]any{"url": receiver.URL, "signature_scheme": "rsa"}); a.status != http.StatusUnprocessableEntity {
			t.Errorf("an unknown scheme: %d %s", a.status, a.raw)
		}
		made := c.must(t, http.StatusCreated, "POST", "/api/v1/webhooks/endpoints", map[string]any{"url": receiver.URL, "signature_scheme": "ed25519"})
		if made.str("signature_scheme") != "ed25519" {
			t.Errorf("%s", made.raw)
		}
		fetch := func() (set []ed25519.PublicKey) {
			t.Helper()
			a := (&client{url: srv.url}).must(t, http.StatusOK, "GET", path, nil) // no key, no account
			var jwks struct {
				Keys []struct{ Kty, Crv, X, Kid, Alg string }
			}
			if err := json.Unmarshal(a.raw, &jwks); err != nil || a.header.Get("Cache-Control") == "" {
				t.Fatalf("%v %s", err, a.raw)
			}
			for _, k := range jwks.Keys {
				raw, err := base64.RawURLEncoding.DecodeString(k.X)
				if err != nil || k.Kty != "OKP" || k.Crv != "Ed25519" || k.Kid == "" {
					t.Fatalf("%+v %v", k, err)
				}
				set = append(set, raw)
			}
			return set
		}
		test := func(set []ed25519.PublicKey) (verified int, signatures int) {
			t.Helper()
			c.must(t, 0, "POST", "/api/v1/webhooks/endpoints/"+made.str("id")+"/test", nil)
			var m message
			select {
			case m = <-seen:
			case <-time.After(patience):
				t.Fatal("no message came")
			}
			for _, k := range set {
				if ours(m.header, m.body, []ed25519.PublicKey{k}, time.Now()) {
					verified++
				}
			}
			return verified, len(strings.Fields(m.header.Get("webhook-signature")))
		}
		first := fetch()
		if v, n := test(first); v != 1 || n != 1 || len(first) != 1 {
			t.Errorf("%d of %d signatures verify by %d keys", v, n, len(first))
		}
		rotated := c.must(t, http.StatusOK, "POST", "/api/v1/webhooks/keys/rotate", map[string]any{"overlap_seconds": 3600})
		if !strings.HasPrefix(rotated.at("data.0.public_key"), "whpk_") || rotated.value("data.0.signs_until") != nil || rotated.value("data.1.signs_until") == nil {
			t.Errorf("%s", rotated.raw)
		}
		both := fetch()
		if v, n := test(both); v != 2 || n != 2 || len(both) != 2 {
			t.Errorf("%d of %d signatures verify by %d keys", v, n, len(both))
		}
		if v, _ := test(first); v != 1 {
			t.Error("who has not looked again cannot verify")
		}
		c.must(t, http.StatusOK, "POST", "/api/v1/webhooks/keys/rotate", map[string]any{"overlap_seconds": 0})
		if last := fetch(); len(last) != 1 || bytes.Equal(last[0], both[0]) {
			t.Errorf("%d keys after a rotation without an overlap", len(last))
		}
		if a := c.call(t, "POST", "/api/v1/webhooks/keys/rotate", map[string]any{"overlap_seconds": -1}); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%d %s", a.status, a.raw)
		}
		if a := live.must(t, http.StatusOK, "GET", "/api/v1/webhooks/keys", nil); len(a.fields) == 0 || a.value("data.0") != nil || a.at("jwks_path") == path {
			t.Errorf("the other environment has %s", a.raw)
		}
		if a := c.must(t, http.StatusOK, "PATCH", "/api/v1/webhooks/endpoints/"+made.str("id"), map[string]any{"signature_scheme": "both"}); a.str("signature_scheme") != "both" {
			t.Errorf("%s", a.raw)
		}
		if _, n := test(nil); n != 2 {
			t.Errorf("%d signatures with both schemes", n)
		}
		if r, err := srv.app.db.VerifyAudit(t.Context(), c.org); err != nil || !r.OK() {
			t.Errorf("%+v %v", r, err)
		}
	})
}

// The console chooses how messages are signed, shows the public keys and changes
// them.
func TestTheConsoleChangesKeysAndSchemes(t *testing.T) {
	t.Parallel()
	_, h, cookie, _ := crowdedOffice(t, 1, 0)
	do := func(method, path, form string, want int) *httptest.ResponseRecorder {
		t.Helper()
		r := httptest.NewRequest(method, "http://127.0.0.1"+path, strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.AddCookie(cookie)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Fatalf("%s %s: %d, not %d: %s", method, path, w.Code, want, w.Body)
		}
		return w
	}
	at := do(http.MethodPost, "/console/webhooks", "env=live&all=1&scheme=ed25519&url=https%3A%2F%2F93.184.216.34%2Fhook", http.StatusSeeOther).Header().Get("Location")
	page := do(http.MethodGet, at, "", http.StatusOK).Body.String()
	if strings.Count(page, "whpk_") != 1 || !strings.Contains(page, "Not used while the published keys sign alone") || strings.Contains(page, "shown this once") {
		t.Fatalf("%s", page)
	}
	do(http.MethodPost, "/console/webhooks/webhook_00000000-0000-4000-8000-000000000000/keys", "env=live", http.StatusNotFound)
	if page = do(http.MethodGet, at, "", http.StatusOK).Body.String(); strings.Count(page, "whpk_") != 1 {
		t.Errorf("a key changed on the page of an endpoint that does not exist: %s", page)
	}
	do(http.MethodPost, at+"/keys", "env=live", http.StatusSeeOther)
	if page = do(http.MethodGet, at, "", http.StatusOK).Body.String(); strings.Count(page, "whpk_") != 2 || !strings.Contains(page, "signs beside the new one until") {
		t.Errorf("after the change: %s", page)
	}
	do(http.MethodPost, at+"/scheme", "env=live&scheme=rsa", http.StatusUnprocessableEntity)
	do(http.MethodPost, at+"/scheme", "env=live&scheme=hmac", http.StatusSeeOther)
	if page = do(http.MethodGet, at, "", http.StatusOK).Body.String(); strings.Contains(page, "whpk_") {
		t.Errorf("with the secret alone: %s", page)
	}
}
