package session

import (
	"slices"
	"testing"
	"time"

	"bonafide/kyc"
)

// face stores a template of a session.
func (b *bench) face(t *testing.T, s *kyc.Session, until time.Time) *kyc.FaceTemplate {
	t.Helper()
	v := &kyc.FaceTemplate{Meta: kyc.Meta{ID: kyc.NewID(time.Now()), Tenant: s.Tenant}, SessionID: s.ID, SubjectID: s.SubjectID, Model: "net-1", ExpiresAt: until, Vector: kyc.FaceVector{1}}
	v.Touch(time.Now())
	if err := b.store.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{v}}); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestBiometricDataOfASessionIsDeleted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	w := b.published(t, b.live, "KYC")
	one, err := b.sessions.Create(ctx, b.live, b.key, NewSession{WorkflowID: w.ID})
	if err != nil {
		t.Fatal(err)
	}
	two, err := b.sessions.Create(ctx, b.live, b.key, NewSession{WorkflowID: w.ID})
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"document_front", "liveness"} {
		if _, err := b.sessions.Upload(ctx, b.live, b.key, one.Session.ID, NewUpload{Kind: kind, Bytes: []byte("PNG" + kind)}); err != nil {
			t.Fatal(err)
		}
	}
	later := time.Now().AddDate(1, 0, 0)
	b.face(t, &one.Session, later)
	b.face(t, &one.Session, later)
	other := b.face(t, &two.Session, later)
	hold := true
	if _, err := b.sessions.Patch(ctx, b.live, b.key, one.Session.ID, 0, Patch{LegalHold: &hold}); err != nil {
		t.Fatal(err)
	}
	_, err = b.sessions.ForgetFaces(ctx, b.live, b.key, one.Session.ID)
	wantCode(t, err, kyc.Conflict, "legal_hold")
	hold = false
	if _, err := b.sessions.Patch(ctx, b.live, b.key, one.Session.ID, 0, Patch{LegalHold: &hold}); err != nil {
		t.Fatal(err)
	}
	_, err = b.sessions.ForgetFaces(ctx, b.box, b.key, one.Session.ID)
	if kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("the other environment: %v", err)
	}
	got, err := b.sessions.ForgetFaces(ctx, b.live, b.key, one.Session.ID)
	if err != nil || got.Templates != 2 || got.Frames != 1 {
		t.Fatalf("%+v %v", got, err)
	}
	if err := b.sessions.DropBlobs(ctx, b.store.Jobs[len(b.store.Jobs)-1]); err != nil || len(b.store.Files) != 1 {
		t.Errorf("%d files left, %v", len(b.store.Files), err)
	}
	if again, err := b.sessions.ForgetFaces(ctx, b.live, b.key, one.Session.ID); err != nil || again.Templates != 0 || again.Frames != 0 {
		t.Errorf("%+v %v", again, err)
	}
	if left, _ := b.store.FaceTemplates(ctx, b.live, kyc.FaceFilter{SessionID: two.Session.ID}, "", 10); len(left) != 1 || left[0].ID != other.ID {
		t.Errorf("of the other session is left %+v", left)
	}
	if !slices.ContainsFunc(b.store.Log, func(e kyc.Event) bool { return e.Action == "session.biometrics_delete" && e.ObjectID == one.Session.ID }) {
		t.Error("the audit chain does not know")
	}
}

func TestTemplatesEndWithTheirTime(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	w := b.published(t, b.live, "KYC")
	one, err := b.sessions.Create(ctx, b.live, b.key, NewSession{WorkflowID: w.ID})
	if err != nil {
		t.Fatal(err)
	}
	b.face(t, &one.Session, time.Now().AddDate(-10, 0, 0))
	young := b.face(t, &one.Session, time.Now().AddDate(10, 0, 0))
	if n, err := b.sessions.SweepFaces(ctx); err != nil || n != 1 {
		t.Errorf("%d %v", n, err)
	}
	if left, _ := b.store.FaceTemplates(ctx, b.live, kyc.FaceFilter{SessionID: one.Session.ID}, "", 10); len(left) != 1 || left[0].ID != young.ID {
		t.Errorf("left %+v", left)
	}
}
