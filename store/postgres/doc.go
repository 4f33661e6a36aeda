// Package postgres keeps the store in PostgreSQL (13 or newer), which many
// nodes share.
//
// A commit without jobs is one pipeline: all its statements go out together
// and come back together, one round trip, one implicit transaction. A
// compare-and-set that finds no row divides by zero, which undoes all of it.
// Commits that come while others are under way share such a transaction; when
// it is undone each of them runs again in its own. A commit with jobs is an
// explicit transaction around the same statements.
// Events are sealed into the audit chains a moment after they are stored, by
// whichever node takes the organisation's advisory lock.
package postgres
