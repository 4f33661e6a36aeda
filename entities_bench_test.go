package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"bonafide/kyc"
)

// fiveSteps is a workflow of five steps that each ask something.
const fiveSteps = `{"serviceName":"Onboarding","workflowName":"Five","type":"kyc","lifecyclePhase":"ONBOARDING","steps":[
 {"name":"MATCHLIST","type":"MATCHLIST"},{"name":"DUPLICATE","type":"DUPLICATE"},{"name":"NAME_VALIDATION","type":"NAME_VALIDATION"},
 {"name":"KYC","type":"KYC"},{"name":"AML","type":"AML"}]}`

// BenchmarkExecuteFiveSteps executes a workflow of five steps for a new
// individual each, over HTTP on SQLite (synchronous=FULL): an open loop of 100
// requests a second for ten seconds.
func BenchmarkExecuteFiveSteps(b *testing.B) {
	const perSecond, seconds = 100, 10
	s := startBench(b)
	s.must("/v2/admin/workflows", fiveSteps)
	people := make([]string, perSecond*seconds)
	round := 0
	s.openLoop(perSecond, seconds, func() {
		round++
		for i := range people {
			a := s.must("/v2/individuals", fmt.Sprintf(`{"individual":{"name":{"givenName":"Ada","familyName":"Approve"},"dateOfBirth":{"year":1990,"month":5,"day":17},
 "nationality":"NLD","addresses":[{"type":"RESIDENTIAL_ADDRESS","streetNumber":"%d","streetName":"Keizersgracht","locality":"Amsterdam","postalCode":"1015 CJ","country":"NLD"}],
 "emailAddresses":[{"email":"ada%d.%d@example.com"}]}}`, i, round, i))
			people[i], _ = a["individual"].(map[string]any)["entityId"].(string)
		}
	}, func(i int) error {
		out, err := s.post("/v2/individuals/"+people[i]+"/serviceprofiles/Onboarding/workflows/Five/execute", `{}`)
		if err != nil {
			return err
		}
		result, _ := out["workflowResult"].(map[string]any)
		if result["workflowExecutionState"] != "COMPLETED" || result["result"] != "PASS" {
			return fmt.Errorf("the execution ended otherwise: %v", result)
		}
		return nil
	})
}

// BenchmarkListProcessResults reads pages of 100 of the process results of an
// individual that has 10,000, over HTTP on SQLite (synchronous=FULL), one after
// the other: the first page, pages from the middle and the last one, in both
// orders, with a filter and without.
func BenchmarkListProcessResults(b *testing.B) {
	const results, limit = 10_000, 100
	s := startBench(b)
	made := s.must("/v2/individuals", `{"individual":{"name":{"givenName":"Ada","familyName":"Approve"}}}`)
	subject, _ := made["individual"].(map[string]any)["entityId"].(string)
	t := kyc.Tenant{Org: s.org, Env: kyc.Sandbox}
	began := time.Now().Add(-results * time.Second)
	confidence := 95.0
	for from := 0; from < results; from += 500 {
		var c kyc.Change
		for i := from; i < from+500; i++ {
			at := began.Add(time.Duration(i) * time.Second)
			class := []string{"AML", "KYC", "DUPLICATE", "MATCHLIST"}[i%4]
			r := &kyc.ProcessResult{Meta: kyc.Meta{ID: kyc.NewID(at), Tenant: t}, SubjectID: kyc.ID(subject), ExecutionID: kyc.NewID(began.Add(time.Duration(i/10) * time.Second)),
				ServiceName: "Onboarding", StepName: class, StepType: class, ObjectType: "INDIVIDUAL", ObjectID: kyc.ID(subject), Class: class, Result: "CLEAR", State: "COMPLETED",
				SystemStatus: "VALID", Provider: kyc.ProcessProvider{Name: "bench", Source: "bench", Reference: "r", Confidence: &confidence},
				Private: kyc.ProcessData{Supplementary: map[string]any{"type": class, "matchData": map[string]any{"name": "Ada Approve", "strength": 95.0, "spReferenceId": fmt.Sprint(i)}}}}
			r.Touch(at)
			c.Put = append(c.Put, r)
		}
		if err := s.app.db.Commit(b.Context(), &c); err != nil {
			b.Fatal(err)
		}
	}
	pages := []string{"page=1", "page=50", "page=100", "page=1&sort=asc", "page=50&sort=asc", "page=1&sortFields=updatedAt", "page=1&classes=AML,KYC", "page=20&classes=AML"}
	var took []time.Duration
	for b.Loop() {
		for _, page := range pages {
			start := time.Now()
			raw := s.read(fmt.Sprintf("/v2/individuals/%s/results?limit=%d&%s", subject, limit, page))
			took = append(took, time.Since(start))
			var out struct {
				Results []json.RawMessage `json:"processResults"`
			}
			if err := json.Unmarshal(raw, &out); err != nil || len(out.Results) != limit {
				b.Fatalf("%s has %d results: %v", page, len(out.Results), err)
			}
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// read makes one request and gives the whole answer as it came: what the server
// needs is measured, not what a client makes of it.
func (s *benchServer) read(path string) []byte {
	s.b.Helper()
	req, err := http.NewRequestWithContext(s.b.Context(), http.MethodGet, s.app.url+path, http.NoBody)
	if err != nil {
		s.b.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.key)
	resp, err := s.browser.Do(req)
	if err != nil {
		s.b.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		s.b.Fatalf("%s: %d %s %v", path, resp.StatusCode, raw, err)
	}
	return raw
}
