package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Two people publish, go back and widen; one alone only asks. The page says who
// asked for what, lets the other approve or decline it, and the one withdraw it.
func TestTheStudioAsksForASecondPerson(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "", unhurried)
	box := srv.newTenant(t)
	box.must(t, 200, "PUT", "/api/v1/settings", map[string]any{"publish_four_eyes": true})
	olga, otto := deskAs(t, srv, box.org, "olga@eyes.example", "compliance"), deskAs(t, srv, box.org, "otto@eyes.example", "compliance")
	_, at, _ := olga.page("/console/workflows/new", url.Values{"env": {"sandbox"}, "name": {"Policy"}, "template": {"age-gate"}})
	id := "workflow_" + strings.TrimPrefix(at, "/console/workflows/")
	in := func() (version any) {
		return box.must(t, 200, "GET", "/api/v1/workflows/"+id, nil).value("published_version")
	}
	send := func(who *browserOf, path string, form url.Values, want ...string) {
		t.Helper()
		form.Set("env", "sandbox")
		status, _, page := who.page(at+path, form)
		if status != http.StatusOK {
			t.Fatalf("%s: %d %.400s", path, status, page)
		}
		for _, text := range want {
			if !strings.Contains(page, text) {
				t.Errorf("after %s %q is not said", path, text)
			}
		}
	}
	edit := func() {
		t.Helper()
		box.must(t, 200, "PATCH", "/api/v1/workflows/"+id, map[string]any{"description": "another version"})
	}

	send(olga, "/publish", url.Values{"share": {"100"}, "note": {"first"}, "default": {"yes"}}, "waits for the approval of another person", "You asked to publish version 1 for 100 % of new sessions and make it the default of sandbox.", "Withdraw")
	if in() != nil {
		t.Fatal("one person published")
	}
	if status, _, page := olga.page(at+"/approve", url.Values{"env": {"sandbox"}}); status != http.StatusUnprocessableEntity || !strings.Contains(page, "needs the approval of a different person") {
		t.Errorf("her own approval: %d", status)
	}
	otto.says(at+"/publish", "Grace Desk asked to publish version 1", "“first”", ">Approve<", ">Decline<")
	send(otto, "/decline", url.Values{"why": {"which countries?"}}, "Nothing waits any more")
	send(olga, "/publish", url.Values{"share": {"100"}, "default": {"yes"}}, "waits for")
	send(otto, "/approve", url.Values{}, "Approved and in force.")
	if got := box.must(t, 200, "GET", "/api/v1/workflows/"+id, nil); got.value("published_version") != 1.0 || got.value("is_default") != true {
		t.Fatalf("%s", got.raw)
	}

	edit()
	send(otto, "/publish", url.Values{"share": {"20"}}, "waits for")
	send(olga, "/approve", url.Values{}, "Approved")
	send(olga, "/rollout", url.Values{"share": {"60"}}, "The share of 60 % waits", "You asked to let version 2 take 60 % of new sessions.")
	send(olga, "/rollout", url.Values{"share": {"5"}}, "now takes 5 % of new sessions")
	send(olga, "/rollout", url.Values{"share": {"100"}}, "waits for")
	send(otto, "/approve", url.Values{}, "Approved")
	page := olga.says(at+"/publish", "When another person has approved it all new sessions take")
	form := url.Values{}
	for _, f := range offers(page) {
		form = f
	}
	form.Del("at")
	send(olga, "/rollback", form, "Going back to version 1 waits for the approval of another person.", "You asked to go back to version 1 for everyone.")
	if in() != 2.0 {
		t.Errorf("one person went back: %v", in())
	}
	send(otto, "/approve", url.Values{}, "Approved")
	if in() != 3.0 {
		t.Errorf("in force is %v", in())
	}
	otto.says("/console/workflows", "!awaits approval")
	grace := deskOf(t, srv, box.org, "grace@eyes.example")
	grace.says("/console/audit?action=workflow.decline_publish", "Publication declined", "which countries?")
	grace.says("/console/audit?object="+id, ">workflow.request_rollback<", ">workflow.rollback<", ">workflow.request_rollout<", ">workflow.request_publish<")

	// By keys the answer is 202 as well, and a smaller share counts at once.
	edit()
	got := box.must(t, 202, "POST", "/api/v1/workflows/"+id+"/publish", map[string]any{"rollout_percentage": 50})
	if got.at("pending_publish.action") != "publish" || got.value("pending_publish.version") != 4.0 {
		t.Errorf("%s", got.raw)
	}
	if code := box.must(t, 403, "POST", "/api/v1/workflows/"+id+"/publish/approve", nil).code(); code != "four_eyes" {
		t.Errorf("a key approves its own: %s", code)
	}
	send(otto, "/approve", url.Values{}, "Approved")
	if got := box.must(t, 202, "PUT", "/api/v1/workflows/"+id+"/rollout", map[string]any{"percentage": 80}); got.at("pending_publish.action") != "rollout" || got.value("rollout_percentage") != 50.0 {
		t.Errorf("%s", got.raw)
	}
	if code := box.must(t, 409, "PATCH", "/api/v1/workflows/"+id, map[string]any{"rollout_percentage": 80}).code(); code != "second_person_needed" {
		t.Errorf("a PATCH widens: %s", code)
	}
	box.must(t, 200, "POST", "/api/v1/workflows/"+id+"/publish/decline", map[string]any{"note": "no"})
	box.must(t, 409, "POST", "/api/v1/workflows/"+id+"/publish/decline", nil)
	box.must(t, 200, "PUT", "/api/v1/workflows/"+id+"/rollout", map[string]any{"percentage": 10})
	if got := box.must(t, 202, "POST", "/api/v1/workflows/"+id+"/rollback", nil); got.at("pending_publish.action") != "rollback" || got.value("published_version") != 4.0 {
		t.Errorf("%s", got.raw)
	}
	// Who may write and not publish moves nothing that is in force.
	secret, err := srv.app.newKey(t.Context(), box.org, "sandbox", "drafts", []string{"workflows:read", "workflows:write"})
	if err != nil {
		t.Fatal(err)
	}
	drafts := &client{url: srv.url, key: secret, org: box.org}
	drafts.must(t, 200, "PATCH", "/api/v1/workflows/"+id, map[string]any{"description": "a draft"})
	for _, change := range []map[string]any{{"rollout_percentage": 0}, {"rollout_percentage": 90}} {
		if code := drafts.must(t, 403, "PATCH", "/api/v1/workflows/"+id, change).code(); code != "scope_missing" {
			t.Errorf("%v: %s", change, code)
		}
	}
}
