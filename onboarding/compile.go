package onboarding

import (
	"encoding/json"
	"slices"

	"bonafide/field"
	"bonafide/kyc"
	"bonafide/rule"
)

// Ids of the nodes of a compiled definition that are no checks. A check's node
// has the name of its policy.
const (
	NodeStart           = "start"
	NodeRules           = "rules"
	NodeRulesIncomplete = "rules_incomplete"
	NodeOutcome         = "outcome"
	NodeApproved        = "approved"
	NodeFlagged         = "flagged"
	NodeRejected        = "rejected"
	NodeReview          = "review"
)

// PolicyRules is the check that evaluates the automation rules.
const PolicyRules = "automation_rules"

// FinalFlagged is the final decision of an approval with a flag (api.md X1).
const FinalFlagged = "flagged"

// Reason codes of the terminals.
const (
	ReasonFlagged      = "flagged"
	ReasonAutoDeny     = "auto_deny"
	ReasonManualReview = "manual_review"
)

// node is one node of the graph as it is written.
type node struct {
	Type       string      `json:"type"`
	Next       string      `json:"next,omitempty"`
	Policy     string      `json:"policy,omitempty"`
	Config     any         `json:"config,omitempty"`
	OnPass     string      `json:"on_pass,omitempty"`
	OnFail     string      `json:"on_fail,omitempty"`
	OnReview   string      `json:"on_review,omitempty"`
	OnError    string      `json:"on_error,omitempty"`
	OnSkip     string      `json:"on_skip,omitempty"`
	Routes     []route     `json:"routes,omitempty"`
	Default    string      `json:"default,omitempty"`
	Outcome    kyc.Outcome `json:"outcome,omitempty"`
	ReasonCode string      `json:"reason_code,omitempty"`
}

type route struct {
	Conditions []condition `json:"conditions"`
	Next       string      `json:"next"`
}

type condition struct {
	Field    string `json:"field"`
	Operator string `json:"operator"`
	Value    string `json:"value"`
}

// ask is one check of the chain.
type ask struct {
	policy string
	config any
	need   checkNeed
}

// Compile gives the graph of surface D (api.md 6.3) that decides a session of
// the definition: every check that the steps and the validation config imply
// (3.10), in a fixed order, then the rules, then a terminal. flow.Compile
// checks and links it.
//
// A check's answer, whatever it is, leads on to the next check: only the rules
// decide, and they see everything. One edge is different: when the screening
// gave no answer the rules are asked in a node that can end in a review or a
// rejection only, so that no path to an approval lacks the screening.
func Compile(d *Definition, o CompileOptions) json.RawMessage {
	asks := d.asks(o)
	nodes := map[string]node{
		NodeOutcome: {
			Type: "conditional", Default: NodeApproved,
			Routes: []route{{
				Conditions: []condition{{"checks." + PolicyRules + ".details.final_decision", "==", FinalFlagged}},
				Next:       NodeFlagged,
			}},
		},
		NodeApproved: {Type: "terminal", Outcome: kyc.Approved},
		NodeFlagged:  {Type: "terminal", Outcome: kyc.Approved, ReasonCode: ReasonFlagged},
		NodeRejected: {Type: "terminal", Outcome: kyc.Rejected, ReasonCode: ReasonAutoDeny},
		NodeReview:   {Type: "terminal", Outcome: kyc.NeedsReview, ReasonCode: ReasonManualReview},
	}
	rules := d.rulesConfig(asks)
	nodes[NodeRules] = rulesNode(rules, NodeOutcome)
	next := NodeRules
	for _, a := range slices.Backward(asks) {
		n := node{
			Type: "policy", Policy: a.policy, Config: a.config,
			OnPass: next, OnFail: next, OnReview: next, OnError: next, OnSkip: next,
		}
		if a.policy == rule.CheckLists {
			n.OnError, n.OnSkip = NodeRulesIncomplete, NodeRulesIncomplete
			rules.Incomplete = true
			nodes[NodeRulesIncomplete] = rulesNode(rules, NodeReview)
		}
		nodes[a.policy], next = n, a.policy
	}
	nodes[NodeStart] = node{Type: "start", Next: next}
	return written(map[string]any{"entry": NodeStart, "nodes": nodes})
}

func rulesNode(config automationRules, onPass string) node {
	return node{
		Type: "policy", Policy: PolicyRules, Config: config,
		OnPass: onPass, OnFail: NodeRejected, OnReview: NodeReview, OnError: NodeReview, OnSkip: NodeReview,
	}
}

func (d *Definition) rulesConfig(asks []ask) automationRules {
	c := automationRules{
		Rules: d.ValidationConfig.AutomationRules, Fields: bareFields(d.Fields()), Checks: make([]checkNeed, len(asks)), Steps: d.conditionalSteps(),
		ImpactParent: slices.ContainsFunc(d.Steps, func(s Step) bool { return s.SubsessionConfig != nil && s.SubsessionConfig.ImpactParent }),
	}
	for i, a := range asks {
		c.Checks[i] = a.need
	}
	return c
}

// asks is the chain of checks before the rules (api.md 3.10).
func (d *Definition) asks(o CompileOptions) []ask {
	c, needs := d.ValidationConfig, d.ValidationConfig.AutomationRules.Needs()
	var out []ask
	add := func(wanted bool, policy string, config any, need checkNeed) {
		if wanted {
			need.Name = policy
			out = append(out, ask{policy, config, need})
		}
	}
	always := checkNeed{Required: true}
	ownID := d.needFor(func(s Step) bool {
		return slices.ContainsFunc(s.DocumentRequirements, func(r DocumentRequirement) bool { return r.Required && d.Own(r) })
	})
	papers := d.needFor(func(s Step) bool {
		return slices.ContainsFunc(s.DocumentRequirements, func(r DocumentRequirement) bool { return r.Required })
	})
	live := d.needFor(func(s Step) bool { return s.Type == Liveness })

	hasPapers := d.has(func(s Step) bool { return s.Type == DocumentUpload })
	add(hasPapers, rule.CheckDocuments, d.documentConfig(), papers)
	add(d.asksOwnID(), "document_ocr", struct{}{}, ownID)
	cross := c.CrossValidateDocuments || d.HasTask(CrossValidateDocuments) || needs.CrossValidation
	// Only the applicant's own papers and proofs of address are compared; where
	// none is asked for there is no answer that anybody could need.
	comparable := d.needFor(func(s Step) bool {
		return slices.ContainsFunc(s.DocumentRequirements, func(r DocumentRequirement) bool {
			return r.Required && (d.Own(r) || r.DocumentType == "proof_of_address" && (r.EntityRole == "" || r.EntityRole == "individual"))
		})
	})
	add(cross && hasPapers, rule.CheckCrossValidation, d.crossConfig(), comparable)
	add(d.has(func(s Step) bool { return s.Type == Liveness }), rule.CheckLiveness, atLeast{d.confidence()}, live)
	match := always // with nobody to compare it can give no answer, and a person must look
	if d.asksOwnID() && len(d.FaceSources()) > 0 {
		match = both(ownID, d.needFor(givesFace))
	}
	add(d.FaceMatch() || needs.FaceMatch, rule.CheckFaceMatch, d.faceConfig(), match)
	add(needs.FaceDedup && len(c.AutomationRules.FaceDedupRules) > 0, rule.CheckFaceDedup, d.dedupConfig(), always)
	add(needs.Duplicates, rule.CheckDuplicates, struct{}{}, always)
	wallets := d.ScreenedWallets()
	add(c.RunCrypto || d.HasTask(RunCryptoCheck) || needs.Crypto || len(wallets) > 0, rule.CheckWallets, walletScreening{wallets}, always)
	media := partyScreening{Parties: list(d.MediaParties()), Documents: d.searchesMedia()}
	add(d.searchesMedia() || len(media.Parties) > 0, rule.CheckAdverseMedia, media, always)
	related := d.needFor(func(s Step) bool { return s.Type == SubsessionCollection })
	add(d.has(func(s Step) bool { return s.Type == SubsessionCollection }), rule.CheckRelated, d.relatedConfig(), related)
	add(needs.Risk, rule.CheckRisk, riskAssessment{neverBySelf, neverBySelf}, always)
	lists := c.RunLists || d.HasTask(RunSanctionCheck) || needs.Lists || slices.Contains(o.Mandatory, rule.CheckLists)
	add(lists, rule.CheckLists, partyScreening{Parties: list(d.ScreenedParties()), Documents: true, PEP: needs.Exposed}, always)
	return out
}

func (d *Definition) has(test func(Step) bool) bool { return slices.ContainsFunc(d.Steps, test) }

// needFor says whether an answer is needed because of the steps that ask for
// it: always, while one of them is shown, or never when all are optional.
func (d *Definition) needFor(asks func(Step) bool) checkNeed {
	need := checkNeed{}
	for i := range d.Steps {
		if !asks(d.Steps[i]) {
			continue
		}
		required, when := d.stepNeed(&d.Steps[i])
		if required && when == nil {
			return checkNeed{Required: true}
		}
		if required {
			need.Required = true
			need.ShowIf = append(need.ShowIf, when)
		}
	}
	return need
}

// stepNeed says whether a step must be done: required, and then while the
// logic shows it (nil: always). An optional step that a condition makes
// required is written as one that is shown then, so that a reader of a config
// needs to know one action less.
func (d *Definition) stepNeed(s *Step) (required bool, when *field.Logic) {
	switch {
	case s.ShowIf == nil:
		return s.Required, nil
	case s.ShowIf.Action != "require":
		return s.Required, d.byID(s.ShowIf)
	case s.Required:
		return true, nil
	}
	when = d.byID(s.ShowIf)
	when.Action = "show"
	return true, when
}

// both joins the needs of two things that a check compares. Where each depends
// on conditions, one that is met is enough to need the answer: a comparison
// too many is a review, one too few an approval.
func both(a, b checkNeed) checkNeed {
	if !a.Required || !b.Required {
		return checkNeed{}
	}
	if a.ShowIf == nil {
		return b
	}
	if b.ShowIf == nil {
		return a
	}
	return checkNeed{Required: true, ShowIf: slices.Concat(a.ShowIf, b.ShowIf)}
}

// list keeps an empty list a list in JSON.
func list(p []Party) []Party {
	if p == nil {
		return []Party{}
	}
	return p
}

// written is the graph as JSON. What Parse made always can be written; if it
// could not, null is a graph that no compiler accepts.
func written(graph any) json.RawMessage {
	raw, err := json.Marshal(graph)
	if err != nil {
		return json.RawMessage("null")
	}
	return raw
}
