package walk

import (
	"fmt"
	"strings"
	"testing"
)

// Somebody publishes to a share with bounds, mends a bound that is no number,
// sees what the rollout shows, and finds it set back after sessions went badly.
func TestTheStudioShowsTheGuardrailsOfARollout(t *testing.T) {
	t.Parallel()
	s := serve(t, "--rate-keys=1000/s,1000")
	key := s.Orgs[0].SandboxKey
	graph := func(age int) string {
		return fmt.Sprintf(`{"entry":"start","nodes":{"start":{"type":"start","next":"age"},"age":{"type":"policy","policy":"age_check","config":{"minimum_age":%d},"on_pass":"yes","on_fail":"no"},"yes":{"type":"terminal","outcome":"approved"},"no":{"type":"terminal","outcome":"rejected"}}}`, age)
	}
	made := s.call(t, key, "POST", "/api/v1/workflows", `{"name":"Guarded","graph":`+graph(18)+`}`)
	id := strings.TrimPrefix(fmt.Sprint(made["id"]), "workflow_")
	s.call(t, key, "POST", "/api/v1/workflows/workflow_"+id+"/publish", "")
	s.call(t, key, "PATCH", "/api/v1/workflows/workflow_"+id, `{"graph":`+graph(60)+`}`)
	w := atStudio(t, s, look{})
	w.goTo("/console/workflows/" + id + "/publish")
	w.fill("#share", "50")
	w.forgive("422") // the answer to a bound that is no number
	w.press("form[action$='/publish'] .guards summary")
	w.write("#new-max_rejection_rate", "many")
	w.write("#new-min", "3")
	w.follow("form[action$='/publish'] button")
	if got := w.text(".errors"); !strings.Contains(got, "Rejections, at most: a number from 0 to 100.") {
		t.Fatalf("the page says %q", got)
	}
	w.both()
	w.fill("#new-max_rejection_rate", "40")
	w.follow("form[action$='/publish'] button")
	w.both()
	if got := w.text(".trial"); !strings.Contains(got, "at most 40 %") || !strings.Contains(got, "bounds act from 3 on") {
		t.Fatalf("the page shows %q", got)
	}
	back := func() bool {
		got := s.call(t, key, "GET", "/api/v1/workflows/workflow_"+id+"/rollout", "")
		return got["set_back"] != nil
	}
	for i := 0; i < 40 && !back(); i++ { // each takes the new version with a chance of one half
		one := s.call(t, key, "POST", "/api/v1/sessions", `{"workflow_id":"workflow_`+id+`","fields":{"last_name":"Hals","date_of_birth":"1987-03-14"}}`)
		s.call(t, key, "POST", fmt.Sprintf("/api/v1/sessions/%s/submit", one["id"]), "")
	}
	w.becomes("the rollout is set back", back)
	w.goTo("/console/workflows/" + id + "/publish")
	if got := w.text(".setback"); !strings.Contains(got, "The rollout of version 2 was set back by itself") || !strings.Contains(got, "of its sessions were rejected, at most 40 % may") {
		t.Errorf("the page says %q", got)
	}
	w.both()
}
