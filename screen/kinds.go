package screen

import (
	"runtime"

	"bonafide/roster"
)

// IdentifierKinds tells which kinds of identifier each loaded list knows
// (passport, registration, crypto_eth, …), sorted, by list id. A screening by
// a kind that a list does not hold finds nothing on it, and that is no clear
// answer; whoever judges one can see it here.
func (s *Screener) IdentifierKinds() map[string][]string {
	st := s.state.Load()
	out := make(map[string][]string, len(st.lists))
	for id, l := range st.lists {
		if l.index != nil {
			out[id] = l.index.Kinds
		}
	}
	return out
}

// identifierKinds collects the kinds of all entries, sorted.
func identifierKinds(entities []roster.Entity) []string {
	seen := map[string]int{}
	for i := range entities {
		for _, id := range entities[i].Identifiers {
			seen[id.Kind]++
		}
	}
	return sortedKeys(seen)
}

// EntryPage is where the publisher of a list shows one of its entries to people;
// empty where there is no such page (roster.EntryPage) or the list is not known here.
func (s *Screener) EntryPage(list, id string) string {
	if l := s.state.Load().lists[list]; l != nil {
		return roster.EntryPage(l.manifest.Source, id)
	}
	return ""
}

// Entry gives an entry of a loaded list in full, by the source's own id; ok is
// false when the list is not loaded or has no such entry.
func (s *Screener) Entry(list, id string) (e roster.Entity, ok bool) {
	l := s.state.Load().lists[list]
	defer runtime.KeepAlive(l)
	if l == nil || l.index == nil {
		return roster.Entity{}, false
	}
	at, ok := l.index.find(id)
	if !ok {
		return roster.Entity{}, false
	}
	return l.index.entity(at), true
}
