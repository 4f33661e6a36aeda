package entities

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"bonafide/kyc"
	"bonafide/procedure"
)

// Every word of every kind of judgement is taken where it belongs and nowhere
// else, and leaves what the machine said.
func TestEveryWordOfEveryKind(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	b.define(c, `{"serviceName":"All","workflowName":"Everything","steps":[{"type":"MATCHLIST"},{"type":"DUPLICATE"},{"type":"KYC"},{"type":"IDV"},{"type":"AML"},{"type":"FRAUD"}]}`)
	list := c.Must(201, "POST", "/v2/matchlists", `{"name":"Known","action":"REVIEW"}`).Str("matchlist.matchlistId")
	c.Must(201, "POST", "/v2/matchlists/"+list+"/entries", `{"entries":[{"attributes":{"IND_FAMILY_NAME":"Sanction","IND_NATIONALITY":"AUS"}}]}`)
	c.adopt(strings.Replace(named("Sanction"), "sanction@", "other@", 1)) // the same person once more
	person := "/v2/individuals/" + c.adopt(named("Sanction"))
	c.Must(201, "POST", person+"/documents", map[string]any{"type": "PASSPORT", "country": "AUS", "primaryIdentifier": "N1234567", "expiryDate": "2099-01-01",
		"attachments": []any{map[string]any{"side": "FRONT", "data": map[string]any{"base64": base64.StdEncoding.EncodeToString(picture(t, 1))}}}})
	const place = "/serviceprofiles/All/workflows/Everything"
	run := c.Must(200, "POST", person+place+"/execute", nil)
	all := c.Must(200, "GET", person+"/results?limit=500", nil).List("processResults")
	before := map[string]any{}
	for _, r := range all {
		before[r.(map[string]any)["processResultId"].(string)] = r.(map[string]any)["result"]
	}
	found := map[string]string{}
	for _, kind := range procedure.Kinds() {
		// The surface tells which results a kind takes: those it does not refuse.
		for _, r := range all {
			id := r.(map[string]any)["processResultId"].(string)
			got := c.Call("PATCH", person+"/results/"+kind, map[string]any{"processResults": []string{id}, "manualStatus": procedure.ManualStatuses(kind)[0]})
			if got.Status == 200 {
				found[kind] = id
			} else if got.Status != 422 || got.Str("details.0.issueType") != "process_result_class" || got.Str("details.0.issueLocation") != "/processResults/0" {
				t.Errorf("%s: %d %s", kind, got.Status, got.Raw)
			}
		}
	}
	for _, kind := range procedure.Kinds() {
		id := found[kind]
		if id == "" {
			t.Errorf("%s judges nothing of %s", kind, run.Raw)
			continue
		}
		for _, word := range procedure.ManualStatuses(kind) {
			got := c.Must(200, "PATCH", person+"/results/"+kind, map[string]any{"processResults": []string{id}, "manualStatus": word, "comment": map[string]any{"text": "because"}})
			if got.Str("processResults.0.manualStatus") != word || got.At("processResults.0.result") != before[id] {
				t.Errorf("%s %s: %s", kind, word, got.Raw)
			}
		}
		for _, other := range procedure.Kinds() {
			for _, word := range append(procedure.ManualStatuses(other), "FALSE_POSITIVE_ACCEPT", "", "pass") {
				if !slices.Contains(procedure.ManualStatuses(kind), word) {
					c.refused(400, "manual_status_invalid", "/manualStatus", "PATCH", person+"/results/"+kind, map[string]any{"processResults": []string{id}, "manualStatus": word})
				}
			}
		}
	}
	if got := c.Must(200, "GET", person+place+"/executions", nil); got.Str("workflowResults.0.result") != run.Str("workflowResult.result") {
		t.Errorf("judgements changed the result: %s", got.Raw)
	}
}

// A request that is sent again is answered from what was stored.
func TestExecutionsAreIdempotent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.office(b.sandbox)
	c := b.sandbox.With("Idempotency-Key", "once")
	first := c.Must(200, "POST", "/v2/individuals/new"+pepPath+"/execute", named("Approve"))
	again := c.Call("POST", "/v2/individuals/new"+pepPath+"/execute", named("Approve"))
	if again.Status != 200 || again.Header.Get("Idempotent-Replayed") != "true" || again.Str("workflowExecutionId") != first.Str("workflowExecutionId") {
		t.Errorf("%d %s", again.Status, again.Raw)
	}
	if got := c.Call("POST", "/v2/individuals/new"+pepPath+"/execute", named("Other")); got.Status != 422 || got.Str("details.0.issueType") != "idempotency_mismatch" {
		t.Errorf("%d %s", got.Status, got.Raw)
	}
	if got := b.sandbox.Must(200, "GET", "/v2/individuals", nil); got.At("total") != 1.0 {
		t.Errorf("%s", got.Raw)
	}
}

// Headers of customers may hold anything and break nothing.
func TestHeadersAreReadAndNeverRequired(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"": "", "  anna ": "anna", "a\tb\x00c": "abc", strings.Repeat("ä", 200): strings.Repeat("ä", 128), "\xff\xfe": "", strings.Repeat(" ", 500) + "x": "x"} {
		if got := headerText(in, 128); got != want {
			t.Errorf("%q becomes %q", in, got)
		}
	}
	b := newBench(t)
	b.office(b.sandbox)
	c := b.sandbox.With("X-Frankie-CustomerID", "c").With("X-Frankie-CustomerChildID", "d").With("X-Frankie-Background", "0").With("X-Frankie-Username", strings.Repeat("n", 300))
	run := c.Must(200, "POST", "/v2/individuals/new"+pepPath+"/execute", named("Approve"))
	if got := run.Str("workflowResult.updatedBy"); len(got) != 128 {
		t.Errorf("%q", got)
	}
	plain := b.sandbox.Must(200, "POST", "/v2/individuals/new"+pepPath+"/execute", named("Approve"))
	keys, err := b.DB.Keys(t.Context(), kyc.Tenant{Org: b.Dev.ID, Env: kyc.Sandbox})
	if err != nil || len(keys) != 1 || keys[0].Name == "" {
		t.Fatal(keys, err)
	}
	if got := plain.Str("workflowResult.updatedBy"); got != keys[0].Name {
		t.Errorf("without a name the key's stands there: %q, want %q", got, keys[0].Name)
	}
}
