package entities

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// Whatever a workflow may be called stands in a path, URL-encoded.
func TestNamesStandInPaths(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	person := "/v2/individuals/" + c.adopt(named("Approve"))
	for _, name := range []string{"PEP & Sanctions", "a+b=c;d", `"quoted" 1`, "Prüfung für Übersee", "プロフィール", "new", "executions", "..x..", "~tilde~"} {
		b.define(c, mustJSON(map[string]any{"serviceName": "S " + name, "workflowName": name, "steps": []any{map[string]any{"type": "AML"}}}))
		place := person + "/serviceprofiles/" + url.PathEscape("S "+name) + "/workflows/" + url.PathEscape(name)
		run := c.Must(200, "POST", place+"/execute", nil)
		if run.Str("workflowResult.workflowName") != name || run.Str("serviceProfile.serviceName") != "S "+name {
			t.Errorf("%q: %s", name, run.Raw)
		}
		c.Must(200, "GET", place+"/executions/"+run.Str("workflowExecutionId"), nil)
		c.Must(200, "GET", person+"/serviceprofiles/"+url.PathEscape("S "+name), nil)
		if got := c.Must(200, "GET", "/v2/workflows?serviceName="+url.QueryEscape("S "+name), nil); got.At("total") != 1.0 {
			t.Errorf("%q: %s", name, got.Raw)
		}
		if got := c.Must(200, "GET", person+"/results?profileName="+url.QueryEscape("S "+name), nil); len(got.List("processResults")) == 0 {
			t.Errorf("%q has no results", name)
		}
	}
	c.refused(404, "not_found", "", "POST", person+"/serviceprofiles/A%2FB/workflows/C%2FD/execute", nil)
}

// No body of a change makes the surface stumble, and what is null is named in
// the house's words.
func FuzzChanges(f *testing.F) {
	for _, seed := range []string{ada, `{"individual":{"dateOfBirth":null}}`, `{"individual":{"customAttributes":{"a/~b":null}}}`, `{"individual":{"dateOfBirth":{"year":"19"}}}`,
		`{"individual":{"documents":{"IDENTITY":[{"type":"PASSPORT","attachments":[{"data":{"base64":"data:;base64,AA"}}]}]}}}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		var p patch[individualChange]
		if json.Unmarshal([]byte(raw), &p) != nil {
			return
		}
		_, words, err := p.Set.Individual.fresh("/individual")
		if words.explain(err) != nil && err == nil {
			t.Fatal("no error became one")
		}
		for _, pointer := range p.Null {
			house := inside(strings.TrimPrefix(pointer, "/individual"))
			if tokens := strings.Split(house, "/"); slices.Contains([]string{"dateOfBirth", "placeOfBirth", "phoneNumbers"}, tokens[min(1, len(tokens)-1)]) {
				t.Fatalf("%s stays %s", pointer, house)
			}
		}
	})
}
