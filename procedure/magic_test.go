package procedure_test

import (
	"strings"
	"testing"

	"bonafide/check"
	"bonafide/flow"
	"bonafide/kyc"
	"bonafide/procedure"
)

// Every magic name of the sandbox, answered by the simulator and judged by the
// law: what the documentation of surface C may promise.
func TestMagicNamesAreDecided(t *testing.T) {
	t.Parallel()
	d := parsed(t, head+`{"type":"IDV","configuration":{"checks":["document_ocr","document_expiration","face_match"]}},{"type":"KYC"},{"type":"AML","configuration":{"adverseMedia":true}},
		{"type":"DUPLICATE"},{"type":"VISA"},{"type":"ACTIVITY"},{"type":"NAME_VALIDATION"},{"type":"FRAUD"}]}`)
	g := linked(t, d, []string{"watchlist_screening"})
	want := map[string]string{
		"APPROVE": "PASS", "Ordinary": "PASS", "FLAKY": "PASS", "UNDERAGE": "PASS", "SPOOF": "PASS", // nothing of this workflow looks at age or liveness
		"REJECT": "FAIL IDV:FAIL", "TAMPERED": "FAIL IDV:FAIL", "EXPIRED": "FAIL IDV:FAIL", "NOMATCH": "FAIL IDV:FAIL,KYC:NO_MATCH",
		"PEP": "REVIEW AML:HIT", "SANCTION": "REVIEW AML:HIT", "ADVERSE": "REVIEW AML:HIT", "DUPLICATE": "REVIEW DUPLICATE:HIT",
		"REVIEW": "REVIEW FRAUD:CLEAR_REVIEW", "HIGHRISK": "REVIEW FRAUD:CLEAR_REVIEW",
		"TIMEOUT": "BLOCKED", "ERROR5XX": "BLOCKED",
	}
	for name, expected := range want {
		checks := map[string]kyc.CheckFact{}
		extracted := map[string]any{}
		fields := map[string]any{"first_name": "Jane", "last_name": name, "full_name": "Jane " + name, "date_of_birth": "1980-02-01", "nationality": "NL", "email": "jane@example.org",
			"address": map[string]any{"street": "1 Main St", "city": "Perth", "country": "NL"}}
		var end *flow.Node
		for id := g.Nodes[g.Entry].Next; end == nil; {
			n := g.Nodes[id]
			if n.Type == flow.TypeTerminal {
				end = n
				continue
			}
			a := kitchen().menu.Run(t.Context(), kyc.CheckRequest{Tenant: kyc.Tenant{Org: "o", Env: kyc.Sandbox}, SessionID: "s", Policy: n.Policy, Config: n.Config, Attempt: 5,
				Now: at, Fields: fields, Extracted: extracted, Checks: checks, Settings: kyc.DefaultSettings()})
			kyc.Extract(extracted, a.Fields, at)
			status := map[kyc.Verdict]string{kyc.Pass: "passed", kyc.Fail: "failed", kyc.VerdictReview: "review", kyc.Skip: "skipped", "": "error"}[a.Verdict]
			checks[n.Policy] = kyc.CheckFact{Status: status, Score: a.Score, Details: a.Details, Reasons: a.Reasons, Hits: a.Hits}
			id = map[string]string{"passed": n.OnPass, "failed": n.OnFail, "review": n.OnReview, "skipped": n.OnSkip, "error": n.OnError}[status]
		}
		v := procedure.Judge(d, procedure.Facts{Checks: checks, Fields: fields, Extracted: extracted, Country: "NL"}, at, func() kyc.ID { return "x" })
		got := v.Result
		var odd []string
		hits := 0
		for _, p := range v.Process {
			if p.Result == "HIT" && p.Class == "AML" {
				hits++
			}
		}
		if (hits == 1) != strings.Contains(expected, "AML:HIT") || hits > 1 {
			t.Errorf("%s: %d hits", name, hits)
		}
		for _, s := range v.Steps {
			if s.Result != procedure.StepPass && s.Result != procedure.StepMatch && s.Result != procedure.StepClear && s.Result != procedure.StepComplete && v.Result != procedure.Blocked {
				odd = append(odd, s.Name+":"+s.Result)
			}
		}
		if len(odd) > 0 {
			got += " " + strings.Join(odd, ",")
		}
		if got != expected || checks[procedure.PolicyDecision].Details["result"] != v.Result || (end.Outcome == kyc.Approved) != (v.Result == procedure.Pass) {
			t.Errorf("%s: %s (%s), want %s: %v", name, got, end.Outcome, expected, v.Reasons)
		}
	}
	for _, m := range check.MagicTable() {
		if want[m.Name] == "" {
			t.Errorf("nobody says what becomes of %s", m.Name)
		}
	}
}
