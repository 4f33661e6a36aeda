package walk

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestACompanyInvitesItsOwners(t *testing.T) {
	t.Parallel()
	s := serve(t)
	key := s.Orgs[0].SandboxKey
	made := s.call(t, key, "POST", "/kyc/workflows", `{"name":"An owner","steps":[{"step_id":"name","order":1,"name":"Your name","type":"form_fill","custom_fields":[
		{"field_id":"full_name","name":"Full name","type":"name","name_type":"individual","required":true}]}]}`)
	owner, _ := made["workflow_id"].(string)
	_, link := session(t, s, key, `{"name":"Company account","steps":[{"step_id":"owners","order":1,"name":"Owners","type":"subsession_collection",
		"instructions":"Please invite everybody who owns more than a quarter.","subsession_config":{"workflow_id":"`+owner+`","max_subsessions":2,"min_subsessions":2,"require_completion_before_proceed":true}}]}`)
	w := open(t, s, look{Phone: true})
	w.goTo(link)
	w.agree()
	w.shows("Please invite 2 more people")
	w.good("people")
	var links []string
	// fresh is the link that was just made, once the page with it has come.
	fresh := func(before string) string {
		w.wait(`document.readyState === "complete" && (document.querySelector("#link")?.value ?? "") > "" && document.querySelector("#link").value !== "` + before + `"`)
		return get(w, chromedp.Value(chromedp.CSS("#link")))
	}
	last := ""
	invite := func(name string) {
		w.write("#name", name)
		w.pick("#role", "ubo")
		w.follow("button[value=invite]")
		last = fresh(last)
		links = append(links, last)
	}
	invite("Ada Approve")
	w.good("people-link")
	w.shows("Please invite one more person")
	invite("Bob Approve")
	w.shows("Ada Approve is not finished yet")
	if ask[bool](w, `document.querySelector("form[action$='/review']") !== null`) {
		t.Error("Continue is there although nobody is finished")
	}
	// A new link ends the old one.
	w.follow("main ul li:nth-of-type(2) button[value=relink]")
	old := links[1]
	links[1] = fresh(old)
	for i, address := range append(links, old) {
		o := open(t, s, look{Phone: true})
		if i == 2 {
			o.forgive("404")
			o.goTo(address)
			o.shows("does not work any more")
			o.good("ended")
			continue
		}
		o.goTo(address)
		o.agree()
		o.write("[name='f.full_name']", "Owner Approve")
		o.follow("form .actions button")
		o.follow("button[name=send]")
	}
	// The company's page hears of it.
	w.goTo(link + "/steps/owners")
	w.wait(`document.querySelector("form[action$='/review']") !== null`)
	w.follow("form[action$='/review'] button")
	w.shows("Ada Approve")
	w.follow("main .actions button")
	w.at("/status")
	if strings.Contains(w.text("main"), "not finished") {
		t.Error("the company's check is not finished")
	}
}

func TestADesktopFollowsThePhone(t *testing.T) {
	t.Parallel()
	s := serve(t)
	link := onboarding(t, s, `{"name":"Selfie","steps":[{"step_id":"face","order":1,"name":"A picture of you","type":"selfie"},
		{"step_id":"more","order":2,"name":"About you","type":"form_fill","custom_fields":[{"field_id":"nick","name":"What do people call you?","type":"text","required":true}]}]}`)
	desk := open(t, s, look{})
	desk.goTo(link)
	desk.agree()
	desk.goTo(link + "/phone")
	desk.axe()
	desk.picture("capture-continue-on-phone")
	if got := get(desk, chromedp.Value(chromedp.CSS("#link"))); got != link {
		t.Errorf("the code leads to %s, not to %s", got, link)
	}
	phone := open(t, s, look{Phone: true, Film: film(t, 640, 480, 6, crisp)})
	phone.goTo(link)
	phone.shoot()
	desk.wait(`document.querySelector("[data-words]").textContent.includes("About you")`)
	phone.write("[name='f.nick']", "Ada")
	phone.follow("form .actions button")
	phone.follow("button[name=send]")
	desk.at("/status") // by itself
}
