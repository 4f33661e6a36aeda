package engine

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"bonafide/flow"
	"bonafide/kyc"
)

// Yardstick is the same work by hand: the writes of one six-node session in
// raw transactions on the same store.
type Yardstick interface {
	Execute(ctx context.Context, n int) error
}

// BenchOptions say what is measured.
type BenchOptions struct {
	Name  string // sqlite, postgres
	Sync  string // full, normal, on
	Store Store
	Raw   Yardstick // nil: the engine alone
	// Submitters are the closed loops to run (default 1, 8, 64).
	Submitters []int
	// Rounds of raw and engine in turn; the median counts (default 3).
	Rounds int
	// Round is how long each of them lasts (default 2 s).
	Round time.Duration
	Clock kyc.Clock
	// Prefill stores that many finished sessions first.
	Prefill int
}

// BenchResult is one line of `bonafide bench engine --json`.
type BenchResult struct {
	Store      string  `json:"store"`
	Sync       string  `json:"sync"`
	Submitters int     `json:"submitters"`
	Raw        float64 `json:"raw_per_s"`
	Engine     float64 `json:"engine_per_s"`
	Ratio      float64 `json:"ratio"`
	P50        float64 `json:"p50_ms"` // from submit to the stored end
	P99        float64 `json:"p99_ms"`
	Stored     int     `json:"stored,omitempty"` // sessions in the store before
}

// BenchGraph is the workload: start, three checks that do nothing, a
// conditional, a terminal.
const BenchGraph = `{"entry":"start","nodes":{
 "start":{"type":"start","next":"a"},
 "a":{"type":"policy","policy":"first","on_pass":"b","on_fail":"no"},
 "b":{"type":"policy","policy":"second","on_pass":"c","on_fail":"no"},
 "c":{"type":"policy","policy":"third","on_pass":"which","on_fail":"no"},
 "which":{"type":"conditional","routes":[{"conditions":[{"field":"session.country","operator":"==","value":"XX"}],"next":"no"}],"default":"yes"},
 "yes":{"type":"terminal","outcome":"approved"},
 "no":{"type":"terminal","outcome":"rejected"}}}`

// Bench measures the engine beside the yardstick, in turn in one run.
func Bench(ctx context.Context, o BenchOptions, each func(BenchResult)) error {
	if o.Rounds <= 0 {
		o.Rounds = 3
	}
	if o.Round <= 0 {
		o.Round = 2 * time.Second
	}
	if len(o.Submitters) == 0 {
		o.Submitters = []int{1, 8, 64}
	}
	if o.Clock == nil {
		o.Clock = kyc.SystemClock()
	}
	l, err := newLoad(ctx, o)
	if err != nil {
		return err
	}
	defer l.engine.Stop(context.WithoutCancel(ctx))
	stored := 0
	if o.Prefill > 0 {
		if err := l.fill(ctx, o.Prefill); err != nil {
			return err
		}
		stored = o.Prefill
	}
	for _, n := range o.Submitters {
		r := BenchResult{Store: o.Name, Sync: o.Sync, Submitters: n, Stored: stored}
		var raw, eng, p50, p99 []float64
		for round := -1; round < o.Rounds; round++ {
			last := o.Round
			if round < 0 { // to warm up
				last /= 4
			}
			if o.Raw != nil {
				rate, _, err := closedLoop(ctx, n, last, o.Raw.Execute)
				if err != nil {
					return err
				}
				raw = append(raw, rate)
			}
			rate, took, err := closedLoop(ctx, n, last, l.execute)
			if err != nil {
				return err
			}
			eng = append(eng, rate)
			p50 = append(p50, percentile(took, 50))
			p99 = append(p99, percentile(took, 99))
			if round < 0 {
				raw, eng, p50, p99 = nil, nil, nil, nil
			}
		}
		r.Engine, r.P50, r.P99 = median(eng), median(p50), median(p99)
		if o.Raw != nil {
			r.Raw = median(raw)
			r.Ratio = r.Engine / r.Raw
		}
		each(r)
	}
	return nil
}

// load is an engine under load.
type load struct {
	store   Store
	clock   kyc.Clock
	engine  *Engine
	graph   *flow.Compiled
	subject *kyc.Subject
	setting kyc.Settings
	mu      sync.Mutex
	waiting map[kyc.ID]chan kyc.Run
}

// idle is a check that does nothing.
type idle struct{}

func (idle) Run(context.Context, kyc.CheckRequest) kyc.Answer {
	score := 0.93
	return kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass, Score: &score, Provider: "bench",
		Details: map[string]any{"note": "a result of about two hundred bytes, as a small check would answer it"}}
}

func newLoad(ctx context.Context, o BenchOptions) (*load, error) {
	g, report := flow.Compile(json.RawMessage(BenchGraph), flow.Options{})
	if err := report.Err(); err != nil {
		return nil, err
	}
	now := o.Clock.Now()
	l := &load{store: o.Store, clock: o.Clock, graph: g, setting: kyc.DefaultSettings(), waiting: map[kyc.ID]chan kyc.Run{}}
	tenant := kyc.Tenant{Org: kyc.NewID(now), Env: kyc.Live}
	l.subject = &kyc.Subject{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: tenant}, Kind: "individual", Status: kyc.SubjectPending}
	l.subject.Touch(now)
	if err := o.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{l.subject}}); err != nil {
		return nil, err
	}
	l.engine = New(Deps{Store: o.Store, Checks: idle{}, Clock: o.Clock, Slots: 128, Hooks: Hooks{Finished: l.finished, Stored: l.ended}})
	l.engine.Start(ctx)
	return l, nil
}

// finished adds the webhook event of the end, as the session machine does.
func (l *load) finished(_ context.Context, run kyc.Run, s *kyc.Session, f Finished) (kyc.Change, error) {
	s.Sequence++
	return kyc.Change{Events: []kyc.Event{l.event(s, f.At, "session.approve", "session.approved")}}, nil
}

func (l *load) event(s *kyc.Session, at time.Time, action, webhook string) kyc.Event {
	return kyc.Event{ID: kyc.NewID(at), Tenant: s.Tenant, At: at, Actor: kyc.SystemActor("engine"), Action: action, Object: "session", ObjectID: s.ID,
		SubjectID: s.SubjectID, Webhook: webhook, Surface: s.Surface, Payload: mustJSON(map[string]any{"session_id": s.ID, "status": s.Status, "sequence": s.Sequence})}
}

func (l *load) ended(run kyc.Run) {
	l.mu.Lock()
	c := l.waiting[run.SessionID]
	delete(l.waiting, run.SessionID)
	l.mu.Unlock()
	if c != nil {
		c <- run
	}
}

var errNotApproved = errors.New("a session of the benchmark did not end approved")

// execute submits one session and waits for its stored end.
func (l *load) execute(ctx context.Context, _ int) error {
	now := l.clock.Now()
	s := &kyc.Session{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: l.subject.Tenant}, Surface: kyc.SurfaceGraph, SubjectID: l.subject.ID,
		Status: kyc.SessionCreated, Country: "NL", SubmittedAt: now, Sequence: 1,
		Private: kyc.SessionData{Fields: map[string]any{"first_name": "Ada", "last_name": "Approve", "date_of_birth": "1990-01-01"}}}
	s.Touch(now)
	done := make(chan kyc.Run, 1)
	l.mu.Lock()
	l.waiting[s.ID] = done
	l.mu.Unlock()
	_, err := l.engine.Begin(ctx, BeginRequest{Session: s, Graph: l.graph, Version: 1, Arm: "stable", Subject: l.subject, Settings: &l.setting, Now: now,
		With: kyc.Change{Put: []kyc.Object{s}, Events: []kyc.Event{l.event(s, now, "session.create", "session.created")}}})
	if err != nil {
		return err
	}
	select {
	case run := <-done:
		if run.Outcome != kyc.Approved {
			return errNotApproved
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// closedLoop lets submitters work one execution after the other for a time.
func closedLoop(ctx context.Context, submitters int, last time.Duration, execute func(context.Context, int) error) (rate float64, took []time.Duration, err error) {
	var wg sync.WaitGroup
	var n atomic.Int64
	results := make([][]time.Duration, submitters)
	errs := make([]error, submitters)
	begin := time.Now()
	for i := range submitters {
		wg.Go(func() {
			for time.Since(begin) < last && ctx.Err() == nil {
				at := time.Now()
				if errs[i] = execute(ctx, int(n.Add(1))); errs[i] != nil {
					return
				}
				results[i] = append(results[i], time.Since(at))
			}
		})
	}
	wg.Wait()
	whole := time.Since(begin)
	for _, r := range results {
		took = append(took, r...)
	}
	slices.Sort(took)
	return float64(len(took)) / whole.Seconds(), took, errors.Join(errors.Join(errs...), ctx.Err())
}

func percentile(sorted []time.Duration, p int) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return float64(sorted[min(len(sorted)*p/100, len(sorted)-1)].Microseconds()) / 1000
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	slices.Sort(v)
	return v[len(v)/2]
}
