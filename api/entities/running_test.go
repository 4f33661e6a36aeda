package entities

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

// until asks until an answer is as wanted.
func (c *client) until(path, at string, want any) got {
	c.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		r := c.must(200, "GET", path, nil)
		if r.at(at) == want {
			return r
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("%s: %s never is %v: %s", path, at, want, r.raw)
		}
		<-time.After(5 * time.Millisecond)
	}
}

func TestARunningExecution(t *testing.T) {
	t.Parallel()
	b := newIdleBench(t)
	c := b.sandbox
	b.office(c)
	subject := c.adopt(named("Approve"))
	person := "/v2/individuals/" + subject
	begun := c.with("X-Frankie-Background", "1").must(202, "POST", person+pepPath+"/execute", `{"comment":{"text":"later"}}`)
	if begun.str("entityId") != subject || begun.at("workflowResult") != nil || len(begun.json) != 3 {
		t.Errorf("%s", begun.raw)
	}
	xid := begun.str("workflowExecutionId")
	// The two members of seed 002 stand at the top level while it runs.
	list := c.must(200, "GET", person+pepPath+"/executions", nil)
	if list.str("workflowExecutionState") != "INPROGRESS" || list.str("requestId") == "" || list.str("workflowResults.0.workflowExecutionState") != "IN_PROGRESS" ||
		list.str("workflowResults.0.status") != "IN_PROGRESS" || list.at("workflowResults.0.endedAt") != nil {
		t.Errorf("%s", list.raw)
	}
	execution := person + pepPath + "/executions/" + xid
	c.refused(409, "execution_running", "/workflowExecutionId", "PATCH", execution, `{"status":"PASS","comment":{"text":"too early"}}`)
	again := c.refused(409, "execution_running", "/workflowExecutionId", "POST", person+pepPath+"/execute", nil)
	if !strings.Contains(string(again.raw), xid) {
		t.Errorf("nobody is told which one runs: %s", again.raw)
	}
	// Somebody else's cannot be seen; another workflow can run beside it.
	c.with("X-Frankie-Background", "1").must(202, "POST", person+fullPath+"/execute", nil)
	b.engine.Start(t.Context())
	done := c.until(execution, "workflowResult.workflowExecutionState", "COMPLETED")
	if done.str("workflowResult.result") != "PASS" || done.str("workflowResult.notes.comment") != "later" {
		t.Errorf("%s", done.raw)
	}
	if list := c.must(200, "GET", person+pepPath+"/executions", nil); list.at("workflowExecutionState") != nil {
		t.Errorf("it has ended: %s", list.raw)
	}
	c.until(person+fullPath+"/executions", "workflowResults.0.workflowExecutionState", "COMPLETED")
	told := b.told(subject)
	if len(told) != 2 || told[0].Webhook != eventComplete || told[0].RequestID != begun.str("requestId") && told[1].RequestID != begun.str("requestId") {
		t.Errorf("%+v", told)
	}
	for _, e := range told {
		if text := string(e.Payload); !strings.Contains(text, `"function":"WorkflowComplete"`) || !strings.Contains(text, `"functionResult":"SUCCESS"`) || !strings.Contains(text, `"requestId":"`+e.RequestID+`"`) ||
			strings.Contains(text, "Approve") {
			t.Errorf("%s", text)
		}
	}
	// Whoever waits for the answer is not told.
	c.must(200, "POST", person+pepPath+"/execute", nil)
	if n := len(b.told(subject)); n != 2 {
		t.Errorf("%d messages", n)
	}
}

func TestBothOrNeither(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	b.office(c)
	const fresh = "/v2/individuals/new"
	body := strings.TrimSuffix(ada, "}") + `,"comment":{"text":"new here"}}`
	run := c.with("X-Frankie-Username", "anna").must(200, "POST", fresh+pepPath+"/execute", body)
	if run.str("individual.name.familyName") != "Approve" || run.str("entityId") != run.str("individual.entityId") || run.str("workflowResult.result") != "PASS" ||
		run.str("workflowResult.notes.comment") != "new here" {
		t.Errorf("%s", run.raw)
	}
	person := "/v2/individuals/" + run.str("entityId")
	if got := c.must(200, "GET", person, nil); got.str("individual.documents.IDENTITY.0.type") != "PASSPORT" || got.str("serviceProfiles.0.serviceName") != "AML Screening" {
		t.Errorf("%s", got.raw)
	}
	background := c.with("X-Frankie-Background", "1").must(202, "POST", fresh+pepPath+"/execute", named("Later"))
	c.until("/v2/individuals/"+background.str("entityId")+pepPath+"/executions", "workflowResults.0.workflowExecutionState", "COMPLETED")
	// Nothing is made when nothing can be executed.
	c.refused(422, "data_missing", "/individual/addresses", "POST", fresh+fullPath+"/execute", `{"individual":{"name":{"givenName":"Ada","familyName":"Nobody"}}}`)
	c.refused(422, "country_code_invalid", "/individual/nationality", "POST", fresh+pepPath+"/execute", `{"individual":{"name":{"familyName":"Nobody"},"nationality":"AU"}}`)
	c.refused(404, "not_found", "", "POST", fresh+"/serviceprofiles/X/workflows/Y/execute", named("Nobody"))
	if got := c.must(200, "GET", "/v2/individuals", nil); got.at("total") != 2.0 {
		t.Errorf("somebody was made: %s", got.raw)
	}
}

func TestABrokenProviderNeverPasses(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	b.office(c)
	person, execution, run := c.hit("Error5xx")
	if run.str("workflowResult.workflowExecutionState") != "ERROR" || run.str("workflowResult.status") == "PASS" || run.str("workflowResult.result") == "PASS" || len(run.list("workflowResult.errors")) == 0 {
		t.Errorf("%s", run.raw)
	}
	has(t, "error", stepErrorMembers, run.at("workflowResult.errors.0"))
	// A person may decide nevertheless, and is on record with it.
	over := c.must(200, "PATCH", execution, `{"status":"APPROVED","comment":{"text":"the papers are here"}}`)
	if over.str("workflowResult.status") != "APPROVED" || over.str("workflowResult.workflowExecutionState") != "ERROR" {
		t.Errorf("%s", over.raw)
	}
	_ = person
}

func TestManualKYC(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	b.define(c, `{"serviceName":"Customers","workflowName":"KYC only","steps":[{"type":"KYC"}]}`)
	person := "/v2/individuals/" + c.adopt(named("Reject"))
	execute := func() got {
		return c.must(200, "POST", person+"/serviceprofiles/Customers/workflows/KYC%20only/execute", nil)
	}
	// The bodies of seed 002: the document is not hers.
	c.refused(422, "document_unknown", "/approvedDocuments/0", "POST", person+"/results/mkyc", `{
  "approvedBy": "OPERATOR123",
  "approvedDocuments": [
    "3fa85f64-5717-4562-b3fc-2c963f66afa6"
  ],
  "comment": {
    "text": "Update after speaking to customer over phone directly"
  }
}`)
	invalidate := `{
  "comment": {
    "text": "Invalidated due to insufficient evidence."
  }
}`
	c.refused(409, "mkyc_not_present", "", "POST", person+"/results/mkyc/invalidate", invalidate)
	c.refused(422, "required", "/approvedBy", "POST", person+"/results/mkyc", `{"approvedDocuments":["x"]}`)
	paper := func(kind string) string {
		return c.must(201, "POST", person+"/documents", map[string]any{"type": kind, "country": "AUS", "primaryIdentifier": "N" + kind, "expiryDate": "2099-01-01",
			"attachments": []any{map[string]any{"data": map[string]any{"base64": base64.StdEncoding.EncodeToString(picture(t, len(kind)))}}}}).str("document.documentId")
	}
	visa := paper("VISA")
	approve := func(ids ...string) map[string]any {
		return map[string]any{"approvedBy": "OPERATOR123", "approvedDocuments": ids, "comment": map[string]any{"text": "seen"}}
	}
	c.refused(422, "mkyc_insufficient_evidence", "/approvedDocuments", "POST", person+"/results/mkyc", approve(visa))
	passport := paper("PASSPORT")
	seen := c.must(200, "POST", person+"/results/mkyc", approve(passport))
	has(t, "process result", processResultMembers, seen.at("processResults.0"))
	for path, want := range map[string]any{"processResults.0.result": "MANUAL", "processResults.0.class": "KYC", "processResults.0.objectId": passport, "processResults.0.systemStatus": "VALID",
		"processResults.0.supplementaryData.matchData.nationalId.issuingCountryCode": "AUS"} {
		if got := seen.at(path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	run := execute()
	if run.at("workflowResult.isManual") != true || run.str("workflowResult.result") != "PASS" {
		t.Errorf("%s", run.raw)
	}
	gone := c.must(200, "POST", person+"/results/mkyc/invalidate", invalidate)
	if gone.str("processResults.0.systemStatus") != "MARKED_INVALID" {
		t.Errorf("%s", gone.raw)
	}
	c.refused(409, "mkyc_not_present", "", "POST", person+"/results/mkyc/invalidate", nil)
	if run = execute(); run.at("workflowResult.isManual") != false {
		t.Errorf("%s", run.raw)
	}
}

func TestMonitoringIsSwitchedByHand(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	b.office(c)
	person := "/v2/individuals/" + c.adopt(named("Approve"))
	c.refused(409, "no_service_profile", "", "PATCH", person+"/monitor", nil)
	c.must(200, "POST", person+fullPath+"/execute", nil)
	on := c.with("X-Frankie-Username", "anna").must(200, "PATCH", person+"/monitor?enabled=true&monitoringTypes=AML", nil)
	has(t, "subscription", subscriptionMembers, on.at("serviceProfiles.0.subscriptions.0"))
	if on.str("serviceProfiles.0.subscriptions.0.status") != "ENABLED" || on.str("serviceProfiles.0.subscriptions.0.enabledBy") != "anna" || len(on.list("serviceProfiles.0.subscriptions")) != 1 {
		t.Errorf("%s", on.raw)
	}
	off := c.must(200, "PATCH", person+"/monitor?enabled=false", nil)
	if off.str("serviceProfiles.0.subscriptions.0.status") != "DISABLED" {
		t.Errorf("%s", off.raw)
	}
	for query, at := range map[string]string{"?enabled=perhaps": "/query/enabled", "?monitoringTypes=WEATHER": "/query/monitoringTypes"} {
		if got := c.call("PATCH", person+"/monitor"+query, nil); got.status != 400 || got.str("details.0.issueLocation") != at {
			t.Errorf("%s: %d %s", query, got.status, got.raw)
		}
	}
	// A service profile has people, too.
	profile := person + "/serviceprofiles/customers"
	changed := c.must(200, "PATCH", profile, `{"assignee":"anna","reviewer":"ben","customerReference":"C-1","state":"INACTIVE"}`)
	for path, want := range map[string]any{"serviceProfile.assignee": "anna", "serviceProfile.reviewer": "ben", "serviceProfile.customerReference": "C-1", "serviceProfile.state": "INACTIVE"} {
		if got := changed.at(path); got != want {
			t.Errorf("%s is %v", path, got)
		}
	}
	if got := c.with("If-Match", changed.header.Get("ETag")).must(200, "PATCH", profile, `{"assignee":null,"customerReference":""}`); got.at("serviceProfile.assignee") != nil || got.at("serviceProfile.customerReference") != nil || got.str("serviceProfile.reviewer") != "ben" {
		t.Errorf("%s", got.raw)
	}
	c.refused(422, "not_allowed_value", "/state", "PATCH", profile, `{"state":"DELETED"}`)
	c.refused(404, "not_found", "", "GET", person+"/serviceprofiles/Nothing", nil)
}

func TestWorkflowsAreAdministered(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	made := c.must(201, "POST", "/v2/admin/workflows", pep)
	workflow := "/v2/admin/workflows/" + made.str("workflow.workflowId")
	if made.at("workflow.version") != 1.0 || !strings.HasPrefix(made.str("workflow.definitionHash"), "sha256:") || made.at("workflow.riskModel.bands.high") == nil || len(made.list("workflow.steps")) != 6 {
		t.Errorf("%s", made.raw)
	}
	c.refused(409, "workflow_exists", "", "POST", "/v2/admin/workflows", strings.ReplaceAll(pep, "PEP & Sanctions", "pep & SANCTIONS"))
	for at, body := range map[string]string{
		"/steps/1/type":              strings.Replace(pep, `"type":"AML","dependsOn"`, `"type":"DANCE","dependsOn"`, 1),
		"/steps/1/dependsOn":         strings.Replace(pep, `"dependsOn":["DUPLICATE"]`, `"dependsOn":["NOBODY"]`, 1),
		"/lifecyclePhase":            strings.Replace(pep, `"ONBOARDING"`, `"RETIREMENT"`, 1),
		"/monitoringTypes/0":         strings.Replace(pep, `["AML"]`, `["WEATHER"]`, 1),
		"/steps/0/colour":            strings.Replace(pep, `"type":"DUPLICATE"}`, `"type":"DUPLICATE","colour":{}}`, 1),
		"/serviceName":               strings.Replace(pep, `"serviceName":"AML Screening",`, ``, 1),
		"/steps/1/configuration/pep": strings.Replace(pep, `"dependsOn":["DUPLICATE"]`, `"configuration":{"pep":"yes"}`, 1),
	} {
		got := c.call("POST", "/v2/admin/workflows", body)
		if got.status != 422 || !strings.Contains(string(got.raw), `"issueLocation":"`+at) {
			t.Errorf("%s: %d %s", at, got.status, got.raw)
		}
	}
	lenient := c.must(201, "POST", "/v2/admin/workflows?strict=false", strings.NewReplacer("PEP & Sanctions", "Lenient", `"type":"pep_media"`, `"type":"pep_media","colour":"red"`).Replace(pep))
	if lenient.str("warnings.0.code") != "unknown_field" || lenient.str("warnings.0.path") != "/colour" {
		t.Errorf("%s", lenient.raw)
	}
	next := strings.Replace(pep, `"type":"pep_media"`, `"type":"pep_only"`, 1)
	put := c.with("If-Match", made.header.Get("ETag")).must(200, "PUT", workflow, next)
	if put.at("workflow.version") != 2.0 || put.str("workflow.type") != "pep_only" {
		t.Errorf("%s", put.raw)
	}
	c.with("If-Match", made.header.Get("ETag")).refused(412, "etag_mismatch", "", "PUT", workflow, pep)
	if got := c.must(200, "PUT", workflow, next); got.at("workflow.version") != 2.0 {
		t.Errorf("the same again made a version: %s", got.raw)
	}
	if got := c.must(200, "GET", "/v2/admin/workflows?serviceName=AML%20Screening", nil); got.at("total") != 2.0 || len(got.list("workflows.0.steps")) == 0 {
		t.Errorf("%s", got.raw)
	}
	b.stranger.refused(404, "not_found", "", "GET", workflow, nil)
	if got := b.reader.call("POST", "/v2/admin/workflows", pep); got.status != 403 {
		t.Errorf("%d", got.status)
	}
	c.must(200, "DELETE", workflow, nil)
	c.refused(404, "not_found", "", "GET", workflow, nil)
	if got := c.must(200, "GET", "/v2/workflows", nil); got.at("total") != 1.0 {
		t.Errorf("%s", got.raw)
	}
}
