package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"
)

// unhurried gives every key of a server as much as a test asks for.
func unhurried(c *serveCmd) {
	c.RateChecks, c.RateKeys = "100000/s,100000,100000000/day", "100000/s,100000"
}

// at is the text that stands at a path (a.b.0) of an answer; "" for none.
func (a answer) at(path string) string {
	s, _ := a.value(path).(string)
	return s
}

// value is whatever stands at a path of an answer.
func (a answer) value(path string) any {
	var v any
	if json.Unmarshal(a.raw, &v) != nil {
		return nil
	}
	return lookUp(v, path)
}

// code is the word of an error for programs, in the body of either form.
func (a answer) code() string {
	if a.str("code") != "" {
		return a.str("code")
	}
	return a.at("details.0.issueType")
}

// checklist makes a workflow of surface B: by the live key, as only that may.
func (c *client) checklist(t *testing.T, steps string) string {
	t.Helper()
	maker := c
	if c.sibling != nil {
		maker = c.sibling
	}
	return maker.must(t, http.StatusCreated, "POST", "/v1/workflows", json.RawMessage(`{"name":"Test","steps":[`+steps+`]}`)).at("workflow.id")
}

// applicant is the body of a new session of surface B.
func applicant(family string) map[string]any {
	return map[string]any{"email": "anna@example.org", "first_name": "Anna", "last_name": family, "phone": "+31612345678"}
}

// checkSession makes a session that the program drives.
func (c *client) checkSession(t *testing.T, workflow, family string) string {
	t.Helper()
	return c.must(t, http.StatusCreated, "POST", "/v1/workflows/"+workflow+"/sessions", applicant(family)).at("session_id")
}

// checkFile announces and sends one file, and gives its upload id.
func (c *client) checkFile(t *testing.T, session string, file []byte) string {
	t.Helper()
	a := c.must(t, http.StatusCreated, "POST", "/v1/sessions/"+session+"/uploads", map[string]any{"name": "picture", "content_type": "image/jpeg"})
	if sent := (&client{url: c.url}).send(t, "PUT", a.at("url"), "image/jpeg", bytes.NewReader(file), nil); sent.status != http.StatusOK {
		t.Fatalf("sending a file: %d %s", sent.status, sent.raw)
	}
	return a.at("upload_id")
}

// checkPapers is the submission of ID_VERIFICATION with a passport.
func (c *client) checkPapers(t *testing.T, session string) map[string]any {
	t.Helper()
	return map[string]any{"document_type": "passport", "uploads": map[string]any{
		"id_front": c.checkFile(t, session, picture(t, session+" passport")), "selfie_front": c.checkFile(t, session, picture(t, session+" selfie, the front"))}}
}

// submitCheck submits a step.
func (c *client) submitCheck(t *testing.T, session, step string, body any) answer {
	t.Helper()
	return c.must(t, http.StatusOK, "POST", "/v1/sessions/"+session+"/steps/"+step, body)
}

// submitPapers submits ID_VERIFICATION until the step is over: a check that
// says no uses up the attempts.
func (c *client) submitPapers(t *testing.T, session string) answer {
	t.Helper()
	for {
		if a := c.submitCheck(t, session, "ID_VERIFICATION", c.checkPapers(t, session)); a.at("step_status") != "IN_PROGRESS" || a.value("requirements.escalation") != nil {
			return a
		}
	}
}

// submitOver submits a step until it is over: a provider that is down uses up
// its attempts.
func (c *client) submitOver(t *testing.T, session, step string, body any) {
	t.Helper()
	for c.submitCheck(t, session, step, body).at("step_status") == "IN_PROGRESS" {
		if t.Context().Err() != nil {
			t.Fatal("the step does not end")
		}
	}
}

// screened is the submission of PEP_SANCTIONS.
func screened(family string) map[string]any {
	return map[string]any{"first_name": "Anna", "last_name": family, "date_of_birth": "1990-01-15"}
}

// consent is the submission of CONSENT.
func consent(name string) map[string]any { return map[string]any{"accepted": true, "legal_name": name} }

// awaitCheck polls a session of surface B until its run, if it has one, has
// ended with one of the statuses.
func (c *client) awaitCheck(t *testing.T, session string, ready func(answer) bool) answer {
	t.Helper()
	return c.awaitAnswer(t, "/v1/sessions/"+session, ready)
}

// awaitAnswer polls an address until its answer is what is waited for.
func (c *client) awaitAnswer(t *testing.T, path string, ready func(answer) bool) answer {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		a := c.must(t, http.StatusOK, "GET", path, nil)
		if ready(a) {
			return a
		}
		if time.Now().After(deadline) || t.Context().Err() != nil {
			t.Fatalf("GET %s stays\n%.8000s", path, a.raw)
		}
		pause(t)
	}
}

// checkEnded reports whether a session has the status and a case where one
// waits for a reviewer.
func checkEnded(status string) func(answer) bool {
	return func(a answer) bool {
		return a.at("session_record.status") == status && (status != "SUBMITTED" || a.at("session_record.case_id") != "")
	}
}

// entityWorkflow makes a workflow of surface C and gives its place behind an
// individual's.
func (c *client) entityWorkflow(t *testing.T, service, name, steps string) (id, place string) {
	t.Helper()
	id = c.must(t, http.StatusCreated, "POST", "/v2/admin/workflows", json.RawMessage(
		`{"serviceName":"`+service+`","workflowName":"`+name+`","type":"test","lifecyclePhase":"ONBOARDING","steps":[`+steps+`]}`)).at("workflow.workflowId")
	return id, "/serviceprofiles/" + url.PathEscape(service) + "/workflows/" + url.PathEscape(name)
}

// individual is the body of a new individual of whom enough is known for any
// check.
func individual(family string) map[string]any {
	return map[string]any{"individual": map[string]any{"name": map[string]any{"givenName": "Ada", "familyName": family}, "dateOfBirth": map[string]any{"year": 1990, "month": 5, "day": 17},
		"nationality": "AUS", "emailAddresses": []any{map[string]any{"email": "ada@example.org"}},
		"addresses": []any{map[string]any{"type": "RESIDENTIAL_ADDRESS", "status": "CURRENT", "streetNumber": "12", "streetName": "Kings", "streetType": "Road", "locality": "Perth",
			"postalCode": "6000", "country": "AUS"}}}}
}

// adopt makes an individual and gives its place.
func (c *client) adopt(t *testing.T, family string) string {
	t.Helper()
	return "/v2/individuals/" + c.must(t, http.StatusCreated, "POST", "/v2/individuals", individual(family)).at("individual.entityId")
}
