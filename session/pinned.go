package session

import (
	"context"
	"time"

	"bonafide/kyc"
)

// Pinned is a run of a session whose version was chosen when it was created.
type Pinned struct {
	// Session as it will be stored; the caller has changed it already, except
	// for its status and its run.
	Session *kyc.Session
	// Uploads are the files in force.
	Uploads []kyc.Upload
	Now     time.Time
	By      kyc.Actor
	// Again says that the session ran before.
	Again bool
	// With is committed together with the beginning.
	With kyc.Change
}

// BeginPinned starts a run on the version that a session is pinned to. Unlike
// Submit it leaves the applicant's link alone and asks for no capture plan:
// sessions of ordered steps know themselves when everything is there.
func (m *Sessions) BeginPinned(ctx context.Context, p Pinned) (kyc.Run, error) {
	s := p.Session
	if err := alive(s); err != nil {
		return kyc.Run{}, err
	}
	org, err := m.d.Store.Org(ctx, s.Tenant.Org)
	if err != nil {
		return kyc.Run{}, err
	}
	version, err := m.d.Store.Version(ctx, s.PolicyTenant(), s.WorkflowID, s.Version)
	if err != nil {
		return kyc.Run{}, err
	}
	graph, _, err := m.plans.version(ctx, &version, org.EnvSettings(s.Tenant.Env))
	if err != nil {
		return kyc.Run{}, err
	}
	start := Start{Session: s, Graph: graph, Version: s.Version, Arm: "stable", Uploads: current(p.Uploads), Now: p.Now, By: p.By, With: p.With}
	if p.Again {
		start.Arm = "reprocess"
	}
	s.Result, s.ReasonCode = "", ""
	return m.d.Engine.Begin(ctx, start)
}
