package media

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"time"

	"bonafide/kyc"
)

// UpdateOptions of Update.
type UpdateOptions struct {
	// Feeds to update; empty means all that have an address.
	Feeds []string
	// Client must refuse private addresses and follow no redirects
	// (webhook.Guard.Client). Without one nothing is fetched.
	Client *http.Client
	// Attempts per feed (default 3) and the wait before the second (default
	// 2 s, then doubled).
	Attempts int
	Wait     time.Duration
}

// Updated is the outcome for one feed.
type Updated struct {
	Feed string
	Imported
	Unchanged bool // the server says that nothing is new
	Err       error
}

// Update fetches the feeds that have an address, conditionally. Errors are
// recorded for each feed and never stop the others; its articles stay.
func (l *Library) Update(ctx context.Context, o UpdateOptions) []Updated {
	if o.Attempts <= 0 {
		o.Attempts = 3
	}
	if o.Wait <= 0 {
		o.Wait = 2 * time.Second
	}
	db, err := l.open(ctx, false)
	if err != nil || db == nil {
		return named(o.Feeds, err)
	}
	feeds, err := statusOf(ctx, db, l.clock.Now(), DefaultMaxAge)
	if err != nil {
		return named(o.Feeds, err)
	}
	var out []Updated
	for _, id := range o.Feeds {
		if !slices.ContainsFunc(feeds, func(f FeedStatus) bool { return f.ID == id && f.URL != "" }) {
			out = append(out, Updated{Feed: id, Err: noAddress(id)})
		}
	}
	for _, f := range feeds {
		if f.URL == "" || len(o.Feeds) > 0 && !slices.Contains(o.Feeds, f.ID) {
			continue
		}
		u := Updated{Feed: f.ID}
		u.Imported, u.Unchanged, u.Err = l.updateOne(ctx, db, f, o)
		out = append(out, u)
	}
	return out
}

func noAddress(id string) error {
	return kyc.Errorf(kyc.Invalid, "no_feed_address", "the feed %s has no address; import it from files or give it one (bonafide media feed)", cut(id, 50))
}

func named(feeds []string, err error) []Updated {
	var out []Updated
	for _, id := range feeds {
		why := err
		if why == nil {
			why = noAddress(id)
		}
		out = append(out, Updated{Feed: id, Err: why})
	}
	return out
}

func (l *Library) updateOne(ctx context.Context, db *sql.DB, f FeedStatus, o UpdateOptions) (Imported, bool, error) {
	var have validator
	if f.Version != "" {
		if err := db.QueryRowContext(ctx, `SELECT etag, modified FROM feeds WHERE id = ?`, f.ID).Scan(&have.etag, &have.modified); err != nil {
			return Imported{}, false, unreadable(err)
		}
	}
	body, got, same, err := o.download(ctx, f.URL, have)
	if err != nil {
		out, err := l.refused(ctx, db, f.Feed, err)
		return out, false, err
	}
	var all parsed
	if !same {
		if all, err = read(ctx, f.Feed, f.Format, fileName(f.URL), bytes.NewReader(body)); err != nil {
			out, err := l.refused(ctx, db, f.Feed, err)
			return out, false, err
		}
	}
	// An unchanged or empty feed is written too: it is fresh again, and what is
	// older than it keeps goes.
	out, err := l.keepArticles(ctx, db, f.Feed, all, got)
	return out, same, err
}

func fileName(address string) string {
	if u, err := url.Parse(address); err == nil && u.Path != "" {
		return path.Base(u.Path)
	}
	return "feed"
}

// download fetches one feed with retries. Only failures that may pass are tried
// again: no answer, 408, 429 and 5xx.
func (o UpdateOptions) download(ctx context.Context, address string, have validator) (body []byte, got validator, same bool, err error) {
	wait := o.Wait
	for attempt := 1; ; attempt++ {
		var again bool
		body, got, same, again, err = o.try(ctx, address, have)
		if err == nil || !again || attempt >= o.Attempts {
			return body, got, same, err
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, validator{}, false, kyc.Errorf(kyc.Unavailable, "cancelled", "the download was cancelled")
		case <-timer.C:
		}
		wait *= 2
	}
}

func (o UpdateOptions) try(ctx context.Context, address string, have validator) (body []byte, got validator, same, again bool, err error) {
	if o.Client == nil {
		return nil, got, false, false, kyc.Errorf(kyc.Unavailable, "feed_unreachable", "fetching feeds is not set up here")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, got, false, false, invalid("url_invalid", "the feed's address cannot be used")
	}
	req.Header.Set("User-Agent", "bonafide-media/1 (news feed update)")
	if have.etag != "" {
		req.Header.Set("If-None-Match", have.etag)
	}
	if have.modified != "" {
		req.Header.Set("If-Modified-Since", have.modified)
	}
	host := req.URL.Host
	res, err := o.Client.Do(req)
	if err != nil {
		var own *kyc.Error
		if errors.As(err, &own) && own.Kind != kyc.Unavailable {
			return nil, got, false, false, own // the guard refused the address
		}
		return nil, got, false, ctx.Err() == nil, kyc.Errorf(kyc.Unavailable, "feed_unreachable", "%s cannot be reached; its articles stay as they were", host)
	}
	defer func() { _ = res.Body.Close() }()
	switch {
	case res.StatusCode == http.StatusNotModified && have != (validator{}):
		return nil, have, true, false, nil
	case res.StatusCode >= 300 && res.StatusCode < 400:
		to := ""
		if u, err := res.Location(); err == nil {
			to = " to " + u.Host
		}
		return nil, got, false, false, invalid("feed_redirected", "%s redirects%s; redirects are not followed, so give the feed its new address", host, to)
	case res.StatusCode != http.StatusOK:
		again = res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests || res.StatusCode == http.StatusRequestTimeout
		return nil, got, false, again, kyc.Errorf(kyc.Unavailable, "feed_unreachable", "%s answered %d; its articles stay as they were", host, res.StatusCode)
	}
	body, err = io.ReadAll(io.LimitReader(res.Body, maxFile+1))
	if err != nil {
		return nil, got, false, ctx.Err() == nil, kyc.Errorf(kyc.Unavailable, "feed_unreachable", "the download from %s broke off; its articles stay as they were", host)
	}
	if len(body) > maxFile {
		return nil, got, false, false, kyc.Errorf(kyc.TooLarge, "media_too_large", "the feed is larger than %d MiB", maxFile>>20)
	}
	return body, validator{etag: res.Header.Get("ETag"), modified: res.Header.Get("Last-Modified")}, false, false, nil
}
