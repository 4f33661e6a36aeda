package walk

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// An administrator has all decided cases looked at again and decides one; a reviewer
// takes its second look with the keyboard, finds nothing of the decision on the way,
// and sees it beside their own verdict afterwards. Without scripts it goes as well.
func TestASecondLookIsTakenBlindly(t *testing.T) {
	t.Parallel()
	s := serve(t)
	admin := open(t, s, look{})
	admin.enter(s.Orgs[0].User)
	admin.toSandbox()
	admin.goTo("/console/quality")
	if got := admin.text("main"); !strings.Contains(got, "None is drawn") {
		t.Errorf("before a share is set: %q", got)
	}
	admin.goTo("/console/settings")
	admin.do(chromedp.Clear(chromedp.CSS("#quality-share")))
	admin.write("#quality-share", "100")
	admin.follow("#quality .actions button")
	if got := admin.text("#quality"); !strings.Contains(got, "The settings were changed.") {
		t.Errorf("after setting the share: %q", got)
	}
	if got := ask[string](admin, `document.querySelector("#quality-share").value`); got != "100" {
		t.Errorf("the share reads %q", got)
	}
	admin.looked()

	id := waitingCase(t, s, "SANCTION")
	admin.goTo("/console/cases/" + id)
	admin.keys("a")
	admin.wait(`document.activeElement.id === "approve-code"`)
	admin.pick("#approve-code", "hits_cleared")
	admin.write("#approve-text", "Another date of birth")
	if unjudged := "form[aria-label=Approve] input[name=unjudged]"; ask[bool](admin, `!!document.querySelector("`+unjudged+`")`) {
		admin.press(unjudged)
	}
	admin.follow("form[aria-label=Approve] .actions button:not(.plain)")
	if got := admin.text(".note.good"); !strings.Contains(got, "is approved") {
		t.Errorf("after the decision: %q", got)
	}

	w := open(t, s, look{})
	w.sandboxAs(s.Orgs[0].SecondUser)
	tells := func(where string) {
		t.Helper()
		text := strings.ToLower(w.text("main"))
		for _, secret := range []string{"approved", "rejected", "another date of birth", strings.ToLower(s.Orgs[0].User.Email)} {
			if strings.Contains(text, secret) {
				t.Errorf("%s tells %q: %s", where, secret, text)
			}
		}
	}
	w.goTo("/console/queue/decided")
	tells("the list of decided cases")
	w.goTo("/console/cases/" + id)
	tells("the case before its second look")
	w.looked()
	w.goTo("/console/quality")
	tells("the list of second looks")
	w.picture("console-quality")
	w.keys("n")
	w.arrive("/console/quality/" + id)
	tells("the second look")
	if got := w.text("main"); !strings.Contains(got, "watchlist screening") || !strings.Contains(got, "is kept from you") {
		t.Errorf("the second look shows %q", got)
	}
	w.picture("console-second-look")
	w.keys("r")
	w.wait(`document.activeElement.name === "code"`)
	w.axe()
	w.press(`form[aria-label="I would reject"] input[value=sanctions_match]`)
	w.write("#reject-text", "The birth date is that of the list")
	w.follow(`form[aria-label="I would reject"] .actions button:not(.plain)`)
	if got := w.text("main"); !strings.Contains(got, "disagrees with the decision") || !strings.Contains(got, "Another date of birth") || !strings.Contains(got, "sanctions match") {
		t.Errorf("after the verdict: %q", got)
	}
	w.both()
	w.fits()
	w.follow(`.note.warn a`)
	if w.at("/console/cases/" + id); !strings.Contains(w.text("#decision"), "approved") {
		t.Errorf("the case shows %q", w.text("#decision"))
	}
	w.goTo("/console/analytics")
	if got := w.text("main"); !strings.Contains(got, "Quality of your decisions") || strings.Contains(got, "Quality by queue") {
		t.Errorf("a reviewer's figures: %q", got)
	}
	admin.goTo("/console/analytics")
	if got := ask[string](admin, `document.querySelector("#quality-reviewers").closest("section").textContent`); !strings.Contains(got, "disagree") || !strings.Contains(got, s.Orgs[0].User.Email) {
		t.Errorf("the figures by reviewer: %q", got)
	}
	if !ask[bool](admin, `!!document.querySelector('a[href^="/console/analytics/quality-queues.csv"]')`) {
		t.Error("the figures by queue have no CSV")
	}
	admin.looked()

	next := waitingCase(t, s, "PEP")
	s.call(t, s.Orgs[0].SandboxKey, "POST", "/api/v1/cases/"+next+"/reject", `{"reviewer_id":"anna@example.org","rejection_reason":"pep_risk: too near"}`)
	plain := open(t, s, look{NoScript: true})
	plain.sandboxAs(s.Orgs[0].SecondUser)
	plain.goTo("/console/quality")
	plain.follow(`main form[action="/console/quality/next"] button`)
	plain.press(`.decide details:nth-of-type(2) summary`)
	plain.press(`form[aria-label="I would reject"] input[value=pep_risk]`)
	plain.write("#reject-text", "A minister")
	plain.follow(`form[aria-label="I would reject"] .actions button:not(.plain)`)
	if got := plain.text("main"); !strings.Contains(got, "agrees with the decision") || !strings.Contains(got, "anna@example.org") {
		t.Errorf("without scripts: %q", got)
	}
}
