package walk

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// What a customer's system has lost is sent to it again: somebody names the range
// of time, mends one that ends before it begins, and the message comes under its
// old id.
func TestARangeOfTimeIsSentAgain(t *testing.T) {
	t.Parallel()
	came := make(chan string, 100)
	customer := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { came <- r.Header.Get("webhook-id") }))
	defer customer.Close()
	next := func() string {
		t.Helper()
		select {
		case id := <-came:
			return id
		case <-time.After(patience):
			t.Fatal("no message came")
			return ""
		}
	}
	s := serve(t)
	w := open(t, s, look{})
	w.enter(s.Orgs[0].User)
	w.toSandbox()
	w.goTo("/console/webhooks")
	w.write("#url", customer.URL)
	w.press(`input[name=all]`)
	w.press(`form[action="/console/webhooks"] > details > summary`)
	w.press(`input[name=event][value="workflow.published"]`)
	w.follow(`form[action="/console/webhooks"] > .actions button`)
	made := s.call(t, s.Orgs[0].SandboxKey, "POST", "/api/v1/workflows", `{"name":"Told","graph":{"entry":"s","nodes":{"s":{"type":"start","next":"e"},"e":{"type":"terminal","outcome":"approved"}}}}`)
	s.call(t, s.Orgs[0].SandboxKey, "POST", fmt.Sprintf("/api/v1/workflows/%s/publish", made["id"]), "")
	first := next()
	w.goTo("/console/webhooks")
	w.follow("main table a")
	w.press(`details:has(form[action$="/replay"]) > summary`)
	w.both()
	w.set("#from", "2099-01-01T00:00")
	w.set("#to", "2020-01-01T00:00")
	w.forgive("422")
	w.follow(`form[action$="/replay"] button`)
	if got := w.text(".errors"); !strings.Contains(got, "from must be before to") {
		t.Fatalf("the page says %q", got)
	}
	if got := ask[string](w, `document.querySelector("#from").value`); got != "2099-01-01T00:00" {
		t.Errorf("what was typed is gone: %q", got)
	}
	w.both()
	w.set("#from", "2020-01-01T00:00")
	w.set("#to", "2099-01-01T00:00")
	w.follow(`form[action$="/replay"] button`)
	if said := w.text("main .note"); !strings.Contains(said, "One message is sent again, under its old id.") {
		t.Errorf("the page says %q", said)
	}
	if again := next(); again != first {
		t.Errorf("it came as %s, before as %s", again, first)
	}
	w.both()
}
