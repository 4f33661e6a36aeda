package flow

import "strconv"

// Edge is one way out of a node. Label is the field that names it: next,
// on_pass, routes/0, default, branches/1, arms/0 …
type Edge struct {
	Label string
	To    string
}

// Edges lists a node's ways out in the order an author reads them. A parallel
// node's join is not among them: its branches lead there.
func (n *Node) Edges() []Edge {
	out := make([]Edge, 0, 5) // as many as a policy node has
	n.eachRoute(func(label, _ string, to *string) { out = append(out, Edge{Label: label, To: *to}) })
	return out
}

// eachRoute visits every route of a node, filled or not, with its label, its
// JSON Pointer below the node and the place where the target is kept.
func (n *Node) eachRoute(visit func(label, at string, to *string)) {
	plain := func(at string, to *string) { visit(at[1:], at, to) }
	switch n.Type {
	case TypeStart, TypeSet, TypeScore, TypeJoin:
		plain("/next", &n.Next)
	case TypePolicy:
		plain("/on_pass", &n.OnPass)
		plain("/on_fail", &n.OnFail)
		plain("/on_review", &n.OnReview)
		plain("/on_error", &n.OnError)
		plain("/on_skip", &n.OnSkip)
	case TypeConditional:
		for i := range n.Routes {
			label := "routes/" + strconv.Itoa(i)
			visit(label, "/"+label+"/next", &n.Routes[i].Next)
		}
		plain("/default", &n.Default)
	case TypeWait:
		plain("/on_continue", &n.OnContinue)
		plain("/on_fail", &n.OnFail)
		plain("/on_reject", &n.OnReject)
		plain("/on_timeout", &n.OnTimeout)
	case TypeParallel:
		for i := range n.Branches {
			label := "branches/" + strconv.Itoa(i)
			visit(label, "/"+label, &n.Branches[i])
		}
	case TypeSplit:
		for i := range n.Arms {
			label := "arms/" + strconv.Itoa(i)
			visit(label, "/"+label+"/next", &n.Arms[i].Next)
		}
	case TypeSubworkflow:
		plain("/on_approved", &n.OnApproved)
		plain("/on_rejected", &n.OnRejected)
		plain("/on_needs_review", &n.OnNeedsReview)
	}
}
