package monitor

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"bonafide/kyc"
)

// many is a watchlist that waits for its lists, with n parties beside these,
// whose first run is done.
func (b *bench) many(n int, more ...NewParty) Counted {
	b.t.Helper()
	for i := range n {
		more = append(more, NewParty{FullName: fmt.Sprintf("Party %d", i)})
	}
	w := b.watchOf(NewWatch{Name: "x", Frequency: kyc.WatchOnUpdate, Parties: more})
	b.work(JobNewcomers)
	b.run(w.ID)
	b.follow()
	if n := b.sweep(); n != 0 { // what this process has seen
		b.t.Fatalf("%d are due already", n)
	}
	b.advance(time.Minute)
	return w
}

func (b *bench) follow() {
	b.t.Helper()
	if err := b.Follow(b.ctx); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) last(w kyc.ID) kyc.MonitorRun {
	b.t.Helper()
	runs, _, err := b.Runs(b.ctx, b.live, w, kyc.Page{Limit: 1})
	if err != nil || len(runs) != 1 {
		b.t.Fatal(len(runs), err)
	}
	return runs[0]
}

func TestAnUpdateAsksOnlyForWhomItMayTouch(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.hits["Known"] = []kyc.Hit{hit("un", "1", "KNOWN", 0.9)}
	b.hits["Leaver"] = []kyc.Hit{hit("un", "2", "LEAVER", 0.9)}
	b.hits["Stayer"] = []kyc.Hit{hit("un", "3", "STAYER", 0.9)}
	w := b.many(300, NewParty{FullName: "Wilhemina Stellengard"}, NewParty{FullName: "Known"}, NewParty{FullName: "Leaver"}, NewParty{FullName: "Stayer"})
	told := len(b.told())
	count := b.asking()
	// The list gains an entry, describes one in other words and loses one.
	b.hits["Wilhemina Stellengard"] = []kyc.Hit{hit("un", "7", "STELLENGARD, W", 0.98)}
	b.hits["Known"][0].Programs = []string{"NEW"}
	delete(b.hits, "Leaver")
	b.changes(1, "v2", map[string]string{"7": "Wilhemina Stellengard", "1": "KNOWN ELSEWHERE"}, "2")
	if n, err := b.Sweep(b.ctx); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	// No job has run yet, and the one who is new is told already.
	if got := b.told()[told:]; !slices.Equal(got, []string{"kyc.watchlist.new_match"}) || count() != 1 {
		t.Errorf("told %v after %d questions", got, count())
	}
	b.work(JobRun)
	if got := b.told()[told:]; len(got) != 3 || count() != 4 {
		t.Errorf("told %v after %d questions", got, count())
	}
	r := b.last(w.ID)
	if r.Trigger != TriggerUpdate || r.Checked != 304 || r.Failed != 0 || r.TotalMatches != 3 || r.NewMatches != 1 || r.PreviousMatches != 3 || len(r.Changed) != 3 ||
		r.ByList["un"] != (kyc.ListTally{Checked: 304, Matches: 3}) || r.Lists[1].Version != "v2" || Complete(r) != kyc.StatusOK {
		t.Errorf("%+v", r)
	}
	// The next update goes on from here.
	count = b.asking()
	b.advance(time.Minute)
	b.changes(1, "v3", map[string]string{"8": "nobody here"})
	if n := b.sweep(); n != 1 || count() != 0 {
		t.Errorf("%d runs, %d questions", n, count())
	}
	parties, err := b.db.WatchedAfter(b.ctx, b.live, w.ID, "", 500)
	if err != nil {
		t.Fatal(err)
	}
	for i := range parties {
		if !parties[i].LastCheckedAt.Equal(b.Now()) {
			t.Fatalf("looked at %s", parties[i].LastCheckedAt)
		}
	}
	if b.sweep() != 0 || len(b.told()) != told+3 {
		t.Errorf("told %v", b.told()[told:])
	}
}

// Whatever changed beside the lists, everybody is asked for.
func TestEverybodyIsAskedForWhenMoreThanListsChanged(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(b *bench, w kyc.ID){
		"nobody knows what changed": func(b *bench, _ kyc.ID) { b.lists[1].Version = "v2" },
		"it changed again":          func(b *bench, _ kyc.ID) { b.changes(1, "v2", nil); b.lists[1].Version = "v3" },
		"another program":           func(b *bench, _ kyc.ID) { b.changes(1, "v2", nil); b.Machine.d.Build = "next" },
		"a new list": func(b *bench, _ kyc.ID) {
			b.lists = append(b.lists, kyc.ListVersion{List: "uk", Version: "v1", Status: kyc.StatusOK})
		},
		"a list less": func(b *bench, _ kyc.ID) { b.changes(1, "v2", nil); b.lists = b.lists[1:] },
		"a list that is stale": func(b *bench, _ kyc.ID) {
			b.changes(1, "v2", nil)
			b.lists[0].Status = kyc.StatusStale
		},
		"an old list": func(b *bench, _ kyc.ID) {
			b.changes(1, "v2", nil)
			b.lists[0].AgeSecs = 30 * 24 * 3600
		},
		"other settings": func(b *bench, _ kyc.ID) {
			org, err := b.db.Org(b.ctx, b.live.Org)
			if err != nil {
				b.t.Fatal(err)
			}
			s := org.EnvSettings(kyc.Live)
			s.RequiredLists = []string{"un"}
			org.Settings = map[kyc.Env]kyc.Settings{kyc.Live: s}
			b.put(&org)
			b.changes(1, "v2", nil)
		},
		"on demand": func(b *bench, w kyc.ID) {
			b.changes(1, "v2", nil)
			b.run(w)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			w := b.many(5)
			count := b.asking()
			change(b, w.ID)
			b.sweep()
			if count() != 5 {
				t.Errorf("%d of 5 were asked for", count())
			}
		})
	}
}

// A list that does not answer clears nobody, whatever else is known.
func TestAnUpdateNeverClearsByABrokenList(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.many(3)
	checked := b.Now().Add(-time.Minute)
	b.changes(1, "v2", map[string]string{"9": "somebody"})
	b.lists[0].Status = kyc.StatusError
	b.sweep()
	r := b.last(w.ID)
	parties, err := b.db.WatchedAfter(b.ctx, b.live, w.ID, "", 10)
	if err != nil || Complete(r) != kyc.StatusError {
		t.Errorf("%+v %v", r, err)
	}
	for i := range parties {
		if parties[i].LastCheckedAt.After(checked) {
			t.Error("somebody was cleared without a list")
		}
	}
	b.lists[0].Status = kyc.StatusOK
	count := b.asking()
	b.advance(time.Minute)
	if b.sweep() != 1 || count() != 3 || Complete(b.last(w.ID)) != kyc.StatusOK {
		t.Errorf("%d asked for when the list is back", count())
	}
}

// Lists that hold nothing for the question are passed over by every run and
// make no watchlist due again and again.
func TestAListThatIsPassedOverIsNoChange(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.lists = append(b.lists, kyc.ListVersion{List: "offices", Version: "v1", Status: kyc.StatusOK})
	b.passedOver = "offices"
	b.many(2)
	if n := b.sweep(); n != 0 {
		t.Errorf("%d runs although nothing changed", n)
	}
	count := b.asking()
	b.changes(2, "v2", map[string]string{"9": "somebody"})
	if b.sweep() != 1 || count() != 0 || b.sweep() != 0 {
		t.Errorf("%d questions about a list that is not asked", count())
	}
}

// However many nodes look at the same moment, and however often one of them is
// interrupted, a match is told once.
func TestOneMessageForAMatchHoweverManyLook(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.many(10, NewParty{FullName: "Wilhemina Stellengard"})
	second := b.machine()
	if _, err := second.Sweep(b.ctx); err != nil {
		t.Fatal(err)
	}
	b.hits["Wilhemina Stellengard"] = []kyc.Hit{hit("un", "7", "STELLENGARD, W", 0.98)}
	b.changes(1, "v2", map[string]string{"7": "Wilhemina Stellengard"})
	var nodes sync.WaitGroup
	for _, m := range []*Machine{b.Machine, second} {
		for range 2 {
			nodes.Go(func() {
				if _, err := m.Sweep(b.ctx); err != nil {
					t.Error(err)
				}
				if _, err := m.Run(b.ctx, b.live, b.by, w.ID, TriggerUpdate); err != nil && !kyc.IsCode(err, "concurrent_change") {
					t.Error(err)
				}
			})
		}
	}
	nodes.Wait()
	b.work(JobRun)
	list, _, err := b.db.Events(b.ctx, b.live, kyc.EventFilter{Webhook: true}, kyc.Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range list {
		if e.Webhook == "kyc.watchlist.new_match" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("told %d times", n)
	}
}

func TestTheCrowdFollowsTheWatchlists(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	daily := b.watchOf(NewWatch{Name: "daily", Parties: []NewParty{{FullName: "Of Daily"}}})
	b.sweep()
	b.follow()
	if b.crowd.Len() != 0 || len(b.Machine.crowd.watches) != 0 {
		t.Error("nobody waits for lists, and somebody is kept")
	}
	w := b.many(0, NewParty{FullName: "A"}, NewParty{FullName: "B"})
	added, err := b.AddParties(b.ctx, b.live, b.by, w.ID, "", []NewParty{{FullName: "C"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.crowd.names(); got != "A, B, C" {
		t.Errorf("%s", got)
	}
	name := "D"
	if _, err := b.UpdateParty(b.ctx, b.live, b.by, w.ID, added[0].ID, 0, PartyChange{FullName: &name}); err != nil {
		t.Fatal(err)
	}
	if got := b.crowd.names(); got != "A, B, D" {
		t.Errorf("%s", got)
	}
	if err := b.RemoveParty(b.ctx, b.live, b.by, w.ID, added[0].ID, 0); err != nil {
		t.Fatal(err)
	}
	person := &kyc.Subject{Meta: kyc.Meta{ID: kyc.NewID(b.now), Tenant: b.live}, Kind: "individual", Status: kyc.SubjectApproved}
	b.put(person)
	if _, err := b.AddParties(b.ctx, b.live, b.by, w.ID, "", []NewParty{{FullName: "E", SubjectID: person.ID}}, nil); err != nil {
		t.Fatal(err)
	}
	if got := b.crowd.names(); got != "A, B, E" {
		t.Errorf("%s", got)
	}
	if err := b.db.Commit(b.ctx, &kyc.Change{Erase: []kyc.ID{person.ID}, Events: []kyc.Event{{ID: kyc.NewID(b.Now()), Tenant: b.live, At: b.Now(), Actor: b.by, Action: "x", Object: "y"}}}); err != nil {
		t.Fatal(err)
	}
	b.follow()
	if got := b.crowd.names(); got != "A, B" {
		t.Errorf("after an erasure: %s", got)
	}
	often, paused, active := kyc.WatchOnUpdate, kyc.WatchPaused, kyc.WatchActive
	if _, err := b.UpdateWatch(b.ctx, b.live, b.by, daily.ID, 0, WatchChange{Frequency: &often}); err != nil {
		t.Fatal(err)
	}
	b.follow()
	if got := b.crowd.names(); got != "A, B, Of Daily" {
		t.Errorf("%s", got)
	}
	if _, err := b.UpdateWatch(b.ctx, b.live, b.by, daily.ID, 0, WatchChange{Status: &paused}); err != nil {
		t.Fatal(err)
	}
	if got := b.crowd.names(); got != "A, B" {
		t.Errorf("%s", got)
	}
	if _, err := b.UpdateWatch(b.ctx, b.live, b.by, daily.ID, 0, WatchChange{Status: &active}); err != nil {
		t.Fatal(err)
	}
	b.follow()
	if err := b.DeleteWatch(b.ctx, b.live, b.by, w.ID, 0); err != nil {
		t.Fatal(err)
	}
	if got := b.crowd.names(); got != "Of Daily" {
		t.Errorf("%s", got)
	}
}
