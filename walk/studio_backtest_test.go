package walk

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// backtestGraph refuses whom the papers make younger than the age.
const backtestGraph = `{"entry":"start","nodes":{
 "start":{"type":"start","next":"papers"},
 "papers":{"type":"policy","policy":"document_ocr","on_pass":"grown","on_fail":"no","on_review":"look","on_error":"look"},
 "grown":{"type":"conditional","routes":[{"conditions":[{"field":"extracted.age","operator":"<","value":18}],"next":"no"}],"default":"yes"},
 "yes":{"type":"terminal","outcome":"approved"},
 "no":{"type":"terminal","outcome":"rejected","reason_code":"refused"},
 "look":{"type":"terminal","outcome":"needs_review"}}}`

// backtestApplicant is somebody who goes through the workflow.
type backtestApplicant struct{ family, born, country string }

// backtestSessions lets people go through a workflow by the API and gives their
// sessions.
func backtestSessions(t *testing.T, s *server, workflow string, people ...backtestApplicant) []string {
	t.Helper()
	key := s.Orgs[0].SandboxKey
	var out []string
	for _, p := range people {
		body, err := json.Marshal(map[string]any{"workflow_id": workflow, "country": p.country, "fields": map[string]any{"first_name": "Sam", "last_name": p.family, "date_of_birth": p.born}})
		if err != nil {
			t.Fatal(err)
		}
		id, _ := s.call(t, key, "POST", "/api/v1/sessions", string(body))["id"].(string)
		s.call(t, key, "POST", "/api/v1/sessions/"+id+"/submit", "{}")
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for deadline := time.After(patience); ; {
			if status := s.call(t, key, "GET", "/api/v1/sessions/"+id, "")["status"]; status == "completed" || status == "under_review" {
				break
			}
			select {
			case <-deadline:
				t.Fatalf("the session of %s does not end", p.family)
			case <-tick.C:
			}
		}
		out = append(out, id)
	}
	return out
}

// An admin moves the age of a condition in a new version, tries it on the
// sessions that were, and sees who would be refused, where the ways part and
// what reviewers said; a version that asks more leaves them open. All of it by
// keys, too.
func TestAVersionIsTriedOnPastSessions(t *testing.T) {
	t.Parallel()
	s := serve(t)
	key := s.Orgs[0].SandboxKey
	made := func(body map[string]any) string {
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	id, _ := s.call(t, key, "POST", "/api/v1/workflows", made(map[string]any{"name": "Grown-ups", "graph": json.RawMessage(backtestGraph)}))["id"].(string)
	s.call(t, key, "POST", "/api/v1/workflows/"+id+"/publish", "{}")
	sessions := backtestSessions(t, s, id, backtestApplicant{"APPROVE", "1960-02-01", "NL"}, backtestApplicant{"Young", "2004-05-17", "NL"}, backtestApplicant{"UNDERAGE", "2004-05-17", "DE"},
		backtestApplicant{"REVIEW", "1990-05-17", "DE"}, backtestApplicant{"Younger", "2005-05-17", "DE"}, backtestApplicant{"SANCTION", "1980-05-17", "NL"})
	held, _ := s.call(t, key, "GET", "/api/v1/sessions/"+sessions[5], "")["case_id"].(string)
	if held != "" {
		s.call(t, key, "POST", "/api/v1/cases/"+held+"/claim", `{"reviewer_id":"anna"}`)
		s.call(t, key, "POST", "/api/v1/cases/"+held+"/approve", `{"reviewer_id":"anna"}`)
	}
	s.call(t, key, "PATCH", "/api/v1/workflows/"+id, made(map[string]any{"graph": json.RawMessage(strings.Replace(backtestGraph, "18", "30", 1)), "change_note": "nobody below thirty"}))
	s.call(t, key, "PATCH", "/api/v1/workflows/"+id, made(map[string]any{"graph": json.RawMessage(strings.NewReplacer(`"default":"yes"`, `"default":"face"`,
		`"yes":{`, `"face":{"type":"policy","policy":"face_match","on_pass":"yes","on_fail":"no","on_review":"look","on_error":"look"},"yes":{`).Replace(backtestGraph))}))

	w := atStudio(t, s, look{})
	bare := strings.TrimPrefix(id, "workflow_")
	w.goTo("/console/workflows/" + bare)
	w.wait(`document.querySelector("[data-run]") !== null`)
	w.follow(".tabs a[href$='/backtest']") // beside the dry run
	w.both()
	w.walkable()
	w.option("#version", "2")
	w.do(chromedp.Focus(chromedp.CSS("main form.card button")))
	w.keys("\r")
	w.wait(`location.pathname.includes("/backtest/") && document.querySelector("#result") !== null`)
	w.shows("Version 2 on 6 sessions")
	w.shows("Compared with what really happened")
	rows := ask[[]string](w, `[...document.querySelectorAll("#sessions ~ .scroll tbody tr")].map(r => [...r.cells].slice(0, 3).map(c => c.innerText.trim()).join(" ") + " " + r.querySelector("code").innerText)`)
	want := []string{fmt.Sprintf("%s approved rejected grown", sessions[4]), fmt.Sprintf("%s approved rejected grown", sessions[1])}
	if fmt.Sprint(rows) != fmt.Sprint(want) {
		t.Errorf("these change: %q, want %q", rows, want)
	}
	w.shows("Final decisions of people")
	w.press("#sessions ~ .scroll summary")
	w.shows("start → papers → grown → no")
	w.press("section > details summary") // by country
	w.both()
	w.walkable()
	w.picture("studio-backtest")
	if over := ask[int](w, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); over > 0 {
		t.Errorf("the page is %d pixels too wide", over)
	}
	w.follow("#sessions ~ .scroll tbody th a")
	w.arrive("/console/sessions/" + sessions[4])

	// One that asks more than was asked: open, with the node and the reason.
	w.goTo("/console/workflows/" + bare + "/backtest")
	w.option("#version", "3")
	w.follow("main form.card button")
	w.shows("the session never asked this check face (face_match)")
	w.follow("nav[aria-label='Which sessions'] a[href*='show=not-known']")
	if got := ask[int](w, `[...document.querySelectorAll("#sessions ~ .scroll tbody tr")].filter(r => r.cells[2].innerText.trim() === "not known").length`); got == 0 {
		t.Errorf("no session is open: %s", w.text("main"))
	}
	w.both()

	// What is wrong with the form is said on it.
	w.forgive("422")
	w.goTo("/console/workflows/" + bare + "/backtest")
	w.press("main form.card summary")
	w.set("#from", "2026-05-02")
	w.set("#to", "2026-05-01")
	w.follow("main form.card button")
	w.wait(`document.querySelector(".errors[role=alert]") !== null`)
	w.both()
	w.goTo("/console/workflows/" + bare + "/backtest")
	w.follow("a[href*='/backtest/']") // an earlier one
	w.shows("Version 3 on 6 sessions")
}
