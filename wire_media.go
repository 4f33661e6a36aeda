package main

import (
	"context"
	"path/filepath"
	"time"

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
