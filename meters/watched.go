package meters

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"bonafide/kyc"
	"bonafide/media"
	"bonafide/screen"
)

// Watched is what is looked up when somebody asks for the metrics.
type Watched struct {
	Version string // of the program
	Clock   kyc.Clock
	Log     *slog.Logger
	// Active is how many runs this process works on or keeps in a short wait.
	Active func() int
	// Lists tells how the watchlists are.
	Lists func() []screen.ListStatus
	// Feeds tells how the feeds of news are.
	Feeds func(ctx context.Context) ([]media.FeedStatus, error)
	// Queues tells what is due and taken up by nobody in the whole database.
	Queues func(ctx context.Context, now time.Time) ([]Queue, error)
}

// Queue is what waits in the database to be worked at.
type Queue struct {
	Name   string    // a word of the program, such as runs
	Due    int       // how many are due
	Oldest time.Time // when the oldest was due; zero when none is
}

// watch registers what is looked up when somebody asks.
func (m Meters) watch(of Watched) error {
	var errs []error
	gauge := func(name, what string) metric.Float64ObservableGauge {
		g, err := m.Meter.Float64ObservableGauge(name, metric.WithDescription(what))
		errs = append(errs, err)
		return g
	}
	here := gauge("engine_runs_here", "Runs this process works on or keeps in a short wait.")
	due := gauge("queue_due", "What is due and taken up by nobody, in the whole database (at most 10000), by queue: runs, webhooks.")
	late := gauge("queue_lag_seconds", "How long the oldest of them has been due, by queue.")
	age := gauge("watchlist_age_seconds", "Age of each watchlist.")
	entries := gauge("watchlist_entries", "Entries of each watchlist.")
	news := feedMeters{age: gauge("news_feed_age_seconds", "Age of each feed of news."), articles: gauge("news_feed_articles", "Articles of each feed of news."),
		failed: gauge("news_feed_failed", "1 where the last import or fetch of a feed of news failed, otherwise 0.")}
	build := gauge("build_info", "1, with the version of the program.")
	_, err := m.Meter.RegisterCallback(func(ctx context.Context, o metric.Observer) error {
		o.ObserveFloat64(build, 1, metric.WithAttributes(attribute.String("version", of.Version)))
		o.ObserveFloat64(here, float64(of.Active()))
		for _, l := range of.Lists() {
			if !l.AsOf.IsZero() { // a list that never came has no age
				o.ObserveFloat64(age, float64(l.AgeSecs), metric.WithAttributes(attribute.String("list", l.List)))
			}
			o.ObserveFloat64(entries, float64(l.Entries), metric.WithAttributes(attribute.String("list", l.List)))
		}
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		news.observe(ctx, of, o)
		now := of.Clock.Now()
		queues, err := of.Queues(ctx, now)
		if err != nil { // the rest is worth showing all the more
			of.Log.Warn("the queues cannot be measured", "error", err)
			return nil
		}
		for _, q := range queues {
			label := metric.WithAttributes(attribute.String("queue", q.Name))
			o.ObserveFloat64(due, float64(q.Due), label)
			lag := 0.0
			if !q.Oldest.IsZero() {
				lag = now.Sub(q.Oldest).Seconds()
			}
			o.ObserveFloat64(late, lag, label)
		}
		return nil
	}, here, due, late, age, entries, news.age, news.articles, news.failed, build)
	return errors.Join(append(errs, err)...)
}

// feedMeters show the feeds beside the watchlists. Like a list that is stale, a
// feed that failed leaves the server ready: checks that need it say so.
type feedMeters struct{ age, articles, failed metric.Float64ObservableGauge }

func (m feedMeters) observe(ctx context.Context, of Watched, o metric.Observer) {
	feeds, err := of.Feeds(ctx)
	if err != nil {
		of.Log.Warn("the feeds of news cannot be listed", "error", err)
	}
	for _, f := range feeds {
		feed, failed := metric.WithAttributes(attribute.String("feed", f.ID)), 0.0
		if f.LastError != "" {
			failed = 1
		}
		if !f.AsOf.IsZero() { // a feed that never came has no age
			o.ObserveFloat64(m.age, float64(f.AgeSecs), feed)
		}
		o.ObserveFloat64(m.articles, float64(f.Entries), feed)
		o.ObserveFloat64(m.failed, failed, feed)
	}
}
