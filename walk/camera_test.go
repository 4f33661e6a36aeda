package walk

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// film writes a film for Chromium's fake camera (YUV4MPEG2): frames of w x h
// whose light and sharpness the painter says.
func film(t *testing.T, w, h, frames int, light func(frame, x, y int) byte) string {
	t.Helper()
	var b bytes.Buffer
	fmt.Fprintf(&b, "YUV4MPEG2 W%d H%d F15:1 Ip A1:1 C420\n", w, h)
	for f := range frames {
		b.WriteString("FRAME\n")
		for y := range h {
			for x := range w {
				b.WriteByte(light(f, x, y))
			}
		}
		b.Write(bytes.Repeat([]byte{128}, w*h/2)) // grey
	}
	file := filepath.Join(t.TempDir(), "film.y4m")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// crisp is a steady, well-lit card of small print.
func crisp(_, x, y int) byte {
	if x < 20 || y < 20 || x > 620 || y > 460 {
		return 60
	}
	if (x/5+y/9)%2 == 0 {
		return 210
	}
	return 90
}

// agree goes through the first page.
func (w *window) agree() {
	w.t.Helper()
	for _, id := range strings.Fields(ask[string](w, `[...document.querySelectorAll("main input[type=checkbox]")].map(e => e.id).join(" ")`)) {
		w.press("#" + id)
	}
	w.follow("main form button")
}

// shoot takes the picture of a camera page by itself and uses it.
func (w *window) shoot() {
	w.t.Helper()
	w.wait(`!document.querySelector("[data-look]").hidden`)
	w.follow("[data-use]")
}

func TestAnApplicantOnAPhone(t *testing.T) {
	t.Parallel()
	s := serve(t)
	id, link := session(t, s, s.Orgs[0].SandboxKey, everything)
	w := open(t, s, look{Phone: true, Film: film(t, 640, 480, 6, crisp)})
	w.goTo(link)
	w.good("welcome")
	w.agree()

	w.good("documents")
	w.follow("main ul a.button")
	w.good("choose")
	w.pick("#country", "NL")
	w.press("input[value=id_card]")
	w.follow("main form button")
	w.wait(`!document.querySelector("[data-look]").hidden && document.querySelector("[data-shot]").naturalWidth > 0`)
	if size := ask[int](w, `document.querySelector("[data-shot]").naturalWidth`); size < 320 || size > 2000 {
		t.Errorf("the picture is %d pixels wide", size)
	}
	w.good("check-photo")
	// Taken again, without the automatic shot: the shutter is always there.
	w.press("[data-again]")
	w.wait(`document.activeElement.matches(".camera")`)
	if box := ask[string](w, `(() => { const r = document.activeElement.getBoundingClientRect(); return Math.round(r.top) + " to " + Math.round(r.bottom) + " of " + innerHeight + (r.top >= -1 && r.bottom <= innerHeight + 1 ? " in view" : "") })()`); !strings.HasSuffix(box, "in view") {
		t.Errorf("taken again, the viewfinder stands at %s", box)
	}
	w.press("[data-auto]")
	w.wait(`document.querySelector("[data-camera]").dataset.verdict === "good"`)
	w.good("photograph")
	w.press("[data-shutter]")
	w.shoot()
	w.at("/files/id.back")
	w.shoot()
	w.at("/steps/papers")
	w.good("documents-done")
	w.follow("form[action$='/steps/papers'] button")

	w.good("form")
	// A condition shows a question, and hides it again.
	hidden := `document.querySelector("[data-shown='f-office']").hidden`
	w.wait(hidden)
	w.press("[name='f.pep'][value=true]")
	w.wait("!" + hidden)
	w.forgive("422")
	w.follow("form .actions button")
	w.wait(`document.activeElement.id === "problems"`)
	w.good("form-problems")
	w.fillEverything()
	w.follow("form .actions button")

	w.at("/steps/face")
	w.shoot()
	w.at("/steps/live")
	w.good("liveness")
	w.follow("form[action$='/liveness'] button") // nobody is filmed in the sandbox
	w.at("/steps/last")
	w.follow("form .actions button")
	w.good("review")
	w.follow("button[name=send]")
	w.at("/status")
	w.wait(`document.querySelector("h1").textContent.includes("finished")`) // by itself
	w.good("status")
	if got := s.call(t, s.Orgs[0].SandboxKey, "GET", "/kyc/sessions/"+id, "")["status"]; got != "approved" {
		t.Errorf("the session is %v", got)
	}
}

func TestNoCamera(t *testing.T) {
	t.Parallel()
	s := serve(t)
	link := onboarding(t, s, `{"name":"Selfie","steps":[{"step_id":"face","order":1,"name":"A picture of you","type":"selfie"}]}`)
	for _, c := range []struct{ film, says string }{{"refuse", "may not use the camera"}, {"", "No camera was found"}} {
		w := open(t, s, look{Phone: true, Film: c.film})
		w.goTo(link)
		if !strings.Contains(w.path(), "/steps/") {
			if strings.Contains(w.text("main"), "I agree") {
				w.agree()
			} else {
				w.goTo(link + "/steps/face")
			}
		}
		w.wait(`!document.querySelector("[data-sorry]").hidden`)
		w.shows(c.says)
		w.shows("JPEG") // the file is offered at once
		w.good("no-camera-" + strings.TrimSpace(c.film+"d"))
	}
}

// TestWhatTheCameraSees holds the hints of the page to films whose fault is
// known.
func TestWhatTheCameraSees(t *testing.T) {
	t.Parallel()
	s := serve(t)
	link := onboarding(t, s, `{"name":"Papers","steps":[{"step_id":"papers","order":1,"name":"Papers","type":"document_upload","document_requirements":[{"document_type":"passport"}]}]}`)
	for verdict, paint := range map[string]func(f, x, y int) byte{
		"dark":    func(f, x, y int) byte { return crisp(f, x, y) / 8 },
		"glare":   func(f, x, y int) byte { return max(crisp(f, x, y), byte(255*min(1, (x/320)))) },
		"blurred": func(_, x, y int) byte { return byte(80 + (x+y)/10) },
		"moving":  func(f, x, y int) byte { return crisp(0, x+f*37, y+f*23) },
	} {
		t.Run(verdict, func(t *testing.T) {
			w := open(t, s, look{Phone: true, Film: film(t, 640, 480, 6, paint)})
			w.goTo(link)
			if strings.Contains(w.text("main"), "I agree") {
				w.agree()
			}
			w.goTo(link + "/steps/papers/files/passport.front")
			w.wait(`document.querySelector("[data-camera]").dataset.verdict === "` + verdict + `"`)
			if hint := w.text("[data-hint]"); len(hint) < 10 {
				t.Errorf("the hint is %q", hint)
			}
		})
	}
}

// TestALivenessFilm films a live session: the frames go to the server while the
// instructions are shown, and the server judges them. What it says depends on
// whether face models are installed here; that every frame was taken does not.
func TestALivenessFilm(t *testing.T) {
	t.Parallel()
	s := serve(t)
	id, link := session(t, s, s.Orgs[0].LiveKey, `{"name":"Face","steps":[{"step_id":"live","order":1,"name":"Face check","type":"liveness","liveness_config":{"challenge_type":"FaceMovementAndLightChallenge"}},
		{"step_id":"more","order":2,"name":"About you","type":"form_fill","custom_fields":[{"field_id":"nick","name":"Name","type":"text","required":true}]}]}`)
	w := open(t, s, look{Phone: true, Film: film(t, 640, 480, 6, crisp)})
	w.goTo(link)
	w.agree()
	w.press("[data-start]")
	w.wait(`document.querySelector("[data-hint]").textContent.includes("straight ahead")`)
	w.wait(`/red|green|blue/.test(document.querySelector("[data-light]").className) && document.querySelector("[data-light]").className.includes("fade")`)
	w.good("liveness-film")
	w.wait(`document.querySelector("[data-words]").textContent !== "" && !document.querySelector("[data-words]").textContent.includes("being sent")`)
	if taken := ask[int](w, `performance.getEntriesByType("resource").filter(e => e.name.endsWith("/frames") && e.responseStatus === 200).length`); taken < 3 {
		t.Errorf("%d requests with frames were taken", taken)
	}
	if wrong := ask[int](w, `performance.getEntriesByType("resource").filter(e => e.name.includes("/liveness/") && e.responseStatus !== 200).length`); wrong > 0 {
		t.Errorf("%d requests of the film were refused", wrong)
	}
	got := s.call(t, s.Orgs[0].LiveKey, "GET", "/kyc/sessions/"+id, "")
	if got["status"] != "active" {
		t.Errorf("the session is %v", got["status"])
	}
}
