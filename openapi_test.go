package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"bonafide/api"
)

// openAPI is as much of the OpenAPI document as the tests read.
type openAPI struct {
	OpenAPI string `json:"openapi"`
	Info    struct {
		Title   string `json:"title"`
		Version string `json:"version"`
		License struct {
			Identifier string `json:"identifier"`
		} `json:"license"`
	} `json:"info"`
	Paths      map[string]map[string]operation `json:"paths"`
	Components struct {
		Schemas         map[string]*schema        `json:"schemas"`
		SecuritySchemes map[string]map[string]any `json:"securitySchemes"`
	} `json:"components"`
	raw []byte
}

// operation is one route with its place.
type operation struct {
	method, path string

	ID          string                `json:"operationId"`
	Summary     string                `json:"summary"`
	Description string                `json:"description"`
	Tags        []string              `json:"tags"`
	Security    []map[string][]string `json:"security"`
	Parameters  []struct {
		Name     string `json:"name"`
		In       string `json:"in"`
		Required bool   `json:"required"`
	} `json:"parameters"`
	RequestBody *struct {
		Required bool                 `json:"required"`
		Content  map[string]mediaType `json:"content"`
	} `json:"requestBody"`
	Responses map[string]struct {
		Description string               `json:"description"`
		Content     map[string]mediaType `json:"content"`
	} `json:"responses"`
}

type mediaType struct {
	Schema *schema `json:"schema"`
}

type schema struct {
	Ref        string             `json:"$ref"`
	Type       any                `json:"type"`
	Format     string             `json:"format"`
	Enum       []any              `json:"enum"`
	Required   []string           `json:"required"`
	Properties map[string]*schema `json:"properties"`
	Items      *schema            `json:"items"`
	Minimum    *float64           `json:"minimum"`
	Examples   []any              `json:"examples"`
}

// document reads /openapi.json.
func (s *server) document(t *testing.T) *openAPI {
	t.Helper()
	a := (&client{url: s.url}).must(t, http.StatusOK, "GET", "/openapi.json", nil)
	d := &openAPI{raw: a.raw}
	if err := json.Unmarshal(a.raw, d); err != nil {
		t.Fatal(err)
	}
	return d
}

// operations lists every route, in the order of path and method.
func (d *openAPI) operations() []operation {
	var out []operation
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		for _, method := range slices.Sorted(maps.Keys(d.Paths[path])) {
			op := d.Paths[path][method]
			op.method, op.path = strings.ToUpper(method), path
			out = append(out, op)
		}
	}
	return out
}

// example writes a value that the schema allows: required members only.
func (d *openAPI) example(s *schema) any {
	for s != nil && s.Ref != "" {
		s = d.Components.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
	}
	if s == nil {
		return map[string]any{}
	}
	if len(s.Enum) > 0 {
		return s.Enum[0]
	}
	kind, _ := s.Type.(string)
	switch kind {
	case "string":
		if s.Format == "date-time" {
			return "2026-01-01T00:00:00Z"
		}
		return "something"
	case "integer", "number":
		if s.Minimum != nil {
			return *s.Minimum
		}
		return 1
	case "boolean":
		return true
	case "array":
		return []any{d.example(s.Items)}
	case "object":
		out := map[string]any{}
		for _, name := range s.Required {
			out[name] = d.example(s.Properties[name])
		}
		return out
	}
	return map[string]any{}
}

// routesOfSurfaceD are the operations of api.md 6.8, 6.10, 6.11, the lists of 6.12 and 6.13. One path parameter is
// like the other: names do not count.
const routesOfSurfaceD = `
POST /workflows
GET /workflows
GET /workflows/{}
PATCH /workflows/{}
POST /workflows/{}/publish
POST /workflows/{}/publish/approve
POST /workflows/{}/default
POST /workflows/{}/deactivate
GET /workflows/{}/versions
POST /workflows/{}/rollback
GET /workflows/{}/drafts
GET /workflows/{}/drafts/{}
GET /workflows/{}/drafts/{}/diff
POST /workflows/{}/drafts/{}/dry-run
GET /workflows/{}/analytics
POST /workflows/{}/backtest
GET /workflows/{}/backtests
GET /workflows/{}/backtests/{}
GET /workflows/{}/backtests/{}/sessions
POST /workflows/{}/backtests/{}/cancel
PUT /workflows/{}/rollout
GET /workflows/{}/rollout
GET /workflows/policies
POST /workflows/{}/trigger
GET /sessions/{}/workflow-run
POST /workflows/validate
POST /sessions
GET /sessions
GET /sessions/{}
PATCH /sessions/{}
POST /sessions/{}/resume
POST /sessions/{}/expire
POST /sessions/{}/submit
POST /sessions/{}/reprocess
GET /sessions/{}/result
GET /sessions/{}/documents
POST /sessions/{}/documents
GET /sessions/{}/risk
POST /sessions/{}/external-decision
POST /sessions/{}/resume-workflow
POST /sessions/{}/simulate
DELETE /sessions/{}/data
GET /sessions/{}/export
POST /sessions/bulk-redact
POST /sessions/{}/tags
POST /sessions/{}/tags/remove
POST /sessions/{}/resend-invitation
GET /cases
POST /cases
GET /cases/{}
PATCH /cases/{}
POST /cases/next
POST /cases/{}/claim
POST /cases/{}/release
POST /cases/{}/assign
POST /cases/{}/approve
POST /cases/{}/reject
POST /cases/{}/escalate
GET /cases/counts
GET /cases/{}/notes
POST /cases/{}/notes
POST /cases/{}/check-overrides
PUT /cases/{}/result/pii
POST /cases/demo
GET /lists
POST /lists
GET /lists/{}
PATCH /lists/{}
DELETE /lists/{}
POST /lists/{}/archive
POST /lists/{}/check
GET /lists/{}/export
GET /lists/{}/items
POST /lists/{}/items
POST /lists/{}/items/bulk
POST /lists/{}/items/csv
DELETE /lists/{}/items/{}
POST /lists/{}/items/{}/false-positive
GET /webhooks/endpoints
POST /webhooks/endpoints
GET /webhooks/endpoints/{}
PATCH /webhooks/endpoints/{}
DELETE /webhooks/endpoints/{}
POST /webhooks/endpoints/{}/rotate
POST /webhooks/endpoints/{}/clone
POST /webhooks/endpoints/{}/test
GET /webhooks/endpoints/{}/deliveries
POST /webhooks/endpoints/{}/deliveries/{}/retry
POST /webhooks/endpoints/{}/replay
GET /webhooks/keys
POST /webhooks/keys/rotate
POST /sandbox/clock
GET /audit
GET /audit/verify
GET /audit/roots
GET /audit/roots/{}
GET /audit/proof/{}
`

func TestOpenAPIDocumentHoldsEveryOperationDescribed(t *testing.T) {
	t.Parallel()
	d := startServer(t, "").document(t)
	if !strings.HasPrefix(d.OpenAPI, "3.1") || d.Info.Title == "" || d.Info.Version == "" || d.Info.License.Identifier != "Apache-2.0" {
		t.Errorf("openapi %q, info %+v", d.OpenAPI, d.Info)
	}
	if lacking := api.Undocumented(d.raw); len(lacking) > 0 {
		t.Errorf("without a description:\n%s", strings.Join(lacking, "\n"))
	}
	have, ids := map[string]bool{}, map[string]string{}
	for _, op := range d.operations() {
		where := op.method + " " + op.path
		var plain strings.Builder
		for i, part := range strings.Split(strings.TrimPrefix(op.path, "/api/v1"), "{") {
			if i > 0 {
				_, part, _ = strings.Cut(part, "}")
				plain.WriteString("{}")
			}
			plain.WriteString(part)
		}
		have[op.method+" "+plain.String()] = true
		if other, twice := ids[op.ID]; twice || op.ID == "" {
			t.Errorf("%s: operationId %q is used by %q too", where, op.ID, other)
		}
		ids[op.ID] = where
		if len(op.Tags) == 0 || op.Summary == "" {
			t.Errorf("%s has no tag or no summary", where)
		}
		// Each path parameter is declared, and is required.
		for _, part := range strings.Split(op.path, "{")[1:] {
			name, _, _ := strings.Cut(part, "}")
			if !slices.ContainsFunc(op.Parameters, func(p struct {
				Name     string `json:"name"`
				In       string `json:"in"`
				Required bool   `json:"required"`
			}) bool {
				return p.Name == name && p.In == "path" && p.Required
			}) {
				t.Errorf("%s does not declare {%s}", where, name)
			}
		}
		for _, use := range op.Security {
			for name := range use {
				if d.Components.SecuritySchemes[name] == nil {
					t.Errorf("%s: there is no security scheme %s", where, name)
				}
			}
		}
		success := false
		for code, r := range op.Responses {
			success = success || code < "300"
			form := "application/problem+json"
			if strings.HasPrefix(op.path, "/v2/") { // surface C has its own body (api.md 1.8)
				form = "application/json"
			}
			if m, isProblem := r.Content[form]; code >= "400" && (!isProblem || !strings.HasSuffix(m.Schema.Ref, "Problem")) {
				t.Errorf("%s: the answer %s is no problem document", where, code)
			}
		}
		if !success {
			t.Errorf("%s documents no success", where)
		}
	}
	for want := range strings.SplitSeq(strings.TrimSpace(routesOfSurfaceD)+routesOfSurfaceB+routesOfSurfaceC, "\n") {
		if !have[want] {
			t.Errorf("the document lacks %s", want)
		}
	}
	// Every reference leads somewhere.
	var all any
	if err := json.Unmarshal(d.raw, &all); err != nil {
		t.Fatal(err)
	}
	walkJSON(all, func(key string, v any) {
		if ref, ok := v.(string); ok && key == "$ref" && d.Components.Schemas[strings.TrimPrefix(ref, "#/components/schemas/")] == nil {
			t.Errorf("$ref %s leads nowhere", ref)
		}
	})
}

// walkJSON calls f for every member of every object.
func walkJSON(v any, f func(key string, v any)) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			f(k, x)
			walkJSON(x, f)
		}
	case []any:
		for _, x := range v {
			walkJSON(x, f)
		}
	}
}

// What a running program compiles when it is first needed is proved here.
func TestEverySchemaOfTheAPICompiles(t *testing.T) {
	t.Parallel()
	if err := startServer(t, "").app.porch.Prove(); err != nil {
		t.Error(err)
	}
}
