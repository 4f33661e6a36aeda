package execution

import (
	"sync"
	"testing"

	"bonafide/kyc"
	"bonafide/procedure"
)

// once runs something before the next commit that puts an object like this.
func (b *bench) once(wanted func(o kyc.Object) bool, do func()) {
	var first sync.Once
	b.between = func(c *kyc.Change) {
		for _, o := range c.Put {
			if wanted(o) {
				first.Do(do)
				return
			}
		}
	}
}

// Evidence that is taken away while somebody approves it is approved by nobody.
func TestEvidenceThatGoesAwayIsNotApproved(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	who := b.somebody(t, b.live, "Ada", "Manual")
	passport := b.paper(t, who, "PASSPORT", "2031-01-01")
	b.once(func(o kyc.Object) bool { _, is := o.(*kyc.ProcessResult); return is }, func() {
		d := passport
		d.Attachments = []kyc.EntityAttachment{d.Attachments[0]}
		d.Attachments[0].DeletedAt = b.now
		d.Touch(b.now)
		if err := b.db.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{&d}}); err != nil {
			t.Error(err)
		}
	})
	if _, err := b.ApproveManualKYC(b.ctx, b.live, b.by, who.ID, Approval{ApprovedBy: "ann", Documents: []kyc.ID{passport.ID}}); kyc.KindOf(err) != kyc.Conflict {
		t.Errorf("approved, or refused with %v", err)
	}
	if found, err := b.manualResults(b.ctx, b.live, who.ID); err != nil || len(found) != 0 {
		t.Errorf("%d results %v", len(found), err)
	}
}

// Evidence that is invalidated while it carries an execution is invalid in the
// record of that execution, too.
func TestEvidenceInvalidatedUnderARunningExecution(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.live, "KYC", "ONBOARDING", step("KYC", "KYC", map[string]any{"sources": []any{
		map[string]any{"name": "bureau", "url": "https://bureau.example/verify", "signingSecret": "webhook_x"}}}))
	who := b.somebody(t, b.live, "Ada", "Manual")
	passport := b.paper(t, who, "PASSPORT", "2031-01-01")
	if _, err := b.ApproveManualKYC(b.ctx, b.live, b.by, who.ID, Approval{ApprovedBy: "ann", Documents: []kyc.ID{passport.ID}}); err != nil {
		t.Fatal(err)
	}
	var undo sync.Once
	b.say["watchlist_screening"] = func(r kyc.CheckRequest) kyc.Answer {
		undo.Do(func() {
			if _, err := b.InvalidateManualKYC(b.ctx, b.live, b.by, who.ID, Hand{}); err != nil {
				t.Error(err)
			}
		})
		return b.screenHouse(r)
	}
	x := b.execute(t, who, "KYC")
	seen := 0
	for _, r := range x.Results {
		if r.StepType == procedure.ManualKYCStepType {
			seen++
			if r.SystemStatus != procedure.SystemInvalid {
				t.Errorf("the step is %s", r.SystemStatus)
			}
		}
	}
	if seen != 1 || !x.Execution.Risk.IsOutdated {
		t.Errorf("%d steps, outdated %t", seen, x.Execution.Risk.IsOutdated)
	}
}

// Who changes while the checks run was not assessed as they are now: the risk is
// outdated, and monitoring asks the lists again.
func TestAnIndividualThatChangesUnderItsExecution(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.houseWorkflow(t)
	who := b.somebody(t, b.live, "Ada", "Smith")
	b.execute(t, who, "Take on")
	if _, err := b.Monitor(b.ctx, b.live, b.by, who.ID, Monitoring{Enabled: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Rescreen(b.ctx, b.live); err != nil {
		t.Fatal(err)
	}
	b.settle(t, b.live)
	b.lists.become(map[string]string{"h-1": "Grabow, Anton"})
	var change sync.Once
	b.mu.Lock()
	b.say["watchlist_screening"] = func(r kyc.CheckRequest) kyc.Answer {
		a := b.screenHouse(r)
		change.Do(func() {
			i := who
			i.Private.Name.Given, i.Private.Name.Family = "Anton", "Grabow"
			i.Touch(b.Now())
			if err := b.db.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{&i}}); err != nil {
				t.Error(err)
			}
		})
		return a
	}
	b.mu.Unlock()
	b.advance(1e9)
	x := b.execute(t, who, "Take on")
	if len(hitsOf(x)) != 0 || !x.Execution.Risk.IsOutdated {
		t.Fatalf("%d hits, outdated %t", len(hitsOf(x)), x.Execution.Risk.IsOutdated)
	}
	b.advance(1e9)
	if _, err := b.Rescreen(b.ctx, b.live); err != nil {
		t.Fatal(err)
	}
	b.settle(t, b.live)
	if n := len(b.told(NewsAlert)); n != 1 {
		t.Errorf("%d alerts", n)
	}
	if x := b.execute(t, b.somebody(t, b.live, "Eve", "Other"), "Take on"); x.Execution.Risk.IsOutdated {
		t.Error("nobody changed, and the risk is outdated")
	}
}

// Of links that are made in the same moment one is open in the end, the one that
// was made last: neither a new link nor a renewed one leaves another beside it.
func TestLinksAtOnceLeaveOneOpen(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
	for _, what := range []string{"a new link", "a renewed one"} {
		who := b.somebody(t, b.sandbox, "Ada", "Approve")
		old := b.hostOf(t, who.ID, "Five")
		if _, err := b.Revoke(b.ctx, b.sandbox, b.by, who.ID, ""); err != nil {
			t.Fatal(err)
		}
		var earlier Hosted
		b.once(func(o kyc.Object) bool { s, is := o.(*kyc.Session); return is && s.SubjectID == who.ID }, func() {
			b.between = nil
			earlier = b.hostOf(t, who.ID, "Five")
		})
		var later Hosted
		if what == "a new link" {
			later = b.hostOf(t, who.ID, "Five")
		} else if renewed, err := b.Renew(b.ctx, b.sandbox, b.by, old.Session.ID); err != nil {
			t.Fatal(err)
		} else {
			later = renewed
		}
		b.opens(t, earlier.Token, false)
		b.opens(t, later.Token, true)
		b.onlyOpen(t, what, who.ID, later.Session.ID)
	}
	for range 20 {
		who := b.somebody(t, b.sandbox, "Eve", "Approve")
		made := make([]Hosted, 4)
		var wg sync.WaitGroup
		for i := range made {
			wg.Go(func() {
				var err error
				if made[i], err = b.Host(b.ctx, b.sandbox, b.by, NewHosted{SubjectID: who.ID, ServiceName: "Onboarding", WorkflowName: "Five"}); err != nil && !kyc.IsCode(err, "concurrent_change") {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		b.onlyOpen(t, "at once", who.ID, "")
	}
}

// onlyOpen says that an individual has one link that takes data: this one, or
// any ("").
func (b *bench) onlyOpen(t *testing.T, what string, who, link kyc.ID) {
	t.Helper()
	open, err := b.openLinks(b.ctx, b.sandbox, who, "")
	if err != nil || len(open) != 1 || link != "" && open[0].ID != link {
		t.Errorf("%s: %d links are open (%v)", what, len(open), err)
	}
}
