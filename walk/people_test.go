package walk

import (
	"fmt"
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

// A desktop that hears nothing of the phone for two minutes says, aloud too, that
// the applicant can go on here; news from the phone takes it back. The page's clock
// is the test's: nothing waits.
func TestADesktopThatLostThePhoneGoesOn(t *testing.T) {
	t.Parallel()
	s := serve(t)
	link := onboarding(t, s, `{"name":"Three forms","steps":[`+askFor("one", 1)+`,`+askFor("two", 2)+`,`+askFor("three", 3)+`]}`)
	desk := open(t, s, look{})
	desk.before(clockOfTheTest)
	desk.goTo(link)
	desk.agree()
	desk.goTo(link + "/phone")
	lost := inLanguage(t, "en", "phone.lost")
	said := func() string { return desk.text("[data-words]") }
	passes := func(ms string) { ask[any](desk, "window.passes("+ms+"), null") }
	phone := open(t, s, look{Phone: true})
	phone.goTo(link)
	phone.write("[name='f.one']", "x")
	phone.follow("form .actions button")
	desk.wait(`document.querySelector("[data-words]").textContent.includes("two")`)

	passes("119_999")
	if got := said(); got == lost {
		t.Fatal("the phone is called lost before its two minutes are over")
	}
	// What the phone does begins the two minutes anew.
	phone.write("[name='f.two']", "x")
	phone.follow("form .actions button")
	desk.wait(`document.querySelector("[data-words]").textContent.includes("three")`)
	passes("119_999")
	if got := said(); got == lost {
		t.Fatal("the two minutes did not begin anew")
	}
	passes("1")
	if got := said(); got != lost {
		t.Errorf("after two minutes without news the desktop says %q", got)
	}
	desk.wait(`document.querySelector("#live[aria-live=polite]").textContent === ` + quoted(lost))
	desk.both()
	if ask[int](desk, `document.querySelectorAll("main a.button[href$='/']").length`) != 1 {
		t.Error("the page offers no way to go on here")
	}
	desk.follow("main a.button[href$='/']")
	desk.at("/steps/three")
	desk.write("[name='f.three']", "x")
	desk.follow("form .actions button")
	desk.follow("button[name=send]")
	desk.at("/status")
	// The phone, found again, is where the desktop has come to.
	phone.goTo(link)
	phone.at("/status")
}

// askFor is a step that asks for one text of its own name.
func askFor(name string, order int) string {
	return fmt.Sprintf(`{"step_id":%q,"order":%d,"name":%q,"type":"form_fill","custom_fields":[{"field_id":%q,"name":"Answer","type":"text","required":true}]}`, name, order, "Step "+name, name)
}

// clockOfTheTest makes the waits of a page that take a minute or more the test's:
// window.passes(milliseconds) lets that much time go by for them.
const clockOfTheTest = `(() => {
	const set = window.setTimeout, clear = window.clearTimeout, first = 1e9, laid = [];
	let now = 0;
	window.setTimeout = (f, ms, ...rest) => ms >= 60_000 ? first + laid.push({ f, at: now + ms }) : set(f, ms, ...rest);
	window.clearTimeout = (id) => { if (id > first) laid[id - first - 1].f = undefined; else clear(id); };
	window.passes = (ms) => {
		now += ms;
		for (const x of laid) if (x.f && x.at <= now) { const f = x.f; x.f = undefined; f(); }
	};
})()`
