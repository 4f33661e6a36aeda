package walk

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
)

// captureClear makes a session with a paper that has two sides, a form that the company
// filled in part, and one more form; gives the applicant's link.
func captureClear(t *testing.T, s *server) string {
	t.Helper()
	key := s.Orgs[0].SandboxKey
	s.call(t, key, "PUT", "/api/v1/settings", `{"branding":{"contact":"help@acme.example"}}`)
	made := s.call(t, key, "POST", "/kyc/workflows", `{"name":"Account opening","steps":[
		{"step_id":"papers","order":1,"name":"Your document","type":"document_upload","document_requirements":[{"document_type":"id","display_name":"Passport or card","required":true}]},
		{"step_id":"details","order":2,"name":"About you","type":"form_fill","custom_fields":[
			{"field_id":"who","name":"Full name","type":"name","name_type":"individual","required":true},
			{"field_id":"birth","name":"Date of birth","type":"date","required":true},
			{"field_id":"mail","name":"E-mail address","type":"email","required":true},
			{"field_id":"phone","name":"Phone number","type":"phone","required":true},
			{"field_id":"branch","name":"Branch","type":"select","required":true,"options":["a","b","c","d","e","f","g","h"]}]},
		{"step_id":"last","order":3,"name":"One more thing","type":"form_fill","required":false,"custom_fields":[{"field_id":"note","name":"Anything to add?","type":"text"}]}],
		"validation_config":{"run_lists":false,"automation_rules":{"enabled":true,"auto_process":true,"default_action":"auto_approve"}}}`)
	of, _ := made["workflow_id"].(string)
	got := s.call(t, key, "POST", "/kyc/sessions", `{"workflow_id":"`+of+`","client_id":"order-4711","prefill":{"who":"Sam Sample"}}`)
	link, _ := got["public_url"].(string)
	if link == "" {
		t.Fatalf("no link: %v", got)
	}
	return link
}

// Pages name what an applicant chose and did, show the pictures once more, and
// say where each value comes from and whom to ask.
func TestCapturePagesSayWhatTheyAreAbout(t *testing.T) {
	t.Parallel()
	s := serve(t)
	link := captureClear(t, s)
	w := open(t, s, look{Phone: true, NoScript: true})
	w.forgive("422")
	w.goTo(link)
	if got := ask[string](w, `document.querySelector("[data-names]").textContent`); !strings.Contains(got, "TAMPERED") {
		t.Errorf("the first page does not tell testers what they may try: %s", got)
	}
	w.press("#consent-processing")
	w.follow("main form button")

	// The chosen document has a name of its own, and its optional side a way past.
	w.follow("main ul a.button")
	w.shows("Accepted here: Passport, Identity card, Driving licence or Residence permit.")
	w.press("input[value=id_card]")
	w.follow("main form button")
	if got := w.text("main h1"); got != "Identity card, front" {
		t.Errorf("the page of the front is headed %q", got)
	}
	w.press("summary")
	w.attach("#file", photograph(t))
	w.follow("[data-upload] button")
	w.shows("Received: Identity card, front")
	w.follow("main a.button")
	w.shows("1 of 2")
	if !ask[bool](w, `document.querySelector(".progress [aria-current]").classList.contains("part-5")`) {
		t.Error("the bar does not tell that half of the step is done")
	}
	w.shows("after you continue they cannot be changed")
	w.follow("[data-slot='id.back'] a.button")
	if got := w.text("main h1"); got != "Identity card, back (optional)" {
		t.Errorf("the page of the back is headed %q", got)
	}
	w.follow("main a.button.plain.wide")
	w.at("/steps/papers")
	w.follow("form[action$='/steps/papers'] button")

	// The form says what the company gave, how a number is written, and in the
	// summary which question is meant.
	w.shows("Acme gave this together with the link")
	w.shows("With the country code")
	ask[any](w, `document.querySelector("[name='f.mail']").value = "nobody", null`)
	ask[any](w, `document.querySelector("[name='f.phone']").value = "06", null`)
	w.follow("form .actions button")
	for _, label := range []string{"Date of birth: ", "E-mail address: ", "Phone number: ", "Branch: "} {
		if got := w.text("#problems"); !strings.Contains(got, label) {
			t.Errorf("the summary does not name %s: %s", label, got)
		}
	}
	if got := ask[string](w, `[...new Set([...document.querySelectorAll("[aria-invalid=true]")].map(e => getComputedStyle(e).borderTopColor))].join("; ")`); strings.Contains(got, ";") || got == "" {
		t.Errorf("wrong answers have edges of different colours: %q", got)
	}
	w.picture("capture-form-named")
	w.set("[name='f.birth']", "1990-05-17")
	w.set("[name='f.mail']", "sam@example.com")
	w.set("[name='f.phone']", "+31 6 12345678")
	w.pick("[name='f.branch']", "a")
	w.follow("form .actions button")
	w.at("/steps/last")
	w.follow("form .actions button")

	// Everything once more: the picture itself, and whom to tell of a mistake.
	w.shows("Check your answers")
	w.shows("Identity card, front")
	if got := w.text("main"); strings.Contains(got, "card.jpg") {
		t.Errorf("a picture is shown as the name of its file:\n%s", got)
	}
	w.wait(`document.querySelector("dd img").naturalWidth > 0`) // the picture of the document is shown
	if got := ask[string](w, `document.querySelector("dd img").alt`); got != "Identity card, front" {
		t.Errorf("the picture is described as %q", got)
	}
	w.shows("help@acme.example")
	w.picture("capture-review-pictures")
	w.follow("button[name=send]")
	w.at("/status")
	w.shows("order-4711")
	if got := w.text("footer"); strings.Contains(got, "stays valid") || !strings.Contains(got, "help@acme.example") {
		t.Errorf("in the end the foot says %q", got)
	}
}

// With scripts a message goes as soon as its answer was put right.
func TestCaptureMessagesGoWithTheirMistake(t *testing.T) {
	t.Parallel()
	s := serve(t)
	link := onboarding(t, s, `{"name":"Account opening","steps":[{"step_id":"details","order":1,"name":"About you","type":"form_fill","custom_fields":[
		{"field_id":"nick","name":"What do people call you?","type":"text","required":true},{"field_id":"mail","name":"E-mail address","type":"email","required":true}]}]}`)
	w := open(t, s, look{Phone: true})
	w.forgive("422")
	w.goTo(link)
	w.agree()
	w.follow("form .actions button")
	w.wait(`document.querySelectorAll("#problems li").length === 2 && document.querySelectorAll("[data-problem]").length === 2`)
	w.write("[name='f.nick']", "Ada\t")
	w.wait(`document.querySelectorAll("#problems li").length === 1 && document.querySelector("[name='f.nick']").getAttribute("aria-invalid") === null`)
	w.write("[name='f.mail']", "ada\t") // no address yet
	w.wait(`document.activeElement.name !== "f.mail"`)
	if n := ask[int](w, `document.querySelectorAll("[data-problem]").length`); n != 1 {
		t.Errorf("%d messages stand although the address is still wrong", n)
	}
	w.axe()
	w.write("[name='f.mail']", "@example.com\t")
	w.wait(`!document.querySelector("#problems") && !document.querySelector("[data-problem]")`)
}

// Whoever holds a phone is not asked to point a phone at a code first.
func TestCaptureHandOffOnAPhone(t *testing.T) {
	t.Parallel()
	s := serve(t)
	link := onboarding(t, s, `{"name":"Selfie","steps":[{"step_id":"face","order":1,"name":"A picture of you","type":"selfie"}]}`)
	w := open(t, s, look{Phone: true})
	most := int64(1)
	tell(w, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: true, MaxTouchPoints: most})
	w.goTo(link)
	if !ask[bool](w, `matchMedia("(pointer: coarse)").matches`) {
		t.Fatal("the browser does not pretend to be a phone")
	}
	shown := func(css string) bool {
		return ask[bool](w, `document.querySelector(`+quoted(css)+`).checkVisibility()`)
	}
	if shown(".actions a[href$='/phone']") || !shown("p > a[href$='/phone']") {
		t.Error("a phone is offered to continue on a phone")
	}
	w.goTo(link + "/phone")
	if got := ask[string](w, `document.querySelector("main h1").innerText`); got != "Continue on another device" {
		t.Errorf("the page is headed %q", got)
	}
	if !ask[bool](w, `document.querySelector("#link").getBoundingClientRect().top < document.querySelector(".qr").getBoundingClientRect().top`) {
		t.Error("the code comes before the link")
	}
	if got := w.text("[data-words]"); strings.Contains(got, "step 1") || !strings.Contains(got, "has not begun") {
		t.Errorf("before the consent the page says %q", got)
	}
	w.shows("127.0.0.1")
	w.shows("--public-url")
	w.good("another-device")
	desk := open(t, s, look{})
	desk.goTo(link + "/phone")
	if got := ask[string](desk, `document.querySelector("main h1").innerText`); got != "Continue on your phone" {
		t.Errorf("at a desk the page is headed %q", got)
	}
}
