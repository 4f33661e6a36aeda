package api

import (
	"context"
	"fmt"
	"strconv"
	"sync"
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
	labels   *sync.Map // of labelled to labels
}

// labelled is what the labels of a request are made of: words of the program,
// so that their number is bounded.
type labelled struct {
	method, route string
	status        int
}

// labels are made once, because each request would make the same ones.
type labels struct{ seconds, requests metric.MeasurementOption }

func (m meters) labelsOf(l labelled) labels {
	if known, ok := m.labels.Load(l); ok {
		if made, ok := known.(labels); ok {
			return made
		}
	}
	words := []attribute.KeyValue{attribute.String("method", l.method), attribute.String("route", l.route)}
	made := labels{seconds: metric.WithAttributeSet(attribute.NewSet(words...))}
	made.requests = metric.WithAttributeSet(attribute.NewSet(append(words, attribute.String("status", strconv.Itoa(l.status)))...))
	m.labels.Store(l, made)
	return made
}

func newMeters(m metric.Meter) (meters, error) {
	if m == nil {
		m = noop.NewMeterProvider().Meter("none")
	}
	out := meters{labels: &sync.Map{}}
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
	l := m.labelsOf(labelled{method(verb), route, status})
	m.seconds.Record(ctx, took.Seconds(), l.seconds)
	m.requests.Add(ctx, 1, l.requests)
}
