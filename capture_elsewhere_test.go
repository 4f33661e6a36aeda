package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"bonafide/access"
	"bonafide/kyc"
)

// filmed is an applicant of an organisation whose liveness Amazon films in an app
// of the organisation's own: the pages and the app work on one session.
type filmed struct {
	a     *amazon
	pages *visitor
	step  string // path of the step's page
	// open begins a film in the app and gives Amazon's id; judge ends it.
	open  func(t *testing.T) string
	judge func(t *testing.T, id string)
}

// film makes one film in the app.
func (f *filmed) film(t *testing.T, status string) {
	t.Helper()
	id := f.open(t)
	f.a.film(id, status)
	f.judge(t, id)
}

// opened is how many films Amazon was asked for.
func (f *filmed) opened(t *testing.T) int {
	t.Helper()
	n := 0
	for _, asked := range f.a.said(t) {
		if asked == "CreateFaceLivenessSession" {
			n++
		}
	}
	return n
}

// sendsToTheApp holds the page of the step to what it may do while nothing was
// filmed: it says where to go on, films nothing, opens no try and lets nobody by.
func (f *filmed) sendsToTheApp(t *testing.T) {
	t.Helper()
	before := f.opened(t)
	page := f.pages.get(t, f.step)
	if page.status != http.StatusOK || !strings.Contains(page.text, english(t, "elsewhere.title")) || !strings.Contains(page.text, "data-follow=") ||
		strings.Contains(page.text, "data-liveness=") || strings.Contains(page.text, "data-start") {
		t.Fatalf("%d %s", page.status, page.text)
	}
	if got := f.pages.script(t, f.step+"/liveness/open", ""); got.status != http.StatusServiceUnavailable || !strings.Contains(got.text, `"liveness_elsewhere"`) {
		t.Errorf("opening a try: %d %s", got.status, got.text)
	}
	if got := f.pages.post(t, f.step+"/liveness", nil); got.status != http.StatusNotFound {
		t.Errorf("simulating it: %d %s", got.status, got.text)
	}
	for _, path := range []string{f.step, f.step + "/skip"} {
		if got := f.pages.post(t, path, nil); got.status != http.StatusUnprocessableEntity && got.status != http.StatusConflict {
			t.Errorf("POST %s without a film: %d to %s\n%s", path, got.status, got.to, got.text)
		}
	}
	if n := f.opened(t); n != before {
		t.Errorf("the page opened %d tries", n-before)
	}
	if again := f.pages.get(t, f.step); again.status != http.StatusOK || !strings.Contains(again.text, english(t, "elsewhere.title")) {
		t.Errorf("the step is over: %d to %s", again.status, again.to)
	}
}

// says waits for the next news of the session.
func says(t *testing.T, marks <-chan string, what string) {
	t.Helper()
	select {
	case mark, ok := <-marks:
		if !ok || mark == "" {
			t.Fatalf("the stream ended before %s", what)
		}
	case <-t.Context().Done():
		t.Fatalf("nobody told of %s", what)
	}
}

const filmedSteps = `{"name":"Face","steps":[
 {"step_id":"live","order":1,"name":"Face check","type":"liveness","liveness_config":{"challenge_type":"FaceMovementAndLightChallenge","max_retries":1}},
 {"step_id":"more","order":2,"name":"About you","type":"form_fill","custom_fields":[{"field_id":"nick","name":"Name","type":"text","required":true}]}],
 "validation_config":{"run_lists":false,"automation_rules":{"enabled":true,"auto_process":true,"default_action":"auto_approve"}}}`

// On surface A the page follows what the app does, goes on once the film passed,
// and after the last film that failed the session goes on to a person.
func TestStepsFilmedInTheApp(t *testing.T) {
	a := newAmazon(t)
	srv := a.server(t)
	_, live := srv.newTenants(t)
	live.amazonFirst(t)
	w := live.must(t, 201, "POST", "/kyc/workflows", json.RawMessage(filmedSteps)).str("workflow_id")
	begin := func() (*filmed, string) {
		t.Helper()
		s := live.must(t, 201, "POST", "/kyc/sessions", map[string]any{"workflow_id": w})
		public := "/public/sessions/" + s.str("access_token")
		f := &filmed{a: a, pages: visits(t, s.str("public_url")), step: "/steps/live",
			open: func(t *testing.T) string {
				t.Helper()
				made := srv.browse(t, public+"/liveness/create", nil)
				if made.status/100 != 2 {
					t.Fatalf("the app opens a film: %d %s", made.status, made.raw)
				}
				return made.str("session_id")
			},
			judge: func(t *testing.T, id string) {
				t.Helper()
				if got := srv.browse(t, public+"/liveness/verify", map[string]any{"liveness_session_id": id}); got.status != 200 {
					t.Fatalf("the app ends a film: %d %s", got.status, got.raw)
				}
			}}
		f.pages.agrees(t)
		return f, s.str("session_id")
	}
	ends := func(f *filmed, session string, statuses ...string) {
		t.Helper()
		if got := f.pages.post(t, "/steps/more", url.Values{"f.nick": {"Ada"}, "send": {"yes"}}); got.status != http.StatusSeeOther || got.to != "/status" {
			t.Fatalf("the last step: %d to %s\n%s", got.status, got.to, got.text)
		}
		f.pages.get(t, "/status")
		live.awaitOnboarding(t, session, statuses...)
	}

	f, session := begin()
	f.sendsToTheApp(t)
	_, _, marks, stop := f.pages.follows(t)
	says(t, marks, "the beginning")
	f.film(t, "FAILED")
	says(t, marks, "a film that failed")
	f.sendsToTheApp(t) // once more
	f.film(t, "SUCCEEDED")
	says(t, marks, "the film that passed")
	stop()
	if page := f.pages.get(t, f.step); !strings.Contains(page.text, english(t, "liveness.passed")) || strings.Contains(page.text, english(t, "elsewhere.title")) {
		t.Fatalf("after the film: %d %s", page.status, page.text)
	}
	if got := f.pages.post(t, f.step, nil); got.status != http.StatusSeeOther || got.to != "/steps/more" {
		t.Fatalf("going on: %d to %s %s", got.status, got.to, got.text)
	}
	ends(f, session, "manual_review") // nobody gave a name to screen
	if got := live.must(t, 200, "GET", "/kyc/sessions/"+session, nil); !strings.Contains(string(got.raw), `"liveness":{"status":"passed"`) {
		t.Errorf("%.6000s", got.raw)
	}

	// Every film failed: the page goes on, and nobody is approved.
	f, session = begin()
	_, _, marks, stop = f.pages.follows(t)
	says(t, marks, "the beginning")
	f.film(t, "FAILED")
	says(t, marks, "the first film")
	f.film(t, "FAILED")
	says(t, marks, "the last film")
	stop()
	if got := f.pages.get(t, f.step); got.status != http.StatusSeeOther || got.to != "/steps/more" {
		t.Fatalf("after the last film: %d to %s\n%s", got.status, got.to, got.text)
	}
	ends(f, session, "manual_review", "rejected")
	if got := live.must(t, 200, "GET", "/kyc/sessions/"+session, nil); got.str("final_decision") == "approved" || strings.Contains(string(got.raw), `"liveness":{"status":"passed"`) {
		t.Errorf("%.6000s", got.raw)
	}
}

// The address of the organisation's own page is an https address without a
// fragment, which is where the token goes; the page leads there and nowhere else.
func TestThePageThatFilmsIsNamed(t *testing.T) {
	a := newAmazon(t)
	srv := a.server(t)
	_, live := srv.newTenants(t)
	providers := func(page string) map[string]any {
		return map[string]any{"providers": map[string]any{"liveness": []string{"aws_rekognition"}, "liveness_page": page}}
	}
	for _, bad := range []string{"http://app.example.com/", "app.example.com", "javascript:alert(1)", "https://app.example.com/#x", "https://ada@app.example.com/", "https:///x"} {
		if got := live.must(t, 422, "PUT", "/api/v1/settings", providers(bad)); !strings.Contains(string(got.raw), `"/providers/liveness_page"`) {
			t.Errorf("%s: %s", bad, got.raw)
		}
	}
	steps := live.must(t, 201, "POST", "/kyc/workflows", json.RawMessage(filmedSteps)).str("workflow_id")
	list := live.checklist(t, `{"id":"FACE_LIVENESS"}`)
	for _, page := range []string{"", "https://app.example.com/face?from=kyc"} {
		if got := live.must(t, 200, "PUT", "/api/v1/settings", providers(page)); strings.Contains(string(got.raw), "liveness_page") != (page != "") || !strings.Contains(string(got.raw), page) {
			t.Errorf("settings with %q: %s", page, got.raw)
		}
		for _, link := range []string{live.must(t, 201, "POST", "/kyc/sessions", map[string]any{"workflow_id": steps}).str("public_url"),
			live.must(t, 201, "POST", "/v1/sessions", map[string]any{"email": "anna@example.org", "firstName": "Anna", "lastName": "Lovelace", "phone": "+31612345678", "workflowId": list}).at("session_url")} {
			v := visits(t, link)
			v.agrees(t)
			step := "/steps/live"
			if strings.Contains(v.get(t, "/").to+v.get(t, "/status").text, "FACE_LIVENESS") || v.get(t, step).status != http.StatusOK {
				step = "/steps/FACE_LIVENESS"
			}
			got := v.get(t, step)
			want := page + "#token=" + link[strings.LastIndexByte(link, '/')+1:]
			if got.status != http.StatusOK || strings.Contains(got.text, `href="`+want+`" target="_blank" rel="noopener noreferrer"`) != (page != "") || strings.Contains(got.text, "#token=") != (page != "") {
				t.Errorf("with %q: %d %s", page, got.status, got.text)
			}
		}
	}
}

// The console's form, which sends the providers as a whole, keeps the page.
func TestTheDeskKeepsThePageThatFilms(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "")
	_, live := srv.newTenants(t)
	const password = "a long enough password"
	u, err := srv.app.access.CreateUser(t.Context(), access.UserRequest{Org: live.org, Email: "desk@films.example", Role: "admin", Password: password, By: kyc.SystemActor("test")})
	if err != nil {
		t.Fatal(err)
	}
	desk := srv.browser(t)
	desk.page("/console/sign-in", url.Values{"email": {u.Email}, "password": {password}})
	const page = "https://app.example.com/face"
	form := url.Values{"face_match": {"local"}, "liveness": {"local"}, "age_estimation": {"local"}, "document_ocr": {"local"}, "liveness_page": {page}}
	if status, at, text := desk.page("/console/settings/providers", form); status != http.StatusOK || at != "/console/settings" || !strings.Contains(text, `name="liveness_page" type="url" value="`+page+`"`) {
		t.Errorf("%d at %s %s", status, at, text)
	}
	if got := live.must(t, 200, "GET", "/api/v1/settings", nil); !strings.Contains(string(got.raw), `"liveness_page":"`+page+`"`) {
		t.Errorf("the API says %s", got.raw)
	}
	form.Set("liveness_page", "http://app.example.com/")
	if status, _, text := desk.page("/console/settings/providers", form); status != http.StatusUnprocessableEntity || !strings.Contains(text, "https address without a fragment") {
		t.Errorf("an address in plain words: %d %s", status, text)
	}
}

// handedIn says that nothing waits for the applicant of a checklist any more.
func handedIn(a answer) bool {
	return slices.Contains([]string{"SUBMITTED", "VERIFIED", "REJECTED"}, a.at("session_record.status"))
}

// The same on surface B, where the app hands in the step with the organisation's
// key.
func TestAChecklistFilmedInTheApp(t *testing.T) {
	a := newAmazon(t)
	srv := a.server(t)
	_, live := srv.newTenants(t)
	live.amazonFirst(t)
	workflow := live.checklist(t, `{"id":"FACE_LIVENESS"},{"id":"CONSENT"}`)
	begin := func() (*filmed, string) {
		t.Helper()
		s := live.must(t, 201, "POST", "/v1/sessions", map[string]any{"email": "anna@example.org", "firstName": "Anna", "lastName": "Lovelace", "phone": "+31612345678", "workflowId": workflow})
		session := s.at("id")
		act := func(t *testing.T, action string) answer {
			t.Helper()
			return live.must(t, 200, "POST", "/v1/sessions/"+session+"/steps/FACE_LIVENESS", map[string]any{"action": action})
		}
		f := &filmed{a: a, pages: visits(t, s.at("session_url")), step: "/steps/FACE_LIVENESS",
			open:  func(t *testing.T) string { t.Helper(); return act(t, "start").at("liveness.session_id") },
			judge: func(t *testing.T, _ string) { t.Helper(); act(t, "complete") }}
		f.pages.agrees(t)
		return f, session
	}
	f, session := begin()
	f.sendsToTheApp(t)
	_, _, marks, stop := f.pages.follows(t)
	says(t, marks, "the beginning")
	f.film(t, "FAILED")
	f.film(t, "SUCCEEDED")
	says(t, marks, "the films")
	stop()
	if got := f.pages.get(t, f.step); got.status != http.StatusSeeOther || got.to != "/steps/CONSENT" {
		t.Fatalf("after the film: %d to %s\n%s", got.status, got.to, got.text)
	}
	f.pages.post(t, "/steps/CONSENT", url.Values{"f.accepted": {"true"}, "f.legal_name": {"Anna Lovelace"}})
	live.awaitCheck(t, session, handedIn)

	f, session = begin()
	_, _, marks, stop = f.pages.follows(t)
	says(t, marks, "the beginning")
	for range 3 {
		f.film(t, "FAILED")
		says(t, marks, "a film that failed")
	}
	stop()
	if got := f.pages.get(t, f.step); got.status != http.StatusSeeOther || !slices.Contains([]string{"/steps/CONSENT", "/status"}, got.to) {
		t.Fatalf("after the last film: %d to %s\n%s", got.status, got.to, got.text)
	}
	f.pages.post(t, "/steps/CONSENT", url.Values{"f.accepted": {"true"}, "f.legal_name": {"Anna Lovelace"}})
	end := live.awaitCheck(t, session, handedIn)
	if strings.Contains(string(end.raw), `"VERIFIED"`) {
		t.Errorf("%.3000s", end.raw)
	}
}
