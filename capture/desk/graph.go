package desk

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"bonafide/capture"
	"bonafide/field"
	"bonafide/flow"
	"bonafide/kyc"
	"bonafide/session"
)

// Sessions is what the pages need of the sessions of surface D; *session.Sessions
// has it.
type Sessions interface {
	LookLink(ctx context.Context, token string) (kyc.Session, error)
	OpenLink(ctx context.Context, token string) (kyc.Session, error)
	Plan(ctx context.Context, s *kyc.Session) ([]flow.Requirement, error)
	Files(ctx context.Context, s *kyc.Session) ([]kyc.Upload, error)
	File(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) (kyc.Upload, []byte, error)
	Upload(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, n session.NewUpload) (kyc.Upload, error)
	Patch(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, p session.Patch) (kyc.Session, error)
	ReadFront(ctx context.Context, s *kyc.Session) error
	Reading(ctx context.Context, s *kyc.Session, files []kyc.Upload) ([]kyc.Field, error)
	LeaveOut(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, parts ...string) (kyc.Session, error)
	Submit(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, fields map[string]any) (kyc.Session, kyc.Run, error)
}

// Graph is the applicant's side of surface D, whose links serve once: who opened
// one holds a proof, and hands it on to another device of the applicant by a
// code that lives for minutes.
type Graph struct {
	noFilms
	noPeople
	Sessions Sessions
	// Key makes proofs and codes; nodes that share links share it.
	Key []byte
	// Now is the real time, by which proofs and codes end.
	Now   func() time.Time
	Org   func(ctx context.Context, t kyc.Tenant) capture.Sender
	Clock func(t kyc.Tenant) time.Time
	Log   *slog.Logger
	// Readings are the documents that are read for forms.
	Readings *Readings
}

var (
	_ capture.Desk     = Graph{}
	_ capture.Sealed   = Graph{}
	_ capture.Pictures = Graph{}
)

// Purposes and lives of what a device may hold. A proof ends with its link
// anyway: a new link has another hash.
const (
	proofPurpose = "proof"
	codePurpose  = "code"
	proofLife    = 30 * 24 * time.Hour
	codeLife     = 10 * time.Minute
	// stampBytes of a MAC stand in a proof or code: 128 bits, short enough for a
	// QR code that a cheap phone reads.
	stampBytes = 16
)

// stamp makes a proof or a code for the link of a session.
func (d Graph) stamp(purpose string, s *kyc.Session, until int64) string {
	m := hmac.New(sha256.New, d.Key)
	fmt.Fprintf(m, "%s\x00%s\x00%s\x00%d", purpose, s.ID, s.TokenHash, until)
	raw := binary.BigEndian.AppendUint64(nil, uint64(until)) //nolint:gosec // a time after 1970
	return base64.RawURLEncoding.EncodeToString(m.Sum(raw)[:8+stampBytes])
}

// stamped says whether text is a stamp of this session's link that still
// counts.
func (d Graph) stamped(purpose string, s *kyc.Session, text string) bool {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) != 8+stampBytes {
		return false
	}
	until := int64(binary.BigEndian.Uint64(raw)) //nolint:gosec // compared below
	return d.Now().Unix() < until && hmac.Equal([]byte(text), []byte(d.stamp(purpose, s, until)))
}

// The steps that a plan is divided into.
const (
	papersStep   = "documents"
	selfieStep   = "selfie"
	livenessStep = "liveness"
	formStep     = "details"
	chipStep     = "chip"
)

// look finds the session of a link that was opened by the holder of the proof
// in ctx.
func (d Graph) look(ctx context.Context, token string) (kyc.Session, error) {
	s, err := d.Sessions.LookLink(ctx, token)
	if err != nil {
		return s, err
	}
	if s.TokenUsedAt.IsZero() || !d.proves(ctx, &s) {
		return s, kyc.Errorf(kyc.Forbidden, "link_not_opened", "open the link first")
	}
	return s, nil
}

// proves says whether the request holds a proof of this very link: one of an
// earlier link ended with it.
func (d Graph) proves(ctx context.Context, s *kyc.Session) bool {
	return d.stamped(proofPurpose, s, capture.Proof(ctx))
}

func applicant(s *kyc.Session) kyc.Actor {
	return kyc.Actor{Kind: kyc.ActorApplicant, ID: string(s.SubjectID)}
}

// Unlock uses the link up and answers the proof that this device did.
func (d Graph) Unlock(ctx context.Context, token string) (string, error) {
	s, err := d.Sessions.LookLink(ctx, token)
	if err != nil {
		return "", err
	}
	if !s.TokenUsedAt.IsZero() && d.proves(ctx, &s) {
		return capture.Proof(ctx), nil // pressed twice
	}
	if s, err = d.Sessions.OpenLink(ctx, token); err != nil {
		return "", err
	}
	return d.stamp(proofPurpose, &s, d.Now().Add(proofLife).Unix()), nil
}

// Handoff makes the code for another device; without an opened link it is
// empty, and the link itself is what the other device opens.
func (d Graph) Handoff(ctx context.Context, token string) (string, error) {
	s, err := d.Sessions.LookLink(ctx, token)
	if err != nil || s.TokenUsedAt.IsZero() {
		return "", err
	}
	if !d.proves(ctx, &s) {
		return "", kyc.Errorf(kyc.NotFound, "link_invalid", "this link was opened on another device")
	}
	return d.stamp(codePurpose, &s, d.Now().Add(codeLife).Unix()), nil
}

// Join answers the proof for a device that brings a code.
func (d Graph) Join(ctx context.Context, token, code string) (string, error) {
	s, err := d.Sessions.LookLink(ctx, token)
	if err != nil {
		return "", err
	}
	if !d.stamped(codePurpose, &s, code) {
		return "", kyc.Errorf(kyc.NotFound, "link_invalid", "this code is not valid any more")
	}
	return d.stamp(proofPurpose, &s, d.Now().Add(proofLife).Unix()), nil
}

// Look tells the session. Without a proof it tells only what an unopened link
// leads to; an opened one without a proof is 404.
func (d Graph) Look(ctx context.Context, token, _ string) (capture.Story, error) {
	s, err := d.Sessions.LookLink(ctx, token)
	if err != nil {
		return capture.Story{}, err
	}
	mine := d.proves(ctx, &s)
	if !s.TokenUsedAt.IsZero() && !mine {
		return capture.Story{}, kyc.Errorf(kyc.NotFound, "link_invalid", "this link was opened on another device; ask for a new one")
	}
	plan, err := d.Sessions.Plan(ctx, &s)
	if err != nil {
		return capture.Story{}, err
	}
	var files []kyc.Upload
	if mine {
		if files, err = d.Sessions.Files(ctx, &s); err != nil {
			return capture.Story{}, err
		}
	}
	from := d.Org(ctx, s.Tenant)
	story := capture.Story{Org: from.Name, Contact: from.Contact, Reference: cmp.Or(s.ExternalRef, string(s.ID)), Workflow: "key:graph.workflow", Status: standing(s.Status), ExpiresAt: s.ExpiresAt, RedirectURL: s.RedirectURL,
		Sandbox: s.Tenant.Env == kyc.Sandbox, Locked: s.TokenUsedAt.IsZero(), Begun: mine}
	p := portion{session: &s, files: files, mine: mine}
	story.Steps = p.steps(plan)
	if err := d.prefill(ctx, &s, files, story.Steps); err != nil {
		return story, err
	}
	if mine {
		story.Consents = p.consents(plan)
		given, _ := s.Private.Fields["consents"].(map[string]any)
		story.Standard = slices.DeleteFunc(capture.StandardConsents(story.Steps), func(kind string) bool {
			c, ok := given[kind].(map[string]any)
			return ok && c["version"] == capture.StandardVersion
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

// standing says how a session stands to its applicant.
func standing(s kyc.SessionStatus) capture.Status {
	switch s {
	case kyc.SessionCreated, kyc.SessionCapturing:
		return capture.Open
	case kyc.SessionCorrection:
		return capture.Correction
	case kyc.SessionApproved, kyc.SessionRejected:
		return capture.Finished
	case kyc.SessionExpired, kyc.SessionCancelled:
		return capture.Ended
	}
	return capture.Working
}

// Consent records what was agreed to, beside what the form holds.
func (d Graph) Consent(ctx context.Context, token string, c capture.Consent) error {
	s, err := d.look(ctx, token)
	if err != nil {
		return err
	}
	all := map[string]any{}
	if have, ok := s.Private.Fields["consents"].(map[string]any); ok {
		for name, given := range have {
			all[name] = given
		}
	}
	all[c.Kind] = c.Given
	if c.Version == capture.StandardVersion { // a text of ours: which one stands beside it
		sum := sha256.Sum256([]byte(c.Text))
		all[c.Kind] = map[string]any{"given": c.Given, "version": c.Version, "text_sha256": hex.EncodeToString(sum[:]), "at": d.Now().UTC().Format(time.RFC3339)}
	}
	_, err = d.Sessions.Patch(ctx, s.Tenant, applicant(&s), s.ID, s.Rev, session.Patch{Fields: map[string]any{"consents": all}})
	return err
}

// Take takes a file for the requirement that the slot is named for.
func (d Graph) Take(ctx context.Context, token, _, slot string, f capture.File) error {
	s, err := d.look(ctx, token)
	if err != nil {
		return err
	}
	kind := f.Type
	if kind != "" && !slices.Contains(session.DocumentTypes(), kind) {
		kind = ""
	}
	if _, err = d.Sessions.Upload(ctx, s.Tenant, applicant(&s), s.ID, session.NewUpload{Kind: slot, DocumentType: kind, Bytes: f.Bytes}); err != nil || slot != "document_front" {
		return err
	}
	d.propose(ctx, &s)
	return nil
}

// Picture gives a file in force that the applicant sent, until the session is
// submitted. The look is recorded.
func (d Graph) Picture(ctx context.Context, token, step, file string) (capture.Picture, error) {
	s, err := d.look(ctx, token)
	if err != nil {
		return capture.Picture{}, err
	}
	if standing(s.Status) != capture.Open {
		return capture.Picture{}, kyc.Errorf(kyc.Conflict, "session_closed", "everything was sent")
	}
	plan, err := d.Sessions.Plan(ctx, &s)
	if err != nil {
		return capture.Picture{}, err
	}
	files, err := d.Sessions.Files(ctx, &s)
	if err != nil {
		return capture.Picture{}, err
	}
	for _, now := range (portion{session: &s, files: files, mine: true}).steps(plan) {
		for _, slot := range now.Slots {
			if now.ID == step && slices.ContainsFunc(slot.Files, func(t capture.Taken) bool { return t.ID == file }) {
				u, b, err := d.Sessions.File(ctx, s.Tenant, applicant(&s), kyc.ID(file))
				return capture.Picture{ContentType: u.ContentType, Bytes: b}, err
			}
		}
	}
	return capture.Picture{}, kyc.Errorf(kyc.NotFound, "document_not_found", "there is no such document in this step")
}

// Fill takes the answers of the form and goes on.
func (d Graph) Fill(ctx context.Context, token, step string, answers map[string]any) error {
	s, err := d.look(ctx, token)
	if err != nil {
		return err
	}
	plan, err := d.Sessions.Plan(ctx, &s)
	if err != nil {
		return err
	}
	fields := formFields(plan)
	r := field.Validate(ctx, fields, answers, field.Env{Now: d.Clock(s.Tenant), Region: s.Country})
	if len(r.Problems) > 0 {
		return kyc.InvalidInput("field_validation_failed", "some answers have to be looked at again", r.Problems)
	}
	for _, f := range fields {
		if _, ok := r.Values[f.FieldID]; !ok {
			r.Values[f.FieldID] = nil // taken back
		}
	}
	if s, err = d.Sessions.Patch(ctx, s.Tenant, applicant(&s), s.ID, s.Rev, session.Patch{Fields: r.Values}); err != nil {
		return err
	}
	return d.on(ctx, &s, plan, step)
}

// Done ends a step whose required files have come.
func (d Graph) Done(ctx context.Context, token, step string) error {
	return d.leave(ctx, token, step, false)
}

// Skip leaves out what is optional.
func (d Graph) Skip(ctx context.Context, token, step string) error {
	return d.leave(ctx, token, step, true)
}

func (d Graph) leave(ctx context.Context, token, step string, skip bool) error {
	s, err := d.look(ctx, token)
	if err != nil {
		return err
	}
	plan, err := d.Sessions.Plan(ctx, &s)
	if err != nil {
		return err
	}
	files, err := d.Sessions.Files(ctx, &s)
	if err != nil {
		return err
	}
	p := portion{session: &s, files: files, mine: true}
	steps := p.steps(plan)
	i := slices.IndexFunc(steps, func(x capture.Step) bool { return x.ID == step })
	if i < 0 {
		return kyc.Errorf(kyc.NotFound, "step_not_found", "there is no such step")
	}
	if lacks := p.lacks(plan, step); len(lacks) > 0 {
		if skip {
			return kyc.Errorf(kyc.Conflict, "step_required", "this step cannot be left out")
		}
		return kyc.InvalidInput("documents_missing", "something is still missing", lacks)
	}
	return d.on(ctx, &s, plan, step)
}

// on notes that a step is over, and submits the session when it was the last.
func (d Graph) on(ctx context.Context, s *kyc.Session, plan []flow.Requirement, step string) error {
	now, err := d.Sessions.LeaveOut(ctx, s.Tenant, applicant(s), s.ID, step)
	if err != nil {
		return err
	}
	files, err := d.Sessions.Files(ctx, &now)
	if err != nil {
		return err
	}
	if step == papersStep { // the form comes next
		d.Readings.wait(ctx, s.ID, formWait)
	}
	p := portion{session: &now, files: files, mine: true}
	if slices.ContainsFunc(p.steps(plan), func(x capture.Step) bool { return x.Progress == capture.Todo || x.Progress == capture.Begun }) || len(p.consents(plan)) > 0 {
		return nil
	}
	_, _, err = d.Sessions.Submit(ctx, now.Tenant, applicant(&now), now.ID, 0, nil)
	return err
}

// short is the part of a requirement's name behind its group.
func short(name string) string {
	_, rest, ok := strings.Cut(name, ":")
	if !ok {
		return name
	}
	return rest
}
