package procedure

import (
	"slices"
	"time"

	"bonafide/kyc"
)

// stepWork is the judging of one step.
type stepWork struct {
	answered bool // at least one of its checks gave an answer
	j        *judging
	s        *Step
	r        *kyc.StepResult
	required bool
	ends     map[string]ending
	policies []string
	results  []kyc.ProcessResult
}

// last is the last recorded answer of a policy; nil when there is none.
func (w *stepWork) last(policy string) *Attempt {
	for i := len(w.j.f.Attempts) - 1; i >= 0; i-- {
		if a := &w.j.f.Attempts[i]; a.Policy == policy {
			return a
		}
	}
	return nil
}

// times are from the first attempt to the last answer.
func (w *stepWork) times() {
	var from, to time.Time
	for i := range w.j.f.Attempts {
		a := &w.j.f.Attempts[i]
		if !slices.Contains(w.policies, a.Policy) {
			continue
		}
		if begun := a.Answer.StartedAt; !begun.IsZero() && (from.IsZero() || begun.Before(from)) {
			from = begun
		}
		if done := a.Answer.FinishedAt; done.After(to) {
			to = done
		}
	}
	if !from.IsZero() && !to.Before(from) {
		w.r.StartedAt, w.r.EndedAt = from, to
	}
}

// judge makes the results, the issues and the result of the step.
func (w *stepWork) judge() {
	all := true
	for _, policy := range w.policies {
		fact := w.j.f.Checks[policy]
		switch w.ends[policy] {
		case left:
			continue
		case errored:
			w.fails(policy, fact)
			w.besides(policy, fact)
		case missing:
			w.lacks(policy, fact)
			w.besides(policy, fact)
		case good, doubt, bad:
			w.j.answered, w.answered = true, true
			w.findings(policy, fact)
		}
		all = false
		w.asked(policy)
	}
	if all {
		w.r.Result, w.r.Summary = StepSkipped, map[string]any{"type": w.s.Type, "machineResult": StepSkipped}
		return
	}
	machine := w.worst()
	w.r.Summary = w.summary(machine)
	for i := range w.results {
		w.r.ProcessResults = append(w.r.ProcessResults, w.results[i].ID)
	}
	w.j.out.Process = append(w.j.out.Process, w.results...)
	restate(w.r, w.results)
	w.issues()
}

// worst is what the machine says of a step whose checks ended so. Hits have
// their own words; they are counted from the process results.
func (w *stepWork) worst() string {
	is := func(e ending) bool {
		return slices.ContainsFunc(w.policies, func(p string) bool { return w.ends[p] == e })
	}
	switch {
	case is(errored):
		return StepError
	case hitType(w.s.Type):
		if is(missing) {
			return StepMissingData
		}
		return StepClear // unless there are hits
	case is(bad):
		if w.s.Type == TypeKYC {
			return StepNoMatch
		}
		return StepFail
	case is(missing):
		return StepMissingData
	case is(doubt):
		if w.s.Type == TypeKYC {
			return StepPartial
		}
		return StepClearReview
	}
	switch w.s.Type {
	case TypeKYC:
		if w.j.out.Manual {
			return StepPass
		}
		return StepMatch
	case TypeActivity:
		return StepClear
	}
	return StepPass
}

// hitType reports whether the results of a step are hits of lists or
// duplicates.
func hitType(kind string) bool {
	return kind == TypeAML || kind == TypeMatchlist || kind == TypeBlocklist || kind == TypeDuplicate
}

// asked records the provider of a check.
func (w *stepWork) asked(policy string) {
	p := kyc.StepProvider{Provider: "bonafide", Result: endingWord(w.ends[policy]), Order: len(w.r.Providers) + 1, StartedAt: w.r.StartedAt, EndedAt: w.r.EndedAt}
	if a := w.last(policy); a != nil {
		if a.Answer.Provider != "" {
			p.Provider = a.Answer.Provider
		}
		if !a.Answer.StartedAt.IsZero() {
			p.StartedAt, p.EndedAt = a.Answer.StartedAt, a.Answer.FinishedAt
		}
	}
	p.Provider += "/" + policy
	w.r.Providers = append(w.r.Providers, p)
}

func endingWord(e ending) string {
	return map[ending]string{good: StepPass, doubt: StepClearReview, missing: StepMissingData, bad: StepFail, errored: StepError, left: StepSkipped}[e]
}

// result begins a process result of the step.
func (w *stepWork) result(policy, result string) kyc.ProcessResult {
	k := kindsOf(policy, w.s.Type)
	p := kyc.ProcessResult{StepResultID: w.r.ID, StepName: w.s.Name, StepType: k.step, ObjectType: k.object, ObjectID: w.j.f.Objects[k.object],
		Class: k.class, Result: result, State: "COMPLETED", SystemStatus: SystemValid}
	p.ID = w.j.newID()
	p.Provider = kyc.ProcessProvider{Name: "bonafide", Source: policy}
	if a := w.last(policy); a != nil {
		if a.Answer.Provider != "" {
			p.Provider.Name = a.Answer.Provider
		}
		p.Provider.Reference = a.Answer.RawHash
	}
	return p
}

// processKinds are the words of process results of a check.
type processKinds struct{ step, object, class, supplementary string }

func kindsOf(policy, stepType string) processKinds {
	switch policy {
	case policyLists, policyPEP, policyMedia:
		return processKinds{stepAML, "INDIVIDUAL", "AML", "AML"}
	case policyOCR:
		return processKinds{stepDocument, "IDENTITY_DOCUMENT", "KYC", "DOCUMENT"}
	case policyExpiry:
		return processKinds{stepExpiry, "IDENTITY_DOCUMENT", "IDV", "IDV_DOCUMENT"}
	case policyFace:
		return processKinds{stepFace, "INDIVIDUAL", "IDV", "IDV_FACIAL_COMPARISON"}
	case policyLiveness:
		return processKinds{stepLiveness, "INDIVIDUAL", "IDV", "IDV_FACIAL_LIVENESS"}
	case policyMatchlist:
		class := "MATCHLIST"
		if stepType == TypeBlocklist {
			class = "BLOCKLIST"
		}
		return processKinds{stepMatchlist, "INDIVIDUAL", class, "MATCHLIST"}
	case policyDuplicate:
		return processKinds{stepDuplicate, "INDIVIDUAL", "DUPLICATE", "DUPLICATE"}
	case policyKYC:
		return processKinds{stepElectronic, "INDIVIDUAL", "KYC", "KYC_NAME"}
	case policyEmail:
		return processKinds{stepEmail, "EMAIL_ADDRESS", "FRAUD", "FRAUD_EMAIL_ADDRESS"}
	case policyPhone:
		return processKinds{stepPhone, "PHONE_NUMBER", "FRAUD", "FRAUD_PHONE_NUMBER"}
	case policyIP:
		return processKinds{stepIP, "DEVICE", "FRAUD", "FRAUD_IP_ADDRESS"}
	case policyRisk:
		return processKinds{stepRisk, "INDIVIDUAL", "FRAUD", ""}
	case policyVisa:
		return processKinds{stepVisa, "DOCUMENT", "VISA", "VISA"}
	case policyActivity:
		return processKinds{stepActivity, "INDIVIDUAL", "ACTIVITY", "ACTIVITY_FRAUD"}
	case policyName:
		return processKinds{stepName, "NAME", "KYC", "NAME_VALIDATION"}
	}
	return processKinds{stepOwn, "INDIVIDUAL", "LOOKUP", ""}
}

// fails records a check that gave no answer.
func (w *stepWork) fails(policy string, fact kyc.CheckFact) {
	e := kyc.StepError{Code: "step_not_run", Description: policy + " was never asked", Location: w.s.Name}
	state := "ERROR"
	if fact.Status != "" {
		e.Code, e.Description = "service_error", policy+" could not answer: "+sentence(fact)
		for _, r := range fact.Reasons {
			if r.Severity == "critical" {
				e.Code = r.Code
				break
			}
		}
		if e.Code == "timeout" || e.Code == "node_timeout" {
			state = "TIMEOUT"
		}
	}
	w.r.Errors = append(w.r.Errors, e)
	w.j.out.Errors = append(w.j.out.Errors, e)
	p := w.result(policy, "NOT_APPLICABLE")
	p.State, p.Errors = state, []kyc.StepError{e}
	w.results = append(w.results, p)
}

// lacks records a check that had nothing to look at.
func (w *stepWork) lacks(policy string, fact kyc.CheckFact) {
	issue := missingIssue(fact)
	if issue == "" {
		issue = "BAD_DATA_ID"
	}
	p := w.result(policy, "BAD_DATA")
	p.Errors = []kyc.StepError{{Code: "data_missing", Description: policy + " had nothing to look at: " + sentence(fact), Location: w.s.Name}}
	p.Factors = []kyc.RiskFactor{{Factor: "issue", Value: issue, Status: "VALID"}}
	w.results = append(w.results, p)
}

// besides records the hits of a screening that gave no whole answer: that one
// list was stale unsays nothing of what another one said.
func (w *stepWork) besides(policy string, fact kyc.CheckFact) {
	if w.s.Type == TypeAML && len(fact.Hits) > 0 {
		w.screening(policy, fact)
	}
}

// findings records what a check found.
func (w *stepWork) findings(policy string, fact kyc.CheckFact) {
	switch {
	case policy == policyKYC:
		w.verification(fact)
	case w.s.Type == TypeAML:
		w.screening(policy, fact)
	case policy == policyMatchlist:
		w.matchlists(fact)
	case policy == policyDuplicate:
		w.duplicates(fact)
	default:
		w.plainFinding(policy, fact)
	}
}

// plainFinding records a check with one answer.
func (w *stepWork) plainFinding(policy string, fact kyc.CheckFact) {
	words := map[ending]string{good: "CLEAR", doubt: "SUSPECTED", bad: "FAIL"}
	switch w.s.Type {
	case TypeIDV:
		words = map[ending]string{good: "MATCH", doubt: "PARTIAL_MATCH", bad: "NO_MATCH"}
	case TypeFraud:
		words = map[ending]string{good: "CLEAR", doubt: "SUSPECTED", bad: "HIT"}
	case TypeVisa:
		words = map[ending]string{good: "MATCH", doubt: "PARTIAL_MATCH", bad: "NO_MATCH"}
	}
	p := w.result(policy, words[w.ends[policy]])
	k := kindsOf(policy, w.s.Type)
	if fact.Score != nil {
		score := *fact.Score
		switch {
		case policy == policyFace: // the check's scale is 0-1
			score = round2(score * 100)
			p.Provider.Confidence = &score
		case policy == policyLiveness:
			p.Provider.Confidence = &score
		case w.s.Type == TypeFraud:
			p.Provider.RiskScore = &score
		}
	}
	if k.supplementary != "" {
		p.Private.Supplementary = map[string]any{"type": k.supplementary}
		if policy == policyOCR {
			p.Private.Supplementary["matchData"] = w.j.documentData()
			full := 100.0
			if w.ends[policy] == good {
				p.Provider.Confidence = &full
			}
		}
	}
	if w.ends[policy] != good {
		p.Factors = []kyc.RiskFactor{{Factor: "reason", Value: sentence(fact), Status: "VALID"}}
	}
	w.results = append(w.results, p)
}

func round2(v float64) float64 { return float64(int64(v*100+0.5)) / 100 }
