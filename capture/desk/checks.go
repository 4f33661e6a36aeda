package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"bonafide/capture"
	"bonafide/checklist"
	"bonafide/field"
	"bonafide/intake"
	"bonafide/kyc"
)

// Intake is what the pages need of the sessions of surface B; *intake.Machine
// has it.
type Intake interface {
	Link(ctx context.Context, token string) (intake.State, error)
	Waiting(ctx context.Context, t kyc.Tenant, id kyc.ID) ([]kyc.Transfer, error)
	Taken(ctx context.Context, t kyc.Tenant, id kyc.ID) ([]kyc.Upload, error)
	Shown(ctx context.Context, t kyc.Tenant, by kyc.Actor, id, file kyc.ID) (contentType string, b []byte, err error)
	Consent(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, c kyc.Consented, address string) error
	Start(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64) (intake.State, error)
	Upload(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, n intake.NewUpload) (intake.Announced, error)
	Receive(ctx context.Context, token string, b []byte) (kyc.Transfer, error)
	Submit(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, stepID string, s intake.Submission) (intake.Submitted, error)
}

// Checks is the applicant's side of surface B. Files wait under the name of
// their place until the step is handed in, which is one attempt.
type Checks struct {
	noPeople
	Machine Intake
	Org     func(ctx context.Context, t kyc.Tenant) capture.Sender
	// Elsewhere reports whether a service of the tenant's films applicants in an
	// app of its own.
	Elsewhere func(ctx context.Context, t kyc.Tenant, token string) (elsewhere bool, app string, err error)
}

var (
	_ capture.Desk     = Checks{}
	_ capture.Pictures = Checks{}
)

// frames is how many pictures a film may have on this surface.
const frames = 8

// signatureStep is the page before a consent that must be signed.
const signatureStep = checklist.Consent + ".signature"

// enter finds the session of a link and begins it.
func (d Checks) enter(ctx context.Context, token string) (intake.State, error) {
	st, err := d.Machine.Link(ctx, token)
	if err != nil {
		return st, err
	}
	if st.Status == "VOIDED" {
		return st, kyc.Errorf(kyc.Gone, "session_expired", "the time of this session is over")
	}
	if st.Session.Status != kyc.SessionCreated {
		return st, nil
	}
	return d.Machine.Start(ctx, st.Session.Tenant, intake.Applicant(&st.Session), st.Session.ID, 0)
}

// Look tells the session.
func (d Checks) Look(ctx context.Context, token, _ string) (capture.Story, error) {
	st, err := d.Machine.Link(ctx, token)
	if err != nil {
		return capture.Story{}, err
	}
	if st.Status == "VOIDED" {
		return capture.Story{}, kyc.Errorf(kyc.Gone, "session_expired", "the time of this session is over")
	}
	s := &st.Session
	from := d.Org(ctx, s.Tenant)
	story := capture.Story{Org: from.Name, Contact: from.Contact, Reference: cmp.Or(s.ExternalRef, string(s.ID)), Workflow: st.Def.Name, Status: checksStanding(st.Status), ExpiresAt: s.ExpiresAt, RedirectURL: s.RedirectURL,
		Sandbox: s.Tenant.Env == kyc.Sandbox, Begun: s.Status != kyc.SessionCreated}
	files, err := d.files(ctx, &st)
	if err != nil {
		return story, err
	}
	for i := range st.Steps {
		story.Steps = append(story.Steps, checksSteps(&st, i, files)...)
	}
	if i := slices.IndexFunc(story.Steps, func(x capture.Step) bool { return x.Kind == capture.Liveness }); i >= 0 {
		if story.Steps[i].Elsewhere, story.Steps[i].App, err = d.Elsewhere(ctx, s.Tenant, token); err != nil {
			return story, err
		}
	}
	if story.Status == capture.Open {
		story.Standard = slices.DeleteFunc(capture.StandardConsents(story.Steps), func(kind string) bool {
			return slices.ContainsFunc(st.Journey.Consents, func(c kyc.Consented) bool {
				return c.Kind == kind && c.Given && c.Version == capture.StandardVersion
			})
		})
	}
	story.Current = len(story.Steps)
	for i, step := range story.Steps {
		if step.Progress == capture.Todo || step.Progress == capture.Begun {
			story.Current = i
			break
		}
	}
	return story, nil
}

func checksStanding(status string) capture.Status {
	switch status {
	case "PENDING":
		return capture.Open
	case "SUBMITTED":
		return capture.Working
	case "VERIFIED", "REJECTED":
		return capture.Finished
	}
	return capture.Ended
}

// kindOf is the kind of document that a waiting file was said to show.
func kindOf(t *kyc.Transfer) (slot, kind string) {
	slot, rest, _ := strings.Cut(t.FileName, "--")
	kind, _, _ = strings.Cut(rest, ".")
	return slot, kind
}

// newest finds the file that waits for a place.
func newest(waiting []kyc.Transfer, slot string) *kyc.Transfer {
	var out *kyc.Transfer
	for i := range waiting {
		if name, _ := kindOf(&waiting[i]); name == slot && (out == nil || out.ReceivedAt.Before(waiting[i].ReceivedAt)) {
			out = &waiting[i]
		}
	}
	return out
}

// files are those of a session: that wait, and that were handed in.
func (d Checks) files(ctx context.Context, st *intake.State) (out checksFiles, err error) {
	if out.waiting, err = d.Machine.Waiting(ctx, st.Session.Tenant, st.Session.ID); err != nil {
		return out, err
	}
	out.taken, err = d.Machine.Taken(ctx, st.Session.Tenant, st.Session.ID)
	return out, err
}

// Picture gives a file of a step, until everything was handed in.
func (d Checks) Picture(ctx context.Context, token, step, file string) (capture.Picture, error) {
	st, err := d.enter(ctx, token)
	if err != nil {
		return capture.Picture{}, err
	}
	files, err := d.files(ctx, &st)
	if err != nil {
		return capture.Picture{}, err
	}
	for i := range st.Steps {
		for _, page := range checksSteps(&st, i, files) {
			for _, slot := range page.Slots {
				if page.ID == step && slices.ContainsFunc(slot.Files, func(t capture.Taken) bool { return t.ID == file }) {
					kind, b, err := d.Machine.Shown(ctx, st.Session.Tenant, intake.Applicant(&st.Session), st.Session.ID, kyc.ID(file))
					return capture.Picture{ContentType: kind, Bytes: b}, err
				}
			}
		}
	}
	return capture.Picture{}, kyc.Errorf(kyc.NotFound, "document_not_found", "there is no such document in this step")
}

// Consent records a text of ours that is agreed to before the steps; a text of
// the customer's is a step.
func (d Checks) Consent(ctx context.Context, token string, c capture.Consent) error {
	st, err := d.enter(ctx, token)
	if err != nil {
		return err
	}
	return d.Machine.Consent(ctx, st.Session.Tenant, intake.Applicant(&st.Session), st.Session.ID,
		kyc.Consented{Kind: c.Kind, Version: c.Version, TextHash: kyc.TextHash(c.Text), Given: c.Given}, capture.Address(ctx))
}

// Take keeps a file for a place of the current step.
func (d Checks) Take(ctx context.Context, token, step, slot string, f capture.File) error {
	st, err := d.enter(ctx, token)
	if err != nil {
		return err
	}
	if err := d.waits(&st, step); err != nil {
		return err
	}
	name := slot + "--" + f.Type + ".file"
	a, err := d.Machine.Upload(ctx, st.Session.Tenant, intake.Applicant(&st.Session), st.Session.ID, intake.NewUpload{Name: name, ContentType: "application/octet-stream"})
	if err != nil {
		return err
	}
	_, err = d.Machine.Receive(ctx, a.Token, f.Bytes)
	return err
}

// waits refuses a step that is not the current one.
func (d Checks) waits(st *intake.State, step string) error {
	name, _, _ := strings.Cut(step, ".")
	if st.Current < 0 || st.Steps[st.Current].ID != name {
		return kyc.Errorf(kyc.Conflict, "not_current_step", "this step does not wait for anything")
	}
	return nil
}

// submit hands a step in as the applicant; their address is kept with a consent.
func (d Checks) submit(ctx context.Context, st *intake.State, step string, body map[string]any) (intake.Submitted, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return intake.Submitted{}, kyc.Errorf(kyc.Internal, "submission_unwritable", "writing a submission: %w", err)
	}
	return d.Machine.Submit(ctx, st.Session.Tenant, intake.Applicant(&st.Session), st.Session.ID, step, intake.Submission{Body: raw, Address: capture.Address(ctx)})
}

// Fill hands in a form.
func (d Checks) Fill(ctx context.Context, token, step string, answers map[string]any) error {
	st, err := d.enter(ctx, token)
	if err != nil {
		return err
	}
	if err := d.waits(&st, step); err != nil {
		return err
	}
	fields := checksFields(step)
	r := field.Validate(ctx, fields, answers, field.Env{Now: st.Session.UpdatedAt, Region: st.Session.Country})
	if len(r.Problems) > 0 {
		return kyc.InvalidInput("field_validation_failed", "some answers have to be looked at again", r.Problems)
	}
	body := r.Values
	switch step {
	case checklist.Consent:
		if body["accepted"] != true {
			body["accepted"] = false
			delete(body, "legal_name")
		}
		waiting, err := d.Machine.Waiting(ctx, st.Session.Tenant, st.Session.ID)
		if err != nil {
			return err
		}
		if t := newest(waiting, "signature"); t != nil {
			body["signature_upload"] = string(t.ID)
		}
	case checklist.AdverseMedia:
		body["action"] = "start"
		if _, err := d.submit(ctx, &st, step, body); err != nil {
			return inForm(err)
		}
		body = map[string]any{"action": "complete"}
	}
	return d.judged(d.submit(ctx, &st, step, body))
}

// inForm moves the problems of a submission to the fields of the page.
func inForm(err error) error {
	e := kyc.AsError(err)
	if len(e.Problems) == 0 {
		return err
	}
	moved := *e
	moved.Problems = slices.Clone(e.Problems)
	for i := range moved.Problems {
		moved.Problems[i].Path = "/form_data" + moved.Problems[i].Path
	}
	return &moved
}

// judged says what a step that was handed in came to. What a check found is for
// reviewers; the applicant hears whether to try again.
func (d Checks) judged(got intake.Submitted, err error) error {
	if err != nil {
		return inForm(err)
	}
	if got.Step.Status == "IN_PROGRESS" && got.Step.FailureReason != "" {
		return kyc.Errorf(kyc.Conflict, "attempt_failed", "this could not be confirmed; please try again")
	}
	return nil
}

// Done hands in the files of a step.
func (d Checks) Done(ctx context.Context, token, step string) error {
	st, err := d.enter(ctx, token)
	if err != nil {
		return err
	}
	if err := d.waits(&st, step); err != nil {
		return err
	}
	waiting, err := d.Machine.Waiting(ctx, st.Session.Tenant, st.Session.ID)
	if err != nil {
		return err
	}
	page := checksSteps(&st, st.Current, checksFiles{waiting: waiting})
	i := slices.IndexFunc(page, func(x capture.Step) bool { return x.ID == step })
	if i < 0 {
		return kyc.Errorf(kyc.NotFound, "step_not_found", "there is no such step")
	}
	uploads, body, lacks := map[string]any{}, map[string]any{}, []kyc.Problem(nil)
	for _, slot := range page[i].Slots {
		t := newest(waiting, slot.Name)
		if t == nil {
			if slot.Required {
				lacks = append(lacks, kyc.Problem{Path: "/slots/" + slot.Name, Code: "document_missing", Message: slot.Title})
			}
			continue
		}
		uploads[slot.Name] = string(t.ID)
		if member, ok := typeMembers()[slot.Name]; ok {
			_, body[member] = kindOf(t)
		}
	}
	if len(lacks) > 0 {
		return kyc.InvalidInput("documents_missing", "something is still missing", lacks)
	}
	if step == signatureStep {
		return nil // it goes with the consent
	}
	body["uploads"] = uploads
	return d.judged(d.submit(ctx, &st, step, body))
}

// typeMembers are the members of a submission that say what a front shows.
func typeMembers() map[string]string {
	return map[string]string{"id_front": "document_type", "secondary_id_front": "secondary_document_type", "tertiary_id_front": "tertiary_document_type"}
}

// Skip is for surfaces with optional steps.
func (Checks) Skip(context.Context, string, string) error {
	return kyc.Errorf(kyc.Conflict, "step_required", "this step cannot be left out")
}

// Open begins a film.
func (d Checks) Open(ctx context.Context, token, step string) (capture.Try, error) {
	st, err := d.enter(ctx, token)
	if err != nil {
		return capture.Try{}, err
	}
	got, err := d.submit(ctx, &st, step, map[string]any{"action": "start"})
	if err != nil {
		return capture.Try{}, err
	}
	try := got.Liveness.Try
	return capture.Try{ID: string(try.ID), Provider: try.Provider, Region: try.Region, Nonce: try.Nonce, Actions: try.Actions, Colours: try.Colors,
		Expires: try.ExpiresAt, MaxFrames: frames, Left: got.Step.AttemptsRemaining}, nil
}

// Frames keeps the pictures of a film, all of it at once.
func (d Checks) Frames(ctx context.Context, token, _, _ string, film []capture.Frame) error {
	st, err := d.enter(ctx, token)
	if err != nil {
		return err
	}
	got, err := d.submit(ctx, &st, checklist.FaceLiveness, map[string]any{"action": "upload-url", "frame_count": len(film)})
	if err != nil {
		return err
	}
	for i, a := range got.Liveness.Frames {
		if _, err := d.Machine.Receive(ctx, a.Token, film[i].Bytes); err != nil {
			return err
		}
	}
	return nil
}

// Judge has the film judged; this is an attempt.
func (d Checks) Judge(ctx context.Context, token, step, _ string) (capture.Verdict, error) {
	st, err := d.enter(ctx, token)
	if err != nil {
		return capture.Verdict{}, err
	}
	got, err := d.submit(ctx, &st, step, map[string]any{"action": "complete"})
	if err != nil {
		return capture.Verdict{}, err
	}
	return capture.Verdict{Passed: got.Step.Status == "COMPLETED", Reason: got.Step.FailureReason, Left: got.Step.AttemptsRemaining}, nil
}
