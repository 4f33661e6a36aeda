package main

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// An ETag guards every write of the surfaces B and C: with the right one it is
// made, with a used one or nonsense it is not, and of many writers with one tag
// one wins.
func TestETagsGuardWritesOfTheTalkingSurfaces(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		_, c := startServer(t, database, unhurried).newTenants(t)
		own := c.furnish(t)
		person := "/v2/individuals/" + own["entityId"]
		profile := person + "/serviceprofiles/" + own["serviceName"]
		execution := profile + "/workflows/" + own["workflowName"] + "/executions/" + own["workflowExecutionId"]
		because := map[string]any{"text": "because"}
		for _, x := range []struct {
			read, write string // write: empty for the same path
			body        map[string]any
		}{
			{"/v1/workflows/" + own["v1.workflows"], "", map[string]any{"name": "one"}},
			{"/v1/workflows/" + own["v1.workflows"], "/v1/workflows/" + own["v1.workflows"] + "/steps/CONSENT/config", map[string]any{"config": map[string]any{"require_signature": true}}},
			{"/v1/webhooks/" + own["v1.webhooks"], "", map[string]any{"description": "one"}},
			{person, "", map[string]any{"individual": map[string]any{"nationality": "DEU"}}},
			{person + "/documents/" + own["documentId"], "", map[string]any{"primaryIdentifier": "ONE"}},
			{profile, "", map[string]any{"assignee": "anna"}},
			{execution, "", map[string]any{"status": "PASS", "comment": because}},
			{"/v2/matchlists/" + own["matchlistId"], "", map[string]any{"description": "one"}},
			{"/v2/matchlists/" + own["matchlistId"] + "/entries/" + own["entryId"], "", map[string]any{"comment": "one"}},
			{"/v2/webhooks/" + own["webhookId"], "", map[string]any{"description": "one"}},
		} {
			if x.write == "" {
				x.write = x.read
			}
			tag := c.must(t, 200, "GET", x.read, nil).header.Get("ETag")
			if !strings.HasPrefix(tag, `"`) {
				t.Errorf("%s has no ETag: %q", x.read, tag)
				continue
			}
			match := map[string]string{"If-Match": tag}
			if a := c.callWith(t, "PATCH", x.write, x.body, match); a.status != 200 || a.header.Get("ETag") == tag {
				t.Errorf("PATCH %s with the right tag: %d, ETag %s → %s\n%s", x.write, a.status, tag, a.header.Get("ETag"), a.raw)
			}
			for _, bad := range []string{tag, `"nonsense"`} {
				if a := c.callWith(t, "PATCH", x.write, x.body, map[string]string{"If-Match": bad}); a.status != 412 || a.code() == "" {
					t.Errorf("PATCH %s with the tag %s: %d %s", x.write, bad, a.status, a.raw)
				}
			}
		}
		for _, x := range []struct {
			path string
			body func(i int) map[string]any
		}{
			{"/v1/workflows/" + own["v1.workflows"], func(i int) map[string]any { return map[string]any{"name": strconv.Itoa(i)} }},
			{person, func(i int) map[string]any {
				return map[string]any{"individual": map[string]any{"customAttributes": map[string]any{"n": i}}}
			}},
			{execution, func(i int) map[string]any {
				return map[string]any{"status": []string{"FAIL", "REVIEW"}[i%2], "comment": map[string]any{"text": strconv.Itoa(i)}}
			}},
		} {
			tag := c.must(t, 200, "GET", x.path, nil).header.Get("ETag")
			got := make([]int, 8)
			var all sync.WaitGroup
			for i := range got {
				all.Go(func() {
					got[i] = c.callWith(t, "PATCH", x.path, x.body(i), map[string]string{"If-Match": tag}).status
				})
			}
			all.Wait()
			slices.Sort(got)
			if got[0] != 200 || got[1] == 200 || got[7] > 412 {
				t.Errorf("%s: eight writers got %v, want one 200 and else 409 or 412", x.path, got)
			}
		}
	})
}

// A place in a list of surface B is signed and belongs to its list, its
// filters and its tenant.
func TestTokensOfChecksAreBoundToTheirList(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		sandbox, live := startServer(t, database, unhurried).newTenants(t)
		w := sandbox.checklist(t, `{"id":"CONSENT"}`)
		want := map[string]bool{}
		for range 5 {
			want[sandbox.checkSession(t, w, "Approve")] = true
		}
		all := "/v1/sessions?limit=2&by_organization=true"
		next, pages := "", 0
		for {
			a := sandbox.must(t, 200, "GET", all+next, nil)
			pages++
			for _, one := range lookUpAll(a.value("sessions")) {
				id, _ := lookUp(one, "id").(string)
				if !want[id] {
					t.Errorf("%s is shown twice or is nobody's", id)
				}
				delete(want, id)
			}
			token := a.at("next_token")
			if token == "" {
				break
			}
			if pages == 1 {
				tampered := []byte(token)
				tampered[len(tampered)/2] ^= 1
				for what, call := range map[string]func() answer{
					"another filter": func() answer {
						return sandbox.call(t, "GET", "/v1/sessions?limit=2&workflow_id="+w+"&next_token="+token, nil)
					},
					"another list":        func() answer { return sandbox.call(t, "GET", "/v1/workflows?next_token="+token, nil) },
					"another environment": func() answer { return live.call(t, "GET", all+"&next_token="+token, nil) },
					"another signature":   func() answer { return sandbox.call(t, "GET", all+"&next_token="+string(tampered), nil) },
				} {
					if a := call(); a.status != http.StatusBadRequest || a.code() != "cursor_invalid" {
						t.Errorf("a token with %s answers %d %s", what, a.status, a.raw)
					}
				}
			}
			next = "&next_token=" + token
		}
		if len(want) != 0 || pages != 3 {
			t.Errorf("after %d pages %d sessions were not shown", pages, len(want))
		}
	})
}

// sandboxNames is the table of made-up names on the sandbox's first page.
var sandboxNames = regexp.MustCompile(`(?s)<details data-names>.*?</details>`)

// What stands behind an applicant's link of surface B tells how far they are
// and nothing of how they are judged, of themselves or of the customer.
func TestThePageOfAChecklistLeaksNothing(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "", unhurried)
	c := srv.newTenant(t)
	w := c.checklist(t, `{"id":"CONSENT"},{"id":"PEP_SANCTIONS"},{"id":"FACE_LIVENESS","config":{"confidence_threshold":87}}`)
	body := applicant("Sanction")
	body["workflow_id"], body["external_id"], body["metadata"] = w, "MARKexternal", map[string]any{"a": "MARKmeta"}
	made := c.must(t, 201, "POST", "/v1/sessions", body)
	s, link := made.at("id"), made.at("session_url")
	nobody := &client{url: srv.url}
	look := func(when string, status int) {
		a := nobody.call(t, "GET", link, nil)
		if a.status != status || a.header.Get("Cache-Control") != "no-store" || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
			t.Errorf("%s the page answers %d with %v", when, a.status, a.header)
		}
		// The sandbox tells its testers which names do what, and names nobody's result.
		page := sandboxNames.ReplaceAllString(string(a.raw), "")
		for _, word := range []string{"mark", "sanction", "anna@", "612345678", ">87", "threshold", "confidence", "fail", "hit", "review", "reject", "risk", s, w, string(c.org)} {
			if i := strings.Index(strings.ToLower(page), strings.ToLower(word)); i >= 0 {
				t.Errorf("%s the page tells %q: …%s…", when, word, page[max(0, i-60):min(len(page), i+60)])
			}
		}
	}
	look("at first", http.StatusOK)
	c.submitCheck(t, s, "CONSENT", consent("Anna Sanction"))
	c.submitOver(t, s, "PEP_SANCTIONS", screened("Sanction"))
	look("after a hit", http.StatusOK)
	c.must(t, 200, "DELETE", "/v1/sessions/"+s, nil)
	look("of a voided session", http.StatusGone)
	for _, token := range []string{"x", strings.Repeat("A", 43), "%00"} {
		if a := nobody.call(t, "GET", "/capture/"+token, nil); a.status != http.StatusNotFound {
			t.Errorf("a made-up link answers %d", a.status)
		}
	}
}
