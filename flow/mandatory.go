package flow

import (
	"encoding/json"
	"strconv"
	"strings"

	"bonafide/kyc"
)

// answered reports whether leaving a policy node by this edge means that the
// check gave an answer. An error or a skip is none, so it cannot stand for a
// mandatory check.
func answered(label string) bool {
	return label == "on_pass" || label == "on_fail" || label == "on_review"
}

// lockMandatory puts a locked check before every approved terminal, on the
// paths that did not get an answer from it. It returns the policies inserted.
// A locked check approves only when it passes.
func (d *draft) lockMandatory(mandatory []string, configs map[string]json.RawMessage, order []string) []string {
	if len(mandatory) == 0 {
		return nil
	}
	makes := func(n *Node) func(label string) []string {
		if n.Type != TypePolicy {
			return nil
		}
		facts := []string{n.Policy}
		return func(label string) []string {
			if answered(label) {
				return facts
			}
			return nil
		}
	}
	known := d.certain(order, makes)
	l := locker{d: d, configs: configs, used: map[string]bool{}, chains: map[string]string{}}
	for _, id := range order {
		if known.in[id] == nil {
			continue // no path leads here
		}
		n := d.nodes[id]
		n.eachRoute(func(label, _ string, to *string) {
			t := d.nodes[*to]
			if t == nil || t.Type != TypeTerminal || t.Outcome != kyc.Approved {
				return
			}
			var missing []string
			for _, policy := range mandatory {
				justRan := n.Type == TypePolicy && n.Policy == policy && answered(label)
				if !justRan && !known.at(id, policy) {
					missing = append(missing, policy)
				}
			}
			*to = l.chain(*to, missing)
		})
	}
	return sorted(l.used)
}

// locker makes chains of locked checks, sharing those that are equal.
type locker struct {
	d       *draft
	configs map[string]json.RawMessage
	used    map[string]bool
	chains  map[string]string // terminal and policies to the id of the first node
}

// chain gives the node that leads through the policies to the terminal.
func (l *locker) chain(terminal string, policies []string) string {
	if len(policies) == 0 {
		return terminal
	}
	key := terminal + "\x00" + strings.Join(policies, "\x00")
	if id, ok := l.chains[key]; ok {
		return id
	}
	next := l.chain(terminal, policies[1:])
	review := l.d.implicit(ImplicitReview, kyc.NeedsReview)
	id := "_locked_" + policies[0]
	for i := 2; l.d.nodes[id] != nil; i++ {
		id = "_locked_" + policies[0] + "_" + strconv.Itoa(i)
	}
	config, ok := l.configs[policies[0]]
	if !ok {
		config = json.RawMessage("{}")
	}
	l.d.nodes[id] = &Node{
		ID: id, Type: TypePolicy, Policy: policies[0], Config: config, Required: true, Locked: true,
		OnPass: next, OnFail: review, OnReview: review, OnError: review, OnSkip: review,
		MaxAttempts: DefaultAttempts, Backoff: DefaultBackoff,
	}
	l.d.at[id] = l.d.at[terminal]
	l.chains[key], l.used[policies[0]] = id, true
	return id
}
