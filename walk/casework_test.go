package walk

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// caseReach presses Tab until an element has the focus, and fails when the focus
// cannot be seen on it.
func (w *window) caseReach(css string) {
	w.t.Helper()
	w.reach(css)
	if !ask[bool](w, `(() => { const s = getComputedStyle(document.activeElement); return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0; })()`) {
		w.t.Errorf("the focus on %s cannot be seen", css)
	}
}

// A reviewer judges a hit, writes a note and escalates with keys only; the
// colleague sees the verdict, takes it back and decides.
func TestVerdictsOnHits(t *testing.T) {
	t.Parallel()
	s := serve(t)
	id := waitingCase(t, s, "SANCTION")
	page := "/console/cases/" + id
	w := open(t, s, look{})
	w.sandboxAs(s.Orgs[0].SecondUser)
	w.keys("j")
	w.keys("\r")
	w.arrive(page)
	if asked := w.text("article.hit"); !strings.Contains(asked, "SANCTION") || !strings.Contains(asked, "Points") {
		t.Errorf("the hit shows %s", asked)
	}
	w.caseReach("article.hit input[name=word]")
	w.strike(kb.ArrowDown) // the second of three: not the same
	w.wait(`document.querySelector("article.hit input[name=word]:checked").value === "other"`)
	w.caseReach("article.hit input[name=reason]")
	w.keys("Another date of birth")
	w.enterHere()
	w.arrive(page)
	w.wait(`document.querySelector("article.hit").textContent.includes("Another date of birth")`)
	if said := w.text("article.hit h4"); !strings.Contains(said, "not the same") {
		t.Errorf("after the verdict the hit is headed %q", said)
	}
	w.both()

	w.keys("m")
	w.wait(`document.activeElement?.closest("#notes, .notes, form[action$='/notes']") !== null`)
	w.keys("Asked the branch for a second document.")
	w.reach("form[action$='/notes'] button")
	w.enterHere()
	w.wait(`document.querySelector("main").textContent.includes("Asked the branch")`)

	w.keys("e")
	w.wait(`document.activeElement?.id === "escalate-to"`)
	w.strike(kb.ArrowDown)
	w.wait(`document.querySelector("#escalate-to").value !== ""`)
	w.reach("#escalate-text")
	w.keys("Unsure about the alias")
	w.enterHere()
	w.arrive("/console/queue")

	other := open(t, s, look{Dark: true})
	other.sandboxAs(s.Orgs[0].User)
	other.goTo(page)
	other.axe()
	for _, text := range []string{"Unsure about the alias", "Another date of birth", "Asked the branch for a second document."} {
		other.shows(text)
	}
	// Whoever it was escalated to takes it and says something else of the hit.
	if ask[bool](other, `document.querySelector("form[action$='/claim'] button") !== null`) {
		other.follow("form[action$='/claim'] button")
	}
	other.press("article.hit input[value=same]")
	other.write("article.hit input[name=reason]", "The alias is his")
	other.follow("article.hit .verdict button")
	if said := other.text("article.hit h4"); !strings.HasSuffix(said, " the same") || strings.Contains(said, "not the same") {
		t.Errorf("after the second verdict the hit is headed %q", said)
	}
	other.keys("r")
	other.wait(`document.activeElement.id === "reject-code"`)
	other.strike(kb.ArrowDown)
	other.reach("#reject-text")
	other.keys("Listed")
	other.enterHere()
	other.arrive("/console/queue")
	if got := s.call(t, s.Orgs[0].SandboxKey, "GET", "/api/v1/cases/"+id, ""); got["status"] != "rejected" {
		t.Errorf("the case is %v", got["status"])
	}
}

// A reviewer asks for a correction at the desk, and the applicant's page that is
// open asks for it.
func TestACorrectionIsAskedForAtTheDesk(t *testing.T) {
	t.Parallel()
	s := serve(t)
	key := s.Orgs[0].SandboxKey
	id, link := session(t, s, key, `{"name":"Account opening","steps":[
		{"step_id":"details","order":1,"name":"About you","type":"form_fill","custom_fields":[
			{"field_id":"full_name","name":"Full name","type":"name","name_type":"individual","required":true},
			{"field_id":"town","name":"Town","type":"text","required":true}]}],
		"validation_config":{"run_lists":false,"automation_rules":{"enabled":true,"auto_process":true,"default_action":"manual_review"}}}`)
	a := open(t, s, look{Phone: true})
	a.goTo(link)
	a.agree()
	a.write("[name='f.full_name']", "Ada Approve")
	a.write("[name='f.town']", "Utrech")
	a.follow("form .actions button")
	a.follow("button[name=send]")
	a.at("/status")

	w := open(t, s, look{})
	w.sandboxAs(s.Orgs[0].SecondUser)
	w.until("1 to 1 of 1")
	w.keys("n")
	w.wait(`location.pathname.startsWith("/console/cases/") && document.readyState === "complete"`)
	w.shows("Ada Approve")
	w.keys("c")
	w.wait(`document.activeElement?.closest("form[action$='/corrections']") !== null`)
	w.both()
	// Without a step nothing is asked; what is missing is said.
	w.reach("form[action$='/corrections'] input[name=step]")
	w.strike(" ")
	w.reach("#correct-code")
	w.strike(kb.ArrowDown)
	w.reach("#correct-text")
	w.keys("Is a letter missing?")
	w.enterHere()
	w.arrive("/console/queue")
	if got := w.text(".note.good"); !strings.Contains(got, "asked for a correction") {
		t.Errorf("the desk says %q", got)
	}
	a.wait(`document.querySelector("h1").textContent.includes("put something right")`) // by itself
	a.shows("Is a letter missing?")
	a.follow("main section a.button")
	a.do(chromedp.Clear(chromedp.CSS("[name='f.town']")))
	a.write("[name='f.town']", "Utrecht")
	a.follow("form .actions button")
	a.at("/status")
	got := s.call(t, key, "GET", "/kyc/sessions/"+id, "")
	if got["status"] != "manual_review" {
		t.Errorf("the session is %v", got["status"])
	}
	// The reviewer finds the answer that came in.
	w.goTo("/console/queue")
	w.until("1 to 1 of 1")
	w.keys("j")
	w.keys("\r")
	w.wait(`location.pathname.startsWith("/console/cases/") && document.readyState === "complete"`)
	w.shows("Utrecht")
}

// Each step of a correction gets the reason that is meant for it, and the
// applicant reads it at that step; a step without one gets the reason for all.
func TestEachStepOfACorrectionHasItsReason(t *testing.T) {
	t.Parallel()
	s := serve(t)
	key := s.Orgs[0].SandboxKey
	form := func(id, name string) string {
		return `{"step_id":"` + id + `","order":` + map[string]string{"who": "1", "where": "2", "work": "3"}[id] + `,"name":"` + name + `","type":"form_fill","custom_fields":[
			{"field_id":"` + id + `_text","name":"Answer","type":"text","required":true}]}`
	}
	id, link := session(t, s, key, `{"name":"Account opening","steps":[`+form("who", "About you")+","+form("where", "Where you live")+","+form("work", "Your work")+`],
		"validation_config":{"run_lists":false,"automation_rules":{"enabled":true,"auto_process":true,"default_action":"manual_review"}}}`)
	a := open(t, s, look{Phone: true})
	a.goTo(link)
	a.agree()
	for _, name := range []string{"who", "where", "work"} {
		a.write("[name='f."+name+"_text']", "Something")
		a.follow("form .actions button")
	}
	a.follow("button[name=send]")
	a.at("/status")

	w := open(t, s, look{})
	w.sandboxAs(s.Orgs[0].SecondUser)
	w.until("1 to 1 of 1")
	w.keys("n")
	w.wait(`location.pathname.startsWith("/console/cases/") && document.readyState === "complete"`)
	w.keys("c")
	w.wait(`document.activeElement?.closest("form[action$='/corrections']") !== null`)
	if ask[bool](w, `[...document.querySelectorAll(".own")].some(e => e.checkVisibility())`) {
		t.Error("steps that are not chosen ask for a reason")
	}
	w.reach("input[name=step][value=who]")
	w.strike(" ")
	w.caseReach("[name='code:who']")
	w.do(chromedp.SendKeys(chromedp.CSS("[name='code:who']"), "Name"))
	w.caseReach("[name='text:who']")
	w.keys("Write both first names.")
	if !ask[bool](w, `!document.querySelector("#correct-code").required && !document.querySelector("#correct-text").required`) {
		t.Error("a reason for all is asked for although every chosen step has its own")
	}
	w.reach("input[name=step][value=where]")
	w.strike(" ")
	w.wait(`document.querySelector("#correct-code").required && document.querySelector("#correct-text").required`)
	w.both()
	w.wide(320)
	if over := ask[int](w, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); over > 0 {
		t.Errorf("the form is %d pixels too wide for 320", over)
	}
	tell(w, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: deskWidth, Height: deskHeight, DeviceScaleFactor: 1})
	w.picture("console-correction")
	w.reach("#correct-code")
	w.do(chromedp.SendKeys(chromedp.CSS("#correct-code"), "Address"))
	w.reach("#correct-text")
	w.keys("The street has no number.")
	w.enterHere()
	w.arrive("/console/queue")

	a.wait(`document.querySelector("h1").textContent.includes("put something right")`)
	cards := func(n string) string { return a.text("main section:nth-of-type(" + n + ")") }
	for n, want := range map[string][]string{"1": {"About you", "Write both first names."}, "2": {"Where you live", "The street has no number."}} {
		for _, text := range want {
			if got := cards(n); !strings.Contains(got, text) {
				t.Errorf("item %s says %q, not %q", n, got, text)
			}
		}
	}
	if strings.Contains(a.text("main"), "Your work") {
		t.Error("a step is asked for that nobody chose")
	}
	a.follow("main section:nth-of-type(2) a.button")
	a.shows("The street has no number.")
	if strings.Contains(a.text("main"), "both first names") {
		t.Error("the step shows the reason of another one")
	}
	a.good("correction-own-reason")
	items := fmt.Sprint(s.call(t, key, "GET", "/kyc/sessions/"+id, "")["corrections"])
	for _, want := range []string{"name_mismatch", "address_mismatch"} {
		if !strings.Contains(items, want) {
			t.Errorf("the corrections are %s", items)
		}
	}
}

// A value lights its region on the picture and a region its value, under the mouse
// and with the focus; nothing else is lit, and the region lies on the picture.
func TestValuesAndRegionsLightEachOther(t *testing.T) {
	t.Parallel()
	s := serve(t)
	id := waitingCase(t, s, "SANCTION")
	w := open(t, s, look{})
	w.sandboxAs(s.Orgs[0].SecondUser)
	w.goTo("/console/cases/" + id)
	over := func(css string) {
		t.Helper()
		w.do(chromedp.ScrollIntoView(chromedp.CSS(css)))
		at := w.middle(css)
		w.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at[0], at[1]))
	}
	lit := func(want string) { // a moment after the pointer came there
		t.Helper()
		w.wait(`[...document.querySelectorAll(".lit")].map(e => e.tagName.toLowerCase() + " " + (e.dataset.region ?? e.dataset.lights)).sort().join() === ` + quoted(want))
	}
	w.do(chromedp.WaitVisible(chromedp.CSS("tr[data-lights]")))
	regions := ask[[]string](w, `[...document.querySelectorAll("tr[data-lights]")].map(e => e.dataset.lights)`)
	if len(regions) < 2 {
		t.Fatalf("the page knows the places of %v", regions)
	}
	at := regions[1]
	both := "rect " + at + ",tr " + at
	plain := ask[string](w, `getComputedStyle(document.querySelector("rect[data-region]")).fill`)
	over(`tr[data-lights="` + at + `"] td`)
	lit(both)
	if !ask[bool](w, `(() => { const of = document.querySelector("rect.lit"), r = of.getBoundingClientRect(), i = of.closest(".sheet").querySelector("img").getBoundingClientRect();
		return r.width > 2 && r.height > 2 && r.left >= i.left - 1 && r.right <= i.right + 1 && r.top >= i.top - 1 && r.bottom <= i.bottom + 1 && getComputedStyle(of).fill !== `+quoted(plain)+` })()`) {
		t.Error("the lit region does not lie on the picture, or looks like the others")
	}
	over("main h1")
	lit("")
	over(`rect[data-region="` + at + `"]`)
	lit(both)
	over("main h1")
	w.caseReach(`a[data-lights="` + at + `"]`)
	lit(both)
}

// On a laptop and on a phone every stop of a long path is in view without
// scrolling sideways, without scripts, too; the one that says why the case is
// here is marked, and the Tab key leads to its findings.
func TestALateStopIsInView(t *testing.T) {
	t.Parallel()
	s := serve(t)
	page := "/console/cases/" + longCase(t, s)
	for _, l := range []look{{}, {NoScript: true}} {
		w := open(t, s, l)
		w.sandboxAs(s.Orgs[0].SecondUser)
		w.goTo(page)
		for _, width := range []int64{1280, 390, 320} {
			w.wide(width)
			if hidden := ask[string](w, `[...document.querySelectorAll(".stops a")].filter(a => { const b = a.getBoundingClientRect(); return b.left < 0 || b.right > innerWidth || b.width < 24 || a.scrollWidth > a.clientWidth; }).map(a => a.innerText).join("; ")`); hidden != "" {
				t.Errorf("at %d pixels these stops are out of sight: %s", width, hidden)
			}
			if over := ask[int](w, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); over > 0 {
				t.Errorf("%d pixels too wide for %d", over, width)
			}
		}
		w.wide(1280)
		if stops := ask[int](w, `document.querySelectorAll(".stops a").length`); stops < 10 {
			t.Errorf("the path has %d stops", stops)
		}
		if why := w.text(".stops a:has(strong)"); !strings.Contains(why, "watchlist screening") || !strings.Contains(why, "why it is here") {
			t.Errorf("marked is %q", why)
		}
		if l.NoScript {
			continue
		}
		w.both()
		w.caseReach(".stops a:has(strong)")
		w.strike(kb.Enter)
		w.wait(`document.querySelector(":target")?.textContent.includes("watchlist screening")`)
	}
}

// Who may take a decision back does so with keys from the page of the decided case,
// and decides the new one; a reviewer without that right is not asked. The page
// stands at both widths and in both schemes.
func TestADecidedCaseIsReopened(t *testing.T) {
	t.Parallel()
	s := serve(t)
	key := s.Orgs[0].SandboxKey
	id, link := session(t, s, key, `{"name":"Account opening","steps":[`+askFor("one", 1)+`],
		"validation_config":{"run_lists":false,"automation_rules":{"enabled":true,"auto_process":true,"default_action":"manual_review"}}}`)
	a := open(t, s, look{Phone: true})
	a.goTo(link)
	a.agree()
	a.write("[name='f.one']", "x")
	a.follow("form .actions button")
	a.follow("button[name=send]")
	a.at("/status")

	status := func() any { return s.call(t, key, "GET", "/kyc/sessions/"+id, "")["status"] }
	w := open(t, s, look{})
	w.sandboxAs(s.Orgs[0].SecondUser)
	w.until("1 to 1 of 1")
	w.keys("n")
	w.wait(`location.pathname.startsWith("/console/cases/") && document.readyState === "complete"`)
	page := w.path()
	w.keys("r")
	w.wait(`document.activeElement?.id === "reject-code"`)
	w.strike(kb.ArrowDown)
	w.reach("#reject-text")
	w.keys("The numbers differ")
	w.enterHere()
	w.arrive("/console/queue")
	w.goTo(page)
	w.shows("This case is rejected.")
	if ask[bool](w, `document.querySelector("form[action$='/reopen']") !== null`) {
		t.Error("a reviewer is offered what only a compliance officer may do on this surface")
	}

	officer := open(t, s, look{})
	officer.sandboxAs(s.Orgs[0].User)
	officer.goTo(page)
	officer.keys("o")
	officer.wait(`document.activeElement?.id === "reopen-code"`)
	officer.both()
	officer.wide(320)
	if over := ask[int](officer, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); over > 0 {
		t.Errorf("the page is %d pixels too wide for 320", over)
	}
	tell(officer, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: deskWidth, Height: deskHeight, DeviceScaleFactor: 1})
	officer.picture("console-reopen")
	officer.strike(kb.ArrowDown)
	officer.reach("#reopen-text")
	officer.keys("She sent the right page")
	officer.enterHere()
	officer.wait(`location.pathname.startsWith("/console/cases/") && document.readyState === "complete"`)
	fresh := officer.path()
	if fresh == page || status() != "manual_review" {
		t.Fatalf("at %s the session is %v", fresh, status())
	}
	for _, text := range []string{"waits for a new one", "She sent the right page", "Other decisions on this session", "The numbers differ"} {
		officer.shows(text)
	}
	officer.both()
	w.goTo(fresh)
	w.keys("a")
	w.wait(`document.activeElement?.id === "approve-code"`)
	w.strike(kb.ArrowDown)
	w.reach("#approve-text")
	w.keys("Now they agree")
	w.enterHere()
	w.arrive("/console/queue")
	if status() != "approved" {
		t.Errorf("decided anew the session is %v", status())
	}
	w.goTo(page)
	w.shows("The session has a newer case")
	w.shows("Now they agree")
}
