package main

import (
	"context"

	"bonafide/api/entities"
	"bonafide/engine"
	"bonafide/entity"
	"bonafide/execution"
	"bonafide/journey"
	"bonafide/kyc"
	"bonafide/screen"
)

// newEntities makes the machines of surface C: the people and what is executed
// for them.
func (a *app) newEntities(w wiring, catalog map[string]kyc.CheckSpec) (*entity.Machine, *execution.Machine) {
	d := execution.Deps{Store: a.db, Clock: a.clock, News: tellAll, Catalog: catalog, Log: w.log,
		Begin: a.beginPinned, Wait: a.waits.wait, Examine: a.examine, OpenCase: a.reviews.Open, CloseCase: a.reviews.Close,
		Entry: entryOf(a.lists, a.news),
		Lists: listVersions(a.lists), Delta: a.listDelta, Probe: a.probe, Touches: a.touches, Crowd: crowd{screen.NewAudience(), a},
	}
	if box := a.outbox(w); box != nil {
		d.Invite = func(ctx context.Context, i execution.Invitation) error {
			return box.invite(ctx, journey.Invitation{Tenant: i.Tenant, SessionID: i.SessionID, Channel: "sms", To: i.To, Workflow: i.Workflow,
				Token: i.Token, Kind: "invitation", ExpiresAt: i.ExpiresAt})
		}
	}
	executions := execution.New(d)
	people := entity.New(entity.Deps{Store: a.db, Clock: a.clock, News: tellAll, Log: w.log, Sniff: sniff, Blind: a.db.Blind,
		Changed: executions.FactorsChanged, EraseSessions: a.sessions.EraseSessions})
	return people, executions
}

// mountEntities adds surface C to the porch.
func (a *app) mountEntities(w wiring) {
	entities.Mount(entities.Deps{Porch: a.porch, Clock: a.clock, Entities: a.people, Executions: a.executions, Webhooks: a.hooks, PublicURL: w.publicURL,
		KeyName: func(ctx context.Context, t kyc.Tenant, id kyc.ID) (string, error) {
			key, err := a.db.Key(ctx, t, id)
			return key.Name, err
		}})
}

// finishedExecution gives the end of a run to the execution room.
func (a *app) finishedExecution(ctx context.Context, run kyc.Run, s *kyc.Session, f engine.Finished, filing kyc.Filing, extracted map[string]any) (kyc.Change, error) {
	end := execution.End{Status: f.Status, Filing: filing, Checks: f.State.Checks, Extracted: extracted}
	for _, r := range f.State.Records {
		one := execution.Attempt{Node: r.Node, Policy: r.Policy, Attempt: r.Attempt, Status: r.Status, At: r.At}
		if r.Answer != nil {
			one.Answer = *r.Answer
		}
		end.Attempts = append(end.Attempts, one)
	}
	return a.executions.Finished(ctx, &run, s, f.At, end)
}
