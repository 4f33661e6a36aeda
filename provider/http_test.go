package provider

import (
	"context"
	"errors"
	"image"
	"io"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"bonafide/face"
	"bonafide/kyc"
	"bonafide/webhook"
)

func serverOf(h *HTTP, s *stand) *Server {
	return h.For(kyc.Asking{Tenant: theirs(), Call: "call-1", Providers: kyc.ProviderSettings{HTTP: kyc.HTTPProviderSettings{URL: s.url, Secret: "webhook_1"}}})
}

// TestAnswersThatAreNone go through every port: what does not fit the protocol
// is an error, never a number.
func TestAnswersThatAreNone(t *testing.T) {
	t.Parallel()
	frames := `"` + frame() + `"`
	for question, bodies := range map[string][]string{
		"face_match": {``, `null`, `[]`, `"ok"`, `{}`, `{"status":"ok"}`, `{"status":"pass","model":"m","calibration":"c","raw":1,"score":1}`,
			`{"status":"ok","model":"m","calibration":"c","raw":1,"score":1.01}`, `{"status":"ok","model":"m","calibration":"c","raw":1,"score":-0.01}`,
			`{"status":"ok","model":"m","calibration":"c","raw":1,"score":"1"}`, `{"status":"ok","model":"m","calibration":"c","raw":1,"score":1e999}`,
			`{"status":"ok","model":"m","calibration":"c","raw":1,"score":null}`, `{"status":"ok","model":"m","calibration":"c","raw":1,"Score":1}`,
			`{"status":"ok","model":"m","calibration":"c","raw":1,"score":0.1,"score":1}`, `{"status":"ok","model":"","calibration":"c","raw":1,"score":1}`,
			`{"status":"ok","calibration":"c","raw":1,"score":1}`, `{"status":"ok","model":"m","raw":1,"score":1}`, `{"status":"ok","model":"m","calibration":"c","raw":1,"score":1,"verdict":"pass"}`,
			`{"status":"ok","model":"m","calibration":"c","raw":1,"score":1} {}`, `{"status":"ok","model":"m","calibration":"c","raw":1,"score":NaN}`,
			`{"status":"no_judgement","model":"m","code":"face_found","picture":"selfie"}`, `{"status":"no_judgement","model":"m","code":"face_not_found","picture":"passport"}`,
			`{"status":"ok","model":"m","calibration":"c","raw":1,"score":1,"selfie":{"x":0,"y":0,"width":0,"height":1}}`,
			strings.Repeat("[", 10000), `{"status":"ok","model":"` + strings.Repeat("x", 300<<10) + `","calibration":"c","raw":1,"score":1}`},
		"age_estimation": {`{"status":"ok","model":"m"}`, `{"status":"ok","model":"m","years":-1}`, `{"status":"ok","model":"m","years":151}`, `{"status":"ok","model":"m","years":20,"low":18}`,
			`{"status":"ok","model":"m","years":20,"low":21,"high":25}`, `{"status":"ok","model":"m","years":20,"low":10,"high":15}`},
		"liveness_create": {`{"status":"ok","model":"m","session_id":"../x","region":"eu","expires_at":"2026-11-21T12:03:00Z"}`, `{"status":"ok","model":"m","session_id":"a","region":"eu"}`,
			`{"status":"ok","model":"m","session_id":"a","region":"eu","expires_at":"tomorrow"}`, `{"status":"ok","model":"m","session_id":"a","region":"eu","expires_at":"2026-11-21T11:59:00Z"}`,
			`{"status":"ok","model":"m","session_id":"` + strings.Repeat("a", 65) + `","region":"eu","expires_at":"2026-11-21T12:03:00Z"}`},
		"liveness_result": {`{"status":"ok","model":"m","session_id":"` + sessionID + `","session_status":"succeeded"}`, `{"status":"ok","model":"m","session_id":"` + sessionID + `","session_status":"passed","confidence":99}`,
			`{"status":"ok","model":"m","session_id":"` + sessionID + `","session_status":"failed","confidence":99}`, `{"status":"ok","model":"m","session_id":"other","session_status":"succeeded","confidence":99}`,
			`{"status":"ok","model":"m","session_id":"` + sessionID + `","session_status":"succeeded","confidence":100.1}`, `{"status":"ok","model":"m","session_id":"` + sessionID + `","session_status":"succeeded","confidence":99,"reference_image":"AAAA"}`,
			`{"status":"ok","model":"m","session_id":"` + sessionID + `","session_status":"succeeded","confidence":99,"audit_images":[` + strings.Repeat(frames+",", 4) + frames + `]}`,
			`{"status":"ok","model":"m","session_id":"` + sessionID + `","session_status":"succeeded","confidence":99,"reference_image":"***"}`},
		"document_ocr": {`{"status":"ok","model":"m"}`, `{"status":"ok","model":"m","fields":[{"name":"first_name","value":"A"}]}`, `{"status":"ok","model":"m","fields":[{"name":"score","value":"A","confidence":1}]}`,
			`{"status":"ok","model":"m","fields":[{"name":"first_name","value":"A","confidence":1.1}]}`, `{"status":"ok","model":"m","fields":[{"name":"date_of_birth","value":"1980-02-31","confidence":1}]}`,
			`{"status":"ok","model":"m","fields":[{"name":"sex","value":"male","confidence":1}]}`, `{"status":"ok","model":"m","fields":[{"name":"first_name","value":"A","confidence":1},{"name":"first_name","value":"B","confidence":1}]}`,
			`{"status":"ok","model":"m","fields":[{"name":"nationality","value":"Germany","confidence":1}]}`},
		"other_faces": {`{"status":"ok","model":"m"}`, `{"status":"ok","model":"m","faces":[]}`, `{"status":"ok","model":"m","faces":[{"face":{"x":0,"y":0,"width":50,"height":50},"portrait":1}]}`,
			`{"status":"ok","model":"m","faces":[{"face":{"x":0,"y":0,"width":50,"height":50},"portrait":1,"selfie":1.01}]}`, `{"status":"ok","model":"m","faces":[{"face":{"x":0,"y":0,"width":0,"height":50},"portrait":1,"selfie":1}]}`},
	} {
		q := portQuestions()[map[string]int{"face_match": 0, "age_estimation": 1, "liveness_create": 2, "liveness_result": 3, "document_ocr": 4, "other_faces": 5}[question]]
		for _, body := range bodies {
			s, h, _ := newHTTPStand(t, []step{good}, map[string]string{question: body})
			_, err := q.ask(t.Context(), serverOf(h, s))
			if discreet(t, err, s); err.Code != codeInvalid || s.requests() != 1 {
				t.Errorf("%s: %.100s: %v after %d requests", question, body, err, s.requests())
			}
		}
	}
}

// TestWhatAServerSaysOfItself is no answer, or one about the picture.
func TestWhatAServerSaysOfItself(t *testing.T) {
	t.Parallel()
	for body, code := range map[string]string{
		`{"status":"unavailable"}`:    codeUnavailable,
		`{"status":"not_configured"}`: "http_not_configured",
		`{"status":"error"}`:          codeRefused,
		`{"status":"no_judgement","model":"m","code":"several_faces","picture":"selfie"}`: "several_faces",
	} {
		s, h, _ := newHTTPStand(t, []step{good}, map[string]string{"age_estimation": body, "face_match": body})
		p := serverOf(h, s)
		_, one := p.EstimateAge(t.Context(), picture(9, 9))
		_, two := p.Compare(t.Context(), picture(9, 9), picture(9, 9))
		for _, err := range []*kyc.Error{one, two} {
			if err == nil || err.Code != code || answered(err) != (code == "several_faces") {
				t.Errorf("%s: %v", body, err)
			}
		}
	}
}

// TestStatusesOfAServer says which are tried again.
func TestStatusesOfAServer(t *testing.T) {
	t.Parallel()
	for status, c := range map[int]struct {
		code  string
		asked int
	}{408: {codeUnavailable, 3}, 425: {codeUnavailable, 3}, 429: {codeThrottled, 3}, 500: {codeUnavailable, 3}, 504: {codeUnavailable, 3},
		201: {codeRefused, 1}, 204: {codeRefused, 1}, 302: {codeRefused, 1}, 307: {codeRefused, 1}, 400: {codeRefused, 1}, 401: {codeDenied, 1}, 403: {codeDenied, 1}, 404: {codeRefused, 1}, 422: {codeRefused, 1}} {
		s, h, _ := newHTTPStand(t, []step{good}, nil)
		s.wire = func(w http.ResponseWriter, _ *http.Request, _ []byte, _ step) {
			w.Header().Set("Location", s.url+"/elsewhere")
			w.WriteHeader(status)
			if status != http.StatusNoContent {
				_, _ = io.WriteString(w, httpAnswers()["age_estimation"])
			}
		}
		_, err := serverOf(h, s).EstimateAge(t.Context(), picture(9, 9))
		if err == nil || err.Code != c.code || s.requests() != c.asked {
			t.Errorf("%d: %v after %d requests", status, err, s.requests())
		}
	}
}

// TestWaits are longer each time, spread by chance, and as long as the server
// asks within bounds.
func TestWaits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		do     step
		jitter float64
		want   []time.Duration
	}{{fail, 1, []time.Duration{200 * time.Millisecond, 400 * time.Millisecond}}, {fail, 0, []time.Duration{100 * time.Millisecond, 200 * time.Millisecond}},
		{throttle, 1, []time.Duration{time.Second, time.Second}}} { // Retry-After: 1
		s, h, _ := newHTTPStand(t, []step{c.do}, nil)
		var waited []time.Duration
		h.o.Jitter = func() float64 { return c.jitter }
		h.o.Wait = func(_ context.Context, d time.Duration) error { waited = append(waited, d); return nil }
		_, err := serverOf(h, s).EstimateAge(t.Context(), picture(9, 9))
		if err == nil || len(waited) != 2 || waited[0] != c.want[0] || waited[1] != c.want[1] {
			t.Errorf("%v %v", waited, err)
		}
		h.o.Wait = func(context.Context, time.Duration) error { return errors.New("the caller went away") }
		if _, err := serverOf(h, s).EstimateAge(t.Context(), picture(9, 9)); err == nil || s.requests() != 4 {
			t.Errorf("%d requests, %v", s.requests(), err)
		}
	}
}

// TestARepeatedQuestionIsTheSame carries one id through all attempts, and
// another for another question.
func TestARepeatedQuestionIsTheSame(t *testing.T) {
	t.Parallel()
	s, h, _ := newHTTPStand(t, []step{fail, fail, good}, httpAnswers())
	p := serverOf(h, s)
	if _, err := p.EstimateAge(t.Context(), picture(9, 9)); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Compare(t.Context(), picture(9, 9), picture(9, 9)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := p.Create(t.Context(), face.LivenessRequest{Token: "try-1"}); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Result(t.Context(), sessionID); err != nil {
			t.Fatal(err)
		}
	}
	var ids []string
	for _, r := range s.asked {
		ids = append(ids, r.Header.Get("Idempotency-Key"))
	}
	if s.requests() != 8 || ids[0] != "call-1-age_estimation" || ids[1] != ids[0] || ids[2] != ids[0] || ids[3] == ids[0] || ids[4] != ids[6] || ids[5] == ids[7] {
		t.Errorf("%v", ids)
	}
}

// TestTenantsStayApart: secrets, breakers and servers belong to one
// organisation in one environment.
func TestTenantsStayApart(t *testing.T) {
	t.Parallel()
	s, h, _ := newHTTPStand(t, []step{fail}, httpAnswers())
	for range tripAfter {
		_, _ = serverOf(h, s).EstimateAge(t.Context(), picture(9, 9))
	}
	if _, err := serverOf(h, s).EstimateAge(t.Context(), picture(9, 9)); err == nil || err.Code != codeOpen {
		t.Fatal(err)
	}
	other := h.For(kyc.Asking{Tenant: kyc.Tenant{Org: "other", Env: kyc.Live}, Providers: kyc.ProviderSettings{HTTP: kyc.HTTPProviderSettings{URL: s.url, Secret: "webhook_1"}}})
	before := s.requests()
	if _, err := other.EstimateAge(t.Context(), picture(9, 9)); err == nil || err.Code != "http_not_configured" || s.requests() != before {
		t.Errorf("another organisation signs with a secret that is not its own: %v", err)
	}
	for _, tenant := range []kyc.Tenant{{Org: "other", Env: kyc.Live}, {Org: theirs().Org, Env: kyc.Sandbox}} {
		p := h.For(kyc.Asking{Tenant: tenant, Providers: kyc.ProviderSettings{HTTP: kyc.HTTPProviderSettings{URL: s.url, Secret: "webhook_all"}}})
		if _, err := p.EstimateAge(t.Context(), picture(9, 9)); err == nil || err.Code != codeUnavailable {
			t.Errorf("it rests because another did: %v", err)
		}
	}
	before = s.requests()
	for _, settings := range []kyc.HTTPProviderSettings{{}, {URL: s.url}, {Secret: "webhook_1"}, {URL: s.url, Secret: "webhook_2"}} {
		p := h.For(kyc.Asking{Tenant: theirs(), Providers: kyc.ProviderSettings{HTTP: settings}})
		if _, err := p.EstimateAge(t.Context(), picture(9, 9)); err == nil || err.Code != "http_not_configured" || s.requests() != before {
			t.Errorf("%+v: %v", settings, err)
		}
	}
}

// TestOnlyGuardedAddresses are called: private ones are refused before the
// connection, and open ones without https are.
func TestOnlyGuardedAddresses(t *testing.T) {
	t.Parallel()
	s, h, _ := newHTTPStand(t, []step{good}, httpAnswers())
	h.o.Client = webhook.NewGuard(nil, false).Client(time.Second)
	for _, address := range []string{s.url, "http://example.com/", "https://ada:secret@example.com/", "ftp://example.com/", "https://[::1]:1/", "https://169.254.169.254/latest", "::"} {
		p := h.For(kyc.Asking{Tenant: theirs(), Providers: kyc.ProviderSettings{HTTP: kyc.HTTPProviderSettings{URL: address, Secret: "webhook_1"}}})
		if _, err := p.EstimateAge(t.Context(), picture(9, 9)); err == nil || err.Code != codeRefused || s.requests() != 0 {
			t.Errorf("%s: %v", address, err)
		}
	}
	h.o.Client = webhook.NewGuard([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, false).Client(time.Second)
	if _, err := serverOf(h, s).EstimateAge(t.Context(), picture(9, 9)); err != nil {
		t.Error(err)
	}
}

// TestTheProtocolIsPublished keeps the page for readers the same as the schema
// in force.
func TestTheProtocolIsPublished(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/reference/provider.schema.json")
	if err != nil || string(page) != string(Schema()) {
		t.Errorf("docs/reference/provider.schema.json is not provider/protocol.json (%v)", err)
	}
	for _, q := range questions() {
		for _, part := range []string{"_request", "_answer"} {
			if _, err := definition(q + part); err != nil {
				t.Error(err)
			}
		}
	}
}

// FuzzAnswers reads any bytes as an answer: it never breaks, and never takes
// for an answer what the protocol does not allow.
func FuzzAnswers(f *testing.F) {
	for _, body := range httpAnswers() {
		f.Add(body)
	}
	f.Add(`{"status":"ok","model":"m","calibration":"c","raw":1,"score":2}`)
	h, err := NewHTTP(HTTPOptions{Clock: &hour{at: noon()}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body string) {
		h.o.Client = &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(body))}, nil
		})}
		h.o.Secrets = secretStore{}
		p := h.For(kyc.Asking{Tenant: theirs(), Providers: kyc.ProviderSettings{HTTP: kyc.HTTPProviderSettings{URL: "https://faces.example/", Secret: "webhook_1"}}})
		small := image.NewGray(image.Rect(0, 0, 1, 1))
		if c, err := p.Compare(t.Context(), small, small); err == nil && (c.Score < 0 || c.Score > 1 || c.Model == "" || c.Calibration == "") {
			t.Errorf("%+v", c)
		}
		if a, err := p.EstimateAge(t.Context(), small); err == nil && (a.Years < 0 || a.Years > 150 || a.Model == "") {
			t.Errorf("%+v", a)
		}
		if l, err := p.Result(t.Context(), sessionID); err == nil && (l.Confidence < 0 || l.Confidence > 100 || l.Status != "succeeded" && l.Confidence != 0) {
			t.Errorf("%+v", l)
		}
		if d, err := p.ReadID(t.Context(), []image.Image{small}, noon()); err == nil && d.Model == "" {
			t.Errorf("%+v", d)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
