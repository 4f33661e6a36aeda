package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"bonafide/onboarding"
)

// A dry run ends as the sandbox would end a session whose applicant did all that
// was asked: the templates of all surfaces, with people whose names mean
// something to one of their checks. FLAKY breaks twice and passes then.
func TestDryRunsEndAsTheSandboxDoes(t *testing.T) {
	t.Parallel()
	_, h, cookie, _ := crowdedOffice(t, 1, 0)
	definition := func(surface, name string) json.RawMessage {
		if surface == "steps" && name != "steps" {
			raw, _, _ := onboarding.Template(name)
			return raw
		}
		raw, err := os.ReadFile("studio/templates/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		return json.RawMessage(strings.Replace(string(raw), "{", map[bool]string{true: `{"workflowName":"Try",`, false: `{"name":"Try",`}[surface == "entities"], 1))
	}
	for _, c := range []struct {
		surface, template string
		ends              map[string]string
	}{
		{"graph", "document-face-lists", map[string]string{"APPROVE": "approved", "EXPIRED": "rejected", "NOMATCH": "needs_review", "SANCTION": "needs_review", "FLAKY": "approved", "TIMEOUT": "needs_review"}},
		{"graph", "age-gate", map[string]string{"APPROVE": "approved", "UNDERAGE": "rejected"}},
		{"steps", "steps", map[string]string{"APPROVE": "needs_review", // its rules leave everybody to a person
			"SANCTION": "needs_review"}},
		{"steps", "basic-kyc", map[string]string{"APPROVE": "approved", "REJECT": "needs_review", "SANCTION": "needs_review", "NOMATCH": "needs_review", "SPOOF": "needs_review", "FLAKY": "approved"}},
		{"steps", "company-kyc", map[string]string{"APPROVE": "approved"}},
		{"steps", "merchant-onboarding", map[string]string{"APPROVE": "approved"}},
		{"steps", "pep-enhanced", map[string]string{"APPROVE": "needs_review", "PEP": "needs_review"}},
		{"checks", "checklist", map[string]string{"APPROVE": "approved", "SANCTION": "needs_review", "SPOOF": "needs_review", "UNDERAGE": "needs_review", "TIMEOUT": "needs_review", "FLAKY": "approved"}},
		{"entities", "procedure", map[string]string{"APPROVE": "approved", "SANCTION": "needs_review", "DUPLICATE": "needs_review", "TIMEOUT": "needs_review"}},
	} {
		for person, want := range c.ends {
			body, err := json.Marshal(map[string]any{"surface": c.surface, "definition": definition(c.surface, c.template), "person": person})
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/console/workflows/dry-run", strings.NewReader(string(body)))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			r.AddCookie(cookie)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			var got struct {
				Outcome, Status string
				Edges           []struct{ From, To, Why string }
				Results         json.RawMessage `json:"node_results"`
			}
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
				t.Fatalf("%s with %s: %d %s", c.template, person, w.Code, w.Body)
			}
			if got.Outcome != want || len(got.Edges) == 0 {
				t.Errorf("%s with %s ends %s %s, not %s, after %v: %s", c.template, person, got.Status, got.Outcome, want, got.Edges, got.Results)
			}
		}
	}
}

// A limit of 21 shuts a 19-year-old out and lets a person of 21 through; what is
// no date of birth is refused.
func TestADryRunTakesADateOfBirth(t *testing.T) {
	t.Parallel()
	a, h, cookie, _ := crowdedOffice(t, 1, 0)
	now := a.clock.Now()
	definition := json.RawMessage(`{"graph":{"entry":"start","nodes":{"start":{"type":"start","next":"read"},"read":{"type":"policy","policy":"document_ocr","on_pass":"age","on_fail":"look"},
		"age":{"type":"policy","policy":"age_check","config":{"minimum_age":21},"on_pass":"yes","on_fail":"no"},
		"yes":{"type":"terminal","outcome":"approved"},"no":{"type":"terminal","outcome":"rejected"},"look":{"type":"terminal","outcome":"needs_review"}}}}`)
	for _, c := range []struct {
		born, outcome string
		status        int
	}{
		{"", "approved", http.StatusOK},
		{now.AddDate(-19, 0, -1).Format("2006-01-02"), "rejected", http.StatusOK},
		{now.AddDate(-21, 0, -1).Format("2006-01-02"), "approved", http.StatusOK},
		{now.AddDate(1, 0, 0).Format("2006-01-02"), "", http.StatusUnprocessableEntity},
		{"yesterday", "", http.StatusUnprocessableEntity},
	} {
		body, err := json.Marshal(map[string]any{"surface": "graph", "definition": definition, "person": "APPROVE", "born": c.born})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/console/workflows/dry-run", strings.NewReader(string(body)))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.AddCookie(cookie)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		var got struct{ Outcome string }
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != c.status || got.Outcome != c.outcome {
			t.Errorf("born %q: %d %s, %v", c.born, w.Code, w.Body, err)
		}
	}
}
