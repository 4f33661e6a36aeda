package procedure

import (
	"maps"
	"slices"

	"bonafide/kyc"
)

// Recompute gives an execution as it stands after people judged its process
// results, which are all of the execution: step results, summaries, issues and
// whether the risk is outdated. Issues that a person cleared by hand stay so.
// Result and State never change; Status does only with autoRecalculate, without
// an override and when the state is COMPLETED. The risk keeps its score;
// for the status, what people said of hits counts in it already. What was given
// is not changed.
func Recompute(d *Definition, e kyc.Execution, results []kyc.ProcessResult, autoRecalculate bool) kyc.Execution {
	out := e
	out.Steps = slices.Clone(e.Steps)
	out.Issues = slices.Clone(e.Issues)
	byStep := map[string][]kyc.ProcessResult{}
	judged := false
	for _, p := range results {
		byStep[p.StepName] = append(byStep[p.StepName], p)
		judged = judged || p.Manual != nil && p.CarriedFrom == ""
	}
	answered := false
	for i := range out.Steps {
		r := &out.Steps[i]
		r.Summary = maps.Clone(r.Summary)
		restate(r, byStep[r.Name])
		answered = answered || r.Summary["answered"] == true
		for k := range out.Issues {
			is := &out.Issues[k]
			if is.StepName != r.Name || is.StepResultID != r.ID || is.ClearedByHand {
				continue
			}
			is.IsCleared = settled(is, r, byStep[r.Name])
		}
	}
	if e.Risk != nil {
		risk := *e.Risk
		risk.Factors = slices.Clone(e.Risk.Factors)
		risk.IsOutdated = risk.IsOutdated || judged
		out.Risk = &risk
	}
	if autoRecalculate && e.State == StateCompleted && e.Override == nil {
		if _, status, _ := decide(d, out.Steps, out.Issues, levelNow(d, out.Risk, out.Steps, byStep), answered); status != "" {
			out.Status = status
		}
	}
	return out
}

// StepLists are the steps of workflowResult (5.4): the names in order, and by
// what they came to.
type StepLists struct {
	Order, Passed, Failed, Incomplete, NotApplicable []string
}

// ListSteps sorts step results into the lists of a workflow result. Hits that
// nobody resolved are failed; what a person must look at otherwise, and what
// has no answer, is incomplete.
func ListSteps(steps []kyc.StepResult) StepLists {
	l := StepLists{Order: []string{}, Passed: []string{}, Failed: []string{}, Incomplete: []string{}, NotApplicable: []string{}}
	for i := range steps {
		name := steps[i].Name
		l.Order = append(l.Order, name)
		switch steps[i].Result {
		case StepPass, StepMatch, StepClear, StepCleared, StepHitAccepted, StepComplete:
			l.Passed = append(l.Passed, name)
		case StepFail, StepNoMatch, StepHit, StepHitRejected, StepExpired:
			l.Failed = append(l.Failed, name)
		case StepSkipped, StepNotApplicable:
			l.NotApplicable = append(l.NotApplicable, name)
		default:
			l.Incomplete = append(l.Incomplete, name)
		}
	}
	return l
}
