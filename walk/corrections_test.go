package walk

import (
	"fmt"
	"strings"
	"testing"
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
