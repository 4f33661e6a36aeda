package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/monitor"
	"bonafide/screen"
)

// crowdNames are n invented people, and words for as many entries.
func crowdNames(n int, seed uint64) []string {
	r := rand.New(rand.NewPCG(seed, 5))
	given := strings.Fields("Mohammed Maria John Anna Li Wei Ivan Olga Ahmed Fatima Jose Carlos Peter Susan David Ali Yusuf Elena Kim Juan Hans Ingrid Pierre Claire Luca Giulia Piotr Agnieszka Bjorn Astrid Kwame Amina Chidi Ngozi Hiroshi Yuki Raj Priya Omar Leila")
	const consonants, vowels = "bdfghjklmnprstvz", "aeiou"
	out := make([]string, n)
	for i := range out {
		var family strings.Builder
		for range 2 + r.IntN(2) {
			family.WriteByte(consonants[r.IntN(len(consonants))])
			family.WriteByte(vowels[r.IntN(len(vowels))])
			if r.IntN(3) == 0 {
				family.WriteByte(consonants[r.IntN(len(consonants))])
			}
		}
		name := given[r.IntN(len(given))]
		if r.IntN(2) == 0 {
			name += " " + given[r.IntN(len(given))]
		}
		out[i] = name + " " + strings.ToUpper(family.String()[:1]) + family.String()[1:]
	}
	return out
}

// The one who is monitored and will be listed.
const struckGiven, struckFamily = "Oriana", "Wexelstrand"

// crowdList imports a watchlist of invented entries and these people as `own`.
func crowdList(tb testing.TB, a *app, entries []string, more ...string) kyc.ListVersion {
	tb.Helper()
	var csv strings.Builder
	csv.WriteString("id,name,type\n")
	for i, name := range entries {
		fmt.Fprintf(&csv, "E-%d,%s,person\n", i, name)
	}
	for i, name := range more {
		fmt.Fprintf(&csv, "N-%d,%s,person\n", i, name)
	}
	file := filepath.Join(tb.TempDir(), "own.csv")
	if err := os.WriteFile(file, []byte(csv.String()), 0o600); err != nil {
		tb.Fatal(err)
	}
	v, err := a.lists.Import(tb.Context(), "csv", "own", []string{file}, true)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

// elsewhere is another process with the same lists, as `bonafide lists import`
// is: the server has to notice what it does.
func elsewhere(tb testing.TB, dir string) *app {
	tb.Helper()
	g := &Globals{Data: dir}
	lists, err := screen.Open(screen.Options{Dir: g.listsDir(), Clock: kyc.SystemClock()})
	if err != nil {
		tb.Fatal(err)
	}
	return &app{lists: lists}
}

// alertWatch notes when alerts are committed.
type alertWatch struct {
	mu     sync.Mutex
	action string
	at     []time.Time
	first  chan time.Time
}

func watchAlerts(a *app, action string) *alertWatch {
	w := &alertWatch{action: action, first: make(chan time.Time, 1)}
	a.db.OnCommit(func(c *kyc.Change) {
		for _, e := range c.Events {
			if e.Action == action {
				w.mu.Lock()
				w.at = append(w.at, time.Now())
				if len(w.at) == 1 {
					w.first <- w.at[0]
				}
				w.mu.Unlock()
			}
		}
	})
	return w
}

func (w *alertWatch) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.at)
}

const aHundredThousand = 100_000

// seedProfiles stores people of surface C who are monitored and were asked for
// against a version of the list.
func seedProfiles(tb testing.TB, a *app, t kyc.Tenant, names []string, version string) {
	tb.Helper()
	began := time.Now().Add(-time.Hour)
	for from := 0; from < len(names); from += 500 {
		var c kyc.Change
		for i, name := range names[from:min(from+500, len(names))] {
			at := began.Add(time.Duration(from+i) * time.Millisecond)
			words := strings.Fields(name)
			s := &kyc.Subject{Meta: kyc.Meta{ID: kyc.NewID(at), Tenant: t}, Kind: "individual", Status: kyc.SubjectPending}
			person := &kyc.Individual{Meta: kyc.Meta{ID: s.ID, Tenant: t}, State: kyc.EntityActive, Private: kyc.IndividualData{
				Name:      kyc.PersonName{ID: kyc.NewID(at), Given: strings.Join(words[:len(words)-1], " "), Family: words[len(words)-1]},
				BirthDate: kyc.BirthDate{ID: kyc.NewID(at), Year: 1984, Month: 5, Day: 6, Normalized: "1984-05-06"}}}
			p := &kyc.ServiceProfile{Meta: kyc.Meta{ID: kyc.NewID(at), Tenant: t}, SubjectID: s.ID, ServiceName: "KYC", State: "ACTIVE",
				Subscriptions: []kyc.Subscription{{Type: "AML", Enabled: true, EnabledAt: at, Lists: map[string]string{"own": version}, CheckedAt: at}}}
			for _, o := range []kyc.Object{s, person, p} {
				o.Head().Touch(at)
				c.Put = append(c.Put, o)
			}
		}
		if err := a.db.Commit(tb.Context(), &c); err != nil {
			tb.Fatal(err)
		}
	}
}

// BenchmarkMonitorUpdateProfiles is a list update with one new entry that means
// one of 100,000 people of surface C who are monitored: a running server on
// SQLite (synchronous=FULL), a list of 20,000 entries, from the end of the import
// in another process to the alert being committed, and until everybody is noted
// as looked at.
func BenchmarkMonitorUpdateProfiles(b *testing.B) {
	s := startBench(b)
	t := kyc.Tenant{Org: s.org, Env: kyc.Live}
	entries := crowdNames(20_000, 99)
	before := crowdList(b, s.app, entries)

	if _, err := s.app.executions.CreateWorkflow(b.Context(), t, kyc.SystemActor("bench"), []byte(watchWorkflow), false); err != nil {
		b.Fatal(err)
	}
	names := crowdNames(aHundredThousand, 1)
	names[len(names)*2/3] = struckGiven + " " + struckFamily
	seeding := time.Now()
	seedProfiles(b, s.app, t, names, before.Version)
	b.Logf("seeded in %s", time.Since(seeding))
	reading := time.Now()
	if err := s.app.executions.Follow(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Logf("read into memory in %s", time.Since(reading))
	if _, err := s.app.executions.ListsChanged(b.Context()); err != nil {
		b.Fatal(err)
	}
	alerts := watchAlerts(s.app, "monitoring.alert")
	command := elsewhere(b, s.dir)
	second := time.NewTicker(time.Second)
	defer second.Stop()
	var took, all time.Duration
	for b.Loop() {
		after := crowdList(b, command, entries, struckGiven+" "+struckFamily)
		imported := time.Now()
		took = (<-alerts.first).Sub(imported)
		for { // the look at everybody
			list, err := s.app.db.MonitoredProfiles(b.Context(), t, "", aHundredThousand)
			if err != nil {
				b.Fatal(err)
			}
			behind := 0
			for _, p := range list {
				if p.Subscribed("AML").Lists["own"] != after.Version {
					behind++
				}
			}
			if behind == 0 {
				break
			}
			<-second.C
		}
		all = time.Since(imported)
	}
	_, executions, err := s.app.db.Executions(b.Context(), t, kyc.ExecutionFilter{}, kyc.Page{Limit: 1})
	if err != nil || executions != 1 || alerts.count() != 1 {
		b.Errorf("%d executions, %d alerts, %v", executions, alerts.count(), err)
	}
	b.ReportMetric(float64(took.Microseconds())/1000, "alert-ms")
	b.ReportMetric(all.Seconds(), "everybody-s")
	b.ReportMetric(float64(alerts.count()), "alerts")
}

// seedWatchlists makes watchlists that wait for their lists, whose first run is
// done, and fills them with people who were asked for since.
func seedWatchlists(tb testing.TB, a *app, t kyc.Tenant, names []string, size int) (watches []kyc.ID) {
	tb.Helper()
	by := kyc.SystemActor("bench")
	for part := range slices.Chunk(names, size) {
		w, err := a.monitor.CreateWatch(tb.Context(), t, by, monitor.NewWatch{Name: fmt.Sprintf("watchlist %d", len(watches)), Frequency: kyc.WatchOnUpdate,
			Parties: []monitor.NewParty{{FullName: part[0]}}})
		if err != nil {
			tb.Fatal(err)
		}
		for { // the sweep of the server may be at it, too
			if _, err = a.monitor.Run(tb.Context(), t, by, w.ID, monitor.TriggerRequest); !kyc.IsCode(err, "concurrent_change") {
				break
			}
		}
		if err != nil {
			tb.Fatal(err)
		}
		for chunk := range slices.Chunk(part[1:], 500) {
			var c kyc.Change
			for _, name := range chunk {
				at := time.Now()
				p := &kyc.Watched{Meta: kyc.Meta{ID: kyc.NewID(at), Tenant: t}, WatchID: w.ID, LastCheckedAt: at, Private: kyc.WatchedData{FullName: name}}
				p.Touch(at)
				c.Put = append(c.Put, p)
			}
			if err := a.db.Commit(tb.Context(), &c); err != nil {
				tb.Fatal(err)
			}
		}
		watches = append(watches, w.ID)
	}
	return watches
}

// lastRuns are the newest runs of watchlists.
func lastRuns(tb testing.TB, a *app, t kyc.Tenant, watches []kyc.ID) (out []kyc.MonitorRun) {
	tb.Helper()
	for _, id := range watches {
		runs, _, err := a.db.MonitorRuns(tb.Context(), t, id, kyc.Page{Limit: 1})
		if err != nil || len(runs) != 1 {
			tb.Fatal(len(runs), err)
		}
		out = append(out, runs[0])
	}
	return out
}

// BenchmarkMonitorUpdateWatchlists is the same for ten watchlists of surface A
// with 10,000 people each.
func BenchmarkMonitorUpdateWatchlists(b *testing.B) {
	s := startBench(b)
	t := kyc.Tenant{Org: s.org, Env: kyc.Live}
	entries := crowdNames(20_000, 99)
	crowdList(b, s.app, entries)
	names := crowdNames(aHundredThousand, 1)
	names[len(names)*2/3] = struckGiven + " " + struckFamily
	began := time.Now()
	watches := seedWatchlists(b, s.app, t, names, 10_000)
	b.Logf("seeded in %s", time.Since(began))
	began = time.Now()
	if err := s.app.monitor.Follow(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Logf("read into memory in %s", time.Since(began))
	if _, err := s.app.monitor.Sweep(b.Context()); err != nil {
		b.Fatal(err)
	}
	alerts := watchAlerts(s.app, monitor.NewsNewMatch)
	command := elsewhere(b, s.dir)
	second := time.NewTicker(time.Second)
	defer second.Stop()
	var took, all time.Duration
	for b.Loop() {
		after := crowdList(b, command, entries, struckGiven+" "+struckFamily)
		imported := time.Now()
		took = (<-alerts.first).Sub(imported)
		for slices.ContainsFunc(lastRuns(b, s.app, t, watches), func(r kyc.MonitorRun) bool { return r.Loaded["own"] != after.Version }) {
			<-second.C
		}
		all = time.Since(imported)
	}
	found, checked := 0, 0
	for _, r := range lastRuns(b, s.app, t, watches) {
		found, checked = found+r.NewMatches, checked+r.Checked
	}
	if found != 1 || checked != aHundredThousand || alerts.count() != 1 {
		b.Errorf("%d new matches of %d people, %d messages", found, checked, alerts.count())
	}
	b.ReportMetric(float64(took.Microseconds())/1000, "alert-ms")
	b.ReportMetric(all.Seconds(), "everybody-s")
	b.ReportMetric(float64(alerts.count()), "alerts")
}
