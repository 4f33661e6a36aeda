package walk

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

func TestTheChainIsVerifiedAndFiguresAreTakenAway(t *testing.T) {
	t.Parallel()
	s := serve(t)
	onboarding(t, s, smallWorkflow)
	w := open(t, s, look{})
	w.enter(s.Orgs[0].User)
	w.toSandbox()
	w.goTo("/console/audit")
	w.follow(`form[action="/console/audit/verify"] button`)
	w.axe()
	w.picture("console-audit-verified")
	if got := w.text("main .note"); !strings.Contains(got, "The chain is whole") {
		t.Errorf("verify says %q", got)
	}
	if line := ask[string](w, `fetch("/console/audit/export?object=session").then(r => r.text())`); !strings.Contains(line, `"action":"session.create"`) || !strings.Contains(line, `"hash":`) {
		t.Errorf("the export holds %.300s", line)
	}
	w.goTo("/console/analytics?days=7")
	w.axe()
	if page := w.text("main"); !strings.Contains(page, "1 sessions were made") {
		t.Errorf("the figures are %.300s", page)
	}
	csv := ask[string](w, `fetch(document.querySelector('a[href*="funnel.csv"]').href).then(r => r.text())`)
	if !strings.Contains(csv, "stage,sessions,share") || !strings.Contains(csv, "made,1,100.0 %") {
		t.Errorf("the table is %q", csv)
	}
}

// Every figure of the analytics has a drawing, a table, and the same table as CSV.
func TestEachFigureHasItsTableAndCSV(t *testing.T) {
	t.Parallel()
	s := serve(t)
	crowd(t, s)
	link := onboarding(t, s, smallWorkflow)
	a := open(t, s, look{Phone: true})
	a.goTo(link)
	a.agree()
	a.write("[name='f.nick']", "Ada")
	a.follow("form .actions button")
	a.follow("button[name=send]")
	a.at("/status")
	s.call(t, s.Orgs[0].SandboxKey, "PUT", "/api/v1/settings", `{"quality":{"share":100}}`)
	id := waitingCase(t, s, "SANCTION")
	w := open(t, s, look{})
	w.sandboxAs(s.Orgs[0].User)
	w.goTo("/console/cases/" + id)
	w.keys("r")
	w.wait(`document.activeElement.id === "reject-code"`)
	w.strike(kb.ArrowDown)
	w.reach("#reject-text")
	w.keys("Listed")
	w.enterHere()
	w.arrive("/console/queue")
	w.goTo("/console/analytics?days=7")
	w.axe()
	type drawn struct {
		ID, CSV string
		Labels  int
		Head    []string
		Rows    [][]string
	}
	seen := map[string]bool{}
	for _, f := range ask[[]drawn](w, `Promise.all([...document.querySelectorAll("main section[aria-labelledby]")].map(async s => ({ID: s.getAttribute("aria-labelledby"), Labels: s.querySelectorAll("figure svg text").length,
		Head: [...s.querySelectorAll("thead th")].map(e => e.textContent), Rows: [...s.querySelectorAll("tbody tr")].map(r => [...r.cells].map(c => c.textContent)),
		CSV: s.querySelector("a[download]") ? await fetch(s.querySelector("a[download]").href).then(r => r.text()) : ""})))`) {
		seen[f.ID] = true
		if f.Labels == 0 {
			t.Errorf("%s is not drawn", f.ID)
		}
		lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(f.CSV, "\ufeff"))).ReadAll()
		if want := append([][]string{f.Head}, f.Rows...); err != nil || len(want) < 2 || !slices.EqualFunc(lines, want, slices.Equal) {
			t.Errorf("%s: the table is %q and its CSV %q (%v)", f.ID, want, lines, err)
		}
	}
	// On a phone the drawings are as wide as there is room, their words not smaller.
	for _, width := range []int64{390, 320} {
		w.wide(width)
		if wrong := ask[string](w, `[...document.querySelectorAll("main svg.chart")].flatMap(c => { const room = document.querySelector("main").getBoundingClientRect(), b = c.getBoundingClientRect();
			return [c, ...c.querySelectorAll("text")].filter(e => { const r = e.getBoundingClientRect(); return r.width > 0 && (r.right > innerWidth || r.left < 0); }).map(e => e.textContent.slice(0, 60)).concat(
				b.width < room.width / 2 ? ["a drawing is " + b.width + " wide"] : [], parseFloat(getComputedStyle(c).fontSize) < 12 ? ["small words"] : [], c.closest(".scroll") ? ["a drawing scrolls"] : []); }).join("; ")`); wrong != "" {
			t.Errorf("at %d pixels: %s", width, wrong)
		}
	}
	for _, id := range []string{"funnel", "steps", "times", "outcomes", "reasons", "checks", "providers", "reviewers"} {
		if !seen[id] {
			t.Errorf("the figure %s is missing", id)
		}
	}
}
