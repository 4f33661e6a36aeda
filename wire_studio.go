package main

import (
	"context"
	"encoding/json"
	"net/http"

	"bonafide/check"
	frontdesk "bonafide/console"
	"bonafide/engine"
	"bonafide/kyc"
	"bonafide/studio"
)

// studio is the console's part in which workflows are made.
func (a *app) studio() frontdesk.Section {
	people := make([]studio.Person, 0, len(check.MagicTable()))
	for _, m := range check.MagicTable() {
		people = append(people, studio.Person{Name: m.Name, Effect: m.Effect})
	}
	return studio.Section(studio.Deps{Store: a.db, Clock: a.clock, Workflows: a.workflows, Create: a.newWorkflow, Rehearse: a.rehearse, People: people, Backtests: a.backtests,
		Document: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.porch.Handler().ServeHTTP(w, r) })})
}

// newWorkflow makes a workflow of a surface whose definitions are no graphs.
func (a *app) newWorkflow(ctx context.Context, t kyc.Tenant, by kyc.Actor, s kyc.Surface, definition json.RawMessage) (kyc.ID, error) {
	switch s {
	case kyc.SurfaceSteps:
		st, err := a.journeys.CreateWorkflow(ctx, t, by, definition, false)
		return st.Workflow.ID, err
	case kyc.SurfaceChecks:
		st, err := a.intake.CreateWorkflow(ctx, t, by, definition, false)
		return st.Workflow.ID, err
	case kyc.SurfaceEntities:
		st, err := a.executions.CreateWorkflow(ctx, t, by, definition, false)
		return st.Workflow.ID, err
	}
	return "", kyc.Errorf(kyc.Invalid, "unknown_surface", "there is no surface %q", s)
}

// rehearse answers a check of a dry run as the sandbox does, whoever asks: no
// provider is called and nothing is kept. Checks that look only at the
// organisation's own objects see those of its sandbox.
func (a *app) rehearse(ctx context.Context, c engine.RunCheck) kyc.Answer {
	r := c.Request
	r.Tenant.Env = kyc.Sandbox
	return a.menu.Run(ctx, r)
}
