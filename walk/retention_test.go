package walk

import (
	"strings"
	"testing"
)

// Days that reach sessions at once are put into force by a second click, which
// shows how many; a mistake is said and keeps what was written.
func TestRetentionIsPutIntoForceWithASecondClick(t *testing.T) {
	t.Parallel()
	s := serve(t)
	key := s.Orgs[0].SandboxKey
	made := s.call(t, key, "POST", "/api/v1/workflows", `{"name":"Kept","graph":{"entry":"start","nodes":{"start":{"type":"start","next":"look"},"look":{"type":"terminal","outcome":"needs_review"}}}}`)
	workflow, _ := made["id"].(string)
	s.call(t, key, "POST", "/api/v1/workflows/"+workflow+"/publish", "")
	made = s.call(t, key, "POST", "/api/v1/sessions", `{"workflow_id":"`+workflow+`","external_ref":"kept-1","fields":{"full_name":"Wilhelmina Stellengard"}}`)
	session, _ := made["id"].(string)
	s.call(t, key, "POST", "/api/v1/sessions/"+session+"/simulate", `{"outcome":"approve"}`)
	s.call(t, key, "POST", "/api/v1/sandbox/clock", `{"advance_seconds":3456000}`) // 40 days

	w := open(t, s, look{})
	w.enter(s.Orgs[0].User)
	w.toSandbox()
	w.goTo("/console/settings")
	w.forgive("422")
	w.write("#all_sensitive", "90")
	w.write("#all_data", "60")
	w.follow("#retention button")
	if got := w.text("main .errors"); !strings.Contains(got, "what is sensitive is not kept longer") {
		t.Errorf("the second pass before the first: %q", got)
	}
	w.axe()
	w.goTo("/console/settings")
	w.write("#all_sensitive", "30")
	w.write("#all_data", "60")
	w.follow("#retention button")
	if got := w.text("#retention-ask"); !strings.Contains(got, "not in force yet") || !strings.Contains(got, "1 more can no longer be read") {
		t.Errorf("it asks %q", got)
	}
	w.axe()
	w.goTo("/console/sessions/" + session)
	if got := w.text("main"); !strings.Contains(got, "Wilhelmina Stellengard") {
		t.Errorf("it was in force before somebody agreed: %q", got)
	}
	w.goTo("/console/settings")
	w.write("#all_sensitive", "30")
	w.write("#all_data", "60")
	w.follow("#retention button")
	w.follow("#retention button")
	if got := w.text("main"); !strings.Contains(got, "The settings were changed.") {
		t.Errorf("after the second click: %q", got)
	}
	s.call(t, key, "POST", "/api/v1/sandbox/clock", `{"advance_seconds":1}`)
	w.goTo("/console/sessions/" + session)
	if got := w.text("main"); strings.Contains(got, "Wilhelmina") || !strings.Contains(got, "nobody can read it any more") {
		t.Errorf("the session's page says %q", got)
	}
	w.axe()

	// Who may change the settings makes it readable again, with a reason.
	w.press("form[action$='/restore'] button")
	if at := w.path(); !strings.Contains(at, session) || ask[bool](w, `document.querySelector("#restore-reason").validity.valid`) {
		t.Errorf("without a reason it goes to %s", at)
	}
	w.write("#restore-reason", "asked for by the court")
	w.follow("form[action$='/restore'] button")
	if got := w.text("main"); !strings.Contains(got, "can be read again and is under a legal hold") || !strings.Contains(got, "Wilhelmina Stellengard") {
		t.Errorf("after restoring it: %q", got)
	}
	if ask[bool](w, `document.querySelector("form[action$='/restore']") !== null`) {
		t.Error("what can be read is offered to be restored")
	}
	w.both()
	s.call(t, key, "POST", "/api/v1/sandbox/clock", `{"advance_seconds":120}`) // the next sweep
	w.goTo("/console/sessions/" + session)
	if got := w.text("main"); !strings.Contains(got, "Wilhelmina Stellengard") {
		t.Errorf("a session under a legal hold was taken by the next sweep: %q", got)
	}
	w.goTo("/console/audit?action=session.restore")
	if got := w.text("main"); !strings.Contains(got, "asked for by the court") {
		t.Errorf("the chain says %q", got)
	}
}
