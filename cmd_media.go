package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"text/tabwriter"
	"time"

	"bonafide/kyc"
	"bonafide/media"
	"bonafide/webhook"
)

type mediaCmd struct {
	Feed   mediaFeedCmd   `cmd:"" help:"Add a feed of news or change its settings."`
	Import mediaImportCmd `cmd:"" help:"Add the articles of files to a feed: RSS, Atom, JSON lines or CSV, plain or .gz."`
	Update mediaUpdateCmd `cmd:"" help:"Fetch the feeds that have an address."`
	Status mediaStatusCmd `cmd:"" help:"Version, articles, age and last error of each feed."`
	Search mediaSearchCmd `cmd:"" help:"One name, with what each article reports and why."`
	Remove mediaRemoveCmd `cmd:"" help:"Remove a feed, or single articles of it."`
}

func openMedia(g *Globals) *media.Library {
	return media.Open(media.Options{Dir: g.mediaDir(), Clock: kyc.SystemClock()})
}

type mediaFeedCmd struct {
	ID       string `arg:"" help:"Id of the feed: a-z, 0-9, _ and -."`
	URL      string `help:"Its https:// address, fetched by media update and twice a day by the server."`
	Format   string `help:"feed (RSS, Atom), jsonl or csv (default: guessed)."`
	Language string `help:"Language of articles that name none, such as en."`
	KeepDays int    `help:"How long articles are kept." default:"3650"`
}

// Run stores the feed's settings.
func (f mediaFeedCmd) Run(ctx context.Context, c *console, g *Globals) error {
	l := openMedia(g)
	defer func() { _ = l.Close() }()
	if err := l.Configure(ctx, media.Feed{ID: f.ID, URL: f.URL, Format: f.Format, Language: f.Language, KeepDays: f.KeepDays}); err != nil {
		return exitCode{exitUsage, err}
	}
	c.printf("%s: set\n", f.ID)
	return nil
}

type mediaImportCmd struct {
	Feed   string   `help:"Id of the feed; a new one is made." required:""`
	Format string   `help:"feed (RSS, Atom), jsonl or csv (default: the feed's, or guessed)."`
	Files  []string `arg:"" help:"The files." type:"existingfile"`
}

// Run imports and prints what is in force.
func (i mediaImportCmd) Run(ctx context.Context, c *console, g *Globals) error {
	l := openMedia(g)
	defer func() { _ = l.Close() }()
	started := time.Now()
	v, err := l.Import(ctx, i.Feed, i.Format, i.Files)
	if err != nil {
		if code := kyc.AsError(err).Code; code == "unknown_format" || code == "invalid_feed" {
			return exitCode{exitUsage, err}
		}
		return err
	}
	c.printf("%s: %s, in force (%s)\n", i.Feed, toldNews(v), time.Since(started).Round(time.Millisecond))
	return nil
}

func toldNews(v media.Imported) string {
	out := fmt.Sprintf("%d articles, version %s", v.Entries, short(v.Version))
	for _, one := range []struct {
		n    int
		what string
	}{{v.New, "new"}, {v.Changed, "changed"}, {v.Duplicates, "duplicates"}, {v.Skipped, "without text"}, {v.Expired, "too old"}} {
		if one.n > 0 {
			out += fmt.Sprintf(", %d %s", one.n, one.what)
		}
	}
	return out
}

type mediaUpdateCmd struct {
	Feeds []string `arg:"" optional:"" help:"Which (default: all that have an address)."`
	Allow []string `help:"Private ranges (CIDR) that feeds may be fetched from."`
}

// Run updates; it fails when a feed could not be updated, after trying all.
func (u mediaUpdateCmd) Run(ctx context.Context, c *console, g *Globals) error {
	var allow []netip.Prefix
	for _, s := range u.Allow {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return exitCode{exitUsage, fmt.Errorf("--allow %s is no CIDR such as 10.0.0.0/8", s)}
		}
		allow = append(allow, p.Masked())
	}
	l := openMedia(g)
	defer func() { _ = l.Close() }()
	var failed []string
	for _, r := range l.Update(ctx, media.UpdateOptions{Feeds: u.Feeds, Client: webhook.NewGuard(allow, false).Client(2 * time.Minute)}) {
		switch {
		case r.Err != nil:
			failed = append(failed, r.Feed)
			fmt.Fprintf(c.err, "%s: not updated, its articles stay: %s\n", r.Feed, oneLine(r.Err))
		case r.Unchanged:
			c.printf("%s: unchanged, %d articles\n", r.Feed, r.Entries)
		default:
			c.printf("%s: %s, in force\n", r.Feed, toldNews(r.Imported))
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("could not update %s", strings.Join(failed, ", "))
	}
	return nil
}

type mediaStatusCmd struct {
	JSON bool `help:"One JSON object a line."`
}

// Run prints the state of each feed.
func (s mediaStatusCmd) Run(ctx context.Context, c *console, g *Globals) error {
	l := openMedia(g)
	defer func() { _ = l.Close() }()
	feeds, err := l.Status(ctx)
	if err != nil {
		return err
	}
	if s.JSON {
		enc := json.NewEncoder(c.out)
		for _, f := range feeds {
			if err := enc.Encode(f); err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "FEED\tSTATUS\tARTICLES\tAGE\tVERSION\tLAST ERROR")
	for _, f := range feeds {
		age := "-"
		if !f.AsOf.IsZero() {
			age = (time.Duration(f.AgeSecs) * time.Second).String()
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\n", f.ID, f.ListVersion.Status, f.Entries, age, short(f.Version), f.LastError)
	}
	return w.Flush()
}

type mediaSearchCmd struct {
	Name      string   `arg:"" help:"The name to look for."`
	Company   bool     `help:"It is a company."`
	DOB       string   `name:"dob" help:"Date of birth, YYYY-MM-DD, YYYY-MM or YYYY."`
	Country   string   `help:"ISO 3166 country."`
	Feeds     []string `name:"feed" help:"Ask only these feeds."`
	Limit     int      `default:"10" help:"Articles to print."`
	Threshold float64  `default:"0" help:"Lowest agreement of the name, 0-1 (default 0.78)."`
	JSON      bool     `help:"One JSON object."`
}

// Run prints each article with every point of its risk. It fails when a feed
// that was asked is not in order: then no article means nothing.
func (s mediaSearchCmd) Run(ctx context.Context, c *console, g *Globals) error {
	l := openMedia(g)
	defer func() { _ = l.Close() }()
	started := time.Now()
	r := l.Search(ctx, media.Query{Name: s.Name, Company: s.Company, Born: s.DOB, Country: s.Country, Feeds: s.Feeds, Limit: s.Limit, Threshold: s.Threshold})
	took := time.Since(started)
	if s.JSON {
		return json.NewEncoder(c.out).Encode(r)
	}
	if r.Err != nil {
		return r.Err
	}
	for _, f := range r.Findings {
		c.printf("%s\n", media.Explain(f))
	}
	for _, list := range r.Lists {
		c.printf("asked %s: %s, %d articles, version %s\n", strings.TrimPrefix(list.List, "media:"), list.Status, list.Entries, short(list.Version))
	}
	for _, note := range r.Notes {
		c.printf("%s\n", note)
	}
	c.printf("%d articles read in %s, %d name the party; status of the feeds: %s\n", r.Read, took.Round(time.Microsecond), r.Mentions, r.Worst())
	if r.Worst() != kyc.StatusOK {
		return fmt.Errorf("the feeds are %s, so this search proves nothing (see bonafide media status)", r.Worst())
	}
	return nil
}

type mediaRemoveCmd struct {
	Feed string   `arg:"" help:"Id of the feed."`
	IDs  []string `arg:"" optional:"" help:"Ids of articles; none removes the feed with all of them."`
}

// Run removes.
func (m mediaRemoveCmd) Run(ctx context.Context, c *console, g *Globals) error {
	l := openMedia(g)
	defer func() { _ = l.Close() }()
	n, err := l.Remove(ctx, m.Feed, m.IDs)
	if err != nil {
		return err
	}
	c.printf("%s: %d articles removed\n", m.Feed, n)
	return nil
}
