package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/access"
	"bonafide/kyc"
)

// guest is a browser with cookies that asks the handler itself.
type guest struct {
	b       *testing.B
	h       http.Handler
	cookies map[string]*http.Cookie
}

// asks makes one request and says how long the server took.
func (g *guest) asks(method, path string, form url.Values) (*httptest.ResponseRecorder, time.Duration) {
	g.b.Helper()
	r := httptest.NewRequest(method, "http://127.0.0.1"+path, strings.NewReader(form.Encode()))
	r.Header.Set("Accept-Language", "en")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for _, c := range g.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	began := time.Now()
	g.h.ServeHTTP(w, r)
	took := time.Since(began)
	for _, c := range w.Result().Cookies() {
		g.cookies[c.Name] = c
	}
	return w, took
}

// Server time of the applicant's pages beside 100,000 sessions and 10,000 open
// cases, p50 and p99 of each. The promise is under 30 ms a page.
func BenchmarkApplicantPages(b *testing.B) {
	a, h, _, _ := crowdedOffice(b, 100_000, 10_000)
	orgs, err := a.db.Orgs(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	_, key, err := a.access.CreateKey(b.Context(), access.KeyRequest{Tenant: kyc.Tenant{Org: orgs[0].ID, Env: kyc.Live}, Name: "bench", Scopes: []string{"*"}, RatePerSec: 1000, By: kyc.SystemActor("bench")})
	if err != nil {
		b.Fatal(err)
	}
	call := func(path, body, field string) string {
		r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1"+path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+key)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		var out map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != http.StatusCreated {
			b.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		text, _ := out[field].(string)
		return text
	}
	workflow := call("/kyc/workflows", `{"name":"Opening","steps":[
		{"step_id":"papers","order":1,"name":"Papers","type":"document_upload","document_requirements":[{"document_type":"passport","display_name":"Passport","required":true},{"document_type":"proof_of_address","display_name":"Bill","required":true}]},
		{"step_id":"about","order":2,"name":"About you","type":"form_fill","custom_fields":[{"field_id":"first_name","name":"Given name","type":"text","required":true},{"field_id":"country","name":"Country","type":"country","required":true}]},
		{"step_id":"face","order":3,"name":"Face","type":"liveness","liveness_config":{"challenge_type":"FaceMovementChallenge","max_retries":3}}]}`, "workflow_id")
	link, err := url.Parse(call("/kyc/sessions", `{"workflow_id":"`+workflow+`"}`, "public_url"))
	if err != nil {
		b.Fatal(err)
	}
	g := &guest{b, h, map[string]*http.Cookie{}}
	g.asks(http.MethodGet, link.Path+"/", nil)
	if w, _ := g.asks(http.MethodPost, link.Path+"/consent", url.Values{"consent.processing": {"yes"}, "consent.biometrics": {"yes"}}); w.Code != http.StatusSeeOther {
		b.Fatalf("the consent: %d %s", w.Code, w.Body)
	}
	for _, page := range []string{"/steps/papers", "/steps/papers/files/proof_of_address.front", "/steps/about", "/steps/face", "/status", "/phone"} {
		b.Run(strings.TrimPrefix(page, "/"), func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				w, t := g.asks(http.MethodGet, link.Path+page, nil)
				if w.Code != http.StatusOK {
					b.Fatalf("%d %s", w.Code, w.Body)
				}
				took = append(took, t)
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}
