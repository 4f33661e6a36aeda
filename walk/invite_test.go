package walk

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// Who sits at a desk invites an applicant: from the empty list of sessions by the
// form to the link, which the applicant opens on a phone. With scripts off, too.
func TestADeskInvitesAnApplicant(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for _, noScript := range []bool{false, true} {
		t.Run(fmt.Sprintf("scripts off %v", noScript), func(t *testing.T) {
			w := open(t, s, look{NoScript: noScript})
			p := s.Orgs[0].User
			if noScript {
				p = s.Orgs[0].SecondUser // a reviewer
			}
			w.enter(p)
			w.toSandbox()
			w.goTo("/console/sessions")
			if !noScript {
				w.shows("There is no session in this environment yet")
				w.goTo("/console/queue")
				w.follow("main .note a[href='/console/sessions/new']")
				w.both()
				w.shows("none is published")
				s.call(t, s.Orgs[0].SandboxKey, "POST", "/kyc/workflows", smallWorkflow)
				s.call(t, s.Orgs[0].LiveKey, "POST", "/v1/workflows", `{"name":"Open an account","steps":[{"id":"CONSENT"}]}`)
				w.goTo("/console/sessions")
			}
			w.follow("main .heading a")
			if chosen := ask[int](w, `document.querySelectorAll("input[name=form]").length`); chosen != 0 {
				t.Fatal("of two workflows one was chosen without a word")
			}
			w.choose("#workflow", "Open an account")
			w.follow("main form.find button")
			if !noScript {
				w.both()
				w.officeWidths()
				w.wide(390)
				w.both()
				w.wide(1280)
			}
			w.write("#first_name", "Anna")
			w.write("#last_name", "Approve")
			w.write("#email", "anna@example.org")
			w.write("#phone", "12")
			w.forgive("422")
			w.follow("main form.invite button")
			w.shows("Telephone number: ")
			if got := ask[string](w, `document.querySelector("#last_name").value`); got != "Approve" {
				t.Errorf("what was written is gone: %q", got)
			}
			w.do(chromedp.SetValue(chromedp.CSS("#phone"), "+31612345678"))
			w.press("input[name=send_email]")
			if !noScript {
				w.both()
				w.picture("console-invite")
			}
			w.follow("main form.invite button")
			w.shows("goes to the applicant by e-mail")
			link := ask[string](w, `document.querySelector("#once").value`)
			if !strings.HasPrefix(link, s.URL+"/capture/") {
				t.Fatalf("the link is %q", link)
			}
			if copies := ask[bool](w, `document.querySelector("[data-copy=once]").hidden`); copies != noScript {
				t.Errorf("the button that copies is hidden: %v", copies)
			}
			if side := ask[float64](w, `document.querySelector(".qr").getBoundingClientRect().width`); side < 150 {
				t.Errorf("the QR code is %v pixels wide", side)
			}
			if !noScript {
				w.both()
				w.picture("console-invited")
				w.officeWidths()
			}
			if strings.Contains(w.path(), "Anna") || strings.Contains(w.path(), "capture") {
				t.Errorf("the address says %s", w.path())
			}
			applicant := open(t, s, look{Phone: true})
			applicant.goTo(link)
			applicant.axe()
			applicant.shows("Open an account")
			applicant.press("#consent-processing")
			applicant.follow("main form button")
			if !strings.HasSuffix(applicant.path(), "/steps/CONSENT") {
				t.Errorf("the applicant is at %s", applicant.path())
			}
			w.goTo("/console/sessions")
			w.follow("main table a")
			w.shows("Anna Approve")
			w.shows("capturing")
			if again := ask[int](w, `document.querySelectorAll("#once").length`); again != 0 {
				t.Error("the link is shown again")
			}
		})
	}
}

// choose picks an option of a menu by what it says.
func (w *window) choose(css, label string) {
	w.t.Helper()
	if !ask[bool](w, fmt.Sprintf(`(() => { const s = document.querySelector(%q), o = [...s.options].find(o => o.text.startsWith(%q)); if (o) s.value = o.value; return !!o; })()`, css, label)) {
		w.t.Fatalf("%s offers no %s", css, label)
	}
}
