package walk

import (
	"errors"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/store/sqlite"
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

// A server whose clock is far beyond its last sweep destroys nothing: the settings
// say so, and who may change them confirms the time, once.
func TestSweepsThatWaitForTheClockAreConfirmed(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	var sandbox kyc.Tenant
	t.Run("before", func(t *testing.T) { // this server ends with it
		s := serveIn(t, data)
		s.call(t, s.Orgs[0].SandboxKey, "PUT", "/api/v1/settings", `{"retention":{"sensitive_data_retention_days":30,"data_retention_days":60}}`)
		id, ok := kyc.Undress("org", s.Orgs[0].ID)
		if !ok {
			t.Fatalf("the organisation is %q", s.Orgs[0].ID)
		}
		sandbox = kyc.Tenant{Org: id, Env: kyc.Sandbox}
	})
	db, err := sqlite.Open(t.Context(), sqlite.Options{Dir: data, Sync: "normal"})
	if err != nil {
		t.Fatal(err)
	}
	state, err := db.RetentionState(t.Context(), sandbox)
	if err != nil && kyc.KindOf(err) != kyc.NotFound {
		t.Fatal(err)
	}
	long := time.Now().AddDate(0, 0, -40)
	state.Meta.ID, state.Tenant, state.TrustedAt, state.SeenAt, state.HeldAt = kyc.RetentionStateID(sandbox), sandbox, long, long, time.Time{}
	state.Touch(time.Now())
	if err := errors.Join(db.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&state}}), db.Close()); err != nil {
		t.Fatal(err)
	}

	s := serveIn(t, data)
	s.call(t, s.Orgs[0].SandboxKey, "POST", "/api/v1/sandbox/clock", `{"advance_seconds":1}`) // the next sweep
	w := open(t, s, look{})
	w.enter(s.Orgs[0].User)
	w.toSandbox()
	w.goTo("/console/settings")
	held := w.text("#retention-sweeps")
	for _, text := range []string{"Nothing is withheld or destroyed at present", long.UTC().Format("2 Jan 2006"), "running time"} {
		if !strings.Contains(held, text) {
			t.Errorf("the settings do not say %q: %s", text, held)
		}
	}
	w.both()
	w.officeWidths()
	w.picture("console-retention-waits")

	// A reviewer is not asked.
	other := open(t, s, look{})
	other.enter(s.Orgs[0].SecondUser)
	other.toSandbox()
	other.forgive("403")
	other.goTo("/console/settings")
	if ask[bool](other, `document.querySelector("form[action$='/retention/clock']") !== null`) {
		t.Error("a reviewer may confirm the clock")
	}

	// A page that was open for long confirms nothing: its time is no longer now.
	ask[any](w, `document.querySelector("form[action$='/retention/clock'] [name=clock]").value = "`+long.UTC().Format(time.RFC3339)+`", null`)
	w.forgive("422")
	w.follow("form[action$='/retention/clock'] button")
	if got := w.text(".errors"); !strings.Contains(got, "the server's clock says") {
		t.Errorf("an old page: %q", got)
	}
	w.axe()
	w.goTo("/console/settings")
	w.reach("form[action$='/retention/clock'] button")
	w.enterHere()
	w.at("/console/settings")
	if got := w.text("main"); !strings.Contains(got, "The clock was confirmed") || strings.Contains(got, "Nothing is withheld or destroyed at present") {
		t.Errorf("after the confirmation: %s", got)
	}
	w.both()
	w.goTo("/console/audit?action=retention.confirm")
	w.shows("Clock confirmed for retention")
}
