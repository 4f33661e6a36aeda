package walk

import "testing"

// studioFits expects each drawing of a page to begin at its entry, with text that
// can be read and no node upon another, and both zoom buttons to show their sign.
func (w *window) studioFits() {
	w.t.Helper()
	w.wait(`[...document.querySelectorAll(".canvas")].every(c => c.querySelector(".react-flow__node .is-start"))`)
	if wrong := ask[[]string](w, `[...document.querySelectorAll(".canvas")].flatMap(c => {
		const frame = c.getBoundingClientRect(), boxes = [...c.querySelectorAll(".react-flow__node")].map(n => ({id: n.dataset.id, r: n.getBoundingClientRect()}));
		const out = [], start = c.querySelector(".is-start").getBoundingClientRect();
		if (start.left < frame.left || start.right > frame.right || start.top < frame.top || start.bottom > frame.bottom) out.push("the entry is out of view");
		for (const a of boxes) for (const b of boxes) if (a.id < b.id && a.r.left < b.r.right - 1 && b.r.left < a.r.right - 1 && a.r.top < b.r.bottom - 1 && b.r.top < a.r.bottom - 1) out.push(a.id + " lies on " + b.id);
		const title = c.querySelector(".card-title"), scale = title.getBoundingClientRect().width / title.offsetWidth, size = parseFloat(getComputedStyle(title).fontSize) * scale;
		if (size < 10 || size > 17) out.push("the text is " + size + " px high");
		for (const b of c.querySelectorAll(".react-flow__controls-button svg")) { const r = b.getBoundingClientRect(); if (r.width < 8 || r.width > 20 || getComputedStyle(b.closest("button")).backgroundColor === getComputedStyle(b).color) out.push("a zoom button shows nothing"); }
		return out;
	})`); len(wrong) > 0 {
		w.t.Errorf("%s: %v", w.path(), wrong)
	}
}

// wholeInView expects each drawing of a page to be in view to its last node, with
// every word of how it stands out, and with arrowheads of one size.
func (w *window) wholeInView() {
	w.t.Helper()
	w.wait(`[...document.querySelectorAll(".canvas")].every(c => {
		const frame = c.getBoundingClientRect(), boxes = [...c.querySelectorAll(".react-flow__node")].map(n => n.getBoundingClientRect());
		return boxes.length > 0 && boxes.every(b => b.left >= frame.left && b.right <= frame.right && b.top >= frame.top && b.bottom <= frame.bottom); })`)
	if cut := ask[string](w, `[...document.querySelectorAll(".card-mark")].filter(e => e.getBoundingClientRect().right > e.closest(".card-node").getBoundingClientRect().right).map(e => e.textContent).join()`); cut != "" {
		w.t.Errorf("%s: cut off in a node: %s", w.path(), cut)
	}
	if n := ask[int](w, `[...document.querySelectorAll(".react-flow__arrowhead")].filter(e => e.getAttribute("markerUnits") !== "userSpaceOnUse").length`); n > 0 {
		w.t.Errorf("%s: %d arrowheads grow with their lines", w.path(), n)
	}
}

// Drawings open so that they can be read: in the editor, after tidying up, beside
// steps; where two versions are compared all of them is in view; and the navigation
// stays at the left.
func TestDrawingsInTheStudioOpenReadable(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := atStudio(t, s, look{})
	left := `document.querySelector(".side a").getBoundingClientRect().left + "," + document.querySelector(".side a").getBoundingClientRect().top`
	before := ask[string](w, left)
	w.newWorkflow("Readable", "document-face-lists")
	w.mended()
	w.studioFits()
	if after := ask[string](w, left); after != before {
		t.Errorf("the navigation jumps from %s to %s", before, after)
	}
	w.press(".react-flow__controls-zoomout")
	w.press(".studio-bar button:nth-of-type(3)") // tidy up
	w.wait(`(() => { const t = document.querySelector(".card-title"); return t && t.getBoundingClientRect().width / t.offsetWidth >= 0.64; })()`)
	w.wait(`document.querySelector(".studio-bar button").disabled === false`)
	w.saved() // leaving with something unsaved asks the person first
	w.studioFits()
	id := w.newWorkflow("Steps", "basic-kyc")
	w.mended()
	w.studioFits()
	w.option("#new-step", "form_fill")
	w.press(".adder button")
	w.mended()
	w.press("[data-save]")
	w.saved()
	w.goTo("/console/workflows/" + id + "/compare?from=1&to=2")
	w.wholeInView()
	w.both()
}

// A limit of 21 is tried with a person of 19 and one of 21.
func TestTheStudioTriesAnAge(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := atStudio(t, s, look{})
	w.newWorkflow("Adults", "age-gate")
	w.mended()
	w.fill("#palette-find", "age")
	w.wait(`document.querySelector("[data-piece=age_check]") !== null && document.querySelector("[data-piece=http]") === null`)
	w.node("adult")
	w.fill(".row[data-at='/config/minimum_age'] input", "21")
	w.mended()
	for age, want := range map[string]string{"19": "rejected", "30": "approved"} {
		w.fill("[data-age]", age)
		if got, _ := w.dryRun("APPROVE"); got != want {
			t.Errorf("a person of %s is %s: %s", age, got, w.text(".dry-run"))
		}
	}
	w.saved()
	w.both()
}
