package screen

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"time"

	"bonafide/kyc"
	"bonafide/roster"
)

// Limits of downloading.
const (
	maxDownload     = 1 << 30 // bytes as sent
	downloadTimeout = 2 * time.Minute
)

// UpdateOptions of Update.
type UpdateOptions struct {
	// Lists to update, by format; empty means all official ones, except those
	// that are fetched only when they are named (us_csl, us_dpl).
	Lists []string
	// Client defaults to one with a limit of 2 minutes per file.
	Client *http.Client
	// Base replaces scheme and host of the official addresses and is put in
	// front of their path (tests, a mirror inside a company).
	Base string
	// Attempts per file (default 3) and the wait before the second (default
	// 2 s, then doubled).
	Attempts int
	Wait     time.Duration
	// Force accepts a list that shrank by more than a fifth.
	Force bool
}

// Updated is the outcome for one list.
type Updated struct {
	List    string
	Version kyc.ListVersion
	Changed bool  // new content is in force
	Err     error // nil, or why the last good state stayed
}

// Update fetches the official lists (conditionally, so an unchanged list
// costs one small answer). Errors are recorded per list and never stop the
// others. The list id is the format's own id.
func (s *Screener) Update(ctx context.Context, o UpdateOptions) []Updated {
	if o.Client == nil {
		o.Client = &http.Client{Timeout: downloadTimeout}
	}
	if o.Attempts <= 0 {
		o.Attempts = 3
	}
	if o.Wait <= 0 {
		o.Wait = 2 * time.Second
	}
	var out []Updated
	for _, id := range o.Lists {
		if !slices.ContainsFunc(roster.Sources(), func(src roster.Source) bool { return src.Format == id && len(src.Official) > 0 }) {
			out = append(out, Updated{List: id, Err: kyc.Errorf(kyc.Invalid, "no_official_address", "the list %s has no official address; import it from files", roster.Short(id))})
		}
	}
	for _, src := range roster.Sources() {
		if len(src.Official) == 0 || len(o.Lists) == 0 && src.Named || len(o.Lists) > 0 && !slices.Contains(o.Lists, src.Format) {
			continue
		}
		u := Updated{List: src.Format}
		u.Version, u.Changed, u.Err = s.updateOne(ctx, src, o)
		out = append(out, u)
	}
	return out
}

func (s *Screener) updateOne(ctx context.Context, src roster.Source, o UpdateOptions) (kyc.ListVersion, bool, error) {
	old, err := readManifest(s.dir, src.Format)
	// The stored validators count only while the content they belong to does.
	usable := err == nil && old.Version != "" && old.Source == src.Format && s.loaded(src.Format)
	fetch := func(conditional bool) (bodies [][]byte, remote map[string]validator, unchanged int, err error) {
		remote = map[string]validator{}
		for _, address := range src.Official {
			var have validator
			if conditional {
				have = old.Remote[address]
			}
			body, got, same, err := o.download(ctx, address, have)
			if err != nil {
				return nil, nil, 0, err
			}
			if same {
				unchanged++
			}
			remote[address] = got
			bodies = append(bodies, body)
		}
		return bodies, remote, unchanged, nil
	}
	bodies, remote, unchanged, err := fetch(usable)
	if err == nil && unchanged == len(src.Official) {
		v, err := s.confirm(src.Format)
		return v, false, err
	}
	if err == nil && unchanged > 0 {
		// The files belong together: when one changed, all are needed.
		bodies, remote, _, err = fetch(false)
	}
	if err != nil {
		s.recordFailure(src.Format, src.Format, err)
		return old.version(s.clock.Now(), statusOf(old)), false, stays(err, old)
	}
	parse := func() (roster.Parsed, error) {
		ins := make([]roster.Input, 0, len(bodies))
		for i, b := range bodies {
			in, err := roster.Open(fileName(src.Official[i]), bytes.NewReader(b))
			if err != nil {
				return roster.Parsed{}, err
			}
			ins = append(ins, in)
		}
		return src.Read(ctx, ins)
	}
	return s.replace(ctx, src.Format, src.Format, parse, replaceOptions{force: o.Force, remote: remote})
}

// loaded reports whether the list's content is in memory and sound.
func (s *Screener) loaded(id string) bool {
	l := s.state.Load().lists[id]
	return l != nil && l.index != nil && l.problem == ""
}

func fileName(address string) string {
	if u, err := url.Parse(address); err == nil {
		return path.Base(u.Path)
	}
	return "download"
}

// download fetches one file with retries. Only failures that may pass are
// tried again: no answer, 408, 429 and 5xx.
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
			return nil, validator{}, false, kyc.Errorf(kyc.Unavailable, "cancelled", "the download of %s was cancelled", fileName(address))
		case <-timer.C:
		}
		wait *= 2
	}
}

func (o UpdateOptions) try(ctx context.Context, address string, have validator) (body []byte, got validator, same, again bool, err error) {
	name := fileName(address)
	target, err := o.target(address)
	if err != nil {
		return nil, validator{}, false, false, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, validator{}, false, false, kyc.Errorf(kyc.Invalid, "list_address", "the address of %s cannot be used", name)
	}
	req.Header.Set("User-Agent", "bonafide-lists/1 (watchlist update)")
	if have.ETag != "" {
		req.Header.Set("If-None-Match", have.ETag)
	}
	if have.LastModified != "" {
		req.Header.Set("If-Modified-Since", have.LastModified)
	}
	res, err := o.Client.Do(req)
	if err != nil {
		var timeout interface{ Timeout() bool }
		why := "cannot be reached"
		if errors.As(err, &timeout) && timeout.Timeout() {
			why = "did not answer in time"
		}
		return nil, validator{}, false, ctx.Err() == nil, kyc.Errorf(kyc.Unavailable, "list_unreachable", "%s (%s) %s: %w", name, req.URL.Host, why, hideURL(err))
	}
	defer func() { _ = res.Body.Close() }()
	switch {
	case res.StatusCode == http.StatusNotModified && have != (validator{}):
		return nil, have, true, false, nil
	case res.StatusCode != http.StatusOK:
		again = res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests || res.StatusCode == http.StatusRequestTimeout
		return nil, validator{}, false, again, kyc.Errorf(kyc.Unavailable, "list_unreachable", "%s (%s) answered %d", name, req.URL.Host, res.StatusCode)
	}
	body, err = io.ReadAll(io.LimitReader(res.Body, maxDownload+1))
	if err != nil {
		return nil, validator{}, false, ctx.Err() == nil, kyc.Errorf(kyc.Unavailable, "list_unreachable", "the download of %s broke off", name)
	}
	if len(body) > maxDownload {
		return nil, validator{}, false, false, kyc.Errorf(kyc.TooLarge, "list_too_large", "%s is larger than %d MiB", name, maxDownload>>20)
	}
	return body, validator{ETag: res.Header.Get("ETag"), LastModified: res.Header.Get("Last-Modified")}, false, false, nil
}

// hideURL keeps the cause of a transport error without the address again.
func hideURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

func (o UpdateOptions) target(address string) (string, error) {
	if o.Base == "" {
		return address, nil
	}
	base, err1 := url.Parse(o.Base)
	u, err2 := url.Parse(address)
	if err1 != nil || err2 != nil {
		return "", kyc.Errorf(kyc.Invalid, "list_address", "the base address of the lists cannot be used")
	}
	u.Scheme, u.Host, u.User = base.Scheme, base.Host, base.User
	u.Path = path.Join("/", base.Path, u.Path)
	return u.String(), nil
}
