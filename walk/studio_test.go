package walk

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// atStudio signs an admin in, in the sandbox, and opens the list of workflows.
func atStudio(t testing.TB, s *server, l look) *window {
	t.Helper()
	w := open(t, s, l)
	w.goTo("/console/sign-in?to=/console/workflows")
	w.write("#email", s.Orgs[0].User.Email)
	w.write("#password", s.Orgs[0].User.Password)
	w.follow(".gate button")
	w.follow(".account form[action='/console/environment'] button")
	w.goTo("/console/workflows")
	return w
}

// newWorkflow makes a workflow from a template and waits for its editor.
func (w *window) newWorkflow(name, template string) (id string) {
	w.t.Helper()
	w.goTo("/console/workflows/new")
	w.write("#name", name)
	w.press("input[value='" + template + "']")
	w.follow("main form button")
	w.wait(`document.querySelector(".studio-bar [data-problems]")?.dataset.problems > ""`)
	path := w.path()
	return path[strings.LastIndex(path, "/")+1:]
}

// option picks an option as a person does, so that scripts hear of it.
func (w *window) option(css, value string) {
	w.t.Helper()
	w.do(chromedp.WaitVisible(chromedp.CSS(css)))
	if !ask[bool](w, fmt.Sprintf(`(async () => { const e = document.querySelector(%q); e.focus(); await new Promise(requestAnimationFrame); e.value = %q; const ok = e.value === %q; e.dispatchEvent(new Event("change", {bubbles: true})); return ok; })()`, css, value, value)) {
		w.t.Fatalf("%s has no option %q", css, value)
	}
}

// fill replaces what stands in a field, as typing over a selection does.
func (w *window) fill(css, text string) {
	w.t.Helper()
	w.do(chromedp.WaitVisible(chromedp.CSS(css)))
	ask[bool](w, fmt.Sprintf(`(() => { const e = document.querySelector(%q), text = %q; e.focus(); e.select(); return text === "" ? document.execCommand("delete") : document.execCommand("insertText", false, text); })()`, css, text))
}

// drag moves the mouse with its button held, in small steps.
func (w *window) drag(from, to string) {
	w.t.Helper()
	w.wait(fmt.Sprintf(`[%q, %q].every(css => { const r = document.querySelector(css)?.getBoundingClientRect(), c = document.querySelector(".canvas").getBoundingClientRect();
		return r && r.left >= c.left && r.right <= c.right && r.top >= c.top && r.bottom <= Math.min(c.bottom, innerHeight); })`, from, to))
	a, b := w.middle(from), w.middle(to)
	w.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, a[0], a[1]), chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, a[0], a[1], chromedp.ButtonLeft, chromedp.ClickCount(1)))
	const steps = 12
	for i := 1; i <= steps; i++ {
		k := float64(i) / steps
		w.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, a[0]+(b[0]-a[0])*k, a[1]+(b[1]-a[1])*k, chromedp.ButtonLeft))
	}
	w.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, b[0], b[1], chromedp.ButtonLeft, chromedp.ClickCount(1)))
}

// middle is where a piece of the page is once it stands still: what scrolls or
// is fitted into its frame is asked for again until three frames agree.
func (w *window) middle(css string) []float64 {
	w.t.Helper()
	return ask[[]float64](w, fmt.Sprintf(`(async () => {
		const at = () => { const r = document.querySelector(%q).getBoundingClientRect(); return [r.x + r.width/2, r.y + r.height/2]; };
		for (let was = at(), same = 0;;) {
			await new Promise(requestAnimationFrame);
			const now = at();
			same = now.join() === was.join() ? same + 1 : 0;
			if (same === 3) return now;
			was = now;
		}
	})()`, css))
}

// mended waits until the server has nothing to mend, saved until all is stored.
func (w *window) mended() {
	w.t.Helper()
	w.wait(`document.querySelector("[data-problems]")?.dataset.problems === "0"`)
}

func (w *window) saved() {
	w.t.Helper()
	w.wait(`document.querySelector("[data-saving]")?.dataset.saving === "saved"`)
}

// handle is the end of an edge that is drawn from or to.
func handle(node, way string) string {
	return fmt.Sprintf(".react-flow__node[data-id=%q] .react-flow__handle[data-handleid=%q]", node, way)
}

// piece presses a piece of the palette; it follows the selected node.
func (w *window) piece(name string) {
	w.t.Helper()
	w.press(".palette [data-piece='" + name + "']")
	w.wait(`document.activeElement?.matches("[data-form-head]")`) // which scrolls to the form
}

func (w *window) node(id string) {
	w.t.Helper()
	w.press(".outline [data-node='" + id + "']")
	w.wait(`document.activeElement?.matches("[data-form-head]")`)
}

// A compliance officer makes a workflow from nothing, with the mouse: sees a
// problem at its node and mends it, tries it, publishes it, changes it, rolls
// the change out to a quarter, and sessions made by API run both versions.
func TestAComplianceOfficerBuildsAWorkflow(t *testing.T) {
	t.Parallel()
	s := serve(t, "--rate-keys=1000/s,1000") // many sessions are made at the end
	w := atStudio(t, s, look{})
	w.both()
	id := w.newWorkflow("Onboarding", "blank")

	w.node("start")
	w.piece("watchlist_screening")
	w.piece("approved")
	w.press(".outline [data-node='start']")
	// A piece is dragged onto the drawing as well.
	ask[bool](w, `(() => { const from = document.querySelector("[data-piece=needs_review]"), to = document.querySelector(".canvas"), r = to.getBoundingClientRect(), data = new DataTransfer();
		from.dispatchEvent(new DragEvent("dragstart", {bubbles: true, dataTransfer: data}));
		for (const kind of ["dragover", "drop"]) to.dispatchEvent(new DragEvent(kind, {bubbles: true, cancelable: true, dataTransfer: data, clientX: r.x + r.width * 0.6, clientY: r.y + r.height * 0.75}));
		return true; })()`)
	w.wait(`document.querySelector(".react-flow__node[data-id=needs_review]") !== null`)

	// The problem stands at its node while it is there.
	w.wait(`document.querySelector("[data-problem=policy_route_missing]") !== null`)
	w.wait(`document.querySelector(".react-flow__node[data-id=watchlist_screening] .is-wrong") !== null`)
	w.both()
	w.picture("studio-problem")
	if got := w.text("[data-problem=policy_route_missing]"); !strings.Contains(got, "Say where the applicant goes when “Watchlists” fails.") {
		t.Errorf("the problem says %q", got)
	}
	// The end that was dropped has no way to it, which the node itself says.
	w.wait(`document.querySelector(".react-flow__node[data-id=needs_review] .card-count")?.textContent === "Nothing leads here"`)
	w.press("[data-problem=policy_route_missing]")
	w.wait(`document.querySelector("[data-way=on_fail]")?.getAttribute("aria-invalid") === "true"`)
	// It is mended by drawing the edge.
	w.drag(handle("watchlist_screening", "on_fail"), handle("needs_review", "in"))
	w.mended()
	w.wait(`document.querySelector("[data-way=on_fail]")?.value === "needs_review"`)
	w.saved()
	if got := w.text(".studio-state"); !strings.Contains(got, "Draft saved (no. ") || !strings.Contains(got, "Nothing is in force yet.") {
		t.Errorf("the editor says %q", got)
	}
	w.both()
	w.picture("studio-editor")

	w.option("[data-person]", "SANCTION")
	w.press("[data-run]")
	w.wait(`document.querySelector("[data-outcome]")?.dataset.outcome === "needs_review"`)
	w.wait(`[...document.querySelectorAll(".react-flow__edge.is-lit path")].filter(e => e.checkVisibility({visibilityProperty: true}) && e.getBoundingClientRect().width > 10).length >= 2`)
	if lit := ask[string](w, `[...document.querySelectorAll(".react-flow__edge.is-lit")].map(e => e.dataset.id).sort().join()`); lit != "start next,watchlist_screening on_fail" {
		t.Errorf("lit edges: %s", lit)
	}
	w.both()
	w.picture("studio-dry-run")

	w.goTo("/console/workflows/" + id + "/publish")
	w.both()
	w.write("#note", "The first one")
	w.follow("form[action$='/publish'] button")
	if got := w.text(".note.good"); !strings.Contains(got, "100 %") {
		t.Errorf("the page says %q", got)
	}

	// The second version asks more and begins with a quarter.
	w.goTo("/console/workflows/" + id)
	w.mended()
	w.node("watchlist_screening")
	w.write(".row[data-at='/config/threshold'] input", "0.7")
	w.node("start")
	w.piece("aml_pep")
	w.option("[data-way=on_fail]", "needs_review")
	w.mended()
	w.saved()
	if got := w.text("[data-in-force]"); !strings.HasPrefix(got, "In force: version ") || !strings.HasSuffix(got, " for everyone.") {
		t.Errorf("the editor says %q", got)
	}
	w.follow("[data-publish]")
	w.press("#share")
	w.do(chromedp.Clear(chromedp.CSS("#share")))
	w.write("#share", "25")
	if slider := ask[string](w, `document.querySelector(".share input[type=range]").value`); slider != "25" {
		t.Errorf("the slider stands at %s", slider)
	}
	w.reach(".share input[type=range]") // by keyboard, too
	w.strike(kb.ArrowRight, kb.ArrowRight)
	if share := ask[string](w, `document.querySelector("#share").value`); share != "27" {
		t.Errorf("after two steps of the slider the share is %s", share)
	}
	w.strike(kb.ArrowLeft, kb.ArrowLeft)
	w.write("#note", "Ask for politically exposed persons")
	w.picture("studio-publish")
	w.follow("form[action$='/publish'] button")
	w.both()
	if got := w.text(".note.good"); !strings.Contains(got, "25 %") {
		t.Errorf("the page says %q", got)
	}
	key := s.Orgs[0].SandboxKey
	now := s.call(t, key, "GET", "/api/v1/workflows/workflow_"+id, "")
	if share, _ := now["rollout_percentage"].(float64); share != 25 {
		t.Fatalf("the rollout is %v", now["rollout"])
	}
	// Of 60 sessions at 25 % all on one side would be a chance of 1 in 30 million.
	arms := map[any]int{}
	for range 60 {
		made := s.call(t, key, "POST", "/api/v1/sessions", `{"workflow_id":"workflow_`+id+`","fields":{"last_name":"Example"}}`)
		s.call(t, key, "POST", fmt.Sprintf("/api/v1/sessions/%s/submit", made["id"]), "")
		run := s.call(t, key, "GET", fmt.Sprintf("/api/v1/sessions/%s/workflow-run", made["id"]), "")
		arms[run["version"]]++
	}
	if len(arms) != 2 || arms[now["version"]] == 0 || arms[now["version"]] > 40 {
		t.Errorf("sessions by version: %v, newest %v", arms, now["version"])
	}

	w.goTo("/console/workflows/" + id + "/versions")
	w.both()
	w.picture("studio-versions")
	if n := ask[int](w, `document.querySelectorAll(".goback").length`); n != 1 {
		t.Errorf("%d versions are offered to go back to, not the one in force beside the rollout", n)
	}
	w.goTo(fmt.Sprintf("/console/workflows/%s/compare?from=%v&to=%v", id, previous(now), now["version"]))
	w.wait(`document.querySelectorAll(".react-flow__node .mark-added, .react-flow__node .mark-changed").length >= 2`)
	if got := w.text("table"); !strings.Contains(got, `"threshold":0.7`) || !strings.Contains(got, "now to Politically exposed persons") || strings.Contains(got, "aml_pep") {
		t.Errorf("the differences are %s", got)
	}
	w.both()
	w.picture("studio-compare")
	w.goTo("/console/workflows")
	w.wait(`document.querySelector("table") !== null`)
	w.both()
	w.picture("studio-list")
}

func previous(workflow map[string]any) any {
	r, _ := workflow["rollout"].(map[string]any)
	return r["previous_version"]
}

// strike sends keys to whatever has the focus.
func (w *window) strike(keys ...string) {
	w.t.Helper()
	for _, k := range keys {
		w.do(chromedp.KeyEvent(k))
	}
}

// enterHere presses Enter and waits for the page that this leads to.
func (w *window) enterHere() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.KeyEvent(kb.Enter)); err != nil {
		w.t.Fatalf("Enter at %s: %v", w.path(), err)
	}
}

// reach presses Tab until an element has the focus.
func (w *window) reach(css string) {
	w.t.Helper()
	for range 200 {
		if ask[bool](w, fmt.Sprintf("document.activeElement?.matches(%q) === true", css)) {
			return
		}
		w.strike(kb.Tab)
	}
	w.t.Fatalf("%s cannot be reached with the Tab key", css)
}

// The same by keyboard alone: palette, outline and form are enough.
func TestAWorkflowIsBuiltByKeyboard(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := atStudio(t, s, look{Dark: true})
	w.axe()
	w.goTo("/console/workflows/new")
	w.axe()
	w.reach("#name")
	w.strike("By keys")
	w.reach("input[name=template]")
	for range 20 {
		if ask[bool](w, `document.querySelector("input[value=blank]").checked`) {
			break
		}
		w.strike(kb.ArrowDown)
	}
	w.reach("main form button")
	w.enterHere()
	w.wait(`document.querySelector(".studio-bar [data-problems]")?.dataset.problems > ""`)
	id := w.path()[len("/console/workflows/"):]

	node := func(id string) {
		w.t.Helper()
		w.do(chromedp.KeyEvent("o", chromedp.KeyModifiers(chromedp.ModifierAlt)))
		w.wait(`document.activeElement?.closest(".outline") !== null`)
		for range 20 {
			if ask[string](w, `document.activeElement.dataset.node ?? ""`) == id {
				break
			}
			w.strike(kb.ArrowDown)
		}
		w.strike(kb.Enter)
		w.wait(`document.activeElement?.matches("[data-form-head]")`)
	}
	add := func(name string) {
		w.t.Helper()
		w.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierAlt)))
		w.reach("[data-piece='" + name + "']")
		w.strike(kb.Enter)
		w.wait(`document.activeElement?.matches("[data-form-head]")`)
	}
	node("start")
	add("email_risk")
	add("approved")
	node("email_risk")
	add("rejected") // takes the way that is open
	w.wait(`document.querySelector(".outline [data-node=rejected]") !== null`)
	node("email_risk")
	w.reach("[data-way=on_fail]")
	if got := ask[string](w, `document.activeElement.value`); got != "rejected" {
		w.strike("R") // as a select goes to the option that begins so
	}
	w.mended()
	// Copy, delete, undo.
	node("rejected")
	w.reach(".node-form .tools button")
	w.strike(kb.Enter)
	w.wait(`document.querySelector(".outline [data-node=rejected_2]") !== null`)
	w.do(chromedp.KeyEvent("z", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	w.wait(`document.querySelector(".outline [data-node=rejected_2]") === null`)
	w.mended()
	w.do(chromedp.KeyEvent("s", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	w.saved()
	w.axe()
	w.picture("studio-editor-dark")
	w.goTo("/console/workflows/" + id + "/publish")
	w.axe()
	w.reach("#note")
	w.strike("by keys")
	w.reach("form[action$='/publish'] button")
	w.enterHere()
	w.wait(`document.querySelector(".note.good") !== null`)
	key := s.Orgs[0].SandboxKey
	made := s.call(t, key, "POST", "/api/v1/sessions", `{"workflow_id":"workflow_`+id+`","fields":{"last_name":"Example","email":"a@example.com"}}`)
	s.call(t, key, "POST", fmt.Sprintf("/api/v1/sessions/%s/submit", made["id"]), "")
	run := s.call(t, key, "GET", fmt.Sprintf("/api/v1/sessions/%s/workflow-run", made["id"]), "")
	if run["workflow_id"] != "workflow_"+id {
		t.Errorf("the run is of %v", run["workflow_id"])
	}
}
