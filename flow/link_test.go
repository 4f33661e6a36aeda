package flow_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"bonafide/flow"
	"bonafide/kyc"
)

// library resolves subworkflows from a map.
func library(graphs map[string]string) func(id, version string) (json.RawMessage, string, error) {
	return func(id, version string) (json.RawMessage, string, error) {
		graph, ok := graphs[id]
		if !ok {
			return nil, "", kyc.Missing("workflow", id)
		}
		if version == "latest_published" {
			version = "3"
		}
		return json.RawMessage(graph), version, nil
	}
}

// nested is a graph that only runs one subworkflow.
func nested(id string) string {
	return fmt.Sprintf(`{"entry":"start","nodes":{"start":{"type":"start","next":"s"},
		"s":{"type":"subworkflow","workflow_id":%q,"on_approved":"yes"},"yes":{"type":"terminal","outcome":"approved"}}}`, id)
}

const screening = `{"entry":"begin","nodes":{
	"begin":{"type":"start","next":"aml"},
	"aml":{"type":"policy","policy":"watchlist_screening","config":{"threshold":0.7},"on_pass":"look","on_fail":"no"},
	"look":{"type":"conditional","routes":[{"conditions":[{"field":"vars.limit","operator":">","value":3}],"next":"ok"}],"default":"ask"},
	"ok":{"type":"terminal","outcome":"approved"},"ask":{"type":"terminal","outcome":"needs_review","reason_code":"limit"},
	"no":{"type":"terminal","outcome":"rejected","reason_code":"hit"}}}`

func TestASubworkflowIsLinkedInline(t *testing.T) {
	t.Parallel()
	outer := json.RawMessage(`{"entry":"start","nodes":{
		"start":{"type":"start","next":"ocr"},
		"ocr":{"type":"policy","policy":"document_ocr","on_pass":"sub","on_fail":"review"},
		"sub":{"type":"subworkflow","workflow_id":"screening","version":2,"input_map":{"vars.limit":{"value":5},"vars.age":"extracted.age"},
			"on_approved":"yes","on_needs_review":"review"},
		"yes":{"type":"terminal","outcome":"approved"},"review":{"type":"terminal","outcome":"needs_review"}}}`)
	c, report := flow.Compile(outer, flow.Options{Catalog: catalog(), Resolve: library(map[string]string{"screening": screening}), Self: "outer"})
	if c == nil || len(report.Warnings) > 0 {
		t.Fatalf("report: %v", lines(report))
	}
	checkSound(t, c)
	sub := c.Nodes["sub"]
	if sub.Type != flow.TypeSet || len(sub.Assign) != 2 || sub.Next != "sub/aml" {
		t.Errorf("the node became %+v", sub)
	}
	aml := c.Nodes["sub/aml"]
	if aml.OnPass != "sub/look" || aml.OnFail != "sub/no" || aml.OnError != "sub/_needs_review" {
		t.Errorf("the inner check became %+v", aml)
	}
	for inner, outer := range map[string]string{"sub/ok": "yes", "sub/ask": "review", "sub/no": flow.ImplicitRejected, "sub/_needs_review": "review"} {
		if n := c.Nodes[inner]; n == nil || n.Type != flow.TypeSet || n.Next != outer {
			t.Errorf("%s is %+v, want a way to %s", inner, n, outer)
		}
	}
	vars := flow.Assigned(c.Nodes["sub/no"], nil)["sub"]
	if got := fmt.Sprint(vars); got != "map[outcome:rejected reason_code:hit]" {
		t.Errorf("the subworkflow leaves %s", got)
	}
	if want := []flow.Link{{Node: "sub", WorkflowID: "screening", Version: "2"}}; !slices.Equal(c.Links, want) {
		t.Errorf("links %v", c.Links)
	}
	for id := range c.Nodes {
		if c.Nodes[id].Type == flow.TypeSubworkflow {
			t.Errorf("%s is still a subworkflow", id)
		}
	}
}

func TestSubworkflowsThatCannotBeLinked(t *testing.T) {
	t.Parallel()
	deep := map[string]string{"d5": screening, "d6": nested("d5")}
	for i := range 5 {
		deep[fmt.Sprintf("d%d", i)] = nested(fmt.Sprintf("d%d", i+1))
	}
	tests := map[string]struct {
		graphs map[string]string
		first  string
		want   string
	}{
		"missing":               {nil, "nobody", "error subworkflow_not_found /nodes/s/workflow_id"},
		"itself":                {nil, "self", "error subworkflow_recursion /nodes/s/workflow_id self self"},
		"itself by another":     {map[string]string{"a": nested("b"), "b": nested("self")}, "a", "error subworkflow_recursion /nodes/s/workflow_id self a b self"},
		"a cycle beside itself": {map[string]string{"a": nested("b"), "b": nested("a")}, "a", "error subworkflow_recursion /nodes/s/workflow_id self a b a"},
		"too deep":              {map[string]string{"d0": deep["d0"], "d1": deep["d1"], "d2": deep["d2"], "d3": deep["d3"], "d4": deep["d4"], "d5": nested("x"), "x": screening}, "d0", "error subworkflow_too_deep /nodes/s/workflow_id"},
		"invalid inside":        {map[string]string{"a": `{"entry":"start","nodes":{"start":{"type":"start","next":"gone"}}}`}, "a", "error subworkflow_invalid /nodes/s/workflow_id"},
		"no JSON inside":        {map[string]string{"a": `{`}, "a", "error subworkflow_invalid /nodes/s/workflow_id"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, report := flow.Compile(json.RawMessage(nested(tt.first)), flow.Options{Catalog: catalog(), Resolve: library(tt.graphs), Self: "self"})
			if c != nil || !slices.Contains(lines(report), tt.want) {
				t.Errorf("report %q, want %q", lines(report), tt.want)
			}
		})
	}
}

func TestFiveSubworkflowsDeepStillLink(t *testing.T) {
	t.Parallel()
	graphs := map[string]string{"d4": screening}
	for i := range 4 {
		graphs[fmt.Sprintf("d%d", i)] = nested(fmt.Sprintf("d%d", i+1))
	}
	c, report := flow.Compile(json.RawMessage(nested("d0")), flow.Options{Catalog: catalog(), Resolve: library(graphs), Self: "self"})
	if c == nil {
		t.Fatal(lines(report))
	}
	checkSound(t, c)
	if c.Nodes["s/s/s/s/s/aml"] == nil || len(c.Links) != 5 {
		t.Errorf("links %v, order %v", c.Links, c.Order)
	}
}

func TestManySubworkflowsCannotBlowUp(t *testing.T) {
	t.Parallel()
	// Forty nodes that each contain forty nodes that … would be 40^5.
	bomb := func(id string) string {
		var b strings.Builder
		b.WriteString(`{"entry":"start","nodes":{"start":{"type":"start","next":"n0"},"yes":{"type":"terminal","outcome":"approved"}`)
		for i := range 40 {
			next := fmt.Sprintf("n%d", i+1)
			if i == 39 {
				next = "yes"
			}
			fmt.Fprintf(&b, `,"n%d":{"type":"subworkflow","workflow_id":%q,"on_approved":%q}`, i, id, next)
		}
		return b.String() + "}}"
	}
	graphs := map[string]string{"a": bomb("b"), "b": bomb("c"), "c": bomb("d"), "d": bomb("e"), "e": screening}
	_, report := flow.Compile(json.RawMessage(nested("a")), flow.Options{Resolve: library(graphs)})
	if len(report.Errors) == 0 {
		t.Fatal("an enormous graph was linked")
	}
}

func TestRepeatedChecksAreFoundAcrossTheSeam(t *testing.T) {
	t.Parallel()
	outer := strings.ReplaceAll(nested("screening"), `"next":"s"`, `"next":"aml"`)
	outer = strings.Replace(outer, `"yes":{`, `"aml":{"type":"policy","policy":"watchlist_screening","config":{"threshold":0.7},"on_pass":"s","on_fail":"s"},"yes":{`, 1)
	_, report := flow.Compile(json.RawMessage(outer), flow.Options{Catalog: catalog(), Resolve: library(map[string]string{"screening": screening})})
	if !slices.Contains(lines(report), "error duplicate_policy /nodes/s aml s/aml") {
		t.Errorf("report %q", lines(report))
	}
}

func TestWithoutResolveASubworkflowStays(t *testing.T) {
	t.Parallel()
	graph := strings.Replace(nested("elsewhere"), `"on_approved"`, `"input_map":{"vars.age":"extracted.age","vars.n":{"value":"x"}},"on_approved"`, 1)
	c, report := flow.Compile(json.RawMessage(graph), flow.Options{Catalog: catalog()})
	if c == nil {
		t.Fatal(lines(report))
	}
	n := c.Nodes["s"]
	if want := []flow.Assign{{To: "vars.age", From: "extracted.age"}, {To: "vars.n", Value: "x"}}; !reflect.DeepEqual(n.Assign, want) {
		t.Errorf("inputs %v", n.Assign)
	}
	if n.Type != flow.TypeSubworkflow || n.OnRejected != flow.ImplicitRejected || n.OnNeedsReview != flow.ImplicitReview {
		t.Errorf("the node is %+v", n)
	}
	checkSound(t, c)
}
