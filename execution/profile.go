package execution

import (
	"context"
	"maps"
	"slices"
	"time"

	"bonafide/kyc"
	"bonafide/procedure"
)

// profileAt brings the service profile up to date with an execution that ends:
// its risk, what its steps switched, and which lists the person was asked for.
func (m *Machine) profileAt(ctx context.Context, f *ending) error {
	e, p := &f.execution, &f.profile
	if e.Risk != nil {
		p.LatestRiskID = e.Risk.ID
	}
	if e.State == procedure.StateCompleted && p.State == "INIT" {
		p.State = "ACTIVE"
	}
	blocked := slices.ContainsFunc(e.Issues, func(i kyc.EntityIssue) bool { return i.Category == "BLOCKLISTED" && !i.IsCleared })
	if blocked && (p.State == "ACTIVE" || p.State == "AUTO" || p.State == "INIT") {
		p.State = "BLOCKLISTED"
	}
	if err := m.toggles(ctx, f); err != nil {
		return err
	}
	if f.screened() {
		f.askAgain(f.at.Add(again))
	}
	switch s := p.Subscribed(kindAML); {
	case s == nil:
	case f.moved: // whoever the lists were asked for is somebody else now
		s.Lists, s.CheckedAt = nil, time.Time{}
		f.askAgain(time.Time{})
	case e.Trigger == TriggerRequest && s.CheckedAt.IsZero() && len(s.Lists) == 0: // a step switched it on, and no list was ever asked
		f.askAgain(time.Time{})
	}
	return nil
}

// toggles does what the steps of type MONITOR_TOGGLE say, of those that ran.
func (m *Machine) toggles(ctx context.Context, f *ending) error {
	for _, o := range f.toggled {
		if err := m.subscribe(ctx, &f.profile, o.Types, o.Enabled, f.execution.By, f.at); err != nil {
			return err
		}
		note := event(ctx, f.execution.Tenant, f.by, f.at, switched(o.Enabled), objectProfile, f.profile.ID, f.profile.SubjectID)
		note.RequestID = f.execution.RequestID
		f.change.Events = append(f.change.Events, note)
	}
	return nil
}

func switched(enabled bool) string {
	if enabled {
		return "monitoring.enable"
	}
	return "monitoring.disable"
}

// subscribe switches kinds of monitoring of a profile; nothing is done about
// what stands so already.
func (m *Machine) subscribe(ctx context.Context, p *kyc.ServiceProfile, types []string, enabled bool, by string, at time.Time) error {
	for _, kind := range types {
		s := p.Subscribed(kind)
		if s == nil {
			p.Subscriptions = append(p.Subscriptions, kyc.Subscription{Type: kind})
			s = p.Subscribed(kind)
		}
		w, err := m.watcher(ctx, p.Tenant, p.ServiceName, kind)
		if err != nil {
			return err
		}
		s.WorkflowID, s.WorkflowName = w.ID, w.Name
		switch {
		case s.Enabled == enabled:
		case enabled:
			s.Enabled, s.EnabledAt, s.EnabledBy = true, at, by
		default:
			s.Enabled, s.DisabledAt, s.DisabledBy = false, at, by
		}
	}
	return nil
}

// watcher is the workflow by which a service screens again: the newest one of
// phase MONITORING that subscribes to the kind. A zero one: there is none.
func (m *Machine) watcher(ctx context.Context, t kyc.Tenant, service, kind string) (kyc.Workflow, error) {
	all, err := m.ofService(ctx, t, service)
	if err != nil {
		return kyc.Workflow{}, err
	}
	for _, w := range all { // newest first
		if w.Service.Phase == procedure.PhaseMonitoring && (len(w.Service.Monitors) == 0 || slices.Contains(w.Service.Monitors, kind)) {
			return w, nil
		}
	}
	return kyc.Workflow{}, nil
}

// kindAML is the monitoring that follows the watchlists.
const kindAML = "AML"

// screened remembers which state of each list the person was asked for, and
// reports whether a list that was asked gave no answer. It is remembered
// whether monitoring is on or not: switched on later, it goes on from here.
func (f *ending) screened() (incomplete bool) {
	last, asked := f.end.last(policyLists)
	if !asked {
		return f.execution.Trigger != TriggerRequest // it was begun for nothing else
	}
	return remember(&f.profile, last.Answer, f.at)
}

// remember notes the lists of an answer in the AML subscription of a profile.
// Only a list that answered from fresh data counts as asked.
func remember(p *kyc.ServiceProfile, a kyc.Answer, at time.Time) (incomplete bool) {
	s := p.Subscribed(kindAML)
	if s == nil {
		p.Subscriptions = append(p.Subscriptions, kyc.Subscription{Type: kindAML})
		s = p.Subscribed(kindAML)
	}
	lists := maps.Clone(s.Lists)
	if lists == nil {
		lists = map[string]string{}
	}
	fine := a.Status == kyc.StatusOK
	for _, l := range a.Lists {
		if l.Status == kyc.StatusOK {
			lists[l.List] = l.Version
		} else {
			fine = false
		}
	}
	s.Lists = lists
	if fine {
		s.CheckedAt = at
	}
	return !fine
}

// again is when somebody who could not be screened is looked at again.
const again = time.Hour

// askAgain leaves a look at the lists for a time, zero for now, where monitoring
// is on.
func (f *ending) askAgain(at time.Time) {
	if s := f.profile.Subscribed(kindAML); s != nil && s.Enabled {
		f.change.Jobs = append(f.change.Jobs, rescreenJob(f.profile.Tenant, at))
	}
}
