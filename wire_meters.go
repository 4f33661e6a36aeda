package main

import (
	"context"
	"time"

	"bonafide/media"
	"bonafide/meters"
)

// newMeters makes what counts and is shown at GET /metrics.
func (a *app) newMeters() (meters.Meters, error) {
	return meters.New(meters.Watched{Version: version, Clock: a.clock, Log: a.log,
		Active: func() int { return a.engine.Active() },
		Lists:  a.lists.Status,
		Feeds:  func(ctx context.Context) ([]media.FeedStatus, error) { return a.news.Status(ctx) },
		Queues: func(ctx context.Context, now time.Time) ([]meters.Queue, error) {
			b, err := a.db.Backlog(ctx, now)
			return []meters.Queue{{Name: "runs", Due: b.Runs, Oldest: b.OldestRun}, {Name: "webhooks", Due: b.Deliveries, Oldest: b.OldestDelivery}}, err
		}})
}
