package api

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
)

// meters are the counters of the porch. Labels are route patterns and never
// paths, so their number is bounded and nobody's id shows.
type meters struct {
	requests metric.Int64Counter
	seconds  metric.Float64Histogram
	flying   metric.Int64UpDownCounter
}

func newMeters(m metric.Meter) (meters, error) {
	if m == nil {
		m = noop.NewMeterProvider().Meter("none")
	}
	var out meters
	var err error
	if out.requests, err = m.Int64Counter("http_requests_total", metric.WithDescription("Requests by method, route and status.")); err != nil {
		return meters{}, fmt.Errorf("making the request counter: %w", err)
	}
	if out.seconds, err = m.Float64Histogram("http_request_duration_seconds", metric.WithDescription("Time from the first byte of a request to the last of its answer."),
		metric.WithExplicitBucketBoundaries(.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10)); err != nil {
		return meters{}, fmt.Errorf("making the request histogram: %w", err)
	}
	if out.flying, err = m.Int64UpDownCounter("http_requests_in_flight", metric.WithDescription("Requests being served now.")); err != nil {
		return meters{}, fmt.Errorf("making the gauge of requests in flight: %w", err)
	}
	return out, nil
}

func (m meters) begin(ctx context.Context) { m.flying.Add(ctx, 1) }

func (m meters) end(ctx context.Context, verb, route string, status int, took time.Duration) {
	m.flying.Add(ctx, -1)
	labels := attribute.NewSet(attribute.String("method", method(verb)), attribute.String("route", route))
	m.seconds.Record(ctx, took.Seconds(), metric.WithAttributeSet(labels))
	m.requests.Add(ctx, 1, metric.WithAttributeSet(labels), metric.WithAttributes(attribute.String("status", strconv.Itoa(status))))
}
