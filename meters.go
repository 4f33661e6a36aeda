package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
)

// meters is OpenTelemetry with a Prometheus exporter: GET /metrics.
type meters struct {
	meter    metric.Meter
	handler  http.Handler
	shutdown func(context.Context) error
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
	if _, err = m.meter.Int64ObservableGauge("engine_runs_here", metric.WithDescription("Runs this process works on or keeps in a short wait."),
		metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(int64(a.engine.Active()))
			return nil
		})); err != nil {
		return meters{}, fmt.Errorf("making the engine gauge: %w", err)
	}
	_, err = m.meter.Int64ObservableGauge("watchlist_age_seconds", metric.WithDescription("Age of each watchlist."),
		metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
			for _, l := range a.lists.Status() {
				o.Observe(l.AgeSecs, metric.WithAttributes(listLabel(l.List)))
			}
			return nil
		}))
	if err != nil {
		return meters{}, fmt.Errorf("making the watchlist gauge: %w", err)
	}
	return m, nil
}

func listLabel(list string) attribute.KeyValue { return attribute.String("list", list) }
