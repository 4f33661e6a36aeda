package entities

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/execution"
	"bonafide/kyc"
)

// The members of each form, as seed 002 and sections 5.4 to 5.10 of the
// specification list them. What stands here must always be there, null or
// empty where there is nothing to say.
const (
	workflowResultMembers = `schemaVersion workflowName workflowId workflowExecutionId workflowExecutionState status statusOverrideAt statusOverrideRequestId
 statusOverrideBy result riskAssessment isManual steps startedAt endedAt issues lifecyclePhase monitoringTypes requestId entityId entityType serviceProfileId
 endWorkflowId endWorkflowName workflowStepResults errors notes createdAt updatedAt updatedBy`
	stepListMembers   = `order passed failed incomplete notApplicable`
	stepResultMembers = `stepResultId workflowExecutionId stepName requestId objectType objectId schemaVersion startedAt endedAt serviceProviders result errors summary
 risk notes processResults createdAt updatedAt updatedBy`
	providerMembers  = `provider result order startedAt endedAt`
	stepRiskMembers  = `level contributedScore overallScore factors`
	stepErrorMembers = `code description location`
	issueMembers     = `issueId category issue severity workflowExecutionId stepResultId isCleared createdBy createdAt updatedAt updatedBy updatedRequestId`
	riskMembers      = `riskAssessmentId entityId serviceProfileId workflowId workflowExecutionId schemaVersion workflowRiskScore workflowRiskLevel riskScore riskLevel
 isOutdated riskFactors createdAt updatedAt updatedBy updatedRequestId`
	factorMembers        = `riskFactorId factor value score description manualOverrideScore status`
	processResultMembers = `processResultId entityId stepName stepType objectType objectId createdAt updatedAt result class providerResult supplementaryData errors
 systemStatus manualStatus schemaVersion requestId groupId notes state riskFactors updatedBy`
	processProviderMembers = `name source reference confidence sourceNormalized fuzziness riskScore errorCode errorMessage`
	individualMembers      = `entityId entityType schemaVersion name alternateNames dateOfBirth alternateDatesOfBirth gender placeOfBirth nationality addresses phoneNumbers
 emailAddresses consents customAttributes externalReferences documents relationships informationSources`
	nameMembers       = `givenName middleName familyName otherName prefix suffix displayName language`
	dateMembers       = `year month day unstructured type normalized`
	documentMembers   = `documentId type country subdivision primaryIdentifier secondaryIdentifier issueDate expiryDate validFrom validTo supplementaryData attachments`
	attachmentMembers = `attachmentId side type mimeType filename pageNumber data retrievalStatus`
	profileMembers    = `serviceProfileId serviceName state assignee reviewer currentWorkflowId currentWorkflowName latestWorkflowExecutionId latestRiskAssessmentId
 workflowSummaries subscriptions customerReference`
	subscriptionMembers = `type status workflowName enabledAt enabledBy disabledAt disabledBy`
	workflowMembers     = `serviceName workflowId workflowName type lifecyclePhase monitoringTypes`
)

// lacks are the members that an object does not have.
func lacks(members string, v any) []string {
	o, _ := v.(map[string]any)
	var out []string
	for _, m := range strings.Fields(members) {
		if _, ok := o[m]; !ok {
			out = append(out, m)
		}
	}
	return out
}

// has reports every member that an object should have and does not.
func has(t *testing.T, what, members string, v any) {
	t.Helper()
	o, ok := v.(map[string]any)
	if !ok {
		t.Errorf("%s is no object: %v", what, v)
		return
	}
	if missing := lacks(members, o); len(missing) > 0 {
		t.Errorf("%s lacks %s; it has %s", what, strings.Join(missing, ", "), strings.Join(slices.Sorted(maps.Keys(o)), " "))
	}
}

// tree is what a value is in JSON.
func tree(t *testing.T, v any) map[string]any {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// firstOf is the first object of a list.
func firstOf(v any) any {
	list, _ := v.([]any)
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

func TestAnExecutionOfWhichNothingIsKnownHasEveryMember(t *testing.T) {
	t.Parallel()
	got := tree(t, showExecution(execution.Executed{}))
	has(t, "workflowResult", workflowResultMembers, got)
	has(t, "steps", stepListMembers, got["steps"])
	for name, v := range got {
		switch name {
		case "statusOverrideAt", "statusOverrideRequestId", "statusOverrideBy", "riskAssessment", "endedAt", "startedAt", "endWorkflowId", "requestId", "updatedBy", "createdAt", "updatedAt", "endWorkflowName":
			if v != nil && v != "" {
				t.Errorf("%s is %v", name, v)
			}
		default:
			if v == nil {
				t.Errorf("%s is null; lists are empty and texts are texts", name)
			}
		}
	}
}

func TestAnExecutionShowsWhatItHolds(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 12, 0, 0, 123e6, time.UTC)
	xid, score := kyc.NewID(at), 5.0
	step := kyc.StepResult{ID: "s", Name: "AML", Type: "AML", Result: "HIT", ObjectType: "INDIVIDUAL", ObjectID: "o", StartedAt: at, EndedAt: at, ProcessResults: []kyc.ID{"p"},
		Providers: []kyc.StepProvider{{Provider: "lists", Result: "HIT", Order: 1}}, Errors: []kyc.StepError{{Code: "x", Description: "y", Location: "AML"}},
		Summary: map[string]any{"country": "AU"}, Risk: &kyc.StepRisk{Level: "LOW", Contributed: 10, Overall: 12, Factors: []kyc.RiskFactor{{Factor: "nationality", Value: "AU", Score: 3, Manual: &score}}}}
	e := kyc.Execution{Meta: kyc.Meta{ID: xid, CreatedAt: at, UpdatedAt: at}, SubjectID: "e", WorkflowID: "w", WorkflowName: "PEP & Sanctions", State: "COMPLETED", Status: "APPROVED",
		Result: "REVIEW", By: "anna", StartedAt: at, EndedAt: at, RequestID: "R1", Steps: []kyc.StepResult{step},
		Override:  &kyc.StatusOverride{ID: "v", At: at.Add(time.Hour), By: "OPERATOR123", RequestID: "R2"},
		Overrides: []kyc.StatusOverride{{ID: "v", From: "REVIEW", Status: "APPROVED", At: at.Add(time.Hour), By: "OPERATOR123", RequestID: "R2"}},
		Issues:    []kyc.EntityIssue{{ID: "i", Category: "AML", Issue: "SANCTION", Severity: "CRITICAL", StepResultID: "s", StepName: "AML", CreatedAt: at}},
		Risk: &kyc.RiskAssessment{ID: "r", Score: 12, Level: "LOW", OverriddenLevel: "HIGH", Factors: []kyc.RiskFactor{{ID: "f", Factor: "country", Value: "KP", Score: 9, Status: "VALID"}},
			CreatedAt: at},
		Private: kyc.ExecutionWords{Comment: "please", Overrides: map[kyc.ID]string{"v": "spoke to her"}}}
	got := tree(t, showExecution(execution.Executed{Execution: e}))
	for member, want := range map[string]any{"workflowExecutionId": kyc.ULID(xid), "status": "APPROVED", "result": "REVIEW", "statusOverrideBy": "OPERATOR123",
		"statusOverrideAt": "2026-03-01T13:00:00.123Z", "statusOverrideRequestId": "R2", "updatedBy": "OPERATOR123", "endWorkflowId": "w", "endWorkflowName": "PEP & Sanctions",
		"entityType": "INDIVIDUAL", "requestId": "R1", "startedAt": "2026-03-01T12:00:00.123Z"} {
		if got[member] != want {
			t.Errorf("%s is %v, want %v", member, got[member], want)
		}
	}
	one, _ := firstOf(got["workflowStepResults"]).(map[string]any)
	has(t, "step result", stepResultMembers, one)
	has(t, "provider", providerMembers, firstOf(one["serviceProviders"]))
	has(t, "error", stepErrorMembers, firstOf(one["errors"]))
	has(t, "step risk", stepRiskMembers, one["risk"])
	has(t, "issue", issueMembers, firstOf(got["issues"]))
	has(t, "risk", riskMembers, got["riskAssessment"])
	risk, _ := got["riskAssessment"].(map[string]any)
	has(t, "factor", factorMembers, firstOf(risk["riskFactors"]))
	text, _ := json.Marshal(got)
	for _, want := range []string{`"country":"AUS"`, `"value":"AUS"`, `"value":"PRK"`, `"riskLevel":"HIGH"`, `"workflowRiskLevel":"LOW"`, `"comment":"spoke to her"`, `"notes":{"comment":"please"}`, `"score":5`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s is missing in %s", want, text)
		}
	}
	e.State, e.EndedAt = inProgress, time.Time{}
	if got := tree(t, showExecution(execution.Executed{Execution: e})); got["endWorkflowId"] != nil || got["endedAt"] != nil || got["workflowExecutionState"] != "IN_PROGRESS" {
		t.Errorf("a running execution has ended: %v", got)
	}
}

func TestAResultOfWhichNothingIsKnownHasEveryMember(t *testing.T) {
	t.Parallel()
	got := tree(t, showResult(kyc.ProcessResult{}))
	has(t, "process result", processResultMembers, got)
	has(t, "provider", processProviderMembers, got["providerResult"])
	if got["manualStatus"] != nil || len(got["errors"].([]any)) != 0 || got["supplementaryData"] == nil {
		t.Errorf("%v", got)
	}
	// The sample of seed 002, translated out of the house.
	sure := 95.0
	sample := kyc.ProcessResult{StepName: "IDV", StepType: "DOCUMENT_VERIFICATION", ObjectType: "IDENTITY_DOCUMENT", Result: "MATCH", Class: "KYC", SystemStatus: "VALID",
		Provider: kyc.ProcessProvider{Name: "Veriff", Source: "Veriff - Document Check", Reference: "veriff-session-abc-123", Confidence: &sure},
		Private: kyc.ProcessData{Supplementary: map[string]any{"type": "DOCUMENT", "matchData": map[string]any{"name": "John Doe", "familyName": "Doe", "givenName": "John",
			"nationalId": map[string]any{"idNumber": "123456789", "idType": "PASSPORT", "issuingCountryCode": "AU"}}}}}
	got = tree(t, showResult(sample))
	var want map[string]any
	if err := json.Unmarshal([]byte(`{"stepName":"IDV","stepType":"DOCUMENT_VERIFICATION","objectType":"IDENTITY_DOCUMENT","result":"MATCH","class":"KYC",
	 "supplementaryData":{"type":"DOCUMENT","matchData":{"name":"John Doe","familyName":"Doe","givenName":"John","nationalId":{"idNumber":"123456789","idType":"PASSPORT","issuingCountryCode":"AUS"}}},
	 "errors":[],"systemStatus":"VALID","manualStatus":null}`), &want); err != nil {
		t.Fatal(err)
	}
	for member, v := range want {
		if a, b := mustJSON(got[member]), mustJSON(v); a != b {
			t.Errorf("%s is %s, the seed prints %s", member, a, b)
		}
	}
	provider, _ := got["providerResult"].(map[string]any)
	for member, v := range map[string]string{"name": `"Veriff"`, "source": `"Veriff - Document Check"`, "reference": `"veriff-session-abc-123"`, "confidence": `{"normalized":95}`, "sourceNormalized": `"VERIFF_DOCUMENT_CHECK"`} {
		if mustJSON(provider[member]) != v {
			t.Errorf("provider %s is %s", member, mustJSON(provider[member]))
		}
	}
}

func mustJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(raw)
}

func TestAPersonOfWhomNothingIsKnownHasEveryMember(t *testing.T) {
	t.Parallel()
	i := showIndividual(kyc.Individual{})
	i.Documents = sortDocuments(nil)
	got := tree(t, i)
	has(t, "individual", individualMembers, got)
	has(t, "name", nameMembers, got["name"])
	has(t, "documents", "IDENTITY SUPPORTING REPORT OTHER", got["documents"])
	has(t, "relationships", "duplicates", got["relationships"])
	has(t, "date", dateMembers, tree(t, showDate(kyc.BirthDate{Year: 1990})))
	doc := tree(t, showDocument(kyc.EntityDocument{Attachments: []kyc.EntityAttachment{{ID: "a"}, {ID: "gone", DeletedAt: time.Now()}}}))
	has(t, "document", documentMembers, doc)
	has(t, "attachment", attachmentMembers, firstOf(doc["attachments"]))
	if n := len(doc["attachments"].([]any)); n != 1 {
		t.Errorf("%d attachments; a deleted one is shown", n)
	}
	profile := tree(t, showProfile(kyc.ServiceProfile{Subscriptions: []kyc.Subscription{{Type: "AML"}}}))
	has(t, "profile", profileMembers, profile)
	has(t, "subscription", subscriptionMembers, firstOf(profile["subscriptions"]))
}

func TestWhoChangedAnExecutionLast(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	e := kyc.Execution{By: "anna", StartedAt: at}
	if got := updatedBy(e); got != "anna" {
		t.Error(got)
	}
	e.Issues = []kyc.EntityIssue{{UpdatedBy: "ben", UpdatedAt: at.Add(2 * time.Hour)}, {CreatedAt: at}}
	e.Overrides = []kyc.StatusOverride{{By: "cleo", At: at.Add(time.Hour)}}
	if got := updatedBy(e); got != "ben" {
		t.Error(got)
	}
	e.Risk = &kyc.RiskAssessment{UpdatedBy: "dora", UpdatedAt: at.Add(3 * time.Hour)}
	if got := updatedBy(e); got != "dora" {
		t.Error(got)
	}
}
