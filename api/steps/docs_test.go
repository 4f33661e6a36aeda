package steps

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"bonafide/api"
	"bonafide/field"
	"bonafide/journey"
	"bonafide/onboarding"
)

func TestEveryFieldOfTheSurfaceIsDocumented(t *testing.T) {
	t.Parallel()
	r := newBench(t).sandbox.Must(200, "GET", "/openapi.json", nil)
	if lacking := api.Undocumented(r.Raw); len(lacking) > 0 {
		t.Errorf("without description:\n%s", strings.Join(lacking, "\n"))
	}
	paths, _ := r.At("paths").(map[string]any)
	for _, want := range strings.Split(strings.TrimSpace(`
POST /kyc/workflows
POST /kyc/workflows/from-template/{type}
GET /kyc/workflows
GET /kyc/workflows/{workflow_id}
GET /kyc/workflows/{workflow_id}/graph
GET /kyc/workflows/{workflow_id}/versions
PUT /kyc/workflows/{workflow_id}
DELETE /kyc/workflows/{workflow_id}
POST /kyc/sessions
GET /kyc/sessions
GET /kyc/sessions/{session_id}
PATCH /kyc/sessions/{session_id}
DELETE /kyc/sessions/{session_id}
POST /kyc/sessions/{session_id}/generate-link
POST /kyc/sessions/{session_id}/extend
POST /kyc/sessions/{session_id}/corrections
POST /kyc/sessions/{session_id}/validate
POST /kyc/sessions/{session_id}/process
GET /kyc/sessions/{session_id}/documents/{doc_id}/url
POST /kyc/sessions/{session_id}/subsessions
GET /kyc/sessions/{session_id}/subsessions
POST /kyc/sessions/{session_id}/subsessions/{sub_id}/regenerate-link
DELETE /kyc/sessions/{session_id}/subsessions/{sub_id}
PATCH /kyc/tenants/me/notification-channels
GET /kyc/tenants/me/notification-channels
GET /public/sessions/{access_token}
GET /public/sessions/{access_token}/workflow
POST /public/sessions/{access_token}/upload/init
PUT /public/sessions/{access_token}/upload/{upload_id}
POST /public/sessions/{access_token}/upload/confirm
POST /public/sessions/{access_token}/extract
POST /public/sessions/{access_token}/step/{step_id}/complete
POST /public/sessions/{access_token}/liveness/create
POST /public/sessions/{access_token}/liveness/verify
POST /public/sessions/{access_token}/subsessions
GET /public/sessions/{access_token}/subsessions
POST /public/sessions/{access_token}/subsessions/{sub_id}/regenerate-link
DELETE /public/sessions/{access_token}/subsessions/{sub_id}
GET /public/sessions/{access_token}/corrections
POST /public/sessions/{access_token}/step/{step_id}/skip
POST /public/sessions/{access_token}/consent
GET /public/sessions/{access_token}/events`), "\n") {
		verb, path, _ := strings.Cut(want, " ")
		operations, _ := paths[path].(map[string]any)
		if operations[strings.ToLower(verb)] == nil {
			t.Errorf("the document lacks %s", want)
		}
	}
}

// members are the JSON names of a struct, with those below them.
func members(t reflect.Type, at string, seen []reflect.Type, into map[string]bool) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[stamp]() || t.PkgPath() == "time" || slices.Contains(seen, t) || t.Implements(reflect.TypeFor[json.Marshaler]()) {
		return
	}
	seen = append(slices.Clone(seen), t)
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			members(f.Type, at, seen, into)
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "-" || name == "" {
			continue
		}
		into[at+"/"+name] = true
		members(f.Type, at+"/"+name, seen, into)
	}
}

// What is shown as another room made it has a description here, member by
// member.
func TestDescriptionsFitWhatIsShown(t *testing.T) {
	t.Parallel()
	for name, pair := range map[string][2]reflect.Type{
		"processing result": {reflect.TypeFor[journey.Result](), reflect.TypeFor[Result]()},
		"public form":       {reflect.TypeFor[onboarding.Public](), reflect.TypeFor[PublicForm]()},
		"definition":        {reflect.TypeFor[onboarding.Definition](), reflect.TypeFor[Definition]()},
		"field":             {reflect.TypeFor[field.Field](), reflect.TypeFor[Field]()},
	} {
		real, told := map[string]bool{}, map[string]bool{}
		members(pair[0], "", nil, real)
		members(pair[1], "", nil, told)
		if len(real) < 5 {
			t.Errorf("%s has only %d members", name, len(real))
		}
		for _, m := range slices.Sorted(maps.Keys(real)) {
			if !told[m] {
				t.Errorf("%s: %s is not described", name, m)
			}
		}
		for _, m := range slices.Sorted(maps.Keys(told)) {
			if !real[m] && !strings.Contains(m, "options/") {
				t.Errorf("%s: %s is described and never shown", name, m)
			}
		}
	}
}
