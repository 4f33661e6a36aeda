package procedure

import (
	"encoding/json"
	"slices"
	"strings"
)

// PolicyDecision is the check that decides an execution.
const PolicyDecision = "procedure_decision"

// Names of checks that this room knows.
const (
	policyKYC       = "kyc_verification"
	policyLists     = "watchlist_screening"
	policyPEP       = "aml_pep"
	policyMedia     = "adverse_media"
	policyOCR       = "document_ocr"
	policyExpiry    = "document_expiration"
	policyFace      = "face_match"
	policyLiveness  = "liveness"
	policyMatchlist = "matchlist_screening"
	policyDuplicate = "duplicate_detection"
	policyEmail     = "email_risk"
	policyPhone     = "phone_risk"
	policyIP        = "ip_risk"
	policyRisk      = "risk_assessment"
	policyVisa      = "visa_check"
	policyActivity  = "activity_check"
	policyName      = "name_validation"
	policyOwn       = "http"
)

// ask is one check of a step, with its configuration in the words of the check.
type ask struct {
	policy string
	config map[string]any
}

// asks gives the checks of a step in the order they are asked.
func (s *Step) asks() []ask {
	c := s.Configuration
	switch s.Type {
	case TypeKYC:
		return []ask{{policyKYC, kycConfig(c)}}
	case TypeAML:
		config := func() map[string]any {
			out := map[string]any{"parties": everyName(), "documents": true}
			if c.Threshold != nil {
				out["threshold"] = *c.Threshold
			}
			return out
		}
		lists := config()
		if len(c.Lists) > 0 {
			lists["lists"] = c.Lists
		}
		out := []ask{{policyLists, lists}}
		if on(c.PEP) {
			out = append(out, ask{policyPEP, config()})
		}
		if on(c.AdverseMedia) {
			out = append(out, ask{policyMedia, config()})
		}
		return out
	case TypeIDV:
		var out []ask
		for _, policy := range c.Checks {
			config := map[string]any{}
			if policy == policyFace && c.Threshold != nil {
				config["threshold"] = *c.Threshold
			}
			out = append(out, ask{policy, config})
		}
		return out
	case TypeMatchlist, TypeBlocklist:
		config := map[string]any{"threshold": *c.Threshold}
		if len(c.Lists) > 0 {
			config["lists"] = c.Lists
		}
		return []ask{{policyMatchlist, config}}
	case TypeDuplicate:
		config := map[string]any{}
		if len(c.Traits) > 0 {
			config["traits"] = c.Traits
		}
		return []ask{{policyDuplicate, config}}
	case TypeFraud:
		var out []ask
		for _, policy := range c.Checks {
			out = append(out, ask{policy, map[string]any{}})
		}
		return out
	case TypeVisa:
		return []ask{{policyVisa, serverConfig(c)}}
	case TypeActivity:
		return []ask{{policyActivity, serverConfig(c)}}
	case TypeOther:
		return []ask{{policyOwn, serverConfig(c)}}
	case TypeNameValidation:
		return []ask{{policyName, map[string]any{}}}
	}
	return nil
}

// everyName asks for all names of a person: a list may know them by another
// one. The same person named twice is asked for once.
func everyName() []any {
	party := func(path string) any {
		return map[string]any{"path": path, "role": "individual", "own": true, "date_of_birth": "date_of_birth", "nationality": "nationality",
			"document_number": "document_number"}
	}
	return []any{party("full_name"), party("alternate_names/*/full_name")}
}

func serverConfig(c Configuration) map[string]any {
	out := map[string]any{}
	if c.URL != "" {
		out["url"], out["secret"] = c.URL, c.SigningSecret
	}
	if c.TimeoutSeconds != nil {
		out["timeout_seconds"] = *c.TimeoutSeconds
	}
	return out
}

func kycConfig(c Configuration) map[string]any {
	sources := []any{}
	for _, s := range c.Sources {
		sources = append(sources, map[string]any{"name": s.Name, "url": s.URL, "secret": s.SigningSecret})
	}
	rules := []any{}
	for _, r := range c.Rules {
		rule := map[string]any{"name": r.RuleName, "matches": r.Matches, "count": r.MatchCountRequired}
		if len(r.RequiredSources) > 0 {
			rule["required_sources"] = r.RequiredSources
		}
		rules = append(rules, rule)
	}
	out := map[string]any{"sources": sources, "rules": rules, "use_documents": on(c.UseDocuments)}
	if c.Threshold != nil {
		out["threshold"] = *c.Threshold
	}
	if c.TimeoutSeconds != nil {
		out["timeout_seconds"] = *c.TimeoutSeconds
	}
	return out
}

// policies are the names of the checks of a step.
func (s *Step) policies() []string {
	asks := s.asks()
	out := make([]string, len(asks))
	for i, a := range asks {
		out[i] = a.policy
	}
	return out
}

// Plan gives the steps in the order they run, with their checks. That of the
// DECISION step is PolicyDecision.
func (d *Definition) Plan() []StepPlan {
	guarded := d.guarded()
	out := make([]StepPlan, len(d.Steps))
	for i := range d.Steps {
		s := &d.Steps[i]
		out[i] = StepPlan{Name: s.Name, Type: s.Type, Policies: s.policies(), Required: s.Required(), Guarded: guarded[s.Name]}
		if s.Type == TypeDecision {
			out[i].Policies = []string{PolicyDecision}
		}
	}
	return out
}

// guarded are the steps that a condition may leave out: those with a condition
// of their own, and those that come only after such steps.
func (d *Definition) guarded() map[string]bool {
	out := map[string]bool{}
	for i := range d.Steps {
		s := &d.Steps[i]
		if s.Type == TypeDecision || s.Type == TypeFinish || len(s.DependsOn) == 0 {
			continue
		}
		out[s.Name] = !slices.ContainsFunc(s.DependsOn, func(d Dependency) bool { return d.On == "" && !out[d.Step] })
	}
	return out
}

// typeOf is the type of step that a check belongs to, for checks that an
// organisation demands and no step asks.
func typeOf(policy string) string {
	switch policy {
	case policyLists, policyPEP, policyMedia:
		return TypeAML
	case policyOCR, policyExpiry, policyFace, policyLiveness:
		return TypeIDV
	case policyMatchlist:
		return TypeMatchlist
	case policyDuplicate:
		return TypeDuplicate
	case policyEmail, policyPhone, policyIP, policyRisk:
		return TypeFraud
	case policyKYC:
		return TypeKYC
	case policyVisa:
		return TypeVisa
	case policyActivity:
		return TypeActivity
	case policyName:
		return TypeNameValidation
	}
	return TypeOther
}

// impliedName is the name of the step of a check that an organisation demands
// and no step of the definition asks.
func (d *Definition) impliedName(policy string) string {
	name := "MANDATORY_" + strings.ToUpper(policy)
	if policy == policyLists {
		name = "MANDATORY_SCREENING"
	}
	for d.Step(name) != nil {
		name += "_"
	}
	return name
}

// implied are the mandatory checks that no step asks, in the order given.
func (d *Definition) implied(mandatory []string) []string {
	asked := map[string]bool{PolicyDecision: true}
	for i := range d.Steps {
		for _, policy := range d.Steps[i].policies() {
			asked[policy] = true
		}
	}
	var out []string
	for _, policy := range mandatory {
		if !asked[policy] {
			asked[policy] = true
			out = append(out, policy)
		}
	}
	return out
}

// impliedConfig is how a mandatory check is asked that no step configures.
func impliedConfig(policy string) map[string]any {
	if policy == policyLists || policy == policyPEP || policy == policyMedia {
		return map[string]any{"parties": everyName(), "documents": true}
	}
	return map[string]any{}
}

// written is JSON of plain values, which always can be written; if it could
// not, null is a graph that no compiler accepts.
func written(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage("null")
	}
	return raw
}
