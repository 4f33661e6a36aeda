package walk

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// dryRun tries the workflow that is open with a person of a magic name and gives
// how it ends and the ways that were drawn as taken, which must be those that the
// list of the path beside it names.
func (w *window) dryRun(person string) (outcome string, lit []string) {
	w.t.Helper()
	if ask[bool](w, `document.querySelector("[data-outcome]") !== null`) {
		w.press(".dry-run .tools .plain") // what an earlier person lit goes out first
		w.wait(`document.querySelectorAll(".react-flow__edge.is-lit").length === 0`)
	}
	w.option("[data-person]", person)
	w.wait(`!document.querySelector("[data-run]").disabled`)
	w.press("[data-run]")
	w.wait(fmt.Sprintf(`document.querySelector("[data-outcome]")?.textContent.startsWith(%q)`, person+":"))
	w.wait(`document.querySelectorAll(".react-flow__edge.is-lit").length > 0`)
	w.wholeInView()
	lit = strings.Split(ask[string](w, `[...document.querySelectorAll(".react-flow__edge.is-lit")].map(e => e.dataset.id).sort().join()`), ",")
	path := ask[[]string](w, `[...document.querySelectorAll("[data-outcome] [data-stop]")].map(e => e.dataset.stop)`)
	for _, way := range lit {
		if from, _, _ := strings.Cut(way, " "); !slices.Contains(path, from) {
			w.t.Errorf("%s: the way %q is lit, and the person went %v", person, way, path)
		}
	}
	// Where nothing runs side by side, each stop but the last is left once.
	if len(lit) != len(path)-1 {
		w.t.Errorf("%s: %d ways are lit between %d stops: %v, %v", person, len(lit), len(path), lit, path)
	}
	return ask[string](w, `document.querySelector("[data-outcome]").dataset.outcome`), lit
}

// Workflows of all four surfaces are tried in the studio with made-up people: the
// ways they take light up, and they end as the sandbox ends them.
func TestWorkflowsOfAllSurfacesAreTried(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := atStudio(t, s, look{})
	w.goTo("/console/workflows/new")
	w.both()
	w.picture("studio-new")
	for _, c := range []struct {
		template, picture string
		ends              map[string]string
	}{
		{"document-face-lists", "", map[string]string{"APPROVE": "approved", "EXPIRED": "rejected", "NOMATCH": "needs_review"}},
		{"basic-kyc", "", map[string]string{"APPROVE": "approved", "REJECT": "needs_review"}},
		{"procedure", "studio-procedure", map[string]string{"APPROVE": "approved", "SANCTION": "needs_review"}},
		{"checklist", "studio-checklist", map[string]string{"APPROVE": "approved", "SANCTION": "needs_review", "SPOOF": "needs_review"}},
	} {
		if c.template == "checklist" { // those belong to the live environment
			w.goTo("/console/workflows")
			w.follow(`form[action="/console/environment"] button`)
		}
		id := w.newWorkflow("Try "+c.template, c.template)
		w.mended()
		ways := map[string][]string{}
		for person, want := range c.ends {
			got, lit := w.dryRun(person)
			if got != want {
				t.Errorf("%s with %s ends %s, not %s: %s", c.template, person, got, want, w.text(".dry-run"))
			}
			ways[want] = lit
		}
		if len(ways) < 2 || fmt.Sprint(ways["approved"]) == fmt.Sprint(ways["needs_review"]) {
			t.Errorf("%s: everybody takes the same way: %v", c.template, ways)
		}
		w.both()
		w.picture(c.picture)
		// A dry run leaves nothing: the definition is what it was.
		if text := w.text(".studio-bar"); strings.Contains(text, "Not saved yet") {
			t.Errorf("%s is changed by a dry run: %s", c.template, text)
		}
		key := s.Orgs[0].SandboxKey
		if c.template == "checklist" {
			key = s.Orgs[0].LiveKey
		}
		sessions, err := json.Marshal(s.call(t, key, "GET", "/api/v1/sessions?limit=5", "")["data"])
		if err != nil || string(sessions) != "[]" {
			t.Errorf("%s (%s): sessions were made: %s (%v)", c.template, id, sessions, err)
		}
	}
}
