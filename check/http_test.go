package check

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"bonafide/kyc"
)

func TestOwnServer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status  int
		body    string
		config  string
		want    kyc.AnswerStatus
		verdict kyc.Verdict
		code    string
	}{
		"pass":             {200, `{"verdict":"pass","score":3,"reasons":[{"code":"known","message":"a customer since 2019"}],"details":{"since":2019}}`, "", kyc.StatusOK, kyc.Pass, "known"},
		"fail":             {201, `{"status":"ok","verdict":"fail"}`, "", kyc.StatusOK, kyc.Fail, ""},
		"review":           {200, `{"verdict":"review"}`, "", kyc.StatusOK, kyc.VerdictReview, ""},
		"its tool is away": {200, `{"status":"unavailable"}`, "", kyc.StatusUnavailable, "", "server_unavailable"},
		"stale and pass":   {200, `{"status":"stale","verdict":"pass"}`, "", kyc.StatusStale, "", "server_stale"},
		"no verdict":       {200, `{"status":"ok"}`, "", kyc.StatusError, "", "answer_invalid"},
		"empty object":     {200, `{}`, "", kyc.StatusError, "", "answer_invalid"},
		"odd verdict":      {200, `{"verdict":"approved"}`, "", kyc.StatusError, "", "answer_invalid"},
		"odd field":        {200, `{"verdict":"pass","approve":true}`, "", kyc.StatusError, "", "answer_invalid"},
		"score too high":   {200, `{"verdict":"pass","score":101}`, "", kyc.StatusError, "", "answer_invalid"},
		"no json":          {200, `<html>`, "", kyc.StatusError, "", "answer_malformed"},
		"two values":       {200, `{"verdict":"pass"}{"verdict":"fail"}`, "", kyc.StatusError, "", "answer_malformed"},
		"empty":            {200, ``, "", kyc.StatusError, "", "answer_malformed"},
		"deep":             {200, `{"verdict":"pass","details":` + strings.Repeat(`{"a":`, 40) + `1` + strings.Repeat(`}`, 40) + `}`, "", kyc.StatusError, "", "answer_malformed"},
		"huge":             {200, `{"verdict":"pass","details":{"x":"` + strings.Repeat("x", maxHTTPAnswer) + `"}}`, "", kyc.StatusError, "", "answer_too_large"},
		"500":              {500, `{"verdict":"pass"}`, "", kyc.StatusUnavailable, "", "server_500"},
		"503":              {503, ``, "", kyc.StatusUnavailable, "", "server_503"},
		"429":              {429, ``, "", kyc.StatusUnavailable, "", "server_429"},
		"404":              {404, `{"verdict":"pass"}`, "", kyc.StatusError, "", "server_404"},
		"redirect":         {302, ``, "", kyc.StatusError, "", "redirect_refused"},
		"own schema": {200, `{"verdict":"pass","details":{"level":3}}`,
			`,"response_schema":{"properties":{"details":{"required":["level"]}}}`, kyc.StatusOK, kyc.Pass, ""},
		"own schema fails": {200, `{"verdict":"pass","details":{}}`,
			`,"response_schema":{"properties":{"details":{"required":["level"]}}}`, kyc.StatusError, "", "answer_invalid"},
		"schema from outside": {200, `{"verdict":"pass"}`, `,"response_schema":{"$ref":"file:///etc/passwd"}`, kyc.StatusError, "", "config_invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(c.status)
				io.WriteString(w, c.body)
			}))
			t.Cleanup(server.Close)
			d := goodHouse().deps()
			client := *server.Client()
			client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			d.HTTP = &client
			r := request("http")
			r.Config = json.RawMessage(`{"url":"` + server.URL + `","secret":"webhook_1"` + c.config + `}`)
			a := runCheck(httpCheck(d), r)
			if a.Status != c.want || a.Verdict != c.verdict || c.code != "" && !codes(a)[c.code] || a.Transient != (c.want == kyc.StatusUnavailable) {
				t.Errorf("%+v", a)
			}
			if a.Status == kyc.StatusOK && (a.Provider != "http" || len(a.RawHash) != 64) {
				t.Errorf("%+v", a)
			}
		})
	}
}

func TestOwnServerGetsASignedRequest(t *testing.T) {
	t.Parallel()
	h := goodHouse()
	h.secrets = append(h.secrets, "whsec_"+"b2xkZXIgc2VjcmV0IG9mIHRoZSBjdXN0b21lcg==")
	var body []byte
	var header http.Header
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		header = r.Header
		fmt.Fprint(w, `{"verdict":"pass"}`)
	}))
	t.Cleanup(server.Close)
	d := h.deps()
	d.HTTP = server.Client()
	r := request("http")
	r.Config = json.RawMessage(`{"url":"` + server.URL + `","secret":"webhook_1","send":["fields"],"headers":{"Authorization":"Bearer x","webhook-id":"mine","Idempotency-Key":"mine"}}`)
	if a := runCheck(httpCheck(d), r); a.Verdict != kyc.Pass {
		t.Fatalf("%+v", a)
	}
	for _, secret := range h.secrets {
		w, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.VerifyIgnoringTimestamp(body, header); err != nil {
			t.Errorf("the signature does not verify: %v", err)
		}
	}
	if header.Get("Idempotency-Key") != "call-1" || header.Get("webhook-id") != "call-1" || header.Get("Authorization") != "Bearer x" ||
		header.Get("webhook-timestamp") != strconv.FormatInt(now.Unix(), 10) {
		t.Errorf("%v", header)
	}
	var message struct {
		Type string
		Data map[string]json.RawMessage
	}
	if err := json.Unmarshal(body, &message); err != nil || message.Type != "check.requested" || message.Data["fields"] == nil || message.Data["extracted"] != nil {
		t.Errorf("%v %s", err, body)
	}
}

func TestOwnServerThatIsAway(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(release) })
	d := goodHouse().deps()
	d.HTTP = server.Client()
	r := request("http")
	r.Config = json.RawMessage(`{"url":"` + server.URL + `","secret":"webhook_1","timeout_seconds":0.02}`)
	if a := runCheck(httpCheck(d), r); a.Status != kyc.StatusUnavailable || !a.Transient || !codes(a)["timeout"] {
		t.Errorf("%+v", a)
	}
	r.Config = json.RawMessage(`{"url":"http://127.0.0.1:1/","secret":"webhook_1"}`)
	if a := runCheck(httpCheck(d), r); a.Status != kyc.StatusUnavailable || !a.Transient {
		t.Errorf("%+v", a)
	}
	r.Config = json.RawMessage(`{"url":"http://customer.example/","secret":"webhook_1"}`)
	if a := runCheck(httpCheck(d), r); a.Status != kyc.StatusError || !codes(a)["request_invalid"] {
		t.Errorf("plain http to the internet: %+v", a)
	}
	r.Config = json.RawMessage(`{"url":"http://user:pw@127.0.0.1:1/","secret":"webhook_1"}`)
	if a := runCheck(httpCheck(d), r); a.Status != kyc.StatusError {
		t.Errorf("%+v", a)
	}
}

func FuzzHTTPAnswer(f *testing.F) {
	for _, s := range []string{`{"verdict":"pass"}`, `{"status":"ok","verdict":"fail","score":1e2}`, `{"status":"error"}`, `[]`, `{"verdict":"pass","verdict":"fail"}`, `{"details":{"a":[1,{"b":null}]}}`, "\xff"} {
		f.Add(200, []byte(s))
	}
	f.Add(503, []byte(`{"verdict":"pass"}`))
	own, err := compile("http_answer", HTTPAnswerSchema())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		a := settle(interpret(status, body, []validator{own, nil}), kyc.Live)
		if a.Verdict == kyc.Pass && (status < 200 || status > 299 || a.Status != kyc.StatusOK) {
			t.Errorf("%d %q passes: %+v", status, body, a)
		}
		if _, err := json.Marshal(a); err != nil {
			t.Errorf("the answer cannot be stored: %v", err)
		}
	})
}
