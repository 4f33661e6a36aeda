package session

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/kyc"
)

func TestCreateUsesTheDefaultWorkflowAndFindsThePersonAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	_, err := b.sessions.Create(ctx, b.box, b.key, NewSession{})
	wantCode(t, err, kyc.Invalid, "no_default_workflow")

	w := b.published(t, b.box, "KYC")
	if _, err := b.workflows.SetDefault(ctx, b.box, b.key, w.ID, 0); err != nil {
		t.Fatal(err)
	}
	one, err := b.sessions.Create(ctx, b.box, b.key, NewSession{ExternalRef: "u1", Country: "nl", Tags: []string{"a", " a ", "b"}, Fields: map[string]any{"last_name": "APPROVE"}})
	if err != nil {
		t.Fatal(err)
	}
	two, err := b.sessions.Create(ctx, b.box, b.key, NewSession{ExternalRef: "u1"})
	if err != nil {
		t.Fatal(err)
	}
	s := one.Session
	if s.WorkflowID != w.ID || s.Country != "NL" || !slices.Equal(s.Tags, []string{"a", "b"}) || s.Status != kyc.SessionCreated || s.Rev != 1 {
		t.Errorf("%+v", s)
	}
	if s.SubjectID != two.Session.SubjectID || one.Token == two.Token || len(one.Token) < 43 || s.TokenHash != kyc.TextHash(one.Token) {
		t.Errorf("one person, two links: %+v", two)
	}
	if ttl := s.ExpiresAt.Sub(s.CreatedAt); ttl != 20*time.Minute {
		t.Errorf("the link lives %v", ttl)
	}
	if got := b.heard(s.ID); !slices.Equal(got, []string{"session.created"}) {
		t.Errorf("webhooks %v", got)
	}
	if _, err := b.sessions.Read(ctx, b.live, b.key, s.ID); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("the other environment sees it: %v", err)
	}
}

func TestCreateListsEverythingThatIsWrong(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, err := b.sessions.Create(t.Context(), b.live, b.key, NewSession{Country: "XQ", RedirectURL: "javascript:alert(1)",
		ExternalRef: strings.Repeat("x", 201), Tags: []string{""}})
	wantCode(t, err, kyc.Invalid, "invalid_session")
	var e *kyc.Error
	if !errors.As(err, &e) || len(e.Problems) != 4 {
		t.Errorf("%v", err)
	}
}

func TestAnUnpublishedOrInactiveWorkflowTakesNoSessions(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	w := b.published(t, b.live, "KYC")
	if _, err := b.workflows.Deactivate(ctx, b.live, b.key, w.ID, 0); err != nil {
		t.Fatal(err)
	}
	_, err := b.sessions.Create(ctx, b.live, b.key, NewSession{WorkflowID: w.ID})
	wantCode(t, err, kyc.Invalid, "workflow_not_published")
	_, err = b.sessions.Create(ctx, b.box, b.key, NewSession{WorkflowID: w.ID})
	if kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("another environment's workflow: %v", err)
	}
	if _, _, err := b.workflows.Publish(ctx, b.live, b.key, w.ID, 0, Publication{}); err != nil {
		t.Errorf("publishing again brings it back: %v", err)
	}
}

func TestManyCreatesForOneNewPersonAgree(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.published(t, b.live, "KYC")
	var wg sync.WaitGroup
	people := make([]kyc.ID, 20)
	for i := range people {
		wg.Go(func() {
			link, err := b.sessions.Create(context.Background(), b.live, b.key, NewSession{WorkflowID: w.ID, ExternalRef: "same"})
			if err != nil {
				t.Error(err)
			}
			people[i] = link.Session.SubjectID
		})
	}
	wg.Wait()
	if len(slices.Compact(people)) != 1 {
		t.Errorf("%d people", len(slices.Compact(people)))
	}
}

func TestALinkOpensExactlyOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.published(t, b.live, "KYC")
	link, err := b.sessions.Create(t.Context(), b.live, b.key, NewSession{WorkflowID: w.ID})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	opened := 0
	for range 10 {
		wg.Go(func() {
			s, err := b.sessions.OpenLink(context.Background(), link.Token)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				opened++
				if s.Status != kyc.SessionCapturing {
					t.Errorf("the session is %s", s.Status)
				}
			} else if !kyc.IsCode(err, "link_invalid") {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if opened != 1 {
		t.Errorf("opened %d times", opened)
	}
	if _, err := b.sessions.OpenLink(t.Context(), "wrong"); !kyc.IsCode(err, "link_invalid") {
		t.Error(err)
	}
	if got := b.heard(link.Session.ID); !slices.Equal(got, []string{"session.created", "session.started"}) {
		t.Errorf("webhooks %v", got)
	}
}

func TestExpiryAndResume(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	w := b.published(t, b.live, "KYC")
	old, err := b.sessions.Create(ctx, b.live, b.key, NewSession{WorkflowID: w.ID})
	if err != nil {
		t.Fatal(err)
	}
	*b.now = b.now.Add(15 * time.Minute)
	young, err := b.sessions.Create(ctx, b.live, b.key, NewSession{WorkflowID: w.ID})
	if err != nil {
		t.Fatal(err)
	}
	*b.now = b.now.Add(6 * time.Minute)
	if _, err := b.sessions.OpenLink(ctx, old.Token); !kyc.IsCode(err, "link_invalid") {
		t.Errorf("an expired link opens: %v", err)
	}
	if _, _, err := b.sessions.Submit(ctx, b.live, b.key, old.Session.ID, 0, nil); !kyc.IsCode(err, "expired") {
		t.Errorf("an expired session is taken: %v", err)
	}
	if _, _, err := b.sessions.Trigger(ctx, b.live, b.key, w.ID, old.Session.ID); !kyc.IsCode(err, "expired") {
		t.Errorf("an expired session is triggered: %v", err)
	}
	if n, err := b.sessions.ExpireDue(ctx); n != 1 || err != nil {
		t.Fatalf("expired %d, %v", n, err)
	}
	s, _ := b.store.Session(ctx, b.live, old.Session.ID)
	if s.Status != kyc.SessionExpired {
		t.Errorf("the session is %s", s.Status)
	}
	if y, _ := b.store.Session(ctx, b.live, young.Session.ID); y.Status != kyc.SessionCreated {
		t.Errorf("the younger session is %s", y.Status)
	}
	again, err := b.sessions.Resume(ctx, b.live, b.key, s.ID)
	if err != nil || again.Session.Status != kyc.SessionCreated || again.Token == old.Token {
		t.Fatalf("%+v %v", again, err)
	}
	if _, err := b.sessions.OpenLink(ctx, old.Token); err == nil {
		t.Error("the old link still opens")
	}
	if _, err := b.sessions.OpenLink(ctx, again.Token); err != nil {
		t.Error(err)
	}
	if got := b.heard(s.ID); !slices.Equal(got, []string{"session.created", "session.expired", "session.started"}) {
		t.Errorf("webhooks %v", got)
	}
}

func TestPatchMergesAndHonoursTheRevision(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	w := b.published(t, b.live, "KYC")
	link, err := b.sessions.Create(ctx, b.live, b.key, NewSession{WorkflowID: w.ID, Metadata: map[string]any{"a": 1, "b": 2}})
	if err != nil {
		t.Fatal(err)
	}
	id := link.Session.ID
	tags := []string{"x"}
	s, err := b.sessions.Patch(ctx, b.live, b.key, id, 1, Patch{Metadata: map[string]any{"b": nil, "c": 3}, Tags: &tags})
	if err != nil || len(s.Private.Metadata) != 2 || s.Rev != 2 {
		t.Fatalf("%+v %v", s, err)
	}
	_, err = b.sessions.Patch(ctx, b.live, b.key, id, 1, Patch{})
	wantCode(t, err, kyc.PreconditionFailed, "etag_mismatch")
	s, err = b.sessions.Tag(ctx, b.live, b.key, id, 0, []string{"y", "z"}, []string{"x"})
	if err != nil || !slices.Equal(s.Tags, []string{"y", "z"}) {
		t.Errorf("%v %v", s.Tags, err)
	}
	b.store.Between = func() {
		other, _ := b.store.Session(ctx, b.live, id)
		other.Touch(*b.now)
		_ = b.store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&other}})
	}
	_, err = b.sessions.Patch(ctx, b.live, b.key, id, 0, Patch{Tags: &tags})
	wantCode(t, err, kyc.Conflict, "concurrent_change")
}

func TestALegalHoldCanBePutOnSessionsOfEverySurface(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	w := b.published(t, b.live, "KYC")
	link, err := b.sessions.Create(ctx, b.live, b.key, NewSession{WorkflowID: w.ID})
	if err != nil {
		t.Fatal(err)
	}
	hold, tags := true, []string{"x"}
	for _, surface := range []kyc.Surface{kyc.SurfaceSteps, kyc.SurfaceChecks, kyc.SurfaceEntities} {
		s, err := b.store.Session(ctx, b.live, link.Session.ID)
		if err != nil {
			t.Fatal(err)
		}
		s.Surface, s.LegalHold = surface, false
		s.Touch(*b.now)
		if err := b.store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&s}}); err != nil {
			t.Fatal(err)
		}
		_, err = b.sessions.Patch(ctx, b.live, b.key, s.ID, 0, Patch{Tags: &tags, LegalHold: &hold})
		wantCode(t, err, kyc.Conflict, "other_surface")
		if s, err = b.sessions.Patch(ctx, b.live, b.key, s.ID, 0, Patch{LegalHold: &hold}); err != nil || !s.LegalHold {
			t.Errorf("%s: %v", surface, err)
		}
		_, err = b.sessions.Redact(ctx, b.live, b.key, s.ID)
		wantCode(t, err, kyc.Conflict, "legal_hold")
	}
}
