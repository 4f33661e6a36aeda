package execution

import (
	"context"
	"slices"

	"bonafide/kyc"
	"bonafide/procedure"
)

// alerts tells of each hit that monitoring found and that was not known of the
// individual before: one message for each. An alert is made in the commit that
// stores its hit, together with the subject, whose revision only one of two
// commits can raise; the other one looks again and finds the hit known. So a
// hit is told once, however many nodes and services look and however often
// they are interrupted.
func (m *Machine) alerts(ctx context.Context, f *ending) error {
	e := &f.execution
	if e.Phase != procedure.PhaseMonitoring && e.Trigger == TriggerRequest {
		return nil
	}
	if !slices.ContainsFunc(f.results, func(r *kyc.ProcessResult) bool { return r.Hit != "" }) {
		return nil
	}
	// The subject is read before what is known: a commit between the two raises the
	// revision that this one needs.
	subject := f.subject
	if subject == nil {
		var err error
		if subject, err = m.person(ctx, e); err != nil {
			return err
		}
	}
	fresh, err := m.unknown(ctx, e.Tenant, e.SubjectID, f.results)
	if err != nil || len(fresh) == 0 {
		return err
	}
	f.subject = subject
	for _, r := range fresh {
		f.change.Events = append(f.change.Events, m.alert(e, f.by, r))
	}
	return nil
}

// alert is the message about one hit. It names the process result; what was
// found is read there.
func (m *Machine) alert(e *kyc.Execution, by kyc.Actor, r *kyc.ProcessResult) kyc.Event {
	note := kyc.Event{ID: kyc.NewID(r.UpdatedAt), Tenant: e.Tenant, At: r.UpdatedAt, Actor: by, Action: "monitoring.alert", Object: objectResult, ObjectID: r.ID,
		SubjectID: e.SubjectID, RequestID: e.RequestID, After: digest(r), Surface: kyc.SurfaceEntities}
	return m.d.News.Tell(note, e, map[string]any{"process_result_id": r.ID, "class": r.Class}, NewsAlert)
}

// unknown are the results whose hit was not known of the individual: no valid
// earlier result says the same of the same entry. One that was settled when
// something else was known of the individual, and is open now, is as new.
func (m *Machine) unknown(ctx context.Context, t kyc.Tenant, subject kyc.ID, results []*kyc.ProcessResult) ([]*kyc.ProcessResult, error) {
	var keys []string
	for _, r := range results {
		if r.Hit != "" && !slices.Contains(keys, r.Hit) {
			keys = append(keys, r.Hit)
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	known, err := m.allResults(ctx, t, kyc.ProcessFilter{SubjectID: subject, Hits: keys, SystemStatuses: []string{procedure.SystemValid}})
	if err != nil {
		return nil, err
	}
	var out []*kyc.ProcessResult
	for _, r := range results {
		settled := r.Manual == nil && slices.ContainsFunc(known, func(k kyc.ProcessResult) bool { return k.Hit == r.Hit && another(&k, r.Private.Identity) })
		same := func(k kyc.ProcessResult) bool {
			return k.Hit == r.Hit && k.Digest == r.Digest && (!settled || k.Private.Identity == r.Private.Identity)
		}
		twice := func(k *kyc.ProcessResult) bool { return k.Hit == r.Hit }
		if r.Hit == "" || slices.ContainsFunc(known, same) || slices.ContainsFunc(out, twice) {
			continue
		}
		out = append(out, r)
	}
	return out, nil
}
