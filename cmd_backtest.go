package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"bonafide/access"
	"bonafide/backtest"
	"bonafide/check"
	"bonafide/engine"
	"bonafide/flow"
	"bonafide/kyc"
	"bonafide/session"
	"bonafide/store"
)

type backtestCmd struct {
	Workflow string    `arg:"" help:"Workflow id, of any surface."`
	File     string    `help:"The candidate: a definition in a file, stored or not." type:"existingfile" xor:"candidate"`
	Version  int       `help:"The candidate: a stored version; the newest when neither is given." xor:"candidate"`
	Control  int       `help:"Compare with this version instead of with what really happened."`
	Session  []string  `help:"These sessions instead of the last ones; may be repeated."`
	Last     int       `help:"How many of the newest decided sessions, 1-1000." default:"100"`
	From     time.Time `help:"Only sessions created from here on (RFC 3339)."`
	To       time.Time `help:"Only sessions created before."`
	Env      string    `help:"Environment of the sessions: live or sandbox; the workflow's own when empty." enum:"live,sandbox," default:""`
	JSON     bool      `help:"One JSON object."`
}

// Run tries a definition on what past sessions of a workflow recorded. It reads
// the store beside a running server, asks nobody and writes nothing.
func (b backtestCmd) Run(ctx context.Context, c *console, g *Globals) error {
	id, ok := kyc.Undress("workflow", b.Workflow)
	if !ok { // as surface C writes it
		id, ok = kyc.ParseULID(b.Workflow)
	}
	if !ok {
		return exitCode{exitUsage, fmt.Errorf("%q is no workflow id", b.Workflow)}
	}
	if b.Last < 1 || b.Last > backtest.MaxSessions {
		return exitCode{exitUsage, fmt.Errorf("--last is 1 to %d", backtest.MaxSessions)}
	}
	if len(b.Session) > backtest.MaxSessions {
		return exitCode{exitUsage, fmt.Errorf("at most %d sessions", backtest.MaxSessions)}
	}
	return withStoreRead(ctx, g, func(db *store.DB, office *access.Office) error {
		w, err := anywhere(ctx, office, "workflow", id, func(t kyc.Tenant) (kyc.Workflow, error) { return db.Workflow(ctx, t, id) })
		if err != nil {
			return err
		}
		return b.try(ctx, c, db, w)
	})
}

// anywhere finds an object whoever owns it.
func anywhere[T any](ctx context.Context, office *access.Office, what string, id kyc.ID, read func(kyc.Tenant) (T, error)) (T, error) {
	var none T
	orgs, err := office.Orgs(ctx)
	if err != nil {
		return none, err
	}
	for _, org := range orgs {
		for _, env := range []kyc.Env{kyc.Live, kyc.Sandbox} {
			found, err := read(kyc.Tenant{Org: org.ID, Env: env})
			if err == nil || kyc.KindOf(err) != kyc.NotFound {
				return found, err
			}
		}
	}
	return none, kyc.Missing(what, string(id))
}

func (b backtestCmd) try(ctx context.Context, c *console, db *store.DB, w kyc.Workflow) error {
	clock := kyc.SystemClock()
	menu, err := check.New(clock, check.All(check.Deps{Clock: clock}), check.NewSimulator())
	if err != nil {
		return err
	}
	flows := session.NewWorkflows(session.WorkflowsDeps{Store: db, Clock: clock, Catalog: check.Catalog()})
	p, err := b.plan(ctx, db, flows, w)
	if err != nil {
		return err
	}
	t := w.Tenant
	if b.Env != "" {
		t.Env = kyc.Env(b.Env)
	}
	cohort, err := b.cohort(ctx, db, t, w.ID)
	if err != nil {
		return err
	}
	teller := backtest.Teller{Store: db, Graphs: engine.New(engine.Deps{Store: db, Clock: clock, Slots: -1}), Evidence: menu}
	tally, items, err := teller.Compare(ctx, t, cohort, p, nil)
	status := kyc.BacktestCompleted
	if err != nil {
		if ctx.Err() == nil || tally.Sessions == 0 {
			return err
		}
		// Somebody ended it: what was found so far is shown, and said to be a part.
		status, err = kyc.BacktestCancelled, fmt.Errorf("stopped after %d of %d sessions; what was printed is about these", tally.Sessions, len(cohort))
	}
	if b.JSON {
		if items == nil {
			items = []kyc.BacktestItem{}
		}
		return errors.Join(json.NewEncoder(c.out).Encode(map[string]any{"workflow_id": kyc.Dress("workflow", w.ID), "name": w.Name, "surface": w.Surface, "version": p.Version,
			"control_version": p.ControlVersion, "definition_hash": p.Graph.LinkedHash, "status": status, "chosen": len(cohort), "tally": tally, "sessions": items}), err)
	}
	return errors.Join(showTally(c, w, p, tally, items), err)
}

type cancelBacktestCmd struct {
	Backtest string `arg:"" help:"Backtest id."`
}

// Run ends a backtest that a server began: beside running servers on PostgreSQL,
// on a stopped one on SQLite, where it would go on at the next start.
func (b cancelBacktestCmd) Run(ctx context.Context, c *console, g *Globals) error {
	id, ok := kyc.Undress("backtest", b.Backtest)
	if !ok {
		return exitCode{exitUsage, fmt.Errorf("%q is no backtest id", b.Backtest)}
	}
	return withStore(ctx, g, func(db *store.DB, office *access.Office) error {
		found, err := anywhere(ctx, office, "backtest", id, func(t kyc.Tenant) (kyc.Backtest, error) { return db.Backtest(ctx, t, id) })
		if err != nil {
			return err
		}
		clock := kyc.SystemClock()
		got, err := backtest.New(backtest.Deps{Store: db, Clock: clock}).Cancel(ctx, found.Tenant, byCLI(), found.WorkflowID, id)
		if err != nil {
			return err
		}
		c.printf("%s was cancelled after %d of %d sessions\n", kyc.Dress("backtest", id), got.Done, len(got.Cohort))
		return nil
	})
}

// plan compiles the candidate, and what it is compared with.
func (b backtestCmd) plan(ctx context.Context, db *store.DB, flows *session.Workflows, w kyc.Workflow) (backtest.Plan, error) {
	p := backtest.Plan{Version: b.Version, ControlVersion: b.Control}
	stored := func(number int) (*flow.Compiled, error) {
		v, err := db.Version(ctx, w.Tenant, w.ID, number)
		if err != nil {
			return nil, err
		}
		return flows.Compiled(ctx, w.Tenant, v)
	}
	var err error
	if b.Control != 0 {
		if p.Control, err = stored(b.Control); err != nil {
			return p, err
		}
	}
	if b.File == "" {
		if p.Version == 0 {
			p.Version = w.Latest
		}
		p.Graph, err = stored(p.Version)
		return p, err
	}
	raw, err := os.ReadFile(b.File)
	if err != nil {
		return p, err
	}
	org, err := db.Org(ctx, w.Tenant.Org)
	if err != nil {
		return p, err
	}
	doc, err := candidateOf(b.File, raw, w.Surface, org.EnvSettings(w.Tenant.Env))
	if err != nil {
		return p, err
	}
	g, report, err := flows.Check(ctx, w.Tenant, w.ID, doc, false)
	if err == nil {
		err = report.Err()
	}
	p.Graph = g
	return p, err
}

// candidateOf is the document of a file, which must be of the workflow's own
// surface: another one asks other things.
func candidateOf(file string, raw []byte, s kyc.Surface, settings kyc.Settings) (session.Document, error) {
	var doc session.Document
	is := surfaceOf(raw)
	if is != s {
		return doc, exitCode{exitUsage, fmt.Errorf("%s is a definition of surface %s, the workflow one of %s", file, is, s)}
	}
	if is != kyc.SurfaceGraph {
		d, err := parseDefinitionFor(file, raw, settings)
		doc.Graph = d.Graph
		return doc, err
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return doc, fmt.Errorf("%s is no JSON: %w", file, err)
	}
	if len(doc.Graph) == 0 && len(doc.Steps) == 0 {
		doc = session.Document{Graph: raw} // a bare graph
	}
	return doc, nil
}

// cohort are the sessions that were named, or the last ones.
func (b backtestCmd) cohort(ctx context.Context, db *store.DB, t kyc.Tenant, workflow kyc.ID) ([]kyc.ID, error) {
	if len(b.Session) == 0 {
		return backtest.Cohort(ctx, db, t, workflow, b.Last, b.From, b.To)
	}
	var out []kyc.ID
	var wrong []error
	for _, text := range b.Session {
		id, ok := kyc.Undress("session", text)
		if !ok {
			id, ok = kyc.ParseULID(text)
		}
		s, err := db.Session(ctx, t, id)
		switch {
		case !ok:
			wrong = append(wrong, fmt.Errorf("%q is no session id", text))
		case err != nil && kyc.KindOf(err) != kyc.NotFound:
			return nil, err
		case err != nil || s.WorkflowID != workflow:
			wrong = append(wrong, fmt.Errorf("the workflow has no session %s in %s", text, t.Env))
		case !slices.Contains(out, id):
			out = append(out, id)
		}
	}
	return out, errors.Join(wrong...)
}

// showTally prints what was found.
func showTally(c *console, w kyc.Workflow, p backtest.Plan, y kyc.BacktestTally, items []kyc.BacktestItem) error {
	candidate := "the file"
	if p.Version != 0 {
		candidate = fmt.Sprintf("version %d", p.Version)
	}
	c.printf("workflow    %s (%s), %s on %d sessions\n", w.Name, w.Surface, candidate, y.Sessions)
	c.printf("replayed    %d, unreadable %d\n", y.Replayed, y.Unreadable)
	c.printf("decisions   %d unchanged (%d by another way), %d changed, %d not known\n", y.Same, y.Rerouted, y.Changed, y.Unknown)
	columns := []kyc.Outcome{kyc.Approved, kyc.Rejected, kyc.NeedsReview, kyc.NoOutcome, kyc.NotKnown}
	table := func(title string, rows map[kyc.Outcome]map[kyc.Outcome]int) error {
		if len(rows) == 0 {
			return nil
		}
		c.printf("\n")
		tw := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintf(tw, "%s\t", title)
		for _, o := range columns {
			fmt.Fprintf(tw, "%s\t", o)
		}
		fmt.Fprintln(tw)
		for _, row := range columns {
			if rows[row] == nil {
				continue
			}
			fmt.Fprintf(tw, "%s\t", row)
			for _, o := range columns {
				fmt.Fprintf(tw, "%d\t", rows[row][o])
			}
			fmt.Fprintln(tw)
		}
		return tw.Flush()
	}
	if err := errors.Join(table("was \\ would be", y.Matrix), table("reviewer \\ would be", y.Reviewed)); err != nil {
		return err
	}
	for _, property := range slices.Sorted(maps.Keys(y.Segments)) {
		c.printf("\n%s\n", property)
		for _, value := range slices.Sorted(maps.Keys(y.Segments[property])) {
			s := y.Segments[property][value]
			c.printf("  %-20s %d sessions, %d changed, %d not known\n", value, s.Sessions, s.Changed, s.Unknown)
		}
	}
	for i, r := range y.Why {
		if i == 0 {
			c.printf("\nnot known or unreadable\n")
		}
		c.printf("  %-20s %d sessions  %s\n", r.Reason, r.Sessions, strings.TrimSpace(r.Node+" "+r.Policy))
	}
	for i, x := range items {
		if i == 0 {
			c.printf("\nsessions\n")
		}
		switch {
		case x.Unreadable():
			c.printf("  %s  unreadable: %s\n", kyc.Dress("session", x.SessionID), x.Reason)
		default:
			word := ""
			if x.Reviewer != "" {
				word = "  (reviewer: " + string(x.Reviewer) + ")"
			}
			c.printf("  %s  %s → %s at %s %s%s\n", kyc.Dress("session", x.SessionID), x.Old, x.New, x.Node, x.Reason, word)
		}
	}
	return nil
}
