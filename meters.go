package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"bonafide/insight"
	"bonafide/kyc"
)

// meters is OpenTelemetry with a Prometheus exporter: GET /metrics. Labels are
// words of the program (a policy, a status, a job's kind) or an operator's
// list, never an id, a name or a path: their number is bounded and nobody
// shows. docs/guide/operate.md explains each metric.
type meters struct {
	meter    metric.Meter
	handler  http.Handler
	shutdown func(context.Context) error

	ended    metric.Int64Counter
	paused   metric.Int64Counter
	attempts metric.Int64Counter
	took     metric.Float64Histogram
	webhooks metric.Int64Counter
	jobs     metric.Int64Counter
	lag      metric.Float64Histogram
}

func newMeters(a *app) (meters, error) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	exporter, err := otelprometheus.New(otelprometheus.WithRegisterer(registry), otelprometheus.WithoutScopeInfo(), otelprometheus.WithoutTargetInfo())
	if err != nil {
		return meters{}, fmt.Errorf("making the metrics exporter: %w", err)
	}
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter))
	m := meters{meter: provider.Meter("bonafide"), shutdown: provider.Shutdown,
		handler: promhttp.HandlerFor(registry, promhttp.HandlerOpts{})}
	var errs []error
	counter := func(name, what string) metric.Int64Counter {
		c, err := m.meter.Int64Counter(name, metric.WithDescription(what))
		errs = append(errs, err)
		return c
	}
	histogram := func(name, what string) metric.Float64Histogram {
		h, err := m.meter.Float64Histogram(name, metric.WithDescription(what), metric.WithExplicitBucketBoundaries(.001, .005, .01, .05, .1, .5, 1, 5, 10, 30, 60, 300))
		errs = append(errs, err)
		return h
	}
	m.ended = counter("engine_runs_ended_total", "Runs this process ended, by status, outcome and environment.")
	m.paused = counter("engine_runs_paused_total", "Times this process left a run waiting at a gate, by environment.")
	m.attempts = counter("check_attempts_total", "Attempts of checks in this process, by policy, status and environment.")
	m.took = histogram("check_attempt_duration_seconds", "Time of one attempt of a check, by policy.")
	m.webhooks = counter("webhook_attempts_total", "Attempts to deliver a webhook: delivered, retry, given_up or gone.")
	m.jobs = counter("jobs_done_total", "Jobs this process did, by kind and result.")
	m.lag = histogram("job_lag_seconds", "How late jobs were begun, by kind.")
	errs = append(errs, m.watch(a))
	return m, errors.Join(errs...)
}

// watch registers what is looked up when somebody asks.
func (m meters) watch(a *app) error {
	var errs []error
	gauge := func(name, what string) metric.Float64ObservableGauge {
		g, err := m.meter.Float64ObservableGauge(name, metric.WithDescription(what))
		errs = append(errs, err)
		return g
	}
	here := gauge("engine_runs_here", "Runs this process works on or keeps in a short wait.")
	due := gauge("queue_due", "What is due and taken up by nobody, in the whole database (at most 10000), by queue: runs, webhooks.")
	late := gauge("queue_lag_seconds", "How long the oldest of them has been due, by queue.")
	age := gauge("watchlist_age_seconds", "Age of each watchlist.")
	entries := gauge("watchlist_entries", "Entries of each watchlist.")
	news := newsMeters{age: gauge("news_feed_age_seconds", "Age of each feed of news."), articles: gauge("news_feed_articles", "Articles of each feed of news."),
		failed: gauge("news_feed_failed", "1 where the last import or fetch of a feed of news failed, otherwise 0.")}
	build := gauge("build_info", "1, with the version of the program.")
	_, err := m.meter.RegisterCallback(func(ctx context.Context, o metric.Observer) error {
		o.ObserveFloat64(build, 1, metric.WithAttributes(attribute.String("version", version)))
		o.ObserveFloat64(here, float64(a.engine.Active()))
		for _, l := range a.lists.Status() {
			if !l.AsOf.IsZero() { // a list that never came has no age
				o.ObserveFloat64(age, float64(l.AgeSecs), metric.WithAttributes(attribute.String("list", l.List)))
			}
			o.ObserveFloat64(entries, float64(l.Entries), metric.WithAttributes(attribute.String("list", l.List)))
		}
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		news.observe(ctx, a, o)
		now := a.clock.Now()
		b, err := a.db.Backlog(ctx, now)
		if err != nil { // the rest is worth showing all the more
			a.log.Warn("the queues cannot be measured", "error", err)
			return nil
		}
		queue := func(name string, n int, oldest time.Time) {
			label := metric.WithAttributes(attribute.String("queue", name))
			o.ObserveFloat64(due, float64(n), label)
			lag := 0.0
			if !oldest.IsZero() {
				lag = now.Sub(oldest).Seconds()
			}
			o.ObserveFloat64(late, lag, label)
		}
		queue("runs", b.Runs, b.OldestRun)
		queue("webhooks", b.Deliveries, b.OldestDelivery)
		return nil
	}, here, due, late, age, entries, news.age, news.articles, news.failed, build)
	return errors.Join(append(errs, err)...)
}

// stored counts runs that ended or stopped at a gate (engine.Hooks.Stored).
func (m meters) stored(run kyc.Run) {
	env := attribute.String("env", string(run.Tenant.Env))
	if run.EndedAt.IsZero() {
		m.paused.Add(context.Background(), 1, metric.WithAttributes(env))
		return
	}
	m.ended.Add(context.Background(), 1, metric.WithAttributes(env,
		attribute.String("status", string(run.Status)), attribute.String("outcome", string(run.Outcome))))
}

// webhook counts an attempt of the sender.
func (m meters) webhook(result string) {
	m.webhooks.Add(context.Background(), 1, metric.WithAttributes(attribute.String("result", result)))
}

// job counts a job and how late it was begun.
func (m meters) job(kind, result string, late time.Duration) {
	label := attribute.String("kind", kind)
	m.jobs.Add(context.Background(), 1, metric.WithAttributes(label, attribute.String("result", result)))
	m.lag.Record(context.Background(), max(late, 0).Seconds(), metric.WithAttributes(label))
}

// counted are checks whose attempts are counted.
type counted struct {
	checks interface {
		Run(ctx context.Context, r kyc.CheckRequest) kyc.Answer
	}
	m     meters
	known map[string]kyc.CheckSpec
	// figures hear of each answer, for the console.
	figures *insight.Machine
}

// Run asks, and counts under the policy's name if it is one of the program's.
func (c counted) Run(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
	started := time.Now()
	a := c.checks.Run(ctx, r)
	policy := r.Policy
	if _, ok := c.known[policy]; !ok {
		policy = "other"
	}
	label, took := attribute.String("policy", policy), time.Since(started)
	c.figures.Checked(r.Tenant, policy, a, took)
	c.m.took.Record(ctx, took.Seconds(), metric.WithAttributes(label))
	c.m.attempts.Add(ctx, 1, metric.WithAttributes(label, attribute.String("status", string(a.Status)), attribute.String("env", string(r.Tenant.Env))))
	return a
}
