package main

import (
	"context"
	"net/http"
	"strings"

	"bonafide/api"
	"bonafide/casework"
	frontdesk "bonafide/console"
	"bonafide/journey"
	"bonafide/kyc"
	"bonafide/ui"
	"bonafide/webhook"
)

// mountConsole serves the console and sends browsers that come to the front
// door there.
func (a *app) mountConsole(w wiring, kit *ui.Kit) error {
	house, err := a.signOn(w.oidc)
	if err != nil {
		return err
	}
	a.desk, err = frontdesk.Mount(frontdesk.Deps{Kit: kit, Clock: a.clock, Log: w.log, People: a.access, Store: a.db, Address: api.Address, API: a.porch.ServeAs,
		Secure: strings.HasPrefix(w.publicURL, "https://"), PublicURL: w.publicURL, SignOn: house, NoPasswords: w.oidc.Only,
		Sections: []frontdesk.Section{
			casework.Section(casework.Deps{Store: a.db, Reviews: a.reviews, Corrections: again{a.journeys}, Undoing: undoing{a}, Run: a.engine.RunView, File: a.sessions.File, EntryPage: a.lists.EntryPage}),
			a.office(w, kit),
			a.studio(),
		}}, a.porch.Mount)
	if err != nil {
		return err
	}
	kit.Sheet, kit.Offered = a.applicantSheet, a.applicantLanguages
	a.porch.Mount(webhook.KeySetPattern, a.hooks.KeySets(a.porch.Refuse))
	a.porch.Mount(brandPath, http.HandlerFunc(a.brand))
	a.porch.Mount("GET /{$}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept"), "text/html") {
			a.porch.NotFound(w, r)
			return
		}
		http.Redirect(w, r, "/console/", http.StatusSeeOther)
	}))
	return nil
}

// again asks applicants of surface A for corrections; the other surfaces have
// none (api.md 3.9).
type again struct{ m *journey.Machine }

var _ casework.Corrections = again{}

// Askable are the capture steps of the session's workflow, in the states that
// corrections can be asked in.
func (g again) Askable(ctx context.Context, s *kyc.Session) ([]casework.Askable, error) {
	if s.Surface != kyc.SurfaceSteps || s.Status != kyc.SessionReview && s.Status != kyc.SessionCaptured {
		return nil, nil
	}
	steps, err := g.m.Correctable(ctx, s.Tenant, s.ID)
	out := make([]casework.Askable, 0, len(steps))
	for _, st := range steps {
		one := casework.Askable{Step: st.StepID, Title: st.Name}
		for _, d := range st.DocumentRequirements {
			one.Documents = append(one.Documents, casework.Part{Name: d.DocumentType, Title: d.DisplayName})
		}
		for _, f := range st.CustomFields {
			if _, answered := s.Private.Fields[f.FieldID]; !answered {
				continue // what a condition hid from the applicant cannot be said again
			}
			one.Questions = append(one.Questions, casework.Part{Name: f.FieldID, Title: f.Name})
		}
		out = append(out, one)
	}
	return out, err
}

// Codes are the reasons there are.
func (g again) Codes() []string { return journey.CorrectionCodes() }

// Ask reopens steps.
func (g again) Ask(ctx context.Context, t kyc.Tenant, by kyc.Actor, session kyc.ID, items []casework.Again) error {
	q := journey.Corrections{Notify: true}
	for _, it := range items {
		q.Items = append(q.Items, journey.Wanted{StepID: it.Step, DocumentTypes: it.Documents, FieldIDs: it.Questions, Code: it.Code, Message: it.Message})
	}
	_, err := g.m.RequestCorrections(ctx, t, by, session, 0, q)
	return err
}
