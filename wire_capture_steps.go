package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"bonafide/capture"
	"bonafide/journey"
	"bonafide/kyc"
	"bonafide/onboarding"
)

// fieldSlot begins the name of the slot of a form's file field.
const fieldSlot = "field."

// idPapers are the papers of which an applicant chooses one where a workflow
// asks for an identity document.
func idPapers() []string {
	return []string{"passport", "id_card", "driving_licence", "residence_permit"}
}

// step tells one step. Under correction it holds only what the correction asks
// for.
func (d onboardingDesk) step(ctx context.Context, token, language string, now journey.StepNow, st *journey.State) (capture.Step, error) {
	pub := now.Def.Public(language)
	s := capture.Step{ID: now.StepID, Title: pub.Name, Text: pub.Instructions, Required: now.Required, Progress: capture.Progress(now.Status)}
	switch now.Status {
	case kyc.StepPending:
		s.Progress = capture.Todo
	case kyc.StepInProgress:
		s.Progress = capture.Begun
	case kyc.StepCompleted:
		s.Progress = capture.Over
	case kyc.StepNeedsCorrection:
		s.Progress = capture.Again
	}
	asked, err := d.asked(ctx, token, now, st)
	if err != nil {
		return s, err
	}
	switch now.Def.Type {
	case onboarding.DocumentUpload:
		s.Kind = capture.Documents
		for _, r := range now.Def.DocumentRequirements {
			if asked.whole || slices.Contains(asked.papers, r.DocumentType) {
				s.Slots = append(s.Slots, paperSlots(r, asked)...)
			}
		}
	case onboarding.FormFill:
		s.Kind = capture.Form
		s.Answers, s.Given = map[string]any{}, map[string]bool{}
		for _, f := range pub.CustomFields {
			if !asked.whole && !slices.Contains(asked.fields, f.FieldID) {
				continue
			}
			s.Fields = append(s.Fields, f)
			if v, ok := st.Session.Private.Fields[f.FieldID]; ok {
				s.Answers[f.FieldID] = v
				if now.Status == kyc.StepPending || now.Status == kyc.StepInProgress {
					s.Given[f.FieldID] = true // a form is sent as a whole, with its step's end
				}
			}
			if f.Type == "file" {
				s.Slots = append(s.Slots, asked.slot(capture.Slot{Name: fieldSlot + f.FieldID, Title: f.Name, Required: f.Required, Upload: true, Multiple: f.MaxFiles == nil || *f.MaxFiles > 1},
					func(u *kyc.Upload) bool { return u.FieldID == f.FieldID }))
			}
		}
		if len(s.Answers) == 0 {
			s.Answers = nil // defaults are shown
		}
		if now.Status == kyc.StepPending || now.Status == kyc.StepInProgress {
			told, err := d.m.ReadOff(ctx, st)
			if err != nil {
				return s, err
			}
			s.Prefill(ctx, told, d.now())
		}
	case onboarding.Selfie:
		s.Kind = capture.Selfie
		s.Slots = []capture.Slot{asked.slot(capture.Slot{Name: "selfie", Title: pub.Name, Required: true, Camera: "selfie", Upload: true},
			func(u *kyc.Upload) bool { return u.Asked == "selfie" })}
	case onboarding.Liveness:
		s.Kind, s.Challenge = capture.Liveness, pub.LivenessConfig.ChallengeType
		s.AttemptsLeft = max(now.Def.LivenessConfig.Attempts()-now.Attempts, 0)
		s.Passed = now.Passed
		if s.Elsewhere, s.App, err = d.elsewhere(ctx, st.Session.Tenant, token); err != nil {
			return s, err
		}
	case onboarding.SubsessionCollection:
		s.Kind = capture.Parties
		c := pub.SubsessionConfig
		s.Party = capture.PartyRules{Min: c.MinSubsessions, Max: c.MaxSubsessions, Wait: c.RequireComplete, Roles: onboarding.EntityRoles()}
		list, err := d.m.Invited(ctx, token, now.StepID)
		if err != nil {
			return s, err
		}
		for _, child := range list {
			s.Parties = append(s.Parties, d.party(child))
		}
	default:
		s.Kind = capture.Background
	}
	return s, nil
}

// askedFor is what a step asks of the applicant now: everything, or what a
// correction names.
type askedFor struct {
	whole          bool
	papers, fields []string
	since          time.Time // of the newest correction; zero without one
	now, old       []journey.Paper
}

func (d onboardingDesk) asked(ctx context.Context, token string, now journey.StepNow, st *journey.State) (askedFor, error) {
	a := askedFor{whole: true, now: now.Papers}
	if now.Status != kyc.StepNeedsCorrection {
		return a, nil
	}
	a.whole = false
	for _, c := range st.Corrections {
		if c.StepID != now.StepID {
			continue
		}
		a.whole = a.whole || len(c.FieldIDs) == 0 && len(c.DocumentTypes) == 0
		a.papers, a.fields = append(a.papers, c.DocumentTypes...), append(a.fields, c.FieldIDs...)
		if c.CreatedAt.After(a.since) {
			a.since = c.CreatedAt
		}
	}
	var err error
	a.old, err = d.m.Replaced(ctx, token, now.StepID)
	return a, err
}

// slot fills in the files of a slot: under correction those that came before
// it are the old ones.
func (a askedFor) slot(s capture.Slot, mine func(*kyc.Upload) bool) capture.Slot {
	for i := range a.now {
		if u := &a.now[i].Upload; mine(u) && (a.since.IsZero() || u.CreatedAt.After(a.since)) {
			s.Files = append(s.Files, taken(&a.now[i]))
		}
	}
	for i := range a.old {
		if mine(&a.old[i].Upload) {
			s.Old = append(s.Old, taken(&a.old[i]))
		}
	}
	return s
}

func taken(p *journey.Paper) capture.Taken {
	return capture.Taken{ID: string(p.Upload.ID), Name: p.FileName, Type: p.Upload.DocumentType, At: p.Upload.CreatedAt, Warnings: p.Warnings,
		Image: slices.Contains([]string{"image/jpeg", "image/png", "image/webp"}, p.Upload.ContentType)}
}

// paperSlots are the sides of a paper that is asked for. Papers that would be
// refused for their kind or country are not offered.
func paperSlots(r onboarding.DocumentRequirement, asked askedFor) []capture.Slot {
	front := capture.Slot{Name: r.DocumentType + ".front", Title: r.DisplayName, Required: r.Required, Multiple: r.AllowMultiple, Camera: "document", Upload: true,
		Types: []string{r.DocumentType}}
	switch r.DocumentType {
	case "id":
		front.Types, front.Side = idPapers(), "front"
	case "selfie":
		front.Camera = "selfie"
	}
	bothSides := false
	for _, v := range r.PostUploadValidations {
		if v.OnFail == "warn" {
			continue
		}
		switch v.Type {
		case "document_type_in":
			if kept := slices.DeleteFunc(slices.Clone(front.Types), func(t string) bool { return !serves(words(v.Params["types"]), t) }); len(kept) > 0 {
				front.Types = kept
			}
		case "country_in":
			front.Countries = words(v.Params["countries"])
		case "country_not_in":
			front.Refused = append(front.Refused, words(v.Params["countries"])...)
		case "both_sides":
			bothSides = true
		}
	}
	back := front
	isFront := func(u *kyc.Upload) bool { return u.Asked == r.DocumentType && u.Side != "back" }
	front = asked.slot(front, isFront)
	if types := slices.DeleteFunc(slices.Clone(front.Types), func(t string) bool { return t == "passport" }); r.DocumentType == "id" && len(types) > 0 {
		back.Name, back.Side, back.Types, back.Required = r.DocumentType+".back", "back", types, bothSides && r.Required
		back = asked.slot(back, func(u *kyc.Upload) bool { return u.Asked == r.DocumentType && u.Side == "back" })
		return []capture.Slot{front, back}
	}
	return []capture.Slot{front}
}

// serves reports whether a paper that applicants can choose is among those a
// validation lets pass.
func serves(allowed []string, paper string) bool {
	return slices.ContainsFunc(allowed, func(t string) bool {
		switch t {
		case "national_id", "national_card":
			t = "id_card"
		case "driving_license", "drivers_license":
			t = "driving_licence"
		}
		return t == paper || onboarding.Satisfies(t, paper)
	})
}

func words(list any) []string {
	var out []string
	all, _ := list.([]any)
	for _, v := range all {
		if s, ok := v.(string); ok {
			out = append(out, strings.TrimSpace(s))
		}
	}
	return out
}
