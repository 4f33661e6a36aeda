package flow

import (
	"bytes"
	"time"

	"bonafide/kyc"
)

// Bounds of what a node may ask for.
const (
	maxRoutes      = 100
	maxConditions  = 100
	maxBranches    = 50
	maxListed      = 1000 // values in one condition
	maxGateTimeout = 366 * 24 * time.Hour
	maxTimeout     = 10 * time.Minute
	minTimeout     = 10 * time.Millisecond
	maxBackoff     = time.Hour
)

// readNode reads one node of any type. A node whose type is unknown is kept,
// so that routes to it are not reported as well.
func (r *reader) readNode(id string, o *object) *Node {
	n := &Node{ID: id, Type: o.text("type", 64), Name: o.text("name", 200), Description: o.text("description", 2000)}
	if r.linked {
		n.Locked, n.Implicit = o.flag("locked", false), o.flag("implicit", false)
	}
	switch n.Type {
	case TypeStart:
		r.readNext(n, o)
	case TypePolicy, typeHTTP:
		r.readPolicy(n, o)
	case TypeConditional:
		r.readConditional(n, o)
	case TypeTerminal:
		r.readTerminal(n, o)
	case TypeWait:
		r.readWait(n, o)
	case TypeParallel:
		r.readParallel(n, o)
	case TypeJoin:
		n.Mode = o.choice("mode", MatchAll, "join_mode_invalid", MatchAll, MatchAny)
		r.readNext(n, o)
	case TypeSet:
		r.readSet(n, o)
	case TypeScore:
		r.readScore(n, o)
	case TypeSplit:
		r.readSplit(n, o)
	case TypeSubworkflow:
		r.readSubworkflow(n, o)
	default:
		o.fail("type", "unknown_node_type", "there is no node type %q; known are start, policy, conditional, terminal, wait, parallel, join, subworkflow, set, score, split and http", n.Type)
		return n // its other fields mean nothing
	}
	o.done()
	return n
}

// choice reads one of several words.
func (o *object) choice(name, missing, code string, words ...string) string {
	if !o.has(name) {
		return missing
	}
	s := o.text(name, 64)
	for _, w := range words {
		if s == w {
			return s
		}
	}
	o.fail(name, code, "%s must be one of %v", name, words)
	return missing
}

// readNext reads the one way out of a node. Without it no path through the
// node ends.
func (r *reader) readNext(n *Node, o *object) {
	if n.Next = o.route("next"); n.Next == "" && !o.has("next") {
		o.fail("next", "path_without_terminal", "the node has no next: no path through it reaches a terminal")
	}
}

// need reports a route that must be written.
func (o *object) need(name, code, what string) string {
	to := o.route(name)
	if to == "" && !o.has(name) {
		o.fail(name, code, "%s needs %s", what, name)
	}
	return to
}

func (r *reader) readPolicy(n *Node, o *object) {
	if n.Type == typeHTTP {
		n.Type, n.Policy = TypePolicy, "http"
	} else {
		n.Policy = o.text("policy", 200)
		if n.Policy == "" {
			o.fail("policy", "unknown_policy", "a policy node names the check it runs")
		}
	}
	n.Required = o.flag("required", true)
	n.AllowDuplicate = o.flag("allow_duplicate", false)
	n.OnPass = o.need("on_pass", "policy_route_missing", "a policy node")
	n.OnFail = o.need("on_fail", "policy_route_missing", "a policy node")
	n.OnReview, n.OnError, n.OnSkip = o.route("on_review"), o.route("on_error"), o.route("on_skip")
	n.MaxAttempts, n.Backoff = DefaultAttempts, DefaultBackoff
	if retry := o.child("retry"); retry != nil {
		n.MaxAttempts = retry.whole("max_attempts", "retry_invalid", 1, DefaultAttempts, DefaultAttempts)
		n.Backoff = retry.seconds("backoff_seconds", "retry_invalid", minTimeout, maxBackoff, DefaultBackoff)
		retry.done()
	}
	n.Timeout = o.seconds("timeout_seconds", "timeout_invalid", minTimeout, maxTimeout, 0)
	config, ok := o.get("config")
	if !ok {
		config = map[string]any{}
	}
	r.readConfig(n, o, config)
}

// readConfig keeps the config canonical and checks it against the check's own
// schema.
func (r *reader) readConfig(n *Node, o *object, config any) {
	if _, ok := config.(map[string]any); !ok {
		o.fail("config", "wrong_type", "config must be an object")
		config = map[string]any{}
	}
	raw, err := r.d.encode(config)
	if err != nil {
		o.fail("config", "config_invalid", "the config cannot be kept: %v", err)
		raw = []byte("{}")
	}
	n.Config = bytes.Clone(raw)
	if o.has("config") {
		// The tree is written for its hash later; nothing else reads the config
		// there again, so that it is not written twice.
		o.members["config"] = verbatim(n.Config)
	}
	if r.catalog == nil || n.Policy == "" {
		return
	}
	spec, ok := r.catalog[n.Policy]
	if !ok {
		o.fail("policy", "unknown_policy", "there is no check %q", n.Policy)
		return
	}
	r.schemas.check(spec, config, func(at, message string) {
		r.f.fail(n.ID, o.at("config")+at, "config_invalid", "%s: %s", n.Policy, message)
	})
}

func (r *reader) readConditional(n *Node, o *object) {
	routes := o.list("routes", maxRoutes)
	if len(routes) == 0 {
		o.fail("routes", "conditional_routes_missing", "a conditional node needs at least one route")
	}
	for i, v := range routes {
		ro := o.sub(index(o.at("routes"), i), v)
		if ro == nil {
			continue
		}
		n.Routes = append(n.Routes, Route{
			Conditions: r.readConditions(ro, true),
			Match:      ro.choice("match", MatchAll, "match_invalid", MatchAll, MatchAny),
			Next:       ro.need("next", "path_without_terminal", "a route"),
		})
		ro.done()
	}
	n.Default = o.need("default", "conditional_default_missing", "a conditional node")
}

func (r *reader) readTerminal(n *Node, o *object) {
	switch n.Outcome = kyc.Outcome(o.text("outcome", 64)); n.Outcome {
	case kyc.Approved, kyc.Rejected, kyc.NeedsReview:
	default:
		o.fail("outcome", "outcome_invalid", "outcome must be approved, rejected or needs_review")
	}
	if n.ReasonCode = o.text("reason_code", 64); n.ReasonCode != "" && !word(n.ReasonCode, true) {
		o.fail("reason_code", "reason_code_invalid", "a reason code is one word of letters, digits, '_', '-' and '.'")
	}
	spec := o.child("case")
	if spec == nil {
		return
	}
	n.Case = &CaseSpec{Queue: spec.text("queue", 64), Priority: spec.whole("priority", "case_invalid", 0, 100, 0)}
	if hours := spec.decimal("sla_hours", "case_invalid", 0, 24*366, "0"); hours != "" {
		n.Case.SLAHours, _ = hours.Float64()
	}
	spec.done()
	if n.Outcome != kyc.NeedsReview {
		r.f.warn(n.ID, o.at("case"), "case_unused", "only a needs_review terminal opens a case")
	}
}

func (r *reader) readWait(n *Node, o *object) {
	if n.Gate = o.text("gate", 200); !word(n.Gate, false) {
		o.fail("gate", "gate_invalid", "a wait node names its gate with letters, digits, '_' and '-'")
	}
	n.OnContinue = o.need("on_continue", "wait_route_missing", "a wait node")
	n.OnFail, n.OnReject, n.OnTimeout = o.route("on_fail"), o.route("on_reject"), o.route("on_timeout")
	n.Timeout = o.seconds("timeout_seconds", "timeout_invalid", minTimeout, maxGateTimeout, 0)
	n.Expose = o.texts("expose_fields", 100)
	for i, field := range n.Expose {
		r.checkField(n.ID, index(o.at("expose_fields"), i), field)
	}
	if n.Timeout == 0 {
		r.f.warn(n.ID, o.at("timeout_seconds"), "wait_without_timeout", "without timeout_seconds the session may wait for ever")
	}
}

func (r *reader) readParallel(n *Node, o *object) {
	n.Branches = o.texts("branches", maxBranches)
	if len(n.Branches) < 2 {
		o.fail("branches", "parallel_branches", "a parallel node needs at least two branches")
	}
	seen := map[string]bool{}
	for i, b := range n.Branches {
		if seen[b] {
			r.f.fail(n.ID, index(o.at("branches"), i), "parallel_branches", "the branch %q is listed twice", b)
		}
		seen[b] = true
	}
	n.Join = o.need("join", "parallel_join_missing", "a parallel node")
}

func (r *reader) readSplit(n *Node, o *object) {
	arms := o.list("arms", maxRoutes)
	if len(arms) < 2 {
		o.fail("arms", "split_arms", "a split node needs at least two arms")
	}
	names := map[string]bool{}
	for i, v := range arms {
		ao := o.sub(index(o.at("arms"), i), v)
		if ao == nil {
			continue
		}
		a := Arm{
			Name:   ao.text("name", MaxIDLength),
			Weight: ao.whole("weight", "split_weight", 1, 10000, 0),
			Next:   ao.need("next", "path_without_terminal", "an arm"),
		}
		if !ao.has("weight") {
			ao.fail("weight", "split_weight", "an arm needs a weight")
		}
		if !word(a.Name, true) || names[a.Name] {
			ao.fail("name", "split_name", "every arm needs a name of its own")
		}
		names[a.Name] = true
		ao.done()
		n.Arms = append(n.Arms, a)
	}
}
