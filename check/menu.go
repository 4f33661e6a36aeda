package check

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"bonafide/kyc"
)

// Providers as answers name them.
const (
	providerHouse   = "bonafide"
	providerSandbox = "sandbox"
	providerHTTP    = "http"
)

// houseVersion is the version of the checks' own rules. It is raised whenever
// the same request could get another answer.
const houseVersion = "2"

// Menu runs checks for the engine. It may be used by many goroutines.
type Menu struct {
	clock     kyc.Clock
	dishes    map[string]dish
	simulator Simulator
	recall    Recall
	lists     func() []kyc.ListVersion
	blinder   Blinder
}

type dish struct {
	check  Check
	config *jsonschema.Schema
	// bare is what is wrong with an empty config, found out once.
	bare string
	// defaults are those of the config's own members.
	defaults map[string]any
}

// wrong says what is wrong with a config, or nothing.
func (d dish) wrong(config json.RawMessage) string {
	switch string(bytes.TrimSpace(config)) {
	case "", "null", "{}":
		return d.bare
	}
	return validate(d.config, config)
}

// Simulator answers a check for a sandbox organisation.
type Simulator interface {
	Answer(r kyc.CheckRequest) kyc.Answer
}

// New makes a menu of checks. Live organisations get the checks themselves,
// sandbox organisations the simulator. It errs when a schema is broken.
func New(clock kyc.Clock, checks []Check, simulator Simulator, options ...Option) (*Menu, error) {
	m := &Menu{clock: clock, simulator: simulator, dishes: map[string]dish{}}
	for _, c := range checks {
		s, err := compile(c.Spec.Name, c.Spec.ConfigSchema)
		if err != nil {
			return nil, err
		}
		m.dishes[c.Spec.Name] = dish{check: c, config: s, bare: validate(s, nil), defaults: defaultsOf(c.Spec.ConfigSchema)}
	}
	for _, o := range options {
		o(m)
	}
	return m, nil
}

// Run answers one attempt. It never panics and never outlives the context:
// a broken check is StatusError; one that takes longer than the context or
// its Spec allows is StatusUnavailable and may be tried again.
func (m *Menu) Run(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
	started := m.clock.Now()
	if r.Now.IsZero() {
		r.Now = started
	}
	a, recalled := m.remembered(ctx, r)
	if !recalled {
		a = m.answer(ctx, r)
	}
	a.StartedAt, a.FinishedAt = started, m.clock.Now()
	return settle(a, r.Tenant.Env)
}

func (m *Menu) answer(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
	d, known := m.dishes[r.Policy]
	if !known {
		return broken("unknown_check", "there is no such check")
	}
	if wrong := d.wrong(r.Config); wrong != "" {
		return broken("config_invalid", "the check's config cannot be used: "+wrong)
	}
	if r.Tenant.Env == kyc.Live || r.Tenant.Env == kyc.Sandbox {
		if a, ok := established(r); ok {
			return a
		}
	}
	switch r.Tenant.Env {
	case kyc.Sandbox:
		if d.check.Own && d.check.Run != nil {
			// It looks at the organisation's own objects and at nothing
			// outside, so there is nothing to simulate.
			a := m.limited(ctx, d.check, r)
			if a.Provider == "" {
				a.Provider = providerSandbox
			}
			return a
		}
		if m.simulator == nil {
			return notConfigured("no_simulator", "this installation answers no checks for the sandbox")
		}
		return guarded(func() kyc.Answer {
			a := m.simulator.Answer(r)
			m.simulateReviews(ctx, r, &a)
			return a
		})
	case kyc.Live:
		if d.check.Run == nil {
			return notConfigured(r.Policy+"_not_configured", fmt.Sprintf("no provider for %s is set up here", d.check.Spec.Title))
		}
		return m.limited(ctx, d.check, r)
	}
	return broken("unknown_environment", "the request belongs to no environment")
}

// limited runs a check in its own goroutine, so that one that ignores its
// context cannot hold the engine.
func (m *Menu) limited(ctx context.Context, c Check, r kyc.CheckRequest) kyc.Answer {
	limit := c.Spec.Timeout
	if limit <= 0 {
		limit = defaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	done := make(chan kyc.Answer, 1)
	go func() { done <- guarded(func() kyc.Answer { return c.Run(ctx, r) }) }()
	select {
	case a := <-done:
		return a
	case <-ctx.Done():
		select {
		case a := <-done: // it made it in the last moment
			return a
		default:
			return unavailable("timeout", "the check did not answer in time")
		}
	}
}

// guarded turns a panic into an answer.
func guarded(run func() kyc.Answer) (a kyc.Answer) {
	defer func() {
		if p := recover(); p != nil {
			a = broken("panic", "the check broke while it worked")
		}
	}()
	return run()
}

// settle makes sure that an answer means what it says, whoever made it.
func settle(a kyc.Answer, env kyc.Env) kyc.Answer {
	if a.Provider == "" {
		a.Provider = providerHouse
	}
	if a.Version == "" {
		a.Version = houseVersion
	}
	times := func(b kyc.Answer) kyc.Answer {
		b.StartedAt, b.FinishedAt, b.Provider, b.Version = a.StartedAt, a.FinishedAt, a.Provider, a.Version
		return b
	}
	if a.FinishedAt.Before(a.StartedAt) {
		a.FinishedAt = a.StartedAt
	}
	for _, v := range []*float64{a.Score, a.Threshold} {
		if v != nil && (math.IsNaN(*v) || math.IsInf(*v, 0)) {
			return times(broken("bad_score", "the check answered a score that is no number"))
		}
	}
	switch a.Status {
	case kyc.StatusOK:
		switch a.Verdict {
		case kyc.Pass, kyc.Fail, kyc.VerdictReview, kyc.Skip:
		default:
			return times(broken("no_verdict", "the check answered without a verdict"))
		}
		a.Transient = false
	case kyc.StatusNotConfigured, kyc.StatusUnavailable, kyc.StatusStale, kyc.StatusError:
		a.Verdict = ""
	default:
		return times(broken("no_status", "the check answered without a status"))
	}
	// The last word on the wall between the environments: simulated answers
	// are for the sandbox and for nobody else, and failures that the menu
	// itself reports belong to either.
	if simulated := a.Provider == providerSandbox; a.Status == kyc.StatusOK && simulated != (env == kyc.Sandbox) {
		return times(broken("environment_leak", "the answer comes from the other environment's provider"))
	}
	return a
}

// spec fills in what most checks share.
func spec(name, title, description string, timeout time.Duration) kyc.CheckSpec {
	if timeout == 0 {
		timeout = defaultTimeout
	}
	return kyc.CheckSpec{Name: name, Title: title, Description: description, Timeout: timeout, ConfigSchema: schema("", "")}
}
