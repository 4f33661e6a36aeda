package check

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"bonafide/kyc"
	"bonafide/procedure"
)

// bureau is a source of electronic verification that answers what it is told
// and checks the signature of what it is asked.
func bureau(t *testing.T, h *house, answers map[string]string) (*httptest.Server, *[]map[string]any) {
	t.Helper()
	seen := &[]map[string]any{}
	lock := make(chan struct{}, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		hook, errKey := standardwebhooks.NewWebhook(h.secrets[0])
		if err != nil || errKey != nil || hook.VerifyIgnoringTimestamp(body, r.Header) != nil || r.Header.Get("Idempotency-Key") == "" {
			t.Error("the request is not signed")
		}
		var message map[string]any
		if err := json.Unmarshal(body, &message); err != nil {
			t.Error(err)
		}
		lock <- struct{}{}
		*seen = append(*seen, message)
		<-lock
		answer := answers[r.URL.Path]
		if status, body, ok := strings.Cut(answer, " "); ok && len(status) == 3 {
			code := 0
			fmt.Sscan(status, &code)
			w.WriteHeader(code)
			answer = body
		}
		fmt.Fprint(w, answer)
	}))
	t.Cleanup(s.Close)
	return s, seen
}

func TestElectronicVerification(t *testing.T) {
	t.Parallel()
	const two = `,"rules":[{"name":"2+2","matches":["name","address|date_of_birth"],"count":2}]`
	for name, c := range map[string]struct {
		a, b string // answers of the two sources
		rest string // of the config
		want string // status, verdict, code
	}{
		"both know her":            {`{"matches":{"name":true,"date_of_birth":true},"reference":"r"}`, `{"matches":{"name":0.9,"address":0.86}}`, two, "ok pass kyc_verified"},
		"one is enough":            {`{"matches":{"name":true,"date_of_birth":true}}`, `{"matches":{}}`, ``, "ok pass kyc_verified"},
		"one is not enough":        {`{"matches":{"name":true,"date_of_birth":true}}`, `{"matches":{"name":true}}`, two, "ok review kyc_partial"},
		"spread over two":          {`{"matches":{"name":true}}`, `{"matches":{"address":true}}`, ``, "ok review kyc_partial"},
		"below the threshold":      {`{"matches":{"name":0.84,"address":0.84}}`, `{"matches":{}}`, ``, "ok fail kyc_not_found"},
		"another threshold":        {`{"matches":{"name":0.84,"address":0.84}}`, `{"matches":{}}`, `,"threshold":0.8`, "ok pass kyc_verified"},
		"nobody knows her":         {`{"matches":{"name":false,"address":0,"date_of_birth":false}}`, `{"matches":{"name":false}}`, ``, "ok fail kyc_not_found"},
		"one is away":              {`503 x`, `{"matches":{"name":false}}`, ``, "unavailable  server_503"},
		"one is away, one knows":   {`503 x`, `{"matches":{"name":true,"address":true}}`, ``, "ok pass kyc_verified"},
		"one is away, two needed":  {`503 x`, `{"matches":{"name":true,"address":true}}`, two, "unavailable  server_503"},
		"one says unavailable":     {`{"status":"unavailable"}`, `{"matches":{}}`, ``, "unavailable  source_unavailable"},
		"one is not set up":        {`{"status":"not_configured"}`, `{"matches":{}}`, ``, "not_configured  source_not_configured"},
		"one speaks otherwise":     {`{"verdict":"pass"}`, `{"matches":{}}`, ``, "error  answer_invalid"},
		"an unknown attribute":     {`{"matches":{"name":true,"address":true,"aura":true}}`, `{"matches":{}}`, ``, "error  answer_invalid"},
		"a score above one":        {`{"matches":{"name":2}}`, `{"matches":{}}`, ``, "error  answer_invalid"},
		"null is no match":         {`{"matches":{"name":null}}`, `{"matches":{}}`, ``, "error  answer_invalid"},
		"no matches":               {`{"reference":"r"}`, `{"matches":{}}`, ``, "error  answer_invalid"},
		"something behind it":      {`{"matches":{}} {}`, `{"matches":{}}`, ``, "error  answer_invalid"},
		"a redirect":               {`302 x`, `{"matches":{}}`, ``, "error  redirect_refused"},
		"documents know her, too":  {`{"matches":{"name":true,"date_of_birth":true}}`, `{"matches":{}}`, `,"use_documents":true` + two, "ok pass kyc_verified"},
		"the source that must":     {`{"matches":{"name":true,"date_of_birth":true}}`, `{"matches":{}}`, `,"rules":[{"name":"r","matches":["name"],"required_sources":["b"]}]`, "ok review kyc_partial"},
		"what was not asked":       {`{"matches":{"name":true,"gender":true}}`, `{"matches":{}}`, `,"rules":[{"name":"r","matches":["name","gender|date_of_birth"]}]`, "ok review kyc_partial"},
		"nothing of what is asked": {`{"matches":{}}`, `{"matches":{}}`, `,"rules":[{"name":"r","matches":["gender"]}]`, "error  identity_data_missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := goodHouse()
			s, seen := bureau(t, h, map[string]string{"/a": c.a, "/b": c.b})
			d := h.deps()
			d.HTTP = s.Client()
			d.HTTP.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			r := request(policyKYC)
			r.Config = json.RawMessage(`{"sources":[{"name":"a","url":"` + s.URL + `/a","secret":"w"},{"name":"b","url":"` + s.URL + `/b","secret":"w"}]` + c.rest + `}`)
			m, err := New(clock(), []Check{kycVerification(d)}, NewSimulator())
			if err != nil {
				t.Fatal(err)
			}
			a := m.Run(t.Context(), r)
			code := ""
			if len(a.Reasons) > 0 {
				code = a.Reasons[0].Code
			}
			if got := string(a.Status) + " " + string(a.Verdict) + " " + code; got != c.want || a.Transient != (a.Status == kyc.StatusUnavailable) {
				t.Fatalf("%s, want %s: %+v", got, c.want, a)
			}
			for _, message := range *seen {
				data, _ := message["data"].(map[string]any)
				address, _ := data["address"].(map[string]any)
				if message["type"] != "kyc.requested" || data["date_of_birth"] != "1990-05-17" || address["city"] != "Berlin" || data["email"] != nil {
					t.Errorf("the sources are told %v", message)
				}
			}
		})
	}
}

func TestVerificationWithoutSources(t *testing.T) {
	t.Parallel()
	m := menu(t, goodHouse(), NewSimulator())
	r := request(policyKYC)
	if a := m.Run(t.Context(), r); a.Status != kyc.StatusNotConfigured {
		t.Errorf("%+v", a)
	}
	// Documents that were read are a source; ones in doubt are none.
	r.Config = json.RawMessage(`{"use_documents":true}`)
	if a := m.Run(t.Context(), r); a.Verdict != kyc.Pass {
		t.Errorf("%+v", a)
	}
	r.Checks["document_ocr"] = kyc.CheckFact{Status: "review"}
	if a := m.Run(t.Context(), r); a.Verdict != kyc.Fail {
		t.Errorf("%+v", a)
	}
	r.Checks["document_ocr"] = kyc.CheckFact{Status: "passed"}
	r.Fields["last_name"] = "Schmidt"
	r.Extracted["full_name"] = "ANNA MUELLER"
	if a := m.Run(t.Context(), r); a.Verdict == kyc.Pass {
		t.Errorf("another name passes: %+v", a)
	}
}

func TestManualKYCAnswersForTheSources(t *testing.T) {
	t.Parallel()
	good := map[string]any{"process_result_id": "p", "combination": procedure.OnePhotographic, "approved_at": "2026-11-20T10:00:00Z"}
	for name, c := range map[string]struct {
		record any
		pass   bool
	}{
		"in force":              {good, true},
		"a Go value":            {procedure.ManualKYC{ProcessResultID: "p", Combination: procedure.TwoNonPhotographic, ApprovedAt: now}, true},
		"of no combination":     {map[string]any{"process_result_id": "p", "combination": "A_LIBRARY_CARD", "approved_at": "2026-11-20T10:00:00Z"}, false},
		"of no result":          {map[string]any{"combination": procedure.OnePhotographic, "approved_at": "2026-11-20T10:00:00Z"}, false},
		"of the future":         {map[string]any{"process_result_id": "p", "combination": procedure.OnePhotographic, "approved_at": "2026-11-22T10:00:00Z"}, false},
		"without a time":        {map[string]any{"process_result_id": "p", "combination": procedure.OnePhotographic}, false},
		"that cannot be read":   {"yes", false},
		"that is null":          {nil, false},
		"that is a list":        {[]any{good}, false},
		"that is a bare switch": {true, false},
	} {
		for _, env := range []kyc.Env{kyc.Live, kyc.Sandbox} {
			r := request(policyKYC)
			r.Tenant.Env = env
			r.Established = map[string]any{procedure.KeyManualKYC: c.record}
			a := menu(t, goodHouse(), NewSimulator()).Run(t.Context(), r)
			if (a.Verdict == kyc.Pass) != c.pass || c.pass != (a.Details["manual"] == true) {
				t.Errorf("%s, %s: %+v", name, env, a)
			}
		}
	}
}

func TestSimulatedVerification(t *testing.T) {
	t.Parallel()
	m := menu(t, goodHouse(), NewSimulator())
	a := m.Run(t.Context(), sandboxRequest(policyKYC, "Ordinary"))
	sources, _ := a.Details["sources"].([]any)
	if a.Verdict != kyc.Pass || a.Provider != providerSandbox || len(sources) != 1 {
		t.Errorf("%+v", a)
	}
	r := sandboxRequest(policyKYC, "Ordinary")
	r.Config = json.RawMessage(`{"rules":[{"name":"2+2","matches":["name","address"],"count":2}]}`)
	if a := m.Run(t.Context(), r); a.Verdict != kyc.Pass || len(a.Details["sources"].([]any)) != 2 {
		t.Errorf("%+v", a)
	}
	if a := m.Run(t.Context(), sandboxRequest(policyKYC, "nomatch")); a.Verdict != kyc.Fail || !codes(a)["kyc_not_found"] {
		t.Errorf("%+v", a)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Anna|Müller": "pass", "Nguyễn|Thị": "pass", "María José|O'Connor-Smith": "pass", "Иван|Петров": "pass", "太郎|山田": "pass", "たろう|山田タロウ": "pass", "محمد|علي": "pass", "김|민수": "pass", "J. R.|Ewing III": "pass",
		"Li|O": "pass", "Aoife|Ní Dhomhnaill": "pass", "Bjørn|Ødegård": "pass", "Σωκράτης|Παπαδόπουλος": "pass", "Anna|Schwarz": "pass", "Jean|d’Arc": "pass", "Kim|Null": "review", "Anna|": "pass",
		"John|Doe": "review", "Max|Mustermann": "review", "A|B": "review", "Anna|Anna": "review", "Anna3|Müller": "review", "Anna|Mülleeer": "review", "Anna|Wert": "review", "Bcdfgh|Miller": "review", "Anna|Müller & Co": "review",
		"test|test": "fail", "asdf|qwerty": "fail", "Anna|aaaa": "fail", "Anna|asdfgh": "fail", "123|456": "fail", "Anna|R2D2X9": "fail", "Аnna|Müller": "fail" /* Cyrillic А */, "Anna|ｍüller": "pass", "Anna|Mül\u202eler": "fail",
		"anna@example.org|Müller": "fail", "<b>|</b>": "fail", "n/a|n/a": "fail", "Anna|!!!": "fail", "https://x.example|Y": "fail",
	} {
		given, family, _ := strings.Cut(name, "|")
		r := request("name_validation")
		r.Fields = map[string]any{"first_name": given, "last_name": family}
		if a := menu(t, goodHouse(), NewSimulator()).Run(t.Context(), r); string(a.Verdict) != want {
			t.Errorf("%s: %s %v, want %s", name, a.Verdict, a.Reasons, want)
		}
	}
	r := request("name_validation")
	r.Fields = map[string]any{"first_name": "Anna", "last_name": strings.Repeat("Ab", 70)}
	if a := menu(t, goodHouse(), NewSimulator()).Run(t.Context(), r); a.Verdict != kyc.Fail {
		t.Errorf("%+v", a)
	}
	r.Fields = nil
	if a := menu(t, goodHouse(), NewSimulator()).Run(t.Context(), r); a.Status != kyc.StatusError || !codes(a)["name_missing"] {
		t.Errorf("%+v", a)
	}
	// The magic names of the sandbox are words that nobody is called; there they do.
	for _, env := range []kyc.Env{kyc.Live, kyc.Sandbox} {
		r := request("name_validation")
		r.Tenant.Env = env
		r.Fields = map[string]any{"first_name": "Anna", "last_name": "ERROR5XX"}
		if a := menu(t, goodHouse(), NewSimulator()).Run(t.Context(), r); (a.Verdict == kyc.Pass) != (env == kyc.Sandbox) {
			t.Errorf("%s: %+v", env, a)
		}
	}
}

func TestProvidersOfVisasAndActivity(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{"visa_check", "activity_check"} {
		h := goodHouse()
		s, seen := bureau(t, h, map[string]string{"/v": `{"verdict":"review","score":40,"reasons":[{"code":"expiring","message":"soon"}]}`, "/w": `503 `})
		d := h.deps()
		d.HTTP = s.Client()
		m, err := New(clock(), All(d), NewSimulator())
		if err != nil {
			t.Fatal(err)
		}
		r := request(policy)
		if a := m.Run(t.Context(), r); a.Status != kyc.StatusNotConfigured {
			t.Errorf("%s without an address: %+v", policy, a)
		}
		r.Config = json.RawMessage(`{"url":"` + s.URL + `/v","secret":"w"}`)
		if a := m.Run(t.Context(), r); a.Verdict != kyc.VerdictReview || *a.Score != 40 || len(*seen) != 1 {
			t.Errorf("%s: %+v", policy, a)
		}
		r.Config = json.RawMessage(`{"url":"` + s.URL + `/w","secret":"w"}`)
		if a := m.Run(t.Context(), r); a.Status != kyc.StatusUnavailable || !a.Transient {
			t.Errorf("%s: %+v", policy, a)
		}
		r.Config = json.RawMessage(`{"url":"` + s.URL + `/v"}`)
		if a := m.Run(t.Context(), r); a.Status != kyc.StatusError || !codes(a)["config_invalid"] {
			t.Errorf("%s without a secret: %+v", policy, a)
		}
	}
}

func TestTheDecisionOfAProcedure(t *testing.T) {
	t.Parallel()
	run := func(config string, checks map[string]kyc.CheckFact) kyc.Answer {
		r := request("procedure_decision")
		r.Config, r.Checks = json.RawMessage(config), checks
		return menu(t, goodHouse(), NewSimulator()).Run(t.Context(), r)
	}
	const steps = `{"definition":{"serviceName":"S","workflowName":"W","steps":[{"type":"VISA"}]}`
	for name, c := range map[string]struct {
		config, status string
		verdict        kyc.Verdict
		result         string
	}{
		"passed":             {steps + `}`, "passed", kyc.Pass, "COMPLETED PASS"},
		"failed":             {steps + `}`, "failed", kyc.Fail, "COMPLETED FAIL"},
		"in doubt":           {steps + `}`, "review", kyc.VerdictReview, "COMPLETED REVIEW"},
		"without an answer":  {steps + `}`, "error", kyc.VerdictReview, "ERROR BLOCKED"},
		"not set up":         {steps + `}`, "", kyc.VerdictReview, "ERROR BLOCKED"},
		"nothing to look at": {steps + `}`, "skipped", kyc.VerdictReview, "COMPLETED INCOMPLETE"},
		"incomplete":         {steps + `,"incomplete":true}`, "passed", kyc.VerdictReview, "ERROR BLOCKED"},
		"demanded":           {steps + `,"mandatory":["watchlist_screening"]}`, "passed", kyc.VerdictReview, "ERROR BLOCKED"},
	} {
		checks := map[string]kyc.CheckFact{}
		if c.status != "" {
			checks["visa_check"] = kyc.CheckFact{Status: c.status}
		}
		a := run(c.config, checks)
		if got := fmt.Sprint(a.Details["state"], " ", a.Details["result"]); a.Verdict != c.verdict || got != c.result {
			t.Errorf("%s: %s %s", name, a.Verdict, got)
		}
	}
	if a := run(`{"definition":{"steps":[]}}`, nil); a.Status != kyc.StatusError || !codes(a)["config_invalid"] {
		t.Errorf("%+v", a)
	}
}

// Whom duplicates are is named, without a word of what they have in common.
func TestDuplicatesNamePeople(t *testing.T) {
	t.Parallel()
	h := goodHouse()
	r := request("duplicate_detection")
	h.traits = []kyc.Trait{{Kind: "email", Hash: "email#anna@example.org", SessionID: "s-1", SubjectID: "other-1"}, {Kind: "phone", Hash: "phone#9301234567", SessionID: "s-2", SubjectID: "other-1"},
		{Kind: "email", Hash: "email#anna@example.org", SessionID: "s-3", SubjectID: r.SubjectID}, {Kind: "email", Hash: "email#anna@example.org", SessionID: "s-4"}}
	a := menu(t, h, NewSimulator()).Run(t.Context(), r)
	entities, _ := a.Details["entities"].([]any)
	if a.Verdict != kyc.Fail || a.Details["entity_count"] != 1 || len(entities) != 1 {
		t.Fatalf("%+v", a)
	}
	if one, _ := entities[0].(map[string]any); one["entity_id"] != "other-1" || len(one["traits"].([]any)) != 2 {
		t.Errorf("%+v", one)
	}
}

// FuzzSource feeds answers of sources. Nothing matches that does not say so in
// so many words, and what cannot be read is an error.
func FuzzSource(f *testing.F) {
	for _, s := range []string{`{"matches":{"name":true,"address":0.9}}`, `{"status":"stale"}`, `{"matches":{"name":"true"}}`, `[]`, `{"matches":null}`, `{"matches":{"name":1e400}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, err := readSource(raw)
		if err != nil {
			return
		}
		if !json.Valid(raw) || a.Status == kyc.StatusOK && a.Matches == nil {
			t.Fatalf("%q is read as %+v", raw, a)
		}
		for _, v := range a.Matches {
			matched, err := attributeMatch(v, kycThreshold)
			var score float64
			said := strings.TrimSpace(string(v)) == "true" || json.Unmarshal(v, &score) == nil && score >= kycThreshold && score <= 1
			if err == nil && matched && !said {
				t.Fatalf("%s matches", v)
			}
		}
	})
}
