package main

import (
	"context"
	"fmt"
	"strings"

	"bonafide/casework"
	"bonafide/execution"
	"bonafide/intake"
	"bonafide/journey"
	"bonafide/kyc"
	"bonafide/procedure"
)

// undoing takes decisions back for the case page, by what each surface's API
// offers machines: surface A sends a session back to review with an override
// (A13), surface B reverses it (B10), surface C overrides the status with REVIEW
// (C5). A decision of surface D is final there.
type undoing struct{ a *app }

var _ casework.Undoing = undoing{}

// Way is how the decision of a session can be taken back, and the scope of the
// endpoint that does the same.
func (u undoing) Way(s *kyc.Session) casework.Way {
	switch s.Surface {
	case kyc.SurfaceSteps:
		return casework.Way{Kind: casework.Review, Scope: "kyc:create"}
	case kyc.SurfaceChecks:
		return casework.Way{Kind: casework.Reverse, Scope: "sessions:write"}
	case kyc.SurfaceEntities:
		return casework.Way{Kind: casework.Review, Scope: "sessions:write"}
	}
	return casework.Way{Kind: casework.NoWay}
}

// Reopen sends a session of surface A or C back to review.
func (u undoing) Reopen(ctx context.Context, t kyc.Tenant, by kyc.Actor, s *kyc.Session, code, why string) (kyc.ID, error) {
	if s.Surface == kyc.SurfaceEntities {
		if _, err := u.a.executions.Override(ctx, t, by, execution.Ref{ID: s.ID}, 0, execution.Overruling{Status: procedure.Review, Hand: execution.Hand{Comment: why}}); err != nil {
			return "", err
		}
		got, err := u.a.db.Session(ctx, t, s.ID)
		return got.CaseID, err
	}
	got, err := u.a.journeys.SetStatus(ctx, t, by, s.ID, 0, journey.Verdict{Status: "manual_review", ReasonCode: code, Reason: strings.TrimPrefix(why, code+": "), Override: true})
	return got.Session.CaseID, err
}

// Reverse decides a session of surface B the other way.
func (u undoing) Reverse(ctx context.Context, t kyc.Tenant, by kyc.Actor, s *kyc.Session, o kyc.Outcome, why string, ticked []string) (kyc.ID, error) {
	status := map[kyc.Outcome]string{kyc.Approved: "VERIFIED", kyc.Rejected: "REJECTED"}[o]
	if s.Surface != kyc.SurfaceChecks || status == "" {
		return "", fmt.Errorf("a session of %s is not reversed to %q", s.Surface, o)
	}
	got, err := u.a.intake.SetStatus(ctx, t, by, s.ID, intake.NewStatus{Status: status, Reason: why, Checklist: ticked})
	return got.Session.CaseID, err
}
