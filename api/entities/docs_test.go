package entities

import (
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"bonafide/access"
	"bonafide/api"
	"bonafide/kyc"
	"bonafide/procedure"
	"bonafide/store/sqlite"
)

// described is the OpenAPI document of the surface alone.
func described(t *testing.T) []byte {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	db, err := sqlite.Open(t.Context(), sqlite.Options{Dir: t.TempDir(), Sync: "normal", Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	porch, err := api.New(api.Config{Version: "test", Store: db, Gate: access.NewGate(db, kyc.SystemClock(), log), Secret: api.NewSecret(), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	Mount(Deps{Porch: porch, Clock: kyc.SystemClock()})
	if err := porch.Prove(); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	porch.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/openapi.json", nil))
	return w.Body.Bytes()
}

func TestEveryRouteAndFieldIsDocumented(t *testing.T) {
	t.Parallel()
	raw := described(t)
	if lacking := api.Undocumented(raw); len(lacking) > 0 {
		t.Errorf("without description:\n%s", strings.Join(lacking, "\n"))
	}
	var doc struct {
		Paths map[string]map[string]struct {
			Responses map[string]any
		}
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	const profile = "/v2/individuals/{entityId}/serviceprofiles/{serviceName}"
	const workflow = profile + "/workflows/{workflowName}"
	routes := strings.NewReplacer("PROFILE", profile, "WORKFLOW", workflow, "PERSON", "/v2/individuals/{entityId}").Replace(`GET /v2/workflows
POST WORKFLOW/execute
POST /v2/individuals/new/serviceprofiles/{serviceName}/workflows/{workflowName}/execute
POST /v2/individuals/hostedurl
DELETE PERSON/hostedurl
GET WORKFLOW/executions
GET WORKFLOW/executions/{workflowExecutionId}
PATCH WORKFLOW/executions/{workflowExecutionId}
GET PERSON/results
POST PERSON/results/mkyc
POST PERSON/results/mkyc/invalidate
PATCH PERSON/results/aml
PATCH PERSON/results/idv
PATCH PERSON/results/matchlist
PATCH PERSON/results/duplicate
PATCH PERSON/results/fraud
PATCH PERSON/results/kyc
PATCH PERSON/issues/{issueId}
POST /v2/individuals
GET /v2/individuals
GET PERSON
PATCH PERSON
DELETE PERSON
DELETE PERSON/names/{nameId}
DELETE PERSON/datesOfBirth/{dateOfBirthId}
DELETE PERSON/addresses/{addressId}
DELETE PERSON/emailaddresses/{emailAddressId}
DELETE PERSON/phonenumbers/{phoneNumberId}
DELETE PERSON/externalreferences/{referenceId}
DELETE PERSON/consents/{consentType}
GET PERSON/externalreferences
GET PERSON/documents
POST PERSON/documents
GET PERSON/documents/{documentId}
PATCH PERSON/documents/{documentId}
DELETE PERSON/documents/{documentId}
POST PERSON/documents/{documentId}/attachments
GET PERSON/documents/{documentId}/attachments/{attachmentId}
DELETE PERSON/documents/{documentId}/attachments/{attachmentId}
DELETE PERSON/attachments/{attachmentId}
GET PERSON/serviceprofiles
GET PROFILE
PATCH PROFILE
PATCH PROFILE/risk
PATCH PERSON/monitor
POST /v2/search/serviceprofiles
GET PERSON/audit
POST /v2/matchlists
GET /v2/matchlists
GET /v2/matchlists/{matchlistId}
PATCH /v2/matchlists/{matchlistId}
DELETE /v2/matchlists/{matchlistId}
POST /v2/matchlists/{matchlistId}/entries
GET /v2/matchlists/{matchlistId}/entries
GET /v2/matchlists/{matchlistId}/entries/{entryId}
PATCH /v2/matchlists/{matchlistId}/entries/{entryId}
DELETE /v2/matchlists/{matchlistId}/entries/{entryId}
POST /v2/admin/workflows
GET /v2/admin/workflows
GET /v2/admin/workflows/{workflowId}
PUT /v2/admin/workflows/{workflowId}
DELETE /v2/admin/workflows/{workflowId}
POST /v2/webhooks
GET /v2/webhooks
GET /v2/webhooks/{webhookId}
PATCH /v2/webhooks/{webhookId}
DELETE /v2/webhooks/{webhookId}
POST /v2/webhooks/{webhookId}/rotate
POST /v2/webhooks/{webhookId}/test
GET /v2/webhooks/{webhookId}/deliveries`)
	want := strings.Split(routes, "\n")
	for _, route := range want {
		verb, path, _ := strings.Cut(route, " ")
		op, ok := doc.Paths[path][strings.ToLower(verb)]
		if !ok {
			t.Errorf("the document lacks %s", route)
			continue
		}
		if strings.Contains(path, "{") && op.Responses["404"] == nil || op.Responses["401"] == nil {
			t.Errorf("%s does not document 401 and 404", route)
		}
	}
	for path, item := range doc.Paths {
		for verb := range item {
			if strings.HasPrefix(path, "/v2/") && !slices.Contains(want, strings.ToUpper(verb)+" "+path) {
				t.Errorf("%s %s is not in this list", strings.ToUpper(verb), path)
			}
		}
	}
}

// The words that the document lists are the law's.
func TestListsOfWordsAreTheLaws(t *testing.T) {
	t.Parallel()
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct {
					Enum  []string
					Items struct{ Enum []string }
				}
			}
		}
	}
	if err := json.Unmarshal(described(t), &doc); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		schema, member string
		want           []string
	}{
		{"EntitiesWorkflowResult", "status", procedure.Statuses()},
		{"EntitiesWorkflowResult", "result", procedure.Statuses()},
		{"EntitiesOverrideBody", "status", procedure.Statuses()},
		{"EntitiesWorkflowResult", "workflowExecutionState", procedure.States()},
		{"EntitiesWorkflowResult", "lifecyclePhase", procedure.Phases()},
		{"EntitiesStepResult", "result", procedure.StepResults()},
		{"EntitiesIssue", "category", procedure.IssueCategories()},
		{"EntitiesIssue", "severity", procedure.Severities()},
		{"EntitiesRiskAssessment", "riskLevel", procedure.RiskLevels()},
		{"EntitiesProcessResult", "result", procedure.ProcessResults()},
		{"EntitiesProcessResult", "class", procedure.Classes()},
		{"EntitiesProcessResult", "state", procedure.ProcessStates()},
		{"EntitiesProcessResult", "systemStatus", procedure.SystemStatuses()},
		{"EntitiesStep", "type", procedure.StepTypes()},
		{"EntitiesDefinition", "lifecyclePhase", procedure.Phases()},
		{"EntitiesRiskModelFactor", "factor", procedure.FactorNames()},
		{"EntitiesDocument", "class", kyc.EntityDocumentClasses()},
	} {
		got := slices.Clone(doc.Components.Schemas[c.schema].Properties[c.member].Enum)
		slices.Sort(got)
		want := slices.Sorted(slices.Values(c.want))
		if !slices.Equal(got, want) {
			t.Errorf("%s.%s: %v, the law says %v", c.schema, c.member, got, want)
		}
	}
}
