package execution

import (
	"strings"
	"sync"
	"testing"

	"bonafide/kyc"
)

// room is a Crowd that resembles as the test's list does.
type room struct {
	b      *bench
	mu     sync.Mutex
	people map[who]Probe
	asked  int // how often whom a change may mean
}

func (c *room) Put(t kyc.Tenant, subject kyc.ID, p Probe) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.people[who{t, subject}] = p
}

func (c *room) Remove(t kyc.Tenant, subject kyc.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.people, who{t, subject})
}

func (c *room) Clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.people)
}

func (c *room) Has(t kyc.Tenant, subject kyc.ID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.people[who{t, subject}]
	return ok
}

func (c *room) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.people)
}

func (c *room) Touched(d Delta) (map[kyc.Tenant][]kyc.ID, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked++
	out := map[kyc.Tenant][]kyc.ID{}
	for one, p := range c.people {
		if c.b.touches(d, p) {
			out[one.tenant] = append(out[one.tenant], one.subject)
		}
	}
	return out, true
}

// touches: a family name stands anywhere in a changed entry, which is looser
// than resembles.
func (b *bench) touches(d Delta, p Probe) bool {
	b.lists.mu.Lock()
	defer b.lists.mu.Unlock()
	for _, id := range d.Changed {
		for _, name := range p.Names {
			words := strings.Fields(name)
			if strings.Contains(b.lists.entries[id], words[len(words)-1]) {
				return true
			}
		}
	}
	return false
}

// crowded gives the bench a Crowd.
func (b *bench) crowded() *room {
	c := &room{b: b, people: map[who]Probe{}}
	b.Machine.d.Crowd, b.Machine.d.Touches = c, b.touches
	b.db.OnCommit(b.Machine.Committed)
	return c
}

func (b *bench) follow(t *testing.T) {
	t.Helper()
	if err := b.Follow(b.ctx); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) noticed(t *testing.T) {
	t.Helper()
	if _, err := b.ListsChanged(b.ctx); err != nil {
		t.Fatal(err)
	}
	b.settle(t, b.live)
}

func TestThoseWhomAChangeMayMeanAreLookedAtFirst(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.houseWorkflow(t)
	c := b.crowded()
	b.follow(t)
	if b.Machine.crowd.heard || c.Len() != 0 {
		t.Error("nobody is monitored, and somebody listens")
	}
	b.lists.become(map[string]string{"h-9": "Kerner, Uwe"})
	struck, calm, known := b.watched(t, "Ada", "Grabow"), b.watched(t, "Eve", "Smith"), b.watched(t, "Ute", "Kerner")
	b.somebody(t, b.live, "Not", "Grabow")
	b.follow(t)
	if c.Len() != 3 {
		t.Fatalf("%d people are known", c.Len())
	}
	late := b.watched(t, "Ola", "Grabow") // this process hears of it
	b.noticed(t)
	b.mu.Lock()
	b.asked, b.probed = nil, nil
	b.mu.Unlock()
	told := len(b.told(NewsAlert))
	b.lists.become(map[string]string{"h-9": "Kerner, Uwe, born 1960", "h-1": "Grabow, Anton", "h-2": "Other, Smithson"})
	b.advance(1e9)
	b.noticed(t)
	// No job has run yet.
	if got := [4]int{b.watches(t, struck), b.watches(t, late), b.watches(t, calm), b.watches(t, known)}; got != [4]int{1, 1, 0, 1} {
		t.Errorf("executions %v", got)
	}
	if n := len(b.told(NewsAlert)) - told; n != 3 {
		t.Errorf("%d alerts at once", n)
	}
	asked := 0
	for _, r := range b.asked {
		if r.Policy == "watchlist_screening" {
			asked++
		}
	}
	if asked != 3 || c.asked != 1 {
		t.Errorf("%d screenings, %d looks at the crowd", asked, c.asked)
	}
	b.rescreen(t)
	b.noticed(t)
	if n := len(b.told(NewsAlert)) - told; n != 3 {
		t.Errorf("%d alerts after the look at everybody", n)
	}
	for _, p := range b.probed {
		if p.Names[0] != "Eve Smith" && !strings.HasSuffix(p.Names[0], "Grabow") {
			t.Errorf("%s was asked for", p.Names[0])
		}
	}
	all, _, err := b.db.ServiceProfiles(b.ctx, b.live, kyc.ProfileFilter{Monitored: true}, kyc.Page{Limit: 10})
	if err != nil || len(all) != 4 {
		t.Fatal(len(all), err)
	}
	for _, p := range all {
		if p.Subscribed("AML").Lists[houseList] != b.lists.version() {
			t.Errorf("%s is at %v", p.SubjectID, p.Subscribed("AML").Lists)
		}
	}
}

func TestTheCrowdFollowsThePeople(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.houseWorkflow(t)
	c := b.crowded()
	who := b.watched(t, "Ada", "Grabow")
	b.follow(t)
	name := func() string {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, p := range c.people {
			return p.Names[0]
		}
		return ""
	}
	if name() != "Ada Grabow" {
		t.Fatalf("%q", name())
	}
	i, err := b.db.Individual(b.ctx, b.live, who.ID)
	if err != nil {
		t.Fatal(err)
	}
	i.Private.Name.Family = "Brandauer"
	b.put(t, &i)
	b.follow(t)
	if name() != "Ada Brandauer" {
		t.Errorf("%q", name())
	}
	if _, err := b.Monitor(b.ctx, b.live, b.by, who.ID, Monitoring{Types: []string{"AML"}}); err != nil {
		t.Fatal(err)
	}
	b.follow(t)
	if c.Len() != 0 {
		t.Error("somebody who is not monitored any more is kept")
	}
	if _, err := b.Monitor(b.ctx, b.live, b.by, who.ID, Monitoring{Enabled: true}); err != nil {
		t.Fatal(err)
	}
	b.follow(t)
	if c.Len() != 1 {
		t.Error("somebody who is monitored again is missing")
	}
	change := kyc.Change{Erase: []kyc.ID{who.ID}, Events: []kyc.Event{{ID: kyc.NewID(b.Now()), Tenant: b.live, At: b.Now(), Actor: b.by, Action: "x", Object: "y"}}}
	sessions, _, err := b.db.Sessions(b.ctx, b.live, kyc.SessionFilter{SubjectID: who.ID}, kyc.Page{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range sessions {
		sessions[i].RedactedAt = b.Now()
		sessions[i].Touch(b.Now())
		change.Put = append(change.Put, &sessions[i])
	}
	if err := b.db.Commit(b.ctx, &change); err != nil {
		t.Fatal(err)
	}
	if c.Len() != 0 {
		t.Error("the name of somebody who was erased is kept")
	}
	// A node that did not hear of somebody finds them by the time of their id.
	b.Machine.crowd.mu.Lock()
	b.Machine.crowd.heard = false
	b.Machine.crowd.mu.Unlock()
	b.watched(t, "Eve", "Smith")
	b.Machine.crowd.mu.Lock()
	b.Machine.crowd.heard = true
	b.Machine.crowd.mu.Unlock()
	b.follow(t)
	if name() != "Eve Smith" {
		t.Errorf("%q came by another node", name())
	}
}
