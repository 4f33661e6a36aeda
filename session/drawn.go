package session

import (
	"context"
	"encoding/json"

	"bonafide/kyc"
)

// Drawn is a version as a drawing and a comparison show it.
type Drawn struct {
	Version kyc.WorkflowVersion
	// Graph is the graph as its author wrote it, or what another surface's
	// definition compiles to; Layout its positions, where there are some.
	Graph, Layout json.RawMessage
	// Definition is what was submitted, without what only a screen needs.
	Definition json.RawMessage
}

// Drawn gives a version of a workflow of any surface. Errors: 404 for a
// version that does not exist.
func (m *Workflows) Drawn(ctx context.Context, w kyc.Workflow, number int) (Drawn, error) {
	v, err := m.d.Store.Version(ctx, w.Tenant, w.ID, number)
	if err != nil {
		return Drawn{}, err
	}
	org, err := m.d.Store.Org(ctx, w.Tenant.Org)
	if err != nil {
		return Drawn{}, err
	}
	doc, err := readDocument(&v, org.EnvSettings(w.Tenant.Env))
	if err != nil {
		return Drawn{}, err
	}
	d := Drawn{Version: v, Layout: doc.GraphLayout, Definition: v.Source}
	// A draft may be no graph at all; then there is nothing to draw.
	d.Graph, _, _ = doc.graph()
	if !compiled(v.Format) {
		d.Definition = definitionOf(doc)
	}
	return d, nil
}
