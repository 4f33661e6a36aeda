package monitor

import (
	"context"
	"slices"
	"sync"
	"time"

	"bonafide/kyc"
)

// Crowd keeps the parties of the watchlists that wait for their lists in memory
// and finds at once whom changed entries may mean. What it misses, the run over
// the watchlist finds a little later: it decides who is asked for first, never
// who is asked for.
type Crowd interface {
	// Put adds a party or replaces it.
	Put(t kyc.Tenant, watch, party kyc.ID, q Question)
	Remove(t kyc.Tenant, watch, party kyc.ID)
	// Drop forgets a whole watchlist.
	Drop(t kyc.Tenant, watch kyc.ID)
	Len() int
	// Touched are all whom the changed entries may mean, and some others; false:
	// the list is another one by now.
	Touched(u Update) ([]Heard, bool)
}

// Heard names a party in a Crowd.
type Heard struct {
	Tenant       kyc.Tenant
	Watch, Party kyc.ID
}

// maxCrowd is how many parties are kept in memory; those of further watchlists
// are found by the run alone.
const maxCrowd = 500_000

// newcomersBack is how far back parties are looked for that another node added:
// their ids bear the time of its clock.
const newcomersBack = 2 * time.Minute

// crowd is what a process knows of its Crowd.
type crowd struct {
	working sync.Mutex // one builds or refreshes at a time

	mu      sync.Mutex
	watches map[kyc.ID]kyc.Tenant // those whose parties are heard of
	ready   map[kyc.ID]bool       // and were all read
	since   time.Time
	erased  []erased

	swept sync.Mutex
	lists map[string]string // at the last sweep; nil before the first
}

type erased struct {
	tenant  kyc.Tenant
	subject kyc.ID
}

func follows(w *kyc.Watch) bool {
	return w.Tenant.Env == kyc.Live && w.Frequency == kyc.WatchOnUpdate && w.Status == kyc.WatchActive
}

// Committed hears of each commit of this process (store.DB.OnCommit). It
// returns quickly.
func (m *Machine) Committed(c *kyc.Change) {
	m.crowd.mu.Lock()
	defer m.crowd.mu.Unlock()
	if len(m.crowd.watches) == 0 {
		return
	}
	for _, o := range c.Put {
		switch o := o.(type) {
		case *kyc.Watch:
			if _, known := m.crowd.watches[o.ID]; known && !follows(o) {
				m.forget(o.ID)
			}
		case *kyc.Watched:
			m.hear(o)
		}
	}
	for _, o := range c.Remove {
		if w, ok := o.(*kyc.Watched); ok {
			m.d.Crowd.Remove(w.Tenant, w.WatchID, w.ID)
		}
	}
	for _, subject := range c.Erase { // the change says of which tenant only beside it
		for _, e := range c.Events {
			m.crowd.erased = append(m.crowd.erased, erased{e.Tenant, subject})
		}
	}
}

// hear puts a party into the crowd or takes it out; the lock is held.
func (m *Machine) hear(w *kyc.Watched) {
	if _, known := m.crowd.watches[w.WatchID]; !known {
		return
	}
	if w.Private.Unreadable {
		m.d.Crowd.Remove(w.Tenant, w.WatchID, w.ID)
		return
	}
	m.d.Crowd.Put(w.Tenant, w.WatchID, w.ID, questionOf(w))
}

// forget leaves a watchlist alone; the lock is held.
func (m *Machine) forget(watch kyc.ID) {
	m.d.Crowd.Drop(m.crowd.watches[watch], watch)
	delete(m.crowd.watches, watch)
	delete(m.crowd.ready, watch)
}

// Follow brings the parties in memory up to date: it reads a watchlist that
// waits for its lists the first time that there is one, and later who came by
// another process. Where there is none it costs one question to the store.
func (m *Machine) Follow(ctx context.Context) error {
	if m.d.Crowd == nil {
		return nil
	}
	c := &m.crowd
	c.working.Lock()
	defer c.working.Unlock()
	now := m.d.Clock.Now()
	there := map[kyc.ID]bool{}
	var after kyc.ID
	for {
		page, err := m.d.Store.WatchesOnUpdate(ctx, after, pageSize)
		if err != nil {
			return err
		}
		for i := range page {
			w := &page[i]
			after = w.ID
			if !follows(w) {
				continue
			}
			there[w.ID] = true
			if err := m.gather(ctx, w); err != nil {
				return err
			}
		}
		if len(page) < pageSize {
			break
		}
	}
	c.mu.Lock()
	c.since = now
	for watch := range c.watches {
		if !there[watch] { // another process paused or deleted it
			m.forget(watch)
		}
	}
	c.mu.Unlock()
	return m.refresh(ctx)
}

// gather reads the parties of a watchlist: all of them the first time, then
// those who came since.
func (m *Machine) gather(ctx context.Context, w *kyc.Watch) error {
	c := &m.crowd
	c.mu.Lock()
	if _, known := c.watches[w.ID]; !known {
		if m.d.Crowd.Len() > maxCrowd {
			c.mu.Unlock()
			return nil
		}
		if c.watches == nil {
			c.watches, c.ready = map[kyc.ID]kyc.Tenant{}, map[kyc.ID]bool{}
		}
		c.watches[w.ID] = w.Tenant // from here on it is heard of
	}
	var after kyc.ID
	if c.ready[w.ID] {
		after = kyc.NewID(c.since.Add(-newcomersBack))
	}
	c.mu.Unlock()
	for {
		page, err := m.d.Store.WatchedAfter(ctx, w.Tenant, w.ID, after, pageSize)
		if err != nil {
			return err
		}
		c.mu.Lock()
		for i := range page {
			after = page[i].ID
			m.hear(&page[i])
		}
		if len(page) < pageSize {
			if _, known := c.watches[w.ID]; known {
				c.ready[w.ID] = true
			}
			c.mu.Unlock()
			return nil
		}
		c.mu.Unlock()
	}
}

// refresh takes out who was erased.
func (m *Machine) refresh(ctx context.Context) error {
	m.crowd.mu.Lock()
	gone := m.crowd.erased
	m.crowd.erased = nil
	m.crowd.mu.Unlock()
	for i, one := range gone {
		parties, _, err := m.d.Store.WatchedParties(ctx, one.tenant, kyc.WatchedFilter{SubjectID: one.subject}, kyc.Page{Limit: maxBatch, Uncounted: true})
		if err != nil {
			m.crowd.mu.Lock()
			m.crowd.erased = append(m.crowd.erased, gone[i:]...)
			m.crowd.mu.Unlock()
			return err
		}
		for k := range parties {
			m.d.Crowd.Remove(one.tenant, parties[k].WatchID, parties[k].ID)
		}
	}
	return nil
}

// promptTime bounds how long those are asked for first whom a changed list may
// mean; whoever is left is found by the run that follows.
const promptTime = 30 * time.Second

// prompt asks at once for those whom the changes of lists since the last sweep
// may mean. Nothing depends on it but the time until somebody hears of a match:
// the run over the watchlist decides by the same measure, and finds the match
// known.
func (m *Machine) prompt(ctx context.Context) {
	if m.d.Crowd == nil || m.d.Update == nil {
		return
	}
	m.crowd.swept.Lock()
	defer m.crowd.swept.Unlock()
	now, before := loaded(m.d.Lists()), m.crowd.lists
	m.crowd.lists = now
	if before == nil || m.d.Crowd.Len() == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, promptTime)
	defer cancel()
	for list, version := range now {
		if before[list] == version || before[list] == "" {
			continue
		}
		m.crowd.working.Lock()
		err := m.refresh(ctx)
		m.crowd.working.Unlock()
		if err == nil {
			err = m.promptList(ctx, list, before[list])
		}
		if err != nil {
			m.d.Log.Warn("those whom a changed list may mean are left to the runs", "list", list, "error", err)
		}
	}
}

func (m *Machine) promptList(ctx context.Context, list, from string) error {
	u, ok := m.d.Update(list, from)
	if !ok || len(u.Changed) == 0 {
		return nil
	}
	heard, ok := m.d.Crowd.Touched(u)
	if !ok {
		return nil
	}
	var w kyc.Watch
	slices.SortFunc(heard, func(a, b Heard) int {
		if a.Watch < b.Watch || a.Watch == b.Watch && a.Party < b.Party {
			return -1
		}
		return 1
	})
	var wanted bool
	for _, h := range heard {
		if h.Watch != w.ID {
			var err error
			if w, err = m.d.Store.Watch(ctx, h.Tenant, h.Watch); err != nil {
				return err
			}
			_, org, err := m.now(ctx, h.Tenant)
			if err != nil {
				return err
			}
			lists := m.wanted(&w, &org)
			wanted = follows(&w) && w.LastRunID != "" && (len(lists) == 0 || slices.Contains(lists, list))
		}
		if !wanted {
			continue
		}
		if _, err := m.single(ctx, w, h.Party, true); err != nil && kyc.KindOf(err) != kyc.NotFound {
			return err
		}
	}
	return nil
}
