package backtest

import (
	"testing"

	"bonafide/kyc"
)

// BenchmarkBacktest is a backtest of 1,000 sessions in SQLite, from the request
// to its last commit: five nodes, two checks asked and a mandatory one, the
// threshold of a condition moved.
func BenchmarkBacktest(b *testing.B) {
	s := setup(b, listGraph, edited(`0.8`, `0.5`))
	people := make([]person, MaxSessions)
	for i := range people {
		people[i] = person{float64(i) / MaxSessions, "passport", "NL"}
	}
	s.ran(b, people...)
	s.deps.Patience = 1 << 40
	m := New(s.deps)
	for b.Loop() {
		got, err := m.Start(b.Context(), s.tenant, s.by, Request{Workflow: s.workflow, Version: 2, Last: MaxSessions})
		if err != nil || got.Status != kyc.BacktestCompleted || got.Tally.Changed != 300 {
			b.Fatalf("%+v, %v", got.Tally, err)
		}
	}
	b.ReportMetric(float64(MaxSessions*b.N)/b.Elapsed().Seconds(), "sessions/s")
}
