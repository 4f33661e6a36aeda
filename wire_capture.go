package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"bonafide/api"
	"bonafide/capture"
	"bonafide/check"
	"bonafide/journey"
	"bonafide/kyc"
	"bonafide/ui"
)

// mountCapture serves the applicant's pages and gives the one behind a link.
func (a *app) mountCapture(w wiring, kit *ui.Kit, secret []byte) (http.Handler, error) {
	a.porch.Mount("GET "+ui.AssetPath, kit.Assets())
	desk := onboardingDesk{m: a.journeys, link: func(token string) string { return w.publicURL + "/capture/" + token }, org: a.orgName, now: a.clock.Now, elsewhere: a.filmedElsewhere}
	var names []capture.MagicName
	for _, m := range check.MagicTable() {
		names = append(names, capture.MagicName{Name: m.Name, Effect: m.Effect})
	}
	return capture.Mount(capture.Deps{Names: names, Kit: kit, Clock: a.clock, Log: w.log, Countries: countries, Closing: a.porch.Closing(), Address: api.Address,
		Desk: a.desks(secret, desk)}, a.porch.Mount)
}

// orgName is what applicants know the organisation by.
func (a *app) orgName(ctx context.Context, t kyc.Tenant) capture.Sender {
	o, err := a.db.Org(ctx, t.Org)
	if err != nil {
		return capture.Sender{}
	}
	b := o.EnvSettings(t.Env).Branding
	return capture.Sender{Name: cmp.Or(b.Name, o.Name), Contact: b.Contact}
}

// countryCodes are the countries of ISO 3166-1 by their alpha-2 codes.
func countryCodes() []string {
	var out []string
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string([]rune{a, b})
			if region, err := language.ParseRegion(code); err == nil && region.IsCountry() && region.Canonicalize() == region {
				out = append(out, code)
			}
		}
	}
	return out
}

// countries names the countries of ISO 3166-1 in a language, in its order.
func countries(l *ui.Language) []ui.Choice {
	names := display.Regions(l.Tag)
	var out []ui.Choice
	for _, code := range countryCodes() {
		if name := names.Name(language.MustParseRegion(code)); name != "" {
			out = append(out, ui.Choice{Value: code, Label: name})
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
	org  func(ctx context.Context, t kyc.Tenant) capture.Sender
	now  func() time.Time
	// elsewhere reports whether liveness is filmed by a service of the tenant's.
	elsewhere func(ctx context.Context, t kyc.Tenant, token string) (elsewhere bool, app string, err error)
}

var (
	_ capture.Desk     = onboardingDesk{}
	_ capture.Pictures = onboardingDesk{}
	_ capture.Checker  = onboardingDesk{}
)

func (d onboardingDesk) Look(ctx context.Context, token, language string) (capture.Story, error) {
	st, err := d.m.Look(ctx, token)
	if err != nil {
		return capture.Story{}, err
	}
	if language == "" {
		language = st.Language
	}
	from := d.org(ctx, st.Session.Tenant)
	s := capture.Story{Workflow: st.Workflow, Org: from.Name, Contact: from.Contact, Reference: cmp.Or(st.Session.ExternalRef, string(st.Session.ID)), Language: st.Language, Status: standing(journey.Word(st.Session.Status)),
		Current: st.Current, ExpiresAt: st.Session.ExpiresAt, RedirectURL: st.Session.RedirectURL, Sandbox: st.Session.Tenant.Env == kyc.Sandbox}
	for _, now := range st.Steps {
		step, err := d.step(ctx, token, language, now, &st)
		if err != nil {
			return capture.Story{}, err
		}
		s.Steps = append(s.Steps, step)
	}
	s.Begun = len(st.Consents) > 0
	for _, kind := range capture.StandardConsents(s.Steps) {
		if !agreed(st.Consents, kind) {
			s.Standard = append(s.Standard, kind)
		}
	}
	for _, c := range st.Corrections {
		s.Corrections = append(s.Corrections, capture.CorrectionItem{StepID: c.StepID, Code: c.Code, Message: c.Message, Fields: c.FieldIDs, Slots: c.DocumentTypes})
	}
	return s, nil
}

// agreed reports whether the present version of a consent was given; the last
// word counts.
func agreed(list []kyc.Consented, kind string) bool {
	given := false
	for _, c := range list {
		if c.Kind == kind && c.Version == capture.StandardVersion {
			given = c.Given
		}
	}
	return given
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

func (d onboardingDesk) party(c journey.Child) capture.Party {
	p := capture.Party{ID: string(c.Session.ID), Name: c.Journey.Private.Name, Email: c.Journey.Private.Email, State: c.State()}
	if c.Session.Status == kyc.SessionCreated {
		p.State = "pending" // nobody has opened it
	}
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
	sum := sha256.Sum256(f.Bytes)
	a := journey.Announcement{StepID: step, FileName: f.Name, Size: int64(len(f.Bytes)), SHA256: hex.EncodeToString(sum[:])}
	if id, ok := strings.CutPrefix(slot, fieldSlot); ok {
		a.FieldID = id
	} else {
		a.DocumentType, a.Side, _ = strings.Cut(slot, ".")
		if a.DocumentType == "id" && slices.Contains(idPapers(), f.Type) {
			a.DocumentType = f.Type
		}
	}
	t, err := d.m.Announce(ctx, token, a)
	if err != nil {
		return err
	}
	if _, err := d.m.Receive(ctx, token, t.ID, f.Bytes); err != nil {
		return err
	}
	_, err = d.m.Confirm(ctx, token, t.ID)
	return err
}

func (d onboardingDesk) Picture(ctx context.Context, token, step, file string) (capture.Picture, error) {
	u, b, err := d.m.Picture(ctx, token, step, kyc.ID(file))
	return capture.Picture{ContentType: u.ContentType, Bytes: b}, err
}

func (d onboardingDesk) Check(ctx context.Context, token, step string, answers map[string]any) error {
	return d.m.CheckAnswers(ctx, token, step, answers)
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
