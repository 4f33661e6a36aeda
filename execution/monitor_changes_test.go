package execution

import (
	"context"
	"slices"
	"testing"

	"bonafide/kyc"
)

// Of a list that is new, or whose old version is gone, every entry may be new:
// all are asked for, and still only who may be meant is screened.
func TestUnknownChangesScreenOnlyWhomTheyMayConcern(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.houseWorkflow(t)
	struck, calm := b.watched(t, "Ada", "Grabow"), b.watched(t, "Eve", "Smith")
	b.lists.unknown = true
	b.lists.become(map[string]string{"h-1": "Grabow, Anton"})
	b.advance(1e9)
	b.rescreen(t)
	if got := [3]int{b.watches(t, struck), b.watches(t, calm), len(b.told(NewsAlert))}; got != [3]int{1, 0, 1} {
		t.Errorf("executions and alerts %v", got)
	}
	b.rescreen(t)
	if got := [2]int{b.watches(t, struck), b.watches(t, calm)}; got != [2]int{1, 0} {
		t.Errorf("a second look made executions %v", got)
	}
}

// A list that is broken clears nobody, and is asked again.
func TestABrokenListIsAskedAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.houseWorkflow(t)
	who := b.watched(t, "Ada", "Grabow")
	b.lists.unknown = true
	b.lists.become(map[string]string{"h-1": "Grabow, Anton"})
	b.say["watchlist_screening"] = func(kyc.CheckRequest) kyc.Answer {
		return kyc.Answer{Status: kyc.StatusError, Lists: []kyc.ListVersion{{List: houseList, Status: kyc.StatusError}}}
	}
	b.advance(1e9)
	b.rescreen(t)
	p, _, err := b.profileOf(b.ctx, b.live, who.ID, "Onboarding")
	if err != nil || p.Subscribed("AML").Lists[houseList] == b.lists.version() {
		t.Errorf("a broken list counts as asked: %+v %v", p.Subscriptions, err)
	}
	b.mu.Lock()
	later := slices.ContainsFunc(b.jobs, func(j kyc.Job) bool { return j.Kind == JobRescreen && !j.At.IsZero() })
	b.mu.Unlock()
	if !later {
		t.Error("nobody looks again")
	}
	b.say["watchlist_screening"] = b.screenHouse
	b.advance(1e9)
	b.rescreen(t)
	if n := len(b.told(NewsAlert)); n != 1 {
		t.Errorf("%d alerts", n)
	}
}

// One person who cannot be looked at keeps nobody else from being found.
func TestOneFailureHoldsUpNobody(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.houseWorkflow(t)
	b.watched(t, "Ada", "Broken")
	struck := b.watched(t, "Eve", "Grabow")
	ask := b.Machine.d.Probe
	b.Machine.d.Probe = func(ctx context.Context, p Probe) ([]string, error) {
		if p.Names[0] == "Ada Broken" {
			return nil, kyc.Errorf(kyc.Unavailable, "probe_broken", "not now")
		}
		return ask(ctx, p)
	}
	b.lists.become(map[string]string{"h-1": "Grabow, Anton"})
	b.advance(1e9)
	if _, err := b.Rescreen(b.ctx, b.live); !kyc.IsCode(err, "probe_broken") {
		t.Errorf("the job is not told: %v", err)
	}
	b.settle(t, b.live)
	if b.watches(t, struck) != 1 || len(b.told(NewsAlert)) != 1 {
		t.Errorf("%d executions, %d alerts", b.watches(t, struck), len(b.told(NewsAlert)))
	}
}

func TestSomebodyUnderAnotherNameIsAskedAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.houseWorkflow(t)
	b.lists.become(map[string]string{"h-1": "Grabow, Anton"})
	who, calm := b.watched(t, "Ada", "Smith"), b.watched(t, "Eve", "Jones")
	b.rescreen(t)
	if n := b.watches(t, who) + len(b.told(NewsAlert)); n != 0 {
		t.Fatalf("unchanged people made %d executions and alerts", n)
	}
	i, err := b.db.Individual(b.ctx, b.live, who.ID)
	if err != nil {
		t.Fatal(err)
	}
	i.Private.Name.Family = "Grabow"
	i.Touch(b.Machine.d.Clock.Now())
	c, err := b.FactorsChanged(b.ctx, b.live, who.ID)
	if err != nil || len(c.Jobs) != 1 || c.Jobs[0].Kind != JobRescreen {
		t.Fatalf("%+v %v", c.Jobs, err)
	}
	c.Put = append(c.Put, &i)
	if err := b.db.Commit(b.ctx, &c); err != nil {
		t.Fatal(err)
	}
	b.advance(1e9)
	b.rescreen(t)
	if b.watches(t, who) != 1 || b.watches(t, calm) != 0 || len(b.told(NewsAlert)) != 1 {
		t.Errorf("%d and %d executions, %d alerts", b.watches(t, who), b.watches(t, calm), len(b.told(NewsAlert)))
	}
	b.advance(1e9)
	b.rescreen(t)
	if b.watches(t, who) != 1 || len(b.told(NewsAlert)) != 1 {
		t.Errorf("asked again without a reason: %d executions, %d alerts", b.watches(t, who), len(b.told(NewsAlert)))
	}
}
