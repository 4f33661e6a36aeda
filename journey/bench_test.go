package journey

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
	"bonafide/store/memory"
)

// bench is everything a test of this room needs.
type bench struct {
	*Machine
	store     *memory.Store
	engine    *fakeEngine
	exams     []kyc.CheckRequest // what Examine was asked
	answers   map[string]kyc.Answer
	invited   []Invitation
	now       *time.Time
	live, box kyc.Tenant
	key       kyc.Actor // a machine
	anna, ben kyc.Actor // people
}

// fakeEngine begins runs without walking them; a test ends them with end.
type fakeEngine struct {
	store *memory.Store
	trace map[kyc.ID]Trace
	begun []kyc.Run
	given [][]kyc.Upload
	// ends, when set, ends a run while somebody waits for it.
	ends func(run kyc.ID)
}

func (f *fakeEngine) Begin(ctx context.Context, s *kyc.Session, uploads []kyc.Upload, now time.Time, _ kyc.Actor, with kyc.Change) (kyc.Run, error) {
	run := kyc.Run{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: s.Tenant}, SessionID: s.ID, SubjectID: s.SubjectID, WorkflowID: s.WorkflowID,
		Version: s.Version, Status: kyc.RunRunning, StartedAt: now}
	run.Touch(now)
	if err := s.Move(kyc.SessionRunning, now); err != nil {
		return run, err
	}
	s.RunID = run.ID
	s.Touch(now)
	with.Put = append(slices.Clone(with.Put), s, &run)
	f.begun, f.given = append(f.begun, run), append(f.given, uploads)
	return run, f.store.Commit(ctx, &with)
}

func (f *fakeEngine) Wait(_ context.Context, _ kyc.Tenant, run kyc.ID) error {
	if f.ends != nil {
		f.ends(run)
	}
	return nil
}

func (f *fakeEngine) Trace(_ context.Context, t kyc.Tenant, run kyc.ID) (Trace, error) {
	trace := f.trace[run]
	r, err := memory.Get[kyc.Run](f.store, t, run)
	trace.Run = r
	return trace, err
}

func newBench(t *testing.T) *bench {
	t.Helper()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	b := &bench{store: memory.New(), now: &at, answers: map[string]kyc.Answer{}}
	var mu sync.Mutex
	clock := kyc.ClockFunc(func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		*b.now = b.now.Add(time.Millisecond) // so that ids keep the order of events
		return *b.now
	})
	org := kyc.Org{Meta: kyc.Meta{ID: kyc.NewID(at)}, Name: "Acme"}
	org.Tenant.Org = org.ID
	org.Touch(at)
	b.live, b.box = kyc.Tenant{Org: org.ID, Env: kyc.Live}, kyc.Tenant{Org: org.ID, Env: kyc.Sandbox}
	b.key = kyc.Actor{Kind: kyc.ActorKey, ID: "key-1"}
	b.anna, b.ben = kyc.Actor{Kind: kyc.ActorUser, ID: "anna"}, kyc.Actor{Kind: kyc.ActorUser, ID: "ben"}
	if err := b.store.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&org}}); err != nil {
		t.Fatal(err)
	}
	news := kyc.News(func(o kyc.Object, what string, extra map[string]any) (string, json.RawMessage) {
		kind := strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", o), "*kyc."))
		raw, err := json.Marshal(extra)
		if err != nil {
			t.Error(err)
		}
		return kind + "." + what, raw
	})
	b.engine = &fakeEngine{store: b.store, trace: map[kyc.ID]Trace{}}
	b.Machine = New(Deps{Store: b.store, Clock: clock, News: news, Begin: b.engine.Begin, Wait: b.engine.Wait, Trace: b.engine.Trace,
		Examine: func(_ context.Context, r kyc.CheckRequest) kyc.Answer {
			b.exams = append(b.exams, r)
			if a, ok := b.answers[r.Policy]; ok {
				return a
			}
			return kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass, Provider: "test"}
		},
		InputHash: func(r kyc.CheckRequest) string {
			return digest(map[string]any{"p": r.Policy, "c": r.Config, "f": r.Fields, "u": r.Uploads})
		},
		OpenCase: b.openCase, CloseCase: b.closeCase,
		Redact: func(ctx context.Context, _ kyc.Tenant, _ kyc.Actor, id kyc.ID) error {
			return b.store.Commit(ctx, &kyc.Change{Erase: []kyc.ID{id}})
		},
		Sniff: func(p []byte) (string, *kyc.Error) {
			if strings.HasPrefix(string(p), "PNG") {
				return "image/png", nil
			}
			return "", kyc.Errorf(kyc.UnsupportedMedia, "unsupported_type", "no reader opens this")
		},
	})
	return b
}

// openCase and closeCase do what the review desk does.
func (b *bench) openCase(ctx context.Context, s *kyc.Session, at time.Time, f kyc.Filing) (*kyc.Case, []kyc.Event, error) {
	if s.CaseID != "" {
		c, err := b.store.Case(ctx, s.Tenant, s.CaseID)
		if err != nil {
			return nil, nil, err
		}
		if !c.Status.Decided() {
			c.RunID, c.ReasonCode = s.RunID, f.ReasonCode
			if c.First != nil { // as the desk does
				c.First, c.Private.First, c.Status, c.AssignedTo, c.ClaimedAt = nil, "", kyc.CaseOpen, "", time.Time{}
			}
			c.Touch(at)
			return &c, nil, nil
		}
	}
	c := &kyc.Case{Meta: kyc.Meta{ID: kyc.NewID(at), Tenant: s.Tenant}, SessionID: s.ID, SubjectID: s.SubjectID, RunID: s.RunID,
		Status: kyc.CaseOpen, ReasonCode: f.ReasonCode, EnteredReviewAt: at, CreatedBy: f.By}
	c.Touch(at)
	return c, []kyc.Event{event(ctx, s.Tenant, f.By, at, "case.create", "case", c.ID, s.SubjectID)}, nil
}

func (b *bench) closeCase(ctx context.Context, c *kyc.Case, at time.Time, end kyc.Closing) ([]kyc.Event, error) {
	c.Decision = &kyc.CaseDecision{Outcome: end.Outcome, ReviewerID: end.By.ID, ReasonCode: end.Code, At: at, By: end.By}
	c.Status = kyc.CaseApproved
	if end.Outcome == kyc.Rejected {
		c.Status = kyc.CaseRejected
	}
	c.Touch(at)
	return []kyc.Event{event(ctx, c.Tenant, end.By, at, "case.close", "case", c.ID, c.SubjectID)}, nil
}

// heard lists the webhooks of one object, oldest first.
func (b *bench) heard(id kyc.ID) []string {
	var out []string
	for _, e := range b.store.Log {
		if e.ObjectID == id && e.Webhook != "" {
			out = append(out, e.Webhook)
		}
	}
	return out
}
