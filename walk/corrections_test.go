package walk

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestACorrectionRoundTrip(t *testing.T) {
	t.Parallel()
	s := serve(t)
	key := s.Orgs[0].SandboxKey
	id, link := session(t, s, key, `{"name":"Account opening","steps":[
		{"step_id":"papers","order":1,"name":"Your passport","type":"document_upload","document_requirements":[{"document_type":"passport"},{"document_type":"proof_of_address","required":false}]},
		{"step_id":"details","order":2,"name":"About you","type":"form_fill","custom_fields":[
			{"field_id":"full_name","name":"Full name","type":"name","name_type":"individual","required":true},
			{"field_id":"town","name":"Town","type":"text","required":true}]}],
		"validation_config":{"run_lists":false,"automation_rules":{"enabled":true,"auto_process":true,"default_action":"manual_review"}}}`)
	w := open(t, s, look{Phone: true})
	send := func() {
		w.wait(`document.querySelector("[data-pick]").open`) // there is no camera
		w.attach("#file", photograph(t))
		w.follow("[data-upload] button")
	}
	w.goTo(link)
	w.agree()
	w.follow("main ul a.button")
	send()
	w.follow("form[action$='/steps/papers'] button")
	w.write("[name='f.full_name']", "Ada Approve")
	w.write("[name='f.town']", "Utrech")
	w.follow("form .actions button")
	w.follow("button[name=send]")
	w.wait(`document.querySelector("h1").textContent.includes("everything has arrived")`)
	w.good("status-working")

	s.call(t, key, "POST", "/kyc/sessions/"+id+"/corrections", `{"items":[
		{"step_id":"papers","document_types":["passport"],"code":"blurry","message":"The number cannot be read."},
		{"step_id":"details","field_ids":["town"],"code":"other","message":"Is a letter missing?"}]}`)
	// The open page learns of it by itself.
	w.wait(`document.querySelector("h1").textContent.includes("put something right")`)
	w.shows("The number cannot be read.")
	w.good("corrections")
	w.follow("main section:nth-of-type(1) a.button")
	w.shows("The number cannot be read.")
	if strings.Contains(w.text("main"), "Proof of address") {
		t.Error("a document is asked for that the correction does not name")
	}
	w.follow("main ul a.button")
	w.wait(`document.querySelector("figure.old img").naturalWidth > 0`) // the old picture
	send()
	w.seen(1) // what still loads when the step is handed in is refused
	w.follow("form[action$='/steps/papers'] button")
	w.at("/status")
	w.follow("main section a.button")
	if ask[bool](w, `document.querySelector("[name='f.full_name']") !== null`) {
		t.Error("a field is asked for that the correction does not name")
	}
	w.shows("Is a letter missing?")
	w.write("[name='f.town']", "t")
	w.good("correct-form")
	w.follow("form .actions button")
	w.wait(`document.querySelector("h1").textContent.includes("everything has arrived")`)
	got := s.call(t, key, "GET", "/kyc/sessions/"+id, "")
	if got["status"] != "manual_review" {
		t.Errorf("the session is %v", got["status"])
	}
	if all := fmt.Sprint(got["corrections"]); !strings.Contains(all, "accepted") && !strings.Contains(all, "submitted") {
		t.Errorf("the corrections are %v", all)
	}
}

// Of a step with two papers and one with two questions the desk asks for one each;
// the applicant is asked for these and for nothing else.
func TestACorrectionNamesSinglePapers(t *testing.T) {
	t.Parallel()
	s := serve(t)
	key := s.Orgs[0].SandboxKey
	id, link := session(t, s, key, `{"name":"Account opening","steps":[
		{"step_id":"papers","order":1,"name":"Your papers","type":"document_upload","document_requirements":[{"document_type":"passport"},{"document_type":"proof_of_address"}]},
		{"step_id":"details","order":2,"name":"About you","type":"form_fill","custom_fields":[
			{"field_id":"street","name":"Street","type":"text","required":true},{"field_id":"town","name":"Town","type":"text","required":true},{"field_id":"floor","name":"Floor","type":"text","required":false}]}],
		"validation_config":{"run_lists":false,"automation_rules":{"enabled":true,"auto_process":true,"default_action":"manual_review"}}}`)
	a := open(t, s, look{Phone: true})
	a.goTo(link)
	a.agree()
	picture := photograph(t)
	for range 2 {
		a.follow("main ul a.button:not(.plain)")
		a.wait(`document.querySelector("[data-pick]").open`) // there is no camera
		a.attach("#file", picture)
		a.follow("[data-upload] button")
		a.at("/steps/papers")
	}
	a.follow("form[action$='/steps/papers'] button")
	a.write("[name='f.street']", "Oudegracht 1")
	a.write("[name='f.town']", "Utrech")
	a.follow("form .actions button")
	a.follow("button[name=send]")
	a.at("/status")

	w := open(t, s, look{})
	w.sandboxAs(s.Orgs[0].SecondUser)
	w.until("1 to 1 of 1")
	w.keys("n")
	w.wait(`location.pathname.startsWith("/console/cases/") && document.readyState === "complete"`)
	w.keys("c")
	w.wait(`document.activeElement?.closest("form[action$='/corrections']") !== null`)
	if offered := ask[string](w, `[...document.querySelectorAll("[name='question:details']")].map(e => e.value).join()`); offered != "street,town" {
		t.Errorf("asked for again can be %s; the floor was never said", offered)
	}
	for _, box := range []string{"[name=step][value=papers]", "[name='document:papers'][value=proof_of_address]", "[name=step][value=details]", "[name='question:details'][value=town]"} {
		w.caseReach(box)
		w.strike(" ")
	}
	w.both()
	w.fits()
	w.caseReach("#correct-code")
	w.do(chromedp.SendKeys(chromedp.CSS("#correct-code"), "Incomplete"))
	w.caseReach("#correct-text")
	w.keys("This one again, please.")
	w.enterHere()
	w.arrive("/console/queue")

	a.wait(`document.querySelector("h1").textContent.includes("put something right")`)
	a.follow("main section:nth-of-type(1) a.button")
	if page := a.text("main"); !strings.Contains(page, "Proof of address") || strings.Contains(page, "Passport") {
		t.Errorf("of the papers the applicant is asked for %s", page)
	}
	a.follow("main ul a.button")
	a.wait(`document.querySelector("[data-pick]").open`)
	a.attach("#file", picture)
	a.follow("[data-upload] button")
	a.seen(1) // what still loads when the step is handed in is refused
	a.follow("form[action$='/steps/papers'] button")
	a.at("/status")
	a.follow("main section a.button")
	if ask[bool](a, `document.querySelector("[name='f.street'], [name='f.floor']") !== null`) {
		t.Error("a question is asked that nobody named")
	}
	a.write("[name='f.town']", "t")
	a.follow("form .actions button")
	a.wait(`document.querySelector("h1").textContent.includes("everything has arrived")`)
	got := s.call(t, key, "GET", "/kyc/sessions/"+id, "")
	if all := fmt.Sprint(got["corrections"]); got["status"] != "manual_review" || !strings.Contains(all, "document_types:[proof_of_address]") || !strings.Contains(all, "field_ids:[town]") {
		t.Errorf("the session is %v, its corrections %s", got["status"], all)
	}
}
