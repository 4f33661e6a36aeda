package review

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/kyc"
)

type bench struct {
	store     *memory
	desk      *Desk
	now       time.Time
	t         kyc.Tenant
	key       kyc.Actor
	anna, ben kyc.User
}

func setup(t *testing.T) *bench {
	t.Helper()
	b := &bench{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), key: kyc.Actor{Kind: kyc.ActorKey, ID: "key"}}
	org := kyc.Org{Meta: kyc.Meta{ID: kyc.NewID(b.now)}}
	b.t = kyc.Tenant{Org: org.ID, Env: kyc.Live}
	user := func(email string) kyc.User {
		return kyc.User{Meta: kyc.Meta{ID: kyc.NewID(b.now), Tenant: kyc.Tenant{Org: org.ID}}, Email: email}
	}
	b.anna, b.ben = user("anna@acme.example"), user("ben@acme.example")
	b.store = &memory{org: org, users: []kyc.User{b.anna, b.ben}, cases: map[kyc.ID]kyc.Case{}, sessions: map[kyc.ID]kyc.Session{}, subjects: map[kyc.ID]kyc.Subject{}}
	var mu sync.Mutex
	clock := kyc.ClockFunc(func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		b.now = b.now.Add(time.Millisecond)
		return b.now
	})
	b.desk = New(b.store, clock, func(o kyc.Object, what string, _ map[string]any) (string, json.RawMessage) {
		return strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", o), "*kyc.")) + "." + what, json.RawMessage("{}")
	})
	return b
}

// waiting makes a session under review with its case.
func (b *bench) waiting(t *testing.T, f kyc.Filing) kyc.Case {
	t.Helper()
	ctx := context.Background()
	now := b.desk.clock.Now()
	p := &kyc.Subject{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: b.t}, Status: kyc.SubjectPending}
	p.Touch(now)
	s := &kyc.Session{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: b.t}, SubjectID: p.ID, Status: kyc.SessionReview}
	s.Touch(now)
	c, events, err := b.desk.Open(ctx, s, now, f)
	if err != nil {
		t.Fatal(err)
	}
	s.CaseID = c.ID
	if err := b.store.Commit(ctx, &kyc.Change{Put: []kyc.Object{p, s, c}, Events: events}); err != nil {
		t.Fatal(err)
	}
	return *c
}

func (b *bench) heard() []string {
	var out []string
	for _, e := range b.store.events {
		if e.Webhook != "" {
			out = append(out, e.Webhook)
		}
	}
	return out
}

func wants(t *testing.T, err error, kind kyc.Kind, code string) {
	t.Helper()
	if kyc.KindOf(err) != kind || !kyc.IsCode(err, code) {
		t.Errorf("got %v, want %s", err, code)
	}
}

func TestADecisionMovesCaseSessionAndPersonTogether(t *testing.T) {
	t.Parallel()
	for outcome, want := range map[kyc.Outcome]struct {
		session kyc.SessionStatus
		subject kyc.SubjectStatus
		heard   []string
	}{
		kyc.Approved: {kyc.SessionApproved, kyc.SubjectApproved, []string{"case.created", "case.approved", "session.approved"}},
		kyc.Rejected: {kyc.SessionRejected, kyc.SubjectRejected, []string{"case.created", "case.rejected", "session.declined"}},
	} {
		b := setup(t)
		c := b.waiting(t, kyc.Filing{})
		got, err := b.desk.Decide(t.Context(), b.t, b.key, c.ID, 0, Word{ReviewerID: "anna@acme.example", Outcome: outcome, Reason: "because", Notes: "a note"})
		if err != nil || got.Decision.ReviewerID != string(b.anna.ID) {
			t.Fatalf("%+v %v", got, err)
		}
		s := b.store.sessions[c.SessionID]
		if s.Status != want.session || s.Result != outcome || b.store.subjects[c.SubjectID].Status != want.subject || len(b.store.notes) != 1 {
			t.Errorf("%s: %+v", outcome, s)
		}
		if !slices.Equal(b.heard(), want.heard) {
			t.Errorf("webhooks %v", b.heard())
		}
		_, err = b.desk.Decide(t.Context(), b.t, b.key, c.ID, 0, Word{ReviewerID: "ben@acme.example", Outcome: kyc.Approved})
		wants(t, err, kyc.Conflict, "already_decided")
	}
}

func TestOfManyDecisionsOneWins(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.waiting(t, kyc.Filing{})
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for i := range 16 {
		wg.Go(func() {
			outcome := kyc.Approved
			if i%2 == 0 {
				outcome = kyc.Rejected
			}
			_, err := b.desk.Decide(context.Background(), b.t, b.key, c.ID, 0, Word{ReviewerID: fmt.Sprint("r", i), Outcome: outcome, Reason: "x"})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if kyc.KindOf(err) != kyc.Conflict {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won != 1 || len(b.heard()) != 3 {
		t.Errorf("%d decisions, webhooks %v", won, b.heard())
	}
}

func TestNextGivesTheMostUrgentCaseToOneReviewerEach(t *testing.T) {
	t.Parallel()
	b := setup(t)
	low, high := b.waiting(t, kyc.Filing{Priority: 1}), b.waiting(t, kyc.Filing{Priority: 9})
	for range 10 {
		b.waiting(t, kyc.Filing{Priority: 5, Queue: "other"})
	}
	got, ok, err := b.desk.Next(t.Context(), b.t, b.key, "anna@acme.example", "")
	if err != nil || !ok || got.ID != high.ID || got.AssignedTo != string(b.anna.ID) || got.Status != kyc.CaseInReview {
		t.Fatalf("%+v %v %v", got, ok, err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	seen := map[kyc.ID]int{}
	for i := range 30 {
		wg.Go(func() {
			// A request's unit must not hide that somebody else was quicker.
			ctx, _ := kyc.WithUnit(context.Background())
			c, ok, err := b.desk.Next(ctx, b.t, b.key, fmt.Sprint("r", i), "other")
			if err != nil {
				t.Error(err)
			}
			if ok {
				mu.Lock()
				seen[c.ID]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(seen) != 10 {
		t.Errorf("%d cases claimed", len(seen))
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s was claimed %d times", id, n)
		}
	}
	if last, ok, _ := b.desk.Next(t.Context(), b.t, b.key, "", ""); !ok || last.ID != low.ID {
		t.Errorf("%+v", last)
	}
	if _, ok, _ := b.desk.Next(t.Context(), b.t, b.key, "x", ""); ok {
		t.Error("a case from nowhere")
	}
}

func TestAClaimLapsesWhenIdle(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.waiting(t, kyc.Filing{})
	if _, err := b.desk.Claim(t.Context(), b.t, b.key, c.ID, 0, "r1"); err != nil {
		t.Fatal(err)
	}
	b.now = b.now.Add(29 * time.Minute)
	if _, err := b.desk.AddNote(t.Context(), b.t, b.key, c.ID, "r1", "still looking"); err != nil {
		t.Fatal(err)
	}
	b.now = b.now.Add(29 * time.Minute)
	_, err := b.desk.Claim(t.Context(), b.t, b.key, c.ID, 0, "r2")
	wants(t, err, kyc.Conflict, "not_claimable")
	if n, err := b.desk.ReleaseLapsed(t.Context()); n != 0 || err != nil {
		t.Errorf("%d freed, %v", n, err)
	}
	b.now = b.now.Add(2 * time.Minute)
	if got, err := b.desk.Claim(t.Context(), b.t, b.key, c.ID, 0, "r2"); err != nil || got.AssignedTo != "r2" {
		t.Errorf("%+v %v", got, err)
	}
	b.now = b.now.Add(31 * time.Minute)
	if n, err := b.desk.ReleaseLapsed(t.Context()); n != 1 || err != nil {
		t.Errorf("%d freed, %v", n, err)
	}
	if got := b.store.cases[c.ID]; got.Status != kyc.CaseOpen || got.AssignedTo != "" {
		t.Errorf("%+v", got)
	}
}

func TestDualReviewAsksADifferentPerson(t *testing.T) {
	t.Parallel()
	b := setup(t)
	settings := kyc.DefaultSettings()
	settings.DualReview = true
	b.store.org.Settings = map[kyc.Env]kyc.Settings{kyc.Live: settings}
	c := b.waiting(t, kyc.Filing{})
	first, err := b.desk.Decide(t.Context(), b.t, b.key, c.ID, 0, Word{ReviewerID: "Anna@ACME.example", Outcome: kyc.Approved})
	if err != nil || first.Status != kyc.CaseSecond || first.AssignedTo != "" || b.store.sessions[c.SessionID].Status != kyc.SessionReview {
		t.Fatalf("%+v %v", first, err)
	}
	for _, same := range []string{"anna@acme.example", string(b.anna.ID), strings.ToUpper(string(b.anna.ID)), "user_" + string(b.anna.ID), "  anna@acme.example "} {
		_, err := b.desk.Decide(t.Context(), b.t, b.key, c.ID, 0, Word{ReviewerID: same, Outcome: kyc.Approved})
		wants(t, err, kyc.Conflict, "same_reviewer")
	}
	_, err = b.desk.Escalate(t.Context(), b.t, b.key, c.ID, 0, Escalation{To: "anna@acme.example", Reason: "x"})
	wants(t, err, kyc.Conflict, "same_reviewer")
	if _, err = b.desk.Escalate(t.Context(), b.t, b.key, c.ID, 0, Escalation{To: "ben@acme.example", Reason: "x"}); err != nil {
		t.Fatal(err)
	}
	done, err := b.desk.Decide(t.Context(), b.t, b.key, c.ID, 0, Word{ReviewerID: string(b.ben.ID), Outcome: kyc.Rejected, Reason: "no"})
	if err != nil || done.Status != kyc.CaseRejected || b.store.sessions[c.SessionID].Status != kyc.SessionRejected {
		t.Errorf("%+v %v", done, err)
	}
}

// One person with two credentials is one person: who signed in and gave the
// first word gives no second by a key they made, and the other way round.
func TestAKeyIsNoSecondPerson(t *testing.T) {
	t.Parallel()
	for name, mine := range map[string]bool{"a key of their own": true, "somebody else's key": false} {
		for _, keyFirst := range []bool{false, true} {
			b := setup(t)
			settings := kyc.DefaultSettings()
			settings.DualReview = true
			b.store.org.Settings = map[kyc.Env]kyc.Settings{kyc.Live: settings}
			anna := kyc.Actor{Kind: kyc.ActorUser, ID: string(b.anna.ID)}
			maker := anna
			if !mine {
				maker.ID = string(b.ben.ID)
			}
			b.store.events = append(b.store.events, kyc.Event{Action: "key.create", Object: "api_key", ObjectID: kyc.ID(b.key.ID), Actor: maker})
			c := b.waiting(t, kyc.Filing{})
			say := func(byKey bool) error {
				by, w := anna, Word{Outcome: kyc.Approved}
				if byKey {
					by, w.ReviewerID = b.key, "somebody invented"
				}
				_, err := b.desk.Decide(t.Context(), b.t, by, c.ID, 0, w)
				return err
			}
			if err := say(keyFirst); err != nil {
				t.Fatal(name, err)
			}
			err := say(!keyFirst)
			if mine {
				wants(t, err, kyc.Conflict, "same_reviewer")
			} else if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestSignedInPeopleActAsThemselvesAndNotOnTheirOwnWork(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.waiting(t, kyc.Filing{})
	anna := kyc.Actor{Kind: kyc.ActorUser, ID: string(b.anna.ID)}
	_, err := b.desk.Decide(t.Context(), b.t, anna, c.ID, 0, Word{ReviewerID: "ben@acme.example", Outcome: kyc.Approved})
	wants(t, err, kyc.Forbidden, "not_yourself")
	b.store.events = append(b.store.events, kyc.Event{Action: "session.create", ObjectID: c.SessionID, Actor: anna})
	_, err = b.desk.Decide(t.Context(), b.t, anna, c.ID, 0, Word{Outcome: kyc.Approved})
	wants(t, err, kyc.Forbidden, "conflict_of_interest")
	ben := kyc.Actor{Kind: kyc.ActorUser, ID: string(b.ben.ID)}
	if _, err := b.desk.Decide(t.Context(), b.t, ben, c.ID, 0, Word{Outcome: kyc.Approved}); err != nil {
		t.Error(err)
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	c := b.waiting(t, kyc.Filing{})
	_, err := b.desk.Decide(ctx, b.t, b.key, c.ID, 0, Word{Outcome: kyc.Rejected, Notes: strings.Repeat("x", maxNote+1)})
	if e := kyc.AsError(err); e.Kind != kyc.Invalid || len(e.Problems) != 2 {
		t.Errorf("%v", err)
	}
	_, err = b.desk.Claim(ctx, b.t, b.key, c.ID, 9, "r")
	wants(t, err, kyc.PreconditionFailed, "etag_mismatch")
	_, err = b.desk.Release(ctx, b.t, b.key, c.ID, 0, "")
	wants(t, err, kyc.Conflict, "not_claimed")
	_, err = b.desk.Override(ctx, b.t, b.key, c.ID, 0, "document_ocr", "perhaps", "x")
	wants(t, err, kyc.Invalid, "unknown_result")
	_, err = b.desk.Correct(ctx, b.t, b.key, c.ID, map[string]string{"Last Name": "x"})
	wants(t, err, kyc.Invalid, "invalid_correction")
	_, err = b.desk.Demo(ctx, b.t, b.key, 1)
	wants(t, err, kyc.Forbidden, "sandbox_only")
	_, err = b.desk.Create(ctx, b.t, b.key, Manual{SessionID: c.SessionID})
	wants(t, err, kyc.Conflict, "case_exists")
	other := kyc.Tenant{Org: b.t.Org, Env: kyc.Sandbox}
	if _, err := b.desk.Claim(ctx, other, b.key, c.ID, 0, "r"); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("another environment: %v", err)
	}
	s := b.store.sessions[c.SessionID]
	s.Status = kyc.SessionRunning
	b.store.sessions[s.ID] = s
	_, err = b.desk.Decide(ctx, b.t, b.key, c.ID, 0, Word{ReviewerID: "r", Outcome: kyc.Approved})
	wants(t, err, kyc.Conflict, "session_active")
}

func TestColours(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for waited, want := range map[time.Duration]string{0: Green, 4*time.Hour - 1: Green, 4 * time.Hour: Yellow, 24*time.Hour - 1: Yellow, 24 * time.Hour: Red} {
		if got := Colour(&kyc.Case{EnteredReviewAt: at}, at.Add(waited)); got != want {
			t.Errorf("%v: %s, want %s", waited, got, want)
		}
	}
	decided := &kyc.Case{EnteredReviewAt: at, Status: kyc.CaseApproved, Decision: &kyc.CaseDecision{At: at.Add(time.Hour)}}
	if got := Colour(decided, at.Add(100*time.Hour)); got != Green {
		t.Errorf("a decided case is %s", got)
	}
}
