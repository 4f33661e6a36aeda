package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"text/tabwriter"
	"time"

	"bonafide/kyc"
	"bonafide/roster"
	"bonafide/screen"
)

type listsCmd struct {
	Import importCmd `cmd:"" help:"Put a list in force from files, plain or .gz."`
	Update updateCmd `cmd:"" help:"Fetch the official lists."`
	Status statusCmd `cmd:"" help:"Version, entries, age and last error of each list."`
	Search searchCmd `cmd:"" help:"One query with its explanation."`
}

func openLists(g *Globals) (*screen.Screener, error) {
	return screen.Open(screen.Options{Dir: g.listsDir(), Clock: kyc.SystemClock(), Log: slog.New(slog.DiscardHandler)})
}

type importCmd struct {
	Source string   `help:"Format: ofac_sdn, ofac_consolidated, un, eu, uk, us_dpl, us_csl, ftm, targets_simple, csv." required:""`
	List   string   `help:"Name of the list (default: the format's own id)."`
	Force  bool     `help:"Accept a list that shrank by more than a fifth."`
	Topics []string `help:"Keep only entries with one of these topics (ftm, targets_simple, csv), such as role.pep,role.rca."`
	Assume string   `help:"Topic of entries whose source names none (ftm, targets_simple, csv), such as role.pep."`
	Files  []string `arg:"" help:"The list's files." type:"existingfile"`
}

// Run imports and prints what is in force.
func (i importCmd) Run(ctx context.Context, c *console, g *Globals) error {
	lists, err := openLists(g)
	if err != nil {
		return err
	}
	started := time.Now()
	v, err := lists.ImportWith(ctx, i.Source, i.List, i.Files, screen.ImportOptions{Force: i.Force, Topics: i.Topics, Assume: i.Assume})
	if err != nil && kyc.AsError(err).Code == "unknown_format" {
		return exitCode{exitUsage, err}
	}
	if err != nil {
		return err
	}
	c.printf("%s: %d entries, version %s, in force (%s)\n", v.List, v.Entries, short(v.Version), time.Since(started).Round(time.Millisecond))
	return nil
}

type updateCmd struct {
	Lists []string `arg:"" optional:"" help:"Which (default: all official ones)."`
	Force bool     `help:"Accept a list that shrank by more than a fifth."`
}

// Run updates; it fails when a list could not be updated, after trying all.
func (u updateCmd) Run(ctx context.Context, c *console, g *Globals) error {
	lists, err := openLists(g)
	if err != nil {
		return err
	}
	var failed []string
	for _, r := range lists.Update(ctx, screen.UpdateOptions{Lists: u.Lists, Force: u.Force}) {
		switch {
		case r.Err != nil:
			failed = append(failed, r.List)
			fmt.Fprintf(c.err, "%s: not updated, the last good state stays: %s\n", r.List, oneLine(r.Err))
		case r.Changed:
			c.printf("%s: %d entries, version %s, in force\n", r.List, r.Version.Entries, short(r.Version.Version))
		default:
			c.printf("%s: unchanged, %d entries\n", r.List, r.Version.Entries)
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("could not update %s", strings.Join(failed, ", "))
	}
	return nil
}

type statusCmd struct {
	JSON bool `help:"One JSON object a line."`
}

// Run prints the state of each list.
func (s statusCmd) Run(c *console, g *Globals) error {
	lists, err := openLists(g)
	if err != nil {
		return err
	}
	if s.JSON {
		enc := json.NewEncoder(c.out)
		for _, l := range lists.Status() {
			if err := enc.Encode(l); err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "LIST\tSTATUS\tENTRIES\tAGE\tVERSION\tLAST ERROR")
	for _, l := range lists.Status() {
		age := "-"
		if !l.AsOf.IsZero() {
			age = (time.Duration(l.AgeSecs) * time.Second).String()
		}
		name := l.List
		if l.Fictional {
			name += " (fictional)"
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\n", name, l.ListVersion.Status, l.Entries, age, short(l.Version), l.LastError)
	}
	return w.Flush()
}

type searchCmd struct {
	Name      string   `arg:"" help:"The name to look for."`
	Type      string   `help:"person, entity, vessel, aircraft or unknown." default:"unknown"`
	DOB       string   `name:"dob" help:"Date of birth, YYYY-MM-DD, YYYY-MM or YYYY."`
	Country   string   `help:"ISO 3166 country."`
	Lists     []string `name:"list" help:"Ask only these lists."`
	Limit     int      `default:"10" help:"Hits to print."`
	Threshold float64  `default:"0" help:"Lowest score to print, 0-1."`
	JSON      bool     `help:"One JSON object."`
}

// Run prints each hit with every point of its score. It fails when a list that
// was asked is not in order: then no hits mean nothing.
func (s searchCmd) Run(c *console, g *Globals) error {
	lists, err := openLists(g)
	if err != nil {
		return err
	}
	started := time.Now()
	r := lists.Match(screen.Query{Name: s.Name, Type: roster.EntityType(s.Type), DateOfBirth: s.DOB, Country: s.Country,
		Lists: s.Lists, Limit: s.Limit, Threshold: s.Threshold})
	took := time.Since(started)
	if s.JSON {
		return json.NewEncoder(c.out).Encode(r)
	}
	if r.Err != nil {
		return r.Err
	}
	for _, h := range r.Hits {
		c.printf("%s\n", screen.Explain(h))
	}
	for _, l := range r.Lists {
		c.printf("asked %s: %s, %d entries, version %s\n", l.List, l.Status, l.Entries, short(l.Version))
	}
	c.printf("%d hits in %s; status of the lists: %s\n", len(r.Hits), took.Round(time.Microsecond), r.Worst())
	if r.Worst() != kyc.StatusOK {
		return fmt.Errorf("the lists are %s, so this search proves nothing (see bonafide lists status)", r.Worst())
	}
	return nil
}

// short cuts a content hash for people.
func short(version string) string {
	version = strings.TrimPrefix(version, "sha256:")
	if len(version) > 12 {
		return version[:12]
	}
	return version
}
