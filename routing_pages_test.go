package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"bonafide/kyc"
)

// An administrator writes rules of routing, puts them in another order, takes one
// away; what cannot be a rule is said at its field and stays as it was written. A
// queue that a rule names is renamed with it, and cannot be taken away.
func TestRoutingRulesOnThePages(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "", unhurried)
	org := srv.newTenant(t).org
	admin := deskOf(t, srv, org, "grace@routing.example")
	send := func(part string, pairs ...string) (int, string) {
		t.Helper()
		f := url.Values{"env": {"sandbox"}, "act": {"save"}}
		for i := 0; i+1 < len(pairs); i += 2 {
			f.Add(pairs[i], pairs[i+1])
			if pairs[i] == "act" {
				f.Set("act", pairs[i+1])
			}
		}
		status, _, page := admin.page("/console/settings/"+part, f)
		return status, page
	}
	rules := func() []string {
		t.Helper()
		o, err := srv.app.db.Org(t.Context(), org)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, r := range o.EnvSettings(kyc.Sandbox).Routing {
			out = append(out, r.Name+" to "+r.Queue)
		}
		return out
	}
	is := func(want ...string) {
		t.Helper()
		if got := rules(); !slices.Equal(got, want) {
			t.Fatalf("the rules are %q, want %q", got, want)
		}
	}
	send("queues", "name", "edd")
	send("queues", "name", "mena")
	if status, page := send("routing", "name", "Mena", "queue", "mena", "countries", "sy, Iraq", "risk_from", "much"); status != http.StatusUnprocessableEntity || !strings.Contains(page, "Risk of at least: a score from 0 to 100") || !strings.Contains(page, `value="sy, Iraq"`) {
		t.Errorf("a score that is none: %d %.2000s", status, page)
	}
	if status, page := send("routing", "name", "Mena", "queue", "mena", "countries", "sy, Iraq"); status != http.StatusUnprocessableEntity || !strings.Contains(page, "Countries, line 2: a country has two capital letters") {
		t.Errorf("a country that is none: %d %.2000s", status, page)
	}
	is()
	if _, page := send("routing", "name", "Mena", "queue", "mena", "countries", "sy, iq", "subject", "company", "priority_from", "5"); !strings.Contains(page, "The rule holds for cases that are opened from now on.") || !strings.Contains(page, "1. Mena: to mena") || !strings.Contains(page, `value="SY, IQ"`) {
		t.Errorf("a rule: %.2000s", page)
	}
	send("routing", "name", "High risk", "queue", "edd", "risk_from", "51")
	is("Mena to mena", "High risk to edd")
	if _, page := send("routing", "old", "High risk", "name", "High risk", "act", "up"); !strings.Contains(page, "The rule is asked earlier now.") {
		t.Errorf("put before: %.2000s", page)
	}
	is("High risk to edd", "Mena to mena")
	send("routing", "old", "High risk", "name", "x", "act", "down")
	is("Mena to mena", "High risk to edd")
	send("routing", "old", "High risk", "name", "High risk", "act", "up")
	if status, page := send("routing", "name", "Higher risk", "queue", "mena", "risk_from", "80"); status != http.StatusUnprocessableEntity || !strings.Contains(page, "no case ever gets to the rule Higher risk: the rule High risk above takes each that it would") {
		t.Errorf("a rule that no case gets to: %d %.2000s", status, page)
	}
	if status, page := send("queues", "old", "mena", "name", "mena", "act", "remove"); status != http.StatusUnprocessableEntity || !strings.Contains(page, "the rule Mena sends cases to &#34;mena&#34;") {
		t.Errorf("taking away a queue that a rule names: %d %.2000s", status, page)
	}
	send("queues", "old", "mena", "name", "middle east")
	is("High risk to edd", "Mena to middle east")
	if status, _ := send("routing", "old", "Gone", "name", "Gone", "queue", "edd"); status != http.StatusConflict {
		t.Errorf("a rule that is gone: %d", status)
	}
	if _, page := send("routing", "old", "High risk", "act", "remove"); !strings.Contains(page, "The rule is taken away.") {
		t.Errorf("taken away: %.2000s", page)
	}
	is("Mena to middle east")
	// Who reads settings and changes none sees the rules without a button.
	officer := deskAs(t, srv, org, "olaf@routing.example", "compliance")
	page := officer.says("/console/settings", "1. Mena: to middle east")
	if part := page[strings.Index(page, `id="routing"`):strings.Index(page, `id="retention"`)]; strings.Contains(part, "<button") {
		t.Error("a compliance officer is offered to change rules")
	}
	if status, _, _ := officer.page("/console/settings/routing", url.Values{"env": {"sandbox"}, "name": {"Mine"}, "queue": {"default"}}); status != http.StatusForbidden {
		t.Errorf("a compliance officer changes rules: %d", status)
	}
}
