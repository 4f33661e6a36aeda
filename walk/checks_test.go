package walk

import (
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
	w.forgive("422") // the first Continue comes too early
	w.goTo(link)
	w.axe()
	w.follow("main form button")
	w.axe()
	w.picture("capture-checks-documents")
	w.follow("form[action$='/steps/ID_VERIFICATION'] button")
	if !strings.Contains(w.text("#problems"), "Front of your document") {
		t.Errorf("nothing was handed in, and the page says %q", w.text("#problems"))
	}
	for _, slot := range []string{"id_front", "selfie_front"} {
		box := "[data-slot='" + slot + "']"
		w.do(chromedp.SetUploadFiles(chromedp.CSS(box+" input[type=file]"), []string{photograph(t)}))
		w.follow(box + " button")
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
	w.axe()
	if st := s.call(t, key, "GET", "/v1/sessions/"+session+"/workflow", ""); st["session_progress"] != "COMPLETED" {
		t.Errorf("in the end the session is %v", st)
	}
}
