package check

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
)

func TestEverySchemaCompiles(t *testing.T) {
	t.Parallel()
	names := []string{"document_ocr", "face_match", "nfc_chip_auth", "document_expiration", "id_document_filter", "proof_of_address_check", "age_check",
		"watchlist_screening", "risk_assessment", "identity_crossref", "duplicate_detection", "check_against_list", "liveness", "aml_pep",
		"adverse_media", "email_risk", "phone_risk", "ip_risk", "consent", "http",
		"document_set", "cross_validation", "wallet_screening", "face_dedup", "related_parties", "automation_rules",
		"document_fraud", "age_estimation", "additional_ids", "checklist_outcome",
		"kyc_verification", "matchlist_screening", "name_validation", "visa_check", "activity_check", "procedure_decision"}
	catalog := Catalog()
	if len(catalog) != len(names) || len(Specs()) != len(names) {
		t.Errorf("the menu has %d checks, want %d", len(catalog), len(names))
	}
	for _, n := range names {
		s, ok := catalog[n]
		if !ok {
			t.Errorf("%s is missing", n)
			continue
		}
		if _, err := compile(n, s.ConfigSchema); err != nil {
			t.Errorf("%s: %v", n, err)
		}
		var doc struct {
			Additional *bool                      `json:"additionalProperties"`
			Properties map[string]json.RawMessage `json:"properties"`
		}
		if err := json.Unmarshal(s.ConfigSchema, &doc); err != nil || doc.Additional == nil || *doc.Additional {
			t.Errorf("%s: unknown options must be refused (%v)", n, err)
		}
		for name, p := range doc.Properties {
			if !strings.Contains(string(p), `"description"`) {
				t.Errorf("%s: option %s has no description", n, name)
			}
		}
		if s.Identity != slices.Contains(identifying, n) {
			t.Errorf("%s: the list of identifying checks is out of date", n)
		}
		if s.Title == "" || s.Description == "" || s.Timeout <= 0 {
			t.Errorf("%s describes itself badly: %+v", n, s)
		}
	}
}

type spy struct{ calls int }

func (s *spy) Answer(r kyc.CheckRequest) kyc.Answer {
	s.calls++
	return NewSimulator().Answer(r)
}

func menu(t testing.TB, h *house, sim Simulator) *Menu {
	t.Helper()
	m, err := New(clock(), All(h.deps()), sim)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func config(policy string) json.RawMessage {
	switch policy {
	case "http":
		return json.RawMessage(`{"url":"https://customer.example/check","secret":"webhook_1"}`)
	case "visa_check", "activity_check":
		return json.RawMessage(`{"url":"https://customer.example/check","secret":"webhook_1"}`)
	case "kyc_verification":
		return json.RawMessage(`{"sources":[{"name":"register","url":"https://customer.example/kyc","secret":"webhook_1"}]}`)
	case "procedure_decision":
		return json.RawMessage(`{"definition":{"serviceName":"S","workflowName":"W","steps":[{"type":"IDV","configuration":{"checks":["document_ocr"]}}]}}`)
	case "document_set":
		return json.RawMessage(`{"requirements":[{"document_type":"id","required":true,"auto_extract":true,"own":true},{"document_type":"proof_of_address","required":true}]}`)
	case "checklist_outcome":
		return json.RawMessage(`{"steps":["ID_VERIFICATION"]}`)
	case "additional_ids":
		return json.RawMessage(`{"secondary":true}`)
	case "automation_rules":
		return json.RawMessage(`{"rules":{"default_action":"auto_approve"},"checks":[{"name":"document_ocr","required":true}]}`)
	}
	return nil
}

// own are the checks that ask nobody outside and answer the same way in both
// environments.
func own(policy string) bool {
	return slices.Contains([]string{"related_parties", "automation_rules", "checklist_outcome", "matchlist_screening", "name_validation", "procedure_decision"}, policy)
}

func TestTheEnvironmentsNeverMeet(t *testing.T) {
	t.Parallel()
	for policy := range Catalog() {
		h, s := goodHouse(), &spy{}
		m := menu(t, h, s)
		r := request(policy)
		r.Config = config(policy)
		if a := m.Run(t.Context(), r); a.Provider == "sandbox" || s.calls != 0 {
			t.Errorf("%s: a live request reached the simulator: %+v", policy, a)
		}
		h.calls.Store(0)
		r.Tenant.Env = kyc.Sandbox
		a := m.Run(t.Context(), r)
		simulations := 1
		if own(policy) {
			simulations = 0
		}
		if a.Provider != "sandbox" || s.calls != simulations || h.calls.Load() != 0 {
			t.Errorf("%s: a sandbox request reached a provider (%d calls): %+v", policy, h.calls.Load(), a)
		}
		if a.Status != kyc.StatusOK || a.Verdict != kyc.Pass {
			t.Errorf("%s: an ordinary name does not pass in the sandbox: %+v", policy, a)
		}
		r.Tenant.Env = ""
		r.Established = map[string]any{"liveness": map[string]any{"status": "passed", "confidence": 99, "threshold": 90}}
		if a := m.Run(t.Context(), r); a.Status != kyc.StatusError || !codes(a)["unknown_environment"] {
			t.Errorf("%s without environment: %+v", policy, a)
		}
	}
	r := request("age_check")
	if a := NewSimulator().Answer(r); a.Status == kyc.StatusOK {
		t.Error("the simulator answers live requests")
	}
	leak := Check{Spec: spec("x", "x", "x", 0), Run: func(context.Context, kyc.CheckRequest) kyc.Answer {
		return kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass, Provider: "sandbox"}
	}}
	back := Check{Spec: spec("y", "y", "y", 0), Own: true, Run: func(context.Context, kyc.CheckRequest) kyc.Answer {
		return kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass, Provider: "bonafide"}
	}}
	m, err := New(clock(), []Check{leak, back}, NewSimulator())
	if err != nil {
		t.Fatal(err)
	}
	r.Policy = "x"
	if a := m.Run(t.Context(), r); a.Status != kyc.StatusError || !codes(a)["environment_leak"] {
		t.Errorf("a simulated answer leaves for a live session: %+v", a)
	}
	r.Policy, r.Tenant.Env = "y", kyc.Sandbox
	if a := m.Run(t.Context(), r); a.Status != kyc.StatusError || !codes(a)["environment_leak"] {
		t.Errorf("a provider's answer leaves for a sandbox session: %+v", a)
	}
}

func TestMenuSettlesWhatChecksDoWrong(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	block := make(chan struct{})
	t.Cleanup(func() { close(block) })
	cases := []struct {
		name string
		run  func(context.Context, kyc.CheckRequest) kyc.Answer
		want kyc.AnswerStatus
		code string
	}{
		{"panics", func(context.Context, kyc.CheckRequest) kyc.Answer { panic("x") }, kyc.StatusError, "panic"},
		{"hangs", func(context.Context, kyc.CheckRequest) kyc.Answer { <-block; return kyc.Answer{} }, kyc.StatusUnavailable, "timeout"},
		{"says nothing", func(context.Context, kyc.CheckRequest) kyc.Answer { return kyc.Answer{} }, kyc.StatusError, "no_status"},
		{"no verdict", func(context.Context, kyc.CheckRequest) kyc.Answer { return kyc.Answer{Status: kyc.StatusOK} }, kyc.StatusError, "no_verdict"},
		{"passes while stale", func(context.Context, kyc.CheckRequest) kyc.Answer {
			return kyc.Answer{Status: kyc.StatusStale, Verdict: kyc.Pass, Reasons: []kyc.Reason{{Code: "old"}}}
		}, kyc.StatusStale, "old"},
		{"no number", func(context.Context, kyc.CheckRequest) kyc.Answer {
			return kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass, Score: &nan}
		}, kyc.StatusError, "bad_score"},
		{"nil", nil, kyc.StatusNotConfigured, "x_not_configured"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m, err := New(clock(), []Check{{Spec: spec("x", "X", "x", 20*time.Millisecond), Run: c.run}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			a := m.Run(t.Context(), request("x"))
			if a.Status != c.want || a.Verdict != "" || !codes(a)[c.code] {
				t.Errorf("%+v", a)
			}
			if a.Transient != (c.want == kyc.StatusUnavailable) || a.StartedAt.IsZero() || a.FinishedAt.IsZero() || a.Provider == "" || a.Version == "" {
				t.Errorf("%+v", a)
			}
		})
	}
	m := menu(t, goodHouse(), NewSimulator())
	if a := m.Run(t.Context(), request("tea_leaves")); a.Status != kyc.StatusError || !codes(a)["unknown_check"] {
		t.Errorf("%+v", a)
	}
	r := request("age_check")
	for _, bad := range []string{`{"minimum":3}`, `{"minimum_age":"18"}`, `[]`, `{`, `{"minimum_age":-1}`} {
		r.Config = json.RawMessage(bad)
		if a := m.Run(t.Context(), r); a.Status != kyc.StatusError || !codes(a)["config_invalid"] {
			t.Errorf("config %s: %+v", bad, a)
		}
	}
}

// inputs are the things a session may lack, and how to take them away.
func inputs() map[string]func(*kyc.CheckRequest, *house, *Deps) {
	drop := func(names ...string) func(*kyc.CheckRequest, *house, *Deps) {
		return func(r *kyc.CheckRequest, h *house, _ *Deps) {
			for _, n := range names {
				delete(r.Fields, n)
				delete(r.Extracted, n)
				h.reading.Fields = slices.DeleteFunc(slices.Clone(h.reading.Fields), func(f kyc.Field) bool { return f.Name == n })
			}
		}
	}
	return map[string]func(*kyc.CheckRequest, *house, *Deps){
		"name":      drop("first_name", "last_name"),
		"birth":     drop("date_of_birth", "age"),
		"number":    drop("document_number"),
		"kind":      drop("document_type"),
		"expiry":    drop("expiry_date"),
		"contact":   drop("email", "phone"),
		"address":   drop("address"),
		"consents":  drop("consents"),
		"form":      func(r *kyc.CheckRequest, _ *house, _ *Deps) { r.Fields = nil },
		"extracted": func(r *kyc.CheckRequest, _ *house, _ *Deps) { r.Extracted = nil },
		"uploads":   func(r *kyc.CheckRequest, _ *house, _ *Deps) { r.Uploads = nil },
		"steps":     func(r *kyc.CheckRequest, _ *house, _ *Deps) { r.Established = nil },
		"checks":    func(r *kyc.CheckRequest, _ *house, _ *Deps) { r.Checks = nil },
		"zone":      func(_ *kyc.CheckRequest, h *house, _ *Deps) { h.reading.MRZ = nil },
		"text":      func(_ *kyc.CheckRequest, h *house, _ *Deps) { h.reading.Pages = nil },
		"lists":     func(_ *kyc.CheckRequest, h *house, _ *Deps) { h.lists, h.result.Lists = nil, nil },
		"secret":    func(_ *kyc.CheckRequest, h *house, _ *Deps) { h.secrets = nil },
		"bytes":     func(_ *kyc.CheckRequest, h *house, _ *Deps) { h.blobErr = errStore },
		"store":     func(_ *kyc.CheckRequest, h *house, _ *Deps) { h.storeErr, h.faces.storeErr = errStore, errStore },
		"tools":     func(_ *kyc.CheckRequest, _ *house, d *Deps) { *d = Deps{Clock: d.Clock} },
	}
}

// needed are the inputs without which a check must not pass.
var needed = map[string][]string{
	"document_ocr":           {"uploads", "bytes", "zone", "tools", "birth", "name", "number"},
	"document_expiration":    {"expiry", "extracted"},
	"id_document_filter":     {"kind", "extracted"},
	"proof_of_address_check": {"uploads", "bytes", "text", "address", "name", "tools"},
	"age_check":              {"birth"},
	"identity_crossref":      {"birth", "name", "form", "extracted"},
	"watchlist_screening":    {"name", "lists", "tools"},
	"aml_pep":                {"name", "lists", "tools"},
	"check_against_list":     {"lists", "tools", "store", "contact"},
	"duplicate_detection":    {"tools", "store"},
	"risk_assessment":        {"checks"},
	"http":                   {"secret", "tools"},
	"consent":                {"consents", "form"},
	"document_set":           {"uploads", "bytes", "zone", "tools", "birth", "name", "number", "text", "expiry"},
	"cross_validation":       {"extracted", "form", "name", "birth"},
	"wallet_screening":       {"form", "lists", "tools"},
	"related_parties":        {"tools", "store"},
	"automation_rules":       {"checks"},
	"nfc_chip_auth":          {"uploads", "bytes", "tools"},
	"document_fraud":         {"uploads", "bytes", "tools", "zone"},
	"additional_ids":         {"uploads", "bytes", "tools", "name", "birth"},
	"checklist_outcome":      {"steps"},
	"kyc_verification":       {"name", "form", "secret", "tools"},
	"matchlist_screening":    {"form", "tools", "store"},
	"name_validation":        {"name", "form"},
	"visa_check":             {"secret", "tools"},
	"activity_check":         {"secret", "tools"},
	"procedure_decision":     {"checks"},
	"face_match":             {"uploads", "bytes", "tools"},
	"liveness":               {"uploads", "bytes", "tools"},
	"age_estimation":         {"uploads", "bytes", "tools"},
	"face_dedup":             {"uploads", "bytes", "tools", "store"},
}

func TestNothingMissingEverPasses(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/kyc" {
			fmt.Fprint(w, `{"matches":{"name":true,"date_of_birth":true}}`)
			return
		}
		fmt.Fprint(w, `{"verdict":"pass"}`)
	}))
	t.Cleanup(server.Close)
	all := inputs()
	names := make([]string, 0, len(all))
	for n := range all {
		names = append(names, n)
	}
	slices.Sort(names)
	answer := func(policy string, missing []string) kyc.Answer {
		h := goodHouse()
		r, d := request(policy), h.deps()
		d.HTTP = server.Client()
		r.Config = config(policy)
		r.Config = json.RawMessage(strings.ReplaceAll(string(r.Config), "https://customer.example", server.URL))
		for _, n := range missing {
			all[n](&r, h, &d)
		}
		only := slices.DeleteFunc(All(d), func(c Check) bool { return c.Spec.Name != policy })
		m, err := New(clock(), only, NewSimulator())
		if err != nil {
			t.Fatal(err)
		}
		return m.Run(t.Context(), r)
	}
	for policy, spec := range Catalog() {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			essential := needed[policy]
			a := answer(policy, nil)
			if essential == nil {
				if a.Status != kyc.StatusNotConfigured {
					t.Errorf("%s (%s) is not built and answers %+v", policy, spec.Title, a)
				}
				return
			}
			if a.Status != kyc.StatusOK || a.Verdict != kyc.Pass {
				t.Fatalf("with everything there it does not pass: %+v", a)
			}
			// Every combination of the essential inputs, and with each of them
			// every single other one.
			for set := 1; set < 1<<len(essential); set++ {
				var missing []string
				for i, n := range essential {
					if set>>i&1 == 1 {
						missing = append(missing, n)
					}
				}
				if a := answer(policy, missing); a.Verdict == kyc.Pass {
					t.Errorf("without %v: %+v", missing, a)
				}
			}
			for _, n := range essential {
				for _, other := range names {
					if a := answer(policy, []string{other, n}); a.Verdict == kyc.Pass {
						t.Errorf("without %s and %s: %+v", other, n, a)
					}
				}
			}
			if a := answer(policy, names); a.Verdict == kyc.Pass {
				t.Errorf("with nothing at all: %+v", a)
			}
		})
	}
}

// uncommitted are the policies that may pass an empty session, because their
// question has an answer without anything of it.
func uncommitted() []string {
	return []string{"check_against_list", "risk_assessment", "related_parties", "wallet_screening", "automation_rules"}
}

func FuzzConfig(f *testing.F) {
	for _, s := range []string{`{}`, `null`, ``, `{"minimum_age":18}`, `{"list_ids":["x"]}`, `{"url":"http://x","secret":"a"}`, `[1]`, `{"weights":{"a":1}}`,
		`{"requirements":[{"document_type":"id"}]}`, `{"parties":[{"path":"a/*/b"}],"documents":true}`, `{"rules":{"enabled":true}}`, `{"wallets":[{"path":"w"}]}`} {
		f.Add([]byte(s))
	}
	m := menu(f, goodHouse(), NewSimulator())
	var policies []string
	for p := range Catalog() {
		policies = append(policies, p)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, p := range policies {
			r := request(p)
			r.Config = raw
			r.Fields, r.Extracted, r.Uploads = nil, nil, nil
			if a := m.Run(t.Context(), r); a.Verdict == kyc.Pass && !slices.Contains(uncommitted(), p) {
				t.Errorf("%s passes an empty session with config %q", p, raw)
			}
		}
	})
}
