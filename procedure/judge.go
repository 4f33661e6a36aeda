package procedure

import (
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
)

// judging is one call of Judge.
type judging struct {
	d         *Definition
	f         Facts
	at        time.Time
	newID     func() kyc.ID
	mandatory []string
	guarded   map[string]bool
	ran       map[string]tristate // by step
	cleared   map[string]ClearedHit
	manual    *ManualKYC
	person    Person
	out       Verdict
	answered  bool // at least one check gave an answer
}

// tristate is whether a step ran: what a branch decided is not known here.
type tristate uint8

const (
	unknowable tristate = iota
	yes
	no
)

// Judge derives what an execution came to. It is total: every combination of
// facts has a verdict. newID names the objects, in a fixed order.
func Judge(d *Definition, f Facts, at time.Time, newID func() kyc.ID) Verdict {
	j := &judging{d: d, f: f, at: at, newID: newID, guarded: d.guarded(), ran: map[string]tristate{}, cleared: map[string]ClearedHit{}}
	j.mandatory = f.mandatory()
	for _, c := range clearedHits(f.Established) {
		if Resolves(c.Status) {
			j.cleared[c.Hit] = c
		}
	}
	var m ManualKYC
	if into(f.Established[KeyManualKYC], &m) && m.ProcessResultID != "" {
		j.manual = &m
	}
	j.person, _ = EstablishedPerson(f.Established)
	var toggles []Step
	for i := range d.Steps {
		s := d.Steps[i]
		if s.Type == TypeDecision {
			for _, policy := range d.implied(j.mandatory) {
				j.step(Step{Name: d.impliedName(policy), Type: typeOf(policy), Configuration: Configuration{Required: true}}, []string{policy}, true)
			}
		}
		switch {
		case s.Checks():
			j.step(s, s.policies(), false)
		case s.Type == TypeMonitorToggle:
			toggles = append(toggles, s)
			j.plain(s, StepUnchecked) // completed when the result is known
		default:
			j.plain(s, StepComplete)
		}
	}
	j.assessRisk()
	j.out.State, j.out.Result, j.out.Reasons = decide(d, j.out.Steps, j.out.Issues, j.level(), j.answered)
	j.closeDecision()
	for _, s := range toggles {
		j.toggle(s)
	}
	return j.out
}

// mandatory are the checks that the organisation demands: those given, or those
// that the recorded answer of procedure_decision names, so that a later look
// sees what the decision saw.
func (f Facts) mandatory() []string {
	if f.Mandatory != nil {
		return f.Mandatory
	}
	var out []string
	into(f.Checks[PolicyDecision].Details["mandatory"], &out)
	return out
}

func clearedHits(established map[string]any) []ClearedHit {
	var out []ClearedHit
	into(established[KeyClearedHits], &out)
	return out
}

// how a check ended.
type ending uint8

const (
	left    ending = iota // a condition left it out
	good                  // passed
	doubt                 // a person must look
	missing               // there was nothing to look at
	bad                   // failed
	errored               // no answer, or no check at all
)

// missingCodes are reasons that say that a check had nothing to look at, with
// the issue they make.
var missingCodes = map[string]string{
	"name_missing": "BAD_DATA_NAME", "party_name_missing": "BAD_DATA_NAME", "birth_date_missing": "BAD_DATA_DOB", "address_missing": "BAD_DATA_ADDRESS",
	"document_missing": "BAD_DATA_ID", "portrait_missing": "BAD_DATA_ID", "face_missing": "BAD_DATA_ID", "identity_data_missing": "BAD_DATA_NAME",
	"email_missing": "BAD_DATA_EMAIL", "phone_missing": "BAD_DATA_MOBILE", "nothing_compared": "BAD_DATA_ID",
}

// endingOf classes the last word of a check. What is not clearly an answer is
// an error.
func endingOf(f kyc.CheckFact) ending {
	lacks := missingIssue(f) != ""
	switch f.Status {
	case "passed":
		return good
	case "failed":
		return bad
	case "review":
		if lacks {
			return missing
		}
		return doubt
	case "skipped":
		return missing
	case "error":
		if lacks {
			return missing
		}
	}
	return errored
}

// missingIssue is the issue of a check that had nothing to look at, or "".
func missingIssue(f kyc.CheckFact) string {
	for _, r := range f.Reasons {
		if issue := missingCodes[r.Code]; issue != "" {
			return issue
		}
	}
	return ""
}

// required reports whether a step must have an answer. In monitoring nobody is
// clear whom no list was asked about.
func (j *judging) required(s *Step, policies []string) bool {
	return s.Required() || j.d.LifecyclePhase == PhaseMonitoring && s.Type == TypeAML ||
		slices.ContainsFunc(policies, func(p string) bool { return slices.Contains(j.mandatory, p) })
}

// step judges one step that checks something.
func (j *judging) step(s Step, policies []string, implied bool) {
	r := kyc.StepResult{ID: j.newID(), Name: s.Name, Type: s.Type, ObjectType: objectType(s.Type), StartedAt: j.at, EndedAt: j.at, UpdatedAt: j.at}
	r.ObjectID = j.f.Objects[r.ObjectType]
	guard := yes
	if j.guarded[s.Name] && !implied {
		guard = j.guard(&s)
	}
	ends := map[string]ending{}
	for _, policy := range policies {
		fact, have := j.f.Checks[policy]
		switch {
		case have:
			ends[policy] = endingOf(fact)
		case guard == yes || slices.Contains(j.mandatory, policy):
			ends[policy] = errored
		default:
			ends[policy] = left
		}
	}
	j.ran[s.Name] = guard
	if slices.ContainsFunc(policies, func(p string) bool {
		_, have := j.f.Checks[p]
		return have && !slices.Contains(j.mandatory, p)
	}) {
		j.ran[s.Name] = yes
	}
	w := &stepWork{j: j, s: &s, r: &r, required: j.required(&s, policies), ends: ends, policies: policies}
	w.times()
	w.judge()
	j.out.Steps = append(j.out.Steps, r)
}

// plain records a step that asks nothing.
func (j *judging) plain(s Step, result string) {
	guard := yes
	if j.guarded[s.Name] {
		guard = j.guard(&s)
	}
	j.ran[s.Name] = guard
	r := kyc.StepResult{ID: j.newID(), Name: s.Name, Type: s.Type, ObjectType: objectType(s.Type), Result: result, StartedAt: j.at, EndedAt: j.at, UpdatedAt: j.at}
	r.ObjectID = j.f.Objects[r.ObjectType]
	if guard == no {
		r.Result = StepSkipped
	}
	r.Summary = map[string]any{"type": s.Type}
	j.out.Steps = append(j.out.Steps, r)
}

// guard says whether the conditions of a step held, as far as the answers tell.
func (j *judging) guard(s *Step) tristate {
	out := no
	for _, dep := range s.DependsOn {
		if got := j.holds(dep); got == yes {
			return yes
		} else if got == unknowable {
			out = unknowable
		}
	}
	return out
}

func (j *judging) holds(dep Dependency) tristate {
	if ran := j.ran[dep.Step]; ran != yes || dep.On == "" {
		return ran
	}
	other := j.d.Step(dep.Step)
	switch other.Type {
	case TypeBranch:
		return unknowable
	case TypeDecision:
		return of(dep.On == j.out.Result)
	}
	policies := other.policies()
	is := func(policy string) bool { return j.f.Checks[policy].Status == statusOf(dep.On) }
	if dep.On == "PASSED" {
		return of(!slices.ContainsFunc(policies, func(p string) bool { return !is(p) }))
	}
	return of(slices.ContainsFunc(policies, is))
}

func of(held bool) tristate {
	if held {
		return yes
	}
	return no
}

// closeDecision writes the result into the record of the DECISION step.
func (j *judging) closeDecision() {
	for i := range j.out.Steps {
		if r := &j.out.Steps[i]; r.Type == TypeDecision {
			r.Summary["workflowExecutionResult"] = j.out.Result
			if j.out.State == StateError {
				r.Result = StepIncomplete
			}
		}
	}
}

// toggle completes a MONITOR_TOGGLE step. Nothing is switched by an execution
// that ended in an error.
func (j *judging) toggle(s Step) {
	held := yes
	if j.guarded[s.Name] || slices.ContainsFunc(s.DependsOn, func(d Dependency) bool { return d.On != "" }) {
		j.ran[s.Name] = unknowable
		held = j.guard(&s)
	}
	for i := range j.out.Steps {
		r := &j.out.Steps[i]
		if r.Name != s.Name {
			continue
		}
		switch {
		case held != yes:
			r.Result = StepSkipped
		case j.out.State == StateError:
			r.Result = StepIncomplete
		default:
			r.Result = StepComplete
			r.Summary["enabled"], r.Summary["monitoringTypes"] = on(s.Configuration.Enabled), s.Configuration.MonitoringTypes
			j.out.Toggles = append(j.out.Toggles, Toggle{Step: s.Name, Enabled: on(s.Configuration.Enabled), Types: slices.Clone(s.Configuration.MonitoringTypes)})
		}
	}
}

// objectType is what a step of a type looks at.
func objectType(kind string) string {
	switch kind {
	case TypeIDV:
		return "DOCUMENT"
	case TypeNameValidation:
		return "NAME"
	}
	return "INDIVIDUAL"
}

// sentence is the message of a failed check without personal data: the codes of
// its reasons.
func sentence(f kyc.CheckFact) string {
	var codes []string
	for _, r := range f.Reasons {
		if r.Severity != "info" && !slices.Contains(codes, r.Code) {
			codes = append(codes, r.Code)
		}
	}
	return strings.Join(codes, ", ")
}
