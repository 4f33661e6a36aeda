package webhook

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bonafide/kyc"
)

// published reads a tenant's key set as a receiver does.
func (b *bundle) published(t *testing.T, of kyc.Tenant) []ed25519.PublicKey {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle(KeySetPattern, b.desk.KeySets(func(w http.ResponseWriter, _ *http.Request, err error) {
		if kyc.KindOf(err) != kyc.NotFound {
			t.Error(err)
		}
		w.WriteHeader(http.StatusNotFound)
	}))
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, KeySetPath(of), http.NoBody))
	if w.Code == http.StatusNotFound {
		return nil
	}
	var set struct {
		Keys []jwk `json:"keys"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &set); err != nil || w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/jwk-set+json" {
		t.Fatalf("%d %v %s", w.Code, err, w.Body)
	}
	var out []ed25519.PublicKey
	for _, k := range set.Keys {
		raw, err := base64.RawURLEncoding.DecodeString(k.X)
		if err != nil || len(raw) != ed25519.PublicKeySize || k.KeyType != "OKP" || k.Curve != "Ed25519" || k.Algorithm != "EdDSA" || k.Use != "sig" || k.ID != thumbprint(k.X) {
			t.Fatalf("%+v %v", k, err)
		}
		out = append(out, raw)
	}
	return out
}

// delivered reports whether what came of an event's message is stored.
func (m *memory) delivered(event kyc.ID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, d := range m.deliveries {
		if d.EventID == event {
			return d.State == kyc.DeliveryDelivered
		}
	}
	return false
}

// signedBy tells which of the published keys signed a message (v1a), and how many
// signatures with a secret (v1) it carries.
func signedBy(h http.Header, body []byte, keys []ed25519.PublicKey) (by []int, secrets int) {
	message := fmt.Appendf(nil, "%s.%s.%s", h.Get("webhook-id"), h.Get("webhook-timestamp"), body)
	for _, s := range strings.Fields(h.Get("webhook-signature")) {
		version, encoded, _ := strings.Cut(s, ",")
		if version == "v1" {
			secrets++
			continue
		}
		raw, err := base64.StdEncoding.DecodeString(encoded)
		for i, k := range keys {
			if err == nil && version == "v1a" && ed25519.Verify(k, message, raw) {
				by = append(by, i)
			}
		}
	}
	return by, secrets
}

func TestAReceiverVerifiesWithThePublishedKeysAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	seen := make(chan received, 10)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		seen <- received{r.Header, body}
	}))
	t.Cleanup(srv.Close)
	ctx := t.Context()
	if keys := b.published(t, tenant); keys != nil {
		t.Fatal("keys before anybody asked for them")
	}
	e, err := b.desk.Create(ctx, tenant, actor, Spec{URL: srv.URL, Events: []string{"*"}, Scheme: kyc.SchemeEd25519})
	if err != nil {
		t.Fatal(err)
	}
	<-b.store.commits
	check := func(what string, keys []ed25519.PublicKey, wantBy string, wantSecrets int) {
		t.Helper()
		told := b.tell(t, kyc.Live, "session.approved")
		g := <-seen
		for !b.store.delivered(told.ID) { // otherwise it is sent again when the clock moves
			<-b.store.commits
		}
		if by, secrets := signedBy(g.header, g.body, keys); fmt.Sprint(by) != wantBy || secrets != wantSecrets {
			t.Errorf("%s: signed by keys %v and %d secrets, want %s and %d: %v", what, by, secrets, wantBy, wantSecrets, g.header)
		}
		if by, _ := signedBy(g.header, append(g.body, ' '), keys); len(by) != 0 {
			t.Errorf("%s: another body verifies", what)
		}
	}
	first := b.published(t, tenant)
	if len(first) != 1 {
		t.Fatalf("%d keys", len(first))
	}
	check("one key", first, "[0]", 0)

	// Two keys while receivers change over: who knows only the old one verifies, too.
	if _, err := b.desk.RotateKeys(ctx, tenant, actor, time.Hour); err != nil {
		t.Fatal(err)
	}
	both := b.published(t, tenant)
	if len(both) != 2 || !both[1].Equal(first[0]) {
		t.Fatalf("%d keys, the old one is not the second", len(both))
	}
	check("while changing over", both, "[0 1]", 0)
	check("with the old key", first, "[0]", 0)
	b.clock.set(noon.Add(2 * time.Hour))
	after := b.published(t, tenant)
	if len(after) != 1 || !after[0].Equal(both[0]) {
		t.Fatalf("%d keys after the overlap", len(after))
	}
	check("after the overlap", both, "[0]", 0)

	// Twice in a row, and without an overlap, never more than two.
	for range 3 {
		if _, err := b.desk.RotateKeys(ctx, tenant, actor, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(b.published(t, tenant)); n != 2 {
		t.Errorf("%d keys after three rotations", n)
	}
	if keys, err := b.desk.RotateKeys(ctx, tenant, actor, 0); err != nil || len(keys) != 1 {
		t.Errorf("%d keys without an overlap (%v)", len(keys), err)
	}
	for _, overlap := range []time.Duration{-1, maxOverlap + 1} {
		if _, err := b.desk.RotateKeys(ctx, tenant, actor, overlap); !kyc.IsCode(err, "invalid_overlap") {
			t.Errorf("overlap %s: %v", overlap, err)
		}
	}

	both = b.published(t, tenant)
	if _, err := b.desk.Update(ctx, tenant, actor, e.ID, 0, Patch{Scheme: kyc.SchemeBoth}); err != nil {
		t.Fatal(err)
	}
	check("both schemes", both, "[0]", 1)
	if _, err := b.desk.Update(ctx, tenant, actor, e.ID, 0, Patch{Scheme: kyc.SchemeHMAC}); err != nil {
		t.Fatal(err)
	}
	check("the secret alone", both, "[]", 1)
	if _, err := b.desk.Update(ctx, tenant, actor, e.ID, 0, Patch{Scheme: "rsa"}); !kyc.IsCode(err, "invalid_endpoint") {
		t.Errorf("an unknown scheme: %v", err)
	}
	if clone, err := b.desk.Clone(ctx, tenant, actor, e.ID); err != nil || clone.Scheme != kyc.SchemeHMAC {
		t.Errorf("%+v %v", clone.Scheme, err)
	}
	for _, elsewhere := range []kyc.Tenant{{Org: tenant.Org, Env: kyc.Sandbox}, {Org: kyc.NewID(noon), Env: kyc.Live}, {Org: "nonsense", Env: kyc.Live}, {Org: tenant.Org, Env: "test"}} {
		if keys := b.published(t, elsewhere); keys != nil {
			t.Errorf("%v has keys", elsewhere)
		}
	}
}

// A message that failed before a key changed is signed anew when it is sent again,
// by the keys of that time alone.
func TestWhatIsSentAgainHasTheKeysOfToday(t *testing.T) {
	t.Parallel()
	b := setup(t)
	seen := make(chan received, 10)
	var down atomic.Bool
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if down.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		seen <- received{r.Header, body}
	}))
	t.Cleanup(srv.Close)
	e, err := b.desk.Create(t.Context(), tenant, actor, Spec{URL: srv.URL, Events: []string{"*"}, Scheme: kyc.SchemeEd25519})
	if err != nil {
		t.Fatal(err)
	}
	<-b.store.commits
	old := b.published(t, tenant)
	down.Store(true)
	told := b.tell(t, kyc.Live, "session.approved")
	first := <-seen
	<-b.store.commits
	if by, _ := signedBy(first.header, first.body, old); fmt.Sprint(by) != "[0]" {
		t.Fatalf("signed by %v", by)
	}
	if _, err := b.desk.RotateKeys(t.Context(), tenant, actor, 0); err != nil {
		t.Fatal(err)
	}
	<-b.store.commits
	down.Store(false)
	b.clock.set(noon.Add(time.Minute))
	if _, err := b.desk.Replay(t.Context(), tenant, actor, e.ID, Range{From: noon, To: noon.Add(time.Second)}); err != nil {
		t.Fatal(err)
	}
	again := <-seen
	if again.header.Get("webhook-id") != string(told.ID) || !bytes.Equal(again.body, first.body) || again.header.Get("webhook-timestamp") == first.header.Get("webhook-timestamp") {
		t.Errorf("%v %s", again.header, again.body)
	}
	if by, _ := signedBy(again.header, again.body, old); len(by) != 0 {
		t.Error("the key that was taken back signed it again")
	}
	if by, _ := signedBy(again.header, again.body, b.published(t, tenant)); fmt.Sprint(by) != "[0]" {
		t.Errorf("signed by %v", by)
	}
}

type received struct {
	header http.Header
	body   []byte
}

// A message whose key cannot be read is not sent, and the log of deliveries does
// not blame the receiver; a new key pair mends it.
func TestAMessageThatCannotBeSignedIsNotSent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	seen := make(chan received, 10)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen <- received{header: r.Header} }))
	t.Cleanup(srv.Close)
	if _, err := b.desk.Create(t.Context(), tenant, actor, Spec{URL: srv.URL, Events: []string{"*"}, Scheme: kyc.SchemeBoth}); err != nil {
		t.Fatal(err)
	}
	<-b.store.commits
	b.store.mu.Lock()
	lost := b.store.keys[tenant]
	lost.Seeds = nil
	b.store.keys[tenant] = lost
	b.store.mu.Unlock()
	b.tell(t, kyc.Live, "session.approved")
	<-b.store.commits
	d := b.store.only(t)
	if d.State != kyc.DeliveryPending || d.LastStatus != 0 || d.LastError != errUnmade.Message || len(seen) != 0 {
		t.Errorf("%+v, %d messages", d, len(seen))
	}
	keys, err := b.desk.RotateKeys(t.Context(), tenant, actor, time.Hour)
	if err != nil || len(keys) != 1 {
		t.Fatalf("%d keys sign, one of them without its private half (%v)", len(keys), err)
	}
	<-b.store.commits
	b.clock.set(d.DueAt)
	b.sender.Wake()
	m := <-seen
	if n := len(strings.Fields(m.header.Get("webhook-signature"))); n != 2 {
		t.Errorf("%d signatures", n)
	}
}

// Of two that bring the tenant's first key pair, one does not overwrite the other.
func TestTheFirstKeyPairIsMadeOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	if _, err := b.desk.RotateKeys(ctx, tenant, actor, 0); err != nil {
		t.Fatal(err)
	}
	have := b.published(t, tenant)
	late := NewDesk(Deps{Store: behind{b.store}, Clock: b.clock, Guard: b.desk.d.Guard})
	if _, err := late.RotateKeys(ctx, tenant, actor, 0); !kyc.IsCode(err, "concurrent_change") {
		t.Errorf("a second first key pair: %v", err)
	}
	if _, err := late.Create(ctx, tenant, actor, Spec{URL: "http://127.0.0.1/", Events: []string{"*"}, Scheme: kyc.SchemeEd25519}); !kyc.IsCode(err, "concurrent_change") {
		t.Errorf("an endpoint with a second first key pair: %v", err)
	}
	if all, err := b.desk.List(ctx, tenant); err != nil || len(all) != 0 {
		t.Errorf("%d endpoints (%v)", len(all), err)
	}
	if now := b.published(t, tenant); len(now) != 1 || !now[0].Equal(have[0]) {
		t.Error("the key was exchanged")
	}
}

// behind is a store whose reader looked before there were keys.
type behind struct{ *memory }

func (behind) SignatureKeys(context.Context, kyc.Tenant) (kyc.SignatureKeys, error) {
	return kyc.SignatureKeys{}, kyc.Missing("signature keys", "of the tenant")
}

// The form of a signature and of a key, by a vector of RFC 8032 (section 7.1,
// test 1) for the key and of RFC 8037 (appendix A.3) for its name.
func TestKeysHaveTheFormOfTheStandards(t *testing.T) {
	t.Parallel()
	const x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
	if got := thumbprint(x); got != "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" {
		t.Errorf("the thumbprint is %s", got)
	}
	key := kyc.SignatureKey{ID: "k", Public: x}
	if got := PublicKey(key); got != "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=" {
		t.Errorf("the public key is %s", got)
	}
	keys := kyc.SignatureKeys{Keys: []kyc.SignatureKey{key}, Seeds: map[string]string{"k": "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="}}
	h := http.Header{}
	if err := Sign(h, "msg_1", time.Unix(1700000000, 0), []byte(`{"a":1}`), kyc.Endpoint{Scheme: kyc.SchemeEd25519}, keys); err != nil {
		t.Fatal(err)
	}
	public, err := base64.RawURLEncoding.DecodeString(x)
	if err != nil {
		t.Fatal(err)
	}
	if by, secrets := signedBy(h, []byte(`{"a":1}`), []ed25519.PublicKey{public}); len(by) != 1 || secrets != 0 {
		t.Errorf("%s", h.Get("webhook-signature"))
	}
	for name, broken := range map[string]kyc.SignatureKeys{"no keys": {}, "no seed": {Keys: keys.Keys}, "a short seed": {Keys: keys.Keys, Seeds: map[string]string{"k": "AAAA"}}} {
		if err := Sign(http.Header{}, "m", noon, nil, kyc.Endpoint{Scheme: kyc.SchemeBoth, Secrets: []kyc.EndpointSecret{{Secret: newSecret()}}}, broken); err == nil {
			t.Errorf("%s: a message was sent with one signature of two", name)
		}
	}
}
