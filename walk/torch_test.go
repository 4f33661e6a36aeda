package walk

import (
	"strings"
	"testing"
)

// The torch is offered where the camera has one, and nowhere else; it is turned on
// and off by keyboard as well, and says which it is. A picture that is taken again
// begins without it, as the camera does.
func TestATorchIsOfferedWhereThereIsOne(t *testing.T) {
	t.Parallel()
	s := serve(t)
	const papers = `{"name":"Papers","steps":[{"step_id":"papers","order":1,"name":"Papers","type":"document_upload","document_requirements":[{"document_type":"passport"}]}]}`
	for name, x := range map[string]struct {
		has, gives string // what the camera says it can, and whether it does
		offered    bool
	}{"with": {"{ torch: true }", "Promise.resolve()", true}, "without": {"{}", "Promise.resolve()", false}, "broken": {"{ torch: true }", `Promise.reject(new DOMException("no light", "OverconstrainedError"))`, true}} {
		t.Run(name, func(t *testing.T) {
			w := open(t, s, look{Phone: true, Film: film(t, 640, 480, 6, crisp)})
			w.before(`window.asked = [];
				MediaStreamTrack.prototype.getCapabilities = () => (` + x.has + `);
				MediaStreamTrack.prototype.applyConstraints = (c) => { window.asked.push(c.advanced[0].torch); return ` + x.gives + `; };`)
			w.goTo(onboarding(t, s, papers))
			w.agree()
			w.follow("main ul a.button")
			w.press("[data-auto]") // no picture by itself
			w.wait(`document.querySelector("[data-camera]").dataset.verdict === "good"`)
			if got := ask[bool](w, `document.querySelector("[data-torch]").checkVisibility()`); got != x.offered {
				t.Fatalf("the torch is offered: %v", got)
			}
			if !x.offered {
				return
			}
			asked := func(want, pressed string) {
				t.Helper()
				w.wait(`window.asked.join() === "` + want + `" && document.querySelector("[data-torch]").getAttribute("aria-pressed") === "` + pressed + `"`)
			}
			asked("", "false")
			w.press("[data-torch]")
			if name == "broken" { // the button does not say that there is light
				asked("true", "false")
				return
			}
			asked("true", "true")
			w.both()
			if !ask[bool](w, `document.activeElement.matches("[data-torch]")`) {
				w.reach("[data-torch]")
			}
			w.strike(" ")
			asked("true,false", "false")
			w.strike(" ")
			asked("true,false,true", "true")
			w.press("[data-shutter]")
			w.wait(`!document.querySelector("[data-look]").hidden`)
			w.press("[data-again]")
			w.wait(`!document.querySelector("[data-live]").hidden`)
			asked("true,false,true", "false")
			if said := w.text("[data-torch]"); strings.TrimSpace(said) == "" {
				t.Error("the torch has no name")
			}
		})
	}
}
