package main

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"bonafide/execution"
	"bonafide/kyc"
	"bonafide/monitor"
	"bonafide/roster"
	"bonafide/screen"
)

// updates remembers what the last updates of the watchlists changed, so that
// several rooms and many tenants ask for it once.
type updates struct {
	lists *screen.Screener
	mu    sync.Mutex
	known []update // the newest last
}

type update struct {
	delta   screen.Delta
	changes *screen.Changes // nil until somebody asks
}

// What is remembered: a few lists that change together, and no update that is
// nearly a whole list.
const (
	updatesKept = 4
	idsKept     = 50_000
)

// inForce is the version of a list that answers now.
func (u *updates) inForce(list string) string {
	for _, l := range u.lists.Status() {
		if l.List == list {
			return l.Version
		}
	}
	return ""
}

// delta is what changed in a watchlist since a version.
func (u *updates) delta(list, from string) (screen.Delta, bool) {
	if from == "" {
		return screen.Delta{}, false
	}
	to := u.inForce(list)
	u.mu.Lock()
	defer u.mu.Unlock()
	if at := u.find(list, from, to); at >= 0 {
		return u.known[at].delta, true
	}
	d, ok := u.lists.Delta(list, from)
	if ok && len(d.Changed)+len(d.Removed) <= idsKept {
		u.known = append(u.known, update{delta: d})
		if len(u.known) > updatesKept {
			u.known = slices.Delete(u.known, 0, 1)
		}
	}
	return d, ok
}

func (u *updates) find(list, from, to string) int {
	return slices.IndexFunc(u.known, func(k update) bool { return k.delta.List == list && k.delta.From == from && k.delta.To == to })
}

// changes are the changed entries of an update, ready to be compared; nil when
// the list is another one by now, or so much changed that comparing is slower
// than asking.
func (u *updates) changes(list, from, to string, entries []string) *screen.Changes {
	if len(entries) > entriesCompared {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	at := u.find(list, from, to)
	if at >= 0 && u.known[at].changes != nil {
		return u.known[at].changes
	}
	c, ok := u.lists.Changes(list, entries)
	if !ok || c.Version != to {
		return nil
	}
	if at >= 0 {
		u.known[at].changes = c
	}
	return c
}

// Up to entriesCompared changed entries are compared with all who are monitored
// at once, up to manyChanges words with one party after the other. Beyond that
// it is faster to ask the whole list for each.
const (
	entriesCompared = 2000
	manyChanges     = 4000
)

// listDelta is what changed in a watchlist since a version.
func (a *app) listDelta(list, from string) (execution.Delta, bool) {
	d, ok := a.updates.delta(list, from)
	return execution.Delta(d), ok
}

// touches reports whether changed entries may be a person who is monitored.
func (a *app) touches(d execution.Delta, p execution.Probe) bool {
	c := a.updates.changes(d.List, d.From, d.To, d.Changed)
	return c == nil || c.Size() > manyChanges || c.Touches(probeQuery(p))
}

// probeQuery is a person who is monitored as a question to the lists.
func probeQuery(p execution.Probe) screen.Query {
	q := screen.Query{Type: roster.TypePerson, DateOfBirth: p.BirthDate, BirthDates: p.BirthDates, Country: p.Nationality, Identifiers: p.Identifiers, Threshold: p.Threshold}
	if len(p.Names) > 0 {
		q.Name, q.Aliases = p.Names[0], p.Names[1:]
	}
	if q.Threshold == 0 {
		q.Threshold = screen.DefaultThreshold
	}
	return q
}

// probe asks some entries of a watchlist about a person who is monitored.
func (a *app) probe(_ context.Context, p execution.Probe) ([]string, error) {
	return a.lists.Probe(probeQuery(p), p.List, p.Entries)
}

// crowd is the people of surface C who are monitored, in memory.
type crowd struct {
	*screen.Audience
	a *app
}

func tenantName(t kyc.Tenant) string { return string(t.Org) + "/" + string(t.Env) }

func tenantNamed(s string) kyc.Tenant {
	org, env, _ := strings.Cut(s, "/")
	return kyc.Tenant{Org: kyc.ID(org), Env: kyc.Env(env)}
}

// Put adds a person.
func (c crowd) Put(t kyc.Tenant, subject kyc.ID, p execution.Probe) {
	c.Audience.Put(tenantName(t), string(subject), probeQuery(p))
}

// Remove takes a person out.
func (c crowd) Remove(t kyc.Tenant, subject kyc.ID) {
	c.Audience.Remove(tenantName(t), string(subject))
}

// Has reports whether a person is there.
func (c crowd) Has(t kyc.Tenant, subject kyc.ID) bool {
	return c.Audience.Has(tenantName(t), string(subject))
}

// Touched are those whom the changed entries may mean.
func (c crowd) Touched(d execution.Delta) (map[kyc.Tenant][]kyc.ID, bool) {
	changes := c.a.updates.changes(d.List, d.From, d.To, d.Changed)
	if changes == nil {
		return nil, false
	}
	out := map[kyc.Tenant][]kyc.ID{}
	for _, h := range c.Audience.Touched(changes) {
		t := tenantNamed(h.Group)
		out[t] = append(out[t], kyc.ID(h.Key))
	}
	return out, true
}

// listUpdate is what changed in a watchlist since a version, for the parties of
// surface A.
func (a *app) listUpdate(list, from string) (monitor.Update, bool) {
	d, ok := a.updates.delta(list, from)
	u := monitor.Update{List: d.List, From: d.From, To: d.To, Changed: d.Changed, Removed: d.Removed}
	if !ok {
		return u, false
	}
	if c := a.updates.changes(d.List, d.From, d.To, d.Changed); c != nil && c.Size() <= manyChanges {
		u.Touches = func(q monitor.Question) bool { return c.Touches(watchQuery(q)) }
	}
	return u, true
}

// watchQuery is a party of a watchlist as the checks ask for it: by their own
// threshold, as a person or as a company.
func watchQuery(q monitor.Question) screen.Query {
	out := screen.Query{Name: q.Name, Threshold: screen.DefaultThreshold}
	for _, n := range []string{q.Document, q.Wallet} {
		if n != "" {
			out.Identifiers = append(out.Identifiers, n)
		}
	}
	return out
}

// watchCrowd is the parties of surface A that wait for their lists, in memory.
type watchCrowd struct {
	*screen.Audience
	a *app
}

func watchName(t kyc.Tenant, watch kyc.ID) string { return tenantName(t) + "/" + string(watch) }

// Put adds a party.
func (c watchCrowd) Put(t kyc.Tenant, watch, party kyc.ID, q monitor.Question) {
	c.Audience.Put(watchName(t, watch), string(party), watchQuery(q))
}

// Remove takes a party out.
func (c watchCrowd) Remove(t kyc.Tenant, watch, party kyc.ID) {
	c.Audience.Remove(watchName(t, watch), string(party))
}

// Drop takes a watchlist out.
func (c watchCrowd) Drop(t kyc.Tenant, watch kyc.ID) { c.Audience.Drop(watchName(t, watch)) }

// Touched are those whom the changed entries may mean.
func (c watchCrowd) Touched(u monitor.Update) ([]monitor.Heard, bool) {
	changes := c.a.updates.changes(u.List, u.From, u.To, u.Changed)
	if changes == nil {
		return nil, false
	}
	var out []monitor.Heard
	for _, h := range c.Audience.Touched(changes) {
		at := strings.LastIndexByte(h.Group, '/')
		out = append(out, monitor.Heard{Tenant: tenantNamed(h.Group[:at]), Watch: kyc.ID(h.Group[at+1:]), Party: kyc.ID(h.Key)})
	}
	return out, true
}

// How often a process looks whether its lists changed, and whether those who
// are monitored did.
const (
	listsEvery  = 100 * time.Millisecond
	followEvery = 15 * time.Second
)

// monitorLists follows the lists of this process: when one changes, those whom
// it may mean are looked at in the same moment, and the look at everybody is
// left to the queue. The sweeps of the queue do the same for a process that
// misses it.
func (a *app) monitorLists(ctx context.Context) error {
	look, again := time.NewTicker(listsEvery), time.NewTicker(followEvery)
	defer look.Stop()
	defer again.Stop()
	changed := func(err error) {
		if err != nil && ctx.Err() == nil {
			a.log.Error("noticing a changed watchlist", "error", err)
		}
	}
	read := func(err error) {
		if err != nil && ctx.Err() == nil {
			a.log.Warn("reading who is monitored", "error", err)
		}
	}
	follow := func() {
		read(a.executions.Follow(ctx))
		read(a.monitor.Follow(ctx))
	}
	follow()
	var seen screen.Standing
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-again.C:
			follow()
		case <-look.C:
			now := a.lists.Standing()
			if now == seen {
				continue
			}
			seen = now
			var surfaces sync.WaitGroup
			surfaces.Go(func() {
				_, err := a.executions.ListsChanged(ctx)
				changed(err)
			})
			surfaces.Go(func() {
				_, err := a.monitor.Sweep(ctx)
				changed(err)
			})
			surfaces.Go(func() {
				_, err := a.inquiries.Sweep(ctx)
				changed(err)
			})
			surfaces.Wait()
		}
	}
}
