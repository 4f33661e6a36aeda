package main

import (
	"context"
	"time"

	"bonafide/api/checks"
	"bonafide/intake"
	"bonafide/journey"
	"bonafide/kyc"
	"bonafide/session"
)

// newIntake makes the machine of checklists (surface B).
func (a *app) newIntake(w wiring, catalog map[string]kyc.CheckSpec) *intake.Machine {
	d := intake.Deps{Store: a.db, Clock: a.clock, News: tellAll, Catalog: catalog, Log: w.log,
		Begin: a.beginPinned, Examine: a.examine, InputHash: a.menu.Hash, Reviewed: a.reviewed,
		Cancel: func(ctx context.Context, t kyc.Tenant, run kyc.ID, reason string, by kyc.Actor) error {
			return a.engine.Cancel(ctx, t, run, reason, by)
		},
		Trace: func(ctx context.Context, t kyc.Tenant, run kyc.ID) (intake.Trace, error) {
			v, err := a.journeyTrace(ctx, t, run)
			out := intake.Trace{Run: v.Run, Checks: v.Checks, Extracted: v.Extracted, Engine: v.Engine}
			for _, one := range v.Attempts {
				out.Attempts = append(out.Attempts, intake.Attempt(one))
			}
			return out, err
		},
		OpenCase: a.reviews.Open, CloseCase: a.reviews.Close,
		Redact: a.redactSession, Sniff: sniff, Liveness: a.planLiveness,
	}
	if box := a.outbox(w); box != nil {
		d.Invite = func(ctx context.Context, i intake.Invitation) error {
			return box.invite(ctx, journey.Invitation{Tenant: i.Tenant, SessionID: i.SessionID, Channel: i.Channel, To: i.To, Workflow: i.Workflow,
				Token: i.Token, Kind: i.Kind, ExpiresAt: i.ExpiresAt})
		}
	}
	return intake.New(d)
}

// mountChecks adds surface B to the porch.
func (a *app) mountChecks(w wiring) {
	checks.Mount(checks.Deps{Porch: a.porch, Clock: a.clock, Machine: a.intake, Orgs: a.db, Webhooks: a.hooks, Files: a.sessions, PublicURL: w.publicURL})
}

// beginPinned starts a run on the version a session is pinned to.
func (a *app) beginPinned(ctx context.Context, s *kyc.Session, uploads []kyc.Upload, now time.Time, by kyc.Actor, with kyc.Change) (kyc.Run, error) {
	return a.sessions.BeginPinned(ctx, session.Pinned{Session: s, Uploads: uploads, Now: now, By: by, Again: s.RunID != "", With: with})
}

// redactSession destroys the personal data of a session's person.
func (a *app) redactSession(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) error {
	_, err := a.sessions.Redact(ctx, t, by, id)
	return err
}
