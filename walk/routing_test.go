package walk

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// An administrator writes a rule of routing without a line of JSON; the next case
// waits where the rule says, and its page says which rule it was.
func TestARuleSendsACase(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := open(t, s, look{})
	w.enter(s.Orgs[0].User)
	w.toSandbox()
	w.goTo("/console/settings")
	w.press("#queues details:last-of-type summary")
	w.write("#queue-new-name", "enhanced")
	w.follow("#queues details[open] button[value=save]")
	w.forgive("422")
	w.press("#routing > details:last-of-type summary")
	w.write("#rule-new-name", "By policy")
	w.pick("#rule-new-queue", "enhanced")
	w.write("#rule-new-countries", "Netherlands")
	w.follow("#routing details[open] button[value=save]")
	if got := w.text("main .errors"); !strings.Contains(got, "Countries, line 1: a country has two capital letters") {
		t.Errorf("a country that is none: %q", got)
	}
	if got := ask[string](w, `["name", "queue", "countries"].map(n => document.querySelector("#rule-new-" + n).value).join(" ")`); got != "By policy enhanced Netherlands" {
		t.Errorf("what was written is lost: %q", got)
	}
	w.axe()
	w.do(chromedp.Clear(chromedp.CSS("#rule-new-countries")))
	w.write("#rule-new-reasons", "looked_at_by_policy")
	w.follow("#routing details[open] button[value=save]")
	if got := w.text("#routing"); !strings.Contains(got, "The rule holds for cases that are opened from now on.") || !strings.Contains(got, "1. By policy: to enhanced") {
		t.Errorf("after saving: %q", got)
	}
	w.axe()
	w.fits()

	id := filedCase(t, s, "Ada", `{"start":{"type":"start","next":"look"},"look":{"type":"terminal","outcome":"needs_review","reason_code":"looked_at_by_policy"}}`)
	w.goTo("/console/cases/" + id)
	if got := w.text("main header"); !strings.Contains(got, "queue enhanced (by the rule By policy)") {
		t.Errorf("the case: %q", got)
	}
	if got := w.text("#timeline"); !strings.Contains(got, "routing rule: By policy") {
		t.Errorf("its history: %q", got)
	}
	w.axe()

	w.goTo("/console/settings")
	w.press("#routing > details:first-of-type summary")
	w.follow("#routing details[open] button[value=remove]")
	if got := w.text("#routing"); !strings.Contains(got, "The rule is taken away.") || strings.Contains(got, "1. By policy") {
		t.Errorf("after taking it away: %q", got)
	}
}
