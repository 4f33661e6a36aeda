package walk

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// The workflows of the other surfaces open as lists of steps with their graph
// beside, are changed in a form, and are in force once they are saved.
func TestWorkflowsOfStepsAndProceduresAreEdited(t *testing.T) {
	t.Parallel()
	s := serve(t)
	key := s.Orgs[0].SandboxKey
	w := atStudio(t, s, look{})

	id := w.newWorkflow("Opening", "basic-kyc")
	w.mended()
	w.wait(`document.querySelectorAll(".steps-graph .react-flow__node").length > 3`)
	w.both()
	w.option("#new-step", "form_fill")
	w.press(".adder button")
	w.press(".entries.steps > li:last-of-type > details > summary")
	w.wait(`document.querySelector(".entries.steps > li:last-of-type .row input") !== null`)
	last := ask[int](w, `document.querySelectorAll(".entries.steps > li").length`) - 1
	name := fmt.Sprintf(".row[data-at='/steps/%d/name'] input", last)
	w.fill(name, "")
	w.wait(`document.querySelector("[data-problems]").dataset.problems > "0"`)
	w.both()
	w.fill(name, "Your address")
	w.mended()
	w.picture("studio-steps")
	w.press("[data-save]")
	w.saved()
	made := s.call(t, key, "GET", "/kyc/workflows/"+id, "")
	steps, _ := made["steps"].([]any)
	if newest, _ := steps[len(steps)-1].(map[string]any); len(steps) != last+1 || newest["name"] != "Your address" {
		t.Errorf("the steps are %v", steps)
	}
	w.option("[data-person]", "REJECT")
	w.press("[data-run]")
	w.wait(`document.querySelectorAll(".steps-graph .react-flow__edge.is-lit").length > 2`)
	w.goTo("/console/workflows/" + id + "/compare?from=1&to=2")
	w.wait(`document.querySelectorAll(".react-flow__node").length > 6`)
	if got := w.text("table"); !strings.Contains(got, "Your address") || !strings.Contains(got, "not there") || strings.Contains(got, "/steps/") {
		t.Errorf("the differences are %s", got)
	}
	w.press("#as-json summary")
	if got := w.text("#as-json"); !strings.Contains(got, "/steps/") {
		t.Errorf("as JSON: %s", got)
	}

	id = w.newWorkflow("Individuals", "procedure")
	w.mended()
	w.press(".entries.steps > li:nth-of-type(2) > details > summary")
	w.both()
	w.press("[aria-label='Remove DUPLICATE']") // another step depends on it
	w.wait(`document.querySelector("[data-problems]").dataset.problems > "0"`)
	w.press(".studio-bar button:nth-of-type(2)") // undo
	w.mended()
	w.write(".row[data-at='/description'] input, .row[data-at='/description'] textarea", "People we know")
	w.mended()
	w.press("[data-save]")
	w.saved()
	if got := s.call(t, key, "GET", "/v2/admin/workflows/"+id, ""); fmt.Sprint(got["workflow"].(map[string]any)["description"]) != "People we know" {
		t.Errorf("the procedure is %v", got)
	}

	// Checklists belong to the live environment.
	w.follow(`form[action="/console/environment"] button`)
	id = w.newWorkflow("Checklist", "checklist")
	w.mended()
	w.wait(`document.querySelectorAll(".steps-graph .react-flow__node").length > 2`)
	w.press(".entries.steps > li:nth-of-type(1) > details > summary")
	w.both()
	minimum := ".row[data-at='/steps/0/config/minimum_age'] input"
	w.do(chromedp.WaitVisible(chromedp.CSS(".entries.steps details details > summary")))
	if !ask[bool](w, fmt.Sprintf("document.querySelector(%q) !== null", minimum)) {
		w.press(".entries.steps details details > summary")
	}
	w.fill(minimum, "21")
	w.press(".entries.steps > li:nth-of-type(1) [aria-label$=' down']")
	w.mended()
	w.press("[data-save]")
	w.saved()
	got, _ := s.call(t, s.Orgs[0].LiveKey, "GET", "/v1/workflows/"+id, "")["workflow"].(map[string]any)
	if text := fmt.Sprint(got["steps"]); !strings.HasPrefix(text, "[map[config:map[confidence_threshold") || !strings.Contains(text, "minimum_age:21") {
		t.Errorf("the checklist is %s", text)
	}
}

// Whoever may only read looks, compares and tries, and changes nothing; what two
// people change at the same time is settled by them.
func TestReadersAndConflictsInTheStudio(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := atStudio(t, s, look{})
	id := w.newWorkflow("Shared", "document-face-lists")
	w.mended()

	r := open(t, s, look{})
	r.goTo("/console/sign-in?to=/console/workflows")
	r.write("#email", s.Orgs[0].SecondUser.Email)
	r.write("#password", s.Orgs[0].SecondUser.Password)
	r.follow(".gate button")
	r.follow(`form[action="/console/environment"] button`)
	r.goTo("/console/workflows/" + id)
	r.mended()
	if n := ask[int](r, `document.querySelectorAll(".palette, .node-form input:not([disabled]), .node-form select:not([disabled])").length`); n != 0 {
		t.Errorf("a reviewer has %d ways to change a workflow", n)
	}
	r.press("[data-run]")
	r.wait(`document.querySelector("[data-outcome]")?.dataset.outcome === "approved"`)
	r.both()
	r.forgive("status of 403")
	r.goTo("/console/workflows/new")
	if got := r.text("h1"); !strings.Contains(got, "may not") {
		t.Errorf("a reviewer is shown %q", got)
	}

	// Somebody changes the workflow through the API meanwhile.
	s.call(t, s.Orgs[0].SandboxKey, "PATCH", "/api/v1/workflows/workflow_"+id, `{"description":"from elsewhere"}`)
	w.forgive("status of 412")
	w.node("face")
	w.option(".row[data-at='/config/security_level'] select", "strict")
	w.wait(`document.querySelector("[data-saving]").dataset.saving === "conflict"`)
	w.both()
	w.picture("studio-conflict")
	w.press(".note.warn .actions button:nth-of-type(2)")
	w.saved()
	now := s.call(t, s.Orgs[0].SandboxKey, "GET", "/api/v1/workflows/workflow_"+id, "")
	if text := fmt.Sprint(now["graph"]); !strings.Contains(text, "strict") {
		t.Errorf("what was to be saved over it is not: %s", text)
	}

	// The JSON view takes a whole definition and says what is no JSON.
	w.press(".studio-bar [aria-pressed='false']")
	w.fill(".json-view textarea", "x")
	w.press(".json-view button")
	w.wait(`document.querySelector(".json-view .problem") !== null`)
	w.both()
	w.fill(".json-view textarea", `{"entry":"start","nodes":{"start":{"type":"start","next":"end"},"end":{"type":"terminal","outcome":"needs_review"}}}`)
	w.press(".json-view button")
	w.wait(`document.querySelectorAll(".react-flow__node").length === 2`)
	w.do(chromedp.KeyEvent("z", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	w.wait(`document.querySelectorAll(".react-flow__node").length === 8`)
}
