package main

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// wholeIndividual is an individual with one element of each kind.
const wholeIndividual = `{"individual":{"name":{"givenName":"Ada","familyName":"Listed"},"alternateNames":[{"type":"PREVIOUS","givenName":"Ada","familyName":"Before"}],
 "dateOfBirth":{"year":1990,"month":5,"day":17},"alternateDatesOfBirth":[{"year":1991,"unstructured":"about 1991"}],"nationality":"AUS",
 "addresses":[{"type":"RESIDENTIAL_ADDRESS","status":"CURRENT","streetNumber":"12","streetName":"Kings","streetType":"Road","locality":"Perth","postalCode":"6000","country":"AUS"}],
 "phoneNumbers":[{"type":"MOBILE","number":"+61 412 345 678"}],"emailAddresses":[{"email":"ada@example.com"},{"email":"ada@example.net"}],"consents":[{"type":"GENERAL"}],
 "externalReferences":[{"type":"CRM","name":"crm","value":"customer-42"}]}}`

// furnishEntities gives an organisation one object of each kind of surface C,
// by the name of the parameter that stands for it.
func (c *client) furnishEntities(t *testing.T, out belongings) {
	t.Helper()
	list := c.must(t, http.StatusCreated, "POST", "/v2/matchlists", map[string]any{"name": "Known", "action": "BLOCK"}).at("matchlist.matchlistId")
	entry := c.must(t, http.StatusCreated, "POST", "/v2/matchlists/"+list+"/entries", map[string]any{"entries": []any{map[string]any{"attributes": map[string]any{"IND_FAMILY_NAME": "Listed"},
		"reasons": []string{"FRAUD"}}}}).at("entries.0.entryId")
	// Names are addresses here, so that each furnished tenant has its own.
	own := string(c.org)[24:] + " " + strings.Split(c.key, "_")[1]
	service, workflow := "Service "+own, "Known people "+own
	w, place := c.entityWorkflow(t, service, workflow, `{"type":"MATCHLIST"}`)
	one := c.must(t, http.StatusCreated, "POST", "/v2/individuals", json.RawMessage(wholeIndividual))
	subject := one.at("individual.entityId")
	person := "/v2/individuals/" + subject
	paper := c.must(t, http.StatusCreated, "POST", person+"/documents", map[string]any{"type": "PASSPORT", "country": "AUS", "primaryIdentifier": "N1234567",
		"attachments": []any{map[string]any{"side": "FRONT", "filename": "front.jpg", "data": map[string]any{"base64": base64.StdEncoding.EncodeToString(picture(t, "passport"))}}}})
	run := c.must(t, http.StatusOK, "POST", person+place+"/execute", nil)
	results := c.must(t, http.StatusOK, "GET", person+"/results?classes=MATCHLIST,BLOCKLIST", nil)
	e := c.must(t, http.StatusCreated, "POST", "/v2/webhooks", map[string]any{"url": "http://127.0.0.1:9/none"}).at("webhook.webhookId")
	c.must(t, http.StatusAccepted, "POST", "/v2/webhooks/"+e+"/test", nil)
	for name, value := range map[string]string{
		"matchlistId": list, "entryId": entry, "workflowId": w, "serviceName": strings.ReplaceAll(service, " ", "%20"), "workflowName": strings.ReplaceAll(workflow, " ", "%20"), "entityId": subject,
		"nameId": one.at("individual.alternateNames.0.nameId"), "dateOfBirthId": one.at("individual.alternateDatesOfBirth.0.dateOfBirthId"),
		"addressId": one.at("individual.addresses.0.addressId"), "emailAddressId": one.at("individual.emailAddresses.1.emailAddressId"),
		"phoneNumberId": one.at("individual.phoneNumbers.0.phoneNumberId"), "referenceId": one.at("individual.externalReferences.0.referenceId"), "consentType": "GENERAL",
		"documentId": paper.at("document.documentId"), "attachmentId": paper.at("document.attachments.0.attachmentId"), "webhookId": e,
		"workflowExecutionId": run.at("workflowExecutionId"), "issueId": run.at("workflowResult.issues.0.issueId"), "processResultId": results.at("processResults.0.processResultId"),
	} {
		if value == "" {
			t.Fatalf("%s has no %s\n%s\n%s", c.key[:10], name, run.raw, results.raw)
		}
		out[name] = value
	}
}

// partsOfEntities are the parameters that name a part of something named by
// another parameter.
func partsOfEntities() []string {
	return []string{"entryId", "nameId", "dateOfBirthId", "addressId", "emailAddressId", "phoneNumberId", "referenceId", "documentId", "attachmentId", "issueId",
		"workflowExecutionId", "serviceName", "workflowName"}
}

// extrasOfEntities are what the operations of surface C need in their bodies
// beyond what their schemas require.
func extrasOfEntities() map[string]map[string]any {
	because := map[string]any{"text": "because"}
	definition := map[string]any{"serviceName": "Theirs", "workflowName": "Theirs", "type": "test", "lifecyclePhase": "ONBOARDING", "steps": []any{map[string]any{"type": "MATCHLIST"}}}
	out := map[string]map[string]any{
		"create-entity-workflow": definition, "replace-entity-workflow": definition, "create-individual": individual("Theirs"), "create-and-execute": individual("Theirs"),
		"update-individual": {"individual": map[string]any{"nationality": "DEU"}}, "add-entity-document": {"type": "PASSPORT", "country": "AUS"},
		"update-entity-document": {"primaryIdentifier": "THEIRS"}, "clear-issue": {"isCleared": true, "comment": because}, "override-execution": {"status": "PASS", "comment": because},
		"override-risk": {"riskLevel": "LOW", "comment": because}, "update-service-profile": {"assignee": "theirs"},
		"approve-manual-kyc": {"approvedBy": "theirs", "approvedDocuments": []string{"3fa85f64-5717-4562-b3fc-2c963f66afa6"}, "comment": because},
		"update-matchlist":   {"description": "theirs"}, "add-matchlist-entries": {"entries": []any{map[string]any{"attributes": map[string]any{"IND_FAMILY_NAME": "Theirs"}}}},
		"update-matchlist-entry": {"comment": "theirs"}, "search-individuals": {"individual": map[string]any{"emailAddresses": []any{map[string]any{"email": "ada@example.com"}}}},
		"create-hosted-url":           {"entityId": "3fa85f64-5717-4562-b3fc-2c963f66afa6", "serviceName": "Theirs", "workflowName": "Theirs"},
		"update-notification-webhook": {"description": "theirs"}, "create-notification-webhook": {"url": "http://127.0.0.1:9/none"},
	}
	for kind, status := range map[string]string{"aml": "TRUE_POSITIVE", "idv": "CLEAR", "matchlist": "TRUE_POSITIVE", "duplicate": "TRUE_POSITIVE", "fraud": "TRUE_POSITIVE", "kyc": "PASS"} {
		out["judge-"+kind+"-results"] = map[string]any{"manualStatus": status, "processResults": []string{"3fa85f64-5717-4562-b3fc-2c963f66afa6"}, "comment": because}
	}
	return out
}

// picturesOfEntities are the answers that no stranger may change.
func picturesOfEntities(own belongings) []string {
	person := "/v2/individuals/" + own["entityId"]
	return []string{person, person + "/results", person + "/documents", person + "/externalreferences",
		person + "/serviceprofiles/" + own["serviceName"] + "/workflows/" + own["workflowName"] + "/executions/" + own["workflowExecutionId"],
		"/v2/admin/workflows/" + own["workflowId"], "/v2/matchlists/" + own["matchlistId"] + "/entries", "/v2/webhooks/" + own["webhookId"],
		"/v2/webhooks/" + own["webhookId"] + "/deliveries"}
}

// hostedFor is the body of a hosted link for an individual and a workflow.
func hostedFor(entity string, of belongings) map[string]any {
	plain := func(name string) string { return strings.ReplaceAll(of[name], "%20", " ") }
	return map[string]any{"entityId": entity, "serviceName": plain("serviceName"), "workflowName": plain("workflowName")}
}

// namesInBodiesOfEntities names somebody else's objects in bodies and
// parameters of calls on one's own.
func (c *client) namesInBodiesOfEntities(t *testing.T, name string, mine, theirs belongings) {
	t.Helper()
	person := "/v2/individuals/" + theirs["entityId"]
	because := map[string]any{"text": "because"}
	for _, x := range []struct {
		method, path string
		body         map[string]any
		status       int
	}{
		{"PATCH", person + "/results/matchlist", map[string]any{"processResults": []string{mine["processResultId"]}, "manualStatus": "TRUE_POSITIVE", "comment": because}, 422},
		{"PATCH", person + "/results/matchlist", map[string]any{"processResults": []string{theirs["processResultId"], mine["processResultId"]}, "manualStatus": "TRUE_POSITIVE", "comment": because}, 422},
		{"POST", person + "/results/mkyc", map[string]any{"approvedBy": "x", "approvedDocuments": []string{mine["documentId"]}, "comment": because}, 422},
		{"POST", "/v2/individuals/hostedurl", hostedFor(theirs["entityId"], mine), 404},
		{"POST", "/v2/individuals/hostedurl", hostedFor(mine["entityId"], theirs), 404},
		{"POST", "/v2/individuals/new/serviceprofiles/" + mine["serviceName"] + "/workflows/" + mine["workflowName"] + "/execute", individual("Theirs"), 404},
	} {
		if a := c.call(t, x.method, x.path, x.body); a.status != x.status {
			t.Errorf("%s: %s %s with %v answers %d, want %d\n%s", name, x.method, x.path, x.body, a.status, x.status, a.raw)
		}
	}
	if a := c.must(t, 200, "GET", person+"/results?classes=MATCHLIST,BLOCKLIST", nil); a.value("processResults.0.manualStatus") != nil {
		t.Errorf("%s: a batch with somebody else's result was taken by half: %s", name, a.raw)
	}
	for path, kind := range map[string]string{"/v2/individuals?limit=500": "entityId", "/v2/workflows?limit=500": "workflowId", "/v2/admin/workflows?limit=500": "workflowId",
		"/v2/matchlists?limit=500": "matchlistId", "/v2/webhooks": "webhookId", "/v2/workflows?serviceName=" + mine["serviceName"]: "workflowId"} {
		if a := c.must(t, http.StatusOK, "GET", path, nil); a.names(mine[kind]) {
			t.Errorf("%s: GET %s shows somebody else's object", name, path)
		}
	}
	for _, known := range []map[string]any{{"entityId": mine["entityId"]}, {"emailAddresses": []any{map[string]any{"email": "ada@example.com"}}},
		{"name": map[string]any{"givenName": "Ada", "familyName": "Listed"}}, {"externalReferences": []any{map[string]any{"value": "customer-42"}}}} {
		if a := c.call(t, "POST", "/v2/search/serviceprofiles", map[string]any{"individual": known}); a.status >= 500 || a.names(mine["entityId"]) {
			t.Errorf("%s: a search by %v answers %d %s", name, known, a.status, a.raw)
		}
	}
}
