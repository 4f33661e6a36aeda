package main

import (
	"context"
	"encoding/json"
	"time"

	"bonafide/access"
	"bonafide/kyc"
	"bonafide/session"
	"bonafide/store"
)

type retentionCmd struct {
	Status  retentionStatusCmd  `cmd:"" help:"How the sweeps stand: what is due, what waits, what cannot be opened."`
	Confirm retentionConfirmCmd `cmd:"" help:"Let sweeps go on that wait because the clock is far beyond the last one."`
	Restore retentionRestoreCmd `cmd:"" help:"Make a session readable again that retention withholds, and put it under a legal hold."`
}

type retentionStatusCmd struct {
	tenantFlags
	JSON bool `help:"One JSON object."`
}

// Run tells how the sweeps stand, beside a running server.
func (r retentionStatusCmd) Run(ctx context.Context, c *console, g *Globals) error {
	return withStoreRead(ctx, g, func(db *store.DB, office *access.Office) error {
		t, err := r.find(ctx, office)
		if err != nil {
			return err
		}
		org, err := db.Org(ctx, t.Org)
		if err != nil {
			return err
		}
		m := session.New(session.Deps{Store: db, Clock: kyc.SystemClock()})
		how, err := m.RetentionSweep(ctx, t)
		if err != nil {
			return err
		}
		due, err := m.RetentionDue(ctx, t, org.EnvSettings(t.Env).Retention)
		if err != nil {
			return err
		}
		if r.JSON {
			return json.NewEncoder(c.out).Encode(map[string]any{"clock": how.Clock, "last_at": orNull(how.LastAt), "waits": !how.HeldAt.IsZero(), "held_at": orNull(how.HeldAt), "goes_on_after_seconds": int(how.Left.Seconds()),
				"to_withhold": due.Withhold, "to_destroy": due.Destroy, "waiting": due.Waiting, "held": due.Held, "damaged": append([]kyc.DamagedRow{}, how.Damaged...)})
		}
		last := "never"
		if !how.LastAt.IsZero() {
			last = how.LastAt.UTC().Format(time.RFC3339)
		}
		c.printf("last sweep  %s\n", last)
		if !how.HeldAt.IsZero() {
			c.printf("WAITS       the clock says %s, far beyond the last sweep; it goes on after %s of running time, or by: bonafide retention confirm\n",
				how.Clock.UTC().Format(time.RFC3339), how.Left.Round(time.Minute))
		}
		c.printf("due         %d to withhold, %d to destroy, %d wait for somebody, %d under a legal hold\n", due.Withhold, due.Destroy, due.Waiting, due.Held)
		for _, d := range how.Damaged {
			c.printf("damaged     %s %s since %s\n", d.Kind, d.ID, d.Since.UTC().Format(time.RFC3339))
		}
		return nil
	})
}

// orNull is nil for no time.
func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

type retentionConfirmCmd struct {
	tenantFlags
	Clock time.Time `help:"What time it is, by a clock that you trust (RFC 3339); this machine's must agree within an hour." required:""`
}

// Run confirms the clock.
func (r retentionConfirmCmd) Run(ctx context.Context, c *console, g *Globals) error {
	return withStore(ctx, g, func(db *store.DB, office *access.Office) error {
		t, err := r.find(ctx, office)
		if err != nil {
			return err
		}
		if err := session.New(session.Deps{Store: db, Clock: kyc.SystemClock()}).ConfirmClock(ctx, t, byCLI(), r.Clock); err != nil {
			return err
		}
		c.printf("confirmed; the next sweep goes on\n")
		return nil
	})
}

type retentionRestoreCmd struct {
	tenantFlags
	Session string `arg:"" help:"Session id, as any surface writes it, or an execution's."`
	Reason  string `help:"Why; it stands in the audit chain for ever, so name nobody." required:""`
}

// Run restores a session whose time to be destroyed has not come.
func (r retentionRestoreCmd) Run(ctx context.Context, c *console, g *Globals) error {
	id, err := sessionOf(r.Session)
	if err != nil {
		return err
	}
	return withStore(ctx, g, func(db *store.DB, office *access.Office) error {
		t, err := r.find(ctx, office)
		if err != nil {
			return err
		}
		if _, err := session.New(session.Deps{Store: db, Clock: kyc.SystemClock()}).Restore(ctx, t, byCLI(), id, 0, r.Reason); err != nil {
			return err
		}
		c.printf("%s can be read again and is under a legal hold\n", kyc.Dress("session", id))
		return nil
	})
}
