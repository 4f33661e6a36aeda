package execution

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"bonafide/kyc"
)

// listed is one watchlist of the live environment, by entry id.
type listed struct {
	mu      sync.Mutex
	entries map[string]string // id to the name
	history map[string]map[string]string
	number  int
	// unknown makes every difference unknown.
	unknown bool
	broken  bool
}

const houseList = "house"

func newListed() *listed {
	l := &listed{history: map[string]map[string]string{}}
	l.become(map[string]string{})
	return l
}

// become puts another state of the list in force.
func (l *listed) become(entries map[string]string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.number++
	l.entries = entries
	l.history[l.version()] = entries
}

func (l *listed) version() string { return fmt.Sprintf("v%d", l.number) }

func (l *listed) versions() []kyc.ListVersion {
	l.mu.Lock()
	defer l.mu.Unlock()
	status := kyc.StatusOK
	if l.broken {
		status = kyc.StatusError
	}
	return []kyc.ListVersion{{List: houseList, Version: l.version(), Entries: len(l.entries) + 1, Status: status}, {List: "never", Status: kyc.StatusNotConfigured}}
}

func (l *listed) entry(list, id string) (any, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	name, ok := l.entries[id]
	return map[string]string{"id": id, "name": name}, ok && list == houseList
}

func (l *listed) delta(list, from string) (Delta, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before, known := l.history[from]
	if !known || l.unknown || list != houseList {
		return Delta{}, false
	}
	d := Delta{List: list, From: from, To: l.version()}
	for id, name := range l.entries {
		if old, was := before[id]; !was || old != name {
			d.Changed = append(d.Changed, id)
		}
	}
	for id := range before {
		if _, there := l.entries[id]; !there {
			d.Removed = append(d.Removed, id)
		}
	}
	slices.Sort(d.Changed)
	slices.Sort(d.Removed)
	return d, true
}

// screenHouse answers watchlist_screening from the test's list: a family name
// that an entry begins with is a hit.
func (b *bench) screenHouse(r kyc.CheckRequest) kyc.Answer {
	l := b.lists
	versions := l.versions()[:1]
	a := kyc.Answer{Status: versions[0].Status, Verdict: kyc.Pass, Lists: versions, Provider: "bonafide"}
	if a.Status != kyc.StatusOK {
		return kyc.Answer{Status: a.Status, Lists: versions, Provider: "bonafide"}
	}
	family, _ := r.Fields["last_name"].(string)
	l.mu.Lock()
	defer l.mu.Unlock()
	var ids []string
	for id := range l.entries {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		if resembles(l.entries[id], family) {
			a.Verdict = kyc.Fail
			a.Hits = append(a.Hits, kyc.Hit{List: houseList, Version: versions[0].Version, EntryID: id, Type: "sanction", Name: l.entries[id], MatchedName: l.entries[id], Score: 0.93})
		}
	}
	a.Details = map[string]any{"hit_count": len(a.Hits)}
	return a
}

// resembles: the part of an entry before the first comma is a family name.
func resembles(entry, family string) bool {
	return family != "" && len(entry) >= len(family) && entry[:len(family)] == family && (len(entry) == len(family) || entry[len(family)] == ',')
}

func (b *bench) probe(_ context.Context, p Probe) ([]string, error) {
	b.mu.Lock()
	b.probed = append(b.probed, p)
	b.mu.Unlock()
	b.lists.mu.Lock()
	defer b.lists.mu.Unlock()
	var out []string
	if p.Entries == nil {
		p.Entries = slices.Sorted(maps.Keys(b.lists.entries))
	}
	for _, id := range p.Entries {
		for _, name := range p.Names {
			words := []rune(name)
			at := slices.Index(words, ' ')
			if resembles(b.lists.entries[id], string(words[at+1:])) {
				out = append(out, id)
			}
		}
	}
	return out, nil
}
