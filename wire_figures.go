package main

import (
	"context"
	"time"

	"bonafide/kyc"
)

// examine asks a check outside of the engine and counts its answer for the
// console's figures. Monitoring is not counted: it asks the same of everybody
// again and again.
func (a *app) examine(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
	started := time.Now()
	answer := a.menu.Run(ctx, r)
	a.insight.Checked(r.Tenant, r.Policy, answer, time.Since(started))
	return answer
}
