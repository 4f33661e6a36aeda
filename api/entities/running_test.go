package entities

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

// until asks until an answer is as wanted.
func (c *client) until(path, at string, want any) got {
	c.T.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for {
		r := c.Must(200, "GET", path, nil)
		if r.At(at) == want {
			return r
		}
		if time.Now().After(deadline) {
			c.T.Fatalf("%s: %s never is %v: %s", path, at, want, r.Raw)
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
	begun := c.With("X-Frankie-Background", "1").Must(202, "POST", person+pepPath+"/execute", `{"comment":{"text":"later"}}`)
	if begun.Str("entityId") != subject || begun.At("workflowResult") != nil || len(begun.JSON) != 3 {
		t.Errorf("%s", begun.Raw)
	}
	xid := begun.Str("workflowExecutionId")
	// The two members of seed 002 stand at the top level while it runs.
	list := c.Must(200, "GET", person+pepPath+"/executions", nil)
	if list.Str("workflowExecutionState") != "INPROGRESS" || list.Str("requestId") == "" || list.Str("workflowResults.0.workflowExecutionState") != "IN_PROGRESS" ||
		list.Str("workflowResults.0.status") != "IN_PROGRESS" || list.At("workflowResults.0.endedAt") != nil {
		t.Errorf("%s", list.Raw)
	}
	execution := person + pepPath + "/executions/" + xid
	c.refused(409, "execution_running", "/workflowExecutionId", "PATCH", execution, `{"status":"PASS","comment":{"text":"too early"}}`)
	again := c.refused(409, "execution_running", "/workflowExecutionId", "POST", person+pepPath+"/execute", nil)
	if !strings.Contains(string(again.Raw), xid) {
		t.Errorf("nobody is told which one runs: %s", again.Raw)
	}
	// Somebody else's cannot be seen; another workflow can run beside it.
	c.With("X-Frankie-Background", "1").Must(202, "POST", person+fullPath+"/execute", nil)
	b.engine.Start(t.Context())
	done := c.until(execution, "workflowResult.workflowExecutionState", "COMPLETED")
	if done.Str("workflowResult.result") != "PASS" || done.Str("workflowResult.notes.comment") != "later" {
		t.Errorf("%s", done.Raw)
	}
	if list := c.Must(200, "GET", person+pepPath+"/executions", nil); list.At("workflowExecutionState") != nil {
		t.Errorf("it has ended: %s", list.Raw)
	}
	c.until(person+fullPath+"/executions", "workflowResults.0.workflowExecutionState", "COMPLETED")
	told := b.told(subject)
	if len(told) != 2 || told[0].Webhook != eventComplete || told[0].RequestID != begun.Str("requestId") && told[1].RequestID != begun.Str("requestId") {
		t.Errorf("%+v", told)
	}
	for _, e := range told {
		if text := string(e.Payload); !strings.Contains(text, `"function":"WorkflowComplete"`) || !strings.Contains(text, `"functionResult":"SUCCESS"`) || !strings.Contains(text, `"requestId":"`+e.RequestID+`"`) ||
			strings.Contains(text, "Approve") {
			t.Errorf("%s", text)
		}
	}
	// Whoever waits for the answer is not told.
	c.Must(200, "POST", person+pepPath+"/execute", nil)
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
	run := c.With("X-Frankie-Username", "anna").Must(200, "POST", fresh+pepPath+"/execute", body)
	if run.Str("individual.name.familyName") != "Approve" || run.Str("entityId") != run.Str("individual.entityId") || run.Str("workflowResult.result") != "PASS" ||
		run.Str("workflowResult.notes.comment") != "new here" {
		t.Errorf("%s", run.Raw)
	}
	person := "/v2/individuals/" + run.Str("entityId")
	if got := c.Must(200, "GET", person, nil); got.Str("individual.documents.IDENTITY.0.type") != "PASSPORT" || got.Str("serviceProfiles.0.serviceName") != "AML Screening" {
		t.Errorf("%s", got.Raw)
	}
	background := c.With("X-Frankie-Background", "1").Must(202, "POST", fresh+pepPath+"/execute", named("Later"))
	c.until("/v2/individuals/"+background.Str("entityId")+pepPath+"/executions", "workflowResults.0.workflowExecutionState", "COMPLETED")
	// Nothing is made when nothing can be executed.
	c.refused(422, "data_missing", "/individual/addresses", "POST", fresh+fullPath+"/execute", `{"individual":{"name":{"givenName":"Ada","familyName":"Nobody"}}}`)
	c.refused(422, "country_code_invalid", "/individual/nationality", "POST", fresh+pepPath+"/execute", `{"individual":{"name":{"familyName":"Nobody"},"nationality":"AU"}}`)
	c.refused(404, "not_found", "", "POST", fresh+"/serviceprofiles/X/workflows/Y/execute", named("Nobody"))
	if got := c.Must(200, "GET", "/v2/individuals", nil); got.At("total") != 2.0 {
		t.Errorf("somebody was made: %s", got.Raw)
	}
}

func TestABrokenProviderNeverPasses(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	b.office(c)
	person, execution, run := c.hit("Error5xx")
	if run.Str("workflowResult.workflowExecutionState") != "ERROR" || run.Str("workflowResult.status") == "PASS" || run.Str("workflowResult.result") == "PASS" || len(run.List("workflowResult.errors")) == 0 {
		t.Errorf("%s", run.Raw)
	}
	has(t, "error", stepErrorMembers, run.At("workflowResult.errors.0"))
	// A person may decide nevertheless, and is on record with it.
	over := c.Must(200, "PATCH", execution, `{"status":"APPROVED","comment":{"text":"the papers are here"}}`)
	if over.Str("workflowResult.status") != "APPROVED" || over.Str("workflowResult.workflowExecutionState") != "ERROR" {
		t.Errorf("%s", over.Raw)
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
		return c.Must(200, "POST", person+"/serviceprofiles/Customers/workflows/KYC%20only/execute", nil)
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
		return c.Must(201, "POST", person+"/documents", map[string]any{"type": kind, "country": "AUS", "primaryIdentifier": "N" + kind, "expiryDate": "2099-01-01",
			"attachments": []any{map[string]any{"data": map[string]any{"base64": base64.StdEncoding.EncodeToString(picture(t, len(kind)))}}}}).Str("document.documentId")
	}
	visa := paper("VISA")
	approve := func(ids ...string) map[string]any {
		return map[string]any{"approvedBy": "OPERATOR123", "approvedDocuments": ids, "comment": map[string]any{"text": "seen"}}
	}
	c.refused(422, "mkyc_insufficient_evidence", "/approvedDocuments", "POST", person+"/results/mkyc", approve(visa))
	passport := paper("PASSPORT")
	seen := c.Must(200, "POST", person+"/results/mkyc", approve(passport))
	has(t, "process result", processResultMembers, seen.At("processResults.0"))
	for path, want := range map[string]any{"processResults.0.result": "MANUAL", "processResults.0.class": "KYC", "processResults.0.objectId": passport, "processResults.0.systemStatus": "VALID",
		"processResults.0.supplementaryData.matchData.nationalId.issuingCountryCode": "AUS"} {
		if got := seen.At(path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	run := execute()
	if run.At("workflowResult.isManual") != true || run.Str("workflowResult.result") != "PASS" {
		t.Errorf("%s", run.Raw)
	}
	gone := c.Must(200, "POST", person+"/results/mkyc/invalidate", invalidate)
	if gone.Str("processResults.0.systemStatus") != "MARKED_INVALID" {
		t.Errorf("%s", gone.Raw)
	}
	c.refused(409, "mkyc_not_present", "", "POST", person+"/results/mkyc/invalidate", nil)
	if run = execute(); run.At("workflowResult.isManual") != false {
		t.Errorf("%s", run.Raw)
	}
}

func TestMonitoringIsSwitchedByHand(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	b.office(c)
	person := "/v2/individuals/" + c.adopt(named("Approve"))
	c.refused(409, "no_service_profile", "", "PATCH", person+"/monitor", nil)
	c.Must(200, "POST", person+fullPath+"/execute", nil)
	on := c.With("X-Frankie-Username", "anna").Must(200, "PATCH", person+"/monitor?enabled=true&monitoringTypes=AML", nil)
	has(t, "subscription", subscriptionMembers, on.At("serviceProfiles.0.subscriptions.0"))
	if on.Str("serviceProfiles.0.subscriptions.0.status") != "ENABLED" || on.Str("serviceProfiles.0.subscriptions.0.enabledBy") != "anna" || len(on.List("serviceProfiles.0.subscriptions")) != 1 {
		t.Errorf("%s", on.Raw)
	}
	off := c.Must(200, "PATCH", person+"/monitor?enabled=false", nil)
	if off.Str("serviceProfiles.0.subscriptions.0.status") != "DISABLED" {
		t.Errorf("%s", off.Raw)
	}
	for query, at := range map[string]string{"?enabled=perhaps": "/query/enabled", "?monitoringTypes=WEATHER": "/query/monitoringTypes"} {
		if got := c.Call("PATCH", person+"/monitor"+query, nil); got.Status != 400 || got.Str("details.0.issueLocation") != at {
			t.Errorf("%s: %d %s", query, got.Status, got.Raw)
		}
	}
	// A service profile has people, too.
	profile := person + "/serviceprofiles/customers"
	changed := c.Must(200, "PATCH", profile, `{"assignee":"anna","reviewer":"ben","customerReference":"C-1","state":"INACTIVE"}`)
	for path, want := range map[string]any{"serviceProfile.assignee": "anna", "serviceProfile.reviewer": "ben", "serviceProfile.customerReference": "C-1", "serviceProfile.state": "INACTIVE"} {
		if got := changed.At(path); got != want {
			t.Errorf("%s is %v", path, got)
		}
	}
	if got := c.With("If-Match", changed.Header.Get("ETag")).Must(200, "PATCH", profile, `{"assignee":null,"customerReference":""}`); got.At("serviceProfile.assignee") != nil || got.At("serviceProfile.customerReference") != nil || got.Str("serviceProfile.reviewer") != "ben" {
		t.Errorf("%s", got.Raw)
	}
	c.refused(422, "not_allowed_value", "/state", "PATCH", profile, `{"state":"DELETED"}`)
	c.refused(404, "not_found", "", "GET", person+"/serviceprofiles/Nothing", nil)
}

func TestWorkflowsAreAdministered(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	made := c.Must(201, "POST", "/v2/admin/workflows", pep)
	workflow := "/v2/admin/workflows/" + made.Str("workflow.workflowId")
	if made.At("workflow.version") != 1.0 || !strings.HasPrefix(made.Str("workflow.definitionHash"), "sha256:") || made.At("workflow.riskModel.bands.high") == nil || len(made.List("workflow.steps")) != 6 {
		t.Errorf("%s", made.Raw)
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
		got := c.Call("POST", "/v2/admin/workflows", body)
		if got.Status != 422 || !strings.Contains(string(got.Raw), `"issueLocation":"`+at) {
			t.Errorf("%s: %d %s", at, got.Status, got.Raw)
		}
	}
	lenient := c.Must(201, "POST", "/v2/admin/workflows?strict=false", strings.NewReplacer("PEP & Sanctions", "Lenient", `"type":"pep_media"`, `"type":"pep_media","colour":"red"`).Replace(pep))
	if lenient.Str("warnings.0.code") != "unknown_field" || lenient.Str("warnings.0.path") != "/colour" {
		t.Errorf("%s", lenient.Raw)
	}
	next := strings.Replace(pep, `"type":"pep_media"`, `"type":"pep_only"`, 1)
	put := c.With("If-Match", made.Header.Get("ETag")).Must(200, "PUT", workflow, next)
	if put.At("workflow.version") != 2.0 || put.Str("workflow.type") != "pep_only" {
		t.Errorf("%s", put.Raw)
	}
	c.With("If-Match", made.Header.Get("ETag")).refused(412, "etag_mismatch", "", "PUT", workflow, pep)
	if got := c.Must(200, "PUT", workflow, next); got.At("workflow.version") != 2.0 {
		t.Errorf("the same again made a version: %s", got.Raw)
	}
	if got := c.Must(200, "GET", "/v2/admin/workflows?serviceName=AML%20Screening", nil); got.At("total") != 2.0 || len(got.List("workflows.0.steps")) == 0 {
		t.Errorf("%s", got.Raw)
	}
	b.stranger.refused(404, "not_found", "", "GET", workflow, nil)
	if got := b.reader.Call("POST", "/v2/admin/workflows", pep); got.Status != 403 {
		t.Errorf("%d", got.Status)
	}
	c.Must(200, "DELETE", workflow, nil)
	c.refused(404, "not_found", "", "GET", workflow, nil)
	if got := c.Must(200, "GET", "/v2/workflows", nil); got.At("total") != 1.0 {
		t.Errorf("%s", got.Raw)
	}
}
