package insight

import (
	"context"
	"sync"
	"time"

	"bonafide/kyc"
)

// Store is what the figures are made of.
type Store interface {
	AddTallies(ctx context.Context, t kyc.Tenant, list []kyc.Tally) error
	Tallies(ctx context.Context, t kyc.Tenant, from, to time.Time) ([]kyc.Tally, error)
	WalkTallies(ctx context.Context, t kyc.Tenant, workflow kyc.ID, from, to time.Time) ([]kyc.Tally, error)
	EachSessionFact(ctx context.Context, t kyc.Tenant, from, to time.Time, each func(kyc.SessionFact) error) error
	EachJourneyFact(ctx context.Context, t kyc.Tenant, from, to time.Time, each func(kyc.JourneyFact) error) error
	EachCaseFact(ctx context.Context, t kyc.Tenant, from, to time.Time, each func(kyc.CaseFact) error) error
	EachQualityFact(ctx context.Context, t kyc.Tenant, from, to time.Time, each func(kyc.QualityFact) error) error
}

// Machine makes figures. It may be used by many goroutines.
type Machine struct {
	store Store
	clock kyc.Clock

	mu      sync.Mutex
	waiting map[cell]count
	reports map[Ask]*kept
}

// kept is a report in memory and whoever makes the next one.
type kept struct {
	report  *Report
	err     error
	making  chan struct{} // closed when done; nil: nobody
	visited time.Time
}

// New makes a machine.
func New(s Store, clock kyc.Clock) *Machine {
	return &Machine{store: s, clock: clock, waiting: map[cell]count{}, reports: map[Ask]*kept{}}
}

// Ask says what figures are wanted.
type Ask struct {
	Tenant kyc.Tenant
	// Days is the length of the period that ends today, 1-366.
	Days int
	// Workflow keeps the sessions of one workflow; empty: all. Figures of
	// checks, providers and reviewers are always of all.
	Workflow kyc.ID
}

// MaxDays is the longest period.
const MaxDays = 366

// Lifetimes of what is kept in memory.
const (
	fresh    = time.Minute
	maxKept  = 64
	makeTime = 2 * time.Minute
)

// Report gives the figures of a period. What is older than a minute is given
// still while it is made anew; only the first reader waits. Errors: Invalid
// days_out_of_range.
func (m *Machine) Report(ctx context.Context, a Ask) (*Report, error) {
	if a.Days < 1 || a.Days > MaxDays {
		return nil, kyc.InvalidInput("days_out_of_range", "the period is not valid", []kyc.Problem{{Path: "/days", Code: "out_of_range", Message: "between 1 and 366 days"}})
	}
	for {
		m.mu.Lock()
		now := m.clock.Now()
		k := m.reports[a]
		if k == nil {
			m.forget()
			k = &kept{}
			m.reports[a] = k
		}
		k.visited = now
		if k.report != nil && now.Sub(k.report.AsOf) < fresh && sameDay(now, k.report.AsOf) {
			defer m.mu.Unlock()
			return k.report, nil
		}
		if k.making == nil {
			k.making = make(chan struct{})
			go m.make(context.WithoutCancel(ctx), a, k, now)
		}
		old, making := k.report, k.making
		m.mu.Unlock()
		if old != nil && sameDay(now, old.AsOf) {
			return old, nil
		}
		select {
		case <-making:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		m.mu.Lock()
		report, err := k.report, k.err
		m.mu.Unlock()
		if err != nil || report != nil {
			return report, err
		}
	}
}

func sameDay(a, b time.Time) bool {
	return a.UTC().Truncate(24 * time.Hour).Equal(b.UTC().Truncate(24 * time.Hour))
}

// make makes a report apart from the request that asked for it first.
func (m *Machine) make(ctx context.Context, a Ask, k *kept, now time.Time) {
	ctx, cancel := context.WithTimeout(ctx, makeTime)
	defer cancel()
	err := m.Flush(ctx)
	var r *Report
	if err == nil {
		r, err = m.compute(ctx, a, now)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if k.err = err; err == nil {
		k.report = r
	} else {
		k.report = nil // old figures must not hide that there are no new ones
	}
	close(k.making)
	k.making = nil
}

// forget drops the report that was visited longest ago when there are too many.
func (m *Machine) forget() {
	if len(m.reports) < maxKept {
		return
	}
	var oldest Ask
	var at time.Time
	for a, k := range m.reports {
		if k.making == nil && (at.IsZero() || k.visited.Before(at)) {
			oldest, at = a, k.visited
		}
	}
	delete(m.reports, oldest)
}
