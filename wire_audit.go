package main

import (
	"context"
	"errors"
	"fmt"

	"bonafide/kyc"
)

// closeDays stores the Merkle roots of the days that are over, of every
// organisation. One whose chain is broken does not hold up the others.
func (a *app) closeDays(ctx context.Context, _ kyc.Job) error {
	orgs, err := a.db.Orgs(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, o := range orgs {
		days, err := a.db.CloseAuditDays(ctx, o.ID, a.clock.Now())
		switch {
		case kyc.IsCode(err, "chain_broken"):
			// Trying again mends nothing and would hold up the next look.
			a.log.Error("the audit chain is broken; its days get no roots", "org", o.ID, "error", err)
		case err != nil:
			errs = append(errs, fmt.Errorf("organisation %s: %w", o.ID, err))
		}
		for _, d := range days {
			a.log.Info("a day of the audit chain is over", "org", o.ID, "day", d.Day, "root", d.Root, "events", d.Size, "digest", d.Digest())
		}
	}
	return errors.Join(errs...)
}
