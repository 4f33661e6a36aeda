package main

import (
	"context"
	"slices"

	"bonafide/api"
	"bonafide/api/graph"
	"bonafide/check"
	"bonafide/kyc"
)

// lacks tells for each check what this node lacks for it, so that whoever
// builds a workflow sees it in the menu and not in a case.
func (a *app) lacks(able func(context.Context) []api.Capability, catalog map[string]kyc.CheckSpec) func(context.Context) map[string][]graph.Lack {
	return func(ctx context.Context) map[string][]graph.Lack {
		found, out := able(ctx), map[string][]graph.Lack{}
		for policy := range catalog {
			if !a.menu.Answers(policy) {
				out[policy] = []graph.Lack{{Name: policy, Reason: "no provider is built in; the sandbox simulates it", Needed: true}}
				continue
			}
			uses := check.UsesOf(policy)
			for _, name := range slices.Concat(uses.Needs, uses.Helps) {
				i := slices.IndexFunc(found, func(c api.Capability) bool { return c.Name == name })
				if i >= 0 && !found[i].Available {
					out[policy] = append(out[policy], graph.Lack{Name: name, Reason: found[i].Reason, Install: found[i].Install, Needed: slices.Contains(uses.Needs, name)})
				}
			}
		}
		return out
	}
}
