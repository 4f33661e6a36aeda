package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
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
	Remove removeCmd `cmd:"" help:"Take lists out of force and delete what is stored of them."`
	Search searchCmd `cmd:"" help:"One query with its explanation."`
}

func openLists(g *Globals) (*screen.Screener, error) {
	return screen.Open(screen.Options{Dir: g.listsDir(), Clock: kyc.SystemClock(), Log: slog.New(slog.DiscardHandler)})
}

type importCmd struct {
	Source   string   `help:"Format: ofac_sdn, ofac_consolidated, un, eu, uk, us_dpl, us_csl, ftm, targets_simple, senzing, everypolitician, csv." required:""`
	List     string   `help:"Name of the list (default: the format's own id)."`
	Force    bool     `help:"Accept a list that shrank by more than a fifth."`
	Topics   []string `help:"Keep only entries with one of these topics (ftm, targets_simple, senzing, csv), such as role.pep,role.rca."`
	Datasets []string `help:"Keep only entries of these collections (us_csl, ftm, targets_simple, senzing, csv), such as us_ofac_sdn."`
	Assume   string   `help:"Topic of entries whose source names none (ftm, targets_simple, senzing, csv), such as role.pep (default: that of the list's import before; none for none)."`
	Files    []string `arg:"" help:"The list's files." type:"existingfile"`
}

// Run imports and prints what is in force.
func (i importCmd) Run(ctx context.Context, c *console, g *Globals) error {
	lists, err := openLists(g)
	if err != nil {
		return err
	}
	started := time.Now()
	show, done := importProgress(c.err, started)
	v, err := lists.ImportWith(ctx, i.Source, i.List, i.Files, screen.ImportOptions{Force: i.Force, Topics: i.Topics, Datasets: i.Datasets, Assume: i.Assume, Progress: show})
	done()
	if err != nil && kyc.AsError(err).Code == "unknown_format" {
		return exitCode{exitUsage, err}
	}
	if err != nil {
		return err
	}
	c.printf("%s: %d entries, version %s, in force (%s)\n", v.List, v.Entries, short(v.Version), time.Since(started).Round(time.Millisecond))
	for _, l := range lists.Status() {
		if l.List == v.List && l.Assume != "" && i.Assume == "" {
			c.printf("%s: entries without a topic count as %s, as in the import before; --assume none ends that\n", v.List, l.Assume)
		}
	}
	return nil
}

type updateCmd struct {
	Lists []string `arg:"" optional:"" help:"Which: ofac_sdn, ofac_consolidated, un, eu, uk (the default), us_csl, us_dpl."`
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
			fmt.Fprintf(c.err, "%s: not updated: %s\n", r.List, oneLine(r.Err))
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

type removeCmd struct {
	Lists []string `arg:"" help:"Which."`
}

// Run removes; it fails at the first list that is not there.
func (r removeCmd) Run(c *console, g *Globals) error {
	lists, err := openLists(g)
	if err != nil {
		return err
	}
	for _, id := range r.Lists {
		if err := lists.Remove(id); err != nil {
			return err
		}
		c.printf("%s: removed; it is not asked any more\n", id)
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
	fmt.Fprintln(w, "LIST\tSTATUS\tENTRIES\tAGE\tFRESH FOR\tPUBLISHED\tFORMAT\tVERSION\tLAST ERROR")
	for _, l := range lists.Status() {
		age, left, published, source := "-", "-", "-", l.Source
		if !l.AsOf.IsZero() {
			since := time.Duration(l.AgeSecs) * time.Second
			age, left = inDays(since), inDays(screen.DefaultMaxAge-since)
		}
		if !l.Published.IsZero() {
			published = l.Published.Format(time.DateOnly)
		}
		name := l.List
		if l.Fictional {
			name += " (fictional)"
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\n", name, l.ListVersion.Status, l.Entries, age, left, published, source, short(l.Version), l.LastError)
	}
	return w.Flush()
}

// exposureText says of a hit with a politically exposed person what the entry
// means; empty for others.
func exposureText(h kyc.Hit, now time.Time) string {
	if !roster.HasTopic(h.Topics, roster.TopicPEP) && !roster.HasTopic(h.Topics, roster.TopicRCA) {
		return ""
	}
	x := roster.Expose(h.Topics, h.Positions, nil, nil, now)
	text := "  politically exposed: " + strings.ReplaceAll(x.Class, "_", " ")
	if x.Level > 0 {
		text += fmt.Sprintf(", level %d", x.Level)
	}
	if x.Office != "" {
		text += ", " + strings.ReplaceAll(x.Office, "_", " ")
	}
	if x.Status != roster.StatusUnknown {
		text += ", " + x.Status
	}
	if p := x.Position; p.Title != "" {
		text += ": " + p.Title
		if p.Country != "" {
			text += " (" + p.Country + ")"
		}
	}
	return text + "\n"
}

// inDays words a duration for people; what is over is "0 s".
func inDays(d time.Duration) string {
	d = max(d, 0)
	days := int(d / (24 * time.Hour))
	switch {
	case days >= 2:
		return fmt.Sprintf("%d days", days)
	case d >= time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	case d >= time.Minute:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d s", int(d.Seconds()))
}

// importProgress shows on a terminal how much of the files is read. done ends
// the line.
func importProgress(w io.Writer, started time.Time) (show func(read, total int64), done func()) {
	f, ok := w.(*os.File)
	if ok {
		info, err := f.Stat()
		ok = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	if !ok {
		return nil, func() {}
	}
	last := started
	return func(read, total int64) {
			if now := time.Now(); total > 0 && (now.Sub(last) >= 200*time.Millisecond || read == total) {
				last = now
				fmt.Fprintf(w, "\r%3d %% of %d MiB read, %s ", read*100/total, (total+1<<20-1)>>20, now.Sub(started).Round(100*time.Millisecond))
			}
		}, func() {
			if last != started {
				fmt.Fprint(w, "\r\x1b[K")
			}
		}
}

type searchCmd struct {
	Name      string   `arg:"" help:"The name to look for."`
	Type      string   `help:"person, entity, vessel, aircraft or unknown." enum:"person,entity,vessel,aircraft,unknown" default:"unknown"`
	DOB       string   `name:"dob" help:"Date of birth, YYYY-MM-DD, YYYY-MM or YYYY."`
	Country   string   `help:"ISO 3166 country."`
	Gender    string   `help:"M or F."`
	Lists     []string `name:"list" help:"Ask only these lists."`
	Purpose   string   `help:"any, sanctions (nobody who is listed for an office alone), pep (exposed persons alone) or crime." enum:"any,sanctions,pep,crime" default:"any"`
	Topics    []string `help:"Only entries with one of these topics, such as crime,role.pep."`
	Datasets  []string `help:"Only entries of these collections, such as us_ofac_sdn."`
	Limit     int      `default:"10" help:"Hits to print."`
	Threshold float64  `default:"0" help:"Lowest score to print, 0-1."`
	Mode      string   `help:"Scale of the scores: bonafide, or ofac, that of the US Treasury's search tool." enum:"bonafide,ofac" default:"bonafide"`
	JSON      bool     `help:"One JSON object."`
}

// Run prints each hit with every point of its score. It fails when the name
// cannot be screened or a list that was asked is not in order, as JSON too:
// then no hits mean nothing.
func (s searchCmd) Run(c *console, g *Globals) error {
	// Above 1 nobody is ever found, which would read as clear.
	if s.Threshold < 0 || s.Threshold > 1 || math.IsNaN(s.Threshold) {
		return exitCode{exitUsage, errors.New("--threshold lies between 0 and 1")}
	}
	lists, err := openLists(g)
	if err != nil {
		return err
	}
	started := time.Now()
	purpose := screen.Purpose(s.Purpose)
	switch s.Purpose {
	case "any":
		purpose = screen.ForAnything
	case "crime":
		if len(s.Topics) > 0 {
			return exitCode{exitUsage, errors.New("--purpose crime is a topic, so give --topics or --purpose crime, not both")}
		}
		purpose, s.Topics = screen.ForAnything, []string{roster.TopicCrime, "wanted"}
	}
	r := lists.Match(screen.Query{Name: s.Name, Type: roster.EntityType(s.Type), DateOfBirth: s.DOB, Country: s.Country, Gender: s.Gender,
		Lists: s.Lists, Purpose: purpose, Topics: s.Topics, Datasets: s.Datasets, Limit: s.Limit, Threshold: s.Threshold, Mode: screen.Mode(s.Mode), ToMiss: true})
	took := time.Since(started)
	if r.Err != nil {
		return r.Err
	}
	if s.JSON {
		if err := json.NewEncoder(c.out).Encode(r); err != nil {
			return err
		}
		return provesNothing(r.Worst())
	}
	below := false
	for _, h := range r.Hits {
		if !below && h.Score < screen.DefaultThreshold {
			below = true
			c.printf("Below %.2f, from which onboarding takes a hit for one:\n\n", screen.DefaultThreshold)
		}
		c.printf("%s%s\n", screen.Explain(h), exposureText(h, time.Now()))
	}
	for _, n := range r.Notes {
		c.printf("note: %s\n", n)
	}
	for _, l := range r.Lists {
		c.printf("asked %s: %s, %d entries, version %s\n", l.List, l.Status, l.Entries, short(l.Version))
	}
	if len(r.Unfit) > 0 {
		c.printf("not asked, because they hold no such entries: %s\n", strings.Join(r.Unfit, ", "))
	}
	c.printf("%d hits in %s; status of the lists: %s\n", len(r.Hits), took.Round(time.Microsecond), r.Worst())
	return provesNothing(r.Worst())
}

// provesNothing is the error of a search whose lists are not all in order.
func provesNothing(worst kyc.AnswerStatus) error {
	if worst == kyc.StatusOK {
		return nil
	}
	return fmt.Errorf("the status of the lists is %s, so this search proves nothing (see bonafide lists status)", worst)
}

// short cuts a content hash for people.
func short(version string) string {
	version = strings.TrimPrefix(version, "sha256:")
	if len(version) > 12 {
		return version[:12]
	}
	return version
}
