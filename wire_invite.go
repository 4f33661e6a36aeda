package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"time"

	"bonafide/entity"
	"bonafide/execution"
	"bonafide/intake"
	"bonafide/journey"
	"bonafide/kyc"
	"bonafide/office"
	"bonafide/session"
)

// Times of a form that invites somebody: how long one may take, and how long it
// is known that it was sent.
const (
	inviteTime = 3 * time.Minute
	inviteKept = 24 * time.Hour
)

// invite makes a session for an applicant, once for each form: a form that is
// sent again, by a second click or by loading the page anew, is answered with
// the session it made. That it was sent is stored with the session or not at
// all. Errors: those of the machines; 409 form_in_progress; 410 form_erased.
func (a *app) invite(ctx context.Context, t kyc.Tenant, by kyc.Actor, n office.Invitation) (office.Invited, error) {
	raw, err := json.Marshal([]any{by.ID, n})
	if err != nil {
		return office.Invited{}, kyc.Errorf(kyc.Internal, "form_unwritable", "writing a form: %w", err)
	}
	sum := sha256.Sum256(raw)
	// The key is a hash, because what was filled in is about a person. A form
	// that was changed and sent again is another invitation.
	form := kyc.Idempotency{Tenant: t, Method: http.MethodPost, Path: "/console/sessions/new", Key: hex.EncodeToString(sum[:]), BodyHash: hex.EncodeToString(sum[:]),
		ExpiresAt: a.clock.Now().Add(inviteKept)}
	before, err := a.db.ReserveIdempotency(ctx, form, inviteTime)
	switch {
	case err != nil:
		return office.Invited{}, err
	case before == nil:
	case before.Erased:
		return office.Invited{}, kyc.Errorf(kyc.Gone, "form_erased", "this form was sent before, and whom it named was erased since")
	case !before.Done:
		return office.Invited{}, kyc.Errorf(kyc.Conflict, "form_in_progress", "this form is being worked on; look for its session in the list in a moment")
	default:
		return office.Invited{Session: kyc.ID(before.Body)}, nil
	}
	// From here on the store notes whom the answer speaks of, so that it goes
	// with them.
	ctx, _ = kyc.WithConcerned(ctx)
	within, unit := kyc.WithUnit(ctx)
	kept := false
	defer func() {
		if kept {
			return
		}
		if err := a.db.ReleaseIdempotency(context.WithoutCancel(ctx), form); err != nil {
			a.log.Warn("a form that made no session stays reserved for a while", "code", kyc.AsError(err).Code)
		}
	}()
	out, err := a.invited(within, t, by, n)
	if err != nil {
		return out, err
	}
	form.Done, form.Status, form.Body = true, http.StatusCreated, []byte(out.Session)
	unit.Change.Idempotency = &form
	if err := a.db.Commit(ctx, &unit.Change); err != nil {
		return office.Invited{}, err
	}
	kept = true
	for _, after := range unit.After {
		after()
	}
	return out, nil
}

// invited asks the machine of the workflow's surface for the session, as the
// public API does.
func (a *app) invited(ctx context.Context, t kyc.Tenant, by kyc.Actor, n office.Invitation) (office.Invited, error) {
	const page = "/capture/"
	switch w := n.Workflow; w.Surface {
	case kyc.SurfaceSteps:
		return a.invitedToSteps(ctx, t, by, n)
	case kyc.SurfaceChecks:
		got, err := a.intake.Create(ctx, t, by, intake.NewSession{WorkflowID: string(w.ID), Hosted: true, ExternalID: n.Reference, FirstName: n.FirstName, LastName: n.LastName,
			Email: n.Email, Phone: n.Phone, SendEmail: n.SendEmail, SendPhone: n.SendPhone})
		return office.Invited{Session: got.Session.ID, Path: page + got.Token, Sent: got.Invited}, err
	case kyc.SurfaceEntities:
		return a.invitedToService(ctx, t, by, n)
	default:
		got, err := a.sessions.Create(ctx, t, by, session.NewSession{Surface: w.Surface, WorkflowID: w.ID, ExternalRef: n.Reference, Country: n.Country, Subject: n.Person})
		return office.Invited{Session: got.Session.ID, Path: page + got.Token}, err
	}
}

func (a *app) invitedToSteps(ctx context.Context, t kyc.Tenant, by kyc.Actor, n office.Invitation) (office.Invited, error) {
	s := journey.NewSession{Workflow: string(n.Workflow.ID), ClientID: n.Reference, CustomerID: string(n.Person), Language: n.Language, SendInvite: "none"}
	for name, value := range map[string]string{"user_email": n.Email, "user_phone": n.Phone} {
		if value != "" {
			if s.Metadata == nil {
				s.Metadata = map[string]any{}
			}
			s.Metadata[name] = value
		}
	}
	var sent []string
	switch {
	case n.SendEmail && n.SendPhone:
		s.Problems = []kyc.Problem{{Path: "/send_invite", Code: "send_invite_invalid", Message: "this workflow sends it one way: choose e-mail or text message"}}
	case n.SendEmail:
		s.SendInvite, sent = "email", []string{"email"}
	case n.SendPhone:
		s.SendInvite, sent = "sms", []string{"sms"}
	}
	got, err := a.journeys.Create(ctx, t, by, s)
	return office.Invited{Session: got.Session.ID, Path: "/capture/" + got.Token, Sent: sent}, err
}

// invitedToService makes a hosted link of surface C, with the individual where
// it is somebody new.
func (a *app) invitedToService(ctx context.Context, t kyc.Tenant, by kyc.Actor, n office.Invitation) (office.Invited, error) {
	h := execution.NewHosted{SubjectID: n.Person, WorkflowName: n.Workflow.Name, Send: n.SendPhone, Phone: n.Phone}
	if n.Workflow.Service != nil {
		h.ServiceName = n.Workflow.Service.ServiceName
	}
	if n.Person == "" {
		who := kyc.IndividualData{Name: kyc.PersonName{Given: n.FirstName, Family: n.LastName}}
		if n.Phone != "" {
			who.Phones = []kyc.PhoneNumber{{Type: "MOBILE", Number: n.Phone}}
		}
		if n.Reference != "" {
			who.References = []kyc.EntityReference{{Name: "console", Value: n.Reference}}
		}
		made, err := a.people.Prepare(ctx, t, by, entity.NewIndividual{Data: who})
		if err != nil {
			return office.Invited{}, err
		}
		h.New = &execution.Newcomer{Individual: made.Individual, Change: made.Change}
	} else if _, err := a.people.Individual(ctx, t, by, n.Person); err != nil {
		if kyc.KindOf(err) == kyc.NotFound {
			err = kyc.InvalidInput("invalid_session", "the session cannot be created",
				[]kyc.Problem{{Path: "/customer_id", Code: "individual_missing", Message: "this person is not kept as an individual, which this workflow needs"}})
		}
		return office.Invited{}, err
	}
	got, err := a.executions.Host(ctx, t, by, h)
	out := office.Invited{Session: got.Session.ID, Path: "/capture/" + got.Token}
	if got.SentTo != "" {
		out.Sent = []string{"sms"}
	}
	return out, err
}
