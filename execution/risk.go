package execution

import (
	"context"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
	"bonafide/procedure"
)

// Risk is a person's word on a risk level (C19).
type Risk struct {
	Level string // UNKNOWN, LOW, MEDIUM, HIGH, UNACCEPTABLE
	Hand
}

// OverrideRisk sets the risk level of the newest execution of a service that
// ended with one (C19). Nothing runs again and the result stays; later
// executions take the level over while the factors stay the same. Errors:
// Malformed level_invalid; 404; 409 no_risk_assessment; 412 for the revision of
// the service profile.
func (m *Machine) OverrideRisk(ctx context.Context, t kyc.Tenant, by kyc.Actor, subject kyc.ID, service string, rev int64, r Risk) (Executed, error) {
	if !slices.Contains(procedure.RiskLevels(), r.Level) {
		return Executed{}, malformed("the risk cannot be overridden like this", []kyc.Problem{{Path: "/riskLevel", Code: "level_invalid",
			Message: "use one of " + strings.Join(procedure.RiskLevels(), ", ")}})
	}
	who, err := m.individual(ctx, t, subject)
	if err != nil {
		return Executed{}, err
	}
	p, found, err := m.profileOf(ctx, t, subject, service)
	if err != nil {
		return Executed{}, err
	}
	if !found {
		return Executed{}, kyc.Missing("service profile", service)
	}
	if err := match(&p.Meta, rev); err != nil {
		return Executed{}, err
	}
	e, found, err := m.assessed(ctx, t, subject, p.ServiceName)
	if err != nil {
		return Executed{}, err
	}
	if !found {
		return Executed{}, kyc.Errorf(kyc.Conflict, "no_risk_assessment", "no execution of this service has assessed the risk yet")
	}
	if err := m.keeps(ctx, &e); err != nil {
		return Executed{}, err
	}
	w, err := m.work(ctx, t, by, r.Hand)
	if err != nil {
		return Executed{}, err
	}
	before := digest(&e)
	risk := *e.Risk
	risk.OverriddenLevel, risk.UpdatedAt, risk.UpdatedBy, risk.RequestID = r.Level, w.at, w.who, w.request
	e.Risk = &risk
	p.RiskOverride = &kyc.RiskOverride{Level: r.Level, By: w.who, At: w.at, Factors: procedure.FactorsHash(risk.Factors), RequestID: w.request}
	if w.comment != "" {
		e.Private.Overrides = with(e.Private.Overrides, risk.ID, w.comment)
	}
	e.Touch(w.at)
	p.Touch(w.at)
	w.change.Put = append(w.change.Put, &e, &p)
	note := event(ctx, t, by, w.at, "risk.override", objectExecution, e.ID, subject)
	note.RequestID, note.Reason, note.Before, note.After = w.request, r.Level, before, digest(&e)
	w.change.Events = append(w.change.Events, note)
	out := Executed{Execution: e, Profile: p, Individual: who}
	if out.Results, err = m.resultsOf(ctx, &e); err != nil {
		return Executed{}, err
	}
	return out, m.d.Store.Commit(ctx, &w.change)
}

// someExecutions is how many executions are read at once.
const someExecutions = 50

// newest finds an individual's newest execution that is wanted; found is false
// when there is none. An empty service looks at all.
func (m *Machine) newest(ctx context.Context, t kyc.Tenant, subject kyc.ID, service string, wanted func(e *kyc.Execution) bool) (e kyc.Execution, found bool, err error) {
	var after kyc.ID
	for {
		page, _, err := m.d.Store.Executions(ctx, t, kyc.ExecutionFilter{SubjectID: subject, ServiceName: service}, kyc.Page{Limit: someExecutions, After: after})
		if err != nil {
			return kyc.Execution{}, false, err
		}
		for i := range page {
			if wanted(&page[i]) {
				return page[i], true, nil
			}
		}
		if len(page) < someExecutions {
			return kyc.Execution{}, false, nil
		}
		after = page[len(page)-1].ID
	}
}

// assessed is the newest finished execution of a service with a risk.
func (m *Machine) assessed(ctx context.Context, t kyc.Tenant, subject kyc.ID, service string) (kyc.Execution, bool, error) {
	return m.newest(ctx, t, subject, service, func(e *kyc.Execution) bool {
		return e.State != procedure.StateInProgress && e.Risk != nil
	})
}

// FactorsChanged marks the newest risk of each service of a person as outdated,
// because something it was computed from changed. The caller commits.
func (m *Machine) FactorsChanged(ctx context.Context, t kyc.Tenant, subject kyc.ID) (kyc.Change, error) {
	now, _, err := m.now(ctx, t)
	if err != nil {
		return kyc.Change{}, err
	}
	by := kyc.RequestFrom(ctx)
	c, err := m.outdate(ctx, t, subject, now, Hand{}.name(by.Actor), by.ID)
	if err != nil {
		return c, err
	}
	again, err := m.askAnew(ctx, t, subject, now)
	c.Add(again)
	return c, err
}

// askAnew has a person who is monitored screened again as if for the first
// time: under another name or birth date the lists may know them.
func (m *Machine) askAnew(ctx context.Context, t kyc.Tenant, subject kyc.ID, at time.Time) (c kyc.Change, err error) {
	profiles, err := m.profiles(ctx, t, subject)
	if err != nil {
		return c, err
	}
	for i := range profiles {
		p := &profiles[i]
		s := p.Subscribed(kindAML)
		if s == nil || !s.Enabled || s.CheckedAt.IsZero() && len(s.Lists) == 0 {
			continue
		}
		p.Subscriptions = slices.Clone(p.Subscriptions)
		s = p.Subscribed(kindAML)
		s.Lists, s.CheckedAt = nil, time.Time{}
		p.Touch(at)
		c.Put = append(c.Put, p)
	}
	if len(c.Put) > 0 {
		c.Jobs = append(c.Jobs, rescreenJob(t, time.Time{}))
	}
	return c, nil
}

// outdate is FactorsChanged at a time, in the name of somebody. It leaves out
// the executions given.
func (m *Machine) outdate(ctx context.Context, t kyc.Tenant, subject kyc.ID, at time.Time, who, request string, but ...kyc.ID) (c kyc.Change, err error) {
	profiles, err := m.profiles(ctx, t, subject)
	if err != nil {
		return c, err
	}
	for i := range profiles {
		e, found, err := m.assessed(ctx, t, subject, profiles[i].ServiceName)
		if err != nil {
			return c, err
		}
		if !found || e.Risk.IsOutdated || slices.Contains(but, e.ID) {
			continue
		}
		e.Risk = outdated(e.Risk)
		e.Risk.UpdatedAt, e.Risk.UpdatedBy, e.Risk.RequestID = at, who, request
		e.Touch(at)
		c.Put = append(c.Put, &e)
	}
	return c, nil
}

// outdateOthers marks the newest risks that w has not brought up to date yet.
func (m *Machine) outdateOthers(ctx context.Context, w *work, t kyc.Tenant, subject kyc.ID) error {
	var done []kyc.ID
	for _, o := range w.change.Put {
		if e, ok := o.(*kyc.Execution); ok {
			done = append(done, e.ID)
		}
	}
	c, err := m.outdate(ctx, t, subject, w.at, w.who, w.request, done...)
	w.change.Add(c)
	return err
}
