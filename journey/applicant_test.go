package journey

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"bonafide/kyc"
)

// whole is an onboarding with every step type.
const whole = `{"name":"Whole","slug":"whole","entity_types":["individual"],"steps":[
 {"step_id":"papers","order":1,"name":"Papers","type":"document_upload","document_requirements":[
  {"document_type":"id","auto_extract":true},
  {"document_type":"proof_of_address","required":false,"allow_multiple":true},
  {"document_type":"bank_letter","required":false,"post_upload_validations":["both_sides"]}]},
 {"step_id":"live","order":2,"name":"Live","type":"liveness","liveness_config":{"min_confidence":90,"max_retries":1}},
 {"step_id":"face","order":3,"name":"Face","type":"selfie","required":false},
 {"step_id":"info","order":4,"name":"You","type":"form_fill","custom_fields":[
  {"field_id":"full_name","name":"Name","type":"name","name_type":"individual","validate_lists":true,"required":true},
  {"field_id":"letter","name":"Letter","type":"file","max_files":1}]},
 {"step_id":"look","order":5,"name":"Look","type":"validation","validation_tasks":["run_sanction_check","cross_validate_documents"]}],
 "validation_config":{"automation_rules":{"default_action":"manual_review"}}}`

func (b *bench) walk(t *testing.T, definition string) (Created, string) {
	t.Helper()
	if _, err := b.CreateWorkflow(t.Context(), b.live, b.key, json.RawMessage(definition), false); err != nil {
		t.Fatal(err)
	}
	c, err := b.Create(t.Context(), b.live, b.key, NewSession{Workflow: "whole"})
	if err != nil {
		t.Fatal(err)
	}
	return c, c.Token
}

func announced(step, document, body string) Announcement {
	sum := sha256.Sum256([]byte(body))
	return Announcement{StepID: step, DocumentType: document, FileName: `C:\x\pass.png`, ContentType: "image/png", Size: int64(len(body)), SHA256: hex.EncodeToString(sum[:])}
}

// send uploads one file in three steps.
func (b *bench) send(t *testing.T, token string, a Announcement, body string) Paper {
	t.Helper()
	tr, err := b.Announce(t.Context(), token, a)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Receive(t.Context(), token, tr.ID, []byte(body)); err != nil {
		t.Fatal(err)
	}
	p, err := b.Confirm(t.Context(), token, tr.ID)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAnApplicantWalksEveryStep(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	c, token := b.walk(t, whole)
	st, err := b.Look(ctx, token)
	if err != nil || st.Current != 0 || len(st.Steps) != 5 || st.Done != 0 || st.Workflow != "Whole" {
		t.Fatalf("%+v %v", st, err)
	}
	_, err = b.CompleteStep(ctx, token, "info", map[string]any{"full_name": "Ada Lovelace"})
	wantCode(t, err, kyc.Conflict, "step_out_of_order")
	_, err = b.CompleteStep(ctx, token, "papers", nil)
	wantCode(t, err, kyc.Conflict, "documents_missing")
	_, err = b.SkipStep(ctx, token, "papers")
	wantCode(t, err, kyc.Conflict, "step_required")

	first := b.send(t, token, announced("papers", "passport", "PNG1"), "PNG1")
	if first.Upload.Kind != "document_front" || first.Upload.Asked != "id" || first.Upload.DocumentType != "passport" || first.FileName != "pass.png" {
		t.Errorf("%+v", first)
	}
	b.send(t, token, announced("papers", "id_document", "PNG2"), "PNG2")
	for _, body := range []string{"PNG3", "PNG4"} {
		b.send(t, token, announced("papers", "proof_of_address", body), body)
	}
	uploads, err := b.store.Uploads(ctx, b.live, c.Session.ID)
	if err != nil || len(uploads) != 4 || !uploads[0].Superseded || uploads[2].Superseded || uploads[3].Superseded {
		t.Errorf("one id stands and both proofs: %+v %v", uploads, err)
	}
	letter := announced("papers", "bank_letter", "PNG5")
	b.send(t, token, letter, "PNG5")
	_, err = b.CompleteStep(ctx, token, "papers", nil)
	wantCode(t, err, kyc.Conflict, "documents_missing") // its back
	letter.Side = "back"
	b.send(t, token, letter, "PNG5")
	if st, err = b.CompleteStep(ctx, token, "papers", nil); err != nil || st.Current != 1 || st.Done != 1 {
		t.Fatalf("%+v %v", st, err)
	}
	_, err = b.CompleteStep(ctx, token, "papers", nil)
	wantCode(t, err, kyc.Conflict, "step_already_completed")

	_, err = b.CompleteStep(ctx, token, "live", nil)
	wantCode(t, err, kyc.Conflict, "liveness_required")
	check, err := b.OpenLiveness(ctx, token, "")
	if err != nil || check.Remaining != 2 || check.Try.Challenge != "FaceMovementChallenge" {
		t.Fatalf("%+v %v", check, err)
	}
	sure := 97.3
	b.answers["liveness"] = kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass, Score: &sure}
	for range 2 { // asked again, it answers the same
		got, err := b.EvaluateLiveness(ctx, token, string(check.Try.ID))
		if err != nil || !got.Try.Passed || got.Try.Confidence != sure || got.Remaining != 1 {
			t.Fatalf("%+v %v", got, err)
		}
	}
	if _, err = b.CompleteStep(ctx, token, "live", nil); err != nil {
		t.Fatal(err)
	}
	if _, err = b.SkipStep(ctx, token, "face"); err != nil {
		t.Fatal(err)
	}
	_, err = b.CompleteStep(ctx, token, "info", map[string]any{"full_name": "", "shoe": 1})
	var e *kyc.Error
	if !errors.As(err, &e) || e.Code != "field_validation_failed" || len(e.Problems) < 2 {
		t.Errorf("%v", err)
	}
	if st, err = b.CompleteStep(ctx, token, "info", map[string]any{"full_name": "Ada Lovelace"}); err != nil {
		t.Fatal(err)
	}
	// The validation step ran by itself, and with it the session is complete.
	s := b.session(t, c.Session.ID)
	if st.Done != 5 || s.Status != kyc.SessionCaptured || s.Private.Fields["full_name"] != "Ada Lovelace" {
		t.Errorf("%+v %+v", st, s)
	}
	if fact, _ := s.Private.Established["liveness"].(map[string]any); fact["status"] != "passed" || fact["confidence"] != sure {
		t.Errorf("established %v", s.Private.Established)
	}
	var asked []string
	for _, r := range b.exams {
		asked = append(asked, r.Policy)
	}
	if all := strings.Join(asked, " "); !strings.Contains(all, "watchlist_screening") || !strings.Contains(all, "cross_validation") {
		t.Errorf("asked %v", asked)
	}
	_, err = b.CompleteStep(ctx, token, "info", nil)
	wantCode(t, err, kyc.Conflict, "session_closed")
	if st, err = b.Look(ctx, token); err != nil || st.Current != 5 {
		t.Errorf("the link still shows: %+v %v", st, err)
	}
	want := "session.created session.step_completed session.step_completed session.step_completed session.step_completed session.step_completed session.completed"
	if got := strings.Join(b.heard(c.Session.ID), " "); got != want {
		t.Errorf("told %s", got)
	}
}

func TestUploadsThatAreRefusedLeaveTheStepOpen(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	c, token := b.walk(t, whole)
	a := announced("papers", "id", "PNG1")
	for name, change := range map[string]struct {
		do   func(*Announcement)
		kind kyc.Kind
		code string
	}{
		"another document": {func(a *Announcement) { a.DocumentType = "tax_certificate" }, kyc.Invalid, "invalid_upload"},
		"no bytes":         {func(a *Announcement) { a.Size = 0 }, kyc.Invalid, "invalid_upload"},
		"too large":        {func(a *Announcement) { a.Size = MaxFile + 1 }, kyc.TooLarge, "file_too_large"},
		"no hash":          {func(a *Announcement) { a.SHA256 = "abc" }, kyc.Invalid, "invalid_upload"},
		"no step":          {func(a *Announcement) { a.StepID = "attic" }, kyc.NotFound, "step_not_found"},
	} {
		bad := a
		change.do(&bad)
		_, err := b.Announce(ctx, token, bad)
		t.Log(name)
		wantCode(t, err, change.kind, change.code)
	}
	tr, err := b.Announce(ctx, token, a)
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Confirm(ctx, token, tr.ID)
	wantCode(t, err, kyc.Conflict, "upload_incomplete")
	_, err = b.Receive(ctx, token, tr.ID, []byte("PN"))
	wantCode(t, err, kyc.Malformed, "size_mismatch")
	_, err = b.Receive(ctx, token, tr.ID, []byte("PNG9"))
	wantCode(t, err, kyc.Malformed, "hash_mismatch")
	for range 2 { // a repeated upload is one
		if _, err := b.Receive(ctx, token, tr.ID, []byte("PNG1")); err != nil {
			t.Fatal(err)
		}
	}
	b.answers["document_set"] = kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Fail, Details: map[string]any{"documents": []any{map[string]any{
		"doc_id": "x", "status": "invalid", "findings": []any{map[string]any{"code": "validation_not_expired", "severity": "critical", "message": "it has expired"}}}}}}
	_, err = b.Confirm(ctx, token, tr.ID)
	wantCode(t, err, kyc.Invalid, "post_upload_validation_failed")
	if st, err := b.Look(ctx, token); err != nil || len(st.Steps[0].Papers) != 0 || st.Steps[0].Status != kyc.StepInProgress {
		t.Errorf("%+v %v", st, err)
	}
	// What is bad about the picture is told with what to do about it; what
	// speaks of forgery is not.
	b.answers["document_set"] = kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass, Details: map[string]any{"documents": []any{map[string]any{
		"doc_id": "x", "status": "valid", "findings": []any{map[string]any{"code": "picture_blurred", "severity": "info", "message": "Hold the camera still."},
			map[string]any{"code": "editing_software", "severity": "warning", "message": "secret"}}}}}}
	var one kyc.ID
	for range 2 { // and a repeated confirmation is one document
		p, err := b.Confirm(ctx, token, tr.ID)
		if err == nil && (len(p.Warnings) != 1 || p.Warnings[0].Code != "picture_blurred" || p.Warnings[0].Message != "Hold the camera still.") {
			t.Errorf("warnings %+v", p.Warnings)
		}
		if err != nil || one != "" && p.Upload.ID != one {
			t.Fatalf("%+v %v", p, err)
		}
		one = p.Upload.ID
	}
	_, err = b.Receive(ctx, token, tr.ID, []byte("PNG1"))
	wantCode(t, err, kyc.Conflict, "upload_confirmed")
	wrong := announced("papers", "id", "EXE1")
	if tr, err = b.Announce(ctx, token, wrong); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Receive(ctx, token, tr.ID, []byte("EXE1")); err != nil {
		t.Fatal(err)
	}
	_, err = b.Confirm(ctx, token, tr.ID)
	wantCode(t, err, kyc.UnsupportedMedia, "unsupported_type")
	other, err := b.Create(ctx, b.live, b.key, NewSession{Workflow: "whole"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Confirm(ctx, other.Token, tr.ID)
	wantCode(t, err, kyc.NotFound, "upload_not_found")
	_, err = b.Look(ctx, "nobody")
	wantCode(t, err, kyc.NotFound, "session_not_found")
	// What never became a document is swept, with its bytes.
	*b.now = b.now.Add(2 * transferTime)
	if n, err := b.SweepTransfers(ctx); err != nil || n != 1 {
		t.Errorf("swept %d %v", n, err)
	}
	if _, err := b.store.Blob(ctx, b.live, c.Session.SubjectID, tr.BlobKey); err == nil {
		t.Error("its bytes are still there")
	}
	*b.now = b.now.AddDate(0, 0, 8)
	_, err = b.Look(ctx, token)
	wantCode(t, err, kyc.Gone, "session_expired")
}

func TestLivenessAttemptsRunOut(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	c, token := b.walk(t, whole)
	b.send(t, token, announced("papers", "id", "PNG1"), "PNG1")
	if _, err := b.CompleteStep(ctx, token, "papers", nil); err != nil {
		t.Fatal(err)
	}
	low := 12.0
	b.answers["liveness"] = kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Fail, Score: &low, Reasons: []kyc.Reason{{Code: "spoof"}}}
	for left := 1; left >= 0; left-- {
		try, err := b.OpenLiveness(ctx, token, "live")
		if err != nil {
			t.Fatal(err)
		}
		got, err := b.EvaluateLiveness(ctx, token, string(try.Try.ID))
		if err != nil || got.Try.Passed || got.Remaining != left || got.Try.Reason != "spoof" {
			t.Fatalf("%+v %v", got, err)
		}
	}
	_, err := b.OpenLiveness(ctx, token, "")
	wantCode(t, err, kyc.Conflict, "liveness_attempts_exhausted")
	st, err := b.Look(ctx, token)
	if err != nil || st.Steps[1].Status != kyc.StepFailed || st.Current != 2 {
		t.Errorf("%+v %v", st, err)
	}
	if fact, _ := b.session(t, c.Session.ID).Private.Established["liveness"].(map[string]any); fact["status"] != "failed" || fact["attempts"] != 2.0 {
		t.Errorf("established %v", fact)
	}
	// Without a provider no attempt can help, so the first one ends the step.
	d, err := b.Create(ctx, b.live, b.key, NewSession{Workflow: "whole"})
	if err != nil {
		t.Fatal(err)
	}
	b.answers["liveness"] = kyc.Failed(kyc.StatusNotConfigured, "liveness_not_configured", "none")
	try, err := b.OpenLiveness(ctx, d.Token, "live")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := b.EvaluateLiveness(ctx, d.Token, string(try.Try.ID)); err != nil || got.Step != kyc.StepFailed || got.Remaining != 0 {
		t.Errorf("%+v %v", got, err)
	}
}

func TestConsentIsRecordedByItsHash(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, token := b.walk(t, whole)
	_, err := b.Consent(t.Context(), token, NewConsent{Given: true})
	var e *kyc.Error
	if !errors.As(err, &e) || len(e.Problems) != 2 {
		t.Errorf("%v", err)
	}
	got, err := b.Consent(t.Context(), token, NewConsent{Kind: "biometrics", Version: "3", Text: "I agree.", Given: true, Address: "192.0.2.7"})
	sum := sha256.Sum256([]byte("I agree."))
	if err != nil || got.TextHash != hex.EncodeToString(sum[:]) || !got.Given {
		t.Errorf("%+v %v", got, err)
	}
}

// company needs its owners before it goes on.
const company = `{"name":"Company","slug":"whole","entity_types":["company"],"steps":[
 {"step_id":"owners","order":1,"name":"Owners","type":"subsession_collection","subsession_config":
  {"workflow_id":"owner","max_subsessions":2,"require_completion_before_proceed":true,"impact_parent_status":true,"ttl_days":3}}]}`

func TestRelatedPartiesAreCollectedAndAwaited(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	owner := `{"name":"Owner","slug":"owner","steps":[{"step_id":"info","order":1,"name":"You","type":"form_fill","custom_fields":[{"field_id":"n","name":"Name","type":"text","required":true}]}]}`
	if _, err := b.CreateWorkflow(ctx, b.live, b.key, json.RawMessage(owner), false); err != nil {
		t.Fatal(err)
	}
	c, token := b.walk(t, company)
	_, err := b.CompleteStep(ctx, token, "owners", nil)
	wantCode(t, err, kyc.Conflict, "subsessions_required")
	_, err = b.Invite(ctx, token, NewParty{Name: "Ada", Email: "no address", Role: "king"})
	var e *kyc.Error
	if !errors.As(err, &e) || len(e.Problems) != 2 {
		t.Errorf("%v", err)
	}
	ada, err := b.Invite(ctx, token, NewParty{Name: "Ada", Email: "ada@example.com", Role: "ubo"})
	if err != nil || ada.Token == "" || ada.Journey.Depth != 1 || ada.Journey.ParentID != c.Session.ID || ada.Session.ExpiresAt.Sub(ada.Session.CreatedAt).Hours() != 72 {
		t.Fatalf("%+v %v", ada, err)
	}
	bob, err := b.AddParty(ctx, b.live, b.key, c.Session.ID, NewParty{Name: "Bob"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Invite(ctx, token, NewParty{Name: "Eve"})
	wantCode(t, err, kyc.Conflict, "max_subsessions_reached")
	if _, err := b.CompleteStep(ctx, ada.Token, "info", map[string]any{"n": "Ada"}); err != nil {
		t.Fatal(err)
	}
	_, err = b.CompleteStep(ctx, token, "owners", nil)
	if !errors.As(err, &e) || e.Code != "subsessions_pending" || len(e.Problems) != 1 || !strings.Contains(e.Problems[0].Path, string(bob.Session.ID)) {
		t.Errorf("%v", err)
	}
	again, err := b.Reinvite(ctx, token, bob.Session.ID)
	if err != nil || again.Token == bob.Token {
		t.Fatalf("%+v %v", again, err)
	}
	_, err = b.Look(ctx, bob.Token)
	wantCode(t, err, kyc.NotFound, "session_not_found")
	err = b.Uninvite(ctx, token, ada.Session.ID)
	wantCode(t, err, kyc.Conflict, "subsession_started")
	if err := b.Uninvite(ctx, token, bob.Session.ID); err != nil {
		t.Fatal(err)
	}
	_, err = b.Look(ctx, again.Token)
	wantCode(t, err, kyc.NotFound, "session_not_found")
	list, err := b.Invited(ctx, token, "owners")
	if err != nil || len(list) != 1 || list[0].State() != "completed" {
		t.Fatalf("%+v %v", list, err)
	}
	if _, err = b.CompleteStep(ctx, token, "owners", nil); err != nil {
		t.Fatal(err)
	}
	related, err := b.RelatedParties(ctx, b.live, c.Session.ID)
	if err != nil || len(related) != 1 || related[0].Role != "ubo" || related[0].Status != kyc.SessionCaptured {
		t.Errorf("%+v %v", related, err)
	}
}
