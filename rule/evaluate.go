package rule

import (
	"math"
	"strconv"
)

// Evaluate decides (3.6.9). It never changes its inputs, and the order of the
// rules changes nothing but their names.
//
// When rules are disabled nothing is evaluated and the outcome is
// manual_review. Otherwise every rule is judged; the strongest action of those
// triggered wins, no_action aside. Without one the approval conditions are
// asked, and then the default action applies. At last the safety floor lowers
// an approval to manual_review while a required check has not passed, or while
// a rule that denies or sends to review cannot be judged; see floor.
func (r Rules) Evaluate(f Facts) Decision {
	hash, err := f.Hash()
	e := evaluation{f: &f, d: Decision{
		Triggered: []Triggered{}, Flags: []FlagEntry{}, Unjudged: []Unjudged{}, FactsHash: hash,
	}}
	if !r.Enabled {
		e.d.Outcome, e.d.WinningRule = ManualReview, "enabled"
		e.d.FinalDecision = ManualReview.FinalDecision()
		return e.d
	}
	e.prepare()
	e.rules(&r)
	e.decide(&r)
	e.floor(err != nil)
	e.d.FinalDecision = e.d.Outcome.FinalDecision()
	return e.d
}

// evaluation is one run of the rules over the facts.
type evaluation struct {
	f *Facts
	d Decision

	states  states
	excused excused
}

// rules judges every rule in the order of the documentation.
func (e *evaluation) rules(r *Rules) {
	for i := range r.CountryRules {
		e.country(ref{"country_rule", i}, &r.CountryRules[i])
	}
	for i := range r.ListMatchRules {
		e.listMatch(ref{"list_match_rule", i}, &r.ListMatchRules[i])
	}
	for i := range r.FaceRules {
		e.face(ref{"face_rule", i}, &r.FaceRules[i])
	}
	for i := range r.FaceDedupRules {
		e.faceDedup(ref{"face_dedup_rule", i}, &r.FaceDedupRules[i])
	}
	for i := range r.DocumentRules {
		e.document(ref{"document_rule", i}, &r.DocumentRules[i])
	}
	for i := range r.FormFieldRules {
		e.formField(ref{"form_field_rule", i}, &r.FormFieldRules[i])
	}
	for i := range r.AdverseMediaRules {
		e.adverseMedia(ref{"adverse_media_rule", i}, &r.AdverseMediaRules[i])
	}
	for i := range r.CryptoRules {
		e.crypto(ref{"crypto_rule", i}, &r.CryptoRules[i])
	}
	for i := range r.SubsessionRules {
		e.subsession(ref{"subsession_rule", i}, &r.SubsessionRules[i])
	}
	e.impact()
	for i := range r.RiskRules {
		e.risk(ref{"risk_rule", i}, &r.RiskRules[i])
	}
}

// decide is steps 4 to 6.
func (e *evaluation) decide(r *Rules) {
	best := -1
	for i, t := range e.d.Triggered {
		if t.Action != NoAction && (best < 0 || t.Action.Rank() > e.d.Triggered[best].Action.Rank()) {
			best = i
		}
	}
	if best >= 0 {
		won := e.d.Triggered[best]
		e.d.Outcome, e.d.WinningRule = won.Action, won.Rule
		if !won.Action.Known() {
			e.d.Outcome = ManualReview
		}
		return
	}
	if r.AutoApprove != nil {
		if e.conditions(r.AutoApprove) {
			e.d.Outcome, e.d.WinningRule, e.d.AutoApproveUsed = AutoApprove, "auto_approve_conditions", true
			return
		}
	}
	e.d.Outcome, e.d.WinningRule, e.d.DefaultUsed = r.DefaultAction, "default_action", true
	switch {
	case r.DefaultAction == Flag:
		e.d.Flags = append(e.d.Flags, FlagEntry{Code: "default_action", Message: "no rule applies and the default action is flag", Rule: "default_action"})
	case r.DefaultAction == NoAction || !r.DefaultAction.Known():
		// A decision has to be made, and "nothing" leaves it to a person.
		e.d.Outcome = ManualReview
	}
}

// ref names a rule: the singular of its section, which is also the code of its
// flag, and its index.
type ref struct {
	kind  string
	index int
}

func (r ref) String() string {
	if r.index < 0 {
		return r.kind
	}
	return r.kind + "s[" + strconv.Itoa(r.index) + "]"
}

// trigger records a rule that applies. A flag is recorded whether or not it
// wins (X1).
func (e *evaluation) trigger(r ref, a Action, reason string, facts map[string]any) {
	name := r.String()
	e.d.Triggered = append(e.d.Triggered, Triggered{Rule: name, Action: a, Reason: reason, Facts: facts})
	if a == Flag {
		message := reason
		if message == "" {
			message = "the rule " + name + " applies"
		}
		e.d.Flags = append(e.d.Flags, FlagEntry{Code: r.kind, Message: message, Rule: name})
	}
}

// unjudged records a rule whose facts are unknown; holds says whether it keeps
// an approval back if its action would have. What the definition let the
// applicant leave out, or did not ask of this applicant at all, holds nothing
// back: there is nothing that the rule could have found.
func (e *evaluation) unjudged(r ref, a Action, check, reason string, holds bool) {
	holds = holds && a.restricts() && !e.leftOut(check)
	e.d.Unjudged = append(e.d.Unjudged, Unjudged{
		Rule: r.String(), Action: a, Check: check, Reason: reason, Holds: holds,
	})
}

// known reads a number that was really measured.
func known(v *float64) (float64, bool) {
	if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return 0, false
	}
	return *v, true
}

// excuses reports whether an action says that a failed check need not stop an
// approval (3.6.9, step 7).
func (a Action) excuses() bool { return a == Flag || a == NoAction }
