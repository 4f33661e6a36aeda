package main

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"
)

// A form that was refused keeps what was typed in it; the form of the running
// rollout shows the bounds in force after any other one, so that who sends it next
// takes none of them away unseen.
func TestARefusedFormLeavesTheBoundsOfTheRollout(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "", unhurried)
	box := srv.newTenant(t)
	olga := deskAs(t, srv, box.org, "olga@bounds.example", "compliance")
	_, at, _ := olga.page("/console/workflows/new", url.Values{"env": {"sandbox"}, "name": {"Policy"}, "template": {"age-gate"}})
	id := "workflow_" + at[len("/console/workflows/"):]
	send := func(path string, want int, form url.Values) string {
		t.Helper()
		form.Set("env", "sandbox")
		status, _, page := olga.page(at+path, form)
		if status != want {
			t.Fatalf("%s: %d %.600s", path, status, page)
		}
		return page
	}
	edit := func() {
		t.Helper()
		box.must(t, 200, "PATCH", "/api/v1/workflows/"+id, map[string]any{"description": "another version"})
	}
	send("/publish", http.StatusOK, url.Values{"share": {"100"}})
	edit()
	send("/publish", http.StatusOK, url.Values{"share": {"20"}, "max_rejection_rate": {"40"}, "min_sessions": {"3"}})
	edit()
	for _, x := range []struct {
		path, typed, now, new string
		want                  int
	}{
		{"/publish", "many", "40", "many", http.StatusUnprocessableEntity},
		{"/rollout", "some", "some", "", http.StatusUnprocessableEntity},
		{"/decline", "5", "40", "", http.StatusUnprocessableEntity},
	} {
		page := send(x.path, x.want, url.Values{"share": {"30"}, "max_rejection_rate": {x.typed}})
		for form, value := range map[string]string{"now": x.now, "new": x.new} {
			field := regexp.MustCompile(`id="` + form + `-max_rejection_rate"[^>]* value="([^"]*)"`).FindStringSubmatch(page)
			if field == nil || field[1] != value {
				t.Errorf("after %s the form %q has %q, not %q", x.path, form, field, value)
			}
		}
	}
}
