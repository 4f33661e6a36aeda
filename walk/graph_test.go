package walk

import (
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// graphLink makes a workflow of surface D that asks for data and a session, and
// gives the session's id and its link.
func graphLink(t *testing.T, s *server, requirements string) (id, link string) {
	t.Helper()
	key := s.Orgs[0].SandboxKey
	made := s.call(t, key, "POST", "/api/v1/workflows", `{"name":"capture","graph":{"entry":"start","nodes":{
		"start":{"type":"start","next":"read"},
		"read":{"type":"policy","policy":"document_ocr","on_pass":"yes","on_fail":"look"},
		"yes":{"type":"terminal","outcome":"approved"},
		"look":{"type":"terminal","outcome":"needs_review"}}},"data_requirements":`+requirements+`}`)
	workflow, _ := made["id"].(string)
	s.call(t, key, "POST", "/api/v1/workflows/"+workflow+"/publish", `{}`)
	got := s.call(t, key, "POST", "/api/v1/sessions", `{"workflow_id":"`+workflow+`"}`)
	id, _ = got["id"].(string)
	link, _ = got["capture_url"].(string)
	return id, link
}

// photograph is a picture with structure, such as of a document.
func photograph(t *testing.T) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 1200, 800))
	for y := range 800 {
		for x := range 1200 {
			img.Set(x, y, color.RGBA{uint8(x*y) | 64, uint8(x ^ y), uint8(x / 5), 255}) //nolint:gosec // a pattern
		}
	}
	file := filepath.Join(t.TempDir(), "card.jpg")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := jpeg.Encode(f, img, nil); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestALinkThatServesOnce(t *testing.T) {
	t.Parallel()
	s := serve(t)
	id, link := graphLink(t, s, `{"document_front":true,"document_back":true,"user_info":{"first_name":true,"last_name":true},"consents":[{"name":"terms","title":"The terms of the bank"}]}`)
	status := func() any { return s.call(t, s.Orgs[0].SandboxKey, "GET", "/api/v1/sessions/"+id, "")["status"] }

	w := open(t, s, look{Phone: true})
	w.goTo(link)
	w.axe()
	if got := status(); got != "pending" {
		t.Fatalf("looking at the page made the session %v", got)
	}
	w.follow("main form button")
	if got := status(); got != "capturing" {
		t.Errorf("after Start the session is %v", got)
	}
	w.press("#consent-terms")
	w.press("#consent-processing")
	w.follow("main form button")
	if !strings.HasSuffix(w.path(), "/steps/documents") {
		t.Fatalf("after the consent the applicant is at %s", w.path())
	}
	w.axe()

	// Somebody else with the used link is shown nothing.
	other := open(t, s, look{Phone: true})
	other.forgive("404")
	other.goTo(link)
	if got := other.text("main"); strings.Contains(got, "Front") || !strings.Contains(got, "link") {
		t.Errorf("the link on another device shows %q", got)
	}

	// With a code of the first device the other one goes on.
	w.goTo(link + "/phone")
	w.axe()
	code := get(w, chromedp.Value(chromedp.CSS("#link")))
	if !strings.HasPrefix(code, link+"/join/") {
		t.Fatalf("the code for another device is %q", code)
	}
	other.goTo(code)
	other.axe()
	other.picture("capture-join")
	other.follow("main form button")
	if !strings.HasSuffix(other.path(), "/steps/documents") {
		t.Fatalf("the other device is at %s", other.path())
	}
	other.follow("main ul a.button")
	other.press("input[value=passport]")
	other.follow("main form button")
	other.wait("document.querySelector('[data-pick]').open") // there is no camera
	other.attach("#file", photograph(t))
	other.follow("[data-upload] button")
	if got := other.text("main"); strings.Contains(got, "back") {
		t.Errorf("the back of a passport is asked for:\n%s", got)
	}
	other.follow("form[action$='/steps/documents'] button")
	other.axe()
	if !other.marked("[name$='.first_name']") {
		t.Error("what the document told is not marked")
	}
	other.set("[name$='.first_name']", "Approve")
	other.set("[name$='.last_name']", "Sample")
	other.follow("main form button")
	if !strings.HasSuffix(other.path(), "/status") {
		t.Fatalf("in the end the applicant is at %s: %s", other.path(), other.text("main"))
	}
	other.wait(`document.querySelector("h1").textContent.includes("finished")`) // by itself
	other.axe()
	if got := status(); got == "capturing" || got == "pending" {
		t.Errorf("in the end the session is %v", got)
	}
}

// A card has a back, which is asked for once its front came; without it the
// session is not handed in.
func TestACardOfAGraphHasABack(t *testing.T) {
	t.Parallel()
	s := serve(t)
	_, link := graphLink(t, s, `{"document_front":true,"document_back":true}`)
	w := open(t, s, look{Phone: true, NoScript: true})
	w.goTo(link)
	w.follow("main form button")
	w.press("#consent-processing")
	w.follow("main form button")
	w.at("/steps/documents")
	if got := w.text("main"); strings.Contains(got, "back") {
		t.Errorf("the back is asked for before anybody knows whether there is one:\n%s", got)
	}
	w.follow("main ul a.button")
	w.press("input[value=id_card]")
	w.follow("main form button")
	w.press("summary")
	w.attach("#file", photograph(t))
	w.follow("[data-upload] button")
	w.follow("main a.button")
	w.shows("Identity card, back")
	w.shows("still missing")
	w.follow("[data-slot=document_back] a.button")
	w.press("summary")
	w.attach("#file", photograph(t))
	w.follow("[data-upload] button")
	w.follow("main a.button")
	w.follow("form[action$='/review'] button")
	w.shows("Check your answers")
	w.follow("main .actions button")
	w.at("/status")
}
