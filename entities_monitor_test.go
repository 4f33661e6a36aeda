package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// importPeople makes these people the whole watchlist `own` of a server.
func (s *server) importPeople(t *testing.T, names ...string) {
	t.Helper()
	var csv strings.Builder
	csv.WriteString("id,name,type\n")
	for i, name := range names {
		fmt.Fprintf(&csv, "P-%d,%s,person\n", i, name)
	}
	file := filepath.Join(t.TempDir(), "own.csv")
	if err := os.WriteFile(file, []byte(csv.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.app.lists.Import(t.Context(), "csv", "own", []string{file}, true); err != nil {
		t.Fatal(err)
	}
	if _, err := s.app.executions.ListsChanged(t.Context()); err != nil { // as the sweep does every half minute
		t.Fatal(err)
	}
}

// A list that gains an entry screens the one person it may mean and tells the
// customer once, through the whole program: job queue, engine, webhook.
func TestAListUpdateAlertsOnceOverHTTP(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database)
		_, c := srv.newTenants(t)
		h := receiver(t)
		c.must(t, http.StatusCreated, "POST", "/v2/webhooks", map[string]any{"url": h.URL + "/notify"})
		srv.importPeople(t, "Quintus Felderholm")
		for name, phase := range map[string]string{"Onboarding": "ONBOARDING", "Monitoring": "MONITORING"} {
			c.must(t, http.StatusCreated, "POST", "/v2/admin/workflows", map[string]any{"serviceName": "KYC", "workflowName": name, "type": "aml", "lifecyclePhase": phase,
				"steps": []any{map[string]any{"name": "AML", "type": "AML", "configuration": map[string]any{"pep": false}}}})
		}
		person := func(given, family string) string {
			t.Helper()
			a := c.must(t, http.StatusOK, "POST", "/v2/individuals/new/serviceprofiles/KYC/workflows/Onboarding/execute", map[string]any{"individual": map[string]any{
				"name": map[string]any{"givenName": given, "familyName": family}, "dateOfBirth": map[string]any{"year": 1981, "month": 4, "day": 2}}})
			var result struct {
				Result string `json:"result"`
			}
			a.get(t, "workflowResult", &result)
			if result.Result != "PASS" {
				t.Fatalf("%s", a.raw)
			}
			id := a.str("entityId")
			for { // a look at everybody may be at work on the same profile
				a := c.call(t, "PATCH", "/v2/individuals/"+id+"/monitor?enabled=true&monitoringTypes=AML", nil)
				if a.status == http.StatusOK {
					return id
				}
				if a.status != http.StatusConflict || t.Context().Err() != nil {
					t.Fatalf("%d %s", a.status, a.raw)
				}
				pause(t)
			}
		}
		struck, calm := person("Oriana", "Wexelstrand"), person("Oriana", "Brumwold")
		srv.importPeople(t, "Quintus Felderholm", "Oriana Wexelstrand")
		h.wait(t, "MonitoringAlert")
		for _, x := range []struct {
			id   string
			want int
		}{{struck, 1}, {calm, 0}} {
			var list []struct {
				Result string `json:"result"`
			}
			c.must(t, http.StatusOK, "GET", "/v2/individuals/"+x.id+"/serviceprofiles/KYC/workflows/Monitoring/executions", nil).get(t, "workflowResults", &list)
			if len(list) != x.want || x.want == 1 && list[0].Result != "URGENT" && list[0].Result != "MONITOR" {
				t.Errorf("monitoring made %+v of %s", list, x.id)
			}
		}
		// Another look, and another entry that means nobody, tell nothing new.
		srv.importPeople(t, "Quintus Felderholm", "Oriana Wexelstrand", "Ludolf Tannengrau")
		late := person("Hannelore", "Quistgaard")
		srv.importPeople(t, "Quintus Felderholm", "Oriana Wexelstrand", "Ludolf Tannengrau", "Hannelore Quistgaard")
		for alerts := 0; alerts < 2; {
			alerts = 0
			for _, m := range h.heard() {
				if m.event == "MonitoringAlert" {
					alerts++
				}
			}
			if alerts > 2 || t.Context().Err() != nil {
				t.Fatalf("%d alerts; heard %v (the late one is %s)", alerts, h.seen(), late)
			}
			pause(t)
		}
		told := map[string]int{}
		for _, m := range h.heard() {
			if m.event == "MonitoringAlert" {
				for _, id := range []string{struck, calm, late} {
					if strings.Contains(string(m.data), id) {
						told[id]++
					}
				}
				if strings.Contains(string(m.data), "Oriana") || strings.Contains(string(m.data), "Hannelore") {
					t.Errorf("an alert names the person: %s", m.data)
				}
			}
		}
		if told[struck] != 1 || told[late] != 1 || told[calm] != 0 {
			t.Errorf("alerts by person %v", told)
		}
	})
}
