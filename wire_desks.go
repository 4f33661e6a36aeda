package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"

	"bonafide/capture"
	"bonafide/capture/desk"
	"bonafide/kyc"
)

// desks finds who answers for an applicant's token: the surface of its session.
func (a *app) desks(secret []byte, onboarding capture.Desk) func(context.Context, string) (capture.Desk, error) {
	key := hmac.New(sha256.New, secret)
	key.Write([]byte("capture"))
	graphs := desk.Graph{Sessions: a.sessions, Org: a.orgName, Clock: a.clocks.Now,
		Key: key.Sum(nil), Now: a.clock.Now, Log: a.log, Readings: a.readings}
	lists := desk.Checks{Machine: a.intake, Org: a.orgName, Elsewhere: a.filmedElsewhere}
	people := desk.Entities{Hosting: a.executions, People: a.people, Org: a.orgName, Countries: countryCodes()}
	return func(ctx context.Context, token string) (capture.Desk, error) {
		surface, err := a.sessions.SurfaceOf(ctx, token)
		if err != nil {
			return nil, err
		}
		switch surface {
		case kyc.SurfaceGraph:
			return graphs, nil
		case kyc.SurfaceChecks:
			return lists, nil
		case kyc.SurfaceEntities:
			return people, nil
		case kyc.SurfaceSteps:
			return onboarding, nil
		}
		return nil, kyc.Errorf(kyc.NotFound, "link_invalid", "this link is unknown, used or expired; ask for a new one")
	}
}
