package meters

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"bonafide/kyc"
)

// Checks are checks whose attempts are counted.
type Checks struct {
	Asked interface {
		Run(ctx context.Context, r kyc.CheckRequest) kyc.Answer
	}
	Meters Meters
	// Known are the program's own policies; others are counted as one.
	Known map[string]kyc.CheckSpec
	// Heard is told each answer, for the console's figures.
	Heard func(t kyc.Tenant, policy string, a kyc.Answer, took time.Duration)
}

// Run asks, and counts under the policy's name if it is one of the program's.
func (c Checks) Run(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
	started := time.Now()
	a := c.Asked.Run(ctx, r)
	policy := r.Policy
	if _, ok := c.Known[policy]; !ok {
		policy = "other"
	}
	label, took := attribute.String("policy", policy), time.Since(started)
	c.Heard(r.Tenant, policy, a, took)
	c.Meters.took.Record(ctx, took.Seconds(), metric.WithAttributes(label))
	c.Meters.attempts.Add(ctx, 1, metric.WithAttributes(label, attribute.String("status", string(a.Status)), attribute.String("env", string(r.Tenant.Env))))
	return a
}
