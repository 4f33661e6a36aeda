package walk

import (
	"strings"
	"testing"
)

// onboarding makes a workflow of surface A and a session, and gives its link.
func onboarding(t *testing.T, s *server, workflow string) string {
	t.Helper()
	key := s.Orgs[0].SandboxKey
	made := s.call(t, key, "POST", "/kyc/workflows", workflow)
	id, _ := made["workflow_id"].(string)
	got := s.call(t, key, "POST", "/kyc/sessions", `{"workflow_id":"`+id+`"}`)
	link, _ := got["public_url"].(string)
	if !strings.HasPrefix(link, s.URL+"/capture/") {
		t.Fatalf("no link: %v %v", made, got)
	}
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
	w.picture("capture-welcome")
	if got := w.text("main h1"); !strings.Contains(got, "Acme") {
		t.Errorf("the heading is %q", got)
	}
}
