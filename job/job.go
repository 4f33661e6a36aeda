package job

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"bonafide/kyc"
)

// Handler does one job. An error is logged and the job is tried again later
// with growing waits (at most 25 times); Snooze and Cancel say otherwise.
type Handler func(ctx context.Context, j kyc.Job) error

// Snooze is the error of a handler whose job shall be done again after d,
// without counting as a failure.
func Snooze(d time.Duration) error { return river.JobSnooze(d) }

// Cancel is the error of a handler whose job can never succeed.
func Cancel(err error) error { return river.JobCancel(err) }

// Periodic is a job that one node leaves for all every so often.
type Periodic struct {
	Kind  string
	Every time.Duration
	// AtStart also leaves it when the process starts.
	AtStart bool
}

// Options of Run.
type Options struct {
	// Clock replaces the machine's clock, for tests of what waits.
	Clock kyc.Clock
	// MaxWorkers is how many jobs run at the same time here (default 16).
	MaxWorkers int
	// Timeout of one job (default 2 minutes). A job of a dead node is taken
	// up again after twice this time.
	Timeout  time.Duration
	Periodic []Periodic
	// Done is told of each job that was tried: its kind, done, failed or later
	// (it asked to be done again), and how late it was begun. It must return
	// quickly; nil is told nothing.
	Done func(kind, result string, late time.Duration)
}
