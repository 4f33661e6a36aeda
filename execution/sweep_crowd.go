package execution

import (
	"context"
	"slices"
	"sync"
	"time"

	"bonafide/kyc"
)

// Crowd keeps the people who are monitored in memory and finds at once whom
// changed entries of a list may mean. What it misses, the look at everybody
// finds a little later: it decides who is asked first, never who is asked.
type Crowd interface {
	// Put adds a person or replaces it; the threshold is the probe's.
	Put(t kyc.Tenant, subject kyc.ID, p Probe)
	Remove(t kyc.Tenant, subject kyc.ID)
	// Clear forgets everybody.
	Clear()
	Has(t kyc.Tenant, subject kyc.ID) bool
	Len() int
	// Touched are all whom the changed entries may mean, and some others; false:
	// the list is another one by now.
	Touched(d Delta) (map[kyc.Tenant][]kyc.ID, bool)
}

// maxCrowd is how many people are kept in memory; more are found by the look
// at everybody alone.
const maxCrowd = 500_000

// newcomersBack is how far back newcomers are looked for that another node
// made: their ids bear the time of its clock.
const newcomersBack = 2 * time.Minute

// crowd is what a process knows of its Crowd.
type crowd struct {
	working sync.Mutex // one builds or refreshes at a time

	mu    sync.Mutex
	heard bool // commits are listened to
	whole bool // everybody who was monitored when it was built is in it
	full  bool // there were too many
	since time.Time
	dirty map[who]struct{}
}

type who struct {
	tenant  kyc.Tenant
	subject kyc.ID
}

// Committed hears of each commit of this process (store.DB.OnCommit) and notes
// who must be read again. It returns quickly.
func (m *Machine) Committed(c *kyc.Change) {
	m.crowd.mu.Lock()
	defer m.crowd.mu.Unlock()
	if !m.crowd.heard {
		return
	}
	note := func(t kyc.Tenant, subject kyc.ID) { m.crowd.dirty[who{t, subject}] = struct{}{} }
	for _, o := range slices.Concat(c.Put, c.Remove) {
		t := o.Head().Tenant
		if t.Env != kyc.Live {
			continue
		}
		switch o := o.(type) {
		case *kyc.ServiceProfile:
			// Most profiles are stored because somebody was looked at.
			if s := o.Subscribed(kindAML); m.d.Crowd.Has(t, o.SubjectID) != (s != nil && s.Enabled && o.State != "DELETED") {
				note(t, o.SubjectID)
			}
		case *kyc.Individual:
			if m.d.Crowd.Has(t, o.ID) {
				note(t, o.ID)
			}
		case *kyc.EntityDocument:
			if m.d.Crowd.Has(t, o.SubjectID) {
				note(t, o.SubjectID)
			}
		}
	}
	for _, subject := range c.Erase { // the change says of which tenant only beside it
		for _, e := range c.Events {
			if m.d.Crowd.Has(e.Tenant, subject) {
				m.d.Crowd.Remove(e.Tenant, subject)
			}
		}
	}
}

// Follow brings the people in memory up to date: it reads all of them the first
// time that somebody is monitored, and later those who changed in this process
// or came by another one. Where nobody is monitored it costs one question to the
// store for each organisation.
func (m *Machine) Follow(ctx context.Context) error {
	if m.d.Crowd == nil || m.d.Lists == nil {
		return nil
	}
	c := &m.crowd
	c.working.Lock()
	defer c.working.Unlock()
	now := m.d.Clock.Now()
	c.mu.Lock()
	whole, full, after := c.whole, c.full, kyc.ID("")
	if whole {
		after = kyc.NewID(c.since.Add(-newcomersBack))
	}
	c.mu.Unlock()
	if full {
		return nil
	}
	orgs, err := m.d.Store.Orgs(ctx)
	if err != nil {
		return err
	}
	for _, org := range orgs {
		if err := m.gather(ctx, kyc.Tenant{Org: org.ID, Env: kyc.Live}, after); err != nil {
			return err
		}
	}
	c.mu.Lock()
	if c.heard {
		c.whole, c.since = true, now
	}
	c.mu.Unlock()
	return m.refresh(ctx)
}

// gather reads the monitored people of a tenant whose profiles came after an id
// and who are not in memory yet.
func (m *Machine) gather(ctx context.Context, t kyc.Tenant, after kyc.ID) error {
	var r *round
	for {
		page, err := m.d.Store.MonitoredProfiles(ctx, t, after, pageSize)
		if err != nil || len(page) == 0 {
			return err
		}
		m.listen()
		if r == nil {
			if r, err = m.newRound(ctx, t); err != nil {
				return err
			}
		}
		for i := range page {
			p := &page[i]
			after = p.ID
			if err := ctx.Err(); err != nil {
				return err
			}
			if m.d.Crowd.Has(t, p.SubjectID) {
				continue
			}
			if err := r.introduce(ctx, p.SubjectID, page[i:i+1]); err != nil {
				return err
			}
		}
		if m.d.Crowd.Len() > maxCrowd {
			m.disperse()
			return nil
		}
		if len(page) < pageSize {
			return nil
		}
	}
}

// listen makes Committed note who changes, before the first one is read.
func (m *Machine) listen() {
	m.crowd.mu.Lock()
	defer m.crowd.mu.Unlock()
	if !m.crowd.heard {
		m.crowd.heard, m.crowd.dirty = true, map[who]struct{}{}
	}
}

// disperse gives up to keep people in memory, because they are too many.
func (m *Machine) disperse() {
	m.d.Log.Warn("too many people are monitored to keep them in memory; a changed list is noticed by looking at all of them", "limit", maxCrowd)
	m.crowd.mu.Lock()
	defer m.crowd.mu.Unlock()
	m.crowd.heard, m.crowd.whole, m.crowd.full, m.crowd.dirty = false, false, true, nil
	m.d.Crowd.Clear()
}

// refresh reads those anew who changed in this process.
func (m *Machine) refresh(ctx context.Context) error {
	m.crowd.mu.Lock()
	dirty := m.crowd.dirty
	if len(dirty) > 0 {
		m.crowd.dirty = map[who]struct{}{}
	}
	m.crowd.mu.Unlock()
	rounds := map[kyc.Tenant]*round{}
	for one := range dirty {
		err := m.refreshOne(ctx, rounds, one)
		if err != nil {
			m.crowd.mu.Lock()
			for left := range dirty {
				m.crowd.dirty[left] = struct{}{}
			}
			m.crowd.mu.Unlock()
			return err
		}
		delete(dirty, one)
	}
	return nil
}

func (m *Machine) refreshOne(ctx context.Context, rounds map[kyc.Tenant]*round, one who) error {
	r := rounds[one.tenant]
	if r == nil {
		var err error
		if r, err = m.newRound(ctx, one.tenant); err != nil {
			return err
		}
		rounds[one.tenant] = r
	}
	profiles, err := m.profiles(ctx, one.tenant, one.subject)
	if err != nil {
		return err
	}
	return r.introduce(ctx, one.subject, profiles)
}

// anyService is a threshold for somebody whom services screen by different ones.
const anyService = 0.5

// introduce puts a person into the crowd, or takes out who is not monitored by
// any of these profiles any more.
func (r *round) introduce(ctx context.Context, subject kyc.ID, profiles []kyc.ServiceProfile) error {
	threshold, found := 0.0, false
	for i := range profiles {
		s := profiles[i].Subscribed(kindAML)
		if s == nil || !s.Enabled || profiles[i].State == "DELETED" {
			continue
		}
		how, err := r.policy(ctx, profiles[i].ServiceName)
		if err != nil {
			return err
		}
		switch {
		case !found:
			threshold, found = how.threshold, true
		case how.threshold != threshold:
			threshold = anyService
			if how.threshold > 0 {
				threshold = min(threshold, how.threshold)
			}
		}
	}
	if !found {
		r.m.d.Crowd.Remove(r.tenant, subject)
		return nil
	}
	person, err := r.probe(ctx, subject)
	if err != nil {
		return err
	}
	if person == nil {
		r.m.d.Crowd.Remove(r.tenant, subject)
		return nil
	}
	person.Threshold = threshold
	r.m.d.Crowd.Put(r.tenant, subject, *person)
	return nil
}
