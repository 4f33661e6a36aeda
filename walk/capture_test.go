package walk

import (
	"strings"
	"testing"
)

// session makes a workflow of surface A and a session of it.
func session(t *testing.T, s *server, key, workflow string) (id, link string) {
	t.Helper()
	made := s.call(t, key, "POST", "/kyc/workflows", workflow)
	of, _ := made["workflow_id"].(string)
	got := s.call(t, key, "POST", "/kyc/sessions", `{"workflow_id":"`+of+`"}`)
	id, _ = got["session_id"].(string)
	link, _ = got["public_url"].(string)
	if !strings.HasPrefix(link, s.URL+"/capture/") {
		t.Fatalf("no link: %v %v", made, got)
	}
	return id, link
}

// onboarding makes a session of the sandbox and gives its link.
func onboarding(t *testing.T, s *server, workflow string) string {
	t.Helper()
	_, link := session(t, s, s.Orgs[0].SandboxKey, workflow)
	return link
}

func TestAnApplicantIsWelcomed(t *testing.T) {
	t.Parallel()
	s := serve(t)
	link := onboarding(t, s, `{"name":"Account opening","steps":[{"step_id":"details","type":"form_fill","name":"Your details","order":1,"required":true,
		"custom_fields":[{"field_id":"nick","type":"text","name":"What do people call you?","required":true}]}]}`)
	w := open(t, s, look{Phone: true})
	w.goTo(link)
	w.axe()
	if got := w.text("main h1"); !strings.Contains(got, "Acme") {
		t.Errorf("the heading is %q", got)
	}
}
