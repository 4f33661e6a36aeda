package flow

import "strings"

// Assigned applies a set node to facts["vars"] and returns the new vars; the
// facts are not changed. Copies see the facts as they were before the node,
// and a copy of a missing fact writes nothing.
func Assigned(n *Node, facts map[string]any) map[string]any {
	old, _ := facts["vars"].(map[string]any)
	vars := copyTree(old)
	for _, a := range n.Assign {
		value := a.Value
		if a.From != "" {
			fact, ok := Lookup(facts, a.From)
			if !ok {
				continue
			}
			value = fact
		}
		path := strings.Split(strings.TrimPrefix(a.To, "vars."), ".")
		at := vars
		for _, name := range path[:len(path)-1] {
			next, ok := at[name].(map[string]any)
			if !ok {
				next = map[string]any{}
				at[name] = next
			}
			at = next
		}
		at[path[len(path)-1]] = copyValue(value)
	}
	return vars
}

// copyTree copies nested objects, so that writing into the copy leaves the
// original alone. Lists are never written into and stay shared.
func copyTree(m map[string]any) map[string]any {
	out := make(map[string]any, len(m)+1)
	for k, v := range m {
		out[k] = copyValue(v)
	}
	return out
}

func copyValue(v any) any {
	if m, ok := v.(map[string]any); ok {
		return copyTree(m)
	}
	return v
}
