package check

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"bonafide/kyc"
	"bonafide/procedure"
)

type procedureConfig struct {
	Definition json.RawMessage `json:"definition"`
	// Mandatory are the checks that the organisation demanded.
	Mandatory []string `json:"mandatory"`
	// Incomplete says that one of them gave no answer: nothing can pass.
	Incomplete bool `json:"incomplete"`
}

func procedureDecision() Check {
	s := spec(procedure.PolicyDecision, "Decision of a procedure",
		"Decides a workflow of surface C over everything the checks before it found: PASS and CLEAR pass, FAIL fails, and everything else asks for a person. A required check without an answer ends in BLOCKED and never passes.", 0)
	s.Provides = []string{"details.state", "details.result", "details.risk_level", "details.risk_score", "details.manual"}
	s.ConfigSchema = schema(`
"definition":{"type":"object","description":"The workflow as the admin API takes it."},
"mandatory":{"type":"array","maxItems":100,"items":{"type":"string","minLength":1,"maxLength":100},"description":"Checks that the organisation demands."},
"incomplete":{"type":"boolean","default":false,"description":"A mandatory check has no answer: nothing can pass."}`, `"required":["definition"]`)
	return Check{Spec: s, Own: true, Run: func(_ context.Context, r kyc.CheckRequest) kyc.Answer { return decideProcedure(r) }}
}

// decideProcedure asks the law. Cleared hits in r.Established are those whose
// list entry still said the same when the execution began: the machine has
// compared the digests, so only the names of the entries are compared here.
func decideProcedure(r kyc.CheckRequest) kyc.Answer {
	var c procedureConfig
	if err := decode(r.Config, &c); err != nil {
		return broken("config_invalid", "the check's config cannot be read")
	}
	d, err := procedure.Read(c.Definition)
	if err != nil {
		return broken("config_invalid", "the workflow cannot be used")
	}
	if c.Mandatory == nil {
		c.Mandatory = []string{}
	}
	n := 0
	v := procedure.Judge(d, procedure.Facts{Mandatory: c.Mandatory, Checks: r.Checks, Fields: r.Fields, Country: r.Country, Extracted: r.Extracted,
		Established: r.Established}, r.Now, func() kyc.ID { n++; return kyc.ID(fmt.Sprint(n)) }) // the machine names the objects; here they only must differ
	a := judged(kyc.VerdictReview, v.Reasons...)
	switch v.Result {
	case procedure.Pass, procedure.Clear:
		a.Verdict = kyc.Pass
	case procedure.Fail:
		a.Verdict = kyc.Fail
	}
	if a.Verdict == kyc.Pass && (c.Incomplete || v.State != procedure.StateCompleted) {
		v.State, v.Result, a.Verdict = procedure.StateError, procedure.Blocked, kyc.VerdictReview
		a.Reasons = append(a.Reasons, reason(critical, "mandatory_unanswered", "a check that the organisation demands gave no answer"))
	}
	steps := map[string]any{}
	for _, s := range v.Steps {
		steps[s.Name] = s.Result
	}
	slices.Sort(c.Mandatory)
	a.Details = map[string]any{"state": v.State, "result": v.Result, "manual": v.Manual, "mandatory": texted(c.Mandatory), "incomplete": c.Incomplete, "steps": steps,
		"engine_version": houseVersion}
	if v.Risk != nil {
		a.Score = number(v.Risk.Score)
		a.Details["risk_score"], a.Details["risk_level"], a.Details["risk_overridden"] = v.Risk.Score, v.Risk.Level, v.Risk.OverriddenLevel
	}
	return a
}
