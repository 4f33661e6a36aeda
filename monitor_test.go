package main

import (
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/monitor"
	"bonafide/screen"
	"bonafide/store"
)

// watchWorkflow is what service KYC does with somebody whom a list may name.
const watchWorkflow = `{"serviceName":"KYC","workflowName":"Watch","type":"aml","lifecyclePhase":"MONITORING","steps":[{"name":"AML","type":"AML","configuration":{"pep":false}}]}`

// toldOf counts the events of a kind.
func toldOf(tb testing.TB, db *store.DB, t kyc.Tenant, action string) []kyc.Event {
	tb.Helper()
	list, _, err := db.Events(tb.Context(), t, kyc.EventFilter{Action: action}, kyc.Page{Limit: 1000})
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

// A list that gains an entry makes one message for the one person it means and
// one for the one party, among hundreds, and nobody else is screened.
func TestOneNewEntryAlertsOnceAmongHundreds(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database)
		_, live := srv.newTenants(t)
		tenant := kyc.Tenant{Org: live.org, Env: kyc.Live}
		a := srv.app
		entries := crowdNames(500, 99)
		before := crowdList(t, a, entries)
		if _, err := a.executions.CreateWorkflow(t.Context(), tenant, kyc.SystemActor("test"), []byte(watchWorkflow), false); err != nil {
			t.Fatal(err)
		}
		names := crowdNames(300, 1)
		names[200] = struckGiven + " " + struckFamily
		seedProfiles(t, a, tenant, names, before.Version)
		watches := seedWatchlists(t, a, tenant, names, 150)
		for _, err := range []error{a.executions.Follow(t.Context()), a.monitor.Follow(t.Context())} {
			if err != nil {
				t.Fatal(err)
			}
		}
		after := crowdList(t, a, entries, struckGiven+" "+struckFamily)
		runs := func() []kyc.MonitorRun { return lastRuns(t, a, tenant, watches) }
		for { // until everybody was looked at
			behind := 0
			all, err := a.db.MonitoredProfiles(t.Context(), tenant, "", 1000)
			if err != nil {
				t.Fatal(err)
			}
			for i := range all {
				if all[i].Subscribed("AML").Lists["own"] != after.Version {
					behind++
				}
			}
			if behind == 0 && !slices.ContainsFunc(runs(), func(r kyc.MonitorRun) bool { return r.Loaded["own"] != after.Version }) {
				break
			}
			pause(t)
		}
		_, executions, err := a.db.Executions(t.Context(), tenant, kyc.ExecutionFilter{}, kyc.Page{Limit: 10})
		if n := len(toldOf(t, a.db, tenant, "monitoring.alert")); err != nil || executions != 1 || n != 1 {
			t.Errorf("%d executions and %d alerts, %v", executions, n, err)
		}
		checked, found := 0, 0
		for _, r := range runs() {
			checked, found = checked+r.Checked, found+r.NewMatches
			if monitor.Complete(r) != kyc.StatusOK || r.Trigger != monitor.TriggerUpdate {
				t.Errorf("%+v", r)
			}
		}
		if n := len(toldOf(t, a.db, tenant, monitor.NewsNewMatch)); checked != 300 || found != 1 || n != 1 {
			t.Errorf("%d parties looked at, %d new matches, %d messages", checked, found, n)
		}
	})
}

// Lists change while processes are killed with -9 in the middle of noticing it:
// on SQLite the only one, on PostgreSQL one of two. Whoever is listed is told of
// once on each surface.
func TestKilledProcessesAlertOnce(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		dir := t.TempDir()
		_, live := tenantsOf(t, dir, database)
		tenant := kyc.Tenant{Org: live.org, Env: kyc.Live}
		g := &Globals{Data: dir, Database: database, Sync: "normal"}
		log := slog.New(slog.DiscardHandler)
		names, entries := crowdNames(400, 1), crowdNames(500, 99)
		struck := []string{"Oriana Wexelstrand", "Ludolf Tannengrau", "Hannelore Quistgaard"}
		for i, name := range struck {
			names[100*i+50] = name
		}
		func() { // without a server
			db, err := openStore(t.Context(), g, kyc.SystemClock(), log)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			lists, err := screen.Open(screen.Options{Dir: g.listsDir(), Clock: kyc.SystemClock(), Log: log})
			if err != nil {
				t.Fatal(err)
			}
			a, err := wire(db, lists, wiring{globals: g, role: "all", dev: true, log: log})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = a.reader.Close() }()
			before := crowdList(t, a, entries)
			if _, err := a.executions.CreateWorkflow(t.Context(), tenant, kyc.SystemActor("test"), []byte(watchWorkflow), false); err != nil {
				t.Fatal(err)
			}
			seedProfiles(t, a, tenant, names, before.Version)
			seedWatchlists(t, a, tenant, names, 200)
		}()
		nodes := []*node{spawnNode(t, dir, database, "all")}
		if database != "" {
			nodes = append(nodes, spawnNode(t, dir, database, "all"))
		}
		look, err := lookAtStore(t.Context(), g, kyc.SystemClock(), log)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = look.Close() }()
		lists, err := screen.Open(screen.Options{Dir: g.listsDir(), Clock: kyc.SystemClock(), Log: log})
		if err != nil {
			t.Fatal(err)
		}
		a := &app{lists: lists}
		for round := range struck {
			crowdList(t, a, entries, struck[:round+1]...)
			for range rand.IntN(250) { // they notice it within two seconds
				pause(t)
			}
			if err := nodes[0].Process.Kill(); err != nil {
				t.Fatal(err)
			}
			<-nodes[0].done
			nodes = append(nodes[1:], spawnNode(t, dir, database, "all"))
			for _, action := range []string{"monitoring.alert", monitor.NewsNewMatch} {
				for end := time.Now().Add(3 * time.Minute); len(toldOf(t, look, tenant, action)) <= round; pause(t) {
					if time.Now().After(end) {
						t.Fatalf("round %d: %d of %s", round, len(toldOf(t, look, tenant, action)), action)
					}
				}
			}
		}
		for _, action := range []string{"monitoring.alert", monitor.NewsNewMatch} {
			told := map[kyc.ID]int{}
			for _, e := range toldOf(t, look, tenant, action) {
				told[e.ObjectID]++
			}
			if len(told) != len(struck) || slices.ContainsFunc(slices.Collect(maps.Values(told)), func(n int) bool { return n != 1 }) {
				t.Errorf("%s: %v", action, told)
			}
		}
	})
}
