package casework_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"syscall"
	"testing"
	"time"

	"bonafide/kyc"
)

// Sizes the brief asks for: 100,000 sessions, 10,000 of them with an open case.
const (
	benchSessions = 100_000
	benchCases    = 10_000
)

// BenchmarkPages measures the server's time for the queue and for a case with
// findings and hits, on SQLite with a commit for each look. It reports the median,
// the 99th percentile and, for a machine that others use too, the processor time of
// a request, all in milliseconds.
func BenchmarkPages(bb *testing.B) {
	b := newBench(bb)
	ids := b.fill(benchSessions, benchCases)
	c, err := b.db.Case(context.Background(), kyc.Tenant{Org: b.org.ID, Env: kyc.Live}, ids[len(ids)/2])
	if err != nil {
		bb.Fatal(err)
	}
	b.full(&c)
	w := b.as("reviewer")
	for name, path := range map[string]string{
		"queue": "/console/queue", "deep": "/console/queue?page=380", "overdue": "/console/queue?view=overdue", "mine": "/console/queue?view=mine", "case": address(&c),
	} {
		bb.Run(name, func(bb *testing.B) {
			var took []time.Duration
			began := processor(bb)
			for bb.Loop() {
				start := time.Now()
				if code, _, _ := w.do("GET", path, nil); code != http.StatusOK {
					bb.Fatal(code)
				}
				took = append(took, time.Since(start))
			}
			bb.ReportMetric(float64((processor(bb)-began).Microseconds())/1000/float64(len(took)), "cpu-ms")
			slices.Sort(took)
			bb.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			bb.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
		})
	}
}

// processor is how long this process has computed.
func processor(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// fill writes sessions and open cases straight into the store.
func (b *bench) fill(sessions, cases int) []kyc.ID {
	b.tb.Helper()
	var out []kyc.ID
	every := sessions / cases
	for from := 0; from < sessions; from += 1000 {
		var change kyc.Change
		for i := from; i < min(from+1000, sessions); i++ {
			s := &kyc.Session{Meta: b.meta(kyc.Live), Surface: kyc.SurfaceGraph, WorkflowID: b.workflow.ID, Status: kyc.SessionApproved, ExternalRef: fmt.Sprint("ref-", i)}
			change.Put = append(change.Put, s)
			if i%every != 0 {
				continue
			}
			s.Status = kyc.SessionReview
			c := &kyc.Case{Meta: b.meta(kyc.Live), SessionID: s.ID, RunID: kyc.NewID(time.Now()), Status: kyc.CaseOpen, Queue: fmt.Sprint("queue-", i%7), Priority: i % 5,
				ReasonCode: "list_hit", EnteredReviewAt: b.clock.at.Add(-time.Duration(i) * time.Second)}
			out = append(out, c.ID)
			change.Put = append(change.Put, c)
		}
		b.put(change.Put...)
	}
	return out
}
