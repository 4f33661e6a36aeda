package insight

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

type memory struct {
	mu       sync.Mutex
	sessions []kyc.SessionFact
	journeys []kyc.JourneyFact
	cases    []kyc.CaseFact
	checks   []kyc.QualityFact
	tallies  map[kyc.Tenant][]kyc.Tally
	broken   error
	looks    int
}

func (m *memory) AddTallies(_ context.Context, t kyc.Tenant, list []kyc.Tally) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		return m.broken
	}
	if m.tallies == nil {
		m.tallies = map[kyc.Tenant][]kyc.Tally{}
	}
	m.tallies[t] = append(m.tallies[t], list...)
	return nil
}

func (m *memory) Tallies(_ context.Context, t kyc.Tenant, _, _ time.Time) ([]kyc.Tally, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.tallies[t]), m.broken
}

func (m *memory) WalkTallies(_ context.Context, t kyc.Tenant, workflow kyc.ID, _, _ time.Time) ([]kyc.Tally, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(m.tallies[t]), func(x kyc.Tally) bool { return !strings.HasPrefix(x.Name, string(workflow)+"/") }), m.broken
}

func (m *memory) EachSessionFact(_ context.Context, _ kyc.Tenant, _, _ time.Time, each func(kyc.SessionFact) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.looks++
	for _, f := range m.sessions {
		if err := each(f); err != nil {
			return err
		}
	}
	return m.broken
}

func (m *memory) EachJourneyFact(_ context.Context, _ kyc.Tenant, _, _ time.Time, each func(kyc.JourneyFact) error) error {
	for _, f := range m.journeys {
		if err := each(f); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) EachCaseFact(_ context.Context, _ kyc.Tenant, _, _ time.Time, each func(kyc.CaseFact) error) error {
	for _, f := range m.cases {
		if err := each(f); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) EachQualityFact(_ context.Context, _ kyc.Tenant, _, _ time.Time, each func(kyc.QualityFact) error) error {
	for _, f := range m.checks {
		if err := each(f); err != nil {
			return err
		}
	}
	return nil
}

type hand struct {
	mu  sync.Mutex
	now time.Time
}

func (h *hand) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *hand) advance(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func TestTheFunnelCountsWhoCameHowFar(t *testing.T) {
	t.Parallel()
	at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
	m := &memory{sessions: []kyc.SessionFact{
		{ID: "a", WorkflowID: "w", Status: kyc.SessionCreated, CreatedAt: at(0)},
		{ID: "b", WorkflowID: "w", Status: kyc.SessionCapturing, CreatedAt: at(0), OpenedAt: at(2)},
		{ID: "c", WorkflowID: "w", Status: kyc.SessionApproved, CreatedAt: at(0), OpenedAt: at(4), SubmittedAt: at(14), CompletedAt: at(15)},
		{ID: "d", WorkflowID: "x", Status: kyc.SessionRejected, ReasonCode: "watchlist_hit", CreatedAt: at(-24 * 60), SubmittedAt: at(-24*60 + 1), CompletedAt: at(-24*60 + 2)},
		{ID: "e", WorkflowID: "w", Status: kyc.SessionExpired, CreatedAt: at(0)},
	}, journeys: []kyc.JourneyFact{
		{SessionID: "c", Steps: []kyc.StepState{{StepID: "id", Status: kyc.StepCompleted, StartedAt: at(4), CompletedAt: at(7)}, {StepID: "extra", Hidden: true}}},
		{SessionID: "b", Steps: []kyc.StepState{{StepID: "id", Status: kyc.StepFailed, StartedAt: at(4)}}},
		{SessionID: "d", Steps: []kyc.StepState{{StepID: "id", Status: kyc.StepPending}}},
	}, cases: []kyc.CaseFact{
		{Status: kyc.CaseApproved, EnteredAt: at(0), First: &kyc.CaseDecision{ReviewerID: "eve"}, Last: &kyc.CaseDecision{ReviewerID: "ada", Outcome: kyc.Approved, At: at(30)}},
		{Status: kyc.CaseOpen, EnteredAt: at(0)},
	}}
	machine := New(m, &hand{now: noon})
	r, err := machine.Report(t.Context(), Ask{Days: 2})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []Stage{{"made", 5, 0, 0}, {"opened", 3, 2 * time.Minute, 4 * time.Minute}, {"submitted", 2, time.Minute, 10 * time.Minute},
		{"decided", 2, time.Minute, time.Minute}, {"approved", 1, 0, 0}} {
		if r.Funnel[i] != want {
			t.Errorf("stage %+v, not %+v", r.Funnel[i], want)
		}
	}
	if len(r.Days) != 2 || r.Days[0].Rejected != 1 || r.Days[1].Made != 4 || r.Days[1].Approved != 1 || r.Days[1].Open != 2 || r.Days[1].Unended != 1 {
		t.Errorf("days %+v", r.Days)
	}
	if len(r.Reasons) != 1 || r.Reasons[0] != (Count{"watchlist_hit", 1}) {
		t.Errorf("reasons %+v", r.Reasons)
	}
	if len(r.Steps) != 1 || r.Steps[0].Shown != 2 || r.Steps[0].Completed != 1 || r.Steps[0].Failed != 1 || r.Steps[0].Median != 3*time.Minute {
		t.Errorf("steps %+v", r.Steps)
	}
	if len(r.Reviewers) != 2 || r.Reviewers[0].ID != "ada" || r.Reviewers[0].Median != 30*time.Minute || r.Reviewers[1].First != 1 || r.Waiting != 1 {
		t.Errorf("reviewers %+v, %d wait", r.Reviewers, r.Waiting)
	}
	if of, err := machine.Report(t.Context(), Ask{Days: 2, Workflow: "x"}); err != nil || of.Sessions != 1 || of.Steps[0].Shown != 0 {
		t.Errorf("of one workflow: %+v %v", of, err)
	}
	for _, days := range []int{0, MaxDays + 1} {
		if _, err := machine.Report(t.Context(), Ask{Days: days}); kyc.AsError(err).Code != "days_out_of_range" {
			t.Errorf("%d days: %v", days, err)
		}
	}
}

func TestAnswersOfChecksAreCountedOnce(t *testing.T) {
	t.Parallel()
	m, tenant := &memory{broken: errors.New("the disk is full")}, kyc.Tenant{Org: "o", Env: kyc.Live}
	machine := New(m, &hand{now: noon})
	said := func(verdict kyc.Verdict, status kyc.AnswerStatus, took time.Duration) {
		machine.Checked(tenant, "face_match", kyc.Answer{Status: status, Verdict: verdict, Provider: "local"}, took)
	}
	said(kyc.Pass, kyc.StatusOK, 8*time.Millisecond)
	said(kyc.Fail, kyc.StatusOK, 8*time.Millisecond)
	said(kyc.Pass, kyc.StatusError, 90*time.Second) // a verdict that does not count
	said("", kyc.StatusOK, 0)
	if err := machine.Flush(t.Context()); err == nil {
		t.Fatal("a broken store is silent")
	}
	m.broken = nil
	for range 2 {
		if err := machine.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	r, err := machine.Report(t.Context(), Ask{Tenant: tenant, Days: 1})
	if err != nil {
		t.Fatal(err)
	}
	want := Check{Policy: "face_match", Passed: 1, Failed: 1, Unanswered: 2, Mean: 90_016 * time.Millisecond / 4, Median: 10 * time.Millisecond}
	if len(r.Checks) != 1 || r.Checks[0] != want || want.FailureRate() != 0.5 {
		t.Errorf("checks %+v", r.Checks)
	}
	if len(r.Providers) != 1 || r.Providers[0].Answered != 3 || r.Providers[0].Missed != 1 {
		t.Errorf("providers %+v", r.Providers)
	}
}

func TestFiguresAreKeptForAMinute(t *testing.T) {
	t.Parallel()
	m, clock := &memory{}, &hand{now: noon}
	machine := New(m, clock)
	ask := Ask{Days: 7}
	look := func() *Report {
		t.Helper()
		r, err := machine.Report(t.Context(), ask)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	first := look()
	if look() != first || m.looks != 1 {
		t.Error("fresh figures were made again")
	}
	clock.advance(2 * time.Minute)
	m.mu.Lock()
	m.sessions = []kyc.SessionFact{{ID: "a", CreatedAt: noon}}
	m.mu.Unlock()
	if look() != first {
		t.Error("a reader waited for new figures")
	}
	machine.mu.Lock()
	making := machine.reports[ask].making
	machine.mu.Unlock()
	if making != nil {
		<-making
	}
	if got := look(); got == first || got.Sessions != 1 {
		t.Errorf("old figures stay: %+v", got)
	}
	// Figures that cannot be made anew are an error, not yesterday's figures.
	clock.advance(24 * time.Hour)
	m.mu.Lock()
	m.broken = errors.New("the disk is gone")
	m.mu.Unlock()
	if r, err := machine.Report(t.Context(), ask); err == nil {
		t.Errorf("broken figures: %+v", r)
	}
	for i := range maxKept + 3 {
		m.mu.Lock()
		m.broken = nil
		m.mu.Unlock()
		ask = Ask{Days: i + 1}
		look()
	}
	if len(machine.reports) > maxKept {
		t.Errorf("%d reports are kept", len(machine.reports))
	}
}
