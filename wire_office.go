package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"

	"bonafide/api/checks"
	"bonafide/api/entities"
	"bonafide/api/graph"
	"bonafide/api/steps"
	frontdesk "bonafide/console"
	"bonafide/kyc"
	"bonafide/office"
	"bonafide/ui"
)

// office is the part of the console around the cases.
func (a *app) office(w wiring, kit *ui.Kit) frontdesk.Section {
	return office.Section(office.Deps{Store: a.db, Clock: a.clock, Sessions: a.sessions, Lists: a.own, Identities: a.identities, Monitor: a.monitor, Inquiries: a.inquiries,
		Webhooks: a.hooks, Office: a.access, Screen: a.lists, Insight: a.insight, RunView: a.engine.RunView, API: a.porch.ServeAs, Flush: a.questions.Flush,
		Events: slices.Concat(graph.Events(), steps.Events(), steps.WatchEvents(), checks.Events(), entities.Events()),
		Renew:  a.renew, PublicURL: w.publicURL,
		Invite: a.invite, Sends: a.outbox(w) != nil, Languages: kit.Languages(),
		Expire: a.expireNow})
}

// renewDays is how long a renewed link of surface A lives.
const renewDays = 7

// renew gives a session a new link by the machine of its surface.
func (a *app) renew(ctx context.Context, s kyc.Session, by kyc.Actor) (string, error) {
	switch s.Surface {
	case kyc.SurfaceSteps:
		if s.Status == kyc.SessionExpired {
			if _, err := a.journeys.Extend(ctx, s.Tenant, by, s.ID, 0, renewDays, time.Time{}); err != nil {
				return "", err
			}
		}
		l, err := a.journeys.GenerateLink(ctx, s.Tenant, by, s.ID, 0, renewDays)
		return "/capture/" + l.Token, err
	case kyc.SurfaceGraph:
		do := a.sessions.Resend
		if s.Status == kyc.SessionExpired {
			do = a.sessions.Resume
		}
		l, err := do(ctx, s.Tenant, by, s.ID)
		return "/capture/" + l.Token, err
	case kyc.SurfaceEntities:
		l, err := a.executions.Renew(ctx, s.Tenant, by, s.ID)
		return "/capture/" + l.Token, err
	case kyc.SurfaceChecks:
		token, err := a.intake.Renew(ctx, s.Tenant, by, s.ID)
		return "/capture/" + token, err
	}
	return "", kyc.Errorf(kyc.Conflict, "no_link", "there is no page for sessions of this surface")
}

// expireNow ends a session nobody finished, by the machine of its surface and
// the clock of its environment.
func (a *app) expireNow(ctx context.Context, s kyc.Session, by kyc.Actor) error {
	org, err := a.db.Org(ctx, s.Tenant.Org)
	if err != nil {
		return err
	}
	now := org.Now(a.clock, s.Tenant.Env)
	switch s.Surface {
	case kyc.SurfaceSteps:
		_, err = a.journeys.Expire(ctx, s, by, now)
	case kyc.SurfaceChecks:
		_, err = a.intake.Expire(ctx, s, by, now)
	case kyc.SurfaceEntities:
		_, err = a.executions.ExpireHosted(ctx, s, by, now)
	default:
		_, err = a.sessions.Expire(ctx, s.Tenant, by, s.ID)
	}
	return err
}

// brandPath serves the colours of organisations to their applicants' pages.
const brandPath = "GET /brand/{org}/{env}/{sheet}"

// brandSheet is the address of an organisation's colours, empty without any.
// It holds a hash of the colours, so that a browser may keep the sheet.
func brandSheet(o kyc.Org, e kyc.Env) string {
	sheet := ui.BrandSheet(o.EnvSettings(e).Branding)
	if len(sheet) == 0 {
		return ""
	}
	sum := sha256.Sum256(sheet)
	return "/brand/" + string(o.ID) + "/" + string(e) + "/" + hex.EncodeToString(sum[:8]) + ".css"
}

// applicantOrg finds the organisation whose applicant asks for a page, by the
// link. A link that nobody knows has none, nor has the console.
func (a *app) applicantOrg(r *http.Request) (kyc.Org, kyc.Env, bool) {
	rest, ok := strings.CutPrefix(r.URL.Path, "/capture/")
	if !ok {
		return kyc.Org{}, "", false
	}
	token, _, _ := strings.Cut(rest, "/")
	s, err := a.db.SessionByToken(r.Context(), kyc.TextHash(token))
	if err != nil {
		return kyc.Org{}, "", false
	}
	org, err := a.db.Org(r.Context(), s.Tenant.Org)
	return org, s.Tenant.Env, err == nil
}

// applicantSheet is the address of the organisation's colours.
func (a *app) applicantSheet(r *http.Request) string {
	if org, env, ok := a.applicantOrg(r); ok {
		return brandSheet(org, env)
	}
	return ""
}

// applicantLanguages are those the organisation offers; nil for all.
func (a *app) applicantLanguages(r *http.Request) []string {
	if org, env, ok := a.applicantOrg(r); ok {
		return org.EnvSettings(env).Languages
	}
	return nil
}

// brand answers with an organisation's colours. An address of former colours
// does not exist any more: no page names it.
func (a *app) brand(w http.ResponseWriter, r *http.Request) {
	id, ok := kyc.ParseID(r.PathValue("org"))
	env := kyc.Env(r.PathValue("env"))
	if !ok || env != kyc.Live && env != kyc.Sandbox {
		http.NotFound(w, r)
		return
	}
	org, err := a.db.Org(r.Context(), id)
	if err != nil || r.URL.Path != brandSheet(org, env) {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/css; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	_, _ = w.Write(ui.BrandSheet(org.EnvSettings(env).Branding))
}
