package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"bonafide/kyc"
)

// watch is a new watchlist, not stored yet.
func (b *bench) watch(name string) *kyc.Watch {
	return &kyc.Watch{Meta: b.meta(), Name: name, Lists: []string{"ofac_sdn"}, Frequency: kyc.WatchDaily, Status: kyc.WatchActive,
		Alert: kyc.AlertConfig{OnNewMatch: true, WebhookURL: "https://example.org/hook", NotificationEmail: "mlro@example.org"}}
}

// watched is a new party of a watchlist, not stored yet.
func (b *bench) watched(w *kyc.Watch, subject kyc.ID) *kyc.Watched {
	return &kyc.Watched{Meta: b.meta(), WatchID: w.ID, SubjectID: subject, IdentifierType: kyc.IdentifierDocument,
		Private: kyc.WatchedData{FullName: "Ada Lovelace", Identifier: "L01X00T47",
			Matches: []kyc.MatchState{{Hash: "aa", List: "ofac_sdn", EntryID: "7", Status: "open", Score: 0.9, Since: b.clock.Now()}}}}
}

func (b *bench) monitorRun(w *kyc.Watch) *kyc.MonitorRun {
	return &kyc.MonitorRun{Meta: b.meta(), WatchID: w.ID, Trigger: "schedule", By: kyc.SystemActor("monitor"), Checked: 2, TotalMatches: 1, NewMatches: 1, HasChanges: true,
		ByList: map[string]kyc.ListTally{"ofac_sdn": {Checked: 2, Matches: 1}}, Lists: []kyc.ListVersion{{List: "ofac_sdn", Version: "v", Status: kyc.StatusOK}},
		Changed: []kyc.ID{b.id()}, CheckedAt: b.clock.Now(), DurationMS: 3}
}

func watches(t *testing.T, b *bench) {
	now := b.clock.Now()
	var all []*kyc.Watch
	for i := range 5 {
		b.clock.Advance(time.Second)
		w := b.watch(fmt.Sprint(i))
		w.NextAt = now.Add(-time.Duration(i) * time.Minute)
		switch i {
		case 1:
			w.Status, w.Tags = kyc.WatchPaused, []string{"vip", "eu"}
		case 2:
			w.Frequency, w.NextAt, w.Tags = kyc.WatchOnUpdate, time.Time{}, []string{"VIP"}
		case 3:
			w.Frequency, w.Tags = kyc.WatchWeekly, []string{"vip"}
		case 4:
			w.Status, w.Tags = kyc.WatchDeleted, []string{"gone"}
		}
		b.put(t, w)
		all = append(all, w)
	}
	foreign := b.watch("foreign")
	foreign.Tenant, foreign.NextAt = kyc.Tenant{Org: b.id(), Env: kyc.Live}, now.Add(-time.Hour)
	foreign2 := b.watch("foreign2")
	foreign2.Tenant, foreign2.Frequency = foreign.Tenant, kyc.WatchOnUpdate
	b.clock.Advance(time.Second)
	b.put(t, foreign, foreign2)

	for _, w := range all {
		got := must[kyc.Watch](t)(b.Watch(b.ctx, b.tenant, w.ID))
		same(t, "watchlist", got, w)
		same(t, "alert", got.Alert, w.Alert)
	}
	for name, c := range map[string]struct {
		filter kyc.WatchFilter
		want   string
	}{
		"all but deleted": {kyc.WatchFilter{}, "[3 2 1 0]"},
		"deleted":         {kyc.WatchFilter{Status: kyc.WatchDeleted}, "[4]"},
		"paused":          {kyc.WatchFilter{Status: kyc.WatchPaused}, "[1]"},
		"daily":           {kyc.WatchFilter{Frequency: kyc.WatchDaily}, "[1 0]"},
		"tag":             {kyc.WatchFilter{Tag: "vip"}, "[3 1]"},
		"part of a tag":   {kyc.WatchFilter{Tag: "vi"}, "[]"},
	} {
		names := []string{}
		var after kyc.ID
		for {
			part, total, err := b.Watches(b.ctx, b.tenant, c.filter, kyc.Page{Limit: 1, After: after})
			if err != nil {
				t.Fatal(err)
			}
			if len(part) == 0 {
				if total != len(names) {
					t.Errorf("%s: total %d of %d", name, total, len(names))
				}
				break
			}
			names, after = append(names, part[0].Name), part[0].ID
		}
		if fmt.Sprint(names) != c.want {
			t.Errorf("%s: %v, want %s", name, names, c.want)
		}
	}
	due := func(at time.Time, limit int, want string) {
		t.Helper()
		names := []string{}
		for _, w := range must[[]kyc.Watch](t)(b.WatchesDue(b.ctx, at, limit)) {
			names = append(names, w.Name)
		}
		if fmt.Sprint(names) != want {
			t.Errorf("due: %v, want %s", names, want)
		}
	}
	due(now, 10, "[foreign 3 0]") // active ones of all tenants, the longest overdue first
	due(now, 2, "[foreign 3]")
	due(now.Add(-time.Minute), 10, "[foreign 3]")
	all[3].LastCheckedAt, all[3].NextAt = now, all[3].Frequency.Next(now)
	all[3].Touch(now)
	b.put(t, all[3])
	due(now, 10, "[foreign 0]")
	due(now.Add(7*24*time.Hour), 10, "[foreign 0 3]")

	first := must[[]kyc.Watch](t)(b.WatchesOnUpdate(b.ctx, "", 1))
	if len(first) != 1 || first[0].Name != "2" {
		t.Fatalf("waiting for an update: %+v", first)
	}
	if next := must[[]kyc.Watch](t)(b.WatchesOnUpdate(b.ctx, first[0].ID, 10)); len(next) != 1 || next[0].Name != "foreign2" {
		t.Errorf("waiting further: %+v", next)
	}
	stale := *all[0]
	all[0].Touch(now)
	b.put(t, all[0])
	stale.Touch(now)
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{&stale}}), "concurrent_change")

	party := b.watched(all[0], "")
	party.Tags = []string{"vip", "vip", "pep"}
	b.put(t, party, b.watched(all[0], ""))
	same(t, "tags", must[[]kyc.TagCount](t)(b.WatchTags(b.ctx, b.tenant)),
		[]kyc.TagCount{{Tag: "VIP", Watches: 1}, {Tag: "eu", Watches: 1}, {Tag: "pep", Watched: 1}, {Tag: "vip", Watches: 2, Watched: 1}})
}

func watchedParties(t *testing.T, b *bench) {
	watch, other := b.watch("w"), b.watch("o")
	subject := b.subject(t)
	session := b.session(subject.ID)
	b.put(t, watch, other, session)
	var all []*kyc.Watched
	for i := range 7 {
		b.clock.Advance(time.Second)
		w := b.watched(watch, "")
		switch i {
		case 2:
			w.SubjectID, w.SessionID, w.Tags = subject.ID, session.ID, []string{"ubo"}
		case 5:
			w.WatchID, w.SubjectID, w.SessionID = other.ID, subject.ID, session.ID
		}
		b.put(t, w)
		all = append(all, w)
	}
	got := must[kyc.Watched](t)(b.WatchedParty(b.ctx, b.tenant, all[2].ID))
	same(t, "party", got, all[2])
	same(t, "its private part", got.Private, all[2].Private)
	for name, c := range map[string]struct {
		filter kyc.WatchedFilter
		want   []*kyc.Watched
	}{
		"watchlist":             {kyc.WatchedFilter{WatchID: watch.ID}, []*kyc.Watched{all[6], all[4], all[3], all[2], all[1], all[0]}},
		"session":               {kyc.WatchedFilter{SessionID: session.ID}, []*kyc.Watched{all[5], all[2]}},
		"session and watchlist": {kyc.WatchedFilter{SessionID: session.ID, WatchID: watch.ID}, []*kyc.Watched{all[2]}},
		"subject":               {kyc.WatchedFilter{SubjectID: subject.ID}, []*kyc.Watched{all[5], all[2]}},
		"tag":                   {kyc.WatchedFilter{Tag: "ubo"}, []*kyc.Watched{all[2]}},
		"none":                  {kyc.WatchedFilter{WatchID: b.id()}, nil},
	} {
		var ids, wanted []kyc.ID
		for offset := 0; ; offset += 2 {
			part, total, err := b.WatchedParties(b.ctx, b.tenant, c.filter, kyc.Page{Limit: 2, Offset: offset})
			if err != nil || total != len(c.want) {
				t.Fatalf("%s: total %d (%v)", name, total, err)
			}
			if len(part) == 0 {
				break
			}
			for _, w := range part {
				ids = append(ids, w.ID)
			}
		}
		for _, w := range c.want {
			wanted = append(wanted, w.ID)
		}
		if !slices.Equal(ids, wanted) {
			t.Errorf("%s: %v, want %v", name, ids, wanted)
		}
	}
	// A run goes through everybody in parts.
	seen := map[kyc.ID]bool{}
	for after := kyc.ID(""); ; {
		part := must[[]kyc.Watched](t)(b.WatchedAfter(b.ctx, b.tenant, watch.ID, after, 4))
		if len(part) == 0 {
			break
		}
		for _, w := range part {
			if w.ID <= after || w.Private.FullName == "" {
				t.Errorf("after %s comes %+v", after, w)
			}
			seen[w.ID], after = true, w.ID
		}
	}
	if len(seen) != 6 || seen[all[5].ID] {
		t.Errorf("a run saw %d parties", len(seen))
	}

	run := b.monitorRun(watch)
	b.clock.Advance(time.Second)
	later := b.monitorRun(watch)
	b.put(t, run, later, b.monitorRun(other))
	same(t, "run", must[kyc.MonitorRun](t)(b.MonitorRun(b.ctx, b.tenant, run.ID)), run)
	runs, total, err := b.MonitorRuns(b.ctx, b.tenant, watch.ID, kyc.Page{Limit: 1})
	if err != nil || total != 2 || len(runs) != 1 || runs[0].ID != later.ID {
		t.Errorf("%d of %d runs (%v)", len(runs), total, err)
	}
	want(t, b.Commit(b.ctx, &kyc.Change{Remove: []kyc.Object{run}}), "written_once")
	run.Touch(b.clock.Now())
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{run}}), "written_once")

	// A party leaves; one of an erased subject stays without a name.
	b.commit(t, kyc.Change{Remove: []kyc.Object{all[0]}})
	_, err = b.WatchedParty(b.ctx, b.tenant, all[0].ID)
	want(t, err, "not_found")
	moved := *all[2]
	moved.SubjectID = ""
	moved.Touch(b.clock.Now())
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{&moved}}), "concurrent_change") // its key's owner is fixed
	orphan := b.watched(watch, b.id())
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{orphan}}), "not_found")
	b.eraseSubject(t, subject.ID, nil)
	got = must[kyc.Watched](t)(b.WatchedParty(b.ctx, b.tenant, all[2].ID))
	same(t, "erased", got.Private, kyc.WatchedData{Unreadable: true})
	got.LastCheckedAt = b.clock.Now()
	got.Touch(b.clock.Now())
	b.put(t, &got)
	same(t, "after a later write", must[kyc.Watched](t)(b.WatchedParty(b.ctx, b.tenant, all[2].ID)).Private, kyc.WatchedData{Unreadable: true})
	if kept := must[kyc.Watched](t)(b.WatchedParty(b.ctx, b.tenant, all[1].ID)); kept.Private.FullName != "Ada Lovelace" {
		t.Error("another party was erased too")
	}
}
