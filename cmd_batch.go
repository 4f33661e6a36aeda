package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"bonafide/batch"
	"bonafide/kyc"
	"bonafide/roster"
	"bonafide/screen"
)

type screenCmd struct {
	Batch batchCmd `cmd:"" help:"Screen every row of a CSV file; a run that was killed goes on where it was."`
}

// batchCmd is `bonafide screen batch`. It asks the lists of the data folder in
// this process: nothing is sent anywhere and nothing is stored but the answers.
//
// It ends with 0 when every row was screened against lists in order and nobody
// was found, 3 when there are hits to look at, and 1 when a row could not be
// screened or a list was not in order.
type batchCmd struct {
	In         string            `help:"CSV file of the parties, UTF-8 with a header." required:"" type:"existingfile"`
	Out        string            `help:"CSV file of the answers." required:"" type:"path"`
	Columns    map[string]string `help:"Which column is what, such as name=full_name,dob=born (default: name, first_name, last_name, dob, country, gender, id, type, identifiers)." mapsep:","`
	Delimiter  string            `help:"Between the columns of the input." default:","`
	Threshold  *float64          `help:"Lowest score to report, 0-1 (default: that of onboarding)."`
	List       []string          `help:"Ask only these lists."`
	Purpose    string            `help:"any, sanctions, pep or crime." enum:"any,sanctions,pep,crime" default:"any"`
	Mode       string            `help:"Scale of the scores: bonafide or ofac." enum:"bonafide,ofac" default:"bonafide"`
	Limit      int               `help:"Hits of one party at most." default:"10"`
	Workers    int               `help:"Parties asked for at the same time (default: the processors)."`
	Restart    bool              `help:"Begin anew, whatever an earlier run wrote."`
	NoProgress bool              `name:"no-progress" help:"No progress bar."`
	SafeEvery  time.Duration     `name:"safe-every" help:"How much work a kill may cost." default:"1s" hidden:""`
}

// Run screens the file.
func (b batchCmd) Run(ctx context.Context, c *console, g *Globals) error {
	if err := b.check(); err != nil {
		return exitCode{exitUsage, err}
	}
	lists, err := openLists(g)
	if err != nil {
		return err
	}
	// A query without a name finds nobody and says of each list how it is.
	asked := screen.Result{Lists: lists.Match(b.query()).Lists}
	if w := asked.Worst(); len(asked.Lists) == 0 || w != kyc.StatusOK && w != kyc.StatusStale {
		return fmt.Errorf("the lists are %s, so nobody is screened (see bonafide lists status)", w)
	}
	if w := asked.Worst(); w != kyc.StatusOK {
		fmt.Fprintf(c.err, "bonafide: the lists are %s; rows without hits are marked so and are not clear\n", w)
	}
	r, err := batch.Open(b.options(), asked.Lists)
	var mistake batch.Mistake
	switch {
	case errors.As(err, &mistake):
		return exitCode{exitUsage, err}
	case err != nil:
		return err
	}
	before := r.Done()
	if before.Rows > 0 {
		fmt.Fprintf(c.err, "bonafide: %d rows were screened before; going on at line %d\n", before.Rows, before.Line+1)
	}
	r.Match = func(q screen.Query) screen.Result { return lists.Match(q) }
	r.Log = c.err
	bar := b.bar(c, r.Size(), before.Offset)
	r.Progress = func(offset int64) { _ = bar.Set64(offset) } // a terminal that has gone away stops nothing
	err = r.Screen(ctx)
	_ = bar.Exit()
	d := r.Done()
	if err != nil {
		if errors.Is(err, context.Canceled) {
			return fmt.Errorf("stopped after %d rows; the same command goes on from there", d.Rows)
		}
		return err
	}
	c.printf("%d rows: %d with hits (%d hits), %d without, %d not screened; answers in %s\n", d.Rows, d.Found, d.Hits, d.Rows-d.Found-d.Bad, d.Bad, b.Out)
	switch {
	case d.Bad > 0 || d.Unclear > 0:
		return exitCode{exitError, fmt.Errorf("%d rows could not be screened and %d were asked of lists that are not in order; neither are clear", d.Bad, d.Unclear)}
	case d.Found > 0:
		return exitCode{exitReview, nil}
	}
	return nil
}

// check says everything that is wrong with the flags.
func (b batchCmd) check() error {
	var wrong []string
	for role := range b.Columns {
		if !slices.Contains(batch.Roles(), role) {
			wrong = append(wrong, fmt.Sprintf("--columns: there is no %q; there are %s", role, strings.Join(batch.Roles(), ", ")))
		}
	}
	if len([]rune(b.Delimiter)) != 1 || strings.ContainsAny(b.Delimiter, "\"\r\n") {
		wrong = append(wrong, "--delimiter is one character")
	}
	if t := b.threshold(); t < 0 || t > 1 {
		wrong = append(wrong, "--threshold lies between 0 and 1")
	}
	if b.Limit < 1 || b.Limit > 1000 {
		wrong = append(wrong, "--limit lies between 1 and 1000")
	}
	slices.Sort(wrong)
	if len(wrong) > 0 {
		return errors.New(strings.Join(wrong, "; "))
	}
	return nil
}

func (b batchCmd) threshold() float64 {
	if b.Threshold != nil {
		return *b.Threshold
	}
	return screen.DefaultThreshold
}

// query is what all rows have in common.
func (b batchCmd) query() screen.Query {
	q := screen.Query{Lists: b.List, Limit: b.Limit, Threshold: b.threshold(), Mode: screen.Mode(b.Mode), ToMiss: true}
	switch b.Purpose {
	case "sanctions":
		q.Purpose = screen.ForSanctions
	case "pep":
		q.Purpose = screen.ForPEP
	case "crime":
		q.Topics = []string{roster.TopicCrime, "wanted"}
	}
	return q
}

// options are the flags in the words of room batch.
func (b batchCmd) options() batch.Options {
	asked, err := json.Marshal(struct {
		Columns          map[string]string
		Delimiter        string
		Threshold        float64
		Lists            []string
		Purpose, Mode    string
		Limit            int
		ProgramReadsSame int
	}{b.Columns, b.Delimiter, b.threshold(), b.List, b.Purpose, b.Mode, b.Limit, 1})
	if err != nil {
		asked = nil // flags are always JSON
	}
	return batch.Options{In: b.In, Out: b.Out, Columns: b.Columns, Delimiter: []rune(b.Delimiter)[0], Query: b.query(), Asked: string(asked),
		Workers: b.Workers, SafeEvery: b.SafeEvery, Restart: b.Restart}
}

// bar shows how much of the file is done, on a terminal.
func (b batchCmd) bar(c *console, size, from int64) *progressbar.ProgressBar {
	out := io.Discard
	if f, ok := c.err.(*os.File); ok && !b.NoProgress && term.IsTerminal(int(f.Fd())) {
		out = f
	}
	bar := progressbar.NewOptions64(size, progressbar.OptionSetWriter(out), progressbar.OptionSetDescription("screening"),
		progressbar.OptionShowBytes(true), progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionUseANSICodes(true),
		progressbar.OptionSetVisibility(out != io.Discard))
	_ = bar.Set64(from)
	return bar
}
