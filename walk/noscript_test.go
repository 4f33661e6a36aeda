package walk

import (
	"strings"
	"testing"
)

// choosePicture sends a picture from a page whose camera needs scripts that are
// off: the file field is all there is, and all that is needed.
func (w *window) choosePicture(picture string) {
	w.t.Helper()
	w.press("details[data-pick] summary")
	w.attach("#file", picture)
	w.follow("[data-upload] button")
}

// finished waits for the end of a session on a page that cannot follow it: the
// applicant asks again by the link that stands there.
func (w *window) finished() {
	w.t.Helper()
	w.at("/status")
	w.becomes("the session is finished", func() bool {
		if strings.Contains(w.text("main h1"), "finished") {
			return true
		}
		w.follow("main a[href$='/status']")
		return false
	})
}

// A checklist from its first page to its end without scripts: consent, document,
// face, details, the applicant's own words, one look at everything.
func TestAChecklistWithoutScripts(t *testing.T) {
	t.Parallel()
	s := serve(t)
	key := s.Orgs[0].SandboxKey
	made := s.call(t, s.Orgs[0].LiveKey, "POST", "/v1/workflows", `{"name":"Open an account","steps":[{"id":"ID_VERIFICATION","config":{"maximum_age":99,"face_front_photo_only":true}},{"id":"PEP_SANCTIONS"},{"id":"CONSENT"}]}`)
	workflow, _ := made["workflow"].(map[string]any)
	id, _ := workflow["id"].(string)
	got := s.call(t, key, "POST", "/v1/sessions", `{"email":"anna@example.org","firstName":"Anna","lastName":"Approve","phone":"+31612345678","workflowId":"`+id+`"}`)
	link, _ := got["session_url"].(string)
	session, _ := got["id"].(string)
	picture := photograph(t)

	w := open(t, s, look{Phone: true, NoScript: true})
	w.goTo(link)
	w.press("#consent-processing")
	w.press("#consent-biometrics")
	w.follow("main form button")
	w.at("/steps/ID_VERIFICATION")
	w.follow("[data-slot=id_front] a.button")
	w.press("input[value=passport]")
	w.follow("main form button")
	w.choosePicture(picture)
	w.follow("main a.button")
	w.shows("still missing") // the face
	w.follow("[data-slot=selfie_front] a.button")
	w.choosePicture(picture)
	w.follow("main a.button")
	w.follow("form[action$='/steps/ID_VERIFICATION'] button")

	w.at("/steps/PEP_SANCTIONS")
	w.forgive("422")
	ask[any](w, `document.querySelector("[name$='.date_of_birth']").removeAttribute("required"), null`)
	w.set("[name$='.date_of_birth']", "")
	w.follow("main form button")
	w.shows("Please look at") // the server says what is missing, and nothing else is lost
	w.set("[name$='.date_of_birth']", "1990-02-03")
	w.follow("main form button")

	w.at("/steps/CONSENT")
	w.press("[name$='.accepted']")
	w.write("[name$='.legal_name']", "Anna Approve")
	w.follow("main form button")
	w.finished()
	if st := s.call(t, key, "GET", "/v1/sessions/"+session+"/workflow", ""); st["session_progress"] != "COMPLETED" {
		t.Errorf("in the end the session is %v", st)
	}
}

// The same on surface C's hosted link: document with two sides, details, face,
// everything once more, the way back to who sent the applicant.
func TestAHostedLinkWithoutScripts(t *testing.T) {
	t.Parallel()
	s := serve(t)
	link, run, _ := hostedLink(t, s)
	picture := photograph(t)
	w := open(t, s, look{Phone: true, NoScript: true})
	w.goTo(link)
	w.press("#consent-processing")
	w.press("#consent-biometrics")
	w.follow("main form button")
	w.at("/steps/documents")
	w.follow("[data-slot='document.front'] a.button")
	w.pick("#country", "NL")
	w.press("input[value=id_card]")
	w.follow("main form button")
	w.choosePicture(picture)
	w.follow("main a.button")
	w.shows("Identity card, back")
	w.follow("[data-slot='document.back'] a.button")
	w.choosePicture(picture)
	w.follow("main a.button")
	w.follow("form[action$='/steps/documents'] button")

	w.at("/steps/details")
	w.set("[name$='.date_of_birth']", "1990-05-17")
	w.follow("main form .actions button")
	w.at("/steps/selfie")
	w.choosePicture(picture)
	w.follow("main :is(a.button, .actions button)") // the picture is in order
	w.at("/review")
	w.shows("Identity card, front")
	w.follow("main .actions button")
	w.finished()
	w.shows("Back to")
	got := s.call(t, s.Orgs[0].SandboxKey, "GET", run, "")
	result, _ := got["workflowResult"].(map[string]any)
	if result["workflowExecutionState"] != "COMPLETED" || result["result"] == "INCOMPLETE" {
		t.Errorf("the execution is %v with the result %v", result["workflowExecutionState"], result["result"])
	}
	if strings.Contains(w.text("main"), "undefined") {
		t.Error("the page shows what a script should have filled")
	}
}
