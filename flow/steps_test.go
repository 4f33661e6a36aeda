package flow_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"bonafide/flow"
	"bonafide/kyc"
)

func TestStepsBecomeAGraph(t *testing.T) {
	t.Parallel()
	graph, problems := flow.FromSteps(json.RawMessage(`[
		{"policy":"document_ocr"},
		{"policy":"watchlist_screening","config":{"threshold":0.8},"retry":{"max_attempts":2},"timeout_seconds":9},
		{"policy":"age_check","required":false}]`))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	c, report := flow.Compile(graph, flow.Options{Catalog: catalog()})
	if c == nil {
		t.Fatal(lines(report))
	}
	checkSound(t, c)
	first, second, third := c.Nodes["step_1_document_ocr"], c.Nodes["step_2_watchlist_screening"], c.Nodes["step_3_age_check"]
	if c.Nodes["start"].Next != first.ID || first.OnPass != second.ID || second.OnPass != third.ID || third.OnPass != "approved" {
		t.Errorf("order %v", c.Order)
	}
	if second.OnFail != "needs_review" || second.OnError != flow.ImplicitReview || third.OnSkip != "approved" || first.OnSkip != "needs_review" {
		t.Errorf("routes %+v", second)
	}
	if second.MaxAttempts != 2 || second.Timeout.Seconds() != 9 || string(second.Config) != `{"threshold":0.8}` {
		t.Errorf("options %+v", second)
	}
}

func TestStepsThatAreRefused(t *testing.T) {
	t.Parallel()
	for steps, want := range map[string]string{
		`[]`:                                   "error steps_empty /steps",
		`{}`:                                   "error wrong_type /steps",
		`["document_ocr"]`:                     "error wrong_type /steps/0",
		`[{"policy":"document_ocr","next":1}]`: "error unknown_field /steps/0/next",
		`[{"policy":"a","policy":"b"}]`:        "error duplicate_key /steps/0/policy",
		`[`:                                    "error invalid_json /steps",
	} {
		graph, problems := flow.FromSteps(json.RawMessage(steps))
		if got := lines(flow.Report{Errors: problems}); graph != nil || !slices.Contains(got, want) {
			t.Errorf("%s: %q, want %q", steps, got, want)
		}
	}
}

func TestProblemsOfStepsPointToTheSteps(t *testing.T) {
	t.Parallel()
	graph, _ := flow.FromSteps(json.RawMessage(`[{"policy":"document_ocr"},{"policy":"no such thing"},{"policy":"watchlist_screening","config":{"threshold":7}}]`))
	_, report := flow.Compile(graph, flow.Options{Catalog: catalog()})
	want := []string{"error config_invalid /steps/2/config/threshold", "error unknown_policy /steps/1/policy"}
	if got := lines(flow.StepReport(report)); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	r := flow.StepReport(flow.Report{Errors: []kyc.Problem{{Path: "/nodes"}, {Path: "/data_requirements/x"}}})
	if r.Errors[0].Path != "/steps" || r.Errors[1].Path != "/data_requirements/x" {
		t.Errorf("%v", r.Errors)
	}
}

func TestCompareNamesWhatChanged(t *testing.T) {
	t.Parallel()
	before := `{"graph":{"entry":"start","nodes":{"start":{"type":"start","next":"ocr"},
		"ocr":{"type":"policy","policy":"document_ocr","on_pass":"yes","on_fail":"no"},
		"old":{"type":"terminal","outcome":"rejected"},
		"pick":{"type":"conditional","routes":[{"conditions":[{"field":"extracted.age","operator":"<","value":18}],"next":"no"}],"default":"yes"},
		"yes":{"type":"terminal","outcome":"approved"},"no":{"type":"terminal","outcome":"rejected"}}},
		"data_requirements":{"selfie":"required","user_info":{"email":"off"}}}`
	after := strings.NewReplacer(`"on_pass":"yes"`, `"on_pass":"new"`, `"old":{"type":"terminal","outcome":"rejected"}`, `"new":{"type":"set","next":"yes"}`,
		`"value":18`, `"value":21`, `"selfie":"required"`, `"nfc":true`, `"entry":"start"`, `"graph_layout":{"x":1},"entry":"start"`).Replace(before)
	d := flow.Compare(json.RawMessage(before), json.RawMessage(after))
	got, err := json.MarshalIndent(d, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	want := `{
 "nodes_added": ["new"],
 "nodes_removed": ["old"],
 "nodes_changed": [
  {"id":"ocr","fields":[{"path":"/on_pass","old":"yes","new":"new"}]},
  {"id":"pick","fields":[{"path":"/routes/0/conditions/0/value","old":18,"new":21}]}],
 "routes": [{"node":"new","label":"next","new":"yes"},{"node":"ocr","label":"on_pass","old":"yes","new":"new"}],
 "definition": [],
 "data_requirements": [{"path":"/nfc","new":true},{"path":"/selfie","old":"required"}]}`
	a, _ := flow.Canonical(got)
	b, err := flow.Canonical(json.RawMessage(want))
	if err != nil || string(a) != string(b) {
		t.Errorf("difference\n%s\nwant\n%s", a, b)
	}
	if d.Same() || !flow.Compare(json.RawMessage(before), json.RawMessage(before)).Same() {
		t.Error("Same is wrong")
	}
	onlyLayout := strings.Replace(before, `"entry"`, `"graph_layout":{"x":1},"entry"`, 1)
	if !flow.Compare(json.RawMessage(before), json.RawMessage(onlyLayout)).Same() {
		t.Error("layout counts as a change")
	}
	if !flow.Compare(nil, json.RawMessage(`{`)).Same() {
		t.Error("two unreadable definitions differ")
	}
}
