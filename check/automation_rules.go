package check

import (
	"context"
	"encoding/json"
	"fmt"

	"bonafide/field"
	"bonafide/kyc"
	"bonafide/rule"
)

type automationConfig struct {
	Rules  json.RawMessage `json:"rules"`
	Fields []field.Field   `json:"fields"`
	Checks []ruledCheck    `json:"checks"`
	Impact bool            `json:"impact_parent_status"`
	// Steps are the form steps that are not always shown.
	Steps []conditionalStep `json:"steps"`
	// Incomplete says that a mandatory check gave no answer: nothing can be
	// approved, but a denial stays one.
	Incomplete bool `json:"incomplete"`
}

// ruledCheck is a check that runs before the rules. Required: an answer is
// needed, with show_if only while one of the conditions holds. Otherwise it may
// be skipped; once it ran, a failure or an error counts.
type ruledCheck struct {
	Name     string        `json:"name"`
	Required bool          `json:"required"`
	ShowIf   []field.Logic `json:"show_if"`
}

// conditionalStep is a form step that is asked only while a condition holds.
type conditionalStep struct {
	Fields []string    `json:"fields"` // field ids
	ShowIf field.Logic `json:"show_if"`
}

func automationRules() Check {
	s := spec("automation_rules", "Automation rules",
		"Decides by the workflow's own rules over everything the checks before it found: approved and flagged pass, rejected fails, and everything else asks for a person. A required check that did not pass holds every approval back.", 0)
	s.Provides = []string{"details.outcome", "details.final_decision", "details.winning_rule", "details.triggered_rules", "details.automation_flags"}
	s.ConfigSchema = schema(`
"rules":{"type":"object","description":"The rules, as validation_config.automation_rules of an onboarding writes them."},
"fields":{"type":"array","maxItems":2000,"items":{"type":"object"},"description":"The fields of the form."},
"checks":{"type":"array","maxItems":100,"items":{"type":"object","additionalProperties":false,"required":["name"],"properties":{
"name":{"type":"string","minLength":1,"maxLength":64,"description":"The check."},
"required":{"type":"boolean","description":"It must have an answer."},
"show_if":{"type":"array","maxItems":50,"items":`+logicSchema+`,"description":"It is required only while one of these holds."}}},
"description":"The checks that run before the rules."},
"steps":{"type":"array","maxItems":50,"items":{"type":"object","additionalProperties":false,"required":["fields","show_if"],"properties":{
"fields":{"type":"array","maxItems":2000,"items":{"type":"string","maxLength":200},"description":"The fields of the step."},
"show_if":`+logicSchema+`}},
"description":"Form steps that are asked only while a condition holds."},
"impact_parent_status":{"type":"boolean","default":false,"description":"Related parties count for the decision."},
"incomplete":{"type":"boolean","default":false,"description":"A mandatory check has no answer: at best a person decides."}`, `"required":["rules"]`)
	return Check{Spec: s, Own: true, Run: func(_ context.Context, r kyc.CheckRequest) kyc.Answer { return decideByRules(r) }}
}

func decideByRules(r kyc.CheckRequest) kyc.Answer {
	var c automationConfig
	if err := decode(r.Config, &c); err != nil {
		return broken("config_invalid", "the check's config cannot be read")
	}
	rules, problems, _ := rule.Parse(c.Rules, "/rules", knownFields(c.Fields))
	if len(problems) > 0 {
		return broken("config_invalid", fmt.Sprintf("the rules cannot be used: %s at %s", problems[0].Code, problems[0].Path))
	}
	facts := ruleFacts(r, c)
	d := rules.Evaluate(facts)
	if c.Incomplete && (d.Outcome.Approves() || d.Outcome == rule.NoAction) {
		d.Floor = &rule.Floor{From: d.Outcome, Checks: append(floorChecks(d.Floor), rule.CheckLists)}
		d.Outcome = rule.ManualReview
		d.FinalDecision = rule.ManualReview.FinalDecision()
	}
	a := judged(kyc.VerdictReview)
	severity := warning
	switch d.FinalDecision {
	case "approved", "flagged":
		a.Verdict, severity = kyc.Pass, info
	case "rejected":
		a.Verdict, severity = kyc.Fail, critical
	}
	message := fmt.Sprintf("%s decides: %s", d.WinningRule, d.Outcome)
	if d.Floor != nil {
		message = fmt.Sprintf("%s would decide %s, but %d checks hold the approval back", d.WinningRule, d.Floor.From, len(d.Floor.Checks))
	}
	a.Reasons = append(a.Reasons, reason(severity, "rules_"+d.FinalDecision, message))
	for _, u := range d.Unjudged {
		if u.Holds {
			a.Reasons = append(a.Reasons, reason(warning, "rule_not_judged", u.Rule+" cannot be judged: "+u.Reason))
		}
	}
	details, _ := plainly(d).(map[string]any)
	if details == nil {
		return broken("decision_unreadable", "the decision cannot be written down")
	}
	details["incomplete"], details["engine_version"] = c.Incomplete, houseVersion
	details["checks"] = plainly(facts.Checks)
	a.Details = details
	return a
}

func floorChecks(f *rule.Floor) []string {
	if f == nil {
		return nil
	}
	return f.Checks
}

// knownFields finds fields by field_id, then by field_key.
type knownFields []field.Field

// Field finds one field.
func (k knownFields) Field(name string) (field.Field, bool) {
	for _, f := range k {
		if f.FieldID == name {
			return f, true
		}
	}
	for _, f := range k {
		if f.FieldKey != "" && f.FieldKey == name {
			return f, true
		}
	}
	return field.Field{}, false
}
