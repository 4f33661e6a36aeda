package execution

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"bonafide/kyc"
)

func TestMonitorSwitches(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.houseWorkflow(t)
	who := b.somebody(t, b.live, "Ada", "Grabow")
	_, err := b.Monitor(b.ctx, b.live, b.by, who.ID, Monitoring{Enabled: true})
	has(t, err, kyc.Conflict, "no_service_profile")
	b.execute(t, who, "Take on")
	_, err = b.Monitor(b.ctx, b.live, b.by, who.ID, Monitoring{Enabled: true, Types: []string{"WEATHER"}})
	has(t, err, kyc.Malformed, "monitoring_type_invalid")
	on, err := b.Monitor(b.ctx, b.live, b.by, who.ID, Monitoring{Enabled: true})
	if err != nil || !on[0].Subscribed("AML").Enabled || !on[0].Subscribed("ACTIVITY").Enabled || on[0].Subscribed("AML").WorkflowName != "Watch" {
		t.Fatalf("%+v %v", on, err)
	}
	if again, err := b.Monitor(b.ctx, b.live, b.by, who.ID, Monitoring{Enabled: true}); err != nil || again[0].Rev != on[0].Rev {
		t.Errorf("switching on twice stored %+v %v", again, err)
	}
	off, err := b.Monitor(b.ctx, b.live, b.by, who.ID, Monitoring{Types: []string{"AML"}})
	if err != nil || off[0].Subscribed("AML").Enabled || off[0].Subscribed("AML").DisabledAt.IsZero() || !off[0].Subscribed("ACTIVITY").Enabled {
		t.Errorf("%+v %v", off, err)
	}
	b.lists.become(map[string]string{"h-1": "Grabow, Anton"})
	b.rescreen(t)
	if b.watches(t, who) != 0 {
		t.Error("somebody who is not monitored was screened")
	}
}

// A MONITOR_TOGGLE step switches in the commit of the end.
func TestAStepSwitchesMonitoringOn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.say["watchlist_screening"] = b.screenHouse
	b.define(t, b.live, "Take on", "ONBOARDING", step("AML", "AML", map[string]any{"pep": false}), step("WATCH", "MONITOR_TOGGLE", map[string]any{"enabled": true, "monitoringTypes": []any{"AML"}}))
	who := b.somebody(t, b.live, "Ada", "Smith")
	x := b.execute(t, who, "Take on")
	s := x.Profile.Subscribed("AML")
	if s == nil || !s.Enabled || s.Lists[houseList] != b.lists.version() || s.CheckedAt.IsZero() {
		t.Errorf("subscriptions %+v", x.Profile.Subscriptions)
	}
}

func TestASweepLeavesAJobWhereListsChanged(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.houseWorkflow(t)
	sweep := func() int {
		t.Helper()
		n, err := b.ListsChanged(b.ctx)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if sweep() != 0 {
		t.Error("a job for nobody")
	}
	b.watched(t, "Ada", "Smith")
	if sweep() != 0 {
		t.Error("a job without a change")
	}
	b.lists.become(map[string]string{"h-1": "Grabow, Anton"})
	if sweep() != 1 || sweep() != 0 {
		t.Error("not one job for one change")
	}
	for _, kind := range []string{JobSweep, JobRescreen} {
		if b.Jobs()[kind] == nil {
			t.Errorf("nobody handles %s", kind)
		}
	}
	if err := b.Jobs()[JobRescreen](b.ctx, kyc.Job{Kind: JobRescreen, Tenant: b.live}); err != nil {
		t.Error(err)
	}
	p, _, err := b.db.ServiceProfiles(b.ctx, b.live, kyc.ProfileFilter{Monitored: true}, kyc.Page{Limit: 10})
	if err != nil || len(p) != 1 || p[0].Subscribed("AML").Lists[houseList] != b.lists.version() {
		t.Errorf("%+v %v", p, err)
	}
}

// A node that has not loaded the new lists yet waits for them, and not for
// ever.
func TestAJobWaitsForTheListsItWasLeftFor(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.houseWorkflow(t)
	who := b.watched(t, "Ada", "Grabow")
	raw, err := json.Marshal(errand{Lists: "another state", Left: b.Now()})
	if err != nil {
		t.Fatal(err)
	}
	b.lists.become(map[string]string{"h-1": "Grabow, Anton"})
	handle := b.Jobs()[JobRescreen]
	if err := handle(b.ctx, kyc.Job{Kind: JobRescreen, Tenant: b.live, Args: raw}); err == nil || b.watches(t, who) != 0 {
		t.Errorf("done with other lists: %v", err)
	}
	b.advance(time.Minute)
	if err := handle(b.ctx, kyc.Job{Kind: JobRescreen, Tenant: b.live, Args: raw}); err != nil {
		t.Error(err)
	}
	b.settle(t, b.live)
	if b.watches(t, who) != 1 {
		t.Error("nobody was screened in the end")
	}
}

// A look that is left for later, or that failed, stands in the way of none that
// is due now: a list that changes meanwhile is noticed at once.
func TestALookForLaterDelaysNone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.houseWorkflow(t)
	b.watched(t, "Ada", "Grabow")
	b.lists.become(map[string]string{"h-1": "Grabow, Anton"})
	ask := b.Machine.d.Probe
	b.Machine.d.Probe = func(context.Context, Probe) ([]string, error) {
		return nil, kyc.Errorf(kyc.Unavailable, "probe_broken", "not now")
	}
	b.mu.Lock()
	b.jobs = nil
	b.mu.Unlock()
	if err := b.rescreenJob(b.ctx, rescreenJob(b.live, time.Time{})); err != nil {
		t.Errorf("the job waits itself: %v", err)
	}
	b.Machine.d.Probe = ask
	if n, err := b.ListsChanged(b.ctx); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.jobs) != 2 || b.jobs[0].Key == b.jobs[1].Key || !b.jobs[0].At.Equal(b.now.Add(again)) || !b.jobs[1].At.IsZero() {
		t.Errorf("jobs %+v", b.jobs)
	}
}

// Whom a step put under monitoring without a screening is screened soon after.
func TestMonitoringWithoutAScreeningBeginsWithOne(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.rules(t, kyc.Live, func(s *kyc.Settings) { s.MandatoryPolicies = []string{} })
	b.define(t, b.live, "Take on", "ONBOARDING", step("NAME", "NAME_VALIDATION", nil),
		step("WATCH", "MONITOR_TOGGLE", map[string]any{"enabled": true, "monitoringTypes": []any{"AML"}}))
	b.execute(t, b.somebody(t, b.live, "Ada", "Smith"), "Take on")
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, j := range b.jobs {
		if j.Kind == JobRescreen && j.At.IsZero() {
			return
		}
	}
	t.Errorf("nobody will look: %+v", b.jobs)
}
