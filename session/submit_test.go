package session

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"bonafide/kyc"
)

const askingRequirements = `{"document_front":true,"user_info":{"last_name":"required","email":"optional"}}`

// asking publishes a live workflow that requires a document and a name.
func (b *bench) asking(t *testing.T) kyc.Workflow {
	t.Helper()
	st, err := b.workflows.Create(t.Context(), b.live, b.key, Draft{Name: "asking",
		Document: Document{Graph: json.RawMessage(smallGraph), DataRequirements: json.RawMessage(askingRequirements)}})
	if err != nil {
		t.Fatal(err)
	}
	st, _, err = b.workflows.Publish(t.Context(), b.live, b.key, st.Workflow.ID, 0, Publication{})
	if err != nil {
		t.Fatal(err)
	}
	return st.Workflow
}

func TestSubmitListsWhatIsMissing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	w := b.asking(t)
	link, err := b.sessions.Create(ctx, b.live, b.key, NewSession{WorkflowID: w.ID})
	if err != nil {
		t.Fatal(err)
	}
	id := link.Session.ID
	_, _, err = b.sessions.Submit(ctx, b.live, b.key, id, 0, nil)
	wantCode(t, err, kyc.Invalid, "capture_incomplete")
	var e *kyc.Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	var paths []string
	for _, p := range e.Problems {
		paths = append(paths, p.Path)
	}
	slices.Sort(paths)
	if !slices.Equal(paths, []string{"/documents/document_front", "/fields/last_name"}) {
		t.Errorf("missing %v", paths)
	}
	if _, err := b.sessions.Upload(ctx, b.live, b.key, id, NewUpload{Kind: "document_front", Bytes: []byte("PNG1")}); err != nil {
		t.Fatal(err)
	}
	s, run, err := b.sessions.Submit(ctx, b.live, b.key, id, 0, map[string]any{"last_name": "Lovelace"})
	if err != nil {
		t.Fatal(err)
	}
	if s.Status != kyc.SessionRunning || s.Version != 1 || run.Version != 1 || s.RunID != run.ID || len(b.engine.last.Uploads) != 1 {
		t.Errorf("%+v %+v", s, run)
	}
	_, _, err = b.sessions.Submit(ctx, b.live, b.key, id, 0, nil)
	wantCode(t, err, kyc.Conflict, "invalid_transition")
	if got := b.heard(id); !slices.Equal(got, []string{"session.created", "session.started"}) {
		t.Errorf("webhooks %v", got)
	}
}

func TestTheVersionIsPinnedWhenProcessingStarts(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	w := b.published(t, b.box, "KYC")
	link, err := b.sessions.Create(ctx, b.box, b.key, NewSession{WorkflowID: w.ID})
	if err != nil {
		t.Fatal(err)
	}
	name := "KYC 2"
	if _, err := b.workflows.Edit(ctx, b.box, b.key, w.ID, 0, Change{Name: &name}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.workflows.Publish(ctx, b.box, b.key, w.ID, 0, Publication{}); err != nil {
		t.Fatal(err)
	}
	s, _, err := b.sessions.Submit(ctx, b.box, b.key, link.Session.ID, 0, nil)
	if err != nil || s.Version != 2 {
		t.Errorf("version %d, %v", s.Version, err)
	}
}

func TestAFinishedSessionRunsAgainOnTheCurrentVersion(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	w := b.published(t, b.box, "KYC")
	link, err := b.sessions.Create(ctx, b.box, b.key, NewSession{WorkflowID: w.ID})
	if err != nil {
		t.Fatal(err)
	}
	id := link.Session.ID
	_, _, err = b.sessions.Reprocess(ctx, b.box, b.key, id)
	wantCode(t, err, kyc.Conflict, "invalid_transition")
	s, _, err := b.sessions.Submit(ctx, b.box, b.key, id, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Move(kyc.SessionRejected, *b.now); err != nil {
		t.Fatal(err)
	}
	s.Result = kyc.Rejected
	s.Touch(*b.now)
	if err := b.store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&s}}); err != nil {
		t.Fatal(err)
	}
	again, run, err := b.sessions.Reprocess(ctx, b.box, b.key, id)
	if err != nil || again.Status != kyc.SessionRunning || again.Result != "" || run.Arm != "reprocess" {
		t.Fatalf("%+v %+v %v", again, run, err)
	}
	if err := again.Move(kyc.SessionRejected, *b.now); err != nil {
		t.Fatal(err)
	}
	again.Touch(*b.now)
	if err := b.store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&again}}); err != nil {
		t.Fatal(err)
	}
	_, _, err = b.sessions.ResumeAt(ctx, b.box, b.key, id, Point{Policy: "watchlist_screening"})
	wantCode(t, err, kyc.Conflict, "step_not_reached")
	b.sessions.d.Trace = func(context.Context, kyc.Tenant, kyc.ID) (Trace, error) {
		return Trace{Attempts: []Attempt{{Node: "ocr"}, {Node: "aml"}}}, nil
	}
	if _, _, err := b.sessions.ResumeAt(ctx, b.box, b.key, id, Point{Policy: "watchlist_screening"}); err != nil || b.engine.last.From != "aml" || b.engine.last.Earlier == "" {
		t.Errorf("from %q, %v", b.engine.last.From, err)
	}
}

// A resumed run may go back behind its own first node, but not to a node that
// an earlier run came to only after it.
func TestAResumedRunReachesWhatLayBeforeIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	first := Trace{Attempts: []Attempt{{Node: "ocr"}, {Node: "face"}, {Node: "aml"}}}
	second := Trace{Attempts: []Attempt{{Node: "face"}}, From: "face", Earlier: "first"} // face failed this time
	b.sessions.d.Trace = func(_ context.Context, _ kyc.Tenant, run kyc.ID) (Trace, error) {
		return map[kyc.ID]Trace{"first": first, "second": second}[run], nil
	}
	s := &kyc.Session{RunID: "second"}
	for node, ok := range map[string]bool{"ocr": true, "face": true, "aml": false, "risk": false} {
		err := b.sessions.reached(t.Context(), s, node)
		if (err == nil) != ok {
			t.Errorf("%s: %v", node, err)
		}
	}
}

func TestTriggerForAKnownPerson(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	w := b.published(t, b.box, "KYC")
	link, err := b.sessions.Create(ctx, b.box, b.key, NewSession{WorkflowID: w.ID, ExternalRef: "u1"})
	if err != nil {
		t.Fatal(err)
	}
	s, run, err := b.sessions.TriggerFor(ctx, b.box, b.key, NewSession{WorkflowID: w.ID, Subject: link.Session.SubjectID})
	if err != nil || s.Status != kyc.SessionRunning || s.ExternalRef != "u1" || run.SessionID != s.ID {
		t.Errorf("%+v %+v %v", s, run, err)
	}
}

func TestUploads(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	w := b.asking(t)
	link, err := b.sessions.Create(ctx, b.live, b.key, NewSession{WorkflowID: w.ID})
	if err != nil {
		t.Fatal(err)
	}
	id := link.Session.ID
	_, err = b.sessions.Upload(ctx, b.live, b.key, id, NewUpload{Kind: "homework", DocumentType: "novel"})
	wantCode(t, err, kyc.Invalid, "invalid_upload")
	var e *kyc.Error
	if !errors.As(err, &e) || len(e.Problems) != 3 {
		t.Errorf("%v", err)
	}
	_, err = b.sessions.Upload(ctx, b.live, b.key, id, NewUpload{Kind: "selfie", Bytes: []byte("EXE")})
	wantCode(t, err, kyc.UnsupportedMedia, "unsupported_type")
	_, err = b.sessions.Upload(ctx, b.live, b.key, id, NewUpload{Kind: "selfie", Bytes: make([]byte, MaxFile+1)})
	wantCode(t, err, kyc.TooLarge, "file_too_large")

	if s, err := b.sessions.Read(ctx, b.live, b.key, id); err != nil || s.Status != kyc.SessionCreated {
		t.Errorf("refused files moved the session to %s (%v)", s.Status, err)
	}
	first, err := b.sessions.Upload(ctx, b.live, b.key, id, NewUpload{Kind: "document_front", DocumentType: "passport", Bytes: []byte("PNG1")})
	if err != nil || first.ContentType != "image/png" || first.Size != 4 || len(first.SHA256) != 64 {
		t.Fatalf("%+v %v", first, err)
	}
	if _, err := b.sessions.Upload(ctx, b.live, b.key, id, NewUpload{Kind: "document_front", Bytes: []byte("PNG2")}); err != nil {
		t.Fatal(err)
	}
	begun, docs, err := b.sessions.Documents(ctx, b.live, b.key, id)
	if begun.Status != kyc.SessionCapturing {
		t.Errorf("with a file the session is %s", begun.Status)
	}
	if err != nil || len(docs) != 2 || !docs[0].Superseded || docs[1].Superseded {
		t.Errorf("%+v %v", docs, err)
	}
	for range MaxFiles - 2 {
		if _, err := b.sessions.Upload(ctx, b.live, b.key, id, NewUpload{Kind: "selfie", Bytes: []byte("PNG")}); err != nil {
			t.Fatal(err)
		}
	}
	_, err = b.sessions.Upload(ctx, b.live, b.key, id, NewUpload{Kind: "selfie", Bytes: []byte("PNG")})
	wantCode(t, err, kyc.Conflict, "too_many_files")
}
