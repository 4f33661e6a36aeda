package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bonafide/kyc"
)

func backtests(t *testing.T, b *bench) {
	now := b.clock.Now()
	workflow, other := kyc.NewID(now), kyc.NewID(now)
	var all []*kyc.Backtest
	for i := range 5 {
		b.clock.Advance(time.Second)
		x := &kyc.Backtest{Meta: b.meta(), WorkflowID: workflow, Version: i, Definition: "sha256:x", Cohort: []kyc.ID{kyc.NewID(now), kyc.NewID(now)}, Status: kyc.BacktestCompleted,
			By: kyc.SystemActor("test"), Tally: kyc.BacktestTally{Sessions: 2, Replayed: 2, Changed: 1, Same: 1, Matrix: map[kyc.Outcome]map[kyc.Outcome]int{kyc.Approved: {kyc.Rejected: 1, kyc.Approved: 1}}},
			Items: []kyc.BacktestItem{{SessionID: kyc.NewID(now), Old: kyc.Approved, New: kyc.Rejected, Node: "age", Path: []string{"start", "age"}}}}
		switch i {
		case 1:
			x.Status, x.DueAt, x.Owner, x.Items = kyc.BacktestRunning, now.Add(-time.Minute), "a", nil
		case 2:
			x.WorkflowID = other
		case 3:
			x.Status, x.DueAt = kyc.BacktestRunning, now.Add(-time.Hour)
		}
		b.put(t, x)
		all = append(all, x)
	}
	got := must[kyc.Backtest](t)(b.Backtest(b.ctx, b.tenant, all[0].ID))
	same(t, "backtest", got, all[0])
	same(t, "its items", got.Items, all[0].Items)
	if _, err := b.Backtest(b.ctx, kyc.Tenant{Org: b.tenant.Org, Env: otherEnv(b.tenant.Env)}, all[0].ID); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("the other environment reads it: %v", err)
	}
	for name, c := range map[string]struct {
		filter kyc.BacktestFilter
		want   string
	}{
		"all":         {kyc.BacktestFilter{}, "[4 3 2 1 0]"},
		"of one":      {kyc.BacktestFilter{WorkflowID: workflow}, "[4 3 1 0]"},
		"running":     {kyc.BacktestFilter{Status: kyc.BacktestRunning}, "[3 1]"},
		"both":        {kyc.BacktestFilter{WorkflowID: other, Status: kyc.BacktestCompleted}, "[2]"},
		"none of one": {kyc.BacktestFilter{WorkflowID: other, Status: kyc.BacktestRunning}, "[]"},
	} {
		list, total, err := b.Backtests(b.ctx, b.tenant, c.filter, kyc.Page{})
		for _, x := range list {
			if x.Items != nil || x.Tally.Sessions != 2 {
				t.Errorf("%s: a list has the items of %d, or lacks its counts", name, x.Version)
			}
		}
		if got := fmt.Sprint(versionsOf(list)); err != nil || got != c.want || total != len(list) {
			t.Errorf("%s: %s of %d, want %s (%v)", name, got, total, c.want, err)
		}
	}
	due := func(at time.Time) []int {
		var mine []kyc.Backtest
		for _, x := range must[[]kyc.Backtest](t)(b.BacktestsDue(b.ctx, at, 100)) {
			if x.Tenant == b.tenant {
				mine = append(mine, x)
			}
		}
		return versionsOf(mine)
	}
	if got := fmt.Sprint(due(now), due(now.Add(-30*time.Minute))); got != "[3 1] [3]" {
		t.Errorf("due: %s", got)
	}
	// A slot is given out once, and again when it is free.
	running := func(slot int) *kyc.Backtest {
		return &kyc.Backtest{Meta: b.meta(), WorkflowID: workflow, Status: kyc.BacktestRunning, By: kyc.SystemActor("test"), Slot: slot}
	}
	holder := running(1)
	b.put(t, holder)
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{running(1)}}), "slot_taken")
	same(t, "the slot", must[kyc.Backtest](t)(b.Backtest(b.ctx, b.tenant, holder.ID)).Slot, 1)
	elsewhere := running(1)
	elsewhere.Tenant.Env = otherEnv(b.tenant.Env)
	b.put(t, elsewhere, running(2))
	holder.End(kyc.BacktestCancelled, now)
	holder.Touch(now)
	b.put(t, holder, running(1))
	var won, lost atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			switch err := b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{running(3)}}); {
			case err == nil:
				won.Add(1)
			case kyc.IsCode(err, "slot_taken"):
				lost.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 || lost.Load() != 7 {
		t.Errorf("%d got the same slot, %d were refused", won.Load(), lost.Load())
	}
	// Two processes that go on with one: the second is too late.
	first, second := *all[1], *all[1]
	first.Touch(now)
	first.Done, first.Items = 1, []kyc.BacktestItem{{SessionID: all[1].Cohort[0], Reason: "erased"}}
	b.put(t, &first)
	second.Touch(now)
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{&second}}), "concurrent_change")
	same(t, "what was added", must[kyc.Backtest](t)(b.Backtest(b.ctx, b.tenant, first.ID)).Items, first.Items)
	b.commit(t, kyc.Change{Remove: []kyc.Object{all[0]}})
	if _, err := b.Backtest(b.ctx, b.tenant, all[0].ID); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("after it was removed: %v", err)
	}
}

func versionsOf(list []kyc.Backtest) []int {
	out := []int{}
	for _, x := range list {
		out = append(out, x.Version)
	}
	return out
}

func otherEnv(e kyc.Env) kyc.Env {
	if e == kyc.Live {
		return kyc.Sandbox
	}
	return kyc.Live
}
