// Package monitor is the machine of what stands beside the sessions of surface
// A (api.md 3.12): one question to the lists, watchlists of parties that are
// asked for again and again, and customers with their risk.
//
// The lists, the news and the sandbox's simulator are reached through Examine,
// the menu of checks, so a question asked here is answered as in a session:
// the wall between the environments, the organisation's required lists and the
// age of a list count here, too. Only an answer with status ok can say that
// nobody was found.
//
// A run over a watchlist compares each party's hits with those that are known
// of it (compare.go, pure) and tells of what is new, changed or gone. It
// commits page by page, so that a run which is interrupted repeats nothing and
// forgets nothing; the record of the run is written at its end. What waits is
// in due.go: the jobs, and the sweep that finds watchlists whose time has come
// or whose lists changed.
//
// When only lists changed, a run asks for those whom the changes can touch and
// takes the others as they were (update.go); whatever else changed, it asks for
// everybody. A crowd in memory (crowd.go) lets a sweep ask for the touched ones
// before any run begins. It is a shortcut and never trusted: the run reads each
// party and judges by the party itself.
//
// How to extend it: a new thing somebody can do is a method of Machine in the
// file of its noun; it reads, decides, and commits once with the events it
// causes. Events are kept for ever and in the clear, so names, identifiers and
// what was found stay out of them; Enrich adds the matches when a message is
// sent (docs/decisions/0009).
package monitor
