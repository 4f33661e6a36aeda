package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"bonafide/access"
	"bonafide/kyc"
)

// linkAt is an applicant's link in a page.
var linkAt = regexp.MustCompile(`https?://[^\s"<]+/capture/[A-Za-z0-9_-]{43}`)

// stolen says of a link whose successor is there that nobody comes in by it any
// more: neither the browser that was in already nor another.
func stolen(t *testing.T, was *visitor, next string) {
	t.Helper()
	for who, v := range map[string]*visitor{"who was in": was, "another": visits(t, was.link)} {
		for _, path := range []string{"", "/status", "/steps/who", "/events"} {
			if got := v.get(t, path); got.status != http.StatusNotFound {
				t.Errorf("%s reads %s of a link that ended: %d to %s", who, path, got.status, got.to)
			}
		}
		for _, path := range []string{"/consent", "/open", "/steps/who"} {
			if got := v.post(t, path, url.Values{"consent.processing": {"yes"}}); got.status != http.StatusNotFound {
				t.Errorf("%s posts %s to a link that ended: %d to %s", who, path, got.status, got.to)
			}
		}
	}
	if next == "" {
		return
	}
	if was.link == next {
		t.Error("the new link is the old one")
	}
	if got := visits(t, next).get(t, ""); got.status != http.StatusOK && got.status != http.StatusSeeOther {
		t.Errorf("the new link: %d %.300s", got.status, got.text)
	}
}

// A link that came into other hands ends with the next one, on every surface: by
// the API where the surface has a call for it, and by the console.
func TestAStolenLinkEnds(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "", unhurried)
	_, live := srv.newTenants(t)
	const password = "a long enough password"
	u, err := srv.app.access.CreateUser(t.Context(), access.UserRequest{Org: live.org, Email: "desk@links.example", Role: "admin", Password: password, By: kyc.SystemActor("test")})
	if err != nil {
		t.Fatal(err)
	}
	desk := srv.browser(t)
	desk.page("/console/sign-in", url.Values{"email": {u.Email}, "password": {password}})
	// byDesk presses a button of a session's page.
	byDesk := func(session, button string) (link string) {
		t.Helper()
		status, _, page := desk.page("/console/sessions/"+session+"/"+button, url.Values{})
		if link = linkAt.FindString(page); status != http.StatusOK || (link == "") != (button == "expire") {
			t.Fatalf("%s at the desk: %d %.3000s", button, status, page)
		}
		return link
	}
	form := `{"step_id":"who","order":1,"name":"About you","type":"form_fill","custom_fields":[{"field_id":"nick","name":"Name","type":"text","required":true}]}`

	t.Run("A", func(t *testing.T) {
		w := live.must(t, 201, "POST", "/kyc/workflows", json.RawMessage(`{"name":"Small","steps":[`+form+`]}`)).str("workflow_id")
		s := live.must(t, 201, "POST", "/kyc/sessions", map[string]any{"workflow_id": w})
		first := visits(t, s.str("public_url"))
		first.agrees(t)
		second := live.must(t, 200, "POST", "/kyc/sessions/"+s.str("session_id")+"/generate-link", nil).str("public_url")
		stolen(t, first, second)
		stolen(t, visits(t, second), byDesk(s.str("session_id"), "link"))
	})
	t.Run("A, of a party", func(t *testing.T) {
		child := live.must(t, 201, "POST", "/kyc/workflows", json.RawMessage(`{"name":"Owner","slug":"owner","steps":[`+form+`]}`)).str("workflow_id")
		w := live.must(t, 201, "POST", "/kyc/workflows", json.RawMessage(`{"name":"Company","steps":[{"step_id":"owners","order":1,"name":"Owners","type":"subsession_collection","subsession_config":{"workflow_id":"`+child+`","max_subsessions":2}}]}`)).str("workflow_id")
		s := live.must(t, 201, "POST", "/kyc/sessions", map[string]any{"workflow_id": w})
		party := srv.browse(t, "/public/sessions/"+s.str("access_token")+"/subsessions", map[string]any{"step_id": "owners"})
		if party.status != http.StatusCreated {
			t.Fatalf("%d %s", party.status, party.raw)
		}
		first := visits(t, party.str("public_url"))
		first.agrees(t)
		second := live.must(t, 200, "POST", "/kyc/sessions/"+s.str("session_id")+"/subsessions/"+party.str("session_id")+"/regenerate-link", nil).str("public_url")
		stolen(t, first, second)
		third := srv.browse(t, "/public/sessions/"+s.str("access_token")+"/subsessions/"+party.str("session_id")+"/regenerate-link", nil).str("public_url")
		stolen(t, visits(t, second), third)
	})
	t.Run("B", func(t *testing.T) {
		w := live.checklist(t, `{"id":"CONSENT"}`)
		s := live.must(t, 201, "POST", "/v1/sessions", map[string]any{"email": "anna@example.org", "firstName": "Anna", "lastName": "Lovelace", "phone": "+31612345678", "workflowId": w})
		first := visits(t, s.at("session_url"))
		if got := first.get(t, ""); got.status != http.StatusOK {
			t.Fatal(got.status, got.text)
		}
		stolen(t, first, byDesk(s.at("id"), "link"))
	})
	t.Run("C", func(t *testing.T) {
		live.entityWorkflow(t, "Hosted", "Identity", `{"type":"KYC"}`)
		entity := live.must(t, 201, "POST", "/v2/individuals", individual("Stolen")).at("individual.entityId")
		host := func() answer {
			t.Helper()
			return live.must(t, 201, "POST", "/v2/individuals/hostedurl", map[string]any{"entityId": entity, "serviceName": "Hosted", "workflowName": "Identity"})
		}
		a := host()
		first := visits(t, a.at("url"))
		if got := first.get(t, ""); got.status != http.StatusOK {
			t.Fatal(got.status, got.text)
		}
		b := host()
		stolen(t, first, b.at("url"))
		id, ok := kyc.ParseULID(b.at("workflowExecutionId"))
		if !ok {
			t.Fatal(b.at("workflowExecutionId"))
		}
		third := byDesk(string(id), "link")
		stolen(t, visits(t, b.at("url")), third)
		at := "/v2/individuals/" + entity + "/hostedurl"
		if got := live.must(t, 200, "DELETE", at+"?workflowExecutionId="+a.at("workflowExecutionId"), nil); len(got.value("workflowExecutionIds").([]any)) != 0 {
			t.Errorf("what had ended ends again: %s", got.raw)
		}
		live.must(t, 404, "DELETE", at+"?workflowExecutionId=01JD7Z5B0Q8V6W4X2Y0A1B2C3D", nil)
		if got := live.must(t, 200, "DELETE", at, nil); got.at("workflowExecutionIds.0") != b.at("workflowExecutionId") {
			t.Errorf("revoked %s", got.raw)
		}
		stolen(t, visits(t, third), "")
		if got := live.must(t, 200, "DELETE", at, nil); len(got.value("workflowExecutionIds").([]any)) != 0 {
			t.Errorf("a second time: %s", got.raw)
		}
		// The desk ends one as well, and its holder learns that the time is over.
		c := host()
		if id, ok = kyc.ParseULID(c.at("workflowExecutionId")); !ok {
			t.Fatal(c.raw)
		}
		byDesk(string(id), "expire")
		if got := visits(t, c.at("url")).get(t, ""); got.status != http.StatusGone {
			t.Errorf("a link the desk let expire: %d", got.status)
		}
		stolen(t, visits(t, c.at("url")), byDesk(string(id), "link"))
	})
	t.Run("D", func(t *testing.T) {
		w := live.must(t, 201, "POST", "/api/v1/workflows", map[string]any{"name": "look", "graph": json.RawMessage(`{"entry":"start","nodes":{"start":{"type":"start","next":"read"},
			"read":{"type":"policy","policy":"document_ocr","on_pass":"end","on_fail":"end"},"end":{"type":"terminal","outcome":"needs_review"}}}`)}).str("id")
		live.must(t, 200, "POST", "/api/v1/workflows/"+w+"/publish", nil)
		s := live.must(t, 201, "POST", "/api/v1/sessions", map[string]any{"workflow_id": w})
		at := "/api/v1/sessions/" + s.str("id")
		next := s.str("capture_url")
		for _, again := range []func() string{
			func() string { return live.must(t, 200, "POST", at+"/resume", nil).str("capture_url") },
			func() string { return live.must(t, 200, "POST", at+"/resend-invitation", nil).str("capture_url") },
			func() string {
				live.must(t, 200, "POST", at+"/expire", nil)
				return live.must(t, 200, "POST", at+"/resume", nil).str("capture_url")
			},
			func() string { return byDesk(s.str("id"), "link") },
		} {
			was := visits(t, next)
			if got := was.post(t, "/open", nil); got.status != http.StatusSeeOther {
				t.Fatalf("opening the link: %d %s", got.status, got.text)
			}
			if got := was.get(t, ""); got.status != http.StatusOK {
				t.Fatalf("whoever opened it: %d %s", got.status, got.text)
			}
			next = again()
			stolen(t, was, next)
		}
	})
}
