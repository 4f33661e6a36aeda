package check

import (
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"bonafide/kyc"
	"bonafide/media"
)

// fixed is a clock that stands still.
type fixed time.Time

func (f fixed) Now() time.Time { return time.Time(f) }

// newsroom is a library with one feed about the applicant of request.
func newsroom(t *testing.T, text string) *media.Library {
	t.Helper()
	l := media.Open(media.Options{Dir: t.TempDir(), Clock: fixed(now)})
	t.Cleanup(func() { _ = l.Close() })
	if text == "" {
		return l
	}
	name := filepath.Join(t.TempDir(), "news.csv")
	if err := os.WriteFile(name, []byte("id,url,title,published,language,source,text\n"+text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Import(t.Context(), "courts", "", []string{name}); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestNewsOfTheApplicant(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		news    string
		config  string
		status  kyc.AnswerStatus
		verdict kyc.Verdict
		code    string
		hits    int
	}{
		"convicted":       {"a1,https://n.example/1,Court,2026-06-01,en,The Paper,\"Anna Müller, 36, was convicted of fraud.\"\n", `{}`, kyc.StatusOK, kyc.Fail, "adverse_article", 1},
		"somebody else":   {"a1,https://n.example/1,Court,2026-06-01,en,The Paper,\"Anna Müller, 71, was convicted of fraud.\"\n", `{}`, kyc.StatusOK, kyc.Pass, "no_hits", 0},
		"acquitted":       {"a1,https://n.example/1,Court,2026-06-01,en,The Paper,Anna Müller was acquitted of fraud.\n", `{}`, kyc.StatusOK, kyc.VerdictReview, "adverse_article", 1},
		"victim":          {"a1,https://n.example/1,Court,2026-06-01,en,The Paper,Anna Müller was defrauded by Peter Lang.\n", `{}`, kyc.StatusOK, kyc.Pass, "named_only", 0},
		"judge":           {"a1,https://n.example/1,Court,2026-06-01,en,The Paper,Judge Anna Müller sentenced Peter Lang for fraud.\n", `{}`, kyc.StatusOK, kyc.Pass, "named_only", 0},
		"nothing":         {"a1,https://n.example/1,Fair,2026-06-01,en,The Paper,The fair opens.\n", `{}`, kyc.StatusOK, kyc.Pass, "no_hits", 0},
		"unread language": {"a1,https://n.example/1,Uutiset,2026-06-01,fi,The Paper,Anna Müller tuomittiin.\n", `{}`, kyc.StatusOK, kyc.VerdictReview, "language_not_read", 1},
		"lower limit":     {"a1,https://n.example/1,Court,2026-06-01,en,The Paper,Anna Müller is accused of fraud.\n", `{"fail_from":90}`, kyc.StatusOK, kyc.VerdictReview, "adverse_article", 1},
		"no feed":         {"", `{}`, kyc.StatusNotConfigured, "", "adverse_media_not_configured", 0},
		"missing feed":    {"a1,https://n.example/1,Fair,2026-06-01,en,The Paper,The fair opens.\n", `{"feeds":["courts","other"]}`, kyc.StatusNotConfigured, "", "feed_not_configured", 0},
		"no name":         {"a1,https://n.example/1,Fair,2026-06-01,en,The Paper,The fair opens.\n", `{"parties":[{"path":"/nobody"}]}`, kyc.StatusError, "", "name_missing", 0},
	} {
		d := goodHouse().deps()
		d.News = newsroom(t, c.news)
		r := request("adverse_media")
		r.Config = json.RawMessage(c.config)
		a := runCheck(adverseMedia(d), r)
		if a.Status != c.status || a.Verdict != c.verdict || !codes(a)[c.code] || len(a.Hits) != c.hits {
			t.Errorf("%s: %+v", name, a)
		}
		for _, h := range a.Hits {
			risk := 0.0
			for _, row := range h.RiskFeatures {
				risk += row.Points
			}
			if h.Type != "adverse_media" || h.List != "media:courts" || h.EntryID != "a1" || h.Version == "" || math.Abs(risk-h.Risk) > 1e-9 {
				t.Errorf("%s: %+v", name, h)
			}
		}
		for _, x := range a.Reasons {
			if strings.Contains(x.Message, "Müller") {
				t.Errorf("%s: a reason names the person: %s", name, x.Message)
			}
		}
	}
}

func TestStaleNewsIsNoPass(t *testing.T) {
	t.Parallel()
	d := goodHouse().deps()
	d.News = newsroom(t, "a1,https://n.example/1,Fair,2026-06-01,en,The Paper,The fair opens.\n")
	r := request("adverse_media")
	r.Now = now.Add(9 * 24 * time.Hour)
	if a := runCheck(adverseMedia(d), r); a.Status != kyc.StatusStale || a.Verdict != "" || !codes(a)["feed_stale"] {
		t.Errorf("%+v", a)
	}
	d.News = nil
	if a := runCheck(adverseMedia(d), request("adverse_media")); a.Status != kyc.StatusNotConfigured || !codes(a)["adverse_media_not_configured"] {
		t.Errorf("%+v", a)
	}
}

func TestWhatRulesReadOfTheNews(t *testing.T) {
	t.Parallel()
	d := goodHouse().deps()
	d.News = newsroom(t, "a1,https://n.example/1,Court,2026-06-01,en,The Paper,Anna Müller was convicted of fraud.\na2,https://n.example/2,Court,2026-06-02,en,Other Paper,Anna Müller was charged with money laundering.\na3,https://n.example/3,Court,2026-06-03,en,Third,Nordwind Handel GmbH was fined for tax evasion.\n")
	r := request("adverse_media")
	r.Fields["company"] = "Nordwind Handel GmbH"
	r.Config = json.RawMessage(`{"documents":true,"parties":[{"path":"/company","company":true,"role":"shareholder"}]}`)
	r.Checks["document_set"] = kyc.CheckFact{Status: "passed", Details: map[string]any{"entities": []any{}}}
	a := runCheck(adverseMedia(d), r)
	if a.Verdict != kyc.Fail || len(a.Hits) != 3 {
		t.Fatalf("%+v", a)
	}
	if got, _ := a.Details["categories"].([]any); !slices.Equal(got, []any{"fraud", "laundering", "tax"}) {
		t.Errorf("categories %v", got)
	}
	risk, _ := a.Details["risk_score"].(float64)
	sum := 0.0
	for _, row := range a.Details["risk_rows"].([]any) {
		sum += row.(map[string]any)["points"].(float64)
	}
	if risk < 80 || sum != risk {
		t.Errorf("risk %v of rows %v", risk, sum)
	}
	if s := a.Details["sources"].([]any); len(s) != 3 || s[0].(map[string]any)["url"] == "" {
		t.Errorf("%v", s)
	}
}

func TestNewsProvider(t *testing.T) {
	t.Parallel()
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	article := func(more string) string {
		return `{"id":"p1","title":"Court","url":"https://n.example/1","source":"Agency","published":"2026-06-01T00:00:00Z","snippet":"…","name":"Anna Müller","score":0.97,"risk":80,"category":"fraud","role":"convicted"` + more + `}`
	}
	for name, c := range map[string]struct {
		status  int
		body    string
		want    kyc.AnswerStatus
		verdict kyc.Verdict
		code    string
	}{
		"a hit":            {200, `{"reference":"r7","articles":[` + article("") + `]}`, kyc.StatusOK, kyc.Fail, "adverse_article"},
		"cleared":          {200, `{"articles":[` + strings.Replace(article(`,"negated":true`), `"risk":80`, `"risk":9`, 1) + `]}`, kyc.StatusOK, kyc.VerdictReview, "adverse_article"},
		"a victim":         {200, `{"articles":[` + strings.Replace(article(""), "convicted", "victim", 1) + `]}`, kyc.StatusOK, kyc.Pass, "named_only"},
		"somebody else":    {200, `{"articles":[` + strings.Replace(article(""), "0.97", "0.4", 1) + `]}`, kyc.StatusOK, kyc.Pass, "no_hits"},
		"nothing":          {200, `{"status":"ok","articles":[]}`, kyc.StatusOK, kyc.Pass, "no_hits"},
		"no articles":      {200, `{"status":"ok"}`, kyc.StatusError, "", "answer_invalid"},
		"empty object":     {200, `{}`, kyc.StatusError, "", "answer_invalid"},
		"odd category":     {200, `{"articles":[` + strings.Replace(article(""), `"fraud"`, `"gossip"`, 1) + `]}`, kyc.StatusError, "", "answer_invalid"},
		"risk too high":    {200, `{"articles":[` + strings.Replace(article(""), `80`, `800`, 1) + `]}`, kyc.StatusError, "", "answer_invalid"},
		"script address":   {200, `{"articles":[` + strings.Replace(article(""), `https://n`, `javascript:n`, 1) + `]}`, kyc.StatusError, "", "answer_invalid"},
		"garbage":          {200, `<html>`, kyc.StatusError, "", "answer_invalid"},
		"two values":       {200, `{"articles":[]}{"articles":[]}`, kyc.StatusError, "", "answer_invalid"},
		"empty":            {200, ``, kyc.StatusError, "", "answer_invalid"},
		"its data is away": {200, `{"status":"unavailable"}`, kyc.StatusUnavailable, "", "provider_unavailable"},
		"its data is old":  {200, `{"status":"stale"}`, kyc.StatusUnavailable, "", "provider_stale"},
		"500":              {500, `{"articles":[]}`, kyc.StatusUnavailable, "", "server_500"},
		"429":              {429, ``, kyc.StatusUnavailable, "", "server_429"},
		"404":              {404, `{"articles":[]}`, kyc.StatusError, "", "server_404"},
		"redirect":         {302, ``, kyc.StatusError, "", "redirect_refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got map[string]any
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				raw, _ := io.ReadAll(r.Body)
				hook, _ := standardwebhooks.NewWebhook(secret)
				if hook.VerifyIgnoringTimestamp(raw, r.Header) != nil || json.Unmarshal(raw, &got) != nil {
					w.WriteHeader(http.StatusUnauthorized)
					return
				}
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			}))
			t.Cleanup(server.Close)
			h := goodHouse()
			h.secrets = []string{secret}
			d := h.deps()
			d.News = nil // a provider alone is enough
			client := *server.Client()
			client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			d.HTTP = &client
			r := request("adverse_media")
			r.Config = json.RawMessage(`{"url":"` + server.URL + `","secret":"webhook_1"}`)
			a := runCheck(adverseMedia(d), r)
			if a.Status != c.want || a.Verdict != c.verdict || !codes(a)[c.code] || a.Transient != (c.want == kyc.StatusUnavailable) {
				t.Errorf("%+v", a)
			}
			if a.Status == kyc.StatusOK && (a.Provider != providerHTTP || len(a.RawHash) != 64 || len(a.Lists) != 1 || a.Lists[0].List != "media:provider") {
				t.Errorf("%+v", a)
			}
			if data, _ := got["data"].(map[string]any); data["entity_type"] != "person" || data["date_of_birth"] != "1990-05-17" || got["type"] != "adverse_media.requested" {
				t.Errorf("asked %v", got)
			}
		})
	}
}

func TestSilentNewsProvider(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-stop }))
	t.Cleanup(func() { close(stop); server.Close() })
	h := goodHouse()
	d := h.deps()
	d.HTTP = server.Client()
	r := request("adverse_media")
	r.Config = json.RawMessage(`{"url":"` + server.URL + `","secret":"webhook_1","timeout_seconds":0.05}`)
	if a := runCheck(adverseMedia(d), r); a.Status != kyc.StatusUnavailable || !a.Transient || !codes(a)["timeout"] {
		t.Errorf("%+v", a)
	}
	// A provider beside a feed: both must answer.
	d.News = newsroom(t, "a1,https://n.example/1,Fair,2026-06-01,en,The Paper,The fair opens.\n")
	r.Config = json.RawMessage(`{"url":"` + server.URL + `","secret":"webhook_1","timeout_seconds":0.05,"feeds":["courts"]}`)
	if a := runCheck(adverseMedia(d), r); a.Status != kyc.StatusUnavailable {
		t.Errorf("%+v", a)
	}
	h.secrets = nil
	if a := runCheck(adverseMedia(d), r); a.Status != kyc.StatusError || !codes(a)["secret_missing"] {
		t.Errorf("%+v", a)
	}
}
