package procedure

import (
	"encoding/json"
	"slices"

	"bonafide/kyc"
)

// Ids of the nodes of a compiled definition that are no checks. A check's node
// has the name of its policy; one that runs after a mandatory check gave no
// answer has laneSuffix behind it.
const (
	NodeStart    = "start"
	NodeDecision = PolicyDecision
	NodeApproved = "approved"
	NodeRejected = "rejected"
	NodeReview   = "review"

	laneSuffix = "__incomplete"
)

// Reason codes of the terminals.
const (
	ReasonRejected = "procedure_failed"
	ReasonReview   = "procedure_review"
)

// node is one node of the graph as it is written.
type node struct {
	Type       string       `json:"type"`
	Next       string       `json:"next,omitempty"`
	Policy     string       `json:"policy,omitempty"`
	Config     any          `json:"config,omitempty"`
	OnPass     string       `json:"on_pass,omitempty"`
	OnFail     string       `json:"on_fail,omitempty"`
	OnReview   string       `json:"on_review,omitempty"`
	OnError    string       `json:"on_error,omitempty"`
	OnSkip     string       `json:"on_skip,omitempty"`
	Duplicate  bool         `json:"allow_duplicate,omitempty"`
	Routes     []route      `json:"routes,omitempty"`
	Default    string       `json:"default,omitempty"`
	Assign     []assignment `json:"assign,omitempty"`
	Outcome    kyc.Outcome  `json:"outcome,omitempty"`
	ReasonCode string       `json:"reason_code,omitempty"`
}

type route struct {
	Conditions []condition `json:"conditions"`
	Match      string      `json:"match,omitempty"`
	Next       string      `json:"next"`
}

type condition struct {
	Field      string `json:"field"`
	Operator   string `json:"operator"`
	Value      any    `json:"value"`
	IgnoreCase bool   `json:"ignore_case,omitempty"`
}

type assignment struct {
	To    string `json:"to"`
	Value any    `json:"value"`
}

// stop is one thing on the way through the graph: it writes its nodes, given
// where the way goes on, and gives the id of its first node. suffix names the
// lane; broken is where a mandatory check without an answer leads.
type stop struct {
	mandatory bool
	write     func(nodes map[string]node, suffix, next, broken string) string
}

// Compile gives the graph of surface D (api.md 6.3) that an execution walks:
// the checks of every step in order, then procedure_decision, then a terminal.
// flow.Compile checks and links it.
//
// A check's answer, whatever it is, leads on to the next check: only the
// decision decides, and it sees everything. Mandatory checks run in any case,
// even those of a step that a condition leaves out, and those that no step
// asks run before the decision. Once one of them gave no answer the walk goes
// on in a second lane of the same checks, whose decision can end in a review
// or a rejection only: no path to an approval lacks a mandatory answer.
//
// What conditions depend on is written into vars: vars.ran.<STEP> for a step
// that a condition let run, and vars.branch.<STEP>, the branch that was taken.
func Compile(d *Definition, o CompileOptions) json.RawMessage {
	stops := d.stops(o.Mandatory)
	nodes := map[string]node{
		NodeApproved: {Type: "terminal", Outcome: kyc.Approved},
		NodeRejected: {Type: "terminal", Outcome: kyc.Rejected, ReasonCode: ReasonRejected},
		NodeReview:   {Type: "terminal", Outcome: kyc.NeedsReview, ReasonCode: ReasonReview},
	}
	mandatory := o.Mandatory
	if mandatory == nil {
		mandatory = []string{}
	}
	decision := func(incomplete bool, onPass string) node {
		config := map[string]any{"definition": d.Canonical(), "mandatory": mandatory}
		if incomplete {
			config["incomplete"] = true
		}
		return node{Type: "policy", Policy: PolicyDecision, Config: config, Duplicate: true,
			OnPass: onPass, OnFail: NodeRejected, OnReview: NodeReview, OnError: NodeReview, OnSkip: NodeReview}
	}
	nodes[NodeDecision] = decision(false, NodeApproved)
	next, broken := NodeDecision, ""
	if slices.ContainsFunc(stops, func(s stop) bool { return s.mandatory }) {
		broken = NodeDecision + laneSuffix
		nodes[broken] = decision(true, NodeReview)
	}
	first := slices.IndexFunc(stops, func(s stop) bool { return s.mandatory })
	for i, s := range slices.Backward(stops) {
		next = s.write(nodes, "", next, broken)
		if broken != "" && i > first { // before the first one nothing can be missing
			broken = s.write(nodes, laneSuffix, broken, broken)
		}
	}
	nodes[NodeStart] = node{Type: "start", Next: next}
	return written(map[string]any{"entry": NodeStart, "nodes": nodes})
}

// stops are the way from the start to the decision.
func (d *Definition) stops(mandatory []string) []stop {
	guarded := d.guarded()
	var out []stop
	for i := range d.Steps {
		s := &d.Steps[i]
		if s.Type == TypeBranch {
			out = append(out, d.branchStop(s, guarded))
			continue
		}
		var optional, always []ask
		for _, a := range s.asks() {
			if slices.Contains(mandatory, a.policy) {
				always = append(always, a)
			} else {
				optional = append(optional, a)
			}
		}
		if guarded[s.Name] && s.Checks() {
			out = append(out, d.guardStop(s, optional, guarded))
		} else {
			for _, a := range optional {
				out = append(out, checkStop(a, false))
			}
		}
		for _, a := range always {
			out = append(out, checkStop(a, true))
		}
	}
	for _, policy := range d.implied(mandatory) {
		out = append(out, checkStop(ask{policy, impliedConfig(policy)}, true))
	}
	return out
}

func checkStop(a ask, mandatory bool) stop {
	return stop{mandatory, func(nodes map[string]node, suffix, next, broken string) string {
		id, away := a.policy+suffix, next
		if mandatory {
			away = broken
		}
		nodes[id] = node{Type: "policy", Policy: a.policy, Config: a.config, Duplicate: true, OnPass: next, OnFail: next, OnReview: next, OnError: away, OnSkip: away}
		return id
	}}
}

// guardStop asks the checks of a step when one of its conditions holds.
func (d *Definition) guardStop(s *Step, asks []ask, guarded map[string]bool) stop {
	return stop{false, func(nodes map[string]node, suffix, next, broken string) string {
		inside := next
		for _, a := range slices.Backward(asks) {
			inside = checkStop(a, false).write(nodes, suffix, inside, broken)
		}
		ran := s.Name + ".runs" + suffix
		nodes[ran] = node{Type: "set", Assign: []assignment{{"vars.ran." + s.Name, true}}, Next: inside}
		id := s.Name + ".if" + suffix
		nodes[id] = node{Type: "conditional", Routes: d.routesTo(s, guarded, ran), Default: next}
		return id
	}}
}

// branchStop notes which branch is taken.
func (d *Definition) branchStop(s *Step, guarded map[string]bool) stop {
	return stop{false, func(nodes map[string]node, suffix, next, _ string) string {
		take := func(name string) string {
			id := s.Name + "." + name + suffix
			assign := []assignment{{"vars.branch." + s.Name, name}, {"vars.ran." + s.Name, true}}
			nodes[id] = node{Type: "set", Assign: assign, Next: next}
			return id
		}
		choose := node{Type: "conditional", Default: take(s.Configuration.Default)}
		for _, b := range s.Configuration.Branches {
			r := route{Match: b.Match, Next: take(b.Name)}
			for _, c := range b.Conditions {
				r.Conditions = append(r.Conditions, condition{c.Field, c.Operator, c.Value, c.IgnoreCase})
			}
			choose.Routes = append(choose.Routes, r)
		}
		id := s.Name + ".branch" + suffix
		nodes[id] = choose
		if guarded[s.Name] {
			guard := s.Name + ".if" + suffix
			nodes[guard] = node{Type: "conditional", Routes: d.routesTo(s, guarded, id), Default: next}
			return guard
		}
		return id
	}}
}

// routesTo are the ways by which a guarded step is reached: one for each
// dependency whose step ran and ended as the condition says.
func (d *Definition) routesTo(s *Step, guarded map[string]bool, to string) []route {
	var out []route
	for _, dep := range s.DependsOn {
		var base []condition
		if guarded[dep.Step] {
			base = []condition{{Field: "vars.ran." + dep.Step, Operator: "==", Value: true}}
		}
		other := d.Step(dep.Step)
		switch {
		case dep.On == "":
			out = append(out, route{Conditions: base, Next: to})
		case other.Type == TypeBranch:
			out = append(out, route{Conditions: []condition{{Field: "vars.branch." + dep.Step, Operator: "==", Value: dep.On}}, Next: to})
		case dep.On == "PASSED":
			all := base
			for _, policy := range other.policies() {
				all = append(all, condition{Field: "checks." + policy + ".status", Operator: "==", Value: "passed"})
			}
			out = append(out, route{Conditions: all, Next: to})
		default:
			for _, policy := range other.policies() {
				one := condition{Field: "checks." + policy + ".status", Operator: "==", Value: statusOf(dep.On)}
				out = append(out, route{Conditions: append(slices.Clone(base), one), Next: to})
			}
		}
	}
	return out
}

// statusOf is an outcome in the word of the engine.
func statusOf(outcome string) string {
	return map[string]string{"PASSED": "passed", "FAILED": "failed", "REVIEW": "review", "ERROR": "error", "SKIPPED": "skipped"}[outcome]
}
