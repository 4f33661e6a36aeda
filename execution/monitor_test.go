package execution

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"bonafide/kyc"
)

// watched takes somebody on and switches monitoring on.
func (b *bench) watched(t *testing.T, given, family string) kyc.Individual {
	t.Helper()
	who := b.somebody(t, b.live, given, family)
	b.execute(t, who, "Take on")
	all, err := b.Monitor(b.ctx, b.live, b.by, who.ID, Monitoring{Enabled: true, Types: []string{"AML"}, Hand: Hand{Operator: "OPERATOR123"}})
	if err != nil || len(all) != 1 || !all[0].Subscribed("AML").Enabled || all[0].Subscribed("AML").EnabledBy != "OPERATOR123" {
		t.Fatalf("%+v %v", all, err)
	}
	return who
}

func (b *bench) rescreen(t *testing.T) {
	t.Helper()
	if _, err := b.Rescreen(b.ctx, b.live); err != nil {
		t.Fatal(err)
	}
	b.settle(t, b.live)
}

// watches counts the executions that monitoring began for somebody.
func (b *bench) watches(t *testing.T, who kyc.Individual) int {
	t.Helper()
	list, _, err := b.db.Executions(b.ctx, b.live, kyc.ExecutionFilter{SubjectID: who.ID}, kyc.Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range list {
		if e.Trigger == TriggerListUpdate {
			n++
		}
	}
	return n
}

func TestAChangedListScreensOnlyWhomItMayConcern(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.houseWorkflow(t)
	b.lists.become(map[string]string{"h-1": "Altmann, Kurt", "h-2": "Gone, Person"})
	struck, calm := b.watched(t, "Ada", "Grabow"), b.watched(t, "Eve", "Smith")
	known := b.watched(t, "Kai", "Altmann")
	stranger := b.somebody(t, b.live, "Not", "Grabow") // taken on by nobody, monitored by nobody
	b.rescreen(t)
	if n := b.watches(t, struck) + b.watches(t, calm) + b.watches(t, known); n != 0 || len(b.told(NewsAlert)) != 0 {
		t.Fatalf("unchanged lists made %d executions and %d alerts", n, len(b.told(NewsAlert)))
	}
	b.lists.become(map[string]string{"h-1": "Altmann, Kurt", "h-3": "Grabow, Anton"})
	b.advance(1e9)
	b.rescreen(t)
	if got := [4]int{b.watches(t, struck), b.watches(t, calm), b.watches(t, known), b.watches(t, stranger)}; got != [4]int{1, 0, 0, 0} {
		t.Errorf("executions %v", got)
	}
	for _, p := range b.probed {
		if p.List != houseList || !slices.Equal(p.Entries, []string{"h-3"}) {
			t.Errorf("somebody was asked for %v of %s", p.Entries, p.List)
		}
	}
	alerts := b.told(NewsAlert)
	if len(alerts) != 1 || alerts[0].SubjectID != struck.ID || alerts[0].RequestID == "" || alerts[0].Action != "monitoring.alert" {
		t.Fatalf("alerts %+v", alerts)
	}
	list, _, err := b.Executions(b.ctx, b.live, ExecutionQuery{SubjectID: struck.ID}, kyc.Page{Limit: 1})
	if err != nil || list[0].Execution.Phase != "MONITORING" || list[0].Execution.Result != "URGENT" || list[0].Execution.WorkflowName != "Watch" {
		t.Errorf("%+v %v", list[0].Execution, err)
	}
	b.advance(1e9)
	b.rescreen(t)
	if n := b.watches(t, struck) + b.watches(t, calm) + b.watches(t, known); n != 1 || len(b.told(NewsAlert)) != 1 {
		t.Errorf("a second look made %d executions and %d alerts", n, len(b.told(NewsAlert)))
	}
	b.lists.become(map[string]string{"h-1": "Altmann, Kurt, born 1950", "h-3": "Grabow, Anton"})
	b.advance(1e9)
	b.rescreen(t)
	if b.watches(t, known) != 1 || len(b.told(NewsAlert)) != 2 {
		t.Errorf("an entry that changed made %d executions, %d alerts", b.watches(t, known), len(b.told(NewsAlert)))
	}
}

func TestAClearedHitStaysClearedUntilTheListEntryChanges(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.houseWorkflow(t)
	who := b.watched(t, "Ada", "Grabow")
	b.lists.become(map[string]string{"h-1": "Grabow, Anton"})
	b.advance(1e9)
	b.rescreen(t)
	found, err := b.allResults(b.ctx, b.live, kyc.ProcessFilter{SubjectID: who.ID, Classes: []string{"AML"}, Results: []string{"HIT"}})
	if err != nil || len(found) != 1 || len(b.told(NewsAlert)) != 1 {
		t.Fatalf("%d hits, %d alerts, %v", len(found), len(b.told(NewsAlert)), err)
	}
	b.advance(1e9)
	if _, err := b.Judge(b.ctx, b.live, b.by, who.ID, Judgement{Kind: "aml", Status: "FALSE_POSITIVE", Results: ids(found)}); err != nil {
		t.Fatal(err)
	}
	b.lists.become(map[string]string{"h-1": "Grabow, Anton", "h-2": "Grabow, Berta"})
	b.advance(1e9)
	b.rescreen(t)
	if n := len(b.told(NewsAlert)); n != 2 {
		t.Errorf("a second entry makes %d alerts", n)
	}
	last, _, err := b.Executions(b.ctx, b.live, ExecutionQuery{SubjectID: who.ID}, kyc.Page{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range hitsOf(last[0]) {
		want := ""
		if r.Hit == "house|h-1" {
			want = "FALSE_POSITIVE"
		}
		if r.ManualWord() != want {
			t.Errorf("%s is %q", r.Hit, r.ManualWord())
		}
	}
	b.lists.become(map[string]string{"h-1": "Grabow, Anton, born 1984", "h-2": "Grabow, Berta"})
	b.advance(1e9)
	b.rescreen(t)
	if n := len(b.told(NewsAlert)); n != 3 {
		t.Errorf("the changed entry makes %d alerts", n)
	}
}

// Two nodes look at the same moment, and one of them is repeated after a crash:
// a hit is told once.
func TestOneAlertForAHitHoweverOftenSomebodyLooks(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.houseWorkflow(t)
	var people []kyc.Individual
	for _, family := range []string{"Grabow", "Altmann", "Smith"} {
		people = append(people, b.watched(t, "Ada", family))
	}
	b.lists.become(map[string]string{"h-1": "Grabow, Anton", "h-2": "Altmann, Kurt"})
	b.advance(1e9)
	var nodes sync.WaitGroup
	for range 4 {
		m := b.machine()
		nodes.Go(func() {
			for range 3 {
				if _, err := m.Rescreen(b.ctx, b.live); err != nil {
					t.Error(err)
				}
			}
		})
	}
	nodes.Wait()
	b.settle(t, b.live)
	b.rescreen(t)
	alerts := b.told(NewsAlert)
	if len(alerts) != 2 {
		t.Errorf("%d alerts for two hits", len(alerts))
	}
	if b.watches(t, people[2]) != 0 {
		t.Error("somebody whom nothing concerns was screened")
	}
}

// A look that is interrupted in the middle is repeated as a whole.
func TestAnInterruptedLookIsRepeated(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.houseWorkflow(t)
	var people []kyc.Individual
	for range 3 {
		people = append(people, b.watched(t, "Ada", "Grabow"))
	}
	b.lists.become(map[string]string{"h-1": "Grabow, Anton"})
	b.advance(1e9)
	ctx, die := context.WithCancel(b.ctx)
	began := 0
	b.mu.Lock()
	b.between = func(c *kyc.Change) {
		for _, o := range c.Put {
			if e, ok := o.(*kyc.Execution); ok && e.Rev == 1 {
				if began++; began == 2 {
					die()
				}
			}
		}
	}
	b.mu.Unlock()
	_, err := b.Rescreen(ctx, b.live)
	b.mu.Lock()
	b.between = nil
	b.mu.Unlock()
	if err == nil {
		t.Fatal("the look was not interrupted")
	}
	b.settle(t, b.live)
	b.rescreen(t)
	for _, who := range people {
		if n := b.watches(t, who); n != 1 {
			t.Errorf("%d executions of one of them", n)
		}
	}
	if n := len(b.told(NewsAlert)); n != len(people) {
		t.Errorf("%d alerts", n)
	}
}

// Another service that finds the same hit tells nobody again.
func TestAHitIsToldOnceForAllServices(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.houseWorkflow(t)
	raw := []byte(`{"serviceName":"Lending","workflowName":"Watch","type":"x","lifecyclePhase":"MONITORING","steps":[{"name":"AML","type":"AML","configuration":{"pep":false}}]}`)
	if _, err := b.CreateWorkflow(b.ctx, b.live, b.by, raw, false); err != nil {
		t.Fatal(err)
	}
	who := b.somebody(t, b.live, "Ada", "Grabow")
	b.execute(t, who, "Take on")
	if _, err := b.Execute(b.ctx, b.live, b.by, Order{SubjectID: who.ID, ServiceName: "Lending", WorkflowName: "Watch"}); err != nil {
		t.Fatal(err)
	}
	if all, err := b.Monitor(b.ctx, b.live, b.by, who.ID, Monitoring{Enabled: true}); err != nil || len(all) != 2 {
		t.Fatalf("%d profiles %v", len(all), err)
	}
	b.lists.become(map[string]string{"h-1": "Grabow, Anton"})
	b.advance(1e9)
	b.rescreen(t)
	if n := b.watches(t, who); n != 2 || len(b.told(NewsAlert)) != 1 {
		t.Errorf("%d executions, %d alerts", n, len(b.told(NewsAlert)))
	}
}

// Whoever stores a hit while another one looks makes that one look again: what it
// had read is no longer what is known.
func TestAHitStoredMeanwhileIsLookedForAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.houseWorkflow(t)
	who := b.watched(t, "Ada", "Grabow")
	b.lists.become(map[string]string{"h-1": "Grabow, Anton"})
	b.advance(1e9)
	const disturbed = 3
	var looks atomic.Int32
	b.mu.Lock()
	b.read = func(f kyc.ProcessFilter) {
		if !slices.Contains(f.Hits, "house|h-1") || looks.Add(1) > disturbed {
			return
		}
		p, err := b.db.Subject(b.ctx, b.live, who.ID) // as a second service does with its hit
		if err != nil {
			t.Error(err)
			return
		}
		p.Touch(b.Now())
		if err := b.db.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{&p}}); err != nil {
			t.Error(err)
		}
	}
	b.mu.Unlock()
	b.rescreen(t)
	if n := looks.Load(); n <= disturbed || len(b.told(NewsAlert)) != 1 {
		t.Errorf("%d looks, %d alerts", n, len(b.told(NewsAlert)))
	}
}

func TestHitsOnRemovedEntriesGoStale(t *testing.T) {
	t.Parallel()
	for _, unknown := range []bool{false, true} {
		b := newBench(t)
		b.houseWorkflow(t)
		b.lists.become(map[string]string{"h-1": "Grabow, Anton", "h-2": "Grabow, Berta"})
		who := b.watched(t, "Ada", "Grabow")
		b.lists.unknown = unknown // nobody can say what changed: all are looked at
		b.lists.become(map[string]string{"h-2": "Grabow, Berta"})
		b.advance(1e9)
		b.rescreen(t)
		found, err := b.allResults(b.ctx, b.live, kyc.ProcessFilter{SubjectID: who.ID, Hits: []string{"house|h-1"}})
		if err != nil || len(found) != 1 || found[0].SystemStatus != "STALE" || found[0].Result != "HIT" {
			t.Errorf("unknown %t: %+v %v", unknown, found, err)
		}
		kept, err := b.allResults(b.ctx, b.live, kyc.ProcessFilter{SubjectID: who.ID, Hits: []string{"house|h-2"}, SystemStatuses: []string{"VALID"}})
		if err != nil || len(kept) == 0 {
			t.Errorf("unknown %t: the other hit went, too: %v", unknown, err)
		}
		if n := len(b.told(NewsAlert)); n != 0 {
			t.Errorf("unknown %t: %d alerts", unknown, n)
		}
		if want := map[bool]int{false: 0, true: 1}[unknown]; b.watches(t, who) != want {
			t.Errorf("unknown %t: %d executions", unknown, b.watches(t, who))
		}
	}
}

// A service without a monitoring workflow asks the lists alone.
func TestMonitoringWithoutAWorkflow(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.say["watchlist_screening"] = b.screenHouse
	b.define(t, b.live, "Take on", "ONBOARDING", step("AML", "AML", map[string]any{"pep": false}))
	who := b.watched(t, "Ada", "Grabow")
	b.lists.become(map[string]string{"h-1": "Grabow, Anton"})
	b.advance(1e9)
	b.rescreen(t)
	b.rescreen(t)
	found, err := b.allResults(b.ctx, b.live, kyc.ProcessFilter{SubjectID: who.ID, Hits: []string{"house|h-1"}})
	if err != nil || len(found) != 1 || found[0].ExecutionID != "" || found[0].Class != "AML" || found[0].ServiceName != "Onboarding" || len(b.told(NewsAlert)) != 1 {
		t.Fatalf("%+v, %d alerts, %v", found, len(b.told(NewsAlert)), err)
	}
	b.advance(1e9)
	if _, err := b.Judge(b.ctx, b.live, b.by, who.ID, Judgement{Kind: "aml", Status: "FALSE_POSITIVE", Results: ids(found)}); err != nil {
		t.Fatal(err)
	}
	b.lists.become(map[string]string{"h-1": "Grabow, Anton", "h-2": "Nobody, Known"})
	b.rescreen(t)
	b.lists.become(map[string]string{"h-1": "Grabow, Anton Karl", "h-2": "Nobody, Known"})
	b.advance(1e9)
	b.rescreen(t)
	if n := len(b.told(NewsAlert)); n != 2 {
		t.Errorf("%d alerts", n)
	}
}
