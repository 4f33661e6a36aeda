package insight

import (
	"context"
	"errors"
	"time"

	"bonafide/kyc"
)

// Measures of tallies.
const (
	measureCheck    = "check"
	measureProvider = "provider"
	measureRun      = "run"  // of a version of a workflow, by how it ended
	measureNode     = "node" // of a version, by node and what became of it
	measureMove     = "move" // of a version, from node to node and why
)

// classes are the upper ends of the classes of duration, in milliseconds; what
// takes longer than the last is in the class 0.
var classes = [...]int64{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000}

func class(ms int64) int64 {
	for _, c := range classes {
		if ms <= c {
			return c
		}
	}
	return 0
}

type cell struct {
	tenant kyc.Tenant
	tally  kyc.Tally // without N and MS
}

type count struct{ n, ms int64 }

// maxCells bounds what waits in memory; beyond it counts are dropped until the
// store takes them again. Each is of about 200 bytes.
const maxCells = 20_000

// Checked counts an attempt of a check. The label is the verdict where there is
// one and the status otherwise, so a check that did not run is never counted
// as passed.
func (m *Machine) Checked(t kyc.Tenant, policy string, a kyc.Answer, took time.Duration) {
	label := string(a.Verdict)
	if a.Status != kyc.StatusOK || label == "" {
		label = string(a.Status)
	}
	day := m.clock.Now().UTC().Truncate(24 * time.Hour)
	ms := max(took.Milliseconds(), 0)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.add(cell{t, kyc.Tally{Day: day, Measure: measureCheck, Name: policy, Label: label, Upto: class(ms)}}, ms)
	if a.Provider != "" {
		how := "answered"
		if a.Status != kyc.StatusOK {
			how = string(a.Status)
		}
		m.add(cell{t, kyc.Tally{Day: day, Measure: measureProvider, Name: a.Provider, Label: how, Upto: class(ms)}}, ms)
	}
}

func (m *Machine) add(c cell, ms int64) {
	n, known := m.waiting[c]
	if !known && len(m.waiting) >= maxCells {
		return
	}
	n.n, n.ms = n.n+1, n.ms+ms
	m.waiting[c] = n
}

// Flush gives the store what was counted since the last time. What the store
// does not take stays for the next time.
func (m *Machine) Flush(ctx context.Context) error {
	m.mu.Lock()
	taken := m.waiting
	m.waiting = map[cell]count{}
	m.mu.Unlock()
	byTenant := map[kyc.Tenant][]kyc.Tally{}
	for c, n := range taken {
		x := c.tally
		x.N, x.MS = n.n, n.ms
		byTenant[c.tenant] = append(byTenant[c.tenant], x)
	}
	var errs []error
	for t, list := range byTenant {
		if err := m.store.AddTallies(ctx, t, list); err != nil {
			errs = append(errs, err)
			m.mu.Lock()
			for _, x := range list {
				n := count{x.N, x.MS}
				x.N, x.MS = 0, 0
				c := cell{t, x}
				before := m.waiting[c]
				m.waiting[c] = count{before.n + n.n, before.ms + n.ms}
			}
			m.mu.Unlock()
		}
	}
	return errors.Join(errs...)
}

// Work flushes every interval until the context ends, and once more then.
// failed hears what the store said; it may be nil.
func (m *Machine) Work(ctx context.Context, every time.Duration, failed func(error)) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			if err := m.Flush(last); err != nil && failed != nil {
				failed(err)
			}
			return
		case <-tick.C:
			if err := m.Flush(ctx); err != nil && failed != nil && ctx.Err() == nil {
				failed(err)
			}
		}
	}
}
