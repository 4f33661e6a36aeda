package main

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"bonafide/access"
	"bonafide/kyc"
)

// deskOf is a window of an admin in the sandbox of an organisation.
func deskOf(t *testing.T, srv *server, org kyc.ID, email string) *browserOf {
	t.Helper()
	return deskAs(t, srv, org, email, "admin")
}

// deskAs is deskOf for somebody of another role.
func deskAs(t *testing.T, srv *server, org kyc.ID, email, role string) *browserOf {
	t.Helper()
	const password = "a long enough password"
	if _, err := srv.app.access.CreateUser(t.Context(), access.UserRequest{Org: org, Email: email, Name: "Grace Desk", Role: role, Password: password, By: kyc.SystemActor("test")}); err != nil {
		t.Fatal(err)
	}
	desk := srv.browser(t)
	desk.page("/console/sign-in", url.Values{"email": {email}, "password": {password}})
	desk.page("/console/environment", url.Values{"to": {"sandbox"}, "back": {"/console/audit"}})
	return desk
}

// says fails unless a page holds each text, in any order; what begins with ! must
// not stand there.
func (b *browserOf) says(path string, want ...string) string {
	b.t.Helper()
	status, _, page := b.page(path, nil)
	if status != http.StatusOK {
		b.t.Fatalf("%s: %d %.500s", path, status, page)
	}
	for _, text := range want {
		if no, not := strings.CutPrefix(text, "!"); strings.Contains(page, no) == not {
			b.t.Errorf("%s: %q stands there: %v", path, no, !not)
		}
	}
	return page
}

var fileAt = regexp.MustCompile(`/console/sessions/session_[0-9a-f-]+/files/document_[0-9a-f-]+`)

// What an applicant sent and typed can be seen on the pages of their session and
// of the person, each look is an entry of the chain, and nothing is left of it
// once the person was erased.
func TestTheOfficeShowsWhatApplicantsSent(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "", unhurried)
	box, live := srv.newTenants(t)
	var shown lockedBuffer
	kept := box.endSteps(t, &shown.b)
	desk := deskOf(t, srv, box.org, "grace@desk.example")
	session, person := "/console/sessions/"+kept.own["sessions"], "/console/subjects/"+kept.own["identities"]

	page := desk.says(session, "What the applicant said", kept.secrets[0], "Checks are simulated in the sandbox: nothing was looked at", "!not yet", "Grace Desk", "Session looked at", "<img ")
	file := fileAt.FindString(page)
	if file == "" || !strings.Contains(desk.says(person, "<img "), file) {
		t.Fatalf("no picture on the pages: %q", file)
	}
	other := live.must(t, 201, "POST", "/api/v1/sessions", map[string]any{"workflow_id": live.published(t, reviewGraph)}).str("id")
	status, header := desk.head(file)
	if status != http.StatusOK || header.Get("Content-Type") != "image/jpeg" || !strings.Contains(header.Get("Content-Security-Policy"), "sandbox") || header.Get("Cache-Control") != "no-store" {
		t.Errorf("the picture: %d %v", status, header)
	}
	if status, _ := desk.head(strings.Replace(file, kept.own["sessions"], other, 1)); status != http.StatusNotFound {
		t.Errorf("a picture under another session: %d", status)
	}
	foreign := deskOf(t, srv, srv.newTenant(t).org, "eve@elsewhere.example")
	if status, _ := foreign.head(file); status != http.StatusNotFound {
		t.Errorf("a picture of another organisation: %d", status)
	}
	desk.says("/console/audit?action=upload.read", "Picture or file looked at")

	desk.page(person+"/erase", url.Values{"env": {"sandbox"}, "confirm": {"erase"}})
	desk.says(session, "!"+kept.secrets[0], "!What the applicant said", "!<img ")
	desk.says(person, "!"+kept.secrets[0], "!<img ")
	if status, _ := desk.head(file); status != http.StatusNotFound {
		t.Errorf("a picture of somebody who was erased: %d", status)
	}
}

// head fetches a page without following it anywhere.
func (b *browserOf) head(path string) (int, http.Header) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.s.url+path, http.NoBody)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := b.c.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode, res.Header
}

// The audit page names people and keys, finds an action by one word of it, shows
// the code of a decision, and says where missing places are.
func TestTheAuditPageSpeaksOfPeople(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "", unhurried)
	box, live := srv.newTenants(t)
	var shown lockedBuffer
	kept := box.endGraph(t, &shown.b)
	live.must(t, 201, "POST", "/api/v1/lists", map[string]any{"name": "Elsewhere", "type": "name", "mode": "block"})
	box.must(t, 201, "POST", "/api/v1/lists", map[string]any{"name": "Here", "type": "name", "mode": "block"})
	desk := deskOf(t, srv, box.org, "grace@audit.example")
	page := desk.says("/console/audit?action=reject", "Case rejected", "case.reject", "API key test", `selected>Anybody`, "!>list.create<")
	if strings.Count(page, ">case.reject<") != 1 {
		t.Error("the word reject does not find the rejection once")
	}
	desk.says("/console/audit?object=case_"+strings.TrimPrefix(kept.own["cases"], "case_"), "Case rejected", "!>list.create<")
	page = desk.says("/console/audit", "Grace Desk", "Places that are missing here belong to the live environment: the chain runs over both")
	last := ""
	for _, m := range regexp.MustCompile(`<tr><td>(\d+)</td>`).FindAllStringSubmatch(page, -1) {
		if last != "" && (len(m[1]) > len(last) || len(m[1]) == len(last) && m[1] >= last) {
			t.Errorf("place %s stands behind %s", m[1], last)
		}
		last = m[1]
	}
	if last == "" {
		t.Error("no entry has a place")
	}
}

// What was saved is said at the part it belongs to; what could not be taken by
// the label of its field.
func TestSettingsSayWhatHappened(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "", unhurried)
	desk := deskOf(t, srv, srv.newTenant(t).org, "grace@settings.example")
	_, at, page := desk.page("/console/settings/languages", url.Values{"env": {"sandbox"}, "languages": {"en"}})
	part, _, _ := strings.Cut(page[strings.Index(page, `id="languages"`):], `name="languages"`)
	if at != "/console/settings" || !strings.Contains(part, "The settings were changed.") || strings.Count(page, "The settings were changed.") != 1 {
		t.Errorf("after saving: %s %s", at, part)
	}
	status, _, page := desk.page("/console/settings/branding", url.Values{"env": {"sandbox"}, "accent": {"#ffcc00"}})
	if status != http.StatusUnprocessableEntity || !strings.Contains(page, "Colour on light ground: ") || strings.Contains(page, "/branding/accent<") {
		t.Errorf("a pale colour: %d", status)
	}
	if status, _, page = desk.page("/console/api-keys", url.Values{"env": {"sandbox"}, "name": {"No scope"}}); status != http.StatusUnprocessableEntity || strings.Contains(page, ">/scopes<") {
		t.Errorf("a key without a scope: %d", status)
	}
	page = desk.says("/console/api-keys?preset=read")
	if !strings.Contains(page, `value="sessions:read" checked`) || strings.Contains(page, `value="sessions:write" checked`) {
		t.Error("the preset to read is not chosen")
	}
}

// A colleague comes with a password that the admin chose, and opens nothing
// before they have their own; the chain says so.
func TestAFirstPasswordIsChanged(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "", unhurried)
	org := srv.newTenant(t).org
	admin := deskOf(t, srv, org, "grace@team.example")
	_, _, page := admin.page("/console/team", url.Values{"env": {"sandbox"}, "email": {"lena@team.example"}, "role": {"reviewer"}})
	m := regexp.MustCompile(`id="once"[^>]* value="([^"]+)"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no password: %.2000s", page)
	}
	lena := srv.browser(t)
	if _, at, page := lena.page("/console/sign-in", url.Values{"email": {"lena@team.example"}, "password": {m[1]}}); at != "/console/account" || !strings.Contains(page, "Choose your own password") {
		t.Errorf("with the first password: %s", at)
	}
	if _, at, _ := lena.page("/console/sessions", nil); at != "/console/account" {
		t.Errorf("the sessions open: %s", at)
	}
	const own = "lena chose this herself"
	lena.page("/console/account/password", url.Values{"password": {m[1]}, "new": {own}, "again": {own}})
	if _, at, _ := lena.page("/console/sessions", nil); at != "/console/sessions" {
		t.Errorf("with a password of her own: %s", at)
	}
	users, err := srv.app.access.Users(t.Context(), org)
	if err != nil {
		t.Fatal(err)
	}
	events, _, err := srv.app.db.Events(t.Context(), kyc.Tenant{Org: org, Env: kyc.Live}, kyc.EventFilter{Object: "user", ObjectID: users[len(users)-1].ID}, kyc.Page{})
	if err != nil {
		t.Fatal(err)
	}
	said := ""
	for _, e := range events {
		said += e.Action + " " + e.Reason + ";"
	}
	if !strings.Contains(said, "user.create must_change_password;") || !strings.Contains(said, "user.password ;") {
		t.Errorf("the chain says %s", said)
	}
}
