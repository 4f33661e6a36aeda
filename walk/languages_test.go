package walk

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/chromedp/cdproto/emulation"
)

// skippable is a workflow with a page of each kind, every step of which can be
// left out.
const skippable = `{"name":"Account opening","steps":[
 {"step_id":"papers","order":1,"name":"Your document","required":false,"type":"document_upload","document_requirements":[
   {"document_type":"id","display_name":"Passport or card","required":false,"post_upload_validations":[{"type":"country_in","params":{"countries":["NL","DE","FR"]}}]}]},
 {"step_id":"details","order":2,"name":"About you","required":false,"type":"form_fill","custom_fields":[
   {"field_id":"full_name","name":"Full name","type":"name","name_type":"individual","parts":true,"required":true},
   {"field_id":"birth","name":"Date of birth","type":"date","max_date":"today","required":true},
   {"field_id":"pep","name":"Do you hold a public office?","type":"boolean","required":true},
   {"field_id":"purpose","name":"Purpose","type":"select","options":["salary","savings"],"allow_other":true},
   {"field_id":"paper","name":"Payslip","type":"file"},
   {"field_id":"phone","name":"Phone number","type":"phone"},
   {"field_id":"wallet","name":"Wallet","type":"wallet"},
   {"field_id":"turnover","name":"Payments","type":"volume","currency":"EUR","period":"monthly"},
   {"field_id":"home","name":"Home address","type":"address"},
   {"field_id":"owners","name":"Co-owners","type":"entity_array","max_items":3,"item_fields":[{"field_id":"who","name":"Name","type":"name","name_type":"individual"}]}]},
 {"step_id":"face","order":3,"name":"A picture of you","required":false,"type":"selfie"},
 {"step_id":"live","order":4,"name":"Face check","required":false,"type":"liveness","liveness_config":{"challenge_type":"FaceMovementAndLightChallenge"}},
 {"step_id":"last","order":5,"name":"One more thing","required":false,"type":"form_fill","custom_fields":[{"field_id":"note","name":"Anything to add?","type":"text"}]}],
 "validation_config":{"run_lists":false,"automation_rules":{"enabled":true,"auto_process":true,"default_action":"auto_approve"}}}`

// langFits looks at a page in a language: it says so, reads in the right
// direction, and has nothing beyond the edge on a narrow phone and on a desktop,
// in light and dark; with axe no violation of WCAG 2.2 AA either.
func (w *window) langFits(code string, axe bool) {
	w.t.Helper()
	dir := "ltr"
	if code == "ar" {
		dir = "rtl"
	}
	if got := ask[string](w, "document.documentElement.lang + ' ' + (document.documentElement.dir || 'ltr')"); got != code+" "+dir {
		w.t.Errorf("%s is in %q, want %s %s", w.path(), got, code, dir)
	}
	// A text of the author's in Latin letters runs from left to right, and its last
	// sign stands at its right, on every page.
	if wrong := ask[string](w, `(() => { const out = [], it = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT); let n;
		while ((n = it.nextNode())) for (const m of n.textContent.matchAll(/[A-Za-z][A-Za-z ]*[?.!]/g)) {
			const side = i => { const r = document.createRange(); r.setStart(n, i); r.setEnd(n, i + 1); return r.getClientRects()[0] };
			const first = side(m.index), last = side(m.index + m[0].length - 1);
			if (first?.width && last?.width && first.top === last.top && last.left < first.left) out.push(m[0]);
		}
		return out.join("; ") })()`); wrong != "" {
		w.t.Errorf("%s in %s turns %s round", w.path(), code, wrong)
	}
	for _, width := range []int64{320, 1280} {
		tell(w, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 800, DeviceScaleFactor: 1, Mobile: width < 1000})
		for _, scheme := range []string{"light", "dark"} {
			w.scheme(scheme)
			if over := ask[int](w, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); over > 0 {
				w.t.Errorf("%s in %s, %s is %d pixels too wide for %d: %s", w.path(), code, scheme, over, width,
					ask[string](w, `[...document.querySelectorAll("main *")].filter(e => { const r = e.getBoundingClientRect(); return r.right > innerWidth || r.left < 0 }).map(e => e.outerHTML.slice(0, 100)).join("\n")`))
			}
			if axe {
				w.axe()
			}
		}
		w.scheme("light")
	}
}

// inLanguage is a sentence of the catalogue.
func inLanguage(t *testing.T, code, key string) string {
	t.Helper()
	raw, err := os.ReadFile("../ui/lang/" + code + ".json")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]any{}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	said, _ := all[key].(string)
	if said == "" {
		t.Fatalf("%s does not say %s", code, key)
	}
	return said
}

// Every page of an applicant in every language: clean console and policy, the
// right direction, nothing too wide; Arabic with axe at both widths and in both
// schemes.
func TestApplicantPagesInEveryLanguage(t *testing.T) {
	t.Parallel()
	s := serve(t)
	browser := start(t, look{Phone: true})
	for _, code := range []string{"ar", "de", "en", "es", "fr", "ja", "pt"} {
		t.Run(code, func(t *testing.T) {
			_, link := session(t, s, s.Orgs[0].SandboxKey, skippable)
			w := openIn(fresh(browser, t), t, s, look{Phone: true, Language: code})
			w.forgive("422")
			w.forgive("404")
			axe := code == "ar"
			fits := func() { w.langFits(code, axe) }
			w.goTo(link)
			fits()
			if axe {
				w.picture("capture-welcome-ar")
			}
			w.goTo(link + "/phone")
			fits()
			w.goTo(link)
			w.press("#consent-processing")
			w.press("#consent-biometrics")
			w.follow("main form button")
			w.at("/steps/papers")
			fits()
			w.follow("main ul a.button") // which document
			fits()
			w.pick("#country", "NL")
			w.press("input[value=passport]")
			w.follow("main form button") // the camera, which is not there
			fits()
			w.wait("document.querySelector('[data-pick]').open")
			w.attach("#file", photograph(t))
			w.follow("[data-upload] button")
			fits()
			w.goTo(link + "/steps/papers")
			w.follow("form[action$='/steps/papers'] button, form[action$='/skip'] button")
			w.at("/steps/details")
			fits()
			ask[any](w, "document.querySelectorAll('main input').forEach(e => { if (e.type === 'text') e.value = '' }), null")
			w.follow("form .actions button") // answers are missing
			fits()
			if axe {
				w.picture("capture-form-ar")
			}
			w.follow("form[action$='/skip'] button")
			w.at("/steps/face")
			fits()
			w.follow("form[action$='/skip'] button")
			w.at("/steps/live")
			fits()
			w.follow("form[action$='/skip'] button")
			w.at("/steps/last")
			fits()
			w.write("[name='f.note']", "x")
			w.follow("form .actions button")
			fits() // everything once more
			w.follow("button[name=send]")
			w.at("/status")
			// The page loads itself anew when the session has ended.
			w.wait("document.querySelector('h1')?.textContent === " + quoted(inLanguage(t, code, "status.title.finished")))
			fits()
			w.goTo("/capture/nonsense")
			fits()
		})
	}
}
