package graph

import (
	"context"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"time"

	qrcode "github.com/skip2/go-qrcode"

	"bonafide/api"
	"bonafide/kyc"
	"bonafide/session"
)

func (s *surface) sessionRoutes() {
	p := s.Porch
	create := fails(said(created(op("create-session", http.MethodPost, "/sessions", "Sessions", "Create a session", writeSessions)),
		"Opens a session for a person and answers with a single-use capture link. `fields` prefill the form and never skip capture. The names of the body's own fields may also be written in camelCase or kebab-case; answers are always snake_case."), http.StatusNotFound)
	create.AnyCase = true
	api.Handle(p, create, s.createSession)
	api.Handle(p, op("list-sessions", http.MethodGet, "/sessions", "Sessions", "List sessions", readSessions), s.listSessions)
	api.Handle(p, op("get-session", http.MethodGet, "/sessions/{id}", "Sessions", "Read a session", readSessions),
		func(ctx context.Context, who api.Principal, in *SessionPath) (*tagged[sessionDetail], error) {
			sid, err := id("session", in.ID)
			if err != nil {
				return nil, err
			}
			got, err := s.Sessions.Read(ctx, who.Tenant, who.Actor, sid)
			return s.detail(ctx, got, err)
		})
	api.Handle(p, fails(op("update-session", http.MethodPatch, "/sessions/{id}", "Sessions", "Change metadata, tags or form data", writeSessions), http.StatusConflict, http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			SessionPath
			api.IfMatch
			Body editSession
		}) (*tagged[SessionView], error) {
			sid, err := id("session", in.ID)
			if err != nil {
				return nil, err
			}
			return showTagged(s.Sessions.Patch(ctx, who.Tenant, who.Actor, sid, rev(in.IfMatch),
				session.Patch{Metadata: in.Body.Metadata, Fields: in.Body.Fields, Tags: in.Body.Tags, LegalHold: in.Body.LegalHold}))
		})
	api.Handle(p, fails(said(op("resume-session", http.MethodPost, "/sessions/{id}/resume", "Sessions", "New capture link", writeSessions),
		"For an expired or abandoned session; its documents are kept and the old link stops working."), http.StatusConflict), s.relink(s.Sessions.Resume))
	api.Handle(p, fails(said(op("resend-invitation", http.MethodPost, "/sessions/{id}/resend-invitation", "Sessions", "Renew the invitation", writeSessions),
		"Answers with a new capture link for an open session, to be sent to the applicant; the old link stops working."), http.StatusConflict), s.relink(s.Sessions.Resend))
	api.Handle(p, fails(op("expire-session", http.MethodPost, "/sessions/{id}/expire", "Sessions", "Expire a session", writeSessions), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *SessionPath) (*tagged[SessionView], error) {
			sid, err := id("session", in.ID)
			if err != nil {
				return nil, err
			}
			return showTagged(s.Sessions.Expire(ctx, who.Tenant, who.Actor, sid))
		})
	api.Handle(p, op("add-tags", http.MethodPost, "/sessions/{id}/tags", "Sessions", "Add tags", writeSessions), s.tags(true))
	api.Handle(p, op("remove-tags", http.MethodPost, "/sessions/{id}/tags/remove", "Sessions", "Remove tags", writeSessions), s.tags(false))
	simulate := said(op("simulate-session", http.MethodPost, "/sessions/{id}/simulate", "Sessions", "Decide a sandbox session", writeSessions),
		"Gives a sandbox session an outcome without running anything.")
	simulate.SandboxOnly = true
	api.Handle(p, fails(simulate, http.StatusConflict), func(ctx context.Context, who api.Principal, in *struct {
		SessionPath
		Body struct {
			Outcome string `json:"outcome" doc:"What shall happen." enum:"approve,decline,require-review,expire"`
		}
	}) (*tagged[SessionView], error) {
		sid, err := id("session", in.ID)
		if err != nil {
			return nil, err
		}
		return showTagged(s.Sessions.Simulate(ctx, who.Tenant, who.Actor, sid, in.Body.Outcome))
	})
}

func showTagged(got kyc.Session, err error) (*tagged[SessionView], error) {
	if err != nil {
		return nil, err
	}
	return tag(got.Meta, showSession(got)), nil
}

func (s *surface) createSession(ctx context.Context, who api.Principal, in *struct {
	Base
	Body newSession
}) (*tagged[linked], error) {
	b := in.Body
	wid, err := reference("workflow", "/workflow_id", b.WorkflowID)
	var found []kyc.Problem
	if err != nil {
		found = kyc.AsError(err).Problems
	}
	link, err := s.Sessions.Create(ctx, who.Tenant, who.Actor, session.NewSession{Problems: found, Surface: kyc.SurfaceGraph, ExternalRef: b.ExternalRef, Country: b.Country,
		WorkflowID: wid, RedirectURL: b.RedirectURL, Metadata: b.Metadata, Tags: b.Tags, Fields: b.Fields})
	if err != nil {
		return nil, err
	}
	return s.showLink(in.Base, link)
}

func (s *surface) showLink(b Base, l session.Link) (*tagged[linked], error) {
	out := linked{SessionView: showSession(l.Session), CaptureURL: s.link(b, "/capture/"+l.Token)}
	png, err := qrcode.Encode(out.CaptureURL, qrcode.Medium, 256)
	if err != nil {
		return nil, kyc.Errorf(kyc.Internal, "qr_code", "drawing the QR code: %w", err)
	}
	out.QRCodeDataURL = "data:image/png;base64," + base64.StdEncoding.EncodeToString(png)
	return tag(l.Session.Meta, out), nil
}

type relinkInput struct {
	SessionPath
	Base
}

func (s *surface) relink(do func(context.Context, kyc.Tenant, kyc.Actor, kyc.ID) (session.Link, error)) func(context.Context, api.Principal, *relinkInput) (*tagged[linked], error) {
	return func(ctx context.Context, who api.Principal, in *relinkInput) (*tagged[linked], error) {
		sid, err := id("session", in.ID)
		if err != nil {
			return nil, err
		}
		link, err := do(ctx, who.Tenant, who.Actor, sid)
		if err != nil {
			return nil, err
		}
		return s.showLink(in.Base, link)
	}
}

type tagInput struct {
	SessionPath
	api.IfMatch
	Body struct {
		Tags []string `json:"tags" doc:"The tags." minItems:"1" maxItems:"50" nullable:"false"`
	}
}

func (s *surface) tags(add bool) func(context.Context, api.Principal, *tagInput) (*tagged[SessionView], error) {
	return func(ctx context.Context, who api.Principal, in *tagInput) (*tagged[SessionView], error) {
		sid, err := id("session", in.ID)
		if err != nil {
			return nil, err
		}
		plus, minus := in.Body.Tags, []string(nil)
		if !add {
			plus, minus = nil, in.Body.Tags
		}
		return showTagged(s.Sessions.Tag(ctx, who.Tenant, who.Actor, sid, rev(in.IfMatch), plus, minus))
	}
}

func (s *surface) listSessions(ctx context.Context, who api.Principal, in *struct {
	api.Offset
	Status      string    `query:"status" doc:"Only these statuses, separated by commas: pending, capturing, processing, completed, expired, failed, awaiting_external, under_review, sandbox_pending." maxLength:"200"`
	Result      string    `query:"result" doc:"Only completed sessions with this result." enum:"approved,rejected"`
	WorkflowID  string    `query:"workflow_id" doc:"Only sessions of this workflow."`
	ExternalRef string    `query:"external_ref" doc:"Only sessions of this person." maxLength:"200"`
	IdentityID  string    `query:"identity_id" doc:"Only sessions of this person, by identity."`
	Tag         string    `query:"tag" doc:"Only sessions with this tag." maxLength:"64"`
	From        time.Time `query:"created_from" doc:"Made at this time or later."`
	To          time.Time `query:"created_to" doc:"Made before this time."`
}) (*answer[page[SessionView]], error) {
	f := kyc.SessionFilter{Surface: kyc.SurfaceGraph, ExternalRef: in.ExternalRef, Tag: in.Tag, From: in.From, To: in.To}
	var err error
	if f.WorkflowID, err = reference("workflow", "/query/workflow_id", in.WorkflowID); err != nil {
		return nil, err
	}
	if f.SubjectID, err = reference("identity", "/query/identity_id", in.IdentityID); err != nil {
		return nil, err
	}
	if f.Status, err = statuses(in.Status, in.Result); err != nil {
		return nil, err
	}
	none := in.Status != "" && len(f.Status) == 0 // words that no session has
	pg, err := in.Page(s.Porch, who, "sessions", f)
	if err != nil {
		return nil, err
	}
	var list []kyc.Session
	total := 0
	if !none {
		if list, total, err = s.Sessions.List(ctx, who.Tenant, who.Actor, f, pg); err != nil {
			return nil, err
		}
	}
	return part(s, who, in.Offset, "sessions", f, list, total, func(x kyc.Session) kyc.ID { return x.ID }, showSession), nil
}

// statuses translates the status filter; a result narrows it to the decided
// ones. A filter that no session can meet selects none, not all.
func statuses(text, result string) ([]kyc.SessionStatus, error) {
	var out []kyc.SessionStatus
	if text != "" {
		for word := range strings.SplitSeq(text, ",") {
			states := sessionStates(strings.TrimSpace(word))
			if states == nil && !known(word) {
				e := kyc.Errorf(kyc.Malformed, "parameter_invalid", "a parameter is not valid")
				e.Problems = []kyc.Problem{{Path: "/query/status", Code: "not_allowed_value", Message: "allowed: " + strings.ReplaceAll(statusWords, ",", ", ")}}
				return nil, e
			}
			out = append(out, states...)
		}
	}
	var want kyc.SessionStatus
	switch result {
	case "approved":
		want = kyc.SessionApproved
	case "rejected":
		want = kyc.SessionRejected
	}
	const none = kyc.SessionStatus("none") // no session has it
	switch {
	case want != "" && (text == "" || slices.Contains(out, want)):
		return []kyc.SessionStatus{want}, nil
	case want != "" || (text != "" && len(out) == 0):
		return []kyc.SessionStatus{none}, nil
	}
	return out, nil
}

func known(word string) bool {
	for w := range strings.SplitSeq(statusWords, ",") {
		if w == strings.TrimSpace(word) {
			return true
		}
	}
	return false
}
