package session

import (
	"slices"
	"testing"
	"time"

	"bonafide/kyc"
)

func TestRedactionErasesThePersonOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	w := b.published(t, b.live, "KYC")
	one, err := b.sessions.Create(ctx, b.live, b.key, NewSession{WorkflowID: w.ID, ExternalRef: "u1", Fields: map[string]any{"last_name": "Secret"}})
	if err != nil {
		t.Fatal(err)
	}
	two, err := b.sessions.Create(ctx, b.live, b.key, NewSession{WorkflowID: w.ID, ExternalRef: "u1"})
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"document_front", "selfie"} {
		if _, err := b.sessions.Upload(ctx, b.live, b.key, one.Session.ID, NewUpload{Kind: kind, Bytes: []byte("PNG")}); err != nil {
			t.Fatal(err)
		}
	}
	review := &kyc.Case{Meta: kyc.Meta{ID: kyc.NewID(time.Now()), Tenant: b.live}, SessionID: one.Session.ID, SubjectID: one.Session.SubjectID,
		Status: kyc.CaseRejected, Decision: &kyc.CaseDecision{Outcome: kyc.Rejected, ReviewerID: "r"}, Private: kyc.CaseData{Decision: "Secret is no real name"}}
	review.Touch(time.Now())
	decided, err := b.store.Session(ctx, b.live, one.Session.ID)
	if err != nil {
		t.Fatal(err)
	}
	decided.CaseID = review.ID
	decided.Touch(time.Now())
	if err := b.store.Commit(ctx, &kyc.Change{Put: []kyc.Object{review, &decided}}); err != nil {
		t.Fatal(err)
	}
	hold := true
	if _, err := b.sessions.Patch(ctx, b.live, b.key, two.Session.ID, 0, Patch{LegalHold: &hold}); err != nil {
		t.Fatal(err)
	}
	_, err = b.sessions.Redact(ctx, b.live, b.key, one.Session.ID)
	wantCode(t, err, kyc.Conflict, "legal_hold")
	hold = false
	if _, err := b.sessions.Patch(ctx, b.live, b.key, two.Session.ID, 0, Patch{LegalHold: &hold}); err != nil {
		t.Fatal(err)
	}
	r, err := b.sessions.Redact(ctx, b.live, b.key, one.Session.ID)
	if err != nil || r.Status != "deleted" || r.DocumentsRemoved != 2 {
		t.Fatalf("%+v %v", r, err)
	}
	if !slices.Equal(b.store.Erased, []kyc.ID{one.Session.SubjectID}) || len(b.store.Jobs) != 1 {
		t.Errorf("erased %v, jobs %v", b.store.Erased, b.store.Jobs)
	}
	if err := b.sessions.DropBlobs(ctx, b.store.Jobs[0]); err != nil || len(b.store.Files) != 0 {
		t.Errorf("%d files left, %v", len(b.store.Files), err)
	}
	for _, id := range []kyc.ID{one.Session.ID, two.Session.ID} {
		r, err = b.sessions.Redact(ctx, b.live, b.key, id)
		if err != nil || r.Status != "already_redacted" || r.DocumentsRemoved != 0 {
			t.Errorf("again: %+v %v", r, err)
		}
	}
	s, _ := b.store.Session(ctx, b.live, one.Session.ID)
	if len(s.Private.Fields) != 0 || s.RedactedAt.IsZero() || s.ExternalRef != "" {
		t.Errorf("%+v", s)
	}
	if c, err := b.store.Case(ctx, b.live, review.ID); err != nil || !c.Private.Unreadable || !c.Private.Empty() || c.Decision.Outcome != kyc.Rejected {
		t.Errorf("the case is %+v (%v)", c, err)
	}
	_, err = b.sessions.Resume(ctx, b.live, b.key, s.ID)
	wantCode(t, err, kyc.Conflict, "redacted")
	three, err := b.sessions.Create(ctx, b.live, b.key, NewSession{WorkflowID: w.ID, ExternalRef: "u1"})
	if err != nil || three.Session.SubjectID == one.Session.SubjectID {
		t.Errorf("the erased person came back: %v", err)
	}
}

func TestBulkRedactionGivesEachItsResult(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	w := b.published(t, b.box, "KYC")
	var ids []kyc.ID
	for range 2 { // of one person
		link, err := b.sessions.Create(ctx, b.box, b.key, NewSession{WorkflowID: w.ID, ExternalRef: "u"})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, link.Session.ID)
	}
	busy, err := b.sessions.Create(ctx, b.box, b.key, NewSession{WorkflowID: w.ID})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.sessions.Submit(ctx, b.box, b.key, busy.Session.ID, 0, nil); err != nil {
		t.Fatal(err)
	}
	out, err := b.sessions.RedactAll(ctx, b.box, b.key, append(ids, busy.Session.ID, kyc.NewID(time.Now())))
	if err != nil || len(out) != 4 {
		t.Fatal(out, err)
	}
	if out[0].Status != "deleted" || out[1].Status != "deleted" || !kyc.IsCode(out[2].Err, "session_active") || kyc.KindOf(out[3].Err) != kyc.NotFound {
		t.Errorf("%+v", out)
	}
	_, err = b.sessions.RedactAll(ctx, b.box, b.key, make([]kyc.ID, 101))
	wantCode(t, err, kyc.Invalid, "invalid_ids")
}

func TestSimulateIsForTheSandbox(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	w := b.published(t, b.box, "KYC")
	_, err := b.sessions.Simulate(ctx, b.live, b.key, "x", SimApprove)
	wantCode(t, err, kyc.Forbidden, "sandbox_only")
	for outcome, want := range map[string]kyc.SessionStatus{SimApprove: kyc.SessionApproved, SimDecline: kyc.SessionRejected, SimReview: kyc.SessionReview, SimExpire: kyc.SessionExpired} {
		link, err := b.sessions.Create(ctx, b.box, b.key, NewSession{WorkflowID: w.ID})
		if err != nil {
			t.Fatal(err)
		}
		s, err := b.sessions.Simulate(ctx, b.box, b.key, link.Session.ID, outcome)
		if err != nil || s.Status != want {
			t.Errorf("%s: %s %v", outcome, s.Status, err)
		}
		if outcome == SimApprove {
			_, err = b.sessions.Simulate(ctx, b.box, b.key, s.ID, SimDecline)
			wantCode(t, err, kyc.Conflict, "invalid_transition")
			if p, _ := b.store.Subject(ctx, b.box, s.SubjectID); p.Status != kyc.SubjectApproved {
				t.Errorf("the person is %s", p.Status)
			}
		}
	}
}
