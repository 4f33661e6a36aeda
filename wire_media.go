package main

import (
	"context"
	"path/filepath"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"bonafide/kyc"
	"bonafide/media"
	"bonafide/screen"
)

// mediaDir is the folder of the imported news.
func (g *Globals) mediaDir() string { return filepath.Join(g.Data, "media") }

// versionsOf tells which watchlists and which feeds of news are in force.
func versionsOf(lists *screen.Screener, news *media.Library, log interface{ Warn(string, ...any) }) func() []kyc.ListVersion {
	watch := listVersions(lists)
	return func() []kyc.ListVersion {
		out := watch()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		feeds, err := news.Status(ctx)
		if err != nil {
			log.Warn("the feeds of news cannot be listed", "error", err)
		}
		for _, f := range feeds {
			if f.Version != "" {
				out = append(out, f.ListVersion)
			}
		}
		return out
	}
}

// updateNews fetches the feeds that have an address. What fails is recorded
// with the feed, whose articles stay as they were.
func (a *app) updateNews(ctx context.Context) {
	for _, u := range a.news.Update(ctx, media.UpdateOptions{Client: a.newsClient}) {
		if u.Err != nil {
			a.log.Warn("a feed of news could not be updated", "feed", u.Feed, "error", u.Err)
		}
	}
}

// newsMeters show the feeds beside the watchlists. Like a list that is stale, a
// feed that failed leaves the server ready: checks that need it say so.
type newsMeters struct{ age, articles, failed metric.Float64ObservableGauge }

func (m newsMeters) observe(ctx context.Context, a *app, o metric.Observer) {
	feeds, err := a.news.Status(ctx)
	if err != nil {
		a.log.Warn("the feeds of news cannot be listed", "error", err)
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
