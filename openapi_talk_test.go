package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// routesOfSurfaceB are the operations B1 to B16 of api.md section 4.
const routesOfSurfaceB = `
POST /v1/workflows
GET /v1/workflows
GET /v1/workflows/{}
PATCH /v1/workflows/{}
PATCH /v1/workflows/{}/steps/{}/config
POST /v1/workflows/{}/sessions
POST /v1/sessions
GET /v1/sessions
GET /v1/sessions/{}
PATCH /v1/sessions/{}/update-status
GET /v1/sessions/{}/workflow
POST /v1/sessions/{}/workflow/start
POST /v1/sessions/{}/steps/{}
POST /v1/sessions/{}/uploads
DELETE /v1/sessions/{}
POST /v1/webhooks
GET /v1/webhooks
GET /v1/webhooks/{}
PATCH /v1/webhooks/{}
DELETE /v1/webhooks/{}
POST /v1/webhooks/{}/rotate
POST /v1/webhooks/{}/test
GET /v1/webhooks/{}/deliveries
POST /v1/webhooks/{}/deliveries/{}/retry
POST /v1/webhooks/{}/replay`

// routesOfSurfaceC are the operations C1 to C21, C24 and C25 of api.md
// section 5, and the admin API of its workflows.
const routesOfSurfaceC = `
POST /v2/admin/workflows
GET /v2/admin/workflows
GET /v2/admin/workflows/{}
PUT /v2/admin/workflows/{}
DELETE /v2/admin/workflows/{}
GET /v2/workflows
POST /v2/individuals
GET /v2/individuals
GET /v2/individuals/{}
PATCH /v2/individuals/{}
DELETE /v2/individuals/{}
POST /v2/individuals/{}/serviceprofiles/{}/workflows/{}/execute
POST /v2/individuals/new/serviceprofiles/{}/workflows/{}/execute
GET /v2/individuals/{}/serviceprofiles/{}/workflows/{}/executions
GET /v2/individuals/{}/serviceprofiles/{}/workflows/{}/executions/{}
PATCH /v2/individuals/{}/serviceprofiles/{}/workflows/{}/executions/{}
GET /v2/individuals/{}/serviceprofiles
GET /v2/individuals/{}/serviceprofiles/{}
PATCH /v2/individuals/{}/serviceprofiles/{}
PATCH /v2/individuals/{}/serviceprofiles/{}/risk
GET /v2/individuals/{}/results
PATCH /v2/individuals/{}/results/aml
PATCH /v2/individuals/{}/results/idv
PATCH /v2/individuals/{}/results/matchlist
PATCH /v2/individuals/{}/results/duplicate
PATCH /v2/individuals/{}/results/fraud
PATCH /v2/individuals/{}/results/kyc
POST /v2/individuals/{}/results/mkyc
POST /v2/individuals/{}/results/mkyc/invalidate
PATCH /v2/individuals/{}/issues/{}
PATCH /v2/individuals/{}/monitor
GET /v2/individuals/{}/audit
DELETE /v2/individuals/{}/names/{}
DELETE /v2/individuals/{}/datesOfBirth/{}
DELETE /v2/individuals/{}/addresses/{}
DELETE /v2/individuals/{}/emailaddresses/{}
DELETE /v2/individuals/{}/phonenumbers/{}
DELETE /v2/individuals/{}/consents/{}
GET /v2/individuals/{}/externalreferences
DELETE /v2/individuals/{}/externalreferences/{}
POST /v2/individuals/{}/documents
GET /v2/individuals/{}/documents
GET /v2/individuals/{}/documents/{}
PATCH /v2/individuals/{}/documents/{}
DELETE /v2/individuals/{}/documents/{}
POST /v2/individuals/{}/documents/{}/attachments
GET /v2/individuals/{}/documents/{}/attachments/{}
DELETE /v2/individuals/{}/documents/{}/attachments/{}
DELETE /v2/individuals/{}/attachments/{}
POST /v2/search/serviceprofiles
POST /v2/matchlists
GET /v2/matchlists
GET /v2/matchlists/{}
PATCH /v2/matchlists/{}
DELETE /v2/matchlists/{}
POST /v2/matchlists/{}/entries
GET /v2/matchlists/{}/entries
GET /v2/matchlists/{}/entries/{}
PATCH /v2/matchlists/{}/entries/{}
DELETE /v2/matchlists/{}/entries/{}`

// TestExamplesOfBodiesAreTaken sends every example of a whole body that the
// document gives for the surfaces B and C, and the example values that its
// schemas give for single fields.
func TestExamplesOfBodiesAreTaken(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "")
	_, live := srv.newTenants(t)
	own := live.furnish(t)
	d := srv.document(t)
	var doc struct {
		Components struct{ Schemas map[string]map[string]any }
	}
	if err := json.Unmarshal(d.raw, &doc); err != nil {
		t.Fatal(err)
	}
	whole := 0
	for _, op := range d.operations() {
		if op.RequestBody == nil || !strings.HasPrefix(op.path, "/v1/") && !strings.HasPrefix(op.path, "/v2/") {
			continue
		}
		m, ok := op.RequestBody.Content["application/json"]
		if !ok {
			continue
		}
		for _, body := range bodyExamples(doc.Components.Schemas, m.Schema) {
			whole++
			a := live.call(t, op.method, op.fill(t, own), body)
			if a.status >= 300 && a.status != http.StatusConflict { // replacing a workflow by one of another's name
				t.Errorf("%s %s refuses the example of the document: %d\n%s", op.method, op.path, a.status, a.raw)
			}
		}
	}
	if whole < 2 {
		t.Errorf("the document has only %d examples of whole bodies", whole)
	}
	// A value that a schema gives as an example obeys the schema.
	for name, s := range doc.Components.Schemas {
		properties, _ := s["properties"].(map[string]any)
		for field, p := range properties {
			p, _ := p.(map[string]any)
			examples, _ := p["examples"].([]any)
			allowed, _ := p["enum"].([]any)
			for _, e := range examples {
				if !hasType(p["type"], e) {
					t.Errorf("%s.%s: the example %v is no %v", name, field, e, p["type"])
				}
				if len(allowed) > 0 && !bytes.Contains(must(json.Marshal(allowed)), must(json.Marshal(e))) {
					t.Errorf("%s.%s: the example %v is not among %v", name, field, e, allowed)
				}
			}
		}
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

// hasType reports whether a value has the type of a schema, or one of several.
func hasType(kind, v any) bool {
	if many, ok := kind.([]any); ok {
		for _, k := range many {
			if hasType(k, v) {
				return true
			}
		}
		return false
	}
	switch v := v.(type) {
	case string:
		return kind == "string" || kind == nil
	case bool:
		return kind == "boolean" || kind == nil
	case float64:
		return kind == "number" || kind == "integer" && v == float64(int64(v)) || kind == nil
	case []any:
		return kind == "array" || kind == nil
	case map[string]any:
		return kind == "object" || kind == nil
	}
	return kind == "null" || kind == nil
}

// bodyExamples are the examples of a schema and of what it refers to.
func bodyExamples(all map[string]map[string]any, s *schema) []any {
	if s == nil {
		return nil
	}
	out := s.Examples
	if s.Ref != "" {
		more, _ := all[strings.TrimPrefix(s.Ref, "#/components/schemas/")]["examples"].([]any)
		out = append(out, more...)
	}
	return out
}
