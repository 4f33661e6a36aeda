package entities

import (
	"strings"
	"testing"

	"bonafide/kyc"
	"bonafide/procedure"
)

// pep is the workflow of seed 002's first sample.
const pep = `{"serviceName":"AML Screening","workflowName":"PEP & Sanctions","type":"pep_media","lifecyclePhase":"ONBOARDING","monitoringTypes":["AML"],
 "steps":[{"name":"DUPLICATE","type":"DUPLICATE"},{"name":"AML","type":"AML","dependsOn":["DUPLICATE"]},{"name":"MONITORING","type":"MONITOR_TOGGLE","dependsOn":["AML"]}]}`

// full asks for everything that needs no files.
const full = `{"serviceName":"Customers","workflowName":"Full / KYC","type":"onboarding","lifecyclePhase":"ONBOARDING",
 "steps":[{"type":"MATCHLIST"},{"type":"DUPLICATE"},{"type":"KYC"},{"type":"AML"},{"type":"FRAUD"}]}`

// The places of the two workflows for an individual.
const (
	pepPath  = "/serviceprofiles/AML%20Screening/workflows/PEP%20%26%20Sanctions"
	fullPath = "/serviceprofiles/Customers/workflows/Full%20KYC"
)

// office makes both workflows.
func (b *bench) office(c *client) {
	b.define(c, pep)
	b.define(c, strings.Replace(full, "Full / KYC", "Full KYC", 1))
}

func (b *bench) define(c *client, definition string) string {
	c.T.Helper()
	return c.Must(201, "POST", "/v2/admin/workflows", definition).Str("workflow.workflowId")
}

func TestAWorkflowFromItsDefinitionToItsResults(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	b.office(c)
	listed := c.Must(200, "GET", "/v2/workflows?serviceName=aml%20screening", nil)
	has(t, "workflow", workflowMembers, listed.At("workflows.0"))
	for path, want := range map[string]any{"workflows.0.serviceName": "AML Screening", "workflows.0.workflowName": "PEP & Sanctions", "workflows.0.type": "pep_media",
		"workflows.0.lifecyclePhase": "ONBOARDING", "workflows.0.monitoringTypes.0": "AML", "workflows.0.definition": nil, "total": 1.0} {
		if got := listed.At(path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	if got := c.Must(200, "GET", "/v2/workflows?include=workflowDefinition", nil); len(got.List("workflows.0.definition.steps")) < 5 || got.At("workflows.0.definition.version") != 1.0 || got.Str("workflows.0.definition.definitionUpdatedAt") == "" {
		t.Errorf("%s", got.Raw)
	}
	subject := c.adopt(named("Approve"))
	person := "/v2/individuals/" + subject
	run := c.With("X-Frankie-Username", "OPERATOR123").With("X-Frankie-Channel", strings.Repeat("ä", 80)).Must(200, "POST", person+pepPath+"/execute", `{"comment":{"text":"first look"}}`)
	has(t, "workflowResult", workflowResultMembers, run.At("workflowResult"))
	has(t, "serviceProfile", profileMembers, run.At("serviceProfile"))
	for path, want := range map[string]any{"workflowResult.workflowExecutionState": "COMPLETED", "workflowResult.status": "PASS", "workflowResult.result": "PASS",
		"workflowResult.workflowName": "PEP & Sanctions", "workflowResult.entityId": subject, "workflowResult.notes.comment": "first look", "workflowResult.updatedBy": "OPERATOR123",
		"workflowResult.requestId": run.Str("requestId"), "individual.entityId": subject, "serviceProfile.latestWorkflowExecutionId": run.Str("workflowExecutionId"),
		"workflowResult.statusOverrideRequestId": nil, "workflowExecutionState": nil, "serviceProfile.serviceName": "AML Screening"} {
		if got := run.At(path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	xid := run.Str("workflowExecutionId")
	uuid, ok := kyc.ParseULID(xid)
	if !ok || len(xid) != 26 {
		t.Fatalf("%q is no ULID", xid)
	}
	for _, s := range run.List("workflowResult.workflowStepResults") {
		has(t, "step result", stepResultMembers, s)
	}
	has(t, "risk", riskMembers, run.At("workflowResult.riskAssessment"))
	has(t, "factor", factorMembers, run.At("workflowResult.riskAssessment.riskFactors.0"))
	has(t, "steps", stepListMembers, run.At("workflowResult.steps"))
	// One execution, by its ULID, in lower case, and as a UUID.
	for _, name := range []string{xid, strings.ToLower(xid), string(uuid)} {
		one := c.Must(200, "GET", person+pepPath+"/executions/"+name, nil)
		if one.Str("workflowResult.workflowExecutionId") != xid || one.Str("createdAt") != one.Str("workflowResult.createdAt") || one.Str("updatedAt") == "" ||
			one.Str("updatedBy") != one.Str("workflowResult.updatedBy") || one.Str("individual.entityId") != subject {
			t.Errorf("%s: %s", name, one.Raw)
		}
	}
	list := c.Must(200, "GET", person+pepPath+"/executions", nil)
	if len(list.List("workflowResults")) != 1 || list.At("workflowExecutionState") != nil || list.At("total") != 1.0 {
		t.Errorf("%s", list.Raw)
	}
	// Names are compared in any case; other services and people have no such execution.
	c.Must(200, "GET", person+"/serviceprofiles/aml%20SCREENING/workflows/pep%20%26%20sanctions/executions/"+xid, nil)
	c.refused(404, "not_found", "", "GET", person+fullPath+"/executions/"+xid, nil)
	c.refused(404, "not_found", "", "GET", "/v2/individuals/"+c.adopt(named("Other"))+pepPath+"/executions/"+xid, nil)
	b.stranger.refused(404, "not_found", "", "GET", person+pepPath+"/executions/"+xid, nil)
	c.refused(404, "not_found", "", "GET", person+pepPath+"/executions/01HN9XHZN6MGXM9JXG50K59Q85", nil)
	c.refused(404, "not_found", "", "GET", person+pepPath+"/executions/string", nil)
	c.refused(404, "not_found", "", "POST", person+"/serviceprofiles/AML%20Screening/workflows/None/execute", nil)
	c.refused(404, "not_found", "", "POST", "/v2/individuals/3fa85f64-5717-4562-b3fc-2c963f66afa6"+pepPath+"/execute", nil)
	// What was established.
	results := c.Must(200, "GET", person+"/results?limit=100", nil)
	if len(results.List("processResults")) == 0 {
		t.Fatalf("no process results: %s", results.Raw)
	}
	for _, r := range results.List("processResults") {
		has(t, "process result", processResultMembers, r)
		has(t, "provider", processProviderMembers, r.(map[string]any)["providerResult"])
	}
	if p := c.Must(200, "GET", person+"/serviceprofiles", nil); p.Str("serviceProfiles.0.currentWorkflowName") != "PEP & Sanctions" {
		t.Errorf("%s", p.Raw)
	}
	audit := c.Must(200, "GET", person+"/audit?limit=100", nil)
	if !strings.Contains(string(audit.Raw), `"execution.read"`) || !strings.Contains(string(audit.Raw), `"results.read"`) || !strings.Contains(string(audit.Raw), xid) {
		t.Errorf("%s", audit.Raw)
	}
}

// hit executes the first workflow for somebody on a list and gives the places
// of the person and the execution.
func (c *client) hit(family string) (person, execution string, run got) {
	c.T.Helper()
	person = "/v2/individuals/" + c.adopt(named(family))
	run = c.Must(200, "POST", person+pepPath+"/execute", nil)
	return person, person + pepPath + "/executions/" + run.Str("workflowExecutionId"), run
}

func TestOverridesKeepTheResultAndTheirTrace(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	b.office(c)
	person, execution, run := c.hit("Sanction")
	result := run.Str("workflowResult.result")
	if run.Str("workflowResult.workflowExecutionState") != "COMPLETED" || result == "PASS" {
		t.Fatalf("%s", run.Raw)
	}
	// The body of seed 002, unchanged.
	seed := `{
 "status": "PASS",
 "comment": {
    "text": "Update after speaking to customer over phone directly"
  }
}`
	over := c.With("X-Frankie-Username", "OPERATOR123").Must(200, "PATCH", execution, seed)
	for path, want := range map[string]any{"workflowResult.status": "PASS", "workflowResult.result": result, "workflowResult.statusOverrideBy": "OPERATOR123",
		"workflowResult.statusOverrideRequestId": over.Str("requestId"), "workflowResult.updatedBy": "OPERATOR123", "updatedBy": "OPERATOR123",
		"workflowResult.statusOverrides.0.comment": "Update after speaking to customer over phone directly"} {
		if got := over.At(path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	if over.Str("workflowResult.statusOverrideAt") == "" {
		t.Error("nobody knows when")
	}
	// Each of the fourteen; without a name the key's stands there.
	for _, status := range procedure.Statuses() {
		if status == procedure.Unchecked {
			continue
		}
		got := c.Must(200, "PATCH", execution, map[string]any{"status": status, "comment": map[string]any{"text": "because"}})
		if got.Str("workflowResult.status") != status || got.Str("workflowResult.result") != result || got.Str("workflowResult.statusOverrideBy") == "" {
			t.Errorf("%s: %s", status, got.Raw)
		}
	}
	cleared := c.Must(200, "PATCH", execution, `{"status":"UNCHECKED","comment":{"text":"back"}}`)
	if cleared.Str("workflowResult.status") != result || cleared.At("workflowResult.statusOverrideRequestId") != nil || len(cleared.List("workflowResult.statusOverrides")) != 15 {
		t.Errorf("%s", cleared.Raw)
	}
	c.refused(400, "comment_required", "/comment/text", "PATCH", execution, `{"status":"PASS"}`)
	c.refused(422, "not_allowed_value", "/status", "PATCH", execution, `{"status":"FINE","comment":{"text":"x"}}`)
	c.With("If-Match", `"1"`).refused(412, "etag_mismatch", "", "PATCH", execution, seed)
	told := b.told(strings.TrimPrefix(person, "/v2/individuals/"))
	if len(told) != 15 || told[0].Webhook != eventOverridden || told[0].RequestID != over.Str("requestId") || told[0].Surface != kyc.SurfaceEntities {
		t.Errorf("%d messages, first %+v", len(told), told[:1])
	}
	// An issue is cleared by hand.
	iid := run.Str("workflowResult.issues.0.issueId")
	has(t, "issue", issueMembers, run.At("workflowResult.issues.0"))
	c.refused(400, "comment_required", "/comment/text", "PATCH", person+"/issues/"+iid, `{"isCleared":true}`)
	issue := c.With("X-Frankie-Username", "anna").Must(200, "PATCH", person+"/issues/"+iid, `{"isCleared":true,"comment":{"text":"seen"}}`)
	if issue.At("issue.isCleared") != true || issue.Str("issue.updatedBy") != "anna" || issue.Str("issue.updatedRequestId") != issue.Str("requestId") || issue.Str("workflowResult.result") != result {
		t.Errorf("%s", issue.Raw)
	}
	c.refused(404, "not_found", "", "PATCH", person+"/issues/3fa85f64-5717-4562-b3fc-2c963f66afa6", `{"isCleared":true,"comment":{"text":"seen"}}`)
}

func TestJudgedHitsKeepWhatTheMachineSaid(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	b.office(c)
	person, execution, run := c.hit("Sanction")
	before := run.Str("workflowResult.result")
	hits := c.Must(200, "GET", person+"/results?classes=AML&results=HIT&manualStatuses=null", nil)
	if len(hits.List("processResults")) == 0 {
		t.Fatalf("%s", c.Must(200, "GET", person+"/results?limit=100", nil).Raw)
	}
	hit := hits.Str("processResults.0.processResultId")
	// The bodies of seed 002, unchanged: "string" is no process result of hers.
	for path, word := range map[string]string{"aml": "TRUE_POSITIVE", "idv": "CLEAR", "matchlist": "TRUE_POSITIVE", "duplicate": "TRUE_POSITIVE"} {
		body := `{"processResults": ["string"], "manualStatus": "` + word + `", "comment": {"text": "Update after speaking to customer over phone directly"}}`
		c.refused(422, "process_result_unknown", "/processResults/0", "PATCH", person+"/results/"+path, body)
	}
	judge := func(kind, status string, ids ...string) map[string]any {
		return map[string]any{"processResults": ids, "manualStatus": status, "comment": map[string]any{"text": "because"}}
	}
	for _, word := range procedure.ManualStatuses("aml") {
		got := c.With("X-Frankie-Username", "anna").Must(200, "PATCH", person+"/results/aml", judge("aml", word, hit))
		for path, want := range map[string]any{"processResults.0.manualStatus": word, "processResults.0.result": "HIT", "processResults.0.updatedBy": "anna", "processResults.0.manualStatusBy": "anna",
			"processResults.0.processResultId": hit} {
			if v := got.At(path); v != want {
				t.Errorf("%s: %s is %v, want %v", word, path, v, want)
			}
		}
	}
	// All or nothing.
	c.refused(422, "process_result_unknown", "/processResults/1", "PATCH", person+"/results/aml", judge("aml", "FALSE_POSITIVE", hit, "3fa85f64-5717-4562-b3fc-2c963f66afa6"))
	c.refused(422, "process_result_class", "/processResults/0", "PATCH", person+"/results/idv", judge("idv", "CLEAR", hit))
	c.refused(400, "manual_status_invalid", "/manualStatus", "PATCH", person+"/results/aml", judge("aml", "FALSE_POSITIVE_ACCEPT", hit))
	c.refused(422, "too_few_items", "/processResults", "PATCH", person+"/results/aml", `{"processResults":[],"manualStatus":"UNKNOWN"}`)
	if got := c.Must(200, "GET", person+"/results?manualStatuses=UNKNOWN_REJECT", nil); got.At("total") != 1.0 {
		t.Errorf("%s", got.Raw)
	}
	var ids []string
	for i := range hits.List("processResults") {
		ids = append(ids, hits.List("processResults")[i].(map[string]any)["processResultId"].(string))
	}
	c.Must(200, "PATCH", person+"/results/aml", judge("aml", "FALSE_POSITIVE", ids...))
	after := c.Must(200, "GET", execution, nil)
	for _, s := range after.List("workflowResult.workflowStepResults") {
		if s := s.(map[string]any); s["stepName"] == "AML" && s["result"] != "CLEARED" {
			t.Errorf("the step is %v", s["result"])
		}
	}
	if after.Str("workflowResult.result") != before || after.At("workflowResult.riskAssessment.isOutdated") != true || after.At("workflowResult.issues.0.isCleared") != true {
		t.Errorf("%s", after.Raw)
	}
	// Risk is a person's word, too.
	c.refused(422, "not_allowed_value", "/riskLevel", "PATCH", person+"/serviceprofiles/AML%20Screening/risk", `{"riskLevel":"AWFUL"}`)
	risk := c.With("X-Frankie-Username", "anna").Must(200, "PATCH", person+"/serviceprofiles/AML%20Screening/risk", `{"riskLevel":"HIGH","comment":{"text":"I know her"}}`)
	if risk.Str("riskAssessment.riskLevel") != "HIGH" || risk.Str("riskAssessment.updatedBy") != "anna" || risk.Str("serviceProfile.riskOverride.riskLevel") != "HIGH" || risk.Str("workflowResult.result") != before {
		t.Errorf("%s", risk.Raw)
	}
}

func TestFiltersOfResultsAndExecutions(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	b.office(c)
	person, _, _ := c.hit("Pep")
	c.Must(200, "POST", person+fullPath+"/execute", nil)
	total := func(path string) float64 {
		n, _ := c.Must(200, "GET", person+path, nil).At("total").(float64)
		return n
	}
	all := total("/results")
	aml := total("/results?classes=AML")
	if aml == 0 || aml >= all || total("/results?classes=AML,KYC") <= aml || total("/results?classes[]=AML&classes[]=KYC") != total("/results?classes=AML&classes=KYC") ||
		total("/results?profileName=customers") >= all || total("/results?stepNames=AML&states=COMPLETED&systemStatuses=VALID") != aml ||
		total("/results?createdAtBefore=2020-01-01T00:00:00Z") != 0 || total("/results?updatedAtAfter=2020-01-01T00:00:00Z") != all || total("/results?manualStatuses=TRUE_POSITIVE") != 0 {
		t.Errorf("the filters do not add up: %v of %v", aml, all)
	}
	first := c.Must(200, "GET", person+"/results?limit=1&sort=asc&sortFields=updatedAt,createdAt", nil)
	last := c.Must(200, "GET", person+"/results?limit=1&sort=desc", nil)
	if first.At("total") != all || first.Str("processResults.0.processResultId") == last.Str("processResults.0.processResultId") {
		t.Errorf("%s\n%s", first.Raw, last.Raw)
	}
	for query, at := range map[string]string{"/results?classes=SHOE": "/query/classes", "/results?sortFields=name": "/query/sortFields", "/results?limit=501": "/query/limit",
		"/results?manualStatuses=FALSE_POSITIVE_ACCEPT": "/query/manualStatuses", pepPath + "/executions?workflowExecutionStates=GONE": "/query/workflowExecutionStates",
		pepPath + "/executions?workflowResults=FINE": "/query/workflowResults", pepPath + "/executions?startedAtBefore=now": "/query/startedAtBefore"} {
		if got := c.Call("GET", person+query, nil); got.Status != 400 || got.Str("errorCode") != "API-0400" || got.Str("details.0.issueLocation") != at {
			t.Errorf("%s: %d %s", query, got.Status, got.Raw)
		}
	}
	if total(pepPath+"/executions?workflowExecutionStates=COMPLETED,ERROR") != 1 || total(pepPath+"/executions?workflowExecutionStates=INPROGRESS") != 0 ||
		total(pepPath+"/executions?workflowResults=PASS") != 0 || total(pepPath+"/executions?endedAtAfter=2020-01-01T00:00:00Z") != 1 || total(pepPath+"/executions?startedAtBefore=2020-01-01T00:00:00Z") != 0 {
		t.Error("the filters of executions do not add up")
	}
}
