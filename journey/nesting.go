package journey

import (
	"context"
	"fmt"
	"strings"

	"bonafide/kyc"
	"bonafide/onboarding"
)

// MaxDepth is how deep subsessions may nest below a session of its own.
const MaxDepth = 3

// nesting walks the workflows that subsession steps lead to, each in its
// newest version, because that is the version a new subsession pins.
type nesting struct {
	m     *Machine
	ctx   context.Context //nolint:containedctx // it lives exactly as long as checkNesting
	t     kyc.Tenant
	self  kyc.ID
	slug  string
	fresh map[string]*onboarding.Definition // made in the same change, by slug
	path  []string
	// deep and circle are what was found below the step under examination.
	deep, circle bool
}

// checkNesting refuses subsession workflows that do not exist, lead back to
// the workflow itself, or nest deeper than MaxDepth. Codes:
// subsession_workflow_not_found, subsession_workflow_cycle, subsession_depth;
// 409 workflow_deleted when a deleted workflow is the only thing wrong.
func (m *Machine) checkNesting(ctx context.Context, t kyc.Tenant, self kyc.ID, def *onboarding.Definition, fresh []*onboarding.Definition) error {
	n := &nesting{m: m, ctx: ctx, t: t, self: self, slug: def.Slug, fresh: map[string]*onboarding.Definition{}}
	for _, d := range fresh {
		n.fresh[d.Slug] = d
	}
	var problems []kyc.Problem
	var deleted error
	for i := range def.Steps {
		c := def.Steps[i].SubsessionConfig
		if c == nil {
			continue
		}
		at := fmt.Sprintf("/steps/%d/subsession_config/workflow_id", i)
		n.deep, n.circle, n.path = false, false, nil
		err := n.walk(c.WorkflowID, 1)
		switch {
		case kyc.IsCode(err, "workflow_deleted"):
			deleted = err
		case err != nil && kyc.KindOf(err) == kyc.NotFound:
			problems = append(problems, kyc.Problem{Path: at, Code: "subsession_workflow_not_found", Message: fmt.Sprintf("there is no workflow %q here", c.WorkflowID)})
		case err != nil:
			return err
		case n.circle:
			problems = append(problems, kyc.Problem{Path: at, Code: "subsession_workflow_cycle", Nodes: n.path,
				Message: "the subsessions lead back to a workflow they began in: " + strings.Join(n.path, " → ")})
		case n.deep:
			problems = append(problems, kyc.Problem{Path: at, Code: "subsession_depth", Message: fmt.Sprintf("subsessions may nest at most %d deep", MaxDepth)})
		}
	}
	if len(problems) > 0 {
		return kyc.InvalidInput("invalid_workflow", "the workflow definition has problems", problems)
	}
	return deleted
}

// walk looks at one workflow and what lies below it. Only what the definition
// itself names must exist; deeper gaps are the business of those workflows.
func (n *nesting) walk(ref string, depth int) error {
	if ref == string(n.self) && n.self != "" || ref == n.slug && n.slug != "" {
		n.circle, n.path = true, append(n.path, ref)
		return nil
	}
	if depth > MaxDepth {
		n.deep = true
		return nil
	}
	def, id := n.fresh[ref], kyc.ID(ref)
	if def == nil {
		w, err := n.m.findWorkflow(n.ctx, n.t, ref)
		if err != nil {
			return err
		}
		if w.Status == kyc.WorkflowDeleted {
			return kyc.Errorf(kyc.Conflict, "workflow_deleted", "the workflow %q was deleted and takes no subsessions", ref)
		}
		if w.ID == n.self {
			n.circle, n.path = true, append(n.path, ref)
			return nil
		}
		st, err := n.m.atVersion(n.ctx, w, 0)
		if err != nil {
			return err
		}
		def, id = st.Definition, w.ID
	}
	for _, seen := range n.path {
		if seen == string(id) {
			n.circle, n.path = true, append(n.path, string(id))
			return nil
		}
	}
	n.path = append(n.path, string(id))
	for _, below := range def.SubsessionWorkflows() {
		err := n.walk(below, depth+1)
		if err != nil && kyc.KindOf(err) != kyc.NotFound && !kyc.IsCode(err, "workflow_deleted") {
			return err
		}
		if n.circle || n.deep {
			return nil
		}
	}
	n.path = n.path[:len(n.path)-1]
	return nil
}
