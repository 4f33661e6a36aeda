package walk

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
)

// The buttons that copy put into the clipboard what stands in the field beside
// them, say so, and stay away without scripts.
func TestCopyButtonsFillTheClipboard(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := open(t, s, look{})
	for _, name := range []string{"clipboard-read", "clipboard-write"} {
		tell(w, browser.SetPermission, browser.SetPermissionParams{Permission: &browser.PermissionDescriptor{Name: name}, Setting: browser.PermissionSettingGranted, Origin: w.origin})
	}
	// copies presses the button of the page and gives what it copied.
	copies := func(field, prefix string) {
		t.Helper()
		before := ask[string](w, `document.querySelector("[data-copy]").innerText`)
		want := ask[string](w, `document.querySelector(`+"`"+field+"`"+`).value`)
		if !strings.HasPrefix(want, prefix) {
			t.Fatalf("%s shows %q", w.path(), want)
		}
		w.press("[data-copy]")
		w.wait(`document.querySelector("[data-copy]").innerText !== "` + before + `"`)
		if got := ask[string](w, "navigator.clipboard.readText()"); got != want {
			t.Errorf("%s copies %q and shows %q", w.path(), got, want)
		}
		if said, chosen := w.text("[data-copy]"), ask[string](w, "(e => e.value.slice(e.selectionStart, e.selectionEnd))(document.querySelector(`"+field+"`))"); !strings.HasPrefix(said, "Copied") || chosen != want {
			t.Errorf("%s says %q and chooses %q", w.path(), said, chosen)
		}
		w.axe()
	}

	w.enter(s.Orgs[0].User)
	w.toSandbox()
	w.goTo("/console/api-keys")
	w.write("#name", "Copied")
	w.press(`input[name=scope][value="sessions:read"]`)
	w.follow(`form[action="/console/api-keys"] button`)
	copies("#once", "bf_sandbox_")
	s.call(t, ask[string](w, "navigator.clipboard.readText()"), "GET", "/api/v1/sessions", "")
	w.goTo("/console/team")
	w.write("#email", "lena@acme.example")
	w.follow(`form[action="/console/team"] button`)
	copies("#once", "")
	w.goTo("/console/webhooks")
	w.write("#url", "https://hooks.example/in")
	w.follow(`form[action="/console/webhooks"] > .actions button`)
	copies("#once", "whsec_")

	// Of an applicant: the link to another device.
	link := onboarding(t, s, smallWorkflow)
	w.goTo(link)
	w.goTo(strings.TrimSuffix(w.path(), "/") + "/phone")
	copies("#link", "http")

	plain := open(t, s, look{NoScript: true})
	plain.goTo(w.path())
	if get := ask[bool](plain, `document.querySelector("[data-copy]").checkVisibility()`); get {
		t.Error("a button that does nothing is shown")
	}
}
