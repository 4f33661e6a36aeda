package flow

import "bonafide/kyc"

// fillDefaults writes out every route that the author left to its default,
// and the implicit terminals they lead to. Nothing here leads to an approval:
// a check that needs a person, cannot answer, or was skipped though required
// never counts as passed.
func (d *draft) fillDefaults() {
	review := func(to *string) {
		if *to == "" {
			*to = d.implicit(ImplicitReview, kyc.NeedsReview)
		}
	}
	for _, id := range sorted(d.nodes) {
		n := d.nodes[id]
		switch n.Type {
		case TypePolicy:
			review(&n.OnReview)
			review(&n.OnError)
			if n.OnSkip == "" {
				n.OnSkip = n.OnFail
				if !n.Required {
					n.OnSkip = n.OnPass
				}
			}
		case TypeWait:
			review(&n.OnFail)
			review(&n.OnTimeout)
			if n.OnReject == "" {
				n.OnReject = d.implicit(ImplicitRejected, kyc.Rejected)
			}
		case TypeSubworkflow:
			review(&n.OnNeedsReview)
			if n.OnRejected == "" {
				n.OnRejected = d.implicit(ImplicitRejected, kyc.Rejected)
			}
		}
	}
}

// implicit gives the id of a terminal that the compiler writes out.
func (d *draft) implicit(id string, outcome kyc.Outcome) string {
	if d.nodes[id] == nil {
		d.nodes[id] = &Node{ID: id, Type: TypeTerminal, Outcome: outcome, Implicit: true}
		d.at[id] = ""
	}
	return id
}
