package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
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
	t       *testing.T
	store   *memory.Store
	mu      sync.Mutex
	exams   []kyc.CheckRequest // what Examine was asked
	answers map[string]kyc.Answer
	// during, when set, runs inside the next question to a check.
	during    func()
	begun     []kyc.Run
	given     [][]kyc.Upload
	cancelled []kyc.ID
	redacted  []kyc.ID
	invited   []Invitation
	pauses    int
	clock     time.Time
	trace     map[kyc.ID]Trace
	live, box kyc.Tenant
	key       kyc.Actor // a machine
	anna, ben kyc.Actor // people
	files     int
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, store: memory.New(), clock: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), answers: map[string]kyc.Answer{}, trace: map[kyc.ID]Trace{}}
	clock := kyc.ClockFunc(func() time.Time {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.clock = b.clock.Add(time.Millisecond) // so that ids keep the order of events
		return b.clock
	})
	org := kyc.Org{Meta: kyc.Meta{ID: kyc.NewID(b.clock)}, Name: "Acme"}
	org.Tenant.Org = org.ID
	org.Touch(b.clock)
	b.live, b.box = kyc.Tenant{Org: org.ID, Env: kyc.Live}, kyc.Tenant{Org: org.ID, Env: kyc.Sandbox}
	b.key = kyc.Actor{Kind: kyc.ActorKey, ID: "key-1"}
	b.anna, b.ben = kyc.Actor{Kind: kyc.ActorUser, ID: "anna"}, kyc.Actor{Kind: kyc.ActorUser, ID: "ben"}
	if err := b.store.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&org}}); err != nil {
		t.Fatal(err)
	}
	news := kyc.News(func(o kyc.Object, what string, extra map[string]any) (string, json.RawMessage) {
		raw, err := json.Marshal(extra)
		if err != nil {
			t.Error(err)
		}
		return strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", o), "*kyc.")) + "." + what, raw
	})
	b.Machine = New(Deps{Store: b.store, Clock: clock, News: news, Begin: b.begin, Cancel: b.cancel, Examine: b.examine,
		Trace: func(_ context.Context, _ kyc.Tenant, run kyc.ID) (Trace, error) { return b.trace[run], nil },
		InputHash: func(r kyc.CheckRequest) string {
			if r.Policy == "liveness" {
				return ""
			}
			var files []string
			for _, u := range r.Uploads {
				files = append(files, u.Kind+u.Asked+u.Side+u.SHA256)
			}
			return digest(map[string]any{"p": r.Policy, "c": string(r.Config), "f": r.Fields, "u": files})
		},
		OpenCase: b.openCase, CloseCase: b.closeCase,
		Redact: func(_ context.Context, _ kyc.Tenant, _ kyc.Actor, id kyc.ID) error {
			b.redacted = append(b.redacted, id)
			return nil
		},
		Sniff: func(p []byte) (string, *kyc.Error) {
			if strings.HasPrefix(string(p), "PNG") {
				return "image/png", nil
			}
			return "", kyc.Errorf(kyc.UnsupportedMedia, "unsupported_type", "no reader opens this")
		},
		Invite: func(_ context.Context, i Invitation) error { b.invited = append(b.invited, i); return nil },
		Pause:  func(context.Context, time.Duration) error { b.pauses++; return nil },
	})
	return b
}

func (b *bench) examine(_ context.Context, r kyc.CheckRequest) kyc.Answer {
	b.mu.Lock()
	during := b.during
	b.during = nil
	r.Fields = maps.Clone(r.Fields)
	b.exams = append(b.exams, r)
	a, ok := b.answers[r.Policy]
	b.mu.Unlock()
	if during != nil {
		during()
	}
	if !ok {
		a = pass()
	}
	return a
}

// asked lists the policies that were asked, in order.
func (b *bench) asked() []string {
	var out []string
	for _, r := range b.exams {
		out = append(out, r.Policy)
	}
	return out
}

func score(f float64) *float64 { return &f }

func pass() kyc.Answer { return kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass, Provider: "test"} }

// says makes an answer with one grave reason.
func says(v kyc.Verdict, code string) kyc.Answer {
	return kyc.Answer{Status: kyc.StatusOK, Verdict: v, Reasons: []kyc.Reason{{Code: "remark", Severity: "info"}, {Code: code, Severity: "critical"}}}
}

func silent() kyc.Answer {
	a := kyc.Failed(kyc.StatusUnavailable, "timeout", "no answer in time")
	a.Transient = true
	return a
}

// risk is a fraud analysis with a score.
func risk(f float64) kyc.Answer {
	a := says(kyc.Pass, "points")
	if f >= 60 {
		a.Verdict = kyc.VerdictReview
	}
	a.Score = score(f)
	return a
}

func (b *bench) begin(ctx context.Context, s *kyc.Session, uploads []kyc.Upload, now time.Time, _ kyc.Actor, with kyc.Change) (kyc.Run, error) {
	run := kyc.Run{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: s.Tenant}, SessionID: s.ID, SubjectID: s.SubjectID, WorkflowID: s.WorkflowID,
		Version: s.Version, Status: kyc.RunRunning, StartedAt: now}
	run.Touch(now)
	if err := s.Move(kyc.SessionRunning, now); err != nil {
		return run, err
	}
	s.RunID = run.ID
	s.Touch(now)
	with.Put = append(slices.Clone(with.Put), s, &run)
	if err := b.store.Commit(ctx, &with); err != nil {
		return run, err
	}
	b.begun, b.given = append(b.begun, run), append(b.given, uploads)
	return run, nil
}

// end finishes the session's run as the engine does; an empty outcome is an
// engine failure, cancelled a run that was called off.
func (b *bench) end(s kyc.Session, o kyc.Outcome, cancelled bool) {
	b.t.Helper()
	run, err := memory.Get[kyc.Run](b.store, s.Tenant, s.RunID)
	if err != nil {
		b.t.Fatal(err)
	}
	at := b.d.Clock.Now()
	to := map[kyc.Outcome]kyc.SessionStatus{kyc.Approved: kyc.SessionApproved, kyc.Rejected: kyc.SessionRejected, kyc.NeedsReview: kyc.SessionReview, "": kyc.SessionFailed}[o]
	run.Status, run.Outcome = kyc.RunCompleted, o
	if cancelled {
		to, run.Status = kyc.SessionCancelled, kyc.RunCancelled
	}
	if err := s.Move(to, at); err != nil {
		b.t.Fatal(err)
	}
	s.Result = o
	c, err := b.Finished(b.t.Context(), &run, &s, at, End{Status: run.Status, Filing: kyc.Filing{ReasonCode: "not_passed"}})
	if err != nil {
		b.t.Fatal(err)
	}
	run.Touch(at)
	s.Touch(at)
	c.Put = append(c.Put, &run, &s)
	if err := b.store.Commit(b.t.Context(), &c); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) cancel(_ context.Context, t kyc.Tenant, run kyc.ID, _ string, _ kyc.Actor) error {
	r, err := memory.Get[kyc.Run](b.store, t, run)
	if err != nil {
		return err
	}
	if r.Status != kyc.RunRunning {
		return kyc.Errorf(kyc.Conflict, "run_ended", "the run is %s already", r.Status)
	}
	b.cancelled = append(b.cancelled, run)
	s, err := b.store.Session(b.t.Context(), t, r.SessionID)
	if err != nil {
		return err
	}
	b.end(s, "", true)
	return nil
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

// later moves the clock.
func (b *bench) later(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clock = b.clock.Add(d)
}

// heard lists the webhooks about a session, oldest first.
func (b *bench) heard(id kyc.ID) []string {
	var out []string
	for _, e := range b.store.Log {
		if e.ObjectID == id && e.Webhook != "" {
			out = append(out, strings.TrimPrefix(e.Webhook, "session."))
		}
	}
	return out
}

// settings changes the organisation's rules everywhere.
func (b *bench) settings(change func(s *kyc.Settings)) {
	b.t.Helper()
	org, err := b.store.Org(b.t.Context(), b.live.Org)
	if err != nil {
		b.t.Fatal(err)
	}
	s := kyc.DefaultSettings()
	change(&s)
	org.Settings = map[kyc.Env]kyc.Settings{kyc.Live: s, kyc.Sandbox: s}
	org.Touch(b.clock)
	if err := b.store.Commit(b.t.Context(), &kyc.Change{Put: []kyc.Object{&org}}); err != nil {
		b.t.Fatal(err)
	}
}

// workflow makes a checklist of steps, written as JSON objects or bare ids.
func (b *bench) workflow(steps ...string) WorkflowState {
	b.t.Helper()
	for i, s := range steps {
		if !strings.HasPrefix(s, "{") {
			steps[i] = `{"id":"` + s + `"}`
		}
	}
	st, err := b.CreateWorkflow(b.t.Context(), b.live, b.key, json.RawMessage(`{"name":"Plain","steps":[`+strings.Join(steps, ",")+`]}`), false)
	if err != nil {
		b.t.Fatal(err)
	}
	return st
}

func person(w WorkflowState) NewSession {
	return NewSession{WorkflowID: string(w.Workflow.ID), Email: "ada@example.org", FirstName: "Ada", LastName: "Example", Phone: "+31612345678"}
}

// opened makes a sandbox session of a checklist.
func (b *bench) opened(steps ...string) kyc.ID {
	b.t.Helper()
	c, err := b.Create(b.t.Context(), b.box, b.key, person(b.workflow(steps...)))
	if err != nil {
		b.t.Fatal(err)
	}
	return c.State.Session.ID
}

// file announces and sends a file nobody sent before.
func (b *bench) file(id kyc.ID) string {
	b.files++
	return b.send(id, fmt.Sprintf("PNG %d", b.files), "image/png")
}

func (b *bench) send(id kyc.ID, content, kind string) string {
	b.t.Helper()
	a, err := b.Upload(b.t.Context(), b.box, b.key, id, NewUpload{Name: "file", ContentType: kind})
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.Receive(b.t.Context(), a.Token, []byte(content)); err != nil {
		b.t.Fatal(err)
	}
	return string(a.Transfer.ID)
}

func (b *bench) submit(id kyc.ID, step string, body any) (Submitted, error) {
	b.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.Submit(b.t.Context(), b.box, b.key, id, step, Submission{Body: raw})
}

// must is submit that has to be taken; it checks how the step stands after.
func (b *bench) must(id kyc.ID, step string, body any, status string) Submitted {
	b.t.Helper()
	out, err := b.submit(id, step, body)
	if err != nil {
		b.t.Fatalf("%s: %v", step, err)
	}
	if out.Step.Status != status {
		b.t.Fatalf("%s is %s (%s), want %s", step, out.Step.Status, out.Step.FailureReason, status)
	}
	return out
}

var pepBody = map[string]any{"first_name": "Ada", "last_name": "Example", "date_of_birth": "1990-01-15"}

func (b *bench) session(id kyc.ID) kyc.Session {
	b.t.Helper()
	s, err := b.store.Session(b.t.Context(), b.box, id)
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

func (b *bench) step(id kyc.ID, i int) kyc.StepState {
	b.t.Helper()
	j, err := b.store.Journey(b.t.Context(), b.box, id)
	if err != nil {
		b.t.Fatal(err)
	}
	return j.Steps[i]
}

// problems are the paths and codes of an error, in order.
func problems(err error) []string {
	var out []string
	if err != nil {
		for _, p := range kyc.AsError(err).Problems {
			out = append(out, p.Path+" "+p.Code)
		}
	}
	return out
}

func wantProblems(t *testing.T, err error, want ...string) {
	t.Helper()
	if got := problems(err); !slices.Equal(got, want) {
		t.Errorf("the problems are %q (%v), want %q", got, err, want)
	}
}
