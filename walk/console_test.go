package walk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// keys presses keys where the focus is.
func (w *window) keys(text string) {
	w.t.Helper()
	w.do(chromedp.KeyEvent(text))
}

// arrive waits until a page of this path is there, however it is reached.
func (w *window) arrive(path string) {
	w.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for {
		// Between two pages there is nothing to ask; the next look asks again.
		at, err := chromedp.Run(w.ctx, chromedp.Evaluate[string](`document.readyState === "complete" ? location.pathname : ""`))
		if err == nil && at == path {
			return
		}
		select {
		case <-deadline:
			w.t.Fatalf("at %s, not at %s", w.path(), path)
		case <-tick.C:
		}
	}
}

// say fills the reasons of an approval with keys: the first of them, a sentence,
// and that the hit has no verdict.
func (w *window) say(sentence string) {
	w.keys(kb.ArrowDown)
	w.wait(`document.querySelector("#approve-code").value !== ""`)
	w.keys("\t")
	w.wait(`document.activeElement.id === "approve-text"`)
	w.keys(sentence)
	w.wait(`document.querySelector("#approve-text").value === "` + sentence + `"`)
	w.keys("\t")
	w.wait(`document.activeElement.name === "unjudged"`)
	w.keys(" ")
	w.wait(`document.activeElement.checked`)
	w.keys("\r")
}

// sandboxAs signs a person in and goes to the sandbox.
func (w *window) sandboxAs(p person) {
	w.t.Helper()
	w.enter(p)
	w.toSandbox()
	w.arrive("/console/queue")
}

// picture of a passport that no check needs to read: the sandbox answers by
// the name.
func paper(t *testing.T) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 640, 440))
	for y := range 440 {
		for x := range 640 {
			img.Set(x, y, color.RGBA{uint8(200 + x%40), uint8(210 + y%30), 230, 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// send uploads a document to a session.
func (s *server) send(t *testing.T, key, session string, file []byte) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "passport.png")
	if err == nil {
		_, err = part.Write(file)
	}
	if err == nil {
		err = form.WriteField("type", "document_front")
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/api/v1/sessions/"+session+"/documents", &body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-API-Key", key)
	req.Header.Set("Content-Type", form.FormDataContentType())
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode/100 != 2 {
		text, _ := io.ReadAll(res.Body) // the status is what the test fails for
		t.Fatalf("uploading: %d %s", res.StatusCode, text)
	}
}

// waitingCase makes a workflow that screens and a session of somebody who is
// listed, and waits until the case is there.
func waitingCase(t *testing.T, s *server, name string) (caseID string) {
	t.Helper()
	return filedCase(t, s, name, `{"start":{"type":"start","next":"read"},
		"read":{"type":"policy","policy":"document_ocr","on_pass":"lists","on_fail":"look"},`+screened)
}

// screened is the end of the graphs whose cases are filed for a hit.
const screened = `"lists":{"type":"policy","policy":"watchlist_screening","config":{"lists":["demo"]},"on_pass":"yes","on_fail":"look"},
		"yes":{"type":"terminal","outcome":"approved"},
		"look":{"type":"terminal","outcome":"needs_review","reason_code":"list_hit","case":{"queue":"identity","sla_hours":4}}}`

// longCase is waitingCase with nine stops before the one that finds something.
func longCase(t *testing.T, s *server) (caseID string) {
	t.Helper()
	nodes := `{"start":{"type":"start","next":"question_1"},`
	for i := 1; i < 10; i++ {
		next := fmt.Sprintf("question_%d", i+1)
		if i == 9 {
			next = "lists"
		}
		nodes += fmt.Sprintf(`"question_%d":{"type":"conditional","routes":[{"conditions":[{"field":"session.country","operator":"==","value":"NL"}],"next":%q}],"default":%q},`, i, next, next)
	}
	return filedCase(t, s, "SANCTION", nodes+screened)
}

// filedCase makes a workflow of nodes and a session of somebody by it, and waits
// until the case is there.
func filedCase(t *testing.T, s *server, name, nodes string) (caseID string) {
	t.Helper()
	key := s.Orgs[0].SandboxKey
	made := s.call(t, key, "POST", "/api/v1/workflows", `{"name":"Account opening `+name+`","graph":{"entry":"start","nodes":`+nodes+`}}`)
	id, _ := made["id"].(string)
	s.call(t, key, "POST", "/api/v1/workflows/"+id+"/publish", `{"change_note":"first"}`)
	session := s.call(t, key, "POST", "/api/v1/sessions", `{"workflow_id":"`+id+`","fields":{"first_name":"Sam","last_name":"`+name+`","date_of_birth":"1990-05-17"}}`)
	sid, _ := session["id"].(string)
	s.send(t, key, sid, paper(t))
	s.call(t, key, "POST", "/api/v1/sessions/"+sid+"/submit", "")
	deadline := time.After(patience)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		list := s.call(t, key, "GET", "/api/v1/cases?limit=50", "")
		raw, err := json.Marshal(list["data"])
		if err != nil {
			t.Fatal(err)
		}
		var cases []struct {
			ID        string `json:"id"`
			SessionID string `json:"session_id"`
		}
		if err := json.Unmarshal(raw, &cases); err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			if c.SessionID == sid {
				return c.ID
			}
		}
		select {
		case <-deadline:
			t.Fatalf("no case for %s", sid)
		case <-tick.C:
		}
	}
}

// Two reviewers bring a case from the queue to its second approval and touch no
// pointer after signing in.
func TestReviewersDecideWithKeysOnly(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.call(t, s.Orgs[0].SandboxKey, "PUT", "/api/v1/settings", `{"dual_review":true}`)
	id := waitingCase(t, s, "SANCTION")

	first := open(t, s, look{})
	first.sandboxAs(s.Orgs[0].SecondUser)
	first.axe()
	first.picture("console-queue")
	first.keys("?")
	first.wait(`document.querySelector("dialog#keys").open`)
	first.axe()
	first.keys("\x1b")
	first.keys("j")
	first.keys("\r")
	first.arrive("/console/cases/" + id)
	first.axe()
	first.picture("console-case")
	if got := first.text("main h1"); got != "Sam SANCTION" {
		t.Errorf("the case is headed %q", got)
	}
	first.keys("2")
	first.wait(`document.activeElement.id === "stop-2"`)
	first.keys("]")
	first.keys("+")
	first.wait(`document.querySelector(".sheet").style.width === "125%"`)
	first.keys("a")
	first.wait(`document.activeElement.id === "approve-code"`)
	first.axe()
	first.say("Another date of birth")
	first.arrive("/console/queue")
	if got := first.text(".note.good"); !strings.Contains(got, "Another person has to agree") {
		t.Errorf("after the first opinion: %q", got)
	}
	// The first reviewer finds the case, and no way to decide it.
	first.goTo("/console/cases/" + id)
	if got := first.text(".decide"); !strings.Contains(got, "Another person has to give the second") {
		t.Errorf("the first reviewer is offered %q", got)
	}

	second := open(t, s, look{Dark: true})
	second.sandboxAs(s.Orgs[0].User)
	second.goTo("/console/queue?view=second")
	second.axe()
	second.keys("n")
	second.arrive("/console/cases/" + id)
	second.axe()
	second.picture("console-case-dark")
	second.keys("a")
	second.wait(`document.activeElement.id === "approve-code"`)
	second.axe()
	second.say("I agree")
	second.arrive("/console/queue")
	if got := second.text(".note.good"); !strings.Contains(got, "approved") {
		t.Errorf("after the second opinion: %q", got)
	}
	second.goTo("/console/queue/decided")
	second.axe()
	second.picture("console-decided")
	if got := second.text("main table"); !strings.Contains(got, "possible match") || !strings.Contains(got, "approved") {
		t.Errorf("the decided cases: %q", got)
	}
	if got := s.call(t, s.Orgs[0].SandboxKey, "GET", "/api/v1/cases/"+id, ""); got["status"] != "approved" {
		t.Errorf("the case is %v", got["status"])
	}
}

func TestTheWayIn(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for _, l := range []look{{}, {Dark: true}, {Narrow: true}, {NoScript: true}} {
		w := open(t, s, l)
		w.goTo("/console/queue?view=mine")
		if !l.NoScript {
			w.axe()
		}
		if l == (look{}) {
			w.picture("console-sign-in")
		}
		w.write("#email", s.Orgs[0].User.Email)
		w.write("#password", "not the password")
		w.forgive("422")
		w.follow("form.card button")
		if got := w.text(".errors"); !strings.Contains(got, "wrong") {
			t.Errorf("a wrong password: %q", got)
		}
		w.write("#password", s.Orgs[0].User.Password)
		w.follow("form.card button")
		if got := w.path(); got != "/console/queue?view=mine" {
			t.Errorf("signed in at %s", got)
		}
		if l.Narrow || l.NoScript {
			continue
		}
		w.goTo("/console/account")
		if !l.Dark { // the dark window finds it begun
			w.follow("main form button")
		}
		w.axe()
	}
}
