package walk

import (
	"regexp"
	"strings"
	"testing"
)

// A person with a browser and what `make run` prints, and nothing else: is the
// applicant, finds the case, decides it, and changes and publishes the workflow.
func TestTheDemonstrationIsWalkedThrough(t *testing.T) {
	t.Parallel()
	said := launch(t, "Still serving on", "serve", "--demo", "--addr", "127.0.0.1:0", "--data", t.TempDir())
	find := func(pattern string) string {
		got := regexp.MustCompile(pattern).FindStringSubmatch(said)
		if got == nil {
			t.Fatalf("%q is not among what was printed:\n%s", pattern, said)
		}
		return got[1]
	}
	s := &server{URL: find(`listens on (http://\S+)`)}
	console, link := find(`Console +(http://\S+)`), find(`\n +(http://\S+/capture/\S+)`)
	admin := person{Email: find(`sign in as +(\S+) with`), Password: find(`sign in as +\S+ with the password (\S+)`)}
	find(`(decision  APPROVED)`)
	find(`(signature verified)`)

	// The applicant, who has no camera.
	a := open(t, s, look{Phone: true})
	a.goTo(link)
	a.agree()
	picture := photograph(t)
	for range 2 { // the document, the proof of the address
		a.follow("main ul a.button:not(.plain)")
		if ask[bool](a, `document.querySelector("main input[value=passport]") !== null`) {
			a.press("main input[value=passport]")
			a.follow("main form button")
		}
		a.wait(`document.querySelector("[data-pick]").open`)
		a.attach("#file", picture)
		a.follow("[data-upload] button")
		a.at("/steps/documents")
	}
	a.follow("form[action$='/steps/documents'] button")
	a.follow("form[action$='/liveness'] button")
	a.at("/steps/personal_info")
	if ask[bool](a, `document.querySelector("[name='f.full_name']") === null`) {
		a.set("[name='f.full_name.given']", "Sam")
		a.set("[name='f.full_name.family']", "SANCTION")
	} else {
		a.set("[name='f.full_name']", "Sam SANCTION")
	}
	a.set("[name='f.date_of_birth']", "1990-05-17")
	a.pick("[name='f.nationality']", "NL")
	a.pick("[name='f.residence']", "NL")
	a.set("[name='f.email']", "sam@example.com")
	a.set("[name='f.phone']", "+31 6 12345678")
	a.follow("form .actions button")
	a.follow("button[name=send]")
	a.at("/status")

	// The reviewer: the page of the other environment says where the cases wait.
	w := open(t, s, look{})
	w.goTo(console)
	w.write("#email", admin.Email)
	w.write("#password", admin.Password)
	w.follow("main form button")
	w.shows("in the sandbox: the button on top switches")
	w.toSandbox()
	w.until("Basic KYC")
	row := ask[string](w, `[...document.querySelectorAll("tr[data-row]")].find(r => r.textContent.includes("Basic KYC")).querySelector("a").pathname`)
	w.follow(`tr[data-row] a[href="` + row + `"]`)
	w.shows("Sam SANCTION")
	w.press("details.act summary[data-key=a]")
	w.pick("#approve-code", "hits_cleared")
	w.write("#approve-text", "Somebody else of that name")
	if ask[bool](w, `document.querySelector("input[name=unjudged]") !== null`) {
		w.press("input[name=unjudged]")
	}
	w.follow("form[aria-label=Approve] .actions button")
	w.arrive("/console/queue")
	if got := w.text(".note.good"); !strings.Contains(got, "approved") {
		t.Errorf("the desk says %q", got)
	}
	a.wait(`document.querySelector("h1").textContent.includes("finished")`) // by itself

	// How old the lists are stands with each of them.
	w.goTo("/console/lists")
	if got := w.text("main table"); !strings.Contains(got, "invented") || !strings.Contains(got, "20") || !regexp.MustCompile(`\d+ (ms|s|min)|under`).MatchString(got) {
		t.Errorf("the lists are %q", got)
	}

	// The workflow of the other samples is changed and published.
	w.follow(`nav.side a[href="/console/workflows"]`)
	at := ask[string](w, `[...document.querySelectorAll("main th a")].find(a => a.textContent.includes("passport and sanctions")).pathname`)
	w.follow(`main th a[href="` + at + `"]`)
	w.mended()
	w.node("lists")
	w.write(".row[data-at='/config/threshold'] input", "0.7")
	w.mended()
	w.saved()
	w.follow("[data-publish]")
	w.write("#note", "Look closer")
	w.follow("form[action$='/publish'] button")
	if got := w.text(".note.good"); !strings.Contains(got, "100 %") {
		t.Errorf("after publishing the page says %q", got)
	}
}
