package walk

import (
	"strconv"
	"strings"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// attach chooses a file in a file field.
func (w *window) attach(css, file string) {
	w.t.Helper()
	w.do(chromedp.SetUploadFiles(chromedp.CSS(css), []string{file}))
}

// pick chooses an option of a select by its value.
func (w *window) pick(css, value string) {
	w.t.Helper()
	w.do(chromedp.WaitVisible(chromedp.CSS(css)), chromedp.SetValue(chromedp.CSS(css), value))
}

// set writes a value that typing would not give, such as a date.
func (w *window) set(css, value string) {
	w.t.Helper()
	w.do(chromedp.WaitVisible(chromedp.CSS(css)), chromedp.SetValue(chromedp.CSS(css), value))
}

// at waits until the window is at a path that ends so.
func (w *window) at(end string) {
	w.t.Helper()
	w.wait("location.pathname.endsWith(" + strconv.Quote(end) + ") && document.readyState === 'complete'")
}

// shows fails unless the page's main part holds a text.
func (w *window) shows(text string) {
	w.t.Helper()
	if got := w.text("main"); !strings.Contains(got, text) {
		w.t.Errorf("%s does not say %q:\n%s", w.path(), text, got)
	}
}

// scheme shows the page in light or dark colours.
func (w *window) scheme(name string) {
	w.t.Helper()
	w.shade = name
	tell(w, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
}

// both looks for violations in light and in dark.
func (w *window) both() {
	w.t.Helper()
	w.scheme("dark")
	w.axe()
	w.scheme("light")
	w.axe()
}

// looked looks for violations in light and in dark, unless that was done on this
// page before; then the page is as it was.
func (w *window) looked() {
	w.t.Helper()
	if w.noScript {
		return // axe is a script
	}
	page, before := ask[string](w, `document.querySelector("main").dataset.page`), w.shade
	for _, shade := range []string{"light", "dark"} {
		if !w.judged[page+" "+shade] {
			w.scheme(shade)
			w.axe()
		}
	}
	if w.shade != before {
		w.scheme(before)
	}
}

// wide sets the width of the window.
func (w *window) wide(width int64) {
	w.t.Helper()
	tell(w, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: phoneHeight, DeviceScaleFactor: 1, Mobile: true})
}

// fits fails where the page scrolls sideways in a window of 320 pixels, or something
// in it does that the keyboard does not reach; the window has its own size again
// afterwards.
func (w *window) fits() {
	w.t.Helper()
	w.wide(320)
	if over := ask[int](w, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); over > 0 {
		w.t.Errorf("%s is %d pixels too wide for 320: %s", w.path(), over,
			ask[string](w, `[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > 320 && !e.closest(".scroll, .canvas")).map(e => e.outerHTML.slice(0, 100)).join("\n")`))
	}
	// What scrolls sideways there is reached with the keyboard.
	if stuck := ask[string](w, `[...document.querySelectorAll("body *")].filter(e => ["auto", "scroll"].includes(getComputedStyle(e).overflowX) && e.clientWidth > 0 && e.scrollWidth > e.clientWidth + 1 && e.tabIndex < 0 &&
		!e.querySelector("a[href], button, input, select, textarea, summary, [tabindex='0']")).map(e => e.outerHTML.slice(0, 150)).join("\n")`); stuck != "" {
		w.t.Errorf("%s scrolls where no key reaches in a window of 320 pixels: %s", w.path(), stuck)
	}
	width, height := w.look.size()
	tell(w, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1, Mobile: w.look.Phone})
}

// good looks at the page as it stands: no violation of WCAG 2.2 AA in light and
// dark, nothing beyond the edge at 320 pixels (by picture), targets of 24 pixels or more,
// fewer than 60 kB of page, style and scripts, every control reached with Tab, and a
// picture of it.
func (w *window) good(name string) {
	w.t.Helper()
	w.both()
	w.wide(phoneWidth)
	if small := ask[string](w, `[...document.querySelectorAll("main button, main input:not([type=hidden]):not([type=checkbox]):not([type=radio]), main select, main a.button")].filter(e => {
		const r = e.getBoundingClientRect(); return r.width > 2 && r.height > 0 && r.height < 40 && !e.closest(".quiet") }).map(e => e.outerHTML).join(" ")`); small != "" {
		w.t.Errorf("%s (%s) has targets that are too small: %s", w.path(), name, small)
	}
	if size := ask[int](w, `performance.getEntriesByType("navigation").concat(performance.getEntriesByType("resource").filter(e => !/pictures|blob:/.test(e.name))).reduce((n, e) => n + (e.decodedBodySize || 0), 0)`); size > 60_000 || size == 0 {
		w.t.Errorf("%s (%s) weighs %d bytes", w.path(), name, size)
	}
	w.picture("capture-" + name)
	w.walkable()
}

// walkable presses Tab through the page and fails unless every control gets the
// focus, each with a visible mark.
func (w *window) walkable() {
	w.t.Helper()
	all := ask[int](w, `document.activeElement.blur(), [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")].filter(e => e.tabIndex >= 0 && !e.disabled && e.checkVisibility() && !(e.type === "radio" && !e.checked && [...document.getElementsByName(e.name)].some(x => x !== e && (x.checked || x.compareDocumentPosition(e) & 4)))).length`)
	seen := map[string]bool{}
	for range all + 12 { // a date takes several
		w.do(chromedp.KeyEvent("\t"))
		if at := ask[string](w, `(() => { const e = document.activeElement; if (!e || e === document.body) return ""; e.dataset.walked ??= String(Math.random());
			const s = getComputedStyle(e); return (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 ? "" : "unmarked ") + e.dataset.walked + " " + e.outerHTML.slice(0, 80) })()`); at != "" {
			if strings.HasPrefix(at, "unmarked") {
				w.t.Errorf("%s: the focus cannot be seen: %s", w.path(), at)
			}
			id, _, _ := strings.Cut(strings.TrimPrefix(at, "unmarked "), " ")
			seen[id] = true
		}
	}
	if len(seen) < all {
		w.t.Errorf("%s: Tab reaches %d of %d controls", w.path(), len(seen), all)
	}
}
