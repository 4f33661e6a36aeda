package walk

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// An administrator gives a queue opening times, a checklist and a second pair of
// eyes; a reviewer of its next case is asked for what the rules ask.
func TestAQueueGetsItsRules(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := open(t, s, look{})
	w.enter(s.Orgs[0].User)
	w.toSandbox()
	w.goTo("/console/settings")
	w.forgive("422")
	w.press("#queues details:last-of-type summary")
	w.write("#queue-new-name", "identity")
	w.write("#queue-new-open", "every day")
	w.write("#queue-new-zone", "Europe/Berlin")
	w.follow("#queues details:last-of-type button[value=save]")
	if got := w.text("main .errors"); !strings.Contains(got, "line 1 is not written as mon-fri 09:00-17:30") {
		t.Errorf("times that are none: %q", got)
	}
	if got := ask[string](w, `document.querySelector("#queue-new-name").value + " " + document.querySelector("#queue-new-open").value`); got != "identity every day" {
		t.Errorf("what was written is lost: %q", got)
	}
	w.axe()
	w.do(chromedp.Clear(chromedp.CSS("#queue-new-open")))
	w.write("#queue-new-open", "mon-sun 00:00-24:00")
	w.write("#queue-new-checklist", "The birth dates were compared.")
	w.press("#queues details[open] input[name=four_eyes]")
	w.follow("#queues details[open] button[value=save]")
	if got := w.text("#queues"); !strings.Contains(got, "The queue's rules hold.") {
		t.Errorf("after saving: %q", got)
	}
	if got := ask[string](w, `document.querySelector("#queue-0-open").value`); got != "mon-sun 00:00-24:00" {
		t.Errorf("the times read %q", got)
	}

	id := waitingCase(t, s, "SANCTION")
	r := open(t, s, look{})
	r.sandboxAs(s.Orgs[0].SecondUser)
	r.goTo("/console/cases/" + id)
	r.keys("a")
	r.wait(`document.activeElement.id === "approve-code"`)
	r.axe()
	r.pick("#approve-code", "hits_cleared")
	r.write("#approve-text", "Another date of birth")
	// Without the tick the browser sends nothing.
	r.press("form[aria-label=Approve] .actions button:not(.plain)")
	r.wait(`document.activeElement.name === "checklist"`)
	r.press("form[aria-label=Approve] input[name=checklist]")
	if unjudged := "form[aria-label=Approve] input[name=unjudged]"; ask[bool](r, `!!document.querySelector("`+unjudged+`")`) {
		r.press(unjudged)
	}
	r.follow("form[aria-label=Approve] .actions button:not(.plain)")
	if got := r.text(".note.good"); !strings.Contains(got, "Another person has to agree") {
		t.Errorf("after the first word of two: %q", got)
	}
	r.goTo("/console/cases/" + id)
	if got := r.text("main"); !strings.Contains(got, "The birth dates were compared.") {
		t.Errorf("the page does not say what was confirmed: %q", got)
	}

	w.goTo("/console/settings")
	w.press("#queues details:first-of-type summary")
	w.follow("#queues details:first-of-type button[value=remove]")
	if ask[bool](w, `!!document.querySelector("#queue-0-open")`) {
		t.Error("the rules stand although they were taken away")
	}
}
