package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"bonafide/capture"
	"bonafide/journey"
	"bonafide/kyc"
	"bonafide/onboarding"
	"bonafide/ui"
)

// mountCapture serves the applicant's pages and gives the one behind a link.
func (a *app) mountCapture(w wiring, kit *ui.Kit, secret []byte) (http.Handler, error) {
	a.porch.Mount("GET "+ui.AssetPath, kit.Assets())
	desk := onboardingDesk{m: a.journeys, link: func(token string) string { return w.publicURL + "/capture/" + token }, org: a.orgName}
	return capture.Mount(capture.Deps{Kit: kit, Clock: a.clock, Log: w.log, Countries: countries,
		Desk: a.desks(secret, desk)}, a.porch.Mount)
}

// orgName is what applicants know the organisation by.
func (a *app) orgName(ctx context.Context, t kyc.Tenant) string {
	o, err := a.db.Org(ctx, t.Org)
	if err != nil {
		return ""
	}
	return o.Name
}

// countries names the countries of ISO 3166-1 in a language, in its order.
func countries(l *ui.Language) []ui.Choice {
	names := display.Regions(l.Tag)
	var out []ui.Choice
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string([]rune{a, b})
			if region, err := language.ParseRegion(code); err == nil && region.IsCountry() && region.Canonicalize() == region {
				if name := names.Name(region); name != "" {
					out = append(out, ui.Choice{Value: code, Label: name})
				}
			}
		}
	}
	c := collate.New(l.Tag)
	slices.SortFunc(out, func(x, y ui.Choice) int {
		return cmp.Or(c.CompareString(x.Label, y.Label), cmp.Compare(x.Value, y.Value))
	})
	return out
}

// onboardingDesk is the applicant's side of surface A. It calls what the public
// API calls (api.md 3.8), so the pages have its rules.
type onboardingDesk struct {
	m *journey.Machine
	// link makes the address of a subsession's link.
	link func(token string) string
	org  func(ctx context.Context, t kyc.Tenant) string
}

var _ capture.Desk = onboardingDesk{}

func (d onboardingDesk) Look(ctx context.Context, token, language string) (capture.Story, error) {
	st, err := d.m.Look(ctx, token)
	if err != nil {
		return capture.Story{}, err
	}
	if language == "" {
		language = st.Language
	}
	s := capture.Story{Workflow: st.Workflow, Org: d.org(ctx, st.Session.Tenant), Language: st.Language, Status: standing(journey.Word(st.Session.Status)),
		Current: st.Current, ExpiresAt: st.Session.ExpiresAt, RedirectURL: st.Session.RedirectURL, Sandbox: st.Session.Tenant.Env == kyc.Sandbox}
	for _, now := range st.Steps {
		step, err := d.step(ctx, token, language, now, st.Session.Private.Fields)
		if err != nil {
			return capture.Story{}, err
		}
		s.Steps = append(s.Steps, step)
	}
	for _, c := range st.Corrections {
		s.Corrections = append(s.Corrections, capture.CorrectionItem{StepID: c.StepID, Code: c.Code, Message: c.Message, Fields: c.FieldIDs, Slots: c.DocumentTypes})
	}
	return s, nil
}

// standing says how a session stands to its applicant; how it was decided is
// for the organisation to tell.
func standing(word string) capture.Status {
	switch word {
	case "active":
		return capture.Open
	case "needs_correction":
		return capture.Correction
	case "completed", "processing", "manual_review":
		return capture.Working
	case "approved", "rejected":
		return capture.Finished
	}
	return capture.Ended
}

func (d onboardingDesk) step(ctx context.Context, token, language string, now journey.StepNow, answers map[string]any) (capture.Step, error) {
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
	switch now.Def.Type {
	case onboarding.DocumentUpload:
		s.Kind = capture.Documents
		for _, r := range pub.DocumentRequirements {
			s.Slots = append(s.Slots, paperSlots(r, now.Papers)...)
		}
	case onboarding.FormFill:
		s.Kind, s.Fields = capture.Form, pub.CustomFields
		s.Answers = map[string]any{}
		for _, f := range pub.CustomFields {
			if v, ok := answers[f.FieldID]; ok {
				s.Answers[f.FieldID] = v
			}
		}
		if len(s.Answers) == 0 {
			s.Answers = nil // defaults are shown
		}
	case onboarding.Selfie:
		s.Kind = capture.Selfie
		s.Slots = []capture.Slot{{Name: "selfie", Title: pub.Name, Required: true, Camera: "selfie", Upload: true, Files: papersOf(now.Papers, "selfie", "")}}
	case onboarding.Liveness:
		s.Kind, s.Challenge = capture.Liveness, pub.LivenessConfig.ChallengeType
		s.AttemptsLeft = max(now.Def.LivenessConfig.Attempts()-now.Attempts, 0)
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

// paperSlots are the sides of a paper that is asked for.
func paperSlots(r onboarding.PublicRequirement, papers []journey.Paper) []capture.Slot {
	front := capture.Slot{Name: r.DocumentType + ".front", Title: r.DisplayName, Required: r.Required, Multiple: r.AllowMultiple, Camera: "document", Upload: true,
		Types: []string{r.DocumentType}, Files: papersOf(papers, r.DocumentType, "front")}
	if r.DocumentType != "id" {
		return []capture.Slot{front}
	}
	front.Types = []string{"passport", "id_card", "driving_licence", "residence_permit"}
	back := capture.Slot{Name: r.DocumentType + ".back", Title: r.DisplayName, Camera: "document", Upload: true, Types: front.Types[1:], Files: papersOf(papers, r.DocumentType, "back")}
	return []capture.Slot{front, back}
}

func papersOf(papers []journey.Paper, asked, side string) []capture.Taken {
	var out []capture.Taken
	for _, p := range papers {
		if p.Upload.Asked == asked && (side == "" || p.Upload.Side == side || p.Upload.Side == "" && side == "front") {
			out = append(out, capture.Taken{ID: string(p.Upload.ID), Name: p.FileName, At: p.Upload.CreatedAt, Warnings: p.Warnings})
		}
	}
	return out
}

func (d onboardingDesk) party(c journey.Child) capture.Party {
	p := capture.Party{ID: string(c.Session.ID), Name: c.Journey.Private.Name, Email: c.Journey.Private.Email, State: c.State()}
	if c.Token != "" {
		p.Link = d.link(c.Token)
	}
	return p
}

func (d onboardingDesk) Consent(ctx context.Context, token string, c capture.Consent) error {
	_, err := d.m.Consent(ctx, token, journey.NewConsent{Kind: c.Kind, Version: c.Version, Text: c.Text, Given: c.Given, Address: c.Address})
	return err
}

func (d onboardingDesk) Take(ctx context.Context, token, step, slot string, f capture.File) error {
	asked, side, _ := strings.Cut(slot, ".")
	kind := asked
	if asked == "id" && slices.Contains([]string{"passport", "id_card", "driving_licence", "residence_permit"}, f.Type) {
		kind = f.Type
	}
	sum := sha256.Sum256(f.Bytes)
	t, err := d.m.Announce(ctx, token, journey.Announcement{StepID: step, DocumentType: kind, FileName: f.Name, Size: int64(len(f.Bytes)), SHA256: hex.EncodeToString(sum[:]), Side: side})
	if err != nil {
		return err
	}
	if _, err := d.m.Receive(ctx, token, t.ID, f.Bytes); err != nil {
		return err
	}
	_, err = d.m.Confirm(ctx, token, t.ID)
	return err
}

func (d onboardingDesk) Fill(ctx context.Context, token, step string, answers map[string]any) error {
	_, err := d.m.CompleteStep(ctx, token, step, answers)
	return err
}

func (d onboardingDesk) Done(ctx context.Context, token, step string) error {
	_, err := d.m.CompleteStep(ctx, token, step, nil)
	return err
}

func (d onboardingDesk) Skip(ctx context.Context, token, step string) error {
	_, err := d.m.SkipStep(ctx, token, step)
	return err
}

func (d onboardingDesk) Open(ctx context.Context, token, step string) (capture.Try, error) {
	c, err := d.m.OpenLiveness(ctx, token, step)
	return capture.Try{ID: string(c.Try.ID), Provider: c.Try.Provider, Region: c.Try.Region, Nonce: c.Try.Nonce, Actions: c.Try.Actions, Colours: c.Try.Colors,
		Expires: c.Try.ExpiresAt, MaxFrames: kyc.LivenessFrames, Left: c.Remaining}, err
}

func (d onboardingDesk) Frames(ctx context.Context, token, try, nonce string, frames []capture.Frame) error {
	list := make([]journey.NewFrame, 0, len(frames))
	for _, f := range frames {
		list = append(list, journey.NewFrame{AtMillis: int(f.At.Milliseconds()), Bytes: f.Bytes})
	}
	_, err := d.m.SendFrames(ctx, token, kyc.ID(try), nonce, list)
	return err
}

func (d onboardingDesk) Judge(ctx context.Context, token, _, try string) (capture.Verdict, error) {
	o, err := d.m.EvaluateLiveness(ctx, token, try)
	return capture.Verdict{Passed: o.Try.Passed, Reason: o.Try.Reason, Left: o.Remaining}, err
}

func (d onboardingDesk) Invite(ctx context.Context, token, step string, p capture.NewParty) (capture.Party, error) {
	c, err := d.m.Invite(ctx, token, journey.NewParty{StepID: step, Name: p.Name, Email: p.Email, Role: p.Role})
	return d.party(c), err
}

func (d onboardingDesk) Relink(ctx context.Context, token, party string) (capture.Party, error) {
	c, err := d.m.Reinvite(ctx, token, kyc.ID(party))
	return d.party(c), err
}

func (d onboardingDesk) Remove(ctx context.Context, token, party string) error {
	return d.m.Uninvite(ctx, token, kyc.ID(party))
}
