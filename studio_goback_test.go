package main

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"bonafide/kyc"
	"bonafide/session"
)

var (
	goBackForm  = regexp.MustCompile(`(?s)<details class="goback"><summary>(.*?)</summary><form[^>]*action="([^"]*/rollback)">(.*?)</form>`)
	hiddenField = regexp.MustCompile(`type="hidden" name="([a-z]+)" value="([^"]*)"`)
)

// offers are the ways back that a page has: the button's words, and the form.
func offers(page string) map[string]url.Values {
	out := map[string]url.Values{}
	for _, m := range goBackForm.FindAllStringSubmatch(page, -1) {
		form := url.Values{"at": {m[2]}}
		for _, f := range hiddenField.FindAllStringSubmatch(m[3], -1) {
			form.Set(f[1], f[2])
		}
		out[html.UnescapeString(m[1])] = form
	}
	return out
}

// The publish page names the version it goes back to, offers nothing where there
// is nothing to go back to, and a second press of the same button is refused:
// the version on trial never comes into force by it.
func TestThePublishPageGoesBackToWhatItNames(t *testing.T) {
	t.Parallel()
	a, h, cookie, _ := crowdedOffice(t, 1, 0)
	orgs, err := a.access.Orgs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tenant, by := kyc.Tenant{Org: orgs[0].ID, Env: kyc.Live}, kyc.SystemActor("test")
	graph := func(seconds int) []byte {
		return fmt.Appendf(nil, `{"entry":"start","nodes":{"start":{"type":"start","next":"w"},"w":{"type":"policy","policy":"watchlist_screening","timeout_seconds":%d,"on_pass":"y","on_fail":"n"},"y":{"type":"terminal","outcome":"approved"},"n":{"type":"terminal","outcome":"needs_review"}}}`, seconds)
	}
	st, err := a.workflows.Create(t.Context(), tenant, by, session.Draft{Name: "Going back", Document: session.Document{Graph: graph(1)}})
	if err != nil {
		t.Fatal(err)
	}
	id := st.Workflow.ID
	page := func() string {
		t.Helper()
		r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/console/workflows/"+string(id)+"/publish", http.NoBody)
		r.AddCookie(cookie)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		return w.Body.String()
	}
	send := func(form url.Values, want int) string {
		t.Helper()
		r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1"+form.Get("at"), strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.AddCookie(cookie)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Fatalf("%d, not %d: %s", w.Code, want, w.Body)
		}
		return w.Body.String()
	}
	publish := func(share int) {
		t.Helper()
		if _, _, err := a.workflows.Publish(t.Context(), tenant, by, id, 0, session.Publication{Percentage: &share}); err != nil {
			t.Fatal(err)
		}
	}
	edit := func(seconds int) {
		t.Helper()
		if _, err := a.workflows.Edit(t.Context(), tenant, by, id, 0, session.Change{Graph: graph(seconds)}); err != nil {
			t.Fatal(err)
		}
	}
	if text := page(); len(offers(text)) != 0 || strings.Contains(text, "Go back") {
		t.Errorf("a draft offers to go back: %v", offers(text))
	}
	publish(100)
	if text := page(); len(offers(text)) != 0 {
		t.Errorf("the first version offers to go back: %v", offers(text))
	}
	edit(2)
	publish(25)
	const words = "Go back to version 1 for everyone, which ends the rollout of version 2"
	form, ok := offers(page())[words]
	if !ok {
		t.Fatalf("offered: %v", offers(page()))
	}
	bare := url.Values{"at": {form.Get("at")}, "env": {"live"}}
	send(bare, http.StatusConflict) // the request of a page that named nothing
	send(form, http.StatusSeeOther)
	if text := send(form, http.StatusConflict); !strings.Contains(text, "nothing was done") {
		t.Errorf("the second press says %s", text)
	}
	now, err := a.workflows.Read(t.Context(), tenant, id, 0)
	if err != nil || now.Workflow.Published != 3 || now.Version.Restores != 1 || now.Workflow.Rollout != nil {
		t.Errorf("%+v %v", now.Workflow, err)
	}
	if text := page(); len(offers(text)) != 0 {
		t.Errorf("after going back it offers %v", offers(text))
	}
	edit(4)
	publish(100)
	found := false
	for words, form := range offers(page()) {
		found = strings.HasPrefix(words, "Go back to version 3 (same as version 1), in force until ") && form.Get("version") == "3" && form.Get("from") == "4"
	}
	if !found {
		t.Errorf("offered: %v", offers(page()))
	}
}
