package main

import (
	"context"

	"bonafide/kyc"
)

// needed says for what a person is needed whose sessions retention destroyed:
// only whoever nobody keeps any more loses their key by itself.
func (a *app) needed(ctx context.Context, p *kyc.Subject) (string, error) {
	t := p.Tenant
	one := kyc.Page{Limit: 1, Uncounted: true}
	for after := kyc.ID(""); ; {
		parties, _, err := a.db.WatchedParties(ctx, t, kyc.WatchedFilter{SubjectID: p.ID}, kyc.Page{Limit: 100, After: after, Uncounted: true})
		if err != nil {
			return "", err
		}
		for _, w := range parties {
			list, err := a.db.Watch(ctx, t, w.WatchID)
			if err != nil && kyc.KindOf(err) != kyc.NotFound {
				return "", err
			}
			if err == nil && list.Status == kyc.WatchActive {
				return "monitored", nil
			}
		}
		if len(parties) < 100 {
			break
		}
		after = parties[len(parties)-1].ID
	}
	// A report somebody asked for has a life of its own.
	if reports, _, err := a.db.Inquiries(ctx, t, kyc.InquiryFilter{SubjectID: p.ID}, one); err != nil || len(reports) > 0 {
		return "report", err
	}
	if merged, _, err := a.db.Subjects(ctx, t, kyc.SubjectFilter{MergedInto: p.ID, Deactivated: true}, kyc.Page{Limit: 100, Uncounted: true}); err != nil {
		return "", err
	} else {
		for _, m := range merged {
			if m.Status != kyc.SubjectRedacted {
				return "merged", nil
			}
		}
	}
	switch individual, err := a.db.Individual(ctx, t, p.ID); {
	case err == nil && individual.State == kyc.EntityActive:
		return "individual", nil
	case err != nil && kyc.KindOf(err) != kyc.NotFound:
		return "", err
	}
	// Whom the organisation named as a customer it keeps until it says that they
	// are none. Surface B names people for a session alone.
	if d := p.Private; p.DeactivatedAt.IsZero() && (d.Name != "" || d.Email != "" || d.Phone != "" || len(d.Attributes) > 0) {
		checks, _, err := a.db.Sessions(ctx, t, kyc.SessionFilter{SubjectID: p.ID, Surface: kyc.SurfaceChecks, Archived: true}, one)
		if err != nil || len(checks) == 0 {
			return "customer", err
		}
	}
	return "", nil
}

// eraseDeleted erases an individual that the customer deleted before, with the
// documents that belong to it and to no session.
func (a *app) eraseDeleted(ctx context.Context, p *kyc.Subject, by kyc.Actor) (bool, error) {
	individual, err := a.db.Individual(ctx, p.Tenant, p.ID)
	if kyc.KindOf(err) == kyc.NotFound {
		return false, nil
	}
	if err != nil || individual.State != kyc.EntityDeleted || individual.Private.Unreadable {
		return false, err
	}
	return true, a.people.EraseUnneeded(ctx, p.Tenant, by, p.ID, individual.Rev)
}
