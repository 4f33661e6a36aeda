package checklist

import (
	"encoding/json"
	"slices"

	"bonafide/kyc"
)

// Ids of the nodes of a compiled checklist that are no checks. A check's node
// has the name of its policy; behind a mandatory check that gave no answer the
// same checks stand once more with the suffix Incomplete.
const (
	NodeStart      = "start"
	NodeEscalation = "escalation" // is the risk of the documents high?
	NodeVerdict    = "verdict"
	NodeApproved   = "approved"
	NodeRejected   = "rejected"
	NodeReview     = "review"
	NodeManual     = "manual"
	Incomplete     = "_incomplete"
)

// Reason codes of the terminals.
const (
	ReasonNotPassed = "not_passed" // at least one step or check did not pass
	ReasonFailed    = "step_failed"
	ReasonManual    = "manual_decision" // the organisation decides by hand
)

// What vars.escalation says at the end.
const (
	escalation       = "vars.escalation"
	escalationNone   = "none"
	escalationPassed = "passed"
	escalationFailed = "failed"
)

// CompileOptions are the organisation's rules for the decision.
type CompileOptions struct {
	Mandatory    []string // kyc.Settings.MandatoryPolicies
	Auto         string   // kyc.CheckSettings.AutoDecision
	ExpiryPolicy string   // kyc.CheckSettings.ExpiryPolicy
}

// node is one node of the graph as it is written.
type node struct {
	Type           string          `json:"type"`
	Next           string          `json:"next,omitempty"`
	Policy         string          `json:"policy,omitempty"`
	Config         json.RawMessage `json:"config,omitempty"`
	OnPass         string          `json:"on_pass,omitempty"`
	OnFail         string          `json:"on_fail,omitempty"`
	OnReview       string          `json:"on_review,omitempty"`
	OnError        string          `json:"on_error,omitempty"`
	OnSkip         string          `json:"on_skip,omitempty"`
	AllowDuplicate bool            `json:"allow_duplicate,omitempty"`
	Routes         []route         `json:"routes,omitempty"`
	Default        string          `json:"default,omitempty"`
	Assign         []assign        `json:"assign,omitempty"`
	Outcome        kyc.Outcome     `json:"outcome,omitempty"`
	ReasonCode     string          `json:"reason_code,omitempty"`
}

type route struct {
	Conditions []condition `json:"conditions"`
	Match      string      `json:"match,omitempty"`
	Next       string      `json:"next"`
}

type condition struct {
	Field    string `json:"field"`
	Operator string `json:"operator"`
	Value    any    `json:"value"`
}

type assign struct {
	To    string `json:"to"`
	Value string `json:"value"`
}

// Compile gives the graph of surface D (api.md 2.2, 6.3) that decides a
// session of the checklist. flow.Compile checks and links it.
//
// Every check leads on to the next one whatever it answers, so that a reviewer
// sees everything. At the end stands checklist_outcome, which knows how the
// steps ended, and behind it one condition over all checks: only when each of
// them passed is a session approved. A mandatory check that gave no answer
// leads to the same checks again without a way to an approval.
func Compile(d *Definition, o CompileOptions) json.RawMessage {
	asks := d.asks(o)
	g := graph{d: d, steps: len(asks), nodes: map[string]node{NodeReview: {Type: "terminal", Outcome: kyc.NeedsReview, ReasonCode: ReasonNotPassed}}}
	asks = append(asks, unasked(asks, o.Mandatory)...)
	g.asks = asks
	refused := NodeReview
	if o.Auto == AutoApproveReject {
		refused = NodeRejected
		g.nodes[NodeRejected] = node{Type: "terminal", Outcome: kyc.Rejected, ReasonCode: ReasonFailed}
	}
	outcome := func(passed string) node {
		return node{Type: "policy", Policy: PolicyOutcome, Config: d.outcomeConfig(o), OnPass: passed, OnFail: refused,
			OnReview: NodeReview, OnError: NodeReview, OnSkip: NodeReview}
	}
	if mandatory := slices.IndexFunc(asks, func(a Ask) bool { return slices.Contains(o.Mandatory, a.Policy) }); mandatory >= 0 {
		last := outcome(NodeReview)
		last.AllowDuplicate = true
		g.nodes[PolicyOutcome+Incomplete] = last
		g.chain(mandatory+1, Incomplete, PolicyOutcome+Incomplete, nil)
	}
	if o.Auto == AutoManual {
		g.nodes[NodeManual] = node{Type: "terminal", Outcome: kyc.NeedsReview, ReasonCode: ReasonManual}
		g.nodes[PolicyOutcome] = outcome(NodeManual)
	} else {
		g.nodes[NodeApproved] = node{Type: "terminal", Outcome: kyc.Approved}
		g.nodes[NodeVerdict] = g.verdict(refused)
		g.nodes[PolicyOutcome] = outcome(NodeVerdict)
	}
	g.nodes[NodeStart] = node{Type: "start", Next: g.chain(0, "", PolicyOutcome, o.Mandatory)}
	return canonical(map[string]any{"entry": NodeStart, "nodes": g.nodes})
}

// asks is the chain of checks of all steps. A background check decides nothing
// and is no part of it.
func (d *Definition) asks(o CompileOptions) []Ask {
	var out []Ask
	for _, s := range d.Steps {
		for _, a := range d.Checks(s.ID, Options{ExpiryPolicy: o.ExpiryPolicy}) {
			if !a.Background {
				out = append(out, a)
			}
		}
	}
	return out
}

// unasked are the mandatory screenings that no step asks. flow.Compile would add
// them too, but without knowing that the applicant is to be asked for under
// every name: a consent signed in another name than the invitation's would
// screen nobody.
func unasked(asks []Ask, mandatory []string) []Ask {
	var out []Ask
	for _, policy := range []string{PolicyWatchlists, PolicyMedia} {
		if slices.Contains(mandatory, policy) && !slices.ContainsFunc(asks, func(a Ask) bool { return a.Policy == policy }) {
			out = append(out, ask(policy, everyName()))
		}
	}
	return out
}

func (d *Definition) outcomeConfig(o CompileOptions) json.RawMessage {
	return canonical(config{"steps": d.StepIDs(), "reject_failed": o.Auto == AutoApproveReject})
}

// graph is a graph in the making.
type graph struct {
	d    *Definition
	asks []Ask
	// steps is how many of asks belong to steps; the others are mandatory.
	steps int
	nodes map[string]node
}

// chain writes the checks from a place on and gives the id of the first of
// their nodes. Where one of the mandatory ones gave no answer it leads to the
// checks that end without an approval.
func (g *graph) chain(from int, suffix, end string, mandatory []string) string {
	next, nextIncomplete := end, PolicyOutcome+Incomplete
	for i := len(g.asks) - 1; i >= from; i-- {
		a := g.asks[i]
		after := next
		if chip, threshold, ok := g.d.EscalationAsk(); ok && a.Policy == PolicyFraud {
			after = g.escalate(chip, threshold, suffix, next)
		}
		n := node{Type: "policy", Policy: a.Policy, Config: a.Config, AllowDuplicate: suffix != "",
			OnPass: after, OnFail: after, OnReview: after, OnError: after, OnSkip: after}
		if slices.Contains(mandatory, a.Policy) {
			n.OnError, n.OnSkip = nextIncomplete, nextIncomplete // without an answer there is no score to escalate
		}
		g.nodes[a.Policy+suffix] = n
		next, nextIncomplete = a.Policy+suffix, a.Policy+Incomplete
	}
	return next
}

// escalate writes the way from the fraud analysis to the next check: over the
// chip when the risk reaches the threshold. How that ended is kept for the
// verdict, because the chip is not asked in every session.
func (g *graph) escalate(chip Ask, threshold int, suffix, next string) string {
	n := node{Type: "policy", Policy: chip.Policy, Config: chip.Config, AllowDuplicate: suffix != "",
		OnPass: next, OnFail: next, OnReview: next, OnError: next, OnSkip: next}
	otherwise := next
	if suffix == "" {
		note := func(value string) string {
			id := NodeEscalation + "_" + value
			g.nodes[id] = node{Type: "set", Assign: []assign{{To: escalation, Value: value}}, Next: next}
			return id
		}
		otherwise, n.OnPass, n.OnFail = note(escalationNone), note(escalationPassed), note(escalationFailed)
		n.OnReview, n.OnError, n.OnSkip = n.OnFail, n.OnFail, n.OnFail
	}
	g.nodes[chip.Policy+suffix] = n
	g.nodes[NodeEscalation+suffix] = node{Type: "conditional", Default: otherwise, Routes: []route{{
		Conditions: []condition{{"checks." + PolicyFraud + ".score", ">=", threshold}}, Next: chip.Policy + suffix,
	}}}
	return NodeEscalation + suffix
}

// verdict approves when every check passed. A passed chip outweighs a fraud
// analysis that asked for a person, because that is what it was asked for; it
// never outweighs one that failed. The fraud analysis alone refuses nobody.
func (g *graph) verdict(refused string) node {
	_, _, escalates := g.d.EscalationAsk()
	n := node{Type: "conditional", Default: NodeReview}
	status := func(policy, is string) condition { return condition{"checks." + policy + ".status", "==", is} }
	var failed, passed []condition
	for i, a := range g.asks {
		if a.Policy != PolicyFraud && i < g.steps { // what no step asked refuses nobody, a person looks
			failed = append(failed, status(a.Policy, "failed"))
		}
		if a.Policy != PolicyFraud || !escalates {
			passed = append(passed, status(a.Policy, "passed"))
		}
	}
	if refused != NodeReview && len(failed) > 0 {
		n.Routes = append(n.Routes, route{Conditions: failed, Match: "any", Next: refused})
	}
	approve := func(also ...condition) {
		n.Routes = append(n.Routes, route{Conditions: slices.Concat(passed, also), Match: "all", Next: NodeApproved})
	}
	if !escalates {
		approve()
		return n
	}
	approve(status(PolicyFraud, "passed"), condition{escalation, "in", []string{escalationNone, escalationPassed}})
	approve(status(PolicyFraud, "review"), condition{escalation, "==", escalationPassed})
	return n
}
