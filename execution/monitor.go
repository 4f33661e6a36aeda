package execution

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
	"bonafide/procedure"
)

// Monitoring switches monitoring (C20). No types: all that there are.
type Monitoring struct {
	Enabled bool
	Types   []string // AML, ACTIVITY
	Hand
}

// Monitor switches monitoring of an individual on or off in each of its service
// profiles, which it answers. Somebody who was never screened against the lists
// in force is screened soon after. Errors: Malformed monitoring_type_invalid;
// 404; 409 no_service_profile when nothing was executed yet.
func (m *Machine) Monitor(ctx context.Context, t kyc.Tenant, by kyc.Actor, subject kyc.ID, o Monitoring) ([]kyc.ServiceProfile, error) {
	types := o.Types
	if len(types) == 0 {
		types = procedure.MonitoringTypes()
	}
	var p []kyc.Problem
	for i, kind := range types {
		if !slices.Contains(procedure.MonitoringTypes(), kind) {
			p = append(p, kyc.Problem{Path: fmt.Sprintf("/query/monitoringTypes/%d", i), Code: "monitoring_type_invalid",
				Message: "use " + strings.Join(procedure.MonitoringTypes(), " or ")})
		}
	}
	if err := malformed("monitoring cannot be switched like this", p); err != nil {
		return nil, err
	}
	if _, err := m.individual(ctx, t, subject); err != nil {
		return nil, err
	}
	all, err := m.profiles(ctx, t, subject)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(p kyc.ServiceProfile) bool { return p.State == "DELETED" })
	if len(all) == 0 {
		return nil, kyc.Errorf(kyc.Conflict, "no_service_profile", "no workflow was executed for this individual yet, so there is nothing to monitor")
	}
	w, err := m.work(ctx, t, by, o.Hand)
	if err != nil {
		return nil, err
	}
	for i := range all {
		before := digest(&all[i])
		if err := m.subscribe(ctx, &all[i], types, o.Enabled, w.who, w.at); err != nil {
			return nil, err
		}
		if digest(&all[i]) == before {
			continue
		}
		all[i].Touch(w.at)
		w.change.Put = append(w.change.Put, &all[i])
		note := event(ctx, t, by, w.at, switched(o.Enabled), objectProfile, all[i].ID, subject)
		note.RequestID, note.Before, note.After = w.request, before, digest(&all[i])
		w.change.Events = append(w.change.Events, note)
	}
	if w.change.Empty() {
		return all, nil
	}
	if o.Enabled && slices.Contains(types, kindAML) {
		w.change.Jobs = append(w.change.Jobs, rescreenJob(t, time.Time{}))
	}
	return all, m.d.Store.Commit(ctx, &w.change)
}
