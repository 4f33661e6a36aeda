package desk

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"bonafide/capture"
	"bonafide/entity"
	"bonafide/execution"
	"bonafide/field"
	"bonafide/kyc"
	"bonafide/procedure"
)

// Hosting is what the pages need of the hosted links of surface C;
// *execution.Machine has it.
type Hosting interface {
	HostedLink(ctx context.Context, token string) (execution.HostedState, error)
	NoteHosted(ctx context.Context, token string, n execution.HostedNote) (execution.HostedState, error)
	SubmitHosted(ctx context.Context, token string) (kyc.Execution, error)
}

// People is what the pages need of the individuals of surface C;
// *entity.Machine has it.
type People interface {
	AddDocument(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, n entity.NewDocument) (kyc.EntityDocument, error)
	PatchDocument(ctx context.Context, t kyc.Tenant, by kyc.Actor, id, document kyc.ID, rev int64, patch entity.DocumentPatch) (kyc.EntityDocument, error)
	DeleteDocument(ctx context.Context, t kyc.Tenant, by kyc.Actor, id, document kyc.ID, rev int64) error
	DeleteAttachment(ctx context.Context, t kyc.Tenant, by kyc.Actor, id, document, attachment kyc.ID, rev int64) (kyc.EntityDocument, error)
	AttachmentBytes(ctx context.Context, t kyc.Tenant, by kyc.Actor, id, document, attachment kyc.ID) (kyc.EntityAttachment, []byte, error)
	Patch(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, p entity.Patch) (kyc.Individual, error)
}

// Entities is the applicant's side of surface C: what is taken becomes part of
// the individual by the calls of the API, and the end executes the workflow.
type Entities struct {
	noFilms
	noPeople
	Hosting Hosting
	People  People
	Org     func(ctx context.Context, t kyc.Tenant) capture.Sender
	// Countries are the codes (ISO 3166-1 alpha-2) of the countries a document
	// may come from.
	Countries []string
}

var (
	_ capture.Desk     = Entities{}
	_ capture.Pictures = Entities{}
)

// Slots of the pages of surface C.
const (
	slotFront  = "document.front"
	slotBack   = "document.back"
	slotSelfie = "selfie"
)

// filesOfLink bounds what one link can bring. A picture that another replaced is
// kept, so without an end whoever holds a link could fill the store.
const filesOfLink = 100

// Look tells the session.
func (d Entities) Look(ctx context.Context, token, _ string) (capture.Story, error) {
	st, err := d.Hosting.HostedLink(ctx, token)
	if err != nil {
		return capture.Story{}, err
	}
	return d.story(ctx, &st), nil
}

func (d Entities) story(ctx context.Context, st *execution.HostedState) capture.Story {
	s := &st.Session
	from := d.Org(ctx, s.Tenant)
	out := capture.Story{Org: from.Name, Contact: from.Contact, Reference: cmp.Or(s.ExternalRef, string(s.ID)), Workflow: st.Workflow.Name, Status: entitiesStanding(s.Status), ExpiresAt: s.ExpiresAt, RedirectURL: s.RedirectURL,
		Sandbox: s.Tenant.Env == kyc.Sandbox, Begun: s.Status != kyc.SessionCreated, Steps: d.steps(st)}
	if out.Status == capture.Open {
		out.Standard = slices.DeleteFunc(capture.StandardConsents(out.Steps), func(kind string) bool { return st.Agreed(kind, capture.StandardVersion) })
	}
	out.Current = waitsAt(out.Steps)
	return out
}

// waitsAt is the place of the first step that waits; the length of the list
// when none does.
func waitsAt(steps []capture.Step) int {
	i := slices.IndexFunc(steps, func(s capture.Step) bool { return s.Progress == capture.Todo || s.Progress == capture.Begun })
	if i < 0 {
		return len(steps)
	}
	return i
}

// entitiesStanding says how a session stands to its applicant; an execution
// that a person looks at, or that failed, is being worked on.
func entitiesStanding(s kyc.SessionStatus) capture.Status {
	if s == kyc.SessionFailed {
		return capture.Finished
	}
	return standing(s)
}

// enter finds the session of a link that still takes data.
func (d Entities) enter(ctx context.Context, token string) (execution.HostedState, error) {
	st, err := d.Hosting.HostedLink(ctx, token)
	if err == nil && !st.Session.Status.Open() {
		err = kyc.Errorf(kyc.Conflict, "session_closed", "this session takes no more data")
	}
	return st, err
}

// Consent records a text of ours that is agreed to; with nothing else to do the
// workflow begins.
func (d Entities) Consent(ctx context.Context, token string, c capture.Consent) error {
	if _, err := d.enter(ctx, token); err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(c.Text))
	st, err := d.Hosting.NoteHosted(ctx, token, execution.HostedNote{Consent: &execution.HostedConsent{Kind: c.Kind, Version: c.Version,
		TextHash: hex.EncodeToString(sum[:]), Given: c.Given, Address: capture.Address(ctx)}})
	if err != nil {
		return err
	}
	if c.Given && c.Kind == capture.ConsentProcessing { // the individual's own consents say it, too (api.md 5.10)
		if _, err := d.People.Patch(ctx, st.Session.Tenant, execution.Applicant(&st.Session), st.Session.SubjectID, 0,
			entity.Patch{Set: kyc.IndividualData{Consents: []kyc.EntityConsent{{Type: "GENERAL"}}}}); err != nil {
			return err
		}
	}
	return d.maybeSubmit(ctx, token)
}

// maybeSubmit executes the workflow when nothing waits any more.
func (d Entities) maybeSubmit(ctx context.Context, token string) error {
	st, err := d.enter(ctx, token)
	if err != nil {
		return err
	}
	story := d.story(ctx, &st)
	if len(story.Standard) > 0 || story.Current < len(story.Steps) {
		return nil
	}
	_, err = d.Hosting.SubmitHosted(ctx, token)
	return err
}

// Take keeps a picture as a document of the individual.
func (d Entities) Take(ctx context.Context, token, step, slot string, f capture.File) error {
	st, err := d.enter(ctx, token)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(d.steps(&st), func(s capture.Step) bool {
		return s.ID == step && slices.ContainsFunc(s.Slots, func(x capture.Slot) bool { return x.Name == slot })
	}) {
		return kyc.Errorf(kyc.NotFound, "file_not_asked", "the step asks for no such file")
	}
	if st.Files >= filesOfLink {
		return kyc.Errorf(kyc.Conflict, "too_many_files", "a link takes at most %d files", filesOfLink)
	}
	if st, err = d.Hosting.NoteHosted(ctx, token, execution.HostedNote{Files: 1}); err != nil {
		return err
	}
	switch slot {
	case slotSelfie:
		return d.selfie(ctx, token, &st, f)
	case slotBack:
		return d.back(ctx, &st, f)
	}
	return d.front(ctx, token, &st, f)
}

// front makes the document, or replaces its front: another kind or country is
// another document.
func (d Entities) front(ctx context.Context, token string, st *execution.HostedState, f capture.File) error {
	kind := execution.OfferedPapers()[f.Type]
	if kind == "" || f.Country == "" {
		return kyc.Errorf(kyc.Invalid, "document_type_needed", "say first which document it is and where it comes from")
	}
	picture := entity.NewAttachment{Data: f.Bytes, Name: f.Name, Side: "FRONT"}
	have := st.Paper(procedure.WantDocument)
	if have != nil && have.Type == kind && have.Country == f.Country {
		return d.replace(ctx, st, have, picture)
	}
	made, err := d.add(ctx, st, entity.NewDocument{Type: kind, Country: f.Country, Attachments: []entity.NewAttachment{picture}})
	if err != nil {
		return err
	}
	if _, err := d.Hosting.NoteHosted(ctx, token, execution.HostedNote{Papers: map[string]kyc.ID{procedure.WantDocument: made.ID}}); err != nil || have == nil {
		return err
	}
	return d.People.DeleteDocument(ctx, st.Session.Tenant, execution.Applicant(&st.Session), st.Session.SubjectID, have.ID, 0)
}

func (d Entities) back(ctx context.Context, st *execution.HostedState, f capture.File) error {
	have := st.Paper(procedure.WantDocument)
	if have == nil {
		return kyc.Errorf(kyc.Conflict, "step_out_of_order", "take the front first")
	}
	if have.Type == "PASSPORT" {
		return kyc.Errorf(kyc.NotFound, "file_not_asked", "a passport has no back")
	}
	return d.replace(ctx, st, have, entity.NewAttachment{Data: f.Bytes, Name: f.Name, Side: "BACK"})
}

// selfie keeps a picture of the person. It is said to come from where the
// document does, because each document of surface C comes from a country.
func (d Entities) selfie(ctx context.Context, token string, st *execution.HostedState, f capture.File) error {
	picture := entity.NewAttachment{Data: f.Bytes, Name: f.Name}
	if have := st.Paper(procedure.WantSelfie); have != nil {
		return d.replace(ctx, st, have, picture)
	}
	country := ""
	for i := range st.Documents {
		if paper := &st.Documents[i]; country == "" || paper.ID == st.Papers[procedure.WantDocument] {
			country = paper.Country
		}
	}
	if country == "" {
		return kyc.Errorf(kyc.Conflict, "step_out_of_order", "the document comes first")
	}
	made, err := d.add(ctx, st, entity.NewDocument{Type: "SELF_IMAGE", Country: country, Attachments: []entity.NewAttachment{picture}})
	if err != nil {
		return err
	}
	_, err = d.Hosting.NoteHosted(ctx, token, execution.HostedNote{Papers: map[string]kyc.ID{procedure.WantSelfie: made.ID}})
	return err
}

func (d Entities) add(ctx context.Context, st *execution.HostedState, n entity.NewDocument) (kyc.EntityDocument, error) {
	made, err := d.People.AddDocument(ctx, st.Session.Tenant, execution.Applicant(&st.Session), st.Session.SubjectID, n)
	return made, ofFile(err)
}

// replace adds a picture to a document and hides those of the same side.
func (d Entities) replace(ctx context.Context, st *execution.HostedState, have *kyc.EntityDocument, picture entity.NewAttachment) error {
	t, by, who := st.Session.Tenant, execution.Applicant(&st.Session), st.Session.SubjectID
	if _, err := d.People.PatchDocument(ctx, t, by, who, have.ID, 0, entity.DocumentPatch{Set: entity.NewDocument{Attachments: []entity.NewAttachment{picture}}}); err != nil {
		return ofFile(err)
	}
	for _, old := range have.Attachments {
		if !old.DeletedAt.IsZero() || old.Side != picture.Side {
			continue
		}
		if _, err := d.People.DeleteAttachment(ctx, t, by, who, have.ID, old.ID, 0); err != nil {
			return err
		}
	}
	return nil
}

// ofFile takes an error of a document's file as one of the file alone.
func ofFile(err error) error {
	if err == nil {
		return nil
	}
	e := kyc.AsError(err)
	for _, p := range e.Problems {
		if strings.HasSuffix(p.Path, "/data") {
			return kyc.Errorf(kyc.UnsupportedMedia, p.Code, "%s", p.Message)
		}
	}
	return err
}

// Picture shows a picture that the pages took.
func (d Entities) Picture(ctx context.Context, token, step, file string) (capture.Picture, error) {
	st, err := d.enter(ctx, token)
	if err != nil {
		return capture.Picture{}, err
	}
	want := map[string]string{papersStep: procedure.WantDocument, selfieStep: procedure.WantSelfie}[step]
	paper, id := st.Paper(want), kyc.ID(file)
	if paper == nil || !slices.ContainsFunc(paper.Attachments, func(a kyc.EntityAttachment) bool { return a.ID == id && a.DeletedAt.IsZero() }) {
		return capture.Picture{}, kyc.Errorf(kyc.NotFound, "document_not_found", "there is no such picture")
	}
	a, b, err := d.People.AttachmentBytes(ctx, st.Session.Tenant, execution.Applicant(&st.Session), st.Session.SubjectID, paper.ID, id)
	return capture.Picture{ContentType: a.ContentType, Bytes: b}, err
}

// Fill puts the answers of the form into the individual and goes on.
func (d Entities) Fill(ctx context.Context, token, step string, answers map[string]any) error {
	st, err := d.enter(ctx, token)
	if err != nil {
		return err
	}
	if step != formStep {
		return kyc.Errorf(kyc.NotFound, "step_not_found", "there is no such step")
	}
	r := field.Validate(ctx, wantFields(st.Wants), answers, field.Env{Now: st.Now, Region: st.Session.Country})
	if len(r.Problems) > 0 {
		return kyc.InvalidInput("field_validation_failed", "some answers have to be looked at again", r.Problems)
	}
	if set, any := saidOf(r.Values, &st.Individual.Private); any {
		if _, err := d.People.Patch(ctx, st.Session.Tenant, execution.Applicant(&st.Session), st.Session.SubjectID, 0, entity.Patch{Set: set}); err != nil {
			return inWantForm(err)
		}
	}
	return d.on(ctx, token, step)
}

// Done ends a step whose required pictures have come.
func (d Entities) Done(ctx context.Context, token, step string) error {
	return d.leave(ctx, token, step, false)
}

// Skip leaves out what is optional.
func (d Entities) Skip(ctx context.Context, token, step string) error {
	return d.leave(ctx, token, step, true)
}

func (d Entities) leave(ctx context.Context, token, step string, skip bool) error {
	st, err := d.enter(ctx, token)
	if err != nil {
		return err
	}
	steps := d.steps(&st)
	i := slices.IndexFunc(steps, func(x capture.Step) bool { return x.ID == step })
	if i < 0 {
		return kyc.Errorf(kyc.NotFound, "step_not_found", "there is no such step")
	}
	var lacks []kyc.Problem
	for _, slot := range steps[i].Slots {
		if slot.Required && len(slot.Files) == 0 {
			lacks = append(lacks, kyc.Problem{Path: "/slots/" + slot.Name, Code: "document_missing", Message: slot.Title})
		}
	}
	switch {
	case skip && (len(lacks) > 0 || steps[i].Required && steps[i].Kind == capture.Form):
		return kyc.Errorf(kyc.Conflict, "step_required", "this step cannot be left out")
	case len(lacks) > 0:
		return kyc.InvalidInput("documents_missing", "something is still missing", lacks)
	case !skip && steps[i].Kind == capture.Form:
		return kyc.Errorf(kyc.Conflict, "step_required", "this step has questions to answer")
	}
	return d.on(ctx, token, step)
}

// on notes that a step is over, and executes the workflow when it was the last.
func (d Entities) on(ctx context.Context, token, step string) error {
	if _, err := d.Hosting.NoteHosted(ctx, token, execution.HostedNote{Left: step}); err != nil {
		return err
	}
	return d.maybeSubmit(ctx, token)
}
