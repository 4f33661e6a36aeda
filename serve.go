package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"bonafide/access"
	"bonafide/api"
	"bonafide/api/graph"
	"bonafide/backtest"
	"bonafide/demo"
	"bonafide/engine"
	"bonafide/entity"
	"bonafide/execution"
	"bonafide/inquiry"
	"bonafide/intake"
	"bonafide/job"
	"bonafide/kyc"
	"bonafide/monitor"
	"bonafide/screen"
	"bonafide/session"
	"bonafide/upkeep"
	"bonafide/webhook"
)

// Jobs that main itself leaves.
const (
	jobExpire = "session.expire" // capture links whose time is over
	jobLapse  = "case.lapse"     // claims that lie idle
	jobSweep  = "store.sweep"    // idempotency records and announced files whose time is over
	jobLists  = "lists.update"   // the official watchlists
	jobRoots  = "audit.roots"    // days of audit chains that are over
)

// Run serves until the context ends.
func (s serveCmd) Run(ctx context.Context, c *console, g *Globals) error {
	return s.serve(ctx, g, c, nil)
}

// serve is the server; ready is told once it accepts requests.
func (s serveCmd) serve(ctx context.Context, g *Globals, c *console, ready func(*app)) (err error) {
	level := slog.LevelError
	if g.Verbose {
		level = slog.LevelDebug
	} else if !s.Demo {
		level = slog.LevelInfo
	}
	lines := upkeep.NewLogLines(c.err)
	defer lines.Flush()
	log := slog.New(slog.NewTextHandler(lines, &slog.HandlerOptions{Level: level}))
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.Addr)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", s.Addr, err)
	}
	// Health answers from the first moment; the rest once all is loaded.
	door := &opening{clock: kyc.SystemClock()}
	if s.Pace.Rate == 0 {
		s.Pace = api.ShippedPace()
	}
	server := &http.Server{Handler: api.Paced(door, s.Pace), ConnContext: api.ConnContext, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	served := make(chan error, 1)
	go func() { served <- server.Serve(api.Whole(listener)) }()
	defer func() { _ = server.Close() }() // closed already when all went well
	db, err := openStore(ctx, g, kyc.SystemClock(), log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	lists, err := screen.Open(screen.Options{Dir: g.listsDir(), Clock: kyc.SystemClock(), Log: log})
	if err != nil {
		return err
	}
	limits, err := s.limits()
	if err != nil {
		return err
	}
	upkeep.CollectOften()
	a, err := wire(db, lists, wiring{globals: g, limits: limits, role: s.Role, dev: s.Dev, demo: s.Demo, publicURL: s.PublicURL, allow: s.WebhookAllow, noMX: s.NoMX, knownFaces: s.KnownFaces, oidc: s.OIDC,
		loopback: s.Dev || s.Demo, log: log})
	if err != nil {
		return err
	}
	defer func() { _ = a.reader.Close() }() // nothing is stored there
	defer a.faces.Close()
	defer a.known.Close()
	defer a.readings.Close()
	defer func() { _ = a.news.Close() }()
	a.url = "http://" + listener.Addr().String()
	if s.Dev {
		if err := a.devFile(ctx, g); err != nil {
			return err
		}
	}
	handler := a.porch.Handler()
	upkeep.TuneCollector()
	if s.Role == "worker" {
		handler = onlyHealth(handler)
	}
	return s.live(ctx, g, c, a, server, served, func() {
		door.open(handler)
		if ready != nil {
			ready(a)
		}
	})
}

// limits reads the rates of the flags; without flags (a test) they are the
// shipped ones.
func (s serveCmd) limits() (o access.LimitOptions, err error) {
	o.NoAddressLimits = s.Dev
	if s.RateChecks != "" {
		if o.KeyB, err = access.ParseRate(s.RateChecks); err != nil {
			return o, err
		}
	}
	if s.RateKeys != "" {
		o.Key, err = access.ParseRate(s.RateKeys)
	}
	return o, err
}

// live runs every part until the context ends, and stops them in order:
// first nothing new comes in, then work is finished or handed back.
func (s serveCmd) live(ctx context.Context, g *Globals, c *console, a *app, server *http.Server, served <-chan error, open func()) error {
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var parts sync.WaitGroup
	failed := make(chan error, 8)
	part := func(name string, f func(context.Context) error) {
		parts.Go(func() {
			if err := f(background); err != nil && background.Err() == nil {
				failed <- fmt.Errorf("%s stopped: %w", name, err)
			}
		})
	}
	if err := a.clocks.Refresh(ctx); err != nil {
		return err
	}
	part("the sandbox clocks", func(ctx context.Context) error {
		a.clocks.Run(ctx, time.Second, func(err error) { a.log.Warn("reading the sandbox clocks", "error", err) })
		return nil
	})
	part("the watchlists", func(ctx context.Context) error {
		tick := time.NewTicker(250 * time.Millisecond) // one stat for each list
		defer tick.Stop()
		a.lists.Watch(ctx, tick.C)
		return nil
	})
	part("the ledger of questions", func(ctx context.Context) error {
		tick := time.NewTicker(graph.QuestionsEvery)
		defer tick.Stop()
		a.questions.Run(ctx, tick.C)
		return nil
	})
	part("the figures", func(ctx context.Context) error {
		a.insight.Work(ctx, 5*time.Second, func(err error) { a.log.Warn("adding to the figures", "error", err) })
		return nil
	})
	if s.Role != "api" {
		a.engine.Start(background)
		part("the webhook sender", a.sender.Run)
		part("the job queue", func(ctx context.Context) error { return a.work(ctx, s) })
		part("the monitoring of lists", a.monitorLists)
	} else {
		part("the call for workers", a.sender.Pass)
	}
	part("the known faces", a.tendFaces)
	part("the PDF engine", func(ctx context.Context) error { return a.preparePDF(ctx, s) })
	part("the rest", func(ctx context.Context) error { return upkeep.Rest(ctx, upkeep.RestEvery, upkeep.Giver()) })
	part("the listener", func(context.Context) error {
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	open()
	c.printf("bonafide %s listens on %s (console at %s/console/, docs at %s/docs)\n", version, a.url, a.url, a.url)
	if s.Demo {
		part("the demonstration", func(ctx context.Context) error {
			if err := demo.Run(ctx, demo.Deps{URL: a.url, Data: g.Data, Out: c.out, Office: a.access, Lists: a.lists, Engine: a.engine, Sessions: a.db}); err != nil && ctx.Err() == nil {
				fmt.Fprintln(c.err, "bonafide: the demonstration stopped:", oneLine(err))
			}
			return nil
		})
	}

	var cause error
	select {
	case <-ctx.Done():
	case cause = <-failed:
	}
	// The last part of the time is for the queue and the webhooks under way.
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Grace*2/3)
	defer cancel()
	a.porch.CloseStreams()
	_ = server.Shutdown(grace) // a request that outlives the grace is cut off below
	a.engine.Stop(grace)
	stop()
	_ = server.Close()
	parts.Wait()
	if err := a.questions.Flush(grace); err != nil {
		cause = errors.Join(cause, fmt.Errorf("writing who asked the lists: %w", err))
	}
	_ = a.meters.Shutdown(grace) // nothing is pushed, so nothing is lost
	return cause
}

// preparePDFAfter is how long after its start a server compiles what opens PDF files,
// where nobody needed it before: one that is only tried out is spared it.
const preparePDFAfter = 20 * time.Second

// preparePDF spares the first applicant with a PDF on this machine the wait.
func (a *app) preparePDF(ctx context.Context, s serveCmd) error {
	if s.Dev || s.Demo {
		return nil
	}
	select {
	case <-time.After(preparePDFAfter):
	case <-ctx.Done():
		return nil
	}
	_ = a.reader.Prepare(ctx) // it was asked to stop
	return nil
}

// onlyHealth is the HTTP side of --role worker.
func onlyHealth(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/healthz", "/readyz", "/metrics":
			next.ServeHTTP(w, r)
		default:
			http.NotFound(w, r)
		}
	})
}

// work runs the queue: everything that waits.
func (a *app) work(ctx context.Context, s serveCmd) error {
	handlers := map[string]job.Handler{
		// Files that never became documents, frames of liveness tries among
		// them, go minutes after their time, not at the next full hour.
		jobExpire: func(ctx context.Context, _ kyc.Job) error {
			_, err := a.sessions.ExpireDue(ctx)
			_, transfers := a.journeys.SweepTransfers(ctx)
			return errors.Join(err, transfers)
		},
		jobLapse: func(ctx context.Context, _ kyc.Job) error { _, err := a.reviews.ReleaseLapsed(ctx); return err },
		jobSweep: func(ctx context.Context, _ kyc.Job) error {
			_, err := a.db.Sweep(ctx, a.clock.Now())
			_, faces := a.sessions.SweepFaces(ctx)
			return errors.Join(err, faces)
		},
		jobLists: a.updateLists,
		jobRoots: a.closeDays,
		session.JobRetention: func(ctx context.Context, _ kyc.Job) error {
			_, err := a.sessions.SweepRetention(ctx)
			return err
		},

		session.JobDropBlobs: a.sessions.DropBlobs,
		entity.JobDropBlobs:  a.people.DropBlobs,
		intake.JobAnalyse:    a.intake.Analyse,
	}
	for _, room := range []map[string]job.Handler{a.engine.Jobs(), a.sender.Jobs(), a.monitor.Jobs(), a.inquiries.Jobs(), a.executions.Jobs(), a.backtests.Jobs(), a.workflows.Jobs()} {
		for kind, h := range room {
			handlers[kind] = h
		}
	}
	periodic := append(slices.Concat(engine.Periodic(), monitor.Periodic(), inquiry.Periodic(), execution.Periodic(), backtest.Periodic()),
		job.Periodic{Kind: webhook.JobRecover, Every: 15 * time.Second, AtStart: true},
		job.Periodic{Kind: jobExpire, Every: 30 * time.Second, AtStart: true},
		job.Periodic{Kind: jobLapse, Every: time.Minute},
		job.Periodic{Kind: session.JobRetention, Every: time.Minute, AtStart: true},
		job.Periodic{Kind: jobRoots, Every: 5 * time.Minute, AtStart: true},
		job.Periodic{Kind: jobSweep, Every: time.Hour})
	if !s.Dev && !s.Demo {
		// A demonstration asks once, at its start; development asks nobody.
		periodic = append(periodic, job.Periodic{Kind: jobLists, Every: 12 * time.Hour})
	}
	return a.db.Work(ctx, handlers, job.Options{Clock: a.clock, Periodic: periodic, Timeout: 10 * time.Minute, Done: a.meters.Job})
}

// updateLists fetches the official lists that are in use here. What fails is
// recorded with the list, whose last good state stays in force.
func (a *app) updateLists(ctx context.Context, _ kyc.Job) error {
	a.updateNews(ctx)
	var used []string
	for _, l := range a.lists.Status() {
		if l.Official && l.Entries > 0 {
			used = append(used, l.List)
		}
	}
	if len(used) == 0 {
		return nil
	}
	for _, u := range a.lists.Update(ctx, screen.UpdateOptions{Lists: used}) {
		if u.Err != nil {
			a.log.Warn("a watchlist could not be updated", "list", u.List, "error", u.Err)
		}
	}
	return nil
}

// devFile makes DIR/dev.json on an empty store; later starts write the new
// address into it.
func (a *app) devFile(ctx context.Context, g *Globals) error {
	file := filepath.Join(g.Data, "dev.json")
	orgs, err := a.access.Orgs(ctx)
	if err != nil {
		return err
	}
	var dev access.Dev
	switch raw, err := os.ReadFile(file); {
	case len(orgs) == 0:
		if dev, err = a.access.DevSeed(ctx, a.url); err != nil {
			return err
		}
	case err != nil:
		a.log.Warn("the store is not empty and there is no dev.json; keys are not shown twice", "file", file)
		return nil //nolint:nilerr // a start without the file is fine; the warning says what follows
	default:
		if err := json.Unmarshal(raw, &dev); err != nil {
			return fmt.Errorf("%s is damaged: %w", file, err)
		}
		dev.URL = a.url
	}
	out, err := json.MarshalIndent(dev, "", " ")
	if err != nil {
		return err
	}
	temp := file + ".new"
	if err := os.WriteFile(temp, append(out, '\n'), 0o600); err != nil {
		return fmt.Errorf("writing dev.json: %w", err)
	}
	return os.Rename(temp, file)
}

// newKey makes an API key and gives its text.
func (a *app) newKey(ctx context.Context, org kyc.ID, env kyc.Env, name string, scopes []string) (string, error) {
	_, text, err := a.access.CreateKey(ctx, access.KeyRequest{Tenant: kyc.Tenant{Org: org, Env: env}, Name: name, Scopes: scopes, By: kyc.SystemActor("cli")})
	return text, err
}
