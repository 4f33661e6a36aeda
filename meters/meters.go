package meters

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

	"bonafide/kyc"
)

// Meters is OpenTelemetry with a Prometheus exporter.
type Meters struct {
	// Meter is for rooms that count by themselves (room api: requests).
	Meter metric.Meter
	// Handler answers GET /metrics.
	Handler http.Handler
	// Shutdown ends the counting.
	Shutdown func(context.Context) error

	ended    metric.Int64Counter
	paused   metric.Int64Counter
	attempts metric.Int64Counter
	took     metric.Float64Histogram
	webhooks metric.Int64Counter
	jobs     metric.Int64Counter
	lag      metric.Float64Histogram
}

// New makes the meters. What is watched is looked up when somebody asks, so
// the parts of the program may be made later.
func New(of Watched) (Meters, error) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	exporter, err := otelprometheus.New(otelprometheus.WithRegisterer(registry), otelprometheus.WithoutScopeInfo(), otelprometheus.WithoutTargetInfo())
	if err != nil {
		return Meters{}, fmt.Errorf("making the metrics exporter: %w", err)
	}
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter))
	m := Meters{Meter: provider.Meter("bonafide"), Shutdown: provider.Shutdown,
		Handler: promhttp.HandlerFor(registry, promhttp.HandlerOpts{})}
	var errs []error
	counter := func(name, what string) metric.Int64Counter {
		c, err := m.Meter.Int64Counter(name, metric.WithDescription(what))
		errs = append(errs, err)
		return c
	}
	histogram := func(name, what string) metric.Float64Histogram {
		h, err := m.Meter.Float64Histogram(name, metric.WithDescription(what), metric.WithExplicitBucketBoundaries(.001, .005, .01, .05, .1, .5, 1, 5, 10, 30, 60, 300))
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
	errs = append(errs, m.watch(of))
	return m, errors.Join(errs...)
}

// Stored counts runs that ended or stopped at a gate (engine.Hooks.Stored).
func (m Meters) Stored(run kyc.Run) {
	env := attribute.String("env", string(run.Tenant.Env))
	if run.EndedAt.IsZero() {
		m.paused.Add(context.Background(), 1, metric.WithAttributes(env))
		return
	}
	m.ended.Add(context.Background(), 1, metric.WithAttributes(env,
		attribute.String("status", string(run.Status)), attribute.String("outcome", string(run.Outcome))))
}

// Webhook counts an attempt of the sender.
func (m Meters) Webhook(result string) {
	m.webhooks.Add(context.Background(), 1, metric.WithAttributes(attribute.String("result", result)))
}

// Job counts a job and how late it was begun.
func (m Meters) Job(kind, result string, late time.Duration) {
	label := attribute.String("kind", kind)
	m.jobs.Add(context.Background(), 1, metric.WithAttributes(label, attribute.String("result", result)))
	m.lag.Record(context.Background(), max(late, 0).Seconds(), metric.WithAttributes(label))
}
