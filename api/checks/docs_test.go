package checks

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"bonafide/api"
	"bonafide/checklist"
)

func TestEveryFieldOfTheSurfaceIsDocumented(t *testing.T) {
	t.Parallel()
	r := newBench(t).sandbox.Must(200, "GET", "/openapi.json", nil)
	if lacking := api.Undocumented(r.Raw); len(lacking) > 0 {
		t.Errorf("without description:\n%s", strings.Join(lacking, "\n"))
	}
	paths, _ := r.At("paths").(map[string]any)
	wanted := strings.Split(strings.TrimSpace(`
POST /v1/workflows
GET /v1/workflows
GET /v1/workflows/{id}
PATCH /v1/workflows/{id}/steps/{step_id}/config
PATCH /v1/workflows/{id}
POST /v1/workflows/{id}/sessions
POST /v1/sessions
GET /v1/sessions
GET /v1/sessions/{id}
PATCH /v1/sessions/{id}/update-status
GET /v1/sessions/{id}/workflow
POST /v1/sessions/{id}/workflow/start
POST /v1/sessions/{id}/steps/{step_id}
POST /v1/sessions/{id}/steps/{step_id}/chip
POST /v1/sessions/{id}/uploads
PUT /v1/uploads/{token}
GET /v1/files/{token}
DELETE /v1/sessions/{id}
POST /v1/webhooks
GET /v1/webhooks
GET /v1/webhooks/{id}
PATCH /v1/webhooks/{id}
DELETE /v1/webhooks/{id}
POST /v1/webhooks/{id}/rotate
POST /v1/webhooks/{id}/test
GET /v1/webhooks/{id}/deliveries
POST /v1/webhooks/{id}/deliveries/{delivery_id}/retry
POST /v1/webhooks/{id}/replay`), "\n")
	for _, want := range wanted {
		verb, path, _ := strings.Cut(want, " ")
		operations, _ := paths[path].(map[string]any)
		if operations[strings.ToLower(verb)] == nil {
			t.Errorf("the document lacks %s", want)
		}
	}
	n := 0
	for path, operations := range paths {
		if strings.HasPrefix(path, "/v1/") {
			n += len(operations.(map[string]any))
		}
	}
	if n != len(wanted) {
		t.Errorf("the surface has %d operations, and the list here %d", n, len(wanted))
	}
}

// The described configurations are those of the law, member by member.
func TestDescriptionsFitTheLaw(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]any{
		{checklist.IDConfig{}, IDVerificationConfig{}}, {checklist.LivenessConfig{}, FaceLivenessConfig{}}, {checklist.AgeConfig{}, AgeEstimationConfig{}},
		{checklist.ConsentConfig{}, ConsentConfig{}}, {checklist.DocumentUploadConfig{}, DocumentUploadConfig{}},
	} {
		if real, told := names(pair[0]), names(pair[1]); !slices.Equal(real, told) {
			t.Errorf("%T has %v, its description %v", pair[0], real, told)
		}
	}
	// The defaults of the descriptions are those that Parse applies.
	d, report := checklist.Parse([]byte(`{"name":"x","steps":[{"id":"ID_VERIFICATION"},{"id":"FACE_LIVENESS"},{"id":"AGE_ESTIMATION"},{"id":"CONSENT"},{"id":"DOCUMENT_UPLOAD"}]}`), checklist.ParseOptions{})
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	for i, described := range []any{IDVerificationConfig{}, FaceLivenessConfig{}, AgeEstimationConfig{}, ConsentConfig{}, DocumentUploadConfig{}} {
		raw, _ := json.Marshal(d.Steps[i].Config)
		var real map[string]json.RawMessage
		if err := json.Unmarshal(raw, &real); err != nil {
			t.Fatal(err)
		}
		typ := reflect.TypeOf(described)
		for f := range typ.NumField() {
			field := typ.Field(f)
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if want, ok := field.Tag.Lookup("default"); ok && strings.Trim(string(real[name]), `"`) != want {
				t.Errorf("%s.%s is described with %s and is %s", d.Steps[i].ID, name, want, real[name])
			}
		}
	}
}

func names(v any) []string {
	out := map[string]bool{}
	for i := range reflect.TypeOf(v).NumField() {
		name, _, _ := strings.Cut(reflect.TypeOf(v).Field(i).Tag.Get("json"), ",")
		out[name] = true
	}
	return slices.Sorted(maps.Keys(out))
}

func TestEveryRouteProves(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if err := b.Porch.Prove(); err != nil {
		t.Error(err)
	}
}
