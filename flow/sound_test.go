package flow_test

import (
	"reflect"
	"testing"

	"bonafide/flow"
	"bonafide/kyc"
)

// checkSound proves what the engine trusts: every route exists, the order is
// topological, every walk ends in a terminal, and the stored form gives the
// same graph back.
func checkSound(t testing.TB, c *flow.Compiled) {
	t.Helper()
	place := map[string]int{}
	for i, id := range c.Order {
		place[id] = i
	}
	if len(place) != len(c.Nodes) {
		t.Fatalf("the order has %d of %d nodes", len(place), len(c.Nodes))
	}
	for id, n := range c.Nodes {
		if n.ID != id {
			t.Errorf("node %q calls itself %q", id, n.ID)
		}
		edges := n.Edges()
		if (len(edges) == 0) != (n.Type == flow.TypeTerminal) {
			t.Errorf("the %s node %q has %d ways out", n.Type, id, len(edges))
		}
		for _, e := range edges {
			if c.Nodes[e.To] == nil {
				t.Errorf("%s of %q leads to %q, which does not exist", e.Label, id, e.To)
			} else if place[e.To] <= place[id] {
				t.Errorf("%s of %q leads back to %q", e.Label, id, e.To)
			}
		}
		if n.Type == flow.TypePolicy {
			for _, to := range []string{n.OnError, n.OnReview} {
				if t2 := c.Nodes[to]; t2 != nil && t2.Implicit && t2.Outcome == kyc.Approved {
					t.Errorf("a default of %q approves", id)
				}
			}
		}
	}
	again, err := flow.Load(c.Canonical())
	if err != nil {
		t.Fatalf("loading what was stored: %v", err)
	}
	if !reflect.DeepEqual(again, c) {
		t.Error("the stored graph is another one")
	}
	canonical, err := flow.Canonical(c.Canonical())
	if err != nil || string(canonical) != string(c.Canonical()) {
		t.Errorf("the stored form is not canonical: %v", err)
	}
	if c.LinkedHash != flow.HashOf(c.Canonical()) {
		t.Error("the linked hash is not the hash of the stored form")
	}
	if flow.Describe(c) == "" || flow.Dot(c) == "" {
		t.Error("the graph has no description")
	}
}
