package walk

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestAnApplicantOfAChecklist(t *testing.T) {
	t.Parallel()
	s := serve(t)
	key := s.Orgs[0].SandboxKey
	made := s.call(t, s.Orgs[0].LiveKey, "POST", "/v1/workflows", `{"name":"Open an account","steps":[{"id":"ID_VERIFICATION","config":{"maximum_age":99,"face_front_photo_only":true}},{"id":"PEP_SANCTIONS"},{"id":"CONSENT"}]}`)
	workflow, _ := made["workflow"].(map[string]any)
	id, _ := workflow["id"].(string)
	got := s.call(t, key, "POST", "/v1/sessions", `{"email":"anna@example.org","firstName":"Anna","lastName":"Approve","phone":"+31612345678","workflowId":"`+id+`"}`)
	link, _ := got["session_url"].(string)
	session, _ := got["id"].(string)

	w := open(t, s, look{Phone: true})
	w.goTo(link)
	w.axe()
	w.press("#consent-processing")
	w.press("#consent-biometrics")
	w.follow("main form button")
	w.axe()
	w.picture("capture-checks-documents")
	w.shows("the page with the photo is still missing")
	for _, slot := range []string{"id_front", "selfie_front"} {
		w.follow("[data-slot='" + slot + "'] a.button")
		if ask[bool](w, "document.querySelector('input[value=passport]') !== null") {
			w.press("input[value=passport]")
			w.follow("main form button")
		}
		w.wait("document.querySelector('[data-pick]').open") // there is no camera
		w.attach("#file", photograph(t))
		w.follow("[data-upload] button")
	}
	w.axe()
	w.follow("form[action$='/steps/ID_VERIFICATION'] button")
	if !strings.HasSuffix(w.path(), "/steps/PEP_SANCTIONS") {
		t.Fatalf("after the documents the applicant is at %s", w.path())
	}
	w.axe()
	w.do(chromedp.SetValue(chromedp.CSS("[name$='.date_of_birth']"), "1990-02-03"))
	w.follow("main form button")
	if !strings.HasSuffix(w.path(), "/steps/CONSENT") {
		t.Fatalf("after the details the applicant is at %s", w.path())
	}
	w.axe()
	w.press("[name$='.accepted']")
	w.write("[name$='.legal_name']", "Anna Approve")
	w.follow("main form button")
	if !strings.HasSuffix(w.path(), "/status") {
		t.Fatalf("in the end the applicant is at %s", w.path())
	}
	w.wait(`document.readyState === "complete" && document.querySelector("main h1")?.textContent.includes("finished")`) // it goes on by itself
	w.axe()
	if st := s.call(t, key, "GET", "/v1/sessions/"+session+"/workflow", ""); st["session_progress"] != "COMPLETED" {
		t.Errorf("in the end the session is %v", st)
	}
}

// The page that shows everything before the last step is handed in has the
// pictures of a step that was handed in before, too.
func TestAChecklistIsShownOnceMore(t *testing.T) {
	t.Parallel()
	s := serve(t)
	made := s.call(t, s.Orgs[0].LiveKey, "POST", "/v1/workflows", `{"name":"Open an account","steps":[{"id":"DOCUMENT_UPLOAD","config":{"document_types":["proof_of_address"]}},{"id":"AGE_ESTIMATION"}]}`)
	workflow, _ := made["workflow"].(map[string]any)
	id, _ := workflow["id"].(string)
	got := s.call(t, s.Orgs[0].SandboxKey, "POST", "/v1/sessions", `{"email":"anna@example.org","firstName":"Anna","lastName":"Approve","phone":"+31612345678","workflowId":"`+id+`"}`)
	link, _ := got["session_url"].(string)
	w := open(t, s, look{Phone: true, NoScript: true})
	w.goTo(link)
	w.press("#consent-processing")
	w.press("#consent-biometrics")
	w.follow("main form button")
	w.follow("[data-slot=proof_of_address] a.button")
	w.press("details[data-pick] summary")
	w.attach("#file", photograph(t))
	w.follow("[data-upload] button")
	w.seen(1) // the picture that was just sent
	w.follow("main a.button.wide")
	w.seen(1)
	w.follow("form[action$='/steps/DOCUMENT_UPLOAD'] button")
	w.press("details[data-pick] summary")
	w.attach("#file", photograph(t))
	w.follow("[data-upload] button")
	w.goTo(link + "/review")
	w.seen(2)
	w.follow("main .actions button")
	w.at("/status")
}

// seen fails unless the page shows so many pictures of the applicant's, each of
// which the browser could draw once it was scrolled to.
func (w *window) seen(n int) {
	w.t.Helper()
	const drawn = `[...document.images].filter(i => i.src.includes("/pictures/")).filter(i => { i.scrollIntoView(); return i.complete && i.naturalWidth > 0; }).length`
	w.becomes(fmt.Sprintf("%d pictures are shown", n), func() bool { return ask[int](w, drawn) == n })
}
