package flow_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"bonafide/flow"
)

func compile(t testing.TB, graph string, o flow.Options) *flow.Compiled {
	t.Helper()
	c, report := flow.Compile(json.RawMessage(graph), o)
	if c == nil {
		t.Fatalf("%q", lines(report))
	}
	return c
}

// chain runs the policies one after the other.
func chain(policies ...string) string {
	var b strings.Builder
	b.WriteString(`{"entry":"start","nodes":{"start":{"type":"start","next":"n0"},"review":{"type":"terminal","outcome":"needs_review"}`)
	for i, p := range policies {
		fmt.Fprintf(&b, `,"n%d":{"type":"policy","policy":%q,"on_pass":"n%d","on_fail":"review"}`, i, p, i+1)
	}
	fmt.Fprintf(&b, `,"n%d":{"type":"terminal","outcome":"approved"}}}`, len(policies))
	return b.String()
}

func TestDeclaredRequirementsAreChecked(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		requirements string
		mandatory    []string
		want         []string
	}{
		"all there":            {`{"document_front":"required","selfie":"optional"}`, nil, nil},
		"true is required":     {`{"document_front":true,"selfie":true,"document_back":false}`, nil, nil},
		"the face is missing":  {`{"document_front":"required","selfie":"off"}`, nil, []string{"error data_requirement_missing /nodes/n1/policy"}},
		"nothing declared":     {`{}`, nil, []string{"error data_requirement_missing /nodes/n0/policy", "error data_requirement_missing /nodes/n1/policy"}},
		"null derives":         {`null`, nil, nil},
		"mandatory needs met":  {`{"document_front":"required","selfie":"required"}`, []string{"watchlist_screening"}, nil},
		"mandatory needs open": {`{"document_front":"required","selfie":"required"}`, []string{"consent"}, []string{"error data_requirement_missing /data_requirements"}},
		"unknown words": {`{"document_front":"yes","selfie":"required","passport":true,"user_info":{"surname":"required"},"consents":["a","a","b c"],"custom_documents":[{"name":"bank","titel":1}]}`, nil, []string{
			"error data_requirement_missing /nodes/n0/policy", "error data_requirement_missing /nodes/n1/policy",
			"error requirement_invalid /data_requirements/consents/1", "error requirement_invalid /data_requirements/consents/2",
			"error requirement_invalid /data_requirements/document_front", "error unknown_field /data_requirements/custom_documents/0/titel",
			"error unknown_field /data_requirements/passport", "error unknown_field /data_requirements/user_info/surname"}},
		"twice":    {`{"document_front":true,"document_front":false,"selfie":true}`, nil, []string{"error data_requirement_missing /nodes/n0/policy", "error data_requirement_missing /nodes/n1/policy", "error duplicate_key /data_requirements/document_front"}},
		"a list":   {`[]`, nil, []string{"error data_requirement_missing /nodes/n0/policy", "error data_requirement_missing /nodes/n1/policy", "error wrong_type /data_requirements"}},
		"not JSON": {`{"`, nil, []string{"error data_requirement_missing /nodes/n0/policy", "error data_requirement_missing /nodes/n1/policy", "error invalid_json /data_requirements"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, report := flow.Compile(json.RawMessage(chain("document_ocr", "face_match")), flow.Options{
				Catalog: catalog(), Requirements: json.RawMessage(tt.requirements), Mandatory: tt.mandatory})
			if got := lines(report); !slices.Equal(got, tt.want) {
				t.Errorf("%q", got)
			}
		})
	}
}

func names(reqs []flow.Requirement) string {
	var out []string
	for _, r := range reqs {
		s := r.Name + ":" + r.Kind
		if r.Required {
			s += "!"
		}
		if len(r.Policies) > 0 {
			s += "(" + strings.Join(r.Policies, ",") + ")"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func TestTheCapturePlanComesFromTheGraph(t *testing.T) {
	t.Parallel()
	c := compile(t, chain("age_check", "face_match", "consent"), flow.Options{Catalog: catalog(), Mandatory: []string{"watchlist_screening"}})
	plan, problems := flow.CapturePlan(nil, c, catalog())
	want := "document_front:file!(age_check,face_match,watchlist_screening) selfie:file!(face_match) consent:processing:action!(consent)"
	if names(plan) != want || len(problems) > 0 {
		t.Errorf("plan %s, problems %v", names(plan), problems)
	}
	plan, _ = flow.CapturePlan(nil, compile(t, chain("age_check"), flow.Options{Catalog: catalog()}), catalog())
	if want := "user_info.date_of_birth:field!(age_check)"; names(plan) != want {
		t.Errorf("plan %s, want %s", names(plan), want)
	}
	declared := `{"document_front":"required","selfie":"optional","user_info":{"last_name":"required","email":"optional","ssn":"off"},
		"custom_documents":["bank_statement",{"name":"lease","title":"Your lease","required":false}],"consents":["biometrics"]}`
	plan, problems = flow.CapturePlan(json.RawMessage(declared), c, catalog())
	want = "document_front:file!(age_check,face_match,watchlist_screening) selfie:file(face_match) user_info.last_name:field!(watchlist_screening) user_info.email:field custom:bank_statement:file! custom:lease:file consent:biometrics:action!(consent)"
	if got := names(plan); got != want || len(problems) > 0 {
		t.Errorf("plan\n%s\nwant\n%s\nproblems %v", got, want, problems)
	}
	_, problems = flow.CapturePlan(json.RawMessage(`{"document_front":"required"}`), c, catalog())
	if len(problems) != 2 {
		t.Errorf("problems %v", problems)
	}
}

func TestTheHashIsOfWhatWasWritten(t *testing.T) {
	t.Parallel()
	base := chain("document_ocr")
	hash := func(graph, requirements string) string {
		o := flow.Options{Catalog: catalog()}
		if requirements != "" {
			o.Requirements = json.RawMessage(requirements)
		}
		return compile(t, graph, o).Hash
	}
	one := hash(base, "")
	if !strings.HasPrefix(one, "sha256:") || len(one) != 71 {
		t.Errorf("hash %q", one)
	}
	same := map[string]string{
		"spaces":          strings.ReplaceAll(base, ",", ", "),
		"layout":          strings.Replace(base, `{`, `{"graph_layout":{"n0":{"x":3}},`, 1),
		"escaped letters": strings.Replace(base, "document_ocr", `document\u005focr`, 1),
	}
	for name, graph := range same {
		if hash(graph, "") != one {
			t.Errorf("%s change the hash", name)
		}
	}
	if hash(base, "null") != one {
		t.Error("null requirements change the hash")
	}
	other := map[string]string{
		hash(strings.Replace(base, `"on_fail":"review"`, `"on_fail":"n1"`, 1), ""):                          "a route",
		hash(strings.Replace(base, `"policy":"document_ocr"`, `"policy":"document_ocr","name":"x"`, 1), ""): "a name",
		hash(base, `{"document_front":"required"}`):                                                         "requirements",
		hash(base, `{"document_front":"optional"}`):                                                         "other requirements",
	}
	if len(other) != 4 || other[one] != "" {
		t.Errorf("a change keeps the hash: %v", other)
	}
	locked := compile(t, base, flow.Options{Catalog: catalog(), Mandatory: []string{"watchlist_screening"}})
	if locked.Hash != one || locked.LinkedHash == compile(t, base, flow.Options{Catalog: catalog()}).LinkedHash {
		t.Error("a mandatory check changes what is linked, not what was written")
	}
}

func TestLenientMakesTyposWarnings(t *testing.T) {
	t.Parallel()
	graph := strings.Replace(chain("document_ocr"), `"on_fail"`, `"colour":"red","on_fail"`, 1)
	c, report := flow.Compile(json.RawMessage(graph), flow.Options{Catalog: catalog(), Lenient: true})
	if c == nil || !slices.Equal(lines(report), []string{"warning unknown_field /nodes/n0/colour"}) {
		t.Errorf("%q", lines(report))
	}
}
