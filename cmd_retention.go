package main

import (
	"context"

	"bonafide/access"
	"bonafide/kyc"
	"bonafide/session"
	"bonafide/store"
)

type retentionCmd struct {
	Restore retentionRestoreCmd `cmd:"" help:"Make a session readable again that retention withholds, and put it under a legal hold."`
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
