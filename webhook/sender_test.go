package webhook

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"bonafide/kyc"
)

func TestAMessageIsSignedWithEveryLiveSecret(t *testing.T) {
	t.Parallel()
	b := setup(t)
	type got struct {
		header http.Header
		body   []byte
	}
	seen := make(chan got, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seen <- got{r.Header, body}
	}))
	defer srv.Close()
	first := b.endpoint(t, srv, "*")
	second, err := b.desk.Rotate(t.Context(), tenant, actor, first.ID, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	<-b.store.commits
	if len(second.Secrets) != 2 || second.Secrets[0].Secret == first.Secrets[0].Secret || !second.Secrets[1].Until.Equal(noon.Add(time.Hour)) {
		t.Fatalf("rotation left %+v", second.Secrets)
	}
	event := b.tell(t, kyc.Live, "session.approved")
	g := <-seen
	<-b.store.commits
	for _, s := range second.Secrets {
		wh, err := standardwebhooks.NewWebhook(s.Secret)
		if err != nil {
			t.Fatal(err)
		}
		if err := wh.VerifyIgnoringTimestamp(g.body, g.header); err != nil {
			t.Errorf("the library refuses the signature: %v", err)
		}
		if err := wh.VerifyIgnoringTimestamp(append(g.body, ' '), g.header); err == nil {
			t.Error("a changed body verifies")
		}
	}
	if g.header.Get("webhook-id") != string(event.ID) || g.header.Get("webhook-timestamp") != "1772366400" || g.header.Get("X-Request-Id") != event.RequestID || event.RequestID == "" {
		t.Errorf("headers %v", g.header)
	}
	want := `{"event":"session.approved","idempotency_key":"` + string(event.ID) + `","data":{"session_id":"session_1"},"created_at":"2026-03-01T12:00:00.000Z"}`
	if string(g.body) != want {
		t.Errorf("body\n%s\nwant\n%s", g.body, want)
	}
	if d := b.store.only(t); d.State != kyc.DeliveryDelivered || d.LastStatus != 200 || len(d.Attempts) != 1 {
		t.Errorf("%+v", d)
	}

	b.clock.set(noon.Add(time.Hour)) // the old secret's time is over
	b.tell(t, kyc.Live, "session.approved")
	g = <-seen
	if n := len(strings.Fields(g.header.Get("webhook-signature"))); n != 1 {
		t.Errorf("%d signatures after the overlap, want 1", n)
	}
}

// The reference vector of the scheme: HMAC-SHA-256 over id.timestamp.body
// with the decoded secret.
func TestSignAgreesWithAFixedVector(t *testing.T) {
	t.Parallel()
	h := http.Header{}
	secret := kyc.EndpointSecret{Secret: "whsec_Qm9uYWZpZGUgdGVzdCBzZWNyZXQ="} // "Bonafide test secret"
	if err := Sign(h, "msg_1", time.Unix(1700000000, 0), []byte(`{"a":1}`), kyc.Endpoint{Secrets: []kyc.EndpointSecret{secret}}, kyc.SignatureKeys{}); err != nil {
		t.Fatal(err)
	}
	// printf 'msg_1.1700000000.{"a":1}' | openssl dgst -sha256 -hmac 'Bonafide test secret' -binary | base64
	const want = "v1,rL7omuITEnJlM1jT87TG5GmiULmeCqWCFg31FAITysI="
	if got := h.Get("webhook-signature"); got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
	if err := Sign(http.Header{}, "m", noon, nil, kyc.Endpoint{}, kyc.SignatureKeys{}); err == nil {
		t.Error("a message without a secret was signed")
	}
}

func TestFailuresAreTriedAgainUntilTheScheduleEnds(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 307, 401, 403, 404, 408, 425, 429, 500, 503} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			var calls atomic.Int32
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				if r.URL.Path != "/" {
					t.Error("a redirect was followed")
				}
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(status)
			}))
			defer srv.Close()
			b.endpoint(t, srv, "*")
			b.tell(t, kyc.Live, "session.approved")
			for i, wait := range schedule() {
				<-b.store.commits
				d := b.store.only(t)
				now := b.clock.Now()
				if d.State != kyc.DeliveryPending || d.Attempt != i+1 || d.DueAt != now.Add(wait) {
					t.Fatalf("after attempt %d: %s attempt %d due %s, want %s", i+1, d.State, d.Attempt, d.DueAt, now.Add(wait))
				}
				if len(b.store.jobs) != i+1 || b.store.jobs[i].At != d.DueAt || b.store.jobs[i].Kind != JobDeliver {
					t.Fatalf("jobs %+v", b.store.jobs)
				}
				b.clock.set(d.DueAt)
				if err := b.sender.Jobs()[JobDeliver](t.Context(), b.store.jobs[i]); err != nil {
					t.Fatal(err)
				}
			}
			<-b.store.commits
			d := b.store.only(t)
			if d.State != kyc.DeliveryDead || len(d.Attempts) != MaxAttempts || int(calls.Load()) != MaxAttempts || !d.DueAt.IsZero() {
				t.Errorf("at the end %s after %d attempts (%d calls)", d.State, len(d.Attempts), calls.Load())
			}
			e, _ := b.store.Endpoint(t.Context(), tenant, d.EndpointID)
			if e.Exhausted != 1 || e.Status != "enabled" {
				t.Errorf("endpoint %+v", e)
			}
		})
	}
}

func TestSandboxWaitsAreAThousandth(t *testing.T) {
	t.Parallel()
	for i, w := range schedule() {
		if d, ok := wait(i+1, 0.5, true); !ok || d != w/1000 {
			t.Errorf("wait %d is %s", i+1, d)
		}
		low, _ := wait(i+1, 0, false)
		high, _ := wait(i+1, 1, false)
		if low != time.Duration(float64(w)*0.8) || high < time.Duration(float64(w)*1.19) || high > time.Duration(float64(w)*1.21) {
			t.Errorf("jitter spreads %s to %s-%s", w, low, high)
		}
	}
	for _, n := range []int{0, 9, 100, -1} {
		if _, ok := wait(n, 0.5, false); ok {
			t.Errorf("a wait after %d attempts", n)
		}
	}
}

func TestBadRequestEndsTheDeliveryAndGoneTheEndpoint(t *testing.T) {
	t.Parallel()
	for status, endpoint := range map[int]string{400: "enabled", 410: "disabled"} {
		b := setup(t)
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		e := b.endpoint(t, srv, "*")
		b.tell(t, kyc.Live, "session.approved")
		<-b.store.commits
		srv.Close()
		if d := b.store.only(t); d.State != kyc.DeliveryDead || len(d.Attempts) != 1 {
			t.Errorf("%d: %+v", status, d)
		}
		if e, _ = b.store.Endpoint(t.Context(), tenant, e.ID); e.Status != endpoint {
			t.Errorf("%d: the endpoint is %s", status, e.Status)
		}
	}
}

// What a receiver answers is kept as text, its beginning only, and without the
// endpoint's own secret.
func TestTheBeginningOfAnAnswerIsKept(t *testing.T) {
	t.Parallel()
	secret := "whsec_" + strings.Repeat("A", 44)
	for body, want := range map[string]string{
		"":                                      "",
		"no such customer\n":                    "no such customer",
		"a\x00b\x1b[31m\xff<b>":                 "ab[31m<b>",
		"seen " + secret + " and " + secret[6:]: "seen (secret) and (secret)",
		strings.Repeat("x", 5000):               strings.Repeat("x", 1024),
		strings.Repeat("x", 1000) + secret:      strings.Repeat("x", 1000) + "(secret)",
		strings.Repeat("é", 600):                strings.Repeat("é", 512),
	} {
		if got := began(strings.NewReader(body), []kyc.EndpointSecret{{Secret: secret}}); got != want {
			t.Errorf("of %q is kept %q", body[:min(len(body), 40)], got[:min(len(got), 80)])
		}
	}
	b := setup(t)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte("this event is unknown here")) // nobody to tell
	}))
	defer srv.Close()
	b.endpoint(t, srv, "*")
	b.tell(t, kyc.Live, "session.approved")
	<-b.store.commits
	if d := b.store.only(t); len(d.Attempts) != 1 || d.Attempts[0].Answer != "this event is unknown here" || d.Attempts[0].Status != 400 {
		t.Errorf("kept of the attempt: %+v", d.Attempts)
	}
}

func TestTenDeadDeliveriesInARowDisableTheEndpoint(t *testing.T) {
	t.Parallel()
	b := setup(t)
	status := atomic.Int32{}
	status.Store(400)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(int(status.Load())) }))
	defer srv.Close()
	e := b.endpoint(t, srv, "*")
	tellAndWait := func() kyc.Endpoint {
		b.tell(t, kyc.Live, "session.approved")
		<-b.store.commits
		e, _ := b.store.Endpoint(t.Context(), tenant, e.ID)
		return e
	}
	for range 9 {
		tellAndWait()
	}
	status.Store(200)
	if e := tellAndWait(); e.Exhausted != 0 {
		t.Fatalf("a delivery that arrived does not forgive: %d", e.Exhausted)
	}
	status.Store(400)
	for i := range 10 {
		if e := tellAndWait(); (e.Status == "disabled") != (i == 9) {
			t.Fatalf("after %d dead deliveries the endpoint is %s", i+1, e.Status)
		}
	}
	b.store.mu.Lock()
	defer b.store.mu.Unlock()
	var told bool
	for _, ev := range b.store.events {
		if ev.Action == "webhook_endpoint.disable" {
			told = ev.Webhook == "webhook.disabled" && strings.Contains(string(ev.Payload), "10 deliveries in a row") && strings.Contains(string(ev.Payload), kyc.Dress("webhook", e.ID))
		}
	}
	if !told {
		t.Error("nobody was told that the endpoint was disabled")
	}
	for _, d := range b.store.deliveries {
		if d.EventName == "webhook.disabled" {
			t.Error("the endpoint that was disabled is told of it")
		}
	}
}

func TestWhatASenderLeftBehindIsSentWhenItsLeaseEnds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	seen := make(chan string, 2)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen <- r.Header.Get("webhook-id") }))
	defer srv.Close()
	e := b.endpoint(t, srv, "*")
	event := kyc.Event{ID: kyc.NewID(noon), Tenant: tenant, At: noon, Webhook: "", Payload: []byte(`{}`)}
	b.store.mu.Lock()
	b.store.events = append(b.store.events, event)
	// Claimed by a process that died: due when its lease ends.
	d := kyc.Delivery{Meta: kyc.Meta{ID: kyc.NewID(noon), Tenant: tenant, Rev: 1}, EventID: event.ID, EndpointID: e.ID, EventName: "session.approved",
		State: kyc.DeliveryPending, DueAt: noon.Add(lease)}
	b.store.deliveries[d.ID] = d
	b.store.mu.Unlock()
	b.clock.set(noon.Add(lease))
	if err := b.sender.Jobs()[JobRecover](t.Context(), kyc.Job{}); err != nil {
		t.Fatal(err)
	}
	if id := <-seen; id != string(event.ID) {
		t.Errorf("sent under %s", id)
	}
}

func TestRetryReplayAndTestKeepTheEventsID(t *testing.T) {
	t.Parallel()
	b := setup(t)
	seen := make(chan string, 10)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen <- r.Header.Get("webhook-id") }))
	defer srv.Close()
	early := b.tell(t, kyc.Live, "session.approved") // before any endpoint
	e := b.endpoint(t, srv, "session.approved")
	b.tell(t, kyc.Live, "session.declined") // not wanted
	b.clock.set(noon.Add(time.Minute))
	event := b.tell(t, kyc.Live, "session.approved")
	if id := <-seen; id != string(event.ID) {
		t.Fatal("wrong id")
	}
	<-b.store.commits
	d := b.store.only(t)
	if _, err := b.desk.Retry(t.Context(), tenant, actor, e.ID, d.ID); err != nil {
		t.Fatal(err)
	}
	if id := <-seen; id != string(event.ID) {
		t.Error("a retry has another id")
	}
	<-b.store.commits
	<-b.store.commits
	if done, err := b.desk.Replay(t.Context(), tenant, actor, e.ID, Range{From: noon, To: noon.Add(time.Hour)}); err != nil || done != (Replayed{Count: 2}) {
		t.Fatalf("replayed %+v, %v", done, err)
	}
	got := map[string]bool{<-seen: true, <-seen: true}
	if !got[string(early.ID)] || !got[string(event.ID)] {
		t.Errorf("replayed %v", got)
	}
	test, err := b.desk.Test(t.Context(), tenant, actor, e.ID)
	if err != nil || test.EventName != "webhook.test" {
		t.Fatal(err)
	}
	if id := <-seen; id != string(test.EventID) {
		t.Error("the test message has another id")
	}
	if _, err := b.desk.Retry(t.Context(), kyc.Tenant{Org: tenant.Org, Env: kyc.Sandbox}, actor, e.ID, d.ID); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("another environment's delivery: %v", err)
	}
	if _, err := b.desk.Replay(t.Context(), tenant, actor, e.ID, Range{From: noon, To: noon}); kyc.KindOf(err) != kyc.Invalid {
		t.Errorf("an empty range: %v", err)
	}
}

func TestADeletedEndpointGetsNothingMore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }))
	defer srv.Close()
	e := b.endpoint(t, srv, "*")
	b.tell(t, kyc.Live, "session.approved")
	<-b.store.commits
	if err := b.desk.Delete(t.Context(), tenant, actor, e.ID); err != nil {
		t.Fatal(err)
	}
	<-b.store.commits
	b.clock.set(noon.Add(time.Hour))
	b.sender.Wake()
	<-b.store.commits
	if d := b.store.only(t); d.State != kyc.DeliveryDead || d.LastError != "the endpoint was deleted" {
		t.Errorf("%+v", d)
	}
}

func TestEachSurfaceHasItsEnvelope(t *testing.T) {
	t.Parallel()
	e := kyc.Event{ID: kyc.NewID(time.Unix(1767225600, 0)), At: time.Unix(1767225600, 0), Webhook: "kyc.session.processed", Surface: kyc.SurfaceSteps, Payload: []byte(`{"a":1}`)}
	b, err := Body(e)
	if want := `{"id":"` + kyc.Dress("evt", e.ID) + `","type":"kyc.session.processed","created":1767225600,"data":{"a":1}}`; err != nil || string(b) != want {
		t.Errorf("%s %v", b, err)
	}
	e.Surface, e.Webhook = kyc.SurfaceGraph, "session.approved"
	if b, err = Body(e); err != nil || !strings.HasPrefix(string(b), `{"event":"session.approved",`) {
		t.Errorf("%s %v", b, err)
	}
	e.Surface, e.Webhook = kyc.SurfaceChecks, "session.status.verified"
	if b, err = Body(e); err != nil || string(b) != `{"type":"session.status.verified","data":{"a":1}}` {
		t.Errorf("%s %v", b, err)
	}
	e.Surface, e.Webhook = kyc.SurfaceEntities, "workflow.complete"
	if b, err = Body(e); err != nil || string(b) != `{"a":1}` {
		t.Errorf("%s %v", b, err)
	}
}

func TestNotificationsOfSurfaceCNameTheRequestInThePath(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		surface               kyc.Surface
		endpoint, id, address string
	}{
		{kyc.SurfaceEntities, "https://example.com/hook", "01HN9XHZN6MGXM9JXG50K59Q85", "https://example.com/hook/01HN9XHZN6MGXM9JXG50K59Q85"},
		{kyc.SurfaceEntities, "https://example.com/hook/?key=1", "R-1", "https://example.com/hook/R-1?key=1"},
		{kyc.SurfaceEntities, "https://example.com", "R-1", "https://example.com/R-1"},
		{kyc.SurfaceEntities, "https://example.com/a/hook", "../x", "https://example.com/a/hook/..%2Fx"},
		{kyc.SurfaceEntities, "https://example.com/a/hook", "..", "https://example.com/a/hook"},
		{kyc.SurfaceEntities, "https://example.com/hook", "", "https://example.com/hook"},
		{kyc.SurfaceGraph, "https://example.com/hook", "R-1", "https://example.com/hook"},
	} {
		got, err := Address(c.endpoint, kyc.Event{Surface: c.surface, RequestID: c.id})
		if err != nil || got != c.address {
			t.Errorf("%s and %q: %s %v", c.endpoint, c.id, got, err)
		}
	}
}
