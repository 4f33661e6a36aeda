package walk

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
)

// before runs a script in every page of the window before its own.
func (w *window) before(js string) {
	w.t.Helper()
	tell(w, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: js})
}

// A camera that is refused, missing or in use is told apart on every page that
// asks for one, aloud too, and a picture can be chosen as a file at once.
func TestEachLackOfACameraHasItsSentence(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"ar", "de", "en", "es", "fr", "ja", "pt"} {
		said := map[string]bool{}
		for _, lack := range []string{"refused", "absent", "busy"} {
			said[inLanguage(t, code, "camera."+lack)] = true
		}
		if len(said) != 3 {
			t.Errorf("%s says the same of two of them", code)
		}
	}
	s := serve(t)
	browser := start(t, look{Phone: true})
	for name, lack := range map[string]string{"NotAllowedError": "refused", "SecurityError": "refused", "NotFoundError": "absent", "OverconstrainedError": "absent", "NotReadableError": "busy", "AbortError": "busy"} {
		t.Run(name, func(t *testing.T) {
			_, link := session(t, s, s.Orgs[0].LiveKey, `{"name":"Papers","steps":[
				{"step_id":"papers","order":1,"name":"Papers","type":"document_upload","document_requirements":[{"document_type":"passport"}]},
				{"step_id":"face","order":2,"name":"A picture of you","type":"selfie"},
				{"step_id":"live","order":3,"name":"Face check","type":"liveness"}]}`)
			w := openIn(fresh(browser, t), t, s, look{Phone: true})
			w.before(`navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("as the test wants", "` + name + `"))`)
			want := inLanguage(t, "en", "camera."+lack)
			says := func() {
				t.Helper()
				w.wait(`!document.querySelector("[data-sorry]").hidden`)
				if got := w.text("[data-sorry]"); got != want {
					t.Errorf("%s says %q", w.path(), got)
				}
				w.wait(`document.querySelector("#live[aria-live=polite]").textContent === ` + quoted(want))
				if ask[bool](w, `document.querySelector("[data-live]").checkVisibility()`) {
					t.Errorf("%s shows a viewfinder without a camera", w.path())
				}
			}
			w.goTo(link)
			w.agree()
			w.follow("main ul a.button")
			says()
			for range 2 { // the document, the face
				if !ask[bool](w, `document.querySelector("[data-pick]").open && document.querySelector("#file").checkVisibility()`) {
					t.Errorf("%s offers no file", w.path())
				}
				w.attach("#file", photograph(t))
				w.follow("[data-upload] button")
				if strings.HasSuffix(w.path(), "/steps/papers") {
					w.follow("form[action$='/steps/papers'] button")
					says()
				}
			}
			w.at("/steps/live")
			w.press("[data-start]")
			says()
			if ask[bool](w, `document.querySelector("[data-start]").disabled`) {
				t.Error("the film cannot be tried again")
			}
			w.looked()
		})
	}
}

// A film of movements alone, which is what a step asks for unless it says otherwise,
// is filmed, sent and judged.
func TestAFilmWithoutLights(t *testing.T) {
	t.Parallel()
	s := serve(t)
	_, link := session(t, s, s.Orgs[0].LiveKey, `{"name":"Face","steps":[{"step_id":"live","order":1,"name":"Face check","type":"liveness"}]}`)
	w := open(t, s, look{Phone: true, Film: film(t, 640, 480, 6, crisp)})
	w.goTo(link)
	w.agree()
	w.press("[data-start]")
	done := func(end string) string {
		return `performance.getEntriesByType("resource").filter(e => e.name.endsWith("` + end + `") && e.responseStatus === 200).length`
	}
	w.wait(done("/liveness/judge") + ` > 0 || !document.querySelector("[data-sorry]").hidden`)
	if n := ask[int](w, done("/frames")); n < 1 {
		t.Errorf("%d requests with frames were taken: %s", n, w.text("main"))
	}
	if n := ask[int](w, done("/liveness/judge")); n != 1 {
		t.Errorf("the film was judged %d times: %s", n, w.text("main"))
	}
}

// What the server says of a film that it does not take is told, not that something
// went wrong.
func TestARefusedFilmSaysWhy(t *testing.T) {
	t.Parallel()
	s := serve(t)
	_, link := session(t, s, s.Orgs[0].LiveKey, `{"name":"Face","steps":[{"step_id":"live","order":1,"name":"Face check","type":"liveness"}]}`)
	w := open(t, s, look{Phone: true, Film: film(t, 640, 480, 6, crisp)})
	w.before(`const send = window.fetch; window.fetch = (to, how) => String(to).endsWith("/frames")
		? Promise.resolve(new Response('{"problems":["This try has ended."]}', {status: 409, headers: {"Content-Type": "application/json"}})) : send(to, how)`)
	w.goTo(link)
	w.agree()
	w.press("[data-start]")
	w.wait(`!document.querySelector("[data-sorry]").hidden`)
	if got := w.text("[data-sorry]"); got != "This try has ended." {
		t.Errorf("the page says %q", got)
	}
	if ask[bool](w, `document.querySelector("video").srcObject?.active === true`) {
		t.Error("the camera is still on")
	}
}
