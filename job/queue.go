package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"

	"bonafide/kyc"
)

// args is a kyc.Job as River keeps it. To River all jobs are of one kind: a
// process then sees a job it has no handler for and can leave it to another,
// where River would count a failure. Name and Unique make two jobs the same.
type args struct {
	Name   string          `json:"kind" river:"unique"`
	Tenant kyc.Tenant      `json:"tenant"`
	Object kyc.ID          `json:"object,omitempty"`
	Unique string          `json:"unique,omitempty" river:"unique"`
	Key    string          `json:"key,omitempty"`
	Args   json.RawMessage `json:"args,omitempty"`
}

// Kind is the one River knows; the kyc kind is Name, and a tag.
func (args) Kind() string { return "bonafide" }

// cooldown is the shortest time between two looks for jobs, and between two
// announcements of new ones.
const cooldown = 5 * time.Millisecond

// Queue puts jobs into a database and works them. TTx is the transaction of
// its driver: *sql.Tx or pgx.Tx.
type Queue[TTx any] struct {
	driver riverdriver.Driver[TTx]
	insert *river.Client[TTx]
	log    *slog.Logger
}

// New makes a queue on a database that River's migrations have prepared.
func New[TTx any](driver riverdriver.Driver[TTx], log *slog.Logger) (*Queue[TTx], error) {
	c, err := river.NewClient(driver, &river.Config{Logger: quiet(), FetchCooldown: cooldown})
	if err != nil {
		return nil, fmt.Errorf("opening the queue: %w", err)
	}
	return &Queue[TTx]{driver: driver, insert: c, log: log}, nil
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// InsertTx leaves jobs inside the caller's transaction. A job whose kind and
// key wait already is dropped; when the one before is running right now, a
// successor waits behind it, so that no wake-up is lost. River writes down that
// a job ended some time after it did, so the successor may be running in its
// books as well: then there is one more.
func (q *Queue[TTx]) InsertTx(ctx context.Context, tx TTx, left []kyc.Job) error {
	if len(left) == 0 {
		return nil
	}
	jobs := make([]keyed, len(left))
	for i, j := range left {
		jobs[i] = keyed{j, j.Key}
	}
	for range successors {
		params := make([]river.InsertManyParams, len(jobs))
		for i, j := range jobs {
			params[i] = insertParams(j.Job, j.unique)
		}
		results, err := q.insert.InsertManyTx(ctx, tx, params)
		if err != nil {
			return fmt.Errorf("leaving jobs: %w", err)
		}
		var behind []keyed
		for i, r := range results {
			if r.UniqueSkippedAsDuplicate && r.Job != nil && r.Job.State == rivertype.JobStateRunning {
				behind = append(behind, keyed{jobs[i].Job, jobs[i].unique + "|next"})
			}
		}
		if jobs = behind; len(jobs) == 0 {
			return nil
		}
	}
	return kyc.Errorf(kyc.Unavailable, "queue_busy", "too many jobs of one key are running at the same time; try again")
}

// successors bounds how many jobs of one key may stand as running.
const successors = 64

// keyed is a job with the key it must not share.
type keyed struct {
	kyc.Job
	unique string
}

// waiting are the states in which a job stands in the way of its equal. River
// insists on running being among them; see InsertTx.
func waiting() []rivertype.JobState {
	return []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
		rivertype.JobStateRetryable, rivertype.JobStateScheduled}
}

func insertParams(j kyc.Job, unique string) river.InsertManyParams {
	o := &river.InsertOpts{ScheduledAt: j.At, Tags: []string{tag(j.Kind)}}
	if j.Key != "" {
		o.UniqueOpts = river.UniqueOpts{ByArgs: true, ByState: waiting()}
	}
	return river.InsertManyParams{Args: args{Name: j.Kind, Tenant: j.Tenant, Object: j.Object, Unique: unique, Key: j.Key, Args: j.Args}, InsertOpts: o}
}

// tag makes a kind a tag, which River wants of word characters.
func tag(kind string) string {
	return "kind_" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, kind)
}

// worker finds the handler of a job.
type worker struct {
	river.WorkerDefaults[args]
	handlers map[string]Handler
	log      *slog.Logger
	now      func() time.Time
	done     func(kind, result string, late time.Duration)
}

// leftAlone is how long a job rests that nobody here can do.
const leftAlone = time.Second

// Work does one job. A panic of a handler is an error of the job.
func (w *worker) Work(ctx context.Context, j *river.Job[args]) (err error) {
	a := j.Args
	handle, ok := w.handlers[a.Name]
	if !ok {
		return Snooze(leftAlone)
	}
	late := w.now().Sub(j.ScheduledAt)
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the handler of %s panicked: %v", a.Name, r)
		}
		var snooze *river.JobSnoozeError
		if err != nil && !errors.As(err, &snooze) && ctx.Err() == nil {
			w.log.Error("job failed", "kind", a.Name, "object", a.Object, "attempt", j.Attempt, "error", err)
		}
		switch {
		case err == nil:
			w.done(a.Name, "done", late)
		case errors.As(err, &snooze):
			w.done(a.Name, "later", late)
		default:
			w.done(a.Name, "failed", late)
		}
	}()
	return handle(ctx, kyc.Job{Kind: a.Name, Tenant: a.Tenant, Object: a.Object, Key: a.Key, At: j.ScheduledAt, Args: a.Args})
}

// clock makes River's queries take our time instead of the database's.
type clock struct{ kyc.Clock }

// NowOrNil is never nil: with a clock of ours, that one counts everywhere.
func (c clock) NowOrNil() *time.Time {
	now := c.Now()
	return &now
}

// Run works the queue until the context ends, then gives running jobs five
// seconds. Jobs of kinds without a handler here are left to a process that has
// one.
func (q *Queue[TTx]) Run(ctx context.Context, handlers map[string]Handler, o Options) error {
	if o.MaxWorkers <= 0 {
		o.MaxWorkers = 16
	}
	if o.Timeout <= 0 {
		o.Timeout = 2 * time.Minute
	}
	mocked := o.Clock != nil
	if !mocked {
		o.Clock = kyc.SystemClock()
	}
	if o.Done == nil {
		o.Done = func(string, string, time.Duration) {}
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, river.Worker[args](&worker{handlers: handlers, log: q.log, now: o.Clock.Now, done: o.Done}))
	var periodic []*river.PeriodicJob
	for _, p := range o.Periodic {
		periodic = append(periodic, river.NewPeriodicJob(river.PeriodicInterval(p.Every), func() (river.JobArgs, *river.InsertOpts) {
			x := insertParams(kyc.Job{Kind: p.Kind, Key: "periodic"}, "periodic")
			return x.Args, x.InsertOpts
		}, &river.PeriodicJobOpts{RunOnStart: p.AtStart}))
	}
	config := &river.Config{
		Logger:                      quiet(),
		Queues:                      map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: o.MaxWorkers}},
		Workers:                     workers,
		PeriodicJobs:                periodic,
		FetchCooldown:               cooldown,
		FetchPollInterval:           time.Second, // new jobs announce themselves; this finds the rest
		JobTimeout:                  o.Timeout,
		RescueStuckJobsAfter:        2 * o.Timeout,
		CompletedJobRetentionPeriod: 5 * time.Minute,
		SoftStopTimeout:             5 * time.Second,
	}
	if mocked {
		config.Test.Time = clock{o.Clock}
	}
	c, err := river.NewClient(q.driver, config)
	if err != nil {
		return fmt.Errorf("starting the queue: %w", err)
	}
	if err := c.Start(ctx); err != nil {
		return fmt.Errorf("starting the queue: %w", err)
	}
	<-c.Stopped()
	if err := ctx.Err(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}
